"""Hold totals against the rows they add up: which row is explained as a total, and what its details come to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Column, Kind
from ledgers.values import read_texts

_MONEY = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[百千万亿]*元|万)")
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?\Z")
_CAPITALS = re.compile("[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+[元圆](?:[零壹贰叁肆伍陆柒捌玖角分整正])*")
_COUNTED = re.compile("([0-9]+)(?:户|人次|人|名|笔)")
_OUTLINE = re.compile(r"(?P<one>[一二三四五六七八九十]+、)|(?P<two>\([一二三四五六七八九十]+\))|(?P<three>[0-9]+、)")
_PART = re.compile("其中[:,]?")
_Span = tuple[int, int]


class Held(NamedTuple):
    """Hold one amount of a total against the sum nearest to it: the column, what is written, its value (None if unread),
    the sum, how many rows it adds up and how many of their cells could not be read."""

    column: str
    text: str
    value: Decimal | None
    sum: Decimal
    rows: int
    unread: int

    @property
    def fits(self) -> bool:
        """Say whether the amount is the sum."""
        return self.value == self.sum


class _Sum(NamedTuple):
    """Hold a sum, how many rows it adds up, and how many of their cells could not be read."""

    total: Decimal
    rows: int
    unread: int


_NOTHING = _Sum(Decimal(0), 0, 0)


def _plus(one: _Sum, other: _Sum) -> _Sum:
    return _Sum(one.total + other.total, one.rows + other.rows, one.unread + other.unread)


def _closest(lanes: Iterable[Sequence[_Sum]], spans: Sequence[_Span], value: Decimal) -> _Sum:
    """Give what stands in the span of a lane whose sum is nearest to a value; no row at all comes last."""
    held = (
        (
            lane[end].total - lane[start].total,
            start == end,
            lane[end].rows - lane[start].rows,
            lane[end].unread - lane[start].unread,
        )
        for lane in lanes
        for start, end in spans
    )
    total, _, rows, unread = min(held, key=lambda one: (abs(value - one[0]), one[1]))
    return _Sum(total, rows, unread)


class Totals:
    """Keep the texts of amounts of the rows that are data, in order, and add them up only where a total asks for it.

    A sum adds up all rows of a span, or those of one lane: in a table with rows of several levels (`nests` of its kind) the
    rows of one level, and in any table those of one step of an outline (一、（一）1、), or those that are no part (其中) of another.
    """

    def __init__(self, layout: Layout, kind: Kind, rows: Sequence[Sequence[str]]) -> None:
        self.columns = {
            name: (index, kind.columns[name], layout.factors[name])
            for name, index in layout.fields.items()
            if kind.columns[name].type == "amount" and name not in layout.unreadable
        }
        self._levels = [(index, kind.columns[name]) for name, index in layout.fields.items() if name in kind.nests]
        self._rows, self._starts = rows, [0]
        self._sums = dict[str, list[_Sum]]()
        self._sums_of_lanes = dict[str, list[list[_Sum]]]()

    def hold(self, cells: Sequence[str], above: int, ends: Sequence[int] = (), *, least: int = 0) -> tuple[Held, ...]:
        """Hold the amounts of a row against sums: of all rows above, of the last ones, or, where a section begins, of those below.

        Shapes:  `above` counts the rows of data above it, `ends` those at which a section below may end, `least` those of a sum;
                 one `Held` for each amount that is stated. Where all fit, the row is explained, and a section begins below it.
        """
        over = self._hold_all(cells, [(start, above) for start in self._starts if above - start >= least])
        if is_explained(over):
            self.begin(above)
            return over
        for end in ends if above in self._starts else ():
            if end > above + 1 and is_explained(under := self._hold_all(cells, [(above, end)])):
                self.begin(end)
                return under
        return over

    def begin(self, above: int) -> None:
        """Begin a section below so many rows of data."""
        self._starts.append(above)

    def hold_words(self, texts: Sequence[str], above: int) -> Held | None:
        """Hold a total that is written in words, without a cell of amount, against the rows above it; None if it states no money."""
        folded = list(map(fold, texts))
        whole, alone = "".join(folded), [text for text in folded if _NUMBER.match(text)]
        if alone and any(Decimal(text.replace(",", "")) == above - start for text in alone for start in self._starts):
            alone = []  # it counts rows
        for text in (_MONEY.findall(whole) or _CAPITALS.findall(whole) or alone)[:1]:
            value = read_amount(text).value
            spans = [(start, above) for start in self._starts]
            if value is not None and self.columns:
                held = (self._nearest(name, text, Decimal(value), spans) for name in self.columns)
                return min(held, key=lambda one: (abs(Decimal(value) - one.sum), not one.rows))
        return None

    def miscount(self, texts: Sequence[str], above: int) -> Iterator[str]:
        """Say that a total written in words counts other than the rows above it."""
        for number in _COUNTED.findall("".join(map(fold, texts)))[:1]:
            if int(number) not in {above - start for start in self._starts}:
                yield f"合计写 {number}，以上明细有 {above} 行；该行未作为数据读取"

    def _hold_all(self, cells: Sequence[str], spans: Sequence[_Span]) -> tuple[Held, ...]:
        return tuple(self._nearest(name, text, self._value(name, text), spans) for name, text in self.stated(cells).items())

    def stated(self, cells: Sequence[str]) -> dict[str, str]:
        """Give the texts of the amounts of a row."""
        found = {name: cells[index] if index < len(cells) else "" for name, (index, _, _) in self.columns.items()}
        return {name: text for name, text in found.items() if text.strip()}

    def _nearest(self, name: str, text: str, value: Decimal | None, spans: Sequence[_Span]) -> Held:
        """Hold an amount against the nearest sum of its column over any span; over no row comes last, and lanes are told only where no sum of all rows fits."""
        near = _closest([self._add_up(name)], spans, value or Decimal(0))
        if not near.rows or near.total != value:
            near = _closest([self._add_up(name), *self._add_up_lanes(name)], spans, value or Decimal(0))
        return Held(name, text, value, *near)

    def _value(self, name: str, text: str) -> Decimal | None:
        _, column, factor = self.columns[name]
        value = read_texts(column, [text], factor)[text].value
        return None if value is None else Decimal(value)

    def _add_up(self, name: str) -> list[_Sum]:
        """Add up all rows above each row."""
        if name not in self._sums:
            self._sums[name] = list(accumulate(self._amounts(name), _plus, initial=_NOTHING))
        return self._sums[name]

    def _add_up_lanes(self, name: str) -> list[list[_Sum]]:
        """Add up the rows of each lane above each row; a lane that holds every row says nothing more."""
        if name not in self._sums_of_lanes:
            amounts, lanes = self._amounts(name), [set(self._lanes(cells)) for cells in self._rows]
            self._sums_of_lanes[name] = [
                list(
                    accumulate(
                        (one if lane in own else _NOTHING for one, own in zip(amounts, lanes, strict=True)),
                        _plus,
                        initial=_NOTHING,
                    )
                )
                for lane in sorted(set[str]().union(*lanes))
                if not all(lane in own for own in lanes)
            ]
        return self._sums_of_lanes[name]

    def _amounts(self, name: str) -> list[_Sum]:
        """Read the amount of each row."""
        index, column, factor = self.columns[name]
        texts = [cells[index] if index < len(cells) else "" for cells in self._rows]
        readings = read_texts(column, set(texts), factor)
        read = {text: _Sum(Decimal(one.value or 0), 1, int(bool(one.problem))) for text, one in readings.items()}
        return [read[text] for text in texts]

    def _lanes(self, cells: Sequence[str]) -> Iterator[str]:
        """Name the lanes of a row: by the level that is written, the length of its code, whether anything stands above it."""
        for index, column in self._levels:
            yield f"{index} {_step(fold(cells[index]) if index < len(cells) else '', column)}"
        first = next((text for text in map(fold, cells) if _OUTLINE.match(text)), "")
        if found := _OUTLINE.match(first):
            yield f"outline {found.lastgroup}"
        if not any(_PART.match(fold(text)) for text in [cell for cell in cells if cell.strip()][:3]):
            yield "whole"


def _step(text: str, column: Column) -> str:
    return text if column.type == "code" else str(len(text) if text.isascii() else -1)


def is_explained(held: Sequence[Held]) -> bool:
    """Say whether every amount of a row is a sum; one that states none is."""
    return all(one.fits for one in held)
