"""Read conditions: expressions in a closed subset of SQL, typed against the names a policy can see, written for DuckDB.

Three-valued: a comparison with something unknown is unknown, and so is a CASE whose branch is unknown.
Tables and verdicts are unknown here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NoReturn

import sqlglot
from sqlglot import exp

from declared import nearest
from engine.apportion import apportion
from engine.expressions import (
    HELD,
    ROOM,
    Scope,
    arithmetic,
    before,
    by_bounds,
    decimal_type,
    digits_of,
    exact,
    first_that_holds,
    named,
    truth,
    wide,
)
from engine.expressions import Expression as Expression
from engine.expressions import Name as Name
from engine.expressions import decimal_literal as decimal_literal
from engine.measures import Measure
from engine.operators import OPERATORS
from engine.vast import find_vast
from ledgers.bulk import text_literal
from policies.values import MOST_AFTER, MOST_BEFORE, is_bearable


class ConditionError(Exception):
    """Refuse a condition, with the place of the fault in its text (counted from 0) and what to do."""

    def __init__(self, text: str, start: int, what: str) -> None:
        self.text, self.start, self.what = text, start, what
        super().__init__(f"{what}\n{text}\n{' ' * start}^")


NUMBERS = ("integer", "decimal")
_COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
# What the parser says of a node and we take into account; whatever else it says (SYMMETRIC, ESCAPE) would be lost.
_HEEDED = {"this", "expression", "expressions", "is_string", "quoted", "table", "low", "high", "ifs", "true", "default", "decimals",
           "to", "big_int"}  # fmt: skip
_SUMS = {exp.Add: "+", exp.Sub: "-"}
_AGGREGATES: dict[type[exp.Expr], str] = {exp.Sum: "sum", exp.Min: "min", exp.Max: "max", exp.Count: "count"}
MOST_SQL = 100_000  # characters of one condition, once all that it names is written out


@lru_cache(maxsize=4096)
def parse(text: str) -> exp.Expr:
    """Parse the text of a condition, once: trees are only read.

    Raises:  ConditionError at the place of the syntax error, or where a limit is overstepped.
    """
    try:
        if vast := find_vast(text):
            raise ConditionError(text, *vast)
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        found = getattr(error, "errors", None) or [{}]
        start = max(0, int(found[0].get("col") or 1) - 1)
        raise ConditionError(text, min(start, max(0, len(text) - 1)), "not an expression. mend the syntax here.") from error
    return tree.transform(_spell_out)


def _spell_out(node: exp.Expr) -> exp.Expr:
    """Write NOT LIKE as the NOT of a LIKE, as the parser does with NOT IN and NOT BETWEEN."""
    if isinstance(node, exp.Like) and node.args.get("negate"):
        node.set("negate", None)
        return exp.Not(this=node)
    return node


def _written(text: str, found: Expression) -> Expression:
    if len(found.sql) > MOST_SQL:
        what = f"with all that it names it has {len(found.sql)} characters as SQL; at most {MOST_SQL}. name less, or less often."
        raise ConditionError(text, 0, what)
    return found


def condition(text: str, scope: Scope) -> Expression:
    """Type a condition: it must be a statement that is true or false.

    Raises:  ConditionError.
    """
    tree = parse(text)
    found = _Typist(text, scope).expression(tree)
    if found.type != "boolean":
        raise ConditionError(text, _start(tree), f"a condition must be true or false; this is {found.type}.")
    return _written(text, found)


def value(text: str, scope: Scope) -> Expression:
    """Type an expression of any type."""
    return _written(text, _Typist(text, scope).expression(parse(text)))


def measure(text: str, scope: Scope) -> Measure:
    """Type an aggregate: count(*), count(DISTINCT x), sum(x), min(x) or max(x).

    Raises:  ConditionError.
    """
    tree = parse(text)
    function = _AGGREGATES.get(type(tree))
    if function is None:
        raise ConditionError(text, _start(tree), "a measure is count(*), count(DISTINCT x), sum(x), min(x) or max(x).")
    inside = tree.this
    if isinstance(inside, exp.Star):
        return Measure("count", None, False, "integer", 0)
    distinct = isinstance(inside, exp.Distinct)
    if distinct and (function != "count" or len(inside.expressions) != 1):
        raise ConditionError(text, _start(tree), "DISTINCT stands in count(DISTINCT x) with one name.")
    inner = _Typist(text, scope).expression(inside.expressions[0] if distinct else inside)
    if function == "sum" and inner.type not in NUMBERS:
        raise ConditionError(text, _start(inside), f"sum() needs a number; this is {inner.type}.")
    if function in ("min", "max") and inner.type not in (*NUMBERS, "date"):
        raise ConditionError(text, _start(inside), f"{function}() needs a number or a date; this is {inner.type}.")
    if distinct:  # a month may hold any of the days beside it
        inner = inner._replace(sql=exact(inner))
    kind = "integer" if function == "count" else inner.type
    return Measure(function, inner, distinct, kind, 0 if function == "count" else inner.scale)


def _start(node: exp.Expr) -> int:
    """Find the first place of a node in its text, by whatever below it knows its place."""
    places = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return int(min(places)) if places else 0


class _Typist:
    """Walk one condition; every kind of node that is not named here is refused."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope = text, scope

    def expression(self, node: exp.Expr) -> Expression:
        handler = _HANDLERS.get(type(node))
        if handler is None:
            permitted = ", ".join(operator.name for operator in OPERATORS)
            self.refuse(node, f"`{node.sql(dialect='duckdb')[:40]}` is outside the condition language. permitted: {permitted}.")
        if lost := [key for key, said in node.args.items() if said not in (None, False, []) and key not in _HEEDED]:
            self.refuse(
                node, f"`{node.sql(dialect='duckdb')[:40]}`: {', '.join(lost)} is outside the condition language. leave it out."
            )
        return handler(self, node)

    def refuse(self, node: exp.Expr, what: str) -> NoReturn:
        raise ConditionError(self.text, min(_start(node), max(0, len(self.text) - 1)), what)

    def boolean(self, node: exp.Expr) -> Expression:
        found = self.expression(node)
        if found.type != "boolean":
            self.refuse(node, f"AND, OR and NOT need something true or false; this is {found.type}.")
        return found

    def number(self, node: exp.Expr) -> Expression:
        found = self.expression(node)
        if found.type not in NUMBERS:
            self.refuse(node, f"arithmetic needs numbers; this is {found.type}.")
        return found

    def name(self, node: exp.Column) -> Expression:
        name = f"{node.table}.{node.name}" if node.table else node.name
        found = self.scope.get(name)
        if found is None:
            self.refuse(node, f"unknown name `{name}`.{nearest(name, self.scope) or _listing(self.scope)}")
        return named(name, found)

    def parameter(self, node: exp.Placeholder) -> Expression:
        name = f":{node.name}"
        found = self.scope.get(name)
        if found is None:
            known = [other for other in self.scope if other.startswith(":")]
            self.refuse(node, f"unknown parameter `{name}`.{nearest(name, known) or _listing(known)}")
        return named(name, found)

    def literal(self, node: exp.Literal) -> Expression:
        text = str(node.this)
        if node.is_string:
            return Expression(text_literal(text), "text", 0, (), None, frozenset(), text)
        scale = len(text.partition(".")[2])
        if not is_bearable(text):
            self.refuse(
                node, f"write the number in plain digits, {MOST_BEFORE} at most before the point and {MOST_AFTER} after it."
            )
        kind = "decimal" if scale else "integer"
        sql = f"CAST({text} AS {decimal_type(before(text), scale)})" if scale else text
        return Expression(sql, kind, scale, (), None, frozenset(), text, before(text))

    def date_literal(self, node: exp.Cast) -> Expression:
        if not isinstance(node.this, exp.Literal) or node.to.this != exp.DataType.Type.DATE:
            self.refuse(node, "casts are not permitted, except a day written as DATE '2021-02-12'.")
        try:
            day = date.fromisoformat(str(node.this.this))
        except ValueError:
            self.refuse(node, f"`{node.this.this}` is no day. write DATE 'YYYY-MM-DD'.")
        return Expression(f"DATE '{day.isoformat()}'", "date", 0, (), None, frozenset(), day.isoformat())

    def truth(self, node: exp.Boolean) -> Expression:
        return Expression("TRUE" if node.this else "FALSE", "boolean", 0, (), None, frozenset())

    def connect(self, node: exp.Connector) -> Expression:
        word = "AND" if isinstance(node, exp.And) else "OR"
        left, right = self.boolean(node.this), self.boolean(node.expression)
        return truth(f"({left.sql} {word} {right.sql})", left, right)

    def negate(self, node: exp.Not) -> Expression:
        inner = self.boolean(node.this)
        return truth(f"(NOT {inner.sql})", inner)

    def inside(self, node: exp.Paren) -> Expression:
        return self.expression(node.this)

    def is_null(self, node: exp.Is) -> Expression:
        if not isinstance(node.expression, exp.Null):
            self.refuse(node, "IS stands in IS NULL and IS NOT NULL only. write = TRUE.")
        inner = self.expression(node.this)
        return truth(f"({inner.sql} IS NULL)", inner)

    def compare(self, node: exp.Binary) -> Expression:
        left, right = self.expression(node.this), self.expression(node.expression)
        return self.compared(node, _COMPARISONS[type(node)], left, right)

    def compared(self, node: exp.Expr, sign: str, left: Expression, right: Expression) -> Expression:
        self.check_pair(node, sign, left, right)
        if left.type == "date" and (left.upper or right.upper):
            return truth(by_bounds(sign, left, right), left, right)
        return truth(f"({left.sql} {sign} {right.sql})", left, right)

    def check_pair(self, node: exp.Expr, sign: str, left: Expression, right: Expression) -> None:
        if left.type in NUMBERS and right.type in NUMBERS:
            self.hold(node, max(digits_of(left), digits_of(right)), max(left.scale, right.scale))
            return
        families = {("text" if side.type == "code" else side.type) for side in (left, right)}
        if len(families) > 1:
            self.refuse(node, f"{left.type} {sign} {right.type}: the two sides are of different types.")
        if families <= {"text", "boolean"} and sign not in ("=", "<>"):
            self.refuse(node, "texts are compared with = and <> only; their order differs from engine to engine.")
        for side, other in ((left, right), (right, left)):
            if side.codes and other.literal is not None and other.literal not in side.codes:
                hint = nearest(other.literal, side.codes) or f" permitted: {'、'.join(side.codes)}."
                self.refuse(node, f"'{other.literal}' is no code of this column.{hint}")

    def among(self, node: exp.In) -> Expression:
        if not node.expressions or any(not isinstance(item, exp.Literal | exp.Cast) for item in node.expressions):
            self.refuse(node, "IN needs a list of literals.")
        left = self.expression(node.this)
        items = [self.expression(item) for item in node.expressions]
        for item in items:
            self.check_pair(node, "=", left, item)
        if left.upper:
            return truth("(" + " OR ".join(by_bounds("=", left, item) for item in items) + ")", left)
        return truth(f"({left.sql} IN ({', '.join(item.sql for item in items)}))", left)

    def like(self, node: exp.Like) -> Expression:
        left, pattern = self.expression(node.this), self.expression(node.expression)
        if left.type != "text" or pattern.literal is None:
            self.refuse(node, "LIKE compares a text with a pattern in quotation marks, % for any characters, _ for one.")
        return truth(f"({left.sql} LIKE {pattern.sql})", left)

    def between(self, node: exp.Between) -> Expression:
        middle = self.expression(node.this)
        low, high = self.expression(node.args["low"]), self.expression(node.args["high"])
        above, below = self.compared(node, ">=", middle, low), self.compared(node, "<=", middle, high)
        return truth(f"({above.sql} AND {below.sql})", above, below)

    def case(self, node: exp.Case) -> Expression:
        """Write a CASE so that an unknown condition makes the whole unknown instead of falling through."""
        if node.this is not None or node.args.get("default") is None:
            self.refuse(node, "write CASE WHEN condition THEN value … ELSE value END; the ELSE is required.")
        tests = [self.boolean(branch.this) for branch in node.args["ifs"]]
        values = [self.expression(branch.args["true"]) for branch in node.args["ifs"]]
        values.append(self.expression(node.args["default"]))
        kinds = {("decimal" if found.type in NUMBERS else found.type) for found in values}
        scale, digits = max(found.scale for found in values), max(map(digits_of, values))
        if kinds == {"decimal"}:
            self.hold(node, digits, scale)
        if len(kinds) > 1:
            self.refuse(node, f"the branches of a CASE are of different types: {', '.join(sorted(kinds))}.")
        sql = first_that_holds(tests, [found.sql for found in values])
        spans = any(found.upper for found in values)
        upper = first_that_holds(tests, [found.upper or found.sql for found in values]) if spans else None
        kind = values[0].type if len({found.type for found in values}) == 1 else "decimal"
        reads = frozenset().union(*(found.reads for found in (*tests, *values)))
        return Expression(sql, kind, scale, (), upper, reads, digits=digits)

    def hold(self, node: exp.Expr, digits: int, scale: int) -> None:
        """Refuse a number that may become longer than an engine can hold: it would end the run instead of judging the row."""
        if digits + scale > HELD:
            what = f"the result may have {digits} digits before the point and {scale} after it, more than {HELD} in all."
            self.refuse(node, f"{what} use smaller factors, or round one.")

    def add(self, node: exp.Binary) -> Expression:
        left, right = self.number(node.this), self.number(node.expression)
        scale, digits = max(left.scale, right.scale), max(digits_of(left), digits_of(right)) + 1
        self.hold(node, digits, scale)
        sql = f"({wide(left)} {_SUMS[type(node)]} {wide(right)})"
        return arithmetic(sql, scale, digits, left, right)

    def multiply(self, node: exp.Mul) -> Expression:
        left, right = self.number(node.this), self.number(node.expression)
        if left.scale + right.scale > 12:
            self.refuse(node, "more than 12 decimals in a product. round a factor first.")
        scale, digits = left.scale + right.scale, digits_of(left) + digits_of(right)
        self.hold(node, digits, scale)
        return arithmetic(f"({wide(left)} * {wide(right)})", scale, digits, left, right)

    def minus(self, node: exp.Neg) -> Expression:
        inner = self.number(node.this)
        return inner._replace(sql=f"(-{inner.sql})", literal=None)

    def absolute(self, node: exp.Abs) -> Expression:
        inner = self.number(node.this)
        return inner._replace(sql=f"abs({inner.sql})", literal=None)

    def rounded(self, node: exp.Round) -> Expression:
        inner, digits = self.number(node.this), node.args.get("decimals")
        if not isinstance(digits, exp.Literal) or not str(digits.this).isdigit() or int(digits.this) > 6:
            self.refuse(node, "round(x, digits) needs a number of digits from 0 to 6.")
        places = int(digits.this)
        rounded = decimal_type(digits_of(inner) + ROOM, places)
        return inner._replace(
            sql=f"CAST(round({wide(inner)}, {places}) AS {rounded})", scale=places, type="decimal", literal=None
        )

    def year(self, node: exp.Year) -> Expression:
        inner = self.expression(node.this)
        if inner.type != "date":
            self.refuse(node, f"year() needs a date; this is {inner.type}.")
        sql = f"CAST(year({inner.sql}) AS BIGINT)"
        if inner.upper:
            sql = f"CASE WHEN year({inner.sql}) = year({inner.upper}) THEN {sql} END"
        return Expression(sql, "integer", 0, (), None, inner.reads)

    def function(self, node: exp.Anonymous) -> Expression:
        name = str(node.this).lower()
        if name in _ELAPSED and len(node.expressions) == 2:
            return self.elapsed(node, name)
        if name in ("printed_unit", "identity_form") and len(node.expressions) == 1:
            return self.companion(node, name)
        if name == "apportion" and len(node.expressions) > 3:
            return self.apportioned(node)
        permitted = ", ".join(one.written for one in OPERATORS if one.function)
        self.refuse(node, f"unknown function `{name}`. permitted: {permitted}.")

    def elapsed(self, node: exp.Anonymous, name: str) -> Expression:
        """Count days or full years between two dates; of a month, what holds for every day of it."""
        first, last = (self.expression(item) for item in node.expressions)
        if first.type != "date" or last.type != "date":
            self.refuse(node, f"{name}() needs two dates; these are {first.type} and {last.type}.")
        most = sql = _ELAPSED[name].format(first.sql, last.upper or last.sql)
        if first.upper or last.upper:
            least = _ELAPSED[name].format(first.upper or first.sql, last.sql)
            sql = f"CASE WHEN {least} = {most} THEN {least} END"
        return Expression(sql, "integer", 0, (), None, first.reads | last.reads)

    def companion(self, node: exp.Anonymous, name: str) -> Expression:
        """Read what stands beside a column: the unit of a rate's last digit, the form of an identity number."""
        column, kind = node.expressions[0], "percent" if name == "printed_unit" else "identity"
        found = self.scope.get(column.name) if isinstance(column, exp.Column) and not column.table else None
        if found is None or found.companion is None or (found.type == "decimal") != (kind == "percent"):
            self.refuse(node, f"{name}() needs a column of this ledger of type {kind}.")
        of_type, scale = ("decimal", 6) if kind == "percent" else ("code", 0)
        codes = () if kind == "percent" else ("sound", "unsound", "other")
        return Expression(found.companion, of_type, scale, codes, None, self.expression(column).reads)

    def apportioned(self, node: exp.Anonymous) -> Expression:
        """Give one part of a whole number, apportioned by fixed weights with the largest remainder; the first wins a tie."""
        whole = self.expression(node.expressions[0])
        numbers = [int(str(item.this)) for item in node.expressions[1:] if isinstance(item, exp.Literal) and item.is_int]
        if whole.type != "integer" or len(numbers) != len(node.expressions) - 1 or not 1 <= numbers[0] < len(numbers):
            self.refuse(node, "apportion(n, k, weight, weight, …) gives the k-th part of n; n and all others are whole numbers.")
        if max(map(len, map(str, numbers[1:]))) > MOST_AFTER:
            self.refuse(node, f"apportion() takes weights of {MOST_AFTER} digits at most. reduce them.")
        sql = apportion(whole.sql, numbers[0], numbers[1:])
        return Expression(sql, "integer", 0, (), None, whole.reads)


_YEARS = "CAST(year({1}) - year({0}) AS BIGINT)"
_BIRTHDAY_AHEAD = "month({1}) * 100 + day({1}) < month({0}) * 100 + day({0})"
_ELAPSED = {
    "days_between": "date_diff('day', {0}, {1})",
    "years_between": f"CASE WHEN {_BIRTHDAY_AHEAD} THEN {_YEARS} - 1 ELSE {_YEARS} END",
}


def _listing(names: Iterable[str]) -> str:
    known = [f"`{name}`" for name in names]
    return f" known: {', '.join(known[:40])}." if known else " none is known."


_HANDLERS: dict[type[exp.Expr], Callable[[_Typist, Any], Expression]] = {
    node: getattr(_Typist, operator.reader) for operator in OPERATORS for node in operator.nodes
}
