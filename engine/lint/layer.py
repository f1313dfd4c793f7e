"""Look at what one layer of a policy declares itself: an extension is held to its own words, not to those of the policy below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from sqlglot import exp

from declared import Key
from engine.conditions import parse
from ledgers.kinds import Kind
from policies.load import Library, Loaded
from policies.model import Policy

Found = Iterator[tuple[Key, str]]  # a key of the policy, and the sentence with its next step


ANY_DAY = date(2021, 12, 31)  # of the check: a plan without ledgers is the same on every day


class Against(NamedTuple):
    """Hold what policies are held against: the library, the kinds of ledger, and the texts of documents as far as they are at hand."""

    library: Library
    kinds: Mapping[str, Kind]
    texts: Mapping[str, str]


def conditions_of(loaded: Loaded) -> Iterator[tuple[Key, str]]:
    """Give every condition that the layer declares about the judged row, with its key."""
    policy, declared = loaded.policy, loaded.declared
    for key in ("applies_when", "requires"):
        if key in declared:
            yield (key,), getattr(policy, key)
    for name in declared.get("readings", {}):
        yield ("readings", name, "requires"), policy.readings[name].requires
    for number, citation in loaded.own_citations:
        if citation.when:
            yield ("citations", number, "when"), citation.when


def names_in(text: str) -> set[str]:
    """Name what a condition reads: columns, `join.column`, `:parameter`, measures.

    >>> sorted(names_in("amount <= :limit AND archive.found"))
    [':limit', 'amount', 'archive.found']
    """
    names = set()
    for node in parse(text).walk():
        if isinstance(node, exp.Placeholder):
            names.add(f":{node.name}")
        elif isinstance(node, exp.Column):
            names.add(f"{node.table}.{node.name}" if node.table else node.name)
    return names


def behind(policy: Policy, names: set[str]) -> set[str]:
    """Add to some names what stands behind them: the texts of shown values, of measures and of totals."""
    texts = dict(policy.group.measures) if policy.group else {}
    texts |= {f"{j}.{name}": text for j, join in policy.joins.items() for name, text in join.total.items()}
    texts |= policy.shows
    known: set[str] = set()
    while names - known:
        name = (names - known).pop()
        known.add(name)
        names = names | (names_in(texts[name]) if name in texts else set())
    return known
