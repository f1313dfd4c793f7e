"""Tell the labels of totals from words that records use too: 合计, 甲局 汇总 and 上页结转 from 职工工资总额."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ledgers.fold import fold
from ledgers.totals import Held, is_explained

_TOTAL = re.compile(
    r"[\[【(]?.{0,20}(?:[合总小共累分组月季年]计|总(?:额|金额|数|和|共))(金额|人民币|人数|数|额|大写|\([^()]*\)|[\]】)])*(:.*|[0-9].*)?\Z"
    r"|本页|汇总|(?:[合总小共]计|累计)(?:[栏行]|[一二三四五六七八九十]+[人户笔]|发放.{0,3}|[-*=].*)|总发放(?:金?额|数)?|[实应]发(?:总?[数额]|合计)|[总共合计∑Σ]:?|求和:?|一共:?|(?:sub|grand)?total:?|sum:?"
    r"|[-—=*]+[合总小]计[-—=*]+|(?:[合总小共]计|累计)(?:人民币.*|[→!。.、#_].*)|[实应][付发](?:金额|总额|合计)|大写(?:金额)?:?|总付|总?共?支付(?:总额)?|统计|页计|总人数|发放资金"
    r"|(?:人民币)?[零壹贰叁肆伍陆柒捌玖拾佰仟万]+元整?",
    re.IGNORECASE,
)
_MARK_OF_TOTAL = re.compile("[计总共合页∑Σ]|求和|[实应][发付]|大写|支付|资金|元整?\\Z|total|sum", re.IGNORECASE)
_SUMMED = re.compile(".{1,20}汇总")  # as a spreadsheet labels its subtotals
_SUMMED_APART = re.compile(r"\S\s+(?:汇总|Total)\s*\Z")  # with a blank before it, which tells it from a word such as 收支汇总
_PLAIN = re.compile(  # a total's label with no word of its own before it, as 工资总额 has one: that may be the name of something
    r"(?:[本当上全各以][日旬月季期年页表区县市镇乡街校厂司会组班单位级上]{1,2}度?|[0-9一二三四五六七八九十]{1,4}(?:月份?|年度?|季度?)|第[0-9一二三四]季度|自?年初|人[数次]|金额|费用|经费|资金"
    r"|发放|慰问金?|补助金?|支出|收入|总){0,3}(?:[合总小共累分组月季年]计|求和|一共|总(?:额|金额|数|和))(?:[(:0-9].*|金额|人数|[数额]+|大写)?\Z"
)
_SAME_AS_ONE = re.compile(r"(?:总[额数和]|累计)(?:[:(].*)?\Z")  # what may be a word of a record: 会员总数
ELSEWHERE = re.compile(  # in place of a name: what other pages come to, or all units
    "(?:接|续|承)上页?(?:余额|结[转余])?|承前页?|接前页?|转入|转出|[上本](?:页|期|年|月)(?:结[转余]|余额|小记)|小[结记]|合记|汇总|累积|以上(?:各.{1,4})?|各单位|全[区县市省镇乡街校厂]"
    "|平均|人均|余额|[上本]?[期次年]?结余|剩余|(?:财政|上级|行政|工会|单位)(?:拨款|拨入|配套|补助)(?:资金|款)?|拨入|收入|支出|代扣.{0,2}税|.{0,4}(?:手续费|快递费|邮寄费|工本费)|税费|利息"
)
_COUNT = re.compile(r"[约近共]?[-+]?[0-9][0-9,.]*(?:%|[\u3400-\u9fff]{1,2}|[百千万亿]*元)?\Z|[-—/]+\Z")  # beside a total's label
CARRIED = re.compile("承前页|承上页|过次页|转下页|转次页|接上页|接前页")
_NOBODY = re.compile(r"共?[0-9]+(?:人次|[人户名笔个])?\Z|[-—/]+\Z")  # 2人 where a name should stand


def is_label(text: str, names: Sequence[int]) -> bool:
    """Say whether a folded text is the label of a total, where there are such columns of names."""
    if _MARK_OF_TOTAL.search(text) is None:
        return False
    return bool(_TOTAL.fullmatch(text) or CARRIED.fullmatch(text) or (names and _SUMMED.fullmatch(text)))


def is_labelled(texts: Sequence[str], folded: Sequence[str], named: Sequence[str], names: Sequence[int]) -> bool:
    """Say whether one of the first texts of a row, as written and folded, is the label of a total, and nobody is named; `names` are the columns of names."""
    labelled = any(is_label(text, names) for text in folded) or any(map(_SUMMED_APART.search, texts))
    return labelled and all(is_label(name, names) or _NOBODY.match(name) for name in named)


def may_be_a_record(
    cells: Sequence[str], held: Sequence[Held], amounts: Sequence[int], before: Sequence[str], *, stated: bool, dated: bool
) -> bool:
    """Say whether a row that a label makes a total may be a record all the same, as the label has a word of its own: 职工工资总额, 收支 汇总.

    It may, where it states no amount but something else, or that of the one row above it.

    Shapes:  `amounts` are the columns of money, those of prices too, `stated` says whether one that adds up is filled, `dated` whether a
             day is; `before` are the cells of the row above, which a subtotal of a spreadsheet repeats.
    """
    texts = [fold(cell) for cell in cells if cell.strip()]
    labels = [text for text in texts[:3] if _TOTAL.fullmatch(text)]
    if any(_PLAIN.match(text) or _MARK_OF_TOTAL.fullmatch(text) or CARRIED.fullmatch(text) for text in texts[:3]):
        return False
    rows = max((one.rows for one in held), default=0) if is_explained(held) else 0
    if dated and rows == 1 and labels and labels[0] != texts[0]:
        return True  # the period or purpose of a record: 1-2季度经费合计
    if not labels:
        own = [text for text in texts[:3] if _SUMMED.fullmatch(text) or ELSEWHERE.fullmatch(text)]
        if stated:
            return bool(own) and rows < 2 and {text.removesuffix("汇总") for text in own}.isdisjoint(map(fold, before))
        return bool(own) and any(text not in own and not _COUNT.match(text) for text in texts)
    if stated:
        return rows == 1 and any(map(_SAME_AS_ONE.search, labels))
    if rows:
        return False
    priced = any(cells[index].strip() for index in amounts if index < len(cells))
    if priced or any(text not in labels and not _COUNT.match(text) for text in texts):
        return True
    figures = any(text not in labels for text in texts) and not amounts and "合计" in labels[0]
    return figures or (labels[0] != texts[0] and len(texts) > 1) or bool(_SAME_AS_ONE.search(labels[0]) and len(texts) > 1)
