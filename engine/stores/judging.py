"""Judge the planned policies in the store: a statement a pass, another for the groups of a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.frames import NO_STRAYS, Survey, frame, select_lost
from engine.judge import (
    COMPLIANT,
    DIGIT,
    FLAGGED,
    UNKNOWN,
    Counts,
    combine,
    group_keys,
    group_marks,
    most_rows,
    passes,
    pattern_of,
    right_side,
    select_groups,
    select_members,
    select_strays,
    select_touched,
    settled_counts,
)
from engine.plan import Plan, PlannedJoin
from engine.stores.shelf import Shelf
from ledgers.arrays import keep
from ledgers.tables import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Flagged(NamedTuple):
    """Place a row that is not plainly in order: policy code, input, row, digit, group number or None."""

    code: str
    place: int
    row: int
    digit: int
    group: int | None


def judge(shelf: Shelf, plans: Sequence[Plan], tables: Mapping[str, Table]) -> tuple[Counts, list[Flagged]]:
    """Judge every planned policy that can be judged; give the counts and the flagged rows."""
    wide = {kind: table.view for kind, table in tables.items()}
    judged = [plan for plan in plans if plan.status == "judged"]
    surveys: dict[str, Survey] = {}
    for plan in judged:
        for join in plan.joins.values():
            if right_side(join) not in surveys:
                surveys[right_side(join)] = _survey(shelf, join, str(len(surveys)))
    rows: dict[tuple[str, int, int], int] = {}
    flagged: list[Flagged] = []
    for together in passes(judged):
        counted, found = _pass(shelf, together, surveys, wide)
        rows |= counted
        flagged += found
    for plan in judged:
        if plan.policy.group is not None:
            own = {place: count for place, count in rows.items() if place[0] == plan.policy.code}
            rows = {place: count for place, count in rows.items() if place not in own}
            members = _groups(shelf, plan, surveys, wide, doubted=any(digit == UNKNOWN for _, _, digit in own))
            flagged += members
            rows |= settled_counts(own, plan.policy.code, _counted(members))
    return Counts(rows), flagged


def _survey(shelf: Shelf, join: PlannedJoin, name: str) -> Survey:
    """Look for rows whose key nobody can read; a key may always repeat."""
    if join.table is None or not join.keys:
        return NO_STRAYS
    lost = select_lost(join, join.table)
    if not shelf.ask(f"{lost.any} LIMIT 1"):
        return Survey(name, "any", None, False)
    shelf.views[f"strays_{name}"] = lost.alike
    return Survey(name, "any", f"strays_{name}", bool(shelf.ask(f"{lost.anyone} LIMIT 1")))


def _pass(
    shelf: Shelf, plans: Sequence[Plan], surveys: Mapping[str, Survey], wide: Mapping[str, str]
) -> tuple[dict[tuple[str, int, int], int], list[Flagged]]:
    asked, table = combine(plans, surveys), plans[0].table
    if table is None:
        raise ValueError("planned without tables")
    source = frame(table, asked.joins, asked.seen, wide=wide, placed=False)
    digits = f"SELECT p._input, p._row, {asked.columns} FROM {source}"
    judged = f"SELECT _input, _row, {asked.mask} AS m, {asked.flagged} AS flag FROM ({digits}) d"
    found = _with(shelf, judged=judged).ask(
        "SELECT _input, CAST(NULL AS BIGINT) AS _row, m, count(*) AS n FROM judged GROUP BY _input, m"
        " UNION ALL SELECT _input, _row, m, CAST(NULL AS BIGINT) AS n FROM judged WHERE flag"
    )
    counts: dict[tuple[str, int, int], int] = {}
    flagged: list[Flagged] = []
    for place, row, mask, count in found:
        for number, plan in enumerate(plans):
            digit = int(mask) // DIGIT**number % DIGIT
            if row is None:
                key = (plan.policy.code, place, digit)
                counts[key] = counts.get(key, 0) + count
            elif digit in FLAGGED:
                flagged.append(Flagged(plan.policy.code, place, row, digit, None))
    return counts, flagged


def _groups(shelf: Shelf, plan: Plan, surveys: Mapping[str, Survey], wide: Mapping[str, str], *, doubted: bool) -> list[Flagged]:
    """List the members of the groups of one policy that are not in order, or that a stray row may belong to."""
    group, table = plan.policy.group, plan.table
    if group is None or table is None:
        raise ValueError(f"{plan.policy.code} was planned without groups")
    seen = {j: surveys[right_side(join)] for j, join in plan.joins.items()}
    source = frame(table, plan.joins, seen, wide=wide, placed=False)
    keys = group_keys(plan)
    own = _with(shelf, members=select_members(plan, source, keys), groups=select_groups(plan, keys))
    names, ours = ", ".join(f"m.{k}" for k in keys), " AND ".join(f"m.{k} = g.{k}" for k in keys)
    digit, touched = "g.d", ""
    if doubted:
        marks = group_marks(plan, keys)
        own = _with(own, strays=select_strays(plan, source, keys, marks))
        patterns = own.ask(f"SELECT DISTINCT {pattern_of(marks)} FROM strays")
        if patterns:
            selects = [select_touched(plan, source, keys, marks, known) for known in patterns]
            same = " AND ".join(f"m.{k} = t.{k}" for k in keys)
            touched = f" LEFT JOIN (SELECT DISTINCT {', '.join(keys)} FROM ({' UNION '.join(selects)}) u) t ON {same}"
            overruled = "" if most_rows(plan) is None else f" AND g.d = {COMPLIANT}"  # more rows only make it worse
            digit = f"CASE WHEN t.k0 IS NOT NULL{overruled} THEN {UNKNOWN} ELSE g.d END"
    found = own.ask(
        f"SELECT * FROM (SELECT m._input, m._row, {digit} AS d, dense_rank() OVER (ORDER BY {names}) AS grp"
        f" FROM members m JOIN groups g ON {ours}{touched}) q WHERE d <> {COMPLIANT}"
    )
    return [Flagged(plan.policy.code, place, row, int(d), grp) for place, row, d, grp in found]


def _counted(members: Sequence[Flagged]) -> list[tuple[int, int, int]]:
    counted: dict[tuple[int, int], int] = {}
    for one in members:
        counted[one.place, one.digit] = counted.get((one.place, one.digit), 0) + 1
    return [(place, digit, count) for (place, digit), count in counted.items()]


def _with(shelf: Shelf, **views: str) -> Shelf:
    """Put views on the shelf for a few statements."""
    return shelf._replace(views={**shelf.views, **views})


def keep_flagged(con: DuckDBPyConnection, flagged: Sequence[Flagged]) -> None:
    """Write the table `flagged`, as `engine.judge` does."""
    import pyarrow as pa

    columns = zip(*flagged, strict=True) if flagged else [[]] * 5
    types = (pa.string(), pa.int32(), pa.int64(), pa.int8(), pa.int64())
    names = ("code", "_input", "_row", "digit", "grp")
    keep(con, "flagged", pa.table({n: pa.array(list(own), kind) for n, own, kind in zip(names, columns, types, strict=True)}))
