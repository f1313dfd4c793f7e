"""Chain the rules of a duty in plain Python, slowly and obviously: what the rule engine must agree with."""

from __future__ import annotations

from itertools import product

from policies.duties import DutyRules

Fact = dict[str, str]
Drawn = tuple[str, frozenset[tuple[str, str, tuple[str, ...]]]]


def chain(rules: DutyRules, facts: list[Fact]) -> Drawn:
    """Apply every rule to every combination of facts until nothing new follows; give the state and the steps."""
    known = list(facts)
    steps: set[tuple[str, str, tuple[str, ...]]] = set()
    while True:
        before = len(steps)
        for rule in rules.rules:
            candidates = [[fact for fact in known if fits(fact, kind, words)] for kind, words in rule.when.items()]
            for combination in product(*candidates):
                steps.add((rule.name, rule.concludes, tuple(fact["id"] for fact in combination)))
        concluded = {concludes for _, concludes, _ in steps}
        known = facts + [{"id": word, "kind": word} for word in sorted(concluded)]
        if len(steps) == before:
            return state(rules, concluded), frozenset(steps)


def fits(fact: Fact, kind: str, words: dict[str, str]) -> bool:
    """Say whether a fact meets one condition."""
    return fact["kind"] == kind and all(fact.get(field) == word for field, word in words.items())


def state(rules: DutyRules, concluded: set[str]) -> str:
    """Give the first declared state whose conclusion was drawn."""
    for declared in rules.states:
        if declared.concluded in concluded:
            return declared.state
    raise LookupError(f"no state for {sorted(concluded)}")
