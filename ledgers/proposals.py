"""Propose what a header that nobody knows may mean, and which row of a sheet that nobody recognises may be its header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from ledgers.blocks import Block, Merged, find_blocks
from ledgers.fold import fold, fold_header
from ledgers.headers import words_of
from ledgers.kinds import Kind
from ledgers.naming import fields_of

NEAR = 0.6  # of all characters of two headers, the share that they have in common in one order
FEWEST = 2  # headers known or nearly known that make a row a header
_VALUE = re.compile(r"[-+¥]?[0-9][-0-9.,/年月日:*×元Xx]*\Z")


class Guess(NamedTuple):
    """Hold the likely header of a sheet: its kinds, the likeliest first, and for the first of them what each column may mean."""

    block: Block
    kinds: tuple[str, ...]
    fields: Mapping[int, str]
    proposed: Mapping[int, tuple[str, ...]]


def near_fields(header: str, kind: Kind, taken: Iterable[str]) -> tuple[str, ...]:
    """List the columns of a kind whose headers are near to one, the nearest first; `taken` ones have a header already."""
    text, best = fold_header(header), dict[str, float]()
    free = set(kind.columns).difference(taken)
    for word, name in kind.headers.items():
        if name in free and not word.isascii():
            likeness = SequenceMatcher(None, text, word).ratio()
            if likeness >= NEAR:
                best[name] = max(best.get(name, 0), likeness)
    return tuple(sorted(best, key=lambda name: (-best[name], name)))


def propose(texts: Mapping[int, str], kind: Kind, taken: Iterable[str]) -> dict[int, tuple[str, ...]]:
    """Propose columns for headers, each column as the first proposal of one header only: of the one that is nearest to it."""
    near = {index: near_fields(text, kind, taken) for index, text in texts.items() if text}
    likeness = {
        (index, name): max(
            SequenceMatcher(None, fold_header(texts[index]), word).ratio() for word, own in kind.headers.items() if own == name
        )
        for index, names in near.items()
        for name in names
    }
    found: dict[int, tuple[str, ...]] = {}
    given = set[str]()
    for index, name in sorted(likeness, key=lambda pair: (-likeness[pair], pair)):
        if index not in found and name not in given:
            given.add(name)
            found[index] = (name, *(other for other in near[index] if other != name))
    return found


def guess(rows: Sequence[Sequence[str]], merged: Merged, kinds: Mapping[str, Kind]) -> Guess | None:
    """Guess the header of a sheet that was not recognised; None where no row looks like one, as its cells may be data."""
    best: tuple[tuple[bool, int, int, int], Guess] | None = None
    for block in find_blocks(rows, merged, words_of(kinds)):
        texts = {index: text for index, text in enumerate(block.texts) if text}
        if any(_VALUE.match(fold(text)) for text in texts.values()):
            continue
        for name, kind in kinds.items():
            fields = fields_of(block, kind)
            proposed = propose({index: text for index, text in texts.items() if index not in fields}, kind, fields.values())
            first = {names[0] for names in proposed.values()}
            count = len(set(fields.values())) + len(first)
            if count < FEWEST:
                continue
            score = (not kind.lacking({*fields.values(), *first}), count, len(set(fields.values())), -block.first)
            if best is None or score > best[0]:
                best = score, Guess(block, (name,), fields, proposed)
            elif score == best[0]:
                best = score, best[1]._replace(kinds=(*best[1].kinds, name))
    return best[1] if best else None
