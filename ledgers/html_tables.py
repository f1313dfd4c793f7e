"""Read the tables of a web page, which systems like to name `.xls`, into sheets: rows of text as a person sees them.

Nothing is fetched and no script is run: only text between tags is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

from ledgers.limits import Limits, Unreadable, refuse_wide
from ledgers.readings import STRUCK
from ledgers.separated import decode
from ledgers.sheets import Sheet, count_unseen, far_cells
from ledgers.shown import RAISED

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|sub)\b", re.IGNORECASE)
_CLASS = re.compile(r"[a-z0-9]*\.[\w-]+")
_FOOTER = re.compile("制表|填表|审[核批]|复核|经办|负责|签[字名章]|盖章")  # of the table above it
_COMMENTS = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_BLOCKS = ("p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "li", "center")
_SILENT = ("script", "style", "head", "title")
_INLINE = ("span", "font", "b", "i", "u", "a", "em", "strong", "label", "small", "s", "strike", "del", "sup", "sub")
DEEPEST = 20  # tables within each other


def read_page(path: Path, limits: Limits, encoding: str = "") -> list[Sheet]:
    """Read every table of a page as a sheet named 表1, 表2 …; a table within a cell is a sheet of its own.

    What stands above a table are its first rows, as in a spreadsheet that opens the page: it may be the unit of all amounts.

    Raises:  Unreadable if it holds no table or oversteps a limit.
    """
    text, used = _decode(path.read_bytes(), encoding)
    page = _Page(limits)
    page.feed(text)
    page.close()
    page.finish()
    if not page.tables:
        raise Unreadable("网页中没有表格。请确认导出是否成功，或另存为 .xlsx。")
    sheets = []
    for number, table in enumerate(_under_their_titles(page.tables), start=1):
        unseen = count_unseen(table.rows, table.hidden, [])
        sheets.append(Sheet(path, f"表{number}", table.rows, used, hidden_rows=unseen[0], merged=tuple(sorted(table.merged))))
    return sheets


def _decode(data: bytes, encoding: str) -> tuple[str, str]:
    """Decode a page: what the user says, marks and strict UTF-8 come before what the page says of itself, which is often wrong."""
    if encoding:
        return decode(data, encoding)
    said = _CHARSET.search(data[:4096])
    name = said[1].decode().lower() if said else ""
    if name in ("big5", "big5-hkscs") and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return decode(data, "big5hkscs")
    return decode(data)


def _under_their_titles(tables: Sequence[_Table]) -> Iterator[_Table]:
    """Put a table of titles, such as 单位：万元, above the rows of the one that follows it."""
    titles: list[list[str]] = []
    for table, following in zip(tables, [*tables[1:], None], strict=True):
        rows = [[cell for cell in row if cell] for row in table.rows]
        if (
            following is not None
            and not any(map(_FOOTER.search, chain(*rows)))
            and all(len(row) < 2 or all(":" in cell or "：" in cell for cell in row) for row in rows)
        ):
            titles += table.rows
            continue
        down, titles, table.rows = len(titles), [], [*titles, *table.rows]
        table.hidden = [row + down for row in table.hidden]
        table.merged = [(top + down, left, bottom + down, right) for top, left, bottom, right in table.merged]
        yield table


class _Table:
    """Hold the rows of a table, where cells that span rows or columns leave blanks beside their own."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.hidden: list[int] = []
        self.taken: dict[int, int] = {}  # columns that a cell from above still covers, for so many rows
        self.cell: list[str] | None = None
        self.spans = (1, 1)
        self.number = ""  # that a spreadsheet kept of what the cell shows
        self.filled = 0
        self.merged: list[tuple[int, int, int, int]] = []
        self.struck = self.row_is_struck = False  # something in the cell, all of the row


