"""Files and tables become typed ledgers: which rows are data, where each cell stands, what is noted, and the same from every format."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ledgers import bulk
from ledgers.intake import Intake, Note, bring_in, cell_notes, find_sources
from ledgers.kinds import load_kinds
from ledgers.values import check_digit

KINDS = load_kinds()
WANTED = {name: set(kind.columns) for name, kind in KINDS.items()}
AID = KINDS["aid_payment"]
ALL_BITS = sum(AID.bit(name) for name in AID.columns)
HEADER = ["姓名", "身份证号", "发放日期", "金额"]


def identity(number: int) -> str:
    body = f"990000198001{number % 28 + 1:02}{number:03}"
    return body + check_digit(body)


ZHANG = ["张三", identity(1), "2021-02-03", "500"]
LI = ["李四", identity(2), "2021-02-04", "300"]


class Brought(NamedTuple):
    """Hold what an intake gave: typed rows by kind, the notes of files and of cells, the intake itself."""

    rows: dict[str, list[dict[str, Any]]]
    notes: list[Note]
    intake: Intake

    @property
    def aid(self) -> list[dict[str, Any]]:
        return self.rows["aid_payment"]

    def coded(self, code: str) -> list[Note]:
        return [note for note in self.notes if note.code == code]

    def places(self, code: str) -> list[tuple[int | None, str | None]]:
        return [(note.row, note.cell) for note in self.notes if note.code == code]


def bring(
    *paths: Path, said: Iterable[tuple[str, str]] = (), frames: dict[str, Any] | None = None, encoding: str | None = None
) -> Brought:
    sources, passed_over = find_sources([str(path) for path in paths], said)
    with duckdb.connect() as con, tempfile.TemporaryDirectory() as scratch:
        intake = bring_in(con, sources, KINDS, WANTED, frames=frames, encoding=encoding, scratch=Path(scratch))
        rows = {}
        for name, table in intake.tables.items():
            columns = [described[0] for described in con.execute(f"DESCRIBE {table.view}").fetchall()]
            found = con.execute(f"SELECT * FROM {table.view} ORDER BY _input, _row").fetchall()
            rows[name] = [dict(zip(columns, values, strict=True)) for values in found]
        return Brought(rows, [*passed_over, *intake.notes, *cell_notes(con, intake)], intake)


def write_csv(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: Iterable[Sequence[object]], sheet: str = "Sheet") -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = sheet
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


def patch_sheet(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Change the XML of the first sheet of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    changed = change(parts[name])
    assert changed != parts[name]
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in {**parts, name: changed}.items():
            archive.writestr(part, data)
    return path


def seen(brought: Brought) -> list[tuple[int, str | None, Decimal | None]]:
    return [(row["_row"], row["name"], row["amount"]) for row in brought.aid]


def amounts(brought: Brought) -> list[Decimal | None]:
    return [row["amount"] for row in brought.aid]


# ---- Which rows are data.


@pytest.mark.parametrize(
    "label",
    ["合计", "合  计", "合\u3000计", "总计", "小计", "共计", "合計", "總計", "合计：", "本页合计", "累计合计",
     "合计金额", "总合计", "合计（大写）", "合计（元）", "南大膳镇小计", "全市合计", "合 計："],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1])
def test_a_totals_row_whose_amount_is_the_sum_above_it_is_left_out(tmp_path: Path, label: str, place: int) -> None:
    total = ["", "", "", "800"]
    total[place] = label
    headers = ["序号", "姓名", "发放日期", "金额"]
    brought = bring(write_csv(tmp_path / "a.csv", [headers, ["1", "张三", "2021-02-03", "500"], ["2", "李四", "", "300"], total]))
    assert seen(brought) == [(2, "张三", Decimal(500)), (3, "李四", Decimal(300))]
    assert brought.coded("Q12") == []
    assert brought.intake.inputs[0].rows == 2


def test_subtotals_and_a_grand_total_are_left_out_and_counted_neither_as_data_nor_twice(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ZHANG,
        LI,
        ["小计", "", "", "800"],
        ["王五", identity(3), "2021-02-05", "100"],
        ["小  计", "", "", "100"],
        ["赵六", identity(4), "2021-02-05", "50"],
        ["合 计", "", "", "950"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert seen(brought) == [
        (2, "张三", Decimal(500)),
        (3, "李四", Decimal(300)),
        (5, "王五", Decimal(100)),
        (7, "赵六", Decimal(50)),
    ]
    assert brought.coded("Q12") == []


def test_a_total_counts_in_the_unit_of_its_column_and_in_every_form_of_an_amount(tmp_path: Path) -> None:
    rows = [
        ["姓名", "身份证号", "发放日期", "金额（万元）"],
        ["张三", "", "", "0.05"],
        ["李四", "", "", "300元整"],
        ["合计", "", "", "0.08"],
    ]
    rows[2][3] = "0.03万元"
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert amounts(brought) == [Decimal(500), Decimal(300)]
    assert brought.coded("Q12") == []


def test_a_total_must_fit_in_every_amount_column_that_it_states(tmp_path: Path) -> None:
    rows = [
        ["姓名", "发放日期", "金额", "慰问品价值"],
        ["张三", "", "500", "100"],
        ["李四", "", "300", "50"],
        ["合计", "", "800", "160"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["_row"] for row in brought.aid] == [2, 3, 4]
    assert brought.places("Q12") == [(4, "D4")]


def test_a_wrong_total_is_kept_and_flagged_and_its_amount_is_not_believed(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, ["合计", "", "", "900"]]))
    assert seen(brought) == [(2, "张三", Decimal(500)), (3, "李四", Decimal(300)), (4, "合计", None)]
    assert brought.places("Q12") == [(4, "D4")]
    assert [bool(row["_problems"] & AID.bit("amount")) for row in brought.aid] == [False, False, True]
    assert "amount" in brought.intake.tables["aid_payment"].unread


@pytest.mark.parametrize("amount", ["XX", "约800", "#REF!"])
def test_a_total_that_cannot_be_read_is_kept_and_flagged(tmp_path: Path, amount: str) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, ["合计", "", "", amount]]))
    assert brought.places("Q12") == [(4, None)]
    assert brought.aid[2]["_problems"] & AID.bit("amount")


def test_a_person_named_like_a_total_with_an_identity_number_is_data_even_if_the_arithmetic_fits(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["合计", identity(9), "2021-02-04", "500"], LI]))
    assert seen(brought)[1] == (3, "合计", Decimal(500))
    assert [row["_problems"] for row in brought.aid] == [0, 0, 0]
    assert brought.coded("Q12") == []


def test_a_unit_whose_name_begins_like_a_total_is_data(tmp_path: Path) -> None:
    rows = [
        ["发放单位", "姓名", "发放日期", "金额"],
        ["合计户外用品厂工会", "张三", "2021-02-03", "500"],
        ["甲厂工会", "李四", "", "500"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["paying_org"] for row in brought.aid] == ["合计户外用品厂工会", "甲厂工会"]
    assert brought.coded("Q12") == []


def test_a_payment_to_a_named_person_without_identity_number_is_not_left_out_for_a_word_in_its_note(tmp_path: Path) -> None:
    rows = [["姓名", "金额", "备注"], ["张三", "500", ""], ["李四", "500", "两次合计"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows), said=[("aid_payment", str(tmp_path / "a.csv"))])
    assert [row["name"] for row in brought.aid] == ["张三", "李四"]


def test_a_wrong_subtotal_does_not_spoil_the_grand_total_below_it(tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, LI, ["小计", "", "", "900"], ["王五", identity(3), "2021-02-05", "100"], ["合计", "", "", "900"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert brought.places("Q12") == [(4, "D4")]
    assert list(filter(None, amounts(brought))) == [Decimal(500), Decimal(300), Decimal(100)]


def test_the_word_for_a_total_in_a_note_does_not_make_a_total(tmp_path: Path) -> None:
    rows = [[*HEADER, "备注"], [*ZHANG, ""], ["李四", identity(2), "2021-02-04", "500", "合计"]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert seen(brought) == [(2, "张三", Decimal(500)), (3, "李四", Decimal(500))]


@settings(max_examples=15, deadline=None)
@given(yuan=st.lists(st.integers(1, 99999), min_size=1, max_size=6), wrong=st.integers(-5, 5))
def test_only_a_total_that_fits_is_left_out(yuan: list[int], wrong: int) -> None:
    rows = [HEADER, *(["张三", identity(n), "2021-02-03", f"{each / 100:.2f}"] for n, each in enumerate(yuan))]
    rows.append(["合计", "", "", f"{Decimal(sum(yuan) + wrong) / 100:,.2f}"])
    with tempfile.TemporaryDirectory() as folder:
        brought = bring(write_csv(Path(folder) / "a.csv", rows))
    assert len(brought.aid) == len(yuan) + bool(wrong)
    assert len(brought.coded("Q12")) == bool(wrong)


@pytest.mark.parametrize(
    "footer",
    [
        ["制表人：张三  审核人：李四  2021年2月8日", "", "", ""],
        ["制表：", "张三", "审核：", ""],
        ["填表人:王五", "", "", ""],
        ["备注：本表一式三份", "", "", ""],
        ["說明：以上均已公示", "", "", ""],
        ["", "", "审核人：李四", ""],
    ],
)
def test_a_footer_is_no_data(tmp_path: Path, footer: list[str]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, footer]))
    assert [row["_row"] for row in brought.aid] == [2, 3]


@pytest.mark.parametrize("row", [["备注:代领", identity(7), "2021-02-03", ""], ["经办:某厂", "", "2021-02-03", "500"]])
def test_a_row_with_an_identity_number_or_an_amount_is_no_footer(tmp_path: Path, row: list[str]) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, row]))
    assert [found["_row"] for found in brought.aid] == [2, 3]


def test_repeated_headers_and_blank_rows_are_no_data_and_do_not_shift_row_numbers(tmp_path: Path) -> None:
    rows = [HEADER, ZHANG, ["", "", "", ""], HEADER, [" ", "\u3000", "", ""], ["姓 名", "身份證號", "发放日期", "金 额"], LI]
    for path in (write_csv(tmp_path / "a.csv", rows), write_xlsx(tmp_path / "a.xlsx", rows)):
        brought = bring(path)
        assert seen(brought) == [(2, "张三", Decimal(500)), (7, "李四", Decimal(300))]
        assert [note.code for note in brought.notes] == ["Q06"]


def test_a_repeated_header_with_fewer_trailing_cells_is_no_data(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row) for row in ([*HEADER, "", ""], [*ZHANG, "", ""], HEADER, LI)), encoding="utf-8")
    assert seen(bring(path)) == [(2, "张三", Decimal(500)), (4, "李四", Decimal(300))]


# ---- A file so big that it is streamed is read like a small one.


def both_ways(path: Path, said: str = "") -> tuple[Brought, Brought]:
    paths, named = ([], [(said, str(path))]) if said else ([path], [])
    small = bring(*paths, said=named)
    with mock.patch.object(bulk, "BIG_CSV", 0):
        return small, bring(*paths, said=named)


@pytest.mark.parametrize("label", ["合计", "合 计", "合\u3000計", "小计：", "总计"])
@pytest.mark.parametrize("amount", ["800", "900"])
def test_a_big_csv_believes_no_amount_of_a_totals_row(tmp_path: Path, label: str, amount: str) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI, [label, "", "", amount]]))
    assert (big.rows, big.coded("Q12")) == (small.rows, small.coded("Q12"))
    assert list(filter(None, amounts(big))) == [Decimal(500), Decimal(300)]
    left_over = [row for row in big.aid if row["amount"] is None]
    assert all(row["_problems"] & AID.bit("amount") for row in left_over)
    assert [note.row for note in big.coded("Q12")] == [row["_row"] for row in left_over]
    [total] = big.rows["total_row"]
    assert (total["printed_total"], total["details_total"]) == (Decimal(amount), 800)


def test_a_big_csv_believes_the_amount_of_a_person_named_like_a_total(tmp_path: Path) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["合计", identity(9), "2021-02-04", "500"]]))
    assert (big.aid, big.notes) == (small.aid, small.notes)
    assert amounts(big) == [Decimal(500), Decimal(500)]


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(["制表人：张三", "", "", ""], id="footer"),
        pytest.param(HEADER, id="repeated header"),
        pytest.param(["", "", "", ""], id="empty row"),
        pytest.param([" ", "", "\u3000", ""], id="blank row"),
    ],
)
def test_a_big_csv_leaves_out_the_same_rows_as_a_small_one(tmp_path: Path, extra: list[str]) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, extra, LI]))
    assert (big.aid, sorted(big.notes, key=str)) == (small.aid, sorted(small.notes, key=str))
    assert [row["_row"] for row in big.aid] == [2, 4]


def test_a_big_csv_flags_a_ragged_row_with_the_same_note_as_a_small_one(tmp_path: Path) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["李四", identity(2), "2021-02-04", "1", "500"]]))
    assert [row["_problems"] for row in big.aid] == [row["_problems"] for row in small.aid] == [0, ALL_BITS]
    assert [(note.code, note.row) for note in small.notes] == [(note.code, note.row) for note in big.notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_big_csv_is_read_in_every_encoding_in_which_a_small_one_is(tmp_path: Path, encoding: str) -> None:
    small, big = both_ways(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI], encoding))
    assert (big.aid, big.notes) == (small.aid, small.notes)
    assert len(big.aid) == 2
    assert big.intake.inputs[0].encoding == small.intake.inputs[0].encoding


def test_a_big_csv_that_breaks_its_encoding_further_down_is_refused_with_the_place(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, *[ZHANG] * 9000])
    path.write_bytes(path.read_bytes() + b"\xff\xfe\xff,,,\n")
    _, big = both_ways(path)
    assert [(note.code, note.fatal) for note in big.notes] == [("Q00", True)]
    assert "--encoding" in big.notes[0].message
    assert big.intake.inputs == ()


# ---- Row numbers, addresses, and what stands in a note.


def test_a_row_number_is_the_one_a_person_sees_and_a_note_names_the_cell(tmp_path: Path) -> None:
    rows = [
        ["2021年送温暖发放花名册"],
        ["单位：元"],
        [],
        ["序号", *HEADER],
        ["1", *ZHANG],
        [],
        ["2", "李四", "9900****0012", "2021.2.30", "XX"],
    ]
    for path, sheet in ((write_csv(tmp_path / "a.csv", rows), None), (write_xlsx(tmp_path / "a.xlsx", rows, "名册"), "名册")):
        brought = bring(path)
        assert [row["_row"] for row in brought.aid] == [5, 7]
        found = {(note.code, note.row, note.column, note.cell) for note in brought.notes}
        assert found == {("Q02", 7, "身份证号", "C7"), ("Q03", 7, "发放日期", "D7"), ("Q02", 7, "金额", "E7")}
        assert {(note.path, note.sheet) for note in brought.notes} == {(str(path), sheet)}


def test_addresses_count_from_the_first_row_and_column_of_the_sheet_though_nothing_stands_there(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for column, (header, text) in enumerate(zip(HEADER, ["张三", identity(1), "2021.2.30", "X"], strict=True), start=28):
        book.worksheets[0].cell(4, column, header)
        book.worksheets[0].cell(7, column, text)
    book.save(tmp_path / "a.xlsx")
    brought = bring(tmp_path / "a.xlsx")
    assert [row["_row"] for row in brought.aid] == [7]
    assert {(note.row, note.cell) for note in brought.notes if note.code in ("Q02", "Q03")} == {(7, "AD7"), (7, "AE7")}


def test_a_quoted_line_break_in_a_csv_counts_as_one_record(tmp_path: Path) -> None:
    rows = [
        ["职工\n姓名", "身份证号\n（18位）", "发放日期", "金额"],
        ["张\n三", identity(1), "2021-02-03", "500"],
        ["李四", "12", "", "1"],
    ]
    small, big = both_ways(write_csv(tmp_path / "a.csv", rows))
    assert [(row["_row"], row["name"]) for row in small.aid] == [(2, "张三"), (3, "李四")]
    assert small.places("Q07") == [(3, "B3")]
    assert (big.aid, big.places("Q07")) == (small.aid, small.places("Q07"))


def test_every_bad_cell_sets_the_bit_of_its_column_and_every_good_or_blank_one_leaves_it(tmp_path: Path) -> None:
    headers = ["姓名", "身份证号", "发放日期", "金额", "困难等级", "家庭人口", "是否列入市总名单", "备注", "银行卡号", "年度"]
    names = [
        "name",
        "id_no",
        "pay_date",
        "amount",
        "hardship_tier",
        "family_size",
        "on_city_list",
        "note",
        "payee_account",
        "year",
    ]
    bad = ["张*", "9900****0012", "2021.2.30", "XX元", "很难", "约3", "不详", "某某", "6222****", "去年"]
    good = ["张三", identity(1), "2021.2.3", "500元", "特困", "3人", "是", "代领", "6222 0000", "2021年"]
    rows = [headers, good, *[[*good[:n], text, *good[n + 1 :]] for n, text in enumerate(bad)], ["李四", *[""] * 9]]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    expected = [0, *(AID.bit(name) for name in names), 0]
    assert [row["_problems"] for row in brought.aid] == expected
    assert all(brought.aid[n + 1][name] is None for n, name in enumerate(names))
    addresses = {(note.row, note.cell) for note in brought.notes if note.row and note.row > 1 and note.code not in ("Q01", "Q12")}
    assert addresses == {(n + 3, f"{'ABCDEFGHIJ'[n]}{n + 3}") for n in range(10)}


def test_a_note_of_a_cell_never_shows_what_stands_in_it(tmp_path: Path) -> None:
    secret = ["张X三X", "99000019800101", "6222****9999", "秘密", "二月三十"]
    headers = ["姓名", "身份证号", "银行卡号", "困难等级", "发放日期", "金额"]
    brought = bring(write_csv(tmp_path / "a.csv", [headers, [*secret, "机密"], [*ZHANG[:2], "", "", *ZHANG[2:]]]))
    assert len([note for note in brought.notes if note.row == 2]) >= 5
    shown = "".join(note.message for note in brought.notes)
    assert not any(text in shown for text in (*secret, "机密", "张三", identity(1)))


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (["张三", "", "2021-02-03", ""], "D2"),
        (["张三", "", "2021-02-03", "-"], "D2"),
        (["", "", "2021-02-03", "500"], "A2"),
    ],
)
def test_a_required_cell_that_is_blank_is_noted(tmp_path: Path, row: list[str], cell: str) -> None:
    assert bring(write_csv(tmp_path / "a.csv", [HEADER, row])).places("Q01") == [(2, cell)]


def test_one_of_two_alternatives_is_enough_and_an_unreadable_cell_is_not_called_blank(tmp_path: Path) -> None:
    rows = [HEADER, ["", identity(1), "2021-02-03", "500"], ["张三", "", "", "300"], ["张*", "", "", "XX"]]
    assert bring(write_csv(tmp_path / "a.csv", rows)).coded("Q01") == []


@pytest.mark.parametrize("text", ["无身份证", "丢失", "遗失待补办", "身份证号", "同上", "不详", "张三", "〃"])
def test_words_in_a_column_of_identity_numbers_are_no_key_that_two_persons_share(tmp_path: Path, text: str) -> None:
    brought = bring(
        write_csv(tmp_path / "a.csv", [HEADER, ["张三", text, "2021-02-03", "500"], ["李四", text, "2021-02-03", "300"]])
    )
    assert [row["id_no"] for row in brought.aid] == [None, None]


# ---- Encodings and delimiters.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_csv_is_read_in_every_encoding_that_offices_write_and_the_encoding_is_said(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, ZHANG, LI], encoding)
    if encoding.startswith("utf-16-"):
        path.write_bytes({"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding] + path.read_bytes())
    brought = bring(path)
    assert seen(brought) == [(2, "张三", Decimal(500)), (3, "李四", Decimal(300))]
    assert brought.intake.inputs[0].encoding == {"gbk": "gb18030"}.get(encoding, encoding.removesuffix("-le").removesuffix("-be"))


def test_an_encoding_that_is_said_is_used_and_one_that_does_not_fit_is_refused_with_the_next_step(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["姓名", "身份證號", "發放日期", "金額"], ["陳三", *ZHANG[1:]]], "big5")
    assert [row["name"] for row in bring(path, encoding="big5").aid] == ["陈三"]
    refused = bring(path, encoding="utf-8")
    assert [(note.code, note.fatal) for note in refused.notes] == [("Q00", True)]
    assert "utf-8" in refused.notes[0].message
    assert "--encoding" in refused.notes[0].message


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".CSV"])
def test_columns_parted_by_comma_tab_semicolon_or_stroke_are_recognised(tmp_path: Path, delimiter: str, suffix: str) -> None:
    path = write_csv(tmp_path / f"a{suffix}", [HEADER, ZHANG, [*LI[:3], "1,500"]], delimiter=delimiter)
    assert amounts(bring(path)) == [Decimal(500), Decimal(1500)]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break_ends_a_row(tmp_path: Path, line_break: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(line_break.join(",".join(row) for row in (HEADER, ZHANG, LI)).encode())
    small, big = both_ways(path)
    assert seen(small) == seen(big) == [(2, "张三", Decimal(500)), (3, "李四", Decimal(300))]


def test_a_row_with_more_cells_than_the_header_is_flagged_and_nothing_in_it_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(HEADER), ",".join(ZHANG), f"李四,{identity(2)},2021-02-04,1,500", ""]), encoding="utf-8")
    brought = bring(path)
    assert [row["_problems"] for row in brought.aid] == [0, ALL_BITS]
    flagged = [note for note in brought.notes if note.row == 3]
    assert len(flagged) == 1
    assert "列可能错位" in flagged[0].message


def test_trailing_commas_do_not_make_a_row_ragged(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(HEADER), ",".join(ZHANG) + ",,,", ",".join(LI)]), encoding="utf-8")
    brought = bring(path)
    assert [row["_problems"] for row in brought.aid] == [0, 0]
    assert [note.code for note in brought.notes] == ["Q06"]


def test_a_row_with_fewer_cells_than_the_header_ends_in_blanks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(HEADER), "张三", ",".join(LI)]), encoding="utf-8")
    brought = bring(path)
    assert seen(brought) == [(2, "张三", None), (3, "李四", Decimal(300))]
    assert brought.places("Q01") == [(2, "D2")]


@pytest.mark.parametrize("big", [False, True])
def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_rows_below(tmp_path: Path, big: bool) -> None:
    path = tmp_path / "a.csv"
    rows = [",".join(HEADER), ",".join(ZHANG), '"' + ",".join(LI), *(f"王五,{identity(n)},2021-02-05,100" for n in range(20))]
    path.write_text("\n".join(rows), encoding="utf-8")
    brought = both_ways(path)[big]
    rows_read = len(brought.aid) if brought.intake.tables else 0
    assert rows_read == 22 or any(note.fatal for note in brought.notes)


# ---- Workbooks.


def test_date_cells_numbers_and_flags_of_a_workbook_are_read_as_what_they_are(tmp_path: Path) -> None:
    rows = [
        [*HEADER, "是否列入市总名单", "家庭人口"],
        ["张三", identity(1), date(2021, 2, 3), 500, True, 3],
        ["李四", identity(2), datetime(2021, 2, 4, 10, 30), 1.1 + 2.2, False, 4.0],
        ["王五", identity(3), 44231, Decimal("700499.21"), None, None],
    ]
    brought = bring(write_xlsx(tmp_path / "a.xlsx", rows))
    assert [row["pay_date"] for row in brought.aid] == [date(2021, 2, 3), date(2021, 2, 4), date(2021, 2, 4)]
    assert amounts(brought) == [Decimal(500), Decimal("3.30"), Decimal("700499.21")]
    assert [row["on_city_list"] for row in brought.aid] == [True, False, None]
    assert [row["family_size"] for row in brought.aid] == [3, 4, None]
    assert [row["_problems"] for row in brought.aid] == [0, 0, 0]


def dated(path: Path, cells: Sequence[tuple[date, str]]) -> Path:
    """Write a workbook of payments whose dates are shown by number formats."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADER)
    for day, number_format in cells:
        book.worksheets[0].append(["张三", identity(1), day, 500])
        book.worksheets[0].cell(book.worksheets[0].max_row, 3).number_format = number_format
    book.save(path)
    return path


