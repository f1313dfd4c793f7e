"""Give the digit of every row, also of those that are plainly in order: for cases, mutants and tests, not for bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.frames import Survey, find_repeated, frame, survey
from engine.judge import COMPLIANT, MEMBER, combine, right_side
from engine.plan import Plan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def row_digits(con: DuckDBPyConnection, plans: Sequence[Plan]) -> list[dict[tuple[int, int], int]]:
    """Give for each plan of one pass the digit of every row, by input and row."""
    if plans[0].table is None:
        return [{} for _ in plans]
    surveys: dict[str, Survey] = {}
    for number, join in enumerate(join for plan in plans for join in plan.joins.values()):
        if right_side(join) not in surveys:
            surveys[right_side(join)] = find_repeated(con, join, survey(con, join, f"row_{number}"))
    asked = combine(plans, surveys)
    source = frame(plans[0].table, asked.joins, asked.seen)
    rows = con.execute(f"SELECT p._input, p._row, {asked.columns} FROM {source}").fetchall()
    return [{(place, row): found[number] for place, row, *found in rows} for number in range(len(plans))]


def quiet_rows(con: DuckDBPyConnection, plan: Plan) -> dict[tuple[int, int], int]:
    """Give the digit of every row that was not flagged, by input and row."""
    flagged = set(con.execute(f"SELECT _input, _row FROM flagged WHERE code = '{plan.policy.code}'").fetchall())
    found = row_digits(con, [plan])[0].items()
    return {place: COMPLIANT if number == MEMBER else number for place, number in found if place not in flagged}
