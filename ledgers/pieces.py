"""Read one piece out of a cell that holds several: a day of a period, the year or month of a day, a word or number, a named item."""

from __future__ import annotations

import re

from ledgers.dates import Year, read_date
from ledgers.fold import fold_header
from ledgers.kinds import Column, Part
from ledgers.periods import read_part
from ledgers.readings import ABSENT, NOTHING, Reading

LAST_PERIOD = 16  # some books have periods after December, for adjustments
_NUMBERED = re.compile(
    r"(?P<word>|.*?[^0-9])(?:字|凭证)?第?[-_#:—]*(?P<number>[0-9]{1,12})(?:号?[-(][0-9]{1,2}/[0-9]{1,2}\)?|号(?:[0-9]{1,2}/[0-9]{1,2})?)?\Z",
    re.DOTALL,
)
_SEVERAL = re.compile(r"[~至到、,;/+]|(?:\A|[^-0-9])[0-9]{1,3}[-.]*\Z")  # 记1-3, 1至3: perhaps the numbers of several vouchers
# 记-6-2 may be the second page of number 6, or number 2 of June; 06, or a year before it, says that it is of a month.
_PAGED = re.compile(
    r"(?<!20[0-9][0-9][-./年])(?<![0-9])(?!20[0-9]{2}-|0[1-9]-)(?:[0-9]{1,3}号?-[0-9]{1,2}|[0-9]{4,5}号?-[0-9]{1,4})\Z"
)
_A_DAY = re.compile(
    "(?:19|20)[0-9]{2}([-./年])[0-9]{1,2}(?:\\1|月)[0-9]{1,2}日?(?:[0-9]{1,2}:[0-9:.]+)?\\Z|[0-9]{1,2}月[0-9]{1,2}日\\Z"
)
_LOOSE_END = re.compile("[-_#:—第字]+\\Z")
_PERIOD = re.compile(
    r"(?:(?:19|20)[0-9]{2}(?:[-./]|年(?:度)?)|(?:19|20)[0-9]{2}(?=[0-9]{2}\Z))?第?([0-9]{1,2})(?:月份?|期间?)?(?:期)?\Z"
)
_MONTH_AND_DAY = re.compile("([0-9]{1,2})月[0-9]{1,2}日?\\Z")


def read_piece(column: Column, folded: str, part: Part, year: Year | None = None) -> Reading:
    """Read what stands for `column` in a cell.

    >>> seq = Column(type="integer", zh="凭证序数", en="number")
    >>> read_piece(seq, "银付-0003", "number").value, read_piece(seq, "银付-0003", "word").value, read_piece(seq, "12", "word").value
    ('3', '银付', '')
    >>> read_piece(seq, "2021年第1期", "period").value, read_piece(seq, "2021-03-05", "month").value, read_piece(seq, "5", "month").value
    ('1', '3', None)
    """
    if part in ("number", "word"):
        return _read_numbered(folded, part)
    if part == "period" and (period := _PERIOD.match(folded)):
        return _in_a_year(int(period[1]))
    if part in ("month", "period"):
        return _read_month(folded, year)
    if part == "year":
        return _read_year(folded, year)
    if part == "item":
        return _read_item(folded, {fold_header(text) for text in (column.zh, *column.headers)})
    return read_part(folded, part, year)


def _read_numbered(folded: str, part: Part) -> Reading:
    """Read 记-0001, 记字第12号, 银付-3 or 12; a page such as 1/2 behind the number is no part of it."""
    if _A_DAY.match(folded):
        return Reading(problem="Q09", what="像日期，可能是表格软件把 1-2 之类的编号变成了日期")
    match = _NUMBERED.match(re.sub(r"\A([0-9]+)\.0+\Z", r"\1", folded))
    word = _LOOSE_END.sub("", match["word"]) if match else ""
    if match is None or _SEVERAL.search(word) or _PAGED.search(folded):
        return Reading(problem="Q09", what="看不出是哪一个编号")
    return Reading(word if part == "word" else str(int(match["number"])))


def _in_a_year(number: int) -> Reading:
    return Reading(str(number)) if 1 <= number <= LAST_PERIOD else Reading(problem="Q03", what="无法识别的期间")


def _read_month(folded: str, year: Year | None) -> Reading:
    if match := _MONTH_AND_DAY.match(folded):
        return _in_a_year(int(match[1]))
    whole = read_date(folded, year)
    if whole.value is None or whole.also is None or whole.value[:7] != whole.also[:7]:
        return Reading(problem="Q03", what="无法识别的期间")
    return Reading(str(int(whole.value[5:7])))


def _read_year(folded: str, year: Year | None) -> Reading:
    whole = read_date(folded, year)
    if whole.value is None or whole.also is None or whole.value[:4] != whole.also[:4]:
        return whole if whole.problem else Reading(problem="Q03", what="无法识别的年度")
    return Reading(whole.value[:4])


def _read_item(folded: str, labels: set[str]) -> Reading:
    """Read 项目:A;部门:B, or 【项目】A【部门】B: each item says what it is."""
    text = re.sub("[\\[【]([^\\]】]*)[\\]】]", r";\1:", folded)
    pieces = [piece.split(":") for piece in re.split("[;,/|、]", text.replace("=", ":")) if piece]
    if any(len(piece) != 2 for piece in pieces):
        return Reading(problem="Q09", what="看不出各项是什么；请写作 项目:…;部门:…")
    found = {value for label, value in pieces if fold_header(label) in labels and value not in ABSENT}
    if len(found) > 1:
        return Reading(problem="Q09", what="同一项写了两个值")
    return Reading(found.pop()) if found else NOTHING
