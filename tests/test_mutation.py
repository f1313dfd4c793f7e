"""Mutation of policies: what no case tells from the policy is reported, and what is listed as meaning the same must survive."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from engine.mutants import mutants, rewritten
from engine.mutation import try_mutants
from ledgers.kinds import Kind
from policies.load import load_library, shipped_packs
from policies.model import Parameter

LIBRARY = load_library([name for name in shipped_packs() if name != "core"])

PACK = """pack: {name}
title: {{zh: 试, en: Trial}}
scope: {{zh: 试, en: Trial}}
narrowness: 50
"""
POLICY = """code: Z01
id: most
title: {{zh: 限额, en: The most}}
why: {{zh: 试, en: Trial}}
category: 标准
severity: medium
basis: inferred
citations: [{{source: central-aid-2015, section: 第五条, paraphrase: {{zh: 试, en: Trial}}}}]
dated_by: pay_date
ledger: aid_payment
requires: amount <= 500
involved: amount
message: {{zh: "{{amount}}元", en: "{{amount}} yuan"}}
remedy: {{action: explain, zh: 请说明, en: Explain}}
cleared_by: document
{more}
cases:
  - {{name: below, aid_payment: [{{name: 测试甲, pay_date: 2021-02-03, amount: 500}}], expect: [compliant]}}
  - {{name: above, aid_payment: [{{name: 测试甲, pay_date: 2021-02-03, amount: {above}}}], expect: [suspect]}}
