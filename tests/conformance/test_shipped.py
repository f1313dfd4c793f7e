"""Every case that a shipped policy stands on gets the verdict it expects in a database and in Spark."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

import engine.check
from engine.cases import Followed
from engine.check import Request
from engine.report import Report
from engine.stores.store import Store
from policies.case import Case
from policies.load import Loaded, load_library, read_library, shipped_packs
from tests.conformance.engines import Ledgers, judged_by_postgres, judged_by_spark
from tests.conformance.many import own
from tests.reference import Sheet
from tests.test_engine_agrees import differences, sheet_of

Judged = Callable[[Request, Ledgers], Report]
Cases = Sequence[tuple[Loaded, Case]]
CASES = [(loaded, case) for loaded in load_library(shipped_packs()).layers for case in loaded.policy.cases]


@pytest.fixture(scope="module", autouse=True)
def once() -> Iterator[None]:
    """Read policies once for all cases, and leave refund cases out, which have tests of their own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.check, "read_library", cache(read_library))
        patched.setattr(engine.check, "follow_cases", lambda *asked: Followed({}, None))
        yield


def differing(cases: Cases, judged: Judged) -> list[str]:
    """List the cases in which an engine says otherwise than they expect, where those that ask the same are judged in one run.

    A row that nobody can tell apart may touch a case beside it: where not all of them get what they expect, each is judged alone.
    """
    if not (found := wrong(cases, judged)) or len(cases) == 1:
        return found
    return [what for case in cases for what in wrong([case], judged)]


def wrong(cases: Cases, judged: Judged) -> list[str]:
    """List what an engine says of cases of one policy otherwise than they expect.

    Each case has people of its own. Rows with the same columns stand in one sheet, the cases one after the other.
    """
    (loaded, case), code = cases[0], cases[0][0].policy.code
    packs = () if loaded.pack == "core" else (loaded.pack,)
    given = {(code, name): str(value) for name, value in case.parameters.items()}
    sheets: dict[str, dict[tuple[str, ...], list[Mapping[str, str | None]]]] = {}
    expected: dict[tuple[str, ...], list[str]] = {}
    for unit, (_, one) in enumerate(cases):
        for kind, rows in one.ledgers.items():
            sheet = sheet_of(rows) if len(cases) == 1 else of_unit(sheet_of(rows), unit)
            columns = tuple(sorted(sheet.columns))
            sheets.setdefault(kind, {}).setdefault(columns, []).extend(sheet.rows)
            if kind == loaded.policy.ledger:
                expected.setdefault(columns, []).extend(one.verdicts)
    ledgers = {kind: [Sheet(columns, rows) for columns, rows in own_sheets.items()] for kind, own_sheets in sheets.items()}
    report = judged(Request(case.as_of, packs=packs, only=(code,), parameters=given, region=case.region), ledgers)
    assert [own.code for own in report.coverage] == [code]
    found = differences(report, {code: [verdict for own in expected.values() for verdict in own]})
    report.con.close()
    return [f"{case.title}: {what}" for what in found]


def of_unit(sheet: Sheet, unit: int) -> Sheet:
    """Give the rows of a sheet people, papers and places that no other unit has."""
    return Sheet(sheet.columns, [{name: own(name, text, unit) for name, text in row.items()} for row in sheet.rows])


def asking_the_same() -> list[Cases]:
    """Put together the cases of a policy that one run can ask for: of one day and region, with the same parameters and ledgers; those with rows that
    cannot be judged apart from the others, which they may touch."""
    found: dict[object, list[tuple[Loaded, Case]]] = {}
    for loaded, case in CASES:
        unclear = "not_evaluable" in case.verdicts
        asked = (case.as_of, case.region, tuple(sorted(case.parameters.items())), frozenset(case.ledgers), unclear)
        found.setdefault((loaded.pack, loaded.policy.code, *asked), []).append((loaded, case))
    return list(found.values())


TOGETHER = asking_the_same()
# Spark takes seconds for each run: it tries some of every pack; FUNDCHECK_SHIPPED=1 has it try them all.
ON_SPARK = TOGETHER if "FUNDCHECK_SHIPPED" in os.environ else TOGETHER[::4]


def in_parts(parts: Sequence[Cases]) -> pytest.MarkDecorator:
    """Name each part by its pack and policy."""
    return pytest.mark.parametrize("cases", parts, ids=[f"{part[0][0].pack} {part[0][0].policy.code}" for part in parts])


@in_parts(TOGETHER)
def test_postgresql_gives_what_shipped_cases_expect(cases: Cases, postgres: str) -> None:
    assert differing(cases, lambda request, ledgers: judged_by_postgres(request, ledgers, postgres)) == []


@pytest.mark.spark
@in_parts(ON_SPARK)
def test_spark_gives_what_shipped_cases_expect(cases: Cases, spark: Store, tmp_path: Path) -> None:
    assert differing(cases, lambda request, ledgers: judged_by_spark(request, ledgers, spark, tmp_path)) == []


def test_all_shipped_cases_are_among_them() -> None:
    assert sum(map(len, TOGETHER)) == len(CASES) >= 200
