"""`fundcheck ledgers inspect`: what each column was taken for, nobody's name or number, and a mapping that works as it is pasted."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.test_bad_input import Ran, run
from tests.test_intake import identity, write_csv

HEADER = ["姓名", "身份证号", "发放日期", "金额（元）"]
ZHANG = ["张三", identity(1), "2021-02-03", "500"]
LI = ["李四", identity(2), "2021-02-04", "300"]
ODD = ["困难职工名字", "身份证号", "发放日期", "慰问金数额（元）"]


def inspect(*words: object) -> tuple[Ran, dict[str, Any]]:
    ran = run("ledgers", "inspect", *words, "--format", "json")
    return ran, json.loads(ran.out)


def paste(place: Path, mapping: str) -> Path:
    project = place / "fundcheck.yaml"
    project.write_text(mapping, encoding="utf-8")
    return project


def read(project: Path, *paths: Path) -> dict[str, int]:
    """Give the rows that a check reads of each file."""
    ran = run("check", *paths, "--project", project, "--as-of", "2021-03-01", "--format", "json")
    assert not ran.fatal(), ran.shown
    return {Path(one["path"]).name: one["rows"] for one in ran.report["run"]["inputs"]}


def test_each_column_is_said_with_its_field_type_unit_examples_and_what_was_not_understood(tmp_path: Path) -> None:
    rows = [[*HEADER, "困难等级", "甲栏"], [*ZHANG, "特困供养", "王小二"], ["李四", "9900****0012", "二月初", "约五百", "", ""]]
    ran, found = inspect(write_csv(tmp_path / "a.csv", rows))
    assert ran.code == 3
    (layout,) = found["layouts"]
    assert (layout["kinds"], layout["recognised"], layout["understood"]) == (["aid_payment"], True, False)
    columns = {column["header"]: column for column in layout["columns"]}
    assert [columns["姓名"][key] for key in ("letter", "field", "type", "cells", "blank", "unread")] == [
        "A",
        "name",
        "name",
        2,
        0,
        0,
    ]
    assert columns["姓名"]["examples"] == ["□□"]
    assert (columns["金额（元）"]["unit"], columns["金额（元）"]["examples"]) == ("元", ["500"])
    assert columns["金额（元）"]["odd"] == [{"text": "约五百", "count": 1}]
    assert columns["身份证号"]["odd"] == [{"text": "9999****9999", "count": 1}]
    assert columns["发放日期"]["odd"] == [{"text": "二月初", "count": 1}]
    assert columns["困难等级"]["odd"] == [{"text": "特困供养", "count": 1}]
    assert (columns["困难等级"]["blank"], columns["困难等级"]["unread"]) == (1, 1)
    assert (columns["甲栏"]["field"], columns["甲栏"]["examples"]) == (None, [])


@pytest.mark.parametrize("form", ["terminal", "json"])
def test_no_name_and_no_number_of_a_person_is_shown(tmp_path: Path, form: str) -> None:
    rows = [
        [*HEADER, "备注", "困难等级", "栏"],
        [*ZHANG, "张三之妻王五", "赵六", "孙七"],
        ["13900000000", "李四", "周八", "吴九", "", "", ""],
    ]
    ran = run("ledgers", "inspect", write_csv(tmp_path / "a.csv", rows), "--format", form)
    assert "aid_payment" in ran.out
    for secret in ("张三", "李四", "王五", "赵六", "孙七", "周八", "吴九", identity(1), "13900000000"):
        assert secret not in ran.shown


def test_a_sheet_without_a_header_shows_none_of_its_cells(tmp_path: Path) -> None:
    ran = run("ledgers", "inspect", write_csv(tmp_path / "a.csv", [ZHANG, LI]))
    assert ran.code == 3
    assert "张三" not in ran.shown
    assert "layout:" not in ran.out


def test_files_of_one_layout_stand_together_and_the_commonest_comes_first(tmp_path: Path) -> None:
    for number in range(7):
        write_csv(tmp_path / f"a{number}.csv", [["送温暖花名册"], HEADER, ZHANG, [f"测{'甲乙丙丁戊己庚'[number]}", *LI[1:]]])
    write_csv(tmp_path / "b.csv", [[*HEADER, "备注"], [*LI, ""]])
    ran, found = inspect(tmp_path)
    assert ran.code == 0
    assert [len(layout["sheets"]) for layout in found["layouts"]] == [7, 1]
    assert found["layouts"][0]["columns"][0]["cells"] == 14
    shown = run("ledgers", "inspect", tmp_path)
    assert "+2" in shown.out


def test_a_pasted_mapping_serves_every_file_of_its_layout_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "台账"
    folder.mkdir()
    for number in range(5):
        write_csv(folder / f"甲{number}.csv", [ODD, ZHANG, [f"测{'甲乙丙丁戊'[number]}", *LI[1:]]])
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["送温暖花名册"], ODD, LI):
        sheet.append(row)
    book.save(folder / "乙.xlsx")
    write_csv(folder / "丙.csv", [HEADER, ZHANG])
    before, found = inspect(folder)
    assert before.code == 3
    assert [layout["recognised"] for layout in found["layouts"]] == [False, True]
    assert '"困难职工名字": name' in found["mapping"]
    project = paste(tmp_path, found["mapping"])
    assert read(project, folder) == {**{f"甲{n}.csv": 2 for n in range(5)}, "乙.xlsx": 1, "丙.csv": 1}
    after, found = inspect(folder, "--project", project)
    assert (after.code, [layout["understood"] for layout in found["layouts"]]) == (0, [True, True])


def test_the_page_on_the_screen_holds_the_same_mapping(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [ODD, ZHANG])
    shown, (_, found) = run("ledgers", "inspect", path), inspect(path)
    assert shown.out[shown.out.index("ledgers:\n") :].strip() == found["mapping"].strip()
    assert read(paste(tmp_path, shown.out[shown.out.index("ledgers:\n") :]), path) == {"a.csv": 1}


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        (
            [["姓名", "公示时间", "", "金额（元）"], ["", "开始", "结束", ""], ["张三", "2021-01-25", "2021-01-27", "500"]],
            ["B1:C1"],
        ),
        ([["职工\n姓名", "", "发放日期", '金额"（元）'], ["张三", "", "2021-02-03", "500"]], []),
    ],
)
def test_a_mapping_of_odd_headers_works_as_it_is_pasted(tmp_path: Path, rows: Sequence[Sequence[str]], merged: list[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(tmp_path / "a.xlsx")
    _, found = inspect(tmp_path / "a.xlsx")
    assert read(paste(tmp_path, found["mapping"]), tmp_path / "a.xlsx") == {"a.xlsx": 1}


def test_where_several_kinds_fit_the_mapping_leaves_the_choice_to_the_user(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["姓名", "身份证号", "金额"], ["张三", identity(1), "500"]])
    _, found = inspect(path)
    assert set(found["layouts"][0]["kinds"]) == {"aid_payment", "subsidy_refund"}
    project = paste(tmp_path, found["mapping"])
    ran = run("check", path, "--project", project, "--as-of", "2021-03-01", "--format", "json")
    assert ran.code == 3
    assert "`subsidy_refund`" in ran.fatal()[str(path)]
    lines = [re.sub("^  # ", "  ", line) for line in found["mapping"].splitlines(keepends=True)]
    project.write_text("".join(lines), encoding="utf-8")
    assert read(project, path) == {"a.csv": 1}


def test_a_column_that_stands_twice_can_be_chosen_by_its_letter(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["姓名", "身份证号", "发放日期", "金额", "金额"], [*ZHANG, "600"]])
    ran, found = inspect(path)
    assert ran.code == 3
    assert '# "E列": amount' in found["mapping"]
    chosen = found["mapping"].replace("    # headers:", "    headers:").replace('# "E列"', '"E列"')
    ran, found = inspect(path, "--project", paste(tmp_path, chosen))
    assert ran.code == 0
    assert [column["examples"] for column in found["layouts"][0]["columns"] if column["field"] == "amount"] == [["600"]]


def test_a_unit_that_is_declared_makes_doubtful_amounts_readable(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["姓名", "身份证号", "发放日期", "金额"], [*ZHANG[:3], "0.05"], [*LI[:3], "0.3"]])
    ran, found = inspect(path)
    assert (ran.code, "Q06" in {note["code"] for note in found["notes"]}) == (3, True)
    chosen = found["mapping"].replace("# unit: 元", "unit: 万元")
    assert "\n    unit: 万元" in chosen
    ran, found = inspect(path, "--project", paste(tmp_path, chosen))
    assert (ran.code, found["layouts"][0]["columns"][3]["unit"]) == (0, "万元")
    paste(tmp_path, "ledgers:\n  - {path: '*.csv', unit: 万元}\n")
    assert inspect(path)[0].code == 0


def test_what_cannot_be_opened_is_said_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 and no more")
    write_csv(tmp_path / "b.csv", [HEADER, ZHANG])
    for lang, word in (("zh", "损坏"), ("en", "damaged")):
        ran = run("ledgers", "inspect", tmp_path, "--lang", lang)
        assert (ran.code, word in ran.out) == (3, True)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{layout: [姓名, 金额]}", "就要写明 kind"),
        ("{layout: [姓名, 金额], path: a.csv, kind: aid_payment}", "择一"),
        ("{kind: aid_payment}", "择一"),
        ("{layout: [姓名, 金额], kind: aid}", "不认识的台账类型"),
        ("{layout: [姓名, 金额], kind: aid_payment, headers: {金额: amont}}", "没有列"),
        ("{layout: [姓名, 金额], kind: aid_payment, unit: 美元}", "unit"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, entry: str, said: str) -> None:
    project = paste(tmp_path, f"ledgers:\n  - {entry}\n")
    ran = run("check", write_csv(tmp_path / "a.csv", [HEADER, ZHANG]), "--project", project, "--as-of", "2021-03-01")
    assert ran.code == 2
    assert said in ran.err
    assert "fundcheck.yaml:2:" in ran.err


def test_one_layout_is_said_once(tmp_path: Path) -> None:
    entry = "  - {layout: [姓名, '金 额'], kind: aid_payment}\n"
    ran = run("check", ".", "--project", paste(tmp_path, f"ledgers:\n{entry}{entry}"), "--as-of", "2021-03-01")
    assert (ran.code, "只写一次" in ran.err) == (2, True)


def test_another_layout_is_not_read_by_a_mapping_that_is_not_its_own(tmp_path: Path) -> None:
    project = paste(
        tmp_path, f"ledgers:\n  - {{layout: [{', '.join(ODD)}], kind: aid_payment, headers: {{D列: amount, A列: name}}}}\n"
    )
    shifted = write_csv(tmp_path / "a.csv", [["", *ODD], ["", *ZHANG]])
    ran = run("check", shifted, "--project", project, "--as-of", "2021-03-01", "--format", "json")
    assert ran.code == 3
    assert list(ran.fatal()) == [str(shifted)]


def test_bulk_files_are_looked_into_like_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas

    rows = [ZHANG, [*LI[:3], "约三百"]]
    pandas.DataFrame(rows, columns=HEADER).to_parquet(tmp_path / "a.parquet")
    write_csv(tmp_path / "b.csv", [HEADER, *rows])
    pandas.DataFrame([ZHANG], columns=ODD).to_parquet(tmp_path / "c.parquet")
    write_csv(tmp_path / "d.csv", [ODD, ZHANG])
    monkeypatch.setattr("ledgers.bulk.BIG_CSV", 0)
    ran, found = inspect(tmp_path)
    assert ran.code == 3
    assert [(len(one["sheets"]), one["recognised"]) for one in found["layouts"]] == [(2, True), (2, False)]
    amount = found["layouts"][0]["columns"][3]
    assert (amount["cells"], amount["unread"], amount["odd"]) == (4, 2, [{"text": "约三百", "count": 2}])
    assert set(read(paste(tmp_path, found["mapping"]), tmp_path)) == {"a.parquet", "b.csv", "c.parquet", "d.csv"}


def test_a_path_that_does_not_exist_is_said(tmp_path: Path) -> None:
    ran = run("ledgers", "inspect", tmp_path / "无.csv")
    assert (ran.code, "找不到" in ran.out) == (3, True)


def test_a_number_in_a_header_is_hidden_and_its_mapping_still_fits(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [[*ODD, f"电话{identity(3)}"], [*ZHANG, "1"]])
    ran, found = inspect(path)
    assert identity(3) not in ran.shown
    assert "电话****" in found["mapping"]
    assert read(paste(tmp_path, found["mapping"]), path) == {"a.csv": 1}


def test_a_form_of_one_person_shows_no_name(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["姓名", "欧阳小二", "性别", "男"], ["金额", "五百", "", ""]])
    ran, _ = inspect(path)
    assert ran.code == 3
    assert "欧阳小二" not in ran.shown
    assert "姓名" in ran.shown


def test_a_header_shown_by_its_shape_still_fits(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [["困难职工名字", "慰问金数额（元）", "帮扶方式", "甲乙", "丙丁", "戊己"], ["张三", "500", "慰问", "", "", ""]],
    )
    ran, found = inspect(path)
    assert "甲乙" not in ran.shown
    assert read(paste(tmp_path, found["mapping"]), path) == {"a.csv": 1}


def test_a_kind_that_is_said_is_the_only_one_that_is_held_against_the_headers(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["人员名字", "日期", "金额数（元）"], ["张三", "2021-02-03", "500"]])
    guessed = [one["kinds"] for one in inspect(path)[1]["layouts"]]
    ran, found = inspect("--ledger", f"aid_payment={path}")
    assert ran.code == 3
    assert [one["kinds"] for one in found["layouts"]] == [["aid_payment"]] != guessed
    assert ["`aid_payment`" in note["message"] for note in found["notes"] if note["fatal"]] == [True]
    assert "没有一行像" in inspect(path)[1]["notes"][0]["message"]


def test_a_kind_that_is_said_decides_where_headers_fit_several(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", [["姓名", "身份证号", "金额", "清退时间", "发放日期"], ["张三", identity(1), "500", "", ""]]
    )
    for kind in ("aid_payment", "subsidy_refund"):
        layout = inspect("--ledger", f"{kind}={path}")[1]["layouts"][0]
        assert (layout["kinds"], layout["recognised"]) == ([kind], True)


def test_a_hidden_sheet_that_is_said_is_looked_into_and_the_others_beside_it_are_as_before(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, header in (("名单", HEADER), ("备用", ["名字", *HEADER[1:3], "钱数（元）"])):
        sheet = book.create_sheet(name)
        for row in (header, ZHANG):
            sheet.append(row)
    del book["Sheet"]
    book["备用"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    ran, found = inspect(tmp_path / "a.xlsx", "--ledger", f"aid_payment={tmp_path / 'a.xlsx'}#备用")
    assert ran.code == 3
    sheets = sorted((one["sheets"][0]["sheet"], one["recognised"]) for one in found["layouts"])
    assert sheets == [("名单", True), ("备用", False)]


def test_looking_into_nothing_is_wrong_usage() -> None:
    ran = run("ledgers", "inspect")
    assert (ran.code, "--ledger" in ran.err) == (2, True)


@pytest.mark.parametrize(("lang", "what"), [("zh", "大写金额，与小写核对"), ("en", "held against the figures")])
def test_a_column_of_amounts_that_are_written_out_says_what_it_is_for(lang: str, what: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [[*HEADER, "金额（大写）"], [*ZHANG, "伍佰元整"]])
    shown = run("ledgers", "inspect", path, "--lang", lang).out
    assert f"E  金额（大写）  →  {what}" in shown
    _, found = inspect(path)
    assert [one["type"] for one in found["layouts"][0]["columns"]][-2:] == ["amount", "capitals"]
    assert found["layouts"][0]["understood"]
