"""Find conditions that give every row the same answer: `amount > 5 AND amount < 3`, `x = x`.

Whatever is compared (a column, a measure, a sum) is taken for a name of its own, and given every value that could matter: blank,
the limits it is compared with, and values between, below and above them. Names are free of each other here, which they may not
be in a ledger, so what never happens here never happens there. Where more values had to be tried than `MOST`, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
from sqlglot import exp

from engine.conditions import ConditionError, condition, parse, value
from engine.expressions import Expression, Name, Scope
from engine.lint.layer import ANY_DAY, Against, Found, conditions_of
from engine.names import Ask, Names
from ledgers.arrays import text_array
from ledgers.connect import open_duckdb
from ledgers.typed import quote
from policies.load import Loaded

MOST = 4_000  # rows that are tried for one condition
_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between, exp.Is)
_SQL = {"decimal": "DECIMAL(38,6)", "date": "DATE", "text": "VARCHAR", "boolean": "BOOLEAN"}
_STEPS = (1, 2, 3, 5, 7, 11, 13)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Free(NamedTuple):
    """Hold a condition over free names: its text, the type of each name, what each is compared with."""

    text: str
    types: Mapping[str, str]
    limits: Mapping[str, tuple[Any, ...]]
    codes: Mapping[str, tuple[str, ...]]


@cache
def tried_on() -> DuckDBPyConnection:
    """Open the engine on which rows are tried, once: nothing is kept on it."""
    return open_duckdb(config={"threads": 1})


def constant_condition(loaded: Loaded, against: Against) -> Found:
    """Find a condition, or a part of one between AND and OR, that is never true or never false."""
    names = Names(loaded.policy, against.kinds, None, Ask(ANY_DAY))
    scope = names.scope(None)
    if names.faults:
        return  # told by the rule of what fits
    for key, text in conditions_of(loaded):
        if key == ("applies_when",) and text == "TRUE":
            continue
        for part in _parts(parse(text)):
            answers = None if _is_open(part) else _answers(part, scope)
            if answers is None or answers == {True, False}:
                continue
            said = "is never true" if True not in answers else "is never false"
            shown = part.sql(dialect="duckdb")
            yield key, f"{key[0]}: `{shown[:80]}` {said}, whatever the row. correct it, or leave it out."
            break


def _parts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Give a condition and what stands between its ANDs and ORs, the whole first."""
    yield tree
    if isinstance(tree, exp.And | exp.Or):
        yield from _parts(tree.this)
        yield from _parts(tree.expression)
    elif isinstance(tree, exp.Paren | exp.Not):
        yield from (part for part in _parts(tree.this) if part is not tree.this)


def _is_open(part: exp.Expr) -> bool:
    """Say whether a part is a plain comparison with what is written out, or a truth: it holds for some rows and not for others."""
    if isinstance(part, exp.Paren | exp.Not):
        return _is_open(part.this)
    if isinstance(part, exp.NEQ) and part.this == part.expression and part.parent is not None:
        return True  # `OR x <> x` makes the whole unknown where x is blank, and is written for that
    sides = [side for side in (part.this, part.args.get("expression")) if isinstance(side, exp.Expr)]
    compared = isinstance(part, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE) and sides[0] != sides[-1]
    named = isinstance(part, exp.Column | exp.Like) or (isinstance(part, exp.In | exp.Is) and written(part.this) is None)
    return named or (compared and any(written(side) is None for side in sides))


def _answers(tree: exp.Expr, scope: Scope) -> set[bool] | None:
    """Give the answers that a condition can have beside unknown; None where that was not decided."""
    try:
        free = freed(tree, scope)
    except ConditionError:
        return None  # told by the rule of what fits
    values = [_values(name, free) for name in free.types]
    typed = {name: Name(quote(name), kind, 6 if kind == "decimal" else 0, digits=18) for name, kind in free.types.items()}
    sql = condition(free.text, typed).sql
    few = [
        tuple(own[row * step % len(own)] for own, step in zip(values, _STEPS * len(values), strict=False)) for row in range(64)
    ]
    answers = _asked(sql, free, few)
    if answers == {True, False}:
        return answers
    return _asked(sql, free, list(product(*values))) if prod(map(len, values)) <= MOST else None


def _asked(sql: str, free: Free, rows: list[tuple[Any, ...]]) -> set[bool]:
    """Put a condition to rows of free names."""
    columns = {name: text_array([None if row[n] is None else str(row[n]) for row in rows]) for n, name in enumerate(free.types)}
    con = tried_on()
    con.register("tried", pa.table(columns or {"nothing": text_array(["x"])}))
    typed = ", ".join(f"CAST({quote(name)} AS {_SQL[kind]}) AS {quote(name)}" for name, kind in free.types.items())
    found = con.execute(f"SELECT bool_or({sql}), bool_or(NOT ({sql})) FROM (SELECT {typed or '*'} FROM tried)").fetchall()
    return {answer for answer, met in zip((True, False), found[0], strict=True) if met}


