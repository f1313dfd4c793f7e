"""Plan a policy against the ledgers at hand: which names it sees, what it reads, where it can be judged, its clauses as SQL.

A plan is text and sets; running it is the business of `judge`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from engine.conditions import ConditionError, Expression, Name, condition, parse
from engine.measures import Measure, latest, with_latest
from engine.names import Ask, Names, Refusal, joined, usable
from ledgers.kinds import Kind
from ledgers.tables import Table
from ledgers.typed import quote
from policies.load import Loaded
from policies.model import Policy, Settlement

PLACEHOLDER = re.compile(r"\{([a-z_][a-z_0-9.]*|:[a-z_]+)\}")


class Clause(NamedTuple):
    """Hold one condition of a policy as SQL that is true, false or NULL for unknown, unread cells included."""

    sql: str
    reads: frozenset[str]


class OpenReading(NamedTuple):
    """Hold one admissible reading; `left_out` where a ledger lacks a column that it needs."""

    name: str
    zh: str
    en: str
    clause: Clause | None
    left_out: str


class PlannedJoin(NamedTuple):
    """Hold one join as SQL over its right side, aliased `r`.

    `keys` the pairs that stand in both ledgers; `columns` what is read of the picked row, each as SQL; `alike` columns in which an unreadable row must agree to be a possible match;
    `gaps` the problem bits of columns that a row's own file lacks and others have, to be added to those of its cells.
    """

    table: Table | None
    ledger: str
    keys: tuple[tuple[str, str], ...]
    where: str
    pick: str | None
    latest: bool
    columns: Mapping[str, str]
    totals: Mapping[str, Measure]
    alike: tuple[str, ...]
    by: Name | None = None
    gaps: tuple[str, ...] = ()

    @property
    def problems(self) -> str:
        """Write the problem bits of a row."""
        return " | ".join(("r._problems", *self.gaps))


class Plan(NamedTuple):
    """Hold a policy planned against tables: its status, and everything `judge` and `evidence` need as SQL.

    `status`  judged, ledger_missing, column_missing, or out_of_scope where it is off or `asked` for values in vain; `lacking` the inputs that lack a column, with its name.
    """

    loaded: Loaded
    table: Table | None
    status: str
    reason: str
    lacking: Mapping[int, str]
    scope: Mapping[str, Name]
    applies: Clause
    in_force: Clause
    citations: tuple[Clause, ...]
    readings: tuple[OpenReading, ...]
    measures: Mapping[str, Measure]
    joins: Mapping[str, PlannedJoin]
    assumed: tuple[str, ...]
    asked: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        """Give the policy itself."""
        return self.loaded.policy

    @property
    def admissible(self) -> list[Clause]:
        """Give the clauses of all readings that can be tried; the first is the policy's own."""
        return [reading.clause for reading in self.readings if reading.clause is not None]


class PolicyFaults(Exception):
    """Carry every typed fault of one policy."""

    def __init__(self, faults: list[Refusal]) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.what for fault in faults))


def parse_ahead(policy: Policy) -> None:
    """Parse the conditions of a policy while there is time: each is parsed once, and `plan` says what is wrong with it."""
    for text in (policy.applies_when, *policy.questions):
        with suppress(ConditionError):
            parse(text)


def plan(loaded: Loaded, kinds: Mapping[str, Kind], tables: Mapping[str, Table] | None, ask: Ask) -> Plan:
    """Plan one policy. With `tables` None, every ledger is taken to be there with all its columns (lint, documentation).

    Raises:  PolicyFaults with every condition that does not fit the kinds.
    """
    return _Planner(loaded, kinds, tables, ask).plan()


