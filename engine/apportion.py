"""Share a whole number out by fixed weights, with the largest remainder."""

from __future__ import annotations

from collections.abc import Sequence


def apportion(whole: str, part: int, weights: Sequence[int]) -> str:
    """Write the SQL of one part, counted from 1: whole parts first, then one each to the largest remainders.

    Among equal remainders the first wins, so that the parts always add up to the whole.
    """
    total, whole = sum(weights), f"CAST({whole} AS BIGINT)"
    floors = [f"(({whole} * {weight}) // {total})" for weight in weights]
    rests = [f"(({whole} * {weight}) % {total})" for weight in weights]
    before = " + ".join(
        f"CASE WHEN {rest} {'>=' if n < part else '>'} {rests[part - 1]} THEN 1 ELSE 0 END"
        for n, rest in enumerate(rests, start=1)
        if n != part
    )
    return f"({floors[part - 1]} + CASE WHEN {before} < {whole} - ({' + '.join(floors)}) THEN 1 ELSE 0 END)"
