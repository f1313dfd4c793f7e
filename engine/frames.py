"""Write the frame of a policy: its ledger with the joined rows beside it, as one derived table called `p`.

Two forms of the same frame: narrow, for all rows (64-bit hashes of keys, only the columns that are read), and wide, for the
few rows that were flagged (keys themselves, place and raw text of the joined row). What is asked of the rows is unknown here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.expressions import Name
from engine.measures import Measure
from engine.picks import blend, leave_single, written_columns
from engine.plan import PlannedJoin
from ledgers.tables import Table
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Survey(NamedTuple):
    """Say what the right side of a join holds: hashes of repeated keys, rows whose key nobody can read (strays).

    `repeated` a table of hashes of keys in several rows, None while keys are taken to be unique; `strays` a table of the alike columns of unreadable rows, or None;
    `anyone` true where an unreadable row may be any row at all.
    """

    name: str
    repeated: str | None
    strays: str | None
    anyone: bool


NO_STRAYS = Survey("none", None, None, False)


def survey(con: DuckDBPyConnection, join: PlannedJoin, name: str) -> Survey:
    """Look for rows on the right side of a join whose key nobody can read, before it is joined."""
    if join.table is None or not join.keys:
        return NO_STRAYS
    lost = select_lost(join, join.table)
    if not _exists(con, lost.any):
        return Survey(name, None, None, False)
    strays = f"strays_{name}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {strays} AS {lost.alike}")
    return Survey(name, None, strays, _exists(con, lost.anyone))


class Lost(NamedTuple):
    """Hold three SELECTs of the rows whose key nobody can read: any of them, their likeness, those that may be anybody's."""

    any: str
    alike: str
    anyone: str


def select_lost(join: PlannedJoin, table: Table) -> Lost:
    """Write how to look for rows on the right side of a join whose key nobody can read."""
    right = join.keys[0][1]
    lost = f"NOT ({_readable('r', right, table)}) AND coalesce({join.where}, TRUE) AND ({leaves_a_trace('r', [right], join.alike, table)})"
    known = " AND ".join(_readable("r", column, table) for column in join.alike) or "FALSE"
    picked = ", ".join(f"r.{quote(column)}" for column in join.alike) or "1 AS nothing"
    rows = f"FROM {table.view} r WHERE {lost}"
    return Lost(f"SELECT 1 {rows}", f"SELECT DISTINCT {picked} {rows} AND ({known})", f"SELECT 1 {rows} AND NOT ({known})")


def find_repeated(con: DuckDBPyConnection, join: PlannedJoin, seen: Survey) -> Survey:
    """List the hashes of keys that stand in several rows of the right side, for a join that picks one of them."""
    if not join.pick or join.table is None or not join.keys or seen.repeated:
        return seen
    right, repeated = join.keys[0][1], f"repeated_{seen.name}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {repeated} AS SELECT k FROM (SELECT hash({_key('r', right, join.table)}) AS k FROM {join.table.view} r"
        f" WHERE {_readable('r', right, join.table)} AND ({join.where}) IS NOT FALSE) GROUP BY k HAVING count(*) > 1"
    )
    return seen._replace(repeated=repeated)


def leaves_a_trace(alias: str, keys: Sequence[str], alike: Sequence[str], table: Table) -> str:
    """Write the test of a row without readable key that may be somebody's all the same.

    Something that could not be read stands in its key or likeness, or its likeness can be read. A row in which all of
    them are blank is nobody's: it is not evaluable itself and casts no doubt on others.
    """
    present = [column for column in alike if column in table.columns]
    if not present:
        return "TRUE"  # nothing else tells whose row it is
    bits = sum(table.kind.bit(column) for column in {*keys, *present} if column in table.unread)
    tests = [f"({alias}._problems & {bits}) <> 0"] if bits else []
    silent = frozenset(table.inputs).intersection(*(table.absent[column] for column in present))
    tests += [f"{alias}._input IN ({', '.join(map(str, sorted(silent)))})"] if silent else []
    return " OR ".join([*tests, *(f"{alias}.{quote(column)} IS NOT NULL" for column in present)])


def _exists(con: DuckDBPyConnection, query: str) -> bool:
    return bool(con.execute(f"{query} LIMIT 1").fetchall())


