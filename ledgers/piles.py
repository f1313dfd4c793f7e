"""Lay the rows of all sheets of one layout down as one raw relation of texts. Files are unknown here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from ledgers.arrays import keep, number_array, text_array
from ledgers.headers import Layout
from ledgers.rows import DataRow
from ledgers.typed import Raw

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def lay_down(con: DuckDBPyConnection, pile: Sequence[tuple[int, Layout, list[DataRow]]], relation: str) -> Raw:
    """Write the rows of a pile, each with its input and number, how far it is trusted, and where it says what it leaves blank."""
    import pyarrow as pa

    layout = pile[0][1]
    columns: dict[str, Any] = {"_input": [], "_row": [], "_spoilt": [], "_head": [], **{field: [] for field in layout.fields}}
    for number, own, rows in pile:
        columns["_input"] += [number] * len(rows)
        columns["_row"] += [row.number for row in rows]
        columns["_spoilt"] += [row.doubt for row in rows]
        columns["_head"] += [row.head for row in rows]
        note_doubts(con, number, [row for row in rows if row.doubt])
        widths = set(map(len, (row.cells for row in rows)))
        together = zip if len(widths) == 1 else partial(zip_longest, fillvalue="")  # even rows, as most are, take half the time
        cells = list(together(*(row.cells for row in rows)))
        for field, index in own.fields.items():
            columns[field] += cells[index] if index < len(cells) else [""] * len(rows)
    types = {"_input": pa.int32(), "_row": pa.int64(), "_spoilt": pa.int8(), "_head": pa.int64()}
    arrays = {n: number_array(values, types[n]) if n in types else text_array(values) for n, values in columns.items()}
    keep(con, relation, pa.table(arrays))
    inputs = tuple(number for number, _, _ in pile)
    types_by_field = dict.fromkeys(layout.fields, "VARCHAR")
    return Raw(
        relation, inputs, layout.factors, types_by_field, layout.unreadable, any(columns["_spoilt"]), layout.year, layout.parts, any(columns["_head"])
    )  # fmt: skip


def note_doubts(con: DuckDBPyConnection, number: int, rows: Sequence[DataRow]) -> None:
    """Note why rows of an input are in doubt."""
    import pyarrow as pa

    if rows:
        fields, whys = text_array([row.field for row in rows]), text_array([row.why for row in rows])
        doubts = {"row": number_array([row.number for row in rows], pa.int64()), "field": fields, "why": whys}
        con.register("doubts", pa.table(doubts))
        con.execute(f"INSERT INTO cell_notes SELECT 'Q12', {number}, row, field, why FROM doubts")
        con.unregister("doubts")
