"""Build the typed table of one kind out of its raw relations: a view, and what policies must know before they read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ledgers.kinds import Kind
from ledgers.reversals import find_reversals, reversals
from ledgers.typed import FREE_TEXT, Raw, Typed, find_blank, find_unread, quote, select, type_relation

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HELD = "held_"  # relations in memory: every column of them is read, free text too


class Table(NamedTuple):
    """Describe the typed table of one kind.

    `absent`  the inputs that lack a column; `unread` columns with cells that could not be read; `months` columns with
    days known to the month only; with `netted`, a column `_netted` marks reversals and the payments that they cancel.
    """

    kind: Kind
    view: str
    rows: int
    inputs: tuple[int, ...]
    absent: Mapping[str, frozenset[int]]
    unread: frozenset[str]
    months: frozenset[str]
    parts: tuple[Typed, ...]
    netted: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns that any of its parts has."""
        return self.parts[0].columns

    @property
    def bulk(self) -> frozenset[int]:
        """Number the inputs whose rows lie where they were found: big CSV and Parquet files, tables of databases."""
        return frozenset(n for part in self.parts if not part.raw.relation.startswith(HELD) for n in part.raw.inputs)


def list_inputs(part: Typed) -> str:
    """List for SQL the inputs of a part that are left in its ledger."""
    return ", ".join(map(str, part.raw.inputs))


def unsaid(rows: str, code: str) -> str:
    """Write the test that no note of a row has a code yet."""
    return (
        f"NOT EXISTS (SELECT 1 FROM cell_notes n WHERE n.code = '{code}' AND n._input = {rows}._input AND n._row = {rows}._row)"
    )


def count_filled(texts: Iterable[str]) -> str:
    """Write the count of the cells of a row that are not blank; there is one at least."""
    return " + ".join(f"(coalesce(trim({text}), '') <> '')::INTEGER" for text in texts)


def lay_out_notes(con: DuckDBPyConnection) -> None:
    """Write the table `cell_notes`, blank: notes of single cells, by input, row and column."""
    con.execute("CREATE OR REPLACE TABLE cell_notes (code VARCHAR, _input INTEGER, _row BIGINT, col VARCHAR, what VARCHAR)")


def build_table(con: DuckDBPyConnection, kind: Kind, raws: Sequence[Raw], wanted: set[str], rows: int) -> Table:
    """Type every raw relation of a kind, note what could not be read, and put them together in one view."""
    present = [name for name in kind.columns if any(name in raw.sql_types for raw in raws)]
    every = {name for name in present if kind.columns[name].type in FREE_TEXT}
    parts = [type_relation(con, raw, kind, present, wanted | every if raw.relation.startswith(HELD) else wanted) for raw in raws]
    for part in parts:
        for query in find_unread(part):
            con.execute(f"INSERT INTO cell_notes {query}")
    table = _table(con, kind, parts, rows)
    for need in kind.required:
        names = [name for name in ([need] if isinstance(need, str) else need) if name in present]
        if any(all(name in part.pieces and part.pieces[name].full for part in parts) for name in names):
            continue
        if names and all(name in part.pieces or name not in part.raw.sql_types for part in parts for name in names):
            con.execute(f"INSERT INTO cell_notes {find_blank(table.view, kind, names, list(table.inputs))}")
    for total, addends in kind.sums.items():
        if {total, *addends}.issubset(present):
            con.execute(f"INSERT INTO cell_notes {find_wrong_sum(table, total, addends)}")
    return table


def find_wrong_sum(table: Table, total: str, addends: Sequence[str]) -> str:
    """Give the SELECT of rows in which a column is not the sum that it says it is (Q12); where a cell is unread nothing is said."""
    problems = " + ".join(str(table.kind.bit(name)) for name in (total, *addends))
    lacking = " OR ".join(
        f"_input IN ({', '.join(map(str, sorted(inputs)))})" for name in addends if (inputs := table.absent.get(name))
    )
    added = " + ".join(f"coalesce({quote(name)}, 0)" for name in addends)
    what = "写 {} 元，各项相加为 {} 元；请核实"
    return (
        f"SELECT 'Q12', _input, _row, '{total}', format('{what}', CAST({quote(total)} AS VARCHAR), CAST({added} AS VARCHAR))"
        f" FROM {table.view}"
        f" WHERE {quote(total)} <> {added} AND _problems & ({problems}) = 0 AND NOT ({lacking or 'FALSE'})"
    )


