"""Find two policies that no row can comply with both, though each alone can be complied with.

Rows of the cases of both are laid over each other; in each of them that both policies ask, the quantities that either requires
something of, and whatever both do, are given every value that could matter. A row for which no value will do is a contradiction.
A row is a group of its own here. What is reckoned with has values that were not tried: then the answer is `undecided`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations, islice, product
from math import prod
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa
from sqlglot import exp

from declared import Problem
from engine.conditions import parse, value
from engine.lint.cases import read_point, well_formed
from engine.lint.constants import between, tried_on, written
from engine.lint.layer import ANY_DAY, behind, names_in
from engine.names import Ask
from engine.plan import Plan, PolicyFaults, plan
from ledgers.arrays import number_array, text_array
from ledgers.fold import fold_header
from ledgers.kinds import Kind
from ledgers.typed import quote
from policies.load import Library, Loaded
from policies.model import Policy

MOST = 2_000  # rows that are tried for one pair
MOST_SEEDS = 8  # rows of the cases of one policy
_QUANTITIES = ("decimal", "integer", "date")
_SQL = {
    "decimal": "DECIMAL(24,6)",
    "integer": "BIGINT",
    "date": "DATE",
    "text": "VARCHAR",
    "code": "VARCHAR",
    "boolean": "BOOLEAN",
}
_BESIDE = ("printed_unit", "identity_form")  # what stands beside a cell is not tried
_RECKONED = (exp.Add, exp.Sub, exp.Mul, exp.Abs, exp.Round, exp.Year, exp.Anonymous, exp.Like, exp.Neg)


class Side(NamedTuple):
    """Hold one policy of a pair: its plan, the names it reads, those it requires something of, those it reckons with, SQL for blanks."""

    loaded: Loaded
    planned: Plan
    reads: frozenset[str]
    required: frozenset[str]
    reckoned: frozenset[str]
    assumed: Mapping[str, str]


class Contradiction(NamedTuple):
    """Name two policies and the row that both ask, with the names for which no value will do."""

    first: Loaded
    second: Loaded
    row: Mapping[str, str]
    names: tuple[str, ...]

    @property
    def problem(self) -> Problem:
        """Say it at the second policy."""
        row = ", ".join(f"{name} {cell}" for name, cell in self.row.items())
        what = f"requires: no {' and '.join(self.names)} complies with {self.first.policy.code} ({self.first.pack}) too, for a row with {row}."
        return self.second.problem(("requires",), f"P16 {what} part the two by `applies_when`, or correct one.")


def find_contradictions(library: Library, kinds: Mapping[str, Kind]) -> Iterator[Contradiction | tuple[str, str]]:
    """Compare the chosen policies of each ledger two at a time; a pair of codes says that nothing was decided."""
    sides = [side for loaded in library.policies.values() if (side := _side(loaded, kinds)) is not None]
    for first, second in combinations(sides, 2):
        if first.planned.policy.ledger == second.planned.policy.ledger and first.required & second.required:
            found = _compare(first, second, kinds)
            if found is not True:
                yield found or (first.loaded.policy.code, second.loaded.policy.code)


def _side(loaded: Loaded, kinds: Mapping[str, Kind]) -> Side | None:
    """Plan a policy; a lead requires nothing, and what asks for limits, or does not load, is not compared."""
    policy = loaded.policy
    try:
        planned = plan(loaded, kinds, None, Ask(ANY_DAY))
    except PolicyFaults:
        return None
    if policy.is_lead:
        return None
    clauses = (planned.applies, planned.in_force, *planned.admissible)
    required = frozenset().union(*(clause.reads for clause in planned.admissible))
    reads = frozenset().union(
        *(clause.reads for clause in clauses), *(names_in(one.when) for one in policy.citations if one.when)
    )
    assumed = {
        n: value(own.value, planned.scope) for n, own in policy.assume.items() if n in reads and own.value.upper() != "NULL"
    }
    reads = reads.union(*(found.reads for found in assumed.values()))
    by_name = {name: found.sql for name, found in assumed.items() if "." not in name}
    return Side(loaded, planned, reads, required, frozenset(_reckoned(policy)), by_name)


def _texts(policy: Policy) -> list[str]:
    return [policy.applies_when, *policy.questions, *(policy.group.measures.values() if policy.group else ())]


def _reckoned(policy: Policy) -> set[str]:
    """Name what a policy reckons with, or looks into: its answer may change at values that stand nowhere."""
    found = {
        name
        for text in [*_texts(policy), *policy.shows.values()]
        for node in parse(text).find_all(*_RECKONED)
        for name in names_in(node.sql(dialect="duckdb"))
    }
    return behind(policy, found)


def _compare(first: Side, second: Side, kinds: Mapping[str, Kind]) -> Contradiction | bool | None:
    """Try rows on both: a contradiction, or True where each row that both ask has values that comply, or None where nobody knows."""
    names = sorted(first.reads | second.reads)
    types = {name: (first.planned.scope.get(name) or second.planned.scope[name]).type for name in names}
    if any(_join_of(first, name) != _join_of(second, name) for name in first.reads & second.reads):
        return None  # two joins of one name
    if (
        first.planned.asked
        or second.planned.asked
        or any(word in text for side in (first, second) for text in _texts(side.planned.policy) for word in _BESIDE)
    ):
        return None
    free = {name for name in first.required | second.required if types[name] in _QUANTITIES} | (first.required & second.required)
    free |= {name for name in names if "." in name}
    seeds = _seeds(first, second, [name for name in names if name not in free], kinds)
    values = {name: _values(name, types[name], first, second, kinds) for name in sorted(free)}
    if not seeds:
        return None
    tried, complete = _combined(values, MOST // len(seeds))
    columns = {name: [seed.get(name) for seed in seeds] for name in names if name not in free}
    answers = _ask(first, second, types, columns, dict(zip(values, zip(*tried, strict=True), strict=True)))
    if not answers:
        return None  # they do not meet
    for one, other, both, row in answers:
        if one and other and not both:
            if not complete or free & (first.reckoned | second.reckoned):
                return None
            shown = {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
            shared = tuple(sorted(first.required & second.required))
            return Contradiction(first.loaded, second.loaded, shown, shared)
    return True


def _join_of(side: Side, name: str) -> object:
    return side.planned.policy.joins.get(name.partition(".")[0]) if "." in name else None


def _seeds(first: Side, second: Side, names: Sequence[str], kinds: Mapping[str, Kind]) -> list[dict[str, str | None]]:
    """Lay rows of the cases of both over each other, each filled up from the other; only what stands in the names counts."""
    kind = kinds[first.planned.policy.ledger]
    rows = [list(islice(_rows(side, names, kind), MOST_SEEDS)) for side in (first, second)]
    seeds = [over | under if flip else under | over for under, over in product(*rows) for flip in (False, True)]
    return [dict(seed) for seed in dict.fromkeys(tuple(sorted(seed.items())) for seed in seeds)]


def _rows(side: Side, names: Sequence[str], kind: Kind) -> Iterator[dict[str, str]]:
    """Read the rows of the cases as far as they are written plainly."""
    seen = []
    for case in side.planned.policy.cases:
        for row in well_formed(case.written.get(kind.kind)):
            named = {kind.headers.get(fold_header(name)): cell for name, cell in row.items()}
            cells = {n: cell for n in names if n in named and (cell := _cell(named[n], kind, n)) is not None}
            if cells not in seen:
                seen.append(cells)
                yield cells


def _cell(cell: Any, kind: Kind, name: str) -> str | None:
    """Read one cell of a case; None where it is blank or needs the intake to be understood."""
    text, column = str(cell), kind.columns[name]
    if column.type == "code":
        return next((code for code, more in column.codes.items() if text == code or text in more), None)
    if column.type == "flag":
        return {"是": "true", "否": "false"}.get(text, text if text in ("true", "false") else None)
    if column.type in ("amount", "integer", "percent", "year", "date"):
        return text if read_point(text, column.type == "date") is not None else None
    return text or None


def _values(name: str, kind: str, first: Side, second: Side, kinds: Mapping[str, Kind]) -> list[str | None]:
    """Give every value of a free name that could matter: what both policies write, what stands in their cases, and what lies between."""
    policies = [side.planned.policy for side in (first, second)]
    written_out = {found for policy in policies for found in _limits(policy)}
    if kind == "boolean":
        return ["true", "false"]
    if kind not in _QUANTITIES:
        codes = (first.planned.scope.get(name) or second.planned.scope[name]).codes
        known = [text for text in sorted(map(str, written_out)) if not codes or text in codes]
        return [None, *known, *([code for code in codes if code not in known][:1] if codes else ["∅"])]
    own = kinds[policies[0].ledger]
    cells = {
        cell
        for side in (first, second)
        for row in _rows(side, [name] if name in own.columns else [], own)
        for cell in row.values()
    }
    wanted = date if kind == "date" else Decimal
    points = {point for cell in cells if (point := read_point(cell, kind == "date")) is not None}
    limits = sorted({found for found in written_out if isinstance(found, wanted)} | points)[:12]
    return [None, *(str(limit) for limit in (*limits, *between(limits, 1, kind)))]


def _combined(values: Mapping[str, list[str | None]], most: int) -> tuple[list[tuple[str | None, ...]], bool]:
    """Combine the values of all free names, or so many of the combinations, spread over all; say whether these are all."""
    if prod(map(len, values.values())) <= most:
        return list(product(*values.values())), True
    spread = Random(0)  # the same ones every time
    return [tuple(spread.choice(own) for own in values.values()) for _ in range(most)], False


def _limits(policy: Policy) -> Iterator[Any]:
    """Give all that a policy writes out: numbers, days, texts, the values of its parameters."""
    for node in (node for text in _texts(policy) for node in parse(text).walk()):
        found = written(node) if not isinstance(node.parent, exp.Cast) else None
        if found is not None and not isinstance(found, bool):
            yield found
    for limit in (dated.value for own in policy.parameters.values() for dated in own.values):
        yield Decimal(limit) if isinstance(limit, int) else limit


def _ask(first: Side, second: Side, types: Mapping[str, str], columns: Mapping[str, list[str | None]],
         values: Mapping[str, Sequence[str | None]]) -> list[tuple[bool, bool, bool, list[str | None]]]:  # fmt: skip
    """Ask both policies every row: of each seed that both ask, whether one, the other, both can be complied with, and a row of it."""
    con = tried_on()
    many = max([1, *map(len, columns.values())])
    seeds = {name: text_array(own) for name, own in columns.items()}
    con.register("seeds", pa.table({"_seed": number_array(range(many), pa.int64()), **seeds}))
    con.register("combined", pa.table({name: text_array(own) for name, own in values.items()}))
    place = {name: f"{table}.{quote(name)}" for table, held in (("seeds", columns), ("combined", values)) for name in held}
    typed = [f"CAST({place[name]} AS {_SQL[kind]}) AS {quote(name)}" for name, kind in types.items()]
    joins = {j for side in (first, second) for j in side.planned.policy.joins}
    lacking = [f"FALSE AS {quote(f'{j}.unknown')}" for j in sorted(joins)]
    lacking += [f"TRUE AS {quote(f'{j}.found')}" for j in sorted(joins) if f"{j}.found" not in types]
    assumed = [
        f"coalesce(p.{quote(name)}, CAST({sql} AS {_SQL[types[name]]})) AS {quote(name)}"
        for name, sql in {**first.assumed, **second.assumed}.items()
        if name in columns
    ]
    rows = f"SELECT row_number() OVER () AS _n, _seed, {', '.join([*typed, *lacking])} FROM seeds, combined"
    if assumed:
        rows = f"SELECT * REPLACE ({', '.join(assumed)}) FROM ({rows}) AS p"
    written_row = ", ".join(f"CAST(p.{quote(name)} AS VARCHAR)" for name in types)
    sql = (
        f"WITH p AS MATERIALIZED ({rows}), one AS ({_asked(first)}), other AS ({_asked(second)})"
        f" SELECT bool_or(one.complies), bool_or(other.complies), bool_or(one.complies AND other.complies),"
        f" min([{written_row}]) FILTER (WHERE one.complies) FROM p JOIN one USING (_n) JOIN other USING (_n)"
        f" WHERE one.asks AND other.asks GROUP BY p._seed ORDER BY p._seed"
    )
    return con.execute(sql).fetchall()


def _asked(side: Side) -> str:
    """Write what one policy says of each row: whether it asks it, and whether the row complies; a row is a group of its own."""
    planned = side.planned
    complies = " OR ".join(f"({clause.sql})" for clause in planned.admissible)
    asks = f"({planned.applies.sql}) AND ({planned.in_force.sql})"
    measures = [
        f"{_of_one_row(own)} AS {quote(name)}" for name, own in planned.measures.items() if f"g.{quote(name)}" in complies
    ]
    group = f", LATERAL (SELECT {', '.join(measures)}) AS g" if measures else ""
    return f"SELECT _n, coalesce({asks}, FALSE) AS asks, coalesce({complies}, FALSE) AS complies FROM p{group}"


def _of_one_row(found: Any) -> str:
    if found.inner is None:
        return "1"
    if found.function == "count":
        return f"CASE WHEN ({found.inner.sql}) IS NULL THEN 0 ELSE 1 END"
    return f"({found.inner.sql})"
