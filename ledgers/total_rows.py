"""Lay the totals of sheets down as rows of a ledger of their own, each with what its details come to, so that a policy judges them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ledgers.arrays import keep, number_array, text_array
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.sheets import column_letters
from ledgers.tables import Table, build_table
from ledgers.totals import Held
from ledgers.typed import Raw

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KIND = "total_row"
_LABEL = re.compile("合计|总计|小计|共计")
_OF_MORE = re.compile("累计|承前|承上|接上|接前|过次|转下|转次")  # it adds up rows that stand elsewhere, too
COLUMNS = ("total_label", "total_column", "total_cell", "printed_total", "details_total", "detail_rows", "unread_details",
           "other_cells")  # fmt: skip


class TotalRow(NamedTuple):
    """Hold a total: the number of its row as a person sees it (from 1), the texts of its columns, whether it is what its details come to."""

    number: int
    texts: tuple[str, ...]
    right: bool


def describe_total(
    number: int, cells: Sequence[str], held: Sequence[Held], layout: Layout, doubtful: Sequence[int], above: int
) -> TotalRow | None:
    """Describe a total by the amount that fits its rows worst; None if it adds up rows that are not here.

    Shapes:  `doubtful` counts, in order, for each row that is kept in doubt the rows of data above it, `above` those above the total.
    """
    labels = [(index, found) for index, cell in enumerate(cells) if (found := _LABEL.search(fold(cell)))]
    if not labels or not held or any(_OF_MORE.search(fold(cell)) for cell in cells):
        return None
    worst = min(held, key=lambda one: (one.fits, not one.unread))
    if not worst.rows:
        return None
    unread = worst.unread + (0 if worst.fits else len(doubtful) - bisect_left(doubtful, above - worst.rows))
    details = "" if unread else f"{worst.sum:f}"
    printed = worst.text if worst.value is None else f"{worst.value:f}"
    places = [layout.fields[one.column] for one in [worst, *(one for one in held if one is not worst and not one.fits)]]
    if not cells[places[0] : places[0] + 1] or not cells[places[0]].strip():
        places[0] = labels[0][0]  # the total is written in words beside its label
    cell, *others = (f"{column_letters(place)}{number}" for place in places)
    column = layout.headers[worst.column]
    texts = (labels[0][1][0], column, cell, printed, details, str(worst.rows), str(unread), "、".join(others))
    return TotalRow(number, texts, worst.fits and not unread)


def lay_totals(
    con: DuckDBPyConnection,
    kind: Kind,
    numbers: Iterable[int],
    rows: Iterable[tuple[int, TotalRow]],
    given: Sequence[Raw],
    count: int,
) -> Table:
    """Build the ledger of totals: of the sheets with these numbers, and of tables of totals that were given as such.

    Shapes:  `rows` names the number of the sheet with each total; `count` counts the rows that were given.
    """
    import pyarrow as pa

    inputs = tuple(sorted(numbers))
    own = [(number, row) for number, row in rows if number in inputs]
    columns = dict(zip(COLUMNS, zip(*(row.texts for _, row in own), strict=True), strict=False)) if own else {}
    types = {"_input": pa.int32(), "_row": pa.int64()}
    arrays = {"_input": [number for number, _ in own], "_row": [row.number for _, row in own]}
    texts = {name: text_array(list(columns.get(name, ()))) for name in COLUMNS}
    keep(con, "held_totals", pa.table({**{name: number_array(arrays[name], types[name]) for name in arrays}, **texts}))
    factors = {name: Decimal(1) for name, column in kind.columns.items() if column.type == "amount"}
    raw = Raw("held_totals", inputs, factors, dict.fromkeys(COLUMNS, "VARCHAR"))
    return build_table(con, kind, [*given, raw], set(COLUMNS), count + len(own))
