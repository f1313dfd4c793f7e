"""Write planned clauses as formulas that Excel 2010, WPS and LibreOffice all reckon: one more dialect beside those of the engines.

A truth is 0, 0.5 or 1, so that AND is MIN, OR is MAX, NOT is 1-x, and 0.5 is unknown. A value that is unknown is an error, which
passes through whatever reckons with it and becomes 0.5 where something is compared. Sheets and policies are unknown here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple

import sqlglot
from sqlglot import exp

from ledgers.cell_formulas import BLANK, UNREAD

AS_OF = date.max  # planned for this day, a policy is judged as of the day that stands in the workbook
EXACT = 15  # digits that a spreadsheet reckons with
LONGEST = 8000  # characters of a formula; Excel takes 8192
_NOTHING_WRITTEN = '" "'  # a text without characters, as an assumption may have; no cell that was read is one
_SIGNS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}


class NoFormula(Exception):
    """Say which part of a clause has no formula."""


class Sheet(NamedTuple):
    """Say where a clause finds what it reads.

    Shapes:  `cell` gives the cell that holds a column or its companion (`pay_date__to`), BLANK or UNREAD without one; `value` the
             cell beside it, an error in place of these; `absent` the cell that is 0 where the
             n-th column of the kind is not there; `truths` are the columns that are true or false, `texts` those of text.
    """

    names: tuple[str, ...]
    cell: Callable[[str], str]
    value: Callable[[str], str]
    absent: Callable[[int], str]
    as_of: str
    truths: frozenset[str]
    texts: frozenset[str]


def formula(sql: str, sheet: Sheet) -> str:
    """Write a planned clause as a formula that gives 0, 0.5 or 1.

    Raises:  NoFormula.
    """
    written = _Writer(sheet).truth(sqlglot.parse_one(sql, read="duckdb"))
    if len(written) > LONGEST:
        raise NoFormula(f"写成公式有 {len(written)} 个字符，电子表格放不下")
    return written


def quoted(text: str) -> str:
    """Write a text as a formula has it.

    Raises:  NoFormula if it is too long for one.
    """
    if len(text) > 255:
        raise NoFormula("文字超过 255 字，公式放不下")
    return '"' + text.replace('"', '""') + '"'


def columns_of(tree: exp.Expr) -> list[str]:
    """Name the columns that planned SQL reads."""
    return list(dict.fromkeys(one.name for one in tree.find_all(exp.Column) if not one.name.startswith("_")))


def any_of(tests: Iterable[str]) -> str:
    """Join tests of which one is enough."""
    found = list(dict.fromkeys(tests))
    return found[0] if len(found) == 1 else f"OR({','.join(found)})"


class _Writer:
    """Walk one planned clause; every kind of node that is not named here is refused."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    # -- what is true, false or unknown ------------------------------------------------------------------------------

    def truth(self, node: exp.Expr) -> str:
        writer = _TRUTHS.get(type(node))
        if writer is None:
            raise NoFormula(f"`{node.sql(dialect='duckdb')[:40]}` 没有对应的公式")
        return writer(self, node)

    def is_truth(self, node: exp.Expr | None) -> bool:
        """Say whether something is a truth and no value."""
        return any(
            isinstance(end, exp.Boolean | exp.And | exp.Or | exp.Not | exp.Predicate | exp.Is | exp.Coalesce)
            or (isinstance(end, exp.Column) and end.name in self.sheet.truths)
            or (isinstance(end, exp.Cast) and end.to.this == exp.DataType.Type.BOOLEAN)
            for end in _ends(node)
        )

    def test(self, node: exp.Expr) -> str:
        """Write the test that something is plainly true."""
        if isinstance(node, exp.Paren):
            return self.test(node.this)
        if (places := _inputs(node)) is not None:
            return any_of(f"{self.sheet.absent(place)}=0" for place in places)
        if (bits := _problem_bits(node)) is not None:
            names = [name for place, name in enumerate(self.sheet.names) if bits >> place & 1]
            return any_of(f"{self.sheet.cell(name)}={UNREAD}" for name in names)
        return f"{self.truth(node)}=1"

    def boolean(self, node: exp.Boolean) -> str:
        return "1" if node.this else "0"

    def unknown(self, node: exp.Null) -> str:
        return "0.5"

    def inside(self, node: exp.Paren) -> str:
        return self.truth(node.this)

    def both(self, node: exp.And) -> str:
        return f"MIN({','.join(self.truth(side) for side in _sides(node, exp.And))})"

    def either(self, node: exp.Or) -> str:
        return f"MAX({','.join(self.truth(side) for side in _sides(node, exp.Or))})"

    def negate(self, node: exp.Not) -> str:
        return f"(1-{self.truth(node.this)})"

    def truth_cast(self, node: exp.Cast) -> str:
        return self.truth(node.this)

    def truth_column(self, node: exp.Column) -> str:
        cell = self.sheet.cell(node.name)
        return f"IF({any_of((f'{cell}={BLANK}', f'{cell}={UNREAD}'))},0.5,{cell})"

    def truth_case(self, node: exp.Case) -> str:
        """Fall through what is false or unknown, as SQL does; the planned SQL asks for both where that matters."""
        return self.chosen(node, self.truth, "0.5")

    def chosen(self, node: exp.Case, write: Callable[[exp.Expr], str], otherwise: str) -> str:
        default = node.args.get("default")
        found = otherwise if default is None else write(default)
        for branch in reversed(node.args["ifs"]):
            found = f"IF({self.test(branch.this)},{write(branch.args['true'])},{found})"
        return found

    def is_null(self, node: exp.Is) -> str:
        if self.is_truth(node.this):
            return f"IF({self.truth(node.this)}=0.5,1,0)"
        if isinstance(node.this, exp.Column):
            return f"IF({self.sheet.cell(node.this.name)}={BLANK},1,0)"
        return f"IF(ISERROR({self.value(node.this)}),1,0)"

    def known_or_false(self, node: exp.Coalesce) -> str:
        """Take an unknown for false, unless it is unknown because a formula reads fewer spellings than the engine."""
        inner = self.truth(node.this)
        unread = [f"{self.sheet.cell(name)}={UNREAD}" for name in columns_of(node)]
        found = f"IF({inner}=1,1,0)"
        return f"IF({any_of(unread)},0.5,{found})" if unread else found

    def compare(self, node: exp.Binary) -> str:
        sign, left, right = _SIGNS[type(node)], node.this, node.expression
        if _inputs(node) is not None or _problem_bits(node) is not None:
            return f"IF({self.test(node)},1,0)"
        if self.is_truth(left) or self.is_truth(right):
            one, other = self.truth(left), self.truth(right)
            same, differ = ("1", "0") if sign == "=" else ("0", "1")
            if other in ("0", "1"):
                return one if (other == "1") == (sign == "=") else f"(1-{one})"
            return f"IF(OR({one}=0.5,{other}=0.5),0.5,IF({one}={other},{same},{differ}))"
        one, other = self.value(left), self.value(right)
        if self.is_text(left) or self.is_text(right):
            same, differ = ("1", "0") if sign == "=" else ("0", "1")
            return f"IFERROR(IF(EXACT({one},{other}),{same},{differ}),0.5)"
        return f"IFERROR(IF({one}{sign}{other},1,0),0.5)"

    def among(self, node: exp.In) -> str:
        if _inputs(node) is not None:
            return f"IF({self.test(node)},1,0)"
        one, items = self.value(node.this), node.expressions
        if self.is_text(node.this):
            listed = ",".join(quoted(str(item.this)) for item in items)
            return f"IFERROR(IF(SUMPRODUCT(--EXACT({one},{{{listed}}}))>0,1,0),0.5)"
        tests = ",".join(f"{one}={self.value(item)}" for item in items)
        return f"IFERROR(IF(OR({tests}),1,0),0.5)"

    def like(self, node: exp.Like) -> str:
        return f"IFERROR({_fits(self.value(node.this), str(node.expression.this))},0.5)"

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, node: exp.Expr) -> str:
        writer = _VALUES.get(type(node))
        if writer is None:
            raise NoFormula(f"`{node.sql(dialect='duckdb')[:40]}` 没有对应的公式")
        return writer(self, node)

    def is_text(self, node: exp.Expr | None) -> bool:
        """Say whether a value is a text."""
        return any(
            (isinstance(end, exp.Literal) and end.is_string)
            or (isinstance(end, exp.Column) and (end.name in self.sheet.texts or end.name.endswith("__form")))
            or (isinstance(end, exp.Cast) and end.to.this in (exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT))
            for end in _ends(node)
        )

    def literal(self, node: exp.Literal) -> str:
        if node.is_string:
            return quoted(str(node.this)) if node.this else _NOTHING_WRITTEN
        return str(node.this)

    def nothing(self, node: exp.Null) -> str:
        return "NA()"

    def within(self, node: exp.Paren) -> str:
        return self.value(node.this)

    def column(self, node: exp.Column) -> str:
        return self.sheet.value(node.name)

    def cast(self, node: exp.Cast) -> str:
        if node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
            day = date.fromisoformat(str(node.this.this))
            return f"IF(ISNUMBER({self.sheet.as_of}),{self.sheet.as_of},NA())" if day == AS_OF else str(serial(day))
        return self.value(node.this)

    def case(self, node: exp.Case) -> str:
        return self.chosen(node, self.value, "NA()")

    def add(self, node: exp.Binary) -> str:
        sign = "+" if isinstance(node, exp.Add) else "-"
        scale = max(scale_of(node.this), scale_of(node.expression))
        return f"ROUND({self.value(node.this)}{sign}{self.value(node.expression)},{scale})"

    def multiply(self, node: exp.Mul) -> str:
        """Multiply; a product with more digits than a spreadsheet holds is unknown, never rounded."""
        scale = scale_of(node.this) + scale_of(node.expression)
        product = f"{self.value(node.this)}*{self.value(node.expression)}"
        return f"IF(ABS({product})<1E{EXACT - scale},ROUND({product},{scale}),NA())"

    def minus(self, node: exp.Neg) -> str:
        return f"(-{self.value(node.this)})"

    def absolute(self, node: exp.Abs) -> str:
        return f"ABS({self.value(node.this)})"

    def rounded(self, node: exp.Round) -> str:
        return f"ROUND({self.value(node.this)},{self.value(node.args['decimals'])})"

    def part_of_day(self, node: exp.Year | exp.Month | exp.Day) -> str:
        return f"{node.key.upper()}({self.value(node.this)})"

    def day_of(self, node: exp.DateFromParts) -> str:
        parts = (self.value(node.args[part]) for part in ("year", "month", "day"))
        return f"DATE({','.join(parts)})"

    def days_between(self, node: exp.DateDiff) -> str:
        if node.text("unit").upper() != "DAY":
            raise NoFormula("只有天数之差有公式")
        return f"({self.value(node.this)}-{self.value(node.expression)})"


