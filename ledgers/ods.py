"""Read OpenDocument spreadsheets (`.ods`, `.fods`) into sheets: rows of text as a person sees them.

The fast reader gives errors and formulas without a value as blanks and knows nothing of hidden rows, so all is read here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from ledgers.limits import Limits, Unreadable, overstepped, refuse_wide
from ledgers.readings import STRUCK
from ledgers.sheets import Sheet, cell_text, count_unseen, far_cells, is_tenth
from ledgers.shown import RAISED, as_displayed, as_shown
from ledgers.xml_parts import open_text, walk_xml

NO_VALUE = "#NOVALUE!"
_COARSE = re.compile(r"([12][0-9]{3})(?:年([0-9]{1,2})月|[-/.]([0-9]{1,2})|年)?\Z")


def read_ods(path: Path, limits: Limits) -> list[Sheet]:
    """Read every sheet of a packed document.

    Raises:  Unreadable if it is no spreadsheet, needs a password or oversteps a limit; ExpatError if it is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        kind = archive.read("mimetype")[:100] if "mimetype" in archive.namelist() else b""
        if b"spreadsheet" not in kind and kind:
            raise Unreadable("内容实为文字文档，未读取。请把其中的表格复制到工作簿，另存为 .xlsx。")
        if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise Unreadable("工作簿有密码保护。请去掉密码后重试。")
        document = _Document(path, limits)
        if "styles.xml" in archive.namelist():
            with archive.open("styles.xml") as styles:
                walk_xml(styles, document.note_style, _pass, _pass)
        with archive.open("content.xml") as content:
            return _read(document, content)


def read_flat_ods(path: Path, limits: Limits) -> list[Sheet]:
    """Read every sheet of a document that is one XML file.

    Raises:  Unreadable if it is no spreadsheet or oversteps a limit; ExpatError if it is damaged.
    """
    return _read(_Document(path, limits), open_text(path))


def _pass(_: str) -> None:
    """Pass over what is not looked at."""


def _read(document: _Document, content: bytes | IO[bytes]) -> list[Sheet]:
    walk_xml(content, document.start, document.end, document.text)
    if not document.sheets:
        raise Unreadable("工作簿中没有工作表（只有图表？）。请确认导出是否正确。")
    return document.sheets


def _count(attributes: Mapping[str, str], what: str) -> int:
    return max(int(attributes.get(what, "1")), 1)


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return attributes.get("visibility", "visible") != "visible"


_Key = tuple[str, str]


class _Style(NamedTuple):
    """Hold what a style says of its texts, where it says anything, and the name of the one that it is made from."""

    parent: str
    struck: bool | None = None
    raised: bool | None = None


