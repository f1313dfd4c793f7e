"""Find sheets of one workbook whose rows stand in its other sheets too: copies and summaries, which would be judged twice.

The name of a sheet alone, or equal rows alone, leave nothing out: two months may pay the same persons the same money.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import DataRow
from ledgers.sheets import Sheet
from ledgers.sources import Note
from ledgers.total_rows import TotalRow

_REPEATS = re.compile(r"汇总|总表|总名单|合计|全部|副本|备份|copy|旧|\([0-9]{1,2}\)\Z", re.IGNORECASE)
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
    for page in pages:
        others = [one for one in kept if one is not page and one.layout.kind == page.layout.kind and one.rows]
        if not others or not page.rows:
            continue
        if _REPEATS.search(fold(page.sheet.name or "")):
            there = _count_there(page, others, kinds[page.layout.kind])
            named = "、".join(one.sheet.name or "" for one in others)
            if there == len(page.rows):
                kept = [one for one in kept if one is not page]
                what = f"名称像汇总或副本，各行（{there} 行）都在工作表 {named} 中，只判断一次。如确为另外的款项，用 --ledger KIND=PATH#{page.sheet.name}。"
                notes.append(Note("Q16", "medium", path, page.sheet.name, None, None, None, what))
            elif there * 2 >= len(page.rows):
                what = (
                    f"名称像汇总或副本，{len(page.rows)} 行中有 {there} 行在工作表 {named} 中，其余不同；都判断，请核实是否重复。"
                )
                notes.append(Note("Q16", "high", path, page.sheet.name, None, None, None, what))
        elif same := [
            one for one in pages[: pages.index(page)] if one in others and _are_same(page, one, kinds[page.layout.kind])
        ]:
            what = f"与工作表 {same[0].sheet.name} 各行（{len(page.rows)} 行）相同，名称看不出是副本；都判断，请核实是否重复。"
            notes.append(Note("Q16", "high", path, page.sheet.name, None, None, None, what))
    return kept, notes


def _count_there(page: Page, others: Sequence[Page], kind: Kind) -> int:
    """Count the rows of a sheet that stand in others, each of theirs taken once."""
    left = page.rows
    for other in others:
        both = [name for name in kind.columns if name in page.layout.fields and name in other.layout.fields]
        names = [name for name in both if name in kind.business_key or kind.columns[name].type == "amount"]
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


def _are_same(page: Page, other: Page, kind: Kind) -> bool:
    return len(page.rows) == len(other.rows) >= FEWEST and _count_there(page, [other], kind) == len(page.rows)


def _texts(row: DataRow, layout: Layout, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(row.cells[index].strip() if (index := layout.fields[name]) < len(row.cells) else "" for name in names)
