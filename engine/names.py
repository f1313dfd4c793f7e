"""Name what a policy sees: columns, joined rows, totals, measures, parameters, shown values, each with its SQL and type.

Where an input lacks a column, the policy's assumption stands in. Clauses and verdicts are unknown here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from engine.conditions import ConditionError, Expression, Name, decimal_literal
from engine.conditions import measure as typed_measure
from engine.conditions import value as typed_value
from engine.expressions import decimal_type
from engine.measures import Measure, latest
from ledgers.bulk import text_literal
from ledgers.kinds import Column, Kind
from ledgers.tables import Table
from ledgers.typed import COMPANION, SQL_TYPES, quote
from policies.model import Parameter, Policy, Window

_TYPES = {"text": "text", "name": "text", "identity": "text", "account": "text", "code": "code", "date": "date",
          "year": "integer", "integer": "integer", "amount": "decimal", "percent": "decimal", "flag": "boolean"}  # fmt: skip
_SCALES = {"amount": 2, "percent": 6}


class Ask(NamedTuple):
    """Say what a run asks of every policy: the day, the region, parameters set by the user, the codes of policies that are off."""

    as_of: date
    region: str | None = None
    parameters: Mapping[tuple[str, str], str] = {}
    off: frozenset[str] = frozenset()


class Refusal(NamedTuple):
    """Place a fault of a condition in the policy: the key, the text's offset, the sentence."""

    key: tuple[str | int, ...]
    offset: int
    what: str


