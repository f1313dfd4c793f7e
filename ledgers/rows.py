"""Tell the rows of a sheet apart: data, totals, footers, repeated headers, blanks. Where a total is doubtful, it stays and is flagged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import accumulate, pairwise, takewhile
from types import MappingProxyType
from typing import NamedTuple

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.labels import may_be_a_record
from ledgers.sheets import Sheet
from ledgers.telling import (
    BALANCE,
    BARE,
    DATA,
    FOOTER,
    HEAD,
    LABEL,
    NO_DATA,
    PART,
    SUM,
    TOTAL,
    Look,
    begins_with_a_numeral,
    count_others,
    has_any,
    heads_alone,
    is_lone,
    is_nobody,
    is_of_a_region,
    look_of,
    may_go_on,
    tell_apart,
)
from ledgers.total_rows import TotalRow, describe_total
from ledgers.totals import Totals, is_explained
from ledgers.typed import PART_LIKE, TOTAL_LIKE, UNEVEN
from ledgers.values import from_1904

_VALUE = re.compile(r"(?:人民币|[约近¥'])*[-+]?[0-9][0-9,.*×-]*[Xx]?(?:[百千万亿]*元)?[余多整正]*\Z")
_NEGATES = re.compile(
    "(?:以下|附).*(?:退回|退款|作废|取消|未[发领]|不发|停发|去年|上年|参考)|(?:退回|退款|作废|未发放?|不发|未领取?|停发)(?:人员)?(?:名单|名册|部分)?:?\\Z|示例|样例|供参考"
)
_CHANGES = re.compile(
    "更正|改|实际|实[发付领给]|应[为是]|[未没](?!有异议)|不(?!超过|少于|详)|补[充发]|漏|[错误](?!餐)|退(?!休)|另|下列|以下(?!空白|是|各|简)|折[价合算]|现金|实物|代管|[上去]年|多[发给付]|少[发给付]|[扣减]"
)
_SUMS_BELOW = re.compile(".{0,8}(?:汇总表?|合计表|统计表)")
ADDED_UP = (TOTAL, BARE, SUM, HEAD)
LAST = "last"  # what stands below a total of all rows, and has nothing that they have
LEAST = {BARE: 1, SUM: 2}  # rows that a row without a label adds up
DOUBTS = {
    UNEVEN: "单元格比表头多，或金额像被逗号拆成两格，列可能错位（金额中的逗号请加引号）；未判断",
    TOTAL_LIKE: "像合计行，但不能确认金额为以上各行之和；未剔除，金额未采用",
    PART_LIKE: "像上一行金额的组成部分（其中……），未剔除，金额未采用",
}
SUMS = {
    SUM: "没有证件号码或姓名，金额恰为以上各行之和，像合计行；未剔除，金额未采用",
    HEAD: "像分组标题，金额像其下各行之和；未剔除，金额未采用",
    LAST: "在合计行之下，只有一格文字和金额，像结余或净额；未剔除，金额未采用",
}
# What is said once of all rows that are no data for one reason: which, how many.
ASIDE = {
    LABEL: "第 {} 行（共 {} 行）只有一格文字，作为分组标题或说明，未作为数据读取。",
    FOOTER: "第 {} 行（共 {} 行）像签字栏、页脚或说明，其下还有数据；未作为数据读取。",
    BALANCE: "第 {} 行（共 {} 行）是合计、累计、余额或承转行，未作为数据读取。",
}
MOST_NAMED = 10  # rows that one remark names


Told = tuple[int, Sequence[str], str]  # a row's number from 1, its cells, what it is
# Gives the totals of rows that were told apart, and how many rows of data stand above each of them, and in all.
Reckon = Callable[[Sequence[Told]], tuple[Totals, list[int]]]


class DataRow(NamedTuple):
    """Hold a row that is data: its number as a person sees it (from 1), its cells, how far they can be trusted, why, in which field."""

    number: int
    cells: Sequence[str]
    doubt: int = 0
    why: str = ""
    field: str | None = None
    head: int = 0  # where another row says what this one leaves blank


class Remark(NamedTuple):
    """Say something about rows that are no data."""

    code: str
    severity: str
    row: int
    what: str
    fatal: bool = False


def sort_rows(
    rows: Sequence[Sequence[str]],
    layout: Layout,
    kind: Kind,
    joint: Mapping[int, tuple[str, str]] = MappingProxyType({}),
    wide: Set[int] = frozenset(),
) -> tuple[list[DataRow], list[Remark], list[TotalRow]]:
    """Sort the rows below the header: those that are data, remarks on the others, and the totals with what their rows come to.

    A row is a total, and left out, if a total's label stands in its first three texts and no identity number in it, or if
    nothing but amounts stands in it, and its amounts are sums of the rows above it or, labelled, below it. A labelled row
    whose amounts are other sums is kept as doubtful: it may be a payment, and a wrong total. A row with one text, and that
    free text or in a cell merged over columns (`wide`), is the label of a section. `joint` says of rows why their amounts
    are not their own. Both count rows from 0.
    """
    look = look_of(rows[layout.header_row : layout.below], layout, kind)
    told = [
        (number, cells, LABEL if number - 1 in wide else what)
        for number, cells in enumerate(rows[layout.below :], start=layout.below + 1)
        if (what := tell_apart(cells, look)) not in NO_DATA
    ]

    def reckon(told: Sequence[Told]) -> tuple[Totals, list[int]]:
        counts = list(accumulate((what == DATA for _, _, what in told), initial=0))
        return Totals(layout, kind, [cells for _, cells, what in told if what == DATA]), counts

    def are_all_dated(but: Set[int]) -> bool:
        return all(count_others(cells, look) for number, cells, what in told if what == DATA and number not in but)

    return sort_told(told, reckon, layout, look, are_all_dated, joint)


def sort_told(
    told: Sequence[Told],
    reckon: Reckon,
    layout: Layout,
    look: Look,
    are_all_dated: Callable[[Set[int]], bool],
    joint: Mapping[int, tuple[str, str]] = MappingProxyType({}),
    apart: Set[int] = frozenset(),
) -> tuple[list[DataRow], list[Remark], list[TotalRow]]:
    """Sort rows that were told apart one by one, by what they add up.

    Shapes:  data that name somebody need not be among the rows, if `reckon` knows of them, and `apart` says above which rows there are any;
             `are_all_dated` says whether each row of data but some has a day, a code or the like; it is asked only where that tells a row from them.
    """
    if any(what == HEAD for _, _, what in told):
        told = list(_settle_heads(told, reckon, look, are_all_dated))
    if any(what in LEAST for _, _, what in told):
        told = list(_settle_bare(told, reckon, look))
    if any(what == PART for _, _, what in told):
        told = list(_settle_parts(told, look, apart))
    totals, counts = reckon(told)
    if (last := _last_alone(told, counts, look)) and are_all_dated(last):
        told = [(number, cells, LAST if number in last else what) for number, cells, what in told]
        totals, counts = reckon(told)
    totals.end_at([count for count, one in zip(counts, told, strict=False) if one[2] == TOTAL] + counts[-1:])
    data, remarks, found, aside = list[DataRow](), list[Remark](), list[TotalRow](), {what: list[int]() for what in ASIDE}
    doubtful, added_up = list[int](), -1
    before: Sequence[str] = ()
    for above, (number, cells, what) in zip(counts, told, strict=False):
        held = totals.hold(cells, above) if what == TOTAL else ()
        stated = what == TOTAL and bool(totals.stated(cells))
        if what == TOTAL and not held:
            remarks += [Remark("Q12", "medium", number, said) for said in totals.miscount(cells, above)]
            held = tuple(filter(None, [totals.hold_words(cells, above)]))
        if what in aside:
            aside[what] += [number] if what != FOOTER or above < counts[-1] else []  # a footer stands below all data
        elif what == BARE:
            totals.begin(above)
        elif what in SUMS:
            totals.begin(above)
            data.append(DataRow(number, cells, TOTAL_LIKE, SUMS[what]))
        elif (
            what == TOTAL
            and (is_explained(held) or not stated)
            and not may_be_a_record(cells, held, look.amounts, before, stated=stated, dated=has_any(cells, look.days))
        ):
            found += filter(None, [describe_total(number, cells, held, layout, doubtful, above)])
            added_up = above if any(one.fits and one.rows == above for one in held) else added_up
        else:
            before = cells if what == DATA else before
            row = _doubt(number, cells, what, look, joint)
            if what == TOTAL and row.doubt == TOTAL_LIKE:
                # Below a total of all rows another one is of more than this sheet.
                found += filter(None, [describe_total(number, cells, held, layout, doubtful, above)]) if added_up != above else ()
                row = row._replace(field=next((one.column for one in held if not one.fits and one.value is not None), None))
            doubtful += [above] if row.doubt else []
            data.append(row)
    return data, [*remarks, *name_negating(told, counts), *_name_aside(aside)], found


def _doubt(number: int, cells: Sequence[str], what: str, look: Look, joint: Mapping[int, tuple[str, str]]) -> DataRow:
    """Take a row as data, with what is doubtful about it."""
    if look.ragged(cells):
        return DataRow(number, cells, UNEVEN, DOUBTS[UNEVEN])
    if what == TOTAL:
        return DataRow(number, cells, TOTAL_LIKE, DOUBTS[TOTAL_LIKE])
    if what == PART:
        return DataRow(number, cells, PART_LIKE, DOUBTS[PART_LIKE])
    if number - 1 in joint:
        field, why = joint[number - 1]
        return DataRow(number, cells, TOTAL_LIKE, why, field)
    return DataRow(number, cells)


def _settle_heads(told: Sequence[Told], reckon: Reckon, look: Look, are_all_dated: Callable[[Set[int]], bool]) -> Iterator[Told]:
    """Keep the rows that may head others as such where one of them adds up at least two rows below it, up to the next one, where each of several adds up
    what stands below it, or where they alone have no day; else they head none."""
    totals, counts = reckon(told)
    heads = [(above, cells) for above, (_, cells, what) in zip(counts, told, strict=False) if what == HEAD]
    totals.end_at([count for count, one in zip(counts, told, strict=False) if one[2] in (TOTAL, HEAD)] + counts[-1:])
    for above, _ in heads:
        totals.begin(above)
    alone = counts[-1] > 0 and all(heads_alone(cells, look) for _, cells in heads) and are_all_dated(set())
    proven = alone or any(_adds_up(totals, cells, above) for above, cells in heads)
    proven |= len(heads) > 1 and all(
        (held := totals.head(cells, above, least=1)) and is_explained(held) for above, cells in heads
    )
    stops = [place for place, (_, _, what) in enumerate(told) if what != DATA]
    heads_none = {place for place, following in pairwise([*stops, -1]) if counts[place] == counts[following]}
    for place, (number, cells, what) in enumerate(told):
        is_head = proven and not (place in heads_none and is_of_a_region(cells, look))
        yield number, cells, what if is_head or what != HEAD else SUM if is_nobody(cells, look) else DATA


def _adds_up(totals: Totals, cells: Sequence[str], above: int) -> bool:
    """Say whether a row is the sum of at least two rows below it or, unless it begins with a numeral, above it."""
    held = totals.head(cells, above)
    if not held and not begins_with_a_numeral(cells):
        held = totals.hold(cells, above, least=2)
    return any(one.sum for one in held) and is_explained(held)


def _last_alone(told: Sequence[Told], counts: Sequence[int], look: Look) -> set[int]:
    """List the rows of data below the last total if each has nothing but a text and amounts.

    Shapes:  `counts` of the rows of data above each row, and of all.
    """
    below = list(takewhile(lambda one: one[2] != TOTAL, reversed(told)))
    lone = {number for number, cells, what in below if what == DATA and is_lone(cells, look)}
    return lone if len(below) < len(told) and counts[-1] - counts[len(told) - len(below)] == len(lone) else set()


def _settle_bare(told: Sequence[Told], reckon: Reckon, look: Look) -> Iterator[Told]:
    """Keep a row bare of all but amounts, or of a person, as such where it adds up at least two rows above it; else it is data, or what may be a total
    where other rows are named and persons need not be."""
    totals, counts = reckon(told)
    for above, (number, cells, what) in zip(counts, told, strict=False):
        least = LEAST.get(what, 0)
        held = totals.hold(cells, above, least=least) if least and above > 1 else ()
        if least and not (held and is_explained(held)):
            nameless = what == BARE and above > 1 and look.number is None and not (look.names or look.identities)
            yield number, cells, TOTAL if nameless else DATA
        else:
            yield number, cells, what


def _settle_parts(told: Iterable[Told], look: Look, apart: Set[int]) -> Iterator[Told]:
    """Take what names nobody right below a part of a total (其中：困难职工) for the next part of it."""
    among = False
    for number, cells, what in told:
        goes_on = among and number not in apart and may_go_on(cells, look)
        among = what == PART or (goes_on and what == DATA)
        yield number, cells, PART if among else what


def _may_change(cells: Sequence[str]) -> bool:
    """Say whether a label or a footer says what may change other rows: 以下送大米, 实际给了800元, 还没来领的."""
    return any(map(_CHANGES.search, map(fold, cells)))


def _heads_sums(cells: Sequence[str]) -> bool:
    """Say whether nothing but 汇总 stands in a row."""
    texts = [fold(cell) for cell in cells if cell.strip()]
    return len(texts) == 1 and bool(_SUMS_BELOW.fullmatch(texts[0]))


def name_negating(told: Iterable[Told], counts: Sequence[int]) -> Iterator[Remark]:
    """Name each label that says of the rows below it that nothing was paid, that they are of another year or no data, or that they add up others.

    Shapes:  `counts` of the rows of data above each row, and of all.
    """
    for above, (number, cells, what) in zip(counts, told, strict=False):
        if what == LABEL and any(map(_NEGATES.search, map(fold, cells))):
            said = f"第 {number} 行像是说其下各行已退回、作废、未发、只是示例或属于其他年度；其下各行仍照常判断，请核实。"
            yield Remark("Q12", "high", number, said)
        elif what in (LABEL, FOOTER) and _may_change(cells):
            said = f"第 {number} 行的说明可能改变其他各行的金额、单位、对象或是否支付，未据此调整，请核对。"
            yield Remark("Q12", "medium", number, said)
        elif what == TOTAL and 0 < above < counts[-1] and _heads_sums(cells):
            said = f"第 {number} 行像是说其下各行是以上各行的汇总；其下各行仍照常判断，请核实是否重复计算。"
            yield Remark("Q12", "high", number, said)


def _name_aside(aside: Mapping[str, Sequence[int]]) -> Iterator[Remark]:
    """Name the rows that are no data for one reason in one remark."""
    for what, numbers in aside.items():
        if numbers:
            yield Remark("Q12", "info", numbers[0], ASIDE[what].format(name_rows(numbers), len(numbers)))


def name_rows(numbers: Sequence[int]) -> str:
    """List numbers of rows, the first of many."""
    return "、".join(map(str, numbers[:MOST_NAMED])) + ("…" if len(numbers) > MOST_NAMED else "")


def count_from_1904(rows: Sequence[list[str]], layout: Layout, kind: Kind) -> None:
    """Turn the numbers of days of a workbook that counts from 1904 into days."""
    dates = [index for name, index in layout.fields.items() if kind.columns[name].type == "date"]
    for cells in rows[layout.below :]:
        for index in dates:
            if index < len(cells):
                cells[index] = from_1904(cells[index])


def doubt_tenths(sheet: Sheet, layout: Layout, kind: Kind) -> None:
    """Write numbers such as 2021.1 in columns of dates as what they may be: a spreadsheet drops the 0 of October."""
    dates = date_columns(layout, kind)
    for row, column in sheet.tenths:
        if column in dates and row >= layout.below:
            sheet.rows[row][column] = f"{sheet.rows[row][column]}/{sheet.rows[row][column]}0"


def date_columns(layout: Layout, kind: Kind) -> frozenset[int]:
    """List the columns of days and months."""
    columns = kind.columns
    return frozenset(
        index for name, index in layout.fields.items() if columns[name].type == "date" or "period" in columns[name].holds
    )


def holds_texts_only(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether no amount and no identity number stands in a cell of its own; the first text of a row may be its number."""
    texts = [fold(cell) for row in rows for cell in [cell for cell in row if cell.strip()][1:]]
    return not any(_VALUE.match(text) or read_amount(text).value is not None for text in texts)
