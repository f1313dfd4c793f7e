"""The check of identity numbers in bulk agrees with an independent library and with plain Python on every number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from ledgers.identities import form_of, list_odd_forms
from ledgers.values import check_digit
from tests.reference import identity_form


def forms(numbers: Sequence[str | None]) -> list[str | None]:
    """Look at the numbers in bulk; what is not listed as odd is sound."""
    with duckdb.connect() as con:
        con.register("numbers", pa.table({"v": pa.array(numbers, pa.string())}))
        odd = list_odd_forms(con, "SELECT v FROM numbers").to_pydict()
    found = dict(zip(odd["number"], odd["form"], strict=True))
    return [None if number is None else found.get(number, "sound") for number in numbers]


bodies = st.builds(
    lambda region, born, order: f"{region:06}{born:%Y%m%d}{order:03}",
    st.integers(100000, 999999),
    st.dates(min_value=date(1900, 1, 1), max_value=date(2035, 1, 1)),
    st.integers(0, 999),
)
residents = bodies.map(lambda body: body + check_digit(body))
spoilt = st.tuples(residents, st.integers(0, 17), st.sampled_from("0123456789X")).map(
    lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :]
)
papers = st.sampled_from(
    ["E12345678", "H1234567890", "M00000000000000000", "8100001980010112", "810000198001011230", "X" * 18, ""]
)


@given(st.lists(st.one_of(residents, spoilt, papers, st.none()), max_size=20))
def test_the_form_in_bulk_is_that_of_plain_python(numbers: list[str | None]) -> None:
    assert forms(numbers) == [identity_form(number) for number in numbers]
    assert [number and form_of(number) for number in numbers] == [number and identity_form(number) for number in numbers]


@given(residents)
def test_the_check_digit_is_that_of_an_independent_library(number: str) -> None:
    assert ric.calc_check_digit(number) == number[17]


@pytest.mark.parametrize("born", ["19810229", "20000230", "19801301", "19800100", "18991231"])
def test_a_number_with_its_check_digit_and_no_day_of_birth_is_unsound(born: str) -> None:
    body = f"990001{born}001"
    assert forms([body + check_digit(body)]) == ["unsound"]


@pytest.mark.parametrize("born", ["19800228", "20000229", "19000101"])
def test_every_day_since_1900_can_be_a_day_of_birth(born: str) -> None:
    body = f"990001{born}001"
    assert forms([body + check_digit(body)]) == ["sound"]


def test_each_wrong_last_digit_is_found() -> None:
    body = "99000119800101001"
    numbers = [body + last for last in "0123456789X"]
    assert forms(numbers).count("unsound") == 10
    assert ric.calc_check_digit(body + "?") == numbers[forms(numbers).index("sound")][17]
