"""Hold a sheet of a workbook, whatever it was read from: rows of text as a person sees them. Kinds of ledger are unknown here."""

from __future__ import annotations

import marshal
import math
import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import date, datetime, time
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

from ledgers.arrays import NUL
from ledgers.limits import Unreadable
from ledgers.readings import STRUCK

LONG = 20_000  # rows of a sheet that is handed over by its columns
HEAD_ROWS = 60  # of such a sheet


class Sheet(NamedTuple):
    """Hold one sheet: its rows of text (row 0 is the first row of the file), its name, how it was decoded.

    Of a long sheet that is `packed`, `rows` are the first ones only; `unpacked` gives all.
    """

    path: Path
    name: str | None
    rows: list[list[str]]
    encoding: str | None = None
    hidden: bool = False
    from_1904: bool = False  # numbers of days count from 1904
    tenths: frozenset[tuple[int, int]] = frozenset()  # numbers such as 2021.1, which as a month may be January or October
    hidden_rows: int = 0  # with something in them; they are read like any other
    hidden_columns: int = 0
    merged: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column of merged cells
    comments: tuple[tuple[int, int], ...] = ()  # cells with a comment: row and column
    packed: tuple[bytes, ...] = ()  # the columns of a long sheet, texts in UTF-8 parted by NUL

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the rows as one piece, many of them as columns: a million texts, pickled each by itself, take six times as long."""
        sheet = self if self.packed or not is_long(self.rows) else packed(self, list(zip_longest(*self.rows, fillvalue="")))
        return _unpickled, (marshal.dumps(sheet.rows, PLAIN_MARSHAL), *sheet._replace(rows=[]))


PLAIN_MARSHAL = 2  # the last version that does not look for texts that stand twice


def _unpickled(rows: bytes, *others: object) -> Sheet:
    return Sheet(*others)._replace(rows=marshal.loads(rows))  # type: ignore[arg-type]


def is_long(rows: Sized) -> bool:
    """Say whether so many rows had better be columns."""
    return len(rows) >= LONG


def packed(sheet: Sheet, columns: Sequence[Sequence[str]]) -> Sheet:
    """Give a long sheet by its columns; where a text holds NUL or half a character, by its rows."""
    if not columns:
        return sheet
    height, joined = len(columns[0]), list(map(NUL.join, columns))
    try:
        encoded = tuple(map(str.encode, joined))
    except UnicodeEncodeError:
        encoded = ()
    if not encoded or any(column.count(NUL) >= height for column in joined):
        return sheet if sheet.rows else sheet._replace(rows=rows_of(columns))
    return sheet._replace(rows=rows_of([column[:HEAD_ROWS] for column in columns]), packed=encoded)


def unpacked(sheet: Sheet) -> Sheet:
    """Give a sheet with all of its rows."""
    if not sheet.packed:
        return sheet
    return sheet._replace(rows=rows_of([column.decode().split(NUL) for column in sheet.packed]), packed=())


def rows_of(columns: Sequence[Sequence[str]]) -> list[list[str]]:
    """Give the rows of some columns, each up to its last text, up to the last one that has any."""
    rows = list(map(list, zip(*columns, strict=True)))
    for row in rows:
        while row and not row[-1]:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def columns_of(cells: Sequence[Sequence[object]]) -> tuple[list[Sequence[str]], frozenset[tuple[int, int]]]:
    """Write the cells of an even grid as columns of texts, and find the numbers that may be months.

    Columns are looked at whole: of most the fast reader gives texts, and those need no look at each.
    """
    columns, tenths = list[Sequence[str]](), set[tuple[int, int]]()
    for place, column in enumerate(zip(*cells, strict=True)):
        types = set(map(type, column)) - {str}
        distinct = set(column) if types else set[object]()
        if len(types) > 1:  # 1 and True are the same to a mapping
            columns.append(list(map(cell_text, column)))
        else:
            columns.append(
                list(map(dict(zip(distinct, map(cell_text, distinct), strict=True)).__getitem__, column)) if types else column
            )
        if float in types and (odd := set(filter(is_tenth, distinct))):
            tenths |= {(number, place) for number, cell in enumerate(column) if cell in odd}
    return columns, frozenset(tenths)


def is_tenth(cell: object) -> bool:
    """Say whether a number such as 2021.1 may be a month, January or October."""
    return isinstance(cell, float) and 1900 < cell < 2100 and f"{cell:.15g}".endswith(".1")


def longest_text(sheet: Sheet) -> int:
    """Count the characters of the longest text of a sheet; in a packed one at least as many."""
    if sheet.packed:
        return max(len(max(column.split(NUL.encode()), key=len)) for column in sheet.packed)
    return max(map(len, chain.from_iterable(sheet.rows)), default=0)


def cell_text(cell: object) -> str:
    """Write a cell as text: whole numbers without a point, dates in ISO form, long numbers as Excel keeps them."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        if math.isnan(cell):
            return "#NUM!"  # a word such as nan would be taken for nothing
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def overlay(rows: list[list[str]], marks: Mapping[tuple[int, int], str]) -> None:
    """Write texts over cells, also beyond the last row and column."""
    for (row, column), text in marks.items():
        if row >= len(rows):
            rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = text


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescape(rows: Sequence[list[str]]) -> None:
    """Put characters in place of their numbers, such as _x000D_, as which workbooks keep what XML does not allow."""
    for row in rows:
        row[:] = [_ESCAPED.sub(lambda match: chr(int(match[1], 16)), cell) if "_x" in cell else cell for cell in row]


