"""Check ledgers by policies, from paths to a report: the five hops in order, arguments in, a report out."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from declared import Declared, Key, Problem, Refused
from engine import VERSION
from engine.cases import follow_cases
from engine.choice import choose
from engine.evidence import gather
from engine.findings import conclude, count_once, count_verdicts
from engine.inputs import describe_input, describe_version
from engine.judge import Counts, judge, take_back
from engine.names import Ask
from engine.plan import Plan, PolicyFaults, parse_ahead, plan
from engine.render import Privacy, render
from engine.report import Report, cover, exit_code
from engine.roster import Unit, call_roll, expect, list_units, name_units
from engine.waivers import Fate, Waiver, apply_waivers, say_fates
from engine.wanted import columns_needed, columns_wanted, read_rest
from ledgers.bulk import open_scratch
from ledgers.connect import open_duckdb
from ledgers.english import in_english
from ledgers.headers import Known, NotRecognised
from ledgers.intake import Intake, Note, bring_in, cell_notes, find_broken, find_sources
from ledgers.kinds import Kind, load_kinds
from ledgers.limits import Limits
from ledgers.senders import Roster
from ledgers.sources import Mapped
from ledgers.tables import Table
from ledgers.versions import Rules
from policies.load import Library, Loaded, read_library

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from engine.stores.store import Store
    from ledgers.guarded import Readers

Progress = Callable[[str], None]


class Request(NamedTuple):
    """Ask for a check: what to read, by which packs, as of which day, and what counts as a failure.

    `without` leaves out policies unless `only` names them; `mapped` says of files what they are, wherever they are met, `known` of sheets, by their headers;
    `codes` adds spellings to codes, `kind.column` -> code -> spellings;
    `project` is the project file that some of it comes from, for the report and for the places of its mistakes.
    `readers` may have begun to read some of the files; they are closed when all are read.
    `store` judges in place of DuckDB: the files, or where none are named its own relations, all that are recognised or those
    in `stored` with their kinds.
    """

    as_of: date
    paths: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    frames: Mapping[str, Any] = {}
    packs: tuple[str, ...] = ()
    core: bool = True
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    parameters: Mapping[tuple[str, str], str] = {}
    region: str | None = None
    encoding: str | None = None
    limits: Limits = Limits()
    key: bytes | None = None
    fail_on: str = "medium"
    max_not_evaluable: Decimal = Decimal("0.1")
    privacy: Privacy = "public"
    lang: str = "zh"
    mapped: tuple[Mapped, ...] = ()
    known: tuple[Known, ...] = ()
    codes: Mapping[str, Mapping[str, Sequence[str]]] = {}
    roster: tuple[Unit, ...] = ()
    versions: Rules = Rules()
    by_unit: bool = False
    waivers: tuple[Waiver, ...] = ()
    project: Declared | None = None
    store: Store | None = None
    readers: Readers | None = None
    stored: Mapping[str, str | None] = {}

    def problem(self, option: str, key: Key, what: str) -> Problem:
        """Place a problem where the value stands: in the project file, or on the command line."""
        if self.project is not None and key in self.project.places:
            return self.project.problem(key, what)
        return Problem(option, 1, 1, what)


def check(request: Request, progress: Progress = lambda step: None) -> Report:
    """Judge ledgers and give the report.

    Raises:  Refused if a policy, a pack or a ledger kind does not load, or a parameter or code is unknown; NotRecognised if the columns of a
             frame are not those of its kind.
    """
    import duckdb

    broken: set[str] = set()
    while True:
        con = connect()
        desk: list[Intake] = []
        try:
            return _checked(con, request, progress, broken, desk)
        except duckdb.Error:  # a bulk file may prove damaged where a policy first reads it: the others are judged without it
            found = find_broken(con, desk[0]) - broken if desk else set[str]()
            if not found:
                raise
            broken |= found
        except NotRecognised as error:  # of a frame: of files it is a note
            raise (NotRecognised(in_english(str(error))) if request.lang == "en" else error) from None


def _checked(con: DuckDBPyConnection, request: Request, progress: Progress, broken: set[str], desk: list[Intake]) -> Report:
    """Take the five hops; what was brought in is laid on `desk`."""
    kinds = load_kinds()
    for column, codes in request.codes.items():
        kind, _, name = column.partition(".")
        kinds[kind] = kinds[kind].also_spelt(name, codes)
    library = _load(request, kinds)
    chosen, off = choose(library, request, kinds)
    ask = Ask(request.as_of, request.region or find_region(library), request.parameters, off)
    roster = expect(request.roster)
    with open_scratch(con) as scratch:
        hop = _Hop(con, request, kinds, chosen, ask, progress, scratch)
        if request.store is not None and not (request.paths or request.said or request.frames):
            judged = _judge_there(hop, request.store)
        else:
            judged = _judge_files(hop, roster, broken, desk)
        intake, plans, passed_over = judged.intake, judged.plans, judged.passed_over
        progress("整理依据")
        counts = take_back(judged.counts, gather(con, plans, intake, request.lang))
        name_units(con, roster)
        conclude(con, plans, request.key)
        fates = apply_waivers(con, request.waivers, request.as_of, request.lang)
        progress("跟踪清退事项")
        cases = follow_cases(con, plans, intake, request.as_of, request.lang)
        roll = call_roll(intake, request.roster, [*passed_over, *intake.notes], judged.units_of)
    render(con, plans, privacy=request.privacy, lang=request.lang)
    notes = [*passed_over, *intake.notes, *cell_notes(con, intake)]
    if request.lang == "en":
        notes = [note._replace(message=in_english(note.message)) for note in notes]
    coverage = cover(con, plans, counts, intake.inputs, request.lang)
    summary = sum_up(con, coverage, notes, request)
    run = {**_run(request, library, intake, cases.note), **_declared(request, library, fates), "roster": roll}
    run["notes"] += say_unread_money(con, request.lang)
    notes.sort(key=lambda note: (note.path, note.sheet or "", note.row or 0, note.code, note.cell or ""))
    return Report(con, library, plans, intake.inputs, notes, coverage, run, summary, cases.cases, request.lang)


class _Hop(NamedTuple):
    """Hold what the first two hops need: where to lay ledgers, what is asked, by which policies."""

    con: DuckDBPyConnection
    request: Request
    kinds: Mapping[str, Kind]
    chosen: Sequence[Loaded]
    ask: Ask
    progress: Progress
    scratch: Path


class _Judged(NamedTuple):
    intake: Intake
    plans: list[Plan]
    counts: Counts
    passed_over: list[Note]
    units_of: Callable[[Table], set[str]]


def _judge_files(hop: _Hop, roster: Roster, broken: set[str], desk: list[Intake]) -> _Judged:
    """Bring files in and judge their rows, here or in the store that was asked for; what was brought in is laid on `desk`."""
    request, store = hop.request, hop.request.store
    hop.progress("读取台账")
    sources, passed_over = find_sources(request.paths, request.said, request.mapped)
    wanted = columns_needed(hop.chosen, hop.kinds) if store else columns_wanted(hop.chosen, hop.kinds)
    if request.readers is not None and request.readers.has_begun():
        for loaded in hop.chosen:
            parse_ahead(loaded.policy)
    intake = bring_in(
        hop.con, sources, hop.kinds, wanted, frames=request.frames, encoding=request.encoding, scratch=hop.scratch, broken=broken,
        roster=roster, rules=request.versions, by_unit=request.by_unit, known=request.known, limits=request.limits,
        readers=request.readers,
    )  # fmt: skip
    desk.append(intake)
    intake = read_rest(hop.con, intake, hop.chosen)
    plans = plan_all(hop.chosen, hop.kinds, intake, hop.ask)
    hop.progress(f"判断 {len(plans)} 条政策")
    if store is None:
        counts = judge(hop.con, plans)
    else:
        from engine.stores.files import judge_files

        counts = judge_files(hop.con, store, plans, intake.tables, hop.scratch)
    return _Judged(intake, plans, counts, passed_over, partial(list_units, hop.con))


def _judge_there(hop: _Hop, store: Store) -> _Judged:
    """Judge the rows of a store where they lie, and lay a copy of those that findings need beside us."""
    from engine.stores.judging import judge as judge_there
    from engine.stores.ledgers import list_units_there, take_ledgers
    from engine.stores.shelf import Shelf
    from engine.stores.slices import lay_slices

    shelf = Shelf(store, {}, {}, set())
    hop.progress("读取台账")
    intake = take_ledgers(hop.con, shelf, hop.kinds, columns_needed(hop.chosen, hop.kinds), hop.request.stored)
    plans = plan_all(hop.chosen, hop.kinds, intake, hop.ask)
    hop.progress(f"判断 {len(plans)} 条政策")
    counts, flagged = judge_there(shelf, plans, intake.tables)
    lay_slices(hop.con, shelf, plans, flagged, intake.tables)
    return _Judged(intake, plans, counts, [], partial(list_units_there, shelf))


def _load(request: Request, kinds: Mapping[str, Kind]) -> Library:
    """Load the library; where a file of it is refused, say at once what is wrong with the conditions of the others."""
    library, problems = read_library(request.packs, core=request.core)
    if problems:
        for loaded in library.layers:
            problems += _typed_faults(loaded, kinds, Ask(request.as_of))
        raise Refused(problems)
    return library


def _typed_faults(loaded: Loaded, kinds: Mapping[str, Kind], ask: Ask) -> list[Problem]:
    try:
        plan(loaded, kinds, None, ask)
    except PolicyFaults as faults:
        return [loaded.problem(fault.key, fault.what) for fault in faults.faults]
    return []


def connect() -> DuckDBPyConnection:
    """Open an in-memory database that reaches for nothing outside."""
    closed = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    # Passes follow each other within seconds: memory that one has given back is kept for the next.
    kept = {"allocator_flush_threshold": "4GB", "allocator_bulk_deallocation_flush_threshold": "4GB"}
    spilt = {"temp_directory": f"{_spilling()}/{next(_NUMBERS)}"}  # else personal data might be left where the user stands
    return open_duckdb(config={**closed, **kept, **spilt})


_NUMBERS = count()


@cache
def _spilling() -> str:
    """Make the folder to which queries may spill what memory does not hold; it goes when the process does."""
    folder = TemporaryDirectory(prefix="fundcheck-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return folder.name


def find_region(library: Library) -> str | None:
    """Give the one region that the packs are of."""
    regions = {pack.region for pack in library.packs if pack.region}
    return regions.pop() if len(regions) == 1 else None


def plan_all(chosen: Iterable[Loaded], kinds: Mapping[str, Kind], intake: Intake | None, ask: Ask) -> list[Plan]:
    """Plan every policy.

    Raises:  Refused with every fault of every policy at its place in its file.
    """
    plans, problems = [], []
    for loaded in chosen:
        try:
            plans.append(plan(loaded, kinds, intake.tables if intake else None, ask))
        except PolicyFaults as faults:
            problems += [loaded.problem(fault.key, fault.what) for fault in faults.faults]
    if problems:
        raise Refused(problems)
    return plans


def sum_up(
    con: DuckDBPyConnection,
    coverage: list[Any],
    notes: list[Note],
    request: Request,
    *,
    inputs: Collection[int] | None = None,
    findings: str = "findings",
) -> dict[str, Any]:
    """Sum up a report, or the part of it that `inputs` belong to: verdicts of the table `findings`, money of all `findings`."""
    verdicts, bases, persons, units = count_verdicts(con)
    found = con.execute("SELECT severity, count(*) FROM findings WHERE verdict = 'violation' GROUP BY severity").fetchall()
    code, reasons = exit_code(
        coverage,
        notes,
        dict(found),
        verdicts["suspect"],
        fail_on=request.fail_on,
        most=request.max_not_evaluable,
        lang=request.lang,
    )
    return {
        "exit_code": code,
        "exit_reasons": reasons,
        "verdicts": dict(verdicts),
        "by_basis": dict(bases),
        "leads": con.execute("SELECT count(*) FROM leads").fetchall()[0][0],
        "persons": persons,
        "units": units,
        **{name: f"{amount:.2f}" for name, amount in count_once(con, inputs, findings).items()},
    }


def _run(request: Request, library: Library, intake: Intake, cases_note: str | None) -> dict[str, Any]:
    return {
        "tool_version": VERSION,
        "as_of": request.as_of.isoformat(),
        "packs": [pack.pack for pack in library.packs],
        "policies_sha256": library.sha256,
        "engine": request.store.dialect if request.store else "duckdb",
        "privacy": request.privacy,
        "fingerprints": "keyed" if request.key else "unkeyed",
        "parameters": {f"{code}.{name}": value for (code, name), value in sorted(request.parameters.items())},
        "fail_on": request.fail_on,
        "max_not_evaluable": format(request.max_not_evaluable, "f"),
        "cases": cases_note or "judged",
        "inputs": [describe_input(one) for one in intake.inputs],
        "versions": [describe_version(version, intake.inputs) for version in intake.versions],
    }


def say_unread_money(con: DuckDBPyConnection, lang: str) -> list[str]:
    """Say how many findings are missing in the sums, because their amounts cannot be read."""
    query = "SELECT count(*) FROM findings WHERE verdict IN ('violation', 'suspect') AND involved IS NULL"
    count = con.execute(query).fetchall()[0][0]
    if not count:
        return []
    what = f"{count} 条发现的金额无法读取，未计入合计"
    return [in_english(what) if lang == "en" else what]


def _declared(request: Request, library: Library, fates: Sequence[Fate]) -> dict[str, Any]:
    """Say what the project file and the waivers did, and what a reader must know about it."""
    stated: dict[str, Any] = request.project.data if request.project else {}
    notes = say_fates(fates, keyed=request.key is not None, lang=request.lang)
    for pack in library.packs:
        if stated.get("year") and pack.years and stated["year"] not in pack.years:
            years = "、".join(map(str, pack.years))
            notes.append(
                f"政策包 {pack.pack} 适用于 {years} 年，项目文件写的是 {stated['year']} 年"
                if request.lang == "zh"
                else f"pack {pack.pack} is for {years}, the project file says {stated['year']}"
            )
    for column, codes in request.codes.items():
        spelt = ", ".join(f"{'/'.join(spellings)} = {code}" for code, spellings in codes.items())
        notes.append(
            f"按项目文件读取 {column}：{spelt}" if request.lang == "zh" else f"read as the project file says, {column}: {spelt}"
        )
    project = request.project and {"path": request.project.path, **{name: stated.get(name) for name in ("organisation", "year")}}
    return {
        "project": project,
        "without": list(request.without),
        "waivers": [fate._asdict() for fate in fates],
        "notes": notes,
    }
