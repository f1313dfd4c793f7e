"""Hold what a condition is made of: names and typed expressions with their SQL, and how these are compared and reckoned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple


class Name(NamedTuple):
    """Describe a name that a condition may use: its SQL, its type, and the companions of dates and rates.

    `upper`  SQL of the latest day, where a date may be known to the month only; `companion` SQL of a rate's last digit, or of an identity number's form;
    `reads` the names behind a name that stands for an expression; `digits` the most that a number has before the point.
    """

    sql: str
    type: str
    scale: int = 0
    codes: tuple[str, ...] = ()
    upper: str | None = None
    companion: str | None = None
    reads: frozenset[str] | None = None
    digits: int | None = None


Scope = Mapping[str, Name]


class Expression(NamedTuple):
    """Hold a typed expression: its SQL, its type, and the names it reads."""

    sql: str
    type: str
    scale: int
    codes: tuple[str, ...]
    upper: str | None
    reads: frozenset[str]
    literal: str | None = None
    digits: int | None = None


HELD = 38  # digits that the widest number of an engine holds
ROOM = 10  # digits more than a column has, for totals
_FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


def named(name: str, found: Name) -> Expression:
    """Refer to a name in an expression."""
    return Expression(found.sql, found.type, found.scale, found.codes, found.upper,
                      frozenset({name}) if found.reads is None else found.reads, digits=found.digits)  # fmt: skip


def exact(day: Name | Expression) -> str:
    """Write a day that is none where only its month is known."""
    return f"CASE WHEN {day.sql} = {day.upper} THEN {day.sql} END" if day.upper else day.sql


def first_that_holds(tests: Sequence[Expression], texts: Sequence[str]) -> str:
    """Choose among SQL texts, the last of them for where no test holds; of an unknown test nothing is known."""
    sql = texts[-1]
    for test, text in zip(reversed(tests), reversed(texts[:-1]), strict=True):
        sql = f"CASE WHEN {test.sql} THEN {text} WHEN NOT {test.sql} THEN {sql} END"
    return f"({sql})"


def truth(sql: str, *sides: Expression) -> Expression:
    """Make a statement that is true or false of its sides."""
    return Expression(sql, "boolean", 0, (), None, frozenset().union(*(side.reads for side in sides)))


def wide(side: Expression) -> str:
    """Write a number with room for totals of many rows, and no more: of two numbers that together are too wide, Spark drops decimals."""
    return f"CAST({side.sql} AS {decimal_type(digits_of(side) + ROOM, side.scale)})"


def decimal_type(digits: int, scale: int) -> str:
    """Write the type of a number with so many digits before and after its point, as far as an engine holds them."""
    return f"DECIMAL({max(1, min(HELD, digits + scale))},{scale})"


def before(text: str) -> int:
    """Count the digits of a number before its point."""
    return len(text.partition(".")[0].lstrip("-0"))


def digits_of(side: Expression) -> int:
    """Bound the digits before the point: columns and whole parameters hold 18 in all."""
    return max(0, 18 - side.scale) if side.digits is None else side.digits


def arithmetic(sql: str, scale: int, digits: int, *sides: Expression) -> Expression:
    """Make a number of its sides."""
    kind = "integer" if all(side.type == "integer" for side in sides) else "decimal"
    return Expression(sql, kind, scale, (), None, frozenset().union(*(side.reads for side in sides)), digits=digits)


def by_bounds(sign: str, left: Expression, right: Expression) -> str:
    """Compare two days of which one may be known to the month only: true or false only where every day of it agrees."""
    if sign in (">", ">="):
        return by_bounds(_FLIP[sign], right, left)
    low_l, high_l, low_r, high_r = left.sql, left.upper or left.sql, right.sql, right.upper or right.sql
    if sign in ("<", "<="):
        other = ">=" if sign == "<" else ">"
        return f"CASE WHEN {high_l} {sign} {low_r} THEN TRUE WHEN {low_l} {other} {high_r} THEN FALSE END"
    same = f"{low_l} = {high_l} AND {low_r} = {high_r} AND {low_l} = {low_r}"
    apart = f"{high_l} < {low_r} OR {low_l} > {high_r}"
    yes, no = ("TRUE", "FALSE") if sign == "=" else ("FALSE", "TRUE")
    return f"CASE WHEN {same} THEN {yes} WHEN {apart} THEN {no} END"


def decimal_literal(number: Decimal | int) -> Name:
    """Give a number as a name's SQL with its scale."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    digits = before(f"{number:f}")
    return Name(f"CAST({number} AS {decimal_type(digits, scale)})", "decimal", scale, digits=digits)
