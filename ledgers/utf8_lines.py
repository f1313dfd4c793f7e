"""Read a text file as UTF-8, whatever it is written in, and see whether its lines are its records."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ledgers.separated import NO_TEXT, Unreadable

if TYPE_CHECKING:
    import pyarrow as pa

PIECE = 1 << 20  # bytes that are looked at while they are in the processor's cache
GROWTH = 3  # bytes that one byte may become in UTF-8, at most
QUOTE = b'"'


class Lines:
    """Count the lines of a text in UTF-8, and look at its quotation marks.

    `loose` says whether one stands elsewhere than around a whole cell of one line, or doubled in one: Arrow forgives
    what is not closed at the end of a block.
    """

    def __init__(self, delimiter: str) -> None:
        self.breaks, self.last, self.quotes, self.loose, self.delimiter = 0, b"\n", 0, False, ord(delimiter)

    def look_at(self, given: bytes) -> None:
        """Look at the next bytes.

        Raises:  Unreadable if they are of no text.
        """
        import numpy as np

        if b"\0" in given:
            raise Unreadable(NO_TEXT)
        self.breaks += int(np.count_nonzero(np.frombuffer(given, np.uint8) == ord("\n")))  # `count` takes three times as long
        if given and (self.quotes % 2 or self.last == QUOTE or QUOTE in given):
            self._look_at_quotes(self.last + given)
        self.last = given[-1:] or self.last

    def _look_at_quotes(self, text: bytes) -> None:
        """Look at the quotation marks of a text behind its first byte, which was looked at before; every other one closes a cell."""
        import numpy as np

        read = np.frombuffer(text, np.uint8)
        quotes, ends = np.flatnonzero(read == QUOTE[0]), np.flatnonzero(read[1:] == ord("\n")) + 1
        first = self.quotes - int(text[:1] == QUOTE)
        opening, closing = (quotes[(first + part) % 2 :: 2] for part in (0, 1))
        before = read[opening[opening > 0] - 1]
        behind = read[closing[closing < len(read) - 1] + 1]
        apart = (self.delimiter, ord("\n"), QUOTE[0])
        inside = (np.searchsorted(quotes, ends) + first) % 2
        self.loose |= not (np.isin(before, apart).all() and np.isin(behind, (*apart, ord("\r"))).all()) or bool(inside.any())
        self.quotes = first + len(quotes)

    def are_records(self, count: int) -> bool:
        """Say whether each line is a record, of so many; the last one is a line also where no line break ends it."""
        return count == self.breaks + (self.last != b"\n") and not self.loose and self.quotes % 2 == 0


class _Transcoded:
    """Read a text file as UTF-8 that is written in another encoding, and look at its lines.

    Raises:  Unreadable from `read` if a byte does not fit the encoding.
    """

    closed = False

    def __init__(self, file: BinaryIO, encoding: str, lines: Lines) -> None:
        self.file, self.encoding, self.lines = file, encoding, lines
        self.decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int) -> bytes:
        """Give up to so many bytes, or a few more; none at the end."""
        given, room, block = list[bytes](), size, b"\n"
        while block and (room >= GROWTH or not any(given)):  # in pieces, as memory for great ones is taken anew each time
            before, block = self.file.tell(), self.file.read(max(1, min(PIECE, room // GROWTH)))
            try:
                given.append(self.decoder.decode(block, final=not block).encode())
            except UnicodeError as error:
                raise misfit(self.encoding, before + getattr(error, "start", 0)) from error
            self.lines.look_at(given[-1])
            room -= len(given[-1])
        return b"".join(given)


@contextmanager
def open_as_utf8(path: Path, encoding: str, lines: Lines) -> Iterator[pa.NativeFile]:
    """Open a text file as UTF-8; what is UTF-8 already is looked at first, as Arrow then reads it without a copy."""
    import pyarrow as pa

    with path.open("rb") as file:
        if _is_utf8(encoding):
            while given := file.read(PIECE):
                lines.look_at(given)
            with pa.OSFile(os.fsencode(path), memory_pool=memory_pool()) as text:
                yield text
        else:
            yield pa.PythonFile(_Transcoded(file, encoding, lines), "r")


def memory_pool() -> pa.MemoryPool:
    """Give where lines are to be held: the default pool asks for great pages, for which some systems have to make room first."""
    import pyarrow as pa

    return pa.system_memory_pool()


def sample_as_utf8(path: Path, encoding: str, size: int) -> bytes:
    """Give the beginning of a text file, as UTF-8."""
    with path.open("rb") as file:
        return (file if _is_utf8(encoding) else _Transcoded(file, encoding, Lines(","))).read(size)


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith("utf-8")


def misfit(encoding: str, place: int) -> Unreadable:
    """Say that a byte does not fit the encoding."""
    return Unreadable(f"第 {place} 字节附近不符合 {encoding}。请用 --encoding 指明编码。")
