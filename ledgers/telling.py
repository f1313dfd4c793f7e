"""Tell what one row of a sheet is by itself: data, a total by its label, a footer, the header again, a label of a section, blank."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout, folded_texts
from ledgers.kinds import Kind
from ledgers.labels import CARRIED, ELSEWHERE, is_labelled
from ledgers.typed import COUNTED
from ledgers.units import title_unit

_ROLES = "(?:制表|填表|审核|复核|审批|经办|负责|主管)人"
_FOOTER = re.compile(
    r".{0,6}(制表|填表|审核|复核|审批|经办|负责|主管|主席|会计|出纳|财务|领导|盖章|签字|签名|备注|说明|注|日期|联系)[^:]{0,6}:"
    rf"|{_ROLES}\Z"
    r"|[^:]{0,8}(签字|签名|签章|盖章)\)?\Z|\(?公章\)?\Z"
)
_NUMERAL = r"\(?[一二三四五六七八九十]{1,3}"
_SECTION = re.compile(rf"{_NUMERAL}[、.)]")  # 一、困难职工(2人)
# What may head rows that it adds up: 一、镇街, or 一 in a column of its own, 全部项目.
_HEAD = re.compile(
    rf"{_NUMERAL}(?:[、.)]|(?P<bare>\Z))|(?:全部|所有|全体|各)(?:项目|单位|部门|人员|企业|职工|会员|工会|镇街|街道|乡镇|资金)?\Z"
    r"|(?:全[区县市省镇乡街校厂年]|全系统|总体|综合|合并|本级)\Z"
    r"|.{1,20}汇总\Z"
)
_BARE_STEP = re.compile(rf"{_NUMERAL}\)?[、.]?")
_STEP = re.compile(rf"{_NUMERAL}(?:[、.)]|\Z)")
_SIGNED = re.compile("[0-9〇○零一二三四五六七八九]{4}年.{1,3}月.{1,3}日")
# In books, whose rows have numbers, sums and balances are told by their words alone: 支付1-3月电费合计 is a payment.
_OF_A_BOOK = re.compile(
    "(?:[本当](?:日|旬|月|季度?|期|年度?|页)|全[年月]|[0-9]{1,2}月份?|[0-9]{4}年度?(?:[0-9]{1,2}月份?)?|凭证|借贷方?)?(?:发生额?)?(?:合计|累计|总计|小计|共计)(?:金额|数)?:?"
    "|(?:期初|年初|月初|期末|年末|月末|上期|上月|上年|上页)(?:余额|结转|结余|累计)数?:?|结转[下次][年期页]:?"
)
_ROLE = re.compile(_ROLES)
# Alone in a row, no name of a person: 一、已发放, or 退回名单.
_HEADS_A_LIST = re.compile(
    rf"{_NUMERAL}[、.)].+|(?:退回|退款|作废|不发|停发|[已未](?:发放?|领取?)|暂缓发放)(?:人员)?(?:名单|名册|部分)?"
)
_PART = re.compile("其中[:,]?")
_OF_ALL = re.compile("全[区县市省镇乡街校厂年]|[上下]半年|共计?[0-9]+[期场种份家次项个批类]")
# The same where rows of several levels are all records: only what no record is called.
_OF_THE_ROWS = re.compile(
    "(?:全部|所有|全体|各)(?:项目|科目|支出|收入|资金|单位)?|全[区县市省镇乡街校厂年]|以上(?:各项|项目)?|小[结记]|[合总小]计[/|].*"
)
_PART_OF_A_SUM, _MEAN = re.compile("其中:"), re.compile("(?:全.)?(?:平均|人均)[数值]?")
# the rows above with others, or with each other
_COMPARES = re.compile(
    "(?:全.)?(?:平均|人均)[数值]?|占比|比重|比例|.{0,8}(?:同期|同比|环比|较上年|比上年)(?:增长|增减|变动|下降|增加|减少)?[额数率]?|(?:增长|增减|下降|变动|完成|执行)(?:[率额]|幅度|比例|百分比)"
    "|(?:上年|去年)(?:实际|完成)?(?:完成|执行)?数?|人均水平|(?:平均|人均)每?[个项人户].{0,4}"
)
_OF_MONEY = re.compile("[发拨额数写0-9]|支[付出]|资金|人民币|共[付支发计]|本次|全部|全体")
_PLACE = re.compile(".+(?:[镇乡区县市村厂局委院校街]|街道|社区|公司|集团|中心|车间|班组)(?:工会)?")  # in place of a person
_REGION = re.compile(
    ".+(?:[镇乡区县市]|街道|系统|片区?)(?:总工会|工会)?"
)  # where nobody is named, it may head the units below it
_IN_STOCK = re.compile("(?:[期月年]末|[期月年]初|[上本][期月年])?(?:结存|库存|盘存)(?:数量?|合计)?")
_FURNITURE = re.compile("续表|续上表|接上表|以下空白|第[0-9]+页(?:[,/]?共[0-9]+页)?")
_INTRODUCES = re.compile("\\A以下.|:\\Z")  # what follows
_NUMBER = re.compile(r"[0-9]{4}|[*×]")
_DIGIT = re.compile("[0-9]")
_DAY = re.compile("[0-9〇○零一二三四五六七八九]{4}[-./年].{1,3}[-./月]")
BEFORE_A_COMMA, BEHIND_A_COMMA = "[-+¥￥]?[0-9]{1,3}", r"[0-9]{3}(?:\.[0-9]{1,2})?元?"  # of SQL and Python
# Words of headers below which no number stands, and of those below which three digits may.
_WORDS = re.compile("备注|[签盖]|领取人|领款人|用途|摘要|事由|开户行|银行|账户|来源|地址|经办|审[批核]|状态")
_CODE = re.compile("[号码编序率]|[人户次天月年个件份]数|数量|比例|门牌|房|No", re.IGNORECASE)
_PERSON = re.compile(r"[0-9]{17}[0-9Xx]\Z")  # an identity number as most are written: no total and no header has one

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
NO_DATA = (HEADER_AGAIN, BLANK)
MOST_OF_A_HEAD = 2  # texts beside its amounts


class Look(NamedTuple):
    """Say by what rows are told apart: the folded rows of the header, how wide it is, where numbers, names and amounts stand.

    In `typed` columns stands anything but free text, in `keys` what tells records apart, in `others` days, codes and the like, in `days` only days, in `counted` ones amounts, counts and rates; in
    books, `number` is the column of a record's number and `accounts` are those of which each line names one, which no sum or balance has both; where rows of several levels are all records, none
    `heads` others. `slips` are the amounts of a CSV file with a text, a day or a person beside them, where what stood behind a comma may stand, as 500 of 1,500.
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
    days: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()
    slips: tuple[int, ...] = ()
    accounts: tuple[int, ...] = ()

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
    never = {
        index for name, index in layout.fields.items() if kind.columns[name].type in ("date", "identity", "name", "account")
    }  # three digits
    slips = tuple(index for index in amounts if layout.delimiter == "," and index + 1 in {*texts, *never})
    heads = not (kind.nests or kind.stepped) and number is None
    days = tuple(index for name, index in layout.fields.items() if kind.columns[name].type == "date")
    counted = tuple({i for name, i in layout.fields.items() if kind.columns[name].type in COUNTED})
    needed = {name for need in kind.required if not isinstance(need, str) for name in need if kind.columns[name].type == "text"}
    accounts = tuple(layout.fields[name] for name in sorted(needed & layout.fields.keys())) if number is not None else ()
    return Look(
        folded, width, bool(layout.delimiter), identities, names, amounts, typed, keys, others, number, heads, days, counted, slips, accounts
    )  # fmt: skip


