"""Read amounts of money: figures with commas and units, written-out capitals, or both where they agree.

An amount has one meaning or is a problem: what is approximate, contradictory, too fine or absurd never becomes a value.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ledgers.readings import Reading

MOST_IN_TEN_THOUSANDS = Decimal(10) ** 9  # yuan; one cell of a union's ledger above this is a mistaken unit
TOO_MUCH = 10**13  # yuan: from here on nothing is read, in whatever form it comes
LONGEST = 80  # characters; nobody writes an amount longer than this

_UNITS = {"": None, "元": Decimal(1), "圆": Decimal(1), "万元": Decimal(10000), "万": Decimal(10000), "千元": Decimal(1000)}
_UNITS |= {
    "千": Decimal(1000),
    "百": Decimal(100),
    "百万": Decimal(1000000),
    "百万元": Decimal(1000000),
    "百元": Decimal(100),
    "亿元": Decimal(100000000),
    "亿": Decimal(100000000),
    "块": Decimal(1),
    "块钱": Decimal(1),
}
# Digits are bounded so that no decimal is ever rounded to the precision of the context.
_FIGURE = re.compile(
    r"[¥￥]?([-+]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})(?:\.[0-9]{1,12})?(?:[eE][-+]?[0-9]{1,2})?)([元圆万千百亿]*|块钱?)[整正]?\Z"
)
# 1万500元, 500元5角: what is written in parts has each of them once and in order.
_IN_PARTS = re.compile(
    r"(?:([0-9]{1,4})万)?(?:([0-9])千)?([0-9]{3,9}|(?<![万千])[0-9]{1,2}|(?<=[万千]))[元圆块](?:([0-9])角)?(?:([0-9])分)?[整正]?\Z"
)
_MOBILE = re.compile(r"1[3-9][0-9]{9}(?:\.0+)?")
_CURRENCY = re.compile(r"\A(?:人民币|RMB|CNY):?", re.IGNORECASE)
_LABEL = re.compile(r"\A(?:大写|小写)[:为]?")
_BOTH = re.compile(r"([^()]+)\(([^()]+)\)\Z")
_BESIDE = re.compile(r"([^()/,;]+)[/,;]?大写[:为]?([^()]+)\Z")
_REVERSAL = "冲销|冲正|冲回|冲减|红字|红冲|退回"
_REVERSED = re.compile(rf"(-[^()]+)(?:\((?:{_REVERSAL})[^()]*\)|(?:{_REVERSAL}))\Z")
_RED = re.compile(r"红字:?(-?[^-()]+|\([^-()]+\))\Z|([^-()]+)\(红字\)\Z|\(([^-()]+)\)元?\Z|\A[△▲]([^-()]+)\Z")
_UNSIGNED_REVERSAL = re.compile(_REVERSAL)
_APPROXIMATE = re.compile("大?[约近]|将近|[几数]|.*[余多][万元]*$|.*(?:左右|上下|以[上下内]|不等)|不[到足]|超过|至少|[~≈]")

_FACES = {face: number for number, face in enumerate("零壹贰叁肆伍陆柒捌玖")}
_ONE_FORM = str.maketrans(
    {**dict(zip("〇○一二三四五六七八九两十百千", "零零壹贰叁肆伍陆柒捌玖贰拾佰仟", strict=True)), "参": "叁", "弎": "叁", "弍": "贰", "弐": "贰", "貮": "贰",
     "廿": "贰拾", "卅": "叁拾", "卌": "肆拾"}
)  # fmt: skip
_FACE, _SECTION = "([壹贰叁肆伍陆柒捌玖])", "[零壹贰叁肆伍陆柒捌玖拾佰仟]"
_CAPITAL = re.compile(
    rf"(?:人民币)?(?:({_SECTION}+)亿)?(?:({_SECTION}+)万)?({_SECTION}*)[元圆]"
    rf"(?:零?([零壹贰叁肆伍陆柒捌玖])角)?(?:零?{_FACE}分)?[整正]?\Z"
)
_FOUR_PLACES = re.compile(f"(?:零?{_FACE}仟)?(?:零?{_FACE}佰)?(?:零?([壹贰叁肆伍陆柒捌玖]?)拾)?(?:(零?){_FACE})?零?\\Z")


_THREE_PLACES = re.compile(r"\A-?[0-9]{1,3}\.[0-9]{3}\Z")


def in_yuan(reading: Reading, factor: Decimal, most: Decimal = MOST_IN_TEN_THOUSANDS) -> Reading:
    """Bring an amount to yuan. A unit in the cell beats the unit of the column, unless the two contradict each other.

    Shapes:  what is `most` in the unit of a column is more than such a column holds: 500 below 金额（万元） was meant in yuan.
    """
    if reading.value is None:
        return reading
    if reading.also == "1" and factor != 1:
        return Reading(problem="Q06", what="单元格写明元，而表头或标题写明另一单位")
    if factor == 1 and _THREE_PLACES.search(reading.value) and reading.also in (None, "1"):
        return Reading(problem="Q04", what="小数有三位，可能是千分位写成了小数点")
    number = Decimal(reading.value) * (factor if reading.also is None else 1)
    if factor > 1 and abs(number) >= (min(most, MOST_IN_TEN_THOUSANDS) if reading.also is None else MOST_IN_TEN_THOUSANDS):
        return Reading(problem="Q06", what="按表头单位换算后数额不合常理，疑为单位写错")
    if abs(number) >= TOO_MUCH:
        return Reading(problem="Q04", what="金额过大，超出可处理范围")
    if number != round(number, 2):
        return Reading(problem="Q04", what="金额精确到分以下")
    return Reading(format(round(number, 2), "f"))


def read_amount(folded: str) -> Reading:
    """Read an amount in its own unit.

    >>> read_amount("27.65万元")[:2], read_amount("壹亿贰仟万元整").value
    (('276500.00', '10000'), '120000000')
    """
    if len(folded) > LONGEST:
        return Reading(problem="Q04", what="无法识别的金额")
    text = _CURRENCY.sub("", folded.lstrip("'`"))
    if reversed_ := _REVERSED.match(text):
        return _read_figure(reversed_[1])
    if red := _RED.match(text):
        return _negative(next(found for found in red.groups() if found).strip("()"))
    if both := _BOTH.match(text) or _BESIDE.match(text):
        return _read_both(both[1], both[2])
    text = _LABEL.sub("", text)
    capital = _read_capital(text)
    if capital is not None:
        return Reading(format(capital, "f"), "1")
    if _APPROXIMATE.match(text):
        return Reading(problem="Q04", what="约数，不是确定金额")
    if _UNSIGNED_REVERSAL.search(text):
        return Reading(problem="Q04", what="写有冲销、红字或退回而没有负号，正负不明")
    return _read_figure(text)


def _negative(text: str) -> Reading:
    """Read a figure in red ink or in brackets, which bookkeepers write for a minus."""
    read = _read_figure(text)
    return read if read.value is None or read.value.startswith("-") else read._replace(value=f"-{read.value}")


def _read_both(one: str, other: str) -> Reading:
    """Read a figure beside its capitals, in either order; as the capitals say yuan, so does the figure."""
    labelled, one, other = "大写" in one + other, _LABEL.sub("", one), _LABEL.sub("", other)
    figure, capital = (one, other) if _read_capital(one) is None else (other, one)
    read, written = _read_figure(_CURRENCY.sub("", figure)), _read_capital(capital)
    if read.value is None or written is None:
        return Reading(problem="Q04", what="大写金额无法识别" if read.value and labelled else "无法识别的金额")
    if Decimal(read.value) != written:
        return Reading(problem="Q04", what="小写与大写金额不一致")
    return read._replace(also=read.also or "1")


def _read_figure(folded: str) -> Reading:
    match = _FIGURE.match(folded)
    if not match or match[2] not in _UNITS:
        return _read_parts(folded)
    number, factor = Decimal(match[1].replace(",", "")), _UNITS[match[2]]
    if abs(number) >= TOO_MUCH:
        return Reading(problem="Q04", what="金额过大，超出可处理范围")
    if factor is None and _MOBILE.fullmatch(match[1]):
        return Reading(problem="Q04", what="像手机号码，不像金额")
    return Reading(format(number, "f"), None) if factor is None else Reading(format(number * factor, "f"), str(factor))


def _read_parts(folded: str) -> Reading:
    match = _IN_PARTS.match(folded)
    if match is None:
        return Reading(problem="Q04", what="无法识别的金额")
    ten_thousands, thousands, yuan, jiao, fen = (int(part or 0) for part in match.groups())
    below = 1000 * thousands + yuan
    if (match[2] and yuan >= 1000) or (match[1] and below >= 10000):
        return Reading(problem="Q04", what="无法识别的金额")
    return Reading(format(10000 * ten_thousands + below + Decimal(10 * jiao + fen) / 100, "f"), "1")


def _read_capital(folded: str) -> Decimal | None:
    """Read a written-out amount: 壹仟贰佰叁拾肆元伍角 is 1234.5. None where it is none, or not in order."""
    match = _CAPITAL.match(folded.translate(_ONE_FORM))
    if match is None:
        return None
    whole = 0
    if match[1] or match[2] or match[3] != "零":
        for text, unit in ((match[1], 10**8), (match[2], 10**4), (match[3] or None, 1)):
            section = _four_places(text) if text else 0
            if text and not section:
                return None
            whole += (section or 0) * unit
        if not whole:
            return None
    cents = Decimal(_FACES[match[4] or "零"]) / 10 + Decimal(_FACES[match[5] or "零"]) / 100
    return whole + cents


def _four_places(text: str) -> int | None:
    """Read the four places below 万, each once and in order. A bare digit after 仟 or 佰 without 零 may mean either place.

    >>> _four_places("壹仟零伍"), _four_places("拾"), _four_places("壹仟伍"), _four_places("伍佰伍佰")
    (1005, 10, None, None)
    """
    match = _FOUR_PLACES.match(text)
    if match is None:
        return None
    thousands, hundreds, tens, gap, ones = match.groups()
    if ones and not gap and tens is None and (thousands or hundreds):
        return None
    ten = 0 if tens is None else _FACES[tens or "壹"]
    return 1000 * _FACES[thousands or "零"] + 100 * _FACES[hundreds or "零"] + 10 * ten + _FACES[ones or "零"]
