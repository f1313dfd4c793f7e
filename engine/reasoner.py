"""Chain the rules of a duty over cases: the one module that imports durable-rules, in a child process.

It knows rules, facts and conclusions as words. What a ledger, an amount or a date is, is unknown here.

The engine can crash, drop a fact or swallow an exception. Whatever happens there becomes ReasonerFailed here,
never a shorter list of conclusions. One JSON object a line goes in (the rules, then the cases) and comes out
(one a case, then a count), so a child that stops early is noticed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO
from urllib.parse import quote

if TYPE_CHECKING:  # the child starts in a third of the time without pydantic
    from policies.duties import DutyRules

Wire = tuple[str, dict[str, dict[str, str]], str]  # a rule on its way to the child: name, when, concludes

# Two collisions of 32-bit hashes in one case are unlikely; eight mean that something else is wrong.
NAMES_TRIED = 8


class Case(NamedTuple):
    """Hold the facts of one case; each has an `id`, a `kind` and words in the fields of its kind."""

    case: str
    facts: list[dict[str, str]]


class Step(NamedTuple):
    """Hold one application of a rule; `because` names the facts and conclusions that it rests on."""

    rule: str
    concludes: str
    because: list[str]


class Conclusion(NamedTuple):
    """Hold the state of one case and the steps that led to it, in the order of the chain."""

    case: str
    state: str
    steps: list[Step]


class ReasonerUnavailable(Exception):
    """Say that durable-rules cannot be imported; the caller reports the cases as not judged."""


class ReasonerFailed(Exception):
    """Say why no conclusion can be relied on: a crash, a lost fact, a timeout, an unknown word."""


def reason(rules: DutyRules, cases: Iterable[Case], *, timeout: float = 120) -> list[Conclusion]:
    """Draw every conclusion that the rules draw from the facts of each case.

    Shapes:  n cases -> n conclusions in the same order; the order of facts within a case changes nothing.
    Units:   `timeout` in seconds, for all cases together.
    Raises:  ReasonerUnavailable if durable-rules cannot be imported; ReasonerFailed for everything else.
    """
    asked = list(cases)
    _check(rules, asked)
    if not asked:
        return []
    lines = _ask(rules, asked, timeout)
    for line in lines[:1] + lines[-1:]:
        _raise_told(line)
    if len(lines) != len(asked) + 1 or lines[-1] != {"done": len(asked)}:
        answered = max(len(lines) - 1, 0)
        raise ReasonerFailed(f"the rule engine answered {answered} of {len(asked)} cases; none is used.")
    return [_conclusion(rules, case, answer) for case, answer in zip(asked, lines, strict=False)]


def _check(rules: DutyRules, cases: list[Case]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.case in seen:
            raise ReasonerFailed(f"case `{case.case}` stands twice. give each case an id of its own.")
        seen.add(case.case)
        for refusal in rules.refusals(case.facts):
            raise ReasonerFailed(f"case `{case.case}`: {refusal}")


def _command() -> list[str]:
    # -P: an `engine` folder where the user stands must not be run.
    # -W: a warning that the user's environment makes an error must not end the child.
    return [sys.executable, "-P", "-W", "ignore", "-m", "engine.reasoner"]


def _ask(rules: DutyRules, cases: list[Case], timeout: float) -> list[Any]:
    wire: list[Wire] = [(rule.name, rule.when, rule.concludes) for rule in rules.rules]
    request = "\n".join(json.dumps(line) for line in ({"rules": wire}, *(case._asdict() for case in cases)))
    home = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            _command(),
            input=request.encode("ascii"),
            capture_output=True,
            timeout=timeout,
            env={**os.environ, "PYTHONPATH": path},
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        late = f"the rule engine did not finish {len(cases)} cases in {timeout:g} seconds."
        raise ReasonerFailed(late) from expired
    except OSError as error:
        raise ReasonerFailed(f"the rule engine cannot be started: {error}.") from error
    if done.returncode:
        raise ReasonerFailed(_obituary(done.returncode, done.stderr))
    try:
        return [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]
    except ValueError as error:
        raise ReasonerFailed(f"the rule engine's answer is malformed: {error}.") from error


def _obituary(code: int, stderr: bytes) -> str:
    """Say how a child ended.

    >>> _obituary(-11, b""), _obituary(1, b"Traceback\\nKeyError: 'x'\\n")
    ('the rule engine was ended by SIGSEGV.', "the rule engine ended with exit code 1 (KeyError: 'x').")
    """
    if code < 0:
        known = {number.value: number.name for number in signal.Signals}
        return f"the rule engine was ended by {known.get(-code, f'signal {-code}')}."
    last = stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    return f"the rule engine ended with exit code {code}" + (f" ({last[0]})." if last else ".")


def _raise_told(line: Any) -> None:
    if not isinstance(line, dict):
        raise ReasonerFailed("the rule engine's answer is malformed: a line is no object.")
    if "unavailable" in line:
        what = f"durable-rules cannot be imported ({line['unavailable']})."
        raise ReasonerUnavailable(f"{what} install `durable_rules`; building it needs a C compiler.")
    if "failed" in line:
        raise ReasonerFailed(str(line["failed"]))


def _conclusion(rules: DutyRules, case: Case, answer: Any) -> Conclusion:
    where = f"case `{case.case}`"
    try:
        name, given, drawn, seen = (answer[key] for key in ("case", "given", "drawn", "seen"))
        steps = [Step(rule, word, list(because)) for rule, word, because in answer["steps"]]
        words = {step.concludes for step in steps}
        known = words | {fact["id"] for fact in case.facts}
        strange = any(rules.by_name[step.rule].concludes != step.concludes for step in steps)
        strange = strange or not known.issuperset(ident for step in steps for ident in step.because)
    except (KeyError, TypeError, ValueError) as error:
        raise ReasonerFailed(f"{where}: the rule engine's answer is malformed ({error!r}).") from error
    if name != case.case or strange:
        raise ReasonerFailed(f"{where}: the rule engine answered what was not asked.")
    if (given, drawn, seen) != (len(case.facts), len(words), len(case.facts) + len(words)):
        told = f"of {len(case.facts)} facts {given} went in; with {drawn} conclusions it saw {seen} in all"
        raise ReasonerFailed(f"{where}: the rule engine lost a fact: {told}.")
    state = rules.state_after(words)
    if state is None:
        raise ReasonerFailed(f"{where} reached no state. declare a state for its conclusions.")
    order = {rule: number for number, rule in enumerate(rules.by_name)}
    # Short ids first, so that `i2` stands before `i10`.
    steps.sort(key=lambda step: (order[step.rule], [(len(ident), ident) for ident in step.because]))
    return Conclusion(case.case, state, steps)


# ---- the child: what follows runs in a process of its own ----


class _Board:
    """Hold what the engine has shown of one case; the actions of the rules write to it."""

    def __init__(self, durable: Any, rules: list[Wire]) -> None:
        self._observed: type[Exception] = durable.MessageObservedException
        self._ruleset = durable.Ruleset("duty", None, self._definition(rules))
        self._clear("")

    def _clear(self, sid: str) -> None:
        self._sid = sid
        self._ids: dict[str, str] = {}  # the engine's id of a fact -> ours
        self._seen: set[str] = set()
        self._drawn: set[str] = set()
        self._steps: set[tuple[str, str, tuple[str, ...]]] = set()

    def _definition(self, rules: list[Wire]) -> dict[str, Any]:
        # The engine's own JSON, without its Host: that starts threads which run actions on their own account.
        def see(closure: Any) -> None:
            self._seen.add(closure.m.id)

        definition: dict[str, Any] = {"every_fact": {"all": [{"m": {"$ex": {"kind": 1}}}], "run": see}}
        for number, (name, when, concludes) in enumerate(rules):
            slots = ["m"] if len(when) == 1 else ["a", "b"]
            tests = [_test(kind, words) for kind, words in when.items()]
            action = self._action(name, concludes, slots)
            matches = [{slot: test} for slot, test in zip(slots, tests, strict=True)]
            definition[f"rule_{number}"] = {"all": matches, "run": action}
        return definition

    def _action(self, rule: str, concludes: str, slots: list[str]) -> Callable[[Any], None]:
        def conclude(closure: Any) -> None:
            because = tuple(self._ids[getattr(closure, slot).id] for slot in slots)
            self._steps.add((rule, concludes, because))
            if concludes not in self._drawn:
                self._drawn.add(concludes)
                self._put(concludes, f"={concludes}", {"kind": concludes})

        return conclude

    def _put(self, ident: str, engine_id: str, words: dict[str, str]) -> Any:
        """Assert a fact, under another id if the 32-bit hash by which the engine knows it is taken."""
        for attempt in range(NAMES_TRIED):
            name = engine_id + "!" * attempt
            self._ids[name] = ident
            try:
                return self._ruleset.assert_fact({**words, "id": name, "sid": self._sid})
            except self._observed:
                del self._ids[name]
        raise ReasonerFailed(f"the rule engine refused the fact `{ident}` under {NAMES_TRIED} names.")

    def judge(self, case: str, facts: list[dict[str, str]], sid: str) -> dict[str, Any]:
        """Run one case in a session of its own."""
        self._clear(sid)
        try:
            for fact in facts:
                # Escaped: the engine parses JSON itself, and `!` and `=` are ours.
                handle = self._put(fact["id"], quote(fact["id"], safe=""), fact)
                self._run(handle)
        finally:
            self._ruleset.delete_state(sid)
        return {
            "case": case,
            "given": len(self._ids) - len(self._drawn),
            "drawn": len(self._drawn),
            "seen": len(self._seen & self._ids.keys()),
            "steps": sorted(self._steps),
        }

    def _run(self, handle: Any) -> None:
        told: list[tuple[Any, dict[str, Any] | None]] = []
        # Raised only afterwards: the engine would catch what its callback raises, and call it again.
        self._ruleset.do_actions(handle, lambda error, state: told.append((error, state)))
        if not told:
            raise ReasonerFailed("the rule engine did not finish the actions of a fact.")
        for error, state in told:
            swallowed = error or (state or {}).get("exception")
            if swallowed:
                cause, _, _ = str(swallowed).removeprefix("exception caught ").partition(", traceback")
                cause = cause.rstrip(".")
                raise ReasonerFailed(f"the rule engine swallowed an error: {cause}.")


def _test(kind: str, words: dict[str, str]) -> dict[str, Any]:
    tests = [{"kind": kind}, *({field: word} for field, word in words.items())]
    return {"$and": tests} if len(tests) > 1 else tests[0]


def _serve(requests: Iterable[str], answers: TextIO) -> None:
    def tell(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")

    try:
        from durable import engine as durable
    except ImportError as error:
        tell({"unavailable": str(error)})
        return
    lines = map(json.loads, requests)
    board = _Board(durable, next(lines)["rules"])
    count = 0
    for count, line in enumerate(lines, start=1):
        try:
            tell(board.judge(line["case"], line["facts"], str(count)))
        except ReasonerFailed as failed:
            tell({"failed": f"case `{line['case']}`: {failed}"})
            return
    tell({"done": count})


def _main() -> None:
    # The engine prints; what it prints goes to stderr, which is read only if the child fails.
    with os.fdopen(os.dup(1), "w", encoding="ascii") as answers:
        os.dup2(2, 1)
        _serve(sys.stdin, answers)


if __name__ == "__main__":
    _main()
