"""Hold totals against the rows they add up: which row is explained as a total, and what its details come to."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from heapq import merge
from itertools import accumulate, chain
from types import MappingProxyType
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
_BARE_STEP = re.compile(r"(?P<one>[一二三四五六七八九十]+)\Z|(?P<digits>[0-9]+(?:[.-][0-9]+)*)\Z")  # in a column of its own
_PART = re.compile("其中[:,]?")


PRICE = "unit_price"  # in every kind that has one


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


class Sum(NamedTuple):
    """Hold a sum, how many rows it adds up, and how many of their cells could not be read."""

    total: Decimal
    rows: int
    unread: int


NOTHING = Sum(Decimal(0), 0, 0)


def plus(one: Sum, other: Sum) -> Sum:
    """Add up two sums."""
    return Sum(one.total + other.total, one.rows + other.rows, one.unread + other.unread)


class Amount(NamedTuple):
    """Say where an amount stands in a row, what is known of its column, and its unit in yuan."""

    place: int
    column: Column
    factor: Decimal

    def read(self, rows: Sequence[Sequence[str]]) -> list[Sum]:
        """Read the amount of each row; what cannot be read adds nothing."""
        texts = [cells[self.place] if self.place < len(cells) else "" for cells in rows]
        readings = read_texts(self.column, set(texts), self.factor)
        read = {text: Sum(Decimal(one.value or 0), 1, int(bool(one.problem))) for text, one in readings.items()}
        return [read[text] for text in texts]


def amounts_of(layout: Layout, kind: Kind) -> dict[str, Amount]:
    """Give the columns of amounts that can be read, and add up: prices do not."""
    return {
        name: Amount(index, kind.columns[name], layout.factors[name])
        for name, index in layout.fields.items()
        if kind.columns[name].type == "amount" and name not in (*layout.unreadable, PRICE)
    }


class _Lane:
    """Find the spans of rows that come to a value, or nearest to it, among so many that a look at each would take hours.

    Shapes:  `sums` gives the sum of so many rows from the first one on.
    """

    def __init__(self, sums: Sequence[Sum] | Mapping[int, Sum], starts: Iterable[int], ends: Iterable[int]) -> None:
        self._sums, self._totals = sums, list[Decimal]()
        self._starts, self._ends = dict[Decimal, list[int]](), dict[Decimal, list[int]]()
        for start in starts:
            self.begin(start)
        for end in ends:
            self._ends.setdefault(sums[end].total, []).append(end)

    def begin(self, start: int) -> None:
        """Let spans begin below so many rows, too."""
        total = self._sums[start].total
        if total not in self._starts:
            insort(self._totals, total)
        self._starts.setdefault(total, []).append(start)

    def over(self, end: int, value: Decimal, least: int) -> Sum:
        """Give the sum nearest to a value of at least so many rows above a place, or of no row where none is nearer."""
        sought = self._sums[end].total - value
        place = bisect_left(self._totals, sought)
        less, more = reversed(range(place)), range(place, len(self._totals))
        for total in map(self._totals.__getitem__, merge(less, more, key=lambda one: abs(self._totals[one] - sought))):
            for start in self._starts[total]:
                if end - start >= max(least, 1):
                    return self.between(start, end)
            if not least and end in self._starts[total]:
                break
        return NOTHING

    def ends(self, start: int, value: Decimal) -> Sequence[int]:
        """List where a span may end that begins at a place and comes to a value, and other places above."""
        return self._ends.get(self._sums[start].total + value, ())

    def between(self, start: int, end: int) -> Sum:
        """Give the sum of a span."""
        one, other = self._sums[start], self._sums[end]
        return Sum(other.total - one.total, other.rows - one.rows, other.unread - one.unread)


class Totals:
    """Keep the texts of amounts of the rows that are data, in order, and add them up only where a total asks for it.

    A sum adds up all rows of a span, or those of one lane: in a table with rows of several levels (`nests` of its kind) the
    rows of one level, of one bare number (一 above 1 and 2, 1 above 1.1) or one indentation, and in any table those of one step of an
    outline (一、（一）1、), or those that are no part (其中) of another.
    Where the rows lie elsewhere, `sums` gives for each column those of so many rows as a total may ask for, and there are no lanes.
    """

    def __init__(
        self,
        layout: Layout,
        kind: Kind,
        rows: Sequence[Sequence[str]],
        sums: Mapping[str, Mapping[int, Sum]] = MappingProxyType({}),
    ) -> None:
        self.columns = amounts_of(layout, kind)
        self._levels = [(index, kind.columns[name]) for name, index in layout.fields.items() if name in kind.nests]
        self._steps = bool(kind.nests or kind.stepped)
        self._rows, self._given = rows, sums
        self._starts, self._ends = {0: None}, tuple[int, ...]()
        self._lanes = dict[str, list[_Lane]]()  # the first one adds up all rows
        self._told_apart = set[str]()  # columns that have the others, too

    def hold(self, cells: Sequence[str], above: int, *, least: int = 0) -> tuple[Held, ...]:
        """Hold the amounts of a row against sums: of all rows above, of the last ones, or, where a section begins, of those below.

        Shapes:  `above` counts the rows of data above it, `least` those of a sum; one `Held` for each amount that is stated. Where all
                 fit, the row is explained, and a section begins below it.
        """
        stated = {name: (text, self._value(name, text)) for name, text in self.stated(cells).items()}
        over = tuple(self._nearest(name, *one, above, least) for name, one in stated.items())
        if is_explained(over):
            self.begin(above)
            return over
        return self._head(stated, above) or over

    def head(self, cells: Sequence[str], above: int, *, least: int = 2) -> tuple[Held, ...]:
        """Hold the amounts of a row with which a section begins against sums of so many rows below it; nothing where they are none."""
        return self._head({name: (text, self._value(name, text)) for name, text in self.stated(cells).items()}, above, least)

    def _head(self, stated: Mapping[str, tuple[str, Decimal | None]], above: int, least: int = 2) -> tuple[Held, ...]:
        for end in self._ends_below(above, stated, least) if stated and above in self._starts else ():
            under = tuple(self._below(name, *one, above, end) for name, one in stated.items())
            if is_explained(under):
                self.begin(end)
                return under
        return ()

    def begin(self, above: int) -> None:
        """Begin a section below so many rows of data."""
        if above not in self._starts:
            self._starts[above] = None
            for lane in chain.from_iterable(self._lanes.values()):
                lane.begin(above)

    def end_at(self, places: Iterable[int]) -> None:
        """Let sections that begin with their total end below so many rows of data; to be said before any is held."""
        self._ends = tuple(places)

    def hold_words(self, texts: Sequence[str], above: int) -> Held | None:
        """Hold a total that is written in words, without a cell of amount, against the rows above it; None if it states no money."""
        folded = list(map(fold, texts))
        whole, alone = "".join(folded), [text for text in folded if _NUMBER.match(text)]
        if any(above - Decimal(text.replace(",", "")) in self._starts for text in alone):
            alone = []  # it counts rows
        for text in (_MONEY.findall(whole) or _CAPITALS.findall(whole) or alone)[:1]:
            value = read_amount(text).value
            if value is not None and self.columns:
                held = (self._nearest(name, text, Decimal(value), above) for name in self.columns)
                return min(held, key=lambda one: (abs(Decimal(value) - one.sum), not one.rows))
        return None

    def miscount(self, texts: Sequence[str], above: int) -> Iterator[str]:
        """Say that a total written in words counts other than the rows above it."""
        for number in _COUNTED.findall("".join(map(fold, texts)))[:1]:
            if above - Decimal(number) not in self._starts:
                yield f"合计写 {number}，以上明细有 {above} 行；该行未作为数据读取"

    def stated(self, cells: Sequence[str]) -> dict[str, str]:
        """Give the texts of the amounts of a row."""
        found = {name: cells[index] if index < len(cells) else "" for name, (index, _, _) in self.columns.items()}
        return {name: text for name, text in found.items() if text.strip()}

    def _nearest(self, name: str, text: str, value: Decimal | None, above: int, least: int = 0) -> Held:
        """Hold an amount against the nearest sum of its column above it; lanes are told apart only where no sum of all rows fits."""
        sought = value or Decimal(0)
        near = self._add_up(name)[0].over(above, sought, least)
        if not near.rows or near.total != value:
            near = min((lane.over(above, sought, least) for lane in self._add_up_lanes(name)), key=_how_far(sought))
        return Held(name, text, value, *near)

    def _below(self, name: str, text: str, value: Decimal | None, above: int, end: int) -> Held:
        """Hold an amount against the sums of its column in a span below it."""
        sums = (lane.between(above, end) for lane in self._add_up_lanes(name))
        return Held(name, text, value, *min(sums, key=_how_far(value or Decimal(0))))

    def _ends_below(self, above: int, stated: Mapping[str, tuple[str, Decimal | None]], least: int) -> list[int]:
        """List where a section of at least so many rows may end that begins with its total: there the amount that fits fewest places is a sum."""
        places = [
            [lane.ends(above, value) for lane in self._add_up_lanes(name)] if value is not None else []
            for name, (_, value) in stated.items()
        ]
        fewest = min(places, key=lambda lanes: sum(map(len, lanes)))
        return sorted({end for ends in fewest for end in ends if end >= above + least})

    def _value(self, name: str, text: str) -> Decimal | None:
        _, column, factor = self.columns[name]
        value = read_texts(column, [text], factor)[text].value
        return None if value is None else Decimal(value)

    def _add_up(self, name: str) -> list[_Lane]:
        """Add up all rows above each row."""
        if name not in self._lanes:
            self._lanes[name] = [
                self._lane(self._given.get(name) or list(accumulate(self.columns[name].read(self._rows), plus, initial=NOTHING)))
            ]
        return self._lanes[name]

    def _add_up_lanes(self, name: str) -> list[_Lane]:
        """Add up the rows of each lane above each row, too; a lane that holds every row says nothing more."""
        found = self._add_up(name)
        if name not in self._told_apart:
            self._told_apart.add(name)
            amounts, lanes = self.columns[name].read(self._rows), [set(self._lanes_of(cells)) for cells in self._rows]
            for lane in sorted(set[str]().union(*lanes)):
                if not all(lane in own for own in lanes):
                    sums = (one if lane in own else NOTHING for one, own in zip(amounts, lanes, strict=True))
                    found.append(self._lane(list(accumulate(sums, plus, initial=NOTHING))))
        return found

    def _lane(self, sums: Sequence[Sum] | Mapping[int, Sum]) -> _Lane:
        return _Lane(sums, self._starts, self._ends)

    def _lanes_of(self, cells: Sequence[str]) -> Iterator[str]:
        """Name the lanes of a row: by the level that is written, the length of its code, whether anything stands above it."""
        for index, column in self._levels:
            yield f"{index} {_step(fold(cells[index]) if index < len(cells) else '', column)}"
        first = next((text for text in map(fold, cells) if _OUTLINE.match(text)), "")
        if found := _OUTLINE.match(first):
            yield f"outline {found.lastgroup}"
        texts = [cell for cell in cells if cell.strip()][:3]
        if not any(_PART.match(fold(text)) for text in texts):
            yield "whole"
        if self._steps and texts:
            bare = _BARE_STEP.match(fold(texts[0]))
            yield f"step {bare.lastgroup} {bare[0].count('.') + bare[0].count('-')}" if bare else "step none"
            label = texts[1] if bare and len(texts) > 1 else texts[0]
            yield f"indented {len(label) - len(label.lstrip())}"


def _how_far(value: Decimal) -> Callable[[Sum], tuple[Decimal, bool]]:
    """Give how far a sum is from a value; over no row comes last."""
    return lambda one: (abs(value - one.total), not one.rows)


def _step(text: str, column: Column) -> str:
    return text if column.type == "code" else str(len(text) if text.isascii() else -1)


def is_explained(held: Sequence[Held]) -> bool:
    """Say whether every amount of a row is a sum; one that states none is."""
    return all(one.fits for one in held)
