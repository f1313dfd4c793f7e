"""Read spreadsheets and small CSV files into sheets: rows of text as a person sees them. Kinds of ledger are unknown here."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from ledgers.separated import Unreadable as Unreadable
from ledgers.separated import read_csv
from ledgers.values import SERIAL_EPOCH

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


class Sheet(NamedTuple):
    """Hold one sheet: its rows of text (row 0 is the first row of the file), its name, how it was decoded."""

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


def read_sheets(path: Path, encoding: str | None = None) -> list[Sheet]:
    """Read every sheet of a workbook, or the one sheet of a CSV file.

    Raises:  Unreadable.
    """
    if path.stat().st_size == 0:
        raise Unreadable("文件为空（0 字节）。请重新导出。")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_workbook(path)
    rows, used = read_csv(path, encoding)
    return [Sheet(path, None, rows, used)]


def _read_workbook(path: Path) -> list[Sheet]:
    import python_calamine

    with path.open("rb") as file:
        start = file.read(8)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Unreadable("工作簿有密码保护，或实为旧版 .xls。请去掉密码，另存为 .xlsx 后重试。")
    try:
        book = _look_into(path)
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = []
        for meta in workbook.sheets_metadata:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
            opened = workbook.get_sheet_by_name(meta.name)
            grid = opened.to_python(skip_empty_area=False)
            rows = [[cell_text(cell) for cell in row] for row in grid]
            tenths = frozenset((r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if _is_tenth(cell))
            _overlay(rows, book.marks.get(meta.name, {}))
            unseen = _count_unseen(rows, *book.unseen.get(meta.name, ((), ())))
            sheets.append(Sheet(path, meta.name, rows, None, not visible, book.from_1904, tenths, *unseen, _merged(opened)))
        if not sheets:
            raise Unreadable("工作簿中没有工作表（只有图表？）。请确认导出是否正确。")
        return sheets
    except python_calamine.PasswordError as error:
        raise Unreadable("工作簿有密码保护。请去掉密码后重试。") from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError, zlib.error) as error:
        raise Unreadable(f"工作簿已损坏或不是 xlsx（{type(error).__name__}）。请用 WPS 或 Excel 打开后另存为 .xlsx。") from error


def _merged(opened: CalamineSheet) -> tuple[tuple[int, int, int, int], ...]:
    """List the merged ranges of a sheet from top to bottom."""
    return tuple(sorted((*first, *last) for first, last in opened.merged_cell_ranges or ()))


def _is_tenth(cell: object) -> bool:
    return isinstance(cell, float) and 1900 < cell < 2100 and f"{cell:.15g}".endswith(".1")


def cell_text(cell: object) -> str:
    """Write a cell as text: whole numbers without a point, dates in ISO form, long numbers as Excel keeps them."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _overlay(rows: list[list[str]], marks: dict[tuple[int, int], str]) -> None:
    for (row, column), text in marks.items():
        if row >= len(rows):
            rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = text


