"""Try policies: judge every case that stands in a policy's own file, and lint what no model can check."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from declared import Problem, Refused, nearest
from engine.check import connect, plan_all
from engine.evidence import gather
from engine.findings import conclude
from engine.judge import COMPLIANT, NOT_APPLICABLE, NOT_IN_FORCE, NOT_JUDGED, UNKNOWN, judge, quiet_rows
from engine.names import Ask
from engine.plan import Plan, PolicyFaults, plan
from engine.render import render
from engine.wanted import columns_wanted
from ledgers.fold import fold_header
from ledgers.intake import bring_in
from ledgers.kinds import Kind, load_kinds
from policies.load import Library, Loaded
from policies.model import Case, Policy

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
    plan_all(library.layers, kinds, None, Ask(_ANY_DAY))
    problems = [loaded.problem(key, what) for loaded in library.layers for key, what in _odd_cases(loaded.policy, kinds)]
    if problems:
        raise Refused(problems)
    for loaded in (loaded for loaded in library.layers if not only or loaded.policy.code in only):
        for number, case in enumerate(loaded.policy.cases):
            place = loaded.problem(("cases", number), "")
            got = tuple(judge_case(loaded, case, kinds, library))
            expected = (*case.expect, case.says) if case.says else tuple(case.expect)
            yield Outcome(loaded.policy.code, f"{place.path}:{place.line}", case.title, expected, got)


def judge_case(loaded: Loaded, case: Case, kinds: Mapping[str, Kind], library: Library) -> list[str]:
    """Judge one case; one verdict for each row of the judged ledger, in order, and the first message if the case has one."""
    con = connect()
    frames = case_frames(case)
    intake = bring_in(con, [], kinds, columns_wanted([loaded], kinds), frames=frames)
    parameters = {(loaded.policy.code, name): str(given) for name, given in case.parameters.items()}
    regions = {pack.region for pack in library.packs if pack.pack == loaded.pack}
    planned = plan(loaded, kinds, intake.tables, Ask(case.as_of, case.region or next(iter(regions), None), parameters))
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
    verdicts = [found[number] for number in range(2, len(frames[planned.policy.ledger]) + 2)]
    return [*verdicts, *_first_message(con, planned)] if case.says else verdicts


def _first_message(con: DuckDBPyConnection, planned: Plan) -> list[str]:
    render(con, [planned], privacy="public", lang="zh")
    told = "SELECT rows, message FROM rendered WHERE verdict <> 'not_evaluable' UNION ALL SELECT rows, message FROM rendered_leads"
    return [message for _, message in con.execute(f"SELECT * FROM ({told}) ORDER BY rows LIMIT 1").fetchall()]


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


# -- lint --------------------------------------------------------------------------------------------------------------

FORBIDDEN = ("套取", "冒领", "截留", "挪用", "违纪", "虚假", "弄虚作假", "追回", "违反")  # words that only a decision may use
# Words that order, forbid or limit, and what else sets a fixed standard: an amount each, a number of days, a time, a closed list.
NORM = re.compile(
    "须|应|必须|不得|不准|严禁|只能|不属于|每户|每人|为[0-9]+天|前进行|后报送|包括[一二三四五六七八九]类|由.+(负责提供|自行筹备)|经审核|按标准对"
)


def lint(library: Library) -> list[Problem]:
    """Find every policy that does not fit the kinds, or breaks a rule of good policies."""
    kinds = load_kinds()
    problems = []
    for loaded in library.layers:
        try:
            plan(loaded, kinds, None, Ask(_ANY_DAY))
        except PolicyFaults as faults:
            problems += [loaded.problem(fault.key, fault.what) for fault in faults.faults]
        problems += [loaded.problem(key, what) for key, what in _faults(loaded.policy, library)]
        problems += [loaded.problem(key, what) for key, what in _odd_cases(loaded.policy, kinds)]
    return problems


def _faults(policy: Policy, library: Library) -> Iterator[tuple[tuple[str | int, ...], str]]:
    expected = {verdict for case in policy.cases for verdict in case.expect}
    fails = "lead" if policy.is_lead else "violation" if policy.basis in ("norm", "target") else "suspect"
    for verdict in ("no_lead" if policy.is_lead else "compliant", fails, "not_evaluable"):
        if verdict not in expected and not (verdict == "violation" and "suspect" in expected):
            yield ("cases",), f"cases: no case expects {verdict}. add one."
    innocent = [case for case in policy.cases if case.innocent]
    if not innocent:
        yield ("cases",), "cases: no lawful look-alike. add a case with `innocent:`."
    for number, case in enumerate(policy.cases):
        if case.innocent and {"violation", "suspect", "lead"} & set(case.expect):
            yield ("cases", number), "innocent: a lawful look-alike must not be flagged. correct the policy or the case."
    for place in (("message", "zh"), ("remedy", "zh")):
        text = policy.message.zh if place[0] == "message" else policy.remedy.zh
        for word in FORBIDDEN:
            if word in text:
                yield place, f"{place[0]}: `{word}` is a conclusion that a tool does not draw. describe the fact instead."
    if "{" not in policy.message.zh or "{" not in policy.message.en:
        yield ("message",), "message: names no value. show the value and the limit in braces."
    yield from _unfounded(policy, library)


def _odd_cases(policy: Policy, kinds: Mapping[str, Kind]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Find what a case says and nothing reads: it would prove something else than it seems to."""
    known_kinds = f" known: {', '.join(kinds)}."
    for number, case in enumerate(policy.cases):
        for name, value in case.parameters.items():
            known = policy.parameters.get(name)
            why = known.refuses(value) if known else f"unknown parameter.{nearest(name, policy.parameters)}"
            if why:
                yield ("cases", number, "parameters", name), f"{name}: {why.rstrip('.')}."
        for kind, rows in case.ledgers.items():
            if kind not in kinds:
                yield ("cases", number, kind), f"{kind}: unknown kind of ledger.{nearest(kind, kinds) or known_kinds}"
            elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                yield ("cases", number, kind), f"{kind}: the rows are a list of mappings. write `- {{column: value}}`."
            else:
                for place, row in enumerate(rows):
                    yield from _odd_columns(("cases", number, kind, place), row, kinds[kind])


def _odd_columns(key: tuple[str | int, ...], row: Mapping[str, Any], kind: Kind) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name in row:
        if fold_header(name) not in kind.headers:
            hint = nearest(name, kind.columns) or f" known: {', '.join(kind.columns)}."
            yield (*key, name), f"{name}: no column of `{kind.kind}`.{hint}"


def _unfounded(policy: Policy, library: Library) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, citation in enumerate(policy.citations):
        basis = citation.basis or policy.basis
        if basis == "norm" and citation.quote and not NORM.search(citation.quote):
            yield (
                ("citations", number, "quote"),
                "quote: a norm needs words that order, forbid or limit. quote them, or lower the basis.",
            )
        if citation.quote and not library.is_proved(citation):
            yield ("citations", number, "quote"), "quote: not proved yet. run `fundcheck policies verify --sources DIR --record`."


_ANY_DAY = date(2021, 12, 31)
