"""Let the cases of a policy judge its mutants: one that gets the same verdict in every row of every case survives.

The rows of a case are read once and stay open for all mutants; the first case that tells a mutant from the policy ends its trial.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from engine.check import connect
from engine.judge import DIFFERS, FAILS, judge, quiet_rows
from engine.mutants import Mutant, mutants
from engine.names import Ask
from engine.plan import PolicyFaults, plan
from engine.trial import case_frames
from engine.wanted import columns_wanted
from ledgers.intake import Intake, bring_in
from ledgers.kinds import Kind, load_kinds
from policies.load import Library, Loaded, load_library

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Trial(NamedTuple):
    """Say of one layer of a policy how many mutants there are, which survive, which of these are known to mean the same, and what is listed in vain."""

    code: str
    path: str
    mutants: int
    survivors: tuple[str, ...]
    equivalent: tuple[str, ...]
    unknown: tuple[str, ...]


class _Opened(NamedTuple):
    con: DuckDBPyConnection
    intake: Intake
    ask: Ask
    verdicts: Mapping[int, str]


def mutate(
    packs: Sequence[str], *, core: bool = True, codes: Sequence[str] = (), share: float = 1.0, workers: int = 1
) -> Iterator[Trial]:
    """Try the mutants of every layer of the packs, or of the policies with these codes.

    Shapes:  `share` of the mutants are tried, always the same ones, picked by what they change; `workers` processes.
    """
    library = load_library(packs, core=core)
    numbers = [n for n, loaded in enumerate(library.layers) if not codes or loaded.policy.code in codes]
    if workers == 1 or len(numbers) == 1:
        kinds = load_kinds()
        yield from (try_mutants(library.layers[number], library, kinds, share) for number in numbers)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_try_one, [(tuple(packs), core, number, share) for number in numbers])


def _try_one(asked: tuple[tuple[str, ...], bool, int, float]) -> Trial:
    packs, core, number, share = asked
    library = load_library(packs, core=core)
    return try_mutants(library.layers[number], library, load_kinds(), share)


def try_mutants(loaded: Loaded, library: Library, kinds: Mapping[str, Kind], share: float = 1.0) -> Trial:
    """Try the mutants of one layer of a policy: of an extension, those of the keys that it declares."""
    declared = loaded.files[-1].data
    made = list(mutants(loaded.policy, declared))
    picked = [one for one in made if _drawn(f"{loaded.policy.code} {one.change}") < share]
    opened = [_open(loaded, number, library, kinds) for number in range(len(loaded.policy.cases))] if picked else []
    alive = [one.change for one in picked if _survives(one, loaded, opened, kinds)]
    known = declared.get("equivalents", {})  # those of a policy below speak of its own mutants
    return Trial(
        loaded.policy.code,
        loaded.files[-1].path,
        len(picked),
        tuple(change for change in alive if change not in known),
        tuple(change for change in alive if change in known),
        tuple(change for change in known if change not in alive) if share == 1 else (),
    )


def _drawn(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


def _open(loaded: Loaded, number: int, library: Library, kinds: Mapping[str, Kind]) -> _Opened:
    case = loaded.policy.cases[number]
    con = connect()
    every = {name: {*kind.columns} for name, kind in kinds.items()}  # a mutant may read what the policy does not
    wanted = {name: own | every[name] for name, own in columns_wanted([loaded], kinds).items()}
    intake = bring_in(con, [], kinds, wanted, frames=case_frames(case))
    parameters = {(loaded.policy.code, name): str(given) for name, given in case.parameters.items()}
    regions = {pack.region for pack in library.packs if pack.pack == loaded.pack}
    ask = Ask(case.as_of, case.region or next(iter(regions), None), parameters)
    return _Opened(con, intake, ask, _verdicts(loaded, con, intake, ask, kinds))


def _verdicts(loaded: Loaded, con: DuckDBPyConnection, intake: Intake, ask: Ask, kinds: Mapping[str, Kind]) -> dict[int, str]:
    """Give the verdict of each row, as far as the question decides it; of a policy that is not judged, why not."""
    planned = plan(loaded, kinds, intake.tables, ask)
    if planned.status != "judged":
        return {0: planned.status}
    judge(con, [planned])
    found = dict(con.execute("SELECT _row, digit FROM flagged").fetchall())
    found |= {row: digit for (_, row), digit in quiet_rows(con, planned).items()}
    con.execute("DROP TABLE flagged")
    same = {DIFFERS: FAILS} if loaded.policy.basis not in ("norm", "target") else {}  # both are a suspect, or a lead
    return {row: str(same.get(digit, digit)) for row, digit in found.items()}


def _survives(mutant: Mutant, loaded: Loaded, opened: Sequence[_Opened], kinds: Mapping[str, Kind]) -> bool:
    changed = loaded._replace(policy=mutant.policy)
    try:
        return all(_verdicts(changed, one.con, one.intake, one.ask, kinds) == one.verdicts for one in opened)
    except PolicyFaults:
        return False  # it would not load
