"""Tell of budgets and how they were carried out."""

from __future__ import annotations

from collections.abc import Sequence

from ledgers.stories.told import Cells, Setting, Share, Story


def _subject(number: int) -> Cells:
    return {
        "year": 2021,
        "subject": f"测试项目{number + 1}",
        "budget_kind": ("财政", "工会"),
        "budget_amount": Share("100"),
        "executed_amount": Share("100"),
        "stated_rate": ("100%", "100.0%"),
    }


def _executed(percent: str, **other: object) -> Sequence[Cells]:
    return [{"executed_amount": Share(percent), "stated_rate": f"{percent}%", **other}]


_BUDGET = (
    Story(),
    Story(_executed("99.996", stated_rate="100.00%")),
    Story(_executed("96.5"), {}, "E01", "violation", "只执行96.5%"),
    Story(_executed("104", budget_kind="财政"), {}, "E02", "violation", "财政预算超支4%"),
    Story(_executed("104", budget_kind="工会"), {}, "E02", "suspect", "工会预算超支4%"),
    Story([{"stated_rate": "98.50%"}], {}, "E04", "suspect", "全部执行，所列执行率却是98.50%"),
    Story([{"executed_amount": "待定"}], {}, "E01 E02 E04", "not_evaluable", "执行数写作“待定”"),
)


def _total(number: int) -> Cells:
    return {
        "total_label": ("合计", "小计"),
        "total_column": "金额",
        "total_cell": f"D{number + 20}",
        "printed_total": Share("100"),
        "details_total": Share("100"),
        "detail_rows": 12,
        "unread_details": 0,
    }


_TOTALS = (
    Story(),
    Story([{"printed_total": Share("99")}], {}, "E10", "suspect", "合计行比明细之和少1%"),
    Story([{"details_total": "", "unread_details": 1}], {}, "E10", "not_evaluable", "有一格明细未能读取"),
)

SETTINGS = {
    "budget_execution": Setting({"budget_execution": _subject}, _BUDGET),
    "total_row": Setting({"total_row": _total}, _TOTALS),
}
