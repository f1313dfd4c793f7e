"""Find what is the matter with the values of parameters: holes and overlaps on their time line, and clauses that they do not name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from engine.lint.layer import Against, Found
from policies.load import Loaded
from policies.model import Citation, Dated, Parameter, Policy, Window
from policies.parameters import covers, meet

_DAY = timedelta(days=1)
Line = tuple[str | None, tuple[tuple[str, Any], ...]]  # the values of one region and class follow each other in time


def broken_time_line(loaded: Loaded, against: Against) -> Found:
    """Find days for which a parameter has no value, or two; an exception may stand before the rule that it lies in."""
    for name, parameter in loaded.own_parameters.items():
        for number, dated in enumerate(parameter.values):
            key = ("parameters", name, "values", number)
            first, last = dated.bounds
            if first > last:
                yield key, f"{name}: {dated.start} to {dated.end} holds no day. put the first day before the last."
            for earlier in parameter.values[:number]:
                if _line(earlier) == _line(dated) and meet(earlier, dated) and not _is_exception(earlier, dated):
                    day = max(earlier.bounds[0], first)
                    what = f"{name}: {earlier.value} and {dated.value} both hold on {_shown(day)}."
                    yield key, f"{what} end one before the other begins, or put the exception first."
        yield from _holes(loaded.policy, name, parameter)


def _line(dated: Dated) -> Line:
    return dated.region, tuple(sorted((dated.model_extra or {}).items()))


def _shown(day: date) -> str:
    return "every day" if day == date.min else str(day)


def _is_exception(earlier: Dated, later: Dated) -> bool:
    """Say whether the earlier value lies within the later one and is narrower: the first that fits is taken."""
    return covers(later, earlier) and later.bounds != earlier.bounds


def _holes(policy: Policy, name: str, parameter: Parameter) -> Found:
    """Find holes between the values of a line, and at the edges of the clause that a value cites."""
    for line in dict.fromkeys(map(_line, parameter.values)):
        own = [(number, dated) for number, dated in enumerate(parameter.values) if _line(dated) == line]
        held = _joined([dated.bounds for _, dated in own])
        for (_, end), (start, _) in pairwise(held):
            number = next(number for number, dated in own if dated.start == start)
            what = f"{name}: no value from {end + _DAY} to {start - _DAY}. close the gap, or part the clause there."
            yield ("parameters", name, "values", number), what
        for number, dated in own:
            clause = _clause(policy, dated)
            if clause is None or not held:
                continue
            window = clause.in_force
            if window.start and window.start < held[0][0]:
                what = f"{name}: the clause is in force from {window.start}, its value only from {held[0][0]}."
                yield ("parameters", name, "values", number), f"{what} give both one first day."
            if window.end and held[-1][1] < window.end:
                what = f"{name}: the clause is in force to {window.end}, its value only to {held[-1][1]}."
                yield ("parameters", name, "values", number), f"{what} give both one last day."


def _joined(windows: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Join windows that meet or follow each other without a day between."""
    held: list[tuple[date, date]] = []
    for start, end in sorted(windows):
        if held and (held[-1][1] == date.max or start <= held[-1][1] + _DAY):
            held[-1] = (held[-1][0], max(held[-1][1], end))
        elif start <= end:
            held.append((start, end))
    return held


def _clause(policy: Policy, dated: Dated) -> Citation | None:
    """Give the clause that a value rests on; none where it is a limit of one's own, or where no clause is named."""
    number = 0 if dated.citation is None and len(policy.citations) == 1 else dated.citation
    return policy.citations[number] if isinstance(number, int) and number < len(policy.citations) else None


def unfounded_value(loaded: Loaded, against: Against) -> Found:
    """Find a value that does not say which clause set it, or whose clause does not hold for its region and days."""
    policy = loaded.policy
    for name, parameter in loaded.own_parameters.items():
        for number, dated in enumerate(parameter.values):
            key = ("parameters", name, "values", number)
            if dated.citation is None and len(policy.citations) > 1:
                what = (
                    f"{name}: {dated.value} does not say which clause set it. write `citation:` with its number, counted from 0,"
                )
                yield key, f"{what} or `citation: own` for a limit of your own."
            clause = _clause(policy, dated)
            if clause is not None:
                yield from ((key, f"{name}: {dated.value} {what}") for what in _beside(dated, clause, policy))


def _beside(dated: Dated, clause: Citation, policy: Policy) -> Iterator[str]:
    if clause.region is not None and dated.region != clause.region:
        yield f"rests on a clause of {clause.region}. give it that `region`, or cite another clause."
    others = [one for one in policy.citations if one is not clause and one.region in (None, dated.region)]
    window, (begin, end), outside = clause.in_force, dated.bounds, []
    if window.start and (dated.start is None or dated.start < window.start):
        outside.append((dated.start, begin, min(end, window.start - _DAY)))
    if window.end and (dated.end is None or dated.end > window.end):
        outside.append((dated.end, max(begin, window.end + _DAY), end))
    for bound, first, last in () if isinstance(dated.value, date) else outside:  # a day may be asked about before it comes
        judged = [one for one in others if meet(one.in_force, Window(start=first, end=last))]
        if bound is not None or judged:
            day = max(first, min((one.in_force.bounds[0] for one in judged), default=first))
            yield f"holds on {_shown(day)}, its clause does not. bound it with `from` and `to`, or cite another clause."