def has_any(cells: Sequence[str], indexes: Iterable[int]) -> bool:
    """Say whether something stands in one of some columns of a row."""
    return any(cells[index].strip() for index in indexes if index < len(cells))


def names_nobody(cells: Sequence[str], look: Look) -> bool:
    """Say whether nothing stands where names and identity numbers do."""
    return not has_any(cells, (*look.names, *look.identities))


def may_go_on(cells: Sequence[str], look: Look) -> bool:
    """Say whether a row may go on with the parts of a total, right below one of them: it names nobody where others do, or is indented and has no number and no day."""
    indented = next((cell for cell in cells if cell.strip()), "")[:1].isspace()
    counts = indented and not _identified(cells, look) and not has_any(cells, look.others)
    return counts or (bool(look.names or look.identities) and names_nobody(cells, look))


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
        own, account = (fold("".join(_cell(cells, index) for index in some)) for some in ((look.number,), look.accounts))
        return DATA if own and account and not _is_balance(own) and not _is_balance(account) else BALANCE
    named = [fold(_cell(cells, index)) for index in look.names if _cell(cells, index).strip()]
    labelled = look.number is None and (
        (is_labelled(texts[:3], first, named, look.names) and not _is_paid_in_words(cells, look))
        or (bool(named) and all(map(ELSEWHERE.fullmatch, named)) and not has_any(cells, look.others))
    )
    footer = (
        _FOOTER.match(first[0])
        and (len(texts) < 3 or any(map(_FOOTER.match, map(fold, texts[1:]))))
        and not _pays(cells, look)
        and (first[0].endswith(":") or count_others(cells, look) < 2)
        and not _fills_a_row(cells, first[0], look)
    )
    if (labelled or footer) and not _identified(cells, look):
        return TOTAL if labelled else FOOTER
    if len(texts) == 1 and _SIGNED.fullmatch(first[0]) and not has_any(cells, look.others):
        return LABEL
    introduces = _INTRODUCES.search(first[0]) or _HEADS_A_LIST.fullmatch(first[0].rstrip(":"))
    if len(texts) == 1 and introduces and not has_any(cells, look.others):
        return LABEL
    if len(texts) == 1 and (title_unit(first) or _FURNITURE.fullmatch(first[0])):
        return BLANK
    if len(texts) == 1 and look.typed and not has_any(cells, look.typed):
        return DATA if _RECORD.fullmatch(first[0]) and has_any(cells, look.keys) else LABEL
    if any(map(_PART.match, first)) and (look.names or look.identities) and not _identified(cells, look):
        return PART
    if len(texts) == amounts and len(look.amounts) < look.width:
        return BARE
    of_all = _OF_ALL if look.heads else _OF_THE_ROWS
    if amounts and look.number is None and of_all.fullmatch(first[0]) and not look.names and _counts_only(cells, look):
        return SUM
    if look.number is None and not look.identities and _IN_STOCK.fullmatch(first[0]) and _counts_only(cells, look):
        return BALANCE
    compares = (_COMPARES if amounts else _MEAN).fullmatch(first[0]) and _counts_only(cells, look)
    if look.number is None and (compares or (amounts and look.heads and _MEAN.fullmatch(first[0]))):
        return DATA if _identified(cells, look) else TOTAL
    if not amounts or has_any(cells, (*look.identities, *look.others)):
        return DATA
    if look.heads and _PART_OF_A_SUM.match(first[0]):
        return PART
    nobody = is_nobody(cells, look)
    if nobody and _SECTION.match(texts[0]):
        return TOTAL
    may_head = look.heads and len(texts) - amounts <= MOST_OF_A_HEAD
    head = _HEAD.match(first[0]) if may_head else None
    if head and (head["bare"] is None or first[0] not in named):
        return HEAD
    if may_head and (is_of_a_region(cells, look) or (first[0] in named and _PLACE.fullmatch(first[0]))):
        return HEAD
    return SUM if nobody else DATA