def _readable(alias: str, column: str, table: Table) -> str:
    readable = f"{alias}.{quote(column)} IS NOT NULL"
    if column in table.unread:
        readable += f" AND ({alias}._problems & {table.kind.bit(column)}) = 0"
    return readable


def _key(alias: str, column: str, table: Table) -> str:
    """Refer to a key; a cell that could not be read is no key, even where a doubtful row shows one."""
    name = f"{alias}.{quote(column)}"
    return f"CASE WHEN {_readable(alias, column, table)} THEN {name} END" if column in table.unread else name


def frame(
    table: Table,
    joins: Mapping[str, PlannedJoin],
    surveys: Mapping[str, Survey],
    *,
    wide: Mapping[str, str] | None = None,
    placed: bool = True,
) -> str:
    """Write the derived table of a ledger and its joins.

    Shapes:  every row of the ledger once; joined columns as "join.column", with "join.found" and "join.unknown".
             `wide` maps a ledger kind to the small table that stands for it in the wide form, and `placed` adds the
             place and the texts of joined rows to it.
    """
    source = wide[table.kind.kind] if wide else table.view
    picked, froms = ["b.*"], [f"{source} b"]
    for j, join in joins.items():
        columns, tables = _joined(j, join, surveys.get(j, NO_STRAYS), table, wide, placed=placed)
        picked += columns
        froms += tables
    return f"(SELECT {', '.join(picked)} FROM {' '.join(froms)}) p"


def _joined(
    j: str, join: PlannedJoin, seen: Survey, table: Table, wide: Mapping[str, str] | None, *, placed: bool
) -> tuple[list[str], list[str]]:
    froms, aliases, keys = [], [], []
    for number, (left, right) in enumerate(join.keys):
        hashed = _hashed("b", left, table, wide)
        for way, sql in _right(join, right, seen, table, wide, left=left, first=number == 0, placed=placed).items():
            alias = quote(f"{j} {number}{way}")
            same = f"b._input = {alias}._b_input AND b._row = {alias}._b_row" if way else f"{hashed} = {alias}.k"
            froms.append(f"LEFT JOIN ({sql}) {alias} ON {same}")
            aliases.append(alias)
            keys.append(left)
    found = " OR ".join(f"{alias}.k IS NOT NULL" for alias in aliases) or "FALSE"
    lost = [f"NOT ({_readable('b', join.keys[0][0], table)})"]
    lost += [f"(b._problems & {table.kind.bit(left)}) <> 0" for left, _ in join.keys[1:] if left in table.unread]
    unknown = f"(NOT ({found}) AND ({' OR '.join(lost)}))"
    if seen.anyone:
        unknown = "TRUE"
    elif seen.strays:
        stray = quote(f"{j} stray")
        same = " AND ".join(f"b.{quote(column)} = {stray}.{quote(column)}" for column in join.alike)
        froms.append(f"LEFT JOIN {seen.strays} {stray} ON {same}")
        unread = " OR ".join(f"NOT ({_readable('b', column, table)})" for column in join.alike)
        unknown = f"({unknown} OR {stray}.{quote(join.alike[0])} IS NOT NULL OR {unread})"
    if join.where != "TRUE":
        unknown = f"({unknown} OR {' OR '.join(f'coalesce(NOT {alias}._sure, FALSE)' for alias in aliases)})"
    columns = [
        f"({unknown}) AS {quote(f'{j}.unknown')}",
        f"CASE WHEN NOT ({unknown}) THEN ({found}) END AS {quote(f'{j}.found')}",
    ]
    carried = [*join.columns, *join.totals, *(("_problems",) if join.pick else ())]
    if wide and placed and join.pick:
        carried += ["_differs", "_places", "_headers", *written_columns(join)]
    legible = join.table is not None and not join.table.unread and not join.gaps
    certain = not wide and seen.repeated is None and len(join.keys) == 1 and legible
    for name in carried:
        if name == "_problems" and certain:
            columns.append(f"0 AS {quote(f'{j}._problems')}")
            continue
        sql = f"{aliases[-1]}.{quote(name)}"
        for alias in reversed(aliases[:-1]):
            sql = f"CASE WHEN {alias}.k IS NOT NULL THEN {alias}.{quote(name)} ELSE {sql} END"
        if name in join.totals and join.totals[name].function in ("sum", "count"):
            sql = f"CASE WHEN {found} THEN {sql} ELSE 0 END"
        columns.append(f"{sql} AS {quote(f'{j}.{name}')}")
    if wide and placed:
        which = " ".join(f"WHEN {alias}.k IS NOT NULL THEN '{left}'" for alias, left in zip(aliases, keys, strict=True))
        columns.append(f"CASE {which} END AS {quote(f'{j}._matched_by')}")
    return columns, froms


