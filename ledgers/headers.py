"""Recognise a ledger by its headers: which row they stand in, which kind they name, which unit the amounts have.

It sees rows of text; files and values are unknown here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ledgers.fold import fold, fold_header
from ledgers.kinds import Kind

HEADER_ROWS = 30  # how far down a header row is looked for
FACTORS = {"元": Decimal(1), "万元": Decimal(10000), "千元": Decimal(1000), "亿元": Decimal(100000000)}
_BRACKET_UNIT = re.compile(r"[(\[【〔/]?(?:单位:?)?(?:人民币)?(亿元|万元|千元|元)[)\]】〕]?\Z")
_TITLE_UNIT = re.compile(r"(?:金额)?单位:?(?:人民币)?(亿元|万元|千元|元)")
_TITLE_NAME = re.compile(
    r"(?:填报|编制|发放|申报|报送)?(?:单位|工会)(?:名称)?:(?!(?:人民币)?[亿万千]?元)(.+?)(?:\(|填表|日期|单位|金额|$)"
)


class Layout(NamedTuple):
    """Say how a sheet is laid out: header row (index from 0), column index of each field, units, what was not understood."""

    kind: str
    header_row: int
    fields: dict[str, int]
    headers: dict[str, str]
    factors: dict[str, Decimal]
    unit_from: str
    unit_name: str
    unknown: dict[int, str]
    doubled: dict[str, list[int]]
    delimited: bool = False


class NotRecognised(Exception):
    """Say why no kind, or more than one, fits the headers; `nothing` when there is no table at all."""

    def __init__(self, what: str, *, nothing: bool = False) -> None:
        self.nothing = nothing
        super().__init__(what)


def recognise(rows: Sequence[Sequence[str]], kinds: Mapping[str, Kind], said: str | None = None) -> Layout:
    """Find the header row among the first rows and the kind that it names.

    Raises:  NotRecognised with the next step: nothing fits, required columns missing, or several kinds fit equally.
    """
    candidates = {said: kinds[said]} if said else kinds
    scored = [
        (not kind.lacking(set(found)), len(found), -number, name)
        for number, row in enumerate(rows[:HEADER_ROWS])
        for name, kind in candidates.items()
        if len(found := _match(row, kind)) >= min(2, len(kind.columns))
    ]
    if not scored:
        raise NotRecognised(_nothing_fits(rows, said), nothing=not any(any(cell.strip() for cell in row) for row in rows))
    best = max(scored)
    ties = sorted({name for complete, found, row, name in scored if (complete, found) == best[:2]})
    kind, number = candidates[best[3]], -best[2]
    if len(ties) > 1 and best[0]:
        both = "、".join(f"`{name}`（{candidates[name].title.zh}）" for name in ties)
        raise NotRecognised(f"表头同时符合 {both}，无法判断。请用 --ledger KIND=PATH 指明台账类型。")
    if not best[0]:
        lacking = "；".join(_one_of(kind, group) for group in kind.lacking(set(_match(rows[number], kind))))
        raise NotRecognised(
            f"第 {number + 1} 行表头最像 `{kind.kind}`（{kind.title.zh}），但缺少必需列：{lacking}。请补上该列，或用 --ledger 指明另一类型。"
        )
    return _layout(rows, number, kind)


def _one_of(kind: Kind, group: list[str]) -> str:
    return " 或 ".join(kind.columns[name].zh for name in group)


def _nothing_fits(rows: Sequence[Sequence[str]], said: str | None) -> str:
    widest = max(rows[:HEADER_ROWS], key=lambda row: sum(1 for cell in row if cell.strip()), default=[])
    seen = "、".join(cell.strip()[:12] for cell in widest if cell.strip())[:80]
    if not seen:
        return "没有任何内容。请确认导出是否成功。"
    kind = f"与 `{said}` 的表头都对不上" if said else "没有一行像已知台账的表头"
    return f"前 {HEADER_ROWS} 行中{kind}（看到：{seen}）。请运行 fundcheck ledgers show KIND 对照表头，或用 --ledger KIND=PATH 指明。"


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
    title_unit = next((match[1] for text in title if (match := _TITLE_UNIT.search(text))), None)
    factors: dict[str, Decimal] = {}
    from_header = False
    for name, index in fields.items():
        if kind.columns[name].type == "amount":
            own = _header_unit(row[index])
            from_header = from_header or own is not None
            factors[name] = FACTORS[own or title_unit or "元"]
    doubled: dict[str, list[int]] = {}
    unknown: dict[int, str] = {}
    for index, cell in enumerate(row):
        named = kind.headers.get(fold_header(cell)) if cell.strip() else None
        if named is not None and fields[named] != index:
            doubled.setdefault(named, [fields[named]]).append(index)
        elif named is None and (cell.strip() or any(index < len(below) and below[index].strip() for below in rows[number + 1 :])):
            unknown[index] = cell.strip()
    name = next((match[1] for text in title if (match := _TITLE_NAME.search(text))), "")
    source = "header" if from_header else "title" if title_unit else "assumed"
    headers = {field: row[index].strip() for field, index in fields.items()}
    return Layout(kind.kind, number, fields, headers, factors, source, name, unknown, doubled)


def _header_unit(cell: str) -> str | None:
    """Read the unit out of a header.

    >>> _header_unit("金额（万元）"), _header_unit("金额")
    ('万元', None)
    """
    folded = fold(cell)
    match = re.search(r"[(\[【〔/].*$", folded)
    inside = match and _BRACKET_UNIT.search(match[0])
    return inside[1] if inside else None
