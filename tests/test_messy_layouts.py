"""Ledgers as accountants lay them out: each is written as a real file, and read right or reported with its place, never wrong in silence.

Names beginning with m and a number are cases of a list of messy input that was collected from practice.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt

from tests.test_bad_input import run
from tests.test_intake import AID, Brought, both_ways, bring, identity, write_csv

HEADER = ["姓名", "身份证号", "发放日期", "金额"]
ZHANG = ["张三", identity(1), "2021-02-03", "500"]
LI = ["李四", identity(2), "2021-02-04", "300"]
WANG = ["王五", identity(3), "2021-02-05", "800"]
AMOUNT = AID.bit("amount")


def write_book(path: Path, rows: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def paid(brought: Brought) -> list[tuple[int, str | None, Decimal | None]]:
    return [(row["_row"], row.get("name"), row["amount"]) for row in brought.aid]


def held(brought: Brought) -> list[tuple[int, str, Decimal | None, Decimal | None, int]]:
    """Give row, cell, printed total, sum of the details and unread details of each total."""
    names = ("_row", "total_cell", "printed_total", "details_total", "unread_details")
    return [tuple(row[name] for name in names) for row in brought.rows["total_row"]]  # type: ignore[misc]


def fatal(brought: Brought) -> list[str]:
    return [note.message for note in brought.notes if note.fatal]


# ---- Titles, units, headers of several rows.


def test_m01_a_merged_title_and_a_unit_row_above_the_header(tmp_path: Path) -> None:
    rows = [
        ["测试市2021年春节送温暖慰问金发放花名册", "", "", ""], ["", "", "", "单位：元"],
        ["姓名", "身份证号", "发放日期", "金额"], ["张三", identity(1), "", 500],
    ]  # fmt: skip
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["A1:D1"]))
    assert paid(brought) == [(4, "张三", Decimal(500))]
    assert brought.intake.inputs[0].unit_of_amounts == "title"
    assert brought.aid[0]["pay_date"] is None  # the year of the title is a hint, never a date
    assert brought.coded("Q06") == []


@pytest.mark.parametrize("merged", [True, False])
def test_m02_a_header_of_two_rows_with_a_merged_group(tmp_path: Path, merged: bool) -> None:
    rows = [
        ["姓名", "身份证号", "公示时间", "", "金额"], ["", "", "开始", "结束", ""],
        ["张三", identity(1), "2021-01-25", "2021-01-27", 500],
    ]  # fmt: skip
    cells = ["A1:A2", "B1:B2", "C1:D1", "E1:E2"] if merged else []
    brought = bring(write_book(tmp_path / "a.xlsx", rows, cells))
    (row,) = brought.aid
    assert (row["_row"], str(row["publicity_start"]), str(row["publicity_end"])) == (3, "2021-01-25", "2021-01-27")
    assert brought.intake.inputs[0].headers["publicity_start"] == "公示时间/开始"
    assert [note for note in brought.notes if note.severity != "info"] == []


def test_m02_a_group_that_changes_the_meaning_of_its_columns_is_not_overlooked(tmp_path: Path) -> None:
    rows = [
        ["姓名", "配偶", "", "金额", "发放日期"], ["", "姓名", "身份证号", "", ""],
        ["张三", "赵六", identity(6), 500, "2021-02-03"],
    ]  # fmt: skip
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["B1:C1"]))
    assert brought.aid[0]["name"] == "张三"
    assert "id_no" not in brought.intake.inputs[0].headers
    assert {note.column for note in brought.coded("Q09")} == {"配偶/姓名", "配偶/身份证号"}


def test_m02_groups_tell_apart_columns_of_one_name(tmp_path: Path) -> None:
    rows = [["姓名", "慰问金", "", "慰问品", ""], ["", "标准", "金额", "名称", "金额"], ["张三", 500, 400, "米", 100]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["B1:C1", "D1:E1"]))
    (row,) = brought.aid
    assert (row["standard_amount"], row["amount"], row["goods"], row["goods_value"]) == (500, 400, "米", 100)


def test_a_header_of_three_rows(tmp_path: Path) -> None:
    rows = [
        ["序号", "基本情况", "", "发放情况", "", ""], ["", "姓名", "身份证号", "公示时间", "", "金额（元）"],
        ["", "", "", "开始", "结束", ""], [1, "张三", identity(1), "2021-01-25", "2021-01-27", 500],
    ]  # fmt: skip
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["A1:A3", "B1:C1", "D1:F1", "D2:E2", "B2:B3", "C2:C3", "F2:F3"]))
    assert paid(brought) == [(4, "张三", Decimal(500))]
    assert str(brought.aid[0]["publicity_end"]) == "2021-01-27"
    assert [note for note in brought.notes if note.severity != "info"] == []


def test_a_header_text_broken_over_two_rows_and_a_line_break_in_a_merged_cell(tmp_path: Path) -> None:
    rows = [["职工\n姓名", "身份证", "发放", "慰问"], ["", "号码", "日期", "金额"], ["张三", identity(1), "2021-02-03", 500]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["A1:A2"]))
    assert paid(brought) == [(3, "张三", Decimal(500))]
    assert brought.aid[0]["id_no"] == identity(1)


@pytest.mark.parametrize("units", [["", "", "", "（万元）"], ["", "", "", "万元"], ["（必填）", "(18位)", "", "(万元)"]])
def test_a_row_of_units_below_the_header(tmp_path: Path, units: list[str]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, units, [*ZHANG[:3], "0.05"]]))
    assert paid(brought) == [(3, "张三", Decimal(500))]
    assert brought.intake.inputs[0].unit_of_amounts == "header"


@pytest.mark.parametrize("units", [["", "万元", "万元", "%"], ["—", "万元", "万元", "—"], ["", "单位：万元", "单位：万元", "%"]])
def test_a_row_of_units_of_which_some_are_none_of_money(tmp_path: Path, units: list[str]) -> None:
    rows = [["项目名称", "预算数", "执行数", "执行率"], units, ["送温暖", "50", "40", "80%"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [(row["budget_amount"], row["executed_amount"]) for row in brought.rows["budget_execution"]] == [(500000, 400000)]


@pytest.mark.parametrize("numbers", [["1", "2", "3", "4"], ["甲", "乙", "1", "2"], ["(1)", "(2)", "(3)", "(4)=(3)"]])
def test_a_row_that_numbers_the_columns_is_no_payment(tmp_path: Path, numbers: list[str]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, numbers, ZHANG]))
    assert paid(brought) == [(3, "张三", Decimal(500))]


def test_a_unit_that_stands_below_the_header_or_the_table_counts(tmp_path: Path) -> None:
    for name, rows in {
        "a": [HEADER, ["", "", "", "单位：万元"], [*ZHANG[:3], "0.05"]],
        "b": [HEADER, [*ZHANG[:3], "0.05"], ["金额单位：万元", "", "", ""]],
    }.items():
        brought = bring(write_csv(tmp_path / f"{name}.csv", rows))
        assert [amount for _, _, amount in paid(brought)] == [Decimal(500)]


@pytest.mark.parametrize("header", ["金额", "金额（元）"])
def test_a_unit_that_changes_in_the_middle_leaves_the_amounts_unread(tmp_path: Path, header: str) -> None:
    """The rows above were multiplied by ten thousand, without a word."""
    rows = [[*HEADER[:3], header], ZHANG, ["以下金额单位：万元", "", "", ""], [*LI[:3], "0.03"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [amount for _, _, amount in paid(brought)] == [None, None]
    assert brought.places("Q06") == [(1, "D1")]
    rows[2][0] = "单位：元"
    assert [amount for _, _, amount in paid(bring(write_csv(tmp_path / "b.csv", [*rows[:3], LI])))] == [500, 300]


@pytest.mark.parametrize(("unit", "read"), [("百元", False), ("美元", False), ("元", True), ("人民币", True), ("测试一厂", True)])
def test_a_column_of_units_counts(tmp_path: Path, unit: str, read: bool) -> None:
    rows = [[*HEADER, "单位"], [*ZHANG, "元"], [*LI, unit]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [amount for _, _, amount in paid(brought)] == ([500, 300] if read else [None, None])


def test_a_year_that_changes_in_the_middle_gives_no_day_its_year(tmp_path: Path) -> None:
    """Days of 2021 were read as days of 2020, the year of the title."""
    rows = [
        ["2020年送温暖", "", "", ""],
        HEADER,
        [*ZHANG[:2], "2月3日", "500"],
        ["2021年送温暖", "", "", ""],
        [*LI[:2], "2月3日", "300"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["pay_date"] for row in brought.aid] == [None] * 3
    assert [place for place in brought.places("Q03") if place[1]] == [(3, "C3"), (5, "C5")]
    rows[3][0] = "2021年3月1日"  # the day of a signature between two pages
    assert str(bring(write_csv(tmp_path / "b.csv", rows)).aid[0]["pay_date"]) == "2020-02-03"


def test_a_second_reporting_unit_in_a_sheet_is_said(tmp_path: Path) -> None:
    rows = [["填报单位：A镇总工会"], HEADER, ZHANG, ["填报单位：B镇总工会"], HEADER, LI]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [note.severity for note in brought.coded("Q09")] == ["high"]
    assert brought.intake.inputs[0].unit_name == "A镇总工会、B镇总工会"
    rows[3] = rows[0]
    assert bring(write_csv(tmp_path / "b.csv", rows)).coded("Q09") == []


def test_empty_rows_and_columns_before_the_table_and_no_numbering(tmp_path: Path) -> None:
    rows = [["", "", "", "", "", ""], ["", "", "送温暖花名册", "", "", ""], ["", "", *HEADER], ["", "", *ZHANG]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows))
    assert paid(brought) == [(4, "张三", Decimal(500))]
    assert brought.intake.inputs[0].letters["name"] == "C"


@pytest.mark.parametrize(
    ("groups", "read"),
    [(["2020年", "2021年上半年"], False), (["工会经费", "财政资金"], False), (["2021年", "2021年"], True)],
)
def test_of_columns_below_two_groups_none_is_chosen(groups: list[str], read: bool, tmp_path: Path) -> None:
    names = ["预算数", "执行数"] * 2 if groups[0] != groups[1] else ["预算数", "执行数", "增减", "说明"]
    rows = [["项目名称", groups[0], "", groups[1], ""], ["", *names], ["职工活动", "120000", "110000", "5", "6"]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["A1:A2", "B1:C1", "D1:E1"]))
    amounts = {row["executed_amount"] for row in brought.rows.get("budget_execution", [])}
    assert (amounts == {110000}) == read
    assert read or amounts <= {None}


def test_columns_of_two_years_are_not_mixed(tmp_path: Path) -> None:
    rows = [["项目名称", "2020年", "2021年"], ["", "预算数", "执行数"], ["职工活动", "120000", "110000"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert brought.rows == {}
    assert len(fatal(brought)) == 1


def test_a_second_header_row_of_column_names_is_the_header_again(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ["name", "id_no", "pay_date", "amount"], ZHANG]))
    assert paid(brought) == [(3, "张三", 500)]


# ---- Units of money.


@pytest.mark.parametrize("header", ["金额万元", "金额，万元", "金额：万元", "慰问金（万元/人）", "金额/万元", "金額（萬元）"])
def test_a_unit_behind_a_header_counts_without_brackets_too(tmp_path: Path, header: str) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [["姓名", "身份证号", "发放日期", header], [*ZHANG[:3], "0.05"]]))
    assert paid(brought) == [(2, "张三", 500)]


@pytest.mark.parametrize(
    "title", [["送温暖发放表（万元）"], ["", "", "单位：", "万元"], ["", "", "单位", "万元"], ["计量单位：人民币万元"], ["万元"]]
)
def test_a_unit_in_a_title_counts_however_it_is_written(tmp_path: Path, title: list[str]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [title, HEADER, [*ZHANG[:3], "0.05"]]))
    assert paid(brought) == [(3, "张三", 500)]


@pytest.mark.parametrize(
    "title",
    ["发放表（户、万元）", "发放表（万元、个）", "发放表      万元", "单位：人民币（万元）  2021年12月", "单位：（万元） 日期：2021.1.5", "金额：万元", "注：以万元为单位",
     "（以万元计）", "发放表（单位为万元）", "发放表（金额：万元）", "填报单位：某工会 万元", "单位∶万元", "单位;万元", "【万元】", "（万元）（草表）", "(单位 万元)",
     "（单位/万元）", "单位：RMB万元", "单位：万"],
)  # fmt: skip
def test_a_unit_of_a_table_is_seen_in_whatever_signs_it_stands(title: str, tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [[title], HEADER, [*ZHANG[:3], "0.05"]]))
    assert paid(brought) == [(3, "张三", 500)]


@pytest.mark.parametrize(
    "title", ["注：不足百元按百元计", "补助标准每人千元", "10万元以上大额支出", "帮扶资金5万元", "金额：5万元", "奖励（百元）购物卡发放表", "2021年第三单元", "慰问金发放标准：每人每年百元",
              "助学金每人每年千元", "2021年慰问金发放表（分）", "发放表（百）", "一等奖（千元）3名", "医疗救助最高金额：万元"]
)  # fmt: skip
def test_a_sum_in_a_title_is_no_unit(title: str, tmp_path: Path) -> None:
    assert paid(bring(write_csv(tmp_path / "a.csv", [[title], HEADER, ZHANG]))) == [(3, "张三", 500)]


def test_m03_a_unit_in_the_header(tmp_path: Path) -> None:
    header = ["姓名", "身份证号", "发放日期", "金额（万元）", "困难等级", "人员类别", "帮扶方式"]
    path = write_book(tmp_path / "a.xlsx", [header, ["张三", identity(1), "2021-02-03", 0.05, "困难", "困难职工", "慰问"]])
    assert paid(bring(path)) == [(2, "张三", Decimal(500))]
    ran = run("check", path, "--pack", "yuanjiang-2021", "--policy", "C01", "--as-of", "2021-03-01", "--format", "json")
    assert [one["compliant"] for one in ran.report["coverage"] if one["code"] == "C01"] == [1]


def test_m04_whole_plausible_amounts_without_a_unit_are_yuan_with_a_note(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, WANG]))
    assert [amount for _, _, amount in paid(brought)] == [500, 300, 800]
    assert [(note.severity, note.message) for note in brought.coded("Q06")] == [("info", "表中未写金额单位，按元读取。")]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "frame"])
def test_m05_small_decimals_without_a_unit_are_not_read_until_a_unit_is_declared(tmp_path: Path, form: str) -> None:
    import pandas

    frame = pandas.DataFrame(
        {"姓名": ["琼湖街道", "南大膳镇"], "户数": ["79", "20"], "发放日期": ["2021-02-03"] * 2, "金额": ["27.65", "9"]}
    )
    path = tmp_path / f"a.{form}"
    if form == "frame":
        brought = bring(frames={"aid_payment": frame})
    else:
        rows = [list(frame.columns), *frame.to_numpy().tolist()]
        if form == "parquet":
            frame.to_parquet(path)
        elif form == "csv":
            write_csv(path, rows)
        else:
            write_book(path, rows)
        brought = bring(path)
    assert [amount for _, _, amount in paid(brought)] == [None, None]
    assert all(row["_problems"] & AMOUNT for row in brought.aid)
    assert [note.severity for note in brought.coded("Q06")] == ["high"]


@pytest.mark.parametrize(
    ("amounts", "read"),
    [
        (["27.65", "500"], True),
        (["50", "20"], True),
        (["99.99", "0"], False),
        (["27.65元", "30元"], True),
        (["27.65", "1200.50"], True),
    ],
)
def test_m05_only_decimals_that_are_all_too_small_are_in_doubt(tmp_path: Path, amounts: list[str], read: bool) -> None:
    rows = [HEADER, *([*row[:3], amount] for row, amount in zip((ZHANG, LI), amounts, strict=True))]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert all((row["amount"] is not None) is read for row in brought.aid)


def test_m05_beside_a_column_in_ten_thousands_one_without_a_unit_is_not_read(tmp_path: Path) -> None:
    rows = [["项目名称", "全年预算数（万元）", "执行数"], ["职工活动", "12", "11"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    (row,) = brought.rows["budget_execution"]
    assert (row["budget_amount"], row["executed_amount"]) == (120000, None)
    assert [(note.severity, note.cell) for note in brought.coded("Q06")] == [("high", "C1")]


def test_m06_one_amount_that_contradicts_the_unit_of_the_title_is_not_read(tmp_path: Path) -> None:
    rows = [["单位：万元", "", "", ""], HEADER, [*ZHANG[:3], "0.05"], [*LI[:3], "1,065,400"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [amount for _, _, amount in paid(brought)] == [Decimal(500), None]
    assert [(note.severity, note.cell) for note in brought.coded("Q06")] == [("high", "D4")]


def test_m06_amounts_that_all_contradict_the_unit_of_the_title_are_not_read(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [["单位：万元", "", "", ""], HEADER, ZHANG, LI]))
    assert [amount for _, _, amount in paid(brought)] == [None, None]
    assert [(note.severity, note.cell) for note in brought.coded("Q06")] == [("high", "D2")]


# ---- Totals, footers, labels.


@pytest.mark.parametrize("label", ["合计", "合  计", "小计", "总计", "合計"])
def test_m11_a_total_is_no_data_and_a_wrong_one_says_the_difference(tmp_path: Path, label: str) -> None:
    right = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, [label, "", "", "800"]]))
    assert (len(right.aid), right.coded("Q12")) == (2, [])
    wrong = bring(write_csv(tmp_path / "b.csv", [HEADER, ZHANG, LI, [label, "", "", "900"]]))
    assert paid(wrong)[2] == (4, label if label not in ("合  计", "合計") else "合计", None)
    assert wrong.places("Q12") == [(4, "D4")]  # says that the amount is not used; the difference is the policy's business
    assert held(right) == [(4, "D4", 800, 800, 0)]
    assert held(wrong) == [(4, "D4", 900, 800, 0)]


@pytest.mark.parametrize(
    ("words", "printed"),
    [("共计：2户 800元", 800), ("共计：2户 900元", 900), ("合计：2人", None), ("合计（大写）：捌佰元整", 800),
     ("合计（大写）：玖佰元整", 900), ("总计：0.08万元", 800)],
)  # fmt: skip
def test_m11_a_total_in_words_is_held_against_the_rows_above(tmp_path: Path, words: str, printed: int | None) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, [words, "", "", ""]]))
    assert len(brought.aid) == 2
    assert held(brought) == ([(4, "A4", printed, 800, 0)] if printed else [])
    assert brought.coded("Q12") == []


def test_m11_a_total_in_words_that_counts_other_than_the_rows_is_said(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, ["合计：3人", "", "", ""]]))
    assert ["以上明细有 2 行" in note.message for note in brought.coded("Q12")] == [True]


def test_m11_a_total_above_its_details_is_no_data(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ["合计", "", "", "800"], ZHANG, LI]))
    assert paid(brought) == [(3, "张三", 500), (4, "李四", 300)]
    assert brought.coded("Q12") == []


def test_m12_subtotals_by_town_and_a_grand_total(tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, LI, ["琼湖小计", "", "", "800"], WANG, ["南大膳小计", "", "", "800"], ["总计", "", "", "1600"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [number for number, _, _ in paid(brought)] == [2, 3, 5]
    assert brought.coded("Q12") == []
    rows[-1] = ["总计", "", "", "2400"]  # subtotals counted as details
    brought = bring(write_csv(tmp_path / "b.csv", rows))
    assert held(brought) == [(4, "D4", 800, 800, 0), (6, "D6", 800, 800, 0), (7, "D7", 2400, 1600, 0)]
    assert brought.places("Q12") == [(7, "D7")]


def test_m13_a_person_named_like_a_total_is_data(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["合计", identity(9), "2021-02-04", "500"]]))
    assert paid(brought)[1] == (3, "合计", 500)
    without = bring(write_csv(tmp_path / "b.csv", [HEADER, ZHANG, ["合计", "", "2021-02-04", "300"], LI]))
    assert paid(without)[1] == (3, "合计", None)
    assert without.places("Q12") == [(3, "D3")]


@pytest.mark.parametrize(
    "footer", [["制表人：张三  审核人：李四  2021年2月8日"], ["制表人：张三", "审核人：李四", "2021年2月8日"]]
)
def test_m14_a_footer_is_no_data(tmp_path: Path, footer: list[str]) -> None:
    brought = bring(write_book(tmp_path / "a.xlsx", [HEADER, ZHANG, footer]))
    assert paid(brought) == [(2, "张三", 500)]


def test_what_is_carried_from_page_to_page_is_no_payment(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ZHANG,
        LI,
        ["过次页", "", "", "800"],
        ["第1页 共2页", "", "", ""],
        ["承前页", "", "", "800"],
        WANG,
        ["合计", "", "", "1600"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [number for number, _, _ in paid(brought)] == [2, 3, 7]
    assert brought.coded("Q12") == []


def test_a_count_in_the_column_of_names_makes_nobody_of_a_total(tmp_path: Path) -> None:
    rows = [["序号", "姓名", "金额", "发放日期"], ["1", "张三", "500", ""], ["2", "李四", "300", ""], ["合计", "2人", "800", ""]]
    assert [number for number, _, _ in paid(bring(write_csv(tmp_path / "a.csv", rows)))] == [2, 3]


def test_a_total_of_rows_that_could_not_all_be_read_is_held_against_nothing(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, [*LI[:3], "XX"], ["合计", "", "", "800"]]))
    assert held(brought) == [(4, "D4", 800, None, 1)]
    below = bring(write_csv(tmp_path / "b.csv", [HEADER, ZHANG, ["小计", "", "", "600"], LI, ["合计", "", "", "900"]]))
    assert held(below) == [(3, "D3", 600, 500, 0), (5, "D5", 900, None, 1)]  # the row in doubt may be a payment


@pytest.mark.parametrize("label", ["承前页", "本月累计合计", "过次页"])
def test_a_total_of_more_than_this_sheet_is_held_against_nothing(tmp_path: Path, label: str) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, [label, "", "", "900"]]))
    assert (held(brought), brought.places("Q12")) == ([], [(3, "D3")])
    carried = bring(write_csv(tmp_path / "b.csv", [HEADER, ["承前页", "", "", "900"], ZHANG, ["合计", "", "", "1400"]]))
    assert held(carried) == [(4, "D4", 1400, None, 1)]


def test_a_total_of_several_sheets_below_that_of_this_one_is_held_against_nothing(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, ["合计", "", "", "800"], ["总计", "", "", "4200"]]))
    assert held(brought) == [(4, "D4", 800, 800, 0)]


def test_a_total_names_the_further_columns_that_differ_and_hides_the_name_beside_its_label(tmp_path: Path) -> None:
    rows = [["姓名", "金额", "慰问品价值"], ["张三", "500", "100"], ["李四", "300", ""], ["张三小计", "800", "200"]]
    (row,) = bring(write_csv(tmp_path / "a.csv", rows)).rows["total_row"]
    assert (row["total_label"], row["total_cell"], row["printed_total"], row["other_cells"]) == ("小计", "C4", 200, None)
    rows[-1][1] = "900"
    (row,) = bring(write_csv(tmp_path / "b.csv", rows)).rows["total_row"]
    assert (row["total_cell"], row["details_total"], row["other_cells"]) == ("B4", 800, "C4")


@pytest.mark.parametrize(
    "rows",
    [
        [["项目", "合计", "", "1000", "900"], ["类", "甲", "201", "1000", "900"], ["款", "乙", "20101", "600", "500"], ["款", "丙", "20102", "400", "400"]],
        [["", "甲", "201", "1000", "900"], ["", "乙", "20101", "600", "500"], ["", "丙", "20102", "400", "400"], ["", "合计", "", "1000", "900"]],
        [["", "一、甲", "", "700", "600"], ["", "（一）乙", "", "600", "500"], ["", "二、丙", "", "300", "300"], ["", "合计", "", "1000", "900"]],
        [["", "甲", "", "1000", "900"], ["", "其中：乙", "", "600", "500"], ["", "合计", "", "1000", "900"]],
    ],
)  # fmt: skip
def test_a_total_adds_up_rows_of_one_level(tmp_path: Path, rows: list[list[str]]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [["级次", "项目名称", "科目编码", "预算数", "执行数"], *rows]))
    assert [row[2:] for row in held(brought)] == [(1000, 1000, 0)]
    assert brought.coded("Q12") == []


def test_totals_of_an_older_version_are_not_held(tmp_path: Path) -> None:
    write_csv(tmp_path / "一厂送温暖.csv", [HEADER, ZHANG, LI, ["合计", "", "", "900"]])
    write_csv(tmp_path / "一厂送温暖（修改版）.csv", [HEADER, ZHANG, LI, ["合计", "", "", "800"]])
    brought = bring(tmp_path)
    assert len(brought.intake.versions) == 1
    assert [row[2:4] for row in held(brought)] == [(800, 800)]


def test_a_part_of_the_amount_above_is_not_paid_twice(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["其中：现金", "", "", "300"]]))
    assert [amount for _, _, amount in paid(brought)] == [500, None]
    assert brought.places("Q12") == [(3, None)]


@pytest.mark.parametrize("row", [["合计", "", "", "", "900"], ["合计", "900", "", "", ""]])
def test_a_total_beside_its_column_is_held_against_the_rows_too(tmp_path: Path, row: list[str]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [[*HEADER, ""], [*ZHANG, ""], [*LI, ""], row]))
    assert [(printed, details) for _, _, printed, details, _ in held(brought)] == [(900, 800)]


def test_a_label_of_a_section_is_no_data_and_is_named_once(tmp_path: Path) -> None:
    header = ["序号", *HEADER]
    rows = [
        header,
        ["一、琼湖街道", "", "", "", ""],
        ["1", *ZHANG],
        ["二、南大膳镇", "", "", "", ""],
        ["2", *LI],
        ["3", "", "", "", ""],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert paid(brought) == [(3, "张三", 500), (5, "李四", 300)]
    assert [note.message[:13] for note in brought.coded("Q12")] == ["第 2、4、6 行（共 3"]


def test_a_label_merged_over_the_column_of_names_is_no_person(tmp_path: Path) -> None:
    brought = bring(write_book(tmp_path / "a.xlsx", [HEADER, ["琼湖街道"], ZHANG], ["A2:D2"]))
    assert paid(brought) == [(3, "张三", 500)]
    unmerged = bring(write_book(tmp_path / "b.xlsx", [HEADER, ["琼湖街道"], ZHANG]))
    assert unmerged.places("Q01") == [(2, "D2")]


def test_a_row_with_only_a_name_or_only_an_amount_is_never_left_out(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["李四", "", "", ""], ["", "", "", "40"]]))
    assert [number for number, _, _ in paid(brought)] == [2, 3, 4]
    assert [row for row, _ in brought.places("Q01")] == [3, 4]


def test_notes_at_the_right_side_are_no_data_and_are_named(tmp_path: Path) -> None:
    rows = [[*HEADER, "", ""], [*ZHANG, "", "说明：本表一式三份"], ["", "", "", "", "", "请核对"]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows))
    assert paid(brought) == [(2, "张三", 500)]
    assert [(note.code, note.cell) for note in brought.notes if note.severity != "info"] == [("Q09", "F1")]


def test_a_header_repeated_on_every_page_with_other_brackets(tmp_path: Path) -> None:
    rows = [
        ["姓名", "身份证号", "发放日期", "金额（元）"],
        ZHANG,
        ["第2页", "", "", ""],
        ["姓 名", "身份证号码", "发放日期", "金额(元)"],
        LI,
    ]
    rows[3][1] = "身份证号："
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [(number, name) for number, name, _ in paid(brought) if name != "第2页"] == [(2, "张三"), (5, "李四")]
    assert fatal(brought) == []


def test_a_header_of_two_rows_repeated_on_every_page(tmp_path: Path) -> None:
    header = [["姓名", "公示时间", "", "金额"], ["", "开始", "结束", ""]]
    rows = [*header, ["张三", "2021-01-25", "2021-01-27", "500"], *header, ["李四", "2021-01-25", "2021-01-27", "300"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [(number, name) for number, name, _ in paid(brought)] == [(3, "张三"), (6, "李四")]


# ---- Columns: odd spellings, several amounts, merged cells.


def test_m34_headers_with_line_breaks_colons_and_remarks(tmp_path: Path) -> None:
    rows = [["职工\n姓名 ", "身份证号码（18位）", "发放日期 ", "金额 :"], ZHANG]
    assert paid(bring(write_book(tmp_path / "a.xlsx", rows))) == [(2, "张三", 500)]


def test_m35_standard_and_paid_amount_are_two_fields(tmp_path: Path) -> None:
    rows = [["姓名", "标准金额", "实发金额", "发放日期"], ["张三", 600, 500, "2021-02-03"]]
    (row,) = bring(write_book(tmp_path / "a.xlsx", rows)).aid
    assert (row["standard_amount"], row["amount"]) == (600, 500)


def test_m35_cash_goods_and_their_sum_are_held_against_each_other(tmp_path: Path) -> None:
    rows = [
        ["姓名", "帮扶金额", "慰问品价值", "合计", "发放日期"], ["张三", 500, 100, 600, ""], ["李四", 300, "", 300, ""],
        ["王五", 300, 50, 400, ""], ["赵六", "约300", 50, 400, ""],
    ]  # fmt: skip
    brought = bring(write_book(tmp_path / "a.xlsx", rows))
    assert [row["total_value"] for row in brought.aid] == [600, 300, 400, 400]
    (note,) = brought.coded("Q12")
    assert (note.cell, note.severity) == ("D4", "high")
    assert "350.00" in note.message


def test_m35_two_columns_of_one_meaning_are_not_read(tmp_path: Path) -> None:
    rows = [["姓名", "身份证号", "发放日期", "慰问金额", "发放金额"], [*ZHANG, "600"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert paid(brought) == [(2, "张三", None)]
    assert [(note.severity, note.cell) for note in brought.coded("Q09")] == [("high", "D1、E1")]


def test_m36_a_merged_employer_is_carried_down_and_a_merged_amount_is_not(tmp_path: Path) -> None:
    rows = [["工作单位", *HEADER], *(["测试一厂" if n == 0 else "", f"测{n}", identity(n), "2021-02-03", 500] for n in range(12))]
    rows[5][4], rows[6][4] = 1000, ""
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["A2:A13", "E6:E7"]))
    assert {row["employer"] for row in brought.aid} == {"测试一厂"}
    assert [row["_row"] for row in brought.aid if row["amount"] is None] == [6, 7]
    assert all(row["_problems"] & AMOUNT for row in brought.aid if row["amount"] is None)
    assert brought.places("Q12") == [(6, "E6"), (7, "E7")]


@pytest.mark.parametrize(("merged", "known"), [(["B2:B3"], [True, False]), (["A2:A3", "B2:B3"], [True, True])])
def test_a_number_merged_over_several_persons_is_that_of_one(merged: list[str], known: list[bool], tmp_path: Path) -> None:
    """Of a family below 户主 each member had the number of its head; a person paid twice is named once."""
    both = len(merged) == 2
    rows = [HEADER, ZHANG, ["" if both else LI[0], "", *LI[2:]]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, merged))
    assert [row["id_no"] is not None for row in brought.aid] == known
    assert [row["name"] for row in brought.aid] == [ZHANG[0], ZHANG[0] if both else LI[0]]
    assert any("姓名没有同样合并" in note.message for note in brought.notes) == (not both)


def test_the_number_of_a_head_merged_over_a_family_is_nobody_elses(tmp_path: Path) -> None:
    rows = [
        ["户主", "身份证号", "成员姓名", "关系", "档案编号"],
        ["测试甲", identity(1), "测试甲", "本人", "1"],
        ["", "", "测试乙", "妻子", "1"],
    ]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["A2:A3", "B2:B3"]))
    assert [(row["name"], row["id_no"]) for row in brought.rows["hardship_member"]] == [("测试甲", identity(1)), ("测试乙", None)]


def test_m36_an_amount_merged_over_two_columns_is_nobodys(tmp_path: Path) -> None:
    rows = [["姓名", "帮扶金额", "慰问品价值", "发放日期"], ["张三", 500, "", "2021-02-03"], ["李四", 300, 50, ""]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["B2:C2"]))
    assert [(row["amount"], row["goods_value"]) for row in brought.aid] == [(None, None), (300, 50)]


def test_m36_a_header_merged_over_two_columns_of_amounts_leaves_both_unread(tmp_path: Path) -> None:
    rows = [["姓名", "身份证号", "金额", "", "发放日期"], ["张三", identity(1), 500, 20, "2021-02-03"]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, ["C1:D1"]))
    assert paid(brought) == [(2, "张三", None)]
    assert [(note.severity, note.cell) for note in brought.coded("Q09")] == [("high", "C1、D1")]
    rows[1][3] = ""
    assert paid(bring(write_book(tmp_path / "b.xlsx", rows, ["C1:D1", "C2:D2"]))) == [(2, "张三", 500)]


def test_a_ditto_mark_is_what_stands_above_but_never_for_an_amount(tmp_path: Path) -> None:
    rows = [["工作单位", *HEADER], ["测试一厂", *ZHANG], ["同上", *LI[:2], "〃", "同上"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert (brought.aid[1]["employer"], str(brought.aid[1]["pay_date"]), brought.aid[1]["amount"]) == (
        "测试一厂",
        "2021-02-03",
        None,
    )
    assert brought.places("Q02") == [(3, "E3")]


def test_a_ditto_mark_below_a_total_a_page_header_or_a_blank_is_not_filled_in(tmp_path: Path) -> None:
    """It became a blank, or the words of the header, and nobody was told."""
    header = ["工作单位", *HEADER]
    for name, between in {"a": ["小计", "", "", "", "500"], "b": header, "c": ["", *WANG]}.items():
        rows = [header, ["测试一厂", *ZHANG], between, ["同上", *LI[:2], "2021-02-04", "300"]]
        brought = bring(write_csv(tmp_path / f"{name}.csv", rows))
        assert brought.aid[-1]["employer"] is None
        assert brought.places("Q02") == [(4, "A4")]


# ---- Rows that are no payments, in other words.


@pytest.mark.parametrize(
    "label",
    ["累计", "总额", "总金额", "总数", "本页", "共", "总", "Total", "∑", "A镇汇总", "张三 汇总", "本年累计", "全镇", "以上"],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_sum_of_the_rows_above_is_no_payment_whatever_it_is_called(tmp_path: Path, label: str, place: int) -> None:
    """A row such as 总额 800 was one more payment."""
    total = ["", "", "", "", "800"]
    total[place] = label
    brought = bring(write_csv(tmp_path / "a.csv", [["序号", *HEADER], ["1", *ZHANG], ["2", *LI], total, ["3", *WANG]]))
    assert [row["amount"] for row in brought.aid if row["_row"] == 4] in ([], [None])
    assert sum(row["amount"] or 0 for row in brought.aid) == 1600
    assert brought.places("Q12") == ([] if len(brought.aid) == 3 else [(4, None)])


def test_a_person_without_a_number_whose_amount_is_no_sum_is_paid(tmp_path: Path) -> None:
    rows = [["序号", *HEADER], ["1", *ZHANG], ["2", *LI], ["3", "王五", "", "2021-02-05", "800"], ["4", "赵六", "", "", "700"]]
    assert [amount for _, _, amount in paid(bring(write_csv(tmp_path / "a.csv", rows)))] == [500, 300, 800, 700]


def test_every_part_of_a_total_is_a_part(tmp_path: Path) -> None:
    rows = [["类别", *HEADER], ["", *ZHANG], ["", *LI], ["合计", "", "", "", "800"], ["其中：困难职工", "", "", "", "500"],
            ["农民工", "", "", "", "300"]]  # fmt: skip
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["amount"] for row in brought.aid] == [500, 300, None, None]


@pytest.mark.parametrize(
    "footer",
    [
        ["制表：赵六", "", "审核：钱七", "2021年2月3日"],
        ["单位负责人（签字）：", "", "经办人：王五", ""],
        ["", "主席：赵六", "日期：", "2021.2.3"],
        ["工会主席签字", "", "财务签字", ""],
        ["", "", "", "2021年2月10日"],
        ["", "", "", "二〇二一年二月十日"],
    ],
)
def test_signatures_and_the_day_of_signing_are_no_payment(tmp_path: Path, footer: list[str]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, footer]))
    assert [row for row, _, _ in paid(brought)] == [2, 3]
    assert [note for note in brought.notes if note.severity != "info"] == []


# ---- Several tables in one sheet.


def test_a_second_table_below_is_said_and_not_read_as_data(tmp_path: Path) -> None:
    budget = [["项目名称", "全年预算数", "执行数", "执行率"], ["职工活动", "120000", "110000", "91.67%"]]
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["", "", "", ""], ["二、预算", "", "", ""], *budget]))
    assert [(number, name) for number, name, _ in paid(brought) if name != "二、预算"] == [(2, "张三")]
    (said,) = fatal(brought)
    assert "第 5 行" in said
    assert "budget_execution" in said


def test_a_second_table_below_with_its_columns_in_another_order_is_not_read_by_the_first_header(tmp_path: Path) -> None:
    rows = [
        ["姓名", "金额", "慰问品价值", "发放日期"],
        ["张三", "500", "100", ""],
        ["姓名", "慰问品价值", "金额", "发放日期"],
        ["李四", "50", "300", ""],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert paid(brought) == [(2, "张三", 500)]
    assert len(fatal(brought)) == 1


def test_a_smaller_table_above_is_said(tmp_path: Path) -> None:
    budget = [["项目名称", "全年预算数", "执行数"], ["职工活动", "120000", "110000"]]
    brought = bring(write_csv(tmp_path / "a.csv", [*budget, [*HEADER, "人员类别"], [*ZHANG, "困难职工"]]))
    assert paid(brought) == [(4, "张三", 500)]
    assert ["第 1 行" in said and "到第 2 行" in said for said in fatal(brought)] == [True]


def test_two_halves_of_one_list_side_by_side_are_said(tmp_path: Path) -> None:
    header = ["姓名", "发放日期", "金额"]
    brought = bring(write_csv(tmp_path / "a.csv", [[*header, *header], ["张三", "", "500", "李四", "", "300"]]))
    assert paid(brought) == [(2, None, None)]
    assert ["从 D 列起" in said for said in fatal(brought)] == [True]


def test_two_tables_side_by_side_with_a_gap_are_not_mixed(tmp_path: Path) -> None:
    header = ["姓名", "发放日期", "金额", "", "姓名", "身份证号", "清退金额", "清退时间"]
    brought = bring(write_csv(tmp_path / "a.csv", [header, ["张三", "", "500", "", "李四", identity(2), "300", "2021-03-01"]]))
    assert paid(brought) == [(2, "张三", 500)]
    assert brought.intake.inputs[0].letters == {"name": "A", "pay_date": "B", "amount": "C"}
    assert ["`subsidy_refund`" in said for said in fatal(brought)] == [True]


# ---- Sheets and files.


def test_m60_a_hidden_sheet_is_listed_and_read_only_when_asked_for(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("名单", "备用名单"):
        sheet = book.create_sheet(name)
        for row in (HEADER, ZHANG):
            sheet.append(row)
    del book["Sheet"]
    book["备用名单"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    brought = bring(tmp_path / "a.xlsx")
    assert [one.sheet for one in brought.intake.inputs] == ["名单"]
    assert ["备用名单" in note.message for note in brought.coded("Q11")] == [True]
    asked = bring(said=[("aid_payment", f"{tmp_path / 'a.xlsx'}#备用名单")])
    assert [one.sheet for one in asked.intake.inputs] == ["备用名单"]


def test_m62_without_an_archive_its_policies_say_so_once(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [[*HEADER, "人员类别"], *([*row, "困难职工"] for row in (ZHANG, LI, WANG))])
    ran = run("check", tmp_path / "a.csv", "--as-of", "2021-03-01", "--format", "json", "--policy", "A02")
    (policy,) = ran.report["coverage"]
    assert "hardship_archive" in policy["reason"]
    assert ran.report["findings"] == []


def test_m67_an_empty_file_is_no_clean_ledger(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    for path in (tmp_path / "a.csv", write_book(tmp_path / "b.xlsx", [])):
        assert run("check", path, "--as-of", "2021-03-01").code == 3
    assert run("check", write_csv(tmp_path / "c.csv", [HEADER, ZHANG]), "--as-of", "2021-03-01", "--policy", "A03").code == 0


@pytest.mark.parametrize(
    "rows", [[HEADER], [["送温暖花名册"], HEADER], [["姓名", "公示时间", "", "金额"], ["", "开始", "结束", ""]]]
)
def test_m67_only_a_header_is_no_clean_ledger(tmp_path: Path, rows: list[list[str]]) -> None:
    ran = run("check", write_csv(tmp_path / "a.csv", rows), "--as-of", "2021-03-01", "--format", "json")
    assert ran.code == 3
    assert ["0 行" in note["message"] for note in ran.report["intake"] if note["fatal"]] == [True]


# ---- A file so big that it is streamed.


def test_a_big_csv_has_headers_of_several_rows_too(tmp_path: Path) -> None:
    header = [
        ["姓名", "公示时间", "", "发放日期", "金额"],
        ["", "开始", "结束", "", ""],
        ["", "", "", "", "（元）"],
        ["1", "2", "3", "4", "5"],
    ]
    zhang, li = ["张三", "2021-01-25", "2021-01-27", "2021-02-03", "500"], ["李四", "2021-01-25", "2021-01-27", "", "300"]
    small, big = both_ways(write_csv(tmp_path / "a.csv", [*header, zhang, *header, li]))
    assert [(number, name) for number, name, _ in paid(small)] == [(5, "张三"), (10, "李四")]
    assert paid(big) == paid(small)
    assert str(big.aid[1]["publicity_end"]) == "2021-01-27"


def test_a_big_csv_leaves_out_what_is_carried_over_a_page_too(tmp_path: Path) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, ["承前页", "", "", "800"], WANG]))
    assert [amount for _, _, amount in paid(small)] == [500, 300, 800]
    assert (big.rows, big.notes) == (small.rows, small.notes)


def test_a_lone_number_of_a_record_is_a_row_with_blanks_and_no_label(tmp_path: Path) -> None:
    rows = [
        ["发放编号", "姓名", "清退金额", "清退时间"],
        ["S1", "张三", "500", "2018-06-01"],
        ["S2", "", "", ""],
        ["二、镇街", "", "", ""],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["subsidy_id"] for row in brought.rows["subsidy_refund"]] == ["S1", "S2"]


BUDGET = [["项目名称", "全年预算数", "执行数", "执行率"], ["职工活动", "120000", "110000", "91.67%"]]
ORDER = [["姓名", "发放日期", "身份证号", "金额"], ["赵六", "2021-02-06", identity(6), "100"]]
IN_THE_MIDDLE: dict[str, list[list[str]]] = {
    "another table": [ZHANG, ["二、预算", "", "", ""], *BUDGET],
    "another table without a title": [ZHANG, *BUDGET, *BUDGET[1:]],
    "the same columns in another order": [ZHANG, *ORDER],
    "the same columns in another unit": [ZHANG, [*HEADER[:3], "金额（万元）"], [*LI[:3], "0.03"]],
    "the header in other words": [ZHANG, ["姓 名", "身份证号码", "日期", "金额："], LI],
    "a part of the amount above": [ZHANG, ["其中：现金", "", "", "300"], LI],
    "a part with a blank before it": [ZHANG, ["  其中现金", "", "", "300"], LI],
    "nothing of the kind": [ZHANG, ["李四", identity(2), "2021-02-04", "三百元"], ["王五", identity(3), "", ""]],
}


@pytest.mark.parametrize("case", sorted(IN_THE_MIDDLE))
def test_a_big_csv_reads_or_reports_what_stands_among_its_rows_like_a_small_one(case: str, tmp_path: Path) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", [HEADER, *IN_THE_MIDDLE[case]]))
    assert paid(big) == paid(small)
    assert len(paid(small)) >= 1
    assert [note for note in big.notes if note.fatal] == [note for note in small.notes if note.fatal]
    assert [(note.code, note.row, note.cell, note.message) for note in big.notes if note.code == "Q12"] == [
        (note.code, note.row, note.cell, note.message) for note in small.notes if note.code == "Q12"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [*BUDGET, [*HEADER, "人员类别"], [*ZHANG, "困难职工"]],
        [[*HEADER, "", "姓名", "清退金额", "清退时间"], [*ZHANG, "", "李四", "300", ""]],
    ],
)
def test_a_big_csv_names_tables_above_and_beside_its_own_like_a_small_one(rows: list[list[str]], tmp_path: Path) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", rows))
    assert (paid(big), fatal(big)) == (paid(small), fatal(small))
    assert len(fatal(small)) == 1


@pytest.mark.parametrize("most", [1, 1000])
@pytest.mark.parametrize("case", sorted(IN_THE_MIDDLE))
def test_a_parquet_file_of_texts_reads_or_reports_what_stands_among_its_rows_like_a_csv(
    case: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas

    monkeypatch.setattr("ledgers.typed_tables.MOST_HELD", most)

    rows = IN_THE_MIDDLE[case]
    small = bring(write_csv(tmp_path / "a.csv", [HEADER, *rows]))
    pandas.DataFrame([[cell or None for cell in row] for row in rows], columns=HEADER).to_parquet(tmp_path / "a.parquet")
    brought = bring(tmp_path / "a.parquet")
    told = [row for row in paid(brought) if row[1] != "二、预算"]  # a label is a row there, whose amount is missing
    assert told == paid(small)
    assert fatal(brought) == fatal(small)
    assert [note.row for note in brought.coded("Q12") if note.row] == [
        note.row for note in small.coded("Q12") if note.row and (note.severity != "info" or most > len(rows))
    ]


def test_a_label_of_a_section_in_a_big_csv_is_no_data_and_in_a_long_parquet_file_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas

    header = ["序号", *HEADER]
    rows = [["一、琼湖街道", "", "", "", ""], ["1", *ZHANG], ["二、南大膳镇", "", "", "", ""], ["2", *LI]]
    small, big = both_ways(write_csv(tmp_path / "a.csv", [header, *rows]))
    assert paid(big) == paid(small) == [(3, "张三", 500), (5, "李四", 300)]
    assert (big.coded("Q12"), len(big.coded("Q12"))) == (small.coded("Q12"), 1)
    pandas.DataFrame([[cell or None for cell in row] for row in rows], columns=header).to_parquet(tmp_path / "a.parquet")
    assert paid(bring(tmp_path / "a.parquet")) == paid(small)
    monkeypatch.setattr("ledgers.typed_tables.MOST_HELD", 1)
    brought = bring(tmp_path / "a.parquet")
    assert [amount for _, _, amount in paid(brought)] == [None, 500, None, 300]
    assert {row for row, _ in brought.places("Q01")} == {2, 4}


def test_the_header_again_in_a_typed_parquet_file_needs_no_look_at_its_texts(tmp_path: Path) -> None:
    import pandas

    frame = pandas.DataFrame([[*ZHANG[:3], 500.0], [*LI[:3], None]], columns=HEADER)
    frame.to_parquet(tmp_path / "a.parquet")
    brought = bring(tmp_path / "a.parquet")
    assert [amount for _, _, amount in paid(brought)] == [500, None]
    assert fatal(brought) == []


# ---- What is a total by one word, and may be a record.


RECTIFIED = ["序号", "问题描述", "涉及金额（元）", "整改措施", "责任单位", "整改期限", "整改结果"]


@pytest.mark.parametrize(
    "problem", ["未按规定核实职工工资总额", "凭证未列大写合计", "会费未累计", "多付小计：500元", "帮扶人次合计不实"]
)
def test_a_record_that_speaks_of_a_total_is_kept(problem: str, tmp_path: Path) -> None:
    """An open finding about 工资总额 was gone without a word."""
    rows = [
        ["1", "未及时拨缴经费", 300, "补缴", "甲局", "2021-03-01", "已整改"],
        ["2", problem, None, "核实", "乙局", "2021-03-01", "未整改"],
    ]
    brought = bring(write_book(tmp_path / "a.xlsx", [RECTIFIED, *rows]))
    assert [(row["_row"], row["state"]) for row in brought.rows["rectification"]] == [(2, "已整改"), (3, "未整改")]


@pytest.mark.parametrize("subject", ["工资总额", "会员总数", "职工累计"])
def test_a_row_equal_to_the_one_above_is_no_total_by_a_word_of_its_own(subject: str, tmp_path: Path) -> None:
    rows = [["项目名称", "预算数", "执行数"], ["送温暖", 100, 100], [subject, 100, 100], ["助学", 50, 40]]
    brought = bring(write_book(tmp_path / "a.xlsx", rows))
    assert {row["_row"] for row in brought.rows["budget_execution"]} == {2, 3, 4}
    assert [note.row for note in brought.coded("Q12")] == [3]


def test_a_record_whose_texts_end_in_signatures_is_no_footer(tmp_path: Path) -> None:
    rows = [
        ["财务报销：凭证无经办人签字", "已补签字", "甲局", "2021-03-01", "已整改"],
        ["审批程序：无主席签字", "补办签字", "甲局", "2021-03-01", "未整改"],
        ["制表人：测试", "审核人：测试", "日期：2021-03-05", None, None],
    ]
    header = ["问题描述", "整改措施", "责任单位", "整改期限", "整改结果"]
    brought = bring(write_book(tmp_path / "a.xlsx", [header, *rows]))
    assert [row["_row"] for row in brought.rows["rectification"]] == [2, 3]


def test_subtotals_of_a_spreadsheet_are_totals_where_nobody_is_named_too(tmp_path: Path) -> None:
    """甲局 汇总 was a budget of its own, and the right 总计 was accused."""
    rows = [["甲局", "送温暖", 100, 90], ["甲局", "助学", 200, 160], ["甲局 汇总", None, 300, 250], ["乙局", "收支汇总", 50, 50],
            ["乙局 汇总", None, 50, 50], ["总计", None, 350, 300]]  # fmt: skip
    brought = bring(write_book(tmp_path / "a.xlsx", [["单位名称", "项目名称", "预算数", "执行数"], *rows]))
    assert [row["_row"] for row in brought.rows["budget_execution"]] == [2, 3, 5]
    assert [(row["printed_total"], row["details_total"]) for row in brought.rows["total_row"]] == [(350, 350)]


NOT_TOTALS = {
    "goods for all units": ("in_kind", ["物品名称", "出库日期", "出库数量", "发放对象", "领用单位"],
                            [["口罩", "2021-02-03", 1000, "各单位", "各基层工会"], ["口罩", "2021-02-03", 20, "测试甲", "甲厂"]]),
    "findings about a summary": ("rectification", RECTIFIED[1:], [["未报送年度 汇总", None, "情况 汇总", "甲局", "2021-03-01", "未整改"]]),
    "figures": ("declared_figure", ["figure_item", "报告数量"], [["困难职工总数", 79], ["帮扶人次合计", 236]]),
    "a price of what is called 合计": ("in_kind", ["物品名称", "出库数量", "单价"], [["大米", 50, 10], ["米油合计", 120, 10], ["油", 70, 10]]),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "header", "rows"), NOT_TOTALS.values(), ids=NOT_TOTALS)
def test_what_may_be_a_record_is_kept(kind: str, header: list[str], rows: list[list[Any]], tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", [header, *rows])
    assert len(bring(said=[(kind, str(path))]).rows[kind]) == len(rows)


TOTALS = {
    "a subtotal of answers": ("satisfaction", ["填报单位", "年度", "发放问卷数", "有效问卷数", "满意度"],
                              [["甲厂", 2021, 100, 90, "95%"], ["甲厂小计", None, 200, 170, "85%"]]),
    "a subtotal of one row": ("budget_execution", ["单位名称", "项目名称", "预算数", "执行数"], [["甲局", "助学", 50, 40], ["甲局 汇总", None, 50, 40]]),
    "a section of one row": ("aid_payment", ["序号", "姓名", "身份证号", "金额"], [["一", "测试甲", identity(1), 500], ["一、困难职工(1人)", None, None, 500]]),
    "all of a list of one": ("aid_payment", ["姓名", "发放日期", "金额"], [["测试甲", "2021-02-03", 500], ["慰问金总额", None, 500]]),
    "a plain summary": ("budget_execution", ["项目名称", "预算数", "执行数"], [["助学", 50, 40], ["送温暖", 10, 10], ["汇总", 60, 50]]),
    "who wrote it, with a day": ("aid_payment", ["姓名", "身份证号", "发放日期", "发放形式", "金额", "签领日期", "备注"],
                                 [["测试甲", None, "2021-02-03", None, 500, None, None],
                                  ["制表人：", "测试甲", "审核人：", "测试乙", None, "2021-03-05", None]]),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "header", "rows"), TOTALS.values(), ids=TOTALS)
def test_what_is_no_record_is_left_out(kind: str, header: list[str], rows: list[list[Any]], tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", [header, *rows])
    brought = bring(said=[(kind, str(path))])
    assert [row["_row"] for row in brought.rows[kind]] == list(range(2, len(rows) + 1))
    assert brought.coded("Q12") == []


def test_the_counts_of_what_may_be_a_total_are_not_used(tmp_path: Path) -> None:
    header, rows = (
        ["培训班名称", "开始日期", "培训人数", "讲课费"],
        [["一班", "2021-03-01", 50, 300], ["春季各班合计", "2021-03-31", 50, 400]],
    )
    path = write_book(tmp_path / "a.xlsx", [header, *rows])
    brought = bring(said=[("training", str(path))])
    assert [(row["heads"], row["lecture_fee"]) for row in brought.rows["training"]] == [(50, 300), (None, None)]


@pytest.mark.parametrize("words", ["上页结转", "接上页余额", "承前", "续上", "转入", "小结", "各单位", "全区", "上年结余"])
def test_what_other_pages_come_to_is_no_person(words: str, tmp_path: Path) -> None:
    rows = [
        ["序号", "姓名", "发放日期", "金额"],
        [None, words, None, 5000],
        [1, "测试甲", "2021-02-03", 500],
        [2, "测试乙", "2021-02-03", 300],
    ]
    brought = bring(write_book(tmp_path / "a.xlsx", rows))
    assert [(row["_row"], row["amount"]) for row in brought.aid] == [(2, None), (3, 500), (4, 300)]
    assert [note.row for note in brought.coded("Q12")] == [2]


# ---- What a cell shows besides its value.


FORMATS = [
    ('0.00"万元"', Decimal(5_000_000)), ('0!.0,"万元"', Decimal(500)), ('0!.0000"万元"', Decimal(500)), ('#,##0"."0000"万"', Decimal(500)),
    ('0"万"0000"元"', Decimal(500)), ('0!.00"万元"', None), ('0"."00', None), ("0.0,,", Decimal(500)), ('#,##0.00"元"', Decimal(500)),
    ('[$￥-804]#,##0.00', Decimal(500)), ("#,##0.00_);[Red](#,##0.00)", Decimal(500)), ('[DBNum2]General"元整"', Decimal(500)),
    ('"US$"#,##0.00', None), ("[$$-409]#,##0", None), ("[$€-2] #,##0.00", None), ("0%", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "amount"), FORMATS)
@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_a_number_is_read_with_the_unit_that_its_format_shows(
    tmp_path: Path, code: str, amount: Decimal | None, suffix: str
) -> None:
    """A cell that shows 500.00万元 or US$500 was read as 500 yuan."""
    path = tmp_path / f"a{suffix}"
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        sheet: Any = book.active
        for row in (HEADER, [*ZHANG[:3], 500]):
            sheet.append(row)
        sheet["D2"].number_format = code
        book.save(path)
    else:
        old: Any = xlwt.Workbook()
        page = old.add_sheet("S")
        for number, cells in enumerate((HEADER, [*ZHANG[:3], 500])):
            for column, cell in enumerate(cells):
                page.write(number, column, cell, xlwt.easyxf(num_format_str=code if cell == 500 else "General"))
        old.save(str(path))
    brought = bring(path)
    assert [each for _, _, each in paid(brought)] == [amount]
    assert brought.places("Q04") == ([] if amount else [(2, "D2")])


def test_rates_in_cells_of_percent_are_what_they_show(tmp_path: Path) -> None:
    """Beside 98 %, a cell that shows 102 % may have been 1.02 %, and none of them was read."""
    path = write_book(
        tmp_path / "a.xlsx", [["项目名称", "预算数", "执行数", "执行率"], ["甲", 100, 98, 0.98], ["乙", 100, 102, 1.02]]
    )
    book = openpyxl.load_workbook(path)
    for place in ("D2", "D3"):
        book.worksheets[0][place].number_format = "0.00%"
    book.save(path)
    brought = bring(path)
    assert [row["stated_rate"] for row in brought.rows["budget_execution"]] == [98, 102]


def test_what_is_struck_through_or_has_a_raised_mark_is_not_taken_as_it_stands(tmp_path: Path) -> None:
    """A struck 500 before 600 was read as 500600, and 500 with a raised 1 as 5001."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, struck = book.add_worksheet(), book.add_format({"font_strikeout": True})
        raised, bold = book.add_format({"font_script": 1}), book.add_format({"bold": True})
        for number, row in enumerate((HEADER, ZHANG, LI, WANG, ["赵六", identity(4), "2021-02-06", "400"])):
            sheet.write_row(number, 0, row)
        sheet.write_rich_string(1, 3, struck, "500", bold, "600")
        sheet.write_rich_string(2, 3, "300", raised, "1")
        sheet.write(3, 3, 800, struck)
        sheet.write_rich_string(4, 0, "赵", bold, "六")
    brought = bring(path)
    assert paid(brought) == [(2, "张三", None), (3, "李四", None), (4, "王五", None), (5, "赵六", 400)]
    assert brought.places("Q02") == [(2, "D2"), (4, "D4")]
    assert brought.places("Q04") == [(3, "D3")]