class _Page(HTMLParser):
    """Gather tables while the page goes by."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._limits = limits
        self._silent = 0
        self._raising: list[str] = []  # open elements of a cell whose characters stand higher or lower
        self._unseen: list[str] = []  # open elements of a cell that nobody sees
        self._styles: dict[str, str] = {}  # by class
        self._sheet: list[str] | None = None  # pieces of an open style sheet
        self._above: list[str] = []  # pieces of text since the last table; a line break parts rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        kinds = [one for name in said.get("class", "").split() for one in (f".{name}", f"{tag}.{name}")]
        if own := [self._styles[one] for one in kinds if one in self._styles]:
            said["style"] = ";".join([*own, said.get("style", "")])
        if tag in _SILENT:
            self._silent += 1
            self._sheet = [] if tag == "style" else None
        if tag == "table":
            if len(self._open) >= DEEPEST:
                raise Unreadable(f"网页中的表格嵌套超过 {DEEPEST} 层，拒绝读取。请另存为 .xlsx。")
            self._open.append(_Table())
            self._open[-1].rows += self._rows_above() if len(self._open) == 1 else []
            self.tables.append(self._open[-1])
        elif not self._open:
            self._above += ["\n"] if tag in _BLOCKS else []
        elif tag == "tr":
            self._end_cell()
            self._begin_row(hidden=bool(_HIDDEN.search(said.get("style", ""))) or "hidden" in said)
            self._open[-1].row_is_struck = _is_struck(tag, said)
        elif tag in ("td", "th"):
            self._end_cell()
            self._begin_cell(said)
            self._open[-1].struck = self._open[-1].row_is_struck or _is_struck(tag, said)
        elif tag == "option":
            self._unseen = [one for one in self._unseen if one != tag] + ([] if "selected" in said else [tag])
        elif self._unseen or _HIDDEN.search(said.get("style", "")) or "hidden" in said:
            self._unseen += [tag] if tag in (self._unseen or (*_INLINE, "p", "div")) else []
        elif tag in _INLINE:
            if tag in ("sup", "sub") or _RAISED.search(said.get("style", "")):
                self._raising.append(tag)
            self._open[-1].struck |= _is_struck(tag, said)
        elif tag in _BLOCKS:
            cell = self._open[-1].cell
            (self._above if cell is None else cell).append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
            self._styles |= _styles_of("".join(self._sheet or ()))
            self._sheet = None
        if self._raising and self._raising[-1] == tag:
            self._raising.pop()
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()
        if tag in ("td", "th", "tr", "table") and self._open:
            self._end_cell()
            if tag == "table":
                self._open.pop()
        elif tag == "caption" and self._open:
            self._open[-1].rows += self._rows_above()

    def handle_data(self, data: str) -> None:
        if self._sheet is not None:
            self._sheet.append(data)
        if self._silent or self._unseen:
            return
        data = data.translate(RAISED) if self._raising else data
        cell = self._open[-1].cell if self._open else None
        (self._above if cell is None else cell).append(_BLANKS.sub(" ", data))

    def _rows_above(self) -> list[list[str]]:
        lines, self._above = "".join(self._above).split("\n"), []
        return [[line.strip()] for line in lines if line.strip()]

    def finish(self) -> None:
        """Refuse a page that ends within a table: rows may be missing."""
        if self._open:
            raise Unreadable("网页在表格中间中断，后面的行可能缺失。请重新导出。")

    def _begin_row(self, *, hidden: bool) -> None:
        table = self._open[-1]
        table.taken = {column: rows - 1 for column, rows in table.taken.items() if rows > 1}
        table.rows.append([])
        if hidden:
            table.hidden.append(len(table.rows) - 1)

    def _begin_cell(self, said: dict[str, str]) -> None:
        table = self._open[-1]
        if not table.rows:
            self._begin_row(hidden=False)
        self._unseen, self._raising = [], []
        table.number = said.get("x:num", "")
        table.cell, table.spans = [], (_span(said.get("colspan", "")), _span(said.get("rowspan", "")))

    def _end_cell(self) -> None:
        table = self._open[-1]
        if table.cell is None:
            return
        row = table.rows[-1]
        while table.taken.get(len(row)):
            row.append("")
        first, (columns, rows) = len(row), table.spans
        text = _unrounded("".join(table.cell).replace("\xa0", " ").strip(), table.number)
        row += [text + STRUCK if text and table.struck else text, *[""] * (columns - 1)]
        if rows > 1 or columns > 1:
            top = len(table.rows) - 1
            table.merged.append((top, first, top + rows - 1, first + columns - 1))
        if rows > 1:
            table.taken |= dict.fromkeys(range(first, first + columns), rows)
        table.cell = None
        table.filled += columns
        refuse_wide(len(row), "网页的表格", self._limits)
        if table.filled > self._limits.cells:
            raise far_cells("网页", len(table.rows), len(row))


def _styles_of(sheet: str) -> dict[str, str]:
    """List what a style sheet says of classes, wherever they stand; what it says of print or of another medium is not shown.

    >>> _styles_of("td {color:red} .a, td.b {display:none} @media print {.c {display:none} .d {display:none}} .e{}")
    {'.a': 'display:none', 'td.b': 'display:none', '.e': ''}
    """
    styles, nested = dict[str, str](), False
    for rule in _COMMENTS.sub("", sheet).split("}"):
        selectors, opened, said = rule.rpartition("{")
        nested = bool(opened) and (nested or "{" in selectors)
        for selector in selectors.split(",") if not nested else ():
            if _CLASS.fullmatch(name := selector.strip()):
                styles[name] = ";".join(filter(None, [styles.get(name, ""), said.strip()]))
    return styles


def _unrounded(text: str, kept: str) -> str:
    """Give the number that a spreadsheet kept where what it shows is rounded: 1235 of 1234.56.

    >>> _unrounded("1,235", "1234.56"), _unrounded("1,234.50", "1234.5"), _unrounded("50%", "0.5"), _unrounded("12", "120000")
    ('1234.56', '1,234.50', '50%', '12')
    """
    shown = text.replace(",", "")
    if not _PLAIN_NUMBER.fullmatch(shown) or not _PLAIN_NUMBER.fullmatch(kept):
        return text
    kept = f"{float(kept):.15g}"
    unit = Decimal(1).scaleb(-len(shown.partition(".")[2]))
    return kept if Decimal(kept) != Decimal(shown) == Decimal(kept).quantize(unit, ROUND_HALF_UP) else text


def _is_struck(tag: str, said: Mapping[str, str]) -> bool:
    return tag in ("s", "strike", "del") or "line-through" in said.get("style", "").lower()


def _span(said: str) -> int:
    return min(max(int(said), 1), 65536) if said.isascii() and said.isdigit() and len(said) < 9 else 1
