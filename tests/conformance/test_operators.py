"""Every operator of the condition language means the same on every engine: what its cases say of each row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlglot import exp

from engine.check import Request
from engine.conditions import _HANDLERS
from engine.operators import MEASURES, OPERATORS
from engine.report import Report
from engine.stores.store import Store
from ledgers.kinds import load_kinds
from policies.load import load_library
from tests import reference
from tests.conformance.engines import Ledgers, judged_by_duckdb, judged_by_postgres, judged_by_spark
from tests.reference import Sheet, judge_all
from tests.test_engine_agrees import flagged

AS_OF = date(2021, 12, 31)
TOLD = yaml.load(Path(__file__).with_name("operators.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
VERDICTS = {"c": "compliant", "v": "violation", "n": "not_evaluable"}
CASES = [*TOLD["cases"], *TOLD["measures"]]
PACK = "pack: operators\ntitle: {zh: 运算, en: Operators}\nscope: {zh: 运算, en: Operators}\nnarrowness: 50\n"


def policy_of(number: int, case: dict[str, Any]) -> dict[str, Any]:
    """Make a policy of one case."""
    words = {"zh": "运算", "en": "an operator"}
    policy: dict[str, Any] = {
        "code": f"H{number:02}", "id": f"operator-{number:02}", "title": words, "why": words, "category": "标准", "severity": "medium",
        "basis": "norm", "citations": [{"source": "central-aid-2015", "section": "运算", "paraphrase": words}],
        "ledger": case["over"], "dated_by": "year" if case["over"] == "budget_execution" else "pay_date", "requires": case["requires"],
        "involved": "0", "message": words, "remedy": {"action": "explain", **words}, "cleared_by": "document",
    }  # fmt: skip
    if "measures" in case:
        policy["group"] = {"per": [case["per"]], "measures": case["measures"]}
    if ":limit" in case["requires"]:
        policy["parameters"] = {"limit": {**words, "unit": "元", "values": [{"value": 500}]}}
    return policy


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a pack with one policy a case."""
    folder: Path = tmp_path_factory.mktemp("packs") / "operators"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    for number, case in enumerate(CASES):
        text = yaml.safe_dump(policy_of(number, case), allow_unicode=True, sort_keys=False)
        (folder / f"operator-{number:02}.yaml").write_text(text, encoding="utf-8")
    return folder


def ledgers() -> Ledgers:
    found = {}
    for kind, rows in TOLD["ledgers"].items():
        columns = tuple(dict.fromkeys(name for row in rows for name in row))
        found[kind] = [Sheet(columns, [{name: row.get(name) for name in columns} for row in rows])]
    return found


def differences(said: dict[str, list[str]]) -> list[str]:
    """List the cases in which an engine says something else."""
    wrong = []
    for number, case in enumerate(CASES):
        wanted = [VERDICTS[letter] for letter in case["expect"]]
        if said[f"H{number:02}"] != wanted:
            wrong.append(f"{case['operator']}: {case['requires']}\n  wanted {wanted}\n  found  {said[f'H{number:02}']}")
    return wrong


def told_by(report: Report) -> dict[str, list[str]]:
    found = flagged(report)
    rows = {kind: len(own) for kind, own in TOLD["ledgers"].items()}
    counted = {own.code: own.rows - own.compliant for own in report.coverage}
    said = {}
    for number, case in enumerate(CASES):
        code = f"H{number:02}"
        said[code] = [found.get(code, {}).get(row, "compliant") for row in range(rows[case["over"]])]
        assert counted[code] == len(found.get(code, {})), f"{code}: rows are neither flagged nor compliant"
    return said


def request_of(pack: Path) -> Request:
    return Request(AS_OF, packs=(str(pack),), core=False, only=tuple(f"H{number:02}" for number in range(len(CASES))))


def test_plain_python_says_what_the_cases_say(pack: Path) -> None:
    policies = [loaded.policy for loaded in load_library([str(pack)], core=False).layers]
    assert len(policies) == len(CASES)
    assert differences(judge_all(policies, load_kinds(), ledgers(), AS_OF)) == []


def test_duckdb_says_what_the_cases_say(pack: Path) -> None:
    assert differences(told_by(judged_by_duckdb(request_of(pack), ledgers()))) == []


def test_postgresql_says_what_the_cases_say(pack: Path, postgres: str) -> None:
    assert differences(told_by(judged_by_postgres(request_of(pack), ledgers(), postgres))) == []


@pytest.mark.spark
def test_spark_says_what_the_cases_say(pack: Path, spark: Store) -> None:
    assert differences(told_by(judged_by_spark(request_of(pack), ledgers(), spark))) == []


def test_an_operator_has_a_reader_a_plain_meaning_and_cases() -> None:
    names = [operator.name for operator in (*OPERATORS, *MEASURES)]
    assert len(names) == len(set(names)) > 30
    assert {case["operator"] for case in CASES} == set(names)
    nodes = {node for operator in OPERATORS for node in operator.nodes}
    plain: dict[type, Callable[..., Any]] = reference._RULES
    assert nodes == set(_HANDLERS) == set(plain) - {exp.Null}  # NULL stands in assumptions only
    functions = {operator.function for operator in OPERATORS if operator.function}
    asked = {case["requires"].partition("(")[0] for case in TOLD["cases"] if case["operator"] in functions}
    assert asked == functions
