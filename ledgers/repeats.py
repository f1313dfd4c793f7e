"""Find sheets of one workbook whose rows stand in its other sheets too, or add them up: copies and summaries, which would be judged twice.

The name of a sheet alone, or equal rows alone, leave nothing out: two months may pay the same persons the same money.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import NamedTuple

from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Column, Kind
from ledgers.readings import Reading
from ledgers.rows import DataRow
from ledgers.sheets import Sheet
from ledgers.sources import Note
from ledgers.total_rows import TotalRow
from ledgers.totals import NOTHING, Sum, amounts_of, plus
from ledgers.values import read_texts

_REPEATS = re.compile(
    r"汇总|总表|总名单|合计|累计|全年|全部|副本|备份|更正|修[改订]|最终|[初终定]稿|copy|旧|\([0-9]{1,2}\)\Z", re.IGNORECASE
)
_SUMS = re.compile("汇总|总表|合计|累计|全年|全部")
_DAY = re.compile(r"[0-9]{1,4}[-年./][0-9]{1,2}[-月./][0-9]{1,2}|[0-9]{8}|[0-9]{5}\Z")
_NO_LEDGER = re.compile("作废|废弃|示例|样例|样表|例表|停用")
RIGHT, WRONG = "right", "wrong"
FIRST = 3  # rows of a sheet that are looked for in another one before all are
AS_OF = "cutoff_date"  # the column of the day up to which a row counts
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
    left, said, notes = dict(enumerate(pages)), set[int](), list[Note]()
    paid = [_total(page, kinds[page.layout.kind]) if len(pages) > 1 else NOTHING.total for page in pages]
    for place, page in enumerate(pages):
        name, kind = fold(page.sheet.name or ""), kinds[page.layout.kind]
        if page.rows and any(map(_NO_LEDGER.search, (name, *map(fold, chain.from_iterable(_title(page)))))):
            what = f"名称或标题说它作废或只是示例，{len(page.rows)} 行仍照常判断；如不是台账，请删去或改为隐藏。"
            notes.append(Note("Q16", "high", path, page.sheet.name, None, None, None, what))
        there = {n: one for n, one in left.items() if n != place and one.layout.kind == page.layout.kind and one.rows}
        others = list(there.values())
        if not others or not page.rows:
            continue
        once, what = False, ""
        if _REPEATS.search(name):
            once, what = _hold_against(page, others, kind)
        elif same := [one for n, one in there.items() if n < place and _are_same(page, one, kind)]:
            what = f"与工作表 {same[0].sheet.name} 各行（{len(page.rows)} 行）相同，名称看不出是副本；都判断，请核实是否重复。"
        elif paid[place] and paid[place] == sum(paid[n] for n in there):
            what = _see_repeated(page, others, kind)
        if what:
            said.add(place)
            notes.append(Note("Q16", "medium" if once else "high", path, page.sheet.name, None, None, None, what))
        if once:
            del left[place]
    unsaid = [page for n, page in left.items() if n not in said]
    return list(left.values()), [*notes, *_name_held(unsaid, kinds, path), *_name_later(list(left.values()), kinds, path)]


def _name_held(pages: Sequence[Page], kinds: Mapping[str, Kind], path: str) -> Iterator[Note]:
    """Name the sheets whose rows, with their days, stand in another one, all of them beside more (1月 in 1至2月) or most, as in a list put right.

    Without a day none is named: two months may pay the same persons the same money.
    """
    counted = dict[tuple[int, tuple[str, ...]], Counter[tuple[str, ...]]]()

    def count(place: int, names: tuple[str, ...]) -> Counter[tuple[str, ...]]:
        if (place, names) not in counted:
            counted[place, names] = Counter(_lines(pages[place], names, kinds[pages[place].layout.kind]))
        return counted[place, names]

    for place, page in enumerate(pages):
        kind, what = kinds[page.layout.kind], ""
        for at, other in enumerate(pages) if _is_dated(page, kind) else ():
            names = tuple(_compared(page, other, kind)) if at != place and other.layout.kind == page.layout.kind else ()
            own, theirs = (count(n, names) if len(names) >= FEWEST else Counter() for n in (place, at))
            there = (own & theirs).total() if any(line in theirs for line in islice(own, FIRST)) else 0
            if FEWEST <= there == len(page.rows) < len(other.rows):
                what = f"各行（{there} 行）都在工作表 {other.sheet.name} 中，该表另有其他行；都判断，请核实是否重复计算。"
            elif there >= max(FEWEST, len(page.rows) / 2) and at < place and there < len(other.rows):
                what = (
                    what
                    or f"{len(page.rows)} 行中有 {there} 行在工作表 {other.sheet.name} 中，其余不同；都判断，请核实是否重复。"
                )
        if what:
            yield Note("Q16", "high", path, page.sheet.name, None, None, None, what)


def _name_later(pages: Sequence[Page], kinds: Mapping[str, Kind], path: str) -> Iterator[Note]:
    """Name the sheets that say of the same things as an earlier one, with a column of the same amounts, what others have come to: as of March, as of June."""
    for place, page in enumerate(pages):
        kind = kinds[page.layout.kind]
        for other in pages[:place] if AS_OF in kind.columns and AS_OF not in page.layout.fields else ():
            both = [name for name in kind.columns if name in page.layout.fields and name in other.layout.fields]
            things = [name for name in kind.business_key if name in both]
            keys, theirs = (_lines(one, things, kind) for one in (page, other))
            if other.layout.kind != page.layout.kind or len(keys) < FEWEST or set(keys) != set(theirs):
                continue
            amounts = [name for name in both if kind.columns[name].type == "amount"]
            same = [
                name
                for name in amounts
                if dict(zip(keys, _lines(page, [name], kind), strict=True))
                == dict(zip(theirs, _lines(other, [name], kind), strict=True))
            ]
            if same and len(same) < len(amounts):
                what = f"与工作表 {other.sheet.name} 各行的对象相同，“{page.layout.headers[same[0]]}”也相同，其他金额不同，像另一时点的同一张表；都判断，请核实以哪一张为准。"
                yield Note("Q16", "high", path, page.sheet.name, None, None, None, what)
                break


def _compared(page: Page, other: Page, kind: Kind) -> list[str]:
    """Name the columns by which the rows of two sheets are the same."""
    both = [name for name in kind.columns if name in page.layout.fields and name in other.layout.fields]
    return [name for name in both if name in kind.business_key or kind.columns[name].type in ("amount", "date")]


def _hold_against(page: Page, others: Sequence[Page], kind: Kind) -> tuple[bool, str]:
    """Say of a sheet whose name calls it a copy or a summary whether it is one of others, which are judged once, and what is to be said of it."""
    name, named, there = fold(page.sheet.name or ""), _names(others), _count_there(page, others, kind)
    only_once = f"只判断一次。如确为另外的款项，用 --ledger KIND=PATH#{page.sheet.name}。"
    summary, dated = _SUMS.search(name), _is_dated(page, kind)
    if there == len(page.rows) and not summary and not any(_title(one) == _title(page) for one in others):
        return False, f"名称像副本，各行（{there} 行）都在工作表 {named} 中，但标题不同；都判断，请核实是否重复。"
    if there == len(page.rows):
        return True, f"名称像汇总或副本，各行（{there} 行）都在工作表 {named} 中，{only_once}"
    for added, sums, others_sums in (
        (_add_up, f"各行金额恰为工作表 {named} 中同一对象的各笔之和", f"各行的对象都在工作表 {named} 中，金额与其各笔之和不同"),
        (_add_up_sheets, f"各行金额恰为工作表 {named} 各自的合计", f"各行写的是工作表 {named} 的名称，金额与其合计不同"),
    ):
        found = added(page, others, kind) if summary else ""
        if found == WRONG:
            return False, f"名称像汇总，{others_sums}；都判断，请核实是否重复计算。"
        if found and dated:
            return False, f"名称像汇总，{sums}，但写有日期；都判断，请核实是否重复计算。"
        if found:
            return True, f"名称像汇总，{sums}，{only_once}"
    if there * 2 >= len(page.rows):
        what = f"{len(page.rows)} 行中有 {there} 行在工作表 {named} 中，其余不同"
        return False, f"名称像汇总或副本，{what}；都判断，请核实是否重复。"
    return False, ""


def _see_repeated(page: Page, others: Sequence[Page], kind: Kind) -> str:
    """Say of a sheet that holds as much money as all others whether it holds their rows, or adds them up, though its name does not say so."""
    if len(others) > 1 and len(page.rows) >= FEWEST and _count_there(page, others, kind) == len(page.rows):
        return f"各行（{len(page.rows)} 行）都在工作表 {_names(others)} 中，名称看不出是副本；都判断，请核实是否重复。"
    if _add_up(page, others, kind) == RIGHT:
        return f"各行金额恰为工作表 {_names(others)} 中同一对象的各笔之和，名称看不出是汇总；都判断，请核实是否重复计算。"
    return ""


def _title(page: Page) -> list[list[str]]:
    """Give what stands above the header, without white space."""
    texts = (["".join(cell.split()) for cell in row if cell.strip()] for row in page.sheet.rows[: page.layout.header_row])
    return [row for row in texts if row]


def _names(pages: Iterable[Page]) -> str:
    return "、".join(page.sheet.name or "" for page in pages)


def _total(page: Page, kind: Kind) -> Decimal:
    """Add up the first amount of a sheet."""
    amounts = amounts_of(page.layout, kind)
    first = [name for name in kind.columns if name in amounts][:1]
    return sum((one.total for name in first for one in _sums([page], (), name, kind).values()), NOTHING.total)


def _count_there(page: Page, others: Sequence[Page], kind: Kind) -> int:
    """Count the rows of a sheet that stand in others, each of theirs taken once."""
    left = page.rows
    for other in others:
        names = _compared(page, other, kind)
        there = Counter(_lines(other, names, kind)) if len(names) >= FEWEST else Counter()
        missing = []
        for row, line in zip(left, _lines(page._replace(rows=left), names, kind), strict=True):
            if there[line] > 0:
                there[line] -= 1
            else:
                missing.append(row)
        left = missing
    return len(page.rows) - len(left)


def _add_up(page: Page, others: Sequence[Page], kind: Kind) -> str:
    """Say whether the amounts of a sheet are what others hold for the same persons, or payees, of more rows; whether only these are the same, without days; or nothing."""
    sheets = [page, *others]
    names = [name for name in kind.added_up_by if all(name in one.layout.fields for one in sheets)]
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
    return "" if found == WRONG and _is_dated(page, kind) else found  # other payments of the same persons


def _add_up_sheets(page: Page, others: Sequence[Page], kind: Kind) -> str:
    """Say whether each row of a sheet holds the amounts of another whole one; whether it only names one; or nothing."""
    amounts = [name for name in kind.columns if all(name in amounts_of(one.layout, kind) for one in (page, *others))]
    if not amounts or not FEWEST <= len(page.rows) == len(others):
        return ""
    sums = ([_sums(pages, (), name, kind).get((), NOTHING) for name in amounts] for pages in ([one] for one in others))
    rows = ([_sums([page._replace(rows=[row])], (), name, kind)[()] for name in amounts] for row in page.rows)
    whole, own = (Counter(tuple((one.total, one.unread > 0) for one in line) for line in lines) for lines in (sums, rows))
    if whole == own and all(any(total for total, _ in line) and not any(unread for _, unread in line) for line in own):
        return RIGHT
    called = {fold(one.sheet.name or "") for one in others}
    return WRONG if all(any(fold(cell) in called for cell in row.cells) for row in page.rows) else ""


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


def _lines(page: Page, names: Sequence[str], kind: Kind) -> list[tuple[str, ...]]:
    """Give what stands in some columns of each row; a day or an amount as it is read, however it is written."""
    columns = list[list[str]]()
    for name in names:
        column, texts = kind.columns[name], [_cell(row, page.layout.fields[name]) for row in page.rows]
        if column.type in ("amount", "date") and name not in page.layout.parts:
            read = read_texts(column, set(texts), page.layout.factors.get(name, Decimal(1)), page.layout.year)
            columns.append([_in_one_form(read[text], text, column) for text in texts])
        else:
            columns.append(["".join(text.split()).upper() for text in texts])
    return list(zip(*columns, strict=True))


def _in_one_form(read: Reading, text: str, column: Column) -> str:
    if read.value is None:
        return "".join(text.split()).upper()
    return f"{Decimal(read.value).normalize():f}" if column.type == "amount" else f"{read.value}{read.also or read.value}"


def _cell(row: DataRow, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _texts(row: DataRow, layout: Layout, names: Sequence[str]) -> tuple[str, ...]:
    return tuple("".join(_cell(row, layout.fields[name]).split()).upper() for name in names)
