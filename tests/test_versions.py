"""Versions of one workbook are linked and the newest counts; two ledgers that differ stay two, or payments would be hidden."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pytest

from ledgers import bulk
from ledgers.invented import identity, name
from ledgers.marks import find_newer, read_marks
from tests.sent import check, run

HEADER = ["序号", "姓名", "身份证号", "发放日期", "金额", "活动名称", "备注"]
Row = list[object]


def rows(count: int = 6, *, day: str = "2021-02-03", campaign: str = "春节送温暖", first: int = 0) -> list[Row]:
    return [[n + 1, name(n), identity(n), day, 500, campaign, ""] for n in range(first, first + count)]


def book(
    path: Path, data: Sequence[Row], *, saved: str = "", title: str = "", sheet: str = "台账", header: list[str] = HEADER
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = openpyxl.Workbook()
    own = made.worksheets[0]
    own.title = sheet
    for row in [*([[title]] if title else []), header, *data]:
        own.append(row)
    made.save(path)
    if saved:
        _state_when_saved(path, saved)
    return path


def _state_when_saved(path: Path, saved: str) -> None:
    """Write the time of the last change into a workbook; openpyxl always writes that of now."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    core = parts["docProps/core.xml"].decode()
    start = core.index(">", core.index("<dcterms:modified")) + 1
    parts["docProps/core.xml"] = f"{core[:start]}{saved}{core[core.index('</dcterms:modified') :]}".encode()
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in parts.items():
            archive.writestr(one, content)


def csv_file(path: Path, data: Sequence[Row], header: Sequence[str] = HEADER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *data])
    return path


def links(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(Path(v["older"]["path"]).name, Path(v["newest"]["path"]).name, v["decided_by"]) for v in report["run"]["versions"]]


def notes(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [note for note in report["intake"] if note["code"] == "Q16"]


def judged(report: dict[str, Any]) -> int:
    return sum(one["rows"] for one in report["run"]["inputs"])


def doubles(report: dict[str, Any]) -> int:
    return sum(finding["code"] in ("C04", "C05") for finding in report["findings"])


# ---- Names and times.


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("台账", "台账v2"), ("台账v2", "台账V10"), ("台账", "台账_修改"), ("台账修改", "台账最终版"), ("台账20210301", "台账20210315"),
        ("台账2021年3月1日", "台账2021-03-15"), ("台账初稿", "台账"), ("台账第二版", "台账第三版"), ("台账_20210301_0900", "台账_20210302_0800"),
        ("台账（更正后）", "台账（定稿）"),
    ],
)  # fmt: skip
def test_the_newer_file_is_known_by_its_name(tmp_path: Path, older: str, newer: str) -> None:
    old, new = (csv_file(tmp_path / f"{stem}.csv", []) for stem in (older, newer))
    os.utime(new, (1, 1))
    assert find_newer(new, old)[:2] == (1, "file_name")
    assert find_newer(old, new)[:2] == (-1, "file_name")
    assert read_marks(older).stem == read_marks(newer).stem == "台账"


@pytest.mark.parametrize(
    ("one", "other"),
    [("1月台账", "2月台账"), ("台账202101", "台账202102"), ("春节台账", "中秋台账"), ("第1批", "第2批"), ("新湖镇台账", "湖镇台账"), ("台账一季度", "台账二季度")],
)  # fmt: skip
def test_what_a_ledger_is_about_is_no_mark_of_a_version(one: str, other: str) -> None:
    assert read_marks(one).stem != read_marks(other).stem


def test_without_a_mark_the_recorded_change_decides_then_the_copy_then_the_disk(tmp_path: Path) -> None:
    first = book(tmp_path / "台账(1).xlsx", [], saved="2021-03-02T08:00:00Z")
    second = book(tmp_path / "台账.xlsx", [], saved="2021-03-05T08:00:00Z")
    assert find_newer(second, first)[:2] == (1, "modified")
    third, fourth = csv_file(tmp_path / "台账.csv", []), csv_file(tmp_path / "台账(1).csv", [])
    assert find_newer(fourth, third)[:2] == (1, "file_name")
    fifth = csv_file(tmp_path / "b" / "台账.csv", [])
    os.utime(third, (100, 100))
    assert find_newer(fifth, third)[:2] == (1, "mtime")
    os.utime(fifth, (100, 100))
    assert find_newer(fifth, third)[:2] == (0, "nothing")


