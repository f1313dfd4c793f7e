"""Waivers: what somebody decided is seen, counted apart and answered for; what it cannot cover is said."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import main
from engine.check import connect
from engine.findings import WAIVER
from engine.waivers import Waiver, apply_waivers

HEADER = ["姓名", "身份证号", "人员类别", "帮扶方式", "发放日期", "金额", "工作单位"]
AID = [
    ["测试甲", "990001196102021076", "困难职工", "慰问", "2021-02-03", "500", "一厂"],
    ["测试乙", "990002196203031149", "困难职工", "慰问", "2021-02-03", "300", "一厂"],
    ["测试丙", "990002196203031229", "困难职工", "慰问", "", "400", "一厂"],
]
FILES = [[*person, day] for person, day in zip([own[:2] for own in AID], ("2021-02-08", "2021-02-09", "2021-02-09"), strict=True)]
ENTRY = "  - {{fingerprint: {0}, reason: 已补办手续, by: 经审会, until: {1}}}\n"


@pytest.fixture
def ledgers(tmp_path: Path) -> Path:
    folder = tmp_path / "ledgers"
    folder.mkdir()
    for name, rows in (("aid.csv", [HEADER, *AID]), ("files.csv", [["姓名", "身份证号", "建档日期"], *FILES])):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def run(*words: object, env: dict[str, str] | None = None) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words], env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def judge(*words: object, as_of: str = "2021-12-31", key: str = "") -> dict[str, Any]:
    words = ("check", *words, "--policy", "A02", "--as-of", as_of, "--format", "json", "--max-not-evaluable", 1)
    found = json.loads(run(*words, env={"FUNDCHECK_KEY": key}).stdout)
    assert isinstance(found, dict)
    return found


def waive(path: Path, *fingerprints: str, until: str = "2022-06-30") -> Path:
    path.write_text("waivers:\n" + "".join(ENTRY.format(own, until) for own in fingerprints), encoding="utf-8")
    return path


def of(report: dict[str, Any], verdict: str) -> list[dict[str, Any]]:
    return [finding for finding in report["findings"] if finding["verdict"] == verdict]


def test_a_waived_finding_is_shown_with_who_why_and_until_and_counts_to_nothing_but_the_waived(ledgers: Path) -> None:
    before = judge(ledgers)
    first, second = of(before, "violation")
    after = judge(ledgers, "--waivers", waive(ledgers / "w.yaml", first["fingerprint"]))
    [waived] = of(after, "waived")
    assert waived["fingerprint"] == first["fingerprint"]
    assert waived["explanation"]["waiver"] == {
        "verdict": "violation",
        "reason": "已补办手续",
        "by": "经审会",
        "until": "2022-06-30",
    }
    assert [finding["explanation"] for finding in of(after, "violation")] == [None]
    assert after["summary"]["verdicts"] == {"violation": 1, "suspect": 0, "not_evaluable": 1, "waived": 1}
    assert [own["waived"] for own in after["coverage"]] == [1]
    assert (before["summary"]["amount_involved"], after["summary"]["amount_involved"]) == ("800.00", second["amount_involved"])
    assert (after["summary"]["persons"], after["summary"]["by_basis"]["norm"]) == (1, 1)


def test_coverage_adds_up_to_the_rows_with_waivers(ledgers: Path) -> None:
    [own] = judge(ledgers, "--waivers", waive(ledgers / "w.yaml", of(judge(ledgers), "violation")[0]["fingerprint"]))["coverage"]
    names = ("compliant", "violation", "suspect", "not_evaluable", "not_applicable", "waived")
    assert sum(own[name] for name in names) == own["rows"] == 3


def test_when_all_findings_are_waived_the_check_passes_and_something_was_judged(ledgers: Path) -> None:
    found = of(judge(ledgers), "violation")
    report = judge(ledgers, "--waivers", waive(ledgers / "w.yaml", *(own["fingerprint"] for own in found)))
    assert (report["summary"]["exit_code"], report["summary"]["amount_involved"]) == (0, "0.00")


@pytest.mark.parametrize(("as_of", "verdict"), [("2022-06-30", "waived"), ("2022-07-01", "violation")])
def test_a_waiver_holds_to_its_last_day_and_its_end_is_said(as_of: str, verdict: str, ledgers: Path) -> None:
    own = of(judge(ledgers), "violation")[0]["fingerprint"]
    waivers = waive(ledgers / "w.yaml", own)
    report = judge(ledgers, "--waivers", waivers, as_of=as_of)
    assert own in [finding["fingerprint"] for finding in of(report, verdict)]
    [fate] = report["run"]["waivers"]
    assert fate["status"] == ("applied" if verdict == "waived" else "expired")
    if verdict == "violation":
        shown = run("check", ledgers, "--policy", "A02", "--as-of", as_of, "--waivers", waivers).stdout
        assert "已于 2022-06-30" in re.sub(r"\s+", " ", shown)


def test_a_waiver_that_matches_nothing_is_said_in_json_and_on_the_terminal(ledgers: Path) -> None:
    waivers = waive(ledgers / "w.yaml", "0" * 31 + "a")
    report = judge(ledgers, "--waivers", waivers)
    assert [fate["status"] for fate in report["run"]["waivers"]] == ["unmatched"]
    assert report["run"]["notes"] == [report["run"]["waivers"][0]["message"]]
    assert "没有对应任何发现" in run("check", ledgers, "--policy", "A02", "--as-of", "2021-12-31", "--waivers", waivers).stdout


def test_what_could_not_be_judged_cannot_be_waived(ledgers: Path) -> None:
    [own] = of(judge(ledgers), "not_evaluable")
    report = judge(ledgers, "--waivers", waive(ledgers / "w.yaml", own["fingerprint"]))
    assert [fate["status"] for fate in report["run"]["waivers"]] == ["not_evaluable"]
    assert [finding["fingerprint"] for finding in of(report, "not_evaluable")] == [own["fingerprint"]]


def test_a_waiver_for_another_policy_is_not_applied(ledgers: Path) -> None:
    own = of(judge(ledgers), "violation")[0]["fingerprint"]
    waivers = waive(ledgers / "w.yaml", own)
    waivers.write_text(waivers.read_text(encoding="utf-8").replace("}", ", code: C05}"), encoding="utf-8")
    report = judge(ledgers, "--waivers", waivers)
    assert [fate["status"] for fate in report["run"]["waivers"]] == ["other_policy"]
    assert of(report, "waived") == []


@pytest.mark.parametrize("key", ["", "a secret of one's own"])
def test_without_a_key_it_is_said_that_rows_may_be_confused(key: str, ledgers: Path) -> None:
    own = of(judge(ledgers, key=key), "violation")[0]["fingerprint"]
    report = judge(ledgers, "--waivers", waive(ledgers / "w.yaml", own), key=key)
    assert len(of(report, "waived")) == 1
    assert any("没有密钥" in note for note in report["run"]["notes"]) == (not key)


def test_a_waiver_that_matches_several_findings_is_said() -> None:
    con = connect()
    con.execute(
        "CREATE TABLE findings AS SELECT n, 'A02' AS code, 'suspect' AS verdict, 1 AS recover, 1 AS short, repeat('a', 32) AS fingerprint,"
        f" CAST(NULL AS {WAIVER}) AS waiver FROM range(2) t(n)"
    )
    con.execute("CREATE TABLE leads AS SELECT * FROM findings LIMIT 0")
    waiver = Waiver(fingerprint="a" * 32, reason="r", by="b", until=date(2022, 1, 1))
    [fate] = apply_waivers(con, [waiver], date(2022, 1, 1), "en")
    assert (fate.status, fate.findings) == ("several", 2)
    assert "2 findings" in fate.message
    assert con.execute("SELECT count(*) FROM findings WHERE verdict = 'waived'").fetchone() == (2,)


def test_a_waiver_suspends_the_refund_case_of_its_finding(tmp_path: Path) -> None:
    pytest.importorskip("durable", reason="without durable-rules no case is followed")
    folder = Path(__file__).parents[1] / "examples" / "panyu"
    words = ("check", folder, "--policy", "F01", "--as-of", "2021-12-31", "--format", "json")
    [own] = json.loads(run(*words).stdout)["findings"]
    assert own["case"]["state"] == "overdue"
    report = json.loads(run(*words, "--waivers", waive(tmp_path / "w.yaml", own["fingerprint"])).stdout)
    assert [(one["verdict"], one["case"], one["amount_to_recover"]) for one in report["findings"]] == [("waived", None, "0.00")]


def test_every_mistake_in_a_file_of_waivers_is_reported_at_its_place(ledgers: Path) -> None:
    path = ledgers / "w.yaml"
    path.write_text(
        "waivers:\n"
        "  - {fingerprint: zz, reason: ' ', by: x, until: 2021-13-01}\n"
        "  - {fingerprint: 11111111111111111111111111111111, reson: r, by: x}\n",
        encoding="utf-8",
    )
    ran = run("check", ledgers, "--waivers", path)
    assert (ran.exit_code, ran.stdout) == (2, "")
    places = [tuple(map(int, place)) for place in re.findall(r"w\.yaml:(\d+):(\d+): ", ran.stderr)]
    assert [line for line, _ in places] == [2, 2, 2, 3, 3, 3]
    for words in (
        "waivers.0.fingerprint",
        "waivers.0.reason: 留空了",
        "waivers.0.until",
        "did you mean `reason`?",
        "until: missing",
    ):
        assert words in ran.stderr


def test_one_finding_is_waived_once_and_a_missing_file_is_said(ledgers: Path) -> None:
    ran = run("check", ledgers, "--waivers", waive(ledgers / "w.yaml", "a" * 32, "a" * 32))
    assert ran.exit_code == 2
    assert "w.yaml:3:" in ran.stderr
    assert "已有豁免" in ran.stderr
    ran = run("check", ledgers, "--waivers", ledgers / "none.yaml")
    assert ran.exit_code == 2
    assert "none.yaml:1:1: 豁免文件读不了" in ran.stderr
