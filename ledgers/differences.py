"""Hold the rows of two ledgers against each other: which are the same, which changed, vanished or are new. Files are unknown here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ledgers.kinds import Kind
from ledgers.tables import HELD, Table, read_more
from ledgers.typed import only, quote, select

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNCOMPARED = ("seq",)  # the number in the list moves with every row that is taken out


class Keys(NamedTuple):
    """Say by which columns rows of a kind are the same: the first of `who` that stands, all of `core`, and `more` where both have it.

    `whole` kinds are tables without a day in their key: there the key and all amounts must be equal. `persons` are lists of
    persons without money.
    """

    who: tuple[str, ...]
    core: tuple[str, ...]
    more: tuple[str, ...]
    whole: bool
    persons: bool


class Difference(NamedTuple):
    """Hold how two versions differ, by rows of the older (`vanished`), of both with the columns (`changed`), of the newer (`added`)."""

    same: int
    changed: tuple[tuple[int, int, tuple[str, ...]], ...]
    vanished: tuple[int, ...]
    added: tuple[int, ...]


class Lines(NamedTuple):
    """Name the relation that holds of each row what it is recognised by."""

    relation: str
    more: int

    @property
    def agree(self) -> str:
        """Write the condition under which a row `a` and a row `b` are the same."""
        more = "".join(f" AND (a.m{n} = b.m{n} OR a.m{n} IS NULL OR b.m{n} IS NULL)" for n in range(self.more))
        return f"a.core = b.core AND a.nth = b.nth{more}"

    def count_shared(self, con: DuckDBPyConnection) -> Mapping[tuple[int, int], int]:
        """Count the rows that two inputs share, for every two that share any; the smaller number first."""
        query = (
            f"SELECT a._input, b._input, count(*) FROM {self.relation} a JOIN {self.relation} b"
            f" ON a.place = b.place AND {self.agree} WHERE a._input < b._input GROUP BY ALL"
        )
        return {(one, other): count for one, other, count in con.execute(query).fetchall()}


def keys_of(kind: Kind) -> Keys:
    """Say by which columns rows of a kind are the same."""
    types = {name: kind.columns[name].type for name in kind.business_key}
    days = [name for name, of_type in types.items() if of_type == "date"]
    money = [name for name, of_type in types.items() if of_type == "amount"]
    whole = not days
    alternatives = [name for need in kind.required if not isinstance(need, str) and {*need} & {*kind.person} for name in need]
    who = tuple(dict.fromkeys([*kind.person, *alternatives]))
    core = (
        [name for name, column in kind.columns.items() if name in types or column.type == "amount"] if whole else [*days, *money]
    )
    core = [] if not whole and not money else core
    more = [name for name in types if name not in core]
    return Keys(who, tuple(core), () if whole else tuple(more), whole, persons=bool(days) and not money)


def list_lines(con: DuckDBPyConnection, table: Table, places: Mapping[int, str]) -> Lines:
    """Write a relation with what each row of the inputs is recognised by; `places` says which inputs may be versions of each other.

    A row without a person, a day or an amount is recognised by nothing.
    """
    keys, relation = keys_of(table.kind), f"lines_{table.kind.kind}"
    bulk = [part for part in table.parts if not part.raw.relation.startswith(HELD) and set(part.raw.inputs) & set(places)]
    if bulk:
        table = read_more(con, table, {*keys.who, *keys.core, *keys.more})
    known = table.columns
    who = _first(name for name in keys.who if name in known)
    texts = [_text(name) for name in keys.core if name in known]
    joined = f"concat_ws(chr(31), {', '.join([who, *(f'coalesce({text}, chr(30))' for text in texts)])})"
    if keys.whole:
        there = [f"{_text(name)} IS NOT NULL" for name in table.kind.business_key if name in known]
        stands = f"({' OR '.join(there) or 'FALSE'})"
    else:
        stands = " AND ".join([f"{who} IS NOT NULL", *(f"{text} IS NOT NULL" for text in texts)])
        stands = stands if len(texts) == len(keys.core) else "FALSE"
    more = [name for name in keys.more if name in known]
    marks = "".join(f", {_text(name)} AS m{n}" for n, name in enumerate(more))
    order = ", ".join([*(f"m{n}" for n in range(len(more))), "_row"])
    given = ", ".join(f"({number}, '{place.replace(chr(39), chr(39) * 2)}')" for number, place in places.items())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {relation} AS SELECT *, row_number() OVER (PARTITION BY _input, core ORDER BY {order}) AS nth"
        f" FROM (SELECT _input, _row, place, {who} AS who, CASE WHEN {stands} THEN {joined} END AS core{marks}"
        f" FROM {table.view} JOIN (VALUES {given}) g(_input, place) USING (_input))"
    )
    return Lines(relation, len(more))


def _text(name: str) -> str:
    return f"CAST({quote(name)} AS VARCHAR)"


def _first(names: Iterable[str]) -> str:
    texts = [_text(name) for name in names]
    return f"coalesce({', '.join(texts)})" if texts else "CAST(NULL AS VARCHAR)"


def find_differences(con: DuckDBPyConnection, table: Table, lines: Lines, older: int, newer: int) -> Difference:
    """Compare two inputs row by row: first by all that is written, then by their keys, then by the person, if there is but one."""
    shared = [name for name in table.columns if name not in UNCOMPARED and not {older, newer} & table.absent[name]]
    own = [only(part, set(shared)) for part in table.parts if {older, newer} & set(part.raw.inputs)]
    written = " UNION ALL ".join(select(part, table.kind, part.raw.relation, texts=True) for part in own)
    texts = ", ".join(f"coalesce({_text(name)}, trim({quote(f'raw.{name}')}), '')" for name in shared)
    compared = f"SELECT _input, _row, [{texts}] AS texts FROM ({written}) WHERE _input IN ({older}, {newer})"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE compared AS SELECT *, row_number() OVER (PARTITION BY _input, texts ORDER BY _row) AS nth FROM ({compared})"
    )
    query = (
        "SELECT c._row, c.texts, l.who, l.core, l.nth FROM (SELECT * FROM compared WHERE _input = {own}) c"
        " ANTI JOIN (SELECT * FROM compared WHERE _input = {other}) o ON c.texts = o.texts AND c.nth = o.nth"
        " JOIN {lines} l ON l._input = {own} AND l._row = c._row ORDER BY c._row"
    )
    before = con.execute(query.format(lines=lines.relation, own=older, other=newer)).fetchall()
    after = con.execute(query.format(lines=lines.relation, own=newer, other=older)).fetchall()
    count = con.execute(f"SELECT count(*) FROM compared WHERE _input = {older}").fetchall()[0][0]
    changed = []
    for by in (_by_key, _by_person):
        left, right = by(before), by(after)
        changed += [(left[key], right[key]) for key in left if key in right]
        before = [row for row in before if row[0] not in {one[0] for one, _ in changed}]
        after = [row for row in after if row[0] not in {other[0] for _, other in changed}]
    return Difference(
        count - len(before) - len(changed),
        tuple(sorted((one[0], other[0], _differing(shared, one[1], other[1])) for one, other in changed)),
        tuple(row[0] for row in before),
        tuple(row[0] for row in after),
    )


def _differing(names: Sequence[str], one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name, a, b in zip(names, one, other, strict=True) if a != b)


def _by_key(rows: Sequence[Any]) -> dict[Any, Any]:
    return {(core, nth): row for row in rows for core, nth in [row[3:5]] if core is not None}


def _by_person(rows: Sequence[Any]) -> dict[Any, Any]:
    times = Counter(row[2] for row in rows)
    return {row[2]: row for row in rows if row[2] is not None and times[row[2]] == 1}