class _Document:
    """Gather sheets while the document goes by; rows and cells that repeat are laid out only as far as something stands in them."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.sheets: list[Sheet] = []
        self._path, self._limits = path, limits
        self._hidden_styles: set[str] = set()
        self._style, self._name, self._hidden, self._tables = "", "", False, 0
        self._resolved: dict[_Key, tuple[bool, bool]] = {}
        self._styles: dict[_Key, _Style] = {}  # by family and name; the default of a family has none
        self._family, self._row_style = "", ""
        self._column_styles, self._runs = list[tuple[range, str]](), list[_Key]()  # of a sheet, of a text
        self._rows: list[list[str]] = []
        self._columns, self._hidden_columns, self._hidden_rows = 0, list[range](), list[int]()
        self._row: dict[int, str] | None = None
        self._width, self._repeat = 0, 1
        self._cell: Mapping[str, str] | None = None
        self._texts: list[str] = []
        self._has_text, self._struck = False, False
        self._tenths: set[tuple[int, int]] = set()
        self._row_is_hidden, self._aside, self._in_text = False, 0, 0
        self._blank_rows, self._filled = 0, 0
        self._merged: list[tuple[int, int, int, int]] = []
        self._comments: list[tuple[int, int]] = []

    def note_style(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note what the style that goes by says of itself."""
        if name in ("style", "default-style"):
            self._family, self._style = attributes.get("family", ""), attributes.get("name", "")
            self._styles[self._family, self._style] = _Style(attributes.get("parent-style-name", ""))
        elif name == "table-properties" and attributes.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "text-properties":
            line = attributes.get("text-line-through-type", attributes.get("text-line-through-style"))
            place, own = attributes.get("text-position"), self._styles.get((self._family, self._style), _Style(""))
            struck = own.struck if line is None else line != "none"
            raised = own.raised if place is None else place.partition("%")[0] != "0"
            self._styles[self._family, self._style] = _Style(own.parent, struck, raised)
            self._resolved.clear()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in ("style", "default-style", "table-properties", "text-properties"):
            self.note_style(name, attributes)
        elif name == "table":
            self._tables += 1
            if self._tables == 1:
                self._begin_sheet(attributes)
        elif self._tables != 1:
            return
        elif name == "table-column":
            count = _count(attributes, "number-columns-repeated")
            own = range(self._columns, self._columns + count)
            self._hidden_columns += [own] if _is_hidden(attributes) else []
            self._column_styles.append((own, attributes.get("default-cell-style-name", "")))
            self._columns += count
        elif name == "table-row":
            self._row, self._width, self._repeat = {}, 0, _count(attributes, "number-rows-repeated")
            self._row_is_hidden, self._row_style = _is_hidden(attributes), attributes.get("default-cell-style-name", "")
        elif name in ("table-cell", "covered-table-cell") and self._row is not None:
            self._cell, self._texts, self._has_text, self._struck = attributes, [], False, False
        elif name == "annotation":
            self._aside += 1
            if self._cell is not None:
                self._comments.append((len(self._rows) + self._blank_rows, self._width))
        elif name == "p" and self._cell is not None and not self._aside:
            self._in_text += 1
            self._has_text = True
            self._texts += ["\n"] if self._texts else []
            self._runs = [("paragraph", attributes.get("style-name", ""))]
        elif name == "span" and self._in_text:
            self._runs.append(("text", attributes.get("style-name", "")))
        elif name == "s" and self._in_text:
            self._texts.append(" " * min(_count(attributes, "c"), 1000))
        elif name in ("tab", "line-break") and self._in_text:
            self._texts.append("\t" if name == "tab" else "\n")

    def text(self, text: str) -> None:
        if self._in_text and not self._aside:
            looks = [self._look(*run) for run in self._runs]
            self._texts.append(text.translate(RAISED) if any(raised for _, raised in looks) else text)
            self._struck |= any(struck for struck, _ in looks)

    def end(self, name: str) -> None:
        if name == "table":
            self._tables -= 1
            if self._tables == 0:
                self._end_sheet()
        elif self._tables != 1:
            return
        elif name in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table-row" and self._row is not None:
            self._end_row(self._row)
            self._row = None
        elif name == "annotation":
            self._aside -= 1
        elif name == "p" and self._in_text:
            self._in_text -= 1
        elif name == "span" and self._in_text:
            self._runs.pop()

    def _begin_sheet(self, attributes: Mapping[str, str]) -> None:
        self._name, self._hidden = attributes.get("name", ""), attributes.get("style-name") in self._hidden_styles
        self._rows, self._columns, self._hidden_columns, self._hidden_rows = [], 0, [], []
        self._tenths, self._blank_rows, self._filled, self._merged, self._column_styles = set(), 0, 0, [], []
        self._comments = []

    def _end_cell(self, attributes: Mapping[str, str]) -> None:
        text, count = _shown(attributes, "".join(self._texts), self._has_text), _count(attributes, "number-columns-repeated")
        text += STRUCK if text and (self._struck or self._is_struck(attributes)) else ""
        if text and self._row is not None:
            refuse_wide(self._width + count, f"工作表 {self._name} ", self._limits)
            self._row |= dict.fromkeys(range(self._width, self._width + count), text)
            if attributes.get("value-type") == "float" and is_tenth(float(attributes.get("value", "0"))):
                row = len(self._rows) + self._blank_rows
                self._tenths |= {(row + n, self._width + m) for n in range(min(self._repeat, 1000)) for m in range(count)}
        down, across = _count(attributes, "number-rows-spanned") - 1, _count(attributes, "number-columns-spanned") - 1
        if down or across:
            row = len(self._rows) + self._blank_rows
            self._merged.append((row, self._width, row + down, self._width + across))
        self._width += count

    def _is_struck(self, cell: Mapping[str, str]) -> bool:
        """Say whether the style of a cell strikes it through: its own, or that of its row or column."""
        of_column = next((style for columns, style in self._column_styles if self._width in columns), "")
        return self._look("table-cell", cell.get("style-name") or self._row_style or of_column or "Default")[0]

    def _look(self, family: str, name: str) -> tuple[bool, bool]:
        """Say whether a style strikes through, and whether it raises: by itself, by those that it is made from, or by default."""
        if (family, name) not in self._resolved:
            struck = raised = None
            way, own = list[str](), name
            while own not in way:
                way.append(own)
                style = self._styles.get((family, own), _Style(""))
                struck = style.struck if struck is None else struck
                raised = style.raised if raised is None else raised
                own = style.parent
            self._resolved[family, name] = bool(struck), bool(raised)
        return self._resolved[family, name]

    def _end_row(self, cells: dict[int, str]) -> None:
        if not cells:
            self._blank_rows += self._repeat
            return
        width, first = max(cells) + 1, len(self._rows) + self._blank_rows
        self._filled += width * self._repeat
        if first + self._repeat + self._filled > self._limits.cells:
            raise far_cells(self._name, first + self._repeat, width)
        self._rows += [[] for _ in range(self._blank_rows)]
        self._blank_rows = 0
        self._rows += [[cells.get(index, "") for index in range(width)] for _ in range(self._repeat)]
        if self._row_is_hidden:
            self._hidden_rows += range(first, first + self._repeat)

    def _end_sheet(self) -> None:
        unseen = count_unseen(self._rows, self._hidden_rows, self._hidden_columns)
        tenths = frozenset(self._tenths)
        merged, comments = tuple(sorted(self._merged)), tuple(self._comments)
        self.sheets.append(
            Sheet(self._path, self._name, self._rows, None, self._hidden, False, tenths, *unseen, merged, comments)
        )
        if sum(map(len, self._rows)) > self._limits.cells:
            raise overstepped(f"工作表 {self._name} 的单元格数", "cells", self._limits.cells)


def _shown(attributes: Mapping[str, str], text: str, has_text: bool) -> str:
    """Write a cell as text: an error as itself, a formula without anything as one, a day in ISO form, a number without a format."""
    kind = attributes.get("value-type")
    if attributes.get("formula") and kind is None and not has_text:  # an empty text would be written as one
        return NO_VALUE
    if attributes.get("value-type") == "error" or (text.startswith(("#", "Err:")) and attributes.get("formula")):
        return text or NO_VALUE
    if kind == "percentage":
        return as_shown(cell_text(float(attributes["value"])), "0%")
    if kind in ("float", "currency"):
        currency = attributes.get("currency", "") if kind == "currency" else ""
        number = cell_text(float(attributes["value"]))
        return number + currency if currency not in ("CNY", "RMB", "") else as_displayed(number, text)
    if kind == "boolean":
        return cell_text(attributes.get("boolean-value") == "true")
    if kind == "date":
        day = attributes.get("date-value", "")
        return text if _COARSE.match(text) and day[8:10] in ("01", "") else _day(day)
    return text or attributes.get("string-value", "")


def _day(day: str) -> str:
    try:
        return cell_text(datetime.fromisoformat(day))
    except ValueError:
        return day
