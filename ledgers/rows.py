"""Tell the rows of a sheet apart: data, totals, footers, repeated headers, blanks. Where a total is doubtful, it stays and is flagged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout, folded_texts
from ledgers.kinds import Kind
from ledgers.labels import CARRIED, ELSEWHERE, is_labelled, may_be_a_record
from ledgers.sheets import Sheet
from ledgers.total_rows import TotalRow, describe_total
from ledgers.totals import Totals, is_explained
from ledgers.typed import PART_LIKE, TOTAL_LIKE, UNEVEN
from ledgers.units import title_unit
from ledgers.values import from_1904

_FOOTER = re.compile(
    r".{0,6}(制表|填表|审核|复核|审批|经办|负责|主管|主席|会计|出纳|财务|领导|盖章|签字|签名|备注|说明|注|日期|联系)[^:]{0,6}:"
    r"|(制表|填表|审核|复核|审批|经办|负责|主管)人\Z|[^:]{0,8}(签字|签名|签章|盖章)\Z|\(?公章\)?\Z"
)
_SECTION = re.compile(r"\(?[一二三四五六七八九十]{1,3}(?:、|\.|\))")  # 一、困难职工(2人)
# What may head rows that it adds up: 一、镇街, or 一 in a column of its own, 全部项目.
_HEAD = re.compile(
    r"\(?[一二三四五六七八九十]{1,3}(?:[、.)]|(?P<bare>\Z))|(?:全部|所有|全体|各)(?:项目|单位|部门|人员|企业|职工|会员|工会|镇街|街道|乡镇|资金)?\Z"
)
_SIGNED = re.compile("[0-9〇○零一二三四五六七八九]{4}年.{1,3}月.{1,3}日")
# In books, whose rows have numbers, sums and balances are told by their words alone: 支付1-3月电费合计 is a payment.
_OF_A_BOOK = re.compile(
    "(?:[本当](?:日|旬|月|季度?|期|年度?|页)|全[年月]|[0-9]{1,2}月份?|[0-9]{4}年度?(?:[0-9]{1,2}月份?)?|凭证|借贷方?)?(?:发生额?)?(?:合计|累计|总计|小计|共计)(?:金额|数)?:?"
    "|(?:期初|年初|月初|期末|年末|月末|上期|上月|上年|上页)(?:余额|结转|结余|累计)数?:?|结转[下次][年期页]:?"
)
_PART = re.compile("其中[:,]?")
_FURNITURE = re.compile("续表|续上表|接上表|以下空白|第[0-9]+页(?:[,/]?共[0-9]+页)?")
_NUMBER = re.compile(r"[0-9]{4}|[*×]")
BEFORE_A_COMMA, BEHIND_A_COMMA = "[-+¥￥]?[0-9]{1,3}", r"[0-9]{3}(?:\.[0-9]{1,2})?元?"  # of SQL and Python
# Words of headers below which no number stands, and of those below which three digits may.
_WORDS = re.compile("备注|[签盖]|领取人|领款人|用途|摘要|事由|开户行|银行|账户|来源|地址|经办|审[批核]|状态")
_CODE = re.compile("[号码编序率]|[人户次天月年个件份]数|数量|比例|门牌|房|No", re.IGNORECASE)
_PERSON = re.compile(r"[0-9]{17}[0-9Xx]\Z")  # an identity number as most are written: no total and no header has one
_VALUE = re.compile(r"(?:人民币|[约近¥'])*[-+]?[0-9][0-9,.*×-]*[Xx]?(?:[百千万亿]*元)?[余多整正]*\Z")

TOTAL, BALANCE, BARE, SUM, HEAD, FOOTER, HEADER_AGAIN, BLANK, LABEL, PART, DATA = (
    "total",
    "balance",
    "bare",
    "sum",
    "head",
    "footer",
    "header",
    "blank",
    "label",
    "part",
    "data",
)
_RECORD = re.compile(r"[^\u3400-\u9fff]*[0-9A-Za-z][^\u3400-\u9fff]*")  # the number of something, whose other cells are blank
NO_DATA = (FOOTER, HEADER_AGAIN, BLANK)
ADDED_UP = (TOTAL, BARE, SUM, HEAD)
LEAST = {BARE: 1, SUM: 2}  # rows that a row without a label adds up
DOUBTS = {
    UNEVEN: "单元格比表头多，或金额像被逗号拆成两格，列可能错位（金额中的逗号请加引号）；未判断",
    TOTAL_LIKE: "像合计行，但不能确认金额为以上各行之和；未剔除，金额未采用",
    PART_LIKE: "像上一行金额的组成部分（其中……），未剔除，金额未采用",
}
SUMS = {
    SUM: "没有证件号码或姓名，金额恰为以上各行之和，像合计行；未剔除，金额未采用",
    HEAD: "像分组标题，金额像其下各行之和；未剔除，金额未采用",
}
MOST_OF_A_HEAD = 2  # texts beside its amounts
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


class Look(NamedTuple):
    """Say by what rows are told apart: the folded rows of the header, how wide it is, where numbers, names and amounts stand.

    In `typed` columns stands anything but free text, in `keys` what tells records apart, in `others` days, codes and the like; in
    books, `number` is the column of a record's number, which no sum or balance has; where rows of several levels are all records, none
    `heads` others. `slips` are the amounts of a CSV file with a text beside them, where what stood behind a comma may stand, as 500 of 1,500.
    """

    headers: tuple[list[str], ...]
    width: int
    delimited: bool
    identities: tuple[int, ...]
    names: tuple[int, ...]
    amounts: tuple[int, ...]
    typed: tuple[int, ...]
    keys: tuple[int, ...]
    others: tuple[int, ...]
    number: int | None = None
    heads: bool = False
    slips: tuple[int, ...] = ()

    def ragged(self, cells: Sequence[str]) -> bool:
        """Say whether the cells of a row have slipped: in a CSV file it has texts beyond the last header, or what stood behind a comma in a cell of its own."""
        if not self.delimited:
            return False
        parted = ((_cell(cells, index).strip(), _cell(cells, index + 1).strip()) for index in self.slips)
        return any(cell.strip() for cell in cells[self.width :]) or any(
            re.fullmatch(BEFORE_A_COMMA, amount) and re.fullmatch(BEHIND_A_COMMA, other) for amount, other in parted
        )


def look_of(header: Sequence[Sequence[str]], layout: Layout, kind: Kind) -> Look:
    """Say by what the rows below the rows of a header are told apart."""
    places: dict[str, list[int]] = {"identity": [], "name": [], "amount": []}
    for name, index in layout.fields.items():
        places.get(kind.columns[name].type, []).append(index)
    folded, width = tuple(map(folded_texts, header)), max(map(len, header))
    typed = tuple(index for name, index in layout.fields.items() if kind.columns[name].type != "text")
    keys = tuple(index for name, index in layout.fields.items() if name in kind.business_key)
    identities, names, amounts = (tuple(places[of]) for of in ("identity", "name", "amount"))
    others = tuple(index for index in typed if index not in (*identities, *names, *amounts))
    number = layout.fields.get(kind.fills_down[0]) if kind.fills_down else None
    said = [next((row[index] for row in reversed(folded) if index < len(row) and row[index]), "") for index in range(width)]
    texts = {index for index, text in enumerate(said) if not text or (_WORDS.search(text) and not _CODE.search(text))} - {*typed}
    slips = tuple(index for index in amounts if layout.delimiter == "," and index + 1 in texts)
    heads = not kind.nests and number is None
    return Look(folded, width, bool(layout.delimiter), identities, names, amounts, typed, keys, others, number, heads, slips)


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

    all_dated = all(_count_others(cells, look) for _, cells, what in told if what == DATA)
    return sort_told(told, reckon, layout, look, joint, all_dated=all_dated)


def sort_told(
    told: Sequence[Told],
    reckon: Reckon,
    layout: Layout,
    look: Look,
    joint: Mapping[int, tuple[str, str]] = MappingProxyType({}),
    apart: Set[int] = frozenset(),
    *,
    all_dated: bool,
) -> tuple[list[DataRow], list[Remark], list[TotalRow]]:
    """Sort rows that were told apart one by one, by what they add up.

    Shapes:  data that name somebody need not be among the rows, if `reckon` knows of them, and `apart` says above which rows there are any;
             `all_dated` says whether each row of data has a day, a code or the like.
    """
    if any(what == HEAD for _, _, what in told):
        told = list(_settle_heads(told, reckon, look, all_dated=all_dated))
    if any(what in LEAST for _, _, what in told):
        told = list(_settle_bare(told, reckon))
    if any(what == PART for _, _, what in told):
        told = list(_settle_parts(told, look, apart))
    totals, counts = reckon(told)
    totals.end_at([count for count, one in zip(counts, told, strict=False) if one[2] == TOTAL] + counts[-1:])
    data, remarks, labels, found = list[DataRow](), list[Remark](), list[int](), list[TotalRow]()
    doubtful, balances, added_up = list[int](), list[int](), -1
    before: Sequence[str] = ()
    for above, (number, cells, what) in zip(counts, told, strict=False):
        held = totals.hold(cells, above) if what == TOTAL else ()
        stated = what == TOTAL and bool(totals.stated(cells))
        if what == TOTAL and not held:
            remarks += [Remark("Q12", "medium", number, said) for said in totals.miscount(cells, above)]
            held = tuple(filter(None, [totals.hold_words(cells, above)]))
        if what == LABEL:
            labels.append(number)
        elif what == BALANCE:
            balances.append(number)
        elif what == BARE:
            totals.begin(above)
        elif what in SUMS:
            totals.begin(above)
            data.append(DataRow(number, cells, TOTAL_LIKE, SUMS[what]))
        elif (
            what == TOTAL
            and (is_explained(held) or not stated)
            and not may_be_a_record(cells, held, look.amounts, before, stated=stated)
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
    return data, [*remarks, *name_labels(labels), *name_balances(balances)], found


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


def _settle_heads(told: Sequence[Told], reckon: Reckon, look: Look, *, all_dated: bool) -> Iterator[Told]:
    """Keep the rows that may head others as such where one of them adds up at least two rows below it, up to the next one, or where they alone have
    no day; else they head none."""
    totals, counts = reckon(told)
    heads = [(above, cells) for above, (_, cells, what) in zip(counts, told, strict=False) if what == HEAD]
    totals.end_at([count for count, one in zip(counts, told, strict=False) if one[2] in (TOTAL, HEAD)] + counts[-1:])
    for above, _ in heads:
        totals.begin(above)
    proven = (all_dated and counts[-1] > 0) or any(totals.head(cells, above) for above, cells in heads)
    for number, cells, what in told:
        yield number, cells, what if proven or what != HEAD else SUM if _is_nobody(cells, look) else DATA


def _settle_bare(told: Sequence[Told], reckon: Reckon) -> Iterator[Told]:
    """Keep a row bare of all but amounts, or of a person, as such where it adds up at least two rows above it; else it is data."""
    totals, counts = reckon(told)
    for above, (number, cells, what) in zip(counts, told, strict=False):
        least = LEAST.get(what, 0)
        held = totals.hold(cells, above, least=least) if least and above > 1 else ()
        yield number, cells, DATA if least and not (held and is_explained(held)) else what


def _settle_parts(told: Iterable[Told], look: Look, apart: Set[int]) -> Iterator[Told]:
    """Take what names nobody right below a part of a total (其中：困难职工) for the next part of it."""
    among = False
    for number, cells, what in told:
        among = what == PART or (among and what == DATA and number not in apart and names_nobody(cells, look))
        yield number, cells, PART if among else what


def names_nobody(cells: Sequence[str], look: Look) -> bool:
    """Say whether nothing stands where names and identity numbers do."""
    return not any(_cell(cells, index).strip() for index in (*look.names, *look.identities))


def name_balances(numbers: Sequence[int]) -> Iterator[Remark]:
    """Name the sums and balances of a book in one remark."""
    if numbers:
        what = f"第 {name_rows(numbers)} 行（共 {len(numbers)} 行）是合计、累计、余额或承转行，未作为数据读取。"
        yield Remark("Q12", "info", numbers[0], what)


def name_labels(numbers: Sequence[int]) -> Iterator[Remark]:
    """Name the rows of one text in one remark."""
    if numbers:
        what = f"第 {name_rows(numbers)} 行（共 {len(numbers)} 行）只有一格文字，作为分组标题或说明，未作为数据读取。"
        yield Remark("Q12", "info", numbers[0], what)


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
        index for name, index in layout.fields.items() if columns[name].type == "date" or "month" in columns[name].holds
    )


def holds_texts_only(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether no amount and no identity number stands in a cell of its own; the first text of a row may be its number."""
    texts = [fold(cell) for row in rows for cell in [cell for cell in row if cell.strip()][1:]]
    return not any(_VALUE.match(text) or read_amount(text).value is not None for text in texts)


