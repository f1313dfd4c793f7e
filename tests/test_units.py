"""Units: who sent a file, who is expected, and a report for each of them whose sums are those of the whole."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from declared import Refused
from engine.roster import read_roster
from ledgers.senders import Expected, Roster, find_sender
from tests.sent import check, run

HEADER = ["姓名", "身份证号", "人员类别", "帮扶方式", "发放日期", "金额", "工作单位"]
JIA = ["测试甲", "990001196102021076", "困难居民", "慰问", "2021-02-03", "500", "一厂"]
YI = ["测试乙", "990002196203031149", "困难职工", "慰问", "2021-02-04", "300", "二厂"]
BING = ["测试丙", "99000319630404121X", "困难居民", "慰问", "2021-02-05", "200", "三厂"]
ROSTER = Roster(
    units=(
        Expected("琼湖街道总工会", "001", ("琼湖办",)),
        Expected("南大膳镇总工会", "002"),
        Expected("机关工会", "003"),
        Expected("机关工会", "004"),
        Expected("测试公司工会委员会", "005"),
    )
)


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[str]], sheet: str = "Sheet1") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    own = book.worksheets[0]
    own.title = sheet
    for row in rows:
        own.append(list(row))
    book.save(path)
    return path


def units(report: dict[str, Any]) -> list[tuple[str | None, str, str]]:
    return [(one["unit"]["code"], one["unit"]["name"], one["unit"]["from"]) for one in report["run"]["inputs"]]


# ---- Names.


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("琼湖街道总工会", ["001"]),
        ("瓊湖街道總工會", ["001"]),
        ("琼湖街道工会委员会", ["001"]),
        ("琼湖街道办事处工会", ["001"]),
        ("琼湖街道", ["001"]),
        ("琼湖", ["001"]),
        ("琼湖办", ["001"]),
        ("001", ["001"]),
        ("沅江市琼湖街道总工会", ["001"]),
        ("南大膳镇", ["002"]),
        ("南大膳街道总工会", []),  # another unit than the town of that name
        ("新南大膳镇总工会", []),
        ("测试公司", ["005"]),
        ("测试公司总工会", ["005"]),
        ("机关工会", ["003", "004"]),
        ("总工会", []),
        ("", []),
    ],
)
def test_a_unit_is_found_by_name_code_or_alias_and_nobody_is_guessed(written: str, codes: list[str]) -> None:
    assert sorted(str(unit.code) for unit in ROSTER.find(written)) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("2021年琼湖街道慰问台账", ["001"]),
        ("慰问台账-琼湖街道总工会（最终版）", ["001"]),
        ("琼湖办上报", ["001"]),
        ("琼湖街道和南大膳镇", ["001", "002"]),
        ("新琼湖街道台账", []),
        ("慰问台账", []),
    ],
)
def test_a_unit_is_found_inside_of_a_file_name_where_its_name_begins_a_word(text: str, codes: list[str]) -> None:
    found = ROSTER.find_in(text)
    assert sorted(str(unit.code) for unit in found) == codes


def test_of_two_names_inside_of_each_other_the_longer_one_is_meant() -> None:
    roster = Roster(units=(Expected("琼湖街道总工会", "1"), Expected("琼湖街道第一社区工会", "2")))
    assert {unit.code for unit in roster.find_in("2021 琼湖街道第一社区台账")} == {"2"}


@pytest.mark.parametrize(
    ("title", "file", "sheet", "folder", "expected"),
    [
        ("琼湖街道工会", "南大膳镇.xlsx", None, "机关", ("001", "title")),
        ("不在名单的工会", "南大膳镇.xlsx", None, "琼湖街道", (None, "title")),
        ("", "南大膳镇台账.xlsx", "琼湖街道", "琼湖街道", ("002", "file")),
        ("", "台账.xlsx", "琼湖街道", "南大膳镇", ("001", "sheet")),
        ("", "台账.xlsx", None, "琼湖街道/2021", ("001", "folder")),
        ("", "琼湖街道 南大膳镇.xlsx", None, "琼湖街道", ("001", "folder")),
        ("", "台账.xlsx", None, "别处", (None, "folder")),
    ],
)
def test_title_comes_before_file_name_sheet_and_folder(
    title: str, file: str, sheet: str | None, folder: str, expected: tuple[str | None, str]
) -> None:
    sender = find_sender(ROSTER, title, Path(folder) / file, sheet, folder)
    assert (sender.code, sender.origin) == expected


def test_what_fits_several_units_is_said_and_fills_in_no_code(tmp_path: Path) -> None:
    write_csv(tmp_path / "in" / "a.csv", [["填报单位：机关工会"], HEADER, YI])
    roster = write_csv(tmp_path / "名单.csv", [["单位代码", "单位名称"], ["003", "机关工会"], ["004", "机关工会"]])
    report = check(tmp_path / "in", "--roster", roster)
    assert units(report) == [(None, "机关工会", "title")]
    [note] = [note for note in report["intake"] if "几个单位" in note["message"]]
    assert (note["code"], note["severity"]) == ("Q09", "medium")
    assert "003 机关工会、004 机关工会" in note["message"]
    assert report["run"]["roster"]["ambiguous"] == ["机关工会"]


def test_a_column_with_one_unit_in_every_row_comes_before_the_title(tmp_path: Path) -> None:
    title = ["填报单位：沅江市总工会"]
    rows = [title, [*HEADER, "发放单位"], [*JIA, "琼湖街道总工会"], [*YI, "琼湖街道总工会"]]
    write_csv(tmp_path / "in" / "a.csv", rows)
    write_csv(tmp_path / "in" / "b.csv", [*rows, [*BING, ""]])
    assert units(check(tmp_path / "in"))[0] == (None, "琼湖街道总工会", "column")
    assert units(check(tmp_path / "in"))[1] == (None, "沅江市总工会", "title")


# ---- Rosters.


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "yaml"])
def test_a_roster_is_read_from_every_format(tmp_path: Path, suffix: str) -> None:
    rows = [
        ["2021年应报单位名单"],
        ["序号", "单位代码", "单位名称", "简称"],
        ["1", "001", "琼湖街道总工会", "琼湖、琼湖办"],
        ["2", "", "测试公司工会", ""],
    ]
    path = tmp_path / f"名单.{suffix}"
    if suffix == "yaml":
        path.write_text("- {code: '001', name: 琼湖街道总工会, aliases: [琼湖, 琼湖办]}\n- 测试公司工会\n", encoding="utf-8")
    elif suffix == "csv":
        write_csv(path, rows)
    else:
        write_xlsx(path, rows)
    assert [(unit.code, unit.name, unit.aliases) for unit in read_roster(path)] == [
        ("001", "琼湖街道总工会", ("琼湖", "琼湖办")),
        (None, "测试公司工会", ()),
    ]


def test_a_roster_of_names_alone_is_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "名单.csv", [["单位名称"], ["甲工会"], ["乙工会"]])
    assert [unit.name for unit in read_roster(path)] == ["甲工会", "乙工会"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["单位代码", "单位名称"], ["1", "甲工会"], ["1", "乙工会"]], ":3:"),
        ([["单位代码", "单位名称"], ["1", "甲工会"], ["2", ""]], ":3:"),
        ([["单位代码", "单位名称"]], "没有单位"),
        ([["姓名", "金额"], ["甲", "1"]], "单位名单读不了"),
    ],
)
def test_a_roster_that_cannot_be_used_is_refused_with_its_row(tmp_path: Path, rows: list[list[str]], said: str) -> None:
    path = write_csv(tmp_path / "名单.csv", rows)
    with pytest.raises(Refused, match=said):
        read_roster(path)
    ledger = write_csv(tmp_path / "a.csv", [HEADER, YI])
    ran = run("check", ledger, "--roster", path)
    assert ran.exit_code == 2
    assert "名单.csv" in ran.stderr


def test_a_roster_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "a.csv", [HEADER, YI])
    assert run("check", ledger, "--roster", tmp_path / "nothing.csv").exit_code == 2


def test_who_sent_nothing_who_sent_nothing_readable_and_who_is_not_expected(tmp_path: Path) -> None:
    write_csv(tmp_path / "in" / "琼湖街道" / "a.csv", [HEADER, YI])
    (tmp_path / "in" / "南大膳镇").mkdir()
    (tmp_path / "in" / "南大膳镇" / "台账.xls").write_bytes(b"x")
    write_csv(tmp_path / "in" / "x" / "b.csv", [["填报单位：别的工会"], HEADER, JIA])
    names = [["代码", "单位名称"], ["001", "琼湖街道总工会"], ["002", "南大膳镇总工会"], ["006", "测试丁工会"]]
    roster = write_csv(tmp_path / "名单.csv", names)
    report = check(tmp_path / "in", "--roster", roster)
    assert report["run"]["roster"] == {
        "expected": 3,
        "sent_nothing": [{"code": "006", "name": "测试丁工会"}],
        "sent_unread": [{"code": "002", "name": "南大膳镇总工会"}],
        "not_on_roster": ["别的工会"],
        "ambiguous": [],
    }
    assert ("001", "琼湖街道总工会", "folder") in units(report)
    shown = run("check", tmp_path / "in", "--roster", roster).stdout
    for words in (
        "应报单位 3 个",
        "未报送 1：006 测试丁工会",
        "报送的文件均未能读取 1：002 南大膳镇总工会",
        "不在名单中 1：别的工会",
    ):
        assert words in shown


def test_one_unit_that_is_spelled_in_two_ways_is_one_unit_in_the_findings(tmp_path: Path) -> None:
    rows = [[*HEADER, "发放单位"], [*JIA, "琼湖街道工会"], [*BING, "琼湖街道总工会"], [*YI, "乙工会"]]
    ledger = write_csv(tmp_path / "in" / "a.csv", rows)
    roster = write_csv(tmp_path / "名单.csv", [["代码", "单位名称"], ["001", "琼湖街道总工会"]])
    found = [finding for finding in check(ledger)["findings"] if finding["code"] == "B01"]
    assert {finding["unit"] for finding in found} == {"琼湖街道工会", "琼湖街道总工会"}
    found = [finding for finding in check(ledger, "--roster", roster)["findings"] if finding["code"] == "B01"]
    assert (len(found), {finding["unit"] for finding in found}) == (2, {"琼湖街道总工会"})


def test_a_project_file_names_the_roster_and_the_command_line_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "in" / "琼湖街道" / "a.csv", [HEADER, YI])
    write_csv(tmp_path / "名单.csv", [["代码", "单位名称"], ["001", "琼湖街道总工会"]])
    write_csv(tmp_path / "another.csv", [["代码", "单位名称"], ["9", "琼湖街道工会"]])
    project = tmp_path / "fundcheck.yaml"
    project.write_text("roster: 名单.csv\n", encoding="utf-8")
    assert units(check("in")) == [("001", "琼湖街道总工会", "folder")]
    assert units(check("in", "--roster", "another.csv")) == [("9", "琼湖街道工会", "folder")]
    project.write_text("roster: 名单.csv\nunits: [甲]\n", encoding="utf-8")
    ran = run("check", "in")
    assert (ran.exit_code, "fundcheck.yaml:1:9: roster:" in ran.stderr) == (2, True)
    project.write_text("roster: gone.csv\n", encoding="utf-8")
    assert run("check", "in").exit_code == 2
    project.write_text("units: [{code: 1, name: 甲}, {code: 1, name: 乙}]\n", encoding="utf-8")
    assert "units: `1` 写了两次" in run("check", "in").stderr


# ---- A report for each unit.


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """Lay down ledgers of several units: in folders, in a column, one that cannot be read, one that belongs to nobody."""
    twice = [*JIA[:4], "2021-02-03", "500", "一厂"]
    write_csv(tmp_path / "in" / "琼湖街道" / "a.csv", [HEADER, JIA, YI, ["测试丁", "bad", *BING[2:]]])
    write_csv(tmp_path / "in" / "南大膳镇" / "b.csv", [HEADER, BING, twice])
    write_xlsx(
        tmp_path / "in" / "汇总" / "c.xlsx",
        [
            ["填报单位：沅江市总工会"],
            [*HEADER, "发放单位"],
            [*BING, "琼湖街道总工会"],
            [*YI, "丙/工会"],
            ["测试戊", "x", *JIA[2:], ""],
        ],
    )
    (tmp_path / "in" / "南大膳镇" / "坏.xlsx").write_bytes(b"PK")
    (tmp_path / "in" / "孤.pdf").write_bytes(b"x")
    write_csv(
        tmp_path / "名单.csv", [["代码", "单位名称"], ["001", "琼湖街道总工会"], ["002", "南大膳镇总工会"], ["003", "测试丁工会"]]
    )
    return tmp_path


def part(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def test_the_reports_of_the_units_add_up_to_the_whole(several: Path) -> None:
    words = [several / "in", "--roster", several / "名单.csv", "--as-of", "2021-12-31", "--pack", "yuanjiang-2021"]
    whole = check(*words[:3], "--pack", "yuanjiang-2021")
    ran = run("check", *words, "--by", "unit", "--format", "json", "--output", several / "out")
    parts = part(several / "out")
    assert set(parts) == {"001", "002", "丙_工会", "沅江市总工会", "_未注明单位"}
    assert ran.exit_code == whole["summary"]["exit_code"] == 3
    findings = [finding for own in parts.values() for finding in own["findings"]]
    assert len(findings) == len(whole["findings"]) > 8
    assert Counter(own["fingerprint"] for own in findings) == Counter(own["fingerprint"] for own in whole["findings"])
    for name in ("amount_involved", "amount_to_recover", "amount_short", "amount_not_judged"):
        assert sum(Decimal(own["summary"][name]) for own in parts.values()) == Decimal(whole["summary"][name]), name
    assert Decimal(whole["summary"]["amount_involved"]) > 0
    for name, count in whole["summary"]["verdicts"].items():
        assert sum(own["summary"]["verdicts"][name] for own in parts.values()) == count
    for number, covered in enumerate(whole["coverage"]):
        for name in ("rows", "compliant", "violation", "suspect", "not_evaluable", "not_applicable"):
            assert sum(own["coverage"][number][name] for own in parts.values()) == covered[name], (covered["code"], name)
    notes = [note for own in parts.values() for note in own["intake"]]
    assert sorted(map(str, notes)) == sorted(map(str, whole["intake"]))
    assert sum(one["rows"] for own in parts.values() for one in own["run"]["inputs"]) == 8


def test_the_report_of_a_unit_holds_its_rows_its_unread_files_and_nobody_elses(several: Path) -> None:
    run(
        "check", several / "in", "--roster", several / "名单.csv", "--by", "unit", "--format", "json", "--output", several / "out"
    )
    parts = part(several / "out")
    assert parts["001"]["run"]["unit"] == {"code": "001", "name": "琼湖街道总工会"}
    assert [(Path(one["path"]).name, one["rows"]) for one in parts["001"]["run"]["inputs"]] == [("a.csv", 3), ("c.xlsx", 1)]
    assert {finding["unit"] for finding in parts["001"]["findings"]} == {"琼湖街道总工会"}
    assert [Path(note["path"]).name for note in parts["002"]["intake"] if note["severity"] == "critical"] == ["坏.xlsx"]
    assert parts["002"]["summary"]["exit_code"] == 3
    rest = parts["_未注明单位"]
    assert [Path(note["path"]).name for note in rest["intake"]] == ["孤.pdf"]
    assert rest["run"]["roster"]["sent_nothing"] == [{"code": "003", "name": "测试丁工会"}]
    assert (rest["findings"], parts["001"]["run"]["roster"]) == ([], None)


def test_where_everything_belongs_to_somebody_the_rest_is_empty_and_clean(tmp_path: Path) -> None:
    write_csv(tmp_path / "in" / "甲工会" / "a.csv", [HEADER, YI])
    run("check", tmp_path / "in", "--by", "unit", "--format", "json", "--output", tmp_path / "out")
    parts = part(tmp_path / "out")
    assert set(parts) == {"甲工会", "_未注明单位"}
    rest = parts["_未注明单位"]
    assert (rest["summary"]["exit_code"], rest["run"]["inputs"], rest["intake"]) == (0, [], [])


def test_a_payment_that_two_units_made_stands_in_one_report_and_the_other_says_so(several: Path) -> None:
    run("check", several / "in", "--by", "unit", "--format", "json", "--output", several / "out")
    parts = part(several / "out")
    twice = {name: [own for own in report["findings"] if own["code"] == "C05"] for name, report in parts.items()}
    assert sum(map(len, twice.values())) >= 1
    said = [note for report in parts.values() for note in report["run"]["notes"] if "涉及本单位的行" in note]
    assert said


@pytest.mark.parametrize(("form", "suffix"), [("csv", "csv"), ("terminal", "txt"), ("junit", "xml"), ("sarif", "sarif"), ("jsonl", "jsonl"), ("parquet", "parquet")])  # fmt: skip
def test_every_format_is_written_for_each_unit(several: Path, form: str, suffix: str) -> None:
    ran = run("check", several / "in", "--by", "unit", "--format", form, "--output", several / "out")
    assert ran.exit_code == 3
    names = {path.name for path in (several / "out").iterdir()}
    assert names == {
        f"{name}.{suffix}" for name in ("琼湖街道", "琼湖街道总工会", "南大膳镇", "沅江市总工会", "丙_工会", "_未注明单位")
    }
    assert all(path.stat().st_size for path in (several / "out").iterdir())


def test_on_the_screen_the_reports_of_the_units_follow_each_other(several: Path) -> None:
    shown = run("check", several / "in", "--roster", several / "名单.csv", "--by", "unit").stdout
    assert shown.index("单位：001 琼湖街道总工会") < shown.index("单位：（未注明单位）")


def test_by_unit_needs_a_folder_for_what_is_no_text_for_people(several: Path) -> None:
    ran = run("check", several / "in", "--by", "unit", "--format", "json")
    assert (ran.exit_code, "--output FOLDER" in ran.stderr) == (2, True)
    ran = run("check", several / "in", "--by", "unit", "--format", "json", "--output", several / "in" / "琼湖街道" / "a.csv")
    assert ran.exit_code == 2
    assert (several / "in" / "琼湖街道" / "a.csv").read_text(encoding="utf-8").startswith("姓名")


def test_what_fits_several_units_is_called_as_it_was_written() -> None:
    assert ROSTER.called("琼湖街道工会") == "琼湖街道总工会"
    assert ROSTER.called("机关工会") == "机关工会"