_CELL = re.compile(rb"<(?:\w+:)?c ([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_IS_ERROR, _IS_TEXT = re.compile(rb"\bt=[\"']e[\"']"), re.compile(rb"\bt=[\"']str[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CACHED = re.compile(rb"<(?:\w+:)?(?:v>[^<]|is>|t>)")
_CACHED_BLANK = re.compile(rb"<(?:\w+:)?v\s*(?:/>|></)")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_WIDE = re.compile(rb"\br=[\"']([A-Z]{2,3})[0-9]")
_ROW = re.compile(rb"\br=[\"']([0-9]{1,7})[\"']")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_ROW_HEAD, _COLUMN_HEAD = re.compile(rb"<(?:\w+:)?row ([^>]*)>"), re.compile(rb"<(?:\w+:)?col ([^>]*)>")
_SPAN = re.compile(rb"\b(min|max)=[\"']([0-9]{1,5})[\"']")
_STYLE = re.compile(rb"\bs=[\"']([0-9]+)[\"']")
_SERIAL = re.compile(rb"<(?:\w+:)?v>([0-9]{1,6})(?:\.0*)?</")
_NO_PART = re.compile(r'"[^"]*"|\[[^]]*\]|[\\_*].')  # quoted texts, locales and colours, escaped characters
_BUILT_IN_MONTHS = ("17", "27", "36", "50", "52", "57")
MOST_XML = 512 * 1024 * 1024
MOST_CELLS = 1 << 24


class _Book(NamedTuple):
    """Hold what the fast reader hides: cells without a value and hidden rows and columns by sheet, and the first day of the calendar."""

    marks: dict[str, dict[tuple[int, int], str]]
    from_1904: bool
    unseen: dict[str, tuple[list[int], list[range]]]


def _look_into(path: Path) -> _Book:
    """Find what the fast reader hides: error cells and formulas without a cached value, which it gives as blanks.

    Raises:  Unreadable if the workbook would take more memory than is bearable.
    """
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_XML:
            raise Unreadable(f"解压后超过 {MOST_XML >> 20} MB，拒绝打开。请拆分工作簿。")
        targets = {}
        for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
            targets[relation.get("Id")] = relation.get("Target", "").lstrip("/").removeprefix("xl/")
        workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        own = workbook.find("{*}workbookPr")
        from_1904 = own is not None and own.get("date1904") in ("1", "true", "on")
        coarse, marks, unseen = _coarse_styles(archive), {}, {}
        for sheet in workbook.iterfind(".//{*}sheet"):
            identity = next((value for key, value in sheet.items() if key.endswith("}id")), None)
            name, xml = sheet.get("name", ""), archive.read(f"xl/{targets[identity]}")
            _refuse_far_cells(name, xml)
            unseen[name] = _unseen(xml)
            marks[name] = dict(_marks(xml)) | dict(_coarse_dates(xml, coarse, date(1904, 1, 1) if from_1904 else SERIAL_EPOCH))
        return _Book(marks, from_1904, unseen)


def _unseen(xml: bytes) -> tuple[list[int], list[range]]:
    """List the hidden rows and columns, as indices."""
    if not _HIDDEN.search(xml):
        return [], []
    rows = [_ROW.search(row) for row in _ROW_HEAD.findall(xml) if _HIDDEN.search(row)]
    columns = [_SPAN.findall(column) for column in _COLUMN_HEAD.findall(xml) if _HIDDEN.search(column)]
    bounds = [{name: int(number) for name, number in found} for found in columns]
    return [int(row[1]) - 1 for row in rows if row], [range(own[b"min"] - 1, own[b"max"]) for own in bounds if len(own) == 2]


def _count_unseen(rows: list[list[str]], hidden: Sequence[int], spans: Sequence[range]) -> tuple[int, int]:
    """Count the hidden rows and columns in which something stands."""
    filled = {index for row in rows for index, cell in enumerate(row) if cell.strip()} if spans else set[int]()
    in_rows = sum(number < len(rows) and any(cell.strip() for cell in rows[number]) for number in hidden)
    return in_rows, sum(any(index in span for span in spans) for index in filled)


def _coarse_styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """Map each cell style that shows a month without its day, or a year alone, to the form its dates are written in."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in styles.iterfind("{*}numFmts/{*}numFmt")}
    used = [one.get("numFmtId", "") for one in styles.iterfind("{*}cellXfs/{*}xf")]
    shown = {n: _shown_of_a_date(codes.get(own, "yyyy-m" if own in _BUILT_IN_MONTHS else "")) for n, own in enumerate(used)}
    return {str(n).encode(): form for n, form in shown.items() if form}


def _shown_of_a_date(code: str) -> str:
    """Give the form of the dates that a number format shows without a day; nothing for any other format."""
    parts = {letter for letter in _NO_PART.sub("", code.partition(";")[0]).lower() if letter in "ymdhs"}
    return {"ym": "%Y年%m月", "y": "%Y年"}.get("".join(sorted(parts, key="ymdhs".index)), "")


def _coarse_dates(xml: bytes, coarse: dict[bytes, str], epoch: date) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the cells that show no day and hold the first one, which a spreadsheet adds to what was typed."""
    if not coarse:
        return
    for match in _CELL.finditer(xml):
        style, reference = _STYLE.search(match[1]), _REFERENCE.search(match[1])
        if not style or not reference or style[1] not in coarse or not (serial := _SERIAL.search(match[2] or b"")):
            continue
        day = epoch + timedelta(days=int(serial[1]))
        if day.day == 1 and ("m" in coarse[style[1]] or day.month == 1):
            yield (int(reference[2]) - 1, column_index(reference[1].decode())), day.strftime(coarse[style[1]])


def _refuse_far_cells(name: str, xml: bytes) -> None:
    """Refuse a sheet whose last cell is so far away that its empty area would fill the memory."""
    last = _ROW.search(xml, max(xml.rfind(b"<row "), xml.rfind(b":row "), 0))
    rows = int(last[1]) if last else 0
    if rows * (1 << 14) > MOST_CELLS:
        columns = max((column_index(letters.decode()) + 1 for letters in set(_WIDE.findall(xml))), default=26)
        if rows * columns > MOST_CELLS:
            raise Unreadable(f"工作表 {name} 的使用区域有 {rows} 行 {columns} 列，疑有误填在远处的单元格。请删去后另存。")


def _marks(xml: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    if not _FORMULA.search(xml) and not _IS_ERROR.search(xml):
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