def read_more(con: DuckDBPyConnection, table: Table, wanted: set[str]) -> Table:
    """Read free text of bulk relations that was not wanted at first."""
    if not any(wanted & part.raw.sql_types.keys() - part.pieces.keys() for part in table.parts):
        return table
    parts = []
    for part in table.parts:
        names = sorted(wanted & part.raw.sql_types.keys() - part.pieces.keys())
        more = type_relation(con, part.raw, table.kind, names, set(names))
        for query in find_unread(more):
            con.execute(f"INSERT INTO cell_notes {query}")
        unread, pieces = part.unread | more.unread, {**part.pieces, **more.pieces}
        parts.append(part._replace(pieces=pieces, unread=unread))
    return _table(con, table.kind, parts, table.rows, netted=table.netted)


def net_reversals(con: DuckDBPyConnection, table: Table) -> Table:
    """Mark the rows in red ink of a table, and those that they cancel."""
    kind = table.kind
    if not any(piece.negative for part in table.parts for name, piece in part.pieces.items() if name == kind.nets):
        return table
    table = read_more(con, table, set(kind.paid))
    present = {name for part in table.parts for name in part.columns}
    found = find_reversals(con, kind, table.view, present)
    return _table(con, kind, table.parts, table.rows, netted=True) if found else table


def leave_out(con: DuckDBPyConnection, table: Table, numbers: set[int], rows: int) -> Table:
    """Take all rows of some inputs out of a table, with what was noted of their cells; `rows` are left."""
    parts = []
    for part in table.parts:
        inputs = tuple(number for number in part.raw.inputs if number not in numbers)
        if inputs and inputs != part.raw.inputs:
            con.execute(f"DELETE FROM {part.raw.relation} WHERE _input IN ({', '.join(map(str, numbers))})")
        parts += [part._replace(raw=part.raw._replace(inputs=inputs))] if inputs else []
    con.execute(f"DELETE FROM cell_notes WHERE _input IN ({', '.join(map(str, numbers))})")
    return _table(con, table.kind, parts, rows)


def retable(con: DuckDBPyConnection, table: Table, parts: Sequence[Typed]) -> Table:
    """Put a table together anew out of parts whose raw relations were changed."""
    return table if list(parts) == list(table.parts) else net_reversals(con, _table(con, table.kind, parts, table.rows))


def has_blanks(con: DuckDBPyConnection, table: Table, column: str) -> bool:
    """Say whether some cell of a column is blank or could not be read."""
    if column in table.unread or table.absent.get(column):
        return True
    return bool(con.execute(f"SELECT 1 FROM {table.view} WHERE {quote(column)} IS NULL LIMIT 1").fetchall())


def _table(con: DuckDBPyConnection, kind: Kind, parts: Sequence[Typed], rows: int, *, netted: bool = False) -> Table:
    view, selects = f"ledger_{kind.kind}", []
    for number, part in enumerate(parts):
        source = select(part, kind, part.raw.relation)
        if part.raw.relation.startswith(HELD):
            con.execute(f"CREATE OR REPLACE TABLE {view}_{number} AS {source}")
            source = f"SELECT * FROM {view}_{number}"
        selects.append(source)
    union = " UNION ALL ".join(selects)
    if netted:
        union = f"SELECT v.*, n._netted FROM ({union}) v LEFT JOIN {reversals(kind)} n USING (_input, _row)"
    con.execute(f"CREATE OR REPLACE VIEW {view} AS {union}")
    return describe_table(kind, view, parts, rows, netted=netted)


def describe_table(kind: Kind, view: str, parts: Sequence[Typed], rows: int, *, netted: bool) -> Table:
    """Say of the view of a kind what policies must know before they read it, wherever it lies."""
    inputs = tuple(number for part in parts for number in part.raw.inputs)
    absent = {n: frozenset(i for part in parts if n not in part.raw.sql_types for i in part.raw.inputs) for n in kind.columns}
    unread = frozenset[str]().union(*(part.unread for part in parts))
    months = frozenset[str]().union(*(part.months for part in parts))
    return Table(kind, view, rows, inputs, absent, unread, months, tuple(parts), netted)
