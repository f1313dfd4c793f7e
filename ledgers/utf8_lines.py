"""Read a text file as UTF-8, whatever it is written in, by whole lines, and see whether its lines are its records."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from functools import partial
from io import SEEK_CUR, BufferedReader
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ledgers.separated import NO_TEXT, Unreadable

if TYPE_CHECKING:
    import numpy as np

PIECE = 1 << 20  # bytes that are decoded while they are in the processor's cache
AT_ONCE = 4  # of them are given together
QUOTE = b'"'


class Uneven(Exception):
    """Say that lines are not records, or not of the cells they should have."""


def read_lines(path: Path, encoding: str) -> Iterator[bytes | bytearray]:
    """Yield a text file as UTF-8, in pieces of whole lines.

    Raises:  Unreadable if a byte does not fit the encoding, or is of no text; Uneven if no line ends in a piece.
    """
    with path.open("rb") as file:
        try:
            for lines in _as_they_lie(file) if codecs.lookup(encoding).name.startswith("utf-8") else _decoded(file, encoding):
                if b"\0" in lines:
                    raise Unreadable(NO_TEXT)
                yield lines
        except UnicodeError as error:
            raise misfit(path, encoding) from error


def _as_they_lie(file: BufferedReader) -> Iterator[bytearray]:
    """Yield the lines of a file, of which nothing is copied: what is behind the last line break of a piece is read again."""
    size = AT_ONCE * PIECE
    while read := file.readinto(lines := bytearray(size)):
        end = lines.rfind(b"\n") + 1 if read == size else read
        if not end:
            raise Uneven
        del lines[end:]
        file.seek(end - read, SEEK_CUR)
        yield lines


def _decoded(file: BufferedReader, encoding: str) -> Iterator[bytes]:
    """Yield the lines of a file as UTF-8."""
    decoder, rest, block = codecs.getincrementaldecoder(encoding)(), b"", b"\n"
    while block:
        parts = [rest]
        while block and len(parts) <= AT_ONCE:
            block = file.read(PIECE)
            parts.append(decoder.decode(block, final=not block).encode())
        *whole, last = parts
        end = last.rfind(b"\n") + 1 if block else len(last)
        if block and not end:
            raise Uneven
        if text := b"".join([*whole, last[:end]]):
            yield text
        rest = last[end:]


def are_records(lines: bytes | bytearray, delimiter: str, count: int) -> bool:
    """Say whether each of some lines is a record, of so many; a last one is a line also where no line break ends it.

    Quotation marks stand around whole cells of one line, or doubled in them: Arrow forgives others.
    """
    import numpy as np

    if QUOTE not in lines and b"\r" not in lines:
        return True  # then nothing else ends a record
    read = np.frombuffer(lines, np.uint8)
    ends = np.flatnonzero(read == ord("\n"))
    if count != len(ends) + (lines[-1:] != b"\n"):
        return False
    return QUOTE not in lines or _are_quotes_around_cells(read, ends, delimiter)


def are_shorter(lines: bytes | bytearray, most: int) -> bool:
    """Say whether every line has fewer bytes, without a look at each; of some that have half as many it says no."""
    half = max(1, most // 2)
    return all(lines.find(b"\n", at, at + half) >= 0 for at in range(0, len(lines) - half, half))


def _are_quotes_around_cells(read: np.ndarray, ends: np.ndarray, delimiter: str) -> bool:
    """Say whether every other quotation mark opens a cell, and the next one closes it before the line ends."""
    import numpy as np

    quotes = np.flatnonzero(read == QUOTE[0])
    opening, closing = quotes[::2], quotes[1::2]
    before, behind = read[opening[opening > 0] - 1], read[closing[closing < len(read) - 1] + 1]
    apart = (ord(delimiter), ord("\n"), QUOTE[0])
    is_open = bool(len(quotes) % 2 or (np.searchsorted(quotes, ends) % 2).any())
    return not is_open and bool(np.isin(before, apart).all() and np.isin(behind, (*apart, ord("\r"))).all())


def misfit(path: Path, encoding: str) -> Unreadable:
    """Say which byte of a file is the first that does not fit its encoding."""
    decoder, given = codecs.getincrementaldecoder(encoding)(), 0
    with path.open("rb") as file:
        for block in chain(iter(partial(file.read, PIECE), b""), [b""]):
            kept, _ = decoder.getstate()  # the beginning of a character
            try:
                decoder.decode(block, final=not block)
            except UnicodeError as error:
                given += getattr(error, "start", 0) - len(kept)
                break
            given += len(block)
    return Unreadable(f"第 {given + 1} 字节附近不符合 {encoding}。请用 --encoding 指明编码。")
