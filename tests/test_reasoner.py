"""Cases of duties: the rule engine agrees with plain Python, and every failure of it is an error, never a gap."""

from __future__ import annotations

import copy
import itertools
import json
import os
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from declared import Refused, read_text
from engine import reasoner
from engine.reasoner import Case, Conclusion, ReasonerFailed, ReasonerUnavailable, reason
from policies.duties import DUTIES, MOST_JOINS, MOST_RULES, DutyRules, check_duty_rules, load_duty_rules
from tests.reference_duties import chain

FILE = DUTIES / "refund.yaml"
RULES = load_duty_rules(FILE)
UNPAID = Case(
    "C1",
    [
        {"id": "d", "kind": "duty", "source": "irregular", "deadline": "passed"},
        {"id": "b", "kind": "balance", "position": "unpaid"},
    ],
)
NEVER_SAID = ("套取", "冒领", "截留", "挪用", "违纪", "虚假", "弄虚作假", "追回")


def drawn(conclusion: Conclusion) -> tuple[str, frozenset[tuple[str, str, tuple[str, ...]]]]:
    steps = [(step.rule, step.concludes, tuple(step.because)) for step in conclusion.steps]
    assert len(steps) == len(set(steps))
    return conclusion.state, frozenset(steps)


# ---- What the files declare holds. A new file in policies/duties is proved by its own cases, here.