@pytest.mark.parametrize("form", [".xlsx", ".xls"])
def test_an_amount_in_red_without_a_sign_is_read_and_named(form: str, tmp_path: Path) -> None:
    """In books red takes away; in many lists it marks what to look at. Nobody was told."""
    path, rows = (
        tmp_path / f"a{form}",
        [HEADER, [*ZHANG[:3], 500], [*LI[:3], -300], [*WANG[:3], 800], ["合计", "", "", 1000]],
    )
    if form == ".xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet, red = book.add_worksheet(), book.add_format({"font_color": "red"})
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row, red if number != 3 else None)
    else:
        old = xlwt.Workbook()
        page, plain, marked = old.add_sheet("a"), xlwt.XFStyle(), xlwt.easyxf("font: colour red")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write(number, column, cell, marked if number != 3 else plain)
        old.save(str(path))
    brought = bring(path)
    assert [row["amount"] for row in brought.aid] == [500, None, 800]
    [note] = [note for note in brought.coded("Q05") if "红色字体" in note.message]
    assert "D2（共 1 格）" in note.message


# ---- The same rows on several sheets.


def write_sheets(path: Path, sheets: dict[str, Sequence[Sequence[Any]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return path


@pytest.mark.parametrize("name", ["汇总", "全市汇总表", "一厂 (2)", "副本", "备份"])
def test_a_sheet_that_repeats_the_others_and_says_so_is_judged_once(tmp_path: Path, name: str) -> None:
    """Every person on a sheet of totals was found to be paid twice."""
    sheets = {"一厂": [HEADER, ZHANG, LI], "二厂": [HEADER, WANG], name: [["序号", *HEADER], [1, *WANG], [2, *ZHANG], [3, *LI]]}
    path = write_sheets(tmp_path / "a.xlsx", sheets)
    brought = bring(path)
    assert paid(brought) == [(2, "张三", 500), (3, "李四", 300), (2, "王五", 800)]
    assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("medium", name)]
    assert len(bring(path, said=[("aid_payment", f"{path}#{name}")]).aid) == 6


def test_a_sheet_that_says_so_and_holds_other_rows_too_is_judged_and_named(tmp_path: Path) -> None:
    brought = bring(write_sheets(tmp_path / "a.xlsx", {"一厂": [HEADER, ZHANG, LI], "汇总": [HEADER, ZHANG, WANG]}))
    assert len(brought.aid) == 4
    assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("high", "汇总")]


@pytest.mark.parametrize(("of_zhang", "paid_of_all", "severity"), [(600, 1100, "medium"), (601, 2001, "high")])
def test_a_sheet_that_adds_up_the_others_by_person_is_judged_once(
    of_zhang: int, paid_of_all: int, severity: str, tmp_path: Path
) -> None:
    """Of a workbook with a sheet for each month and one of their sums, all was paid twice."""
    sheets = {
        "1月": [HEADER, [*ZHANG[:3], 500], [*LI[:3], 300]],
        "2月": [HEADER, [*ZHANG[:2], "2021-03-03", 100], [*LI[:2], "2021-03-04", 200]],
        "汇总": [HEADER, [*ZHANG[:2], "", of_zhang], [*LI[:2], "", 300 if of_zhang == 601 else 500]],
    }
    brought = bring(write_sheets(tmp_path / "a.xlsx", sheets))
    assert sum(row["amount"] or 0 for row in brought.aid) == paid_of_all
    assert [note.severity for note in brought.coded("Q16")] == [severity]


@pytest.mark.parametrize("name", ["Sheet3", "按单位"])
def test_a_sheet_that_adds_up_the_others_without_a_name_that_says_so_is_judged_and_named(name: str, tmp_path: Path) -> None:
    sheets = {
        "1月": [HEADER, [*ZHANG[:3], 500], [*LI[:3], 300]],
        "2月": [HEADER, [*ZHANG[:2], "2021-03-03", 100], [*WANG[:2], "2021-03-04", 200]],
        name: [HEADER, [*ZHANG[:2], "", 600], [*LI[:2], "", 300], [*WANG[:2], "", 200]],
    }
    brought = bring(write_sheets(tmp_path / "a.xlsx", sheets))
    assert sum(row["amount"] for row in brought.aid) == 2200
    assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("high", name)]


