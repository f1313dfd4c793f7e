"""Every form of file that unions send is read by what it is, says what others hide, and a hostile one is refused within limits."""

from __future__ import annotations

import html
import random
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import guarded
from ledgers.guarded import Question, Readers
from ledgers.limits import Limits, Unreadable
from ledgers.opened import answer, read_workbook
from ledgers.separated import decode
from ledgers.sources import READ
from tests import ledger_files as write
from tests.ledger_files import PLAIN, WRITERS, Error, Formula, Rows
from tests.test_bad_input import AS_OF, GOOD, JUDGED, UNREADABLE, check, judged_beside, run, write_csv
from tests.test_bad_input import good as good
from tests.test_intake import AID, HEADER, LI, ZHANG, Brought, bring, identity

FILES = Path(__file__).parent / "files"
BOOKS: dict[str, Callable[..., Path]] = {
    "a.xlsx": write.write_xlsx,
    "a.xls": write.write_xls,
    "a.xlsb": write.write_xlsb,
    "a.ods": write.write_ods,
    "a.fods": write.write_fods,
    "a.xml": write.write_2003,
}
TABLE: Rows = [
    [*HEADER, "备注"],
    ["张三", identity(1), date(2021, 2, 3), 500, "第一行\n第二行"],
    ["李四", identity(2), date(2021, 2, 4), 300.5, "<b>&amp;</b> “甲”"],
    ["王五", "9900****0012", "2021.2.5", "1,500元", "=HYPERLINK(1)"],
    ["", "", "", "", ""],
    ["赵六", identity(3), None, 0, Error("#N/A")],
]


def as_said(*paths: Path) -> Brought:
    return bring(said=[("aid_payment", str(path)) for path in paths])


def by_input(brought: Brought) -> list[list[dict[str, Any]]]:
    """Part the typed rows by their input, and take out of them which it was."""
    apart: list[list[dict[str, Any]]] = [[] for _ in brought.intake.inputs]
    for row in brought.aid:
        apart[row["_input"]].append({name: value for name, value in row.items() if name != "_input"})
    return apart


def cells(brought: Brought, code: str) -> list[tuple[str | None, str]]:
    return [(note.cell, note.message) for note in brought.notes if note.code == code]


# ---- The same table from every form.


def test_a_table_is_the_same_typed_ledger_from_every_form(tmp_path: Path) -> None:
    plain = write.write_tabs(tmp_path / "z.tsv", TABLE, "utf-8")
    brought = as_said(plain, *(writer(tmp_path / name, TABLE) for name, writer in WRITERS.items()))
    assert [note.message for note in brought.notes if note.fatal] == []
    first, *others = by_input(brought)
    assert [(row["_row"], row["name"], row["amount"]) for row in first] == [
        (2, "张三", Decimal(500)), (3, "李四", Decimal("300.5")), (4, "王五", Decimal(1500)), (6, "赵六", Decimal(0)),
    ]  # fmt: skip
    assert first[3]["_problems"] == AID.bit("note")
    for name, other in zip(WRITERS, others, strict=True):
        if name[-3:] not in (".db", "kdb", "te3"):  # of bulk forms blank rows are rows
            assert other == first, name
        assert [row for row in other if row["name"]] == first, name


TEXT = st.text(st.sampled_from("张三李四建档ab 0123456789.-/年月日元万％，“”<>&'\"#=+"), max_size=9)