def test_marks_that_contradict_each_other_decide_nothing(tmp_path: Path) -> None:
    one, other = csv_file(tmp_path / "台账20210301最终版.csv", []), csv_file(tmp_path / "台账20210315初稿.csv", [])
    assert find_newer(one, other)[:2] == (0, "contradiction")


# ---- Linked.


@pytest.mark.parametrize(
    ("older", "newer", "by"),
    [
        ("台账.xlsx", "台账_修改.xlsx", "file_name"),
        ("台账20210301.xlsx", "台账20210315.xlsx", "file_name"),
        ("台账v1.xlsx", "台账v2.xlsx", "file_name"),
        ("台账.xlsx", "台账最终版.xlsx", "file_name"),
        ("台账.xlsx", "台账(1).xlsx", "modified"),
    ],
)
def test_of_a_workbook_that_was_sent_again_only_the_newest_is_judged(tmp_path: Path, older: str, newer: str, by: str) -> None:
    data = rows()
    changed = [*data[:2], [*data[2][:4], 600, *data[2][5:]], [*data[3][:6], "补签"], *data[5:], *rows(1, first=20)]
    book(tmp_path / "甲镇" / older, data, saved="2021-03-01T08:00:00Z")
    book(tmp_path / "甲镇" / newer, changed, saved="2021-03-02T08:00:00Z")
    report = check(tmp_path)
    assert links(report) == [(older, newer, by)]
    assert (judged(report), doubles(report)) == (6, 0)
    [version] = report["run"]["versions"]
    assert (version["same"], version["vanished"], version["added"]) == (3, [6], [7])
    assert version["changed"] == [
        {"row": 4, "newest_row": 4, "columns": ["金额"]},
        {"row": 5, "newest_row": 5, "columns": ["备注"]},
    ]
    [note] = notes(report)
    assert (Path(note["path"]).name, note["severity"], note["fatal"]) == (older, "high", False)
    assert "新版中没有 1（第 6 行）" in note["message"]
    assert "改动 2（第 4、5 行）" in note["message"]
    said = json.dumps([report["run"]["versions"], report["intake"]], ensure_ascii=False)
    assert not any(str(row[column]) in said for row in data for column in (1, 2))
    [old] = [one for one in report["run"]["inputs"] if one["version_of"]]
    assert (Path(old["version_of"]).name, old["rows"]) == (newer, 0)


def test_the_first_of_three_versions_leads_to_the_last(tmp_path: Path) -> None:
    for stem, count in (("台账v1", 5), ("台账v2", 6), ("台账v3", 7)):
        book(tmp_path / "甲镇" / f"{stem}.xlsx", rows(count))
    report = check(tmp_path)
    assert {(old, new) for old, new, _ in links(report)} == {("台账v1.xlsx", "台账v3.xlsx"), ("台账v2.xlsx", "台账v3.xlsx")}
    assert (judged(report), {note["severity"] for note in notes(report)}) == (7, {"low"})


def test_a_column_that_was_added_and_numbers_that_moved_make_no_other_ledger(tmp_path: Path) -> None:
    data = rows()
    book(tmp_path / "甲镇" / "台账.xlsx", [[*row[:5], row[6]] for row in data], header=[*HEADER[:5], HEADER[6]])
    book(tmp_path / "甲镇" / "台账_修改.xlsx", [[row[0], *row[1:]] for row in data[1:]])
    report = check(tmp_path)
    assert links(report) == [("台账.xlsx", "台账_修改.xlsx", "file_name")]
    assert (report["run"]["versions"][0]["changed"], report["run"]["versions"][0]["vanished"]) == ([], [2])


def test_the_same_ledger_as_workbook_and_as_text_is_one(tmp_path: Path) -> None:
    book(tmp_path / "甲镇" / "台账.xlsx", rows())
    csv_file(tmp_path / "甲镇" / "台账_修改.csv", [[*row[:3], "2021年2月3日", "500元", *row[5:]] for row in rows()])
    report = check(tmp_path)
    assert links(report) == [("台账.xlsx", "台账_修改.csv", "file_name")]
    assert report["run"]["versions"][0]["changed"] == []