def freed(tree: exp.Expr, scope: Scope) -> Free:
    """Put a free name for whatever a condition compares.

    Raises:  ConditionError where a part does not fit the scope.
    """
    types: dict[str, str] = {}
    limits: dict[str, tuple[Any, ...]] = {}
    codes: dict[str, tuple[str, ...]] = {}
    known: dict[str, str] = {}

    def name_of(node: exp.Expr) -> exp.Expr:
        text = node.sql(dialect="duckdb")
        found = value(text, scope)
        name = known.setdefault(text, f"v{len(known)}")
        types[name] = _kind(found)
        codes[name] = found.codes
        return exp.column(name)

    def freely(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Paren | exp.Not):
            return type(node)(this=freely(node.this))
        if isinstance(node, exp.And | exp.Or):
            return type(node)(this=exp.Paren(this=freely(node.this)), expression=exp.Paren(this=freely(node.expression)))
        if isinstance(node, exp.Case):
            return _case(node, freely)
        if isinstance(node, exp.Boolean):
            return node.copy()
        if not isinstance(node, _COMPARED):
            return name_of(node)
        compared = node.copy()
        sides = [compared.this, *(compared.args.get(key) for key in ("expression", "low", "high")), *compared.expressions]
        given = [side for side in sides if side is not None and not isinstance(side, exp.Null)]
        met = tuple(found for side in given if (found := written(side)) is not None)
        terms = [side for side in given if written(side) is None]
        own = [side.replace(name_of(side)) for side in terms]
        for name in [side.name for side in own]:
            limits[name] = (*limits.get(name, ()), *met, *(_Met(other.name) for other in own if other.name != name))
        return compared

    text = freely(tree).sql(dialect="duckdb")
    return Free(text, types, _settled(limits), codes)


class _Met(NamedTuple):
    """Say that a name is compared with another name."""

    name: str


def _case(node: exp.Case, freely: Any) -> exp.Expr:
    ifs = [exp.If(this=freely(branch.this), true=freely(branch.args["true"])) for branch in node.args["ifs"]]
    return exp.Case(ifs=ifs, default=freely(node.args["default"]))


def _kind(found: Expression) -> str:
    return {"integer": "decimal", "code": "text"}.get(found.type, found.type)


def written(node: exp.Expr) -> Any:
    """Read what is written out: a number, a day, a text, a truth; None for a name or what is reckoned."""
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return -Decimal(node.this.this)
    if isinstance(node, exp.Literal):
        return node.this if node.is_string else Decimal(node.this)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal):
        return date.fromisoformat(node.this.this)
    return node.this if isinstance(node, exp.Boolean) else None


def _settled(limits: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Give names that are compared with each other the limits of all of them; how many they are says the repeated None."""
    together: dict[str, set[str]] = {name: {name} for name in limits}
    for name, found in limits.items():
        for other in [one.name for one in found if isinstance(one, _Met)]:
            joined = together[name] | together.get(other, {other})
            for one in joined:
                together[one] = joined
    return {
        name: (
            *(limit for one in sorted(group) for limit in limits.get(one, ()) if not isinstance(limit, _Met)),
            *[None] * len(group),
        )
        for name, group in together.items()
    }


def _values(name: str, free: Free) -> Sequence[Any]:
    """Give every value of a name that could matter: blank, its limits, and as many between them as names are compared with it."""
    kind, found = free.types[name], free.limits.get(name, (None,))
    limits = sorted({limit for limit in found if limit is not None}, key=str if kind == "text" else None)
    many = max(1, sum(limit is None for limit in found))
    if kind == "boolean":
        return (None, True, False)
    if kind == "text":
        others = [code for code in free.codes[name] or [f"∅{n}" for n in range(many)] if code not in limits]
        return (None, *limits, *others[:many])
    return (None, *limits, *between(limits, many, kind))


def between(limits: Sequence[Any], many: int, kind: str) -> Iterator[Any]:
    """Give values below, between and above the limits, where there are any."""
    zero, step = (date(2000, 1, 1), timedelta(days=1)) if kind == "date" else (Decimal(0), Decimal(1))
    edges = list(limits) or [zero]
    if not limits:
        yield zero
    for n in range(1, many + 1):
        yield edges[0] - step * n
        yield edges[-1] + step * n
    for low, high in pairwise(edges):
        if kind == "date":
            yield from (low + step * n for n in range(1, min(many, (high - low).days - 1) + 1))
        else:
            yield from (low + (high - low) * n / (many + 1) for n in range(1, many + 1))
