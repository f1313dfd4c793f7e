"""Judge policies in plain Python, slowly and obviously: what the engine must agree with.

Every function states one rule. Ledgers are lists of rows, joins and groups are loops, and None is always "unknown".
Only the reading of a cell's text is shared with the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any, NamedTuple

import sqlglot
from sqlglot import exp

from ledgers.kinds import Column, Kind, Part
from ledgers.values import Reading, check_digit, read_texts
from policies.model import BASES, Citation, Join, Parameter, Policy, Window

COMPLIANT, VIOLATION, SUSPECT = "compliant", "violation", "suspect"
NOT_EVALUABLE, NOT_APPLICABLE, NOT_JUDGED = "not_evaluable", "not_applicable", "not_judged"


# ---- Ledgers: texts become cells.


class Days(NamedTuple):
    """Hold a date by its earliest and its latest day; a month has many, a day is both."""

    first: date
    last: date


class Cell(NamedTuple):
    """Hold what a cell means. `value` None means absent; `unread` that something stands there that nobody can read."""

    value: Any = None
    unread: bool = False
    unit: Decimal | None = None


class Row(NamedTuple):
    """Hold one row: its cells, the columns of the sheet it stands in, whether it reverses another ("alone", "both")."""

    columns: frozenset[str]
    cells: Mapping[str, Cell]
    netted: str = ""


class Sheet(NamedTuple):
    """Hold the texts of one sheet: its columns, and a mapping from column to text for each row."""

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, str | None]]


INCOME = ("收入", "收入合计", "上年结余", "会费", "拨缴经费", "结余", "余额", "差额", "收支相抵")
VOID = "(?:重复\\W?)?(?:作废|取消|撤销|注销|不发|未发放?|未领取?|停发|重复|示例|样例)"


class Ledger(NamedTuple):
    """Hold all sheets of one kind: the columns of each, and their rows in order."""

    sheets: tuple[frozenset[str], ...]
    rows: tuple[Row, ...]


def read_ledger(kind: Kind, sheets: Sequence[Sheet]) -> Ledger:
    """Read every cell of every sheet; a column is read as a whole."""
    rows: list[Row] = []
    present = [whole_and_parts(kind, sheet.columns) for sheet in sheets]
    for sheet, names in zip(sheets, present, strict=True):
        notes = [row.get("note") or "" for row in sheet.rows]
        columns = {
            name: _read_column(kind.columns[name], [row.get(cell) for row in sheet.rows], notes, part)
            for name, (cell, part) in names.items()
        }
        if kind.nets in columns:
            columns[kind.nets] = _unvoided(kind, columns[kind.nets], sheet.rows)
        for name, others in kind.void.items():
            said = (" ".join(row.get(other) or "" for other in others) for row in sheet.rows)
            columns |= _leave(columns, name, [bool(re.search(r"(?:\A|\W)(?:作废|取消)(?:\W|\Z)", text)) for text in said])
        for name, other in kind.unpaid.items():
            columns |= _leave(
                columns, name, [bool(re.fullmatch(rf"\W*(?:{VOID})\W*", row.get(other) or "")) for row in sheet.rows]
            )
        for name in [name for name in columns if kind.columns[name].plausible]:
            columns |= _leave(columns, name, [0 < (cell.value or 0) < 1 for cell in columns[name]])
        for name, subject in kind.income.items():
            columns |= _leave(columns, name, [(row.get(subject) or "").endswith(INCOME) for row in sheet.rows])
        for name in [name for name, column in kind.columns.items() if column.type == "amount" and kind.labels]:
            said = (" ".join(row.get(label) or "" for label in kind.labels) for row in sheet.rows)
            columns |= _leave(
                columns, name, [bool(re.search(r"(?:[(（/]|[^一两几0-9百千万亿])[百千万亿]+元[)）]?\Z", text)) for text in said]
            )
        for number in range(len(sheet.rows)):
            rows.append(Row(frozenset(names), {name: cells[number] for name, cells in columns.items()}))
    return Ledger(tuple(frozenset(names) for names in present), tuple(net(kind, rows)))


def whole_and_parts(kind: Kind, columns: Sequence[str]) -> dict[str, tuple[str, Part | None]]:
    """Say for each column in which cell it stands: its own, or one that holds it beside others."""
    found: dict[str, tuple[str, Part | None]] = {name: (name, None) for name in columns}
    for name in (name for name in kind.columns if name in columns):
        column = kind.columns[name]
        apart = any(other in columns for part, other in column.holds.items() if part in ("first", "last"))
        for part, other in (*column.holds.items(), *(("item", item) for item in column.items)):
            if other not in found and not (apart and part in ("first", "last")):
                found[other] = (name, part)
    return found


def net(kind: Kind, rows: list[Row]) -> list[Row]:
    """Mark each row in red ink, and the first payment of the opposite amount to the same person that none above has taken."""
    amounts = [row.cells.get(kind.nets or "", Cell()).value for row in rows]
    marks = ["alone" if kind.nets and amount is not None and amount < 0 else "" for amount in amounts]
    for red in [number for number, mark in enumerate(marks) if mark]:
        for other, row in enumerate(rows):
            if amounts[other] == -amounts[red] and not marks[other] and is_same_person(kind, rows[red], row):
                marks[red] = marks[other] = "both"
                break
    return [row._replace(netted=mark) for row, mark in zip(rows, marks, strict=True)]


def is_same_person(kind: Kind, one: Row, other: Row) -> bool:
    """Say whether two rows have the same number, or the same name where one of them has no number."""
    (number, its), (name, his) = ([row.cells.get(person, Cell()).value for row in (one, other)] for person in kind.person)
    return number == its if number is not None and its is not None else name is not None and name == his


def _unvoided(kind: Kind, amounts: list[Cell], rows: Sequence[Mapping[str, str | None]]) -> list[Cell]:
    """Believe no payment of a row whose note, number in the list or name says that it is void, or that it came back while nothing else does."""
    words = VOID if any((amount.value or 0) < 0 for amount in amounts) else rf"{VOID}|已?退回|退款"
    names = [name for name in kind.person if kind.columns[name].type == "name"]

    def is_void(row: Mapping[str, str | None]) -> bool:
        whole = [row.get(name) or "" for name in ("note", "seq", *names)]
        behind = [re.sub(r"\A.*?[(（]", "", text) for text in whole[1:] if re.search("[(（]", text)]
        return any(re.fullmatch(rf"\W*(?:{words})\W*", text) for text in (*whole, *behind))

    return [
        Cell(unread=True) if (amount.value or 0) > 0 and is_void(row) else amount
        for amount, row in zip(amounts, rows, strict=True)
    ]


def _leave(columns: Mapping[str, list[Cell]], name: str, doubtful: list[bool]) -> dict[str, list[Cell]]:
    """Believe no amount but nothing of the rows that are doubtful."""
    return {
        name: [Cell(unread=True) if doubt and cell.value else cell for doubt, cell in zip(doubtful, columns[name], strict=True)]
        for name in columns.keys() & {name}
    }


def _read_column(column: Column, texts: list[str | None], notes: list[str], part: Part | None = None) -> list[Cell]:
    readings = read_texts(column, [text for text in texts if text is not None], part=part)
    cells = [Cell() if text is None else _cell(column, readings[text]) for text in texts]
    unsaid = {
        n
        for n, text in enumerate(texts)
        if text is not None
        and not re.search("(?<![未没不非无需予有])(?<!未予)(冲|沖|红字|紅字|退回)|已予冲", f"{text} {notes[n]}")
    }
    if column.type == "amount" and not column.signed:
        return [Cell(unread=True) if n in unsaid and (c.value or 0) < 0 else c for n, c in enumerate(cells)]
    return cells


def _cell(column: Column, reading: Reading) -> Cell:
    if reading.problem:
        return Cell(unread=True)
    if reading.value is None:
        return Cell()
    unit = Decimal(reading.also) if column.type == "percent" and reading.also else None
    return Cell(_value(column.type, reading), unit=unit)


def _value(kind: str, reading: Reading) -> Any:
    text = reading.value or ""
    if kind == "date":
        return Days(date.fromisoformat(text), date.fromisoformat(reading.also or text))
    if kind in ("amount", "percent"):
        return Decimal(text)
    if kind in ("integer", "year"):
        return int(text)
    return text == "true" if kind == "flag" else text


def is_readable(row: Row, column: str) -> bool:
    """Say whether a cell can serve as a key: something stands there, and it could be read."""
    cell = row.cells.get(column, Cell())
    return cell.value is not None and not cell.unread


def is_written(row: Row, column: str) -> bool:
    """Say whether something stands in a cell, be it readable or not."""
    cell = row.cells.get(column, Cell())
    return cell.value is not None or cell.unread


def may_be_alike(one: Row, other: Row, alike: Sequence[str]) -> bool:
    """Say whether two rows differ in no likeness that can be read in both."""
    both_show = [name for name in alike if is_readable(one, name) and is_readable(other, name)]
    return all(one.cells[name].value == other.cells[name].value for name in both_show)


def is_somebody(row: Row, keys: Iterable[str], alike: Sequence[str]) -> bool:
    """Say whether a row without a readable key may be somebody's. One that leaves key and likeness blank is nobody's.

    Where its sheet has no column for a likeness, nothing was left blank, and it may be anybody's.
    """
    return any(is_written(row, name) for name in (*keys, *alike)) or not any(name in row.columns for name in alike)


def agreed(cells: Sequence[Cell]) -> Cell:
    """Give what several cells say together: where one differs from another, nobody can tell."""
    return cells[0] if all(cell == cells[0] for cell in cells) else Cell(unread=True)


def extreme_day(which: str, cells: Sequence[Cell]) -> Cell:
    """Give the span that the earliest, or the latest, of several days surely lies in; unread where some are not known."""
    known = [cell.value for cell in cells if cell.value is not None]
    if len(known) < len(cells):
        return Cell(unread=bool(known) or any(cell.unread for cell in cells))
    if not known:
        return Cell()
    extreme = min if which == "earliest" else max
    return Cell(Days(extreme(day.first for day in known), extreme(day.last for day in known)))


# ---- Conditions: three-valued logic over a syntax tree.

Look = Callable[[str], Cell]


@lru_cache(maxsize=1000)
def parse(text: str) -> exp.Expression:
    """Parse a condition."""
    return sqlglot.parse_one(text, read="duckdb")


def names_in(tree: exp.Expression) -> Iterator[str]:
    """Yield the names in a condition: `column`, `join.column`, `:parameter`."""
    for node in tree.walk():
        if isinstance(node, exp.Column | exp.Placeholder):
            yield _name(node)


def _name(node: exp.Expression) -> str:
    if isinstance(node, exp.Placeholder):
        return f":{node.name}"
    return f"{node.text('table')}.{node.name}" if node.text("table") else node.name


def evaluate(node: exp.Expression, look: Look) -> Any:
    """Give the value of an expression: True, False, a number, a text, days; None where it is unknown."""
    with localcontext(prec=100):
        return _RULES[type(node)](node, look)


def both(left: bool | None, right: bool | None) -> bool | None:
    """AND: false if either is, unknown if either is unknown, else true."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: bool | None, right: bool | None) -> bool | None:
    """OR: true if either is, unknown if either is unknown, else false."""
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def negated(truth: bool | None) -> bool | None:
    """NOT: unknown stays unknown."""
    return None if truth is None else not truth