class Names:
    """Resolve the names of one policy; collect its faults, what was assumed, and which joined columns are read."""

    def __init__(self, policy: Policy, kinds: Mapping[str, Kind], tables: Mapping[str, Table] | None, ask: Ask) -> None:
        self.policy, self.kinds, self.tables, self.ask = policy, kinds, tables, ask
        self.faults: list[Refusal] = []
        self.assumed: list[str] = []
        self.used: dict[str, set[str]] = {name: set() for name in policy.joins}
        self.totals: dict[str, dict[str, Measure]] = {}
        self.asked: list[str] = []

    def fault(self, key: tuple[str | int, ...], what: str, offset: int = 0) -> None:
        """Keep a fault at its place in the policy."""
        self.faults.append(Refusal(key, offset, what))

    def scope(self, table: Table | None) -> dict[str, Name]:
        """Give every name that conditions and messages of the policy may use."""
        policy, kind = self.policy, self.kinds[self.policy.ledger]
        scope = {"as_of": Name(f"DATE '{self.ask.as_of.isoformat()}'", "date")}
        for name, column in kind.columns.items():
            months = table is not None and name in table.months
            found = column_name(column, f"p.{quote(name)}", months=months)
            scope[name] = self._assume(name, found, table, column)
        for name, parameter in policy.parameters.items():
            scope[f":{name}"] = self._parameter(name, parameter, scope)
        for j, join in policy.joins.items():
            scope |= self._joined_names(j, join.ledger)
        for name, measured in self.measures(scope).items():
            reads = measured.inner.reads if measured.inner else frozenset[str]()
            upper = f"g.{quote(latest(name))}" if measured.upper else None
            scope[name] = Name(f"g.{quote(name)}", measured.type, measured.scale, upper=upper, reads=reads)
        for name in policy.shows:
            shown = self.value(("shows", name), policy.shows[name], scope)
            if shown is not None:
                scope[name] = Name(shown.sql, shown.type, shown.scale, upper=shown.upper, reads=shown.reads)
        return scope

    def _assume(self, name: str, found: Name, table: Table | None, column: Column) -> Name:
        """Stand in for a column where an input lacks it, as the policy says in `assume`."""
        absent = frozenset() if table is None else table.absent.get(name, frozenset())
        if not absent:
            return found
        whole = table is not None and absent == frozenset(table.inputs)
        assumption = self.policy.assume.get(name)
        if assumption is None:
            return found._replace(sql=f"CAST(NULL AS {SQL_TYPES[column.type]})", upper=None, companion="NULL") if whole else found
        self.assumed.append(name)
        sql, upper = self._assumed(("assume", name, "value"), assumption.value, SQL_TYPES[column.type], self._written(table))
        if whole:
            return found._replace(sql=sql, upper=upper)
        lacking = f"p._input IN ({', '.join(map(str, sorted(absent)))})"
        if upper or found.upper:
            upper = f"CASE WHEN {lacking} THEN {upper or sql} ELSE {found.upper or found.sql} END"
        return found._replace(sql=f"CASE WHEN {lacking} THEN {sql} ELSE {found.sql} END", upper=upper)

    def _written(self, table: Table | None) -> dict[str, Name]:
        """Give the columns of the ledger as they were written: an assumption may follow from another column, as a year from a day."""
        columns = self.kinds[self.policy.ledger].columns
        names = {
            name: column_name(c, f"p.{quote(name)}", months=bool(table and name in table.months)) for name, c in columns.items()
        }
        absent = {name for name in names if table is not None and table.absent.get(name) == frozenset(table.inputs)}
        return {
            name: own._replace(sql=f"CAST(NULL AS {SQL_TYPES[columns[name].type]})", upper=None) if name in absent else own
            for name, own in names.items()
        }

    def _assumed(
        self, key: tuple[str | int, ...], text: str, sql_type: str, scope: Mapping[str, Name] | None = None
    ) -> tuple[str, str | None]:
        """Write what is assumed; of a month also its last day."""
        if text.upper() == "NULL":
            return f"CAST(NULL AS {sql_type})", None
        found = self.value(key, text, {**(scope or {}), "as_of": Name(f"DATE '{self.ask.as_of.isoformat()}'", "date")})
        return (f"CAST({found.sql} AS {sql_type})", found.upper) if found else ("NULL", None)

    def _joined_names(self, j: str, ledger: str) -> dict[str, Name]:
        join, kind = self.policy.joins[j], self.kinds[ledger]
        other = None if self.tables is None else self.tables.get(ledger)
        names = {f"{j}.found": Name(joined(j, "found"), "boolean")}
        if join.total:
            for name, found in self._totals(j).items():
                upper = joined(j, latest(name)) if found.upper else None
                names[f"{j}.{name}"] = Name(joined(j, name), found.type, found.scale, upper=upper)
            return names
        for name, column in kind.columns.items():
            names[f"{j}.{name}"] = column_name(column, joined(j, name), months=bool(other and name in other.months))
        return names

    def _totals(self, j: str) -> dict[str, Measure]:
        join = self.policy.joins[j]
        inner = self.right_scope(j)
        found = {name: self.measure(("joins", j, "total", name), text, inner) for name, text in join.total.items()}
        self.totals[j] = {name: measured for name, measured in found.items() if measured is not None}
        return self.totals[j]

    def right_scope(self, j: str) -> dict[str, Name]:
        """Give the names that totals and the `where` of a join may use: the other ledger's columns and the day of the check."""
        ledger = self.policy.joins[j].ledger
        other = self.tables.get(ledger) if self.tables else None
        scope = {"as_of": Name(f"DATE '{self.ask.as_of.isoformat()}'", "date")}
        for name, column in self.kinds[ledger].columns.items():
            months = bool(other and name in other.months)
            scope[name] = column_name(column, f"r.{quote(name)}", months=months)
            if other is not None and other.absent.get(name):
                upper = self.right_column(j, name, column, other, last=True) if months else None
                scope[name] = scope[name]._replace(sql=self.right_column(j, name, column, other), upper=upper)
        return scope

    def right_column(self, j: str, name: str, column: Column, other: Table | None, *, last: bool = False) -> str:
        """Write a column of a joined ledger, or the last day it may be, assumed where an input lacks it."""
        absent = other.absent.get(name, frozenset()) if other else frozenset()
        sql, sql_type = f"r.{quote(latest(name) if last else name)}", SQL_TYPES[column.type]
        if not absent or other is None:
            return sql
        whole = absent == frozenset(other.inputs)
        assumption = self.policy.assume.get(f"{j}.{name}")
        if assumption is None:
            return f"CAST(NULL AS {sql_type})" if whole else sql
        if name in self.used[j]:
            self.assumed.append(f"{j}.{name}")
        assumed, _ = self._assumed(("assume", f"{j}.{name}", "value"), assumption.value, sql_type)
        return (
            assumed if whole else f"CASE WHEN r._input IN ({', '.join(map(str, sorted(absent)))}) THEN {assumed} ELSE {sql} END"
        )

    def _parameter(self, name: str, parameter: Parameter, scope: Mapping[str, Name]) -> Name:
        """Write a dated parameter as a CASE over the record's day and classes; where no value fits, it is unknown."""
        own = self.ask.parameters.get((self.policy.code, name))
        if own is not None:
            return _literal(parse_like(parameter.shown, own))
        values = [v for v in parameter.values if v.region is None or v.region == self.ask.region]
        literals = [_literal(v.value) for v in values]
        if not values:
            self.asked += [name] if parameter.ask else []
            return _literal(parameter.shown)._replace(sql="NULL")
        kind, scale = literals[0].type, max(found.scale for found in literals)
        branches, reads = [], set[str]()
        for dated, literal in zip(values, literals, strict=True):
            tests = [
                f"({scope[by].sql} = {text_literal(str((dated.model_extra or {})[by]))})" for by in parameter.by if by in scope
            ]
            reads |= set(parameter.by)
            own_window = self.within(Window(start=dated.start, end=dated.end), scope)
            reads |= {self.policy.dated_by} if own_window else set()
            tests += own_window
            branches.append((" AND ".join(tests), literal.sql))
        if len(branches) == 1 and not branches[0][0]:
            return literals[0]
        # Where nobody knows whether a value fits, those after it must not stand in for it.
        day = scope[self.policy.dated_by]
        by_day = branches[0][0] and not parameter.by and day.upper is None  # what is unknown of the first, is of all
        sql = f"WHEN {day.sql} IS NULL THEN NULL " if by_day else ""
        sql += " ".join(
            f"WHEN {t} THEN {literal}{'' if by_day else f' WHEN ({t}) IS NULL THEN NULL'}" if t else f"WHEN TRUE THEN {literal}"
            for t, literal in branches
        )
        digits = max(found.digits or 0 for found in literals)
        cast = {"text": "VARCHAR", "date": "DATE"}.get(kind, decimal_type(digits, scale))
        return Name(f"CAST(CASE {sql} END AS {cast})", kind, scale, reads=frozenset(reads), digits=digits)

    def value(self, key: tuple[str | int, ...], text: str, scope: Mapping[str, Name]) -> Expression | None:
        """Type an expression; a fault is kept, and None given."""
        try:
            found = typed_value(text, scope)
        except ConditionError as error:
            self.fault(key, str(error), error.start)
            return None
        self.note_joined(found.reads)
        return found

    def measure(self, key: tuple[str | int, ...], text: str, scope: Mapping[str, Name]) -> Measure | None:
        """Type an aggregate; a fault is kept, and None given."""
        try:
            return typed_measure(text, scope)
        except ConditionError as error:
            self.fault(key, str(error), error.start)
            return None

    def measures(self, scope: Mapping[str, Name]) -> dict[str, Measure]:
        """Type the measures of the policy's group."""
        if self.policy.group is None:
            return {}
        found = {n: self.measure(("group", "measures", n), text, scope) for n, text in self.policy.group.measures.items()}
        return {name: measured for name, measured in found.items() if measured is not None}

    def note_joined(self, reads: frozenset[str]) -> None:
        """Note which columns of joined rows are read, so that only they are carried."""
        for name in reads:
            j, _, column = name.partition(".")
            if column and j in self.used:
                self.used[j].add(column)

    def within(self, window: Window, scope: Mapping[str, Name]) -> list[str]:
        """Write a window as tests of the record's day; a year counts as its last day."""
        if window.start is None and window.end is None:
            return []
        name = scope[self.policy.dated_by]
        day = f"make_date(CAST({name.sql} AS INTEGER), 12, 31)" if name.type == "integer" else name.sql
        last = name.upper or day
        bounds = [
            (window.start, f"{day} >= DATE '{{}}'", f"{last} < DATE '{{}}'"),
            (window.end, f"{last} <= DATE '{{}}'", f"{day} > DATE '{{}}'"),
        ]
        if name.upper is None:
            if window.start and window.end:
                return [f"({day} BETWEEN DATE '{window.start}' AND DATE '{window.end}')"]
            return [f"({yes.format(bound)})" for bound, yes, _ in bounds if bound]
        return [
            f"(CASE WHEN {yes.format(bound)} THEN TRUE WHEN {no.format(bound)} THEN FALSE END)"
            for bound, yes, no in bounds
            if bound
        ]

    def right_reads(self, j: str, column: str) -> frozenset[str]:
        """Name the columns of the other ledger behind one name of a join."""
        join = self.policy.joins[j]
        if column == "found":
            return frozenset()
        if join.pick:
            return frozenset([column, join.pick.split()[1]])
        found = self.totals.get(j, {}).get(column)
        return found.inner.reads if found and found.inner else frozenset()


