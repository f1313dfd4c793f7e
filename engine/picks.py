"""Pick one row a key where several may be the earliest, or the latest: what they do not agree in is unknown.

Two files of one day, a blank day, a month beside a day: nobody can tell which of them a policy means.
"""

from __future__ import annotations

import re

from engine.measures import latest
from engine.plan import PlannedJoin
from ledgers.kinds import Kind
from ledgers.typed import quote

EACH_ROW = "_b_input, _b_row"  # the row for which a file is looked up, where its day decides which one is picked


def leave_single(rows: str, repeated: str, join: PlannedJoin, *, texts: bool) -> str:
    """Write the SELECT of the rows whose key stands in one row; `repeated` selects the keys of several, normally few."""
    columns = [*map(quote, join.columns), "_problems", *_sure(join)]
    if texts:
        columns += ["0 AS _differs", "[{'i': _input, 'r': _row}] AS _places", "_headers", *map(quote, written_columns(join))]
    return f"SELECT k, {', '.join(columns)} FROM ({rows}) s WHERE k NOT IN ({repeated})"


def blend(rows: str, join: PlannedJoin, *, texts: bool) -> str:
    """Write the SELECT that makes one row of all that may be meant, for each key, or for each row that looks one up by its day.

    Shapes:  n rows a key -> one, with the carried columns and `_problems`. The date picked by is the span that the
             earliest, or the latest, surely lies in. With `texts`, also `_differs` (bits of the columns in which they
             differ), `_places` of all of them, and every different text. Of a join by day, `rows` come with EACH_ROW and
             that day as `first_day`, `last_day`, and so does the result.
    """
    if join.table is None or join.pick is None:
        raise ValueError(f"join to {join.ledger} picks nothing")
    pick, kind, extreme = join.pick, join.table.kind, "max" if join.latest else "min"
    differences = {} if join.by else {pick: "count(day) BETWEEN 1 AND count(*) - 1"}
    for name in join.columns:
        base = _column_of(name)
        if base != pick or join.by:
            differ = _differ(name, kind)
            differences[base] = f"{differences[base]} OR {differ}" if base in differences else differ
    values = ["min(k) AS k"] if join.by else []
    for name in join.columns:
        column, base = quote(name), _column_of(name)
        spanned = base == pick and not join.by
        known, value = ("count(day) = count(*)", extreme) if spanned else (f"NOT ({differences[base]})", _extremes(name, kind)[0])
        values.append(f"CASE WHEN {known} THEN {value}({column}) END AS {column}")
    differs = " | ".join(f"CASE WHEN {test} THEN {kind.bit(name)} ELSE 0 END" for name, test in differences.items())
    values.append(f"bit_or(_problems) | {differs} AS _problems")
    values += [f"bool_and({name}) AS {name}" for name in _sure(join)]
    if texts:
        order = f"{quote(pick)}{' DESC' if join.latest else ''} NULLS FIRST, _input, _row"
        values.append(f"{differs} AS _differs")
        values.append(
            f"list({{'i': _input, 'r': _row}} ORDER BY {order}) AS _places, first(_headers ORDER BY {order}) AS _headers"
        )
        values += [f"string_agg(DISTINCT {quote(n)}, ' / ' ORDER BY {quote(n)}) AS {quote(n)}" for n in written_columns(join)]
    each = EACH_ROW if join.by else "k"
    return f"SELECT {each}, {', '.join(values)} FROM ({_candidates(rows, join, kind.bit(pick))}) c GROUP BY {each}"


def written_columns(join: PlannedJoin) -> list[str]:
    """Name the columns that hold what was written for the columns that are read."""
    present = join.table.columns if join.table else ()
    return [f"raw.{name}" for name in join.columns if name in present]


def _sure(join: PlannedJoin) -> list[str]:
    """Name the mark of rows that surely belong to the right side, where the join has a condition of its own."""
    return [] if join.where == "TRUE" else ["_sure"]


def _candidates(rows: str, join: PlannedJoin, unread: int) -> str:
    """Write the SELECT of the rows that may be picked: their span meets that of the earliest, or they have no known day."""
    pick = join.pick or ""
    first = quote(pick)
    last = quote(latest(pick)) if latest(pick) in join.columns else first
    day = f"SELECT *, CASE WHEN (_problems & {unread}) = 0 THEN {first} END AS day FROM ({rows}) r"
    if join.by:
        return _candidates_by_day(day, first, last)
    extreme, own, may_be = ("max", first, f"{last} >= bound") if join.latest else ("min", last, f"{first} <= bound")
    bound = f"SELECT *, {extreme}(CASE WHEN day IS NOT NULL THEN {own} END) OVER (PARTITION BY k) AS bound FROM ({day}) d"
    return f"SELECT * FROM ({bound}) b WHERE day IS NULL OR {may_be}"


def _candidates_by_day(rows: str, first: str, last: str) -> str:
    """Write the same for the latest row that is not after a day, or, where all are after it, for the earliest."""
    each = f"OVER (PARTITION BY {EACH_ROW})"
    bounds = (
        f"SELECT *, max(CASE WHEN day IS NOT NULL AND {last} <= first_day THEN {first} END) {each} AS bound,"
        f" min(CASE WHEN day IS NOT NULL THEN {last} END) {each} AS soonest,"
        f" bool_or(day IS NULL OR {first} <= last_day) {each} AS early FROM ({rows}) d"
    )
    may_be = (
        f"CASE WHEN first_day IS NULL THEN TRUE WHEN early THEN day IS NULL OR ({first} <= last_day AND (bound IS NULL OR {last} >= bound))"
        f" OR (bound IS NULL AND {first} <= soonest) ELSE {first} <= soonest END"
    )
    return f"SELECT * FROM ({bounds}) b WHERE {may_be}"


def _column_of(name: str) -> str:
    """Name the column that a carried column belongs to: the end of a month and the unit of a rate are part of it."""
    return re.sub("__(to|unit)$", "", name)


def _differ(name: str, kind: Kind) -> str:
    column, (least, most) = quote(name), _extremes(name, kind)
    return f"{least}({column}) IS DISTINCT FROM {most}({column}) OR count({column}) BETWEEN 1 AND count(*) - 1"


def _extremes(name: str, kind: Kind) -> tuple[str, str]:
    """Name the aggregates that agree where all values of a column do; PostgreSQL has no least truth."""
    column = kind.columns.get(_column_of(name))
    return ("bool_and", "bool_or") if column is not None and column.type == "flag" else ("min", "max")
