"""Conditions made up from the grammar of the language mean the same on every engine, to the last fingerprint."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.check import Request
from engine.report import Report
from engine.stores.store import Store
from ledgers.kinds import load_kinds
from policies.load import load_library
from tests.conformance.engines import judged_by_duckdb, judged_by_postgres, judged_by_spark
from tests.conformance.test_generated import told
from tests.conformance.test_operators import AS_OF, PACK, ledgers, policy_of
from tests.reference import judge_all
from tests.test_engine_agrees import differences

Texts = st.SearchStrategy[str]
IN_ONE_PACK = 60
EXAMPLES = int(os.environ.get("FUNDCHECK_POLICIES", "120")) // IN_ONE_PACK
tries = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

NUMBERS = {
    "aid_payment": ("amount", "goods_value"),
    "budget_execution": ("budget_amount", "executed_amount", "year", "stated_rate"),
}
DAYS = ("pay_date", "transferred_at", "as_of", "DATE '2021-02-03'", "DATE '2021-02-28'", "DATE '2020-02-29'")
LITERALS = ("0", "1", "2", "0.01", "100.5", "300.55", "500", "999.99", "2021")
PLAIN = {
    "aid_payment": (
        "on_city_list", "name LIKE '测试_'", "name LIKE '%等%'", "campaign = '春节'", "campaign <> '五一'", "beneficiary_type = '劳模'",
        "beneficiary_type IN ('困难职工', '困难农民工')", "identity_form(id_no) = 'sound'", "amount IS NULL", "pay_date IS NOT NULL", "id_no IS NULL",
    ),
    "budget_execution": ("subject = '甲'", "subject IN ('乙', '丙')", "executed_amount IS NULL", "stated_rate IS NOT NULL", "year = 2021"),
}  # fmt: skip


def numbers(kind: str, deep: int) -> Texts:
    """Make up numbers: columns, literals, and what is reckoned of them."""
    leaf = st.one_of(st.sampled_from(NUMBERS[kind]), st.sampled_from(LITERALS))
    if deep == 0:
        return leaf
    less = numbers(kind, deep - 1)
    made = [
        leaf,
        st.builds("({} {} {})".format, less, st.sampled_from("+-"), less),
        st.builds("{} * {}".format, leaf, st.sampled_from(("0.5", "3", "0.01"))),
        st.builds("(-{})".format, leaf),
        st.builds("abs({})".format, less),
        st.builds("round({}, {})".format, less, st.integers(0, 2)),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, truths(kind, deep - 1), less, less),
    ]
    if kind == "aid_payment":
        two = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS))
        counted = st.sampled_from(("days_between", "years_between"))
        made += [
            st.builds("year({})".format, st.sampled_from(DAYS)),
            st.builds(lambda name, days: f"{name}({days[0]}, {days[1]})", counted, two),
        ]
    else:
        made += [st.just("printed_unit(stated_rate)"), st.builds("apportion(year, {}, 60, 25, 15)".format, st.integers(1, 3))]
    return st.one_of(made)


def days(deep: int) -> Texts:
    """Make up days of a payment, some of which are known to the month only; or a choice between two."""
    leaf = st.sampled_from(DAYS[:2])
    if deep <= 0:
        return leaf
    chosen = st.builds("CASE WHEN {} THEN {} ELSE {} END".format, truths("aid_payment", deep - 1), leaf, st.sampled_from(DAYS))
    return st.one_of(leaf, chosen)


def truths(kind: str, deep: int) -> Texts:
    """Make up conditions: comparisons, tests of texts, codes and flags, and what connects them."""
    sign = st.sampled_from(("=", "<>", "<", "<=", ">", ">="))
    number = numbers(kind, max(0, deep - 1))
    made = [
        st.sampled_from(PLAIN[kind]),
        st.builds("{} {} {}".format, number, sign, number),
        st.builds("{} BETWEEN {} AND {}".format, number, *[st.sampled_from(LITERALS)] * 2),
    ]
    if kind == "aid_payment":
        made.append(st.builds("{} {} {}".format, days(deep - 1), sign, st.sampled_from(DAYS)))
    if deep:
        less = truths(kind, deep - 1)
        made += [
            st.builds("NOT ({})".format, less),
            st.builds("(({}) {} ({}))".format, less, st.sampled_from(("AND", "OR")), less),
            st.builds("CASE WHEN {} THEN {} ELSE {} END".format, less, less, less),
        ]
    return st.one_of(made)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Make up what a policy asks: of rows, now and then within a scope or with another reading, or of groups."""
    kind = draw(st.sampled_from(sorted(NUMBERS)))
    if draw(st.integers(0, 4)) == 0:
        inner = draw(numbers(kind, 1))
        measures = {"n": "count(*)", "total": f"sum({inner})", "least": f"min({inner})", "most": f"max({inner})"}
        questions = ["n <= 1", "total > 500", "least = most", "most - least < 500", "n > 1 OR total <> 300.55"]
        if kind == "aid_payment":
            day = draw(days(2))
            measures |= {"first": f"min({day})", "last": f"max({day})", "times": f"count(DISTINCT {day})"}
            questions += ["first = last", "last <= DATE '2021-02-15'", "first >= DATE '2021-02-03'", "times = 1"]
        asked = draw(st.sampled_from(questions))
        return {
            "over": kind,
            "requires": asked,
            "per": "subject" if kind == "budget_execution" else "campaign",
            "measures": measures,
        }
    asked = {"over": kind, "requires": draw(truths(kind, 3))}
    if draw(st.booleans()):
        asked["applies_when"] = draw(truths(kind, 1))
    if draw(st.booleans()):
        words = {"zh": "另一读法", "en": "another reading"}
        asked["readings"] = {"other": {**words, "requires": draw(truths(kind, 2))}}
    return asked


def written(folder: Path, asked: list[dict[str, Any]]) -> Request:
    """Write a pack of the policies, and ask for all of them."""
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    for number, one in enumerate(asked):
        whole = policy_of(number, one) | {key: one[key] for key in ("applies_when", "readings") if key in one}
        (folder / f"operator-{number:02}.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    return Request(AS_OF, packs=(str(folder),), core=False, only=tuple(f"H{number:02}" for number in range(len(asked))))


def hold(asked: list[dict[str, Any]], there: Callable[[Request], Report] | None = None) -> None:
    """Hold DuckDB and another engine against plain Python, row by row, and against each other, finding by finding."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "operators"
        folder.mkdir()
        request = written(folder, asked)
        loaded = [one.policy for one in load_library([str(folder)], core=False).layers]
        wanted = judge_all(loaded, load_kinds(), ledgers(), AS_OF)
        here = judged_by_duckdb(request, ledgers())
        texts = {f"H{number:02}": one for number, one in enumerate(asked)}
        assert [(what, texts[what[:3]]) for what in differences(here, wanted)] == []
        if there:
            other = there(request)
            assert [(what, texts[what[:3]]) for what in differences(other, wanted)] == []
            assert told(other) == told(here)


packs = st.lists(policies(), min_size=IN_ONE_PACK, max_size=IN_ONE_PACK)


@tries
@given(asked=packs)
def test_postgresql_and_duckdb_say_of_made_up_policies_what_plain_python_says(asked: list[dict[str, Any]], postgres: str) -> None:
    hold(asked, lambda request: judged_by_postgres(request, ledgers(), postgres))


@pytest.mark.spark
@tries
@given(asked=packs)
def test_spark_and_duckdb_say_of_made_up_policies_what_plain_python_says(asked: list[dict[str, Any]], spark: Store) -> None:
    hold(asked, lambda request: judged_by_spark(request, ledgers(), spark))
