"""List the values of a pack's parameters as lines of one table, and say what is wrong with lines that were changed.

Files of tables and the text of policy files are unknown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from policies.edit_values import Changed, Item, scalar
from policies.model import Dated, Parameter, Window
from policies.values import Value

COLUMNS = ("code", "parameter", "number", "zh", "unit", "by", "region", "from", "to", "value", "citation")


class Line(NamedTuple):
    """Hold one value of a parameter; `number` is its place among the values from 1, None for one that is added.

    `citation` is as `Dated` has it: the number of a clause, `own`, or nothing.
    """

    number: int | None
    classes: tuple[tuple[str, str], ...]
    region: str | None
    start: date | None
    end: date | None
    value: Value
    citation: int | Literal["own"] | None

    @property
    def bounds(self) -> tuple[date, date]:
        """Give the first and last day, the open ones as far away as days go."""
        return self.start or date.min, self.end or date.max


Held = Line | Dated | Window


def lines_of(parameter: Parameter) -> list[Line]:
    """Give the values of a parameter in their order."""
    return [_line(number, value) for number, value in enumerate(parameter.values, start=1)]


def _line(number: int, value: Dated) -> Line:
    classes = tuple((name, str(one)) for name, one in (value.model_extra or {}).items())
    return Line(number, classes, value.region, value.start, value.end, value.value, value.citation)


def change(old: Sequence[Line], new: Sequence[Line]) -> Changed:
    """Say what must be written so that the old lines become the new ones; what is added stands where it can be reached."""
    by_number: dict[int | None, Line] = {line.number: line for line in new if line.number is not None}
    items = {n: item for n, own in enumerate(old) if (item := _difference(own, by_number.get(own.number, own)))}
    added: dict[int, list[Item]] = {}
    final = [by_number.get(own.number, own) for own in old]
    for line in new:
        if line.number is None:
            added.setdefault(_place(line, final), []).append(_whole(line))
    return Changed(items, added)


def in_order(old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    """Give the new lines in the order in which they will stand in the file."""
    by_number: dict[int | None, Line] = {line.number: line for line in new if line.number is not None}
    ordered = [by_number[own.number] for own in old if own.number in by_number]
    places = [(_place(line, ordered), line) for line in new if line.number is None]
    return [
        line
        for place in range(len(ordered) + 1)
        for line in [*(own for at, own in places if at == place), *ordered[place : place + 1]]
    ]


def _place(line: Line, others: Sequence[Line]) -> int:
    """Find the place of an added value: as the first that fits decides, it comes before those that hold for more regions or days."""
    return next((n for n, own in enumerate(others) if own.classes == line.classes and _is_wider(own, line)), len(others))


def _is_wider(one: Line, other: Line) -> bool:
    if one.region == other.region:
        return one.bounds != other.bounds and covers(one, other)
    return one.region is None


def covers(one: Held, other: Held) -> bool:
    """Say whether one holds on all days of the other."""
    return one.bounds[0] <= other.bounds[0] and other.bounds[1] <= one.bounds[1]


def _keys(line: Line) -> dict[str, object]:
    given = {"value": line.value, **dict(line.classes), "region": line.region, "from": line.start, "to": line.end}
    return {**given, "citation": line.citation}


def _difference(old: Line, new: Line) -> Item:
    before, after = _keys(old), _keys(new)
    changed = {key: value for key, value in after.items() if value != before.get(key)}
    return {key: None if value is None else scalar(value) for key, value in changed.items()}


def _whole(line: Line) -> Item:
    return {key: scalar(value) for key, value in _keys(line).items() if value is not None}


def find_faults(parameter: Parameter, old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[Line | None, str, str]]:
    """Find what is wrong with the changed lines of a parameter as a whole: the line, the column, the sentence."""
    numbers = [line.number for line in new]
    for own in old:
        if own.number not in numbers:
            what = f"第 {own.number} 个值（{own.value}）的行不见了。请恢复这一行；要废止一个值，请填“止”，或直接改规则文件。 / a row was deleted; restore it."
            yield None, "number", what
    for line in new:
        if parameter.ask and line.region is None:
            yield line, "region", "这个参数没有全国统一的值，必须写明地区。 / name the region."
        if line.bounds[0] > line.bounds[1]:
            yield line, "to", f"止（{line.end}）早于起（{line.start}）。请改正。 / it ends before it begins."
    ordered = in_order(old, new)
    if [line._replace(number=None) for line in ordered] != [line._replace(number=None) for line in old]:
        yield from _time_faults(old, ordered)


def _time_faults(old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[Line, str, str]]:
    """Hold the time line of each region and class to what it was: one without gaps stays so, and so does one without overlaps."""
    before = _series(old)
    for key, lines in _series(new).items():
        was = _neighbours(before.get(key, []))
        had_gaps, had_layers = any(_gap(*pair) for pair in was), _is_layered(before.get(key, []))
        for earlier, later in _neighbours(lines):
            if meet(earlier, later) and not had_layers:
                until = earlier.end or "不限"
                yield (
                    later,
                    "from",
                    f"与{_named(earlier)}（止于 {until}）的时间重叠，不知道用哪一个。请改正起止。 / the times overlap.",
                )
            elif not had_gaps and (gap := _gap(earlier, later)):
                what = f"与{_named(earlier)}之间空着 {gap[0]} 至 {gap[1]}，这些天没有值。请改正起止。 / a gap in time."
                yield later, "from", what
    for number, line in enumerate(new):
        for above in new[:number]:
            same = above.classes == line.classes and above.region in (None, line.region)
            if same and covers(above, line) and (above.region != line.region or _is_layered(before.get(_series_of(line), []))):
                what = f"永远用不到：{_named(above)}排在它前面，这些天已经包括在内。请改正地区或起止。 / an earlier value always wins."
                yield line, "region", what
                break


def _is_layered(lines: Sequence[Line]) -> bool:
    return any(meet(*pair) for pair in _neighbours(lines))


def _series(lines: Sequence[Line]) -> Mapping[tuple[object, ...], list[Line]]:
    """Group the values of one region and class, in the order of time."""
    found: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        found.setdefault(_series_of(line), []).append(line)
    return {key: sorted(own, key=lambda line: line.bounds) for key, own in found.items()}


def _series_of(line: Line) -> tuple[object, ...]:
    return line.region, tuple(sorted(line.classes))


def _neighbours(lines: Sequence[Line]) -> list[tuple[Line, Line]]:
    return list(pairwise(lines))


def _gap(earlier: Line, later: Line) -> tuple[date, date] | None:
    if earlier.end is None or later.start is None or later.start <= earlier.end + timedelta(days=1):
        return None
    return earlier.end + timedelta(days=1), later.start - timedelta(days=1)


def meet(one: Held, other: Held) -> bool:
    """Say whether both hold on some day."""
    return one.bounds[0] <= other.bounds[1] and other.bounds[0] <= one.bounds[1]


def _named(line: Line) -> str:
    return f"第 {line.number} 个值" if line.number else f"新增的值 {line.value}"
