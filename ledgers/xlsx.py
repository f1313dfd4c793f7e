"""Read workbooks of XML (`.xlsx`). The fast reader hides some cells, and what others look like: that is looked up in the XML meanwhile."""

from __future__ import annotations

import posixpath
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ledgers.fast import blocks_of, cells_of, is_hidden, merged_cells, open_workbook, refuse_far
from ledgers.limits import Limits, Unreadable
from ledgers.sheets import (
    BUILT_IN_MONTHS,
    Sheet,
    coarse_day,
    column_index,
    columns_of,
    count_unseen,
    far_cells,
    first_day,
    is_long,
    overlay,
    pack,
    packed,
    rows_of,
    shown_of_a_date,
    strike,
    unescape,
)
from ledgers.shown import Looks, find_looks, red_cells, shown_cells
from ledgers.xml_parts import parse_xml

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook, SheetMetadata

_CELL = re.compile(rb"<(?:\w+:)?c ([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_IS_ERROR, _IS_TEXT = re.compile(rb"\bt=[\"']e[\"']"), re.compile(rb"\bt=[\"']str[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CACHED = re.compile(rb"<(?:\w+:)?(?:v>[^<]|is>|t>)")
_CACHED_BLANK = re.compile(rb"<(?:\w+:)?v\s*(?:/>|></)")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*\bref=[\"'](?:[A-Z]{1,3}[0-9]{1,7}:)?([A-Z]{1,3})([0-9]{1,7})[\"']")
_HEAD_BYTES = 4096  # in which a sheet says how far it reaches
_WIDE = re.compile(rb"r=[\"']([A-Z]{2,3})[0-9]")  # begins with what can be looked for fast
_COMMENT = re.compile(rb"<(?:\w+:)?comment\b[^>]*\bref=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_RELATION, _TARGET = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>"), re.compile(rb"\bTarget=[\"']([^\"']*)[\"']")
_OF_COMMENTS = re.compile(rb"\bType=[\"'][^\"']*/comments[\"']")
_BLANKS = re.compile(r"[\t\r\n]")
_ROW = re.compile(rb"\br=[\"']([0-9]{1,7})[\"']")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_ROW_HEAD, _COLUMN_HEAD = re.compile(rb"<(?:\w+:)?row ([^>]*)>"), re.compile(rb"<(?:\w+:)?col ([^>]*)>")
_SPAN = re.compile(rb"\b(min|max)=[\"']([0-9]{1,5})[\"']")
_STYLE = re.compile(rb"\bs=[\"']([0-9]+)[\"']")
_SERIAL = re.compile(rb"<(?:\w+:)?v>([0-9]{1,6})(?:\.0*)?</")


class _Book(NamedTuple):
    """Hold what is said once for all sheets: the part of each by its name, the first day of the calendar, what styles show, whether characters stand by their numbers."""

    parts: Mapping[str, str]
    from_1904: bool
    coarse: Mapping[bytes, str]
    looks: Looks
    escapes: bool


class _Unseen(NamedTuple):
    """Hold what the fast reader hides of a sheet: cells that show something else, are struck through or red, and hidden rows and columns."""

    marks: Mapping[tuple[int, int], str]
    struck: list[tuple[int, int]]
    red: list[tuple[int, int]]
    rows: list[int]
    columns: list[range]
    escapes: bool


def read_xlsx(path: Path, limits: Limits) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises:  Unreadable, and whatever a damaged file makes its parsers raise.
    """
    with path.open("rb") as file, zipfile.ZipFile(path) as archive, ThreadPoolExecutor(1) as beside:
        opening = beside.submit(open_workbook, file)
        book = _open_book(archive)
        workbook, metas = opening.result()
        return [_read_sheet(path, meta, workbook, archive, book, beside, limits) for meta in metas]


def _open_book(archive: zipfile.ZipFile) -> _Book:
    targets = sheet_targets(archive, "xl/_rels/workbook.xml.rels")
    workbook = parse_xml(archive.read("xl/workbook.xml"))
    own = workbook.find("{*}workbookPr")
    from_1904 = own is not None and own.get("date1904") in ("1", "true", "on")
    identities = {
        _BLANKS.sub(" ", sheet.get("name", "")): next((value for key, value in sheet.items() if key.endswith("}id")), None)
        for sheet in workbook.iterfind(".//{*}sheet")
    }
    parts = {name: f"xl/{targets[identity]}" for name, identity in identities.items()}
    escapes = "xl/sharedStrings.xml" in archive.namelist() and b"_x00" in archive.read("xl/sharedStrings.xml")
    return _Book(parts, from_1904, _coarse_styles(archive), find_looks(archive), escapes)


def _read_sheet(
    path: Path,
    meta: SheetMetadata,
    workbook: CalamineWorkbook,
    archive: zipfile.ZipFile,
    book: _Book,
    beside: ThreadPoolExecutor,
    limits: Limits,
) -> Sheet:
    """Read one sheet in a thread beside us, as the fast reader needs no lock; what it hides is found meanwhile."""
    part = book.parts[_BLANKS.sub(" ", meta.name)]  # as which XML gives a line break in an attribute

    def read() -> Future[CalamineSheet]:
        return beside.submit(workbook.get_sheet_by_name, meta.name)

    # A false claim may want gigabytes: it is believed where the memory of this process is bounded.
    reading = read() if sys.platform != "win32" and _says_it_is_near(archive, part, limits) else None
    xml = archive.read(part)
    if b"\x00" in xml[:4] or xml[:2] in (b"\xff\xfe", b"\xfe\xff"):  # its errors would not be found
        raise Unreadable("工作表不是用 UTF-8 写的。请用 WPS 或 Excel 打开后另存为 .xlsx。")
    if reading is None:
        _refuse_far_cells(meta.name, xml, limits)
        reading = read()
    unseen = _look_into(xml, book)
    found = reading.result()
    refuse_far(meta.name, found, unseen.marks, limits)
    comments = tuple(sorted(_comments(archive, part)))
    sheet = Sheet(path, meta.name, [], None, is_hidden(meta), book.from_1904, merged=merged_cells(found), comments=comments)
    if is_long(found.height) and not (unseen.escapes or any(unseen[:5])):
        joined, tenths = pack(blocks_of(found))
        if joined:
            return packed(sheet._replace(tenths=tenths), joined)
    columns, tenths = columns_of(cells_of(found))
    rows = rows_of(columns)
    if unseen.escapes:
        unescape(rows)
    overlay(rows, unseen.marks)
    strike(rows, unseen.struck)
    in_rows, in_columns = count_unseen(rows, unseen.rows, unseen.columns)
    return sheet._replace(rows=rows, tenths=tenths, hidden_rows=in_rows, hidden_columns=in_columns, red=tuple(unseen.red))


def _look_into(xml: bytes, book: _Book) -> _Unseen:
    """Find what the fast reader hides: error cells and formulas without a cached value, which it gives as blanks, and what else is not as it looks."""
    shown = [((row - 1, column_index(letters.decode())), text) for row, letters, text in shown_cells(xml, book.looks)]
    marks = {place: text for place, text in shown if text is not None} | dict(_marks(xml))
    marks |= dict(_coarse_dates(xml, book.coarse, first_day(book.from_1904)))
    struck = [place for place, text in shown if text is None]
    red = [(row - 1, column_index(letters.decode())) for row, letters in red_cells(xml, book.looks.red)]
    return _Unseen(marks, struck, red, *_unseen(xml), book.escapes or b"_x00" in xml)


def sheet_targets(archive: zipfile.ZipFile, relations: str) -> dict[str | None, str]:
    """Map the identities of a workbook's parts to their names below `xl/`."""
    found = parse_xml(archive.read(relations))
    return {one.get("Id"): one.get("Target", "").lstrip("/").removeprefix("xl/") for one in found}


def _comments(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int]]:
    """Yield the cells of a sheet that have a comment; what is damaged about comments refuses no ledger."""
    for name in comment_parts(archive, part):
        for letters, number in _COMMENT.findall(archive.read(name)):
            yield int(number) - 1, column_index(letters.decode())


def comment_parts(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """Yield the parts in which the comments of a sheet stand."""
    folder, name = posixpath.split(part)
    there = {entry.lower(): entry for entry in archive.namelist()}
    relations = there.get(f"{folder}/_rels/{name}.rels".lower())
    for relation in _RELATION.findall(archive.read(relations)) if relations else ():
        target = _TARGET.search(relation)
        if _OF_COMMENTS.search(relation) and target:
            path = posixpath.normpath(posixpath.join("/", folder, target[1].decode(errors="replace"))).lstrip("/")
            if path.lower() in there:
                yield there[path.lower()]


def _unseen(xml: bytes) -> tuple[list[int], list[range]]:
    """List the hidden rows and columns, as indices."""
    if b"hidden=" not in xml:
        return [], []
    rows = [_ROW.search(row) for row in _ROW_HEAD.findall(xml) if _HIDDEN.search(row)]
    columns = [_SPAN.findall(column) for column in _COLUMN_HEAD.findall(xml) if _HIDDEN.search(column)]
    bounds = [{name: int(number) for name, number in found} for found in columns]
    return [int(row[1]) - 1 for row in rows if row], [range(own[b"min"] - 1, own[b"max"]) for own in bounds if len(own) == 2]


def _coarse_styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """Map each cell style that shows a month without its day, or a year alone, to the form its dates are written in."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = parse_xml(archive.read("xl/styles.xml"))
    codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in styles.iterfind("{*}numFmts/{*}numFmt")}
    used = [one.get("numFmtId", "") for one in styles.iterfind("{*}cellXfs/{*}xf")]
    shown = {
        n: shown_of_a_date(codes.get(own, "yyyy-m" if own in map(str, BUILT_IN_MONTHS) else "")) for n, own in enumerate(used)
    }
    return {str(n).encode(): form for n, form in shown.items() if form}


def _coarse_dates(xml: bytes, coarse: Mapping[bytes, str], epoch: date) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the cells that show no day and hold the first one, which a spreadsheet adds to what was typed."""
    if not coarse:
        return
    for match in _CELL.finditer(xml):
        style, reference = _STYLE.search(match[1]), _REFERENCE.search(match[1])
        if not style or not reference or style[1] not in coarse or not (serial := _SERIAL.search(match[2] or b"")):
            continue
        if shown := coarse_day(epoch + timedelta(days=int(serial[1])), coarse[style[1]]):
            yield (int(reference[2]) - 1, column_index(reference[1].decode())), shown


def _says_it_is_near(archive: zipfile.ZipFile, part: str, limits: Limits) -> bool:
    """Say whether a sheet claims that its last cell is near, so that it may be read at once; a false claim fills the memory, or is found out."""
    with archive.open(part) as file:
        claim = _DIMENSION.search(file.read(_HEAD_BYTES))
    return claim is not None and int(claim[2]) * (column_index(claim[1].decode()) + 1) <= limits.cells


def _refuse_far_cells(name: str, xml: bytes, limits: Limits) -> None:
    """Refuse a sheet whose last cell is so far away that its empty area would fill the memory."""
    last = _ROW.search(xml, max(xml.rfind(b"<row "), xml.rfind(b":row "), 0))
    rows = int(last[1]) if last else 0
    if rows * (1 << 14) > limits.cells:
        columns = max((column_index(letters.decode()) + 1 for letters in set(_WIDE.findall(xml))), default=26)
        if rows * columns > limits.cells:
            raise far_cells(name, rows, columns)


def _may_hide(xml: bytes) -> bool:
    """Say whether a formula or an error may stand in a sheet; patterns would take ten times as long, and most have none."""
    if b't="e"' in xml or (b"'" in xml and _IS_ERROR.search(xml)):
        return True
    place = xml.find(b"f")
    while place >= 0:
        if xml[place - 1 : place] in (b"<", b":") and xml[place + 1 : place + 2] in (b" ", b">", b"/", b"\n", b"\r", b"\t"):
            return True
        place = xml.find(b"f", place + 1)
    return False


def _marks(xml: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    if not _may_hide(xml):
        return
    for match in _CELL.finditer(xml):
        attributes, inside = match[1], match[2] or b""
        is_error = _IS_ERROR.search(attributes)
        if not is_error and (not _FORMULA.search(inside) or _CACHED.search(inside)):
            continue
        if _IS_TEXT.search(attributes) and _CACHED_BLANK.search(inside):
            continue  # a formula whose value is the empty text
        if not (reference := _REFERENCE.search(attributes)):
            raise Unreadable("工作表中有公式或错误值的单元格没有写明位置。请用 WPS 或 Excel 打开后另存为 .xlsx。")
        text = _VALUE.search(inside)
        shown = text[1].decode() if is_error and text else "#NOVALUE!"
        yield (int(reference[2]) - 1, column_index(reference[1].decode())), shown
