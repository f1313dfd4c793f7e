"""Two versions of a pack over the same ledgers: every finding gained, lost or changed is named, with the money it is worth."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from declared import Refused
from engine.check import Request
from engine.impact import CHANGED, GAINED, LOST, Found, Impact, compare_packs, pair
from tests.test_drift import PACK

POLICY = """code: Z01
id: most
title: {{zh: 限额, en: The most}}
why: {{zh: 试, en: Trial}}
category: 标准
severity: {severity}
basis: {basis}
citations: [{{source: central-aid-2015, section: 第五条, paraphrase: {{zh: 试, en: Trial}}}}]
dated_by: pay_date
ledger: aid_payment
parameters:
  {name}: {{zh: 上限, en: limit, values: [{{value: {limit}}}]}}
applies_when: {applies}
requires: amount <= :{name}
involved: amount
recover: amount - :{name}
message: {{zh: "{{name}}领取{{amount}}元", en: "{{name}} received {{amount}} yuan"}}
remedy: {{action: explain, zh: 请说明, en: Explain}}
cleared_by: document
"""
ROWS = """姓名,身份证号,发放日期,金额,工作单位
测试甲,990001196102021076,2021-02-03,400,测试一厂
测试乙,990002196203031149,2021-02-03,600,测试一厂
测试丙,990003196313041213,2021-02-03,800,测试一厂
"""


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    path = tmp_path / "困难帮扶.csv"
    path.write_text(ROWS, encoding="utf-8")
    return str(path)


def version(
    folder: Path, limit: int, *, severity: str = "medium", basis: str = "norm", applies: str = "'TRUE'", name: str = "limit"
) -> str:
    pack = folder / "trial"
    pack.mkdir(parents=True)
    (pack / "pack.yaml").write_text(PACK, encoding="utf-8")
    text = POLICY.format(limit=limit, severity=severity, basis=basis, applies=applies, name=name)
    (pack / "most.yaml").write_text(text.replace("applies_when: 'TRUE'\n", ""), encoding="utf-8")
    return str(pack)


def compared(ledger: str, old: str, new: str) -> Impact:
    return compare_packs(Request(date(2021, 12, 31), (ledger,), core=False), old, new)


def kinds(impact: Impact) -> list[tuple[str, int]]:
    [effect] = impact.effects
    return [(change.kind, change.shown.rows[0][2]) for change in effect.changes]


def test_a_version_that_only_differs_in_a_comment_has_no_impact(ledger: str, tmp_path: Path) -> None:
    old, new = version(tmp_path / "1", 500), version(tmp_path / "2", 500)
    with (Path(new) / "most.yaml").open("a", encoding="utf-8") as file:
        file.write("# nothing\n")
    impact = compared(ledger, old, new)
    assert (impact.effects, impact.exit_code) == ((), 0)
    assert len(impact.old.found) == 2
    assert impact.old.sha256 != impact.new.sha256


def test_a_higher_limit_loses_the_findings_below_it_and_lowers_what_is_to_be_returned(ledger: str, tmp_path: Path) -> None:
    impact = compared(ledger, version(tmp_path / "1", 500), version(tmp_path / "2", 700))
    assert kinds(impact) == [(LOST, 3), (CHANGED, 4)]
    [effect] = impact.effects
    assert effect.rows == {"compliant": (1, 2), "violation": (2, 1)}
    assert effect.money["involved"] == (Decimal(1400), Decimal(800))
    assert effect.money["recover"] == (Decimal(400), Decimal(100))
    assert (impact.new.summary["amount_to_recover"], impact.exit_code) == ("100.00", 1)


def test_what_remains_is_known_again_though_fingerprints_without_a_key_only_number_alike_ones(
    ledger: str, tmp_path: Path
) -> None:
    """Without a key, the first of two findings that look alike had the fingerprint of the other as soon as it was alone."""
    Path(ledger).write_text(ROWS.replace(",600,", ",800,"), encoding="utf-8")
    two = version(tmp_path / "1", 500)
    one = version(tmp_path / "2", 500, applies="name <> '测试乙'")
    impact = compared(ledger, two, one)
    assert kinds(impact) == [(LOST, 3)]


def test_a_changed_basis_and_severity_change_the_finding(ledger: str, tmp_path: Path) -> None:
    impact = compared(ledger, version(tmp_path / "1", 700), version(tmp_path / "2", 700, severity="high", basis="inferred"))
    [effect] = impact.effects
    [change] = effect.changes
    assert change.old
    assert change.new
    assert (change.kind, change.old.verdict, change.new.verdict, change.new.severity) == (CHANGED, "violation", "suspect", "high")
    assert effect.money["recover"] == (Decimal(100), Decimal(0))


def test_rows_that_are_no_longer_asked_are_a_difference_though_no_finding_changes(ledger: str, tmp_path: Path) -> None:
    impact = compared(ledger, version(tmp_path / "1", 900), version(tmp_path / "2", 900, applies="amount > 500"))
    [effect] = impact.effects
    assert (effect.changes, effect.rows) == ((), {"compliant": (3, 2), "not_applicable": (0, 1)})
    assert impact.exit_code == 1


def test_a_policy_that_is_new_gains_all_its_findings(ledger: str, tmp_path: Path) -> None:
    old, new = version(tmp_path / "1", 500), version(tmp_path / "2", 500)
    text = (Path(new) / "most.yaml").read_text(encoding="utf-8").replace("Z01", "Z02").replace("id: most", "id: other")
    (Path(new) / "other.yaml").write_text(text, encoding="utf-8")
    impact = compared(ledger, old, new)
    [effect] = impact.effects
    assert (effect.code, effect.status) == ("Z02", (None, "judged"))
    assert kinds(impact) == [(GAINED, 3), (GAINED, 4)]
    assert effect.money["involved"] == (Decimal(0), Decimal(1400))
    assert impact.new.summary["amount_involved"] == "1400.00"  # the money of a row counts once


def test_findings_whose_rows_changed_are_paired_by_fingerprint() -> None:
    one, two = ("a.csv", None, 2), ("a.csv", None, 3)
    old = found("f1", (one,))
    assert list(pair([old], [found("f1", (one,))])) == []
    assert [change.kind for change in pair([old], [found("f1", (one, two))])] == [CHANGED]
    assert [change.kind for change in pair([old], [found("f2", (two,))])] == [LOST, GAINED]


def found(fingerprint: str, rows: tuple[tuple[str, str | None, int], ...]) -> Found:
    return Found(fingerprint, "Z01", "", "suspect", "medium", "", rows, None, None, None)


def test_amounts_that_cannot_be_read_are_counted_and_not_taken_for_nothing(ledger: str, tmp_path: Path) -> None:
    old, new = version(tmp_path / "1", 500), version(tmp_path / "2", 500)
    for pack, asked in ((old, "name = '测试甲'"), (new, "name IN ('测试甲', '测试丙')")):
        path = Path(pack) / "most.yaml"
        text = path.read_text(encoding="utf-8").replace("requires: amount <= :limit", f"requires: {asked} AND 500 <= :limit")
        path.write_text(text, encoding="utf-8")
    Path(ledger).write_text(ROWS.replace(",600,", ",若干,"), encoding="utf-8")
    impact = compared(ledger, old, new)
    [effect] = impact.effects
    assert kinds(impact) == [(LOST, 4)]
    assert (effect.unread, effect.money["involved"]) == ((1, 1), (Decimal(800), Decimal(0)))


def test_a_ledger_that_cannot_be_read_ends_with_3_and_is_named(ledger: str, tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04nothing")
    request = Request(date(2021, 12, 31), (ledger, str(tmp_path / "坏.xlsx")), core=False)
    impact = compare_packs(request, version(tmp_path / "1", 500), version(tmp_path / "2", 700))
    assert impact.exit_code == 3
    assert "坏.xlsx" in impact.new.unjudged[0]
    assert kinds(impact) == [(LOST, 3), (CHANGED, 4)]


def test_a_parameter_of_one_version_is_given_to_it_alone_and_one_of_neither_is_refused(ledger: str, tmp_path: Path) -> None:
    old, new = version(tmp_path / "1", 500), version(tmp_path / "2", 500, name="most")
    request = Request(date(2021, 12, 31), (ledger,), core=False, parameters={("Z01", "most"): "700"})
    assert kinds(compare_packs(request, old, new)) == [(LOST, 3), (CHANGED, 4)]
    with pytest.raises(Refused, match=r"Z01\.mots.*did you mean `Z01\.most`"):
        compare_packs(request._replace(parameters={("Z01", "mots"): "700"}), old, new)


def test_the_command_writes_for_people_and_for_programs(ledger: str, tmp_path: Path) -> None:
    old, new = version(tmp_path / "1", 500), version(tmp_path / "2", 700)
    command = ["policies", "impact", "--old", old, "--new", new, ledger, "--as-of", "2021-12-31"]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 1, shown.output
    assert "Z01 限额  多出 0 条，减少 1 条，改变 1 条" in shown.output
    assert "建议退回  400.00 → 100.00 元（-300.00）" in shown.output
    assert "- 与要求不符（medium）" in shown.output
    assert "测试乙" not in shown.output
    assert "测**领取600.00元" in shown.output
    out = tmp_path / "out.json"
    assert CliRunner().invoke(main, [*command, "--format", "json", "--output", str(out)]).exit_code == 1
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["total"] | {"amount_short": None} == {
        "gained": 0, "lost": 1, "changed": 1, "amount_involved": ["1400.00", "800.00"], "amount_to_recover": ["400.00", "100.00"], "amount_short": None,
    }  # fmt: skip
    assert [change["change"] for change in document["policies"][0]["changes"]] == ["lost", "changed"]
    english = CliRunner().invoke(main, [*command, "--lang", "en"])
    assert "to recover  400.00 → 100.00 yuan" in english.output
    assert CliRunner().invoke(main, ["policies", "impact", "--old", old, "--new", str(tmp_path), ledger]).exit_code == 2


def test_a_version_of_core_takes_the_place_of_core(ledger: str, tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    for name in ("pack.yaml", "real-name.yaml"):
        source = Path(__file__).parents[1] / "policies" / "packs" / "core" / name
        (tmp_path / "core" / name).write_bytes(source.read_bytes())
    impact = compare_packs(Request(date(2021, 12, 31), (ledger,)), "core", str(tmp_path / "core"))
    assert len(impact.new.coverage) == 1
    assert {effect.status[1] for effect in impact.effects} == {None}
