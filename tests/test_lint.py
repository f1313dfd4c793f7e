"""Hold every rule of good policies: it finds its fault, leaves the mended policy alone, and says where and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from cli import main
from declared import Problem
from engine.expressions import Name
from engine.lint.constants import freed
from engine.lint.explain import Explained, explained
from engine.lint.rules import RULES, lint
from policies.load import read_library
from policies.scaffold import scaffold

BY_THE_LOADER = {"P00", "P01"}
OF_PAIRS = {"P16"}
CASES = """cases:
  - name: at the limit, above it, and an amount that cannot be read; the first day in force and the day before
    aid_payment:
      - {{name: 测试甲, pay_date: 2021-02-03, aid_kind: {kind}, amount: {good}}}
      - {{name: 测试乙, pay_date: 2021-02-03, aid_kind: {kind}, amount: {bad}}}
      - {{name: 测试丙, pay_date: 2021-02-03, aid_kind: {kind}, amount: X元}}
      - {{name: 测试甲, pay_date: 2015-05-07, aid_kind: {kind}, amount: {bad}}}
      - {{name: 测试甲, pay_date: 2015-05-08, aid_kind: {kind}, amount: {bad}}}
    expect: [compliant, suspect, not_evaluable, not_applicable, suspect]
  - innocent: the sum in full
    aid_payment: [{{name: 测试甲, pay_date: 2021-02-03, aid_kind: {kind}, amount: {good}}}]
    expect: [compliant]
