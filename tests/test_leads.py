"""Hold what leads, asked parameters and documents that nobody saw do to a check: said, listed apart, never a verdict."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import policies.load
from cli import main

LEAD = """
code: L01
id: round-sums
title: {zh: 整数金额, en: Round sums}
why: {zh: 整千的金额值得抽查。, en: Sums in whole thousands are worth a look.}
category: 抽查
severity: critical
basis: lead
dated_by: pay_date
ledger: aid_payment
parameters:
  sum: {zh: 关注的金额, en: the sum to look at, unit: 元, values: [{value: 1000}]}
requires: amount <> :sum
involved: amount
message: {zh: "{amount} 元，恰为 {:sum} 元", en: "{amount} yuan, exactly {:sum}"}
remedy: {action: explain, zh: 可抽查凭证, en: Look at the voucher}
cleared_by: document
cases:
  - {name: a round sum, aid_payment: [{姓名: 测试甲, 金额: 1000}], expect: [lead]}
  - {name: another, aid_payment: [{姓名: 测试甲, 金额: 999.99}], expect: [no_lead]}
  - {name: masked, aid_payment: [{姓名: 测试甲, 金额: X元}], expect: [not_evaluable]}
  - {innocent: a sum with odd cents, aid_payment: [{姓名: 测试甲, 金额: 1000.01}], expect: [no_lead]}
"""
ASKING = """
code: L02
id: own-limit
title: {zh: 本地限额, en: The local limit}
why: {zh: 限额由当地规定。, en: The limit is set locally.}
category: 标准
severity: high
basis: norm
citations:
  - {source: panyu-2018, section: 第三条, paraphrase: {zh: 限额由各地规定, en: limits are set locally}}
dated_by: pay_date
ledger: aid_payment
parameters:
  most:
    {zh: 每人次限额, en: most for each person, unit: 元, least: 1, ask: true, example: 3000, values: [{value: 500, region: 测试市}]}
requires: amount <= :most
message: {zh: "{amount} 元，限 {:most} 元", en: "{amount} yuan, at most {:most}"}
remedy: {action: explain, zh: 请说明, en: Explain}
cleared_by: document
cases:
  - {name: at the limit, parameters: {most: 800}, aid_payment: [{姓名: 测试甲, 金额: 800}], expect: [compliant]}
  - {name: a fen above, parameters: {most: 800}, aid_payment: [{姓名: 测试甲, 金额: 800.01}], expect: [violation]}
  - {name: masked, parameters: {most: 800}, aid_payment: [{姓名: 测试甲, 金额: X元}], expect: [not_evaluable]}
  - {innocent: less than half, parameters: {most: 800}, aid_payment: [{姓名: 测试甲, 金额: 300}], expect: [compliant]}
