"""Try policies: judge every case that stands in a policy's own file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from declared import Refused
from engine.check import connect, plan_all
from engine.every_row import quiet_rows
from engine.evidence import gather
from engine.findings import conclude
from engine.judge import COMPLIANT, NOT_APPLICABLE, NOT_IN_FORCE, NOT_JUDGED, UNKNOWN, judge
from engine.lint.cases import said_in_vain
from engine.lint.layer import ANY_DAY, Against
from engine.names import Ask
from engine.plan import Plan, plan
from engine.render import ALL_RENDERED, render
from engine.wanted import columns_wanted
from ledgers.intake import Intake, bring_in
from ledgers.kinds import Kind, load_kinds
from policies.case import Case
from policies.load import Library, Loaded

if TYPE_CHECKING:
    import pandas
    from duckdb import DuckDBPyConnection


class Outcome(NamedTuple):
    """Hold what became of one case."""

    code: str
    place: str
    title: str
    expected: tuple[str, ...]
    got: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Say whether every row got the verdict that was expected, and the first finding the message that was."""
        return self.expected == self.got


def try_cases(library: Library, only: Collection[str] = ()) -> Iterator[Outcome]:
    """Judge every case of every policy, or of those with the codes in `only`.

    Raises:  Refused if a policy does not fit the kinds, or a case does not fit its policy.
    """
    kinds = load_kinds()
    plan_all(library.layers, kinds, None, Ask(ANY_DAY))
    against = Against(library, kinds, {})
    problems = [loaded.problem(key, what) for loaded in library.layers for key, what in said_in_vain(loaded, against)]
    if problems:
        raise Refused(problems)
    for loaded in (loaded for loaded in library.layers if not only or loaded.policy.code in only):
        for number, case in enumerate(loaded.policy.cases):
            place = loaded.problem(("cases", number), "")
            got = tuple(judge_case(loaded, case, kinds, library))
            expected = (*case.verdicts, case.says) if case.says else tuple(case.verdicts)
            yield Outcome(loaded.policy.code, f"{place.path}:{place.line}", case.title, expected, got)


class Opened(NamedTuple):
    """Hold the ledgers of one case, read, and what it asks."""

    con: DuckDBPyConnection
    intake: Intake
    ask: Ask


@contextmanager
def open_case(
    loaded: Loaded, case: Case, kinds: Mapping[str, Kind], library: Library, wanted: Mapping[str, set[str]]
) -> Iterator[Opened]:
    """Read the ledgers of a case as a check would, with the columns that are wanted of each kind, into a database of their own."""
    con, own = _bench().cursor(), f"case_{next(_NUMBERS)}"
    con.execute(f"ATTACH ':memory:' AS {own}; USE {own}")
    try:
        intake = bring_in(con, [], kinds, wanted, frames=case_frames(case))
        parameters = {(loaded.policy.code, name): str(given) for name, given in case.parameters.items()}
        regions = {pack.region for pack in library.packs if pack.pack == loaded.pack}
        yield Opened(con, intake, Ask(case.as_of, case.region or next(iter(regions), None), parameters))
    finally:
        con.execute(f"USE memory; DETACH {own}")
        con.close()


_NUMBERS = count()


@cache
def _bench() -> DuckDBPyConnection:
    """Start DuckDB once for all cases: to start it takes longer than to attach a database to it, by twenty times."""
    con = connect()
    con.execute("SET threads = 1")  # of a few rows there is nothing to share out
    return con


def judge_case(loaded: Loaded, case: Case, kinds: Mapping[str, Kind], library: Library) -> list[str]:
    """Judge one case; one verdict for each row of the judged ledger, in order, and the first message if the case has one."""
    with open_case(loaded, case, kinds, library, columns_wanted([loaded], kinds)) as (con, intake, ask):
        planned = plan(loaded, kinds, intake.tables, ask)
        if planned.status != "judged":
            return [planned.status]
        judge(con, [planned])
        gather(con, [planned], intake, "zh")
        conclude(con, [planned], None)
        told = "SELECT rows, verdict FROM findings UNION ALL SELECT rows, verdict FROM leads"
        told += f" UNION ALL SELECT rows, 'not_evaluable' FROM found WHERE digit = {UNKNOWN}"
        found = dict(con.execute(f"SELECT row.r, verdict FROM (SELECT unnest(rows) AS row, verdict FROM ({told}))").fetchall())
        quiet = QUIET | ({COMPLIANT: "no_lead"} if loaded.policy.is_lead else {})
        found |= {row: quiet[digit] for (_, row), digit in quiet_rows(con, planned).items()}
        verdicts = [found[number] for number in range(2, len(case.ledgers[planned.policy.ledger]) + 2)]
        return [*verdicts, *_first_message(con, planned)] if case.says else verdicts


def _first_message(con: DuckDBPyConnection, planned: Plan) -> list[str]:
    render(con, [planned], privacy="public", lang="zh")
    told = f"SELECT message FROM {ALL_RENDERED} WHERE verdict <> 'not_evaluable' ORDER BY rows LIMIT 1"
    return [message for (message,) in con.execute(told).fetchall()]


QUIET = {COMPLIANT: "compliant", NOT_APPLICABLE: "not_applicable", NOT_IN_FORCE: "not_applicable", NOT_JUDGED: "not_judged"}


def case_frames(case: Case) -> dict[str, pandas.DataFrame]:
    """Lay the ledgers of a case out as tables of texts, by kind."""
    return {kind: _frame(rows) for kind, rows in case.ledgers.items()}


def _frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    """Lay the rows of a case out as a table of texts, as they would stand in a file."""
    import pandas

    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in columns}
    return pandas.DataFrame(table, dtype="string")
