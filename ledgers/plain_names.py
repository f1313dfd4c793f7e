"""Find among many names those that must be looked at: most mean themselves, and arrays find them a hundred times as fast as text by text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ledgers import persons, readings
from ledgers.fold import fixed_characters

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection

BATCH = 131_072
WIDTH = 3  # bytes of a common Chinese character
_LEADS, _FOLLOWS = range(0xE3, 0xEA), range(0x80, 0xC0)  # bytes of a Chinese character in UTF-8: one that leads, two that follow
_GARBLED = ((_LEADS, _FOLLOWS), (_FOLLOWS, _LEADS), (_FOLLOWS, _FOLLOWS))  # two of them, read as three characters of GBK


def names_to_read(con: DuckDBPyConnection, query: str) -> list[str]:
    """Give the distinct texts of a query's one column but for plain names, of which `read_text` gives each as it is.

    A plain name has two to four common characters that folding leaves alone, and none of a word that has a meaning; nor may it
    be another name in the wrong encoding (寮犱笁).
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    others: list[str] = []
    for batch in con.sql(query).to_arrow_reader(BATCH):
        texts = pc.cast(batch.column(0), pa.string())
        places = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
        every = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
        sizes = np.diff(places)
        likely = np.flatnonzero((sizes % WIDTH == 0) & (sizes >= 2 * WIDTH) & (sizes <= 4 * WIDTH))
        fits, garbled = np.ones(len(likely), bool), sizes[likely] == len(_GARBLED) * WIDTH
        for nth in range(4):  # the nth character of each
            there = sizes[likely] > nth * WIDTH
            first, second, third = (
                every[(places[:-1][likely] + nth * WIDTH + byte) * there].astype(np.int32) for byte in range(WIDTH)
            )
            formed = (first & 0xF0 == 0xE0) & (second & 0xC0 == 0x80) & (third & 0xC0 == 0x80)
            character = (first & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
            fits &= ~there | formed & _plain()[character]
            if nth < len(_GARBLED):
                garbled &= _in_garbled(nth)[character]
        plain = np.zeros(len(texts), bool)
        plain[likely] = fits & ~garbled
        others += [texts[int(place)].as_py() for place in np.flatnonzero(~plain)]
    return others


@cache
def _plain() -> np.ndarray:
    """Say of each character whether it is plain: folded to itself, and in no word that the reader of a name looks for."""
    import numpy as np

    told = [*vars(persons).values(), *vars(readings).values()]
    words = {*readings.ABSENT, *(one.pattern for one in told if isinstance(one, re.Pattern))}
    table = np.zeros(1 << 16, bool)
    table[[ord(one) for one in fixed_characters().difference(*words)]] = True
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