"""
LEDGER = "姓名,发放日期,金额,经办工会\n测试甲,2021-02-03,1000,甲镇工会\n测试乙,2021-02-03,600,乙镇工会\n测试丙,2021-02-03,X元,甲镇工会\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    words = "title: {zh: 自定, en: Own}\nscope: {zh: 本单位, en: this union}\nnarrowness: 50\n"
    (folder / "pack.yaml").write_text(f"pack: own\n{words}", encoding="utf-8")
    (folder / "round-sums.yaml").write_text(LEAD, encoding="utf-8")
    (folder / "own-limit.yaml").write_text(ASKING, encoding="utf-8")
    (tmp_path / "aid.csv").write_text(LEDGER, encoding="utf-8")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def check(pack: Path, *words: object) -> Result:
    return run("check", pack.parent / "aid.csv", "--no-core", "--pack", pack, "--as-of", "2021-12-31", *words)


def told(pack: Path, *words: object) -> dict:
    return json.loads(check(pack, "--format", "json", *words).stdout)


def of(report: dict, code: str) -> dict:
    [own] = [own for own in report["coverage"] if own["code"] == code]
    return own


# -- leads


def test_a_lead_is_tried_by_its_own_words_and_needs_no_citation(pack: Path) -> None:
    assert run("policies", "lint", "--pack", pack).exit_code == 0
    tried = run("policies", "test", "--pack", pack, "--policy", "L01")
    assert (tried.exit_code, tried.stdout) == (0, "4 passed, 0 failed\n")


def test_only_a_lead_may_stand_without_a_citation_and_its_clauses_have_no_basis(pack: Path) -> None:
    path = pack / "round-sums.yaml"
    path.write_text(LEAD.replace("basis: lead", "basis: inferred"), encoding="utf-8")
    assert "a policy needs one" in run("policies", "lint", "--pack", pack).stderr
    clause = "citations: [{source: central-aid-2015, section: 一, basis: norm, paraphrase: {zh: 甲, en: a}}]\n"
    path.write_text(LEAD.replace("dated_by", f"{clause}dated_by"), encoding="utf-8")
    assert "a lead concludes nothing" in run("policies", "lint", "--pack", pack).stderr


def test_a_lead_that_expects_a_verdict_fails_its_case(pack: Path) -> None:
    (pack / "round-sums.yaml").write_text(LEAD.replace("[lead]", "[suspect]"), encoding="utf-8")
    assert "no case expects lead" in run("policies", "lint", "--pack", pack).stderr
    assert run("policies", "test", "--pack", pack, "--policy", "L01").exit_code == 1


def test_leads_are_listed_apart_and_counted_nowhere(pack: Path) -> None:
    report = told(pack, "--param", "L02.most=5000", "--fail-on", "suspect", "--max-not-evaluable", "0.34")
    [lead] = report["leads"]
    assert (lead["verdict"], lead["basis"], lead["citations"]) == ("lead", "lead", [])
    assert lead["locations"][0]["cell"] == "C2"
    summary = report["summary"]
    assert summary["verdicts"] == {"violation": 0, "suspect": 0, "not_evaluable": 1, "waived": 0}  # the one of L02
    assert (summary["leads"], summary["amount_involved"], summary["persons"], summary["exit_code"]) == (1, "0.00", 0, 0)
    assert {finding["code"] for finding in report["findings"]} == {"L02"}
    own = of(report, "L01")
    assert [own[name] for name in ("rows", "lead", "no_lead", "not_evaluable", "compliant")] == [3, 1, 1, 1, 0]


def test_a_run_of_leads_alone_judged_nothing(pack: Path) -> None:
    report = told(pack, "--policy", "L01")
    assert (report["summary"]["leads"], report["summary"]["exit_code"]) == (1, 3)
    assert report["summary"]["exit_reasons"][0]["reason"] == "没有任何一行得到判断"


def test_every_format_says_that_a_lead_is_one(pack: Path, tmp_path: Path) -> None:
    formats = ("terminal", "jsonl", "csv", "parquet", "sarif", "junit")
    files = {name: tmp_path / f"report.{name}" for name in formats}
    pairs = [word for name, path in files.items() for word in ("--format", name, "--output", path)]
    check(pack, "--param", "L02.most=5000", *pairs)
    screen = files["terminal"].read_text(encoding="utf-8")
    assert screen.index("线索（不作结论，不计入汇总和退出码）") > screen.index("退出码 ")
    assert "线索  " in screen.rpartition("线索（不作结论")[2]
    lines = [json.loads(line) for line in files["jsonl"].read_text(encoding="utf-8").splitlines()]
    assert [(line["type"], line["code"]) for line in lines if line["type"] in ("finding", "lead")] == [
        ("finding", "L02"), ("lead", "L01"),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig"))))
    assert [(row["结论"], row["涉及金额"]) for row in rows if row["编号"] == "L01"] == [("线索", "")]
    table = pq.read_table(files["parquet"]).to_pylist()
    assert [(row["verdict"], row["amount_involved"]) for row in table if row["basis"] == "lead"] == [
        ("lead", None),
    ]  # fmt: skip
    sarif = json.loads(files["sarif"].read_text(encoding="utf-8"))["runs"][0]
    assert {result["ruleId"] for result in sarif["results"]} == {"L02"}
    notes = sarif["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes if note["descriptor"]["id"] == "leads"] == [
        "线索 1 条，不作结论，未列入；见 --format json。"
    ]
    [case] = [case for case in ET.parse(files["junit"]).iter("testcase") if case.get("name", "").startswith("L01")]
    assert [element.tag for element in case] == ["system-out"]
    assert "线索" in (case[0].text or "")


def test_a_report_for_each_unit_holds_its_own_leads(pack: Path, tmp_path: Path) -> None:
    check(pack, "--param", "L02.most=5000", "--by", "unit", "--format", "json", "--output", tmp_path / "units")
    parts = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "units").iterdir()}
    leads = {name: [lead["verdict"] for lead in part["leads"]] for name, part in parts.items()}
    assert {name: found for name, found in leads.items() if found} == {"甲镇工会": ["lead"]}
    assert sum(part["summary"]["leads"] for part in parts.values()) == 1


def test_a_waiver_of_a_lead_is_said_to_be_needless(pack: Path, tmp_path: Path) -> None:
    [lead] = told(pack)["leads"]
    waiver = f"waivers: [{{fingerprint: {lead['fingerprint']}, reason: 已看过, by: 经审会, until: 2022-06-30}}]\n"
    (tmp_path / "w.yaml").write_text(waiver, encoding="utf-8")
    report = told(pack, "--waivers", tmp_path / "w.yaml")
    assert [fate["status"] for fate in report["run"]["waivers"]] == ["lead"]
    assert "线索不作结论，无须豁免" in report["run"]["notes"][0]
    assert report["leads"][0]["verdict"] == "lead"


# -- parameters that are asked for


def test_without_a_value_a_policy_that_asks_for_one_is_not_judged_and_says_which(pack: Path) -> None:
    own = of(told(pack), "L02")
    assert (own["status"], own["rows"], own["not_evaluable"]) == ("out_of_scope", 3, 0)
    assert own["reason"] == "需先给出参数 L02.most（每人次限额，元）：--param L02.most=3000，或写入项目文件 parameters"
    english = of(told(pack, "--lang", "en"), "L02")["reason"]
    assert english.startswith("it needs L02.most (most for each person, yuan): --param L02.most=3000")


@pytest.mark.parametrize(("words", "violations"), [(("--param", "L02.most=599.99"), 2), (("--param", "L02.most=600"), 1)])
def test_a_value_of_a_user_judges(words: tuple[str, ...], violations: int, pack: Path) -> None:
    own = of(told(pack, *words), "L02")
    assert (own["status"], own["violation"], own["not_evaluable"]) == ("judged", violations, 1)


@pytest.mark.parametrize(
    ("line", "status"),
    [("region: 测试市", "judged"), ("region: 别处", "out_of_scope"), ("packs: [own]\nparameters: {L02.most: 100}", "judged")],
)
def test_a_project_gives_a_value_or_a_region_that_has_one(line: str, status: str, pack: Path, tmp_path: Path) -> None:
    (tmp_path / "fundcheck.yaml").write_text(line, encoding="utf-8")
    assert of(told(pack, "--project", tmp_path / "fundcheck.yaml"), "L02")["status"] == status


def test_a_value_below_the_least_is_refused_with_the_example(pack: Path) -> None:
    ran = check(pack, "--param", "L02.most=0")
    assert (ran.exit_code, "例如 L02.most=3000。" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ("[]", ""),
        ("[{value: 5}]", "leaves nothing to ask for"),
        ("[{value: 5, region: 甲}, {value: 6}]", "leaves nothing to ask"),
    ],
)
def test_a_parameter_that_asks_has_no_general_value(values: str, what: str, pack: Path) -> None:
    text = ASKING.replace("[{value: 500, region: 测试市}]", values)
    (pack / "own-limit.yaml").write_text(text, encoding="utf-8")
    ran = run("policies", "lint", "--pack", pack)
    assert (ran.exit_code, what in ran.stderr) == (2 if what else 0, True)


def test_a_parameter_without_values_must_ask(pack: Path) -> None:
    text = ASKING.replace("ask: true, example: 3000, values: [{value: 500, region: 测试市}]", "values: []")
    (pack / "own-limit.yaml").write_text(text, encoding="utf-8")
    assert "give at least one value" in run("policies", "lint", "--pack", pack).stderr


# -- documents that nobody saw


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    known = policies.load.load_documents()
    unseen = {name: own.model_copy(update={"evidence": "unverified"}) for name, own in known.items()}
    monkeypatch.setattr(policies.load, "load_documents", lambda: unseen)


@pytest.mark.usefixtures("unseen")
def test_a_policy_on_documents_that_nobody_saw_is_off_and_says_so(pack: Path) -> None:
    report = told(pack, "--param", "L02.most=100")
    own = of(report, "L02")
    assert (own["status"], own["violation"]) == ("out_of_scope", 0)
    assert own["reason"] == "所引文件均未核实，默认不启用；确要判断的请用 --policy L02，或写入项目文件 policies"
    assert of(report, "L01")["status"] == "judged"  # a lead cites nothing
    assert "nobody has seen" in of(told(pack, "--lang", "en"), "L02")["reason"]


@pytest.mark.usefixtures("unseen")
def test_a_policy_on_documents_that_nobody_saw_can_be_named_and_marks_its_findings(pack: Path, tmp_path: Path) -> None:
    words = ("--param", "L02.most=100", "--policy", "L02")
    report = told(pack, *words)
    assert of(report, "L02")["violation"] == 2
    assert {one["evidence"] for finding in report["findings"] for one in finding["citations"]} == {"unverified"}
    assert "未核实" in check(pack, *words).stdout
    check(pack, *words, "--format", "csv", "--output", tmp_path / "f.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "f.csv").read_text(encoding="utf-8-sig"))))
    assert {"未核实" in row["依据文件"] for row in rows if row["指纹"]} == {True}


# -- ledgers that are missing


def test_policies_without_their_ledger_stand_on_one_line_for_each_ledger(tmp_path: Path) -> None:
    (tmp_path / "aid.csv").write_text(LEDGER, encoding="utf-8")
    words = ("check", tmp_path / "aid.csv", "--as-of", "2021-12-31")
    coverage = json.loads(run(*words, "--format", "json").stdout)["coverage"]
    missing: dict[str, list[str]] = {}
    for own in (own for own in coverage if own["status"] == "ledger_missing"):
        missing.setdefault(own["reason"], []).append(own["code"])
    assert max(map(len, missing.values())) > 1
    shown = " ".join(run(*words).stdout.split())
    for reason, codes in missing.items():
        assert f"{reason} 未判断：{' '.join(codes)}" in shown
