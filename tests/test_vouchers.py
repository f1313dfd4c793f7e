"""Voucher lines as accounting programs export them: what stands where, what is no line, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledgers.headers import recognise
from ledgers.kinds import Column, load_kinds
from ledgers.pieces import read_piece
from tests import ledger_files as write
from tests.ledger_files import Rows
from tests.test_bad_input import check
from tests.test_intake import Brought, bring, write_csv

KINDS = load_kinds()
SEQ = Column(type="integer", zh="凭证序数", en="number")
U8 = ["日期", "凭证号数", "科目编码", "科目名称", "摘要", "方向", "数量", "外币", "金额"]
T3 = [
    "制单日期",
    "类别",
    "凭证编号",
    "摘要",
    "科目编码",
    "科目名称",
    "借方金额",
    "贷方金额",
    "制单人",
    "审核人",
    "记账人",
    "附单据数",
]
NC = [
    "年",
    "月",
    "日",
    "核算账簿",
    "凭证类别",
    "凭证号",
    "分录号",
    "摘要",
    "科目编码",
    "科目名称",
    "辅助项",
    "币种",
    "借方本币",
    "贷方本币",
]
K3 = [
    "日期",
    "会计期间",
    "凭证字号",
    "分录号",
    "摘要",
    "科目代码",
    "科目名称",
    "币别",
    "原币金额",
    "借方",
    "贷方",
    "制单",
    "审核",
    "过账",
    "复核",
]
KIS = ["日期", "会计期间", "凭证字号", "摘要", "科目代码", "科目名称", "借方金额", "贷方金额", "制单"]
EAS = [
    "公司",
    "记账日期",
    "业务日期",
    "会计期间",
    "凭证字",
    "凭证号",
    "分录行号",
    "摘要",
    "科目编码",
    "科目名称",
    "借贷方向",
    "本位币金额",
    "制单人",
]
INSPUR = [
    "凭证日期",
    "凭证类型",
    "凭证编号",
    "分录编号",
    "摘要",
    "科目编号",
    "科目名称",
    "借方金额",
    "贷方金额",
    "制单",
    "复核",
    "记账",
]
GUANJIAPO = ["日期", "凭证字", "凭证号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额", "附件张数", "制单人", "审核人"]
# One voucher as KIS writes it, its head on the first line only; a page break, sums, and red ink.
JOURNAL: Rows = [
    ["会计分录序时簿"],
    ["核算单位：测试区总工会", "", "", "", "", "", "", "单位：元"],
    KIS,
    ["2021-01-05", "2021.1", "记-0001", "付办公费", "5001.01", "办公费", "500.00", "", "测试甲"],
    ["", "", "", "", "1002", "银行存款", "", "500.00", ""],
    ["2021-01-06", "2021.1", "记-0002", "支付1-3月电费合计", "5001.02", "电费", "-300", "", "测试甲"],
    ["", "", "", "过次页", "", "", "200.00", "200.00", ""],
    KIS,
    ["", "", "", "承前页", "", "", "200.00", "200.00", ""],
    ["", "", "", "", "1002", "银行存款", "", "-300", ""],
    ["", "", "", "本月合计", "", "", "200.00", "200.00", ""],
    ["", "", "", "本年累计", "", "", "9900.00", "9900.00", ""],
]


def lines(brought: Brought) -> list[dict[str, Any]]:
    return brought.rows["voucher_line"]


def columns(brought: Brought, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in lines(brought)]


# ---- Headers of real exports.


@pytest.mark.parametrize(
    "headers", [U8, T3, NC, K3, KIS, EAS, INSPUR, GUANJIAPO], ids=["U8", "T3", "NC", "K3", "KIS", "EAS", "Inspur", "Guanjiapo"]
)
def test_exports_of_each_program_are_recognised_and_no_column_stands_for_two(headers: list[str]) -> None:
    found = recognise([["序时账"], headers, ["x"] * len(headers)], KINDS)
    assert found.kind == "voucher_line"
    assert found.doubled == {}
    assert found.unknown == {}
    assert {"voucher_no", "account_code", "summary"} <= found.fields.keys()


def test_the_rows_of_a_voucher_take_over_what_its_first_row_says(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "序时簿.csv", JOURNAL, encoding="gb18030"))  # type: ignore[arg-type]
    assert columns(brought, "_row", "voucher_type", "voucher_seq", "fiscal_year", "period_no", "date", "debit", "credit") == [
        (4, "记", 1, 2021, 1, date(2021, 1, 5), Decimal(500), None),
        (5, "记", 1, 2021, 1, date(2021, 1, 5), None, Decimal(500)),
        (6, "记", 2, 2021, 1, date(2021, 1, 6), Decimal(-300), None),
        (10, "记", 2, 2021, 1, date(2021, 1, 6), None, Decimal(-300)),
    ]
    assert {row["_problems"] for row in lines(brought)} == {0}
    assert brought.intake.inputs[0].encoding == "gb18030"
    said = [note.message for note in brought.notes if note.code in ("Q11", "Q12")]
    assert said == [
        "第 5、10 行（共 2 行）空着的 凭证字号、会计期间、日期、制单 按同一记录首行所写读取。",
        "第 7、9、11、12 行（共 4 行）是合计、累计、余额或承转行，未作为数据读取。",
    ]


@pytest.mark.parametrize("form", ["a.xlsx", "a.xls", "a.xlsb", "a.ods", "a.xml"])
def test_a_journal_means_the_same_in_every_form(form: str, tmp_path: Path) -> None:
    writer = {
        "a.xlsx": write.write_xlsx, "a.xls": write.write_xls, "a.xlsb": write.write_xlsb, "a.ods": write.write_ods, "a.xml": write.write_2003,
    }[form]  # fmt: skip
    brought = bring(writer(tmp_path / form, JOURNAL))
    assert columns(brought, "_row", "voucher_no", "debit", "credit") == [
        (4, "记-0001", Decimal(500), None),
        (5, "记-0001", None, Decimal(500)),
        (6, "记-0002", Decimal(-300), None),
        (10, "记-0002", None, Decimal(-300)),
    ]


@pytest.mark.parametrize(
    ("written", "period"), [("5", None), ("5日", None), ("2021-05-06", 5), ("5月6日", 5), ("2021年5月", 5), ("2021-02-30", None)]
)
def test_a_day_without_its_month_says_nothing_of_the_period(written: str, period: int | None, tmp_path: Path) -> None:
    """A bare 5 below 日期 was the fifth period."""
    rows = [["日期", "凭证号", "摘要", "科目编码", "借方", "贷方"], [written, "记-1", "付", "5001", "5", ""]]
    assert columns(bring(write_csv(tmp_path / "a.csv", rows)), "period_no") == [(period,)]


def test_a_row_without_number_that_has_a_day_of_its_own_is_no_part_of_the_voucher_above(tmp_path: Path) -> None:
    rows = [KIS, JOURNAL[3], ["2021-01-05", "2021.1", "", "付水费", "5001.03", "水费", "20", "", ""]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))  # type: ignore[arg-type]
    assert columns(brought, "voucher_no", "voucher_seq") == [("记-0001", 1), (None, None)]
    assert ("Q01", 3, "C3") in [(note.code, note.row, note.cell) for note in brought.notes]


def test_a_row_below_a_voucher_that_nobody_numbered_is_no_part_of_the_one_before(tmp_path: Path) -> None:
    """Two rows below 记-0001 on another day the next blank was 记-0001 again."""
    other = ["2021-01-06", "2021.1", "", "付水费", "5001.03", "水费", "20", "", ""]
    rows = [KIS, JOURNAL[3], other, ["", "", "", "付水费", "1002", "银行存款", "", "20", ""]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))  # type: ignore[arg-type]
    assert columns(brought, "voucher_no", "date") == [("记-0001", date(2021, 1, 5)), (None, date(2021, 1, 6)), (None, None)]
    assert ("Q01", 4, "C4") in [(note.code, note.row, note.cell) for note in brought.notes]


def test_a_row_whose_head_differs_is_no_part_of_the_voucher_above(tmp_path: Path) -> None:
    rows = [KIS, JOURNAL[3], ["", "2021.2", "", "付水费", "5001.03", "水费", "20", "", ""]]
    assert columns(bring(write_csv(tmp_path / "a.csv", rows)), "voucher_no", "date")[1] == (None, None)  # type: ignore[arg-type]


def test_lines_of_an_opening_voucher_are_no_balances_though_they_say_so(tmp_path: Path) -> None:
    opening = ["2021-01-01", "2021.1", "记-1", "上年结转", "1002", "银行存款", "900", "", ""]
    rows = [
        KIS,
        opening,
        ["", "", "", "上年结转", "3001", "净资产", "", "900", ""],
        ["", "", "", "本月合计", "3001", "净资产", "0", "900", ""],
    ]
    assert columns(bring(write_csv(tmp_path / "a.csv", rows)), "_row", "voucher_seq") == [(2, 1), (3, 1)]


def test_balances_and_sums_of_a_detailed_account_are_no_lines_though_they_name_the_account(tmp_path: Path) -> None:
    header = ["日期", "凭证号", "科目编码", "科目名称", "摘要", "借方", "贷方", "方向", "余额"]
    rows = [
        header,
        ["", "", "5001", "职工活动支出", "期初余额", "", "", "借", "100"],
        ["2021-01-05", "记-3", "5001", "职工活动支出", "活动费合计", "50", "", "借", "150"],
        ["2021-01-31", "", "5001", "职工活动支出", "本月合计", "50", "", "借", "150"],
        ["", "", "5001", "职工活动支出", "本年累计", "50", "", "借", "150"],
    ]
    brought = bring(write_csv(tmp_path / "明细账.csv", rows))
    assert columns(brought, "_row", "debit") == [(3, Decimal(50))]
    assert "第 2、4、5 行（共 3 行）是合计、累计、余额或承转行，未作为数据读取。" in [note.message for note in brought.notes]


@pytest.mark.parametrize("account", ["", "合计"])
def test_the_sum_of_a_voucher_is_no_line_though_its_day_and_number_are_repeated(account: str, tmp_path: Path) -> None:
    header = ["日期", "凭证号", "摘要", "科目名称", "借方", "贷方"]
    lines = [["2021-01-05", "记-1", "合计", "办公费", "500", ""], ["2021-01-05", "记-1", "付费", "银行存款", "", "500"]]
    brought = bring(write_csv(tmp_path / "a.csv", [header, *lines, ["2021-01-05", "记-1", "合 计", account, "500", "500"]]))
    assert columns(brought, "_row", "debit", "credit") == [(2, Decimal(500), None), (3, None, Decimal(500))]
    assert "第 4 行（共 1 行）是合计、累计、余额或承转行，未作为数据读取。" in [note.message for note in brought.notes]


# ---- One column of amounts with a side; days in several columns.


def test_amounts_are_put_on_the_side_that_stands_beside_them_and_point_at_their_own_cell(tmp_path: Path) -> None:
    rows = [
        U8,
        ["2021.01.05", "记-0001", "5001", "活动费", "付款", "借", "", "", 500],
        ["2021.01.05", "记-0001", "1002", "存款", "付款", "贷方", "", "", -1.5],
    ]
    brought = bring(write.write_xlsx(tmp_path / "序时账.xlsx", rows))
    assert columns(brought, "debit", "credit") == [(Decimal(500), None), (None, Decimal("-1.50"))]
    letters = brought.intake.inputs[0].letters
    assert (letters["debit"], letters["credit"]) == ("I", "I")


@pytest.mark.parametrize("side", ["", "平", "D", "借贷"])
def test_an_amount_whose_side_nobody_can_tell_is_unread_on_both_sides(side: str, tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [U8, ["2021-01-05", "记-1", "5001", "活动费", "付款", side, "", "", "500"]]))
    assert columns(brought, "debit", "credit") == [(None, None)]
    kind = KINDS["voucher_line"]
    assert lines(brought)[0]["_problems"] == kind.bit("debit") | kind.bit("credit")
    assert ("Q04", 2, "I2") in [(note.code, note.row, note.cell) for note in brought.notes]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["年", "月", "日"], ["2021", "1", "5"], ["2021年", "12月", "31日"]], [date(2021, 1, 5), date(2021, 12, 31)]),
        ([["2021年序时账", "", ""], ["", "月", "日"], ["", "1", "5"], ["", "2", "30"]], [date(2021, 1, 5), None]),
        ([["2021年", "", ""], ["月", "日", ""], ["1", "5", ""], ["1", "", ""], ["", "6", ""]], [date(2021, 1, 5), None, None]),
        ([["", "月", "日"], ["", "1", "5"]], [None]),
    ],
    ids=["three columns", "the year in the title", "the year above month and day", "no year at all"],
)
def test_a_day_in_several_columns_is_a_day_or_a_problem(rows: list[list[str]], found: list[date | None], tmp_path: Path) -> None:
    header = next(number for number, row in enumerate(rows) if "月" in row)
    upper = 0 if rows[0][0] == "2021年" else header
    table = [[*row, *([""] * 5)] for row in rows]
    table[upper][3:] = ["凭证号", "摘要", "科目编码", "借方", "贷方"]
    for number, row in enumerate(table[header + 1 :]):
        row[3:] = [f"记-{number + 1}", "付款", "5001", "10", ""]
    brought = bring(write_csv(tmp_path / "a.csv", table))
    assert [row["date"] for row in lines(brought)] == found
    bit = KINDS["voucher_line"].bit("date")
    assert [bool(row["_problems"] & bit) for row in lines(brought)] == [day is None for day in found]


# ---- Numbers, periods, items.


@pytest.mark.parametrize(
    ("text", "word", "number"),
    [
        ("记-0001", "记", "1"), ("付-12", "付", "12"), ("银付-3", "银付", "3"), ("记字第12号", "记", "12"), ("转账凭证0003", "转账", "3"),
        ("12", "", "12"), ("PZ-180929-020", "PZ-180929", "20"), ("202101-0001", "202101", "1"), ("记-12-1/2", "记", "12"), ("12.0", "", "12"),
        ("记12号1/2", "记", "12"), ("记-0012(1/2)", "记", "12"), ("记-01-12", "记-01", "12"), ("记-2021-3-5", "记-2021-3", "5"),
    ],
)  # fmt: skip
def test_the_word_and_the_number_of_a_voucher_are_told_apart(text: str, word: str, number: str) -> None:
    assert (read_piece(SEQ, text, "word").value, read_piece(SEQ, text, "number").value) == (word, number)


@pytest.mark.parametrize(
    "text",
    [
        "记",
        "记-1至3",
        "记1-3",
        "1-3",
        "1E+10",
        "记-",
        "第号",
        "记-0001/2",
        "记-15/2",
        "2021-01-02",
        "2021/1/2",
        "1月2日",
        "记-6-2",
        "记0006-1",
        "记字6号-1",
        "记账凭证-00006-0001",
        "记-12-1",
    ],
)
def test_a_number_that_nobody_can_tell_is_a_problem_with_its_cell(text: str, tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [KIS, ["2021-01-05", "2021.1", text, "付", "5001", "活动费", "5", "", ""]]))
    assert columns(brought, "voucher_seq") == [(None,)]
    assert lines(brought)[0]["_problems"] & KINDS["voucher_line"].bit("voucher_seq")
    assert "C2" in [note.cell for note in brought.notes if note.row == 2]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1", 1),
        ("01", 1),
        ("202112", 12),
        ("2021.10", 10),
        ("2021年第3期", 3),
        ("13", 13),
        ("2021-02-28", 2),
        ("20211", None),
        ("2021", None),
        ("99", None),
    ],
)
def test_the_month_of_a_period_is_read_in_any_spelling(text: str, month: int | None) -> None:
    read = read_piece(SEQ, text, "period")
    assert read.value == (None if month is None else str(month))
    assert bool(read.problem) == (month is None)


def test_a_period_of_its_own_wins_over_the_month_of_the_day(tmp_path: Path) -> None:
    brought = bring(
        write_csv(tmp_path / "a.csv", [KIS, ["2021-12-31", "2021.13", "记-1", "调整", "5001", "活动费", "5", "", ""]])
    )
    assert columns(brought, "fiscal_year", "period_no") == [(2021, 13)]


def test_a_number_such_as_2021_1_in_a_workbook_may_be_october(tmp_path: Path) -> None:
    brought = bring(
        write.write_xlsx(tmp_path / "a.xlsx", [KIS, ["2021-10-05", 2021.1, "记-1", "付", "5001", "活动费", 5, "", ""]])
    )
    assert columns(brought, "period_no") == [(None,)]
    assert lines(brought)[0]["_problems"] & KINDS["voucher_line"].bit("period_no")


@pytest.mark.parametrize(
    ("text", "project", "department", "unread"),
    [
        ("项目:春节慰问;部门:办公室", "春节慰问", "办公室", False),
        ("【部门】办公室【项目】春节慰问", "春节慰问", "办公室", False),
        ("部门：办公室", None, "办公室", False),
        ("", None, None, False),
        ("办公室", None, None, True),
        ("部门:办公室项目:春节慰问", None, None, True),
    ],
)
def test_items_in_one_cell_are_read_by_what_they_call_themselves(
    text: str, project: str | None, department: str | None, unread: bool, tmp_path: Path
) -> None:
    header = ["凭证号", "科目编码", "借方", "贷方", "辅助项"]
    brought = bring(write_csv(tmp_path / "a.csv", [header, ["记-1", "5001", "5", "", text]]))
    assert columns(brought, "project", "department") == [(project, department)]
    assert bool(lines(brought)[0]["_problems"] & KINDS["voucher_line"].bit("project")) == unread


# ---- XML of accounting software.


def accounts(*vouchers: Sequence[tuple[str, str]], encoding: str = "GB18030", beside: str = "") -> bytes:
    written = "".join(
        "<记账凭证 locID='0206'>" + "".join(f"<{name} locID='x'>{value}</{name}>" for name, value in voucher) + "</记账凭证>"
        for voucher in vouchers
    )
    names = "<会计科目><科目编号>5001</科目编号><科目名称>活动支出</科目名称></会计科目>"
    balance = (
        "<科目余额及发生额><科目编号>5001</科目编号><会计期间号>1</会计期间号><借方本币金额>5</借方本币金额></科目余额及发生额>"
    )
    text = f"<?xml version='1.0' encoding='{encoding}'?>\n{beside}<总账 xmlns='urn:x'>{names}{balance}{written}</总账>"
    return text.encode(encoding)


def voucher(number: str, line: str, account: str, debit: str, credit: str) -> list[tuple[str, str]]:
    return [
        ("记账凭证日期", "20210105"), ("会计年度", "2021"), ("会计期间号", "1"), ("记账凭证类型编号", "付"), ("记账凭证编号", number), ("记账凭证行号", line),
        ("记账凭证摘要", "付款"), ("科目编号", account), ("借方本币金额", debit), ("贷方本币金额", credit), ("附件数", "2"), ("制单人", "测试甲"), ("作废标志", "0"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["GB18030", "GBK", "UTF-8", "UTF-16"])
def test_accounts_in_xml_are_read_by_the_names_of_their_elements(encoding: str, tmp_path: Path) -> None:
    own = [voucher("0001", "1", "5001", "500.00", "0"), list(reversed(voucher("0001", "2", "1002", "0", "500.00")))]
    (tmp_path / "总账.xml").write_bytes(accounts(*own, encoding=encoding))
    brought = bring(tmp_path)
    names = ("_row", "voucher_type", "voucher_seq", "line_no", "period_no", "date", "account_name", "debit", "credit")
    assert columns(brought, *names) == [
        (2, "付", 1, 1, 1, date(2021, 1, 5), "活动支出", Decimal(500), Decimal(0)),
        (3, "付", 1, 2, 1, date(2021, 1, 5), None, Decimal(0), Decimal(500)),
    ]
    assert {note.sheet for note in brought.notes if "数据接口文件" in note.message} == {"会计科目", "科目余额及发生额"}
    assert not any(note.fatal for note in brought.notes)


def test_lines_may_stand_within_their_voucher(tmp_path: Path) -> None:
    line = "<分录><科目编号>{}</科目编号><借方本币金额>{}</借方本币金额><贷方本币金额>{}</贷方本币金额></分录>"
    head = "<记账凭证编号>7</记账凭证编号><记账凭证日期>2021-01-05</记账凭证日期>"
    text = f"<?xml version='1.0'?><凭证库><记账凭证>{head}{line.format('5001', '5', '')}{line.format('1002', '', '5')}</记账凭证></凭证库>"
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    assert columns(bring(tmp_path), "voucher_seq", "account_code", "debit", "credit") == [
        (7, "5001", Decimal(5), None),
        (7, "1002", None, Decimal(5)),
    ]


def test_a_field_that_a_record_says_twice_is_not_read(tmp_path: Path) -> None:
    own = [*voucher("1", "1", "5001", "5", "0"), ("借方本币金额", "6")]
    (tmp_path / "a.xml").write_bytes(accounts(own))
    brought = bring(tmp_path / "a.xml")
    assert columns(brought, "debit") == [(None,)]
    assert lines(brought)[0]["_problems"] & KINDS["voucher_line"].bit("debit")


def test_hostile_accounts_are_refused_and_other_xml_of_a_folder_is_named(tmp_path: Path) -> None:
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>"
    (tmp_path / "总账.xml").write_bytes(accounts(voucher("1", "1", "5001", "5", "0"), encoding="UTF-8", beside=bomb))
    (tmp_path / "settings.xml").write_text("<?xml version='1.0'?><settings><a>1</a></settings>", encoding="utf-8")
    brought = bring(tmp_path)
    said = {Path(note.path).name: (note.fatal, note.message) for note in brought.notes}
    assert said["总账.xml"][0]
    assert "文档类型声明" in said["总账.xml"][1]
    assert not said["settings.xml"][0]


def test_more_records_than_allowed_are_refused(tmp_path: Path) -> None:
    from ledgers.limits import Limits
    from ledgers.opened import answer

    (tmp_path / "a.xml").write_bytes(accounts(*[voucher(str(n), "1", "5001", "5", "0") for n in range(50)]))
    refused, _ = answer(str(tmp_path / "a.xml"), "accounts", "", "", Limits(cells=100))
    assert "cells" in refused


# ---- Judged.


def test_a_finding_names_the_row_in_which_the_number_of_its_voucher_stands(tmp_path: Path) -> None:
    rows = [
        KIS,
        JOURNAL[3],
        ["", "", "", "", "1002", "银行存款", "", "499.99", ""],
        ["", "", "", "本月合计", "", "", "1", "1", ""],
    ]
    path = write_csv(tmp_path / "a.csv", rows)  # type: ignore[arg-type]
    told = check(path, "--policy", "E24").report
    (finding,) = told["findings"]
    assert (finding["verdict"], finding["amount_involved"]) == ("suspect", "0.01")
    assert [place["row"] for place in finding["locations"]] == [2, 3]
    assert all("row" not in fact or fact["row"] == 2 for fact in finding["facts"].values())


def test_what_stands_in_another_row_says_in_which(tmp_path: Path) -> None:
    rows = [
        ["日期", "凭证号", "摘要", "科目编码", "科目名称", "资金来源", "借方", "贷方"],
        ["2021-02-05", "记-7", "付款", "1002", "银行存款", "", "", "500"],
        ["", "", "付餐费", "5004", "招待费", "中央财政专项", "500", ""],
    ]
    told = check(write_csv(tmp_path / "a.csv", rows), "--pack", "central-aid-2015", "--policy", "B11").report
    (finding,) = told["findings"]
    assert [place["row"] for place in finding["locations"]] == [3]
    facts = finding["facts"]
    assert (facts["voucher_no"]["raw"], facts["voucher_no"]["row"]) == ("记-7", 2)
    assert (facts["date"]["value"], facts["date"]["row"]) == ("2021-02-05", 2)
    assert "row" not in facts["debit"]


def test_vouchers_of_one_number_in_the_books_of_two_unions_are_two(tmp_path: Path) -> None:
    header = ["日期", "凭证号", "科目编码", "借方", "贷方"]
    for name, apart in (("一", "5"), ("二", "-5")):
        (tmp_path / name).mkdir()
        rows = [["2021-01-05", "记-1", "5001", f"{100 + int(apart)}", ""], ["2021-01-05", "记-1", "1002", "", "100"]]
        write_csv(tmp_path / name / "凭证.csv", [header, *rows])
    told = check(tmp_path, "--policy", "E24").report
    assert sorted({Path(place["path"]).parent.name for place in finding["locations"]} for finding in told["findings"]) == [
        {"一"},
        {"二"},
    ]
    assert [finding["amount_involved"] for finding in told["findings"]] == ["5.00", "5.00"]
