"""Read days, months and the two days of a period out of folded text. What the calendar does not hold is a problem, never a guess.

A day without its year takes the year of its title or file, where there is just one and the month leaves no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from ledgers.fold import fold
from ledgers.readings import Reading

LAST_YEAR = 2049  # a later year is a slip of the pen; two digits beyond it belong to the last century
SURE = 30  # two digits up to it belong to this one; between, as 38.5.6, nobody can tell
SERIAL_EPOCH = date(1899, 12, 30)  # Excel's 1900 system, serial 61 and later


CENTURY = "年份只写两位，分不清是哪个世纪"
_BORN = re.compile("(?:2[1-9]|30)[.年]")  # in two digits, the year of a child or of somebody very old
_TENTH = re.compile(r"([0-9]{4}[.])([0-9]{1,2})\Z")


class Year(NamedTuple):
    """Say which year a title or the name of a file gives to days without one, and in which months no other is meant."""

    year: int
    first: int = 1
    last: int = 12


_DIGITS = {
    digit: number
    for number, digits in enumerate(("〇○零", "一壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for digit in digits
}
_HAN = "".join(_DIGITS)
_DAY = re.compile(
    r"([0-9]{4}|[1-9][0-9](?=[.年]))([-./、,年])([0-9]{1,2})([-./、,月])([0-9]{1,2})日?\Z"
)  # 12/1/20 may be any day
_SEVERAL = "-、,"  # 2021.1-2 are two months
_MONTH = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})(?:月份?)?(?:([上中下])旬)?\Z")
_YEAR = re.compile(r"([0-9]{4})年度?(?:([上下])半年|第?([1-4])季度)?\Z")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:\.0)?\Z")
_SERIAL = re.compile(r"([2-6][0-9]{4})(\.[0-9]+)?\Z")
_NO_YEAR = re.compile(r"([0-9]{1,2})月([0-9]{1,2})日?\Z")
_REPUBLIC = re.compile(r"(?:中华)?民国([0-9]{1,3})[年./](?=[0-9]|\Z)")
_WEEKDAY = re.compile(r"\(?(?:星期|礼拜|周)[一二三四五六日天]\)?\Z")
_HAN_NUMBER = re.compile(rf"(?:([{_HAN}]?)百)?[〇○零]?(?:([{_HAN}]?)十([{_HAN}]?)|([{_HAN}]))?")


def _han_number(text: str) -> str:
    """Write a Chinese year, month or day in digits.

    >>> _han_number("二〇二一"), _han_number("十二"), _han_number("二十"), _han_number("一百一十"), _han_number("卅")
    ('2021', '12', '20', '110', '30')

    Raises:  ValueError if it is no number.
    """
    if re.fullmatch(f"[{_HAN}]+", text):
        return "".join(str(_DIGITS[character]) for character in text)
    match = _HAN_NUMBER.fullmatch(text.replace("拾", "十").replace("廿", "二十").replace("卅", "三十"))
    if match is None:
        raise ValueError(f"{text} is no number")
    hundreds, tens, ones, bare = match.groups()
    count = 0 if hundreds is None else _DIGITS[hundreds or "一"] * 100
    count += 0 if tens is None else _DIGITS[tens or "一"] * 10
    return str(count + _DIGITS[ones or bare or "零"])


def from_1904(text: str) -> str:
    """Write a number of days since 1 January 1904 as a day, and leave any other text.

    >>> from_1904("42768"), from_1904("2021.2.3")
    ('2021-02-03', '2021.2.3')
    """
    match = _SERIAL.match(text.strip())
    return (date(1904, 1, 1) + timedelta(days=int(match[1]))).isoformat() if match else text


_MONEY = "(?![0-9]|[余多]?元(?![旦宵月]))"  # 2030元 is no year, 2021元旦 is one
_TITLE_YEAR = re.compile(rf"(?<![0-9.])(20[0-4][0-9]){_MONEY}(?:\s*[-~至、/]\s*(20[0-4][0-9])(?![0-9]))?")
# The number of a document says when it was issued, its title when it was made; what has been so since a year is of any later one.
_OF_ANOTHER = re.compile(
    "[〔\\[(【]20[0-4][0-9][〕\\])】]第?[0-9]{1,5}号|[发字函办]20[0-4][0-9][-年]?第?[〔\\[(【]?[0-9]{1,5}[〕\\])】]?号|《[^》]*(?:办法|规定|通知|意见|条例|细则|制度)》|20[0-4][0-9]年(?:度|[0-9]{1,2}月)?以来"
    "|(?:依据|根据|按照?|参照|执行)20[0-4][0-9]年度?[^0-9]{0,6}(?:标准|办法|文件|规定)"
)
_LATE = re.compile(
    "(?<![-—~至到、第])第?[四4]季度|(?<!上半年[、和及与])下半年|(?<!截至20[0-9][0-9])(?<!截止20[0-9][0-9])年[终末]|1[01]月?[-—~至到、]1[12]月"
)  # a day of January may lie in the year after it
# and one of December in the year before it.
_EARLY = re.compile(
    "(?<![-—~至到、])第?[一1]季度(?![-—~至到、和及与])|上半年(?![-—~至到、和及与])|(?<![0-9])0?1月?[-—~至到][36]月"
)
_UNTIL = re.compile("截[至止](20[0-4][0-9])年(1[0-2]|0?[1-9])月(?![0-9])")
_SCHOOL_YEAR = re.compile("(?<![小中大])学年(?![终会底])")  # half of one lies in the next year
_FULL_DAY = re.compile(  # on which a list was filled in, or its file written
    r"(?:(?:填报|填表|填写|制表|编制|报送|上报|打印|导出|日期|时间|截至|截止)[^0-9]{0,6}|(?=20[0-9]{2}[-._]))(?<![0-9.])(20[0-4][0-9])[-年./_]"
    r"(0?[1-9]|1[0-2])[-月./_](?:0?[1-9]|[12][0-9]|3[01])(?![0-9月]|日?[-~—至到])"
)
_TITLE_MONTH = re.compile(  # of what was paid, not of when it was written down
    r"(?:\A|[^0-9至到:填制截表报送打印])20[0-4][0-9]年(1[0-2]|0?[1-9])月份?(?=[^0-9:至到填制截报送]*(?:发放|慰问|补贴|补助|津贴|工资|帮扶|救助|困难|名[单册]))"
)
HALF_A_YEAR = 6  # months from that of a title, beyond which a day may be of another year
_FESTIVAL = re.compile("春节|元旦|两节|新春|送温暖|过年")


def find_year(texts: Iterable[str]) -> Year | None:
    """Find the one year that titles and names of files speak of; where they name two, there is none.

    A winter's campaign begins in the year before the one it is called by, or ends in the year after it. What is dated, and says no
    other year, holds no later month of it; what is called by a month holds none that is half a year away.

    >>> find_year(["沅江市2021年春节送温暖慰问金发放花名册"]), find_year(["2020-2021年度"]), find_year(["2020年冬送温暖"])
    (Year(year=2021, first=1, last=9), None, Year(year=2020, first=4, last=9))
    """
    said = [_OF_ANOTHER.sub("", fold(text)) for text in texts]
    dated = [(year, int(month)) for text in said for year, month in (*_FULL_DAY.findall(text), *_UNTIL.findall(text))]
    undated = [_UNTIL.sub("", _FULL_DAY.sub("", text)) for text in said]
    others = {year for text in undated for found in _TITLE_YEAR.findall(text) for year in found if year}
    years = others | {year for year, _ in dated}
    if len(years) != 1 or any(map(_SCHOOL_YEAR.search, said)):
        return None
    early = any(map(_EARLY.search, said))
    winter, festival = any("冬" in text for text in said), any(_FESTIVAL.search(text) for text in said)
    last = 12 if others else max(month for _, month in dated)
    titled = {int(month) for text in said for month in _TITLE_MONTH.findall(text)}
    titled = titled if len(titled) == 1 else set()
    late = any(map(_LATE.search, said))
    first = max(4 if winter or late else 1, max(titled, default=1) - HALF_A_YEAR)
    return Year(
        int(years.pop()), first, min(last, 9 if winter or festival or early else 12, min(titled, default=12) + HALF_A_YEAR)
    )


def read_date(folded: str, year: Year | None = None) -> Reading:
    """Read a day, or a span of days known to the ten days, month, quarter or year.

    >>> read_date("2021年1月5日").value, read_date("2021.2"), read_date("1月5日", Year(2021)).value
    ('2021-01-05', Reading(value='2021-02-01', also='2021-02-28', problem='', what='', remark=''), '2021-01-05')
    """
    try:
        text = _in_digits(folded)
        if match := _COMPACT.match(text):
            return _days(date(int(match[1]), int(match[2]), int(match[3])))
        if match := _DAY.match(text):
            if match[4] in _SEVERAL and match[4] != match[2]:
                return Reading(problem="Q03", what="可能是一个日期，也可能是几个月或几天")
            if len(match[1]) == 2 and SURE < int(match[1]) <= LAST_YEAR % 100:
                return Reading(problem="Q03", what=CENTURY)
            return _days(date(_whole_year(match[1]), int(match[3]), int(match[5])))
        if match := _MONTH.match(text):
            return _part_of_month(date(int(match[1]), int(match[2]), 1), match[3])
        if match := _YEAR.match(text):
            first, months = {"上": (1, 6), "下": (7, 6)}.get(match[2] or "", (1, 12))
            first, months = (int(match[3]) * 3 - 2, 3) if match[3] else (first, months)
            return _days(date(int(match[1]), first, 1), months=months)
        if match := _SERIAL.match(text):
            if match[1] < "20500":  # 20211 is 1955-05-02, or 2021.1 without its point
                return Reading(problem="Q03", what="可能是漏了点的年月，也可能是日期序号")
            return _days(SERIAL_EPOCH + timedelta(days=int(match[1])))
        if match := _NO_YEAR.match(text):
            return _with_year(int(match[1]), int(match[2]), year)
    except ValueError:
        return Reading(problem="Q03", what="日历上没有这一天")
    return Reading(problem="Q03", what="无法识别的日期")


def is_born_in_either_century(folded: str) -> bool:
    """Say whether nobody can tell the century of a day of birth whose year has two digits."""
    return bool(_BORN.match(folded))


def lost_zeros(texts: Iterable[str]) -> set[str]:
    """Give the months of a column that may have lost a zero, as spreadsheets take it from 2021.10 before they write CSV.

    That is where later months of a year stand beside its 2021.1, and 2021.10 does not.

    >>> lost_zeros(["2021.8", "2021.9", "2021.1"]), lost_zeros(["2021.1", "2021.2"]), lost_zeros(["2021.1", "2021.10", "2021.11"])
    ({'2021.1'}, set(), set())
    """
    months = dict[str, dict[str, str]]()
    for text in texts:
        if match := _TENTH.match(text.strip()):
            months.setdefault(match[1], {})[match[2]] = text
    late = [own for own in months.values() if {"8", "9", "11", "12"} & own.keys() and not {"10", "01"} & own.keys()]
    return {own["1"] for own in late if "1" in own}


def _in_digits(folded: str) -> str:
    """Write a date's numbers in digits and its words in one form: 二〇二一年元月五号（星期二） as 2021年1月5日.

    Raises:  ValueError if a number in Chinese is none.
    """
    text = _WEEKDAY.sub("", folded.lstrip("'`")).replace("号", "日").replace("元月", "一月").rstrip(".。")
    text = re.sub(f"[{_HAN}十拾廿卅百]+(?=[年月日季])", lambda match: _han_number(match[0]), text)
    return _REPUBLIC.sub(lambda match: f"{int(match[1]) + 1911}年", text)


def _whole_year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    return int(text) + (2000 if int(text) <= LAST_YEAR % 100 else 1900)


def _with_year(month: int, day: int, year: Year | None) -> Reading:
    if year is None or not year.first <= month <= year.last:
        date(2020, month, day)  # a day that no year has says so first
        return Reading(problem="Q03", what="没有写年份，标题和文件名也不能确定")
    return _days(date(year.year, month, day))._replace(remark="有日期没有写年份，按标题或文件名中的年份读取")


def _part_of_month(first: date, part: str | None) -> Reading:
    whole = _days(first, months=1)
    if part is None or whole.problem or whole.also is None:
        return whole
    start, end = {"上": (1, 10), "中": (11, 20), "下": (21, int(whole.also[-2:]))}[part]
    return Reading(first.replace(day=start).isoformat(), first.replace(day=end).isoformat())


def _days(first: date, months: int = 0) -> Reading:
    if not 1901 <= first.year <= LAST_YEAR:
        return Reading(problem="Q03", what="年份不合常理，疑为录入错误")
    last = first
    if months:
        beyond = first.month - 1 + months
        last = date(first.year + beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1)
    return Reading(first.isoformat(), last.isoformat())