def test_big_files_are_linked_like_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(path: Path, data: list[Row]) -> None:
        path.parent.mkdir(exist_ok=True)
        frame = pd.DataFrame([[str(cell) for cell in row] for row in data], columns=HEADER)
        with duckdb.connect() as con:
            con.execute(f"COPY frame TO '{path}' (FORMAT parquet)")
        assert len(frame) == len(data)

    write(tmp_path / "甲镇" / "台账.parquet", rows())
    write(tmp_path / "甲镇" / "台账v2.parquet", rows()[:5])
    report = check(tmp_path)
    assert (links(report), judged(report)) == ([("台账.parquet", "台账v2.parquet", "file_name")], 5)
    assert report["run"]["versions"][0]["vanished"] == [7]
    monkeypatch.setattr(bulk, "BIG_CSV", 10)
    csv_file(tmp_path / "乙镇" / "台账.csv", rows(first=100))
    csv_file(tmp_path / "乙镇" / "台账v2.csv", rows(5, first=100))
    report = check(tmp_path / "乙镇")
    assert (links(report), judged(report), doubles(report)) == ([("台账.csv", "台账v2.csv", "file_name")], 5, 0)


def test_a_unit_is_one_by_its_title_wherever_its_files_lie(tmp_path: Path) -> None:
    title = "填报单位：甲镇总工会"
    book(tmp_path / "一" / "台账.xlsx", rows(), title=title)
    book(tmp_path / "二" / "台账v2.xlsx", rows(5), title=title)
    assert links(check(tmp_path)) == [("台账.xlsx", "台账v2.xlsx", "file_name")]


def test_sheets_of_a_workbook_are_linked_each_with_its_own(tmp_path: Path) -> None:
    for stem, count in (("台账", 6), ("台账v2", 5)):
        path = book(tmp_path / "甲镇" / f"{stem}.xlsx", rows(count), sheet="1月")
        made = openpyxl.load_workbook(path)
        own = made.create_sheet("2月")
        for row in [HEADER, *rows(count, day="2021-03-04")]:
            own.append(row)
        made.save(path)
    report = check(tmp_path)
    assert [(v["older"]["sheet"], v["newest"]["sheet"]) for v in report["run"]["versions"]] == [("1月", "1月"), ("2月", "2月")]
    assert judged(report) == 10


def test_a_later_record_of_change_in_the_older_name_is_said(tmp_path: Path) -> None:
    book(tmp_path / "甲镇" / "台账.xlsx", rows(), saved="2021-03-09T08:00:00Z")
    book(tmp_path / "甲镇" / "台账_修改.xlsx", rows(), saved="2021-03-02T08:00:01Z", title="2021年")
    [note] = notes(check(tmp_path))
    assert note["severity"] == "high"
    assert "修改时间与此相反" in note["message"]


# ---- Not linked.


@pytest.mark.parametrize(
    ("one", "other", "files"),
    [
        (rows(), rows(campaign="夏送清凉"), ("台账.xlsx", "台账v2.xlsx")),
        (rows(), rows(day="2021-03-03"), ("台账.xlsx", "台账v2.xlsx")),
        (rows(), [[*row[:4], 800, *row[5:]] for row in rows()], ("台账.xlsx", "台账v2.xlsx")),
        (rows(), rows(first=50), ("台账.xlsx", "台账v2.xlsx")),
        (rows(), [*rows(2), *rows(4, first=50)], ("台账.xlsx", "台账v2.xlsx")),
        (
            [[*row[:3], "", *row[4:]] for row in rows()],
            [[*row[:3], "", *row[4:]] for row in rows()],
            ("台账.xlsx", "台账v2.xlsx"),
        ),
    ],
    ids=["another campaign", "the next month", "other amounts", "other persons", "few rows", "no day"],
)
def test_two_different_ledgers_are_both_judged(tmp_path: Path, one: list[Row], other: list[Row], files: tuple[str, str]) -> None:
    for file, data in zip(files, (one, other), strict=True):
        book(tmp_path / "甲镇" / file, data, title=file)
    report = check(tmp_path)
    assert (links(report), judged(report)) == ([], len(one) + len(other))


def test_equal_rows_under_different_names_are_judged_and_said(tmp_path: Path) -> None:
    book(tmp_path / "甲镇" / "1月台账.xlsx", rows())
    book(tmp_path / "甲镇" / "2月台账.xlsx", rows(), title="2月")
    report = check(tmp_path)
    assert (links(report), judged(report), doubles(report)) == ([], 12, 6)
    [note] = notes(report)
    assert note["severity"] == "medium"
    assert "有 6 行相同，但文件名不同" in note["message"]


