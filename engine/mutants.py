"""Change a policy in one small way at a time: an operator, a limit, a day, a join, a group. What the cases make of it is unknown here.

A mutant that no case tells from the policy shows what the cases do not prove.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from sqlglot import exp

from engine.conditions import parse
from policies.model import Dated, Policy

NEVER = "∅"  # a text that no cell holds
_SWAPS: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ,
    exp.Add: exp.Sub, exp.Sub: exp.Add, exp.Mul: exp.Div, exp.Div: exp.Mul, exp.Min: exp.Max, exp.Max: exp.Min, exp.Sum: exp.Max,
}  # fmt: skip


class Mutant(NamedTuple):
    """Hold a changed policy and the words for the change."""

    change: str
    policy: Policy


def mutants(policy: Policy, declared: Mapping[str, Any]) -> Iterator[Mutant]:
    """Give every mutant of what a policy file declares and what decides a verdict; what it extends is left as it is.

    Words that stand for several changes are counted from the second on: `requires: 1 -> 2 (2)`.
    """
    said: Counter[str] = Counter()
    for place, changed, words in _changes(policy):
        if _is_own(place, policy, declared):
            change = f"{'.'.join(map(str, place))}: {words}"
            said[change] += 1
            yield Mutant(change if said[change] == 1 else f"{change} ({said[change]})", changed)


def _is_own(place: tuple[str | int, ...], policy: Policy, declared: Mapping[str, Any]) -> bool:
    own = declared.get(str(place[0]))
    if place[0] == "citations":  # those of the extension stand last
        return len(policy.citations) - len(own or ()) <= int(place[1])
    return own is not None and (not isinstance(own, Mapping) or len(place) == 1 or place[1] in own)


def _changes(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], Policy, str]]:
    for key in ("applies_when", "requires"):
        for words, text in rewritten(getattr(policy, key)):
            yield (key,), policy.model_copy(update={key: text}), words
    for name, reading in policy.readings.items():
        rest = {other: own for other, own in policy.readings.items() if other != name}
        yield ("readings", name), policy.model_copy(update={"readings": rest}), "left out"
        for words, text in rewritten(reading.requires):
            own = reading.model_copy(update={"requires": text})
            yield ("readings", name), policy.model_copy(update={"readings": policy.readings | {name: own}}), words
    for name in _asked_shows(policy):
        for words, text in rewritten(policy.shows[name]):
            yield ("shows", name), policy.model_copy(update={"shows": policy.shows | {name: text}}), words
    yield from _of_joins(policy)
    yield from _of_group(policy)
    yield from _of_parameters(policy)
    for number, citation in enumerate(policy.citations):
        window, others = citation.in_force, [one for nth, one in enumerate(policy.citations) if nth != number]
        for words, update, day in _edges(window.start, window.end):
            if any(one.in_force.holds(day) and not one.when and not one.region for one in others):
                continue  # another clause holds on that day: the verdict is the same
            own_citation = citation.model_copy(update={"in_force": window.model_copy(update=update)})
            citations = [*policy.citations[:number], own_citation, *policy.citations[number + 1 :]]
            yield ("citations", number), policy.model_copy(update={"citations": citations}), words


def _of_parameters(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], Policy, str]]:
    for name, parameter in policy.parameters.items():
        named = re.findall(rf":{name} (?:=|<>) '(.+?)'", _asked(policy))
        for number, value in enumerate(parameter.values):
            above = [
                one
                for one in parameter.values[:number]
                if one.region in (None, value.region) and one.model_extra == value.model_extra
            ]
            moves = (
                (words, update)
                for words, update, day in _edges(value.start, value.end)
                if not any(_holds(one, day) for one in above)
            )
            for words, update in (*_near(value.value, "value", named), *moves):
                values = [*parameter.values]
                values[number] = value.model_copy(update=update)
                own = parameter.model_copy(update={"values": values})
                yield (
                    ("parameters", name, number),
                    policy.model_copy(update={"parameters": policy.parameters | {name: own}}),
                    words,
                )


def _holds(value: Dated, day: date) -> bool:
    """Say whether a value holds on a day; of several the first decides, so on that day those below it change nothing."""
    first, last = value.bounds
    return first <= day <= last


def _asked(policy: Policy) -> str:
    """Give all texts that decide a verdict: a measure or a shown value that only a message names is none of them."""
    texts = [policy.applies_when, *policy.questions]
    measures = policy.group.measures if policy.group else {}
    shown = [policy.shows[name] for name in _asked_shows(policy)]
    return " ".join([*texts, *shown, *(citation.when or "" for citation in policy.citations), *measures.values()])


def _asked_shows(policy: Policy) -> list[str]:
    """Name the shown values that the question names, itself or through others that stand below them."""
    asked = " ".join([policy.applies_when, *policy.questions])
    names = []
    for name, text in reversed(policy.shows.items()):
        if re.search(rf"(?<![.:\w]){name}\b", asked):
            names.append(name)
            asked += f" {text}"
    return names


def _of_joins(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], Policy, str]]:
    asked = _asked(policy)
    for name, join in policy.joins.items():

        def with_join(update: Mapping[str, Any], name: str = name) -> Policy:
            return policy.model_copy(update={"joins": policy.joins | {name: policy.joins[name].model_copy(update=update)}})

        if re.search(rf"\b{name}\.", asked) is None:
            continue
        if join.pick:
            first, _, rest = join.pick.partition(" ")
            other = {"earliest": "latest", "latest": "earliest"}[first]
            yield ("joins", name), with_join({"pick": f"{other} {rest.partition(' by ')[0]}"}), f"{join.pick} -> {other}"
            if join.by:
                yield ("joins", name), with_join({"pick": join.pick.partition(" by ")[0]}), f"{join.pick} -> without by"
        for key in join.match if len(join.match) > 1 else ():
            yield ("joins", name), with_join({"match": [one for one in join.match if one != key]}), f"match without {key}"
        if join.where:
            yield ("joins", name), with_join({"where": None}), "where left out"
            for words, text in rewritten(join.where):
                yield ("joins", name), with_join({"where": text}), f"where {words}"
        for measure, text in join.total.items():
            for words, changed in rewritten(text) if f"{name}.{measure}" in asked else ():
                yield ("joins", name), with_join({"total": join.total | {measure: changed}}), f"{measure} {words}"


def _of_group(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], Policy, str]]:
    group = policy.group
    if group is None:
        return
    for column in group.per if len(group.per) > 1 else ():
        own = group.model_copy(update={"per": [one for one in group.per if one != column]})
        yield ("group",), policy.model_copy(update={"group": own}), f"not per {column}"
    asked = _asked(policy)
    for name, text in group.measures.items():
        for words, changed in rewritten(text) if re.search(rf"\b{name}\b", asked) else ():
            own = group.model_copy(update={"measures": group.measures | {name: changed}})
            yield ("group",), policy.model_copy(update={"group": own}), f"{name} {words}"


def rewritten(text: str) -> Iterator[tuple[str, str]]:
    """Give every way to change one node of a condition: the words for it, and the text.

    >>> [words for words, _ in rewritten("amount <= 500 AND NOT paid")]
    ['amount <= 500 left out', 'NOT paid left out', 'amount <= 500 -> amount < 500', 'NOT paid -> paid', '500 -> 499', '500 -> 501']
    """
    tree = parse(text)
    for number, node in enumerate(tree.walk()):
        for words, make in _of_node(node):
            changed = tree.copy()
            place = next(own for nth, own in enumerate(changed.walk()) if nth == number)
            new = make(place)
            if place.parent is None:
                changed = new
            else:
                place.replace(new)
            yield words, changed.sql(dialect="duckdb")


def _of_node(node: exp.Expr) -> Iterator[tuple[str, Callable[[Any], exp.Expr]]]:
    shown = node.sql(dialect="duckdb")
    if isinstance(node, exp.And | exp.Or):
        for side, kept in (("this", "expression"), ("expression", "this")):
            yield f"{node.args[side].sql(dialect='duckdb')} left out", partial(_only, kept)
    elif isinstance(node, exp.Not):
        yield f"{shown} -> {node.this.sql(dialect='duckdb')}", lambda own: own.this.copy()
    elif isinstance(node, exp.In) and len(node.expressions) > 1:
        for number, one in enumerate(node.expressions):
            yield f"{shown} -> without {one.sql(dialect='duckdb')}", partial(_without, number)
    elif type(node) in _SWAPS:
        swapped = _SWAPS[type(node)]
        changed = swapped(**{key: own.copy() for key, own in node.args.items() if isinstance(own, exp.Expr)})
        yield f"{shown} -> {changed.sql(dialect='duckdb')}", lambda own: changed.copy()
    elif isinstance(node, exp.Literal) and not isinstance(node.parent, exp.In):
        for words, literal in _literals(node):
            yield f"{shown} -> {words}", partial(_instead, literal)
    elif isinstance(node, exp.Boolean) and node.parent is not None:
        yield f"{shown} -> {not node.this}", lambda own: exp.Boolean(this=not own.this)


def _only(side: str, node: exp.Expr) -> exp.Expr:
    kept: exp.Expr = node.args[side].copy()
    return kept


def _instead(other: exp.Expr, node: exp.Expr) -> exp.Expr:
    return other.copy()


def _without(number: int, node: exp.Expr) -> exp.Expr:
    own = node.copy()
    own.set("expressions", [one for nth, one in enumerate(own.expressions) if nth != number])
    return own


def _literals(node: exp.Literal) -> Iterator[tuple[str, exp.Expr]]:
    if node.is_string and isinstance(node.parent, exp.Cast):
        for _, update in _moved(date.fromisoformat(node.this), "day"):
            yield str(update["day"]), exp.Literal.string(str(update["day"]))
    elif node.is_string:
        if node.this:  # an empty text and NEVER are alike: no cell holds them
            yield f"'{NEVER}'", exp.Literal.string(NEVER)
    else:
        for near in _beside(Decimal(node.this)):
            if near >= 0:
                yield f"{near:f}", exp.Literal.number(f"{near:f}")


def _near(value: object, key: str, named: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the values next to a limit; for a text the others that the question names."""
    if isinstance(value, date):
        yield from _moved(value, key)
    elif isinstance(value, int | Decimal):
        for near in _beside(Decimal(value)):
            yield f"{value} -> {near}", {key: int(near) if isinstance(value, int) else near}
    elif isinstance(value, str):
        for text in [one for one in named if one != value] or [NEVER]:
            yield f"{value} -> {text}", {key: text}


def _beside(number: Decimal) -> tuple[Decimal, Decimal]:
    """Give the numbers a step of the last digit away."""
    step = Decimal(1).scaleb(min(0, int(number.as_tuple().exponent)))
    return number - step, number + step


def _edges(start: date | None, end: date | None) -> Iterator[tuple[str, dict[str, Any], date]]:
    """Give each move of an edge by a day: the words, the new edge, and the one day that is gained or lost."""
    for words, update in _moved(start, "start"):
        yield words, update, min(start or date.max, update["start"])
    for words, update in _moved(end, "end"):
        yield words, update, max(end or date.min, update["end"])


def _moved(day: date | None, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if day is not None:
        for near in (day - timedelta(days=1), day + timedelta(days=1)):
            yield f"{key} {day} -> {near}", {key: near}