@settings(max_examples=8, deadline=None)
@given(rows=st.lists(st.tuples(TEXT.map("名".__add__), TEXT, TEXT, TEXT).map(list), min_size=1, max_size=8))
def test_any_texts_are_the_same_typed_ledger_from_every_form(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("forms")
    table = [HEADER, *[[cell.strip() for cell in row] for row in rows]]
    writers = {**WRITERS, **PLAIN}
    brought = as_said(*(writer(folder / name, table) for name, writer in writers.items()))
    first, *others = by_input(brought)
    assert len(others) == len(writers) - 1
    for name, other in zip([*writers][1:], others, strict=True):
        assert other == first, name


def test_every_form_in_which_unions_send_ledgers_is_tried() -> None:
    tried = {Path(name).suffix for name in (*WRITERS, *PLAIN)}
    assert tried >= set(READ) - {".ett", ".sqlite", ".htm"}  # other names of the same


TRADITIONAL = st.text(st.sampled_from("張三李四建檔ab 0123456789.-/年月日元萬，“”<>&'#=+"), max_size=9)


@settings(max_examples=8, deadline=None)
@given(
    rows=st.lists(
        st.tuples(TRADITIONAL.map("名".__add__), TRADITIONAL, TRADITIONAL, TRADITIONAL).map(list), min_size=1, max_size=8
    )
)
def test_any_traditional_texts_are_the_same_typed_ledger_in_big5(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("forms")
    table = [["姓名", "身份證號", "發放日期", "金額"], *[[cell.strip() for cell in row] for row in rows]]
    writers = {
        "a.csv": write.write_separated,
        "b.csv": partial(write.write_separated, encoding="big5"),
        "c.tsv": partial(write.write_separated, encoding="big5", mark="\t"),
        "d.xls": partial(write.write_page, encoding="big5"),
        "e.csv": partial(write.write_separated, encoding="gb18030"),
    }
    brought = as_said(*(writer(folder / name, table) for name, writer in writers.items()))
    assert [one.encoding for one in brought.intake.inputs] == ["utf-8", "big5", "big5", "big5hkscs", "gb18030"]
    first, *others = by_input(brought)
    for name, other in zip([*writers][1:], others, strict=True):
        assert other == first, name


FAULTS: Rows = [
    [*HEADER, "人员类别", "帮扶方式", "困难等级"],
    ["测试甲", identity(1), "2021-02-03", "800", "困难职工", "慰问", "困难"],
    ["测试乙等3人", identity(2), "2021-02-13", "500", "困难职工", "慰问", "困难"],
    ["测试丙", identity(3), "2021-02-03", "约500", "困难城镇居民", "慰问", "特困"],
    ["测试丙", identity(3), "2021年2月3日", "500元", "困难职工", "慰问", "困难"],
    ["测试丙", identity(3), "2021.2.3", "５００", "困难职工", "慰问", "困难"],
]


Found = tuple[list[tuple[str, ...]], list[str]]


def findings(place: Path, *files: tuple[str, Callable[[Path, Rows], Path], Rows]) -> Found:
    """Judge files that one unit sent, and give what is found but where it stands."""
    folder = place / "测试工会"
    folder.mkdir(parents=True)
    for name, writer, rows in files:
        writer(folder / name, rows)
    ran = run("check", folder, "--pack", "yuanjiang-2021", "--as-of", "2021-12-31", "--format", "json", "--privacy", "full")
    assert ran.fatal() == {}
    found = [
        tuple(str(one[key]) for key in ("code", "verdict", "fingerprint", "amount_involved")) for one in ran.report["findings"]
    ]
    return sorted(found), [
        f"{own['code']} {own['compliant']} {own['violation']} {own['not_evaluable']}" for own in ran.report["coverage"]
    ]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Found:
    found = findings(tmp_path_factory.mktemp("plain"), ("a.csv", write.write_separated, FAULTS))
    assert len({code for code, *_ in found[0]}) >= 4
    return found


@pytest.mark.parametrize("name", sorted({**WRITERS, **PLAIN}))
def test_writing_a_ledger_in_another_form_changes_no_finding(name: str, tmp_path: Path, plain: Found) -> None:
    assert findings(tmp_path, (name, {**WRITERS, **PLAIN}[name], FAULTS)) == plain


def test_splitting_and_reordering_a_ledger_over_several_forms_changes_no_finding(tmp_path: Path, plain: Found) -> None:
    header, *rows = FAULTS
    parts = [("a.xls", write.write_xls, [header, *rows[3:][::-1]]), ("b.parquet", write.write_parquet, [header, *rows[:3][::-1]])]
    assert findings(tmp_path / "2", *parts) == plain
    turned = [list(reversed(row)) for row in FAULTS]
    assert findings(tmp_path / "3", ("a.ods", write.write_ods, turned)) == plain


BY_ANOTHER_PROGRAM = [
    (2, "测试甲", date(2021, 2, 3), Decimal(500)),
    (3, "测试乙", date(2021, 2, 4), None),
    (4, "测试丙", date(2021, 2, 1), None),
    (5, "测试丁", date(2021, 2, 5), Decimal(500)),
    (6, "测试戊", date(2021, 2, 6), Decimal("300.5")),
]  # the rows of the files `libreoffice.*`


@pytest.mark.parametrize("name", ["libreoffice.xls", "libreoffice.ods", "libreoffice.fods", "libreoffice.xlsx"])
def test_a_workbook_that_another_program_wrote_is_read_with_what_it_hides(name: str) -> None:
    brought = bring(FILES / name)
    assert [(row["_row"], row["name"], row["pay_date"], row["amount"]) for row in brought.aid] == BY_ANOTHER_PROGRAM
    assert brought.aid[2]["pay_date__to"] == date(2021, 2, 28)
    assert [cell for cell, _ in cells(brought, "Q10")] == ["D3", "E5"]
    assert [cell for cell, _ in cells(brought, "Q07")] == ["B3"]
    assert [cell for cell, _ in cells(brought, "Q01")] == ["D4"]  # computed, and blank
    assert sorted(message[:16] for _, message in cells(brought, "Q11")) == [
        "工作表有隐藏的 1 行、1 列，",
        "隐藏工作表 备用 未读取；如需判",
    ]


def test_a_text_that_another_program_wrote_is_read() -> None:
    brought = bring(FILES / "libreoffice.csv")
    assert [(row["_row"], row["name"], row["pay_date"], row["amount"]) for row in brought.aid] == BY_ANOTHER_PROGRAM
    assert brought.aid[2]["pay_date__to"] == date(2021, 2, 28)
    assert [cell for cell, _ in cells(brought, "Q07")] == ["B3"]
    assert [cell for cell, _ in cells(brought, "Q10")] == ["D3", "E5"]


def test_a_page_that_another_program_wrote_is_read() -> None:
    brought = bring(FILES / "libreoffice.html")
    assert [row["name"] for row in brought.aid] == ["测试甲", "测试乙", "测试丙", "测试丁"]  # the hidden row is not in it
    assert brought.aid[2]["pay_date__to"] == date(2021, 2, 28)


# ---- What readers hide.


@pytest.mark.parametrize("name", sorted(BOOKS))
@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
def test_an_error_cell_is_never_a_blank(name: str, error: str, tmp_path: Path) -> None:
    brought = bring(BOOKS[name](tmp_path / name, [HEADER, ZHANG, ["李四", identity(2), "2021-02-04", Error(error)]]))
    assert [(cell, message[-len(error) :]) for cell, message in cells(brought, "Q10")] == [("D3", error)]
    assert brought.aid[1]["_problems"] == AID.bit("amount")


@pytest.mark.parametrize("name", sorted(set(BOOKS) - {"a.xlsx"}))
def test_a_formula_that_nobody_computed_is_never_a_blank(name: str, tmp_path: Path) -> None:
    brought = bring(BOOKS[name](tmp_path / name, [HEADER, ZHANG, ["李四", identity(2), "2021-02-04", Formula()]]))
    assert [cell for cell, _ in cells(brought, "Q10")] == ["D3"]


@pytest.mark.parametrize("name", ["a.ods", "a.fods", "a.xml"])
def test_a_formula_whose_result_is_the_empty_text_is_blank(name: str, tmp_path: Path) -> None:
    brought = bring(BOOKS[name](tmp_path / name, [HEADER, ZHANG, ["李四", identity(2), "2021-02-04", Formula(computed=True)]]))
    assert [cell for cell, _ in cells(brought, "Q01")] == ["D3"]
    assert cells(brought, "Q10") == []


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_hidden_rows_and_columns_are_counted_and_read(name: str, tmp_path: Path) -> None:
    brought = bring(BOOKS[name](tmp_path / name, [HEADER, ZHANG, LI], hidden_row=2, hidden_column=1))
    assert len(brought.aid) == 2
    assert [message for _, message in cells(brought, "Q11")] == ["工作表有隐藏的 1 行、1 列，已照常读取。"]


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_an_identity_number_stored_as_a_number_is_a_problem(name: str, tmp_path: Path) -> None:
    brought = bring(BOOKS[name](tmp_path / name, [HEADER, ["张三", 990000198001010027, "2021-02-03", 500]]))
    assert [cell for cell, _ in cells(brought, "Q07")] == ["B2"]


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb", "a.xml"])
def test_a_day_that_shows_only_its_month_is_a_month(name: str, tmp_path: Path) -> None:
    table = [HEADER, ["张三", identity(1), date(2021, 2, 1), 500], ["李四", identity(2), date(2021, 2, 4), 300]]
    brought = bring(BOOKS[name](tmp_path / name, table, day='yyyy"年"m"月"'))
    assert [(row["pay_date"], row["pay_date__to"]) for row in brought.aid] == [
        (date(2021, 2, 1), date(2021, 2, 28)),
        (date(2021, 2, 4), date(2021, 2, 4)),
    ]


@pytest.mark.parametrize("form", ["mmm-yy", "yyyy/m"])
def test_a_day_of_an_old_workbook_in_a_built_in_form_of_months_is_a_month(form: str, tmp_path: Path) -> None:
    brought = bring(write.write_xls(tmp_path / "a.xls", [HEADER, ["张三", identity(1), date(2021, 2, 1), 500]], day=form))
    assert [(row["pay_date"], row["pay_date__to"]) for row in brought.aid] == [(date(2021, 2, 1), date(2021, 2, 28))]


def test_an_old_workbook_that_counts_days_from_1904_is_read_by_its_own_calendar(tmp_path: Path) -> None:
    table = [HEADER, ["张三", identity(1), date(2021, 2, 3), 500], ["李四", identity(2), 42768, 300]]
    brought = bring(write.write_xls(tmp_path / "a.xls", table, from_1904=True))
    assert [row["pay_date"] for row in brought.aid] == [date(2021, 2, 3), date(2021, 2, 3)]


# ---- What a file is.


@pytest.mark.parametrize(
    ("name", "writer", "inside"),
    [
        ("a.xls", write.write_tabs, "text"),
        ("a.xls", write.write_page, "html"),
        ("a.xls", write.write_2003, "spreadsheetml"),
        ("a.xls", write.write_xlsx, "xlsx"),
        ("a.xlsx", write.write_xls, "xls"),
        ("a.csv", write.write_xlsb, "xlsb"),
        ("a.txt", write.write_sqlite, "sqlite"),
    ],
)
def test_a_file_is_read_by_what_it_is_and_that_is_said(
    name: str, writer: Callable[..., Path], inside: str, tmp_path: Path
) -> None:
    brought = bring(writer(tmp_path / name, [HEADER, ZHANG, LI]))
    assert [row["name"] for row in brought.aid] == ["张三", "李四"]
    assert [message for _, message in cells(brought, "Q11")] == [f"扩展名是 {name[1:]}，内容实为 {inside}；已按内容读取。"]


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb", "a.ods", "a.xlsx", "a.et"])
def test_a_file_that_is_what_it_is_called_needs_no_word(name: str, tmp_path: Path) -> None:
    writer = BOOKS.get(name, write.write_xls)
    assert cells(bring(writer(tmp_path / name, [HEADER, ZHANG])), "Q11") == []


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8"])
def test_a_table_of_tabs_that_is_called_a_workbook_is_read_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    brought = bring(write.write_tabs(tmp_path / "a.xls", [HEADER, ZHANG], encoding))
    assert [(row["name"], row["amount"]) for row in brought.aid] == [("张三", Decimal(500))]
    assert [one.encoding for one in brought.intake.inputs] == [encoding]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_workbook_of_one_xml_file_is_read_in_the_encoding_that_it_names(encoding: str, tmp_path: Path) -> None:
    assert [row["name"] for row in bring(write.write_2003(tmp_path / "a.xls", [HEADER, ZHANG], encoding=encoding)).aid] == [
        "张三"
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "big5"])
def test_a_page_is_read_in_its_encoding(encoding: str, tmp_path: Path) -> None:
    table = [["姓名", "身份證號", "發放日期", "金額"], ["陳大文", *ZHANG[1:]]]
    brought = bring(write.write_page(tmp_path / "a.xls", table, encoding=encoding))
    assert [(row["name"], row["amount"]) for row in brought.aid] == [("陈大文", Decimal(500))]


def test_an_encoding_that_is_said_is_that_of_pages_too(tmp_path: Path) -> None:
    page = write.write_page(
        tmp_path / "a.xls", [["姓名", "身份證號", "發放日期", "金額"], ["陳大文", *ZHANG[1:]]], encoding="big5"
    )
    page.write_bytes(page.read_bytes().replace(b'<meta charset="big5">', b""))
    brought = bring(page, encoding="big5")
    assert [(one.encoding, one.rows) for one in brought.intake.inputs] == [("big5", 1)]
    assert [row["name"] for row in brought.aid] == ["陈大文"]
    refused = bring(page, encoding="utf-8")
    assert ["--encoding" in note.message for note in refused.notes if note.fatal] == [True]
    ran = check(page, "--encoding", "big5")
    assert [one["encoding"] for one in ran.report["run"]["inputs"]] == ["big5"]


def test_big5_is_told_from_gb18030_by_the_headers_that_it_gives(tmp_path: Path) -> None:
    header = ["姓名", "身份證號", "發放金額", "發放日期"]
    rows = [["陳大文", identity(1), "500", "2021-02-03"], ["黃小明", identity(2), "300", "2021-02-04"]]
    brought = bring(write_csv(tmp_path / "a.csv", [header, *rows], "big5"))
    assert [(one.encoding, one.rows) for one in brought.intake.inputs] == [("big5", 2)]
    assert [(row["amount"], row["pay_date"]) for row in brought.aid] == [
        (Decimal(500), date(2021, 2, 3)),
        (Decimal(300), date(2021, 2, 4)),
    ]
    assert bring(write_csv(tmp_path / "b.csv", [header, *rows], "gb18030")).intake.inputs[0].encoding == "gb18030"


def test_without_known_headers_gb18030_comes_first() -> None:
    data = "甲栏,乙栏\n".encode("big5", "ignore")
    assert decode(data)[1] == decode(data, None, {"姓名"})[1] == "gb18030"


def test_characters_of_the_systems_in_taiwan_are_read_where_big5_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("姓名,身份證號,發放金額,發放日期\n恒裏,,5,2021-02-03\n".encode("cp950"))
    assert bring(path, encoding="big5").intake.inputs[0].encoding == "cp950"


def test_in_a_folder_only_pages_that_were_written_as_workbooks_are_ledgers(tmp_path: Path) -> None:
    write.write_page(tmp_path / "台账.html", [HEADER, ZHANG])
    write.write_2003(tmp_path / "台账.xml", [HEADER, LI])
    (tmp_path / "report.html").write_text("<html><table><tr><td>姓名</td></tr></table></html>", encoding="utf-8")
    (tmp_path / "report.xml").write_text("<testsuites/>", encoding="utf-8")
    brought = bring(tmp_path)
    assert [Path(one.path).name for one in brought.intake.inputs] == ["台账.html", "台账.xml"]
    assert {(Path(note.path).name, note.fatal) for note in brought.notes if note.code == "Q09"} == {
        ("report.html", False),
        ("report.xml", False),
    }


def test_cells_that_span_rows_and_columns_of_a_page_keep_the_others_in_their_columns(tmp_path: Path) -> None:
    page = tmp_path / "a.xls"
    page.write_text(
        "<table><tr><td colspan=4>送温暖发放表<tr><th>姓名<th>身份证号<th>发放日期<th>金额</tr>"
        f"<tr><td>张三<td>{identity(1)}<td rowspan=2>2021-02-03<td>&yen;500<tr><td>李四&nbsp;<td>{identity(2)}<td>3<!-- -->00</table>",
        encoding="utf-8",
    )
    brought = bring(page)
    assert [(row["_row"], row["name"], row["amount"]) for row in brought.aid] == [
        (3, "张三", Decimal(500)),
        (4, "李四", Decimal(300)),
    ]


def test_what_stands_above_a_table_of_a_page_says_its_unit_and_other_tables_are_named(tmp_path: Path) -> None:
    rows = f"<tr><th>姓名<th>身份证号<th>发放日期<th>金额<tr><td>张三<td>{identity(1)}<td>2021-02-03<td>0.05"
    for name, page in {
        "text": f"<h1>送温暖发放表</h1><p>单位：万元</p><table>{rows}</table>",
        "caption": f"<table><caption>送温暖发放表<br>单位：万元</caption>{rows}</table>",
    }.items():
        (tmp_path / f"{name}.xls").write_text(page + "<table><tr><td>打印时间<td>2021-03-01</table>", encoding="utf-8")
        brought = bring(tmp_path / f"{name}.xls")
        assert [(row["_row"], row["amount"]) for row in brought.aid] == [(4, Decimal(500))], name
        assert [note.message for note in brought.notes if note.sheet == "表2"] == ["网页中的 表2 不像台账，未读取。"]
        assert not any(note.fatal for note in brought.notes)


def test_a_second_table_of_a_page_that_is_nearly_a_ledger_is_not_passed_over(tmp_path: Path) -> None:
    write.write_page(tmp_path / "a.html", [HEADER, ZHANG])
    page = tmp_path / "a.html"
    page.write_text(page.read_text("utf-8") + "<table><tr><td>姓名<td>困难等级<tr><td>李四<td>特困</table>", encoding="utf-8")
    assert [note.sheet for note in bring(page).notes if note.fatal] == ["表2"]


# ---- Databases.


def two_tables(path: Path) -> Path:
    with sqlite3.connect(path) as con:
        con.executescript(
            'CREATE TABLE 发放 (姓名, 身份证号, 发放日期, 金额); CREATE TABLE 日志 (时间, 内容); CREATE TABLE "二 月" (姓名, 身份证号, 发放日期, 金额);'
            "CREATE VIEW 全部 AS SELECT * FROM 发放;"
        )
        con.execute("INSERT INTO 发放 VALUES (?, ?, ?, ?)", ZHANG)
        con.execute('INSERT INTO "二 月" VALUES (?, ?, ?, ?)', (LI[0], LI[1], LI[2], b"\x00\x01"))
    con.close()
    return path


def test_every_table_of_a_database_is_recognised_like_a_sheet_and_the_others_are_named(tmp_path: Path) -> None:
    brought = bring(two_tables(tmp_path / "a.db"))
    assert [(one.sheet, one.rows) for one in brought.intake.inputs] == [("二 月", 1), ("发放", 1)]
    assert [(row["_row"], row["name"]) for row in brought.aid] == [(2, "李四"), (2, "张三")]
    assert [cell for cell, _ in cells(brought, "Q04")] == ["D2"]
    assert [note.message for note in brought.notes if note.code == "Q11"] == [
        f"视图 全部 与数据表同为一类台账，为免重复未读取；如需判断，用 --ledger aid_payment={tmp_path / 'a.db'}#全部。",
        "数据表 日志 的列不像台账，未读取。",
    ]
    asked = bring(said=[("aid_payment", f"{tmp_path / 'a.db'}#全部")])
    assert [(one.sheet, one.rows) for one in asked.intake.inputs] == [("全部", 1)]


def test_one_table_of_a_database_can_be_asked_for_and_one_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = two_tables(tmp_path / "a.sqlite")
    assert [row["name"] for row in bring(said=[("aid_payment", f"{path}#二 月")]).aid] == ["李四"]
    assert "`三月`" in next(note.message for note in bring(said=[("aid_payment", f"{path}#三月")]).notes if note.fatal)


def test_a_table_that_is_nearly_a_ledger_is_not_passed_over(tmp_path: Path) -> None:
    path = two_tables(tmp_path / "a.db")
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE 三月 (姓名, 身份证号, 困难等级)")
    con.close()
    assert [note.sheet for note in bring(path).notes if note.fatal] == ["三月"]


def test_a_database_in_use_is_refused_rather_than_read_without_its_last_rows(tmp_path: Path) -> None:
    con = sqlite3.connect(tmp_path / "a.db")
    con.execute("PRAGMA journal_mode = WAL")
    con.execute("CREATE TABLE 发放 (姓名, 身份证号, 发放日期, 金额)")
    con.execute("INSERT INTO 发放 VALUES (?, ?, ?, ?)", ZHANG)
    con.commit()
    assert "正被其他程序使用" in next(note.message for note in bring(tmp_path / "a.db").notes if note.fatal)
    con.close()
    assert [row["name"] for row in bring(tmp_path / "a.db").aid] == ["张三"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db"]


def test_a_typed_table_of_duckdb_keeps_its_types_and_a_view_of_a_file_outside_is_refused(tmp_path: Path) -> None:
    secret = write_csv(tmp_path / "别处.csv", [HEADER, LI])
    with duckdb.connect(str(tmp_path / "a.duckdb")) as con:
        con.execute(
            "CREATE SCHEMA 春; CREATE TABLE 春.发放 (姓名 VARCHAR, 身份证号 VARCHAR, 发放日期 DATE, 金额 DECIMAL(18,2), 间隔 INTERVAL)"
        )
        con.execute("INSERT INTO 春.发放 VALUES (?, ?, ?, ?, INTERVAL 1 DAY)", ZHANG)
        con.execute(f"CREATE VIEW 视图 AS SELECT * FROM read_csv('{secret}')")
    brought = bring(tmp_path / "a.duckdb")
    assert [(one.sheet, one.rows) for one in brought.intake.inputs] == [("春.发放", 1)]
    assert [(row["name"], row["pay_date"], row["amount"]) for row in brought.aid] == [("张三", date(2021, 2, 3), Decimal(500))]
    assert [(note.sheet, "视图 读不到末尾（" in note.message) for note in brought.notes if note.fatal] == [("视图", True)]


def make_views(path: Path, *views: str) -> Path:
    """Write a database whose tables are no ledgers by themselves, with views."""
    con: Any = duckdb.connect(str(path)) if path.suffix == ".duckdb" else sqlite3.connect(path)
    con.execute("CREATE TABLE 人 (k INTEGER, a VARCHAR, b VARCHAR)")
    con.execute("CREATE TABLE 款 (k INTEGER, c VARCHAR, d INTEGER)")
    for number, (name, own, day, amount) in enumerate([ZHANG, LI]):
        con.execute("INSERT INTO 人 VALUES (?, ?, ?)", (number, name, own))
        con.execute("INSERT INTO 款 VALUES (?, ?, ?)", (number, day, int(amount) * 100))
    for view in views:
        con.execute(view)
    con.commit()
    con.close()
    return path


PAID = "SELECT a AS 姓名, b AS 身份证号, c AS 发放日期, d / 100 AS 金额 FROM 人 JOIN 款 USING (k)"


@pytest.mark.parametrize("name", ["a.db", "a.duckdb"])
def test_a_view_is_read_by_its_query_and_named_as_such(name: str, tmp_path: Path) -> None:
    brought = bring(
        make_views(
            tmp_path / name, f"CREATE VIEW 发放 AS {PAID} ORDER BY k", "CREATE VIEW 人数 AS SELECT count(*) AS 个数 FROM 人"
        )
    )
    assert [(one.sheet, one.rows) for one in brought.intake.inputs] == [("发放", 2)]
    assert [(row["_row"], row["name"], row["amount"]) for row in brought.aid] == [
        (2, "张三", Decimal(500)),
        (3, "李四", Decimal(300)),
    ]
    said = [note.message for note in brought.notes if note.code == "Q11" and "视图" in note.message]
    assert said == ["视图 人数 的列不像台账，未读取。", "视图 发放 按其查询结果读取，行号为结果中的顺序。"]
    assert not [note for note in brought.notes if note.fatal]


@pytest.mark.parametrize("name", ["a.db", "a.duckdb"])
def test_of_views_of_one_kind_none_is_read_twice_and_each_can_be_asked_for(name: str, tmp_path: Path) -> None:
    path = make_views(tmp_path / name, f"CREATE VIEW 全年 AS {PAID}", f"CREATE VIEW 二月 AS {PAID} WHERE k = 1")
    brought = bring(path)
    assert brought.rows == {}
    assert sorted((note.sheet, f"#{note.sheet}" in note.message) for note in brought.notes if note.fatal) == [
        ("二月", True),
        ("全年", True),
    ]
    asked = bring(said=[("aid_payment", f"{path}#二月")])
    assert [row["name"] for row in asked.aid] == ["李四"]


@pytest.mark.parametrize(
    "view",
    [
        "CREATE VIEW 坏 AS SELECT * FROM 没有",
        "CREATE VIEW 坏 AS SELECT load_extension('x') AS 姓名, '' AS 身份证号, '' AS 发放日期, 1 AS 金额",
        "CREATE VIEW 坏 AS SELECT abs(-9223372036854775808) AS 金额, a AS 姓名, b AS 身份证号, '' AS 发放日期 FROM 人",
    ],
)
def test_a_view_that_fails_is_one_that_is_not_read(view: str, tmp_path: Path) -> None:
    path = make_views(tmp_path / "a.db", view)
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE 发放 (姓名, 身份证号, 清退金额, 清退时间)")
        con.execute("INSERT INTO 发放 VALUES (?, ?, '5', '2021-02-03')", ZHANG[:2])
    con.close()
    brought = bring(path)
    assert [one.sheet for one in brought.intake.inputs] == ["发放"]
    assert [note.sheet for note in brought.notes if note.fatal] == ["坏"]


def test_a_view_without_end_is_refused_within_the_limits(tmp_path: Path) -> None:
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS 金额, '张' AS 姓名, '' AS 发放日期 FROM n"
    )
    path = make_views(tmp_path / "a.db", f"CREATE VIEW 发放 AS {endless}")
    refused, _ = answer(str(path), "sqlite", "发放", str(tmp_path / "out"), Limits(cells=100_000))
    assert "cells" in refused


# ---- Hostile files.


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def patched(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Change a part of a packed workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    return packed(path, {**parts, part: parts[part].replace(old, new, 1)})


BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE])
@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.fods", "a.xml"])
def test_xml_that_declares_entities_is_refused(name: str, declared: bytes, tmp_path: Path, good: Path) -> None:
    path = BOOKS[name](tmp_path / name, [HEADER, ZHANG])
    if name in ("a.xlsx", "a.ods"):
        part, root = ("xl/workbook.xml", b"<workbook") if name == "a.xlsx" else ("content.xml", b"<office:document-content")
        patched(path, part, root, declared + root)
    else:
        root = b"<Workbook" if name == "a.xml" else b"<office:document"
        path.write_bytes(path.read_bytes().replace(root, declared + root, 1))
    ran = check(path, good)
    assert (ran.code, "文档类型声明" in ran.fatal()[str(path)]) == (UNREADABLE, True)
    assert judged_beside(ran, good)


