"""Read the text of a cell as the type of its column. Whatever cannot be read is a problem with a code, never a silent null.

It parses each distinct text once; where the text stands in a file is unknown here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from ledgers.fold import fold, fold_name
from ledgers.kinds import Column

ABSENT = frozenset({"", "-", "--", "—", "——", "–", "/", "\\", "无", "None", "nan", "NaN", "NaT", "null", "NULL"})
_MASK = re.compile(
    r"(约|近)?[Xx×*某]+(-[Xx×*]+)?(多|余)?(万|千|百|亿)?(元|户|人|月|年|日|名|个|次)*\Z|待定\Z|待补\Z|待核实\Z|保密\Z"
)
_FORMULA_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|NOVALUE!)\Z")
SERIAL_EPOCH = date(1899, 12, 30)  # Excel's 1900 system, serial 61 and later


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


def read_texts(column: Column, texts: Iterable[str], factor: Decimal = Decimal(1)) -> dict[str, Reading]:
    """Read every distinct text of one column; amounts come out in yuan, `factor` being the unit of the column.

    Percentages are read together: whether 0.97 means 97 % depends on its neighbours.
    """
    if column.type == "percent":
        return _read_percents(set(texts))
    if column.type == "amount":
        return {text: _in_yuan(read_text(column, text), factor) for text in texts}
    return {text: read_text(column, text) for text in texts}


MOST_IN_TEN_THOUSANDS = Decimal(10) ** 9  # yuan; one cell of a union's ledger above this is a mistaken unit


def _in_yuan(reading: Reading, factor: Decimal) -> Reading:
    """Bring an amount to yuan. A unit in the cell beats the unit of the column, unless the two contradict each other."""
    if reading.value is None:
        return reading
    if reading.also == "1" and factor != 1:
        return Reading(problem="Q06", what="单元格写明元，而表头或标题写明另一单位")
    number = Decimal(reading.value) * (factor if reading.also is None else 1)
    if factor != 1 and abs(number) >= MOST_IN_TEN_THOUSANDS:
        return Reading(problem="Q06", what="按表头单位换算后数额不合常理，疑为单位写错")
    if number != round(number, 2):
        return Reading(problem="Q04", what="金额精确到分以下")
    if abs(number) >= Decimal(10) ** 15:
        return Reading(problem="Q04", what="金额过大，超出可处理范围")
    return Reading(format(round(number, 2), "f"))


def read_text(column: Column, text: str) -> Reading:
    """Read one text as the column's type.

    >>> read_text(Column(type="amount", zh="金额", en="amount"), "１，５００元").value
    '1500'
    """
    # The hour goes before white space does: 2021-1-1 12:30 must not become the 11th.
    folded = fold(_HOUR.sub("", unicodedata.normalize("NFKC", text)) if column.type == "date" else text)
    if _FORMULA_ERROR.match(folded):
        return Reading(problem="Q10", what=f"公式错误值或无缓存结果 {folded}")
    if column.type == "flag":
        return _read_flag(folded)
    if folded in ABSENT:
        return NOTHING
    if _MASK.match(folded):
        return Reading(problem="Q02", what="占位或遮蔽内容，数值未知")
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
    if folded in ABSENT:
        return NOTHING
    if _MASK.match(folded):
        return Reading(problem="Q02", what="占位或遮蔽内容，是否未知")
    return Reading(problem="Q09", what="未识别的取值；可用：是、否")


def _read_plain(folded: str) -> Reading:
    return Reading(folded)


def _read_name(folded: str) -> Reading:
    if re.search(r"[*×某]|[Xx]{2,}", folded):
        return Reading(problem="Q02", what="姓名被遮蔽")
    return Reading(fold_name(folded))


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_digit(body: str) -> str:
    """Compute the check digit of a 17-digit body (GB 11643-1999).

    >>> check_digit("99000019800101001")
    '2'
    """
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def _read_identity(folded: str) -> Reading:
    number = folded.lstrip("'`").upper()
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
_HOUR = re.compile(r"(?<=[0-9日])[T\s]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*\Z")
_DAY = re.compile(r"(\d{4}|\d{2})[-./年](\d{1,2})[-./月](\d{1,2})日?\Z")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?\Z")
_YEAR = re.compile(r"(\d{4})年度?\Z")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})\Z")
_SERIAL = re.compile(r"([2-6]\d{4})(\.\d+)?\Z")
_REPUBLIC = re.compile(r"民国(\d{1,3})年")
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


def _read_date(folded: str) -> Reading:
    text = _REPUBLIC.sub(lambda match: f"{int(match[1]) + 1911}年", folded)
    if _HAN_DATE.match(text):
        text = re.sub(f"[{_CHINESE}]+", lambda match: _han_number(match[0]), text)
    try:
        if match := _DAY.match(text) or _COMPACT.match(text):
            year = int(match[1]) if len(match[1]) == 4 else 2000 + int(match[1])
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
    if first.year < 1901:
        return Reading(problem="Q03", what="无法识别的日期")
    last = first
    if months:
        beyond = first.month - 1 + months
        last = date(first.year + beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1)
    return Reading(first.isoformat(), last.isoformat())


def _read_year(folded: str) -> Reading:
    match = re.match(r"((?:19|20)\d{2})(?:\.0)?(年度?)?\Z", folded)
    return Reading(match[1]) if match else Reading(problem="Q03", what="无法识别的年度")


def _read_integer(folded: str) -> Reading:
    match = re.match(r"(-?\d{1,12})(?:\.0+)?[人户次名个月]?\Z", folded.replace(",", ""))
    return Reading(match[1]) if match else Reading(problem="Q04", what="无法识别的整数")


_UNITS = {"": None, "元": Decimal(1), "圆": Decimal(1), "万元": Decimal(10000), "万": Decimal(10000), "千元": Decimal(1000)}
_UNITS |= {"百元": Decimal(100), "亿元": Decimal(100000000), "亿": Decimal(100000000)}
_FIGURE = re.compile(r"[¥￥]?([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?)([元圆万千百亿]*)整?\Z")
_CAPITAL = re.compile(
    r"(?:人民币)?([零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+)[元圆](?:([零壹贰叁肆伍陆柒捌玖])角)?零?(?:([零壹贰叁肆伍陆柒捌玖])分)?整?\Z"
)
_BOTH = re.compile(r"(.+)\(((?:人民币)?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+[元圆].*)\)\Z")


def _capital_value(match: re.Match[str]) -> Decimal:
    """Read a written-out amount: 壹仟贰佰叁拾肆元伍角 is 1234.5."""
    total = section = digit = 0
    for character in match[1]:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in "拾佰仟":
            section += (digit or 1) * {"拾": 10, "佰": 100, "仟": 1000}[character]
            digit = 0
        else:
            total = (total + section + digit) * {"万": 10000, "亿": 100000000}[character]
            section = digit = 0
    cents = Decimal(_DIGITS[match[2]] if match[2] else 0) / 10 + Decimal(_DIGITS[match[3]] if match[3] else 0) / 100
    return Decimal(total + section + digit) + cents


def _read_amount(folded: str) -> Reading:
    if both := _BOTH.match(folded):
        figure, capital = _read_amount(both[1]), _read_amount(both[2])
        if not figure.problem and figure.value is not None and Decimal(figure.value) == Decimal(capital.value or "-1"):
            return figure
        return Reading(problem="Q04", what="小写与大写金额不一致")
    if match := _CAPITAL.match(folded):
        return Reading(format(_capital_value(match), "f"), "1")
    if re.match("[约近]|.*[余多][万元]*$", folded):
        return Reading(problem="Q04", what="约数，不是确定金额")
    match_figure = _FIGURE.match(folded)
    if not match_figure or match_figure[2] not in _UNITS:
        return Reading(problem="Q04", what="无法识别的金额")
    try:
        number = Decimal(match_figure[1].replace(",", ""))
    except InvalidOperation:
        return Reading(problem="Q04", what="无法识别的金额")
    if abs(number) >= Decimal(10) ** 13:
        return Reading(problem="Q04", what="金额过大，超出可处理范围")
    factor = _UNITS[match_figure[2]]
    return Reading(format(number if factor is None else number * factor, "f"), None if factor is None else str(factor))


def _read_percents(texts: set[str]) -> dict[str, Reading]:
    """Read a column of rates as percent, with the unit of the last printed digit.

    A rate with % is what it says. Rates without % are fractions if none of them exceeds 1, percent if all exceed 2;
    between, nobody can tell 1.02 from 102 %.
    """
    readings: dict[str, Reading] = {}
    bare: dict[str, Decimal] = {}
    for text in texts:
        folded = fold(text)
        match = re.match(r"(-?\d+(?:\.\d+)?)(%?)\Z", folded)
        if folded in ABSENT:
            readings[text] = NOTHING
        elif _FORMULA_ERROR.match(folded):
            readings[text] = Reading(problem="Q10", what=f"公式错误值或无缓存结果 {folded}")
        elif _MASK.match(folded):
            readings[text] = Reading(problem="Q02", what="占位或遮蔽内容，数值未知")
        elif match is None or len(match[1]) > 14:
            readings[text] = Reading(problem="Q04", what="无法识别的比率")
        elif match[2]:
            readings[text] = _percent(Decimal(match[1]))
        else:
            bare[text] = Decimal(match[1])
    fractions = all(number <= 1 for number in bare.values())
    for text, number in bare.items():
        if fractions:
            readings[text] = _percent(number.scaleb(2))
        elif number > 2 or all(number > 2 for number in bare.values()):
            readings[text] = _percent(number)
        else:
            readings[text] = Reading(problem="Q06", what="无法判断是百分数还是小数，请写明 %")
    return readings


def _percent(number: Decimal) -> Reading:
    exponent = number.as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return Reading(format(number, "f"), format(Decimal(1).scaleb(-decimals), "f"))


_READERS = {
    "text": _read_plain,
    "name": _read_name,
    "identity": _read_identity,
    "account": _read_account,
    "date": _read_date,
    "year": _read_year,
    "integer": _read_integer,
    "amount": _read_amount,
}
