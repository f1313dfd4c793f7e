"""Read binary workbooks (`.xlsb`) into sheets. The fast reader gives the values; what it hides is looked up in the records.

A record is a number, a length and bytes ([MS-XLSB] 2.1.4); each number that matters is named here.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from ledgers.fast import fast_sheets
from ledgers.limits import Limits
from ledgers.sheets import (
    BUILT_IN_MONTHS,
    Sheet,
    cell_text,
    coarse_day,
    count_unseen,
    far_cells,
    first_day,
    overlay,
    shown_of_a_date,
    strike,
)
from ledgers.shown import PERCENT_BUILT_IN, adds_something, as_shown, in_fonts
from ledgers.xls import ERRORS, NO_VALUE
from ledgers.xlsx import comment_parts, sheet_targets

ROW, NUMBER, ERROR, REAL, TEXT = 0, 2, 3, 5, 7
FORMULA_TEXT, FORMULA_NUMBER, FORMULA_FLAG, FORMULA_ERROR = 8, 9, 10, 11
SHARED, FONT, COLUMN, FORMAT, STYLE, BOOK, SHEET, MERGED = 19, 43, 60, 44, 47, 153, 156, 176
STYLES_BEGIN, STYLES_END = 617, 618
COMMENT = 635
IS_STRUCK = 8  # of a font's flags
OF_THE_CELL = -1  # the font of a text before its first run: what it strikes, the style of the cell strikes


class _Seen(NamedTuple):
    """Hold what the records of a sheet say beside values; `empty` are formulas whose result is the empty text."""

    marks: dict[tuple[int, int], str]
    struck: list[tuple[int, int]]
    empty: set[tuple[int, int]]
    computed: bool
    hidden_rows: list[int]
    hidden_columns: list[range]
    merged: list[tuple[int, int, int, int]]
    comments: list[tuple[int, int]]


def read_xlsb(path: Path, limits: Limits) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises:  Unreadable, and whatever a damaged file makes its parsers raise.
    """
    with zipfile.ZipFile(path) as archive:
        targets = sheet_targets(archive, "xl/_rels/workbook.bin.rels")
        from_1904, parts = _parts(archive.read("xl/workbook.bin"))
        epoch = first_day(from_1904)
        styles, shared = (
            archive.read(own) if own in archive.namelist() else b"" for own in ("xl/styles.bin", "xl/sharedStrings.bin")
        )
        looks = _looks(styles, shared)
        seen = {name: _look(name, archive.read(f"xl/{targets[own]}"), looks, epoch, limits) for name, own in parts.items()}
        for name, identity in parts.items():
            for part in comment_parts(archive, f"xl/{targets[identity]}"):
                seen[name].comments.extend(_commented(archive.read(part)))
    computed = any(own.computed for own in seen.values())
    sheets = []
    for sheet in fast_sheets(path, limits):
        own = seen[sheet.name or ""]
        overlay(sheet.rows, own.marks | ({} if computed else dict.fromkeys(own.empty, NO_VALUE)))
        strike(sheet.rows, own.struck)
        in_rows, in_columns = count_unseen(sheet.rows, own.hidden_rows, own.hidden_columns)
        merged = tuple(sorted(own.merged))
        sheets.append(
            sheet._replace(
                from_1904=from_1904,
                hidden_rows=in_rows,
                hidden_columns=in_columns,
                merged=merged,
                comments=tuple(sorted(own.comments)),
            )
        )
    return sheets


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(data):
        code = data[place]
        place += 1
        if code & 0x80:
            code = code & 0x7F | (data[place] & 0x7F) << 7
            place += 1
        length = shift = 0
        while True:
            byte = data[place]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        yield code, data[place : place + length]
        place += length


def _wide(data: bytes, place: int) -> tuple[str, int]:
    """Read a text with its length before it; give it and the place behind it."""
    (length,) = struct.unpack_from("<I", data, place)
    end = place + 4 + 2 * length if length != 0xFFFFFFFF else place + 4
    return data[place + 4 : end].decode("utf-16-le"), end


def _parts(data: bytes) -> tuple[bool, dict[str, str]]:
    """Say whether days count from 1904, and map the name of each sheet to the identity of its part."""
    from_1904, parts = False, {}
    for code, own in _records(data):
        if code == BOOK:
            from_1904 = bool(own[0] & 1)
        elif code == SHEET:
            identity, place = _wide(own, 8)
            parts[_wide(own, place)[0]] = identity
    return from_1904, parts


class _Looks(NamedTuple):
    """Hold the cell styles that show a month or a year alone, those that add something to a number, those that strike through; shared texts
    of several looks."""

    coarse: dict[int, str]
    formats: dict[int, str]
    struck: frozenset[int]
    texts: dict[int, str]


