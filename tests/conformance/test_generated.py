"""Ledgers full of what clerks write: every engine says the same of every row as plain Python does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.check import Request
from engine.report import Report
from engine.stores.store import Store
from policies.load import Library
from tests.conformance.engines import Ledgers, judged_by_duckdb, judged_by_postgres, judged_by_spark, told
from tests.conformance.many import ledgers_of_units
from tests.reference import Sheet
from tests.test_engine_agrees import AS_OF, PACKS, all_ledgers, expected, hold, ledgers_in_parts, only_what_is_compared

MANY = int(os.environ.get("FUNDCHECK_LEDGERS", "0"))
UNITS = 50  # judged in one run
SINGLE = int(os.environ.get("FUNDCHECK_SINGLE_LEDGERS", "0"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
PHASES = (Phase.explicit, Phase.generate)  # an example takes seconds: a smaller one is not worth minutes
cases_have_tests_of_their_own = only_what_is_compared


@settings(max_examples=SINGLE or 25, deadline=None, suppress_health_check=SLOW, phases=PHASES)
@given(ledgers=all_ledgers(), packs=st.sampled_from(PACKS))
def test_postgresql_finds_what_duckdb_finds_and_plain_python_says(
    postgres: str, ledgers: dict[str, list[Sheet]], packs: tuple[str, ...]
) -> None:
    request = Request(AS_OF, packs=packs)
    here, there = judged_by_duckdb(request, ledgers), judged_by_postgres(request, ledgers, postgres)
    assert told(there) == told(here)
    hold(there, expected(there, ledgers))


@settings(max_examples=SINGLE or 15, deadline=None, suppress_health_check=SLOW, phases=PHASES)
@given(ledgers=ledgers_in_parts(), packs=st.sampled_from(PACKS))
def test_postgresql_agrees_with_plain_python_over_several_tables_of_a_kind(
    postgres: str, ledgers: dict[str, list[Sheet]], packs: tuple[str, ...]
) -> None:
    there = judged_by_postgres(Request(AS_OF, packs=packs), ledgers, postgres)
    hold(there, expected(there, ledgers))


@pytest.mark.parametrize("seed", range(-(-MANY // UNITS) or 2))
def test_postgresql_judges_many_units_at_once_as_duckdb_and_plain_python_do(
    postgres: str, library: Library, tmp_path: Path, seed: int
) -> None:
    ledgers = ledgers_of_units(seed, UNITS, library)
    _agree(ledgers, seed, tmp_path, lambda request: judged_by_postgres(request, ledgers, postgres))


@pytest.mark.spark
@pytest.mark.parametrize("seed", range(-(-MANY // UNITS) or 1))
def test_spark_judges_many_units_at_once_as_duckdb_and_plain_python_do(
    spark: Store, library: Library, tmp_path: Path, seed: int
) -> None:
    ledgers = ledgers_of_units(seed, UNITS, library)
    _agree(ledgers, seed, tmp_path, lambda request: judged_by_spark(request, ledgers, spark, tmp_path))


def _agree(ledgers: Ledgers, seed: int, folder: Path, judged: Callable[[Request], Report]) -> None:
    request = Request(AS_OF, packs=PACKS[seed % len(PACKS)])
    here, there = judged_by_duckdb(request, ledgers, folder), judged(request)
    found, plain = told(there), expected(there, ledgers)
    assert found == told(here)
    assert len(found) > UNITS
    hold(here, plain)
    hold(there, plain)


@pytest.mark.spark
@settings(max_examples=SINGLE or 2, deadline=None, suppress_health_check=SLOW, phases=PHASES)
@given(ledgers=all_ledgers(), packs=st.sampled_from(PACKS))
def test_spark_finds_what_duckdb_finds_and_plain_python_says(
    spark: Store, ledgers: dict[str, list[Sheet]], packs: tuple[str, ...]
) -> None:
    request = Request(AS_OF, packs=packs)
    here, there = judged_by_duckdb(request, ledgers), judged_by_spark(request, ledgers, spark)
    assert told(there) == told(here)
    hold(there, expected(there, ledgers))
