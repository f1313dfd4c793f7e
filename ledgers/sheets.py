"""Hold a sheet of a workbook, whatever it was read from: rows of text as a person sees them. Kinds of ledger are unknown here."""

from __future__ import annotations

import marshal
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

from ledgers.arrays import NUL
from ledgers.limits import Unreadable
from ledgers.readings import STRUCK

_PART = NUL.encode()
LONG = 20_000  # rows of a sheet that is handed over by its columns
HEAD_ROWS = 60  # of such a sheet
EXACT = 1e15  # below it whole numbers stand as they were typed


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
    red: tuple[tuple[int, int], ...] = ()  # numbers in red type; only readers of .xlsx and .xls tell them
    packed: tuple[bytes, ...] = ()  # the columns of a long sheet, texts in UTF-8 parted by NUL
    delimiter: str = ""  # of a text

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the rows as one piece, many of them as columns: a million texts, pickled each by itself, take six times as long."""
        long = is_long(len(self.rows)) and not self.packed
        sheet = packed(self, _join(list(zip_longest(*self.rows, fillvalue="")))) if long else self
        return _unpickled, (marshal.dumps(sheet.rows, PLAIN_MARSHAL), *sheet._replace(rows=[]))


PLAIN_MARSHAL = 2  # the last version that does not look for texts that stand twice


def _unpickled(rows: bytes, *others: object) -> Sheet:
    return Sheet(*others)._replace(rows=marshal.loads(rows))  # type: ignore[arg-type]


def is_long(rows: int) -> bool:
    """Say whether so many rows had better be columns."""
    return rows >= LONG


def packed(sheet: Sheet, columns: Sequence[bytes]) -> Sheet:
    """Give a long sheet by its columns; without any, which is how a text that holds NUL or half a character is told, as it is."""
    head = [list(map(bytes.decode, column.split(_PART, HEAD_ROWS)[:HEAD_ROWS])) for column in columns]
    return sheet._replace(rows=rows_of(head), packed=tuple(columns)) if columns else sheet


def pack(blocks: Iterable[Sequence[Sequence[object]]]) -> tuple[list[bytes], frozenset[tuple[int, int]]]:
    """Join the cells of an even grid by columns, and find the numbers that may be months; no columns if a text holds NUL or half a character.

    The rows come in blocks: what was made just now still is in the processor's cache, and takes half the time.
    """
    parts, tenths, first = list[list[bytes]](), set[tuple[int, int]](), 0
    for cells in blocks:
        columns, odd = columns_of(cells)
        tenths |= {(first + row, column) for row, column in odd}
        parts.append(_join(columns))
        first += len(cells)
    return [_PART.join(column) for column in zip(*parts, strict=True)] if all(parts) else [], frozenset(tenths)


def _join(columns: Sequence[Sequence[str]]) -> list[bytes]:
    """Join each of some columns; give none if a text holds NUL or half a character."""
    try:
        joined = [NUL.join(column).encode() for column in columns]
    except UnicodeEncodeError:
        return []
    return joined if all(column.count(_PART) < len(columns[0]) for column in joined) else []


def _split(joined: bytes) -> list[str]:
    return joined.decode().split(NUL)


def unpacked(sheet: Sheet) -> Sheet:
    """Give a sheet with all of its rows."""
    if not sheet.packed:
        return sheet
    return sheet._replace(rows=rows_of(list(map(_split, sheet.packed))), packed=())


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
        types = set(map(type, column))
        if types == {float} and (whole := _whole_numbers(column)):
            columns.append(whole)
            continue
        types -= {str}
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


def _whole_numbers(column: Sequence[float]) -> list[str]:
    """Write whole numbers without a point, if all are whole and none is so long that a spreadsheet has rounded it."""
    if not all(map(float.is_integer, column)) or max(map(abs, column)) >= EXACT:
        return []
    return list(map(str, map(int, column)))


def is_tenth(cell: object) -> bool:
    """Say whether a number such as 2021.1 may be a month, January or October."""
    return isinstance(cell, float) and 1900 < cell < 2100 and f"{cell:.15g}".endswith(".1")


def has_longer_text(sheet: Sheet, most: int) -> bool:
    """Say whether a text of a sheet has more than so many characters."""
    if sheet.packed and not any(_has_longer_part(column, most) for column in sheet.packed):  # bytes are at least as many
        return False
    return any(len(text) > most for text in chain.from_iterable(unpacked(sheet).rows))


def _has_longer_part(joined: bytes, most: int) -> bool:
    """Say whether NUL parts a text of more than so many bytes; only so many bytes are stepped over at once, from one NUL to a later one."""
    place = 0
    while place + most < len(joined):
        found = joined.rfind(_PART, place, place + most + 1)
        if found < 0:
            return True
        place = found + 1
    return False


def cell_text(cell: object) -> str:
    """Write a cell as text: whole numbers without a point, dates in ISO form, long numbers as Excel keeps them."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        if math.isnan(cell):
            return "#NUM!"  # a word such as nan would be taken for nothing
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT else f"{cell:.15g}"
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