@pytest.mark.parametrize("shown", ['yyyy"年"m"月"', "yyyy-mm", "[$-F800]yyyy/m", "mmm-yy", "yyyy\\.mm;@"])
def test_a_date_cell_that_shows_only_its_month_is_a_month_and_not_its_first_day(tmp_path: Path, shown: str) -> None:
    [row] = bring(dated(tmp_path / "a.xlsx", [(date(2021, 2, 1), shown)])).aid
    assert (row["pay_date"], row["pay_date__to"]) == (date(2021, 2, 1), date(2021, 2, 28))


def test_a_date_cell_that_shows_only_its_year_is_a_year(tmp_path: Path) -> None:
    [row] = bring(dated(tmp_path / "a.xlsx", [(date(2021, 1, 1), 'yyyy"年"')])).aid
    assert (row["pay_date"], row["pay_date__to"]) == (date(2021, 1, 1), date(2021, 12, 31))


@pytest.mark.parametrize("shown", ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "m/d", "yyyy/m/d h:mm", "General"])
def test_a_date_cell_in_any_other_format_is_its_day(tmp_path: Path, shown: str) -> None:
    [row] = bring(dated(tmp_path / "a.xlsx", [(date(2021, 2, 1), shown)])).aid
    assert (row["pay_date"], row["pay_date__to"]) == (date(2021, 2, 1), date(2021, 2, 1))


