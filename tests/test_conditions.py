"""Hold the condition language: what it says, what it refuses, and where it points."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditions import ConditionError, Name, condition, measure, value
from tests.reference import apportion

SCOPE = {
    "amount": Name("amount", "decimal", 2),
    "rate": Name("rate", "decimal", 6, companion="rate_unit"),
    "n": Name("n", "integer"),
    "paid": Name("paid", "date", upper="paid_to"),
    "filed": Name("filed", "date"),
    "kind": Name("kind", "code", codes=("慰问", "生活")),
    "name": Name("name", "text"),
    "ok": Name("ok", "boolean"),
    "id": Name("id", "text", companion="id_form"),
    ":limit": Name("100", "integer"),
    "archive.found": Name('"archive.found"', "boolean"),
}
ROW = (
    "SELECT 500.00::DECIMAL(18,2) AS amount, 99.5::DECIMAL(18,6) AS rate, 0.1::DECIMAL(18,6) AS rate_unit, 2 AS n,"
    " DATE '2021-02-01' AS paid, DATE '2021-02-28' AS paid_to, DATE '2021-02-08' AS filed, '慰问' AS kind, '测试等5人' AS name, '9' AS id, 'sound' AS id_form,"
    ' TRUE AS ok, NULL::BOOLEAN AS "archive.found"'
)


def ask(text: str, row: str = ROW) -> object:
    return duckdb.sql(f"SELECT {condition(text, SCOPE).sql} FROM ({row})").fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount <= :limit * 5", True),
        ("amount * 3 - 1 > 1499.00", False),
        ("kind IN ('慰问', '生活') AND NOT kind = '生活'", True),
        ("amount BETWEEN 500 AND 500", True),
        ("name <> ''", True),
        ("days_between(filed, filed) = 0", True),
        ("year(filed) = 2021", True),
        ("year(paid) = 2021", True),
        ("abs(amount - 501) = 1", True),
        ("round(amount * 0.333, 1) = 166.5", True),
        ("printed_unit(rate) = 0.1", True),
        ("CASE WHEN ok THEN amount ELSE 0 END = 500", True),
        ("name LIKE '%等%人'", True),
        ("name LIKE '测_'", False),
        ("name NOT LIKE '%等%人'", False),
        ("name NOT LIKE '测_'", True),
        ("NOT name NOT LIKE '%等%人'", True),
        ("identity_form(id) <> 'unsound'", True),
        ("apportion(n, 1, 60, 25, 15) = 1 AND apportion(n, 2, 60, 25, 15) = 1", True),
        # a day known to the month only: true or false only where every day of it agrees
        ("filed <= paid", None),
        ("DATE '2021-01-31' < paid", True),
        ("DATE '2021-03-01' <= paid", False),
        ("paid = filed", None),
        ("paid <> DATE '2021-03-01'", True),
        ("paid IN (DATE '2021-03-01')", False),
        ("days_between(filed, paid) > 3", None),
        ("years_between(filed, filed) = 0", True),
        # unknown stays unknown
        ("archive.found", None),
        ("archive.found OR ok", True),
        ("archive.found AND NOT ok", False),
        ("CASE WHEN archive.found THEN TRUE ELSE TRUE END", None),
        ("archive.found IS NULL", True),
    ],
)
def test_a_condition_means_what_it_says(text: str, expected: bool | None) -> None:
    assert ask(text) is expected


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("amuont <= 75", 0, "did you mean `amount`"),
        ("amount = 'abc'", 0, "different types"),
        ("ok AND kind = '慰间'", 7, "no code of this column"),
        ("name < 'b'", 0, "their order differs"),
        ("amount / 2 > 1", 0, "outside the condition language"),
        ("name LIKE kind", 0, "a pattern in quotation marks"),
        ("kind LIKE '慰%'", 0, "LIKE compares a text"),
        ("identity_form(name) = 'sound'", 0, "type identity"),
        ("printed_unit(id) = 1", 0, "type percent"),
        ("identity_form(id) = 'right'", 0, "no code of this column"),
        ("apportion(n, 4, 60, 25, 15) = 1", 0, "k-th part"),
        ("apportion(amount, 1, 60, 40) = 1", 0, "whole numbers"),
        ("amount > (SELECT 1)", 0, "outside"),
        ("ok AND amount", 7, "true or false"),
        ("amount + 1", 0, "a condition must be true or false"),
        ("upper(name) = 'A'", 0, "outside"),
        ("amount > :limits", 0, "did you mean `:limit`"),
        ("CASE WHEN ok THEN ok END", 0, "ELSE is required"),
        ("filed = DATE '2021-02-30'", 0, "is no day"),
        ("amount IN (n)", 0, "list of literals"),
        ("amount IS TRUE", 0, "IS NULL"),
        ("days_between(amount, filed) > 1", 0, "two dates"),
        ("years_between(filed, amount) > 1", 0, "two dates"),
        ("now() > filed", 0, "permitted"),
        ("amount BETWEEN SYMMETRIC 90 AND 10", 0, "symmetric is outside"),
        ("round(amount, 1, 1) > 1", 0, "truncate is outside"),
        ("amount >", 7, "mend the syntax"),
        ("ok; DROP TABLE x", 0, ""),
    ],
)
def test_what_lies_outside_is_refused_with_a_caret(text: str, place: int, word: str) -> None:
    with pytest.raises(ConditionError) as refused:
        condition(text, SCOPE)
    assert word in refused.value.what
    assert str(refused.value).splitlines()[-1].index("^") == refused.value.start
    assert 0 <= refused.value.start <= len(text)
    if place:
        assert refused.value.start == place


def test_names_that_are_read_are_known() -> None:
    assert condition("archive.found AND amount > :limit", SCOPE).reads == {"archive.found", "amount", ":limit"}


@pytest.mark.parametrize(
    "text", ["avg(amount)", "sum(name)", "count(DISTINCT amount, n)", "amount", "min(name)", "sum(amount) + 1"]
)
def test_only_plain_aggregates_are_measures(text: str) -> None:
    with pytest.raises(ConditionError):
        measure(text, SCOPE)


def test_measures_know_their_type() -> None:
    assert measure("count(*)", SCOPE).type == "integer"
    assert (measure("sum(amount)", SCOPE).type, measure("sum(amount)", SCOPE).scale) == ("decimal", 2)
    assert measure("count(DISTINCT name)", SCOPE).distinct


@given(st.text(max_size=40))
def test_no_text_gets_past_the_parser_but_as_a_typed_expression(text: str) -> None:
    try:
        found = value(text, SCOPE).type
    except ConditionError as refused:
        found = f"refused: {refused.what}"
    assert found.startswith("refused: ") or found in ("text", "code", "date", "integer", "decimal", "boolean")


@given(st.decimals(-(10**9), 10**9, places=2), st.decimals(-(10**9), 10**9, places=2))
def test_products_are_exact(first: object, second: object) -> None:
    from decimal import Decimal

    row = f"SELECT {first}::DECIMAL(18,2) AS amount, {second}::DECIMAL(18,2) AS rate"
    scope = {"amount": Name("amount", "decimal", 2), "rate": Name("rate", "decimal", 2)}
    product = duckdb.sql(f"SELECT {value('amount * rate', scope).sql} FROM ({row})").fetchall()[0][0]
    assert product == Decimal(str(first)) * Decimal(str(second))


@given(st.integers(0, 5000), st.lists(st.integers(1, 100), min_size=2, max_size=5))
def test_a_number_is_apportioned_whole_and_as_plain_python_does_it(whole: int, weights: list[int]) -> None:
    texts = [f"apportion({whole}, {k}, {', '.join(map(str, weights))})" for k in range(1, len(weights) + 1)]
    row = duckdb.sql(f"SELECT {', '.join(value(text, {}).sql for text in texts)}").fetchall()[0]
    assert list(row) == apportion(whole, weights)
    assert sum(row) == whole
    assert all(abs(part * sum(weights) - whole * weight) < sum(weights) for part, weight in zip(row, weights, strict=True))
