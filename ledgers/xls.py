"""Read old workbooks (`.xls`, and `.et` of WPS, which is the same inside) into sheets: rows of text as a person sees them.

xlrd gives errors, days, formats and what is hidden; that a formula was never computed stands in its record alone.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledgers.limits import Limits, Unreadable, refuse_wide
from ledgers.sheets import (
    BUILT_IN_MONTHS,
    Sheet,
    cell_text,
    coarse_day,
    count_unseen,
    first_day,
    is_tenth,
    overlay,
    shown_of_a_date,
)
from ledgers.shown import OF_THE_PLACE, REDS, as_shown, in_fonts

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Cell
    from xlrd.sheet import Sheet as OldSheet

ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#GETTING_DATA"}
NO_VALUE = "#NOVALUE!"
_FORMULA, _BOF = (0x0006, 0x0206, 0x0406), (0x0009, 0x0209, 0x0409, 0x0809)


def read_xls(path: Path, limits: Limits) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises:  Unreadable if a password is needed, and whatever a damaged file makes its parser raise.
    """
    import xlrd
    from xlrd.biffh import XLRDError

    with open(os.devnull, "w", encoding="utf-8") as silence:
        try:
            book = xlrd.open_workbook(str(path), logfile=silence, formatting_info=True, ragged_rows=True)
        except XLRDError as error:
            if "encrypted" in str(error).lower():
                raise Unreadable("工作簿有密码保护。请去掉密码后重试。") from error
            raise
    empty = _never_computed(path)
    return [_sheet(path, book, number, empty.get(number, set()), limits) for number in range(book.nsheets)]


def _sheet(path: Path, book: Book, number: int, empty: set[tuple[int, int]], limits: Limits) -> Sheet:
    own = book.sheet_by_index(number)
    refuse_wide(own.ncols, f"工作表 {own.name} ", limits)
    rows, tenths = [], set()
    for row in range(own.nrows):
        values, types = own.row_values(row), own.row_types(row)
        rows.append([v if t == 1 else _text(book, own, row, c) for c, (v, t) in enumerate(zip(values, types, strict=True))])
        if any(map(is_tenth, values)):
            tenths |= {(row, column) for column, value in enumerate(values) if types[column] == 2 and is_tenth(value)}
    overlay(rows, dict(_of_other_looks(book, own, rows)))
    overlay(rows, dict.fromkeys(empty, NO_VALUE))
    hidden = [index for index, info in own.rowinfo_map.items() if info.hidden]
    spans = [range(index, index + 1) for index, info in own.colinfo_map.items() if info.hidden]
    unseen = count_unseen(rows, hidden, spans)
    merged = tuple(sorted((top, left, bottom - 1, right - 1) for top, bottom, left, right in own.merged_cells))
    comments = tuple(sorted(own.cell_note_map))
    return Sheet(
        path, own.name, rows, None, own.visibility != 0, book.datemode == 1, frozenset(tenths), *unseen, merged, comments,
        red=tuple(_red(book, own)),
    )  # fmt: skip


def _text(book: Book, sheet: OldSheet, row: int, column: int) -> str:
    """Write a cell as text: its type is 2 number, 3 day, 4 flag, 5 error, else blank."""
    cell = sheet.cell(row, column)
    if cell.ctype == 2:
        key = book.xf_list[cell.xf_index].format_key if cell.xf_index is not None else 0
        return (
            cell_text(cell.value)
            if key in OF_THE_PLACE
            else as_shown(cell_text(cell.value), book.format_map[key].format_str or "")
        )
    if cell.ctype == 3:
        return _day(book, cell)
    if cell.ctype == 4:
        return cell_text(bool(cell.value))
    return ERRORS.get(int(cell.value), "#ERROR!") if cell.ctype == 5 else ""


def _of_other_looks(book: Book, sheet: OldSheet, rows: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the cells of which something is struck through or raised, with their texts."""
    looks = dict(enumerate((bool(font.struck_out), font.escapement > 0) for font in book.font_list))
    if not any(map(any, looks.values())):
        return
    for row, cells in enumerate(rows):
        for column in [column for column, text in enumerate(cells) if text]:
            own = (0, book.xf_list[sheet.cell_xf_index(row, column)].font_index)
            runs = [own, *sheet.rich_text_runlist_map.get((row, column), [])]
            if shown := in_fonts(cells[column], runs, looks):
                yield (row, column), shown


def _red(book: Book, sheet: OldSheet) -> Iterator[tuple[int, int]]:
    """Yield the numbers in red type."""
    reds = {tuple(bytes.fromhex(red)) for red in REDS}
    fonts = {number for number, font in enumerate(book.font_list) if book.colour_map.get(font.colour_index) in reds}
    for row in range(sheet.nrows) if fonts else ():
        for column, of_type in enumerate(sheet.row_types(row)):
            if of_type == 2 and book.xf_list[sheet.cell_xf_index(row, column)].font_index in fonts:
                yield row, column


def _day(book: Book, cell: Cell) -> str:
    import xlrd

    key = book.xf_list[cell.xf_index].format_key if cell.xf_index is not None else 0
    form = shown_of_a_date("yyyy-m" if key in BUILT_IN_MONTHS else book.format_map[key].format_str or "")
    if form and float(cell.value).is_integer():
        day = first_day(bool(book.datemode)) + timedelta(days=int(cell.value))
        if coarse := coarse_day(day, form):
            return coarse
    try:
        return cell_text(xlrd.xldate_as_datetime(float(cell.value), book.datemode))
    except (ValueError, OverflowError):
        return cell_text(cell.value)  # a day before or after the calendar: values say so


def _never_computed(path: Path) -> dict[int, set[tuple[int, int]]]:
    """Name the formulas without a result, by sheet.

    A program that writes formulas and does not compute them leaves the same record as a formula whose result is the empty
    text. Where any formula of the workbook has a result, it was computed, and an empty text is one.
    """
    found: dict[int, set[tuple[int, int]]] = {}
    for sheet, row, column, result in _formulas(_records_of(path)):
        if result != b"\x03\xff\xff":
            return {}
        found.setdefault(sheet, set()).add((row, column))
    return found


def _records_of(path: Path) -> bytes:
    from xlrd.compdoc import SIGNATURE, CompDoc

    data = path.read_bytes()
    if not data.startswith(SIGNATURE):
        return data
    with open(os.devnull, "w", encoding="utf-8") as silence:
        container: Any = CompDoc(data, logfile=silence)
        for name in ("Workbook", "Book"):
            memory, start, size = container.locate_named_stream(name)
            if memory:
                return bytes(memory[start : start + size])
    return b""


def _formulas(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield every formula of a stream of records: sheet, row, column, and the three bytes that say what its result is.

    In Excel's records of 1995 and later, the globals come first and then one part for each sheet, each begun by a BOF.
    """
    place, sheet, depth = 0, -2, 0
    while place + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, place)
        if code in _BOF:
            depth += 1
            sheet += depth == 1
        elif code == 0x000A:
            depth -= 1
        elif code in _FORMULA and depth == 1 and length >= 14:
            row, column = struct.unpack_from("<HH", data, place + 4)
            result = data[place + 10 : place + 18]
            yield sheet, row, column, result[:1] + result[6:8]
        place += 4 + length