def test_a_day_that_was_typed_is_kept_though_its_cell_shows_only_the_month(tmp_path: Path) -> None:
    [row] = bring(dated(tmp_path / "a.xlsx", [(date(2021, 2, 17), "yyyy-mm")])).aid
    assert (row["pay_date"], row["pay_date__to"]) == (date(2021, 2, 17), date(2021, 2, 17))


def test_numbers_stored_as_numbers_lose_their_digits_and_are_a_problem_with_its_cell(tmp_path: Path) -> None:
    rows = [[*HEADER, "银行卡号"], ["张三", int(identity(1)[:17] + "1"), "2021-02-03", 500, 6222000012345678901]]
    brought = bring(write_xlsx(tmp_path / "a.xlsx", rows))
    assert brought.places("Q07") == [(2, "B2"), (2, "E2")]
    assert brought.aid[0]["id_no"] is None
    assert brought.aid[0]["_problems"] == AID.bit("id_no") + AID.bit("payee_account")


def test_an_identity_number_of_15_digits_stored_as_a_number_is_whole(tmp_path: Path) -> None:
    short = identity(1)[:6] + identity(1)[8:17]
    brought = bring(write_xlsx(tmp_path / "a.xlsx", [HEADER, ["张三", int(short), "2021-02-03", 500]]))
    assert (brought.aid[0]["id_no"], brought.aid[0]["_problems"]) == (identity(1), 0)


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"])
def test_an_error_cell_is_a_problem_in_every_column_and_never_a_blank(tmp_path: Path, error: str) -> None:
    brought = bring(write_xlsx(tmp_path / "a.xlsx", [[*HEADER, "备注"], [error] * 5, [*ZHANG, ""]]))
    assert brought.places("Q10") == [(2, f"{letter}2") for letter in "ABCDE"]
    assert [row["_problems"] for row in brought.aid] == [sum(map(AID.bit, ("name", "id_no", "pay_date", "amount", "note"))), 0]
    assert all(error in note.message for note in brought.coded("Q10"))


