"""Read a period that stands in one cell, such as 2021.1.25-1.27（3天）: its first day, its last day, the days that are stated."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from ledgers.dates import Year, read_date
from ledgers.kinds import Part
from ledgers.readings import NOTHING, Reading

_BEFORE = re.compile(r"\A(?:公示|张贴|时间|日期|期限|期|为|自|从|由|:)+")
_STATED = re.compile(
    r"[,;、]?\(?(?:公示|共计|共|计|为期|期限|历时|为|满|不少于)*:?([0-9]{1,3}|[一二两三四五六七八九十]{1,2})(天|个?工作日|日(?=\)))\)?\Z"
)
_HAN_DAYS = {"两": 2, **{digit: number for number, digit in enumerate("一二三四五六七八九十", start=1)}}
_BETWEEN = re.compile(r"起?(?:-{2,}|[—–~至到]+)")
_NUMBER = "([0-9]{1,2})"
_YEAR_WRITTEN = re.compile(
    "[0-9]{4}|(?<![0-9])[0-9]{2}([-./])[0-9]{1,2}\\1[0-9]{1,2}|[0-9]{2}年|[〇○零一二三四五六七八九]{2,4}年"
)
_DAY_ONLY = re.compile(rf"{_NUMBER}日?\Z")
_MONTH_DAY = re.compile(rf"{_NUMBER}[./月]{_NUMBER}日?\Z")


class Period(NamedTuple):
    """Hold the two days of a period, and how many days are stated beside or instead of them."""

    first: Reading
    last: Reading
    stated: int | None


def read_part(folded: str, part: Part, year: Year | None = None) -> Reading:
    """Read one part of a period; where only a number of days is stated, its days are absent.

    >>> read_part("2021.1.25-1.27", "last").value, read_part("公示3天", "days").value, read_part("公示3天", "first")
    ('2021-01-27', '3', Reading(value=None, also=None, problem='', what='', remark=''))
    """
    period = _read_period(folded, year)
    if isinstance(period, Reading):
        return period
    if part == "days":
        return NOTHING if period.stated is None else Reading(str(period.stated))
    return period.first if part == "first" else period.last


def _read_period(folded: str, year: Year | None) -> Period | Reading:
    """Read a period, or the problem it is."""
    text, stated, counted_by = _BEFORE.sub("", folded), None, ""
    if match := _STATED.search(text):
        number = match[1]
        stated, counted_by = (int(number) if number.isdigit() else _HAN_DAYS.get(number, 0)), match[2]
        text = text[: match.start()]
        if not stated:
            return Reading(problem="Q03", what="无法识别的起止日期")
    text = _BEFORE.sub("", re.sub(r"止?(?:公示)?\Z", "", text))
    if not text:
        return Period(NOTHING, NOTHING, stated) if stated else Reading(problem="Q03", what="无法识别的起止日期")
    two = _two_days(text)
    if two is None:
        one = read_date(text, year)
        return Reading(problem="Q03", what="无法识别的起止日期" if one.problem else "只有一个日期，看不出起止")
    first = _complete(two[0], year)
    if first.value is None or first.also != first.value:
        return first if first.problem else Reading(problem="Q03", what="起止日期没有写到日")
    last = _last_day(two[1], date.fromisoformat(first.value))
    if last.value is None or last.also != last.value:
        return last if last.problem else Reading(problem="Q03", what="起止日期没有写到日")
    if not _YEAR_WRITTEN.search(text) and last.value[:4] != first.value[:4]:
        return Reading(problem="Q03", what="起止日期跨年而没有写年份")
    if last.value < first.value:
        return Reading(problem="Q03", what="起止日期前后颠倒")
    return _agreeing(Period(first, last, stated), counted_by)


def _agreeing(period: Period, counted_by: str) -> Period | Reading:
    """Give the period if the days stated are those between its days, the first day counted or not; working days are fewer."""
    if period.stated is None or period.first.value is None or period.last.value is None:
        return period
    between = (date.fromisoformat(period.last.value) - date.fromisoformat(period.first.value)).days
    fits = 0 < period.stated <= between + 1 if "工作" in counted_by else period.stated in (between, between + 1)
    return period if fits else Reading(problem="Q03", what="写明的天数与起止日期不符")


def _two_days(text: str) -> tuple[str, str] | None:
    """Part a period at what stands between its days; a hyphen does only where it does not part day, month and year."""
    parts = _BETWEEN.split(text)
    if len(parts) == 2 and all(parts):
        return parts[0], parts[1]
    hyphened = text.split("-")
    if len(parts) != 1:
        return None
    if len(hyphened) == 2 and (re.search("[./年月]", text) or all(len(each) == 8 for each in hyphened)):
        return hyphened[0], hyphened[1]
    if all(each.isdigit() for each in hyphened) and len(hyphened[0]) == 4 and len(hyphened) in (4, 5, 6):
        last = hyphened[3:]
        return "-".join(hyphened[:3]), last[0] if len(last) == 1 else "月".join(last) if len(last) == 2 else "-".join(last)
    return None


def _complete(text: str, year: Year | None) -> Reading:
    """Read the first day; in a period, 1.25 is a month and a day."""
    match = _MONTH_DAY.match(text)
    return read_date(f"{match[1]}月{match[2]}日" if match else text, year)


def _last_day(text: str, first: date) -> Reading:
    """Read the last day, which may leave out the year and the month of the first; a period turns the year at most once."""
    if match := _DAY_ONLY.match(text):
        return read_date(f"{first.year}-{first.month}-{match[1]}")
    if match := _MONTH_DAY.match(text):
        turned = first.month == 12 and int(match[1]) == 1
        return read_date(f"{first.year + turned}-{match[1]}-{match[2]}")
    return read_date(text)
