"""Divide ledgers in which several units stand by their unit, so that everything counted by input is counted by unit.

A sheet then has an input for each unit that stands in its column; rows without one stay with whoever sent the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ledgers.desk import Input, Intake
from ledgers.hiding import hide_numbers
from ledgers.senders import Roster, Sender, name_by_text
from ledgers.tables import HELD, Table, retable
from ledgers.typed import Typed, quote, written

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def divide_by_unit(con: DuckDBPyConnection, intake: Intake, roster: Roster) -> Intake:
    """Give every unit that stands in the rows of a ledger an input of its own; no row is lost, and none belongs to two."""
    inputs, senders = list(intake.inputs), list(intake.senders)
    tables = {name: _divide(con, table, roster, inputs, senders) for name, table in intake.tables.items()}
    return intake._replace(inputs=tuple(inputs), senders=tuple(senders), tables=tables)


def _divide(con: DuckDBPyConnection, table: Table, roster: Roster, inputs: list[Input], senders: list[Sender]) -> Table:
    parts, column = list(table.parts), table.kind.unit
    for place, part in enumerate(parts):
        if column and column in part.raw.sql_types and column not in part.raw.doubled:
            moved = list(_allot(con, part, column, roster, inputs, senders))
            parts[place] = _move(con, part, column, moved, inputs) if moved else part
    return retable(con, table, parts)


def _cell(part: Typed, column: str) -> str:
    return f"nullif(trim({written(f'r.{quote(column)}', part.raw.sql_types[column])}), '')"


def _allot(
    con: DuckDBPyConnection, part: Typed, column: str, roster: Roster, inputs: list[Input], senders: list[Sender]
) -> Iterator[tuple[str, int, int]]:
    """Yield what stands in the column, in which input, and the input that its rows move to; new ones are added to `inputs`."""
    cell = _cell(part, column)
    query = f"SELECT DISTINCT _input, {cell} AS unit FROM {part.raw.relation} r WHERE {cell} IS NOT NULL ORDER BY ALL"
    own: dict[tuple[int, str], int] = {}
    for number, text in con.execute(query).fetchall():
        sender = name_by_text(roster, text)
        name = hide_numbers(sender.name)
        if name == inputs[number].unit_name:
            continue
        if (number, name) not in own:
            own[number, name] = len(inputs)
            new = inputs[number]._replace(number=len(inputs), unit_name=name, unit_from="column", unit_code=sender.code)
            inputs.append(new)
            senders.append(senders[number])
        yield text, number, own[number, name]


def _move(con: DuckDBPyConnection, part: Typed, column: str, moved: list[tuple[str, int, int]], inputs: list[Input]) -> Typed:
    """Write the raw relation anew with the inputs that its rows move to, and count the rows of each."""
    old, new = part.raw.relation, f"{part.raw.relation}_by_unit"
    con.execute(f"CREATE OR REPLACE TABLE {new}_moves (unit VARCHAR, old INTEGER, new INTEGER)")
    con.executemany(f"INSERT INTO {new}_moves VALUES (?, ?, ?)", moved)
    form = "TABLE" if old.startswith(HELD) else "VIEW"
    con.execute(
        f"CREATE OR REPLACE {form} {new} AS SELECT r.* REPLACE (coalesce(m.new, r._input) AS _input) FROM {old} r"
        f" LEFT JOIN {new}_moves m ON m.old = r._input AND m.unit = {_cell(part, column)}"
    )
    con.execute(
        f"UPDATE cell_notes SET _input = r._input FROM {new} r JOIN {new}_moves m ON m.new = r._input"
        " WHERE cell_notes._input = m.old AND cell_notes._row = r._row"
    )
    counts = dict(con.execute(f"SELECT _input, count(*) FROM {new} GROUP BY ALL").fetchall())
    numbers = tuple(dict.fromkeys([*part.raw.inputs, *(number for _, _, number in moved)]))
    for number in numbers:
        inputs[number] = inputs[number]._replace(rows=counts.get(number, 0))
    return part._replace(raw=part.raw._replace(relation=new, inputs=numbers))
