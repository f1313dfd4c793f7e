"""Parameters in a workbook: what a person changes there stands in the policy files afterwards, and nothing else does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from shutil import copytree

import openpyxl
import pytest
from click.testing import CliRunner

from cli import main
from declared import Refused
from engine.parameter_book import SHEET, TITLES, open_pack, write_book
from engine.parameter_cells import read_book
from policies.load import PACKS, shipped_packs
from policies.parameters import COLUMNS
from tests.test_drift import PACK

POLICY = """# the limits of the trial
code: Z01
id: most
title: {zh: 限额, en: The most}
why: {zh: 试, en: Trial}
category: 标准
severity: medium
basis: norm
citations:
  - {source: central-aid-2015, section: 第二条, paraphrase: {zh: 试, en: Trial}}
  - {source: central-aid-2015, section: 第三条, paraphrase: {zh: 试二, en: Trial two}}
dated_by: pay_date
ledger: aid_payment
parameters:
  cap:   # by class
    zh: 上限
    en: cap
    unit: 元
    least: 1
    by: [aid_kind]
    values:
      - {aid_kind: 慰问, value: 500, to: 2020-12-31}   # until the new rule
      - value: 800.50  # the new rule
        aid_kind: 慰问
        from: 2021-01-01
        citation: 1
      # the rest
      - {aid_kind: 医疗, value: 3000}
  until: {zh: 截止, en: until, values: [{value: 2021-02-12}]}
  place: {zh: 地点, en: place, values: [{value: 厂区, region: 湖北省}, {value: "12"}]}
  asked: {zh: 当地标准, en: asked, ask: true, example: 550, values: []}