def _hashed(alias: str, left: str, table: Table, wide: Mapping[str, str] | None) -> str:
    key = _key(alias, left, table)
    return key if wide else f"CASE WHEN {alias}.{quote(left)} IS NOT NULL THEN hash({key}) END"


def _right(
    join: PlannedJoin,
    right: str,
    seen: Survey,
    table: Table,
    wide: Mapping[str, str] | None,
    *,
    left: str,
    first: bool,
    placed: bool,
) -> dict[str, str]:
    """Write the right side of a join with one row a key, or, under " by", one row a row that looks it up by its day."""
    if join.table is None:
        raise ValueError(f"join to {join.ledger} was planned without its table")
    view = wide[join.ledger] if wide else join.table.view
    key = f"r.{quote(right)}"
    k = key if wide else f"hash({key})"
    where = f"{_readable('r', right, join.table)} AND ({join.where}) IS NOT FALSE"
    sure = f"({join.where}) IS NOT NULL"
    if join.totals:
        totals = [f"{aggregate(found)} AS {quote(name)}" for name, found in join.totals.items()]
        totals += [f"bool_and({sure}) AS _sure"] if join.where != "TRUE" else []
        return {"": f"SELECT {k} AS k, {', '.join(totals)} FROM {view} r WHERE {where} GROUP BY {key}"}
    picked = [f"{sql} AS {quote(name)}" for name, sql in join.columns.items()] + [f"{join.problems} AS _problems"]
    picked += [f"{sure} AS _sure"] if join.where != "TRUE" else []
    if wide and placed:
        picked += [f"r.{quote(name)} AS {quote(name)}" for name in ("_input", "_row", "_headers", *written_columns(join))]
    single = f"SELECT {k} AS k, {', '.join(picked)} FROM {view} r WHERE {where}"
    if first and not wide and seen.repeated is None:
        return {"": single}
    counted = f"SELECT k FROM ({single}) s GROUP BY k HAVING count(*) > 1"
    repeated = counted if wide or not first else f"SELECT k FROM {seen.repeated}"
    texts = bool(wide and placed)
    several = single if wide and not placed else f"SELECT * FROM ({single}) s WHERE k IN ({repeated})"
    if join.by:
        several = _for_each_row(several, join.by, left, table, wide)
    if wide and not placed:  # written for people to read: the short form
        return {" by" if join.by else "": blend(several, join, texts=False)}
    alone = leave_single(single, repeated, join, texts=texts)
    if join.by:
        return {"": alone, " by": blend(several, join, texts=texts)}
    return {"": f"{alone} UNION ALL {blend(several, join, texts=texts)}"}


def _for_each_row(rows: str, by: Name, left: str, table: Table, wide: Mapping[str, str] | None) -> str:
    """Write the rows that each row of the ledger finds, beside its place and its own day."""
    source = wide[table.kind.kind] if wide else table.view
    bits = sum(table.kind.bit(name) for name in table.unread & frozenset(re.findall("[a-z_][a-z_0-9]*", by.sql)))
    day, last = (f"CASE WHEN (p._problems & {bits}) = 0 THEN {sql} END" if bits else sql for sql in (by.sql, by.upper or by.sql))
    return (
        f"SELECT p._input AS _b_input, p._row AS _b_row, {day} AS first_day, {last} AS last_day, s.*"
        f" FROM {source} p JOIN ({rows}) s ON {_hashed('p', left, table, wide)} = s.k"
    )


def aggregate(found: Measure, inner: str = "") -> str:
    """Write an aggregate that is unknown as soon as one of its rows is; `inner` may stand for the expression below it."""
    if found.inner is None:
        return "count(*)"
    inner = inner or found.inner.sql
    distinct = f"DISTINCT {inner}" if found.distinct else inner
    return f"CASE WHEN count({inner}) = count(*) THEN {found.function}({distinct}) END"
