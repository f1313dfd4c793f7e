"""Find what the cases of a policy do not prove: a verdict, a lawful look-alike, the edge of a limit; and what they say in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import exp

from declared import Key, nearest
from engine.conditions import parse
from engine.lint.layer import Against, Found, conditions_of
from ledgers.fold import fold_header
from ledgers.kinds import Kind
from policies.case import MOST_COPIES
from policies.load import Loaded
from policies.model import Policy

_DAY = timedelta(days=1)
_BEYOND: dict[type[exp.Expr], int] = {
    exp.LT: -1,
    exp.LTE: 1,
    exp.GT: 1,
    exp.GTE: -1,
}  # the side of the limit on which the answer is another than at it
_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}
Point = Decimal | date


def unproved_verdict(loaded: Loaded, against: Against) -> Found:
    """Find a verdict that no case expects: right, wrong, and not evaluable."""
    policy = loaded.policy
    expected = {verdict for case in policy.cases for verdict in case.verdicts}
    fails = "lead" if policy.is_lead else "violation" if policy.basis in ("norm", "target") else "suspect"
    for verdict in ("no_lead" if policy.is_lead else "compliant", fails, "not_evaluable"):
        if verdict not in expected and not (verdict == "violation" and "suspect" in expected):
            yield ("cases",), f"cases: no case expects {verdict}. add one."


def no_look_alike(loaded: Loaded, against: Against) -> Found:
    """Find a policy without a lawful look-alike, or one whose look-alike is flagged."""
    cases = loaded.policy.cases
    if not any(case.innocent for case in cases):
        yield ("cases",), "cases: no lawful look-alike. add a case with `innocent:`."
    for number, case in enumerate(cases):
        if case.innocent and {"violation", "suspect", "lead"} & set(case.verdicts):
            yield ("cases", number), "innocent: a lawful look-alike must not be flagged. correct the policy or the case."


def said_in_vain(loaded: Loaded, against: Against) -> Found:
    """Find what a case says and nothing reads: it would prove something else than it seems to."""
    policy, kinds = loaded.policy, against.kinds
    known_kinds = f" known: {', '.join(kinds)}."
    for number, case in enumerate(policy.cases):
        for name, value in case.parameters.items():
            known = policy.parameters.get(name)
            why = known.refuses(value) if known else f"unknown parameter.{nearest(name, policy.parameters)}"
            if why:
                yield ("cases", number, "parameters", name), f"{name}: {why.rstrip('.')}."
        for kind, rows in case.written.items():
            if kind not in kinds:
                yield ("cases", number, kind), f"{kind}: unknown kind of ledger.{nearest(kind, kinds) or known_kinds}"
            elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                yield ("cases", number, kind), f"{kind}: the rows are a list of mappings. write `- {{column: value}}`."
            else:
                for place, row in enumerate(rows):
                    yield from _odd_columns(("cases", number, kind, place), row, kinds[kind])


def _odd_columns(key: Key, row: Mapping[str, Any], kind: Kind) -> Found:
    if "times" in row and not (isinstance(row["times"], int) and 0 < row["times"] <= MOST_COPIES):
        yield (*key, "times"), f"times: {row['times']} is no number of rows. write 1 to {MOST_COPIES}."
    for name in row:
        if name != "times" and fold_header(name) not in kind.headers:
            hint = nearest(name, kind.columns) or f" known: {', '.join(kind.columns)}."
            yield (*key, name), f"{name}: no column of `{kind.kind}`.{hint}"


# -- edges -------------------------------------------------------------------------------------------------------------


def edge_without_case(loaded: Loaded, against: Against) -> Found:
    """Find a limit of a column, or a first or last day, that no case meets exactly and no case oversteps.

    Cheap, and not more than a look at the cases: limits of sums and of what is reckoned are the business of mutation.
    """
    policy = loaded.policy
    for key, text in conditions_of(loaded):
        for column, limit, side in _edges(parse(text), policy):
            met = _points(loaded, against, column)
            if met and limit not in met:
                yield key, f"{_name(key)}: no case has {column} {_shown(limit)}, the limit itself. add one."
            if met and not any((point - limit) * side > type(point - limit)(0) for point in met):  # type: ignore[operator]
                word = "above" if side > 0 else "below"
                yield key, f"{_name(key)}: no case has a {column} {word} {_shown(limit)}. add one, a step beyond the limit."
    yield from _first_and_last_days(loaded, against)


def _name(key: Key) -> str:
    return str(key[0] if key[0] in ("applies_when", "requires") else key[-1])


def _shown(point: Point) -> str:
    return str(point) if isinstance(point, date) else f"{point:f}"


def _edges(tree: exp.Expr, policy: Policy) -> Iterator[tuple[str, Point, int]]:
    """Give each comparison of a column with a limit: the column, the limit, and on which side of it the answer changes."""
    for node in tree.walk():
        if type(node) not in _BEYOND:
            continue
        for left, right, kind in ((node.this, node.expression, type(node)), (node.expression, node.this, _FLIPPED[type(node)])):
            if isinstance(left, exp.Column) and not left.table:
                yield from ((left.name, limit, _BEYOND[kind]) for limit in _limits(right, policy))


def _limits(node: exp.Expr, policy: Policy) -> Iterator[Point]:
    """Read a limit: a number, a day, or a parameter that has one value for all and in all cases."""
    if isinstance(node, exp.Literal) and not node.is_string:
        yield Decimal(node.this)
    elif isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal):
        yield date.fromisoformat(node.this.this)
    elif isinstance(node, exp.Placeholder) and node.name in policy.parameters:
        values = policy.parameters[node.name].values
        set_by_case = any(node.name in case.parameters for case in policy.cases)
        if len(values) == 1 and not values[0].region and not set_by_case and not isinstance(values[0].value, str):
            yield values[0].value if isinstance(values[0].value, date) else Decimal(values[0].value)


def _points(loaded: Loaded, against: Against, column: str) -> set[Point]:
    """Collect what the cases write in a column of the judged ledger; nothing for a name that is no such column."""
    kind = against.kinds[loaded.policy.ledger]
    if column not in kind.columns:
        return set()
    of_days = kind.columns[column].type == "date"
    cells = {
        str(cell)
        for case in loaded.policy.cases
        for row in well_formed(case.written.get(loaded.policy.ledger))
        for name, cell in row.items()
        if kind.headers.get(fold_header(name)) == column
    }
    return {point for cell in cells if (point := read_point(cell, of_days)) is not None}


def well_formed(rows: object) -> list[dict[str, Any]]:
    """Give the rows of a case that are rows; of any other `said_in_vain` complains."""
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def read_point(cell: str, of_days: bool) -> Point | None:
    """Read a cell that is written plainly; any other is no edge."""
    try:
        return date.fromisoformat(cell) if of_days else Decimal(cell)
    except (ValueError, InvalidOperation):
        return None


def _first_and_last_days(loaded: Loaded, against: Against) -> Found:
    policy = loaded.policy
    met = _points(loaded, against, policy.dated_by)
    yearly = against.kinds[policy.ledger].columns[policy.dated_by].type == "year"
    for number, citation in loaded.own_citations:
        others = [one for one in policy.citations if one is not citation and not one.when and not one.region]
        window = citation.in_force
        for word, edge, beyond in (
            ("first", window.start, window.start and window.start - _DAY),
            ("last", window.end, window.end and window.end + _DAY),
        ):
            if edge is None or beyond is None or any(one.in_force.holds(beyond) for one in others):
                continue  # beyond a day on which another clause holds the verdict is the same
            inside, outside = (
                (_year(edge, word), _year(edge, word) + (-1 if word == "first" else 1)) if yearly else (edge, beyond)
            )
            for point, what in ((inside, f"the {word} day in force"), (outside, f"the day beyond the {word}")):
                if point not in met:
                    key = ("citations", number, "in_force")
                    yield key, f"in_force: no case is of {_shown(point)}, {what}. add one."


def _year(edge: date, word: str) -> Decimal:
    """Give the first or last year in force: a year counts as its last day."""
    whole = (edge.month, edge.day) == (12, 31)
    return Decimal(edge.year if word == "first" or whole else edge.year - 1)
