"""Say what one text means: a value, nothing, or a problem with its code. What every type has in common is read here."""

from __future__ import annotations

import re
from typing import NamedTuple

ABSENT = frozenset({"", "-", "--", "—", "——", "–", "/", "\\", "无", "None", "nan", "NaN", "NaT", "null", "NULL"})
_MASK = re.compile(
    r"(约|近)?[Xx×*某]+(-[Xx×*]+)?(多|余)?(万|千|百|亿)?(元|户|人|月|年|日|名|个|次)*\Z|待定\Z|待补\Z|待核实\Z|保密\Z"
)
_FORMULA_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|NOVALUE!)\Z")


class Reading(NamedTuple):
    """Hold what one text means: a value in canonical text, its companion, or the problem it is.

    `value`  ISO date (the earliest day), plain decimal, code, folded text; None where the cell is absent or unread.
    `also`   the latest day of a date, the unit of a percent's last printed digit, the factor to yuan of an amount that names its own unit.
    `problem`  empty, or a code of the quality rules with `what` as its sentence.
    """

    value: str | None = None
    also: str | None = None
    problem: str = ""
    what: str = ""


NOTHING = Reading()


def read_error(folded: str) -> Reading | None:
    """Read the error value of a formula, a problem in every type."""
    return Reading(problem="Q10", what=f"公式错误值或无缓存结果 {folded}") if _FORMULA_ERROR.match(folded) else None


def read_mask(folded: str) -> Reading | None:
    """Read a mask or a placeholder, a problem in every type."""
    return Reading(problem="Q02", what="占位或遮蔽内容，数值未知") if _MASK.match(folded) else None


def read_nothing(folded: str) -> Reading | None:
    """Read what is no value in any type: an error value, a blank, a mask; None where the type must say."""
    if folded in ABSENT:
        return NOTHING
    return read_error(folded) or read_mask(folded)
