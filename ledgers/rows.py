"""Tell the rows of a sheet apart: data, totals, footers, repeated headers, blanks. Where a total is doubtful, it stays and is flagged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.sheets import Sheet
from ledgers.typed import TOTAL_LIKE, UNEVEN
from ledgers.values import from_1904, read_texts

_TOTAL = re.compile(r".{0,20}(合计|总计|小计|共计)(金额|人数|数额|数|额|大写|\([^()]*\))*(:.*|[0-9].*)?\Z")
_FOOTER = re.compile(r"(制表|填表|审核|复核|审批|经办|负责|主管|会计|出纳|领导|盖章|备注|说明|注|日期|联系)[^:]{0,6}:")
_NUMBER = re.compile(r"[0-9]{4}|[*×]")
_VALUE = re.compile(r"(?:人民币|[约近¥'])*[-+]?[0-9][0-9,.*×-]*[Xx]?(?:[百千万亿]*元)?[余多整正]*\Z")

TOTAL, BARE, FOOTER, HEADER_AGAIN, BLANK, DATA = "total", "bare", "footer", "header", "blank", "data"
NO_DATA = (FOOTER, HEADER_AGAIN, BLANK)
DOUBTS = {
    UNEVEN: "单元格比表头多，列可能错位（例如金额中的逗号未加引号）；未判断",
    TOTAL_LIKE: "像合计行，但不能确认金额为以上各行之和；未剔除，金额未采用",
}


class DataRow(NamedTuple):
    """Hold a row that is data: its number as a person sees it (from 1), its cells, and how far they can be trusted."""

    number: int
    cells: Sequence[str]
    doubt: int


class Look(NamedTuple):
    """Say by what rows are told apart: the folded header, how wide it is, where identity numbers and amounts stand."""

    header: list[str]
    width: int
    delimited: bool
    identities: tuple[int, ...]
    names: tuple[int, ...]
    amounts: tuple[int, ...]

    def ragged(self, cells: Sequence[str]) -> bool:
        """Say whether a row has texts beyond the last header: in a CSV file its cells have slipped."""
        return self.delimited and any(cell.strip() for cell in cells[self.width :])


def look_of(header: Sequence[str], layout: Layout, kind: Kind) -> Look:
    """Say by what the rows below a header are told apart."""
    places: dict[str, list[int]] = {"identity": [], "name": [], "amount": []}
    for name, index in layout.fields.items():
        places.get(kind.columns[name].type, []).append(index)
    return Look(
        _folded(header), len(header), layout.delimited, tuple(places["identity"]), tuple(places["name"]), tuple(places["amount"])
    )


def data_rows(rows: Sequence[Sequence[str]], layout: Layout, kind: Kind) -> Iterator[DataRow]:
    """Yield the data rows below the header.

    A row is a total, and left out, if a total's label stands in its first three texts and no identity number in it, or if
    nothing but amounts stands in it, and its amounts are the sums above it (of all rows, or of those since the last
    total). A labelled row whose amounts are other sums is yielded as doubtful: it may be a payment, and a wrong total.
    """
    look, sums = look_of(rows[layout.header_row], layout, kind), _Sums(layout, kind)
    for number, cells in enumerate(rows[layout.header_row + 1 :], start=layout.header_row + 2):
        what = tell_apart(cells, look)
        if what in NO_DATA or (what in (TOTAL, BARE) and sums.explain(cells, least=0 if what == TOTAL else 2)):
            continue
        if what != TOTAL:
            sums.add(cells)
        yield DataRow(number, cells, UNEVEN if look.ragged(cells) else TOTAL_LIKE if what == TOTAL else 0)


def count_from_1904(rows: Sequence[list[str]], layout: Layout, kind: Kind) -> None:
    """Turn the numbers of days of a workbook that counts from 1904 into days."""
    dates = [index for name, index in layout.fields.items() if kind.columns[name].type == "date"]
    for cells in rows[layout.header_row + 1 :]:
        for index in dates:
            if index < len(cells):
                cells[index] = from_1904(cells[index])


def doubt_tenths(sheet: Sheet, layout: Layout, kind: Kind) -> None:
    """Write numbers such as 2021.1 in columns of dates as what they may be: a spreadsheet drops the 0 of October."""
    dates = {index for name, index in layout.fields.items() if kind.columns[name].type == "date"}
    for row, column in sheet.tenths:
        if column in dates and row > layout.header_row:
            sheet.rows[row][column] = f"{sheet.rows[row][column]}/{sheet.rows[row][column]}0"


def holds_texts_only(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether no amount and no identity number stands in a cell of its own; the first text of a row may be its number."""
    texts = [fold(cell) for row in rows for cell in [cell for cell in row if cell.strip()][1:]]
    return not any(_VALUE.match(text) or read_amount(text).value is not None for text in texts)


