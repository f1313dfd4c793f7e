"""Tell of union fees collected from firms and refunded to small ones, and of income and expense that make a balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledgers.stories.told import Cells, Setting, Share, Story, days, unit


def _firm(number: int) -> str:
    return f"测试第{number + 1}企业"


def _collection(number: int) -> Cells:
    collected = {"fee_collected": Share("1"), "collected_on": days(date(2018, 1, 1), date(2018, 12, 31))}
    return {"payer_name": _firm(number), "fee_period": "2018年", "headcount": (8, 12, 24), "collection_target": "", **collected}


def _refund(number: int) -> Cells:
    refunded = {"refund_amount": Share("1"), "refund_date": days(date(2019, 1, 1), date(2019, 12, 31))}
    return {"org_name": _firm(number), "period": "2018年", "headcount": (8, 12, 24), **refunded}


_FEES = (
    Story(),
    Story([{"headcount": 300}], {"fee_refund": []}),
    Story([{"headcount": 8, "fee_collected": Share("2")}]),
    Story([{"headcount": 300, "collection_target": Share("1")}], {"fee_refund": []}),
    Story([{"headcount": 300, "collection_target": Share("1.02")}], {"fee_refund": []}, "E31", "suspect", "收缴数比任务数少2%"),
    Story([{"headcount": 26}], {"fee_refund": [{"headcount": 26}]}, "F11@fee_refund", "suspect", "26人的企业也退了费"),
    Story([{"headcount": 25}], {"fee_refund": [{"headcount": 25}]}, "F11@fee_refund", "suspect", "25人是否计入读法不一"),
    Story([{}], {"fee_refund": [{"refund_amount": Share("2")}]}, "F11@fee_refund", "suspect", "退费多于代收"),
    Story([{}], {"fee_refund": [{"headcount": "待定"}]}, "F11@fee_refund", "not_evaluable", "退费时的职工人数写作“待定”"),
    Story([{}], {"fee_refund": []}, "F12", "suspect", "次年仍没有退费"),
)


def _income(number: int) -> Cells:
    known = {"org_name": unit(number), "year": 2022, "last_year": ""}
    return {**known, "section": "收入", "subject": "拨缴经费收入", "actual": Share("100")}


def _balance(opening: str, expense: str, closing: str, before: str) -> Sequence[Cells]:
    rows = (("期初结余", "年初结余", opening), ("支出", "职工活动支出", expense), ("期末结余", "年末结余", closing))
    told: list[Cells] = [{"section": section, "subject": subject, "actual": Share(share)} for section, subject, share in rows]
    return [{}, *told[:2], {**told[2], "last_year": Share(before)}]


_BALANCES = (
    Story(),
    Story(_balance("20", "90", "30", "20")),
    Story(_balance("20", "90", "29", "20"), {}, "G08", "suspect", "期初加收入减支出不等于期末"),
    Story(_balance("20", "90", "30", "21"), {}, "G08", "suspect", "期初结余与上年期末不同"),
)

SETTINGS = {
    "fee_collection": Setting({"fee_collection": _collection, "fee_refund": _refund}, _FEES),
    "income_expense": Setting({"income_expense": _income}, _BALANCES),
}