def test_a_formula_without_a_cached_value_is_a_problem_in_every_column_and_never_a_blank(tmp_path: Path) -> None:
    brought = bring(write_xlsx(tmp_path / "a.xlsx", [[*HEADER, "备注"], ["=A1", "=A1", "=NOW()", "=1+1", '="x"'], [*ZHANG, ""]]))
    assert brought.places("Q10") == [(2, f"{letter}2") for letter in "ABCDE"]
    assert brought.aid[0]["amount"] is None


def test_a_row_of_which_only_a_formula_without_value_stands_is_no_blank_row(tmp_path: Path) -> None:
    brought = bring(write_xlsx(tmp_path / "a.xlsx", [HEADER, ZHANG, [None, None, None, "=D2"]]))
    assert [row["_row"] for row in brought.aid] == [2, 3]
    assert brought.places("Q10") == [(3, "D3")]


def computed_book(path: Path) -> Path:
    """Write a workbook of formulas with cached values: a text, a number, an error, and one marked to be emptied."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [*HEADER, "备注"])
    sheet.write_formula(1, 0, '="张"&"三"', None, "张三")
    sheet.write_formula(1, 1, '=IF(TRUE,"","x")', None, "EMPTIED")
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    sheet.write_formula(1, 3, "=250*2", None, 500)
    sheet.write_formula(1, 4, "=Z9", None, "UNCACHED")
    book.close()
    return path


def test_a_formula_with_a_cached_value_is_that_value_and_with_a_cached_error_that_problem(tmp_path: Path) -> None:
    brought = bring(computed_book(tmp_path / "a.xlsx"))
    assert seen(brought) == [(2, "张三", Decimal(500))]
    assert (2, "C2") in brought.places("Q10")
    assert brought.aid[0]["note"] == "UNCACHED"


def test_a_formula_whose_cached_value_is_an_empty_text_is_a_blank(tmp_path: Path) -> None:
    path = patch_sheet(computed_book(tmp_path / "a.xlsx"), lambda xml: xml.replace(b"<v>EMPTIED</v>", b"<v></v>"))
    brought = bring(path)
    assert brought.aid[0]["id_no"] is None
    assert brought.places("Q10") == [(2, "C2")]


def test_error_cells_and_formulas_without_value_are_found_in_a_workbook_that_prefixes_its_elements(tmp_path: Path) -> None:
    def prefixed(xml: bytes) -> bytes:
        xml = xml.replace(b"<v>UNCACHED</v>", b"").replace(b' t="str"><f>Z9', b"><f>Z9")
        return re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")

    brought = bring(patch_sheet(computed_book(tmp_path / "a.xlsx"), prefixed))
    assert seen(brought)[0][1] == "张三"
    assert brought.aid[0]["_problems"] & AID.bit("pay_date")
    assert brought.aid[0]["_problems"] & AID.bit("note")


def test_a_workbook_that_counts_days_from_1904_is_read_by_its_own_calendar(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (HEADER, ["张三", identity(1), date(2021, 2, 3), 500], ["李四", identity(2), 42768, 300]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    brought = bring(tmp_path / "a.xlsx")
    assert [row["pay_date"] for row in brought.aid] == [date(2021, 2, 3), date(2021, 2, 3)]


def test_every_visible_sheet_is_an_input_of_its_own(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "一月"
    budget = book.create_sheet("预算")
    empty = book.create_sheet("Sheet3")
    for sheet, rows in ((book.worksheets[0], [HEADER, ZHANG]), (budget, [["全年预算数", "执行数"], [100, 99]]), (empty, [])):
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    brought = bring(tmp_path / "a.xlsx")
    assert [(one.sheet, one.kind, one.rows) for one in brought.intake.inputs] == [
        ("一月", "aid_payment", 1),
        ("预算", "budget_execution", 1),
    ]
    assert not any(note.fatal for note in brought.notes)


def two_sheets(path: Path, *, hidden: str | None = None) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "正表"
    for row in (HEADER, ZHANG):
        book.worksheets[0].append(row)
    second = book.create_sheet("备用名单")
    for row in (HEADER, LI):
        second.append(row)
    if hidden:
        second.sheet_state = hidden
    book.save(path)
    return path


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_named_and_read_only_when_asked_for(tmp_path: Path, state: str) -> None:
    path = two_sheets(tmp_path / "a.xlsx", hidden=state)
    brought = bring(path)
    assert seen(brought) == [(2, "张三", Decimal(500))]
    assert [(note.sheet, note.fatal) for note in brought.coded("Q11")] == [("备用名单", False)]
    assert f"--ledger KIND={path}#备用名单" in brought.coded("Q11")[0].message
    asked = bring(said=[("aid_payment", f"{path}#备用名单")])
    assert seen(asked) == [(2, "李四", Decimal(300))]
    assert asked.coded("Q11") == []


def test_hidden_rows_and_columns_are_read_and_counted(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [[*HEADER, "备注"], ZHANG, LI])
    book = openpyxl.load_workbook(path)
    own = book.worksheets[0]
    for row in (3, 9):  # nothing stands in row 9
        own.row_dimensions[row].hidden = True
    for column in ("D", "E", "Z"):
        own.column_dimensions[column].hidden = True
    book.save(path)
    brought = bring(path)
    assert [row["name"] for row in brought.aid] == ["张三", "李四"]
    [note] = brought.coded("Q11")
    assert (note.severity, note.sheet) == ("info", own.title)
    assert "1 行、2 列" in note.message
    assert bring(write_xlsx(tmp_path / "b.xlsx", [HEADER, ZHANG])).coded("Q11") == []


def test_two_sheets_of_one_workbook_can_be_asked_for_and_both_are_judged(tmp_path: Path) -> None:
    path = two_sheets(tmp_path / "a.xlsx")
    brought = bring(said=[("aid_payment", f"{path}#正表"), ("aid_payment", f"{path}#备用名单")])
    assert [one.sheet for one in brought.intake.inputs] == ["正表", "备用名单"]
    assert sorted(filter(None, amounts(brought))) == [Decimal(300), Decimal(500)]


def test_asking_for_one_sheet_does_not_silently_leave_out_the_others_of_a_file_that_is_also_given(tmp_path: Path) -> None:
    path = two_sheets(tmp_path / "a.xlsx")
    brought = bring(path, said=[("aid_payment", f"{path}#正表")])
    assert len(brought.aid) == 2 or any(note.sheet == "备用名单" for note in brought.notes)


def test_a_sheet_that_does_not_exist_is_refused_by_its_name(tmp_path: Path) -> None:
    path = two_sheets(tmp_path / "a.xlsx")
    brought = bring(said=[("aid_payment", f"{path}#反表")])
    assert brought.intake.inputs == ()
    assert [(note.code, note.sheet, note.fatal) for note in brought.notes] == [("Q00", "反表", True)]
    assert "`反表`" in brought.notes[0].message


def test_a_sheet_of_another_kind_of_table_is_refused_and_the_good_sheet_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEADER, ZHANG):
        book.worksheets[0].append(row)
    book.create_sheet("座谈会").append(["议程", "时间", "地点"])
    book.save(tmp_path / "a.xlsx")
    brought = bring(tmp_path / "a.xlsx")
    assert len(brought.aid) == 1
    assert [(note.code, note.sheet) for note in brought.notes if note.fatal] == [("Q09", "座谈会")]


def test_a_workbook_without_any_worksheet_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("图")
    del book["Sheet"]
    book.save(tmp_path / "a.xlsx")
    assert [(note.path, note.fatal) for note in bring(tmp_path / "a.xlsx").notes] == [(str(tmp_path / "a.xlsx"), True)]


# ---- Files: found, copied, said.


def test_two_identical_files_are_judged_once_and_the_copy_is_named(tmp_path: Path) -> None:
    first, second = (write_csv(tmp_path / name, [HEADER, ZHANG]) for name in ("a.csv", "b.csv"))
    brought = bring(second, first)
    assert [(one.path, one.rows, one.version_of) for one in brought.intake.inputs] == [
        (str(second), 1, None),
        (str(first), 0, str(second)),
    ]
    assert len(brought.aid) == 1
    assert [(note.path, note.severity, note.fatal) for note in brought.coded("Q16")] == [(str(first), "medium", False)]
    assert str(second) in brought.coded("Q16")[0].message


def test_one_ledger_sent_by_two_units_is_judged_once_and_both_are_named(tmp_path: Path) -> None:
    for unit in ("甲工会", "乙工会"):
        (tmp_path / unit).mkdir()
        write_csv(tmp_path / unit / "p.csv", [HEADER, ZHANG])
    brought = bring(tmp_path)
    first, copy = brought.intake.inputs
    assert (first.unit_name, first.rows, copy.unit_name, copy.rows, copy.version_of) == ("乙工会", 1, "甲工会", 0, first.path)
    [note] = brought.coded("Q16")
    assert (note.path, note.severity) == (copy.path, "high")
    assert all(word in note.message for word in ("“乙工会”", "“甲工会”", first.path))


def test_of_a_workbook_sent_twice_each_sheet_is_named(tmp_path: Path) -> None:
    first, second = two_sheets(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
    second.write_bytes(first.read_bytes())
    inputs = bring(first, second).intake.inputs
    assert [one.version_of for one in inputs] == [None, None, str(first), str(first)]
    assert [one.number for one in inputs] == [0, 1, 2, 3]
    assert [one.sheet for one in inputs[2:]] == [one.sheet for one in inputs[:2]]


def test_one_file_named_in_two_ways_is_judged_once(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, ZHANG])
    assert len(bring(path, path).aid) == 1
    assert len(bring(tmp_path, path).aid) == 1
    assert len(bring(path, said=[("aid_payment", str(path))]).aid) == 1
    assert len(bring(tmp_path, said=[("aid_payment", f"{tmp_path}/../{tmp_path.name}/a.csv")]).aid) == 1


def test_a_folder_is_searched_in_order_and_what_is_no_ledger_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "沅江市总工会"
    (folder / "南大膳镇总工会").mkdir(parents=True)
    write_csv(folder / "南大膳镇总工会" / "b.csv", [HEADER, LI])
    write_csv(folder / "a.csv", [HEADER, ZHANG])
    (folder / "说明.docx").write_bytes(b"PK")
    (folder / "旧表.xls").write_bytes(b"x")
    (folder / "~$a.xlsx").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "README.md").write_text("x")
    brought = bring(folder)
    assert [Path(one.path).name for one in brought.intake.inputs] == ["a.csv", "b.csv"]
    assert (brought.intake.inputs[1].unit_name, brought.intake.inputs[1].unit_from) == ("南大膳镇总工会", "folder")
    assert {(Path(note.path).name, note.fatal) for note in brought.notes if note.code not in ("Q06", "Q11")} == {
        ("旧表.xls", True),
        ("说明.docx", True),
        ("README.md", False),
    }


def test_order_of_rows_columns_and_files_and_splitting_a_ledger_change_no_typed_value(tmp_path: Path) -> None:
    rows = [[f"张{n}", identity(n), f"2021.2.{n + 1}", f"{n}00"] for n in range(6)]
    whole = write_csv(tmp_path / "whole.csv", [HEADER, *rows])
    parts = [write_csv(tmp_path / f"{n}.csv", [HEADER, *rows[n : n + 2]]) for n in (0, 2, 4)]
    upside_down = write_csv(tmp_path / "u.csv", [HEADER, *reversed(rows)])
    mirrored = write_csv(tmp_path / "m.csv", [row[::-1] for row in (HEADER, *rows)])

    def values(*paths: Path) -> list[dict[str, Any]]:
        found = [{name: value for name, value in row.items() if name not in ("_input", "_row")} for row in bring(*paths).aid]
        return sorted(found, key=lambda row: str(row["id_no"]))

    assert [row["amount"] for row in values(whole)] == [Decimal(n * 100) for n in range(6)]
    for other in ([upside_down], [mirrored], parts, parts[::-1]):
        assert values(*other) == values(whole)


def test_a_column_that_one_file_lacks_is_absent_for_its_rows_only(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [HEADER, ZHANG])
    second = write_csv(tmp_path / "b.csv", [["姓名", "金额", "发放日期"], ["李四", "300", "2021-02-04"]])
    brought = bring(first, second)
    assert [row["id_no"] for row in brought.aid] == [identity(1), None]
    assert brought.intake.tables["aid_payment"].absent["id_no"] == frozenset({1})
    assert brought.intake.tables["aid_payment"].absent["name"] == frozenset()


def test_a_header_that_stands_twice_makes_its_column_unreadable_and_names_both_cells(tmp_path: Path) -> None:
    rows = [["姓名", "身份证号", "发放日期", "金额", "发放金额"], [*ZHANG, "600"]]
    for path in (write_csv(tmp_path / "a.csv", rows), write_xlsx(tmp_path / "a.xlsx", rows)):
        brought = bring(path)
        assert (brought.aid[0]["amount"], brought.aid[0]["_problems"]) == (None, AID.bit("amount"))
        assert [(note.code, note.severity, note.cell) for note in brought.notes if "D1" in (note.cell or "")] == [
            ("Q09", "high", "D1、E1")
        ]


def test_an_unknown_header_is_noted_with_its_cell(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [[*HEADER, "心情"], [*ZHANG, "好"]]))
    assert [(note.row, note.column, note.cell, note.fatal) for note in brought.coded("Q09")] == [(1, "心情", "E1", False)]


@pytest.mark.parametrize("header", ["金额（美元）", "金额（港元）", "金额(w)", "金额（百万元）", "金额（十万元）"])
def test_an_amount_in_a_unit_that_is_not_known_is_not_read_as_yuan(tmp_path: Path, header: str) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [[*HEADER[:3], header], ZHANG]))
    right = {"金额（百万元）": Decimal(500_000_000), "金额（十万元）": Decimal(50_000_000)}.get(header)
    read = brought.aid[0] if brought.intake.tables else {"amount": None, "_problems": AID.bit("amount")}
    assert (read["amount"] is None and read["_problems"] & AID.bit("amount")) or (right is not None and read["amount"] == right)


def test_the_unit_of_amounts_is_said_where_it_comes_from_and_assumed_only_with_a_note(tmp_path: Path) -> None:
    titled = write_csv(tmp_path / "t.csv", [["单位：万元"], HEADER, [*ZHANG[:3], "0.05"]])
    headed = write_csv(tmp_path / "h.csv", [[*HEADER[:3], "金额（万元）"], [*ZHANG[:3], "0.06"]])
    bare = write_csv(tmp_path / "b.csv", [HEADER, ZHANG])
    brought = bring(titled, headed, bare)
    assert amounts(brought) == [Decimal(500), Decimal(600), Decimal(500)]
    assert [one.unit_of_amounts for one in brought.intake.inputs] == ["title", "header", "assumed"]
    assert [(note.path, note.severity) for note in brought.coded("Q06")] == [(str(bare), "info")]


def test_an_amount_that_makes_no_sense_in_the_stated_unit_is_not_converted_silently(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [["单位：万元"], HEADER, [*ZHANG[:3], "1,065,400"], [*LI[:3], "0.03"]]))
    assert amounts(brought) == [None, Decimal(300)]
    assert [(note.code, note.cell, note.severity) for note in brought.notes] == [("Q06", "D3", "high")]


def test_only_a_header_is_fatal_and_says_that_there_are_no_rows(tmp_path: Path) -> None:
    for path in (write_csv(tmp_path / "a.csv", [HEADER]), write_xlsx(tmp_path / "a.xlsx", [HEADER])):
        brought = bring(path)
        assert [(note.code, note.fatal) for note in brought.notes if note.fatal] == [("Q01", True)]
        assert [one.rows for one in brought.intake.inputs] == [0]


# ---- Tables that come typed: Parquet and DataFrames.


def test_a_typed_parquet_file_is_read_as_its_text_would_be(tmp_path: Path) -> None:
    table = pa.table(
        {
            "姓名": ["张 三", "李四"],
            "身份证号": pa.array([int(identity(12)), None], pa.int64()) if identity(12).isdigit() else [identity(12), None],
            "发放日期": pa.array([date(2021, 2, 3), None], pa.date32()),
            "金额": pa.array([Decimal("500.50"), Decimal("300.00")], pa.decimal128(18, 2)),
            "家庭人口": pa.array([3, None], pa.int16()),
            "是否列入市总名单": pa.array([True, None], pa.bool_()),
            "年度": pa.array([2021, 1], pa.int32()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    brought = bring(tmp_path / "a.parquet")
    first, second = brought.aid
    assert [first[name] for name in ("_row", "name", "id_no", "pay_date", "amount", "family_size", "on_city_list", "year")] == [
        2, "张三", identity(12), date(2021, 2, 3), Decimal("500.50"), 3, True, 2021,
    ]  # fmt: skip
    assert [second[name] for name in ("id_no", "pay_date", "family_size", "on_city_list", "year")] == [None] * 5
    assert (first["_problems"], second["_problems"]) == (0, AID.bit("year"))
    assert brought.places("Q03") == [(3, "G3")]


def test_a_dataframe_of_mixed_objects_is_read_cell_by_cell_though_the_odd_cell_comes_late() -> None:
    count = 3000
    amounts_given: list[object] = [500] * count
    dates: list[object] = [datetime(2021, 2, 3)] * count
    amounts_given[2222], amounts_given[2500], dates[2345] = "伍佰元", "XX", "2021年2月"
    frame = pd.DataFrame(
        {"姓名": ["张三"] * count, "金额": pd.Series(amounts_given, dtype=object), "发放日期": pd.Series(dates, dtype=object)}
    )
    brought = bring(frames={"aid_payment": frame})
    assert [n for n, row in enumerate(brought.aid) if row["amount"] != 500] == [2500]
    assert brought.places("Q02") == [(2502, "B2502")]
    assert {row["pay_date"] for row in brought.aid} == {date(2021, 2, 3), date(2021, 2, 1)}


def test_a_typed_dataframe_keeps_its_order_and_counts_its_rows_as_below_a_header() -> None:
    frame = pd.DataFrame(
        {"姓名": ["张三", "李四"], "金额": [500.5, float("nan")], "发放日期": pd.to_datetime(["2021-02-03 08:00", None])},
        index=[7, 3],
    )
    brought = bring(frames={"aid_payment": frame})
    assert seen(brought) == [(2, "张三", Decimal("500.50")), (3, "李四", None)]
    assert [row["pay_date"] for row in brought.aid] == [date(2021, 2, 3), None]
    assert brought.places("Q01") == [(3, "B3")]


def test_a_dataframe_with_a_doubled_column_makes_that_column_unreadable_like_a_file() -> None:
    frame = pd.DataFrame([["张三", "2021-02-03", 500, 600]], columns=["姓名", "发放日期", "金额", "金额"])
    brought = bring(frames={"aid_payment": frame})
    assert (brought.aid[0]["amount"], brought.aid[0]["_problems"]) == (None, AID.bit("amount"))


def test_a_damaged_parquet_file_is_refused_and_the_good_one_beside_it_is_read(tmp_path: Path) -> None:
    count = 20000
    table = pa.table(
        {
            "姓名": [f"张{n}" for n in range(count)],
            "金额": ["500"] * count,
            "发放日期": [f"2021-02-{n % 28 + 1:02}" for n in range(count)],
        }
    )
    bad = tmp_path / "a.parquet"
    pq.write_table(table, bad)
    data = bytearray(bad.read_bytes())
    data[len(data) // 4 : len(data) // 2] = bytes([255]) * (len(data) // 2 - len(data) // 4)
    bad.write_bytes(data)
    brought = bring(bad, write_csv(tmp_path / "b.csv", [HEADER, ZHANG]))
    assert [note.path for note in brought.notes if note.fatal] == [str(bad)]
    assert seen(brought) == [(2, "张三", Decimal(500))]


# ---- The same table from every format.

PUNCTUATION = "，。、（）()[]-/.:：%*#'\"=+@!?×￥〇"
NAME_TEXT = st.text(st.sampled_from("张王李赵三四五六·.•* Xx某買買提１abcＡ\u3000\n\u200b"), max_size=6)
ANY_TEXT = st.text(
    st.one_of(
        st.sampled_from(PUNCTUATION + "0123456789年月日元万"), st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])
    ),
    max_size=12,
).filter(lambda text: not set(text) & set(";；\t") and "合" not in text and "计" not in text and "計" not in text)
CELLS: dict[str, tuple[str, st.SearchStrategy[str]]] = {
    "name": ("姓名", st.one_of(NAME_TEXT, ANY_TEXT)),
    "id_no": ("身份证号", st.one_of(st.integers(0, 27).map(identity), st.sampled_from(["", " ", "9900****0012", "990000198001010000", "9.9E+17", "12345", "99000080010100１"]), ANY_TEXT)),
    "pay_date": ("发放日期", st.one_of(st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(str), st.sampled_from(["", "2021.2.3", "2021年2月", "20210203", "44230", "2021-02-30", "二〇二一年二月三日", "X月", "——", "2021-02-03 08:00"]), ANY_TEXT)),
    "amount": ("金额", st.one_of(st.decimals(0, 99999, places=2).map(str), st.integers(0, 10**6).map(str), st.sampled_from(["", "0", "-5", "1,500", "￥500.00", "伍佰元整", "27.65万元", "XX", "约40万", "1e3", "0.001", "#REF!", "１５００"]), ANY_TEXT)),
    "standard_amount": ("标准金额（万元）", st.one_of(st.sampled_from(["0.05", "0.03万元", "500元", "1065400", "", "0.000001"]), ANY_TEXT)),
    "aid_kind": ("帮扶方式", st.one_of(st.sampled_from(["生活", "生活救助", "醫療救助", " 助 学 ", "送温暖", ""]), ANY_TEXT)),
    "on_city_list": ("是否列入市总名单", st.one_of(st.sampled_from(["是", "否", "√", "无", "1", "不详", ""]), ANY_TEXT)),
    "family_size": ("家庭人口", st.one_of(st.integers(-2, 10**10).map(str), st.sampled_from(["3人", "4.0", "三", "1,200", ""]), ANY_TEXT)),
    "year": ("年度", st.one_of(st.integers(1800, 2200).map(str), st.sampled_from(["2021年度", "", "21"]), ANY_TEXT)),
    "payee_account": ("银行卡号", st.one_of(st.sampled_from(["6222 0000 1234", "6222****1234", "6.2E+18", "'6222", ""]), ANY_TEXT)),
    "note": ("备注", ANY_TEXT),
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    chosen = ["name", "amount", *draw(st.lists(st.sampled_from(sorted(set(CELLS) - {"name", "amount"})), unique=True))]
    if "pay_date" not in chosen:
        chosen.append("pay_date")
    order = draw(st.permutations(chosen))
    row = st.tuples(*(CELLS[name][1] for name in order)).map(list)
    texts = [number for number, name in enumerate(order) if AID.columns[name].type != "amount"]
    data = row.filter(lambda cells: any(re.search(r"\w", cells[n]) for n in texts) and len([c for c in cells if c.strip()]) > 1)
    # In place of a ditto mark a small file has what stands above it; a big CSV and a table leave the cell unread.
    data = data.filter(lambda cells: not {cell.strip() for cell in cells} & {"同上", "仝上", "〃", "々"})
    rows = draw(st.lists(data, min_size=1, max_size=20))
    return [CELLS[name][0] for name in order], rows


def write_text_workbook(path: Path, headers: list[str], rows: list[list[str]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("表")
    for number, row in enumerate([headers, *rows]):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text)
    book.close()
    return path


@settings(max_examples=15, deadline=None)
@example(
    table=(["姓名", "发放日期", "金额"], [["测", "", "0.01"], ["", "2000-01-01", "27.65万元"], ["试", "", "100.00"]]),
    strings=False,
)
@given(table=tables(), strings=st.booleans())
def test_a_table_is_the_same_typed_table_from_every_format(table: tuple[list[str], list[list[str]]], strings: bool) -> None:
    headers, rows = table
    columns = {header: [row[number] for row in rows] for number, header in enumerate(headers)}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pq.write_table(pa.table({header: pa.array(texts, pa.string()) for header, texts in columns.items()}), place / "a.parquet")
        texts = write_csv(place / "a.csv", [headers, *rows], "utf-8-sig")
        by_csv, by_big_csv = both_ways(texts)
        brought = {
            "big csv": by_big_csv,
            "xlsx": bring(write_text_workbook(place / "a.xlsx", headers, rows)),
            "parquet": bring(place / "a.parquet"),
            "dataframe": bring(frames={"aid_payment": pd.DataFrame(columns, dtype="string" if strings else object)}),
        }
    assert [row["_row"] for row in by_csv.aid] == list(range(2, len(rows) + 2))
    for name, other in brought.items():
        if name == "dataframe" and by_csv.coded("Q12"):
            continue  # its rows are all records, whatever they are called
        assert other.aid == by_csv.aid, name
        unasked = {"Q08"} if name != "xlsx" else set()  # rows that stand twice are looked for in what is small
        assert told(other, unasked) == told(by_csv, unasked), name


def told(brought: Brought, unasked: set[str]) -> list[tuple[object, ...]]:
    """List what notes say and where, but for those of codes that nobody asks for; nor, with them, for rows that are unlike the others."""
    noted = [note for note in brought.notes if note.code not in unasked and not (unasked and "是否为一笔记录" in note.message)]
    return [(note.code, note.row, note.column, note.cell, note.message) for note in noted]


@pytest.mark.parametrize(
    ("day", "amount"), [("2021.2.3", "500"), ("2000-05-03", "2037.60"), ("2000-05-03", "2037元"), ("2037年2月", "62.33")]
)
def test_a_short_row_of_data_is_no_label_that_names_a_year(tmp_path: Path, day: str, amount: str) -> None:
    """Its day and its amount, read as one text, were no day of their own, so that its year was taken for that of the rows below."""
    rows = [["2000-01-01", "张三", "300"], [day, "", amount], ["2000-02-03", "李四", "300"]]
    brought = bring(write_csv(tmp_path / "a.csv", [["发放日期", "姓名", "金额"], *rows]))
    assert amounts(brought)[::2] == [Decimal(300), Decimal(300)]
    assert [note for note in brought.notes if note.code == "Q14"] == []


@pytest.mark.parametrize(
    "short",
    [["2021年小计", "", "", "600"], ["2021年", "", "", "单位：元"], ["1", "2021年春节慰问", "", ""], ["2021", "", "", ""], ["所属年度", "2021", "", ""],
     ["2021年", "1月", "", ""], ["2021年", "", "", ""]],
)  # fmt: skip
def test_another_year_in_a_short_row_leaves_days_without_a_year_unread(tmp_path: Path, short: list[str]) -> None:
    """By the year of the file's name alone they would be days of 2020, and nobody would see it."""
    rows = [
        HEADER,
        ["张三", identity(1), "1月5日", "300"],
        ["李四", identity(2), "2月6日", "300"],
        short,
        ["王五", identity(3), "1月7日", "300"],
    ]
    brought = bring(write_csv(tmp_path / "2020年帮扶.csv", rows))
    assert [row["pay_date"] for row in brought.aid if row["amount"] == 300] == [None] * 3


