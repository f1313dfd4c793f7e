"""Hold the table of rules: which function finds a fault, under which code; run them over every layer of a library."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from declared import Problem
from engine.lint import cases, clauses, limits, words
from engine.lint.constants import constant_condition
from engine.lint.contradictions import Contradiction, find_contradictions
from engine.lint.layer import ANY_DAY, Against, Found
from engine.names import Ask
from engine.plan import PolicyFaults, plan
from ledgers.kinds import load_kinds
from policies.load import Library, Loaded

_READS_NO_CONDITION = {"P02", "P03", "P04", "P05", "P06", "P07", "P08", "P10", "P12", "P14", "P15"}
_NONE: Mapping[str, str] = {}


def does_not_fit(loaded: Loaded, against: Against) -> Found:
    """Find a name that no ledger has, a code that no column has, a comparison of different types."""
    try:
        plan(loaded, against.kinds, None, Ask(ANY_DAY))
    except PolicyFaults as faults:
        yield from ((fault.key, fault.what) for fault in faults.faults)


RULES: Mapping[str, Callable[[Loaded, Against], Found]] = {
    "P02": clauses.orders_nothing,
    "P03": clauses.cut_short,
    "P04": clauses.out_of_force,
    "P05": clauses.unproved,
    "P06": cases.no_look_alike,
    "P07": cases.unproved_verdict,
    "P08": cases.said_in_vain,
    "P09": cases.edge_without_case,
    "P10": does_not_fit,
    "P11": constant_condition,
    "P12": words.concluding_word,
    "P13": words.silent_message,
    "P14": limits.broken_time_line,
    "P15": limits.unfounded_value,
}
"""By code. The loader finds P00, P01, and of numbers that no clause has P15; P16 is about two policies."""
_CODED = re.compile(r"P[0-9]{2} ")


class Linted(NamedTuple):
    """Hold every problem, and the pairs of policies of which nobody can tell here whether they contradict each other."""

    problems: list[Problem]
    undecided: list[tuple[str, str]]


def lint(library: Library, refused: Iterable[Problem] = (), texts: Mapping[str, str] = _NONE) -> Linted:
    """Find every rule that a policy breaks; `refused` is what the loader found, `texts` what is at hand of documents, by id."""
    problems = [one if _CODED.match(one.what) else one._replace(what=f"P00 {one.what}") for one in refused]
    against = Against(library, load_kinds(), texts)
    for loaded in library.layers:
        misfits = [*does_not_fit(loaded, against)]
        for code, find in RULES.items():
            if not misfits or code in _READS_NO_CONDITION:
                found = misfits if find is does_not_fit else find(loaded, against)
                problems += [loaded.problem(key, f"{code} {what}") for key, what in found]
    pairs = [*find_contradictions(library, against.kinds)]
    problems += [pair.problem for pair in pairs if isinstance(pair, Contradiction)]
    return Linted(problems, [pair for pair in pairs if not isinstance(pair, Contradiction)])
