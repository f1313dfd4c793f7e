"""Say what may stand as a value in a policy: texts, days, and numbers that can be reckoned with exactly."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

MOST_BEFORE, MOST_AFTER = 18, 6  # digits of a number before and after its point: products of two are still exact
TOO_LONG = f"a number has {MOST_BEFORE} digits at most before the point and {MOST_AFTER} after it"


def _text(value: object) -> object:
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int | float)]


def is_bearable(number: str) -> bool:
    """Say whether a number is written in plain digits, few enough to reckon with exactly.

    >>> is_bearable("-0.005"), is_bearable("1e3"), is_bearable("1234567890123456789")
    (True, False, False)
    """
    return re.fullmatch(f"-?0*[0-9]{{1,{MOST_BEFORE}}}([.][0-9]{{1,{MOST_AFTER}}})?", number) is not None


def _bearable(value: Value) -> Value:
    if isinstance(value, int | Decimal) and not is_bearable(f"{value:f}"):
        raise ValueError(TOO_LONG)
    return value


def _day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else value


Value = int | Decimal | date | str
Limit = Annotated[Value, BeforeValidator(_day), AfterValidator(_bearable)]
Number = Annotated[int | Decimal, AfterValidator(_bearable)]
Given = Annotated[int | Decimal | str, AfterValidator(_bearable)]