# ---- What a hostile reader found.


def test_a_number_of_a_year_and_one_tenth_may_be_january_or_october(tmp_path: Path) -> None:
    brought = bring(
        write_xlsx(tmp_path / "a.xlsx", [HEADER, ["张三", identity(1), 2021.10, 500], ["李四", identity(2), 2021.2, 500]])
    )
    assert brought.places("Q03") == [(2, "C2")]
    assert [row["pay_date__to"] for row in brought.aid] == [None, date(2021, 2, 28)]


def test_a_negative_amount_without_a_word_of_reversal_is_not_believed(tmp_path: Path) -> None:
    rows = [[*HEADER, "备注"], ["张三", identity(1), "2021-02-03", "-500", ""], ["李四", identity(2), "2021-02-03", "-300", "冲销上月"], ["王五", identity(3), "2021-02-03", "-200（红字）", ""]]  # fmt: skip
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert amounts(brought) == [None, Decimal(-300), Decimal(-200)]
    assert brought.places("Q05") == [(None, None), (2, "D2")]  # the other two cancel no row: one word about both


def test_a_row_of_nothing_but_the_same_amount_again_is_no_total(tmp_path: Path) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, ZHANG, ["", "", "", "500"]]))
    assert amounts(brought) == [Decimal(500), Decimal(500)]


