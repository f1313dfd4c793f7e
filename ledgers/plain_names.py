"""Find among many names those that must be looked at: most mean themselves, and arrays find them a hundred times as fast as text by text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from ledgers import persons, readings
from ledgers.arrays import number_array, places_of
from ledgers.fold import fixed_characters
from ledgers.readings import patterns_of, spoken_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

BATCH = 131_072
WIDTH = 3  # bytes of a common Chinese character
_LEADS, _FOLLOWS = range(0xE3, 0xEA), range(0x80, 0xC0)  # bytes of a Chinese character in UTF-8: one that leads, two that follow
_GARBLED = ((_LEADS, _FOLLOWS), (_FOLLOWS, _LEADS), (_FOLLOWS, _FOLLOWS))  # two of them, read as three characters of GBK


def names_to_read(con: DuckDBPyConnection, query: str) -> list[str]:
    """Give the distinct texts of a query's one column but for plain names, of which `read_text` gives each as it is."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    others: list[str] = []
    for batch in con.sql(query).to_arrow_reader(BATCH):
        texts = pc.cast(batch.column(0), pa.string())
        others += [texts[int(place)].as_py() for place in np.flatnonzero(~are_plain_names(texts))]
    return others


def are_plain_names(texts: pa.Array) -> np.ndarray:
    """Say of each text whether it is a plain name, whose value is the text itself.

    A plain name has two to four common characters that folding leaves alone, and no word that has a meaning among them; nor may
    it be another name in the wrong encoding (寮犱笁).
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    from numpy.lib.stride_tricks import sliding_window_view

    places, every = places_of(texts)
    sizes, plain = np.diff(places), np.zeros(len(texts), bool)
    for length in (2, 3, 4):
        likely = np.flatnonzero(sizes == length * WIDTH)
        windows = sliding_window_view(every, length * WIDTH) if len(likely) else np.zeros((1, length * WIDTH), np.uint8)
        read = np.ascontiguousarray(windows[places[likely]].T)  # a row for each byte: the first of all names, the second …
        fits, worded = np.ones(len(likely), bool), np.zeros(len(likely), bool)
        garbled = np.full(len(likely), length == len(_GARBLED))
        for nth in range(length):  # the nth character of each
            first, second, third = read[nth * WIDTH : (nth + 1) * WIDTH]
            fits &= (first & 0xF0 == 0xE0) & (second & 0xC0 == 0x80) & (third & 0xC0 == 0x80)
            character = (first.astype(np.uint16) & 0x0F) << 12 | (second.astype(np.uint16) & 0x3F) << 6 | third & 0x3F
            fits &= _fixed()[character]
            worded |= _of_a_word()[character]
            if length == len(_GARBLED):
                garbled &= _in_garbled(nth)[character]
        fits &= ~garbled
        doubtful = pc.take(texts, number_array(likely[fits & worded], pa.int64()))
        fits[fits & worded] = [not said and name not in readings.ABSENT
                               for said, name in zip(_say_something(doubtful), doubtful.to_pylist(), strict=True)]  # fmt: skip
        plain[likely] = fits
    return plain


def _say_something(names: pa.Array) -> list[bool]:
    """Say of each name of plain characters whether a pattern that the reader of names looks for may be in it."""
    import pyarrow.compute as pc

    # What stands before and behind decides of Latin letters only.
    patterns = [re.sub(r"\(\?<?[=!][^)]*\)", "", one.pattern).replace(r"\Z", r"\z") for one in _words()]
    found: list[bool] = pc.match_substring_regex(names, "|".join(f"(?:{one})" for one in patterns)).to_pylist()
    return found


@cache
def _words() -> tuple[re.Pattern[str], ...]:
    """List the patterns that the reader of a name looks for, but for double surnames, which matter beside white space, and for any characters."""
    told = (*patterns_of(persons), *patterns_of(readings))
    return tuple(one for one in told if one not in (persons.DOUBLE_SURNAME, persons.CHINESE))


@cache
def _fixed() -> np.ndarray:
    """Say of each character whether folding leaves it as it is."""
    return _table(fixed_characters())


@cache
def _of_a_word() -> np.ndarray:
    """Say of each character whether it stands in a word that the reader of a name looks for."""
    return _table(spoken_of(_words()))


def _table(characters: Iterable[str]) -> np.ndarray:
    import numpy as np

    table = np.zeros(1 << 16, bool)
    table[[number for one in characters if (number := ord(one)) < len(table)]] = True
    return table


@cache
def _in_garbled(nth: int) -> np.ndarray:
    """Say of each character whether it may be the nth of a name of two characters that was read in the wrong encoding."""
    import numpy as np

    table = np.zeros(1 << 16, bool)
    for first in _GARBLED[nth][0]:
        for second in _GARBLED[nth][1]:
            table[[ord(one) for one in bytes([first, second]).decode("gb18030", "ignore")]] = True
    return table
