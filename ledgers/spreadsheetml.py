"""Read workbooks that are one XML file (Excel 2003, and systems that write `.xls` so) into sheets: rows of text as a person sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ledgers.limits import Limits, Unreadable, refuse_wide
from ledgers.readings import STRUCK
from ledgers.sheets import Sheet, cell_text, coarse_day, count_unseen, far_cells, is_tenth, shown_of_a_date
from ledgers.shown import RAISED, as_shown
from ledgers.xml_parts import open_text, walk_xml

NO_VALUE = "#NOVALUE!"
NAMED = {"Percent": "0.00%", "Euro Currency": "[$€]#,##0.00"}  # formats that go by a name and add something
DEFAULT = "Default"
RAISING = ("Sup", "Sub")


def read_spreadsheetml(path: Path, limits: Limits) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises:  Unreadable if it has none or oversteps a limit; ExpatError if it is damaged.
    """
    book = _Book(path, limits)
    walk_xml(open_text(path), book.start, book.end, book.text)
    if not book.sheets:
        raise Unreadable("工作簿中没有工作表（只有图表？）。请确认导出是否正确。")
    return book.sheets


class _Book:
    """Gather sheets while the document goes by; rows and cells say their own number where some are left out."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.sheets: list[Sheet] = []
        self._path, self._limits = path, limits
        self._codes: dict[str, str] = {}  # the number format of a style
        self._struck_styles = set[str]()
        self._style, self._table_style, self._row_style, self._column_styles = "", DEFAULT, "", list[tuple[range, str]]()
        self._begin_sheet("")
        self._cell, self._type = dict[str, str](), ""
        self._data: str | None = None
        self._texts, self._aside = list[str](), 0
        self._raised, self._struck = 0, False  # runs of a text

    def _begin_sheet(self, name: str) -> None:
        self._name, self._is_hidden = name, False
        self._rows, self._tenths = list[list[str]](), set[tuple[int, int]]()
        self._hidden_rows, self._hidden_columns = list[int](), list[range]()
        self._comments = list[tuple[int, int]]()
        self._column, self._row, self._place, self._filled, self._column_styles = 0, -1, -1, 0, []
        self._merged = list[tuple[int, int, int, int]]()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Style":
            self._style = attributes.get("ID", "")
            parent = attributes.get("Parent", DEFAULT) if self._style != DEFAULT else ""
            self._codes[self._style] = self._codes.get(parent, "")
            self._struck_styles |= {self._style} if parent in self._struck_styles else set()
        elif name == "NumberFormat":
            code = attributes.get("Format", "")
            self._codes[self._style] = NAMED.get(code, code)
        elif name == "Font" and "StrikeThrough" in attributes:
            (self._struck_styles.add if attributes["StrikeThrough"] == "1" else self._struck_styles.discard)(self._style)
        elif name == "Worksheet":
            self._begin_sheet(attributes.get("Name", ""))
        elif name == "Table":
            self._table_style = attributes.get("StyleID", DEFAULT)
        elif name == "Column":
            first = int(attributes.get("Index", self._column + 1)) - 1
            self._column = first + int(attributes.get("Span", "0")) + 1
            self._column_styles.append((range(first, self._column), attributes.get("StyleID", "")))
            if attributes.get("Hidden") == "1":
                self._hidden_columns.append(range(first, self._column))
        elif name == "Row":
            self._row = max(int(attributes.get("Index", self._row + 2)) - 1, self._row + 1)
            self._place, self._row_style = -1, attributes.get("StyleID", "")
            if attributes.get("Hidden") == "1":
                self._hidden_rows.append(self._row)
        elif name == "Cell":
            self._place = max(int(attributes.get("Index", self._place + 2)) - 1, self._place + 1)
            self._cell, self._data = dict(attributes), None
        elif name == "Comment":
            self._aside += 1
            self._comments.append((self._row, self._place))
        elif name == "Data" and not self._aside:
            self._type, self._texts, self._raised, self._struck = attributes.get("Type", "String"), [], 0, False
        elif name in RAISING:
            self._raised += 1
        elif name == "S":
            self._struck = True
        elif name == "Visible":
            self._texts = []

    def text(self, text: str) -> None:
        if not self._aside:
            self._texts.append(text.translate(RAISED) if self._raised else text)

    def end(self, name: str) -> None:
        if name == "Comment":
            self._aside -= 1
        elif name == "Data" and not self._aside:
            self._data = self._shown("".join(self._texts))
            if self._data and (self._struck or self._cell_style() in self._struck_styles):
                self._data += STRUCK
        elif name in RAISING:
            self._raised -= 1
        elif name == "Cell":
            text = self._data if self._data is not None else NO_VALUE if self._cell.get("Formula") else ""
            if text:
                self._write(text)
            across, down = int(self._cell.get("MergeAcross", "0")), int(self._cell.get("MergeDown", "0"))
            if across or down:
                self._merged.append((self._row, self._place, self._row + down, self._place + across))
            self._place += across
        elif name == "Visible":
            self._is_hidden = "Hidden" in "".join(self._texts)
        elif name == "Worksheet":
            unseen = count_unseen(self._rows, self._hidden_rows, self._hidden_columns)
            hidden, tenths = self._is_hidden, frozenset(self._tenths)
            merged, comments = tuple(sorted(self._merged)), tuple(self._comments)
            self.sheets.append(Sheet(self._path, self._name, self._rows, None, hidden, False, tenths, *unseen, merged, comments))

    def _shown(self, text: str) -> str:
        if self._type == "Number":
            number = float(text)
            if is_tenth(number):
                self._tenths.add((self._row, self._place))
            return as_shown(cell_text(number), self._codes.get(self._cell_style(), ""))
        if self._type == "Boolean":
            return cell_text(text.strip() == "1")
        if self._type == "DateTime":
            day = datetime.fromisoformat(text.strip())
            return coarse_day(day.date(), shown_of_a_date(self._codes.get(self._cell_style(), ""))) or cell_text(day)
        return text

    def _cell_style(self) -> str:
        """Name the style of a cell: its own, or that of its row, its column or its table."""
        of_column = next((style for columns, style in self._column_styles if self._place in columns), "")
        return self._cell.get("StyleID") or self._row_style or of_column or self._table_style

    def _write(self, text: str) -> None:
        refuse_wide(self._place + 1, f"工作表 {self._name} ", self._limits)
        if self._row + self._filled + self._place > self._limits.cells:
            raise far_cells(self._name, self._row + 1, self._place + 1)
        self._rows += [[] for _ in range(self._row + 1 - len(self._rows))]
        own = self._rows[self._row]
        self._filled += self._place + 1 - len(own)
        own += [""] * (self._place + 1 - len(own))
        own[self._place] = text
