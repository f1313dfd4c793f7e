"""Every case that a shipped policy stands on gets the verdict it expects in a database and in Spark."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache

import pytest

import engine.check
from engine.cases import Followed
from engine.check import Request
from engine.report import Report
from engine.stores.store import Store
from policies.load import Loaded, load_library, read_library, shipped_packs
from policies.model import Case
from tests.conformance.engines import Ledgers, judged_by_postgres, judged_by_spark
from tests.test_engine_agrees import differences, sheet_of

CASES = [(loaded, case) for loaded in load_library(shipped_packs()).layers for case in loaded.policy.cases]
IN_ONE_TEST = 40
# Spark takes seconds for each check: it tries some of every pack; FUNDCHECK_SHIPPED=1 has it try them all.
ON_SPARK = CASES if "FUNDCHECK_SHIPPED" in os.environ else CASES[::25]
PARTS = [CASES[start : start + IN_ONE_TEST] for start in range(0, len(CASES), IN_ONE_TEST)]
in_parts = pytest.mark.parametrize("cases", PARTS, ids=[f"from {part[0][0].policy.code}" for part in PARTS])


@pytest.fixture(scope="module", autouse=True)
def once() -> Iterator[None]:
    """Read the policies once for all cases, and leave refund cases out, which have tests of their own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.check, "read_library", cache(read_library))
        patched.setattr(engine.check, "follow_cases", lambda *asked: Followed({}, None))
        yield


def differing(cases: list[tuple[Loaded, Case]], judged: Callable[[Request, Ledgers], Report]) -> list[str]:
    """List the cases in which an engine says otherwise than they expect."""
    wrong = []
    for loaded, case in cases:
        code = loaded.policy.code
        packs = () if loaded.pack == "core" else (loaded.pack,)
        given = {(code, name): str(value) for name, value in case.parameters.items()}
        request = Request(case.as_of, packs=packs, only=(code,), parameters=given, region=case.region)
        ledgers = {kind: [sheet_of(rows)] for kind, rows in case.ledgers.items()}
        report = judged(request, ledgers)
        assert [own.code for own in report.coverage] == [code]
        wrong += [f"{case.title}: {what}" for what in differences(report, {code: list(case.expect)})]
        report.con.close()
    return wrong


@in_parts
def test_postgresql_gives_what_shipped_cases_expect(cases: list[tuple[Loaded, Case]], postgres: str) -> None:
    assert differing(cases, lambda request, ledgers: judged_by_postgres(request, ledgers, postgres)) == []


@pytest.mark.spark
def test_spark_gives_what_shipped_cases_expect(spark: Store) -> None:
    assert differing(ON_SPARK, lambda request, ledgers: judged_by_spark(request, ledgers, spark)) == []


def test_all_shipped_cases_are_among_them() -> None:
    assert sum(map(len, PARTS)) == len(CASES) >= 200