@pytest.mark.parametrize(("of_zhang", "named"), [(600, ["汇总.csv"]), (700, [])])
def test_a_file_that_adds_up_the_others_of_its_folder_is_judged_and_named(
    of_zhang: int, named: list[str], tmp_path: Path
) -> None:
    write_csv(tmp_path / "1月.csv", [HEADER, [*ZHANG[:3], "500"], [*LI[:3], "300"]])
    write_csv(tmp_path / "2月.csv", [HEADER, [*ZHANG[:2], "2021-03-03", "100"], [*WANG[:2], "2021-03-04", "200"]])
    write_csv(
        tmp_path / "汇总.csv",
        [HEADER, [*ZHANG[:2], "", str(of_zhang)], [*LI[:2], "", "300"], [*WANG[:2], "", str(800 - of_zhang)]],
    )
    brought = bring(tmp_path)
    assert sum(row["amount"] for row in brought.aid) == 2200
    assert [Path(note.path).name for note in brought.coded("Q16")] == named


def test_a_table_that_adds_up_the_others_of_its_database_is_judged_and_named(tmp_path: Path) -> None:
    tables = {
        "一月": [ZHANG, LI],
        "二月": [[*ZHANG[:2], "2021-03-03", "100"], [*WANG[:2], "2021-03-04", "200"]],
        "全部": [[*ZHANG[:2], "", "600"], [*LI[:2], "", "300"], [*WANG[:2], "", "200"]],
    }
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as con:
        for name, rows in tables.items():
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{header} text' for header in HEADER)})")
            con.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", rows)
        con.commit()
    brought = bring(tmp_path / "a.db")
    assert sum(row["amount"] for row in brought.aid) == 2200
    assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("high", "全部")]


