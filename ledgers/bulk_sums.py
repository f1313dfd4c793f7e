"""Add up the amounts of a bulk relation above some of its rows, to tell a row that is their sum from a payment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ledgers.arrays import keep, number_array, text_array
from ledgers.bulk import ROW
from ledgers.headers import Layout
from ledgers.kinds import Column, Kind
from ledgers.values import read_texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBER = "TRY_CAST({} AS DECIMAL(38,6))"
FEWEST = 2  # rows above a sum


def find_sums(
    con: DuckDBPyConnection,
    relation: str,
    strays: Mapping[int, Sequence[str]],
    least: Mapping[int, int],
    layout: Layout,
    kind: Kind,
) -> set[int]:
    """Give the rows of which every amount is the sum of rows of data right above it, as far up as another stray row or the first.

    Shapes:  `strays` are the cells of the rows that are no plain data, by their number; `least` says for those that are asked about
             how many rows a sum adds up at least.
    """
    import pyarrow as pa

    found, places = set(least), sorted(strays)
    if found:
        keep(con, f"{relation}_places", pa.table({"place": number_array(places, pa.int64())}))
    for name, index in layout.fields.items() if found else ():
        if kind.columns[name].type == "amount" and name not in layout.unreadable:
            column, factor = kind.columns[name], layout.factors[name]
            texts = {number: text for number in least if (text := strays[number][index]).strip()}
            readings, earliest = read_texts(column, set(texts.values()), factor), {Decimal(0): 0}
            for number, (total, rows) in zip(places, _add_up(con, relation, places, f"c{index}", column, factor), strict=True):
                if number in texts:
                    value = readings[texts[number]].value
                    start = earliest.get(total - Decimal(value)) if value is not None else None
                    if start is None or rows < FEWEST or rows - start < least[number]:
                        found.discard(number)
                earliest.setdefault(total, rows)
    return found


def _add_up(
    con: DuckDBPyConnection, relation: str, places: Sequence[int], cell: str, column: Column, factor: Decimal
) -> Iterator[tuple[Decimal, int]]:
    """Yield the sum and the number of the rows of data above each place; what cannot be read counts as nothing."""
    import pyarrow as pa

    odd = [
        row[0] for row in con.execute(f"SELECT DISTINCT {cell} FROM {relation} WHERE {_NUMBER.format(cell)} IS NULL").fetchall()
    ]
    values = {text: one.value or "0" for text, one in read_texts(column, filter(None, odd), factor).items()}
    keep(con, f"{relation}_odd", pa.table({"raw": text_array(list(values)), "value": text_array(list(values.values()))}))
    own = f"coalesce({_NUMBER.format('o.value')}, {_NUMBER.format(f'l.{cell}')} * {factor}, 0)"
    lines = f"SELECT l.{ROW} AS r, {own} AS v FROM {relation} l LEFT JOIN {relation}_odd o ON l.{cell} = o.raw"
    blocks = con.execute(
        f"SELECT p.place, sum(v), count(*) FROM ({lines} WHERE l.{ROW} NOT IN (SELECT place FROM {relation}_places)) x"
        f" ASOF JOIN {relation}_places p ON x.r < p.place GROUP BY ALL"
    ).fetchall()
    since, total, rows = {place: own for place, *own in blocks}, Decimal(0), 0
    for place in places:
        more, count = since.get(place, (0, 0))
        total, rows = total + Decimal(more), rows + count
        yield total, rows
