"""Pick one row a key where several may be the earliest, or the latest: what they do not agree in is unknown.

Two files of one day, a blank day, a month beside a day: nobody can tell which of them a policy means.
"""

from __future__ import annotations

import re

from engine.plan import PlannedJoin
from ledgers.typed import quote


def pick_one(rows: str, repeated: str, join: PlannedJoin, *, texts: bool) -> str:
    """Write the SELECT that leaves one row a key; `repeated` selects the keys that stand in several rows, normally few."""
    columns = [quote(name) for name in join.columns]
    alone = [*columns, "_problems"]
    if texts:
        alone += ["0 AS _differs", "[{'i': _input, 'r': _row}] AS _places", "_headers", *map(quote, written_columns(join))]
    several = blend(f"SELECT * FROM ({rows}) s WHERE k IN ({repeated})", join, texts=texts)
    return f"SELECT k, {', '.join(alone)} FROM ({rows}) s WHERE k NOT IN ({repeated}) UNION ALL {several}"


def blend(rows: str, join: PlannedJoin, *, texts: bool) -> str:
    """Write the SELECT that makes one row a key of all that may be meant.

    Shapes:  n rows a key -> one, with the carried columns and `_problems`. The date picked by is the span that the
             earliest, or the latest, surely lies in. With `texts`, also `_differs` (bits of the columns in which they
             differ), `_places` of all of them, and every different text.
    """
    if join.table is None or join.pick is None:
        raise ValueError(f"join to {join.ledger} picks nothing")
    pick, kind = join.pick, join.table.kind
    extreme = "max" if join.latest else "min"
    differences = {pick: "count(day) BETWEEN 1 AND count(*) - 1"}
    for name in join.columns:
        base = _column_of(name)
        if base != pick:
            differences[base] = f"{differences[base]} OR {_differ(name)}" if base in differences else _differ(name)
    values = []
    for name in join.columns:
        column, base = quote(name), _column_of(name)
        known, value = ("count(day) = count(*)", extreme) if base == pick else (f"NOT ({differences[base]})", "min")
        values.append(f"CASE WHEN {known} THEN {value}({column}) END AS {column}")
    differs = " | ".join(f"CASE WHEN {test} THEN {kind.bit(name)} ELSE 0 END" for name, test in differences.items())
    values.append(f"bit_or(_problems) | {differs} AS _problems")
    if texts:
        order = f"{quote(pick)}{' DESC' if join.latest else ''} NULLS FIRST, _input, _row"
        values.append(f"{differs} AS _differs")
        values.append(
            f"list({{'i': _input, 'r': _row}} ORDER BY {order}) AS _places, first(_headers ORDER BY {order}) AS _headers"
        )
        values += [f"string_agg(DISTINCT {quote(n)}, ' / ' ORDER BY {quote(n)}) AS {quote(n)}" for n in written_columns(join)]
    return f"SELECT k, {', '.join(values)} FROM ({_candidates(rows, join, kind.bit(pick))}) c GROUP BY k"


def written_columns(join: PlannedJoin) -> list[str]:
    """Name the columns that hold what was written for the columns that are read."""
    present = join.table.parts[0].columns if join.table else ()
    return [f"raw.{name}" for name in join.columns if name in present]


def _candidates(rows: str, join: PlannedJoin, unread: int) -> str:
    """Write the SELECT of the rows that may be picked: their span meets that of the earliest, or they have no known day."""
    first = quote(join.pick or "")
    last = quote(f"{join.pick}__to") if f"{join.pick}__to" in join.columns else first
    extreme, own, may_be = ("max", first, f"{last} >= bound") if join.latest else ("min", last, f"{first} <= bound")
    day = f"SELECT *, CASE WHEN (_problems & {unread}) = 0 THEN {first} END AS day FROM ({rows}) r"
    bound = f"SELECT *, {extreme}(CASE WHEN day IS NOT NULL THEN {own} END) OVER (PARTITION BY k) AS bound FROM ({day}) d"
    return f"SELECT * FROM ({bound}) b WHERE day IS NULL OR {may_be}"


def _column_of(name: str) -> str:
    """Name the column that a carried column belongs to: the end of a month and the unit of a rate are part of it."""
    return re.sub("__(to|unit)$", "", name)


def _differ(name: str) -> str:
    column = quote(name)
    return f"min({column}) IS DISTINCT FROM max({column}) OR count({column}) BETWEEN 1 AND count(*) - 1"