def test_a_row_with_values_in_several_columns_is_no_footer(tmp_path: Path) -> None:
    rows = [
        ["备注", "档案编号", "姓名", "建档日期"],
        ["备注：转入", "DA001", "张三", "2019-01-01"],
        ["", "DA002", "李四", "2019-01-01"],
    ]
    brought = bring(write_csv(tmp_path / "a.csv", rows))
    assert [row["archive_id"] for row in brought.rows["hardship_archive"]] == ["DA001", "DA002"]


def test_a_timestamp_with_a_zone_is_the_day_in_china_wherever_it_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame([["张三", identity(1), "500"]], columns=["姓名", "身份证号", "金额"])
    frame["发放日期"] = pd.to_datetime(["2021-01-31 17:00"], utc=True)
    frame.to_parquet(tmp_path / "a.parquet")
    [row] = bring(tmp_path / "a.parquet").aid
    assert row["pay_date"] == date(2021, 2, 1)


@pytest.mark.parametrize("executed", [290.0, 280.0])
def test_the_totals_of_a_parquet_file_and_of_a_database_are_added_up_like_those_of_a_sheet(
    executed: float, tmp_path: Path
) -> None:
    """They were kept and in doubt, right or wrong."""
    table = pa.table(
        {"项目名称": ["办公费", "培训费", "合计"], "预算数": [100.0, 200.0, 300.0], "执行数": [90.0, 200.0, executed]}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    with duckdb.connect(str(tmp_path / "a.duckdb")) as con:
        con.execute(f"CREATE TABLE 预算 AS SELECT * FROM '{tmp_path / 'a.parquet'}'")
    rows = [list(map(str, row.values())) for row in table.to_pylist()]
    sheet = bring(write_csv(tmp_path / "a.csv", [table.column_names, *rows]))
    assert [row["budget_amount"] for row in sheet.rows["budget_execution"]] == [100, 200, *([None] if executed == 280 else [])]
    for name in ("a.parquet", "a.duckdb"):
        assert bring(tmp_path / name).rows == sheet.rows


def test_a_part_is_told_in_a_long_parquet_file_also_where_a_number_should_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"发放日期": ["", ""], "金额": ["300", "300"], "姓名": ["", "测试甲"], "家庭人口": ["其中：2", "2"]})
    frame.to_parquet(tmp_path / "a.parquet")
    monkeypatch.setattr("ledgers.typed_tables.MOST_HELD", 1)
    assert amounts(bring(tmp_path / "a.parquet")) == [None, Decimal(300)]


