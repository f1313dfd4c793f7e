"""Ledgers full of what clerks write: every engine says the same of every row as plain Python does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

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
UNITS = 400 if MANY else 50  # judged in one run
SINGLE = int(os.environ.get("FUNDCHECK_SINGLE_LEDGERS", "0"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
PHASES = (Phase.explicit, Phase.generate)  # an example takes seconds: a smaller one is not worth minutes
cases_have_tests_of_their_own = only_what_is_compared


@settings(max_examples=SINGLE or 8, deadline=None, suppress_health_check=SLOW, phases=PHASES)
@given(ledgers=all_ledgers(), packs=st.sampled_from(PACKS))
def test_postgresql_finds_what_duckdb_finds_and_plain_python_says(
    postgres: str, ledgers: dict[str, list[Sheet]], packs: tuple[str, ...]
) -> None:
    request = Request(AS_OF, packs=packs)
    here, there = judged_by_duckdb(request, ledgers), judged_by_postgres(request, ledgers, postgres)
    assert told(there) == told(here)
    hold(there, expected(there, ledgers))


@settings(max_examples=SINGLE or 5, deadline=None, suppress_health_check=SLOW, phases=PHASES)
@given(ledgers=ledgers_in_parts(), packs=st.sampled_from(PACKS))
def test_postgresql_agrees_with_plain_python_over_several_tables_of_a_kind(
    postgres: str, ledgers: dict[str, list[Sheet]], packs: tuple[str, ...]
) -> None:
    there = judged_by_postgres(Request(AS_OF, packs=packs), ledgers, postgres)
    hold(there, expected(there, ledgers))


class MadeUp(NamedTuple):
    """Hold ledgers of many units with what DuckDB and plain Python say of them, and the folder of their files."""

    asked: Request
    ledgers: Ledgers
    folder: Path
    told: list[tuple[str, ...]]
    plain: dict[str, list[str]]


@pytest.fixture(scope="module", params=range(-(-MANY // UNITS) or 2))
def made_up(request: pytest.FixtureRequest, library: Library, tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    """Make ledgers up and judge them here, once for all engines."""
    seed, folder = request.param, tmp_path_factory.mktemp("many")
    asked, ledgers = Request(AS_OF, packs=PACKS[seed % len(PACKS)]), ledgers_of_units(seed, UNITS, library)
    here = judged_by_duckdb(asked, ledgers, folder)
    made = MadeUp(asked, ledgers, folder, told(here), expected(here, ledgers))
    assert len(made.told) > UNITS
    hold(here, made.plain)
    return made


def test_postgresql_judges_many_units_at_once_as_duckdb_and_plain_python_do(postgres: str, made_up: MadeUp) -> None:
    _agree(judged_by_postgres(made_up.asked, made_up.ledgers, postgres), made_up)


@pytest.mark.spark
def test_spark_judges_many_units_at_once_as_duckdb_and_plain_python_do(spark: Store, made_up: MadeUp) -> None:
    _agree(judged_by_spark(made_up.asked, made_up.ledgers, spark, made_up.folder), made_up)


def _agree(there: Report, made_up: MadeUp) -> None:
    assert told(there) == made_up.told
    hold(there, made_up.plain)


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
