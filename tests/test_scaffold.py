"""A new policy works before a word of it is changed, and the schema for editors knows every key that policies use."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from cli import main
from declared import read, read_text
from engine.lint.rules import lint
from policies.load import PACKS, load_library
from policies.model import Policy, policy_schema

SCHEMA = jsonschema.Draft202012Validator(policy_schema())


def plain(value: Any) -> Any:
    """Write exact decimals as an editor reads them."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def complaints(text: str) -> list[str]:
    return [error.message for error in SCHEMA.iter_errors(plain(read_text(text, "policy").data))]


@pytest.fixture
def scaffolded(tmp_path: Path) -> Path:
    path = tmp_path / "rules" / "single-payment.yaml"
    ran = CliRunner().invoke(main, ["policies", "new", str(path), "--code", "H01"])
    assert ran.exit_code == 0, ran.output
    return path


def test_a_new_policy_breaks_no_rule_of_lint(scaffolded: Path) -> None:
    library = load_library([str(scaffolded.parent)], core=False)
    assert [str(problem) for problem in lint(library).problems] == []
    assert set(library.policies) == {"H01"}


@pytest.mark.parametrize(("command", "says"), [("test", "4 passed, 0 failed"), ("mutate", "0 problems, 0 proven equivalents")])
def test_a_new_policy_passes_its_cases_and_lets_no_mutant_live(command: str, says: str, scaffolded: Path) -> None:
    ran = CliRunner().invoke(main, ["policies", command, "--pack", str(scaffolded.parent), "--policy", "H01"])
    assert (ran.exit_code, says in ran.output) == (0, True), ran.output


def test_the_schema_accepts_a_new_policy_and_every_policy_that_is_shipped(scaffolded: Path) -> None:
    files = [scaffolded, *(path for path in sorted(PACKS.glob("*/*.yaml")) if path.name != "pack.yaml")]
    assert [(path.name, error.message) for path in files for error in SCHEMA.iter_errors(plain(read(path).data))] == []
    assert len(files) > 100


def test_the_schema_knows_every_key_of_a_policy() -> None:
    fields = {field.alias or name for name, field in Policy.model_fields.items()}
    assert set(policy_schema()["properties"]) == fields
    assert {"equivalents", "extends", "group", "shows"} <= fields


LIMIT = "limit: {zh: 上限, en: limit, unit: 元, least: 0.01, values: [{value: 3000}]}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LIMIT, "limit: {zh: 上限, en: limit, ask: true, example: 3000, values: []}"),
        (LIMIT, "limit: {zh: 上限, en: limit, by: [aid_kind], values: [{value: 2021-02-12, aid_kind: 慰问, region: 湖北省, from: 2018-01-01}]}"),
        ("basis: inferred ", "basis: lead "),
        ("cleared_by: document", 'cleared_by: document\nequivalents: {"requires: 1 -> 2": 没有差别}'),
        ("    section: 写明条款", "    section: 写明条款\n    region: 湖北省\n    basis: reported\n    recited_in: yuanjiang-2021"),
        ("    expect: [not_evaluable]", "    region: 湖北省\n    parameters: {limit: 5}\n    expect: [lead, no_lead]"),
    ],
)  # fmt: skip
def test_the_schema_accepts_each_key_that_came_later(old: str, new: str, scaffolded: Path) -> None:
    text = scaffolded.read_text(encoding="utf-8")
    assert old in text
    assert complaints(text.replace(old, new, 1)) == []


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ("values: [{value: 3000}]", "vaules: [{value: 3000}]", "vaules"),
        ("basis: inferred ", "basis: leed ", "leed"),
        ("expect: [not_evaluable]", "expect: [not_evaluabel]", "not_evaluabel"),
        ("least: 0.01", "ask: vielleicht", "vielleicht"),
        ("cleared_by: document", "equivalents: [a]", "cleared_by"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(old: str, new: str, about: str, scaffolded: Path) -> None:
    text = scaffolded.read_text(encoding="utf-8")
    assert old in text
    assert re.search(about, " ".join(complaints(text.replace(old, new, 1))))


def test_a_new_policy_is_never_written_over_another(scaffolded: Path) -> None:
    before = scaffolded.read_bytes()
    assert CliRunner().invoke(main, ["policies", "new", str(scaffolded), "--code", "H02"]).exit_code == 2
    assert scaffolded.read_bytes() == before
