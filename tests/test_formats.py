"""Hold every format to its golden file: one small report, one file a format, reviewed as a difference."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

import jsonschema
import junitparser
import pandas
import pyarrow.parquet
import pytest
import sarif.loader
from click.testing import CliRunner

from cli import main
from engine.check import Request, check
from engine.report import Report

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[1]
SARIF_SCHEMA = ROOT.parent / "shared" / "schemas" / "sarif-2.1.0.schema.json"
AID = [
    {"姓名": "测试甲", "身份证号": "990001196102021076", "发放日期": "2021.2.3", "帮扶方式": "慰问", "人员类别": "困难职工", "工作单位": "一厂", "金额": "500"},
    {"姓名": "测试乙", "身份证号": "990002196203031149", "发放日期": "2021-02-03", "帮扶方式": "慰问", "人员类别": "困难居民", "工作单位": "", "金额": "300"},
    {"姓名": "测试丙", "身份证号": "9900****1211", "发放日期": "2021-02-03", "帮扶方式": "慰问", "人员类别": "困难职工", "工作单位": "二厂", "金额": "X元"},
    {"姓名": "测试甲", "身份证号": "990001196102021076", "发放日期": "2021-02-05", "帮扶方式": "慰问", "人员类别": "困难职工", "工作单位": "一厂", "金额": "500"},
]  # fmt: skip
FILES = [{"姓名": "测试甲", "身份证号": "990001196102021076", "建档日期": "2021-02-08", "档案状态": "在档"}]


@pytest.fixture(scope="module")
def report() -> Report:
    frames = {"aid_payment": pandas.DataFrame(AID), "hardship_archive": pandas.DataFrame(FILES)}
    return check(Request(as_of=date(2021, 3, 1), frames=frames, packs=("yuanjiang-2021",)))


def written(report: Report, module: str) -> bytes:
    write: Callable[[Report, BinaryIO], None] = import_module(f"engine.formats.{module}").write
    out = io.BytesIO()
    write(report, out)
    return out.getvalue()


def hold(name: str, text: bytes) -> None:
    """Compare with the golden file; FUNDCHECK_GOLDEN=write writes it anew, to be reviewed."""
    path = GOLDEN / name
    if os.environ.get("FUNDCHECK_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
    assert text.decode() == path.read_bytes().decode()


@pytest.mark.parametrize(
    ("module", "name"),
    [("json_document", "report.json"), ("json_lines", "report.jsonl"), ("terminal", "report.txt"), ("sarif", "report.sarif"),
     ("junit", "report.junit.xml"), ("csv_table", "report.csv")],
)  # fmt: skip
def test_a_format_is_what_its_golden_file_shows(report: Report, module: str, name: str) -> None:
    hold(name, written(report, module))


def test_parquet_holds_the_same_findings_as_json(report: Report) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(written(report, "parquet")))
    assert all(field.nullable for field in table.schema)  # whatever stands in them: tables of two reports can be put together
    findings = json.loads(written(report, "json_document"))["findings"]
    assert len(findings) == table.num_rows > 5
    for row, finding in zip(table.to_pylist(), findings, strict=True):
        for name in ("fingerprint", "code", "policy", "verdict", "severity", "basis", "message"):
            assert row[name] == finding[name]
        assert [place["row"] for place in row["locations"]] == [p["row"] for p in finding["locations"]][: len(row["locations"])]
        amounts = {name: row[name] for name in ("amount_involved", "amount_to_recover")}
        assert {name: None if a is None else f"{a:.2f}" for name, a in amounts.items()} == {
            name: finding[name] for name in amounts
        }
    assert json.loads(table.schema.metadata[b"fundcheck"])["schema"] == "fundcheck-report/1"


def test_json_lines_say_what_each_line_is(report: Report) -> None:
    lines = [json.loads(line) for line in written(report, "json_lines").splitlines()]
    assert [line["type"] for line in lines[:1]] == ["run"]
    assert {line["type"] for line in lines} == {"run", "coverage", "finding", "intake"}


def test_the_document_has_the_keys_of_the_contract_in_their_order(report: Report) -> None:
    document = json.loads(written(report, "json_document"))
    assert list(document) == ["schema", "run", "summary", "coverage", "findings", "leads", "intake"]
    wanted = ["fingerprint", "code", "policy", "verdict", "severity", "basis", "category", "message", "ledger", "unit", "locations", "facts",
              "amount_involved", "amount_to_recover", "amount_short", "citations", "readings", "remedy", "cleared_by", "disposition",
              "case"]  # fmt: skip
    assert [name for name in document["findings"][0] if name in wanted] == wanted
    assert {"exit_code", "exit_reasons", "verdicts", "by_basis", "persons", "units", "amount_involved"} <= set(
        document["summary"]
    )


def test_privacy_shows_no_more_than_was_asked_for() -> None:
    shown = {}
    for privacy in ("public", "working", "full"):
        frames = {"aid_payment": pandas.DataFrame(AID), "hardship_archive": pandas.DataFrame(FILES)}
        shown[privacy] = written(check(Request(as_of=date(2021, 3, 1), frames=frames, privacy=privacy)), "json_document").decode()  # type: ignore[arg-type]
    assert "990001196102021076" not in shown["public"] + shown["working"]
    assert "测试甲" not in shown["public"]
    assert "测试甲" in shown["working"]
    assert "****1076" in shown["working"]
    assert "990001196102021076" in shown["full"]


def test_messages_come_in_english_too() -> None:
    frames = {"aid_payment": pandas.DataFrame(AID), "hardship_archive": pandas.DataFrame(FILES)}
    text = written(check(Request(as_of=date(2021, 3, 1), frames=frames, lang="en")), "terminal").decode()
    assert "days late" in text
    assert "Not evaluable" in text
    assert "quote proved" in text


def test_a_group_over_two_files_of_which_one_lacks_a_column_is_a_suspect_and_no_crash(tmp_path: Path) -> None:
    """The reading over the source of funds once named a row's file where only the group was known, and ended the program."""
    row = "测试甲,990001196102021076,2021-02-03,慰问,困难职工,春节"
    head = "姓名,身份证号,发放日期,帮扶方式,人员类别,活动名称"
    (tmp_path / "a.csv").write_text(f"{head},资金来源,金额\n{row},自筹,500\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"{head},金额\n{row},300\n", encoding="utf-8")
    report = check(Request(as_of=date(2021, 3, 1), paths=(str(tmp_path),), packs=("yuanjiang-2021",), only=("C05",)))
    assert report.summary["verdicts"]["suspect"] == 1
    assert report.coverage[0].suspect == 2


# -- SARIF, JUnit, CSV -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_examples() -> Report:
    """Give a report over real files: several kinds, sheets, units, all verdicts, joined rows and groups."""
    with chdir(ROOT):
        return check(Request(as_of=date(2021, 12, 31), paths=("examples",), packs=("yuanjiang-2021",)))


@pytest.fixture
def unreadable(tmp_path: Path) -> Report:
    """Give a report over a sound file without findings and one that cannot be read, with a name that needs quoting."""
    (tmp_path / "帮扶 100%#1.xlsx").write_bytes(b"PK\x03\x04no workbook")
    head = "姓名,身份证号,发放日期,帮扶方式,人员类别,金额"
    (tmp_path / "b.csv").write_text(f"{head}\n测试甲,990001196102021076,2021-02-03,慰问,困难职工,500\n", encoding="utf-8")
    return check(Request(as_of=date(2021, 3, 1), paths=(str(tmp_path),), only=("B01",)))


def sarif_run(report: Report) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(written(report, "sarif"))["runs"][0]
    return run


def junit_cases(report: Report) -> dict[tuple[str, str], junitparser.TestCase]:
    suites = junitparser.JUnitXml.fromstring(written(report, "junit"))
    return {(suite.name, case.name): case for suite in suites for case in suite}


def csv_rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(report, "csv_table").decode("utf-8-sig"), newline="")))


