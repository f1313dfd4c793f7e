"""Rows, names and remarks that are unlike the others are named, whatever they say, and judged all the same."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.test_intake import both_ways, bring, identity, write_csv

HEADER = ["序号", "姓名", "身份证号", "金额", "发放日期", "发放方式", "备注"]
ZHANG = ["1", "张三", identity(1), "500", "2021-02-03", "现金", ""]
LI = ["2", "李四", identity(2), "300", "2021-02-03", "现金", ""]
WANG = ["3", "王五", identity(3), "200", "2021-02-03", "现金", ""]


def with_note(row: list[str], note: str) -> list[str]:
    return [*row[:-1], note]


@pytest.mark.parametrize(
    "note",
    ["先给一半，发票交齐再给", "这笔按元填的", "应是600，少敲一个0", "名字打错", "卡注销了钱弹回来", "挂账，明年1月交", "升全国劳模，1-2月仍按150", "两格写反", "开错，此号不用", "23年底已脱困",
     "户籍遷走", "券丟了一張", "與上一行是同一筆"],
)  # fmt: skip
def test_a_remark_that_may_change_its_row_is_named_in_one_note_for_the_list(note: str, tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, with_note(LI, note), with_note(WANG, note)]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        [said] = [one for one in brought.coded("Q09") if one.column == "备注"]
        assert (said.row, said.severity) == (3, "medium")
        assert "备注有 2 行（第 3、4 行）" in said.message
        assert note not in said.message
        assert [row["amount"] for row in brought.aid] == [500, 300, 200]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "患大病",
        "妻子代领",
        "困难职工",
        "已领取",
        "单亲家庭",
        "13900000000",
        "退休职工",
        "本人签收",
        "女儿陪同领取",
        "农民工",
        "2021年建档",
    ],
)
def test_a_remark_that_changes_nothing_is_not_named(note: str, tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, with_note(ZHANG, note), LI]))
    assert brought.coded("Q09") == []


def test_a_remark_of_which_the_amount_is_in_doubt_already_is_not_named_twice(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, with_note(ZHANG, "实发300"), LI]))
    assert ([note.row for note in brought.coded("Q05")], brought.coded("Q09")) == ([2], [])


def test_many_remarks_are_listed_by_the_first_rows(tmp_path: Path) -> None:
    rows = [with_note(ZHANG, f"按{number}元") for number in range(100, 112)]
    [said] = bring(write_csv(tmp_path / "a.csv", [HEADER, *rows])).coded("Q09")
    assert "备注有 12 行（第 2、3、4、5、6、7、8、9、10、11… 行）" in said.message


@pytest.mark.parametrize(
    "name",
    [
        "发放",
        "市总拨入",
        "年末尚余",
        "机关完",
        "车间计",
        "老同志共",
        "备用（库存）",
        "试试",
        "上年帮扶款结存",
        "年初至今",
        "以上三人",
    ],
)
def test_what_is_no_name_and_has_no_number_is_named(name: str, tmp_path: Path) -> None:
    for header, row in (
        (HEADER, ["", name, "", "500", "2021-02-03", "现金", ""]),
        ([*HEADER[:2], *HEADER[3:]], ["", name, "500", "2021-02-03", "现金", ""]),
    ):
        rows = [one if len(header) == len(HEADER) else [*one[:2], *one[3:]] for one in (ZHANG, LI)]
        found = bring(write_csv(tmp_path / "a.csv", [header, *rows, row])).coded("Q09")
        assert [(one.row, one.column) for one in found] == [(4, "姓名")]


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "歐陽娜娜",
        "欧阳娜娜",
        "張三",
        "司馬光",
        "全小花",
        "年广久",
        "买买提·吐尔逊",
        "François",
        "张三（代）",
        "测试甲",
        "甲厂工会",
        "张 三",
        "付强",
        "计春华",
    ],
)
def test_a_name_is_none_of_these(name: str, tmp_path: Path) -> None:
    row = ["", name, "", "500", "2021-02-03", "现金", ""]
    found = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, row])).coded("Q09")
    assert [one.column for one in found if "不像姓名" in one.message] == (
        ["姓名"] if name == "计春华" else []
    )  # a rare one is asked for


def test_names_of_a_list_that_are_all_unlike_persons_are_not_named(tmp_path: Path) -> None:
    rows = [["", f"发放{of}组", "", "500", "2021-02-03", "现金", ""] for of in "甲乙丙"]
    assert bring(write_csv(tmp_path / "a.csv", [HEADER, *rows, ZHANG])).coded("Q09") == []


@pytest.mark.parametrize("name", ["李建国（病故，妻周桂芬领）", "孙立改为孙丽", "何秀英★"])
def test_a_name_with_something_added_is_named(name: str, tmp_path: Path) -> None:
    found = bring(write_csv(tmp_path / "a.csv", [HEADER, [*ZHANG[:1], name, *ZHANG[2:]], LI])).coded("Q09")
    assert any("姓名中夹有说明" in one.message or "姓名" in one.message for one in found)


def test_a_row_with_next_to_nothing_in_it_is_named(tmp_path: Path) -> None:
    header = ["序号", "物品名称", "领用单位", "出库数量", "单价", "出入库日期"]
    rows = [[str(number), "保温杯", "甲厂", "1", "45", "2021-12-24"] for number in (1, 2, 3)]
    brought = bring(write_csv(tmp_path / "a.csv", [header, *rows, ["", "剩", "", "3", "", ""]]))
    assert [(one.row, "只有 2 格有内容（其余各行多为 5 格）" in one.message) for one in brought.coded("Q12")] == [(5, True)]
    dated = bring(write_csv(tmp_path / "b.csv", [header, *rows, ["", "剩", "", "3", "", "2021-12-25"]]))
    assert dated.coded("Q12") == []


def test_a_list_of_which_most_rows_have_few_cells_has_no_odd_row(tmp_path: Path) -> None:
    rows = [["", name, "", "500", "", "", ""] for name in ("张三", "李四", "王五")]
    assert bring(write_csv(tmp_path / "a.csv", [HEADER, *rows, ZHANG])).coded("Q12") == []


@pytest.mark.parametrize(
    "text",
    ["农机站4人不发现金，送大米和油", "补充：刘桂香实际给了800元", "截至1月10日还没来领的：", "注：第2行应为李思", "以下送大米"],
)
@pytest.mark.parametrize("below", [False, True])
def test_an_explanation_that_may_change_other_rows_is_named(text: str, below: bool, tmp_path: Path) -> None:
    label = [text, *[""] * 6]
    rows = [HEADER, ZHANG, LI, label] if below else [HEADER, ZHANG, label, LI]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [(one.row, one.severity) for one in brought.coded("Q12") if "可能改变" in one.message] == [
            (4 if below else 3, "medium")
        ]
        assert text not in "".join(one.message for one in brought.notes)


@pytest.mark.parametrize(
    "text", ["一、困难职工", "制表人：张三", "甲镇", "注：以上人员均已公示", "单位负责人（签字）：", "以下空白"]
)
def test_a_label_or_a_signature_that_changes_nothing_is_not_named(text: str, tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, [text, *[""] * 6]]))
    assert [one for one in brought.coded("Q12") if one.severity != "info"] == []


def test_a_unit_in_brackets_of_a_label_in_the_middle_leaves_the_amounts_unread(tmp_path: Path) -> None:
    rows = [
        ["项目名称", "预算数（万元）", "执行数（万元）"],
        ["助学", "50", "40"],
        ["以下为代管项目（元）", "", ""],
        ["读书", "30000", "28600"],
    ]
    for brought in both_ways(write_csv(tmp_path / "a.csv", rows)):
        assert [row["budget_amount"] for row in brought.rows["budget_execution"]] == [None, None]


def test_tables_of_two_days_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, spent in (("3月末", 30), ("6月末", 40)):
        sheet = book.create_sheet(name)
        for row in (["项目名称", "预算数", "执行数"], ["助学", 50, spent], ["培训", 60, spent + 5]):
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    brought = bring(tmp_path / "a.xlsx")
    assert [(note.sheet, "像另一时点的同一张表" in note.message) for note in brought.coded("Q16")] == [("6月末", True)]
    assert len(brought.rows["budget_execution"]) == 4


def test_a_title_that_calls_the_list_void_is_named(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [["慰问金发放表（初稿，作废）"], HEADER, ZHANG, LI]))
    assert ["作废" in note.message for note in brought.coded("Q16")] == [True]


def test_parts_that_are_rows_of_their_own_are_named_in_one_note(tmp_path: Path) -> None:
    rows = [
        ["收支类别", "科目名称", "本年决算数"],
        ["收入", "拨缴经费收入", "900"],
        ["收入", "其中：上级拨付", "300"],
        ["支出", "活动", "500"],
        ["支出", "　其中：文体", "200"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    [said] = [note for note in brought.coded("Q09") if "组成部分" in note.message]
    assert "有 2 行（第 3、5 行）" in said.message
    assert len(brought.rows["income_expense"]) == 4


def test_more_months_than_anybody_pays_at_once_are_named(tmp_path: Path) -> None:
    rows = [
        ["姓名", "补贴项目", "标准", "月数", "金额"],
        ["张三", "下乡", "200", "2", "400"],
        ["李四", "下乡", "2", "200", "400"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [(note.row, note.column) for note in brought.coded("Q09")] == [(3, "月数")]