def test_sheets_that_hold_the_rows_of_all_others_or_their_sums_with_days_are_named(tmp_path: Path) -> None:
    months = {"1月": [HEADER, ZHANG, LI], "2月": [HEADER, [*ZHANG[:2], "2021-03-03", "100"], WANG]}
    rows = [*months["1月"][1:], *months["2月"][1:]]
    sums = [[*ZHANG[:2], "2021-12-31", "600"], [*LI[:2], "2021-12-31", "300"], [*WANG[:2], "2021-12-31", "800"]]
    for number, (name, more) in enumerate({"明细": rows, "汇总": sums}.items()):
        brought = bring(write_sheets(tmp_path / f"{number}.xlsx", {**months, name: [HEADER, *more]}))
        assert len(brought.aid) == 4 + len(more)
        assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("high", name)]


def test_an_amount_in_yuan_below_a_header_in_ten_thousands_is_left_unread(tmp_path: Path) -> None:
    """500 among 0.05 and 0.03 below 金额（万元） was five millions for one person."""
    rows = [[*HEADER[:3], "金额（万元）"], [*ZHANG[:3], "0.05"], [*LI[:3], "500"], [*WANG[:3], "0.03"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["amount"] for row in brought.aid] == [500, None, 300]


@pytest.mark.parametrize("label", ["一、已发放", "二、未发放", "退回名单", "暂缓发放"])
def test_the_heading_of_a_list_in_the_column_of_names_is_no_person(label: str, tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, [label, "", "", ""], LI]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert paid(brought) == [(2, "张三", 500), (4, "李四", 300)]
        assert "Q12" in {note.code for note in brought.notes}


def test_a_row_of_a_budget_without_a_name_below_others_may_be_their_sum(tmp_path: Path) -> None:
    """Where one of the rows could not be read, E01 said of a total that it was below its target."""
    rows = [
        ["项目名称", "预算数", "执行数"],
        ["送温暖", "500000", "200000"],
        ["慰问", "300000", "约100000"],
        ["", "800000", "300000"],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["executed_amount"] for row in brought.rows["budget_execution"]] == [200000, None, None]


def test_a_summary_of_amounts_that_cannot_be_read_is_judged_and_named(tmp_path: Path) -> None:
    sheets = {
        "1月": [HEADER, [*ZHANG[:3], "约500"], [*LI[:3], "约300"], [*WANG[:3], "约300"]],
        "汇总": [HEADER, [*ZHANG[:2], "", "约500"], [*LI[:2], "", "约300"]],
    }
    brought = bring(write_sheets(tmp_path / "a.xlsx", sheets))
    assert (len(brought.aid), [note.severity for note in brought.coded("Q16")]) == (5, ["high"])


def test_a_sheet_that_calls_itself_void_is_named(tmp_path: Path) -> None:
    brought = bring(write_sheets(tmp_path / "a.xlsx", {"1月": [HEADER, ZHANG], "作废": [HEADER, LI]}))
    assert [(note.sheet, note.severity) for note in brought.coded("Q16")] == [("作废", "high")]


@pytest.mark.parametrize(("title", "rows"), [("2021年1月帮扶资金发放表", 2), ("2021年2月帮扶资金发放表", 4)])
def test_a_sheet_named_like_a_copy_with_another_title_is_judged_and_named(title: str, rows: int, tmp_path: Path) -> None:
    """Two months that paid the same persons the same money were one, where the second sheet began as a copy of the first."""
    header, pays = [*HEADER[:2], "金额", "慰问对象类别"], [[*ZHANG[:2], "500", "困难职工"], [*LI[:2], "300", "困难职工"]]
    sheets = {"1月": [["2021年1月帮扶资金发放表"], header, *pays], "1月 (2)": [[title], header, *pays]}
    brought = bring(write_sheets(tmp_path / "a.xlsx", sheets))
    assert len(brought.aid) == rows
    assert [note.severity for note in brought.coded("Q16")] == ["medium" if rows == 2 else "high"]


def test_a_sheet_whose_rows_all_stand_in_another_beside_others_is_named(tmp_path: Path) -> None:
    brought = bring(write_sheets(tmp_path / "a.xlsx", {"1月": [HEADER, ZHANG, LI], "1至2月": [HEADER, ZHANG, LI, WANG]}))
    assert len(brought.aid) == 5
    assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("high", "1月")]


