"""Tell by what stands in the brackets of a header whether its column is another one: 金额（未发）, 执行数（上年）, 讲课费（元/学时）."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set

from ledgers.fold import fold, fold_header
from ledgers.kinds import Kind
from ledgers.units import IN_BRACKETS
from ledgers.wording import OF_ITS_YEAR

_BRACKETS = re.compile(IN_BRACKETS)
_ANOTHER_TIME = "[上去前往](?:一)?(?:年|年度|期|月|季度?)(?:数|同期)?|以前年度|同期"
_UNPAID = "(?:尚|还)?未(?:发|付|拨|支|领|支付|发放|拨付|领取|到账|退|缴|清退)|退(?:回|款|还)?|欠[缴费款]?|应退|扣[款除]?|作废|余额|[结剩]余|结存"
_ANOTHER_PERSON = "代(?:领|办|收|理)人?|经办人|配偶|子女|父亲?|母亲?|父母|家长|家属|亲属|联系人|监护人"
_BY_THE_MOON = "[农阴]历"
_OTHERWISE = re.compile(  # beside a column that says no such thing it is another one
    f"{_ANOTHER_TIME}|{_UNPAID}|{_ANOTHER_PERSON}|{_BY_THE_MOON}|[拟待应申](?:发|付|补|拨|请|报)|[拟待应]|每[份人户件]|单价|上次|学生|孩子|户主|患者|[亡逝]者|领取?款?人|截[止至]|历?年?累计|计划|预[计算]|估[计算]|未(?:执行|完成|报销)"
    "|每[月季天]|[本当]?(?:月|季度?)|人均|平均|标准|税前|建议|补发|男|女|新增|退会"
    "|[0-9]{1,2}月?[-—–~至到][0-9]{1,2}月|[上下]半年|第?[一二三四1-4]季度|前.{1,2}个?月|其中.*"
)
_NOT_AN_AMOUNT = re.compile(f"{_ANOTHER_TIME}|{_UNPAID}")
_IN_KIND = re.compile("(?:实物|物品|物资|慰问品|奖品)?(?:折[价算合]|价值)|实物|物品|物资|慰问品")
_GOODS = re.compile("物|[用奖食商]?品|[价市]值")
_LEFT_OVER = "[余结退未拟待]"
_REPEATED = re.compile(_LEFT_OVER)
_SAYS_SO = re.compile(f"{_LEFT_OVER}|收入|支出|工资|基数")  # outside the brackets: then they say how much of that, or of when
_NOBODY = re.compile(_ANOTHER_PERSON)
_NO_DAY = re.compile(f"{_BY_THE_MOON}|计划|预计")
_RATE = re.compile("元(?:/|每)((?:学时|课时|小时|[人户份件次家节天日月])(?=[/·.、)\\]】〕]|\\Z))")
_OF_ONE = "人户份件次家月"  # a row is of one of them, unless a column counts them
_COUNTS = re.compile("(?:慰问|发放|补助|补贴|救助|领取|受助|受益|帮扶|惠及|覆盖)?(?:([人户份件次家])数|(人)次数?)")
_IS_A_RATE = re.compile("标准|单价|单位价|单份|人均|平均|每")
_IN_THOUSANDS = re.compile("(?:单位:?)?[十百千万亿]+(?:人次?|户次?|[名件份个家次场期])?")
_YEAR = re.compile("(20[0-4][0-9])年?度?")
_WHOLE_YEAR = re.compile("0?1月?[-—–~至到]12月|本?年?累计")


def leave_others(named: Mapping[int, tuple[str, str]], kind: Kind, every: Iterable[str]) -> dict[int, str]:
    """Leave out the columns that are others than their header says outside its brackets; what a user said stays.

    Shapes:  `named` maps a column to its field and the text of its header; `every` are the headers of all columns.
    """
    texts = {index: fold(text) for index, (_, text) in named.items()}
    insides = {index: _BRACKETS.findall(text) for index, text in texts.items()}
    years = {
        index: _year(insides[index], texts[index]) for index, (name, _) in named.items() if kind.columns[name].type == "amount"
    }
    latest = max(years.values(), default="")  # beside an amount of this year, one of last year is another one
    counted = {one for text in every if (match := _COUNTS.fullmatch(fold(text))) for one in match[1] or match[2]}
    counted |= {"月" for name, _ in named.values() if name == "months"}
    otherwise = {index for index, own in insides.items() if any(map(_OTHERWISE.fullmatch, own))}
    plain = {name for index, (name, _) in named.items() if index not in otherwise}
    return {
        index: name
        for index, (name, _) in named.items()
        if name in kind.said
        or not (
            years.get(index, "") not in ("", latest)
            or (name in plain and index in otherwise)
            or _contradicts(insides[index], name, kind, texts[index])
            or _is_a_rate(texts[index], name, kind, counted)
        )
    }


def narrowed(text: str, kind: Kind) -> str:
    """Give what the brackets of a header say that may make its column another one, or only a part of it: 上半年, 拟发; of single payments 累计, too."""
    outside = _BRACKETS.sub("", fold(text))
    if _REPEATED.search(outside) or _IS_A_RATE.search(outside):
        return ""
    own = [inside for inside in _BRACKETS.findall(fold(text)) if _OTHERWISE.fullmatch(inside)]
    return next((inside for inside in own if kind.nets or not _WHOLE_YEAR.fullmatch(inside)), "")


def _year(insides: Sequence[str], text: str) -> str:
    """Give the year in brackets that hold nothing else, or at the beginning of the header."""
    before = OF_ITS_YEAR.findall(fold_header(text))
    return max([*before, *(match[1] for inside in insides if (match := _YEAR.fullmatch(inside)))], default="")


def _contradicts(insides: Sequence[str], name: str, kind: Kind, text: str) -> bool:
    """Say whether brackets tell of an amount that it was not paid, or not in money, or is of another time, of a person that it is another one, of a day how else it is counted."""
    of_type = kind.columns[name].type
    if of_type == "amount":
        outside = _BRACKETS.sub("", text)
        other = any(map(_NOT_AN_AMOUNT.fullmatch, insides)) and not _SAYS_SO.search(outside)
        return other or (any(map(_IN_KIND.fullmatch, insides)) and not _GOODS.search(outside))
    if of_type == "integer":
        return any(map(_IN_THOUSANDS.fullmatch, insides))
    if of_type == "date":
        return any(map(_NO_DAY.fullmatch, insides)) and "计划" not in kind.columns[name].zh
    return name in kind.person and any(map(_NOBODY.fullmatch, insides))


def _is_a_rate(text: str, name: str, kind: Kind, counted: Set[str]) -> bool:
    """Say whether a header tells of an amount that it is for one lesson, day, head or month, of which the row counts several.

    It is the amount itself where the header says so (标准, 单价), and where no column says how many heads, households or months are `counted`,
    but for heads where rows are no persons.
    """
    rate = _RATE.search(text) if kind.columns[name].type == "amount" else None
    if rate is None or _IS_A_RATE.search(_BRACKETS.sub("", text)):
        return False
    return rate[1] not in _OF_ONE or rate[1] in counted or (rate[1] == "人" and not kind.person)
