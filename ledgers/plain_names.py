"""Find among many names those that must be looked at: most mean themselves, and arrays find them a hundred times as fast as text by text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import product
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
LENGTHS = (2, 3, 4)  # characters of a plain name
_CHANGED, _OF_A_WORD, _A_WORD, *_IN_GARBLED = (1 << bit for bit in range(6))
_ODD = _CHANGED | _OF_A_WORD | _A_WORD | _IN_GARBLED[0]
_OTHER = "测"  # a character that folding leaves alone and no word has, like most
_LEADS, _FOLLOWS = range(0xE3, 0xEA), range(0x80, 0xC0)  # bytes of a Chinese character in UTF-8: one that leads, two that follow
_LEADING = (0xE0 << 12) + (0x80 << 6) + 0x80 & 0xFFFF  # what the marks of its three bytes add to a character
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

    sizes, plain = np.diff(places_of(texts)[0]), np.zeros(len(texts), bool)
    likely = np.flatnonzero(np.isin(sizes, np.multiply(LENGTHS, WIDTH)))
    names = texts if len(likely) == len(texts) else pc.take(texts, number_array(likely, pa.int64()))
    places, every = places_of(names)  # of names that are all of such characters each third byte leads one
    starts, ends = (places[:-1] - places[0]) // WIDTH, (places[1:] - places[0]) // WIDTH
    first, second, third = np.ascontiguousarray(every[places[0] : places[-1]].reshape(-1, WIDTH).T)
    unformed = (first & 0xF0 != 0xE0) | (second & 0xC0 != 0x80) | (third & 0xC0 != 0x80)
    characters = (first.astype(np.uint16) << 12) + (second.astype(np.uint16) << 6) + third - np.uint16(_LEADING)
    says = _table()[characters]

    odd = np.flatnonzero(unformed | (says & _ODD != 0))  # few, and only these are told of which name they are
    told, of = says[odd], np.searchsorted(ends, odd, "right")
    fits, worded = np.ones(len(names), bool), np.zeros(len(names), bool)
    fits[of[unformed[odd] | (told & _CHANGED != 0)]] = False
    worded[of[told & _A_WORD != 0]] = True
    of_words = of[told & _OF_A_WORD != 0]
    worded[of_words[1:][of_words[1:] == of_words[:-1]]] = True
    garbled = of[told & _IN_GARBLED[0] != 0]
    garbled = garbled[ends[garbled] - starts[garbled] == len(_GARBLED)]
    for nth, bit in enumerate(_IN_GARBLED):
        garbled = garbled[says[starts[garbled] + nth] & bit != 0]
    fits[garbled] = False
    doubtful = pc.take(names, number_array(np.flatnonzero(fits & worded), pa.int64())).to_pylist()
    fits[fits & worded] = [not _says_something(name) for name in doubtful]
    plain[likely] = fits
    return plain


@lru_cache(maxsize=BATCH)
def _says_something(name: str) -> bool:
    """Say whether a pattern that the reader of names looks for is in a name of plain characters, or it is a word for nothing."""
    return name in readings.ABSENT or any(word.search(name) for word in _words())


@cache
def _words() -> tuple[re.Pattern[str], ...]:
    """List the patterns that the reader of a name looks for, but for double surnames, which matter beside white space, and for any characters."""
    told = (*patterns_of(persons), *patterns_of(readings))
    return tuple(one for one in told if one not in (persons.DOUBLE_SURNAME, persons.CHINESE))


def _alone(characters: Iterable[str]) -> set[str]:
    """List the characters that say something among others of no word."""
    among = [
        (one, _OTHER * before + one + _OTHER * (length - before - 1))
        for one in characters
        for length in LENGTHS
        for before in range(length)
    ]
    return {one for one, name in among if _says_something(name)}


def _read_wrongly(firsts: Iterable[int], seconds: Iterable[int]) -> set[str]:
    """List the characters of GBK that two bytes are, any of the first ones and any of the second ones."""
    pairs = b"\n".join(bytes(pair) for pair in product(firsts, seconds))
    return {text for text in pairs.decode("gb18030", "ignore").split("\n") if len(text) == 1}


@cache
def _table() -> np.ndarray:
    """Say of each character, in bits, whether folding changes it, whether it stands in a word that the reader of a name looks for,
    whether it is one, and where in a name of two characters that was read in the wrong encoding it may stand."""
    import numpy as np

    fixed, of_words = fixed_characters(), spoken_of(_words())
    table = np.full(1 << 16, _CHANGED, np.uint8)
    table[_numbers(fixed)] = 0
    told = {_OF_A_WORD: of_words, _A_WORD: _alone(sorted(fixed & of_words))}
    told |= {bit: _read_wrongly(*pair) for bit, pair in zip(_IN_GARBLED, _GARBLED, strict=True)}
    for bit, characters in told.items():
        table[_numbers(characters)] |= bit
    return table


def _numbers(characters: Iterable[str]) -> np.ndarray:
    """Number the characters of the first plane."""
    import numpy as np

    numbers: np.ndarray = np.frombuffer("".join(characters).encode("utf-32-le"), np.uint32)
    return numbers[numbers < 1 << 16]