def test_a_worksheet_in_utf_16_is_refused_as_its_errors_would_not_be_found(tmp_path: Path, good: Path) -> None:
    path = write.write_xlsx(tmp_path / "a.xlsx", [HEADER, ZHANG])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    packed(path, {**parts, sheet: parts[sheet].decode().replace("UTF-8", "UTF-16").encode("utf-16")})
    assert "UTF-8" in check(path, good).fatal()[str(path)]


def test_a_number_that_is_none_is_an_error_and_not_nothing(tmp_path: Path) -> None:
    path = write.write_2003(tmp_path / "a.xml", [HEADER, [*ZHANG[:3], float("nan")]])
    assert [cell for cell, _ in cells(bring(path), "Q10")] == ["D2"]


def test_xml_that_is_nested_without_end_is_refused(tmp_path: Path, good: Path) -> None:
    path = write.write_2003(tmp_path / "a.xml", [HEADER, ZHANG])
    path.write_bytes(path.read_bytes().replace(b"<Table>", b"<Table>" + b"<a>" * 100_000, 1))
    ran = check(path, good)
    assert "嵌套超过" in ran.fatal()[str(path)]
    page = tmp_path / "b.html"
    page.write_text("<table><tr><td>" * 100_000, encoding="utf-8")
    assert "嵌套超过" in check(page, good).fatal()[str(page)]


