"""Add up the amounts of a bulk relation between some of its rows, so that its totals are told like those of a small sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING

from ledgers.arrays import keep, number_array, text_array
from ledgers.bulk import ROW
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import ADDED_UP, Reckon, Told
from ledgers.telling import DATA, FOOTER, PART
from ledgers.totals import NOTHING, Amount, Sum, Totals, amounts_of, plus
from ledgers.typed import PLAIN
from ledgers.values import read_texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_Step = tuple[Sum, ...]  # of a column of nothing, which counts rows, and of each column of amounts
_COUNTED = Sum(Decimal(0), 1, 0)
_FARTHEST = 2**62


def reckon_among(
    con: DuckDBPyConnection,
    relation: str,
    told: Sequence[Told],
    left: Collection[int],
    end: int | None,
    layout: Layout,
    kind: Kind,
) -> tuple[Reckon, set[int]]:
    """Give what the rows of data above each of those that were told apart come to, and between which of them and the one before there are any;
    where no total, part or footer is among them nothing is added up.

    Shapes:  `told` in the order of the relation, in which rows with numbers in `left`, those told apart among them, are no data, nor any from `end` on.
    """
    amounts = amounts_of(layout, kind)
    places = [*(number for number, _, _ in told), end or _FARTHEST]
    added = dict[int, _Step]()
    if any(what in (*ADDED_UP, PART, FOOTER) for _, _, what in told):
        added = dict(_add_up(con, relation, places, left, list(amounts.values())))
    nothing = (NOTHING,) * (1 + len(amounts))
    between = [added.get(place, nothing) for place in places]
    cells = [cells for _, cells, _ in told]
    own = list(zip([_COUNTED] * len(told), *(amount.read(cells) for amount in amounts.values()), strict=True))

    def reckon(told: Sequence[Told]) -> tuple[Totals, list[int]]:
        steps = between[:1]
        for gap, mine, (_, _, what) in zip(between[1:], own, told, strict=True):
            steps.append(_together(gap, mine) if what == DATA else gap)
        above = list(accumulate(steps, _together))
        counts = [counted.rows for counted, *_ in above]
        columns = zip(*(sums for _, *sums in above), strict=True)
        given = {
            name: {0: NOTHING, **dict(zip(counts, column, strict=True))} for name, column in zip(amounts, columns, strict=True)
        }
        return Totals(layout, kind, (), given), counts

    return reckon, {number for (number, _, _), (counted, *_) in zip(told, between, strict=False) if counted.rows}


def _together(one: _Step, other: _Step) -> _Step:
    return tuple(map(plus, one, other))


def _add_up(
    con: DuckDBPyConnection, relation: str, places: Sequence[int], left: Collection[int], amounts: Sequence[Amount]
) -> Iterator[tuple[int, _Step]]:
    """Add up the rows between a place and the one before, for each where there are any; what cannot be read adds nothing."""
    import pyarrow as pa

    keep(con, f"{relation}_places", pa.table({"place": number_array(places, pa.int64())}))
    keep(con, f"{relation}_left", pa.table({"left_out": number_array(left, pa.int64())}))
    picked, joins, sums = list[str](), list[str](), list[str]()
    for nth, amount in enumerate(amounts):
        cell, odd = f"l.c{amount.place}", f"{relation}_odd_{nth}"
        plain = PLAIN["amount"].format(cell) if amount.factor == 1 else "FALSE"
        texts = [row[0] for row in con.execute(f"SELECT DISTINCT {cell} FROM {relation} l WHERE NOT ({plain})").fetchall()]
        readings = read_texts(amount.column, texts, amount.factor)
        values = text_array([one.value or "0" for one in readings.values()])
        unread = number_array([bool(one.problem) for one in readings.values()], pa.int8())
        keep(con, odd, pa.table({"raw": text_array(list(readings)), "value": values, "unread": unread}))
        joins.append(f"LEFT JOIN {odd} o{nth} ON {cell} = o{nth}.raw")
        picked.append(f"CAST(coalesce(o{nth}.value, {cell}) AS DECIMAL(38, 6)) AS v{nth}, coalesce(o{nth}.unread, 0) AS u{nth}")
        sums.append(f"sum(v{nth}), sum(u{nth})")
    rows = f"SELECT {', '.join([f'l.{ROW} AS r', *picked])} FROM {relation} l {' '.join(joins)}"
    found = con.execute(
        f"SELECT {', '.join(['p.place', 'count(*)', *sums])} FROM ({rows} WHERE l.{ROW} NOT IN (SELECT left_out FROM {relation}_left)) x"
        f" ASOF JOIN {relation}_places p ON x.r < p.place GROUP BY ALL"
    ).fetchall()
    for place, count, *own in found:
        each = (Sum(Decimal(total), count, int(unread)) for total, unread in zip(own[::2], own[1::2], strict=True))
        yield place, (Sum(Decimal(0), count, 0), *each)