"""


def write_policy(folder: Path, change: str = "", *, code: str = "H01", name: str = "one") -> Path:
    """Write the policy that `policies new` writes, with some keys changed."""
    path = folder / f"{name}.yaml"
    scaffold(path, code)
    keys = {**yaml.safe_load(path.read_text(encoding="utf-8")), **yaml.safe_load(change or "{}")}
    path.write_text(yaml.safe_dump(keys, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")
    return path


def problems(folder: Path) -> list[Problem]:
    library, refused = read_library([str(folder)], core=False)
    return lint(library, refused).problems


def codes(folder: Path) -> set[str]:
    return {found.what.partition(" ")[0] for found in problems(folder)}


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_what_policies_new_writes_breaks_no_rule(tmp_path: Path) -> None:
    write_policy(tmp_path / "own")
    assert problems(tmp_path / "own") == []


@pytest.mark.parametrize(("code", "rule"), explained().items(), ids=list(explained()))
def test_every_rule_finds_the_fault_of_its_example_and_leaves_the_mended_one_alone(
    code: str, rule: Explained, tmp_path: Path
) -> None:
    for name, change in (("faulty", rule.fault), ("mended", rule.mended)):
        write_policy(tmp_path / name, change)
        if rule.beside:
            write_policy(tmp_path / name, rule.beside, code="H02", name="other")
    found = [problem for problem in problems(tmp_path / "faulty") if problem.what.startswith(f"{code} ")]
    assert found
    for problem in found:
        assert problem.path.endswith(".yaml")
        assert problem.what.splitlines()[0].endswith((".", "?", "。"))
    assert code not in codes(tmp_path / "mended")


def test_every_rule_has_words_a_function_and_a_place_on_the_page() -> None:
    page = (Path(__file__).parents[1] / "docs" / "lint.md").read_text(encoding="utf-8")
    assert set(explained()) == {*RULES, *BY_THE_LOADER, *OF_PAIRS}
    for code, rule in explained().items():
        assert f"## {code} {rule.title.zh} · {rule.title.en}\n" in page


# -- clauses


@pytest.mark.parametrize(
    ("quote", "what"),
    [
        ("必须坚持“依档帮扶的原则", "`”` is missing"),
        ("不得发放购物卡）", "closes what the quote does not open"),
        ("的资金不得挪作他用", "begins with `的`"),
        ("，不得发放", "begins with `，`"),
        ("每户300元，困难户和", "ends with `和`"),
        ("应当先建档、", "ends with `、`"),
        ("必须坚持“依档帮扶”的原则", ""),
        ("资金只能用于对困难职工(农民工)群体开展帮扶救助", ""),
    ],
)
def test_a_quote_that_is_cut_short_is_told_by_its_shape(quote: str, what: str, tmp_path: Path) -> None:
    write_policy(tmp_path / "own", f"citations: [{{source: huadu-2021, section: 一, quote: '{quote}'}}]")
    found = [problem.what for problem in problems(tmp_path / "own") if problem.what.startswith("P03")]
    assert len(found) == bool(what)
    assert not what or what in found[0]


def test_a_quote_that_stands_in_the_text_is_judged_by_what_stands_beside_it(tmp_path: Path) -> None:
    write_policy(tmp_path / "own", "citations: [{source: panyu-2018, section: 三, quote: 向7}]")
    library, refused = read_library([str(tmp_path / "own")], core=False)
    text = "向79户困难职工家庭发放慰问品"
    told = {found.what.partition(" ")[0] for found in lint(library, refused, {"panyu-2018": text}).problems}
    assert {"P03", "P05"} <= told  # the number goes on, and the text is not the registered one
    assert any(
        "9" in found.what for found in lint(library, refused, {"panyu-2018": text}).problems if found.what.startswith("P03")
    )


@pytest.mark.parametrize(("quote", "status"), [("不在文中的话", "orphaned"), ("应当公示", "ambiguous")])
def test_with_the_texts_at_hand_a_quote_is_orphaned_or_ambiguous(quote: str, status: str, tmp_path: Path) -> None:
    write_policy(tmp_path / "own", f"citations: [{{source: panyu-2018, section: 三, quote: {quote}}}]")
    library, refused = read_library([str(tmp_path / "own")], core=False)
    told = [found.what for found in lint(library, refused, {"panyu-2018": "应当公示。应当公示。"}).problems]
    assert any(what.startswith(f"P05 quote: {status}") for what in told)


def test_a_citation_without_a_first_day_judges_days_before_its_document(tmp_path: Path) -> None:
    write_policy(tmp_path / "own", "citations: [{source: central-aid-2015, section: 三, paraphrase: {zh: 应当, en: must}}]")
    [what] = [found.what for found in problems(tmp_path / "own") if found.what.startswith("P04")]
    assert "judges every day" in what
    assert "2015-05-08" in what


# -- values of parameters


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ("[{value: 2000, to: 2019-12-31}, {value: 3000, from: 2020-01-02}]", "no value from 2020-01-01 to 2020-01-01"),
        ("[{value: 2000, to: 2020-01-01}, {value: 3000, from: 2020-01-01}]", "both hold on 2020-01-01"),
        ("[{value: 2000}, {value: 3000}]", "both hold on every day"),
        ("[{value: 3000, from: 2016-01-01}]", "the clause is in force from 2015-05-08"),
        ("[{value: 3000, from: 2020-01-01, to: 2019-01-01}]", "holds no day"),
        ("[{value: 2000, to: 2019-12-31}, {value: 3000, from: 2020-01-01}]", ""),
        ("[{value: 9000, from: 2020-05-01, to: 2020-05-07}, {value: 3000}]", ""),
        ("[{value: 2000, region: 甲}, {value: 3000}]", ""),
    ],
)
def test_the_time_line_of_a_parameter_has_no_gap_and_no_overlap(values: str, what: str, tmp_path: Path) -> None:
    write_policy(tmp_path / "own", f"parameters: {{limit: {{zh: 限, en: limit, values: {values}}}}}")
    found = [problem.what for problem in problems(tmp_path / "own") if problem.what.startswith("P14")]
    assert bool(found) == bool(what)
    assert not what or any(what in one for one in found)


TWO = """
citations:
  - {{source: base-union-funds-2014, section: 一, paraphrase: {{zh: 限, en: limit}}, in_force: {{from: 2014-07-30, to: 2017-12-31}}}}
  - {{source: base-union-funds-2017, section: 一, paraphrase: {{zh: 限, en: limit}}, in_force: {{from: 2018-01-01}}}}
