"""Say which columns of a ledger must be read: free text of bulk files is not touched unless a policy asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ledgers.intake import Intake
from ledgers.kinds import Kind
from ledgers.tables import has_blanks, read_more
from policies.load import Loaded

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def columns_wanted(chosen: Iterable[Loaded], kinds: Mapping[str, Kind]) -> dict[str, set[str]]:
    """Name the columns that the policies read, by kind: of bulk files, free text is read only where it is wanted."""
    import re

    wanted: dict[str, set[str]] = {name: set() for name in kinds}
    for loaded in chosen:
        policy = loaded.policy
        texts = [policy.applies_when, *policy.questions]
        texts += [citation.when or "" for citation in policy.citations]
        texts += [assumed.value for assumed in policy.assume.values()]
        texts += [*policy.shows.values(), *(policy.group.measures.values() if policy.group else ())]
        words = set(re.findall(r"[a-z_][a-z_0-9.]*", " ".join(texts))) | (set(policy.group.per) if policy.group else set())
        if policy.ledger in wanted:
            wanted[policy.ledger] |= words | ({f"{name}__form" for name in words} if "identity_form" in words else set())
        settled = policy.remedy.settled_by
        if settled is not None and settled.ledger in wanted and policy.ledger in wanted:
            wanted[policy.ledger].add(settled.own)
            wanted[settled.ledger] |= {*settled.match.values(), settled.amount, settled.on}
        for name, join in policy.joins.items():
            if join.ledger in wanted:
                inner = re.findall(r"[a-z_][a-z_0-9]*", " ".join([*join.total.values(), join.where or "", join.pick or ""]))
                wanted[join.ledger] |= {*inner, *_joined_words(name, words)}
    return wanted


def _joined_words(join: str, words: set[str]) -> set[str]:
    return {word.removeprefix(f"{join}.") for word in words if word.startswith(f"{join}.")}


def columns_needed(chosen: Sequence[Loaded], kinds: Mapping[str, Kind]) -> dict[str, set[str]]:
    """Name the columns that judging may touch in a store: those that are read, and those by which rows are joined and told apart."""
    needed = columns_wanted(chosen, kinds)
    for kind in (kind for kind in kinds.values() if kind.nets):
        needed[kind.kind] |= set(kind.paid)  # a row in red ink cancels one of the same person
    for policy in (loaded.policy for loaded in chosen if loaded.policy.ledger in kinds):
        needed[policy.ledger] |= set(policy.group.alike) if policy.group else set()
        for join in (join for join in policy.joins.values() if join.ledger in kinds):
            needed[policy.ledger] |= {left for left, _ in join.keys} | set(join.alike)
            needed[join.ledger] |= {right for _, right in join.keys} | set(join.alike)
    return needed


def read_rest(con: DuckDBPyConnection, intake: Intake, chosen: Iterable[Loaded]) -> Intake:
    """Read what of bulk files turns out to be needed: weaker keys that both sides have, likeness where rows are unreadable."""
    tables = dict(intake.tables)
    for policy in (loaded.policy for loaded in chosen if loaded.policy.ledger in tables):
        sides = [(policy.ledger, policy.group.per, policy.group.alike)] if policy.group else []
        for join in (join for join in policy.joins.values() if join.ledger in tables):
            keys = [
                pair for pair in join.keys if pair[0] in tables[policy.ledger].columns and pair[1] in tables[join.ledger].columns
            ]
            tables[policy.ledger] = read_more(con, tables[policy.ledger], {left for left, _ in keys})
            tables[join.ledger] = read_more(con, tables[join.ledger], {right for _, right in keys})
            sides.append((join.ledger, [right for _, right in keys[:1]], join.alike))
        for ledger, names, alike in sides:
            known = [name for name in names if name in tables[ledger].columns]
            if alike and any(has_blanks(con, tables[ledger], name) for name in known):
                for kind in {ledger, policy.ledger}:
                    tables[kind] = read_more(con, tables[kind], set(alike))
    return intake._replace(tables=tables)
