"""Read workbooks of XML (`.xlsx`) into sheets: rows of text as a person sees them. Kinds of ledger are unknown here."""

from __future__ import annotations

import marshal
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from ledgers.limits import Limits, refuse_wide
from ledgers.limits import Unreadable as Unreadable
from ledgers.readings import STRUCK
from ledgers.shown import find_looks, shown_cells
from ledgers.xml_parts import parse_xml


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

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the rows as one piece: a million texts, pickled each by itself, take six times as long."""
        return _unpacked, (marshal.dumps(self.rows, PLAIN_MARSHAL), *self._replace(rows=[]))


PLAIN_MARSHAL = 2  # the last version that does not look for texts that stand twice


def _unpacked(rows: bytes, *others: object) -> Sheet:
    return Sheet(*others)._replace(rows=marshal.loads(rows))  # type: ignore[arg-type]


def read_xlsx(path: Path, limits: Limits) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises:  Unreadable, and whatever a damaged file makes its parsers raise.
    """
    book = _look_into(path, limits)
    sheets = []
    for sheet in fast_sheets(path, limits):
        if book.escapes:
            unescape(sheet.rows)
        overlay(sheet.rows, book.marks.get(sheet.name or "", {}))
        strike(sheet.rows, book.struck.get(sheet.name or "", []))
        in_rows, in_columns = count_unseen(sheet.rows, *book.unseen.get(sheet.name or "", ((), ())))
        sheets.append(sheet._replace(from_1904=book.from_1904, hidden_rows=in_rows, hidden_columns=in_columns))
    return sheets