def serial(day: date) -> int:
    """Count a day as spreadsheets do."""
    return (day - date(1899, 12, 30)).days


def scale_of(node: exp.Expr) -> int:
    """Give the decimals of a number of the planned SQL, whose sums and products are cast on both sides."""
    if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DECIMAL:
        sizes = node.to.expressions
        return int(str(sizes[1].this.this)) if len(sizes) > 1 else 0
    if isinstance(node, exp.Paren | exp.Neg | exp.Abs):
        return scale_of(node.this)
    if isinstance(node, exp.Year | exp.Month | exp.Day) or node.is_type(*exp.DataType.INTEGER_TYPES):
        return 0
    if isinstance(node, exp.Literal):
        exponent = Decimal(str(node.this)).as_tuple().exponent
        return -min(0, exponent) if isinstance(exponent, int) else 0
    if isinstance(node, exp.Mul):
        return scale_of(node.this) + scale_of(node.expression)
    if isinstance(node, exp.Add | exp.Sub):
        return max(scale_of(node.this), scale_of(node.expression))
    raise NoFormula(f"`{node.sql(dialect='duckdb')[:40]}` 的小数位数不明")


def _ends(node: exp.Expr | None) -> list[exp.Expr]:
    """List what something may come to: what stands in its brackets, the branches of a CASE."""
    if isinstance(node, exp.Case):
        branches = [*(one.args["true"] for one in node.args["ifs"]), node.args.get("default")]
        return [end for branch in branches for end in _ends(branch)]
    return _ends(node.this) if isinstance(node, exp.Paren) else [node] if node is not None else []


