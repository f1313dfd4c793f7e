"""Read amounts of money: figures with commas and units, written-out capitals, or both where they agree.

An amount has one meaning or is a problem: what is approximate, contradictory, too fine or absurd never becomes a value.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ledgers.readings import Reading

MOST_IN_TEN_THOUSANDS = Decimal(10) ** 9  # yuan; one cell of a union's ledger above this is a mistaken unit
LONGEST = 80  # characters; nobody writes an amount longer than this

_UNITS = {"": None, "元": Decimal(1), "圆": Decimal(1), "万元": Decimal(10000), "万": Decimal(10000), "千元": Decimal(1000)}
_UNITS |= {"百元": Decimal(100), "亿元": Decimal(100000000), "亿": Decimal(100000000)}
# Digits are bounded so that no decimal is ever rounded to the precision of the context.
_FIGURE = re.compile(
    r"[¥￥]?([-+]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})(?:\.[0-9]{1,12})?(?:[eE][-+]?[0-9]{1,2})?)([元圆万千百亿]*)[整正]?\Z"
)
_BOTH = re.compile(r"([^()]+)\(([^()]+)\)\Z")
_REVERSED = re.compile(r"(-[^()]+)\((?:冲销|冲正|冲回|冲减|红字|退回)[^()]*\)\Z")
_APPROXIMATE = re.compile("[约近]|.*[余多][万元]*$")

_FACES = {face: number for number, face in enumerate("零壹贰叁肆伍陆柒捌玖")}
_FACE, _SECTION = "([壹贰叁肆伍陆柒捌玖])", "[零壹贰叁肆伍陆柒捌玖拾佰仟]"
_CAPITAL = re.compile(
    rf"(?:人民币)?(?:({_SECTION}+)亿)?(?:({_SECTION}+)万)?({_SECTION}*)[元圆]"
    rf"(?:零?([零壹贰叁肆伍陆柒捌玖])角)?(?:零?{_FACE}分)?[整正]?\Z"
)
_FOUR_PLACES = re.compile(f"(?:零?{_FACE}仟)?(?:零?{_FACE}佰)?(?:零?([壹贰叁肆伍陆柒捌玖]?)拾)?(?:(零?){_FACE})?零?\\Z")


def in_yuan(reading: Reading, factor: Decimal) -> Reading:
    """Bring an amount to yuan. A unit in the cell beats the unit of the column, unless the two contradict each other."""
    if reading.value is None:
        return reading
    if reading.also == "1" and factor != 1:
        return Reading(problem="Q06", what="单元格写明元，而表头或标题写明另一单位")
    number = Decimal(reading.value) * (factor if reading.also is None else 1)
    if factor > 1 and abs(number) >= MOST_IN_TEN_THOUSANDS:
        return Reading(problem="Q06", what="按表头单位换算后数额不合常理，疑为单位写错")
    if abs(number) >= Decimal(10) ** 15:
        return Reading(problem="Q04", what="金额过大，超出可处理范围")
    if number != round(number, 2):
        return Reading(problem="Q04", what="金额精确到分以下")
    return Reading(format(round(number, 2), "f"))


def read_amount(folded: str) -> Reading:
    """Read an amount in its own unit.

    >>> read_amount("27.65万元"), read_amount("壹亿贰仟万元整").value
    (Reading(value='276500.00', also='10000', problem='', what=''), '120000000')
    """
    if len(folded) > LONGEST:
        return Reading(problem="Q04", what="无法识别的金额")
    if reversed_ := _REVERSED.match(folded):
        return _read_figure(reversed_[1])
    if both := _BOTH.match(folded):
        return _read_both(both[1], both[2])
    capital = _read_capital(folded)
    if capital is not None:
        return Reading(format(capital, "f"), "1")
    if _APPROXIMATE.match(folded):
        return Reading(problem="Q04", what="约数，不是确定金额")
    return _read_figure(folded)


def _read_both(figure: str, capital: str) -> Reading:
    """Read a figure with its capitals in brackets; as the capitals say yuan, so does the figure."""
    read, written = _read_figure(figure), _read_capital(capital)
    if read.value is None or written is None:
        return Reading(problem="Q04", what="无法识别的金额")
    if Decimal(read.value) != written:
        return Reading(problem="Q04", what="小写与大写金额不一致")
    return read._replace(also=read.also or "1")


def _read_figure(folded: str) -> Reading:
    match = _FIGURE.match(folded)
    if not match or match[2] not in _UNITS:
        return Reading(problem="Q04", what="无法识别的金额")
    number, factor = Decimal(match[1].replace(",", "")), _UNITS[match[2]]
    if abs(number) >= Decimal(10) ** 13:
        return Reading(problem="Q04", what="金额过大，超出可处理范围")
    return Reading(format(number, "f"), None) if factor is None else Reading(format(number * factor, "f"), str(factor))


def _read_capital(folded: str) -> Decimal | None:
    """Read a written-out amount: 壹仟贰佰叁拾肆元伍角 is 1234.5. None where it is none, or not in order."""
    match = _CAPITAL.match(folded)
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
