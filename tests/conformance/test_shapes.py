"""Every shape of a policy means the same on every engine: what small scenes say of each of their rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.check import Request
from engine.report import Report
from engine.stores.store import Store
from engine.vast import MOST_WORDS
from ledgers.kinds import load_kinds
from policies.load import load_library
from tests.conformance.engines import Ledgers, judged_by_duckdb, judged_by_postgres, judged_by_spark, told
from tests.reference import Sheet, judge_all
from tests.test_engine_agrees import differences

AS_OF = date(2021, 12, 31)
SCENES: list[dict[str, Any]] = yaml.load(
    Path(__file__).with_name("shapes.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)["scenes"]
LONG = " AND ".join(["amount > 400"] * ((MOST_WORDS + 1) // 4))
SCENES[-1]["cases"].append({"shape": "row of a hundred clauses", "requires": LONG, "expect": "cvn"})
VERDICTS = {"c": "compliant", "v": "violation", "s": "suspect", "n": "not_evaluable", ".": "not_applicable", "-": "not_judged"}
PACK = "pack: scene\ntitle: {zh: 场景, en: Scene}\nscope: {zh: 场景, en: Scene}\nnarrowness: 50\n"
WORDS = {"zh": "形态", "en": "a shape"}
CITED = {"source": "central-aid-2015", "section": "形态", "paraphrase": WORDS}
every_scene = pytest.mark.parametrize("scene", SCENES, ids=[scene["scene"] for scene in SCENES])


def policy_of(number: int, case: dict[str, Any]) -> dict[str, Any]:
    """Make a policy of one case."""
    policy: dict[str, Any] = {
        "code": f"H{number:02}", "id": f"shape-{number:02}", "title": WORDS, "why": WORDS, "category": "标准", "severity": "medium",
        "basis": "norm", "ledger": "aid_payment", "dated_by": "pay_date", "involved": "0", "message": WORDS,
        "remedy": {"action": "explain", **WORDS}, "cleared_by": "document",
    }  # fmt: skip
    policy |= {key: value for key, value in case.items() if key not in ("shape", "over", "expect")}
    policy["ledger"] = case.get("over", "aid_payment")
    policy["citations"] = [{**CITED, **own} for own in case.get("citations", [{}])]
    policy["readings"] = {name: {**WORDS, "requires": text} for name, text in case.get("readings", {}).items()}
    policy["assume"] = {name: {**WORDS, "value": text} for name, text in case.get("assume", {}).items()}
    policy["parameters"] = {name: {**WORDS, **_plain(own)} for name, own in case.get("parameters", {}).items()}
    return policy


def _plain(told: Any) -> Any:
    """Read the numbers and days of a parameter, as they would stand in a policy."""
    if isinstance(told, str):
        return yaml.safe_load(told)
    return {k: _plain(v) for k, v in told.items()} if isinstance(told, dict) else [_plain(v) for v in told]


def request_of(scene: dict[str, Any], folder: Path) -> Request:
    """Ask for the policies of a scene, written as a pack."""
    pack = folder / "scene"
    pack.mkdir()
    (pack / "pack.yaml").write_text(PACK, encoding="utf-8")
    for number, case in enumerate(scene["cases"]):
        text = yaml.safe_dump(policy_of(number, case), allow_unicode=True, sort_keys=False)
        (pack / f"shape-{number:02}.yaml").write_text(text, encoding="utf-8")
    codes = tuple(f"H{number:02}" for number in range(len(scene["cases"])))
    return Request(AS_OF, packs=(str(pack),), core=False, only=codes, region=scene.get("region"))


def ledgers_of(scene: dict[str, Any]) -> Ledgers:
    found: dict[str, list[Sheet]] = {}
    for kind, rows in scene["ledgers"].items():
        for own in rows if isinstance(rows[0], list) else [rows]:
            columns = tuple(dict.fromkeys(name for row in own for name in row))
            sheet = Sheet(columns, [{name: row.get(name) for name in columns} for row in own])
            found.setdefault(kind, []).append(sheet)
    return found


def wanted(scene: dict[str, Any]) -> dict[str, list[str]]:
    return {f"H{n:02}": [VERDICTS[letter] for letter in case["expect"]] for n, case in enumerate(scene["cases"])}


def wrong(report: Report, scene: dict[str, Any]) -> list[str]:
    """List what a report says otherwise than a scene."""
    assert [own.code for own in report.coverage] == list(wanted(scene))
    assert [note.message for note in report.notes if note.fatal] == []  # every sheet was judged
    return differences(report, wanted(scene))


@every_scene
def test_plain_python_says_what_a_scene_says(scene: dict[str, Any], tmp_path: Path) -> None:
    request = request_of(scene, tmp_path)
    policies = [loaded.policy for loaded in load_library(request.packs, core=False).layers]
    assert judge_all(policies, load_kinds(), ledgers_of(scene), AS_OF, region=request.region) == wanted(scene)


@every_scene
def test_duckdb_says_what_a_scene_says(scene: dict[str, Any], tmp_path: Path) -> None:
    assert wrong(judged_by_duckdb(request_of(scene, tmp_path), ledgers_of(scene), tmp_path), scene) == []


@every_scene
def test_postgresql_says_what_a_scene_says(scene: dict[str, Any], tmp_path: Path, postgres: str) -> None:
    _agrees(scene, tmp_path, lambda request, ledgers: judged_by_postgres(request, ledgers, postgres))


@pytest.mark.spark
@every_scene
def test_spark_says_what_a_scene_says(scene: dict[str, Any], tmp_path: Path, spark: Store) -> None:
    _agrees(scene, tmp_path, lambda request, ledgers: judged_by_spark(request, ledgers, spark, tmp_path))


@pytest.mark.spark
def test_spark_does_not_keep_the_grammar_of_every_statement(spark: Store) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.active()
    learned = session._jvm.org.apache.spark.sql.catalyst.parser.AbstractParser  # type: ignore[union-attr]
    share = "spark.sql.parser.parserDfaCacheFlushRatio"
    usual = session.conf.get(share)
    spark.run("SELECT CASE WHEN id > 1 THEN 1 END FROM range(3)", {})
    assert learned.getDFACacheNumStates() > 0
    session.conf.set(share, "0.0001")
    try:
        spark.run("SELECT CASE WHEN id > 2 THEN 2 END FROM range(3)", {})
    finally:
        session.conf.set(share, usual)
    assert learned.getDFACacheNumStates() == 0


def _agrees(scene: dict[str, Any], folder: Path, judged: Callable[[Request, Ledgers], Report]) -> None:
    request, ledgers = request_of(scene, folder), ledgers_of(scene)
    here, there = judged_by_duckdb(request, ledgers, folder), judged(request, ledgers)
    assert wrong(there, scene) == []
    assert told(there) == told(here)


def test_scenes_show_every_shape_and_every_verdict() -> None:
    cases = [case for scene in SCENES for case in scene["cases"]]
    assert len(cases) >= 60
    assert {letter for case in cases for letter in case["expect"]} == set(VERDICTS)
    shapes = {case["shape"].split()[0] for case in cases}
    assert shapes >= {
        "row",
        "exists",
        "absent",
        "pick",
        "strays",
        "total",
        "group",
        "tie-out",
        "cited",
        "parameter",
        "reading",
        "parts",
        "text",
    }
