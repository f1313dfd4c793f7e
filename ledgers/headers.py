"""Recognise a ledger by its headers: which row they stand in, which kind they name, which unit the amounts have.

It sees rows of text; files and values are unknown here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ledgers.fold import fold, fold_header
from ledgers.hiding import hide_numbers
from ledgers.kinds import Kind
from ledgers.units import FACTORS, header_unit, reporting_unit, title_unit

HEADER_ROWS = 30  # how far down a header row is looked for


class Layout(NamedTuple):
    """Say how a sheet is laid out: header row (index from 0), column index of each field, units, what was not understood.

    `doubled` fields stand in several columns; of `foreign` ones the unit of money is not known: neither can be read.
    """

    kind: str
    header_row: int
    fields: dict[str, int]
    headers: dict[str, str]
    factors: dict[str, Decimal]
    unit_from: str
    unit_name: str
    unknown: dict[int, str]
    doubled: dict[str, list[int]]
    foreign: dict[str, str]
    delimited: bool = False

    @property
    def unreadable(self) -> frozenset[str]:
        """Name the fields that cannot be read."""
        return frozenset(self.doubled) | frozenset(self.foreign)


class NotRecognised(Exception):
    """Say why no kind, or more than one, fits the headers; `nothing` when there is no table at all."""

    def __init__(self, what: str, *, nothing: bool = False) -> None:
        self.nothing = nothing
        super().__init__(what)


def recognise(
    rows: Sequence[Sequence[str]], kinds: Mapping[str, Kind], said: str | None = None, own: Mapping[str, str] | None = None
) -> Layout:
    """Find the header row among the first rows and the kind that it names.

    Shapes:  `own` maps headers of the user's own to columns of the kind that was `said`, in place of the known ones.
    Raises:  NotRecognised with the next step: nothing fits, required columns missing, or several kinds fit equally.
    """
    candidates = {said: kinds[said].also_called(own or {})} if said else kinds
    scored = [
        (not kind.lacking(set(found)), len(found), -number, name)
        for number, row in enumerate(rows[:HEADER_ROWS])
        for name, kind in candidates.items()
        if len(found := _match(row, kind)) >= min(2, len(kind.columns))
    ]
    if not scored:
        raise NotRecognised(_nothing_fits(rows, kinds, said), nothing=not any(any(cell.strip() for cell in row) for row in rows))
    best = max(scored)
    ties = {name: -row for complete, found, row, name in sorted(scored) if (complete, found) == best[:2]}
    if not best[0]:
        raise NotRecognised(_lacking(rows, {name: (candidates[name], number) for name, number in sorted(ties.items())}))
    if len(ties) > 1:
        both = "、".join(f"`{name}`（{candidates[name].title.zh}）" for name in sorted(ties))
        raise NotRecognised(f"表头同时符合 {both}，无法判断。请用 --ledger KIND=PATH 指明台账类型。")
    return _layout(rows, -best[2], candidates[best[3]])


def _lacking(rows: Sequence[Sequence[str]], nearest: Mapping[str, tuple[Kind, int]]) -> str:
    """Say which required columns are missing, for every kind that is equally near."""
    each = []
    for kind, number in nearest.values():
        lacking = "；".join(_one_of(kind, group) for group in kind.lacking(set(_match(rows[number], kind))))
        each.append(f"第 {number + 1} 行表头最像 `{kind.kind}`（{kind.title.zh}），但缺少必需列：{lacking}")
    return f"{'。或者：'.join(each)}。请补上该列，或用 --ledger 指明另一类型。"


def _one_of(kind: Kind, group: list[str]) -> str:
    return " 或 ".join(kind.columns[name].zh for name in group)


def _nothing_fits(rows: Sequence[Sequence[str]], kinds: Mapping[str, Kind], said: str | None) -> str:
    texts = [[cell.strip() for cell in row if cell.strip()] for row in rows[:HEADER_ROWS]]
    if not any(texts):
        return "没有任何内容。请确认导出是否成功。"
    # Whatever is no word of a header may be a name, which no message may show.
    words = {word for kind in kinds.values() for word in kind.headers}
    nearest = max(texts, key=lambda row: (sum(fold_header(cell) in words for cell in row), len(row)))
    known = [hide_numbers(cell)[:12] for cell in nearest if fold_header(cell) in words]
    seen = [f"看到：{'、'.join(known)}"[:80]] if known else []
    seen += [f"{rest} 格不是已知的表头，内容从略"] if (rest := len(nearest) - len(known)) else []
    kind = f"与 `{said}` 的表头都对不上" if said else "没有一行像已知台账的表头"
    return f"前 {HEADER_ROWS} 行中{kind}（{'；'.join(seen)}）。请运行 fundcheck ledgers show KIND 对照表头，或用 --ledger KIND=PATH 指明。"


def _match(row: Sequence[str], kind: Kind) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(row):
        name = kind.headers.get(fold_header(cell)) if cell and len(cell) <= 60 else None
        if name is not None:
            found.setdefault(name, index)
    return found


def _layout(rows: Sequence[Sequence[str]], number: int, kind: Kind) -> Layout:
    row = rows[number]
    fields = _match(row, kind)
    title = [fold(cell) for above in rows[:number] for cell in above if cell.strip()]
    money = [name for name in fields if kind.columns[name].type == "amount"]
    own = {name: header_unit(row[fields[name]]) for name in money}
    above = title_unit(title)
    units = {name: own[name] or above or "元" for name in money}
    factors = {name: FACTORS.get(unit, Decimal(1)) for name, unit in units.items()}
    foreign = {name: unit for name, unit in units.items() if unit not in FACTORS}
    doubled: dict[str, list[int]] = {}
    unknown: dict[int, str] = {}
    for index, cell in enumerate(row):
        named = kind.headers.get(fold_header(cell)) if cell.strip() else None
        if named is not None and fields[named] != index:
            doubled.setdefault(named, [fields[named]]).append(index)
        elif named is None and (cell.strip() or any(index < len(below) and below[index].strip() for below in rows[number + 1 :])):
            unknown[index] = hide_numbers(cell.strip())
    source = "header" if any(own.values()) else "title" if above else "assumed"
    headers = {field: hide_numbers(row[index].strip()) for field, index in fields.items()}
    return Layout(
        kind.kind, number, fields, headers, factors, source, hide_numbers(reporting_unit(title)), unknown, doubled, foreign
    )
