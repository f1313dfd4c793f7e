"""Read units out of headers and titles: in which unit amounts are written, and which unit (单位) sent the ledger.

A unit of money that is not known, or two that contradict each other, is a unit too: its amounts are not read as yuan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from ledgers.fold import fold

FACTORS = {
    "元": Decimal(1), "角": Decimal("0.1"), "分": Decimal("0.01"), "百元": Decimal(100), "千元": Decimal(1000),
    "万元": Decimal(10000), "十万元": Decimal(10) ** 5, "百万元": Decimal(10) ** 6, "千万元": Decimal(10) ** 7, "亿元": Decimal(10) ** 8,
}  # fmt: skip
_SHORT = {
    "百": "百元",
    "千": "千元",
    "万": "万元",
    "十万": "十万元",
    "百万": "百万元",
    "千万": "千万元",
    "亿": "亿元",
    "圆": "元",
    "万圆": "万元",
}
_FORMAL = str.maketrans("佰仟", "百千")
_FOREIGN = re.compile(
    r"(?:美|港|澳|澳门|台|新台|日|欧|英|加|韩|新)[元币]|[KW]元?|美金|英镑|卢布|法郎|USD|HKD|EUR|JPY|[一二三四五六七八九十百千万亿]+元",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"[人户名个次件套%‰场月年]|人次|人数|户数")
IN_BRACKETS = r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]"
_INSIDE = re.compile(rf"{IN_BRACKETS}|/([^()/]*)\Z")
_PARTS = re.compile(r"[、,;:/·.]|每|和|及|或")
_TITLE_UNIT = re.compile(r"单位(?:[:;,./]?(?:人民币|RMB)?\([^():]*元[^():]*\)|:(?:(?!单位)[^:()\[\]])*)")
_TITLE_BRACKETS = re.compile(rf"(?<![0-9]){IN_BRACKETS}(?=\Z|[(\[【〔:;,。])")
_TITLE_BARE = re.compile(
    r"\A(?:人民币)?([百千万亿]*元)\Z|(?:单位[:;,./]?|(?:\A|[(,;。])金额:)(?:人民币|RMB)?([百千万亿]*元)(?=\Z|[)\]】;,。])"
    r"|[表册单细账会局](?:人民币)?(万元)\Z"
)
_TITLE_SAID = re.compile(  # of the whole table, unlike 不足百元按百元计
    r"(?:\A|[,。;:、)表册])(?:本表|表中|表内|以上|上述|所列)*(?:各项)?(?:金额|单位|数额|数据|数字)+(?:均|都|一律|全部)*[为是以按](?:人民币)?([百千万亿]*元)"
    r"(?:为单位|计算|计|列示|填列)?(?=\Z|[,.。;)])|(?:\A|[,。;:、)])[均都]?以(?:人民币)?([百千万亿]*元)为单位(?=\Z|[,.。;)])"
)
_NAMED = re.compile(r"(?<!单位)\((?:人民币)?(万?元)\)(?:\([0-9]+\))?\Z|单位:(?:人民币)?([百千万亿]*元)|(?:\A|[-_])(万元)\Z")
BARE_UNIT = re.compile(r"[,:、]?(?:人民币)?([百千万亿]*元)\Z")  # at the end of a header, without brackets
_TITLE_NAME = re.compile(
    r"(?:填报|编制|发放|申报|报送)?(?:单位|工会)(?:名称)?(?:\([^():]*\))?:(.+?)(?=\(|填表|填报|编制|日期|单位|金额|$)"
)
_MONEY_AT_END = re.compile("(?<=.)[百千万亿]+元\\Z")
_SIGNS = re.compile(r"\A[:;,./]+|[()]")
_MONEY_WORD = re.compile("人民币|RMB")
_DATED = re.compile(r"(?:填表|填报|填制|制表|编制|报送|日期|时间|[0-9]).*")


def header_unit(cell: str) -> str | None:
    """Read the unit of money out of a header; what is no key of FACTORS is a unit that is not known.

    >>> header_unit("金额（万元）"), header_unit("慰问标准（元/人）"), header_unit("金额（美元）"), header_unit("金额")
    ('万元', '元', '美元', None)
    """
    return one_unit(inside or after for inside, after in _INSIDE.findall(fold(cell)))


def title_unit(titles: Iterable[str]) -> str | None:
    """Read the unit of money out of folded titles such as 单位:户、万元, or a unit in brackets at the end of one.

    >>> title_unit(["单位:户、万元"]), title_unit(["2021年发放表(万元)"]), title_unit(["共发放27.65(万元)"]), title_unit(["注:金额以百元计"])
    ('万元', '万元', None, '百元')
    """
    every = list(titles)
    stated = [_SIGNS.sub("", match[0].removeprefix("单位")) for title in every for match in _TITLE_UNIT.finditer(title)]
    found = [match for one in (_TITLE_BARE, _TITLE_SAID) for title in every if (match := one.search(title))]
    bare = [next(filter(None, match.groups())) for match in found]
    inside = [inside for title in every for inside in _TITLE_BRACKETS.findall(title) if _is_of_units(inside)]
    return one_unit([*(_DATED.sub("", text) for text in stated), *bare, *inside])


def _is_of_units(text: str) -> bool:
    """Say whether a text holds nothing but units, one of them of money: 户、万元."""
    units = [part for part in _PARTS.split(text) if not _COUNTED.fullmatch(part)]
    return bool(units) and all("元" in part and _unit(part) for part in units)  # （分） may be points, or a part of a list


def named_unit(names: Iterable[str]) -> str | None:
    """Read the unit of money out of the names of a file and a sheet.

    >>> named_unit(["预算执行（万元）"]), named_unit(["慰问品（百元）"]), named_unit(["发放表 单位：百元"])
    ('万元', None, '百元')
    """
    return one_unit(match[1] or match[2] or match[3] for name in names if (match := _NAMED.search(fold(name))))


def reporting_unit(titles: Iterable[str]) -> str:
    """Read out of folded titles which unit sent the ledger; a unit of money or of counting is none.

    >>> reporting_unit(["填报单位(盖章):沅江市总工会单位:万元"]), reporting_unit(["单位:户、万元"])
    ('沅江市总工会', '')
    """
    for title in titles:
        for match in _TITLE_NAME.finditer(title):
            parts = [_DATED.sub("", part) or part for part in _PARTS.split(match[1]) if part]
            if parts and not any(
                _COUNTED.fullmatch(part) or _unit(part.strip("()")) or _MONEY_WORD.fullmatch(part) for part in parts
            ):
                return _MONEY_AT_END.sub("", match[1])
    return ""


def doubtful(amounts: Iterable[Decimal], least: Decimal, most: Decimal, factor: Decimal, *, stated: bool) -> bool:
    """Say whether amounts make their unit doubtful: without a unit decimals all below the least; in a stated one, all above the most.

    >>> doubtful(map(Decimal, ("27.65", "3.5")), Decimal(100), Decimal(200000), Decimal(1), stated=False)
    True
    >>> doubtful(map(Decimal, ("300", "500")), Decimal(100), Decimal(200000), Decimal(10000), stated=True)
    True
    """
    sizes = [abs(amount) * factor for amount in amounts if amount]
    if not sizes:
        return False
    if stated:
        return factor > 1 and min(sizes) > most
    return max(sizes) < least and any(size != size.to_integral_value() for size in sizes)


def one_unit(texts: Iterable[str]) -> str | None:
    """Read the unit of money that folded texts name; several are one that is not known."""
    units = list(dict.fromkeys(unit for text in texts for part in _PARTS.split(text) if (unit := _unit(part))))
    return "与".join(units) or None


def _unit(text: str) -> str | None:
    """Read one word as a unit of money."""
    word = re.sub(r"\A[以按为是]|[为计]\Z", "", re.sub("为单位|人民币|RMB|单位|金额|货币", "", text))
    word = word.translate(_FORMAL)
    word = _SHORT.get(word, word)
    return word if word in FACTORS or _FOREIGN.fullmatch(word) else None
