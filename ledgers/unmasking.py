"""Point from a masked identity number to the one row that its visible digits and its name fit: a help to complete it, no ground to judge on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ledgers.fold import fold
from ledgers.tables import Table
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FEWEST_VISIBLE = 6  # digits; fewer fit too many
MOST = 10_000  # masked numbers; where there are more, masking is the rule and nobody completes them by hand
MASKED = "证件号码被遮蔽"


def point_out_masked(con: DuckDBPyConnection, tables: Mapping[str, Table], places: Sequence[str]) -> None:
    """Say in the note of a masked number which row it may belong to, where there is only one such number in all ledgers.

    Shapes:  `places` names each input.
    """
    masked = [(number, row, pattern, name) for table in tables.values() for number, row, pattern, name in _masked(con, table)]
    persons = [select for table in tables.values() if (select := _persons(table))]
    if not masked or not persons or len(masked) > MOST:
        return
    con.execute("CREATE OR REPLACE TEMP TABLE masked (_input INTEGER, _row BIGINT, pattern VARCHAR, name VARCHAR)")
    con.executemany("INSERT INTO masked VALUES (?, ?, ?, ?)", masked)
    found = con.execute(
        "SELECT m._input, m._row, min(p._input), arg_min(p._row, (p._input, p._row)) FROM masked m"
        f" JOIN ({' UNION ALL '.join(persons)}) p ON p.name = m.name AND p.number LIKE m.pattern"
        " GROUP BY ALL HAVING count(DISTINCT p.number) = 1"
    ).fetchall()
    for number, row, other, its in found:
        what = f"证件号码被遮蔽，可见数字和姓名只与 {places[other]} 第 {its} 行相符，请核对补全"
        con.execute(f"UPDATE cell_notes SET what = ? WHERE _input = ? AND _row = ? AND what = '{MASKED}'", [what, number, row])


def _columns(table: Table) -> tuple[str, str] | None:
    """Name the columns of number and name of a ledger of persons that has both."""
    present = [name for name in table.kind.person if any(name in part.raw.sql_types for part in table.parts)]
    return (present[0], present[1]) if len(present) == 2 else None


def _masked(con: DuckDBPyConnection, table: Table) -> list[tuple[int, int, str, str]]:
    """List the masked numbers beside a name that can be read, each with the pattern of its visible digits."""
    columns = _columns(table)
    if columns is None or columns[0] not in table.unread:
        return []
    listed = []
    for part in (part for part in table.parts if columns[0] in part.raw.sql_types):
        rows = con.execute(
            f"SELECT v._input, v._row, CAST(r.{quote(columns[0])} AS VARCHAR), v.{quote(columns[1])} FROM cell_notes n"
            f" JOIN {table.view} v USING (_input, _row) JOIN {part.raw.relation} r USING (_input, _row)"
            f" WHERE n.what = '{MASKED}' AND n.col = '{columns[0]}' AND v.{quote(columns[1])} IS NOT NULL LIMIT {MOST + 1}"
        ).fetchall()
        for number, row, text, name in rows:
            pattern = re.sub("[^0-9]+", "%", fold(text))
            if len(pattern.replace("%", "")) >= FEWEST_VISIBLE:
                listed.append((number, row, pattern, name))
    return listed


def _persons(table: Table) -> str:
    """Write the SELECT of the persons of a ledger, if it has numbers and names."""
    columns = _columns(table)
    if columns is None:
        return ""
    number, name = (quote(column) for column in columns)
    return f"SELECT _input, _row, {number} AS number, {name} AS name FROM {table.view} WHERE {number} IS NOT NULL"