def findings_of(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written(report, "json_document"))["findings"]
    return found


@pytest.mark.parametrize("name", ["report", "of_examples", "unreadable"])
def test_sarif_is_valid_by_the_schema_of_its_standard(name: str, request: pytest.FixtureRequest) -> None:
    if not SARIF_SCHEMA.is_file():
        pytest.skip(f"the schema of SARIF is not at hand ({SARIF_SCHEMA.name} is absent)")
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))
    document = json.loads(written(request.getfixturevalue(name), "sarif"))
    checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(document)] == []


def test_every_finding_stands_in_every_format(of_examples: Report) -> None:
    findings = findings_of(of_examples)
    wanted = Counter(finding["fingerprint"] for finding in findings)
    assert len(findings) > 20
    assert {finding["verdict"] for finding in findings} == {"violation", "suspect", "not_evaluable"}
    results = sarif_run(of_examples)["results"]
    assert Counter(result["partialFingerprints"]["fundcheck/v1"] for result in results) == wanted
    assert Counter(row["指纹"] for row in csv_rows(of_examples) if row["指纹"]) == wanted
    assert Counter(re.findall(r"#([0-9a-f]{32})", written(of_examples, "junit").decode())) == wanted


def test_sarif_says_of_each_finding_what_the_json_says(of_examples: Report) -> None:
    findings = {finding["fingerprint"]: finding for finding in findings_of(of_examples)}
    run = sarif_run(of_examples)
    levels = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
    kinds = {"violation": "fail", "suspect": "review", "not_evaluable": "open"}
    related = 0
    for result in run["results"]:
        finding = findings[result["partialFingerprints"]["fundcheck/v1"]]
        fails = finding["verdict"] == "violation"
        assert (result["kind"], result["level"]) == (
            kinds[finding["verdict"]],
            levels[finding["severity"]] if fails else "none",
        )
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding["code"]
        assert result["message"]["text"] == finding["message"]
        places = [*result["locations"], *result["relatedLocations"]]
        related += len(result["relatedLocations"])
        assert [place["physicalLocation"]["region"]["startLine"] for place in places] == [p["row"] for p in finding["locations"]]
        for place, other in zip(places, finding["locations"], strict=True):
            physical = place["physicalLocation"]
            assert (
                run["artifacts"][physical["artifactLocation"]["index"]]["location"]["uri"] == physical["artifactLocation"]["uri"]
            )
            assert ord(other["cell"][0]) - ord("A") + 1 == physical["region"]["startColumn"]
            assert place["logicalLocations"][0]["fullyQualifiedName"].split("!") == [
                *filter(None, [other["sheet"]]),
                other["cell"],
            ]
        cited = dict.fromkeys((one["source"], one["section"]) for one in finding["citations"])
        for taxon, (source, section) in zip(result["taxa"], cited, strict=True):
            taxonomy = run["taxonomies"][taxon["toolComponent"]["index"]]
            assert taxonomy["name"] == taxon["toolComponent"]["name"] == source
            assert taxonomy["taxa"][taxon["index"]]["id"] == taxon["id"] == section
        assert result["properties"]["facts"] == finding["facts"]
    assert related > 3
    assert [artifact["hashes"]["sha-256"] for artifact in run["artifacts"]] == [one.sha256 for one in of_examples.inputs]