@pytest.mark.parametrize("name", ["Sheet2", "发放表(更正)", "终稿"])
def test_a_list_put_right_beside_its_first_form_is_judged_and_named(name: str, tmp_path: Path) -> None:
    right = [ZHANG, [*LI[:3], "350"], WANG]
    brought = bring(write_sheets(tmp_path / "a.xlsx", {"发放表": [HEADER, ZHANG, LI, WANG], name: [HEADER, *right]}))
    assert len(brought.aid) == 6
    assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("high", name)]


@pytest.mark.parametrize(("name", "rows"), [("Sheet2", 4), ("发放表 (2)", 2)])
def test_a_copy_is_seen_however_its_days_and_amounts_are_written(name: str, rows: int, tmp_path: Path) -> None:
    """Days in cells and in texts, 500 and 500.00元 were two payments, though the sheet was called a copy."""
    other = [[*ZHANG[:2], date(2021, 2, 3), 500], [*LI[:2], "2021.2.4", "300.00元"]]
    brought = bring(write_sheets(tmp_path / "a.xlsx", {"发放表": [HEADER, ZHANG, LI], name: [HEADER, *other]}))
    assert len(brought.aid) == rows
    assert [note.sheet for note in brought.coded("Q16")] == [name]


def test_two_months_that_pay_some_of_the_same_persons_are_no_copies(tmp_path: Path) -> None:
    sheets = {
        "1月": [HEADER, ZHANG, LI],
        "2月": [HEADER, [*ZHANG[:2], "2021-03-03", "500"], [*LI[:2], "2021-03-04", "300"], WANG],
    }
    assert bring(write_sheets(tmp_path / "a.xlsx", sheets)).coded("Q16") == []


def test_rows_that_add_up_those_above_them_below_a_label_are_named(tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, [*ZHANG[:2], "2021-03-03", "100"], LI, ["汇总", "", "", ""], HEADER, [*ZHANG[:2], "", "600"], LI]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert len(brought.aid) == 5
        assert (5, "high") in [(note.row, note.severity) for note in brought.coded("Q12")]


@pytest.mark.parametrize(
    "label", ["平均", "占比", "上年同期", "同比增长", "增长率", "去年", "比去年同期", "2020年同期", "增减额", "完成率"]
)
def test_a_row_that_compares_is_no_project_of_a_budget(label: str, tmp_path: Path) -> None:
    rows = [
        ["项目名称", "预算数", "执行数"],
        ["送温暖", "500000", "400000"],
        ["慰问", "300000", "200000"],
        [label, "400000", "300000"],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["executed_amount"] for row in brought.rows["budget_execution"]] == [400000, 200000, None]


def test_a_row_of_last_year_with_its_project_is_one(tmp_path: Path) -> None:
    rows = [
        ["年度", "项目名称", "预算数", "执行数"],
        ["去年", "送温暖", "500000", "400000"],
        ["今年", "送温暖", "300000", "200000"],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["executed_amount"] for row in brought.rows["budget_execution"]] == [400000, 200000]


def test_a_payee_with_the_sum_of_those_below_it_is_none(tmp_path: Path) -> None:
    rows = [
        ["收款单位", "拨款日期", "拨款金额"],
        *(["甲厂汇总", "", "800"], ["甲厂一车间", "2021-03-01", "500"], ["甲厂二车间", "2021-03-01", "300"]),
        *(["乙厂汇总", "", "400"], ["乙厂一车间", "2021-03-01", "200"], ["乙厂二车间", "2021-03-01", "200"]),
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["amount"] for row in brought.rows["transfer_down"]] == [None, 500, 300, None, 200, 200]


