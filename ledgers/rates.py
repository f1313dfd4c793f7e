"""Read a column of rates as percent. Its texts are read together: whether 0.97 means 97 % depends on its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from ledgers.fold import fold
from ledgers.readings import Reading, read_nothing

FINEST = Decimal("0.000001")  # the last digit that the database keeps
TOO_LARGE = Decimal(10) ** 10
_RATE = re.compile(r"([-+]?[0-9]{1,18}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,2})?)(%?)\Z")


def read_percents(texts: Iterable[str]) -> dict[str, Reading]:
    """Read a column of rates as percent, with the unit of the last printed digit.

    A rate with % is what it says. Rates without % are fractions if none of them exceeds 1, percent if all exceed 2, zero
    apart; between, nobody can tell 1.02 from 102 %.
    """
    readings: dict[str, Reading] = {}
    bare: dict[str, Decimal] = {}
    for text in texts:
        folded = fold(text)
        match = _RATE.match(folded)
        if nothing := read_nothing(folded):
            readings[text] = nothing
        elif match is None:
            readings[text] = Reading(problem="Q04", what="无法识别的比率")
        elif match[2]:
            readings[text] = _percent(Decimal(match[1]))
        else:
            bare[text] = Decimal(match[1])
    fractions = all(abs(number) <= 1 for number in bare.values())
    for text, number in bare.items():
        if fractions or not number:
            readings[text] = _percent(number.scaleb(2))
        elif abs(number) > 2:
            readings[text] = _percent(number)
        else:
            readings[text] = Reading(problem="Q06", what="无法判断是百分数还是小数，请写明 %")
    return readings


def are_all_fractions(texts: Iterable[str]) -> bool:
    """Say whether rates without % are given, none of which exceeds 1: below a header with %, 0.5 may be a half or half a percent.

    >>> are_all_fractions(["0.5", "0", "1"]), are_all_fractions(["0.5", "98"]), are_all_fractions(["0", "50%"])
    (True, False, False)
    """
    bare = [Decimal(match[1]) for text in texts if (match := _RATE.match(fold(text))) and not match[2]]
    return any(bare) and all(abs(number) <= 1 for number in bare)


def _percent(number: Decimal) -> Reading:
    if abs(number) >= TOO_LARGE:
        return Reading(problem="Q04", what="比率过大，超出可处理范围")
    exponent = number.as_tuple().exponent
    unit = Decimal(1).scaleb(min(0, exponent)) if isinstance(exponent, int) else Decimal(1)
    if unit < FINEST:
        number, unit = number.quantize(FINEST, ROUND_HALF_UP), FINEST
    return Reading(format(number, "f"), format(unit, "f"))