def far_xlsb(path: Path) -> Path:
    write.write_xlsb(path, [HEADER, ZHANG])
    row = struct.pack("<IIHBBBI", 1_000_000, 0, 300, 0, 0, 0, 0)
    cell = struct.pack("<III", 16_000, 0, 1) + "远".encode("utf-16-le")
    return patched(
        path,
        "xl/worksheets/sheet1.bin",
        b"\x92\x01\x00",
        bytes([0, len(row)]) + row + bytes([6, len(cell)]) + cell + b"\x92\x01\x00",
    )


def far_xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in (HEADER, ZHANG):
        book.worksheets[0].append(row)
    book.worksheets[0]["XFD1048576"] = "远"
    book.save(path)
    return path


FAR: dict[str, Callable[[Path], object]] = {
    "a.xlsx": far_xlsx,
    "b.xlsb": far_xlsb,
    "c.ods": lambda path: patched(write.write_ods(path, [HEADER, ZHANG]), "content.xml", b'number-columns-repeated="16000"/>', b'number-columns-repeated="17000"><text:p>5</text:p></table:table-cell>'),
    "d.ods": lambda path: patched(write.write_ods(path, [HEADER, ZHANG]), "content.xml", b'repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/>', b'repeated="1048000"><table:table-cell table:number-columns-repeated="99"><text:p>5</text:p></table:table-cell>'),
    "e.xml": lambda path: path.write_bytes(write.write_2003(path, [HEADER, ZHANG]).read_bytes().replace(b'ss:Index="2"', b'ss:Index="99999999"', 1)),
    "f.html": lambda path: path.write_text("<table>" + "<tr><td colspan=65536>" * 300 + "</table>", encoding="utf-8"),
    "g.csv": lambda path: path.write_text(",".join(HEADER) + "\n" + "," * 1_000_000, encoding="utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FAR))
def test_a_cell_in_the_far_corner_fills_no_memory(name: str, tmp_path: Path, good: Path) -> None:
    FAR[name](tmp_path / name)
    ran = check(tmp_path / name, good)
    assert ran.code == UNREADABLE
    assert any(word in ran.fatal()[str(tmp_path / name)] for word in ("远处的单元格", "超过上限 16384")), ran.fatal()
    assert judged_beside(ran, good)


@pytest.mark.parametrize("corner", ["XFD1048576", "XFD20000"])
def test_a_far_cell_that_a_sheet_denies_is_refused(corner: str, tmp_path: Path, good: Path) -> None:
    """A sheet that claims to end near is read while its XML is looked at; the memory that its reader wants may be told first."""
    path = far_xlsx(tmp_path / "a.xlsx")
    patched(path, "xl/worksheets/sheet1.xml", b'ref="A1:XFD1048576"', b'ref="A1:D2"')
    patched(path, "xl/worksheets/sheet1.xml", b'r="XFD1048576"', f'r="{corner}"'.encode())
    patched(path, "xl/worksheets/sheet1.xml", b'r="1048576"', f'r="{corner[3:]}"'.encode())
    ran = check(path, good)
    assert ran.code == UNREADABLE
    assert any(word in ran.fatal()[str(path)] for word in ("远处的单元格", "memory_mb")), ran.fatal()
    assert judged_beside(ran, good)


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.ods", "a.xlsx"])
def test_a_cell_of_a_million_characters_is_refused(name: str, tmp_path: Path, good: Path) -> None:
    table = [HEADER, [ZHANG[0], ZHANG[1], ZHANG[2], "9" * 1_000_000]]
    path = tmp_path / name
    if name == "a.xlsx":
        write.write_xlsx(path, [HEADER, ZHANG])
        patched(path, "xl/sharedStrings.xml", b"<t>500</t>", b"<t>" + b"9" * 1_000_000 + b"</t>")
    else:
        {"a.csv": write_csv, "a.xls": write.write_page, "a.ods": write.write_ods}[name](path, table)  # type: ignore[operator]
    ran = check(path, good)
    assert "cell_characters" in ran.fatal()[str(path)]
    assert judged_beside(ran, good)


@pytest.mark.parametrize("kind", ["amount", "date", "name", "identity"])
def test_the_longest_cell_that_is_read_is_read_in_no_time_and_without_a_fault(kind: str, tmp_path: Path) -> None:
    row = dict(zip(("name", "identity", "date", "amount"), ZHANG, strict=True))
    for text in ("9" * 99_999, "1," * 49_999, "(" * 99_999, "九" * 99_999, " " * 50_000 + "5" + " " * 49_000):
        path = write_csv(tmp_path / "a.csv", [HEADER, list({**row, kind: text}.values())])
        assert run("check", path, *AS_OF, "--format", "json").code in (JUDGED, 1, 3, 4)


def test_a_bomb_that_says_less_than_it_holds_ends_within_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    cell = b'<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    write.write_ods(path, [HEADER, ZHANG])
    patched(
        path,
        "content.xml",
        b"<table:table-row>",
        b"<table:table-row>" + cell * 16_000 + b"</table:table-row>" + b"<table:table-row>",
    )
    refused, _ = answer(str(path), "zip", "", "", Limits(cells=10_000))
    assert "远处" in refused


def test_a_file_that_takes_too_much_memory_or_time_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    heavy = write.write_ods(tmp_path / "a.ods", [HEADER, *([ZHANG] * 4)])
    rows = b"<table:table-row><table:table-cell/></table:table-row>" * 3_000_000
    patched(heavy, "content.xml", b"<table:table-row>", rows + b"<table:table-row>")
    light = write.write_xls(tmp_path / "b.xls", [HEADER, ZHANG])
    with Readers(Limits(seconds=1)) as readers:
        with pytest.raises(Unreadable, match="超过 1 秒"):
            readers.ask(Question(str(heavy), "zip"))
        assert readers.ask(Question(str(light), "ole"))[0] == "xls"
    big = tmp_path / "c.xls"
    big.write_text("<table>" + "<tr><td>x" * 8_000_000 + "</table>", encoding="utf-8")
    with Readers(Limits(memory_mb=256)) as readers:
        with pytest.raises(Unreadable, match="memory_mb"):
            readers.ask(Question(str(big), "html"))
        assert readers.ask(Question(str(light), "ole"))[0] == "xls"


@pytest.mark.parametrize("signal", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_a_reader_that_crashes_is_one_unreadable_file(
    signal: str, tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded, "PROGRAM", f"import os, signal; os.kill(os.getpid(), signal.{signal})")
    path = write.write_xls(tmp_path / "a.xls", [HEADER, ZHANG])
    ran = check(path, good)
    assert ran.code == UNREADABLE
    assert signal in ran.fatal()[str(path)]
    assert judged_beside(ran, good)


def test_the_limits_of_the_project_file_are_those_of_the_readers(tmp_path: Path, good: Path) -> None:
    path = write.write_xls(tmp_path / "a.xls", [HEADER, ZHANG])
    (tmp_path / "fundcheck.yaml").write_text("limits: {columns: 3, cell_characters: 500}\n", encoding="utf-8")
    ran = check(path, "--project", tmp_path / "fundcheck.yaml")
    assert "有 4 列，超过上限 3" in ran.fatal()[str(path)]
    (tmp_path / "fundcheck.yaml").write_text("limits: {column: 3}\n", encoding="utf-8")
    refused = run("check", good, "--project", tmp_path / "fundcheck.yaml", *AS_OF)
    assert (refused.code, "column" in refused.err) == (2, True)


def test_a_text_that_looks_like_a_formula_is_a_text_and_nothing_is_run(tmp_path: Path) -> None:
    row = ["=cmd|'/c calc'!A0", identity(1), "2021-02-03", "500"]
    brought = as_said(*(writer(tmp_path / name, [HEADER, row]) for name, writer in WRITERS.items()))
    assert {len(rows) for rows in by_input(brought)} == {1}
    assert {rows[0]["amount"] for rows in by_input(brought)} == {Decimal(500)}


@pytest.mark.parametrize("name", sorted(set(WRITERS) - {"h.xls", "i.et", "j.et", "k.xls", "l.xls", "m.xls", "n.xlsx"}))
def test_a_file_that_was_cut_off_is_refused_or_was_whole(name: str, tmp_path: Path) -> None:
    table = [HEADER, *([name, number, day, str(n)] for n in range(300) for name, number, day, _ in (ZHANG, LI))]
    whole = WRITERS[name](tmp_path / name, table)
    parts = [tmp_path / f"{number}{name}" for number in range(6)]
    for path, part in zip(parts, (0.02, 0.2, 0.5, 0.8, 0.95, 0.999), strict=True):
        path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * part)])
    brought = as_said(whole, *parts)
    first, *others = by_input(brought)
    assert len(first) == 600
    assert all(other == first for other in others)
    assert len([note for note in brought.notes if note.fatal]) == 6 - len(others) >= 4