def is_before(left: Days, right: Days, *, or_same: bool) -> bool | None:
    """Compare two dates: true or false only where every day of the one and every day of the other agree."""
    if left.last < right.first or (or_same and left.last == right.first):
        return True
    if left.first > right.last or (not or_same and left.first == right.last):
        return False
    return None


def is_same(left: Any, right: Any) -> bool | None:
    """Say whether two values are equal; dates that share days without being one day may be."""
    if left is None or right is None:
        return None
    if isinstance(left, Days):
        if left.last < right.first or right.last < left.first:
            return False
        return True if left.first == left.last == right.first == right.last else None
    return bool(left == right)


def compare(sign: type[exp.Expression], left: Any, right: Any) -> bool | None:
    """Compare two values; with something unknown the comparison is unknown."""
    if sign in (exp.EQ, exp.NEQ):
        return is_same(left, right) if sign is exp.EQ else negated(is_same(left, right))
    if left is None or right is None:
        return None
    if sign in (exp.GT, exp.GTE):
        return compare(exp.LT if sign is exp.GT else exp.LTE, right, left)
    if isinstance(left, Days):
        return is_before(left, right, or_same=sign is exp.LTE)
    return bool(left < right or (sign is exp.LTE and left == right))


def _comparison(node: exp.Expression, look: Look) -> bool | None:
    return compare(type(node), evaluate(node.this, look), evaluate(node.expression, look))