def tell_apart(cells: Sequence[str], look: Look) -> str:
    """Say what a row is by itself: data, blank, the header again, a footer, labelled as a total, or bare of all but amounts."""
    texts = [fold(cell) for cell in cells if cell.strip()]
    if not texts:
        return BLANK
    if texts[0] in look.header and _folded(cells) == look.header:
        return HEADER_AGAIN
    amounts = sum(1 for index in look.amounts if _cell(cells, index).strip())
    named = [fold(_cell(cells, index)) for index in look.names if _cell(cells, index).strip()]
    labelled = any("计" in text and _TOTAL.match(text) for text in texts[:3]) and all(_TOTAL.match(name) for name in named)
    footer = not amounts and _FOOTER.match(texts[0]) and (len(texts) < 3 or any(map(_FOOTER.match, texts[1:])))
    if (labelled or footer) and not _identified(cells, look):
        return TOTAL if labelled else FOOTER
    return BARE if len(texts) == amounts and len(look.amounts) < look.width else DATA


def _folded(cells: Sequence[str]) -> list[str]:
    """Fold the cells of a row up to its last text."""
    folded = [fold(cell) for cell in cells]
    while folded and not folded[-1]:
        folded.pop()
    return folded


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _identified(cells: Sequence[str], look: Look) -> bool:
    """Say whether a number stands where identity numbers stand, masked or not; a word there is none."""
    return any(_NUMBER.search(fold(_cell(cells, index))) for index in look.identities)


class _Sums:
    """Keep the texts of amounts above a row, and add them up only when a total's label asks for it."""

    def __init__(self, layout: Layout, kind: Kind) -> None:
        self._columns = {
            name: (index, kind.columns[name], layout.factors[name])
            for name, index in layout.fields.items()
            if kind.columns[name].type == "amount"
        }
        self._above: list[dict[str, str]] = []
        self._section = 0

    def amounts(self, cells: Sequence[str]) -> dict[str, str]:
        found = {name: _cell(cells, index) for name, (index, _, _) in self._columns.items()}
        return {name: text for name, text in found.items() if text.strip()}

    def add(self, cells: Sequence[str]) -> None:
        self._above.append(self.amounts(cells))

    def explain(self, cells: Sequence[str], least: int) -> bool:
        """Say whether the amounts of a row are sums of what stands above it, in `least` rows; then a new section begins."""
        stated = self.amounts(cells)
        explained = len(self._above) >= least and all(
            self._value(name, text) in (self._sum(name, 0), self._sum(name, self._section)) for name, text in stated.items()
        )
        if explained:
            self._section = len(self._above)
        return explained

    def _value(self, name: str, text: str) -> Decimal | None:
        _, column, factor = self._columns[name]
        value = read_texts(column, [text], factor)[text].value
        return None if value is None else Decimal(value)

    def _sum(self, name: str, start: int) -> Decimal:
        values = (self._value(name, row[name]) for row in self._above[start:] if name in row)
        return sum((value for value in values if value is not None), Decimal(0))
