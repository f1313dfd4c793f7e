"""Write the template of every kind, fill it in, and read it back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from cli import main
from ledgers.files import read_sheets
from ledgers.headers import NotRecognised, recognise
from ledgers.kinds import Column, Kind, load_kinds
from ledgers.template import GUIDE, LAST_ROW, allowed, example, template

KINDS = load_kinds()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def open_template(kind: Kind) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(template(kind)))


def typed(column: Column) -> object:
    """Give the example of a column as somebody enters it."""
    text = example(column)
    types = {"date": date.fromisoformat, "amount": float, "integer": int, "year": int}
    return types[column.type](text) if column.type in types else text


def fill(kind: Kind, path: Path, columns: Iterable[str] = ()) -> Path:
    """Fill the examples into a template, and delete the other columns where some are named."""
    book = open_template(kind)
    kept = list(columns) or list(kind.columns)
    for place, (name, column) in reversed(list(enumerate(kind.columns.items(), start=1))):
        if name in kept:
            parts = kind.sums.get(name, [name])
            book["台账"].cell(2, place, typed(column) if parts == [name] else sum(typed(kind.columns[part]) for part in parts))
        else:
            book["台账"].delete_cols(place)
    book.save(path)
    return path


def report(tmp_path: Path, *paths: Path) -> dict:
    out = tmp_path / "report.json"
    run("check", *paths, "--as-of", "2021-12-31", "--format", "json", "--output", out)
    return json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_template_that_is_filled_in_is_read_back_without_a_complaint(kind: Kind, tmp_path: Path) -> None:
    told = report(tmp_path, fill(kind, tmp_path / "ledger.xlsx"))
    assert [(one["ledger"], one["rows"]) for one in told["run"]["inputs"]] == [(kind.kind, 1)]
    assert [(note["code"], note["severity"], note["sheet"]) for note in told["intake"]] == [("Q11", "info", GUIDE)]
    assert [reason for reason in told["summary"]["exit_reasons"] if reason["paths"]] == []


def test_templates_of_payments_and_files_are_judged_and_found_in_order(tmp_path: Path) -> None:
    """Columns that are not used are deleted, as the guide asks for."""
    aid = ["name", "id_no", "beneficiary_type", "employer", "aid_kind", "campaign", "amount", "pay_date"]
    paths = [
        fill(KINDS["aid_payment"], tmp_path / "aid.xlsx", aid),
        fill(KINDS["hardship_archive"], tmp_path / "archive.xlsx", ["name", "id_no", "filed_at", "status"]),
    ]
    ran = run("check", *paths, "--as-of", "2021-12-31")
    assert ran.exit_code == 0, ran.output
    told = report(tmp_path, *paths)
    assert {
        own["code"]: own["compliant"] for own in told["coverage"] if own["status"] == "judged" and own["rows"]
    } == dict.fromkeys(["A01", "A02", "A03", "A04", "B01", "C05"], 1) | {"D10": 0}  # a lead finds nothing compliant


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_headers_formats_and_choices_are_those_of_the_kind(kind: Kind) -> None:
    sheet = open_template(kind)["台账"]
    assert [cell.value.removesuffix("（元）") for cell in sheet[1]] == [column.zh for column in kind.columns.values()]
    offered = {area.bounds: rule.formula1 for rule in sheet.data_validations.dataValidation for area in rule.sqref.ranges}
    required = {name for need in kind.required for name in ([need] if isinstance(need, str) else need)}
    for place, (name, column) in enumerate(kind.columns.items(), start=1):
        look = sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].number_format
        assert (look == "@") == (column.type not in ("date", "year", "integer", "amount")), name
        choices = allowed(column)
        assert bool(choices) == (column.type in ("code", "flag"))
        assert offered.get((place, 2, place, LAST_ROW + 1)) == (f'"{",".join(choices)}"' if choices else None)
        head = sheet.cell(1, place)
        assert (head.comment is not None) == (name in required)
        assert (head.fill.fgColor.rgb == "FFFFE699") == (name in required)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_guide_explains_every_column_and_is_no_ledger(kind: Kind, tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(template(kind))
    guide = next(sheet for sheet in read_sheets(tmp_path / "t.xlsx") if sheet.name == GUIDE)
    explained = [row[0].removesuffix("（元）") for row in guide.rows[4:]]
    assert explained == [column.zh for column in kind.columns.values()]
    assert all(row[5].startswith("如：") and len(row[5]) > 2 for row in guide.rows[4:])
    with pytest.raises(NotRecognised):
        recognise(guide.rows, KINDS)


def test_a_template_is_the_same_every_time() -> None:
    assert template(KINDS["subsidy"]) == template(KINDS["subsidy"])


# -- the sheet of explanations beside a ledger -------------------------------------------------------------------------

LEDGER = [["姓名", "身份证号", "发放日期", "金额（元）"], ["测试甲", "990000195001010019", "2021-02-03", 500]]
TEXTS = [["填表说明"], [1, "姓名填写全称", "不超过500元"], ["2.", "日期写成 2021-02-03", "如：500"]]


def notes_of(path: Path, sheets: dict[str, list[list[object]]]) -> tuple[list[tuple[str, str, str]], set[int]]:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path / "a.xlsx")
    told = report(path, path / "a.xlsx")
    exits = {reason["code"] for reason in told["summary"]["exit_reasons"]}
    return [(note["code"], note["severity"], note["sheet"]) for note in told["intake"]], exits


@pytest.mark.parametrize("name", ["说明", "填表说明", "備註", "备注"])
def test_a_sheet_of_explanations_beside_a_ledger_is_named_and_is_no_fault(tmp_path: Path, name: str) -> None:
    notes, exits = notes_of(tmp_path, {name: TEXTS, "台账": LEDGER})
    assert notes == [("Q11", "info", name)]
    assert 3 not in exits


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("说明", [*TEXTS, ["测试乙", 300]]),
        ("说明", [*TEXTS, ["测试乙", "叁佰元整"]]),
        ("说明", [*TEXTS, ["测试乙", "9900**********0012"]]),
        ("备注", [["测试乙", "990000197109070012"]]),
        ("附表", TEXTS),
    ],
)
def test_a_sheet_with_amounts_or_identities_or_of_another_name_stays_refused(
    tmp_path: Path, name: str, rows: list[list[object]]
) -> None:
    notes, exits = notes_of(tmp_path, {"台账": LEDGER, name: rows})
    assert notes == [("Q09", "critical", name)]
    assert 3 in exits


def test_a_workbook_of_explanations_alone_stays_refused(tmp_path: Path) -> None:
    notes, exits = notes_of(tmp_path, {"说明": TEXTS})
    assert notes == [("Q09", "critical", "说明")]
    assert 3 in exits


def test_the_guide_is_passed_over_where_the_ledger_beside_it_was_named(tmp_path: Path) -> None:
    path = fill(KINDS["budget_execution"], tmp_path / "b.xlsx", ["subject", "budget_amount", "executed_amount"])
    named = run("check", path, "--ledger", f"budget_execution={path}#台账", "--as-of", "2021-12-31")
    assert named.exit_code == 0, named.output


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_writes_a_file_and_never_over_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("ledgers", "template", "subsidy").exit_code == 0
    content = (tmp_path / "subsidy.xlsx").read_bytes()
    assert content == template(KINDS["subsidy"])
    assert run("ledgers", "template", "aid_payment", "--output", "发放.xlsx").exit_code == 0
    again = run("ledgers", "template", "aid_payment", "--output", "subsidy.xlsx")
    assert again.exit_code == 2
    assert "已存在" in again.output
    assert (tmp_path / "subsidy.xlsx").read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bonus"], "aid_payment"),
        (["subsidy", "--output", "a.csv"], ".xlsx"),
        (["subsidy", "--output", "nowhere/a.xlsx"], "cannot be written"),
    ],
)
def test_wrong_usage_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run("ledgers", "template", *arguments)
    assert refused.exit_code == 2
    assert said in refused.output
    assert list(tmp_path.iterdir()) == []
