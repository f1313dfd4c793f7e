"""Say what one text means: a value, nothing, or a problem with its code. What every type has in common is read here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from types import ModuleType
from typing import NamedTuple

ABSENT = frozenset(
    {"", "-", "--", "—", "——", "–", "/", "\\", "//", "无", "暂无", "没有", "空", "空白", "(空)", "(空白)", "_", "__", "N/A", "n/a", "NA", "<NA>",
     "None", "nan", "NaN", "NaT", "null", "NULL", "(null)", "(blank)"}
)  # fmt: skip
_BRACKETS = str.maketrans("", "", "()[]【】〔〕「」")  # (略), 【保密】
_MASK = re.compile(
    r"(约|近)?[Xx×✕╳*某■□█●○◆◇]+(-[Xx×*]+)?(多|余)?(万|千|百|亿)?(元|户|人|月|年|日|名|个|次)*\Z|[?.…。·!]+\Z|TBD\Z|"
    r"待(定|补|核实?|查|填|报|确认|补充|完善|通知)\Z|保密\Z|不[详明清]\Z|不清楚\Z|未知\Z|未填\Z|暂缺\Z|缺失?\Z|略\Z|"
    r"(详见|见)(附件|附表|附页|备注|明细|清单|名单)表?\Z"
)
LONGEST_MASK = 12  # characters in brackets
_DITTO = re.compile(
    r"\(?(?:[与和]?[同如仝][上左前右下](?:一?[行格栏])?|[与和]?上同|仝)\)?[。.]?\Z|ditto\.?\Z|do\.\Z|[↑↓←→]+\Z|[\"“”'‘’′″〃〞々,、]{1,4}\Z",
    re.IGNORECASE,
)
_FORMULA_ERROR = re.compile(
    r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|NOVALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|ERROR!|GETTING_DATA)\Z|"
    r"Err:[0-9]{3}\Z|#{2,}\Z"
)
_LOST_CHARACTER = re.compile("[\x80-\x9f\ufffd\u303e\ue000-\uf8ff]")


class Reading(NamedTuple):
    """Hold what one text means: a value in canonical text, its companion, or the problem it is.

    `value`  ISO date (the earliest day), plain decimal, code, folded text; None where the cell is absent or unread.
    `also`   the latest day of a date, the unit of a percent's last printed digit, the factor to yuan of an amount that names its own unit.
    `problem`  empty, or a code of the quality rules with `what` as its sentence.
    `remark`   how a value was understood where its place had to help; said once for each column of a file.
    """

    value: str | None = None
    also: str | None = None
    problem: str = ""
    what: str = ""
    remark: str = ""


NOTHING = Reading()


def patterns_of(module: ModuleType) -> list[re.Pattern[str]]:
    """List the patterns that a module looks for, such as this one."""
    return [one for one in vars(module).values() if isinstance(one, re.Pattern)]


def spoken_of(patterns: Iterable[re.Pattern[str]]) -> set[str]:
    """List the characters that stand in some patterns, or in a word for nothing."""
    return {character for text in (*ABSENT, *(one.pattern for one in patterns)) for character in text}


def read_error(folded: str) -> Reading | None:
    """Read the error value of a formula, a problem in every type."""
    return Reading(problem="Q10", what=f"公式错误值或无缓存结果 {folded}") if _FORMULA_ERROR.match(folded) else None


def read_lost(folded: str) -> Reading | None:
    """Read what a wrong encoding or a missing font left of a character; nobody can tell which one it was."""
    return Reading(problem="Q13", what="有无法显示的字（编码替换符或自造字）") if _LOST_CHARACTER.search(folded) else None


def read_mask(folded: str) -> Reading | None:
    """Read a mask, a placeholder or a ditto mark, a problem in every type."""
    if _DITTO.match(folded):
        return Reading(problem="Q02", what="“同上”之类，未照上一行填补")
    bare = folded.translate(_BRACKETS).rstrip("。") or folded if len(folded) < LONGEST_MASK else folded
    return Reading(problem="Q02", what="占位或遮蔽内容，数值未知") if _MASK.match(bare) or _MASK.match(folded) else None


STRUCK = "（已划去）"  # behind the text of a cell that is struck through
_STRUCK = unicodedata.normalize("NFKC", STRUCK)


def read_struck(folded: str) -> Reading | None:
    """Read a cell that is struck through; whether it still counts nobody can tell."""
    return Reading(problem="Q02", what="加了删除线，是否还算数不明") if folded.endswith(_STRUCK) else None


def read_nothing(folded: str) -> Reading | None:
    """Read what is no value in any type: an error value, a blank, a mask; None where the type must say."""
    if folded in ABSENT:
        return NOTHING
    return read_error(folded) or read_mask(folded) or read_lost(folded) or read_struck(folded)
