"""Read the text of a cell as the type of its column. Whatever cannot be read is a problem with a code, never a silent null.

It parses each distinct text once; where the text stands in a file is unknown here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from ledgers.amounts import in_yuan, read_amount
from ledgers.fold import fold, one_dot
from ledgers.kinds import Column
from ledgers.rates import read_percents
from ledgers.readings import ABSENT as ABSENT
from ledgers.readings import Reading as Reading
from ledgers.readings import read_nothing

LAST_YEAR = 2049  # a later year is a slip of the pen; two digits beyond it belong to the last century
SERIAL_EPOCH = date(1899, 12, 30)  # Excel's 1900 system, serial 61 and later


def read_texts(column: Column, texts: Iterable[str], factor: Decimal = Decimal(1)) -> dict[str, Reading]:
    """Read every distinct text of one column; amounts come out in yuan, `factor` being the unit of the column.

    Percentages are read together: whether 0.97 means 97 % depends on its neighbours.
    """
    if column.type == "percent":
        return read_percents(texts)
    if column.type == "amount":
        return {text: in_yuan(read_text(column, text), factor) for text in texts}
    return {text: read_text(column, text) for text in texts}


def read_text(column: Column, text: str) -> Reading:
    """Read one text as the column's type.

    >>> read_text(Column(type="amount", zh="金额", en="amount"), "１，５００元").value
    '1500'
    """
    if column.type in ("amount", "date") and _TWO_NUMBERS.search(_HOUR.sub("", unicodedata.normalize("NFKC", text))):
        return Reading(problem="Q03" if column.type == "date" else "Q04", what="一格中有两个数")
    # The hour goes before white space does: 2021-1-1 12:30 must not become the 11th.
    folded = fold(_HOUR.sub("", unicodedata.normalize("NFKC", text)) if column.type == "date" else text)
    if column.type == "flag":
        return _read_flag(folded)
    if (nothing := read_nothing(folded)) and folded not in column.aliases:  # 无 may be a code: no model worker at all
        return nothing
    if column.type == "code":
        return _read_code(column, folded)
    return _READERS[column.type](folded)


def _read_code(column: Column, folded: str) -> Reading:
    code = column.aliases.get(folded)
    if code is None:
        return Reading(problem="Q09", what=f"未识别的取值；可用：{'、'.join(column.codes)}")
    return Reading(code)


_FLAGS = {"是": "true", "有": "true", "y": "true", "yes": "true", "true": "true", "1": "true", "√": "true", "违规": "true"}
_FLAGS |= {"否": "false", "无": "false", "n": "false", "no": "false", "false": "false", "0": "false", "不违规": "false"}


def _read_flag(folded: str) -> Reading:
    if folded.lower() in _FLAGS:
        return Reading(_FLAGS[folded.lower()])
    if nothing := read_nothing(folded):
        return nothing._replace(what="占位或遮蔽内容，是否未知") if nothing.problem == "Q02" else nothing
    return Reading(problem="Q09", what="未识别的取值；可用：是、否")


def _read_plain(folded: str) -> Reading:
    return Reading(folded)


# A single X stands for a character unless it belongs to a word in Latin letters: 张X, not Alex.
_MASKED_NAME = re.compile(r"[*×某○●□■?\ufffd]|[Xx]{2,}|(?<![A-Za-z])[Xx](?![A-Za-z])")


_SEVERAL = re.compile(r"等[0-9一二三四五六七八九十百两几多]+[人名户]\Z")


def _read_name(folded: str) -> Reading:
    if _MASKED_NAME.search(folded) and not _SEVERAL.search(folded):  # of several persons, the first need not be known
        return Reading(problem="Q02", what="姓名被遮蔽")
    return Reading(one_dot(folded))


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_digit(body: str) -> str:
    """Compute the check digit of a 17-digit body (GB 11643-1999).

    >>> check_digit("99000019800101001")
    '2'
    """
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


# Of a passport or another paper: what has fewer digits is a word, what has more a resident's number mistyped.
FEWEST_DIGITS, MOST_DIGITS = 5, 12
_AROUND_NUMBER = re.compile(r"\A(?:ID|NO|身份证号?码?)[:.]?|\([^()]*\)\Z|\.0\Z")  # before or behind a number, and no part of it


def _read_identity(folded: str) -> Reading:
    number = re.sub("[-–—]", "", _AROUND_NUMBER.sub("", folded.lstrip("'`").upper()))
    if "*" in number or re.search(r"X{2,}|×", number):
        return Reading(problem="Q02", what="证件号码被遮蔽")
    if re.match(r"[0-9.]+E\+?[0-9]+\Z", number):
        return Reading(problem="Q07", what="证件号码被存为数值，末位已丢失")
    if re.match(r"[0-9]{17}[0-9X]\Z", number):
        if number.endswith("000") and check_digit(number[:17]) != number[17]:
            return Reading(problem="Q07", what="证件号码末三位为 000，疑似以数值保存而丢失")
        return Reading(number)
    if re.match(r"[0-9]{15}\Z", number):
        body = f"{number[:6]}19{number[6:]}"
        return Reading(body + check_digit(body))
    if number.isdigit() or re.match(r"[0-9]+X\Z", number):
        return Reading(problem="Q07", what=f"证件号码为 {len(number)} 位，应为 15 或 18 位")
    digits = len(re.findall("[0-9]", number))
    if digits < FEWEST_DIGITS:
        return Reading(problem="Q07", what="不是证件号码")
    if digits > MOST_DIGITS:
        return Reading(problem="Q07", what="证件号码中夹有其他字符，疑为录入错误")
    return Reading(number)


def _read_account(folded: str) -> Reading:
    number = re.sub("[-']", "", folded)
    if "*" in number or re.search(r"[Xx×]{2,}", number):
        return Reading(problem="Q02", what="账号被遮蔽")
    if re.match(r"[0-9.]+[Ee]\+?[0-9]+\Z", number):
        return Reading(problem="Q07", what="账号被存为数值，末位已丢失")
    return Reading(number)


_DIGITS = {
    digit: number
    for number, digits in enumerate(("〇○零", "一壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for digit in digits
}
_CHINESE = "".join(_DIGITS) + "十廿"
_TWO_NUMBERS = re.compile(r"[0-9]\s+[0-9]")
_HOUR = re.compile(r"(?<=[0-9日])[T\s]\s*[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\s*\Z")
_DAY = re.compile(r"([0-9]{4}|[1-9][0-9](?=[.年]))[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?\Z")  # 12/1/20 may be any day
_MONTH = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})月?\Z")
_YEAR = re.compile(r"([0-9]{4})年度?\Z")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})\Z")
_SERIAL = re.compile(r"([2-6][0-9]{4})(\.[0-9]+)?\Z")
_REPUBLIC = re.compile(r"民国([0-9]{1,3})年")
_HAN_DATE = re.compile(rf"[{_CHINESE}]{{4}}年(?:[{_CHINESE}]{{1,3}}月(?:[{_CHINESE}]{{1,3}}日)?)?\Z")


def _han_number(text: str) -> str:
    """Write a Chinese day, month or year in digits.

    >>> _han_number("二〇二一"), _han_number("十二"), _han_number("二十")
    ('2021', '12', '20')
    """
    if "十" in text or "廿" in text:
        text = text.replace("廿", "二十")
        tens, _, ones = text.partition("十")
        return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))
    return "".join(str(_DIGITS[character]) for character in text)


def from_1904(text: str) -> str:
    """Write a number of days since 1 January 1904 as a day, and leave any other text.

    >>> from_1904("42768"), from_1904("2021.2.3")
    ('2021-02-03', '2021.2.3')
    """
    match = _SERIAL.match(text.strip())
    return (date(1904, 1, 1) + timedelta(days=int(match[1]))).isoformat() if match else text


def _read_date(folded: str) -> Reading:
    text = _REPUBLIC.sub(lambda match: f"{int(match[1]) + 1911}年", folded)
    if _HAN_DATE.match(text):
        text = re.sub(f"[{_CHINESE}]+", lambda match: _han_number(match[0]), text)
    try:
        if match := _DAY.match(text) or _COMPACT.match(text):
            year = int(match[1]) if len(match[1]) == 4 else int(match[1]) + (2000 if int(match[1]) <= LAST_YEAR % 100 else 1900)
            return _days(date(year, int(match[2]), int(match[3])))
        if match := _MONTH.match(text):
            return _days(date(int(match[1]), int(match[2]), 1), months=1)
        if match := _YEAR.match(text):
            return _days(date(int(match[1]), 1, 1), months=12)
        if match := _SERIAL.match(text):
            return _days(SERIAL_EPOCH + timedelta(days=int(match[1])))
    except ValueError:
        return Reading(problem="Q03", what="日历上没有这一天")
    return Reading(problem="Q03", what="无法识别的日期")


def _days(first: date, months: int = 0) -> Reading:
    if not 1901 <= first.year <= LAST_YEAR:
        return Reading(problem="Q03", what="年份不合常理，疑为录入错误")
    last = first
    if months:
        beyond = first.month - 1 + months
        last = date(first.year + beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1)
    return Reading(first.isoformat(), last.isoformat())


def _read_year(folded: str) -> Reading:
    match = re.match(r"((?:19|20)[0-9]{2})(?:\.0)?(年度?)?\Z", folded)
    return Reading(match[1]) if match else Reading(problem="Q03", what="无法识别的年度")


_INTEGER = re.compile(r"(-?(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12}))(?:\.0+)?[人户次名个月]?\Z")


def _read_integer(folded: str) -> Reading:
    match = _INTEGER.match(folded)
    return Reading(match[1].replace(",", "")) if match else Reading(problem="Q04", what="无法识别的整数")


_READERS = {
    "text": _read_plain,
    "name": _read_name,
    "identity": _read_identity,
    "account": _read_account,
    "date": _read_date,
    "year": _read_year,
    "integer": _read_integer,
    "amount": read_amount,
}