def _among(node: exp.In, look: Look) -> bool | None:
    """IN: an OR of equalities."""
    found, value = False, evaluate(node.this, look)
    for item in node.expressions:
        found = either(found, is_same(value, evaluate(item, look)))
    return found


def _between(node: exp.Between, look: Look) -> bool | None:
    value = evaluate(node.this, look)
    low, high = evaluate(node.args["low"], look), evaluate(node.args["high"], look)
    return both(compare(exp.GTE, value, low), compare(exp.LTE, value, high))


def _case(node: exp.Case, look: Look) -> Any:
    """CASE: the first branch whose test is true; as soon as a test is unknown, so is the whole."""
    for branch in node.args["ifs"]:
        test = evaluate(branch.this, look)
        if test is None:
            return None
        if test:
            return evaluate(branch.args["true"], look)
    return evaluate(node.args["default"], look)


def _arithmetic(node: exp.Expression, look: Look) -> Any:
    left, right = evaluate(node.this, look), evaluate(node.expression, look)
    if left is None or right is None:
        return None
    return left + right if isinstance(node, exp.Add) else left - right if isinstance(node, exp.Sub) else left * right


def _signed(node: exp.Expression, look: Look) -> Any:
    value = evaluate(node.this, look)
    if value is None:
        return None
    return abs(value) if isinstance(node, exp.Abs) else -value


def _rounded(node: exp.Round, look: Look) -> Any:
    value = evaluate(node.this, look)
    unit = Decimal(1).scaleb(-int(node.args["decimals"].name))
    return None if value is None else Decimal(value).quantize(unit, ROUND_HALF_UP)


def _year(node: exp.Year, look: Look) -> int | None:
    """Give the year of a date; of one known to several years, nothing."""
    days = evaluate(node.this, look)
    return days.first.year if days is not None and days.first.year == days.last.year else None


def _function(node: exp.Anonymous, look: Look) -> Any:
    if node.name == "printed_unit":
        return look(_name(node.expressions[0])).unit
    if node.name == "identity_form":
        return identity_form(look(_name(node.expressions[0])).value)
    if node.name == "apportion":
        whole, part, *weights = (evaluate(item, look) for item in node.expressions)
        return None if whole is None else apportion(int(whole), [int(weight) for weight in weights])[int(part) - 1]
    counted = {"days_between": lambda one, other: (other - one).days, "years_between": full_years}[node.name]
    left, right = (evaluate(item, look) for item in node.expressions)
    if left is None or right is None or counted(left.last, right.first) != counted(left.first, right.last):
        return None
    return counted(left.first, right.first)


