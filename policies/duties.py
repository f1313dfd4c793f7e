"""Know the rules that say what follows from a finding: facts, rules, states, and the cases that prove them.

How rules are run is unknown here, and so are ledgers and amounts: facts are words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from declared import Declared, Problem, Refused, check, nearest, read
from policies.model import Strict, Words

DUTIES = Path(__file__).parent / "duties"
# Measured on durable-rules 2.0.28: it refuses a fact that more than 64 rules match (one counts the facts),
# and 26 rules of two facts crash it.
MOST_RULES = 60
MOST_JOINS = 25
RESERVED = frozenset({"id", "sid", "kind", "case"})  # the engine and the protocol use these names themselves

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class FactKind(Strict):
    """Describe one kind of fact: how often a case has it, and the words that each of its fields admits."""

    times: Literal["one", "any"]
    fields: dict[Word, list[Word]] = Field(min_length=1)


class Effect(Strict):
    """Say what a conclusion changes outside its case."""

    raises_severity: bool = False
    proposes_escalation: bool = False


class Rule(Strict):
    """Draw a conclusion from one fact, or from two facts of distinct kinds of the same case.

    `when`  kind of fact, or a conclusion drawn above, with the words that its fields must have.
    """

    name: Name
    when: dict[Word, dict[Word, Word]] = Field(min_length=1, max_length=2)
    concludes: Word
    message: Words
    effect: Effect = Effect()


class State(Strict):
    """Name the state of a case in which a conclusion was drawn, and no conclusion of a state above it."""

    state: Word
    concluded: Word


class Expected(Strict):
    """Hold the state and all conclusions that a case must reach."""

    state: Word
    conclusions: list[Word]


class DutyCase(Strict):
    """Hold one example: the facts of a case, and what must follow from them."""

    name: str | None = None
    innocent: str | None = None
    facts: list[dict[str, str]]
    expect: Expected

    @model_validator(mode="after")
    def _has_one_title(self) -> DutyCase:
        if bool(self.name) == bool(self.innocent):
            raise ValueError("a case has either a `name` or, as a lawful look-alike, an `innocent`")
        return self

    @property
    def title(self) -> str:
        """Give the sentence that names the case."""
        return self.name or f"innocent: {self.innocent}"


class DutyRules(Strict):
    """Describe the rules of one kind of duty; of the states, the first whose conclusion was drawn holds."""

    id: Name
    title: Words
    why: Words
    facts: dict[Word, FactKind] = Field(min_length=1)
    rules: list[Rule] = Field(min_length=1, max_length=MOST_RULES)
    states: list[State] = Field(min_length=1)
    cases: list[DutyCase] = Field(min_length=1)

    @cached_property
    def by_name(self) -> dict[str, Rule]:
        """Give each rule by its name, in the order of the chain."""
        return {rule.name: rule for rule in self.rules}

    @cached_property
    def conclusions(self) -> frozenset[str]:
        """Give every word that a rule concludes."""
        return frozenset(rule.concludes for rule in self.rules)

    def state_after(self, conclusions: set[str]) -> str | None:
        """Give the state that holds by the declared precedence; None if none of them has a state."""
        return next((state.state for state in self.states if state.concluded in conclusions), None)

    def refusals(self, facts: Sequence[Mapping[str, str]]) -> Iterator[str]:
        """Say why facts are no case of this duty: unknown words, lacking fields, repeated ids."""
        kinds = Counter(fact.get("kind") for fact in facts)
        for name, kind in self.facts.items():
            if kind.times == "one" and kinds[name] != 1:
                yield f"it needs one fact of kind `{name}` and has {kinds[name]}. give one."
        names = Counter(fact.get("id") for fact in facts)
        for ident, times in names.items():
            if not ident or not isinstance(ident, str) or times > 1 or ident in self.conclusions:
                yield f"fact `{ident}`: the id is empty, repeated or a conclusion. give it an id of its own."
        if not facts:
            yield "it has no facts. leave it out, or give its facts."
        for fact in facts:
            yield from self._refused_words(fact)

    def _refused_words(self, fact: Mapping[str, str]) -> Iterator[str]:
        where = f"fact `{fact.get('id')}`"
        kind = self.facts.get(fact.get("kind", ""))
        if kind is None:
            yield f"{where}: unknown kind `{fact.get('kind')}`; permitted: {_list(self.facts)}."
            return
        if fact.keys() - {"id", "kind"} != kind.fields.keys():
            yield f"{where}: its fields must be {_list(kind.fields)}, no more and no less."
        for field, words in kind.fields.items():
            if field in fact and fact[field] not in words:
                yield f"{where}: unknown {field} `{fact[field]}`; permitted: {_list(words)}."


def _list(words: Mapping[str, object] | Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def load_duty_rules(path: Path) -> DutyRules:
    """Read the rules of one duty.

    Raises:  Refused with every problem of the file, each at its place.
    """
    return check_duty_rules(read(path, f"{path.parent.name}/{path.name}"), path.stem)


def check_duty_rules(declared: Declared, stem: str) -> DutyRules:
    """Check declared rules of a duty, where `stem` is the name that the file has.

    Raises:  Refused with every problem of the file, each at its place.
    """
    rules = check(DutyRules, declared)
    problems = [
        *_misnamed(rules, declared, stem),
        *_unsound_facts(rules, declared),
        *_unsound_rules(rules, declared),
        *_unsound_states(rules, declared),
        *_unsound_cases(rules, declared),
    ]
    if problems:
        raise Refused(problems)
    return rules


def _misnamed(rules: DutyRules, declared: Declared, stem: str) -> Iterator[Problem]:
    if rules.id != stem:
        yield declared.problem(("id",), f"id: `{rules.id}` stands in the file `{stem}`. give both one name.")
    yield from _repeated(declared, "rules", "name", [rule.name for rule in rules.rules])
    yield from _repeated(declared, "states", "state", [state.state for state in rules.states])
    yield from _repeated(declared, "states", "concluded", [state.concluded for state in rules.states])
    yield from _repeated(declared, "cases", "name", [case.title for case in rules.cases])


def _repeated(declared: Declared, part: str, key: str, words: list[str]) -> Iterator[Problem]:
    for number, word in enumerate(words):
        if word in words[:number]:
            what = f"{part}.{number}.{key}: `{word}` stands twice. keep one."
            yield declared.problem((part, number, key), what)


def _unsound_facts(rules: DutyRules, declared: Declared) -> Iterator[Problem]:
    for name, kind in rules.facts.items():
        if name in rules.conclusions:
            what = f"facts.{name}: a rule concludes this word. rename one of them."
            yield declared.problem(("facts", name), what)
        for field in sorted(RESERVED & kind.fields.keys()):
            place = ("facts", name, "fields", field)
            yield declared.problem(place, f"facts.{name}: the field name `{field}` is reserved. rename it.")


def _unsound_rules(rules: DutyRules, declared: Declared) -> Iterator[Problem]:
    joins = [number for number, rule in enumerate(rules.rules) if len(rule.when) == 2]
    for number in joins[MOST_JOINS:]:
        what = f"rules: {len(joins)} rules join two facts; at most {MOST_JOINS} may. split the file."
        yield declared.problem(("rules", number), what)
    last = {rule.concludes: number for number, rule in enumerate(rules.rules)}
    for number, rule in enumerate(rules.rules):
        for kind, words in rule.when.items():
            place = ("rules", number, "when", kind)
            where = f"rules.{rule.name}.when.{kind}"
            if kind in last and last[kind] >= number:
                # One direction only, so that chains end and stand in the file as a reader follows them.
                yield declared.problem(place, f"{where}: a rule below concludes it. move this rule down.")
            for what in _unsound_condition(rules, kind, words):
                yield declared.problem(place, f"{where}: {what}")


def _unsound_condition(rules: DutyRules, kind: str, words: dict[str, str]) -> Iterator[str]:
    known = rules.facts.get(kind)
    if known is None and kind not in rules.conclusions:
        yield f"neither a kind of fact nor a conclusion.{nearest(kind, [*rules.facts, *rules.conclusions])}"
        return
    fields = known.fields if known else {}
    for field, word in words.items():
        if field not in fields:
            permitted = _list(fields) or "none, a conclusion has no fields"
            yield f"unknown field `{field}`; permitted: {permitted}."
        elif word not in fields[field]:
            yield f"unknown {field} `{word}`; permitted: {_list(fields[field])}."


def _unsound_states(rules: DutyRules, declared: Declared) -> Iterator[Problem]:
    for number, state in enumerate(rules.states):
        if state.concluded not in rules.conclusions:
            what = f"states.{state.state}: no rule concludes `{state.concluded}`."
            yield declared.problem(("states", number), what + nearest(state.concluded, rules.conclusions))


def _unsound_cases(rules: DutyRules, declared: Declared) -> Iterator[Problem]:
    states = [state.state for state in rules.states]
    for number, case in enumerate(rules.cases):
        expected = [("state", case.expect.state, states)]
        expected += [("conclusions", word, sorted(rules.conclusions)) for word in case.expect.conclusions]
        for key, word, known in expected:
            if word not in known:
                what = f"cases.{number}.expect.{key}: unknown `{word}`.{nearest(word, known)}"
                yield declared.problem(("cases", number, "expect", key), what)
        for what in rules.refusals(case.facts):
            yield declared.problem(("cases", number, "facts"), f"cases.{number}: {what}")