def fast_sheets(path: Path, limits: Limits) -> Iterator[Sheet]:
    """Yield the sheets as the fast reader gives them, rows up to their last text.

    Raises:  Unreadable if there are none, or a password is needed.
    """
    import python_calamine

    with path.open("rb") as file:
        try:  # by its name it would be taken for what it is called
            workbook = python_calamine.CalamineWorkbook.from_filelike(file)
        except python_calamine.PasswordError as error:
            raise Unreadable("工作簿有密码保护。请去掉密码后重试。") from error
        metas = [one for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
        if not metas:
            raise Unreadable("工作簿中没有工作表（只有图表？）。请确认导出是否正确。")
        for meta in metas:
            sheet = workbook.get_sheet_by_name(meta.name)
            refuse_wide(sheet.total_width, f"工作表 {meta.name} ", limits)
            rows, tenths = _written(sheet.to_python(skip_empty_area=False))
            hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
            merged = tuple(sorted((*first, *last) for first, last in sheet.merged_cell_ranges or ()))
            yield Sheet(path, meta.name, rows, hidden=hidden, tenths=tenths, merged=merged)


def _written(cells: Sequence[Sequence[object]]) -> tuple[list[list[str]], frozenset[tuple[int, int]]]:
    """Write the cells of an even grid as texts, each row up to its last one, and find the numbers that may be months.

    Columns are looked at whole: of most the fast reader gives texts, and those need no look at each.
    """
    columns, tenths = list[Sequence[str]](), set[tuple[int, int]]()
    for place, column in enumerate(zip(*cells, strict=True)):
        types = set(map(type, column)) - {str}
        if len(types) > 1:  # 1 and True are the same to a mapping
            columns.append(list(map(cell_text, column)))
        else:
            columns.append(list(map({cell: cell_text(cell) for cell in set(column)}.__getitem__, column)) if types else column)
        if float in types and (odd := set(filter(is_tenth, set(column)))):
            tenths |= {(number, place) for number, cell in enumerate(column) if cell in odd}
    rows = list(map(list, zip(*columns, strict=True)))
    for row in rows:
        while row and not row[-1]:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows, frozenset(tenths)


def is_tenth(cell: object) -> bool:
    """Say whether a number such as 2021.1 may be a month, January or October."""
    return isinstance(cell, float) and 1900 < cell < 2100 and f"{cell:.15g}".endswith(".1")


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


_CELL = re.compile(rb"<(?:\w+:)?c ([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_IS_ERROR, _IS_TEXT = re.compile(rb"\bt=[\"']e[\"']"), re.compile(rb"\bt=[\"']str[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CACHED = re.compile(rb"<(?:\w+:)?(?:v>[^<]|is>|t>)")
_CACHED_BLANK = re.compile(rb"<(?:\w+:)?v\s*(?:/>|></)")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_WIDE = re.compile(rb"r=[\"']([A-Z]{2,3})[0-9]")  # begins with what can be looked for fast
_ROW = re.compile(rb"\br=[\"']([0-9]{1,7})[\"']")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_ROW_HEAD, _COLUMN_HEAD = re.compile(rb"<(?:\w+:)?row ([^>]*)>"), re.compile(rb"<(?:\w+:)?col ([^>]*)>")
_SPAN = re.compile(rb"\b(min|max)=[\"']([0-9]{1,5})[\"']")
_STYLE = re.compile(rb"\bs=[\"']([0-9]+)[\"']")
_SERIAL = re.compile(rb"<(?:\w+:)?v>([0-9]{1,6})(?:\.0*)?</")
_NO_PART = re.compile(r'"[^"]*"|\[[^]]*\]|[\\_*].')  # quoted texts, locales and colours, escaped characters
BUILT_IN_MONTHS = (17, 27, 36, 50, 52, 57)  # of formats: they show no day


class _Book(NamedTuple):
    """Hold what the fast reader hides: cells without a value and hidden rows and columns by sheet, and the first day of the calendar."""

    marks: dict[str, dict[tuple[int, int], str]]
    from_1904: bool
    unseen: dict[str, tuple[list[int], list[range]]]
    struck: dict[str, list[tuple[int, int]]]
    escapes: bool


def _look_into(path: Path, limits: Limits) -> _Book:
    """Find what the fast reader hides: error cells and formulas without a cached value, which it gives as blanks."""
    with zipfile.ZipFile(path) as archive:
        targets = sheet_targets(archive, "xl/_rels/workbook.xml.rels")
        workbook = parse_xml(archive.read("xl/workbook.xml"))
        own = workbook.find("{*}workbookPr")
        from_1904 = own is not None and own.get("date1904") in ("1", "true", "on")
        coarse, looks, marks, unseen, struck = _coarse_styles(archive), find_looks(archive), {}, {}, {}
        escapes = "xl/sharedStrings.xml" in archive.namelist() and b"_x00" in archive.read("xl/sharedStrings.xml")
        for sheet in workbook.iterfind(".//{*}sheet"):
            identity = next((value for key, value in sheet.items() if key.endswith("}id")), None)
            name, xml = sheet.get("name", ""), archive.read(f"xl/{targets[identity]}")
            if b"\x00" in xml[:4] or xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise Unreadable(
                    "工作表不是用 UTF-8 写的。请用 WPS 或 Excel 打开后另存为 .xlsx。"
                )  # its errors would not be found
            _refuse_far_cells(name, xml, limits)
            unseen[name] = _unseen(xml)
            shown = [((row - 1, column_index(letters.decode())), text) for row, letters, text in shown_cells(xml, looks)]
            struck[name] = [place for place, text in shown if text is None]
            marks[name] = {place: text for place, text in shown if text is not None} | dict(_marks(xml))
            marks[name] |= dict(_coarse_dates(xml, coarse, first_day(from_1904)))
            escapes = escapes or b"_x00" in xml
        return _Book(marks, from_1904, unseen, struck, escapes)


def sheet_targets(archive: zipfile.ZipFile, relations: str) -> dict[str | None, str]:
    """Map the identities of a workbook's parts to their names below `xl/`."""
    found = parse_xml(archive.read(relations))
    return {one.get("Id"): one.get("Target", "").lstrip("/").removeprefix("xl/") for one in found}


def _unseen(xml: bytes) -> tuple[list[int], list[range]]:
    """List the hidden rows and columns, as indices."""
    if b"hidden=" not in xml:
        return [], []
    rows = [_ROW.search(row) for row in _ROW_HEAD.findall(xml) if _HIDDEN.search(row)]
    columns = [_SPAN.findall(column) for column in _COLUMN_HEAD.findall(xml) if _HIDDEN.search(column)]
    bounds = [{name: int(number) for name, number in found} for found in columns]
    return [int(row[1]) - 1 for row in rows if row], [range(own[b"min"] - 1, own[b"max"]) for own in bounds if len(own) == 2]


def count_unseen(rows: list[list[str]], hidden: Sequence[int], spans: Sequence[range]) -> tuple[int, int]:
    """Count the hidden rows and columns in which something stands."""
    filled = {index for row in rows for index, cell in enumerate(row) if cell.strip()} if spans else set[int]()
    in_rows = sum(number < len(rows) and any(cell.strip() for cell in rows[number]) for number in hidden)
    return in_rows, sum(any(index in span for span in spans) for index in filled)


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


def shown_of_a_date(code: str) -> str:
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
        if shown := coarse_day(epoch + timedelta(days=int(serial[1])), coarse[style[1]]):
            yield (int(reference[2]) - 1, column_index(reference[1].decode())), shown


def first_day(from_1904: bool) -> date:
    """Give the day that a spreadsheet counts from; that of 1900 is right from March on (`dates` would bring pydantic along)."""
    return date(1904, 1, 1) if from_1904 else date(1899, 12, 30)


def coarse_day(day: date, form: str) -> str:
    """Write a day as the month or year that its cell shows, if it is the first one, which a spreadsheet adds to what was typed."""
    return day.strftime(form) if form and day.day == 1 and ("m" in form or day.month == 1) else ""


def _refuse_far_cells(name: str, xml: bytes, limits: Limits) -> None:
    """Refuse a sheet whose last cell is so far away that its empty area would fill the memory."""
    last = _ROW.search(xml, max(xml.rfind(b"<row "), xml.rfind(b":row "), 0))
    rows = int(last[1]) if last else 0
    if rows * (1 << 14) > limits.cells:
        columns = max((column_index(letters.decode()) + 1 for letters in set(_WIDE.findall(xml))), default=26)
        if rows * columns > limits.cells:
            raise far_cells(name, rows, columns)


def far_cells(name: str, rows: int, columns: int) -> Unreadable:
    """Say that the used area of a sheet is too large."""
    return Unreadable(f"工作表 {name} 的使用区域有 {rows} 行 {columns} 列，疑有误填在远处的单元格。请删去后另存。")


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