def _is_paid_in_words(cells: Sequence[str], look: Look) -> bool:
    """Say of a row that has the label of a total whether it is only an amount, written in words below its header."""
    texts = [cell for n, cell in enumerate(cells) if cell.strip() and not (n in look.amounts and read_amount(fold(cell)).value)]
    return not is_labelled(texts[:3], list(map(fold, texts[:3])), (), look.names)


def _fills_a_row(cells: Sequence[str], first: str, look: Look) -> bool:
    """Say whether what begins like a footer has something in every column, not all of it footers or days, and a number where its beginning asks for
    an answer: 凭证未签字 | 已整改, or 专职会计人数: | 3."""
    if _ROLE.fullmatch(first):
        return False
    others = [fold(cell) for cell in cells[1 : look.width]]
    answered = not first.endswith(":") or any(_DIGIT.search(fold(_cell(cells, index))) for index in look.typed)
    return (
        len(others) + 1 == look.width > 1
        and all(others)
        and answered
        and not all(_FOOTER.match(t) or _DAY.match(t) for t in others)
    )


def is_of_a_region(cells: Sequence[str], look: Look) -> bool:
    """Say of a row in a list that names no persons whether it begins with the name of a region."""
    first = next((fold(cell) for cell in cells if cell.strip()), "")
    return not (look.names or look.identities) and bool(_REGION.fullmatch(first))


def is_nobody(cells: Sequence[str], look: Look) -> bool:
    """Say of a row without identity number and days whether it should name somebody, and may not: it is blank there, or speaks of money."""
    named = [fold(text) for index in look.names if (text := _cell(cells, index)).strip()]
    return bool(look.identities) or (bool(look.names) and all(map(_OF_MONEY.search, named)))


def count_others(cells: Sequence[str], look: Look) -> int:
    """Count the days, codes and the like of a row, without what only a footer says; of a kind without such columns there are none."""
    others = (fold(_cell(cells, index)) for index in look.others)
    return sum(1 for text in others if text and not _FOOTER.match(text))


def _is_balance(text: str) -> bool:
    return bool(_OF_A_BOOK.fullmatch(text) or CARRIED.fullmatch(text))


def _pays(cells: Sequence[str], look: Look) -> bool:
    return any(read_amount(fold(_cell(cells, index))).value is not None for index in look.amounts)


def _counts_only(cells: Sequence[str], look: Look) -> bool:
    """Say whether a row has but one text beside what is counted."""
    return 1 < sum(bool(cell.strip()) for cell in cells) == 1 + sum(bool(_cell(cells, n).strip()) for n in look.counted)


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _identified(cells: Sequence[str], look: Look) -> bool:
    """Say whether a number stands where identity numbers stand, masked or not; a word there is none."""
    return any(_NUMBER.search(fold(_cell(cells, index))) for index in look.identities)


def begins_with_a_numeral(cells: Sequence[str]) -> bool:
    """Say whether a row begins like a step of an outline: 一、, or 一 in a column of its own."""
    return bool(_STEP.match(next((fold(cell) for cell in cells if cell.strip()), "")))


def is_lone(cells: Sequence[str], look: Look) -> bool:
    """Say whether nothing but a text and amounts stands in a row of a list that has days, codes or persons, too."""
    paid = has_any(cells, look.amounts) and not has_any(cells, (*look.identities, *look.others))
    return bool(look.others) and look.number is None and paid and heads_alone(cells, look)


def heads_alone(cells: Sequence[str], look: Look) -> bool:
    """Say whether a row has one text beside its amounts, with more than a numeral in it: 一、镇街."""
    texts = [fold(cell) for index, cell in enumerate(cells) if cell.strip() and index not in look.amounts]
    return len(texts) == 1 and not _BARE_STEP.fullmatch(texts[0])
