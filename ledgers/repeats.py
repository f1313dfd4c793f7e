"""Find sheets of one workbook whose rows stand in its other sheets too, or add them up: copies and summaries, which would be judged twice.

The name of a sheet alone, or equal rows alone, leave nothing out: two months may pay the same persons the same money.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import DataRow
from ledgers.sheets import Sheet
from ledgers.sources import Note
from ledgers.total_rows import TotalRow
from ledgers.totals import NOTHING, Sum, amounts_of, plus

_REPEATS = re.compile(r"汇总|总表|总名单|合计|累计|全年|全部|副本|备份|copy|旧|\([0-9]{1,2}\)\Z", re.IGNORECASE)
_SUMS = re.compile("汇总|总表|合计|累计|全年|全部")
_DAY = re.compile(r"[0-9]{1,4}[-年./][0-9]{1,2}[-月./][0-9]{1,2}|[0-9]{8}|[0-9]{5}\Z")
_NO_LEDGER = re.compile("作废|废弃|示例|样例|样表|例表|停用")
RIGHT, WRONG = "right", "wrong"
FEWEST = 2  # columns by which rows are compared, and rows of two sheets that are the same without a name that says so


class Page(NamedTuple):
    """Hold a sheet that was read, with its totals and notes on its rows."""

    sheet: Sheet
    layout: Layout
    rows: list[DataRow]
    totals: list[TotalRow]
    notes: list[Note]


def part_repeats(pages: Sequence[Page], kinds: Mapping[str, Kind], path: str) -> tuple[list[Page], list[Note]]:
    """Leave out the sheets whose name calls them a copy or a summary and whose rows all stand in others; name those that are alike."""
    kept, notes = list(pages), list[Note]()
    paid = [_total(page, kinds[page.layout.kind]) if len(pages) > 1 else None for page in pages]
    for page, own in zip(pages, paid, strict=True):
        if page.rows and _NO_LEDGER.search(fold(page.sheet.name or "")):
            what = f"名称说它作废或只是示例，{len(page.rows)} 行仍照常判断；如不是台账，请删去或改为隐藏。"
            notes.append(Note("Q16", "high", path, page.sheet.name, None, None, None, what))
        others = [one for one in kept if one is not page and one.layout.kind == page.layout.kind and one.rows]
        if not others or not page.rows:
            continue
        name, kind = fold(page.sheet.name or ""), kinds[page.layout.kind]
        named = "、".join(one.sheet.name or "" for one in others)
        whole = own and own == sum(total or 0 for one, total in zip(pages, paid, strict=True) if one in others)
        severity, what = "high", ""
        if _REPEATS.search(name):
            there = _count_there(page, others, kind)
            summed = "" if there == len(page.rows) or not _SUMS.search(name) else _add_up(page, others, kind)
            if there == len(page.rows) or (summed == RIGHT and not _is_dated(page, kind)):
                kept, severity = [one for one in kept if one is not page], "medium"
            if there == len(page.rows):
                what = f"名称像汇总或副本，各行（{there} 行）都在工作表 {named} 中，只判断一次。如确为另外的款项，用 --ledger KIND=PATH#{page.sheet.name}。"
            elif summed == RIGHT and severity == "medium":
                what = f"名称像汇总，各行金额恰为工作表 {named} 中同一对象的各笔之和，只判断一次。如确为另外的款项，用 --ledger KIND=PATH#{page.sheet.name}。"
            elif summed == RIGHT:
                what = f"名称像汇总，各行金额恰为工作表 {named} 中同一对象的各笔之和，但写有日期；都判断，请核实是否重复计算。"
            elif summed and not _is_dated(page, kind):
                what = f"名称像汇总，各行的对象都在工作表 {named} 中，金额与其各笔之和不同；都判断，请核实是否重复计算。"
            elif there * 2 >= len(page.rows):
                what = (
                    f"名称像汇总或副本，{len(page.rows)} 行中有 {there} 行在工作表 {named} 中，其余不同；都判断，请核实是否重复。"
                )
        elif same := [one for one in pages[: pages.index(page)] if one in others and _are_same(page, one, kind)]:
            what = f"与工作表 {same[0].sheet.name} 各行（{len(page.rows)} 行）相同，名称看不出是副本；都判断，请核实是否重复。"
        elif whole and len(others) > 1 and len(page.rows) >= FEWEST and _count_there(page, others, kind) == len(page.rows):
            what = f"各行（{len(page.rows)} 行）都在工作表 {named} 中，名称看不出是副本；都判断，请核实是否重复。"
        elif whole and _add_up(page, others, kind) == RIGHT:
            what = f"各行金额恰为工作表 {named} 中同一对象的各笔之和，名称看不出是汇总；都判断，请核实是否重复计算。"
        if what:
            notes.append(Note("Q16", severity, path, page.sheet.name, None, None, None, what))
    return kept, notes


def _total(page: Page, kind: Kind) -> Decimal | None:
    """Add up the first amount of a sheet."""
    amounts = amounts_of(page.layout, kind)
    first = next((amounts[name] for name in kind.columns if name in amounts), None)
    return sum((one.total for one in first.read([row.cells for row in page.rows])), Decimal(0)) if first else None


def _count_there(page: Page, others: Sequence[Page], kind: Kind) -> int:
    """Count the rows of a sheet that stand in others, each of theirs taken once."""
    left = page.rows
    for other in others:
        both = [name for name in kind.columns if name in page.layout.fields and name in other.layout.fields]
        names = [name for name in both if name in kind.business_key or kind.columns[name].type in ("amount", "date")]
        there = Counter(_texts(row, other.layout, names) for row in other.rows) if len(names) >= FEWEST else Counter()
        missing = []
        for row in left:
            texts = _texts(row, page.layout, names)
            if there[texts] > 0:
                there[texts] -= 1
            else:
                missing.append(row)
        left = missing
    return len(page.rows) - len(left)


def _add_up(page: Page, others: Sequence[Page], kind: Kind) -> str:
    """Say whether the amounts of a sheet are what others hold for the same persons, or payees, of more rows; whether only these are the same; or nothing."""
    sheets = [page, *others]
    keys = kind.paid if kind.nets else [name for name in kind.business_key if kind.columns[name].type in ("text", "name")]
    names = [name for name in keys if all(name in one.layout.fields for one in sheets)]
    amounts = [name for name in kind.columns if all(name in amounts_of(one.layout, kind) for one in sheets)]
    if not names or not amounts:
        return ""
    if sum(len(other.rows) for other in others) <= len(page.rows):
        return ""
    found = RIGHT
    for amount in amounts:
        own, sums = (_sums(pages, names, amount, kind) for pages in ([page], others))
        if len(own) < FEWEST or not own.keys() <= sums.keys():
            return ""
        unread = any(one.unread for one in (*own.values(), *sums.values()))
        same = own.keys() == sums.keys() and all(one.total == sums[key].total for key, one in own.items())
        found = found if same and not unread else WRONG
    return found


def _is_dated(page: Page, kind: Kind) -> bool:
    """Say whether a day stands in a sheet; sums of many payments mostly have none of their own."""
    days = [index for name, index in page.layout.fields.items() if kind.columns[name].type == "date"]
    return any(_DAY.search(row.cells[index]) for row in page.rows for index in days if index < len(row.cells))


def _sums(pages: Iterable[Page], names: Sequence[str], amount: str, kind: Kind) -> dict[tuple[str, ...], Sum]:
    """Add up an amount of sheets by whom their rows name; what cannot be read adds nothing, and is counted."""
    sums = dict[tuple[str, ...], Sum]()
    for page in pages:
        read = amounts_of(page.layout, kind)[amount].read([row.cells for row in page.rows])
        for row, one in zip(page.rows, read, strict=True):
            key = _texts(row, page.layout, names)
            sums[key] = plus(sums.get(key, NOTHING), one)
    return sums


def _are_same(page: Page, other: Page, kind: Kind) -> bool:
    return len(page.rows) == len(other.rows) >= FEWEST and _count_there(page, [other], kind) == len(page.rows)


def _texts(row: DataRow, layout: Layout, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        "".join(row.cells[index].split()).upper() if (index := layout.fields[name]) < len(row.cells) else "" for name in names
    )
