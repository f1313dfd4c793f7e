"""Lay a small copy of the store beside us: flagged rows and those they are joined with, under the names they have there.

Views and lent tables are the same here and there, so that evidence is gathered as from files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.plan import Plan
from engine.stores.judging import Flagged, keep_flagged
from engine.stores.shelf import Shelf
from ledgers.arrays import keep, text_array
from ledgers.tables import Table
from ledgers.typed import Raw, quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_PLACES = 5_000  # in one statement


def lay_slices(
    con: DuckDBPyConnection, shelf: Shelf, plans: Sequence[Plan], flagged: Sequence[Flagged], tables: Mapping[str, Table]
) -> None:
    """Write the table `flagged`, and each relation, lent table and view of the shelf with the few rows that findings need."""
    keep_flagged(con, flagged)
    wanted: dict[str, set[tuple[int, int]]] = {kind: set() for kind in tables}
    ledger_of = {plan.policy.code: plan.policy.ledger for plan in plans}
    for one in flagged:
        wanted[ledger_of[one.code]].add((one.place, one.row))
    found = {one.code for one in flagged}
    for left_ledger, left, right_ledger, right in sorted(_lookups(plans, found, tables)):
        wanted[right_ledger] |= _looked_up(shelf, tables, left_ledger, left, right_ledger, right, sorted(wanted[left_ledger]))
    for table in tables.values():
        for part in table.parts:
            _lay(con, shelf, part.raw, sorted(row for row in wanted[table.kind.kind] if row[0] in part.raw.inputs))
    for name, columns in shelf.lent.items():
        _keep(con, name, {column: list(texts) for column, texts in columns.items()})
    for table in tables.values():
        con.execute(f"CREATE OR REPLACE VIEW {table.view} AS {shelf.views[table.view]}")


def _lookups(plans: Iterable[Plan], found: set[str], tables: Mapping[str, Table]) -> set[tuple[str, str, str, str]]:
    """List what flagged rows look up: own ledger and column, other ledger and column."""
    pairs = set[tuple[str, str, str, str]]()
    for plan in plans:
        if plan.policy.code not in found or plan.status != "judged":
            continue
        own = plan.policy.ledger
        for join in plan.joins.values():
            pairs |= {(own, left, join.ledger, right) for left, right in join.keys}
        settled = plan.policy.remedy.settled_by
        if settled is not None and settled.ledger in tables:
            theirs = next(iter(settled.match.values()))
            pairs.add((own, settled.own, settled.ledger, theirs))
            if "subsidy" in tables and theirs in tables["subsidy"].kind.columns:
                pairs.add((own, settled.own, "subsidy", theirs))
    return {pair for pair in pairs if _typed(tables[pair[0]], pair[1]) and _typed(tables[pair[2]], pair[3])}


def _typed(table: Table, column: str) -> bool:
    return any(column in part.pieces for part in table.parts)


def _looked_up(
    shelf: Shelf, tables: Mapping[str, Table], own: str, left: str, other: str, right: str, rows: Sequence[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Ask for the places of rows of another ledger that rows of this one look up, and of some that nobody can look up."""
    found: set[tuple[int, int]] = set()
    there = f"SELECT r._input, r._row FROM {tables[other].view} r WHERE"
    for test in _places(rows):
        keys = f"SELECT CAST(p.{quote(left)} AS VARCHAR) FROM {tables[own].view} p WHERE p.{quote(left)} IS NOT NULL AND {test}"
        found |= {(place, row) for place, row in shelf.ask(f"{there} CAST(r.{quote(right)} AS VARCHAR) IN ({keys})")}
    strays = shelf.ask(f"{there} r.{quote(right)} IS NULL LIMIT 1") if rows else []
    return found | {(place, row) for place, row in strays}


def _places(rows: Sequence[tuple[int, int]]) -> Iterable[str]:
    """Write the tests of rows by their places, so many in one."""
    for start in range(0, len(rows), MOST_PLACES):
        by_input: dict[int, list[str]] = {}
        for place, row in rows[start : start + MOST_PLACES]:
            by_input.setdefault(place, []).append(str(row))
        yield "(" + " OR ".join(f"(_input = {place} AND _row IN ({', '.join(own)}))" for place, own in by_input.items()) + ")"


def _lay(con: DuckDBPyConnection, shelf: Shelf, raw: Raw, rows: Sequence[tuple[int, int]]) -> None:
    """Copy rows of one relation, as they lie there."""
    texts = ", ".join(f"CAST({quote(name)} AS VARCHAR)" for name in raw.sql_types)
    got: list[tuple[Any, ...]] = []
    for test in _places(rows):
        got += shelf.ask(f"SELECT _input, _row, {texts} FROM {raw.relation} WHERE {test}")
    columns = list(zip(*got, strict=True)) if got else [()] * (2 + len(raw.sql_types))
    named = dict(zip([f"c{n}" for n in range(len(columns))], map(list, columns), strict=True))
    _keep(
        con, f"{raw.relation}_texts", {name: [None if cell is None else str(cell) for cell in own] for name, own in named.items()}
    )
    typed = ", ".join(f"CAST(c{n} AS {own}) AS {quote(name)}" for n, (name, own) in enumerate(raw.sql_types.items(), start=2))
    con.execute(
        f"CREATE OR REPLACE TABLE {raw.relation} AS SELECT CAST(c0 AS INTEGER) AS _input, CAST(c1 AS BIGINT) AS _row, {typed}"
        f" FROM {raw.relation}_texts"
    )


def _keep(con: DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[str | None]]) -> None:
    import pyarrow as pa

    keep(con, name, pa.table({column: text_array(texts) for column, texts in columns.items()}))
