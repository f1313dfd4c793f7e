"""Check the example ledgers as the README does, and hold the result against the list of planted faults."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from policies.load import load_library

ROOT = Path(__file__).parents[1]

ASKED_OF_CELLS = ("A01", "A02", "B01", "C05")  # the policies whose rows that cannot be judged are listed one by one


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("report") / "report.json"
    packs = ["--pack", "central-aid-2015", "--pack", "yuanjiang-2021"]
    arguments = ["check", str(ROOT / "examples"), *packs, "--as-of", "2021-12-31"]
    ran = CliRunner().invoke(main, [*arguments, "--format", "json", "--output", str(out)])
    assert ran.exit_code == 1, ran.output
    return json.loads(out.read_text(encoding="utf-8"))


def planted() -> set[tuple[str, int, str, str]]:
    text = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+\.(?:xlsx|csv)) \| (\d+) \| ([A-Z]\d\d) \| (\w+) \|$", text, re.MULTILINE)
    return {(file, int(row), code, verdict) for file, row, code, verdict in rows}


def test_exactly_the_planted_faults_are_found(report: dict) -> None:
    found = {
        (place["path"].partition("examples/")[2], place["row"], finding["code"], finding["verdict"])
        for finding in report["findings"]
        for place in finding["locations"]
        if "档案" not in place["path"] and "清退台账" not in place["path"]
    }
    unread = {one for one in found if one[3] == "not_evaluable"}
    assert len(found - unread) >= 40
    assert found - unread == {one for one in planted() if one[3] != "not_evaluable"}
    assert {one for one in unread if one[2] in ASKED_OF_CELLS} == {one for one in planted() if one[3] == "not_evaluable"}
    assert {file for file, _, _, _ in unread} == {"yuanjiang/送温暖发放表.xlsx"}


def test_every_finding_cites_a_clause_and_says_what_to_do(report: dict) -> None:
    for finding in report["findings"]:
        assert finding["citations"]
        assert all(citation["quote"] or citation["paraphrase"] for citation in finding["citations"])
        assert all(citation["quote_found"] for citation in finding["citations"] if citation["quote"])
        assert finding["remedy"]["text"]
        assert finding["locations"][0]["cell"]


def test_no_personal_datum_is_shown_by_default(report: dict) -> None:
    text = json.dumps(report, ensure_ascii=False)
    assert not re.search(r"99[0-9]{15}[0-9X]", text)
    names = {fact["value"] for finding in report["findings"] for name, fact in finding["facts"].items() if name == "name"}
    assert names
    assert all(name.endswith("**") for name in names if name)


def test_the_refunds_of_panyu_add_up_to_the_reported_figure(report: dict) -> None:
    import csv
    from decimal import Decimal

    with (ROOT / "examples" / "panyu" / "清退台账.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    column = next(name for name in rows[0] if "清退金额" in name and "应" not in name)
    assert sum(Decimal(row[column].replace(",", "")) for row in rows) == Decimal("700499.21")


def test_huadu_itself_is_in_order(report: dict) -> None:
    rows = {place["row"] for f in report["findings"] for place in f["locations"] if "预算执行" in place["path"]}
    assert rows == {6, 7}
    budget = next(one for one in report["run"]["inputs"] if one["ledger"] == "budget_execution")
    assert budget["rows"] == 5


def test_the_overdue_refund_is_followed_to_its_end(report: dict) -> None:
    case = next(finding["case"] for finding in report["findings"] if finding["code"] == "F01")
    assert case["state"] == "overdue"
    assert case["severity_raised"]
    assert case["escalation_proposed"]
    assert case["steps"][0]["concludes"] == "duty_open"
    assert all(step["because"] for step in case["steps"])


def test_coverage_partitions_the_rows_of_every_policy(report: dict) -> None:
    names = ("compliant", "violation", "suspect", "not_evaluable", "not_applicable", "waived", "lead", "no_lead")
    chosen = load_library(["central-aid-2015", "yuanjiang-2021"]).policies
    assert [own["code"] for own in report["coverage"]] == sorted(chosen)
    for own in report["coverage"]:
        left_out = sum(one["not_judged"] for one in own["by_input"])  # rows of files that lack a column
        assert own["status"] != "judged" or sum(own[name] for name in names) + left_out == own["rows"]
    assert sum(own["status"] == "judged" for own in report["coverage"]) >= 33


def test_the_examples_are_written_by_their_script(tmp_path: Path) -> None:
    """The workbooks hold what the script says, cell by cell; bytes may differ with the version of xlsxwriter."""
    import subprocess
    import sys

    import openpyxl

    for folder in ("yuanjiang", "huadu", "panyu"):
        (tmp_path / folder).mkdir()
    code = f"import examples.make as m; m.HERE = __import__('pathlib').Path({str(tmp_path)!r}); m.main()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    for path in sorted((ROOT / "examples").glob("*/*")):
        twin = tmp_path / path.relative_to(ROOT / "examples")
        if path.suffix == ".csv":
            assert twin.read_bytes() == path.read_bytes()
        elif path.suffix == ".xlsx":
            cells = [
                [[c.value for c in r] for r in sheet.iter_rows()]
                for book in (path, twin)
                for sheet in openpyxl.load_workbook(book)
            ]
            assert cells[: len(cells) // 2] == cells[len(cells) // 2 :]