def test_what_was_paid_twice_in_a_second_small_ledger_stays_a_double_payment(tmp_path: Path) -> None:
    book(tmp_path / "甲镇" / "台账20210301.xlsx", rows(8))
    book(tmp_path / "甲镇" / "台账20210315.xlsx", rows(1))
    report = check(tmp_path)
    assert (links(report), doubles(report)) == ([], 1)
    assert "缺少较旧一份的大部分行" in notes(report)[0]["message"]


def test_the_newest_is_not_guessed(tmp_path: Path) -> None:
    csv_file(tmp_path / "甲镇" / "台账20210301最终版.csv", rows())
    csv_file(tmp_path / "甲镇" / "台账20210315初稿.csv", rows(5))
    report = check(tmp_path)
    assert (links(report), judged(report)) == ([], 11)
    assert "互相矛盾" in notes(report)[0]["message"]


def test_two_units_that_sent_the_same_rows_are_both_judged(tmp_path: Path) -> None:
    book(tmp_path / "甲镇" / "2021" / "台账.xlsx", rows())
    book(tmp_path / "乙镇" / "2021" / "台账v2.xlsx", rows(5))
    report = check(tmp_path)
    assert (links(report), judged(report), doubles(report)) == ([], 11, 5)
    units = [*HEADER, "发放单位"]
    book(tmp_path / "一" / "表.xlsx", [[*row, "甲工会"] for row in rows()], header=units)
    book(tmp_path / "一" / "表v2.xlsx", [[*row, "乙工会"] for row in rows()], header=units)
    assert links(check(tmp_path / "一")) == []


def test_two_sheets_of_one_workbook_are_no_versions(tmp_path: Path) -> None:
    path = book(tmp_path / "甲镇" / "台账.xlsx", rows(), sheet="台账")
    made = openpyxl.load_workbook(path)
    made.copy_worksheet(made.worksheets[0]).title = "台账v2"
    made.save(path)
    assert (links(check(tmp_path)), judged(check(tmp_path))) == ([], 12)


def test_lists_of_files_as_of_two_days_are_both_kept(tmp_path: Path) -> None:
    header = ["姓名", "身份证号", "建档日期"]
    data: list[Row] = [[name(n), identity(n), "2020-01-02"] for n in range(6)]
    book(tmp_path / "甲镇" / "档案20201231.xlsx", data, header=header)
    book(tmp_path / "甲镇" / "档案20211231.xlsx", data[:5], header=header)
    book(tmp_path / "乙镇" / "档案.xlsx", data, header=header)
    book(tmp_path / "乙镇" / "档案_修改.xlsx", data[:5], header=header)
    assert links(check(tmp_path)) == [("档案.xlsx", "档案_修改.xlsx", "file_name")]


def test_budget_tables_of_two_dates_are_both_judged_and_a_corrected_one_is_a_version(tmp_path: Path) -> None:
    header = ["项目名称", "全年预算数", "执行数"]
    june: list[Row] = [[f"项目{n}", 1000 + n, 500 + n] for n in range(6)]
    later: list[Row] = [[row[0], row[1], 900] for row in june]
    book(tmp_path / "甲" / "预算.xlsx", june, header=header)
    book(tmp_path / "甲" / "预算v2.xlsx", later, header=header)
    assert links(check(tmp_path / "甲")) == []
    book(tmp_path / "乙" / "预算.xlsx", june, header=header)
    book(tmp_path / "乙" / "预算v2.xlsx", [*june[:5], later[5]], header=header)
    report = check(tmp_path / "乙")
    assert links(report) == [("预算.xlsx", "预算v2.xlsx", "file_name")]
    assert report["run"]["versions"][0]["vanished"] == [7]


# ---- Said in the project file.


def test_the_project_file_links_and_separates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    book(Path("in/甲镇/上报.xlsx"), rows(4))
    book(Path("in/乙镇/更新表.xlsx"), rows(2))
    book(Path("in/丙镇/台账.xlsx"), rows(first=50))
    book(Path("in/丙镇/台账v2.xlsx"), rows(5, first=50))
    project = Path("fundcheck.yaml")
    project.write_text(
        "versions:\n  - {newest: in/乙镇/更新表.xlsx, of: [in/甲镇/上报.xlsx]}\nseparate: [in/丙镇/台账.xlsx]\n", encoding="utf-8"
    )
    report = check("in")
    assert (links(report), judged(report)) == ([("上报.xlsx", "更新表.xlsx", "project")], 13)
    assert report["run"]["versions"][0]["vanished"] == [4, 5]


