"""Read texts parted by commas, tabs, semicolons or strokes: which encoding, which delimiter, which records. What the cells mean is unknown here."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

from ledgers.fold import fold_header
from ledgers.limits import Limits, overstepped, refuse_wide
from ledgers.limits import Unreadable as Unreadable

BIG5 = ("big5", "cp950", "big5hkscs")  # each knows some more characters than the one before
WIDER = {"gb2312": ("gb18030",), "gbk": ("gb18030",), "cp936": ("gb18030",), "big5": BIG5}
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
HEADER_LINES = 30
NO_TEXT = "不是文本文件（含 NUL 字节）。请另存为 xlsx 或 CSV。"
HEAD, LEAST_NULS = 1 << 16, 20  # bytes; as many of them to a NUL at most, in UTF-16
_HAN_IN_UTF8 = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){4}")  # hardly ever the bytes of another encoding
_END = "\x00end"  # a record of our own after the last one: a quotation mark left open swallows it


def decode(data: bytes, encoding: str | None = None, known: Collection[str] = ()) -> tuple[str, str]:
    """Decode a text: the byte-order mark decides, then strict UTF-8, then strict GB18030 or Big5, whichever gives more headers.

    Nearly every text in Big5 is one of GB18030 too, of other characters; so a few `known` headers, folded, tell them apart.

    Raises:  Unreadable if none fits, or the named encoding does not.
    """
    marked = next((name for mark, name in MARKS.items() if data.startswith(mark)), None)
    named = encoding or marked or _unmarked(data) or ""
    if named:
        names = WIDER.get(named.lower().replace("-", "").replace("_", ""), (named,))
    else:
        names = ("utf-8", "gb18030")
        if (taiwan := _in_big5(data, known)) is not None:
            return taiwan
    for name in names:
        try:
            text = data.decode(name)
            if name == "gb18030" and not named and (line := _line_in_utf8(data)):
                raise Unreadable(f"第 {line} 行是 UTF-8，其余是 GB18030，一个文件中有两种编码。请分开另存为 UTF-8。")
            return text, name
        except LookupError as error:
            raise Unreadable(f"不认识的编码 `{name}`。可用 utf-8、gb18030、big5、utf-16。") from error
        except UnicodeError as error:
            tried = f"`{name}`（第 {getattr(error, 'start', 0)} 字节起不符）"
    raise Unreadable(f"无法按 {tried} 解码。请用 --encoding 指明编码，或另存为 UTF-8。")


def _unmarked(data: bytes) -> str | None:
    """Name the UTF-16 of a text without a mark: every other byte of its digits and commas is NUL, and no other encoding has any."""
    odd, even = data[1:HEAD:2].count(0), data[0:HEAD:2].count(0)
    if not data or max(odd, even) * LEAST_NULS < min(len(data), HEAD):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:  # the data may be the head of a file, and end within a character
        return None if "\x00" in codecs.getincrementaldecoder(name)().decode(data) else name
    except UnicodeError:
        return None


def _line_in_utf8(data: bytes) -> int | None:
    """Give the number of the first line that is UTF-8, of a text that is not."""
    for match in _HAN_IN_UTF8.finditer(data):
        start, end = data.rfind(b"\n", 0, match.start()) + 1, data.find(b"\n", match.end())
        if _decoded(data[start : end if end >= 0 else len(data)], "utf-8") is not None:
            return data.count(b"\n", 0, start) + 1
    return None


def _in_big5(data: bytes, known: Collection[str]) -> tuple[str, str] | None:
    """Decode as Big5 what is no UTF-8 and has more known headers so than as GB18030."""
    if not known or data.isascii() or _decoded(data, "utf-8") is not None:
        return None
    least = _count_headers(_decoded(data, "gb18030") or "", known)
    for name in BIG5:
        text = _decoded(data, name)
        if text is not None:
            return (text, name) if _count_headers(text, known) > least else None
    return None


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _count_headers(text: str, known: Collection[str]) -> int:
    """Count the known headers in the line that has most of them."""
    lines, mark = text[: 1 << 16].splitlines()[:HEADER_LINES], delimiter_of(text)
    return max((sum(fold_header(cell.strip('"')) in known for cell in line.split(mark)[:200]) for line in lines), default=0)


def whole_lines(head: bytes, encoding: str | None = None) -> bytes:
    """Cut the first bytes of a file after their last line break, so that no character is cut in two."""
    marks = {b"\xff\xfe": b"\n\x00", b"\xfe\xff": b"\x00\n"}
    said = encoding or _unmarked(head) or ""
    named = {"utf-16-le": b"\n\x00", "utf-16": b"\n\x00", "utf-16-be": b"\x00\n"}.get(said.lower().replace("_", "-"))
    mark = marks.get(head[:2]) or named or b"\n"
    at = head.rfind(mark)
    while at > 0 and at % len(mark):
        at = head.rfind(mark, 0, at + len(mark) - 1)
    return head[: at + len(mark)] if at >= 0 else head


def delimiter_of(text: str) -> str:
    """Say which mark parts the cells of a text, by its first lines."""
    first = text[:4096].splitlines()[:5]
    return max(",\t;|", key=lambda mark: sum(line.count(mark) for line in first))


def records(lines: Iterable[str], delimiter: str, limits: Limits) -> Iterator[list[str]]:
    """Yield the records of a text.

    Raises:  Unreadable where the quoting is broken, or a quotation mark that stands alone makes one cell of several rows;
             or a cell is too long or a row too wide.
    """
    csv.field_size_limit(limits.cell_characters)
    reader, held, count, width, line = csv.reader(chain(lines, [_END]), delimiter=delimiter), [""], 0, 0, 0
    try:
        for count, cells in enumerate(reader, start=1):
            if count > 1:
                yield held
            if reader.line_num > line + 1 and width > 2 and _swallowed(cells, delimiter, width):
                raise Unreadable(f"第 {count} 条记录的引号未闭合，把后面的行并成了一格。请补上或删去这个引号。")
            if len(cells) > limits.columns:
                refuse_wide(len(cells), f"第 {count} 条记录", limits)
            held, width, line = cells, max(width, len(cells)), reader.line_num
    except csv.Error as error:
        if "larger than field limit" in str(error):
            raise overstepped(f"第 {count + 1} 条记录有一格的字数", "cell_characters", limits.cell_characters) from error
        raise Unreadable(f"CSV 结构有误：{error}。请检查引号与换行。") from error
    if held != [_END]:
        raise Unreadable(f"第 {count} 条记录的引号直到文件末尾都没有闭合。请补上或删去这个引号。")


def _swallowed(cells: list[str], delimiter: str, width: int) -> bool:
    """Say whether a line inside of a cell looks like a whole row."""
    return any(
        line.count(delimiter) >= width - 1 for cell in cells if "\n" in cell or "\r" in cell for line in cell.splitlines()[1:]
    )


def read_csv(path: Path, encoding: str | None, known: Collection[str], limits: Limits) -> tuple[list[list[str]], str, str]:
    """Read a small file: its records, its encoding, what parts its cells.

    Raises:  Unreadable.
    """
    text, used = decode(path.read_bytes(), encoding, known)
    if "\x00" in text:
        raise Unreadable(NO_TEXT)
    delimiter = delimiter_of(text)
    return list(records(io.StringIO(text, newline=""), delimiter, limits)), used, delimiter
