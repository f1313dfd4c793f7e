"""Hold the roster of units against the units that sent something. Findings are unknown here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ledgers.fold import fold
from ledgers.intake import Intake
from ledgers.tables import read_more
from ledgers.typed import quote
from policies.model import Strict, Text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Unit(Strict):
    """Name a unit that is expected to send ledgers."""

    name: Annotated[Text, Field(min_length=1)]
    code: Text | None = None


def call_roll(con: DuckDBPyConnection, intake: Intake, roster: Sequence[Unit]) -> Mapping[str, Any] | None:
    """Say which units of the roster sent nothing, and which units sent something and stand on no roster.

    A unit has sent something if it is the unit of an input with rows, or stands in a row's column of the unit; it may be
    called by its name or its code.
    """
    if not roster:
        return None
    sent = {one.unit_name for one in intake.inputs if one.rows and one.unit_from == "title"}
    folders = {one.unit_name for one in intake.inputs if one.rows and one.unit_from != "title"}
    for table in intake.tables.values():
        if (column := table.kind.unit) and len(table.absent[column]) < len(table.inputs):
            whole = read_more(con, table, {column})
            sent |= {name for (name,) in con.execute(f"SELECT DISTINCT {quote(column)} FROM {whole.view}").fetchall() if name}
    seen = {fold(name) for name in sent | folders if name}
    expected = {fold(word) for unit in roster for word in (unit.name, unit.code) if word}
    missing = [unit for unit in roster if not {fold(unit.name), fold(unit.code or "")} & (seen - {""})]
    return {
        "expected": len(roster),
        "sent_nothing": [{"code": unit.code, "name": unit.name} for unit in missing],
        "not_on_roster": sorted(name for name in sent if fold(name) not in expected),
    }
