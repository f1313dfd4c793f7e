"""Make up persons that cannot exist: names that say so, and valid identity numbers of regions that no code list has."""

from __future__ import annotations

from datetime import date, timedelta

from ledgers.values import check_digit

_SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
_DAYS = 18250  # of birth, from 1950 to 1999; without a factor in common with the step of `identity`


def name(number: int) -> str:
    """Make up the name of a person; different numbers have different names.

    >>> name(0), name(21), name(22)
    ('测试甲', '测试亥', '测试乙甲')
    """
    signs = _SIGNS[number % len(_SIGNS)]
    while number := number // len(_SIGNS):
        signs = _SIGNS[number % len(_SIGNS)] + signs
    return f"测试{signs}"


def identity(number: int) -> str:
    """Make up the identity number of a person below 1.8 thousand million; different numbers have different ones.

    >>> identity(0), identity(1)
    ('990000195001010019', '990000197109070012')
    """
    born = date(1950, 1, 1) + timedelta(days=number * 7919 % _DAYS)
    body = f"{990000 + number // (_DAYS * 999)}{born:%Y%m%d}{number // _DAYS % 999 + 1:03}"
    return body + check_digit(body)