def test_typed_columns_are_the_same_read_row_by_row_and_as_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect() as con:
        con.execute(f"""
            COPY (SELECT '测试' || chr(CAST(30002 + i AS INTEGER)) AS 姓名, CAST(990000198001010000 + i AS BIGINT) AS 身份证号,
                TIMESTAMP '2021-02-03 08:30:00.25' + INTERVAL (i) HOUR AS 发放日期, CAST(i + 100.5 AS DOUBLE) AS 金额,
                CAST(i * 10 AS DECIMAL(18, 4)) AS 标准金额, i % 2 = 0 AS 是否列入市总名单, CAST(i AS SMALLINT) AS 家庭人口,
                CASE WHEN i % 3 = 0 THEN NULL ELSE DATE '2021-01-31' + CAST(i AS INTEGER) END AS 审批日期,
                TIMESTAMPTZ '2021-01-31 17:00:00+00' AS 转账日期, CAST(2021 AS INTEGER) AS 年度, CAST(i / 3 AS FLOAT) AS 慰问品价值
                FROM range(40) t(i)) TO '{tmp_path / "a.parquet"}' (FORMAT parquet)""")
    by_row = bring(tmp_path / "a.parquet")
    monkeypatch.setattr("ledgers.typed_tables.MOST_HELD", 1)
    as_it_lies = bring(tmp_path / "a.parquet")
    assert len(by_row.aid) == 40
    assert by_row.aid == as_it_lies.aid
    assert told(by_row, set()) == told(as_it_lies, set())