def joined(j: str, column: str) -> str:
    """Refer to a column of a joined row: frames carry it beside the row's own columns, under `join.column`."""
    return "p." + quote(f"{j}.{column}")


def column_name(column: Column, sql: str, *, months: bool) -> Name:
    """Describe a ledger column as a name of the condition language; `sql` is its quoted reference."""
    suffix, _ = COMPANION.get(column.type, ("", ""))
    beside = f'{sql[:-1]}{suffix}"' if suffix else None
    upper, companion = (beside if months else None, None) if column.type == "date" else (None, beside)
    return Name(sql, _TYPES[column.type], _SCALES.get(column.type, 0), tuple(column.codes), upper, companion)


def usable(left: str, right: str, own: Table, other: Table) -> bool:
    """Say whether a pair of key columns stands in at least one input of both ledgers."""
    return own.absent.get(left) != frozenset(own.inputs) and other.absent.get(right) != frozenset(other.inputs)


def parse_like(declared: int | Decimal | date | str, text: str) -> Decimal | date | str:
    """Read a value that a user sets for a parameter as what the policy declares: a number, a day or a text.

    Raises:  ValueError if it is none.
    """
    if isinstance(declared, str):
        return text
    if isinstance(declared, date):
        return date.fromisoformat(text)
    if re.match(r"-?[0-9]+(\.[0-9]+)?\Z", text) is None:
        raise ValueError(f"{text} is no number")
    return Decimal(text)


def _literal(value: int | Decimal | date | str) -> Name:
    if isinstance(value, str):
        return Name(text_literal(value), "text")
    return Name(f"DATE '{value.isoformat()}'", "date") if isinstance(value, date) else decimal_literal(value)
