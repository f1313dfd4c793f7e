"""Follow the case of each finding whose remedy is a refund: SQL computes what was refunded, the duty rules say what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.plan import Plan
from ledgers.intake import Intake
from ledgers.tables import Table
from ledgers.typed import quote
from policies.duties import DUTIES, DutyRules, load_duty_rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from engine.reasoner import Case, Conclusion


class Followed(NamedTuple):
    """Hold the cases by number of finding, and the sentence that says why they were not judged, if they were not."""

    cases: Mapping[int, Mapping[str, Any]]
    note: str | None


class _Refund(NamedTuple):
    amount: Decimal | None
    day: date | None


class _Duty(NamedTuple):
    finding: int
    source: str
    owed: Decimal | None
    due: date | None
    known: bool
    refunds: Sequence[_Refund]


def follow_cases(con: DuckDBPyConnection, plans: Sequence[Plan], intake: Intake, as_of: date, lang: str) -> Followed:
    """Follow every refund case to its state on the day of the check.

    Shapes:  finding number -> state, amounts, steps; findings without a refund ledger have no case.
    Raises:  ReasonerFailed if the rule engine crashed or lost a fact.
    """
    duties = [duty for plan in plans for duty in _duties(con, plan, intake.tables, as_of)]
    if not duties:
        return Followed({}, None)
    from engine.reasoner import ReasonerUnavailable, reason

    rules = load_duty_rules(DUTIES / "refund.yaml")
    try:
        conclusions = reason(rules, [_facts(duty, as_of) for duty in duties])
    except ReasonerUnavailable as missing:
        note = (
            f"清退事项未判断（{len(duties)} 件）：{missing}" if lang == "zh" else f"cases not judged ({len(duties)}): {missing}"
        )
        return Followed({}, note)
    found = {duty.finding: _described(duty, end, rules, lang) for duty, end in zip(duties, conclusions, strict=True)}
    return Followed(found, None)


def _duties(con: DuckDBPyConnection, plan: Plan, tables: Mapping[str, Table], as_of: date) -> Iterator[_Duty]:
    settled = plan.policy.remedy.settled_by
    ledger = tables.get(settled.ledger) if settled else None
    if settled is None or ledger is None or plan.status != "judged":
        return
    theirs = next(iter(settled.match.values()))
    needed = {theirs, settled.amount, settled.on}
    if any(ledger.absent.get(name) == frozenset(ledger.inputs) for name in needed - {settled.on}):
        return
    day = f"r.{quote(settled.on)}" if ledger.absent.get(settled.on) != frozenset(ledger.inputs) else "CAST(NULL AS DATE)"
    own = "" if settled.own == theirs else _not_of_subsidies(f"r.{quote(theirs)}", tables, theirs)
    # Two rows that name one number cannot both be settled by what was refunded under it: nobody can tell whose it was.
    alone = "(SELECT count(DISTINCT (o.rows[1].i, o.rows[1].r)) FROM findings o WHERE o.settle_key = f.settle_key) = 1"
    rows = con.execute(
        f"SELECT f.n, f.owed, f.due, f.settle_key IS NOT NULL AND {alone},"
        f" (SELECT list({{'amount': r.{quote(settled.amount)}, 'day': {day}}} ORDER BY {day} NULLS LAST, r.{quote(settled.amount)})"
        f" FROM {ledger.view} r WHERE CAST(r.{quote(theirs)} AS VARCHAR) = f.settle_key"
        f" AND coalesce({day} <= DATE '{as_of.isoformat()}', TRUE){own})"
        f" FROM findings f WHERE f.code = '{plan.policy.code}' AND f.verdict IN ('violation', 'suspect') ORDER BY f.n"
    ).fetchall()
    for number, owed, due, known, refunds in rows:
        yield _Duty(number, settled.source, owed, due, bool(known), [_Refund(one["amount"], one["day"]) for one in refunds or []])


def _not_of_subsidies(number: str, tables: Mapping[str, Table], theirs: str) -> str:
    """Leave out refunds whose number is that of a subsidy: a voucher may bear the same."""
    subsidies = tables.get("subsidy")
    if subsidies is None or theirs not in subsidies.columns:
        return ""
    return f" AND {number} NOT IN (SELECT {quote(theirs)} FROM {subsidies.view} WHERE {quote(theirs)} IS NOT NULL)"


def _facts(duty: _Duty, as_of: date) -> Case:
    """Put a duty and its refunds into words: what each instalment leaves, and where the duty stands on the day."""
    from engine.reasoner import Case

    deadline = "none" if duty.due is None else "passed" if duty.due < as_of else "ahead"
    facts = [{"id": "duty", "kind": "duty", "source": duty.source, "deadline": deadline}]
    unknown = not duty.known or duty.owed is None or any(refund.amount is None for refund in duty.refunds)
    paid = Decimal(0)
    for number, refund in enumerate(() if unknown else duty.refunds, start=1):
        covered = paid >= (duty.owed or 0)
        paid += refund.amount or 0
        late = duty.due is not None and refund.day is not None and refund.day > duty.due and not covered
        timing = "undated" if refund.day is None else "late" if late else "in_time"
        facts.append(
            {"id": f"i{number}", "kind": "instalment", "leaves": _position(paid, duty.owed or Decimal(0)), "timing": timing}
        )
    position = "unknown" if unknown else "unpaid" if not duty.refunds else _position(paid, duty.owed or Decimal(0))
    facts.append({"id": "balance", "kind": "balance", "position": position})
    return Case(str(duty.finding), facts)


def _position(paid: Decimal, owed: Decimal) -> str:
    return "short" if paid < owed else "settled" if paid == owed else "over"


def _described(duty: _Duty, end: Conclusion, rules: DutyRules, lang: str) -> dict[str, Any]:
    """Write a case for the report: its state, its money, and each step with the facts that led to it."""
    steps = [
        {
            "rule": step.rule,
            "concludes": step.concludes,
            "because": step.because,
            "text": rules.by_name[step.rule].message.in_(lang),
        }
        for step in end.steps
    ]
    known = duty.known and all(refund.amount is not None for refund in duty.refunds)
    refunded = sum((refund.amount or Decimal(0) for refund in duty.refunds), Decimal(0))
    effects = [rules.by_name[step.rule].effect for step in end.steps]
    return {
        "state": end.state,
        "owed": None if duty.owed is None else f"{duty.owed:.2f}",
        "refunded": f"{refunded:.2f}" if known else None,
        "due": duty.due.isoformat() if duty.due else None,
        "severity_raised": any(effect.raises_severity for effect in effects),
        "escalation_proposed": any(effect.proposes_escalation for effect in effects),
        "text": steps[-1]["text"] if steps else "",
        "steps": steps,
    }