def test_a_total_in_a_long_parquet_file_is_kept_and_flagged_and_its_amount_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgers.typed_tables.MOST_HELD", 1)
    rows = [["办公费", "100", "90"], ["培训费（统计）", "200", "200"], ["合  计", "300", "290"]]
    pd.DataFrame(rows, columns=["项目名称", "预算数", "执行数"]).to_parquet(tmp_path / "a.parquet")
    brought = bring(tmp_path / "a.parquet")
    assert [row["budget_amount"] for row in brought.rows["budget_execution"]] == [Decimal(100), Decimal(200), None]
    assert brought.places("Q12") == [(4, None)]


@pytest.mark.parametrize(
    "label", ["总额", "Total", "ＴＯＴＡＬ", " 总 计 ", "本页", "∑", "grand total", "承前页", "合计（元）：", "春节汇总"]
)
def test_whatever_labels_a_total_in_a_parquet_file_its_amount_is_not_believed(
    label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """总额 and Total were payments."""
    rows = [["张三", identity(1), "2021-02-03", "500"], [label, "", "", "500"]]
    pd.DataFrame(rows, columns=HEADER).to_parquet(tmp_path / "a.parquet")
    assert amounts(bring(tmp_path / "a.parquet")) == amounts(bring(write_csv(tmp_path / "a.csv", [HEADER, *rows])))
    monkeypatch.setattr("ledgers.typed_tables.MOST_HELD", 1)
    brought = bring(tmp_path / "a.parquet")
    assert amounts(brought) == [500, None]
    assert [note.row for note in brought.coded("Q12")] == [3]


def test_a_payee_named_like_a_total_with_a_number_is_believed_in_a_parquet_file_too(tmp_path: Path) -> None:
    pd.DataFrame([["合计", identity(1), "2021-02-03", "500"]], columns=HEADER).to_parquet(tmp_path / "a.parquet")
    brought = bring(tmp_path / "a.parquet")
    assert (amounts(brought), brought.coded("Q12")) == ([Decimal(500)], [])


def test_a_link_to_nowhere_in_a_folder_is_named_and_fatal(tmp_path: Path) -> None:
    write_csv(tmp_path / "good.csv", [HEADER, ZHANG])
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    brought = bring(tmp_path)
    assert [Path(note.path).name for note in brought.notes if note.fatal] == ["gone.csv"]
    assert amounts(brought) == [Decimal(500)]


def test_two_encodings_in_one_file_are_refused_with_the_line(tmp_path: Path) -> None:
    """Names of the second half were read as other names."""
    path = tmp_path / "a.csv"
    lines = [",".join(row) + "\n" for row in (HEADER, ZHANG, HEADER, LI)]
    path.write_bytes("".join(lines[:2]).encode("gb18030") + "".join(lines[2:]).encode())
    brought = bring(path)
    assert brought.rows == {}
    assert [note.message[:10] for note in brought.notes if note.fatal] == ["第 3 行是 UTF"]


def test_numbers_that_a_system_wrote_as_formulas_of_texts_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'姓名,身份证号,发放日期,金额\n张三,="{identity(1)}",="2021-02-03",="500"\n', encoding="utf-8")
    assert [(row["id_no"], str(row["pay_date"]), row["amount"]) for row in bring(path).aid] == [(identity(1), "2021-02-03", 500)]


@pytest.mark.parametrize("name", ["张三".encode().decode("gbk", "replace"), "张三".encode("gbk").decode("latin-1"), "锟斤拷"])
def test_a_garbled_name_is_nobodys(tmp_path: Path, name: str) -> None:
    brought = bring(write_csv(tmp_path / "a.csv", [HEADER, [name, *ZHANG[1:]]]))
    assert brought.aid[0]["name"] is None
    assert brought.places("Q13") == [(2, "A2")]