applies_when: 'TRUE'   # everybody
requires: amount <= :cap
message: {zh: "{amount}", en: "{amount}"}
remedy: {action: explain, zh: 请说明, en: Explain}
cleared_by: document
"""
LETTERS = dict(zip(COLUMNS, "ABCDEFGHIJK", strict=True))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "trial"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    (folder / "most.yaml").write_text(POLICY, encoding="utf-8")
    return folder


def edited(pack: Path, cells: dict[str, object], rows: list[list[object]] | None = None, delete: int = 0) -> str:
    """Write the workbook of a pack, change cells, add and delete rows as a person would, and give the new text of the policy."""
    path = pack.parent / "parameters.xlsx"
    path.write_bytes(write_book(open_pack(str(pack))))
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for place, value in cells.items():
        sheet[place] = value
    for row in rows or []:
        sheet.append(row)
    if delete:
        sheet.delete_rows(delete)
    book.save(path)
    texts = read_book(open_pack(str(pack)), path)
    return texts.get(pack / "most.yaml", (pack / "most.yaml").read_text(encoding="utf-8"))


def refused(pack: Path, cells: dict[str, object], rows: list[list[object]] | None = None, delete: int = 0) -> list[str]:
    with pytest.raises(Refused) as caught:
        edited(pack, cells, rows, delete)
    return [problem.what for problem in caught.value.problems]


def row(**given: object) -> list[object]:
    return [given.get(column if column not in ("from",) else "start") for column in COLUMNS]


@pytest.mark.parametrize("name", shipped_packs())
def test_a_round_trip_without_a_change_leaves_every_file_as_it_was(name: str, tmp_path: Path) -> None:
    copy = tmp_path / name
    copytree(PACKS / name, copy)
    book = tmp_path / "parameters.xlsx"
    book.write_bytes(write_book(open_pack(name)))
    assert read_book(open_pack(str(copy)), book) == {}


def test_the_workbook_lists_every_value_with_what_it_holds_for(pack: Path) -> None:
    path = pack.parent / "a.xlsx"
    path.write_bytes(write_book(open_pack(str(pack))))
    rows = list(openpyxl.load_workbook(path)[SHEET].iter_rows(values_only=True))
    assert rows[0] == tuple(TITLES.values())
    assert rows[2] == (
        "Z01", "cap", 2, "上限", "元", "aid_kind=慰问", None, datetime(2021, 1, 1), None, 800.5, 1,
    )  # fmt: skip
    assert [line[1] for line in rows[1:]] == ["cap", "cap", "cap", "until", "place", "place", "asked"]
    assert path.read_bytes() == write_book(open_pack(str(pack)))


def test_a_changed_value_changes_these_characters_and_no_other(pack: Path) -> None:
    text = edited(pack, {"J2": 600, "J3": "900", "K3": None, "J5": datetime(2022, 1, 31), "J6": "车间"})
    wanted = POLICY.replace("value: 500,", "value: 600,").replace("value: 800.50  #", "value: 900  #")
    wanted = wanted.replace("        citation: 1\n", "").replace("value: 2021-02-12", "value: 2022-01-31").replace("厂区", "车间")
    assert text == wanted


def test_line_ends_and_the_mark_of_a_file_stay(pack: Path) -> None:
    (pack / "most.yaml").write_bytes(("\ufeff" + POLICY).replace("\n", "\r\n").encode())
    text = edited(
        pack, {"J2": 600, "I4": datetime(2030, 12, 31)}, [row(code="Z01", parameter="cap", by="aid_kind=助学", value=9)]
    )
    assert text.startswith("\ufeff# the limits")
    assert text.count("\n") == text.count("\r\n") == POLICY.count("\n") + 1
    assert "- {value: 9, aid_kind: 助学}\r\n" in text


def test_an_end_and_a_successor_are_added_where_they_belong(pack: Path) -> None:
    added = row(code="Z01", parameter="cap", by="aid_kind=医疗", start=datetime(2022, 1, 1), value=4000, citation=1)
    text = edited(pack, {"I4": "2021-12-31"}, [added])
    wanted = POLICY.replace(
        "      - {aid_kind: 医疗, value: 3000}\n",
        "      - {aid_kind: 医疗, value: 3000, to: 2021-12-31}\n"
        "      - {value: 4000, aid_kind: 医疗, from: 2022-01-01, citation: 1}\n",
    )
    assert text == wanted


def test_a_limit_of_ones_own_stands_so_in_both(pack: Path) -> None:
    text = edited(pack, {"K5": "自定"})
    assert "values: [{value: 2021-02-12, citation: own}]" in text
    (pack / "most.yaml").write_text(text, encoding="utf-8")
    assert edited(pack, {}) == text
    assert edited(pack, {"K5": None}) == POLICY


def test_a_value_of_a_region_stands_before_the_one_of_all_regions(pack: Path) -> None:
    """Behind it, it would never have been used: the first value that fits decides."""
    text = edited(pack, {}, [row(code="Z01", parameter="place", region="安徽省", value="13")])
    assert '[{value: 厂区, region: 湖北省}, {value: "13", region: 安徽省}, {value: "12"}]' in text


def test_the_first_value_of_a_limit_that_is_asked_for_needs_a_region(pack: Path) -> None:
    text = edited(pack, {"G8": "湖北省", "J8": 550})
    assert "example: 550, values: [{value: 550, region: 湖北省}]}" in text
    assert refused(pack, {"J8": 550}) == [
        "参数!G8（地区）：这个参数没有全国统一的值，必须写明地区。 / name the region.",
    ]


def test_every_problem_is_named_by_its_cell_and_at_once(pack: Path) -> None:
    (pack / "most.yaml").write_text(POLICY, encoding="utf-8")
    found = refused(
        pack,
        {"J2": "五百", "H3": "去年", "F4": "kind=医疗", "K5": 7, "D6": "别的", "C7": 9},
        [row(code="Z99", parameter="cap", value=1), row(code="Z01", parameter="cup", value=1), row(code="Z01", parameter="cap", value=0.5, by="aid_kind=x")],
    )  # fmt: skip
    assert [what.partition("：")[0] for what in found] == [
        "参数!J2（值）", "参数!H3（起）", "参数!F4（分类）", "参数!K5（依据序号）", "参数!D6（含义）", "参数!C7（序号）",
        "参数!A9（规则编号）", "参数!B10（参数）", "参数!J11（值）",
    ]  # fmt: skip
    assert "“五百”不是数字" in found[0]
    assert "did you mean `cap`?" in found[7]
    assert (pack / "most.yaml").read_text(encoding="utf-8") == POLICY


@pytest.mark.parametrize("value", ["1,200", "1200元", "约500", "", "1e3", "０x5", "1234567890123456789"])
def test_a_value_that_is_no_number_in_plain_digits_is_refused(pack: Path, value: str) -> None:
    [what] = refused(pack, {"J2": value or None})
    assert what.startswith("参数!J2（值）")


def test_gaps_and_overlaps_on_the_time_line_are_refused(pack: Path) -> None:
    [gap] = refused(pack, {"I2": "2020-11-30"})
    assert gap.startswith("参数!H3（起）：与第 1 个值之间空着 2020-12-01 至 2020-12-31")
    [overlap] = refused(pack, {"I2": "2021-01-01"})
    assert overlap.startswith("参数!H3（起）：与第 1 个值（止于 2021-01-01）的时间重叠")
    backwards = refused(pack, {"I3": "2020-12-31"})
    assert any(what.startswith("参数!I3（止）：止（2020-12-31）早于起") for what in backwards)
    same = refused(pack, {}, [row(code="Z01", parameter="cap", by="aid_kind=医疗", value=1)])
    assert same[0].startswith("参数!H9（起）：与第 3 个值（止于 不限）的时间重叠")


def test_a_deleted_row_and_one_that_stands_twice_are_refused(pack: Path) -> None:
    [gone] = refused(pack, {}, delete=3)
    assert gone.startswith("参数：Z01.cap 第 2 个值（800.50）的行不见了")
    assert refused(pack, {}, delete=5)[0].startswith("参数：Z01.until 第 1 个值")
    twice = refused(pack, {}, [row(code="Z01", parameter="until", number=1, value="2021-03-01")])
    assert twice[0].startswith("参数!C9（序号）：序号 1 在第 5 行已经有了")


def test_a_value_that_an_earlier_one_always_covers_is_refused(pack: Path) -> None:
    [what] = refused(pack, {"G6": None, "G7": "湖北省"})
    assert what.startswith("参数!G7（地区）：永远用不到：第 1 个值排在它前面")


def test_holidays_may_lie_apart_and_stand_before_the_ordinary_day(tmp_path: Path) -> None:
    """D10 lists holidays with gaps between them above one ordinary day for all years: both are meant."""
    copy = tmp_path / "core"
    copytree(PACKS / "core", copy)
    book = tmp_path / "p.xlsx"
    book.write_bytes(write_book(open_pack(str(copy))))
    opened = openpyxl.load_workbook(book)
    sheet = opened[SHEET]
    ordinary = next(one for one in sheet.iter_rows() if one[0].value == "D10" and one[9].value == "平日")
    ordinary[8].value = datetime(2027, 12, 31)
    sheet.append(row(code="D10", parameter="day", start="2027-01-01", to="2027-01-03", value="元旦"))
    opened.save(book)
    [(path, text)] = read_book(open_pack(str(copy)), book).items()
    before, after = path.read_text(encoding="utf-8").splitlines(), text.splitlines()
    changed = [line.strip() for line in after if line not in before]
    assert changed == ["- {value: 元旦, from: 2027-01-01, to: 2027-01-03}", "- {value: 平日, from: 2018-01-01, to: 2027-12-31}"]


def test_a_sheet_or_header_that_is_missing_is_named(pack: Path) -> None:
    path = pack.parent / "a.xlsx"
    path.write_bytes(write_book(open_pack(str(pack))))
    book = openpyxl.load_workbook(path)
    book[SHEET]["J1"] = "金额"
    book.save(path)
    with pytest.raises(Refused, match="没有列“值”"):
        read_book(open_pack(str(pack)), path)
    book[SHEET].title = "别的"
    book.save(path)
    with pytest.raises(Refused, match="没有工作表“参数”"):
        read_book(open_pack(str(pack)), path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(Refused, match=r"a\.xlsx"):
        read_book(open_pack(str(pack)), path)


def test_the_command_writes_reads_back_and_spares_the_packs_that_are_shipped(pack: Path, tmp_path: Path) -> None:
    book = str(tmp_path / "p.xlsx")
    command = ["policies", "parameters", "--pack", str(pack)]
    assert CliRunner().invoke(main, [*command, "--output", book]).exit_code == 0
    assert CliRunner().invoke(main, [*command, "--output", book]).exit_code == 2  # it exists
    unchanged = CliRunner().invoke(main, [*command, "--from", book])
    assert (unchanged.exit_code, "没有改动" in unchanged.output) == (0, True)
    opened = openpyxl.load_workbook(book)
    opened[SHEET]["J2"] = 600
    opened.save(book)
    assert CliRunner().invoke(main, ["policies", "parameters", "--pack", "core", "--from", book]).exit_code == 2
    assert "most.yaml" in CliRunner().invoke(main, [*command, "--from", book]).output
    assert (pack / "most.yaml").read_text(encoding="utf-8") == POLICY.replace("value: 500,", "value: 600,")
    assert sorted(path.name for path in pack.iterdir()) == ["most.yaml", "pack.yaml"]
    assert CliRunner().invoke(main, command).exit_code == 2
