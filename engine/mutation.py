"""Let the cases of a policy judge its mutants: one that gets the same verdict in every row of every case survives.

The rows of a case are read once and stay open for all mutants; the first case that tells a mutant from the policy ends its trial.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import NamedTuple

from engine.judge import DIFFERS, FAILS, judge, quiet_rows
from engine.mutants import Mutant, mutants
from engine.plan import PolicyFaults, plan
from engine.trial import Opened, open_case
from engine.wanted import columns_wanted
from ledgers.kinds import Kind, load_kinds
from policies.load import Library, Loaded


class Trial(NamedTuple):
    """Say of one layer of a policy how many mutants there are, which survive, which of these are known to mean the same, and what is listed in vain."""

    code: str
    path: str
    mutants: int
    survivors: tuple[str, ...]
    equivalent: tuple[str, ...]
    unknown: tuple[str, ...]


class _Asked(NamedTuple):
    opened: Opened
    verdicts: Mapping[int, str]


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
    declared = loaded.files[-1].data
    made = list(mutants(loaded.policy, declared))
    picked = [one for one in made if _drawn(f"{loaded.policy.code} {one.change}") < share]
    asked = [_open(loaded, number, library, kinds) for number in range(len(loaded.policy.cases))] if picked else []
    alive = [one.change for one in picked if _survives(one, loaded, asked, kinds)]
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


def _open(loaded: Loaded, number: int, library: Library, kinds: Mapping[str, Kind]) -> _Asked:
    every = {name: {*kind.columns} for name, kind in kinds.items()}  # a mutant may read what the policy does not
    wanted = {name: own | every[name] for name, own in columns_wanted([loaded], kinds).items()}
    opened = open_case(loaded, loaded.policy.cases[number], kinds, library, wanted)
    return _Asked(opened, _verdicts(loaded, opened, kinds))


def _verdicts(loaded: Loaded, opened: Opened, kinds: Mapping[str, Kind]) -> dict[int, str]:
    """Give the verdict of each row, as far as the question decides it; of a policy that is not judged, why not."""
    con, intake, ask = opened
    planned = plan(loaded, kinds, intake.tables, ask)
    if planned.status != "judged":
        return {0: planned.status}
    judge(con, [planned])
    found = dict(con.execute("SELECT _row, digit FROM flagged").fetchall())
    found |= {row: digit for (_, row), digit in quiet_rows(con, planned).items()}
    con.execute("DROP TABLE flagged")
    same = {DIFFERS: FAILS} if loaded.policy.basis not in ("norm", "target") else {}  # both are a suspect, or a lead
    return {row: str(same.get(digit, digit)) for row, digit in found.items()}


def _survives(mutant: Mutant, loaded: Loaded, asked: list[_Asked], kinds: Mapping[str, Kind]) -> bool:
    """Say whether no case tells a mutant; the one that does goes first for the next, which often is a neighbour."""
    changed = loaded._replace(policy=mutant.policy)
    for one in asked:
        try:
            told = _verdicts(changed, one.opened, kinds) != one.verdicts
        except PolicyFaults:
            return False  # it would not load
        if told:
            asked.remove(one)
            asked.insert(0, one)
            return False
    return True