def _sides(node: exp.Expr, of: type[exp.Expr]) -> list[exp.Expr]:
    """List what a chain of ANDs or ORs joins, whatever brackets stand around its parts."""
    inner = node.unnest()
    return [side for one in (inner.this, inner.expression) for side in _sides(one, of)] if isinstance(inner, of) else [inner]


def _inputs(node: exp.Expr) -> list[int] | None:
    """Read `p._input IN (3, 5)`, which asks whether the third or the fifth column is absent."""
    if isinstance(node, exp.In) and isinstance(node.this, exp.Column) and node.this.name == "_input":
        return [int(str(item.this)) for item in node.expressions]
    return None


def _problem_bits(node: exp.Expr) -> int | None:
    """Read `(p._problems & 6) <> 0`, which asks whether a cell of some columns could not be read."""
    inner = node.this.unnest() if isinstance(node, exp.NEQ) else None
    if isinstance(inner, exp.BitwiseAnd) and isinstance(inner.this, exp.Column) and inner.this.name == "_problems":
        return int(str(inner.expression.this))
    return None


def _fits(text: str, pattern: str) -> str:
    """Write the test that a text fits a pattern of LIKE; an unknown text is an error in all of them.

    Raises:  NoFormula for a `_` that does not stand at the beginning.
    """
    first, *middle = re.split("%+", pattern)
    skipped = len(first) if set(first) == {"_"} and middle else 0
    first = first[skipped:]
    if "_" in pattern[skipped:]:
        raise NoFormula(f"LIKE '{pattern}' 中的 _ 没有对应的公式")
    if not middle:
        return f"IF(EXACT({text},{quoted(first)}),1,0)"
    last = middle.pop()
    tests = [f"EXACT(LEFT({text},{len(first)}),{quoted(first)})"] if first else []
    tests += [f"EXACT(RIGHT({text},{len(last)}),{quoted(last)})"] if last else []
    if middle:
        between = f"LEFT({text},LEN({text})-{len(last)})" if last else text
        begin = str(1 + skipped + len(first))
        place = reduce(lambda found, part: f"FIND({quoted(part)},{between},{found})+{len(part)}", middle, begin)
        tests.append(f"ISNUMBER({place})")
    least = skipped + len(first) + len(last)
    if (middle or skipped or (first and last)) and least:
        tests.append(f"LEN({text})>={least}")
    if not tests:
        return f"IF(LEN({text})>={skipped},1,0)"
    both = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
    # FIND does not tell an unknown text from one that lacks the words.
    return f"IF({both},1,0)" + (f"+0*LEN({text})" if middle else "")