def test_random_bytes_under_every_suffix_are_refused_and_nothing_else(tmp_path: Path, good: Path) -> None:
    rng = random.Random(7)
    heads = (
        b"",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"SQLite format 3\x00",
        b"PAR1",
        b"<?xml version='1.0'?>",
        b"<table>",
        b"\x09\x08\x10\x00",
        b"\x00" * 8 + b"DUCK",
    )
    bad = []
    for suffix in READ:
        for number, head in enumerate(heads):
            bad.append(tmp_path / f"{number}{suffix}")
            bad[-1].write_bytes(head + rng.randbytes(rng.choice([1, 50, 3000])))
    ran = check(*bad, good)
    assert ran.code == UNREADABLE
    assert sorted(ran.fatal()) == sorted(map(str, bad))
    assert judged_beside(ran, good)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_damaged_workbook_is_read_or_refused_and_never_a_fault(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = data.draw(st.sampled_from(sorted(BOOKS)))
    path = BOOKS[name](tmp_path_factory.mktemp("damaged") / name, [HEADER, *GOOD])
    body = bytearray(path.read_bytes())
    # The length of a book differs from second to second: places are drawn without it.
    for place in data.draw(st.lists(st.integers(0, 1 << 30), min_size=1, max_size=30)):
        body[place % len(body)] = data.draw(st.integers(0, 255))
    path.write_bytes(body)
    form = {"a.xls": "ole", "a.fods": "fods", "a.xml": "spreadsheetml"}.get(name, "zip")
    refused, found = answer(str(path), form, "", "", Limits())
    assert bool(refused) != bool(found)


@pytest.mark.parametrize(
    ("style", "amount"),
    [
        ("<!-- .x1 {color:red; text-decoration:line-through;} -->", None),
        ("td.x1, .x2 {TEXT-DECORATION: line-through}", None),
        (".x2 {text-decoration:line-through} .x1 {color:red} span.x1 {text-decoration:line-through}", 500),
        ("@media print {.x0 {color:red} .x1 {text-decoration:line-through}} @page {margin:0}", 500),
        ("@page {margin:0} @media print {.x1{display:none}} .x1 {text-decoration:line-through}", None),
    ],
)
def test_what_a_class_says_of_a_cell_is_as_good_as_its_own_style(style: str, amount: int | None, tmp_path: Path) -> None:
    """A spreadsheet that saves a page writes every look as a class: what was struck through there was paid."""
    cells = ["张三", identity(1), "2021-02-03", "500"]
    rows = "".join(f"<tr>{''.join(f'<td class=x1>{cell}</td>' for cell in row)}</tr>" for row in ([], cells))
    head = "".join(f"<td>{cell}</td>" for cell in HEADER)
    path = tmp_path / "a.xls"
    path.write_text(f"<html><style>{style}</style><body><table><tr>{head}</tr>{rows}</table></body></html>", encoding="utf-8")
    assert [row["amount"] for row in bring(path).aid] == [amount]


def test_characters_that_a_class_hides_are_none_of_the_cell(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<style>.no{display:none}</style><table><tr><td><span class='a no'>9</span>500</table>", encoding="utf-8")
    assert read_workbook(page, "html", Limits())[1][0].rows == [["500"]]


def test_a_table_of_titles_stands_above_the_next_one(tmp_path: Path) -> None:
    """The unit of a page whose title is a table of its own was yuan."""
    page = tmp_path / "a.html"
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADER, GOOD[0]))
    title = "<table><tr><td>2021年慰问金发放表<tr><td>填报单位：测试工会<td>单位：万元</table>"
    page.write_text(f"{title}<table>{rows}</table><table><tr><td>完</table>", encoding="utf-8")
    first, last = read_workbook(page, "html", Limits())[1]
    assert [row[0] for row in first.rows[:3]] == ["2021年慰问金发放表", "填报单位：测试工会", HEADER[0]]
    assert last.rows == [["完"]]
    foot = "<table><tr><td>制表人：张三<td>制表日期：2020年12月31日</table>"
    page.write_text(f"<table>{rows}</table>{foot}<table>{rows}</table>", encoding="utf-8")
    assert [len(sheet.rows) for sheet in read_workbook(page, "html", Limits())[1]] == [2, 1, 2]