def test_sarif_is_read_by_another_program(of_examples: Report, tmp_path: Path) -> None:
    (tmp_path / "report.sarif").write_bytes(written(of_examples, "sarif"))
    records = sarif.loader.load_sarif_file(str(tmp_path / "report.sarif")).get_records()
    counts = Counter(record["Severity"] for record in records)
    violations = Counter(one["severity"] for one in findings_of(of_examples) if one["verdict"] == "violation")
    assert counts["error"] == violations["critical"] + violations["high"] > 5
    assert counts["warning"] == violations["medium"] >= 1
    assert counts["none"] == len(records) - counts["error"] - counts["warning"] > 5
    assert {"examples/yuanjiang/送温暖发放表.xlsx"} < {unquote(record["Location"]) for record in records}


def test_sarif_leaves_out_the_lightest_and_counts_them(of_examples: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = of_examples.summary["verdicts"]
    monkeypatch.setattr("engine.formats.sarif.MOST_RESULTS", verdicts["violation"] + 1)
    monkeypatch.setattr("engine.formats.sarif.MOST_NOTES", 1)
    run = sarif_run(of_examples)
    assert [result["properties"]["verdict"] for result in run["results"]] == ["violation"] * verdicts["violation"] + ["suspect"]
    left = {"violation": 0, "suspect": verdicts["suspect"] - 1, "not_evaluable": verdicts["not_evaluable"], "waived": 0}
    assert run["properties"]["left_out"] == left
    told = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    counted = f"另有 {sum(left.values())} 条发现未列入：疑点 {left['suspect']}、未能判断 {left['not_evaluable']}"
    assert sum(counted in text for text in told) == 1
    assert told[-1].startswith(f"另有 {len(of_examples.notes) - 1} 条数据问题未列入")


def test_a_long_list_of_places_is_cut_and_counted(report: Report, of_examples: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sarif", "csv_table"):
        monkeypatch.setattr(f"engine.formats.{module}.MOST_PLACES", 0)
    texts = [result["message"]["text"] for result in sarif_run(report)["results"] if result["ruleId"] == "C05"]
    assert any(text.endswith("（另有 1 处未列出）") for text in texts)
    assert "另有 1 处" in {row["其他位置"] for row in csv_rows(report)}
    monkeypatch.setattr("engine.formats.junit.MOST_PLACES", 1)
    monkeypatch.setattr("engine.formats.junit.MOST_ROWS", 1)
    failure = junit_cases(of_examples)["yuanjiang-2021", "A02 先建档后帮扶"].result[0]
    assert failure.text.count("#") == 1
    assert "……另有 1 条" in failure.text
    assert re.search(r"L\d+ \(\+1\)", failure.text)


def test_a_waived_finding_is_suppressed() -> None:
    frames = {"aid_payment": pandas.DataFrame(AID), "hardship_archive": pandas.DataFrame(FILES)}
    report = check(Request(as_of=date(2021, 3, 1), frames=frames, only=("B01",)))
    report.con.execute("UPDATE findings SET verdict = 'waived'")
    (result,) = sarif_run(report)["results"]
    assert (result["kind"], [one["status"] for one in result["suppressions"]]) == ("fail", ["accepted"])
    case = junit_cases(report)["core", "B01 非职工居民不得列支"]
    assert case.is_passed
    assert "已豁免" in case.system_out


def test_junit_has_a_case_for_each_policy_and_sheet(report: Report, of_examples: Report) -> None:
    for one in (report, of_examples):
        cases = junit_cases(one)
        policies = {case.name.split()[0]: case for (suite, _), case in cases.items() if suite != "intake"}
        assert sorted(policies) == [own.code for own in one.coverage]
        for own in one.coverage:
            outcome = [type(result).__name__ for result in policies[own.code].result]
            nothing = own.status != "judged" or (own.not_evaluable and not own.compliant + own.suspect + own.lead + own.no_lead)
            assert outcome == (["Failure"] if own.violation else ["Skipped"] if nothing else [])
            if own.status != "judged":
                assert policies[own.code].result[0].message == own.reason
        places = {(place.path, place.sheet) for place in (*one.inputs, *one.notes)}
        assert sum(suite == "intake" for suite, _ in cases) == len(places) + 1


def test_a_report_with_an_unreadable_file_is_never_green(unreadable: Report) -> None:
    assert unreadable.summary["exit_code"] == 3
    assert findings_of(unreadable) == []
    cases = junit_cases(unreadable)
    red = [name for (suite, name), case in cases.items() if suite == "intake" and not case.is_passed]
    assert [Path(name).name for name in red] == ["帮扶 100%#1.xlsx", "判断是否完整"]
    invocation = sarif_run(unreadable)["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    errors = [one for one in invocation["toolExecutionNotifications"] if one["level"] == "error"]
    assert [one["descriptor"]["id"] for one in errors] == ["exit-3", "Q00"]
    uri = errors[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///")
    assert uri.endswith("/%E5%B8%AE%E6%89%B6%20100%25%231.xlsx")
    (row,) = csv_rows(unreadable)
    assert (row["结论"], row["编号"], row["指纹"]) == ("未能判断", "Q00", "")


def test_where_nothing_was_judged_no_format_is_green() -> None:
    for frame in (pandas.DataFrame(AID[2:3]), pandas.DataFrame(AID)):
        report = check(Request(as_of=date(2021, 3, 1), frames={"aid_payment": frame}, only=("A02",)))
        assert report.summary["exit_code"] == 3
        cases = junit_cases(report)
        assert not cases["intake", "判断是否完整"].is_passed
        assert cases["core", "A02 先建档后帮扶"].is_skipped
        invocation = sarif_run(report)["invocations"][0]
        assert invocation["executionSuccessful"] is False
        assert [one["associatedRule"]["id"] for one in invocation["toolConfigurationNotifications"]] == ["A02"]
        assert [row["说明"].partition("：")[0] for row in csv_rows(report)] == ["没有任何一行得到判断", "未判断"]


@pytest.mark.parametrize("risky", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "＝1", "\t词"])
def test_csv_guards_texts_and_leaves_amounts_numbers(risky: str) -> None:
    rows = [{**AID[1], "姓名": "=2+2"}]
    report = check(Request(as_of=date(2021, 3, 1), frames={"aid_payment": pandas.DataFrame(rows)}, only=("B01",), privacy="full"))
    report.con.execute("UPDATE findings SET unit = ?", [risky])
    (row,) = csv_rows(report)
    assert not [text for text in row.values() if re.match(r"\s*[=+\-@＝]|\t", text)]
    assert (row["单位"], row["说明"][:5]) == (f"'{risky}", "'=2+2")
    assert (row["涉及金额"], row["行"]) == ("300.00", "2")
    line = written(report, "csv_table").decode().splitlines()[1]
    assert re.search(r'",300\.00,300\.00,0\.00,"', line)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_csv_opens_in_a_spreadsheet_program_with_headers_in_the_language(lang: str) -> None:
    report = check(Request(as_of=date(2021, 3, 1), frames={"aid_payment": pandas.DataFrame(AID)}, only=("B01",), lang=lang))
    text = written(report, "csv_table")
    assert text.startswith(b"\xef\xbb\xbf")
    table = pandas.read_csv(io.BytesIO(text))
    assert table.columns[0] == {"zh": "结论", "en": "verdict"}[lang]
    assert table[{"zh": "涉及金额", "en": "amount involved"}[lang]].tolist() == [300.0]


def test_control_characters_leave_xml_well_formed() -> None:
    rows = [{**AID[1], "姓名": "\x0b乙\x01<&>]]>\ufffe", "工作单位": "\x1b[31m"}]
    report = check(Request(as_of=date(2021, 3, 1), frames={"aid_payment": pandas.DataFrame(rows)}, only=("B01",), privacy="full"))
    (finding,) = findings_of(report)
    failure = junit_cases(report)["core", "B01 非职工居民不得列支"].result[0]
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", lambda match: f"\\x{ord(match[0]):02x}", finding["message"])
    assert "\\x01" in shown
    assert shown in failure.text


@pytest.mark.parametrize("module", ["sarif", "junit", "csv_table"])
def test_nothing_personal_stands_in_a_public_report_and_the_bytes_repeat(module: str, report: Report) -> None:
    text = written(report, module)
    assert not [secret for row in AID for secret in (row["姓名"], row["身份证号"]) if secret in text.decode()]
    assert "测**" in text.decode()
    assert text == written(report, module)


def test_text_formats_may_go_to_the_screen(tmp_path: Path) -> None:
    ledger = tmp_path / "aid.csv"
    pandas.DataFrame(AID).to_csv(ledger, index=False)
    for name in ("sarif", "junit", "csv"):
        ran = CliRunner().invoke(main, ["check", str(ledger), "--policy", "B01", "--as-of", "2021-03-01", "--format", name])
        assert (ran.exit_code, bool(ran.stdout_bytes)) == (1, True), ran.output
