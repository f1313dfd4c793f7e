"""A long sheet comes out of its reader by columns, and is laid down so where all rows are plain: what is read is the same."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import desk, guarded, sheets
from ledgers.arrays import have_texts, split_texts, text_array
from ledgers.lines import read_long_sheet
from ledgers.sheets import NUL, Sheet, cell_text, has_longer_text, is_tenth, unpacked
from tests.test_big_csv import messy
from tests.test_intake import Brought, both_ways, bring, identity, write_csv, write_xlsx
from tests.test_messy_layouts import write_book

Write = Callable[[Path], Path]
Both = Callable[[Path], tuple[Brought, Brought, bool]]

HEADER = ["姓名", "身份证号", "发放日期", "金额", "备注"]
ROWS = [[f"测试{'甲乙丙丁戊'[n]}", identity(n + 1), "2021-02-03", "500", "补发"] for n in range(5)]
AMOUNTS = {
    "500": Decimal(500),
    "300.50": Decimal("300.50"),
    "1,200": Decimal(1200),
    "三百元": Decimal(300),
    "0.1": Decimal("0.1"),
}
BUDGET = ["预算科目", "年度", "预算数", "执行数", "备注"]  # without persons
LINES = [["帮扶支出", "2021", 100.0, 100.0, ""], ["活动支出", "2021", 50.0, 50.0, ""]]
CELL = st.one_of(
    st.text(st.characters(exclude_characters=NUL, exclude_categories=["Cs"])),
    st.floats(),
    st.sampled_from([1e15, 999999999999999.0, -0.0, 2021.1, 2021.0, True, date(2021, 2, 3), ""]),
)
LONG_IN_CHILD = "import ledgers.sheets; ledgers.sheets.LONG = 1; "


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    """Read a workbook as a short one and as a long one, and say whether the long one was laid down by its columns."""

    def read(path: Path) -> tuple[Brought, Brought, bool]:
        short, by_columns = bring(path), list[bool]()

        def watched(*asked: Any) -> bool:
            by_columns.append(read_long_sheet(*asked))
            return by_columns[-1]

        with monkeypatch.context() as patched:
            start = "from ledgers.opened"
            patched.setattr(guarded, "PROGRAM", guarded.PROGRAM.replace(start, LONG_IN_CHILD + start))
            patched.setattr(desk, "read_long_sheet", watched)
            return short, bring(path), by_columns == [True]

    return read


def told(brought: Brought) -> tuple[object, ...]:
    one = brought.intake.inputs
    return brought.rows, brought.notes, [(own.rows, own.kind, own.headers, own.letters, own.unit_of_amounts) for own in one]


@pytest.mark.parametrize("seed", range(24))
def test_a_long_sheet_is_read_as_a_short_one(seed: int, tmp_path: Path, both: Both) -> None:
    chance = random.Random(seed)
    plain = [row for row in messy(chance) if all(row[:3]) or seed % 2]
    above = [["测试市2021年慰问金发放名册"], ["单位：元"]][: chance.randrange(3)]
    short, long, _ = both(write_xlsx(tmp_path / "a.xlsx", [*above, HEADER, *plain]))
    assert told(long) == told(short)


def test_plain_rows_are_laid_down_by_their_columns(tmp_path: Path, both: Both) -> None:
    numbers = [[*row[:3], 500.5 + n, ""] for n, row in enumerate(ROWS)]
    short, long, by_columns = both(write_xlsx(tmp_path / "2021年春节.xlsx", [["发放名册（万元）"], HEADER, *ROWS, *numbers]))
    assert by_columns
    assert len(long.aid) == 10
    assert told(long) == told(short)


def _day_of_1904(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for row in [HEADER, *([*row[:2], date(2021, 2, 3), *row[3:]] for row in ROWS)]:
        sheet.append(row)
    book.save(path)
    return path


def _with(*more: Sequence[object], merged: Sequence[str] = (), header: Sequence[str] = HEADER) -> Write:
    def write(path: Path) -> Path:
        return write_book(path, [header, *ROWS, *more], merged)

    return write


ODD: dict[str, Write] = {
    "total": _with(["合计", "", "", "2500", ""]),
    "totals": _with(["小计", "", "", "2500", ""], ROWS[0], ["小计", "", "", "500", ""], ["总计", "", "", "3000", ""]),
    "wrong total": _with(["合计", "", "", "2600", ""]),
    "label": _with(["二、退休职工"]),
    "unit below": _with(["单位：万元"]),
    "unit and label": _with(["", "", "", "金额单位：", "万元"]),
    "unit in a column": _with(header=[*HEADER[:4], "货币单位"]),
    "footer": _with(["制表人：测试"]),
    "bare sum of one level": lambda path: write_book(
        path,
        [
            ["项目", *HEADER],
            ["一、春节", *ROWS[0]],
            ["(一)困难职工", *ROWS[1]],
            ["二、中秋", *ROWS[2]],
            ["", "", "", "", "1000", ""],
        ],
    ),
    "header again": _with(HEADER, ROWS[0]),
    "another table": _with(["单位名称", "收入项目", "金额", "年度"], ["测试工会", "拨款", "1", "2021"]),
    "blank row": _with([""] * 5, ROWS[0]),
    "white row": _with([" ", "\u3000", "", "", "\u00a0"], ROWS[0]),
    "ditto": _with(["测试己", identity(9), "同上", "500", "〃"]),
    "part": _with(["其中：困难职工", "", "", "500", ""]),
    "bare sum": _with(["", "", "", "2500", ""]),
    "merged day": _with(["测试己", identity(9), "", "500", "补发"], merged=["C6:C7"]),
    "merged amount": _with(["测试己", identity(9), "2021-02-03", "", "补发"], merged=["D6:D7"]),
    "month": _with(["测试己", identity(9), 2021.1, "500", "补发"]),
    "header only": lambda path: write_book(path, [HEADER]),
    "below and right": lambda path: write_book(path, [[], [], *(["", "", *row] for row in (HEADER, *ROWS))]),
    "no header": lambda path: write_book(path, [[*HEADER[:4], ""], *ROWS]),
    "two tables": lambda path: write_book(path, [[*HEADER[:2], "", *HEADER[2:]], *([*row[:2], "", *row[2:]] for row in ROWS)]),
    "days of 1904": _day_of_1904,
    "vouchers": lambda path: write_book(
        path,
        [
            ["日期", "凭证号", "摘要", "科目名称", "借方金额", "贷方金额"],
            ["2021-02-03", "记-1", "慰问", "职工帮扶支出", "500", ""],
            ["", "", "慰问", "银行存款", "", "500"],
        ],
    ),
    "sides": lambda path: write_book(
        path,
        [
            ["日期", "凭证号", "摘要", "科目名称", "金额", "借贷方向"],
            ["2021-02-03", "记-1", "慰问", "职工帮扶支出", "500", "借"],
            ["2021-02-03", "记-1", "慰问", "银行存款", "500", "贷"],
        ],
    ),
}  # fmt: skip


TOLD = {
    "label",
    "total",
    "totals",
    "bare sum",
    "footer",
    "blank row",
    "white row",
}  # what can be left out without a look at the rows around it


@pytest.mark.parametrize("odd", ODD)
def test_what_asks_for_a_look_at_rows_gets_it(odd: str, tmp_path: Path, both: Both) -> None:
    short, long, by_columns = both(ODD[odd](tmp_path / "a.xlsx"))
    assert told(long) == told(short)
    assert short.intake.inputs
    assert by_columns == (odd in TOLD)


@pytest.mark.parametrize("seed", range(20))
def test_totals_of_a_long_sheet_are_those_of_a_short_one(seed: int, tmp_path: Path, both: Both) -> None:
    short, long, _ = both(write_xlsx(tmp_path / "a.xlsx", [HEADER, *rows_with_totals(seed)]))
    assert told(long) == told(short)


@pytest.mark.parametrize("seed", range(20))
def test_totals_of_a_big_csv_are_those_of_a_small_one(seed: int, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, *([str(cell) for cell in row] for row in rows_with_totals(seed))])
    small, big = both_ways(path)
    assert told(big)[::2] == told(small)[::2]
    assert [note for note in big.notes if note.code != "Q08"] == [note for note in small.notes if note.code != "Q08"]


def rows_with_totals(seed: int) -> list[list[object]]:
    """Make up subtotals below or above their rows, totals, pages carried over; some wrong, some of amounts that nobody can read."""
    chance, rows, every = random.Random(seed), list[list[object]](), Decimal(0)
    for number in range(chance.randrange(2, 5)):
        texts = [chance.choice(list(AMOUNTS)) for _ in range(3)]
        section = [[*chance.choice(ROWS)[:3], text, ""] for text in texts]
        section += [[*ROWS[0][:3], "X元", ""]] if chance.random() < 0.2 else []
        worth = sum((AMOUNTS[text] for text in texts), Decimal(0))
        every += worth
        label = chance.choice(("小计", "合 计", f"{'一二三四'[number]}、在职职工", "承前页"))
        total = [label, "", "", str(worth + (chance.choice((0, 0, 0, 0, 10)) if seed % 2 else 0)), ""]
        rows += [total, *section] if chance.random() < 0.3 else [*section, total]
    rows += chance.choice(([], [["总计", "", "", str(every), ""]], [["总计", "", "", str(every + 1), ""]]))
    rows += chance.choice(([], [["制表人：测试", "", "审核：测试", "", ""]]))
    return rows


LABELS = ["总额", "总数", "总和", "Total", "Ｔｏｔａｌ", "SUM", "春节汇总", "总", "合\u200d计", "合\u00ad计", "⼩计", "2人", "承前页", "∑", "其 中：困难职工", "其\u200b中：",
          "一、困难职工", "制表人", "续表", "备注：", "第1页", "（公章）", "2021年3月4日", "测试己"]  # fmt: skip


@pytest.mark.parametrize(("place", "label"), list(enumerate(LABELS)))
def test_whatever_labels_a_row_of_a_long_sheet_is_seen(place: int, label: str, tmp_path: Path, both: Both) -> None:
    """A total below 20,000 payments, labelled 总额, was the largest payment of all."""
    day, amount, note = [("", 2500.0, ""), ("—", 2500.0, "—"), ("", 2600.0, "x"), ("审核人", "", "盖章")][place % 4]
    short, long, _ = both(write_xlsx(tmp_path / "a.xlsx", [HEADER, *ROWS, [label, "", day, amount, note]]))
    assert told(long) == told(short)
    short, long, _ = both(write_xlsx(tmp_path / "b.xlsx", [BUDGET, *LINES, [label, "", day or 100, amount or 100, note]]))
    assert told(long) == told(short)


def test_two_sheets_of_one_kind_are_held_against_each_other(tmp_path: Path, both: Both) -> None:
    book = openpyxl.Workbook()
    for name in ("1月", "汇总"):
        sheet = book.create_sheet(name)
        for row in [HEADER, *ROWS]:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "a.xlsx")
    short, long, by_columns = both(tmp_path / "a.xlsx")
    assert told(long) == told(short)
    assert [note.sheet for note in long.coded("Q16")] == ["汇总"]
    assert not by_columns


def test_a_guide_beside_a_long_sheet_changes_nothing(tmp_path: Path, both: Both) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, *ROWS], "台账")
    book = openpyxl.load_workbook(path)
    book.create_sheet("填表说明").append(["请如实填写"])
    book.save(path)
    short, long, by_columns = both(path)
    assert told(long) == told(short)
    assert by_columns


def test_a_sheet_comes_out_of_a_pipe_as_it_went_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LONG", 2)
    monkeypatch.setattr(sheets, "HEAD_ROWS", 1)
    for rows in ([["甲", "", "丙"], [], ["", "乙"]], [["甲\n乙"], ["x", "y" * 70_000]], [[], ["", "", "甲"]]):
        sheet = Sheet(Path("a.xlsx"), "台账", [list(row) for row in rows], hidden_rows=3)
        passed: Sheet = pickle.loads(pickle.dumps(sheet))
        assert passed.packed
        assert passed.rows == [row for row in rows[:1] if row]
        assert unpacked(passed) == sheet
        assert pickle.loads(pickle.dumps(passed)) == passed


@pytest.mark.parametrize("odd", [f"甲{NUL}乙", "\ud800"])
def test_a_text_that_cannot_stand_in_a_column_leaves_the_rows_as_they_are(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LONG", 2)
    sheet = Sheet(Path("a.xlsx"), "台账", [["甲", odd], ["丙"], ["丁"]])
    assert sheets.pack([[["甲", "乙"]], [["丙", odd], ["丁", ""]]])[0] == []
    if odd != "\ud800":  # which nothing pickles
        assert pickle.loads(pickle.dumps(sheet)) == sheet


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=30), st.integers(1, 7))
def test_cells_packed_in_blocks_are_those_written_one_by_one(cells: list[tuple[object, object]], size: int) -> None:
    joined, tenths = sheets.pack(cells[start : start + size] for start in range(0, len(cells), size))
    assert [column.decode().split(NUL) for column in joined] == [
        list(map(cell_text, column)) for column in zip(*cells, strict=True)
    ]
    assert tenths == {(row, column) for row, own in enumerate(cells) for column, cell in enumerate(own) if is_tenth(cell)}


@pytest.mark.parametrize(
    ("text", "longer"), [("甲" * 5, False), ("甲" * 6, True), ("a" * 6, True), ("a" * 15, True), ("", False)]
)
@pytest.mark.parametrize("place", [0, 1, 9])
def test_a_text_that_is_too_long_is_found_wherever_it_stands(text: str, longer: bool, place: int) -> None:
    texts = ["甲乙"] * 10
    texts[place] = text
    rows = [["1", one] for one in texts]
    sheet = Sheet(Path("a.xlsx"), "台账", rows)
    assert has_longer_text(sheet, 5) == has_longer_text(sheets.packed(sheet, sheets.pack([rows])[0]), 5) == longer


def test_texts_of_rows_are_counted_short_where_white_space_may_stand() -> None:
    columns = [text_array(["甲", "", "x"]), text_array(["\u3000", "乙", "y"]), text_array(["1", " ", "z"])]
    assert [have_texts(columns, most) for most in (0, 1)] == [True, False]
    assert [have_texts([column.slice(2) for column in columns], most) for most in (2, 3)] == [True, False]
    assert have_texts([split_texts(b"").slice(1)] * 2, 1)


def test_many_rows_without_a_cell_are_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_text(f"<html><table>{'<tr></tr>' * 21_000}</table></html>", encoding="utf-8")
    assert "没有任何内容" in bring(path).notes[0].message