_TRUTHS: dict[type[exp.Expr], Callable[[_Writer, Any], str]] = {
    exp.Boolean: _Writer.boolean, exp.Null: _Writer.unknown, exp.Paren: _Writer.inside, exp.And: _Writer.both, exp.Or: _Writer.either,
    exp.Not: _Writer.negate, exp.Cast: _Writer.truth_cast, exp.Column: _Writer.truth_column, exp.Case: _Writer.truth_case,
    exp.Is: _Writer.is_null, exp.Coalesce: _Writer.known_or_false, exp.In: _Writer.among, exp.Like: _Writer.like,
    **dict.fromkeys(_SIGNS, _Writer.compare),
}  # fmt: skip
_VALUES: dict[type[exp.Expr], Callable[[_Writer, Any], str]] = {
    exp.Literal: _Writer.literal, exp.Null: _Writer.nothing, exp.Paren: _Writer.within, exp.Column: _Writer.column, exp.Cast: _Writer.cast,
    exp.Case: _Writer.case, exp.Add: _Writer.add, exp.Sub: _Writer.add, exp.Mul: _Writer.multiply, exp.Neg: _Writer.minus,
    exp.Abs: _Writer.absolute, exp.Round: _Writer.rounded, **dict.fromkeys((exp.Year, exp.Month, exp.Day), _Writer.part_of_day), exp.DateFromParts: _Writer.day_of,
    exp.DateDiff: _Writer.days_between,
}  # fmt: skip
