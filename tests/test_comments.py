"""A comment may correct what stands in its cell: nobody reads it, and every form of workbook says which cells have one."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests.filled import office, reckon
from tests.ledger_files import _record, write_xlsb
from tests.test_intake import Brought, bring
from tests.test_looks import write_2003
from tests.test_messy_layouts import HEADER, LI, WANG, ZHANG, paid

ROWS = [HEADER, ZHANG, LI, WANG]
SAID = "工作表有 2 条批注未读取（D2、C4）；批注可能更正格中所写，请核对。"


def write_comments(path: Path) -> Path:
    """Write a ledger with comments at a header, where they explain a column, and at two cells below it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    for place, text in {"D1": "实发金额", "D2": "应为 5000", "C4": "改为 2 月 6 日"}.items():
        sheet[place].comment = Comment(text, "测试")
    book.save(path)
    return path


def said(brought: Brought) -> list[tuple[str, str]]:
    return [(note.severity, note.message) for note in brought.coded("Q11")]


def test_cells_with_a_comment_are_named_but_for_headers(tmp_path: Path) -> None:
    brought = bring(write_comments(tmp_path / "a.xlsx"))
    assert said(brought) == [("low", SAID)]
    assert [amount for _, _, amount in paid(brought)] == [500, 300, 800]


@pytest.mark.parametrize("form", ["ods", "fods", "xls"])
def test_comments_are_named_in_what_another_program_writes(form: str, tmp_path: Path) -> None:
    office()
    [path] = reckon([write_comments(tmp_path / "a.xlsx")], tmp_path, form)
    brought = bring(path)
    assert said(brought) == [("low", SAID)]
    assert [amount for _, _, amount in paid(brought)] == [500, 300, 800]


def test_comments_of_a_binary_workbook_are_named(tmp_path: Path) -> None:
    path = write_xlsb(tmp_path / "a.xlsb", ROWS)
    package = "http://schemas.openxmlformats.org"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "xl/worksheets/_rels/sheet1.bin.rels",
            f'<Relationships xmlns="{package}/package/2006/relationships"><Relationship Id="rId1"'
            f' Type="{package}/officeDocument/2006/relationships/comments" Target="../comments1.bin"/></Relationships>',
        )
        places = [(0, 3), (1, 3), (3, 2)]
        begun = [_record(635, struct.pack("<IIIII", 0, row, row, column, column) + bytes(16)) for row, column in places]
        archive.writestr("xl/comments1.bin", _record(628) + b"".join(begun) + _record(629))
    assert said(bring(path)) == [("low", SAID)]


def test_comments_of_a_workbook_of_2003_are_named(tmp_path: Path) -> None:
    note = '<Comment ss:Author="a"><ss:Data>应为 5000</ss:Data></Comment>'
    cell = '<Cell><Data ss:Type="String">{}</Data></Cell>'
    rows = ["".join(map(cell.format, row)) for row in ROWS]
    rows[0] = rows[0].replace("</Cell>", f"{note}</Cell>")
    rows[1] = rows[1].replace("500</Data>", f"500</Data>{note}")
    rows[3] = rows[3].replace(cell.format(WANG[2]), f"<Cell>{note}</Cell>")
    brought = bring(write_2003(tmp_path / "a.xls", "", rows))
    assert ("low", SAID) in said(brought)
    assert [(row["pay_date"] is None, row["amount"]) for row in brought.aid] == [(False, 500), (False, 300), (True, 800)]


def test_of_many_comments_the_first_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADER, *[ZHANG] * 12]:
        sheet.append(row)
    for number in range(2, 14):
        sheet.cell(number, 1).comment = Comment("同名", "测试")
    book.save(tmp_path / "a.xlsx")
    [(_, what)] = said(bring(tmp_path / "a.xlsx"))
    assert what.startswith("工作表有 12 条批注未读取（A2、A3、")
    assert "A11…）" in what


@pytest.mark.parametrize(
    ("part", "data"),
    [("comments/comment1.xml", None), ("comments/comment1.xml", b"<comments><"), ("worksheets/_rels/sheet1.xml.rels", b""),
     ("worksheets/_rels/sheet1.xml.rels", b'<Relationship Type="a/comments"/>')],
)  # fmt: skip
def test_what_is_damaged_about_comments_refuses_no_ledger(part: str, data: bytes | None, tmp_path: Path) -> None:
    path = write_comments(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert f"xl/{part}" in parts
    with zipfile.ZipFile(path, "w") as archive:
        for name, own in parts.items():
            if name != f"xl/{part}":
                archive.writestr(name, own)
            elif data is not None:
                archive.writestr(name, data)
    brought = bring(path)
    assert [amount for _, _, amount in paid(brought)] == [500, 300, 800]
    assert said(brought) == []


def test_the_case_of_a_part_of_comments_does_not_matter(tmp_path: Path) -> None:
    path = write_comments(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name.replace("comment1.xml", "Comment1.xml"): archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, own in parts.items():
            archive.writestr(name, own)
    assert said(bring(path)) == [("low", SAID)]


@pytest.mark.parametrize("mark", ["\n", "\t", "&#10;"])
def test_the_name_of_a_sheet_may_hold_a_line_break(mark: str, tmp_path: Path) -> None:
    path = write_comments(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'name="Sheet"', f'name="She{mark}et"'.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, own in parts.items():
            archive.writestr(name, own)
    brought = bring(path)
    assert [amount for _, _, amount in paid(brought)] == [500, 300, 800]
    assert said(brought) == [("low", SAID)]