@pytest.mark.parametrize("label", ["本次发放", "共发放", "总支出", "发放人数2人", "全部"])
def test_what_speaks_of_money_in_place_of_a_name_is_a_sum_where_it_fits(label: str, tmp_path: Path) -> None:
    rows = [
        ["姓名", "发放日期", "金额", "慰问对象类别"],
        *([name, "2021-02-03", "400", "困难职工"] for name in ("张三", "李四")),
        [label, "", "800", ""],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert 4 in [note.row for note in brought.coded("Q12")] or len(brought.aid) == 2


def test_a_fee_of_a_few_yuan_without_a_unit_is_not_read(tmp_path: Path) -> None:
    rows = [["缴费单位", "收缴任务数", "实际收缴数"], ["甲厂", "5.5", "5.2"], ["乙厂", "4.9", "4.8"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["fee_collected"] for row in brought.rows["fee_collection"]] == [None, None]
        assert brought.coded("Q06")


def test_what_is_in_stock_is_no_item_that_came_or_went(tmp_path: Path) -> None:
    rows = [
        ["物品名称", "入库数量", "出库数量", "日期"],
        ["米", "10", "", "2021-03-01"],
        ["米", "", "4", "2021-03-05"],
        ["结存", "6", "", ""],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["item"] for row in brought.rows["in_kind"]] == ["米", "米"]
        assert (4, "info") in [(note.row, note.severity) for note in brought.coded("Q12")]


def test_parts_of_a_total_go_on_in_indented_rows(tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, LI, ["合计", "", "", "800"], ["其中：困难职工", "", "", "500"], ["　　　农民工", "", "", "300"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["amount"] for row in brought.aid] == [500, 300, None, None]


@pytest.mark.parametrize(
    ("note", "read"),
    [("未缴", False), ("欠缴", False), ("应缴未缴", False), ("未缴费", False), ("待缴", False), ("已缴", True), ("", True)],
)
def test_a_fee_whose_note_says_that_it_is_owed_was_not_collected(note: str, read: bool, tmp_path: Path) -> None:
    rows = [["缴费单位", "收缴任务数", "实际收缴数", "备注"], ["甲厂", "5000", "5000", note]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["fee_collected"] for row in brought.rows["fee_collection"]] == [5000 if read else None]


def test_a_fee_beside_which_its_note_says_another_one_is_named(tmp_path: Path) -> None:
    rows = [["缴费单位", "收缴任务数", "实际收缴数", "备注"], ["甲厂", "5000", "5000", "实缴3000"]]
    ran = run("check", write_csv(tmp_path / "a.csv", rows), "--as-of", "2021-12-31", "--format", "json")
    assert [note["cell"] for note in json.loads(ran.out)["intake"] if note["code"] == "Q05"] == ["C2"]


def test_a_label_that_takes_back_what_stands_below_it_is_named(tmp_path: Path) -> None:
    rows = [["序号", *HEADER], ["1", *ZHANG], ["合计", "", "", "", "500"], ["以下人员已退回：", "", "", "", ""], ["2", *LI]]
    assert (4, "high") in [(note.row, note.severity) for note in bring(write_csv(tmp_path / "a.csv", rows)).coded("Q12")]


@pytest.mark.parametrize(
    ("said", "amount"),
    [({"备注": "作废"}, None), ({"备注": "重复，不发"}, None), ({"备注": "已退回。"}, None), ({"备注": "红字冲销第1号"}, None), ({"备注": "示例，请删除"}, None),
     ({"备注": "待发放"}, None), ({"备注": "未付款"}, None), ({"备注": "尚未转账"}, None), ({"备注": "账号错误未发"}, None), ({"备注": "因疫情取消"}, None), ({"备注": "待付"}, None), ({"备注": "已退"}, None), ({"发放状态": "交易失败：账号不存在"}, None), ({"发放状态": "户名不符"}, None), ({"发放状态": "待处理"}, None), ({"序号": "删"}, None), ({"序号": "例1"}, None), ({"姓名": "例：张三"}, None), ({"姓名": "（示例）李四"}, None),
     ({"备注": "已付款"}, 500), ({"备注": "因病致困"}, 500), ({"发放状态": "转账"}, 500), ({"备注": "此行作废"}, None), ({"备注": "卡号错误，打款失败"}, None), ({"备注": "因病去世，未领取"}, None), ({"备注": "已退回工会"}, None), ({"签名": "未领"}, None), ({"签名": "张三"}, 500),
     ({"备注": "账户注销，6月28日退票"}, None), ({"备注": "2月5日退回"}, None), ({"备注": "3.16退回现金"}, None), ({"备注": "已于3月1日退回财务"}, None),
     ({"备注": "人已调走，款已交回"}, None), ({"备注": "名单有误，此笔不付"}, None), ({"备注": "已于次月扣回"}, None), ({"备注": "家属放弃领取"}, None),
     ({"发放状态": "不通过（无毕业证）"}, None), ({"发放状态": "审核中"}, None),
     ({"备注": "退汇"}, None), ({"备注": "本人自愿放弃"}, None), ({"备注": "打款失败"}, None), ({"备注": "暂缓发放"}, None), ({"备注": "已追回"}, None),
     ({"备注": "退休"}, 500), ({"备注": "待业"}, 500), ({"序号": "例"}, None), ({"发放状态": "未发放"}, None), ({"打款结果": "失败"}, None), ({"是否领取": "否"}, None), ({"领取情况": "无"}, 500), ({"打款结果": "未打印回单"}, 500),
     ({"发放状态": "已发放"}, 500), ({"是否发放": "是"}, 500), ({"序号": "3（作废）"}, None), ({"序号": "4（退）"}, None), ({"姓名": "张三（退）"}, 500), ({"姓名": "张三（已退回）"}, None), ({"备注": "已冲销"}, 500), ({"备注": ""}, 500)],
)  # fmt: skip
def test_what_calls_itself_void_is_no_payment(said: dict[str, str], amount: int | None, tmp_path: Path) -> None:
    row = {"序号": "1", **dict(zip(HEADER, ZHANG, strict=True)), "备注": ""} | said
    for brought in both_ways(write_csv(tmp_path / "a.csv", [list(row), list(row.values())])):
        assert [one["amount"] for one in brought.aid] == [amount]
        assert bool(brought.coded("Q05")) == (amount is None)


@pytest.mark.parametrize(
    ("item", "named"),
    [("上年结存", True), ("期初库存数量", True), ("上月结转", True), ("年初", True), ("年货", False), ("结转箱", False)],
)
def test_a_row_named_like_a_balance_of_another_time_is_named(item: str, named: bool, tmp_path: Path) -> None:
    """上年结存 was an item, of which twenty came from nowhere."""
    rows = [
        ["日期", "品名", "入库数量", "出库数量", "结存数量"],
        ["2024-01-01", item, "", "", "20"],
        ["2024-01-05", "大米", "10", "", "30"],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert len(brought.rows["in_kind"]) == 2
        assert [note.row for note in brought.coded("Q12") if "上期结转" in note.message] == ([2] if named else [])


@pytest.mark.parametrize(
    ("note", "words"),
    [("出差未领，下月补领", "未领"), ("2月8日银行退回后未重发", "退回"), ("本人表示放弃这笔钱", "放弃"), ("因调走不再给付", "不再给"), ("待下月再发放", "下月再发"), ("未发现问题", ""),
     ("退回旧款后重发", "退回"), ("补发1月", ""), ("已领", ""), ("领导已审", "")],
)  # fmt: skip
def test_a_payment_whose_note_may_say_that_it_was_not_made_is_named(note: str, words: str, tmp_path: Path) -> None:
    rows = [[*HEADER, "备注"], [*ZHANG, note], [*LI, ""]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        said = [one.message for one in brought.coded("Q05")]
        assert ([words in what for what in said], brought.aid[0]["amount"]) in (([True] if words else [], 500), ([True], None))


@pytest.mark.parametrize(
    "label",
    [
        "合计人民币",
        "合计人民币捌佰元整",
        "实发金额",
        "总支付",
        "共支付",
        "统计",
        "页计",
        "总人数",
        "合计→",
        "——合计——",
        "合计!",
        "【合计】",
        "总共",
        "计：",
        "TOTAL:",
        "合计人民币（大写）：捌佰元整",
        "合计栏",
        "总计行",
        "累计发放",
        "总发放额",
        "合计二人",
        "合计=1+2",
        "实发数",
        "应发合计",
    ],
)
def test_a_total_is_told_by_its_label_in_whatever_signs_it_stands(label: str, tmp_path: Path) -> None:
    rows = [
        ["姓名", "发放日期", "慰问金额", "慰问类型"],
        ["张三", "2021-02-03", "500", "春节慰问"],
        ["李四", "2021-02-04", "300", "春节慰问"],
        [label, "", "800", ""],
    ]
    assert [row["amount"] for row in bring(write_csv(tmp_path / "a.csv", rows)).rows["condolence_issue"]] == [500, 300]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("aid_payment", [["序号", "姓名", "金额", "发放日期"], ["一", "张三", "500", "2021-02-03"], ["二", "李四", "300", "2021-02-04"], ["三", "王五", "800", ""]]),
        ("rectification", [["问题描述", "整改措施", "涉及金额", "整改完成日期"], ["一、超标", "退", "100", "2021-02-03"], ["二、超范围", "退", "200", "2021-02-03"],
                           ["三、无审批", "补", "200", ""]]),
        ("rectification", [["问题描述", "整改措施", "涉及金额"], ["超标", "退", "100"], ["其中3笔未附发票", "补", "50"]]),
        ("fee_collection", [["缴费单位", "收缴任务数", "实际收缴数"], ["本级", "0", "0"], ["甲局", "0", "0"], ["乙局", "0", "0"]]),
        ("indicator", [["一级指标", "三级指标", "年度指标值", "分值", "得分"], ["产出", "人均", "≥1", "10", "10"], ["产出", "平均", "≥1", "10", "10"]]),
    ],
)  # fmt: skip
def test_records_that_look_like_heads_parts_or_means_are_records(kind: str, rows: list[list[str]], tmp_path: Path) -> None:
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows), said=kind):
        assert len(brought.rows[kind]) == len(rows) - 1
        assert [note.row for note in brought.coded("Q12") if note.severity != "info"] == []


def test_fees_of_a_bank_among_persons_are_no_payments_to_them(tmp_path: Path) -> None:
    rows = [["姓名", "发放日期", "慰问金额", "慰问类型"], ["张三", "2021-02-03", "500", "春节慰问"], ["转账手续费", "", "5", ""]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["amount"] for row in brought.rows["condolence_issue"]] == [500, None]
    assert 3 in [note.row for note in brought.coded("Q12")]


@pytest.mark.parametrize("label", ["全区", "上半年", "共2期"])
def test_the_sum_of_all_is_no_class_of_its_own(label: str, tmp_path: Path) -> None:
    rows = [["培训班名称", "培训人数", "培训费"], ["安全", "30", "500"], ["财务", "20", "300"], [label, "50", "800"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows), said="training"):
        assert [row["total_cost"] for row in brought.rows["training"]] == [500, 300, None]
        assert [note.row for note in brought.coded("Q12")] == [4]
    for other in both_ways(write_csv(tmp_path / "b.csv", [*rows[:3], [label, "10", "100"]]), said="training"):
        assert [row["total_cost"] for row in other.rows["training"]] == [500, 300, 100]


@pytest.mark.parametrize("label", ["全部", "全区", "以上", "小结", "各项目", "合计/3500"])
def test_the_sum_of_all_is_no_budget_of_its_own(label: str, tmp_path: Path) -> None:
    rows = [["项目", "预算数", "决算数"], ["送温暖", "1000", "900"], ["培训", "2000", "2000"], ["文体", "500", "500"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", [*rows, [label, "3500", "3400"]])):
        assert [row["budget_amount"] for row in brought.rows["budget_execution"]] == [1000, 2000, 500, None]
        assert [note.row for note in brought.coded("Q12")] == [5]
    other = bring(write_csv(tmp_path / "b.csv", [*rows, [label, "700", "600"]]))
    assert [row["budget_amount"] for row in other.rows["budget_execution"]] == [1000, 2000, 500, 700]


def test_a_region_above_its_units_is_not_paid_beside_them(tmp_path: Path) -> None:
    rows = [
        ["收款单位", "拨付金额", "用途", "拨付日期"],
        ["甲镇总工会", "11000", "", ""],
        ["甲厂", "6000", "送温暖", "2021-02-03"],
        ["乙厂", "5000", "送温暖", "2021-02-03"],
        ["乙街道总工会", "3000", "送温暖", ""],
        ["合计", "14000", "", ""],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows), said="transfer_down"):
        assert [row["amount"] for row in brought.rows["transfer_down"]] == [None, 6000, 5000, 3000]
        assert [held for _, _, *held in held(brought)] == [[14000, 14000, 0]]
        assert [note.row for note in brought.coded("Q12")] == [2]
    rows[3][1], rows[-1][1] = "4000", "24000"
    for other in both_ways(write_csv(tmp_path / "b.csv", rows), said="transfer_down"):
        assert [row["amount"] for row in other.rows["transfer_down"]] == [11000, 6000, 4000, 3000]


@pytest.mark.parametrize("label", ["未发放人员：", "以下不予发放", "以下为补发名单："])
def test_a_label_in_the_column_of_names_is_nobody(label: str, tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, [label, "", "", ""], LI]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["name"] for row in brought.aid] == ["张三", "李四"]
        assert [note.row for note in brought.coded("Q12")]


@pytest.mark.parametrize("kind", ["budget_execution", "training"])
def test_a_sheet_of_the_sums_of_others_is_judged_once_in_kinds_without_persons(kind: str, tmp_path: Path) -> None:
    header = {"budget_execution": ["项目名称", "预算数", "执行数"], "training": ["培训班名称", "培训人数", "培训费"]}[kind]
    sheets = {
        "甲局": [header, ["送温暖", 100, 90], ["劳模", 50, 40]],
        "乙局": [header, ["送温暖", 200, 190], ["劳模", 10, 10]],
        "汇总": [header, ["送温暖", 300, 280], ["劳模", 60, 50]],
    }
    brought = bring(write_sheets(tmp_path / "a.xlsx", sheets))
    assert len(brought.rows[kind]) == 4
    assert [note.sheet for note in brought.coded("Q16")] == ["汇总"]


@pytest.mark.parametrize(
    ("label", "executed", "rows", "said"),
    [
        ("乙局", 200, 4, "各自的合计，只判断一次"),
        ("其他", 200, 4, "各自的合计，只判断一次"),
        ("乙局", 150, 6, "金额与其合计不同；都判断"),
        ("其他", 150, 6, ""),
    ],
)
def test_a_sheet_whose_rows_are_the_sums_of_whole_sheets_is_judged_once(
    label: str, executed: int, rows: int, said: str, tmp_path: Path
) -> None:
    """The sums of departments on a sheet 汇总 were budgets of their own."""
    header = ["项目名称", "预算数", "执行数"]
    sheets = {
        "甲局": [header, ["送温暖", 100, 90], ["劳模", 50, 40]],
        "乙局": [header, ["助学", 200, 190], ["培训", 10, 10]],
        "汇总": [header, ["甲局", 150, 130], [label, 210, executed]],
    }
    brought = bring(write_sheets(tmp_path / "a.xlsx", sheets))
    assert len(brought.rows["budget_execution"]) == rows
    assert [said in note.message for note in brought.coded("Q16")] == ([True] if said else [])


@pytest.mark.parametrize("merged", [["A2:A3", "B2:B3"], ["B2:B3"]])
def test_a_number_merged_over_the_lines_of_a_voucher_leaves_their_amounts(merged: list[str], tmp_path: Path) -> None:
    """The number of the voucher is read out of its cell, and was taken for an amount that both lines share."""
    rows = [
        ["日期", "凭证号", "摘要", "科目名称", "借方金额", "贷方金额"],
        ["2021-03-01", "记-1", "付慰问金", "专项支出", 500, ""],
        ["", "", "付慰问金", "银行存款", "", 500],
    ]
    brought = bring(write_book(tmp_path / "a.xlsx", rows, merged))
    lines = brought.rows["voucher_line"]
    assert [(line["voucher_seq"], line["debit"], line["credit"]) for line in lines] == [(1, 500, None), (1, None, 500)]


@pytest.mark.parametrize(
    ("group", "factor"),
    [("金额（万元）", 10000), ("预算执行情况（万元）", 10000), ("2021年度", 1), ("资金（万元）", 10000), ("本年度", 1)],
)
def test_a_group_that_says_no_more_than_the_title_changes_no_column(group: str, factor: int, tmp_path: Path) -> None:
    rows = [["项目名称", group, "", ""], ["", "年初预算数", "全年预算数", "执行数"], ["送温暖", 120, 120, 110]]
    [row] = bring(write_book(tmp_path / "a.xlsx", rows, ["A1:A2", "B1:D1"])).rows["budget_execution"]
    assert (row["subject"], row["budget_amount"], row["executed_amount"]) == ("送温暖", 120 * factor, 110 * factor)


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        ([["项目名称", "预算数", "执行数", "单位：万元"], ["送温暖", "120", "110", ""]], 1_100_000),
        (
            [["项目名称", "预算数", "执行数", "计量单位"], ["送温暖", "120", "110", "万元"]],
            None,
        ),  # of which amounts nobody can tell
    ],
)
def test_a_unit_beside_the_headers_is_that_of_the_amounts(rows: list[list[str]], amount: int | None, tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["executed_amount"] for row in brought.rows["budget_execution"]] == [amount]
    assert ("high" in [note.severity for note in brought.coded("Q06")]) == (amount is None)


