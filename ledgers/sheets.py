"""Read spreadsheets and small CSV files into sheets: rows of text as a person sees them. Kinds of ledger are unknown here."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ENCODINGS = ("utf-8", "gb18030")


class Sheet(NamedTuple):
    """Hold one sheet: its rows of text (row 0 is the first row of the file), its name, how it was decoded."""

    path: Path
    name: str | None
    rows: list[list[str]]
    encoding: str | None = None
    hidden: bool = False


class Unreadable(Exception):
    """Say in one sentence why a file cannot be read and what to do."""


def read_sheets(path: Path, encoding: str | None = None) -> list[Sheet]:
    """Read every sheet of a workbook, or the one sheet of a CSV file.

    Raises:  Unreadable.
    """
    if path.stat().st_size == 0:
        raise Unreadable("文件为空（0 字节）。请重新导出。")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_workbook(path)
    return [_read_csv(path, encoding)]


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Decode a CSV file: the byte-order mark decides, then strict UTF-8, then strict GB18030.

    Raises:  Unreadable if none fits, or the named encoding does not.
    """
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = [name for mark, name in marks.items() if data.startswith(mark)]
    for name in [encoding] if encoding else marked or ENCODINGS:
        try:
            return data.decode(name), name
        except LookupError as error:
            raise Unreadable(f"不认识的编码 `{name}`。可用 utf-8、gb18030、big5、utf-16。") from error
        except UnicodeDecodeError as error:
            tried = f"`{name}`（第 {error.start} 字节起不符）"
    raise Unreadable(f"无法按 {tried} 解码。请用 --encoding 指明编码，或另存为 UTF-8。")


def _read_csv(path: Path, encoding: str | None) -> Sheet:
    text, used = decode(path.read_bytes(), encoding)
    if "\x00" in text:
        raise Unreadable("不是文本文件（含 NUL 字节）。请另存为 xlsx 或 CSV。")
    csv.field_size_limit(1 << 24)
    first = text[:4096].splitlines()[:5]
    delimiter = max(",\t;", key=lambda mark: sum(line.count(mark) for line in first))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise Unreadable(f"CSV 结构有误：{error}。请检查引号与换行。") from error
    return Sheet(path, None, rows, used)


def _read_workbook(path: Path) -> list[Sheet]:
    import python_calamine

    with path.open("rb") as file:
        start = file.read(8)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Unreadable("工作簿有密码保护，或实为旧版 .xls。请去掉密码，另存为 .xlsx 后重试。")
    try:
        hidden_cells = dict(_cells_without_value(path))
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = []
        for meta in workbook.sheets_metadata:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
            grid = workbook.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            rows = [[_cell_text(cell) for cell in row] for row in grid]
            _overlay(rows, hidden_cells.get(meta.name, {}))
            sheets.append(Sheet(path, meta.name, rows, hidden=not visible))
        return sheets
    except python_calamine.PasswordError as error:
        raise Unreadable("工作簿有密码保护。请去掉密码后重试。") from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError, zlib.error) as error:
        raise Unreadable(f"工作簿已损坏或不是 xlsx（{type(error).__name__}）。请用 WPS 或 Excel 打开后另存为 .xlsx。") from error


def _cell_text(cell: object) -> str:
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


_CELL = re.compile(rb"<c ([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
MOST_XML = 512 * 1024 * 1024


def _cells_without_value(path: Path) -> Iterator[tuple[str, dict[tuple[int, int], str]]]:
    """Find what the fast reader hides: error cells and formulas without a cached value, which it gives as blanks."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_XML:
            raise Unreadable(f"解压后超过 {MOST_XML >> 20} MB，拒绝打开。请拆分工作簿。")
        targets = {}
        for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
            targets[relation.get("Id")] = relation.get("Target", "").lstrip("/").removeprefix("xl/")
        for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_SPREADSHEET}sheet"):
            name, target = f"xl/{targets[sheet.get(_RELATION)]}", sheet.get("name", "")
            yield target, dict(_marks(archive.read(name)))


def _marks(xml: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    if b't="e"' not in xml and b"<f" not in xml:
        return
    for match in _CELL.finditer(xml):
        attributes, inside = match[1], match[2] or b""
        is_error = b't="e"' in attributes
        if not is_error and (b"<f" not in inside or re.search(rb"<v>[^<]|<is>|<t>", inside)):
            continue
        if reference := _REFERENCE.search(attributes):
            text = re.search(rb"<v>([^<]*)</v>", inside)
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
