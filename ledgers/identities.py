"""Look at the form of identity numbers in bulk: which have a wrong check digit or an impossible birthday, which are other papers.

The numbers stream through arrays of digits; a formula in SQL takes seven times as long.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from ledgers.arrays import number_array, places_of, text_array
from ledgers.values import WEIGHTS, check_digit

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

SOUND, UNSOUND, OTHER = "sound", "unsound", "other"
BATCH = 131_072
RESIDENT = 18  # digits
CENTURY = slice(6, 8)  # places of the first digits of the year of birth
_LAST = (1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2)  # by the remainder of the weighted sum; 10 is written X
_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def are_plain_numbers(texts: pa.Array) -> np.ndarray:
    """Say of each text whether it is the number of a resident born since 1900, with no end that a spreadsheet may have cut.

    Of such a number the text itself is the value; no placeholder has a year of birth.
    """
    import numpy as np

    plain: np.ndarray = np.diff(places_of(texts)[0]) == RESIDENT
    if plain.any():
        read = _characters(texts if plain.all() else _some(texts, plain))
        numbers = np.ascontiguousarray(read.T) - ord("0")  # a row for each place; below "0" it goes around
        last = (numbers[-1] < 10) | (numbers[-1] == ord("X") - ord("0"))
        first, second = numbers[CENTURY]
        plain[plain] = (numbers[:-1] < 10).all(axis=0) & last & numbers[-3:].any(axis=0) & (first * 10 + second - 19 < 2)
    return plain


def list_odd_forms(con: DuckDBPyConnection, query: str) -> pa.Table:
    """List the distinct numbers of a query's one column that are not sound, each as `number`, `form`.

    A resident's number has 18 digits, the last perhaps X, a birthday and a check digit (GB 11643-1999). Permits that
    begin with 8 and any other paper are `other`: nobody can tell whether they are right.
    """
    import pyarrow as pa

    found: dict[str, str] = {}
    for batch in con.sql(query).to_arrow_reader(BATCH):
        found |= _odd_forms(batch.column(0))
    return pa.table({"number": text_array(list(found)), "form": text_array(list(found.values()))})


def form_of(number: str) -> str:
    """Give the form of one number, where they are too few to load arrays for."""
    if re.fullmatch("[0-79][0-9]{16}[0-9X]", number) is None:
        return OTHER
    try:
        is_day = date(int(number[6:10]), int(number[10:12]), int(number[12:14])).year >= 1900
    except ValueError:
        return UNSOUND
    return SOUND if is_day and check_digit(number[:17]) == number[17] else UNSOUND


def _odd_forms(numbers: Any) -> dict[str, str]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.drop_null(pc.cast(numbers, pa.string()))
    long = np.diff(places_of(numbers)[0]) == RESIDENT
    others = dict.fromkeys(_some(numbers, ~long).to_pylist(), OTHER)
    whole = _some(numbers, long)
    if len(whole) == 0:
        return others
    digits = _characters(whole).astype(np.int16) - ord("0")
    digits[digits[:, 17] == ord("X") - ord("0"), 17] = 10
    numeric = (digits >= 0).all(axis=1) & (digits[:, :17] <= 9).all(axis=1) & (digits[:, 17] <= 10)
    residents = numeric & (digits[:, 0] != 8)
    right = np.array(_LAST, np.int16)[(digits[:, :17] @ np.array(WEIGHTS, np.int16)) % 11] == digits[:, 17]
    wrong = residents & ~(right & _are_days(digits[:, 6:14]))
    others |= dict.fromkeys(_some(whole, ~residents).to_pylist(), OTHER)
    return others | dict.fromkeys(_some(whole, wrong).to_pylist(), UNSOUND)


def _characters(texts: Any) -> np.ndarray:
    """Give the bytes of texts that are all as long as a resident's number, a row each."""
    places, every = places_of(texts)
    return every[places[0] : places[-1]].reshape(-1, RESIDENT)


def _some(texts: Any, which: np.ndarray) -> Any:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.take(texts, number_array(np.flatnonzero(which), pa.int64()))


def _are_days(digits: np.ndarray) -> np.ndarray:
    """Say for rows of eight digits whether they are a day since 1900."""
    import numpy as np

    year = digits[:, :4] @ np.array([1000, 100, 10, 1], np.int16)
    month, day = digits[:, 4] * 10 + digits[:, 5], digits[:, 6] * 10 + digits[:, 7]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = np.array(_DAYS, np.int16)[np.clip(month, 0, 12)] + (leap & (month == 2))
    is_day: np.ndarray = (year >= 1900) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last)
    return is_day