def test_a_bare_amount_beside_others_in_ten_thousands_is_not_believed(tmp_path: Path) -> None:
    rows = [["收款单位", "拨款金额", "用途"], ["A镇", "2万", "慰问"], ["B镇", "3", "慰问"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["amount"] for row in brought.rows["transfer_down"]] == [None, None]
    assert "high" in [note.severity for note in brought.coded("Q06")]
    whole = bring(write_csv(tmp_path / "b.csv", [rows[0], rows[1], ["B镇", "30000", "慰问"]]))
    assert [row["amount"] for row in whole.rows["transfer_down"]] == [20000, 30000]


def test_a_payment_and_what_takes_it_back_cancel_each_other_though_both_say_so(tmp_path: Path) -> None:
    rows = [[*HEADER, "备注"], [*ZHANG, "退回"], [*ZHANG[:3], "-500", "退回"], [*LI, "作废"]]
    assert [row["amount"] for row in bring(write_csv(tmp_path / "a.csv", rows)).aid] == [500, -500, None]


def test_a_bonus_of_the_year_on_a_sheet_of_its_own_is_no_summary(tmp_path: Path) -> None:
    sheets = {
        "1月": [HEADER, [*ZHANG[:3], 500], [*LI[:3], 500]],
        "2月": [HEADER, [*ZHANG[:2], "2021-03-03", 500], [*LI[:2], "2021-03-04", 500]],
        "全年一次性奖励": [HEADER, [*ZHANG[:2], "2021-12-05", 1000], [*LI[:2], "2021-12-05", 1000]],
    }
    brought = bring(write_sheets(tmp_path / "a.xlsx", sheets))
    assert sum(row["amount"] for row in brought.aid) == 4000


def test_a_stamp_below_the_rows_is_no_record(tmp_path: Path) -> None:
    assert paid(bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["", "（盖章）", "2021年2月5日", ""]]))) == [(2, "张三", 500)]


