"""Judge the same ledgers by two versions of a pack and compare: findings gained, lost and changed, rows judged, money.

The ledgers are the same, so a finding is known again by its rows; where its rows differ, by its fingerprint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from declared import Problem, Refused, nearest
from engine.check import Request, check
from engine.render import ALL_RENDERED
from engine.report import COUNTED, Coverage, Report
from policies.load import read_library

MONEY = ("involved", "recover", "short")
GAINED, LOST, CHANGED = "gained", "lost", "changed"
COUNTS_MONEY = ("violation", "suspect")


class Found(NamedTuple):
    """Hold one finding or lead of one version; amounts that cannot be read are None."""

    fingerprint: str
    code: str
    unit: str
    verdict: str
    severity: str
    message: str
    rows: tuple[tuple[str, str | None, int], ...]  # path, sheet, row
    involved: Decimal | None
    recover: Decimal | None
    short: Decimal | None

    @property
    def told(self) -> tuple[object, ...]:
        """Give what a change of makes it another finding: verdict, severity and money."""
        return self.verdict, self.severity, self.involved, self.recover, self.short


class Change(NamedTuple):
    """Say what became of one finding; the old or the new one is missing where it was gained or lost."""

    kind: str
    old: Found | None
    new: Found | None

    @property
    def shown(self) -> Found:
        """Give the finding as it is now, or as it was."""
        found = self.new or self.old
        if found is None:
            raise ValueError("a change is of a finding")
        return found


class Side(NamedTuple):
    """Hold what one version found: its packs, coverage by code, findings, sums, and the files that could not be judged."""

    packs: tuple[str, ...]
    sha256: str
    coverage: Mapping[str, Coverage]
    found: tuple[Found, ...]
    summary: Mapping[str, Any]
    unjudged: tuple[str, ...]


class Effect(NamedTuple):
    """Hold what changed for one policy: its findings, its state and rows by verdict on both sides, and the money."""

    code: str
    title: str
    changes: tuple[Change, ...]
    status: tuple[str | None, str | None]
    rows: Mapping[str, tuple[int, int]]
    money: Mapping[str, tuple[Decimal, Decimal]]
    unread: tuple[int, int]  # findings whose amount cannot be read


class Impact(NamedTuple):
    """Hold both sides, and the policies for which they differ."""

    old: Side
    new: Side
    effects: tuple[Effect, ...]

    @property
    def exit_code(self) -> int:
        """Give 3 where a ledger was not judged, 1 where the versions differ, else 0."""
        sides = (self.old, self.new)
        nothing = not any(own.status == "judged" and own.rows for side in sides for own in side.coverage.values())
        return 3 if nothing or any(side.unjudged for side in sides) else 1 if self.effects else 0


def compare_packs(request: Request, old: str, new: str) -> Impact:
    """Judge the ledgers of a request by each version of a pack, beside the other packs of the request.

    Raises:  Refused as `check` does, and for a parameter that neither version knows.
    """
    requests = [_with_pack(request, one, {Path(old).name, Path(new).name}) for one in (old, new)]
    known = [_parameters(one) for one in requests]
    problems = [
        Problem("--param", 1, 1, f"两个版本都没有参数 `{code}.{name}`。 / neither version has it.{_hint(code, name, known)}")
        for code, name in request.parameters
        if not any((code, name) in own for own in known)
    ]
    if problems:
        raise Refused(problems)
    sides = [
        _side(check(one._replace(parameters={key: value for key, value in one.parameters.items() if key in own})))
        for one, own in zip(requests, known, strict=True)
    ]
    return weigh(*sides)


def _with_pack(request: Request, pack: str, names: Collection[str]) -> Request:
    """Put a version of a pack in the place of any other; a version of core takes the place of core."""
    beside = tuple(other for other in request.packs if Path(other).name not in names)
    return request._replace(packs=(*beside, pack), core=request.core and "core" not in names)


def _parameters(request: Request) -> set[tuple[str, str]]:
    library, problems = read_library(request.packs, core=request.core)
    if problems:
        raise Refused(problems)
    return {(code, name) for code, loaded in library.policies.items() for name in loaded.policy.parameters}


def _hint(code: str, name: str, known: Sequence[Iterable[tuple[str, str]]]) -> str:
    return nearest(f"{code}.{name}", {f"{other}.{own}" for names in known for other, own in names})


def _side(report: Report) -> Side:
    """Take out of a report what is compared."""
    columns = "fingerprint, code, unit, verdict, severity, message, rows, involved, recover, short"
    told = f"SELECT {columns} FROM {ALL_RENDERED}"
    places = [(own.path, own.sheet) for own in report.inputs]
    found = tuple(
        Found(print_, code, unit or "", verdict, severity, message, tuple((*places[row["i"]], row["r"]) for row in rows), *money)
        for print_, code, unit, verdict, severity, message, rows, *money in report.con.execute(told).fetchall()
    )
    coverage = {own.code: own for own in report.coverage}
    unjudged = tuple(
        f"{note.path}{f' [{note.sheet}]' if note.sheet else ''}: {note.message}" for note in report.notes if note.fatal
    )
    report.con.close()
    return Side(tuple(report.run["packs"]), report.run["policies_sha256"], coverage, found, report.summary, unjudged)


def weigh(old: Side, new: Side) -> Impact:
    """Compare both sides policy by policy."""
    changes: dict[str, list[Change]] = {}
    for change in pair(old.found, new.found):
        changes.setdefault(change.shown.code, []).append(change)
    effects = (_effect(code, old, new, changes.get(code, [])) for code in sorted({*old.coverage, *new.coverage}))
    return Impact(old, new, tuple(one for one in effects if one.changes or one.rows or one.status[0] != one.status[1]))


def pair(old: Iterable[Found], new: Iterable[Found]) -> Iterator[Change]:
    """Pair findings of the same policy by their rows, the rest by fingerprint, and yield what differs."""
    left = list(old)
    by_rows = {(own.code, own.rows): own for own in new}
    rest = []
    for own in left:
        other = by_rows.pop((own.code, own.rows), None)
        if other is None:
            rest.append(own)
        elif own.told != other.told:
            yield Change(CHANGED, own, other)
    by_print = {own.fingerprint: own for own in by_rows.values()}
    for own in rest:
        other = by_print.pop(own.fingerprint, None)
        if other is None:
            yield Change(LOST, own, None)
        elif own.told != other.told or own.rows != other.rows:
            yield Change(CHANGED, own, other)
    for other in by_print.values():
        yield Change(GAINED, None, other)


def _effect(code: str, old: Side, new: Side, changes: Sequence[Change]) -> Effect:
    before, after = old.coverage.get(code), new.coverage.get(code)
    known = after or before
    counts = {name: (getattr(before, name, 0), getattr(after, name, 0)) for name in COUNTED}
    own = [[one for one in side.found if one.code == code and one.verdict in COUNTS_MONEY] for side in (old, new)]
    money = {name: (_sum(own[0], name), _sum(own[1], name)) for name in MONEY}
    unread = (sum(one.involved is None for one in own[0]), sum(one.involved is None for one in own[1]))
    rows = {name: both for name, both in counts.items() if both[0] != both[1]}
    status = (before.status if before else None, after.status if after else None)
    return Effect(code, known.title if known else "", tuple(sorted(changes, key=_order)), status, rows, money, unread)


def _sum(found: Iterable[Found], name: str) -> Decimal:
    return sum((getattr(own, name) or Decimal(0) for own in found), Decimal(0))


def _order(change: Change) -> tuple[Any, ...]:
    shown = change.shown
    return (GAINED, LOST, CHANGED).index(change.kind), [(path, sheet or "", row) for path, sheet, row in shown.rows]


def count_changes(effects: Iterable[Effect]) -> Counter[str]:
    """Count the findings gained, lost and changed."""
    return Counter(change.kind for effect in effects for change in effect.changes)