def full_years(born: date, day: date) -> int:
    """Count birthdays; who was born on 29 February has it on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def identity_form(number: str | None) -> str | None:
    """Say whether a resident's number has its check digit and a day of birth; another paper is neither right nor wrong."""
    if number is None:
        return None
    if re.fullmatch(r"[0-79][0-9]{16}[0-9X]", number) is None:
        return "other"
    try:
        born = date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}").year >= 1900
    except ValueError:
        return "unsound"
    return "sound" if born and check_digit(number[:17]) == number[17] else "unsound"


def apportion(whole: int, weights: Sequence[int]) -> list[int]:
    """Share a number out by weights: whole parts first, then one each to the largest remainders, the first of equals first."""
    parts = [whole * weight // sum(weights) for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda n: (-(whole * weights[n] % sum(weights)), n))
    for n in by_rest[: whole - sum(parts)]:
        parts[n] += 1
    return parts


def _like(node: exp.Like, look: Look) -> bool | None:
    value = evaluate(node.this, look)
    pattern = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in node.expression.name)
    return None if value is None else (re.fullmatch(pattern, value, re.DOTALL) is not None) is not bool(node.args.get("negate"))


def _literal(node: exp.Literal, look: Look) -> Any:
    return node.name if node.is_string else Decimal(node.name)


def _day(node: exp.Cast, look: Look) -> Days:
    day = date.fromisoformat(node.this.name)
    return Days(day, day)


_RULES: dict[type[exp.Expression], Callable[[Any, Look], Any]] = {
    exp.Column: lambda node, look: look(_name(node)).value,
    exp.Placeholder: lambda node, look: look(_name(node)).value,
    exp.Literal: _literal,
    exp.Cast: _day,
    exp.Null: lambda node, look: None,
    exp.Boolean: lambda node, look: bool(node.this),
    exp.Paren: lambda node, look: evaluate(node.this, look),
    exp.And: lambda node, look: both(evaluate(node.this, look), evaluate(node.expression, look)),
    exp.Or: lambda node, look: either(evaluate(node.this, look), evaluate(node.expression, look)),
    exp.Not: lambda node, look: negated(evaluate(node.this, look)),
    exp.Is: lambda node, look: evaluate(node.this, look) is None,
    exp.In: _among,
    exp.Like: _like,
    exp.Between: _between,
    exp.Case: _case,
    exp.Round: _rounded,
    exp.Year: _year,
    exp.Anonymous: _function,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _comparison),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), _arithmetic),
    **dict.fromkeys((exp.Abs, exp.Neg), _signed),
}


def is_month(value: Any) -> bool:
    """Say whether of a day only the month is known."""
    return isinstance(value, Days) and value.first != value.last


def aggregate(text: str, rows: Sequence[Row], look: Callable[[Row, str], Cell]) -> Any:
    """Give a measure over rows: unknown as soon as the value of one of them is. No row at all sums to nothing: 0."""
    tree = parse(text)
    if isinstance(tree.this, exp.Star):
        return len(rows)
    inside = tree.this.expressions[0] if isinstance(tree.this, exp.Distinct) else tree.this
    unread = any(look(row, name).unread for row in rows for name in names_in(inside))
    values = [None if unread else evaluate(inside, lambda name, row=row: look(row, name)) for row in rows]
    if any(value is None for value in values):
        return None
    if any(isinstance(value, Days) for value in values) and not isinstance(tree, exp.Count):
        return Days(*(_extreme(tree)(ends) for ends in zip(*values, strict=True)))
    if isinstance(tree, exp.Count):
        if isinstance(tree.this, exp.Distinct) and any(map(is_month, values)):
            return None
        return len(set(values)) if isinstance(tree.this, exp.Distinct) else len(values)
    if isinstance(tree, exp.Sum):
        return sum(values, Decimal(0))
    return _extreme(tree)(values) if values else None


def _extreme(tree: exp.Expression) -> Callable[[Iterable[Any]], Any]:
    return min if isinstance(tree, exp.Min) else max


# ---- Policies.


class Looked(NamedTuple):
    """Hold what a join found for a row: the rows, strongest key first; `unknown` where nobody can tell."""

    unknown: bool
    rows: tuple[Row, ...]


class Side(NamedTuple):
    """Hold the right side of a join: its rows by each key and value, the rows without readable key that may be somebody's, the doubtful ones."""

    by_key: Mapping[tuple[str, Any], list[Row]]
    strays: list[Row]
    doubtful: set[int]


def judge_all(
    policies: Iterable[Policy],
    kinds: Mapping[str, Kind],
    ledgers: Mapping[str, Sequence[Sheet]],
    as_of: date,
    *,
    parameters: Mapping[tuple[str, str], str] | None = None,
    region: str | None = None,
) -> dict[str, list[str]]:
    """Judge every policy: by its code, one verdict for each row of its ledger, in order."""
    read = {kind: read_ledger(kinds[kind], sheets) for kind, sheets in ledgers.items() if sheets}
    return {one.code: Judge(one, kinds[one.ledger], read, as_of, parameters or {}, region).verdicts() for one in policies}


