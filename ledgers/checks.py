"""Say what the checks of a template look like in a workbook, so that they are told from the ledger beside them and left out knowingly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ledgers.sheets import Sheet, unpacked

RESULT = "核对结果（自动）"  # the header of the column that says what is to be looked at
MARK = "核对·"  # begins the headers of hidden columns, in which formulas reckon
SETTINGS, SETTINGS_TITLE = "设置", "核对设置：由模板生成，不是台账"

# Names of the cells that formulas read: rows share one formula, and a shared formula had better not name another sheet.
DAY, NEGATIVE, NEGATIVE_TEXTS = "fc_day", "fc_red", "fc_red_texts"


def flag_name(place: int) -> str:
    """Name the cell that says whether a column is there, by its place from 0."""
    return f"fc_column{place}"


class Settings(NamedTuple):
    """Say what travels in the workbook: whose it is, for which campaign, as of which day (ISO), by which packs and which version of them."""

    unit: str
    campaign: str
    as_of: str
    packs: str
    version: str


class Checks(NamedTuple):
    """Hold the checks of one kind.

    `helpers` formulas by the header of their column, with `ROW` for the row's number; `result` that of the column that is seen;
    `flags` of each column whether it is there; `lists` what formulas look up, by the name of their range, `numbers` those of them that are numbers;
    `counts` further formulas of the sheet of settings, by the name of their cell; `compiled` code and title of each policy that is checked, `left` those that are not, and why.
    """

    settings: Settings
    helpers: Mapping[str, str]
    result: str
    flags: Mapping[str, str]
    lists: Mapping[str, list[str]]
    numbers: frozenset[str]
    counts: Mapping[str, str]
    compiled: list[tuple[str, str]]
    left: list[tuple[str, str, str]]


def is_settings(sheet: Sheet) -> bool:
    """Say whether a sheet holds the settings of a template's checks."""
    return bool(sheet.rows and sheet.rows[0] and sheet.rows[0][0] == SETTINGS_TITLE)


def leave_out_checks(sheet: Sheet) -> tuple[Sheet, int]:
    """Blank the columns of checks in a sheet, from their header down; say how many there were."""
    for number, row in enumerate(sheet.rows[:3]):
        if RESULT in row:
            places = [place for place, text in enumerate(row) if text == RESULT or text.startswith(MARK)]
            every = unpacked(sheet)
            rows = [_without(own, set(places)) if n >= number else own for n, own in enumerate(every.rows)]
            hidden = max(0, sheet.hidden_columns - len(places) + 1)  # all of them are but the one that is seen
            return every._replace(rows=rows, hidden_columns=hidden), len(places)
    return sheet, 0


def _without(row: list[str], places: set[int]) -> list[str]:
    kept = ["" if place in places else text for place, text in enumerate(row)]
    while kept and not kept[-1]:
        kept.pop()
    return kept