def tell_apart(cells: Sequence[str], look: Look) -> str:
    """Say what a row is by itself: data, blank, the header again, a footer, a label, a total or a part by its label, or bare of all but amounts."""
    if any(index < len(cells) and _PERSON.match(cells[index]) for index in look.identities):
        return DATA
    texts = list(filter(str.strip, cells))
    if not texts:
        return BLANK
    first = [fold(text) for text in texts[:3]]
    if any(first[0] in header for header in look.headers) and folded_texts(cells) in look.headers:
        return HEADER_AGAIN
    amounts = sum(1 for index in look.amounts if _cell(cells, index).strip())
    if look.number is not None and any(map(_is_balance, map(fold, texts[:4]))):
        own = fold(_cell(cells, look.number))
        return DATA if own and not _is_balance(own) else BALANCE
    named = [fold(_cell(cells, index)) for index in look.names if _cell(cells, index).strip()]
    labelled = look.number is None and (
        is_labelled(texts[:3], first, named, look.names)
        or (
            bool(named) and all(map(ELSEWHERE.fullmatch, named)) and not any(_cell(cells, index).strip() for index in look.others)
        )
    )
    footer = (
        _FOOTER.match(first[0])
        and (len(texts) < 3 or any(map(_FOOTER.match, map(fold, texts[1:]))))
        and not _pays(cells, look)
        and (first[0].endswith(":") or _count_others(cells, look) < 2)
    )
    if (labelled or footer) and not _identified(cells, look):
        return TOTAL if labelled else FOOTER
    if len(texts) == 1 and _SIGNED.fullmatch(first[0]) and not any(_cell(cells, index).strip() for index in look.others):
        return LABEL
    if len(texts) == 1 and (title_unit(first) or _FURNITURE.fullmatch(first[0])):
        return FOOTER
    if len(texts) == 1 and look.typed and not any(_cell(cells, index).strip() for index in look.typed):
        return DATA if _RECORD.fullmatch(first[0]) and any(_cell(cells, index).strip() for index in look.keys) else LABEL
    if any(map(_PART.match, first)) and (look.names or look.identities) and not _identified(cells, look):
        return PART
    if len(texts) == amounts and len(look.amounts) < look.width:
        return BARE
    if not amounts or any(_cell(cells, index).strip() for index in (*look.identities, *look.others)):
        return DATA
    nobody = _is_nobody(cells, look)
    if nobody and _SECTION.match(texts[0]):
        return TOTAL
    head = _HEAD.match(first[0]) if look.heads and len(texts) - amounts <= MOST_OF_A_HEAD else None
    if head and (head["bare"] is None or first[0] not in named):
        return HEAD
    return SUM if nobody else DATA


def _is_nobody(cells: Sequence[str], look: Look) -> bool:
    """Say of a row without identity number and days whether it should name somebody, and may not."""
    return bool(look.identities) or (bool(look.names) and names_nobody(cells, look))


def _count_others(cells: Sequence[str], look: Look) -> int:
    """Count the days, codes and the like of a row, without what only a footer says; of a kind without such columns there are none."""
    others = (fold(_cell(cells, index)) for index in look.others)
    return sum(1 for text in others if text and not _FOOTER.match(text))


def _is_balance(text: str) -> bool:
    return bool(_OF_A_BOOK.fullmatch(text) or CARRIED.fullmatch(text))


def _pays(cells: Sequence[str], look: Look) -> bool:
    return any(read_amount(fold(_cell(cells, index))).value is not None for index in look.amounts)


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _identified(cells: Sequence[str], look: Look) -> bool:
    """Say whether a number stands where identity numbers stand, masked or not; a word there is none."""
    return any(_NUMBER.search(fold(_cell(cells, index))) for index in look.identities)