class _Planner:
    def __init__(self, loaded: Loaded, kinds: Mapping[str, Kind], tables: Mapping[str, Table] | None, ask: Ask) -> None:
        self.loaded, self.policy, self.kinds, self.tables = loaded, loaded.policy, kinds, tables
        self.names = Names(loaded.policy, kinds, tables, ask)

    def plan(self) -> Plan:
        policy = self.policy
        self._check_ledgers()
        if self.names.faults:
            raise PolicyFaults(self.names.faults)
        table = None if self.tables is None else self.tables.get(policy.ledger)
        missing = self._missing_ledgers()
        scope = self.names.scope(table)
        row_scope = {name: found for name, found in scope.items() if name not in (policy.group.measures if policy.group else {})}
        measures = {name: self._measure(found, table) for name, found in with_latest(self.names.measures(row_scope)).items()}
        applies = self._clause(("applies_when",), policy.applies_when, row_scope, table)
        citations = tuple(self._citation(number, row_scope, table) for number in range(len(policy.citations)))
        in_force = _any_of(citations)
        readings = tuple(self._readings(scope, table, measures))
        self._check_texts(scope)
        if self.names.faults:
            raise PolicyFaults(self.names.faults)
        needed = applies.reads | in_force.reads | self._keys() | readings[0].clause.reads  # type: ignore[union-attr]
        status, reason, lacking = self._standing(table, missing, needed)
        joins = {} if status == "ledger_missing" else {j: self._join(j, table, scope) for j in policy.joins}
        if self.names.faults:
            raise PolicyFaults(self.names.faults)
        return Plan(self.loaded, table, status, reason, lacking, scope, applies, in_force, citations, readings, measures,
                    joins, tuple(self.names.assumed), tuple(self.names.asked))  # fmt: skip

    def _check_ledgers(self) -> None:
        policy = self.policy
        for key, name in [
            (("ledger",), policy.ledger),
            *((("joins", j, "ledger"), join.ledger) for j, join in policy.joins.items()),
        ]:
            if name not in self.kinds:
                self.names.fault(key, f"ledger: unknown kind `{name}`. known: {', '.join(self.kinds)}.")
        if self.names.faults:
            return
        own = self.kinds[policy.ledger].columns
        if policy.dated_by not in own or own[policy.dated_by].type not in ("date", "year"):
            self.names.fault(("dated_by",), f"dated_by: `{policy.dated_by}` is no date or year of {policy.ledger}.")
        for j, join in policy.joins.items():
            other = self.kinds[join.ledger].columns
            pick = join.pick.split()[1] if join.pick else None
            pairs = [*join.keys, *((name, name) for name in join.alike)]
            if join.by is not None and (join.by not in own or own[join.by].type != "date"):
                self.names.fault(("joins", j, "pick"), f"pick: `{join.by}` is no date of {policy.ledger}.")
            for left, right in pairs:
                if left not in own or right not in other:
                    self.names.fault(("joins", j, "match"), f"match: `{left}` / `{right}` is not a column on both sides.")
                elif (left, right) in join.keys and "date" in (own[left].type, other[right].type):
                    what = f"match: `{left}` / `{right}` is a day, and a month holds many. compare days in `where` or `requires`."
                    self.names.fault(("joins", j, "match"), what)
            if pick is not None and pick not in other:
                self.names.fault(("joins", j, "pick"), f"pick: `{pick}` is no column of {join.ledger}.")
        for name in [*policy.group.per, *policy.group.alike] if policy.group else []:
            if name not in own:
                self.names.fault(("group",), f"group: `{name}` is no column of {policy.ledger}.")

    def _missing_ledgers(self) -> list[str]:
        if self.tables is None:
            return []
        needed = [self.policy.ledger, *(join.ledger for join in self.policy.joins.values())]
        return [name for name in dict.fromkeys(needed) if name not in self.tables]

    def _join(self, j: str, table: Table | None, scope: Mapping[str, Name]) -> PlannedJoin:
        """Plan a join: the keys that both sides have, and each column that is read, assumed where an input lacks it."""
        join = self.policy.joins[j]
        kind, other = self.kinds[join.ledger], self.tables.get(join.ledger) if self.tables else None
        keys = [pair for pair in join.keys if table is None or other is None or usable(*pair, table, other)]
        pick = join.pick.split()[1] if join.pick else None
        names = {name for name in self.names.used[j] if name in kind.columns} | ({pick} if pick else set())
        asked = self._condition_of(j)
        totals = with_latest(self.names.totals.get(j, {}))
        reads = names.union(asked.reads, *(found.inner.reads for found in totals.values() if found.inner))
        gaps = tuple(self._gaps(j, reads, other))
        problems = " | ".join(("r._problems", *gaps))

        def guarded(sql: str, read: frozenset[str]) -> str:
            bits = sum(kind.bit(n) for n in read if other is not None and (n in other.unread or other.absent.get(n)))
            return f"CASE WHEN (({problems}) & {bits}) = 0 THEN {sql} END" if bits else sql

        columns: dict[str, str] = {}
        for name in sorted(names) if pick else ():
            columns[name] = self.names.right_column(j, name, kind.columns[name], other)
            if kind.columns[name].type == "date" and other is not None and name in other.months:
                columns[latest(name)] = self.names.right_column(j, name, kind.columns[name], other, last=True)
            if kind.columns[name].type == "percent":
                columns[f"{name}__unit"] = f'r."{name}__unit"'
        totals = {
            name: found._replace(inner=found.inner._replace(sql=guarded(found.inner.sql, found.inner.reads)))
            if found.inner
            else found
            for name, found in totals.items()
        }
        alike = tuple(name for name in join.alike if table is None or other is None or usable(name, name, table, other))
        return PlannedJoin(
            other, join.ledger, tuple(keys), guarded(asked.sql, asked.reads), pick, bool(join.pick and join.pick.startswith("latest")),
            columns, totals, alike, scope[join.by] if join.by else None, gaps,
        )  # fmt: skip

    def _condition_of(self, j: str) -> Clause:
        """Type the condition of a join over its right side."""
        where = self.policy.joins[j].where
        if where:
            try:
                found = condition(where, self.names.right_scope(j))
                return Clause(found.sql, found.reads)
            except ConditionError as error:
                self.names.fault(("joins", j, "where"), str(error), error.start)
        return Clause("TRUE", frozenset())

    def _gaps(self, j: str, reads: Iterable[str], other: Table | None) -> Iterator[str]:
        """Write the bits of columns that some files of a joined ledger lack: their rows are unknown there, not blank."""
        for name in sorted(reads):
            absent = other.absent.get(name, frozenset()) if other else frozenset()
            if other and absent and absent != frozenset(other.inputs) and f"{j}.{name}" not in self.policy.assume:
                which = ", ".join(map(str, sorted(absent)))
                yield f"CASE WHEN r._input IN ({which}) THEN {other.kind.bit(name)} ELSE 0 END"

    def _measure(self, found: Measure, table: Table | None) -> Measure:
        """Make a measure unknown where what it reads of a row could not be read, in the row itself or in one that is joined."""
        if found.inner is None:
            return found
        self.names.note_joined(found.inner.reads)
        return found._replace(inner=found.inner._replace(sql=self._guarded(found.inner.sql, found.inner.reads, table)))

    def _clause(self, key: tuple[str | int, ...], text: str, scope: Mapping[str, Name], table: Table | None) -> Clause:
        try:
            found = condition(text, scope)
        except ConditionError as error:
            self.names.fault(key, str(error), error.start)
            return Clause("NULL", frozenset())
        self.names.note_joined(found.reads)
        of_group = self.policy.group is not None and scope.keys() >= self.policy.group.measures.keys()  # its measures are guarded
        return Clause(found.sql if of_group else self._guarded(found.sql, found.reads, table), found.reads)

    def _guarded(self, sql: str, reads: frozenset[str], table: Table | None) -> str:
        """Make a clause unknown where a cell that it reads could not be read, or a join that it reads is unknown."""
        unknown = []
        if table is not None:
            bits = sum(table.kind.bit(name) for name in reads if name in table.unread)
            unknown = [f"(p._problems & {bits}) <> 0"] if bits else []
        for j in sorted({name.partition(".")[0] for name in reads if "." in name}):
            unknown.append(joined(j, "unknown"))
            other = self.tables.get(self.policy.joins[j].ledger) if self.tables else None
            bits = sum(other.kind.bit(n) for n in other.kind.columns if f"{j}.{n}" in reads) if other else 0
            if bits and self.policy.joins[j].pick:  # unread, or several rows may be picked and do not agree
                unknown.append(f"({joined(j, '_problems')} & {bits}) <> 0")
        return f"CASE WHEN {' OR '.join(unknown)} THEN NULL ELSE {sql} END" if unknown else sql

    def _citation(self, number: int, scope: Mapping[str, Name], table: Table | None) -> Clause:
        """Say when a citation is in force for a row: by the record's own day and the citation's own condition."""
        citation = self.policy.citations[number]
        if citation.region not in (None, self.names.ask.region):
            return Clause("FALSE", frozenset())
        tests = self.names.within(citation.in_force, scope)
        reads = frozenset([self.policy.dated_by]) if tests else frozenset()
        if citation.when:
            clause = self._clause(("citations", number, "when"), citation.when, scope, table)
            tests.append(f"coalesce({clause.sql}, FALSE)")
        return Clause(self._guarded(" AND ".join(tests), reads, table) if tests else "TRUE", reads)

    def _readings(self, scope: Mapping[str, Name], table: Table | None, measures: dict[str, Measure]) -> Iterator[OpenReading]:
        """Plan every reading; where some files lack a column of it, the policy's own question is put to their rows instead."""
        scope = _of_groups(scope) if self.policy.group else scope
        main = self._clause(("requires",), self.policy.requires, scope, table)
        yield OpenReading("", "", "", main, "")
        for name, reading in self.policy.readings.items():
            clause = self._clause(("readings", name, "requires"), reading.requires, scope, table)
            lacking = self._lacking(clause.reads, table)
            everywhere = table is not None and set(lacking) >= set(table.inputs)
            if everywhere:
                yield OpenReading(name, reading.zh, reading.en, None, next(iter(lacking.values())))
                continue
            if lacking:
                which = f"p._input IN ({', '.join(map(str, sorted(lacking)))})"
                if self.policy.group:  # all rows of a group must lack it; where only some do, the measure is unknown
                    without = Expression(which, "boolean", 0, (), None, frozenset())
                    measures[f"without {name}"] = Measure("bool_and", without, False, "boolean", 0)
                    which = f"g.{quote(f'without {name}')}"
                clause = Clause(f"CASE WHEN {which} THEN {main.sql} ELSE {clause.sql} END", clause.reads | main.reads)
            yield OpenReading(name, reading.zh, reading.en, clause, "")

    def _check_texts(self, scope: Mapping[str, Name]) -> None:
        policy = self.policy
        settled = policy.remedy.settled_by
        amounts: list[tuple[tuple[str | int, ...], str | None]] = [
            (("involved",), policy.involved), (("recover",), policy.recover), (("short",), policy.short),
            (("remedy", "settled_by", "owed"), settled.owed if settled else None),
        ]  # fmt: skip
        for place, text in amounts:
            found = self.names.value(place, text, scope) if text is not None else None
            if found is not None and found.type not in ("integer", "decimal"):
                self.names.fault(place, f"{place[-1]}: an amount is a number; this is {found.type}.")
        if settled is not None:
            self._check_settlement(settled, scope)
        for lang in ("zh", "en"):
            for name in PLACEHOLDER.findall(policy.message.in_(lang)):
                if name not in scope:
                    self.names.fault(("message", lang), f"message.{lang}: unknown name `{{{name}}}`.")
                self.names.note_joined(frozenset([name]))

    def _check_settlement(self, settled: Settlement, scope: Mapping[str, Name]) -> None:
        place = ("remedy", "settled_by")
        due = self.names.value((*place, "due"), settled.due, scope) if settled.due is not None else None
        if due is not None and due.type != "date":
            self.names.fault((*place, "due"), f"due: a day is needed; this is {due.type}.")
        kind = self.kinds.get(settled.ledger)
        wanted = [next(iter(settled.match.values())), settled.amount, settled.on]
        for name in wanted if kind else ():
            if kind is not None and name not in kind.columns:
                self.names.fault(place, f"settled_by: `{name}` is no column of {settled.ledger}.")
        if kind is None or settled.own not in self.kinds[self.policy.ledger].columns:
            self.names.fault(place, f"settled_by: unknown ledger `{settled.ledger}` or own column `{settled.own}`.")

    def _keys(self) -> frozenset[str]:
        keys = set(self.policy.group.per) if self.policy.group else set()
        return frozenset(keys | {f"{j}.found" for j in self.policy.joins})

    def _lacking(self, reads: frozenset[str], table: Table | None) -> dict[int, str]:
        """List the inputs that lack a column that is read, without an assumption for it, each with the column."""
        if table is None or self.tables is None:
            return {}
        lacking: dict[int, str] = {}
        for name in sorted(reads):
            j, _, column = name.partition(".")
            if not column:
                if name not in self.policy.assume:
                    lacking |= dict.fromkeys(table.absent.get(name, frozenset()), name)
                continue
            join = self.policy.joins[j]
            other = self.tables.get(join.ledger)
            if other is None:
                continue
            if not any(usable(left, right, table, other) for left, right in join.keys):
                lacking |= dict.fromkeys(table.inputs, join.keys[0][0])
            wanted = [n for n in self.names.right_reads(j, column) if f"{j}.{n}" not in self.policy.assume]
            if any(other.absent.get(n) == frozenset(other.inputs) for n in wanted):
                lacking |= dict.fromkeys(table.inputs, name)
        return lacking

    def _standing(self, table: Table | None, missing: list[str], needed: frozenset[str]) -> tuple[str, str, dict[int, str]]:
        if self.policy.code in self.names.ask.off:
            code = self.policy.code
            return "out_of_scope", f"所引文件均未核实，默认不启用；确要判断的请用 --policy {code}，或写入项目文件 policies", {}
        if missing:
            titles = "、".join(f"{self.kinds[name].title.zh}（{name}）" for name in missing)
            return "ledger_missing", f"缺少台账：{titles}", {}
        if self.names.asked:
            return "out_of_scope", "", {}
        lacking = self._lacking(needed, table)
        if table is not None and set(lacking) >= set(table.inputs):
            names = "、".join(dict.fromkeys(self._column_title(name) for name in lacking.values()))
            return "column_missing", f"缺少列：{names}", lacking
        return "judged", "", lacking

    def _column_title(self, name: str) -> str:
        j, _, column = name.partition(".")
        kind = self.kinds[self.policy.joins[j].ledger if column else self.policy.ledger]
        found = kind.columns.get(column or name)
        return f"{kind.title.zh}·{found.zh}（{column or name}）" if found else name


def _of_groups(scope: Mapping[str, Name]) -> dict[str, Name]:
    """Leave the names that a whole group has: its measures, parameters without classes, the day of the check."""
    return {name: found for name, found in scope.items() if "p." not in found.sql}


def _any_of(citations: tuple[Clause, ...]) -> Clause:
    if not citations or any(clause.sql == "TRUE" for clause in citations):
        return Clause("TRUE", frozenset())
    return Clause("(" + " OR ".join(clause.sql for clause in citations) + ")", frozenset().union(*(c.reads for c in citations)))