def test_numbers_that_a_format_lengthens_are_the_keys_they_show(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, long, word = (
            book.add_worksheet(),
            book.add_format({"num_format": "00000"}),
            book.add_format({"num_format": '"记-"0000'}),
        )
        sheet.write_row(0, 0, [*HEADER, "档案编号", "凭证号"])
        sheet.write_row(1, 0, [*ZHANG[:3], 500])
        sheet.write(1, 4, 12, long)
        sheet.write(1, 5, 1, word)
    [row] = bring(path).aid
    assert (row["archive_id"], row["voucher_no"], row["amount"]) == ("00012", "记-0001", 500)


def test_a_year_in_a_label_right_below_the_header_is_weighed(tmp_path: Path) -> None:
    """A payment of 2020 took its year from a label further down."""
    header = ["序号", "姓名", "身份证号", "金额", "发放日期"]
    rows = [header, ["2020年"], ["1", *ZHANG[:2], "500", "5月5日"], ["2021年"], ["2", *LI[:2], "300", "6月6日"]]
    assert [row["pay_date"] for row in bring(write_csv(tmp_path / "a.csv", rows)).aid] == [None, None]


@pytest.mark.parametrize(
    ("title", "days", "read"),
    [
        ("2021年慰问", ["2020年11月5日", "12月6日", "2021年1月6日"], [True, False, True]),
        ("2021年1月慰问金发放表", ["12月28日", "1月6日"], [False, True]),
        ("2021年慰问", ["12月6日", "2021年1月6日"], [True, True]),
    ],
)
def test_a_day_that_may_be_of_the_year_before_has_no_year(title: str, days: list[str], read: list[bool], tmp_path: Path) -> None:
    rows = [[title], HEADER, *([f"测试{n}", identity(n), day, "500"] for n, day in enumerate(days, start=1))]
    assert [row["pay_date"] is not None for row in bring(write_csv(tmp_path / "a.csv", rows)).aid] == read


def test_two_sheets_of_the_same_rows_are_judged_and_named(tmp_path: Path) -> None:
    rows = [["姓名", "身份证号", "金额", "工作单位"], ["张三", identity(1), "500", "一厂"], ["李四", identity(2), "300", "一厂"]]
    brought = bring(write_sheets(tmp_path / "a.xlsx", {"1月": rows, "2月": rows}))
    assert len(brought.aid) == 4
    assert [(note.severity, note.sheet) for note in brought.coded("Q16")] == [("high", "2月")]


def test_sheets_of_other_amounts_for_the_same_subjects_are_other_ledgers(tmp_path: Path) -> None:
    head = ["项目名称", "预算数", "执行数"]
    brought = bring(write_sheets(tmp_path / "a.xlsx", {"本级": [head, ["活动", 100, 90]], "汇总": [head, ["活动", 300, 290]]}))
    assert len(brought.rows["budget_execution"]) == 2
    assert brought.coded("Q16") == []


def test_a_character_kept_as_its_number_is_no_part_of_a_name(tmp_path: Path) -> None:
    """A line break that came from another system is stored as _x000D_, and was read as letters."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for number, row in enumerate((HEADER, ["张三\r\n", identity(1), "2021-02-03", "500\r\n"])):
            book.worksheets()[0].write_row(number, 0, row) if book.worksheets() else book.add_worksheet().write_row(
                number, 0, row
            )
    assert b"_x000D_" in zipfile.ZipFile(path).read("xl/sharedStrings.xml")
    assert paid(bring(path)) == [(2, "张三", 500)]


def test_a_section_that_states_its_sum_above_its_persons_is_no_payment(tmp_path: Path) -> None:
    rows = [HEADER, ["一、困难职工（2人）", "", "", "800"], ZHANG, LI, ["二、农民工（1人）", "", "", "200"], [*WANG[:3], "200"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert sum(row["amount"] or 0 for row in brought.aid) == 1000
    assert brought.places("Q12") == [(5, "D5")]


TRANSFERS = [["序号", "付款单位", "收款单位", "拨付日期", "拨付金额"], ["1", "区总", "A镇工会", "2021-01-05", "8000"], ["2", "区总", "B镇工会", "2021-01-06", "7000"],
             ["1", "区总", "C厂工会", "2021-01-07", "300"]]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["一、镇街", "", "", "", "15000"], ["二、企业", "", "", "", "300"]),
        (["一", "镇街", "", "", "15000"], ["二", "企业", "", "", "300"]),
        (["（一）", "镇街", "", "", "15000"], ["（二）", "企业", "", "", "300"]),
        (["", "全部项目", "", "", "15300"], None),
    ],
)
def test_a_head_that_adds_up_the_rows_below_it_is_no_transfer(one: list[str], other: list[str] | None, tmp_path: Path) -> None:
    """Of a section that states its sum above its rows, the sum was one more transfer."""
    rows = [TRANSFERS[0], one, *TRANSFERS[1:3], *([other] if other else []), TRANSFERS[3]]
    small, big = both_ways(write_csv(tmp_path / "a.csv", rows))
    for brought in (small, big):
        assert sum(row["amount"] or 0 for row in brought.rows["transfer_down"]) == 15300
        assert [row for row, _ in brought.places("Q12")] == ([2, 5] if other else [2])


def test_a_head_that_adds_up_wrong_is_no_transfer_where_it_alone_has_no_day(tmp_path: Path) -> None:
    rows = [TRANSFERS[0], ["一、镇街", "", "", "", "14000"], *TRANSFERS[1:3], ["二、企业", "", "", "", "300"], TRANSFERS[3]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert sum(row["amount"] or 0 for row in brought.rows["transfer_down"]) == 15300
    rows.append(["2", "区总", "D厂工会", "", "50"])
    for brought in both_ways(write_csv(tmp_path / "b.csv", rows)):
        assert sum(row["amount"] or 0 for row in brought.rows["transfer_down"]) == 29650


def test_a_row_that_only_looks_like_a_head_is_data(tmp_path: Path) -> None:
    numbered = [[number, *row[1:]] for number, row in zip("一二三", TRANSFERS[1:], strict=True)]
    numbered[0] = [*numbered[0][:3], "", "7300"]  # by chance what the others come to, but above them
    brought = bring(write_csv(tmp_path / "b.csv", [TRANSFERS[0], *numbered[1:], numbered[0]]))
    assert (sum(row["amount"] or 0 for row in brought.rows["transfer_down"]), brought.coded("Q12")) == (14600, [])


def test_a_head_of_persons_is_none_of_them(tmp_path: Path) -> None:
    rows = [
        ["序号", *HEADER],
        ["一", "困难职工", "", "", "800"],
        ["1", *ZHANG],
        ["2", *LI],
        ["二", "农民工", "", "", "800"],
        ["1", *WANG],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["amount"] for row in brought.aid] == [None, 500, 300, None, 800]
    assert [row for row, _ in brought.places("Q12")] == [2, 5]


def test_a_subtotal_without_a_label_is_none_of_the_persons_though_no_column_holds_their_numbers(tmp_path: Path) -> None:
    header = ["单位", "姓名", "慰问类型", "慰问金额", "发放日期"]
    rows = [
        ["甲厂", "张三", "春节慰问", "500", "2021-02-03"],
        ["甲厂", "李四", "春节慰问", "300", "2021-02-03"],
        ["甲厂", "", "", "800", ""],
    ]
    more = [["乙厂", "王五", "春节慰问", "100", "2021-02-03"], ["乙厂", "", "春节慰问", "150", "2021-02-03"]]
    small, big = both_ways(write_csv(tmp_path / "a.csv", [header, *rows, *more]))
    for brought in (small, big):
        assert [row["amount"] for row in brought.rows["condolence_issue"]] == [500, 300, None, 100, 150]
        assert [row for row, _ in brought.places("Q12")] == [4]


@pytest.mark.parametrize("label", ["净额", "资金池", "应补差额"])
def test_what_stands_below_the_total_with_a_text_only_is_no_record_whatever_it_is_called(label: str, tmp_path: Path) -> None:
    rows = [TRANSFERS[0][1:], *(row[1:] for row in TRANSFERS[1:]), ["合计", "", "", "15300"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", [*rows, ["", label, "", "15000"]])):
        assert [row["amount"] for row in brought.rows["transfer_down"]] == [8000, 7000, 300, None]
        assert [row for row, _ in brought.places("Q12")] == [6]
    for brought in both_ways(write_csv(tmp_path / "b.csv", [*rows, ["区总", label, "2021-01-08", "15000"]])):
        assert brought.rows["transfer_down"][-1]["amount"] == 15000
    for brought in both_ways(write_csv(tmp_path / "c.csv", [*rows, ["区总", "", "", "700"], rows[1]])):
        assert [row["amount"] for row in brought.rows["transfer_down"][3:]] == [700, 8000]


def test_indented_parts_go_on_where_nobody_is_named(tmp_path: Path) -> None:
    header = ["序号", "缴费单位", "费款所属期", "实际收缴数", "收缴日期"]
    rows = [["1", "甲公司", "2021年", "40000", "2021-12-20"], ["", "其中：税务代收", "2021年", "28000", ""], ["", "      自行上缴", "2021年", "12000", ""],
            ["2", "乙公司", "2021年", "18500", "2021-12-18"], ["", "丙公司", "2021年", "100", ""]]  # fmt: skip
    for brought in both_ways(write_csv(tmp_path / "a.csv", [header, *rows])):
        assert [row["fee_collected"] for row in brought.rows["fee_collection"]] == [40000, None, None, 18500, 100]


def test_an_amount_in_words_is_no_label_of_a_total(tmp_path: Path) -> None:
    rows = [TRANSFERS[0][1:], ["区总", "A镇工会", "2021-01-05", "壹万元整"], ["区总", "B镇工会", "2021-01-06", "捌仟元整"]]
    rows = [[one, other, amount, day] for one, other, day, amount in rows]
    for brought in both_ways(write_csv(tmp_path / "a.csv", [*rows, ["合计：", "", "壹万捌仟元整", ""]])):
        assert [row["amount"] for row in brought.rows["transfer_down"]] == [10000, 8000]
        assert brought.coded("Q12") == []


@pytest.mark.parametrize("places", ["石桥镇 河口镇 南山街", "甲厂 乙厂 丙厂"])
def test_heads_of_one_person_each_are_none_of_the_persons(places: str, tmp_path: Path) -> None:
    one, two, three = places.split()
    rows = [
        ["姓名", "金额", "发放日期"],
        [one, "500", ""],
        ["张三", "500", "2021-02-03"],
        [two, "300", ""],
        ["李四", "300", "2021-02-03"],
    ]
    more = [[three, "1800", ""], ["王五", "800", "2021-02-03"], ["赵六", "1000", "2021-02-03"]]
    for heads, all_rows in (([2, 4], rows), ([2, 4, 6], [*rows, *more])):
        for brought in both_ways(write_csv(tmp_path / "a.csv", all_rows)):
            assert [row["_row"] for row in brought.aid if row["amount"] is None] == heads
            assert [row for row, _ in brought.places("Q12")] == heads


@pytest.mark.parametrize(("beside", "whole"), [("发放日期", "2021-02-03"), ("身份证号", identity(1)), ("领款人", "李四")])
def test_an_amount_that_an_unquoted_comma_parts_is_not_the_piece_before_it(beside: str, whole: str, tmp_path: Path) -> None:
    """Where blank cells at the end of a line are not written, it has no more cells than the header."""
    rows = [["姓名", "帮扶金额", beside, "备注"], ["张三", "1", "200", "x"], ["李四", "800", whole, "x"]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["amount"] for row in brought.aid] == [None, 800]
        assert {row for row, _ in brought.places("Q12")} == {2}


def test_a_table_beside_another_without_a_gap_is_said_though_they_share_a_header(tmp_path: Path) -> None:
    """What the right table calls 项目名称 was read as the campaign of the left one."""
    rows = [["序号", *HEADER[:3], "慰问金", "序号", "项目名称", "预算数", "执行数"], ["1", *ZHANG, "1", "活动", "10", "9"]]
    assert any("另一张并排的表" in what for what in fatal(bring(write_csv(tmp_path / "a.csv", rows))))


def test_a_register_without_persons_and_money_is_read(tmp_path: Path) -> None:
    rows = [
        ["工会名称", "上级工会", "会员人数", "负责部门"],
        ["测试一厂工会", "测试市总工会", "25", "甲"],
        ["合计", "", "25", ""],
    ]
    assert [row["members"] for row in bring(write_csv(tmp_path / "a.csv", rows)).rows["union_org"]][:1] == [25]


# ---- Amounts that are written out beside their figures.


@pytest.mark.parametrize(
    ("figures", "capitals"),
    [
        ("金额", "金额（大写）"),
        ("金额（小写）", "金额（大写）"),
        ("金额", "大写"),
        ("金额", "大写①"),
        ("小写金额", "大写金额"),
        ("金额", "人民币大写"),
        ("金额", "大寫"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_an_amount_counts_only_where_it_is_what_is_written_out_beside_it(
    figures: str, capitals: str, first: bool, tmp_path: Path
) -> None:
    """Both were taken for the amount, and neither was read; or the one written out was not looked at."""
    pairs = [
        (500, "伍佰元整"),
        (500, "伍仟元整"),
        (500, ""),
        ("", "伍佰元整"),
        (1234.5, "壹仟贰佰叁拾肆元伍角"),
        (500, "伍佰"),
        (500, "５００"),
    ]
    rows = [
        [*HEADER[:3], capitals, figures],
        *([*ZHANG[:3], words, own] for own, words in pairs),
    ]
    brought = bring(write_book(tmp_path / "a.xlsx", rows if first else [[*row[:3], row[4], row[3]] for row in rows]))
    column, other = ("E", "D") if first else ("D", "E")
    assert [amount for _, _, amount in paid(brought)] == [500, None, 500, 500, Decimal("1234.5"), 500, 500]
    assert [(note.cell, note.message.rpartition("”")[2]) for note in brought.coded("Q04")] == [
        (f"{column}3", "小写与大写金额不一致")
    ]
    [said] = brought.coded("Q11")
    assert (said.severity, said.message) == ("info", f"{other}1 为大写金额，与 {column}1 的小写逐行核对；不符的金额不采用。")


def test_a_header_of_two_rows_parts_figures_and_capitals(tmp_path: Path) -> None:
    rows = [
        [*HEADER[:3], "金额", ""],
        ["", "", "", "小写", "大写"],
        [*ZHANG[:3], "500", "伍佰元整"],
        [*LI[:3], "300", "叁仟元整"],
    ]
    assert paid(bring(write_book(tmp_path / "a.xlsx", rows, ["D1:E1"]))) == [(3, "张三", Decimal(500)), (4, "李四", None)]


def test_an_amount_that_is_only_written_out_is_read_so(tmp_path: Path) -> None:
    rows = [["姓名", "身份证号", "发放日期", "大写金额"], [*ZHANG[:3], "伍佰元整"]]
    assert paid(bring(write_csv(tmp_path / "a.csv", rows))) == [(2, "张三", Decimal(500))]


def test_amounts_in_ten_thousands_are_held_against_capitals_in_yuan(tmp_path: Path) -> None:
    rows = [[*HEADER[:3], "金额（万元）", "大写"], [*ZHANG[:3], "0.05", "伍佰元整"], [*LI[:3], "0.05", "伍仟元整"]]
    assert paid(bring(write_csv(tmp_path / "a.csv", rows))) == [(2, "张三", Decimal(500)), (3, "李四", None)]


def test_capitals_that_nobody_can_read_leave_their_amount_unread(tmp_path: Path) -> None:
    rows = [
        [*HEADER[:3], "金额", "大写"],
        [*ZHANG[:3], "500", "伍佰X元"],
        [*LI[:3], "300", "／"],
        [*WANG[:3], "X元", "捌佰元整"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [amount for _, _, amount in paid(brought)] == [None, 300, None]
    assert len([note for note in brought.notes if note.row in (2, 4) and note.severity == "high"]) == 2


def test_capitals_stay_unread_where_rows_are_not_looked_at_one_by_one_and_that_is_said(tmp_path: Path) -> None:
    rows = [[*HEADER[:3], "金额", "大写"], [*ZHANG[:3], "500", "伍佰元整"]]
    _, big = both_ways(write_csv(tmp_path / "a.csv", rows))
    assert [amount for _, _, amount in paid(big)] == [500]
    assert [(note.cell, note.message) for note in big.coded("Q09")] == [("E1", "表头“大写”未识别，该列未读取。")]


def test_a_total_with_its_capitals_is_no_payment(tmp_path: Path) -> None:
    rows = [
        [*HEADER[:3], "金额", "金额（大写）"],
        [*ZHANG[:3], "500", "伍佰元整"],
        [*LI[:3], "300", "叁佰元整"],
        ["合计", "", "", "800", "捌佰元整"],
    ]
    brought = bring(write_book(tmp_path / "a.xlsx", rows))
    assert paid(brought) == [(2, "张三", 500), (3, "李四", 300)]
    assert held(brought) == [(4, "D4", 800, 800, 0)]


@pytest.mark.parametrize(
    ("figure", "capitals", "amount"),
    [
        ("500", "零仟伍佰零拾零元零角零分", 500), ("1500", "×万壹仟伍佰零拾零元零角零分", 1500), ("1005", "壹仟零佰零拾伍元整", 1005),
        ("500", "⊗伍佰元整", 500), ("500", "￥伍佰元整", 500), ("500", "（大写）伍佰元整", 500), ("300", "人民币（大写）叁佰元整", 300),
        ("500", "/", 500), ("500", "—", 500), ("500", "无", 500), ("500", "廿元", None), ("500", "兩元", None), ("500", "作废", None),
        ("500", "见附件", None), ("500", "#N/A", None), ("0", "零元整", 0), ("五百", "伍仟元整", None),
    ],
)  # fmt: skip
def test_capitals_are_read_as_forms_print_them_or_leave_their_amount_unread(
    figure: str, capitals: str, amount: int | None, tmp_path: Path
) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [[*HEADER, "大写"], [*ZHANG[:3], figure, capitals]]))
    assert [own for _, _, own in paid(brought)] == [amount]
    assert bool(brought.coded("Q04")) == (amount is None)


def test_a_reversal_in_capitals_is_one_in_figures(tmp_path: Path) -> None:
    rows = [[*HEADER, "大写", "备注"], [*ZHANG, "伍佰元整", ""], [*ZHANG[:3], "-500", "负伍佰元整", "冲销"]]
    assert [amount for _, _, amount in paid(bring(write_csv(tmp_path / "a.csv", rows)))] == [500, -500]


@pytest.mark.parametrize("text", ["2021年3月4日", "第1页", "一、困难职工"])
def test_what_stands_in_the_column_of_capitals_makes_no_payment(text: str, tmp_path: Path) -> None:
    rows = [[*HEADER, "大写"], [*ZHANG, "伍佰元整"], ["", "", "", "", text]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert paid(brought) == [(2, "张三", 500)]
    assert [note for note in brought.notes if note.severity == "high"] == []


@pytest.mark.parametrize("text", ["领款人：张三", "共2人", "（大写）捌佰元整", ""])
def test_beside_a_total_anything_may_stand_in_the_column_of_capitals(text: str, tmp_path: Path) -> None:
    rows = [[*HEADER, "大写"], [*ZHANG, "伍佰元整"], [*LI, "叁佰元整"], ["合计", "", "", "800", text]]
    assert held(bring(write_csv(tmp_path / "a.csv", rows))) == [(4, "D4", 800, 800, 0)]


def test_a_total_that_is_only_written_out_is_cited_where_it_stands(tmp_path: Path) -> None:
    rows = [[*HEADER, "大写"], [*ZHANG, "伍佰元整"], ["小计", "", "", "", "伍佰元整"]]
    assert [own[1] for own in held(bring(write_csv(tmp_path / "a.csv", rows)))] == ["A3"]


def test_a_bare_header_of_capitals_belongs_to_the_amount_beside_it_or_to_none(tmp_path: Path) -> None:
    person, own = [*HEADER[:3]], ZHANG[:3]
    sums = bring(
        write_csv(
            tmp_path / "a.csv", [[*person, "慰问金额", "慰问品价值", "合计", "大写"], [*own, "500", "300", "800", "捌佰元整"]]
        )
    )
    assert [(row["amount"], row["goods_value"], row["total_value"]) for row in sums.aid] == [(500, 300, 800)]
    assert [note.message for note in sums.coded("Q11")] == ["G1 为大写金额，与 F1 的小写逐行核对；不符的金额不采用。"]
    for header, row in (
        (["金额", "价值合计", "大写"], ["500", "800", "捌佰元整"]),
        (["金额", "备注", "大写"], ["500", "", "捌佰元整"]),
    ):
        brought = bring(write_csv(tmp_path / "b.csv", [[*person, *header], [*own, *row]]))
        assert [row["amount"] for row in brought.aid] == [500]
        assert "表头“大写”未识别，该列未读取。" in [note.message for note in brought.coded("Q09")]
    goods = bring(write_csv(tmp_path / "c.csv", [[*person, "慰问品价值", "大写"], [*own, "500", "伍佰元整"]]))
    assert "aid_payment" not in goods.rows  # 大写 is not the amount because no other column is


def test_capitals_of_what_is_no_amount_are_none(tmp_path: Path) -> None:
    """They ended the whole check."""
    for field in ("姓名", "发放日期"):
        header = [*HEADER[: HEADER.index(field) + 1], f"{field}（大写）", *HEADER[HEADER.index(field) + 1 :]]
        row = [*ZHANG[: HEADER.index(field) + 1], ZHANG[HEADER.index(field)], *ZHANG[HEADER.index(field) + 1 :]]
        brought = bring(write_csv(tmp_path / "a.csv", [header, row]))
        assert [one["amount"] for one in brought.aid] == [500]
        assert f"都是“{field}”" in brought.coded("Q09")[0].message


def test_amounts_on_sides_are_held_against_capitals_too(tmp_path: Path) -> None:
    header = ["日期", "凭证号", "摘要", "科目名称", "金额", "金额（大写）", "借贷方向"]
    line = ["2021-02-03", "记-1", "慰问", "职工帮扶支出"]
    rows = [header, [*line, "500", "伍佰元整", "借"], [*line, "500", "伍仟元整", "贷"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [(row["debit"], row["credit"]) for row in brought.rows["voucher_line"]] == [(500, None), (None, None)]
    assert [note.cell for note in brought.coded("Q04")] == ["E3"]
    assert len(brought.coded("Q11")) == 1


def test_of_two_columns_of_capitals_one_is_held_and_the_other_named(tmp_path: Path) -> None:
    rows = [[*HEADER, "大写", "人民币大写"], [*ZHANG, "伍佰元整", "伍仟元整"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert paid(brought) == [(2, "张三", 500)]
    assert [note.cell for note in brought.coded("Q09")] == ["F1"]


@pytest.mark.parametrize("label", ["分计", "组计", "月计", "求和", "一共"])
def test_subtotals_by_other_names_are_nobody(label: str, tmp_path: Path) -> None:
    header = ["序号", "姓名", "工作单位", "金额", "发放日期"]
    rows = [["1", "张三", "甲厂", "500", "2021-02-03"], ["2", "李四", "甲厂", "300", "2021-02-03"], ["", label, "", "800", ""]]
    more = [["3", "王五", "乙厂", "600", "2021-02-03"], ["", "总合计", "", "1400", ""]]
    for brought in both_ways(write_csv(tmp_path / "a.csv", [header, *rows, *more])):
        assert [row["amount"] for row in brought.aid] == [500, 300, 600]
        assert held(brought)[-1][2:] == (1400, 1400, 0)


@pytest.mark.parametrize(
    "names",
    [
        [("一", "服务"), ("1", "送温暖"), ("2", "培训"), ("二", "行政"), ("1", "办公"), ("2", "水电")],
        [("1", "服务"), ("1.1", "送温暖"), ("1.2", "培训"), ("2", "行政"), ("2.1", "办公"), ("2.2", "水电")],
        [("", "服务"), ("", "  送温暖"), ("", "  培训"), ("", "行政"), ("", "\u3000\u3000办公"), ("", "\u3000\u3000水电")],
    ],
)
def test_the_total_of_a_budget_adds_up_rows_of_one_level(names: list[tuple[str, str]], tmp_path: Path) -> None:
    """Parents beside their children were added up, and a right total was accused."""
    amounts = ["3000", "1000", "2000", "1500", "1000", "500"]
    rows = [[*name, amount, amount] for name, amount in zip(names, amounts, strict=True)]
    path = write_book(tmp_path / "a.xlsx", [["序号", "项目", "预算数", "执行数"], *rows, ["", "合计", "4500", "4500"]])
    brought = bring(path)
    assert [total[2:] for total in held(brought)] == [(4500, 4500, 0)]
    assert len(brought.rows["budget_execution"]) == 6


def test_what_was_left_of_last_year_is_no_part_of_the_income(tmp_path: Path) -> None:
    header = ["收支类别", "科目名称", "本年预算", "本年决算"]
    rows = [
        ["期初结余", "上年结余", "0", "10000"],
        ["收入", "拨缴经费收入", "300000", "312540.5"],
        ["收入", "上级补助收入", "50000", "50000"],
    ]
    brought = bring(write_book(tmp_path / "a.xlsx", [header, *rows, ["收入", "收入合计", "350000", "362540.5"]]))
    assert [total[2] == total[3] for total in held(brought)] == [True]
