"""Hold totals against the rows they add up: which row is explained as a total, and by how much one differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.values import read_texts

_MONEY = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[百千万亿]*元|万)")
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?\Z")
_CAPITALS = re.compile("[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+[元圆](?:[零壹贰叁肆伍陆柒捌玖角分整正])*")
_COUNTED = re.compile("([0-9]+)(?:户|人次|人|名|笔)")


class Totals:
    """Keep the texts of amounts of the rows that are data, in order, and add them up only where a total asks for it."""

    def __init__(self, layout: Layout, kind: Kind, rows: Sequence[Sequence[str]]) -> None:
        self.columns = {
            name: (index, kind.columns[name], layout.factors[name])
            for name, index in layout.fields.items()
            if kind.columns[name].type == "amount" and name not in layout.unreadable
        }
        self._rows, self._sums, self._unread = rows, dict[str, list[Decimal]](), dict[str, list[int]]()
        self._starts = [0]

    def explain(self, cells: Sequence[str], above: int, ends: Sequence[int] = (), *, least: int = 0) -> bool:
        """Say whether the amounts of a row are sums: of all rows above, of the last ones, or, where a section begins, of those below.

        Shapes:  `above` counts the rows of data above it, `ends` those at which a section below may end, `least` those of a sum.
        """
        if self._fit(cells, [(start, above) for start in self._starts if above - start >= least]):
            self.begin(above)
            return True
        for end in ends if above in self._starts else ():
            if end > above + 1 and self._fit(cells, [(above, end)]):
                self.begin(end)
                return True
        return False

    def _fit(self, cells: Sequence[str], spans: Sequence[tuple[int, int]]) -> bool:
        return all(
            self._value(name, text) in {self._sum(name, *span) for span in spans} for name, text in self.stated(cells).items()
        )

    def begin(self, above: int) -> None:
        """Begin a section below so many rows of data."""
        self._starts.append(above)

    def differ(self, cells: Sequence[str], above: int) -> tuple[str, str] | None:
        """Say of which column a total differs from the nearest sum above it, and by how much; None where it cannot be read."""
        for name, text in self.stated(cells).items():
            value = self._value(name, text)
            if value is None:
                return None
            sums = {self._sum(name, start, above): start for start in self._starts if start < above}
            if sums and value not in sums:
                nearest = min(sums, key=lambda one: abs(value - one))
                unread = self._unread_in(name, sums[nearest], above)
                more = f"（另有 {unread} 格金额未能读取）" if unread else ""
                said = f"像合计行：写 {value:,.2f} 元，以上明细合计 {nearest:,.2f} 元{more}，相差 {value - nearest:,.2f} 元；未剔除，金额未采用"
                return name, said
        return None

    def differ_in_words(self, texts: Sequence[str], above: int) -> Iterator[str]:
        """Say what a total that is written in words, without a cell of amount, says otherwise than the rows above it."""
        folded = list(map(fold, texts))
        whole, alone = "".join(folded), [text for text in folded if _NUMBER.match(text)]
        if alone and any(Decimal(text.replace(",", "")) == above - start for text in alone for start in self._starts):
            alone = []  # it counts rows
        for text in (_MONEY.findall(whole) or _CAPITALS.findall(whole) or alone)[:1]:
            value = read_amount(text).value
            sums = {self._sum(name, start, above) for name in self.columns for start in self._starts}
            if value is not None and sums and Decimal(value) not in sums:
                nearest = min(sums, key=lambda one: abs(Decimal(value) - one))
                difference = Decimal(value) - nearest
                yield f"合计写 {Decimal(value):,.2f} 元，以上明细合计 {nearest:,.2f} 元，相差 {difference:,.2f} 元；该行未作为数据读取"
        for number in _COUNTED.findall(whole)[:1]:
            if int(number) not in {above - start for start in self._starts}:
                yield f"合计写 {number}，以上明细有 {above} 行；该行未作为数据读取"

    def stated(self, cells: Sequence[str]) -> dict[str, str]:
        """Give the texts of the amounts of a row."""
        found = {name: cells[index] if index < len(cells) else "" for name, (index, _, _) in self.columns.items()}
        return {name: text for name, text in found.items() if text.strip()}

    def _value(self, name: str, text: str) -> Decimal | None:
        _, column, factor = self.columns[name]
        value = read_texts(column, [text], factor)[text].value
        return None if value is None else Decimal(value)

    def _sum(self, name: str, start: int, end: int) -> Decimal:
        self._add_up(name)
        return self._sums[name][end] - self._sums[name][start]

    def _unread_in(self, name: str, start: int, end: int) -> int:
        return self._unread[name][end] - self._unread[name][start]

    def _add_up(self, name: str) -> None:
        if name in self._sums:
            return
        index, column, factor = self.columns[name]
        texts = [cells[index] if index < len(cells) else "" for cells in self._rows]
        readings = read_texts(column, set(texts), factor)
        sums, unread = [Decimal(0)], [0]
        for text in texts:
            sums.append(sums[-1] + Decimal(readings[text].value or 0))
            unread.append(unread[-1] + bool(readings[text].problem))
        self._sums[name], self._unread[name] = sums, unread