def _looks(data: bytes, shared: bytes) -> _Looks:
    """Find the looks of a workbook that change what its cells say; mostly there are none."""
    codes: dict[int, str] = {**dict.fromkeys(BUILT_IN_MONTHS, "yyyy-m"), **dict.fromkeys(PERCENT_BUILT_IN, "0%")}
    used, fonts, inside = list[tuple[int, int]](), list[tuple[bool, bool]](), False
    for code, own in _records(data):
        if code == FORMAT:
            codes[struct.unpack_from("<H", own)[0]] = _wide(own, 2)[0]
        elif code == FONT:
            flags, raised = struct.unpack_from("<H2xH", own, 2)
            fonts.append((bool(flags & IS_STRUCK), raised > 0))
        elif code in (STYLES_BEGIN, STYLES_END):
            inside = code == STYLES_BEGIN
        elif code == STYLE and inside:
            used.append(struct.unpack_from("<HH", own, 2))
    shown = {number: codes.get(key, "") for number, (key, _) in enumerate(used)}
    coarse = {number: form for number, code in shown.items() if (form := shown_of_a_date(code))}
    formats = {number: code for number, code in shown.items() if adds_something(code)}
    struck = frozenset(number for number, (_, font) in enumerate(used) if font < len(fonts) and fonts[font][0])
    return _Looks(coarse, formats, struck, dict(_shared_texts(shared, fonts)) if any(map(any, fonts)) else {})


def _shared_texts(data: bytes, fonts: list[tuple[bool, bool]]) -> Iterator[tuple[int, str]]:
    """Yield the shared texts of which some characters are struck through or raised, by their number."""
    for number, own in enumerate(own for code, own in _records(data) if code == SHARED):
        if own[0] & 1:
            text, place = _wide(own, 1)
            count = struct.unpack_from("<I", own, place)[0]
            runs = struct.iter_unpack("<HH", own[place + 4 : place + 4 + 4 * count])
            if shown := in_fonts(text, [(0, OF_THE_CELL), *runs], dict(enumerate(fonts))):
                yield number, shown


def _look(name: str, data: bytes, looks: _Looks, epoch: date, limits: Limits) -> _Seen:
    struck = list[tuple[int, int]]()
    marks, empty, hidden_rows, hidden_columns = dict[tuple[int, int], str](), set[tuple[int, int]](), list[int](), list[range]()
    merged = list[tuple[int, int, int, int]]()
    row, last, computed = 0, 0, False
    for code, own in _records(data):
        if code == ROW:
            (row,) = struct.unpack_from("<I", own)
            if own[11] & 0x10:
                hidden_rows.append(row)
        elif code == COLUMN:
            first, end, flags = struct.unpack_from("<II8xH", own)
            if flags & 1:
                hidden_columns.append(range(first, end + 1))
        elif code == MERGED:
            top, bottom, left, right = struct.unpack_from("<IIII", own)
            merged.append((top, left, bottom, right))
        elif 1 <= code <= FORMULA_ERROR:
            column, style = struct.unpack_from("<II", own)
            style &= 0xFFFFFF
            struck += [(row, column)] if style in looks.struck else []
            last = max(last, column)
            computed |= code in (FORMULA_NUMBER, FORMULA_FLAG, FORMULA_ERROR) or (code == FORMULA_TEXT and own[8:12] != bytes(4))
            if code in (ERROR, FORMULA_ERROR):
                marks[row, column] = ERRORS.get(own[8], "#ERROR!")
            elif code == FORMULA_TEXT and own[8:12] == bytes(4):
                empty.add((row, column))
            elif code == TEXT and (text := looks.texts.get(struct.unpack_from("<I", own, 8)[0])):
                marks[row, column] = text
            elif code in (NUMBER, REAL, FORMULA_NUMBER) and (style in looks.formats or style in looks.coarse):
                number = _short(own) if code == NUMBER else struct.unpack_from("<d", own, 8)[0]
                form = looks.coarse.get(style, "")
                if style in looks.formats:
                    marks[row, column] = as_shown(cell_text(number), looks.formats[style])
                elif number.is_integer() and 0 < number < 2958466 and (shown := coarse_day(epoch + timedelta(days=number), form)):
                    marks[row, column] = shown
    if (row + 1) * (last + 1) > limits.cells:
        raise far_cells(name, row + 1, last + 1)
    return _Seen(marks, struck, empty, computed, hidden_rows, hidden_columns, merged, [])


def _commented(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the cells that have a comment; what is damaged about comments refuses no ledger."""
    with suppress(IndexError, struct.error):
        for code, own in _records(data):
            if code == COMMENT:
                row, _, column, _ = struct.unpack_from("<4xIIII", own)
                yield row, column


def _short(own: bytes) -> float:
    """Read a number of four bytes: half a float or an integer, perhaps in hundredths."""
    (raw,) = struct.unpack_from("<i", own, 8)
    number = float(raw >> 2) if raw & 2 else struct.unpack("<d", bytes(4) + struct.pack("<i", raw & ~3))[0]
    return float(number / 100 if raw & 1 else number)