def strike(rows: list[list[str]], places: Iterable[tuple[int, int]]) -> None:
    """Write behind the texts of some cells that they are struck through."""
    for row, column in places:
        if row < len(rows) and column < len(rows[row]) and rows[row][column].strip():
            rows[row][column] += STRUCK


_NO_PART = re.compile(r'"[^"]*"|\[[^]]*\]|[\\_*].')  # quoted texts, locales and colours, escaped characters
BUILT_IN_MONTHS = (17, 27, 36, 50, 52, 57)  # of formats: they show no day


def count_unseen(rows: list[list[str]], hidden: Sequence[int], spans: Sequence[range]) -> tuple[int, int]:
    """Count the hidden rows and columns in which something stands."""
    filled = {index for row in rows for index, cell in enumerate(row) if cell.strip()} if spans else set[int]()
    in_rows = sum(number < len(rows) and any(cell.strip() for cell in rows[number]) for number in hidden)
    return in_rows, sum(any(index in span for span in spans) for index in filled)


def shown_of_a_date(code: str) -> str:
    """Give the form of the dates that a number format shows without a day; nothing for any other format."""
    parts = {letter for letter in _NO_PART.sub("", code.partition(";")[0]).lower() if letter in "ymdhs"}
    return {"ym": "%Y年%m月", "y": "%Y年"}.get("".join(sorted(parts, key="ymdhs".index)), "")


def first_day(from_1904: bool) -> date:
    """Give the day that a spreadsheet counts from; that of 1900 is right from March on (`dates` would bring pydantic along)."""
    return date(1904, 1, 1) if from_1904 else date(1899, 12, 30)


def coarse_day(day: date, form: str) -> str:
    """Write a day as the month or year that its cell shows, if it is the first one, which a spreadsheet adds to what was typed."""
    return day.strftime(form) if form and day.day == 1 and ("m" in form or day.month == 1) else ""


def far_cells(name: str, rows: int, columns: int) -> Unreadable:
    """Say that the used area of a sheet is too large."""
    return Unreadable(f"工作表 {name} 的使用区域有 {rows} 行 {columns} 列，疑有误填在远处的单元格。请删去后另存。")


def column_index(letters: str) -> int:
    """Give the index of a column from its letters: A is 0.

    >>> column_index("F"), column_letters(5), column_letters(27)
    (5, 'F', 'AB')
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(index: int) -> str:
    """Give the letters of a column from its index: 0 is A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