parameters: {{limit: {{zh: 限, en: limit, values: {values}}}}}
"""


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ("[{value: 3000}]", "does not say which clause set it"),
        ("[{value: 3000, citation: 0}]", "holds on 2018-01-01, its clause does not"),
        ("[{value: 3000, to: 2017-12-31, citation: 1}, {value: 3000, from: 2018-01-01, citation: 1}]", "its clause does not"),
        ("[{value: 3000, citation: 7}]", "there is no citation number 7"),
        ("[{value: 3000, citation: own}]", ""),
        ("[{value: 2000, to: 2017-12-31, citation: 0}, {value: 3000, from: 2018-01-01, citation: 1}]", ""),
    ],
)
def test_a_value_says_which_clause_set_it_and_holds_on_its_days(values: str, what: str, tmp_path: Path) -> None:
    write_policy(tmp_path / "own", TWO.format(values=values))
    found = [problem.what for problem in problems(tmp_path / "own") if problem.what.startswith("P15")]
    assert bool(found) == bool(what)
    assert not what or any(what in one for one in found)


# -- conditions


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("amount > 5 AND amount < 3", "is never true"),
        ("amount = amount", "is never false"),
        ("amount > 5 AND name = name", "`name = name` is never false"),
        ("amount > 5 OR name <> name", ""),
        ("pay_date > DATE '2021-01-01' AND pay_date < DATE '2021-01-02'", "is never true"),
        ("amount BETWEEN 5 AND 3", "is never true"),
        ("amount + goods_value > 5 AND amount + goods_value < 3", "is never true"),
        ("name = '甲' AND name = '乙'", "is never true"),
        ("aid_kind = '医疗' AND aid_kind IN ('慰问', '生活')", "is never true"),
        ("amount < goods_value AND goods_value < amount", "is never true"),
        ("CASE WHEN amount > 1 THEN FALSE ELSE FALSE END", "is never true"),
        ("name IS NULL OR name IS NOT NULL", "is never false"),
        ("amount > 5 AND amount < 6", ""),
        ("amount > 3 OR amount IS NULL", ""),
        ("amount = goods_value", ""),
        ("pay_date > DATE '2021-01-01' AND pay_date < DATE '2021-01-03'", ""),
        ("name LIKE '%甲%' AND NOT name LIKE '%乙%'", ""),
        ("TRUE", ""),
    ],
)
def test_a_condition_with_one_answer_for_all_rows_is_told_and_no_other(condition: str, said: str, tmp_path: Path) -> None:
    write_policy(tmp_path / "own", f'applies_when: "{condition}"')
    found = [problem.what for problem in problems(tmp_path / "own") if problem.what.startswith("P11")]
    assert len(found) == bool(said)
    assert not said or said in found[0]


def test_names_that_are_compared_with_each_other_are_given_the_limits_of_both() -> None:
    from engine.conditions import parse

    scope = {name: Name(f'"{name}"', "date") for name in ("a", "b")}
    free = freed(parse("a < b AND b <= DATE '2021-02-03'"), scope)
    assert free.limits["v0"] == free.limits["v1"]
    assert len(free.types) == 2


@pytest.mark.parametrize(
    ("column", "value", "seen"),
    [("name", "zh", set()), ("amount", "2999.99", {"2999.99"}), ("amount", "3000", {"3000"})],
)
def test_a_cell_that_is_not_at_the_limit_does_not_count_for_it(column: str, value: str, seen: set[str], tmp_path: Path) -> None:
    cases = f"cases: [{{name: one, aid_payment: [{{{column}: '{value}', pay_date: 2021-02-03}}], expect: [compliant]}}]"
    write_policy(tmp_path / "own", cases)
    told = [found.what for found in problems(tmp_path / "own") if found.what.startswith("P09 requires")]
    at_limit = any("the limit itself" in what for what in told)
    assert at_limit == (seen == {"2999.99"})


# -- pairs


def pair(folder: Path, first: str, second: str) -> tuple[list[str], list[tuple[str, str]]]:
    write_policy(folder, first)
    write_policy(folder, second, code="H02", name="other")
    library, refused = read_library([str(folder)], core=False)
    found = lint(library, refused)
    return [one.what for one in found.problems if one.what.startswith("P16")], found.undecided


def asking(kind: str, requires: str, good: str, bad: str, applies: str = "amount IS NOT NULL") -> str:
    return CASES.format(kind=kind, good=good, bad=bad) + f'applies_when: "{applies}"\nrequires: "{requires}"\n'


def test_two_policies_that_no_amount_complies_with_are_told_with_the_row(tmp_path: Path) -> None:
    told, undecided = pair(
        tmp_path / "own", asking("慰问", "amount = 300", "300", "301"), asking("慰问", "amount = 500", "500", "501")
    )
    assert undecided == []
    [what] = told
    assert what.startswith("P16 requires: no amount complies with H01 (own) too, for a row with amount 300")


def test_policies_that_contradict_each_other_for_one_kind_of_aid_only_are_told_for_that_kind(tmp_path: Path) -> None:
    first = asking("医疗", "CASE WHEN aid_kind = '医疗' THEN amount <= 300 ELSE amount <= 900 END", "300", "301")
    told, _ = pair(tmp_path / "own", first, asking("医疗", "amount >= 500", "500", "499"))
    assert len(told) == 1
    assert "aid_kind 医疗" in told[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (asking("慰问", "amount <= 300", "300", "301"), asking("慰问", "amount <= 500", "500", "501")),
        (asking("慰问", "amount >= 300", "300", "299"), asking("慰问", "amount <= 300", "300", "301")),
        (asking("慰问", "pay_date <= filed_at", "1", "2"), asking("慰问", "pay_date >= DATE '2021-01-01'", "1", "2")),
    ],
)
def test_policies_that_one_row_can_comply_with_are_left_alone(first: str, second: str, tmp_path: Path) -> None:
    first = first.replace("filed_at", "publicity_end")
    told, undecided = pair(tmp_path / "own", first, second)
    assert (told, undecided) == ([], [])


def test_policies_that_never_ask_the_same_row_are_undecided_and_no_fault(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    medical = asking("医疗", "amount = 500", "500", "501", "aid_kind = '医疗'")
    told, undecided = pair(folder, asking("慰问", "amount = 300", "300", "301", "aid_kind = '慰问'"), medical)
    assert (told, undecided) == ([], [("H01", "H02")])
    library, _ = read_library([str(folder)], core=False)
    assert set(library.policies) == {"H01", "H02"}


# -- the command


def test_the_command_gives_place_code_and_next_step_of_all_problems_at_once(tmp_path: Path) -> None:
    write_policy(tmp_path / "own", "severty: high\nremedy: {action: explain, zh: 请追回, en: Recover}")
    write_policy(tmp_path / "own", "requires: amuont <= :limit", code="H02", name="other")
    ran = run("policies", "lint", "--pack", tmp_path / "own")
    assert ran.exit_code == 2
    lines = [line for line in ran.stderr.splitlines() if ".yaml:" in line]  # a condition is shown below its problem
    assert all(re.match(r".+\.yaml:[0-9]+:[0-9]+: P[0-9]{2} .+", line) for line in lines)
    assert any("P00" in line and "did you mean `severity`?" in line for line in lines)
    assert any("P10" in line and "did you mean `amount`?" in line for line in lines)


def test_a_rule_is_explained_and_an_unknown_one_is_wrong_usage() -> None:
    ran = run("policies", "lint", "--explain", "P07")
    assert ran.exit_code == 0
    assert ran.stdout.startswith("## P07 ")
    assert explained()["P07"].mended.strip() in ran.stdout
    wrong = run("policies", "lint", "--explain", "P77")
    assert (wrong.exit_code, "did you mean" in wrong.stderr) == (2, True)


def test_what_stays_undecided_is_counted_and_named_where_asked(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    pair(
        folder, asking("慰问", "amount * amount <= 90000", "300", "301"), asking("慰问", "amount * amount > 90000", "301", "300")
    )
    ran = run("policies", "lint", "--pack", folder, "--verbose")
    assert "P16 undecided: H01 and H02" in ran.stdout
