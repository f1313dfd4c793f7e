"""Make Arrow columns of texts and whole numbers, and keep tables of them.

`pa.array` makes columns too, and imports pandas first, a third of a second in every check.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

NUL = "\0"  # parts texts that are joined
MOST_DIGITS = 18
SLOT_BITS = 22  # at most, of the number of slots; there are some for each hash
TAIL = 24  # bits of a hash of 64, by which what stands beside the same is told apart; a head of 40 seldom fits two of a million
_MAY_BE_BLANK = (*range(ord(" ") + 1), 0xC2, 0xE1, 0xE2, 0xE3)  # first bytes in UTF-8 of all white space, and of some signs
WIDEST = 2**31  # bytes that the shorter kind of text column holds


def text_array(texts: Sequence[str | None]) -> pa.Array:
    """Make a column of texts; None is NULL.

    >>> text_array(["姓名", None, ""]).to_pylist()
    ['姓名', None, '']
    """
    import numpy as np
    import pyarrow as pa

    try:
        there, joined = texts, NUL.join(texts)  # type: ignore[arg-type]
    except TypeError:
        there = ["" if text is None else text for text in texts]
        joined = NUL.join(there)  # type: ignore[arg-type]
    valid = None
    if there is not texts:
        valid = pa.py_buffer(np.packbits([text is not None for text in texts], bitorder="little").tobytes())
    if there and joined.count(NUL) == len(there) - 1:  # as nearly always: no text holds the mark itself
        return split_texts(joined.encode(), valid)
    each = list(map(str.encode, there))  # type: ignore[arg-type]
    return _texts_of(np.fromiter(map(len, each), np.int64, len(each)), b"".join(each), valid)


def split_texts(joined: bytes, valid: pa.Buffer | None = None) -> pa.Array:
    r"""Make a column of the texts that NUL parts; `valid` marks with a bit each those that are no NULL.

    >>> split_texts("姓名\0\0a".encode()).to_pylist()
    ['姓名', '', 'a']
    """
    import numpy as np

    encoded = np.frombuffer(joined, np.uint8)
    ends = np.flatnonzero(encoded == 0)
    return _texts_of(np.diff(ends, prepend=-1, append=len(encoded)) - 1, encoded[encoded != 0].tobytes(), valid)


def _texts_of(sizes: np.ndarray, encoded: bytes, valid: pa.Buffer | None) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    short = offsets[-1] < WIDEST
    places = pa.py_buffer((offsets.astype(np.int32) if short else offsets).tobytes())
    return pa.Array.from_buffers(pa.string() if short else pa.large_string(), len(sizes), [valid, places, pa.py_buffer(encoded)])


def number_array(numbers: Iterable[int], kind: pa.DataType) -> pa.Array:
    """Make a column of whole numbers.

    >>> import pyarrow
    >>> number_array([1, -1], pyarrow.int8()).to_pylist()
    [1, -1]
    """
    import numpy as np
    import pyarrow as pa

    width = np.dtype(kind.to_pandas_dtype())
    if isinstance(numbers, range):
        held: Any = np.arange(numbers.start, numbers.stop, numbers.step, dtype=width)
    elif isinstance(numbers, np.ndarray):
        held = numbers.astype(width)
    else:
        held = np.fromiter(numbers, width)
    return pa.Array.from_buffers(kind, len(held), [None, pa.py_buffer(held)])


def numbers_of(column: pa.ChunkedArray) -> list[np.ndarray]:
    """Give the numbers of a column without NULL, in its pieces.

    >>> import pyarrow
    >>> [piece.tolist() for piece in numbers_of(pyarrow.chunked_array([number_array([1, 2, 3], pyarrow.int8()).slice(1)]))]
    [[2, 3]]
    """
    import numpy as np

    width = np.dtype(column.type.to_pandas_dtype())
    return [np.frombuffer(chunk.buffers()[1], width)[chunk.offset : chunk.offset + len(chunk)] for chunk in column.chunks]


def heads_of_several(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """List the heads of numbers of 64 bits with which more than one tail stands, each maybe several times; the numbers are hashes.

    >>> import numpy
    >>> heads_of_several([numpy.array([1 << 24 | 7, 2 << 24 | 8], numpy.uint64), numpy.array([1 << 24 | 7, 2 << 24 | 9], numpy.uint64)]).tolist()
    [2]
    """
    import numpy as np

    # Most heads have a slot of their own, and one look tells of these; "clip" spares another at whether there is such a slot.
    bits = min(SLOT_BITS, sum(map(len, pieces)).bit_length() + 2)
    last, doubtful = np.empty(1 << bits, np.uint32), np.zeros(1 << bits, bool)

    def slots(piece: np.ndarray) -> np.ndarray:
        return (piece >> np.uint64(64 - bits)).view(np.int64)

    for piece in pieces:
        last[slots(piece)] = piece.astype(np.uint32)
    for piece in pieces:
        own = slots(piece)
        doubtful[own[last.take(own, mode="clip") != piece.astype(np.uint32)]] = True
    several = (piece[doubtful.take(slots(piece), mode="clip")] for piece in pieces)
    few = np.sort(np.concatenate([np.zeros(0, np.uint64), *several]))
    heads = few >> np.uint64(TAIL)
    found: np.ndarray = heads[1:][(heads[1:] == heads[:-1]) & (few[1:] != few[:-1])]
    return found


def places_of(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Give where each text begins in the bytes of all, and where the last one ends; and these bytes, as they lie."""
    import numpy as np

    places = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return places, np.frombuffer(texts.buffers()[2] or b"", np.uint8)


def have_texts(columns: Iterable[pa.Array], most: int) -> bool:
    """Say whether every row has more than so many texts; one that begins with what may be white space does not count.

    >>> columns = text_array(["姓名", "a"]), text_array(["金额", "\u3000"])
    >>> have_texts(columns, 0), have_texts(columns, 1)
    (True, False)
    """
    import numpy as np

    counts, begins = np.zeros(1, np.int16), np.ones(256, bool)
    begins[list(_MAY_BE_BLANK)] = False
    for column in columns:
        places, every = places_of(column)
        filled = np.diff(places) > 0
        filled[filled] = begins[every[places[:-1][filled]]]
        counts = counts + filled
        if counts.min(initial=most + 1) > most:  # mostly the first columns suffice
            return True
    return False


def are_digits(texts: pa.Array) -> np.ndarray:
    """Say of each text whether it is 1 to 18 digits, where all of them are digits; else of none."""
    import numpy as np

    places, every = places_of(texts)
    every, sizes = every[places[0] : places[-1]], np.diff(places)
    digits = all(
        (part - ord("0") < 10).all() for part in (every[:MOST_DIGITS], every)
    )  # most columns of words end at the first look
    return digits & (sizes > 0) & (sizes <= MOST_DIGITS)


def truth_array(found: np.ndarray) -> pa.Array:
    """Make a column of what is true.

    >>> import numpy
    >>> truth_array(numpy.array([True, False])).to_pylist()
    [True, False]
    """
    import numpy as np
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(found), [None, pa.py_buffer(np.packbits(found, bitorder="little").tobytes())])


def keep(con: DuckDBPyConnection, relation: str, table: pa.Table) -> None:
    """Keep an Arrow table as a relation."""
    con.register("kept_rows", table)
    con.execute(f"CREATE OR REPLACE TABLE {relation} AS SELECT * FROM kept_rows")
    con.unregister("kept_rows")
