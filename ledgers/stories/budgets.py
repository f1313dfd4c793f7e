"""Tell of budgets, how they were carried out, and what units report of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledgers.stories import vouchers
from ledgers.stories.told import Cells, Setting, Share, Story, days, unit


def _subject(number: int) -> Cells:
    return {
        "year": 2021,
        "project_code": f"XM{number:05}",
        "subject": f"测试项目{number + 1}",
        "parent": "",
        "budget_kind": ("财政", "工会"),
        "budget_initial": Share("100"),
        "adjustment": "",
        "adjustment_doc": "",
        "budget_amount": Share("100"),
        "executed_amount": Share("100"),
        "stated_rate": ("100%", "100.0%"),
        "balance": "",
    }


def _executed(percent: str, **other: object) -> Sequence[Cells]:
    return [{"executed_amount": Share(percent), "stated_rate": f"{percent}%", **other}]


_FISCAL: Cells = {"budget_kind": "财政", "stated_rate": "100.00%"}
_ADDED: Cells = {"budget_initial": Share("80"), "adjustment": Share("20"), "adjustment_doc": "测试〔2021〕9号"}
_CROSSED = (  # each is said to be a part of the other, and more than it in one of the figures
    {**_FISCAL, "subject": lambda n: f"测试甲项目{n}", "parent": lambda n: f"测试乙项目{n}", "executed_amount": Share("99.996")},
    {**_FISCAL, "subject": lambda n: f"测试乙项目{n}", "parent": lambda n: f"测试甲项目{n}", "budget_initial": "",
     "budget_amount": Share("99.998"), "executed_amount": Share("99.998")},
)  # fmt: skip
_BUDGET = (
    Story(),
    Story([_ADDED]),
    Story([{"balance": 0}]),
    Story(_executed("99.996", stated_rate="100.00%")),
    Story(_executed("96.5"), {}, "E01", "violation", "只执行96.5%"),
    Story(_executed("104", budget_kind="财政"), {}, "E02", "violation", "财政预算超支4%"),
    Story(_executed("104", budget_kind="工会"), {}, "E02", "suspect", "工会预算超支4%"),
    Story([{**_FISCAL, **_ADDED, "adjustment": Share("18")}], {}, "E05", "violation", "年初数加调整数不等于全年预算数"),
    Story([{**_ADDED, "adjustment_doc": ""}], {}, "E05", "suspect", "调整没有批复文号"),
    Story([{**_FISCAL, "balance": Share("5")}], {}, "E06", "violation", "全部执行，却列有余额"),
    Story(_CROSSED, {}, "E07", "violation", "下级项目超过上级项目"),
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


def _report(number: int) -> Cells:
    said = {"states_budget": "是", "states_executed": "是", "states_rate": "是", "table_attached": "是"}
    named = {"unit_name": unit(number), "report_name": "2021年绩效自评报告"}
    return {"year": 2021, **named, "submitted_at": days(date(2021, 12, 1), date(2021, 12, 31)), **said}


_SILENT: Cells = {"states_executed": "否", "states_rate": "无"}
_REPORTS = (
    Story(),
    Story([_SILENT, {}]),
    Story([_SILENT], {}, "E33", "suspect", "自评报告没有列明执行数和执行率"),
    Story([{"states_budget": "否"}], {}, "E33", "suspect", "自评报告没有列明预算数"),
    Story([{"states_rate": "待核实"}], {}, "E33", "not_evaluable", "有无执行率写作“待核实”"),
)

SETTINGS = {
    "budget_execution": Setting({"budget_execution": _subject, "voucher_line": vouchers.line}, (*_BUDGET, *vouchers.STORIES)),
    "total_row": Setting({"total_row": _total}, _TOTALS),
    "self_assessment": Setting({"self_assessment": _report}, _REPORTS),
}