def test_copies_that_the_project_file_separates_are_both_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("a.csv", "b.csv"):
        csv_file(Path("in") / file, rows(2))
    assert judged(check("in")) == 2
    Path("fundcheck.yaml").write_text("separate: [in/a.csv, in/b.csv]\n", encoding="utf-8")
    assert (judged(check("in")), doubles(check("in"))) == (4, 2)


def test_a_newest_file_without_the_sheet_is_said_and_nothing_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    csv_file(Path("in/a.csv"), rows())
    csv_file(Path("in/b.csv"), [["项目", 100, 50]], header=["项目名称", "全年预算数", "执行数"])
    Path("fundcheck.yaml").write_text("versions: [{newest: in/b.csv, of: [in/a.csv]}]\n", encoding="utf-8")
    report = check("in")
    assert (links(report), judged(report)) == ([], 7)
    assert [note["severity"] for note in notes(report)] == ["high"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("versions: [{newest: a.csv, of: [gone.csv]}]", ":1:33: versions: 没有文件 `gone.csv`"),
        ("versions: [{newest: a.csv, of: [a.csv]}]", "写了两次"),
        ("versions: [{newest: a.csv, of: []}]", "versions.0.of"),
        ("versions: [{newest: a.csv, of: [b.csv]}, {newest: b.csv, of: [a.csv]}]", "又写成了别的文件的旧版"),
        ("versions: [{newest: a.csv, of: [b.csv]}]\nseparate: [b.csv]", "separate: `b.csv` 也写在 versions 里"),
        ("versions: [{newest: a.csv, older: [b.csv]}]", "unknown key"),
        ("separate: [gone.csv]", "separate: 没有文件"),
    ],
)
def test_what_the_project_file_says_of_versions_is_held_against_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("a.csv", "b.csv"):
        csv_file(Path(file), rows(2))
    Path("fundcheck.yaml").write_text(text + "\n", encoding="utf-8")
    ran = run("check", "a.csv")
    assert ran.exit_code == 2
    assert said in ran.stderr


def test_ledgers_that_are_named_one_by_one_are_judged_each(tmp_path: Path) -> None:
    one, other = book(tmp_path / "台账.xlsx", rows()), book(tmp_path / "台账v2.xlsx", rows(5))
    assert links(check(one, other)) == [("台账.xlsx", "台账v2.xlsx", "file_name")]
    report = check("--ledger", f"aid_payment={one}", "--ledger", f"aid_payment={other}")
    assert (links(report), judged(report)) == ([], 11)


def test_a_draft_of_a_project_file_lists_the_newest_only(tmp_path: Path) -> None:
    book(tmp_path / "台账.xlsx", rows())
    book(tmp_path / "台账v2.xlsx", rows(5))
    run("init", tmp_path)
    lines = (tmp_path / "fundcheck.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("  - {path")] == [
        '  - {path: "台账v2.xlsx", kind: aid_payment, sheet: "台账"}'
    ]
    assert sum("left out" in line and "台账.xlsx" in line for line in lines) == 1


def test_the_screen_shows_where_an_older_version_leads(tmp_path: Path) -> None:
    book(tmp_path / "台账.xlsx", rows())
    book(tmp_path / "台账v2.xlsx", rows(5))
    assert f"→ {tmp_path}/台账v2.xlsx" in run("check", tmp_path).stdout


def test_the_same_files_give_the_same_links_in_any_order(tmp_path: Path) -> None:
    paths = [book(tmp_path / "甲镇" / f"台账v{n}.xlsx", rows(4 + n)) for n in (1, 2, 3)]
    first, second = check(*paths), check(*reversed(paths))
    assert sorted(links(first)) == sorted(links(second)) == [("台账v1.xlsx", "台账v3.xlsx", "file_name"), ("台账v2.xlsx", "台账v3.xlsx", "file_name")]  # fmt: skip
    assert judged(first) == judged(second) == 7


def test_a_workbook_without_a_record_of_changes_is_read_all_the_same(tmp_path: Path) -> None:
    one = book(tmp_path / "甲镇" / "台账.xlsx", rows(), saved="no time")
    other = book(tmp_path / "甲镇" / "台账(1).xlsx", rows(5), saved=datetime(2021, 3, 1).isoformat())
    assert find_newer(other, one)[:2] == (1, "file_name")
    assert links(check(tmp_path)) == [("台账.xlsx", "台账(1).xlsx", "file_name")]