@pytest.mark.parametrize("path", sorted(DUTIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_cases_in_a_file_of_rules_hold_and_reach_every_rule_and_state(path: Path) -> None:
    rules = load_duty_rules(path)
    concluded = reason(rules, [Case(case.title, case.facts) for case in rules.cases])
    for case, got in zip(rules.cases, concluded, strict=True):
        expected = (case.title, case.expect.state, sorted(case.expect.conclusions))
        assert (got.case, got.state, sorted({step.concludes for step in got.steps})) == expected
    assert {step.rule for got in concluded for step in got.steps} == set(rules.by_name)
    assert {got.state for got in concluded} == {state.state for state in rules.states}
    assert any(case.innocent for case in rules.cases)


def test_messages_keep_to_careful_words() -> None:
    said = [rule.message.zh for path in DUTIES.glob("*.yaml") for rule in load_duty_rules(path).rules]
    assert len(said) >= len(RULES.rules)
    assert not [text for text in said for word in NEVER_SAID if word in text]
    assert "建议提请研究" in RULES.by_name["escalation-of-overdue"].message.zh


def test_steps_stand_in_the_order_of_the_chain_and_name_their_reasons() -> None:
    [got] = reason(RULES, [UNPAID])
    assert got.state == "overdue"
    assert [tuple(step) for step in got.steps] == [
        ("duty-from-irregular-subsidy", "duty_open", ["d"]),
        ("unpaid-on-the-day", "short", ["duty_open", "b"]),
        ("overdue-after-deadline", "overdue", ["short", "d"]),
        ("severity-of-overdue", "severity_raised", ["overdue"]),
        ("escalation-of-overdue", "escalation_proposed", ["overdue"]),
    ]
    assert RULES.by_name["severity-of-overdue"].effect.raises_severity


def test_the_tenth_instalment_stands_after_the_second() -> None:
    instalments = [{"id": f"i{number}", "kind": "instalment", "leaves": "short", "timing": "in_time"} for number in range(1, 13)]
    [got] = reason(RULES, [Case("C1", [*UNPAID.facts, *reversed(instalments)])])
    received = [step.because[1] for step in got.steps if step.rule == "instalment-received"]
    assert received == [f"i{number}" for number in range(1, 13)]


# ---- The engine agrees with plain Python. One child judges many cases: what is examined are cases, not children.


def fact_lists(rules: DutyRules, ids: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    parts = []
    for name, kind in rules.facts.items():
        words = {field: st.sampled_from(choices) for field, choices in kind.fields.items()}
        fact = st.fixed_dictionaries({"kind": st.just(name), **words})
        parts.append(st.lists(fact, min_size=kind.times == "one", max_size=1 if kind.times == "one" else 6))
    facts = st.tuples(*parts).map(lambda lists: list(itertools.chain.from_iterable(lists)))
    numbered = facts.flatmap(
        lambda some: st.lists(ids, min_size=len(some), max_size=len(some), unique=True).map(
            lambda names: [{"id": name, **fact} for name, fact in zip(names, some, strict=True)]
        )
    )
    return numbered.flatmap(st.permutations)


FACT_IDS = st.one_of(
    st.from_regex(r"\A[a-z][0-9]{1,3}\Z"),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
).filter(lambda name: name not in RULES.conclusions)


@settings(max_examples=12, deadline=None)
@given(st.lists(fact_lists(RULES, FACT_IDS), min_size=10, max_size=40))
def test_the_engine_agrees_with_plain_python(lists: list[list[dict[str, str]]]) -> None:
    cases = [Case(f"案 {number}", facts) for number, facts in enumerate(lists)]
    got = reason(RULES, cases)
    assert [conclusion.case for conclusion in got] == [case.case for case in cases]
    for case, conclusion in zip(cases, got, strict=True):
        assert drawn(conclusion) == chain(RULES, case.facts)


def test_every_short_case_agrees_with_plain_python_in_every_order_of_facts() -> None:
    kinds = RULES.facts
    duties, instalments, balances = (
        [
            {"id": name[0], "kind": name, **dict(zip(kinds[name].fields, words, strict=True))}
            for words in itertools.product(*kinds[name].fields.values())
        ]
        for name in ("duty", "instalment", "balance")
    )
    sets = [list(facts) for facts in itertools.product(duties, instalments, balances)]
    assert len(sets) == 6 * 9 * 5
    cases = [
        Case(f"{number}.{turn}", list(order))
        for number, facts in enumerate(sets)
        for turn, order in enumerate(itertools.permutations(facts))
    ]
    for case, conclusion in zip(cases, reason(RULES, cases), strict=True):
        assert drawn(conclusion) == chain(RULES, case.facts)


def rules_at_the_limit() -> DutyRules:
    """Declare as many rules and joins as are permitted, all of which one case can fire."""
    single, fields = MOST_RULES - MOST_JOINS, {"word": ["yes_", "no_"]}
    declared: dict[str, Any] = {
        "id": "limit",
        "title": {"zh": "界", "en": "limit"},
        "why": {"zh": "界", "en": "limit"},
        "facts": {"left": {"times": "any", "fields": fields}, "right": {"times": "any", "fields": fields}},
        "states": [{"state": "reached", "concluded": "c0"}, {"state": "other", "concluded": "d0"}],
    }
    says = {"message": {"zh": "推", "en": "drawn"}}
    rules = [{"name": "r0", "when": {"left": {"word": "yes_"}}, "concludes": "c0", **says}]
    for number in range(1, single):
        rules.append({"name": f"r{number}", "when": {f"c{number - 1}": {}}, "concludes": f"c{number}", **says})
    for number in range(MOST_JOINS):
        when = {"left": {"word": "no_"}, "right": {"word": "yes_"}}
        if number % 2:
            when = {f"c{number}": {}, "right": {"word": "no_"}}
        rules.append({"name": f"j{number}", "when": when, "concludes": f"d{number}", **says})
    facts = [{"id": "l", "kind": "left", "word": "yes_"}]
    expected = {"state": "reached", "conclusions": ["c0"]}
    declared |= {"rules": rules, "cases": [{"name": "one", "facts": facts, "expect": expected}]}
    return check_duty_rules(read_text(yaml.safe_dump(declared), "limit.yaml"), "limit")


def test_as_many_rules_and_joins_as_are_permitted_agree_with_plain_python() -> None:
    rules = rules_at_the_limit()
    words = list(itertools.product(["left", "right"], ["yes_", "no_"]))
    sets = [
        [{"id": f"f{place}", "kind": kind, "word": word} for place, (kind, word) in enumerate(chosen)]
        for size in range(1, 4)
        for chosen in itertools.product(words, repeat=size)
    ]
    started = [{"id": "first", "kind": "left", "word": "yes_"}]
    cases = [Case(str(number), [*facts, *started]) for number, facts in enumerate(sets)]
    assert len(cases) == 4 + 4**2 + 4**3
    for case, conclusion in zip(cases, reason(rules, cases), strict=True):
        assert drawn(conclusion) == chain(rules, case.facts)


def test_facts_whose_ids_have_one_hash_are_both_counted() -> None:
    """`r66999` and `r916676` have the same 32-bit FNV-1a hash; the engine takes the second for the first."""
    facts = [
        UNPAID.facts[0],
        {"id": "r66999", "kind": "instalment", "leaves": "short", "timing": "late"},
        {"id": "r916676", "kind": "instalment", "leaves": "short", "timing": "late"},
        {"id": "b", "kind": "balance", "position": "short"},
    ]
    [got] = reason(RULES, [Case("C1", facts)])
    assert drawn(got) == chain(RULES, facts)
    assert {"r66999", "r916676"} <= {ident for step in got.steps for ident in step.because}


def test_more_cases_than_the_engine_keeps_sessions_for_are_judged() -> None:
    """The engine holds 1,024 sessions; without deletion the next one ends the child."""
    got = reason(RULES, [UNPAID._replace(case=str(number)) for number in range(1100)])
    assert [conclusion.state for conclusion in got] == ["overdue"] * 1100


def test_the_parent_never_imports_durable_and_the_child_runs_from_any_folder(tmp_path: Path) -> None:
    """A folder `engine` where the user stands is not mistaken for ours."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("raise SystemExit(9)", encoding="utf-8")
    home = Path(reasoner.__file__).parent.parent
    script = textwrap.dedent(f"""
        import sys
        from engine.reasoner import Case, reason
        from policies.duties import DUTIES, load_duty_rules
        print(reason(load_duty_rules(DUTIES / "refund.yaml"), [Case("C1", {UNPAID.facts!r})])[0].state)
        print([name for name in sys.modules if name.startswith("durable")])
    """)
    environment = {**os.environ, "PYTHONPATH": str(home), "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-P", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("overdue\n[]\n", "", 0)


# ---- A failure of the engine is an error. A stub package `durable`, first on the path, behaves as badly as we like.

STUB = """
    import json, os, time

    class MessageObservedException(Exception):
        pass

    class Closure:
        pass

    class Ruleset:
        def __init__(self, name, host, definition):
            self.definition, self.count = definition, 0
        def assert_fact(self, fact):
            self.count += 1
            return fact
        def do_actions(self, fact, callback):
            closure = Closure()
            closure.m = Closure()
            closure.m.id = fact["id"]
            self.definition["every_fact"]["run"](closure)
            callback(None, {})
        def delete_state(self, sid):
            pass
"""


def put_stub(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, engine: str = "", package: str = "logger = None", stub: str = STUB
) -> None:
    (folder / "durable").mkdir()
    (folder / "durable" / "__init__.py").write_text(textwrap.dedent(package), encoding="utf-8")
    text = textwrap.dedent(stub) + textwrap.dedent(engine)
    (folder / "durable" / "engine.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_without_durable_the_cases_are_unavailable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_stub(monkeypatch, tmp_path, package="raise ImportError('no compiler was at hand')")
    with pytest.raises(ReasonerUnavailable, match=r"cannot be imported \(no compiler was at hand\)\. install"):
        reason(RULES, [UNPAID])


BAD_ENGINES = {
    "a fact that no rule sees": (
        """
        good = Ruleset.do_actions
        def lose(self, fact, callback):
            if self.count != 2:
                good(self, fact, callback)
            else:
                callback(None, {})
        Ruleset.do_actions = lose
        """,
        r"case `C1`: the rule engine lost a fact: of 2 facts 2 went in; with 0 conclusions it saw 1 in all",
    ),
    "an exception that stays in the state": (
        """
        def swallow(self, fact, callback):
            callback(None, {"exception": "exception caught boom, traceback ['a line']"})
        Ruleset.do_actions = swallow
        """,
        r"case `C1`: the rule engine swallowed an error: boom\.$",
    ),
    "an error that is handed to the callback": (
        """
        def hand(self, fact, callback):
            callback(MemoryError("full"), None)
        Ruleset.do_actions = hand
        """,
        r"swallowed an error: full",
    ),
    "actions that never end": (
        "Ruleset.do_actions = lambda self, fact, callback: None",
        r"case `C1`: the rule engine did not finish the actions",
    ),
    "a fact refused under every name": (
        """
        def refuse(self, fact):
            raise MessageObservedException(fact)
        Ruleset.assert_fact = refuse
        """,
        r"case `C1`: the rule engine refused the fact `d` under 8 names",
    ),
    "rules that never fire": ("", r"case `C1` reached no state"),
    "an exception in the engine": (
        "Ruleset.assert_fact = lambda self, fact: {}['x']",
        r"ended with exit code 1 \(KeyError: 'x'\)",
    ),
    "a crash": ("Ruleset.assert_fact = lambda self, fact: os.abort()", r"was ended by SIGABRT"),
    "a silent exit": (
        "Ruleset.assert_fact = lambda self, fact: os._exit(0)",
        r"answered 0 of 1 cases; none is used",
    ),
    "a hang": ("Ruleset.assert_fact = lambda self, fact: time.sleep(60)", r"did not finish 1 cases in 0\.6 seconds"),
}


@pytest.mark.parametrize(("engine", "message"), BAD_ENGINES.values(), ids=list(BAD_ENGINES))
def test_a_fault_of_the_engine_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: str, message: str) -> None:
    put_stub(monkeypatch, tmp_path, engine=engine)
    with pytest.raises(ReasonerFailed, match=message):
        reason(RULES, [UNPAID], timeout=0.6 if "sleep" in engine else 60)


# The engine itself, with one of its functions made bad.
REAL = Path(str(find_spec("durable").origin)).parent / "engine.py"  # type: ignore[union-attr]
REAL_STUB = f"""
    import ctypes
    exec(compile(open({str(REAL)!r}, encoding="utf-8").read(), "engine.py", "exec"))
    real = Ruleset.assert_fact
"""
BAD_FUNCTIONS = {
    "an action that raises": (
        """
        def bad(self, fact):
            if fact["kind"] == "overdue":
                raise KeyError("boom")
            return real(self, fact)
        """,
        r"^case `C1`: the rule engine swallowed an error: 'boom'\.$",
    ),
    "a conclusion that is not asserted": (
        "bad = lambda self, fact: None if fact['kind'] == 'severity_raised' else real(self, fact)",
        r"^case `C1`: the rule engine lost a fact: of 2 facts 2 went in; with 5 conclusions it saw 6 in all\.$",
    ),
    "a conclusion refused under every name": (
        """
        def bad(self, fact):
            if fact["kind"] == "overdue":
                raise MessageObservedException(fact)
            return real(self, fact)
        """,
        r"^case `C1`: the rule engine swallowed an error: the rule engine refused the fact `overdue` under 8 names\.$",
    ),
    "a crash in an action": (
        "bad = lambda self, fact: ctypes.string_at(0) if fact['kind'] == 'overdue' else real(self, fact)",
        r"^the rule engine was ended by SIGSEGV\.$",
    ),
}


@pytest.mark.parametrize(("bad", "message"), BAD_FUNCTIONS.values(), ids=list(BAD_FUNCTIONS))
def test_a_fault_within_an_action_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: str, message: str) -> None:
    text = textwrap.dedent(bad) + "\nRuleset.assert_fact = bad\n"
    put_stub(monkeypatch, tmp_path, engine=text, stub=REAL_STUB)
    with pytest.raises(ReasonerFailed, match=message):
        reason(RULES, [UNPAID])


def test_what_the_engine_prints_does_not_reach_the_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_stub(monkeypatch, tmp_path, engine="print('noise'); os.write(1, b'more noise')")
    with pytest.raises(ReasonerFailed, match="reached no state"):
        reason(RULES, [UNPAID])


def answer_with(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(reasoner, "_command", lambda: [sys.executable, "-c", script])


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_a_killed_child_is_an_error_that_names_the_signal(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    answer_with(monkeypatch, f"import os, signal; os.kill(os.getpid(), signal.{name})")
    with pytest.raises(ReasonerFailed, match=f"ended by {name}"):
        reason(RULES, [UNPAID])


GOOD = {"case": "C1", "given": 2, "drawn": 1, "seen": 3, "steps": [["unpaid-on-the-day", "short", ["d", "b"]]]}
END = {"done": 1}
BAD_ANSWERS: dict[str, tuple[list[Any], str]] = {
    "no object": ([[1], [2]], "malformed"),
    "no count at the end": ([GOOD], "answered 0 of 1"),
    "a wrong count at the end": ([GOOD, {"done": 2}], "none is used"),
    "a case too many": ([GOOD, GOOD, END], "answered 2 of 1"),
    "no counts of facts": ([{"case": "C1", "steps": []}, END], r"malformed \(KeyError"),
    "an answer that is no object": ([GOOD, [], GOOD, END], "answered 3 of 1"),
    "another case": ([GOOD | {"case": "C2"}, END], "not asked"),
    "an unknown rule": ([GOOD | {"steps": [["elsewhere", "short", ["d"]]]}, END], r"malformed \(KeyError"),
    "the conclusion of another rule": ([GOOD | {"steps": [["unpaid-on-the-day", "overdue", ["d"]]]}, END], "not asked"),
    "steps of another shape": ([GOOD | {"steps": [["unpaid-on-the-day", "short", [["d"]]]]}, END], r"malformed \(TypeError"),
    "an unknown fact": ([GOOD | {"steps": [["unpaid-on-the-day", "short", ["e"]]]}, END], "not asked"),
    "a fact not asserted": ([GOOD | {"given": 1, "seen": 2}, END], "lost a fact"),
    "a conclusion not asserted": ([GOOD | {"drawn": 0, "seen": 2}, END], "lost a fact"),
}


@pytest.mark.parametrize(("lines", "message"), BAD_ANSWERS.values(), ids=list(BAD_ANSWERS))
def test_an_answer_that_was_not_asked_for_is_an_error(monkeypatch: pytest.MonkeyPatch, lines: list[Any], message: str) -> None:
    text = "\n".join(map(json.dumps, lines))
    answer_with(monkeypatch, f"print({text!r})")
    with pytest.raises(ReasonerFailed, match=message):
        reason(RULES, [UNPAID])


def test_an_answer_that_is_no_json_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, "print('nonsense')")
    with pytest.raises(ReasonerFailed, match="malformed: Expecting value"):
        reason(RULES, [UNPAID])


def test_a_child_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reasoner, "_command", lambda: [str(tmp_path / "nothing")])
    with pytest.raises(ReasonerFailed, match="cannot be started"):
        reason(RULES, [UNPAID])


# ---- What is asked wrongly never reaches the engine: no child is started.


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> list[str]:
        raise AssertionError("a child was started")

    monkeypatch.setattr(reasoner, "_command", refuse)


DUTY, BALANCE = UNPAID.facts
BAD_CASES = {
    "an unknown word": ([DUTY, BALANCE | {"position": "paid"}], r"fact `b`: unknown position `paid`; permitted: `unpaid`"),
    "a number": ([DUTY, BALANCE | {"position": 5}], r"unknown position `5`"),
    "an unknown kind": ([DUTY, BALANCE, {"id": "x", "kind": "waiver"}], r"fact `x`: unknown kind `waiver`"),
    "no kind": ([DUTY, BALANCE, {"id": "x"}], r"unknown kind `None`"),
    "a field too many": ([DUTY, BALANCE | {"amount": "5"}], r"its fields must be `position`"),
    "a field too few": ([DUTY, {"id": "b", "kind": "balance"}], r"its fields must be `position`"),
    "no balance": ([DUTY], r"needs one fact of kind `balance` and has 0"),
    "two duties": ([DUTY, DUTY | {"id": "e"}, BALANCE], r"needs one fact of kind `duty` and has 2"),
    "one id twice": ([DUTY, BALANCE | {"id": "d"}], r"fact `d`: the id is empty, repeated"),
    "the id of a conclusion": ([DUTY | {"id": "short"}, BALANCE], r"fact `short`: the id is"),
    "no id": ([{key: DUTY[key] for key in DUTY if key != "id"}, BALANCE], r"the id is empty"),
}


@pytest.mark.usefixtures("no_child")
@pytest.mark.parametrize(("facts", "message"), BAD_CASES.values(), ids=list(BAD_CASES))
def test_a_case_outside_the_vocabulary_is_refused(facts: list[dict[str, str]], message: str) -> None:
    with pytest.raises(ReasonerFailed, match=f"case `C2`: .*{message}"):
        reason(RULES, [UNPAID, Case("C2", facts)])


@pytest.mark.usefixtures("no_child")
def test_a_case_given_twice_is_refused_and_no_case_needs_no_child() -> None:
    with pytest.raises(ReasonerFailed, match="case `C1` stands twice"):
        reason(RULES, [UNPAID, UNPAID])
    assert reason(RULES, []) == []


# ---- Rules that the engine cannot bear, or that mean nothing, are refused where they stand.


def refused(change: Any) -> list[str]:
    data = copy.deepcopy(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    change(data)
    with pytest.raises(Refused) as info:
        check_duty_rules(read_text(yaml.safe_dump(data, allow_unicode=True), "refund.yaml"), "refund")
    return [str(problem) for problem in info.value.problems]


def put(*keys: Any) -> Any:
    *path, last, value = keys

    def change(data: Any) -> None:
        for key in path:
            data = data[key]
        data[last] = value

    return change


def many(count: int, when: dict[str, dict[str, str]]) -> Any:
    def change(data: Any) -> None:
        rule = data["rules"][0]
        data["rules"] += [rule | {"name": f"more-{number}", "when": when, "concludes": "more"} for number in range(count)]

    return change


JOIN: dict[str, dict[str, str]] = {"duty": {}, "balance": {}}
BAD_RULES = {
    "too many rules": (many(46, {"duty": {}}), "at most 60 items"),
    "too many joins": (many(15, JOIN), "26 rules join two facts; at most 25 may"),
    "three facts": (put("rules", 0, "when", {"duty": {}, "balance": {}, "instalment": {}}), "at most 2 items"),
    "no fact": (put("rules", 0, "when", {}), "at least 1 item"),
    "an unknown kind": (put("rules", 0, "when", {"dutty": {}}), "neither a kind of fact nor a conclusion. did you mean `duty`?"),
    "an unknown field": (
        put("rules", 0, "when", {"duty": {"sauce": "irregular"}}),
        "unknown field `sauce`; permitted: `deadline`, `source`",
    ),
    "an unknown word": (put("rules", 0, "when", {"duty": {"source": "gift"}}), "unknown source `gift`"),
    "a field of a conclusion": (put("rules", 11, "when", {"overdue": {"a": "b"}}), "a conclusion has no fields"),
    "a circle": (put("rules", 0, "when", {"overdue": {}}), "a rule below concludes it. move this rule down."),
    "its own conclusion": (put("rules", 0, "when", {"duty_open": {}}), "a rule below concludes it"),
    "a comparison": (put("rules", 0, "when", {"duty": {"source": "> 5"}}), "should match pattern"),
    "a repeated rule": (put("rules", 1, "name", "duty-from-irregular-subsidy"), "stands twice"),
    "a reserved field": (put("facts", "duty", "fields", {"id": ["a"]}), "the field name `id` is reserved"),
    "a kind that is concluded": (put("rules", 0, "concludes", "balance"), "a rule concludes this word"),
    "a state of nothing": (put("states", 0, "concluded", "lost"), "no rule concludes `lost`"),
    "a repeated state": (put("states", 0, "state", "open"), "`open` stands twice"),
    "a case outside the vocabulary": (put("cases", 0, "facts", []), "it has no facts"),
    "a case with an unknown state": (put("cases", 0, "expect", "state", "gone"), "cases.0.expect.state: unknown `gone`"),
    "a case without a title": (put("cases", 0, "name", ""), "either a `name` or"),
    "another id": (put("id", "refunds"), "`refunds` stands in the file `refund`"),
    "an unknown key": (put("rules", 0, "wen", {}), "unknown key. did you mean `when`?"),
}


@pytest.mark.parametrize(("change", "message"), BAD_RULES.values(), ids=list(BAD_RULES))
def test_an_unsound_file_of_rules_is_refused_with_its_place(change: Any, message: str) -> None:
    problems = refused(change)
    assert [problem for problem in problems if message in problem], problems
    assert all(problem.startswith("refund.yaml:") for problem in problems)