class Judge:
    """Judge one policy over all ledgers."""

    def __init__(
        self,
        policy: Policy,
        kind: Kind,
        ledgers: Mapping[str, Ledger],
        as_of: date,
        parameters: Mapping[tuple[str, str], str],
        region: str | None,
    ) -> None:
        self.policy, self.kind, self.ledgers, self.as_of = policy, kind, ledgers, as_of
        self.parameters, self.region = parameters, region
        self.measures = policy.group.measures if policy.group else {}
        self.requirements = policy.questions
        # What a join sees is the same for every row, and what it finds the same as often as a row asks: kept, for large ledgers.
        self.sides: dict[str, Side] = {}
        self.found: dict[tuple[str, int], Looked] = {}

    def verdicts(self) -> list[str]:
        """Give one verdict for each row. Without one of its ledgers a policy judges nothing."""
        rows = self.ledgers[self.policy.ledger].rows if self.policy.ledger in self.ledgers else ()
        if any(kind not in self.ledgers for kind in (self.policy.ledger, *(j.ledger for j in self.policy.joins.values()))):
            return [NOT_JUDGED for _ in rows]
        return self.by_group(rows) if self.policy.group else [self.by_row(row) for row in rows]

    def by_row(self, row: Row) -> str:
        """Judge a row."""
        return self.standing(row) or self.asked(row)

    def asked(self, row: Row) -> str:
        """Put the question to a row: every reading that its sheet has the columns for."""
        answers = [self.clause(row, text) for text in self.admissible([row])]
        if all(answer is False for answer in answers) and any(self.is_mistyped(j, row) for j in self.policy.joins):
            return NOT_EVALUABLE
        return self.concluded(answers, [row])

    def is_mistyped(self, j: str, row: Row) -> bool:
        """Say whether a number that cannot be right is looked up, and in no row of the other ledger."""
        left, right = self.keys(self.policy.joins[j])[0]
        if self.kind.columns[left].type != "identity" or not is_readable(row, left):
            return False
        value, others = row.cells[left].value, self.ledgers[self.policy.joins[j].ledger].rows
        absent = all(not is_readable(other, right) or other.cells[right].value != value for other in others)
        return absent and identity_form(value) == "unsound"

    # -- whether a row is asked at all

    def standing(self, row: Row) -> str | None:
        """Give the verdict of a row that the question itself is not put to: reversed, columns there, applicable, in force?"""
        if self.lacks(row.columns, self.needed()):
            return NOT_JUDGED
        if row.netted == "both" or (row.netted and not self.policy.group):
            return NOT_APPLICABLE
        for answer in (self.clause(row, self.policy.applies_when), self.in_force(row)):
            if answer is not True:
                return NOT_EVALUABLE if answer is None else NOT_APPLICABLE
        return None

    def needed(self) -> set[str]:
        """Name what a sheet must have: all that is read by the policy's own clauses, its days in force, its keys."""
        names = self.reads(self.policy.applies_when) | self.reads(self.policy.requires)
        names |= {f"{join}.found" for join in self.policy.joins}
        names |= set(self.policy.group.per) if self.policy.group else set()
        always = not self.policy.citations or any(
            c.in_force == Window() and not c.when and c.region in (None, self.region) for c in self.policy.citations
        )
        return names if always else names | {self.policy.dated_by}

    def reads(self, text: str) -> set[str]:
        """Name the columns behind a condition: through named expressions, measures and parameters."""
        found: set[str] = set()
        for name in names_in(parse(text)):
            if name in self.policy.shows:
                found |= self.reads(self.policy.shows[name])
            elif name in self.measures:
                found |= self.reads(self.measures[name])
            elif name.startswith(":"):
                parameter = self.policy.parameters[name[1:]]
                found |= set(parameter.by)
                found |= {self.policy.dated_by} if any(value.start or value.end for value in parameter.values) else set()
            elif name != "as_of":
                found.add(name)
        return found

    def lacks(self, columns: frozenset[str], names: Iterable[str]) -> bool:
        """Say whether a sheet lacks a column that is read, with no assumption made for it."""
        return any(self.lacks_joined(name) if "." in name else self.lacks_own(columns, name) for name in names)

    def lacks_own(self, columns: frozenset[str], name: str) -> bool:
        """Say so of a column of the ledger itself."""
        return name not in columns and name not in self.policy.assume

    def lacks_joined(self, name: str) -> bool:
        """Say so of a joined name: it needs a key that both ledgers have, its own column, and that of the pick."""
        j, _, column = name.partition(".")
        join = self.policy.joins[j]
        if not self.keys(join):
            return True
        if column == "found":
            return False
        wanted = {column, join.pick.split()[1]} if join.pick else set(names_in(parse(join.total[column])))
        sheets = self.ledgers[join.ledger].sheets
        wanted -= {one for one in wanted if f"{j}.{one}" in self.policy.assume}
        return any(all(one not in columns for columns in sheets) for one in wanted)

    def admissible(self, rows: Sequence[Row]) -> list[str]:
        """Leave out the readings over columns that the sheets at hand all lack; the policy's own is always asked."""
        own, *others = self.requirements
        return [own, *(text for text in others if not all(self.lacks(row.columns, self.reads(text)) for row in rows))]

    def in_force(self, row: Row) -> bool | None:
        """Say whether any citation is in force for the row; a lead may rest on none."""
        answer: bool | None = not self.policy.citations
        for citation in self.policy.citations:
            answer = either(answer, self.is_cited(row, citation))
        return answer

    def is_cited(self, row: Row, citation: Citation) -> bool | None:
        """Say whether a citation is in force: on the row's own day, and where its `when` is surely true."""
        if citation.region not in (None, self.region):
            return False
        when = citation.when is None or self.clause(row, citation.when) is True
        return both(self.is_within(row, citation.in_force), when)

    def is_within(self, row: Row, window: Window) -> bool | None:
        """Say whether the row's day lies in a window. A year counts as its last day."""
        value = self.cell(row, self.policy.dated_by).value
        day = Days(date(value, 12, 31), date(value, 12, 31)) if isinstance(value, int) else value
        after = compare(exp.LTE, Days(window.start, window.start), day) if window.start else True
        return both(after, compare(exp.LTE, day, Days(window.end, window.end)) if window.end else True)

    # -- what a name means

    def cell(self, row: Row, name: str) -> Cell:
        """Give the cell of a row; where its sheet lacks the column, what the policy assumes."""
        if name in row.columns:
            return row.cells[name]
        return self.assumed(name, row)

    def assumed(self, name: str, row: Row | None = None) -> Cell:
        """Give the value that a policy assumes for an absent column: of its own ledger, it may follow from what is written."""
        assumption = self.policy.assume.get(name)
        written = {**(row.cells if row else {}), "as_of": self.today()}
        return Cell() if assumption is None else Cell(evaluate(parse(assumption.value), lambda own: written.get(own, Cell())))

    def today(self) -> Cell:
        """Give the day of the check."""
        return Cell(Days(self.as_of, self.as_of))

    def named(self, row: Row, name: str) -> Cell:
        """Give what a name means for a row."""
        if name == "as_of":
            return self.today()
        if name in self.policy.shows:
            return Cell(evaluate(parse(self.policy.shows[name]), lambda inner: self.named(row, inner)))
        if name.startswith(":"):
            return Cell(self.parameter(name[1:], row))
        return self.joined(row, name) if "." in name else self.cell(row, name)

    def joined(self, row: Row, name: str) -> Cell:
        """Give a joined value: whether something was found, a total over all of it, or a cell of the picked row."""
        j, _, column = name.partition(".")
        join, rows = self.policy.joins[j], self.look_up(j, row).rows
        if column == "found":
            return Cell(bool(rows))
        if join.total:
            return Cell(aggregate(join.total[column], rows, lambda other, inner: self.other_cell(j, other, inner)))
        cells = self.picked(j, row)
        return Cell() if cells is None else cells.get(column, Cell())

    def other_cell(self, j: str, other: Row, column: str) -> Cell:
        """Give the cell of a joined row, or what is assumed for it. Where only its own sheet lacks the column, nobody can tell."""
        if column in other.columns or f"{j}.{column}" in self.policy.assume:
            return other.cells[column] if column in other.columns else self.assumed(f"{j}.{column}")
        return Cell(unread=any(column in columns for columns in self.ledgers[self.policy.joins[j].ledger].sheets))

    def parameter(self, name: str, row: Row | None) -> Any:
        """Give a parameter: the user's own value, or the first that fits the region, the classes and the record's day."""
        own = self.parameters.get((self.policy.code, name))
        if own is not None:
            return _number(own)
        parameter = self.policy.parameters[name]
        for dated in parameter.values:
            fits = self.fits(parameter, dated, row)
            if fits is not False:
                return _number(str(dated.value)) if fits else None
        return None

    def fits(self, parameter: Parameter, dated: Any, row: Row | None) -> bool | None:
        """Say whether one value of a parameter holds for a row."""
        fits: bool | None = dated.region is None or dated.region == self.region
        for by in parameter.by:
            fits = both(fits, is_same(self.cell(row, by).value, dated.model_extra[by]) if row else None)
        if dated.start or dated.end:
            fits = both(fits, self.is_within(row, Window(start=dated.start, end=dated.end)) if row else None)
        return fits

    # -- clauses and joins

    def clause(self, row: Row, text: str) -> bool | None:
        """Say whether a condition holds for a row.

        A cell that could not be read, or a join that is unknown, makes every clause that reads it unknown, whatever the
        logic of its other parts says.
        """
        names = self.reads(text)
        if any(self.named(row, name).unread for name in names):
            return None
        if any(self.look_up(name.partition(".")[0], row).unknown for name in names if "." in name):
            return None
        return evaluate(parse(text), lambda name: self.named(row, name))

    def picked(self, j: str, row: Row) -> Mapping[str, Cell] | None:
        """Give the cells of the row that a join picks. Where several may be meant, what they do not agree in is unread."""
        found = self.look_up(j, row).rows
        join = self.policy.joins[j]
        pick = (join.pick or "").split()[1]
        rows = self.meant(j, row, found)
        if not rows:
            return None
        columns = {name for sheet in self.ledgers[self.policy.joins[j].ledger].sheets for name in sheet} | {pick}
        columns |= {name.partition(".")[2] for name in self.policy.assume if name.startswith(f"{j}.")}
        cells = {name: agreed([self.other_cell(j, other, name) for other in rows]) for name in columns}
        if join.by:
            return cells
        return {**cells, pick: extreme_day((join.pick or "").split()[0], [self.other_cell(j, other, pick) for other in rows])}

    def meant(self, j: str, row: Row, rows: Sequence[Row]) -> list[Row]:
        """List the rows of which a join may pick one."""
        by = self.policy.joins[j].by
        return self.candidates_by(j, rows, self.cell(row, by)) if by else self.candidates(j, rows)

    def candidates(self, j: str, rows: Sequence[Row]) -> list[Row]:
        """List the rows that may be the earliest, or the latest, of those found; one without a known date may be any."""
        which, column = (self.policy.joins[j].pick or "").split()
        span = extreme_day(which, [cell for row in rows if (cell := self.other_cell(j, row, column)).value is not None])
        days = [self.other_cell(j, row, column).value for row in rows]
        return [row for row, day in zip(rows, days, strict=True) if day is None or is_same(day, span.value) is not False]

    def candidates_by(self, j: str, rows: Sequence[Row], own: Cell) -> list[Row]:
        """List the rows that may be the latest not after a day; where all are surely after it, those that may be the earliest."""
        if len(rows) < 2 or own.value is None:
            return list(rows)
        days = {id(row): self.other_cell(j, row, (self.policy.joins[j].pick or "").split()[1]).value for row in rows}
        known = [day for day in days.values() if day is not None]
        sure = [day.first for day in known if day.last <= own.value.first]
        soonest = min((day.last for day in known), default=None)
        if all(day is not None and day.first > own.value.last for day in days.values()):
            return [row for row in rows if days[id(row)].first <= soonest]
        if sure:
            return [
                row for row in rows if (day := days[id(row)]) is None or (day.first <= own.value.last and day.last >= max(sure))
            ]
        return [row for row in rows if (day := days[id(row)]) is None or day.first <= own.value.last or day.first <= soonest]

    def keys(self, join: Join) -> list[tuple[str, str]]:
        """List the keys, strongest first, that both ledgers have."""
        own, other = self.ledgers[self.policy.ledger].sheets, self.ledgers[join.ledger].sheets
        return [
            (left, right)
            for left, right in join.keys
            if any(left in columns for columns in own) and any(right in columns for columns in other)
        ]

    def look_up(self, j: str, row: Row) -> Looked:
        """Find the rows of a join by the strongest key that finds any."""
        if (j, id(row)) not in self.found:
            self.found[j, id(row)] = self._look_up(j, row)
        return self.found[j, id(row)]

    def _look_up(self, j: str, row: Row) -> Looked:
        join, side = self.policy.joins[j], self.side(j)
        rows: list[Row] = []
        for left, right in self.keys(join):
            if not rows and is_readable(row, left):
                rows = side.by_key.get((right, row.cells[left].value), [])
        unknown = (not rows and self.has_unread_key(join, row)) or any(self.may_be(join, row, stray) for stray in side.strays)
        counted = self.meant(j, row, rows) if join.pick else rows  # a row that is not picked either way leaves no doubt
        return Looked(unknown or any(id(other) in side.doubtful for other in counted), tuple(rows))

    def side(self, j: str) -> Side:
        """Give the rows of a joined ledger that are wanted at all, as a join sees them."""
        if j not in self.sides:
            join = self.policy.joins[j]
            wanted = [(other, self.is_wanted(j, other)) for other in self.ledgers[join.ledger].rows]
            others = [other for other, answer in wanted if answer is not False]
            by_key: dict[tuple[str, Any], list[Row]] = {}
            for right in dict.fromkeys(right for _, right in self.keys(join)):
                for other in others:
                    if is_readable(other, right):
                        by_key.setdefault((right, other.cells[right].value), []).append(other)
            key = self.keys(join)[0][1]
            strays = [other for other in others if not is_readable(other, key) and is_somebody(other, [key], join.alike)]
            self.sides[j] = Side(by_key, strays, {id(other) for other, answer in wanted if answer is None})
        return self.sides[j]

    def is_wanted(self, j: str, other: Row) -> bool | None:
        """Say whether a row belongs to the right side at all; unknown where something that is asked cannot be read."""
        where = self.policy.joins[j].where
        if not where:
            return True
        look = {name: self.today() if name == "as_of" else self.other_cell(j, other, name) for name in names_in(parse(where))}
        return None if any(cell.unread for cell in look.values()) else evaluate(parse(where), look.__getitem__)

    def has_unread_key(self, join: Join, row: Row) -> bool:
        """Say whether nothing can be looked up: the strongest key is blank or unread, or a weaker one could not be read."""
        (first, _), *weaker = self.keys(join)
        return not is_readable(row, first) or any(row.cells.get(left, Cell()).unread for left, _ in weaker)

    def may_be(self, join: Join, row: Row, stray: Row) -> bool:
        """Say whether a row of the right side with an unreadable key may belong to a row: no readable likeness differs."""
        return may_be_alike(stray, row, join.alike)

    # -- groups

    def by_group(self, rows: Sequence[Row]) -> list[str]:
        """Judge the rows of one key together; a row whose place is unknown is a stray, and clouds the groups it may be of."""
        standings = [self.standing(row) for row in rows]
        keys = [self.group_key(row) for row in rows]
        for number, key in enumerate(keys):
            if standings[number] is None and None in key:
                standings[number] = NOT_EVALUABLE
        members: dict[tuple[Any, ...], list[Row]] = {}
        for row, key, standing in zip(rows, keys, standings, strict=True):
            if standing is None:
                members.setdefault(key, []).append(row)
        strays = [
            row for row, standing in zip(rows, standings, strict=True) if standing == NOT_EVALUABLE and self.casts_doubt(row)
        ]
        verdicts = {key: self.group_verdict(key, group, strays) for key, group in members.items()}
        return [standing or verdicts[key] for key, standing in zip(keys, standings, strict=True)]

    def group_key(self, row: Row) -> tuple[Any, ...]:
        """Give the values that make a row's group; None where one is blank or unread, or of a day only the month is known."""
        cells = (self.cell(row, name) for name in (self.policy.group.per if self.policy.group else ()))
        return tuple(None if cell.unread or is_month(cell.value) else cell.value for cell in cells)

    def casts_doubt(self, row: Row) -> bool:
        """Say whether a row without a place may belong to a group: not if all that tells persons apart is blank in it."""
        group = self.policy.group
        if group is None or None not in self.group_key(row):
            return True
        telling = [name for name in group.per if self.kind.columns[name].personal or self.cell(row, name).unread]
        return is_somebody(row, telling, group.alike)

    def group_verdict(self, key: tuple[Any, ...], group: list[Row], strays: list[Row]) -> str:
        """Judge one group by its measures; a stray leaves only what one more row cannot mend."""
        look = {name: Cell(aggregate(text, group, self.measured)) for name, text in self.measures.items()}
        texts = self.admissible(group)
        verdict = self.concluded([evaluate(parse(text), lambda name: self.of_group(look, name)) for text in texts], group)
        if any(self.may_belong(key, group, stray) for stray in strays):
            settled = verdict in (VIOLATION, SUSPECT) and self.only_grows_worse()
            return verdict if settled else NOT_EVALUABLE
        return verdict

    def measured(self, row: Row, name: str) -> Cell:
        """Give what a name means below a measure: of a joined row that nobody can tell, nothing can be read."""
        unknown = "." in name and self.look_up(name.partition(".")[0], row).unknown
        return Cell(unread=True) if unknown else self.named(row, name)

    def of_group(self, measures: Mapping[str, Cell], name: str) -> Cell:
        """Give what a name means for a whole group: a measure, a parameter, an expression over them."""
        if name in measures:
            return measures[name]
        if name.startswith(":"):
            return Cell(self.parameter(name[1:], None))
        if name in self.policy.shows:
            return Cell(evaluate(parse(self.policy.shows[name]), lambda inner: self.of_group(measures, inner)))
        return self.today()

    def may_belong(self, key: tuple[Any, ...], group: list[Row], stray: Row) -> bool:
        """Say whether a stray may be of a group.

        No readable part of its key differs. Where a part cannot be read, it must also be alike to one of the rows:
        no readable likeness differs.
        """
        own = self.group_key(stray)
        if any(part is not None and part != other for part, other in zip(own, key, strict=True)):
            return False
        return None not in own or any(self.is_alike(stray, row) for row in group)

    def is_alike(self, stray: Row, row: Row) -> bool:
        """Say whether two rows differ in no likeness that both can show."""
        pairs = [
            (self.cell(stray, name), self.cell(row, name)) for name in (self.policy.group.alike if self.policy.group else ())
        ]
        return not any(None not in (a.value, b.value) and a.value != b.value for a, b in pairs if not a.unread and not b.unread)

    def only_grows_worse(self) -> bool:
        """Say whether every reading bounds the number of rows from above, so that one more row mends nothing."""
        return all(any(self.bounds_rows(side) for side in _sides(parse(text))) for text in self.requirements)

    def bounds_rows(self, tree: exp.Expression) -> bool:
        """Recognise `n <= 1`, where n counts rows."""
        counted = isinstance(tree, exp.LTE) and isinstance(tree.expression, exp.Literal)
        return counted and self.measures.get(tree.this.name) == "count(*)"

    # -- verdicts

    def concluded(self, answers: Sequence[bool | None], rows: Sequence[Row]) -> str:
        """Conclude from all readings: all hold, all fail, some fail, or nobody knows."""
        if all(answer is True for answer in answers):
            return "no_lead" if self.policy.basis == "lead" else COMPLIANT
        if self.policy.basis == "lead":
            return "lead" if any(answer is False for answer in answers) else NOT_EVALUABLE
        if all(answer is False for answer in answers):
            return VIOLATION if self.basis(rows) in ("norm", "target") else SUSPECT
        return SUSPECT if any(answer is False for answer in answers) else NOT_EVALUABLE

    def basis(self, rows: Sequence[Row]) -> str:
        """Give the strongest basis among the citations that are surely in force for every row concerned."""
        cited = [one for one in self.policy.citations if all(self.is_cited(row, one) is True for row in rows)]
        bases = {citation.basis or self.policy.basis for citation in cited}
        return next((basis for basis in BASES if basis in bases), self.policy.basis)


def _sides(tree: exp.Expression) -> list[exp.Expression]:
    return list(tree.flatten()) if isinstance(tree, exp.Or) else [tree]


def _number(text: str) -> Any:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return Days(date.fromisoformat(text), date.fromisoformat(text))
    return Decimal(text) if text.lstrip("-").replace(".", "", 1).isdigit() else text
