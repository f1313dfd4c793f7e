"""Tell of model workers and what they are paid, and of gifts and condolence money for members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledgers.invented import identity, name
from ledgers.stories.told import AWAY, Cells, Setting, Story, Usual, days, figure, person, unit

# -- model workers ------------------------------------------------------------------------------------------------------


def _allowance(number: int) -> Cells:
    return {
        **person(number),
        "year": 2021,
        "period": "全年",
        "item": "荣誉津贴",
        "level": "区级",
        "paying_org": "测试区总工会",
        "amount": 600,
        "pay_date": days(date(2021, 4, 20), date(2021, 4, 30)),
    }


def _titled(number: int) -> Cells:
    return {**person(number), "level": "区级", "title_year": (1995, 2000, 2005, 2010), "status": "在世", "left_at": ""}


_MODEL_USUAL: dict[str, Usual] = {"model_allowance": _allowance, "model_roster": _titled, "declared_figure": figure("津贴")}
_EXECUTED: Cells = {"detail_ledger": "劳模津贴", "detail_name": "体检", "reported_amount": 16200}
_VISIT: Cells = {"item": "春节慰问", "level": "市级", "amount": 1000, "pay_date": days(date(2021, 1, 25), date(2021, 2, 5))}
_CITY: Mapping[str, Sequence[Cells]] = {"model_roster": [{"level": "市级"}]}
_SOMEBODY: Cells = {"name": lambda n: name(n + AWAY), "id_no": lambda n: identity(n + AWAY)}

_MODEL = (
    Story(),
    Story([_VISIT], _CITY),
    Story([{"period": "上半年", "amount": 600}, {"period": "下半年", "amount": 600}]),
    Story([{}], {"model_roster": [{"status": "去世", "left_at": days(date(2021, 6, 1), date(2021, 8, 31))}]}),
    Story([{}, {"pay_date": days(date(2021, 10, 8), date(2021, 10, 20))}], {}, "C09", "suspect", "同一年度发放两次"),
    Story([{}], {"model_roster": []}, "C10", "suspect", "不在劳模名册上"),
    Story([{}], _CITY, "C10", "suspect", "名册上没有区级称号"),
    Story([{}], {"model_roster": [{"status": "去世", "left_at": days(date(2019, 3, 1), date(2020, 11, 30))}]},
          "C10", "suspect", "上年以前已经去世"),
    Story([{}], {"declared_figure": [_EXECUTED]}, "E39@declared_figure", "suspect", "报告的体检费在发放表中没有"),
    Story([_VISIT], {"model_roster": [_SOMEBODY]}, "G03@model_roster", "suspect", "名册上的区级劳模没有领到津贴"),
    Story([{**_VISIT, "amount": (900, 1100)}], _CITY, "C08", "violation", "春节慰问不是规定的标准"),
    Story([{"id_no": "9900****1234"}], {}, "C09 C10 G03@model_roster", "not_evaluable", "劳模身份证号被遮蔽"),
)  # fmt: skip


# -- gifts and condolence money -----------------------------------------------------------------------------------------

_ELSEWHERE = 2 * AWAY  # other persons than those of the other ledgers


def _member(number: int) -> dict[str, object]:
    return person(number + _ELSEWHERE)


def _gift(number: int) -> Cells:
    return {
        **_member(number),
        "year": 2021,
        "occasion": ("春节", "劳动节", "端午", "中秋", "国庆", "三月三"),
        "paying_org": unit(number),
        "amount": 300,
        "form": ("实物", "提货券"),
        "relation": "",
        "illness": "",
        "fund_source": "工会经费",
        "pay_date": days(date(2021, 4, 6), date(2021, 9, 28)),
    }


_GIFTS_USUAL: dict[str, Usual] = {
    "condolence_issue": _gift,
    "member_roster": lambda number: {
        **_member(number), "member_no": f"LP{number:06}", "joined_at": date(2015, 5, 1), "employment_form": "在职", "left_at": "",
        "union_name": unit(number),
    },
}  # fmt: skip
_BIRTHDAY: Cells = {"occasion": "生日", "form": "蛋糕券"}
_ILL: Cells = {"occasion": "住院", "form": "现金", "amount": 800, "illness": "测试病一"}
_RETIRED: Cells = {"employment_form": "退休", "left_at": date(2020, 6, 30)}

_GIFTS = (
    Story(),
    Story([_BIRTHDAY]),
    Story([{**_ILL, "illness": "测试病二"}, _ILL]),
    Story([{"occasion": "亲属去世", "form": "现金", "amount": 1000, "relation": ("父母", "配偶", "子女")}]),
    Story([{"occasion": "退休", "form": "实物", "amount": 1000}], {"member_roster": [_RETIRED]}),
    Story([{"occasion": "教师节", "form": "现金", "fund_source": "行政经费"}]),
    Story([{}], {"member_roster": [_RETIRED]}, "B15", "suspect", "退休会员由工会经费发节日慰问"),
    Story([{"occasion": "生日", "form": "蛋糕券"}], {"member_roster": [_SOMEBODY]}, "B16", "suspect", "领取人不在会员名册上"),
    Story([{"occasion": "春节", "amount": 900}, {"occasion": "中秋", "amount": 700}], {}, "C15", "suspect", "全年节日慰问超过限额"),
    Story([{"occasion": ("圣诞节", "重阳节", "厂庆")}], {}, "C16", "violation", "不在规定的节日范围"),
    Story([{"occasion": "三八妇女节"}], {}, "C16", "suspect", "部分公民的节日"),
    Story([{"form": ("现金", "购物卡", "代金券")}], {}, "C17", "suspect", "节日发现金或购物卡"),
    Story([{"form": "购物卡", "year": 2017, "pay_date": days(date(2017, 9, 20), date(2017, 9, 30))}],
          {}, "C17", "violation", "2017年底以前节日发购物卡"),
    Story([{**_ILL, "amount": 1500}], {}, "C18", "suspect", "住院慰问超过限额"),
    Story([_ILL, _ILL], {}, "C19", "suspect", "同一病种一年慰问两次"),
    Story([{"pay_date": "2021.2.30", "occasion": "春节"}], {}, "B15 B16 C15 C16 C17", "not_evaluable", "日历上没有发放慰问品的这一天"),
    Story([{"form": "券", **_BIRTHDAY, "amount": "X元"}], {}, "C18", "not_evaluable", "生日慰问金额被遮蔽"),
)  # fmt: skip

SETTINGS = {"model_allowance": Setting(_MODEL_USUAL, _MODEL), "condolence_issue": Setting(_GIFTS_USUAL, _GIFTS)}
