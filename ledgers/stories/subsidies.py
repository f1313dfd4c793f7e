"""Tell of allowances, and of the refunds of those that were found irregular."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledgers.invented import name
from ledgers.stories.told import Cells, Setting, Share, Story, days


def _subsidy(number: int) -> Cells:
    return {
        "name": name(number),
        "subsidy_id": f"BT{number:06}",
        "subsidy_item": ("值班补贴", "通讯补贴", "交通补贴", "节日补贴"),
        "basis_doc": "测文〔2015〕1号",
        "pay_date": days(date(2016, 1, 1), date(2017, 12, 31)),
        "paying_org": "测试区总工会",
        "amount": Share("100"),
        "irregular": "是",
        "irregular_amount": "",
        "refund_due": date(2019, 12, 31),
        "fund_source": "工会经费",
        "payer_account": "990000000001",
    }


def _refund(number: int) -> Cells:
    paid_in = {"amount": Share("100"), "received_at": days(date(2019, 1, 1), date(2019, 12, 31)), "account": "990000000001"}
    return {"year": 2019, "subsidy_id": f"BT{number:06}", "name": name(number), **paid_in}


def _refunded(*percents: str) -> Mapping[str, Sequence[Cells]]:
    return {"subsidy_refund": [{"amount": Share(percent)} for percent in percents]}


_SUBSIDIES = (
    Story(),
    Story([{}], _refunded("50", "25", "25")),
    Story([{"irregular_amount": Share("40")}], _refunded("40")),
    Story([{"irregular": "否", "refund_due": ""}], _refunded()),
    Story([{"irregular": "否", "refund_due": "", "basis_doc": ""}], _refunded(), "C27", "suspect", "没有写发放依据"),
    Story([{}], _refunded(), "F01", "violation", "分文未退"),
    Story([{}], _refunded("50", "25"), "F01", "violation", "只退回75%"),
    Story(
        [{}],
        {"subsidy_refund": [{"year": 2018, "received_at": days(date(2018, 4, 1), date(2018, 12, 31))}]},
        "F02@subsidy_refund",
        "suspect",
        "2018年清退合计与公布的不同",
    ),
    Story(
        [{}],
        {"subsidy_refund": [{"received_at": days(date(2020, 1, 1), date(2020, 6, 30))}]},
        "F03@subsidy_refund",
        "suspect",
        "逾期清退",
    ),
    Story([{}], {"subsidy_refund": [{"account": "990000000002"}]}, "F04@subsidy_refund", "suspect", "退入另一账户"),
    Story([{}], _refunded("60", "50"), "F05", "suspect", "多退10%"),
    Story([{}], {"subsidy_refund": [{"name": "测试代缴"}]}, "F05", "suspect", "由他人退缴"),
)

SETTINGS = {"subsidy": Setting({"subsidy": _subsidy, "subsidy_refund": _refund}, _SUBSIDIES)}