def test_a_number_that_a_page_rounds_is_the_one_that_the_spreadsheet_kept(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        '<table><tr><td x:num="1234.56">1,235<td x:num="0.5">50%<td x:num="44200">2021-01-04</table>', encoding="utf-8"
    )
    assert read_workbook(page, "html", Limits())[1][0].rows == [["1234.56", "50%", "2021-01-04"]]


def test_pages_escape_what_they_show(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(f"<table><tr><td>{html.escape('<b>')}<script>1</script><td>5</table>", encoding="utf-8")
    assert read_workbook(page, "html", Limits())[1][0].rows == [["<b>", "5"]]


@pytest.mark.parametrize(
    ("shown", "amount"),
    [
        ("<s>500</s>600", None),
        ("<span style='text-decoration: line-through'>500</span>", None),
        ("500<sup>1</sup>", None),
        ("<span style='display:none'>9</span>500", 500),
        ("<div>500</div>", 500),
        ("<b>5</b><i>00</i>", 500),
    ],
)
def test_a_cell_of_a_page_is_what_it_shows(tmp_path: Path, shown: str, amount: int | None) -> None:
    """A struck 500 before 600 was read as 500600, 500 with a raised 1 as 5001, and what nobody sees as a digit."""
    cells = ["张三", identity(1), "2021-02-03", shown]
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADER, cells))
    path = tmp_path / "a.xls"
    path.write_text(f"<html><body><table>{rows}</table></body></html>", encoding="utf-8")
    brought = bring(path)
    assert [row["amount"] for row in brought.aid] == [amount]
    assert len([note for note in brought.notes if note.cell == "D2"]) == (amount is None)
