"""Tell the rows of a sheet apart: data, totals, footers, repeated headers, blanks. Where a total is doubtful, it stays and is flagged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.typed import TOTAL_LIKE, UNEVEN
from ledgers.values import read_texts

_TOTAL = re.compile(r"(本页|本次|累计|总)?(合计|总计|小计|共计)(:.*)?\Z")
_FOOTER = re.compile(r"(制表|填表|审核|复核|审批|经办|负责|主管|会计|出纳|领导|盖章|备注|说明|注|日期|联系)[^:]{0,6}:")


DOUBTS = {
    UNEVEN: "单元格比表头多，列可能错位（例如金额中的逗号未加引号）；未判断",
    TOTAL_LIKE: "像合计行，但不能确认金额为以上各行之和；未剔除，金额未采用",
}


class DataRow(NamedTuple):
    """Hold a row that is data: its number as a person sees it (from 1), its cells, and how far they can be trusted."""

    number: int
    cells: Sequence[str]
    doubt: int


def data_rows(rows: Sequence[Sequence[str]], layout: Layout, kind: Kind) -> Iterator[DataRow]:
    """Yield the data rows below the header.

    A row is a total, and left out, if a total's label stands in its first three texts and no identity number in it, or if
    nothing but amounts stands in it, and its amounts are the sums above it (of all rows, or of those since the last
    total). A labelled row whose amounts are other sums is yielded as doubtful: it may be a payment, and a wrong total.
    """
    header = [fold(cell) for cell in rows[layout.header_row]]
    sums = _Sums(layout, kind)
    for number, cells in enumerate(rows[layout.header_row + 1 :], start=layout.header_row + 2):
        texts = [fold(cell) for cell in cells if cell.strip()]
        if not texts or [fold(cell) for cell in cells] == header:
            continue
        labelled = any(_TOTAL.match(text) for text in texts[:3]) and not _identified(cells, layout, kind)
        bare = len(texts) == len(sums.amounts(cells))
        if (labelled or bare) and sums.explain(cells):
            continue
        if _FOOTER.match(texts[0]) and not sums.amounts(cells):
            continue
        sums.add(cells)
        yield DataRow(number, cells, TOTAL_LIKE if labelled else UNEVEN if ragged(cells, header, layout) else 0)


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def ragged(cells: Sequence[str], header: Sequence[str], layout: Layout) -> bool:
    """Say whether a row has texts beyond the last header: in a CSV file its cells have slipped."""
    return layout.delimited and any(cell.strip() for cell in cells[len(header) :])


def _identified(cells: Sequence[str], layout: Layout, kind: Kind) -> bool:
    identities = (index for name, index in layout.fields.items() if kind.columns[name].type == "identity")
    return any(_cell(cells, index).strip() for index in identities)


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

    def explain(self, cells: Sequence[str]) -> bool:
        """Say whether the amounts of a labelled row are sums of what stands above it; then a new section begins."""
        stated = self.amounts(cells)
        explained = all(
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
