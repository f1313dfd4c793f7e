"""Let the cases of a policy judge its mutants: one that gets the same verdict in every row of every case survives.

The rows of a case are read once, and all mutants that no case before has told are put to them together, as many as one pass holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from engine.every_row import quiet_rows, row_digits
from engine.judge import DIFFERS, FAILS, judge, passes
from engine.mutants import Mutant, mutants
from engine.plan import Plan, PolicyFaults, plan
from engine.trial import Opened, open_case
from engine.wanted import columns_wanted
from ledgers.kinds import Kind, load_kinds
from policies.load import Library, Loaded
from policies.model import Policy

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


def mutate(library: Library, *, codes: Sequence[str] = (), share: float = 1.0, workers: int = 1) -> Iterator[Trial]:
    """Try the mutants of every layer of a library, or of the policies with these codes.

    Shapes:  `share` of the mutants are tried, always the same ones, picked by what they change; `workers` processes.
    """
    numbers = [n for n, loaded in enumerate(library.layers) if not codes or loaded.policy.code in codes]
    if workers == 1 or len(numbers) == 1:
        kinds = load_kinds()
        yield from (try_mutants(library.layers[number], library, kinds, share) for number in numbers)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _take, (library,)) as pool:
        yield from pool.map(_try_one, numbers, repeat(share))


_given: list[Library] = []  # of a worker


def _take(library: Library) -> None:
    """Keep the library in a worker that starts: it is handed over once, not with every layer."""
    _given.append(library)


def _try_one(number: int, share: float) -> Trial:
    return try_mutants(_given[0].layers[number], _given[0], load_kinds(), share)


def try_mutants(loaded: Loaded, library: Library, kinds: Mapping[str, Kind], share: float = 1.0) -> Trial:
    """Try the mutants of one layer of a policy: of an extension, those of the keys that it declares."""
    declared = loaded.declared
    made = list(mutants(loaded.policy, declared))
    picked = [one for one in made if _drawn(f"{loaded.policy.code} {one.change}") < share]
    alive = [one.change for one in _survivors(picked, loaded, library, kinds)]
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


def _survivors(picked: Sequence[Mutant], loaded: Loaded, library: Library, kinds: Mapping[str, Kind]) -> list[Mutant]:
    """Give the mutants that get the verdict of the policy in every row of every case."""
    every = {name: {*kind.columns} for name, kind in kinds.items()}  # a mutant may read what the policy does not
    wanted = {name: own | every[name] for name, own in columns_wanted([loaded], kinds).items()}
    alive = list(picked)
    for case in loaded.policy.cases if picked else ():
        with open_case(loaded, case, kinds, library, wanted) as opened:
            own, *others = _verdicts([loaded.policy, *(one.policy for one in alive)], loaded, opened, kinds)
        alive = [one for one, told in zip(alive, others, strict=True) if told == own]
    return alive


Verdicts = dict[int, str]  # by row, as far as the question decides it; 0 stands for why nothing is judged


def _verdicts(asked: Sequence[Policy], loaded: Loaded, opened: Opened, kinds: Mapping[str, Kind]) -> list[Verdicts]:
    """Judge the rows of a case by a policy and its mutants: those that form no groups together, the others one by one."""
    con, intake, ask = opened
    found: list[Verdicts] = [{} for _ in asked]
    plans: dict[int, Plan] = {}
    for number, policy in enumerate(asked):
        try:
            planned = plan(loaded._replace(policy=policy), kinds, intake.tables, ask)
        except PolicyFaults:
            found[number] = {0: "does not load"}
            continue
        if planned.status == "judged":
            plans[number] = planned
        else:
            found[number] = {0: planned.status}
    numbers = {id(planned): number for number, planned in plans.items()}
    for together in passes(plans.values()):
        grouped = together[0].policy.group is not None
        digits = [_group_digits(con, one) for one in together] if grouped else row_digits(con, together)
        for planned, rows in zip(together, digits, strict=True):
            same = {DIFFERS: FAILS} if planned.policy.basis not in ("norm", "target") else {}  # both are a suspect, or a lead
            found[numbers[id(planned)]] = {row: str(same.get(digit, digit)) for (_, row), digit in rows.items()}
    return found


def _group_digits(con: DuckDBPyConnection, planned: Plan) -> dict[tuple[int, int], int]:
    judge(con, [planned])
    found = {(place, row): digit for place, row, digit in con.execute("SELECT _input, _row, digit FROM flagged").fetchall()}
    found |= quiet_rows(con, planned)
    con.execute("DROP TABLE flagged")
    return found
