"""Tell by what stands in the brackets of a header whether its column is another one: 金额（未发）, 执行数（上年）, 讲课费（元/学时）."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from ledgers.fold import fold
from ledgers.kinds import Kind

_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_OTHERWISE = re.compile(  # in the brackets of a header: not paid, given back, of another period, planned, somebody else's, by the moon
    "(?:尚|还)?未(?:发|付|拨|支|支付|发放|拨付|到账|执行|完成|报销)|[拟待](?:发|付|拨|补)?|应(?:发|付|补|拨)|退(?:回|款|还|缴)|[上去前往](?:一)?(?:年|年度|期|月|季度?)(?:数|同期)?|以前年度"
    "|同期|历?年?累计|计划|预[计算]|估[计算]|[农阴]历|代(?:领|办|收|理)人?|配偶|子女|父亲?|母亲?|父母|家属|亲属|联系人|监护人"
    "|[0-9]{1,2}月?[-—–~至到][0-9]{1,2}月|[上下]半年|第?[一二三四1-4]季度|前.{1,2}个?月|其中.*"
)
_RATE = re.compile("元(?:/|每)((?:人次|学时|课时|小时|[人节天日月次场班期份件])(?=[/·.、)\\]】〕]|\\Z))")
_YEAR = re.compile("20[0-4][0-9]")
_IS_A_RATE = re.compile("标准|单价|单位价|单份|人均|平均|每")


def leave_others(named: Mapping[int, tuple[str, str]], kind: Kind) -> dict[int, str]:
    """Leave out the columns that are others than their header says outside its brackets.

    Shapes:  `named` maps a column to its field and the text of its header; of columns of several years the latest are left.
    """
    texts = {index: fold(text) for index, (_, text) in named.items()}
    years = {
        index: max((year for inside in _BRACKETS.findall(text) for year in _YEAR.findall(inside)), default="")
        for index, text in texts.items()
    }
    there, latest = {name for name, _ in named.values()}, max(years.values(), default="")
    return {
        index: name
        for index, (name, _) in named.items()
        if name in kind.said or (years[index] in ("", latest) and not _says_otherwise(texts[index], name, kind, there))
    }


def _says_otherwise(text: str, name: str, kind: Kind, there: Set[str]) -> bool:
    """Say whether what stands in the brackets of a header makes its column another one: 金额（未发）, 执行数（上年）, 讲课费（元/学时）.

    A rate is the amount itself where the header says so (标准, 单价), where each row is one person's, and a year's, or a month's where no
    column counts `months`; `there` are the columns that are known.
    """
    if any(_OTHERWISE.fullmatch(inside) for inside in _BRACKETS.findall(text)):
        return True
    rate = _RATE.search(text) if kind.columns[name].type == "amount" else None
    if rate is None or _IS_A_RATE.search(_BRACKETS.sub("", text)):
        return False
    alone = rate[1] == "年" or (rate[1] == "月" and "months" not in there) or (rate[1] == "人" and bool(kind.person))
    return not alone
