"""Tell of vouchers: the books of the union whose budget is told of beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledgers.stories.told import Cells, Share, Story, days


def line(number: int) -> Cells:
    """Make up the first line of a voucher that pays for a project of the budget."""
    return {
        "date": date(2021, 1 + number % 12, 5),
        "voucher_no": f"测{number:06}-1",  # each project has a series of its own
        "summary": ("付活动费", "付培训费", "付困难职工慰问金"),
        "account_code": "500101",
        "account_name": "职工活动费",
        "project": f"测试项目{number + 1}",
        "project_code": f"XM{number:05}",
        "fund_source": "本级工会经费",
        "occurred_at": days(date(2021, 1, 4), date(2021, 12, 20)),
        "debit": Share("10"),
        "credit": "",
        "voided": "否",
    }


BANK: Cells = {
    "account_code": "1002",
    "account_name": "银行存款",
    "project": "",
    "fund_source": "",
    "debit": "",
    "credit": Share("10"),
}
"""The other side of what was paid, on the account of the bank."""


def _booked(*lines: Cells) -> Mapping[str, Sequence[Cells]]:
    return {"voucher_line": lines}


def _found(what: str, faults: str, verdict: str, *lines: Cells) -> Story:
    marked = " ".join(f"{code}@voucher_line" for code in faults.split())
    return Story([{}], _booked(*lines), marked, verdict, what)


STORIES = (
    Story(beside=_booked({}, BANK)),
    Story(beside=_booked({"debit": Share("-3")}, {**BANK, "credit": Share("-3")})),
    Story(beside=_booked({}, {**BANK, "credit": Share("9"), "voided": "是"})),
    _found("借方比贷方多", "E24", "suspect", {}, {**BANK, "credit": Share("9")}),
    _found("账上的项目不在预算表中", "E03", "suspect", {"project": "测试预算外项目", "project_code": ""}),
    _found("以帮扶资金列支办公费", "B11", "violation", {"fund_source": "中央财政专项帮扶资金", "account_name": "办公费"}),
    _found("摘要为办公，科目为帮扶", "B11", "suspect", {"fund_source": "中央财政专项帮扶资金", "summary": "付帮扶中心办公用品"}),
    _found("上年业务列入本年", "D09", "suspect", {"occurred_at": days(date(2020, 3, 1), date(2020, 12, 20))}),
    _found("挽回的损失列作支出", "E22", "suspect", {"summary": "为职工挽回经济损失"}),
    _found("凭证断号", "E25", "suspect", {}, {"voucher_no": lambda number: f"测{number:06}-3"}),
    _found("借方金额写作“待定”", "B11 D09 E03 E21 E22 E24 F07", "not_evaluable", {"debit": "待定"}),
)