"""


def mutated(folder: Path, above: str, more: str = "") -> tuple[int, list[str]]:
    pack = folder / "trial"
    pack.mkdir()
    (pack / "pack.yaml").write_text(PACK.format(name="trial"), encoding="utf-8")
    (pack / "most.yaml").write_text(POLICY.format(above=above, more=more), encoding="utf-8")
    done = CliRunner().invoke(main, ["policies", "mutate", "--pack", str(pack), "--policy", "Z01"])
    return done.exit_code, done.output.splitlines()


def test_a_policy_with_cases_on_both_sides_of_its_limit_has_no_survivor(tmp_path: Path) -> None:
    assert mutated(tmp_path, "500.01") == (0, ["3 mutants, 0 problems, 0 proven equivalents"])


def test_a_limit_that_no_case_meets_from_above_is_reported_with_its_change(tmp_path: Path) -> None:
    code, said = mutated(tmp_path, "900")
    assert code == 1
    assert said[0].endswith("Z01 survives: requires: 500 -> 501")
    assert said[1:] == ["3 mutants, 1 problems, 0 proven equivalents"]


def test_a_mutant_that_means_the_same_is_listed_with_its_reason_and_counted_apart(tmp_path: Path) -> None:
    listed = 'equivalents: {"requires: 500 -> 501": "没有 500 与 501 之间的金额"}'
    assert mutated(tmp_path, "900", listed) == (0, ["3 mutants, 0 problems, 1 proven equivalents"])


def test_an_equivalent_that_a_case_tells_apart_is_listed_in_vain(tmp_path: Path) -> None:
    code, said = mutated(tmp_path, "500.01", 'equivalents: {"requires: 500 -> 501": "不成立"}')
    assert (code, said[-1]) == (1, "3 mutants, 1 problems, 0 proven equivalents")


TWIN = "joins: {twin: {ledger: aid_payment, match: name, where: amount > 600, total: {n: count(*)}}}\nshows: {twins: twin.n}"


def test_a_join_that_only_a_message_shows_has_no_mutants(tmp_path: Path) -> None:
    assert mutated(tmp_path, "500.01", TWIN) == (0, ["3 mutants, 0 problems, 0 proven equivalents"])


def test_a_join_that_is_asked_through_what_is_shown_has_mutants(tmp_path: Path) -> None:
    code, said = mutated(tmp_path, "500.01", f"{TWIN}\napplies_when: twins = 0")
    assert code == 1
    assert any(line.endswith("Z01 survives: joins.twin: where 600 -> 601") for line in said)


def test_without_packs_the_mutants_of_all_that_are_shipped_are_tried() -> None:
    done = CliRunner().invoke(main, ["policies", "mutate", "--policy", "A05"])
    assert done.exit_code == 0
    assert not done.output.startswith("0 mutants")  # A05 stands in no pack that is always chosen


def test_two_processes_say_what_one_says() -> None:
    asked = ["policies", "mutate", "--policy", "A05", "--policy", "G07"]
    one, two = (CliRunner().invoke(main, [*asked, "--workers", workers]) for workers in ("1", "2"))
    assert (two.exit_code, two.output) == (one.exit_code, one.output) == (0, one.output)


def test_an_extension_answers_neither_for_the_mutants_nor_for_the_equivalents_below_it() -> None:
    done = CliRunner().invoke(main, ["policies", "mutate", "--policy", "C05"])
    assert done.exit_code == 0
    assert done.output.endswith(" mutants, 0 problems, 5 proven equivalents\n")


@pytest.mark.parametrize("number", range(0, len(LIBRARY.layers), 15))
def test_no_change_to_a_policy_of_the_sample_goes_unnoticed(number: int, kinds: dict[str, Kind]) -> None:
    """scripts/mutation.sh tries all policies."""
    trial = try_mutants(LIBRARY.layers[number], LIBRARY, kinds)
    assert (trial.path, trial.survivors, trial.unknown) == (LIBRARY.layers[number].files[-1].path, (), ())


def test_changes_with_the_same_words_are_told_apart() -> None:
    policy = load_library([]).layers[0].policy.model_copy(update={"requires": "amount < 1 OR amount < 1"})
    said = [mutant.change for mutant in mutants(policy, {"requires": ""})]
    assert "requires: 1 -> 2" in said
    assert "requires: 1 -> 2 (2)" in said
    assert len(set(said)) == len(said)


def test_a_day_on_which_an_earlier_value_decides_is_no_change() -> None:
    policy = next(one.policy for one in load_library([]).layers if one.policy.parameters)
    old, new = {"value": 1, "to": "2021-12-31"}, {"value": 2, "from": "2022-01-01"}
    limit = Parameter.model_validate({"zh": "限", "en": "limit", "values": [old, new]})
    said = [
        mutant.change
        for mutant in mutants(policy.model_copy(update={"parameters": {"limit": limit}}), {"parameters": {"limit": 0}})
    ]
    assert [words for words in said if "2022-01-01 ->" in words] == ["parameters.limit.1: start 2022-01-01 -> 2022-01-02"]
    assert len([words for words in said if "2021-12-31 ->" in words]) == 2


def test_a_shown_value_is_changed_where_the_question_names_it() -> None:
    policy = load_library([]).layers[0].policy
    shows = {"twice": "amount * 2", "more": "twice", "beside": "amount * 3"}
    asked = policy.model_copy(update={"shows": shows, "requires": "more <= 5 AND archive.beside <= 5"})
    said = [mutant.change for mutant in mutants(asked, {"shows": shows})]
    assert said == ["shows.twice: amount * 2 -> amount / 2", "shows.twice: 2 -> 1", "shows.twice: 2 -> 3"]


def test_a_text_of_a_parameter_becomes_one_that_the_question_names() -> None:
    policy = load_library([]).layers[0].policy
    day = Parameter.model_validate({"zh": "日", "en": "day", "values": [{"value": "春节"}, {"value": "平日"}]})
    asked = policy.model_copy(update={"parameters": {"day": day}, "requires": ":day = '平日'"})
    said = [mutant.change for mutant in mutants(asked, {"parameters": {"day": 0}})]
    assert said == ["parameters.day.0: 春节 -> 平日", "parameters.day.1: 平日 -> ∅"]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("amount <= 500", {"amount < 500", "amount <= 499", "amount <= 501"}),
        ("a AND NOT b", {"a", "NOT b", "a AND b"}),
        ("a <> ''", {"a = ''"}),
        ("kind IN ('x', 'y')", {"kind IN ('x')", "kind IN ('y')"}),
        ("day >= DATE '2021-01-01'", {"day > CAST('2021-01-01' AS DATE)", "day >= CAST('2020-12-31' AS DATE)", "day >= CAST('2021-01-02' AS DATE)"}),
    ],
)  # fmt: skip
def test_each_mutant_differs_in_one_node(text: str, changes: set[str]) -> None:
    assert {changed for _, changed in rewritten(text)} == changes
