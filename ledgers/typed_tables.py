"""Lay tables whose columns have types: Parquet files, and tables of databases. What is not long is read row by row, as a sheet is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ledgers import bulk
from ledgers.headers import Layout, unread_capitals
from ledgers.neighbours import look_beside
from ledgers.reader import note_of
from ledgers.sheets import Sheet
from ledgers.sources import Source
from ledgers.strays import below_in, doubted_by_label
from ledgers.typed import in_china, quote, written

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ledgers.desk import Desk

MOST_HELD = 50_000  # rows that are looked at one by one


def lay_parquet(desk: Desk, source: Source, sha256: str, path: Path, sheet: str | None, layout: Layout) -> int:
    """Lay a table that stands in a Parquet file, the source itself or one that was made of it; give its number.

    Raises:  Unreadable if the file proves damaged.
    """
    columns = bulk.parquet_columns(desk.con, path)
    if rows := _few_rows(desk.con, path, columns):
        return desk.take_page(desk.read_page(Sheet(path, sheet, rows), layout, source), source, sha256)
    headers, layout = list(columns), unread_capitals(layout)
    picked = {field: headers[index] for field, index in layout.fields.items()}
    types = {field: columns[header] for field, header in picked.items()}
    view = bulk.raw_view(bulk.rows_of_parquet(path), len(desk.inputs), picked, "file_row_number + 2")
    below = below_in(desk.con, path, columns, layout, desk.kinds)
    if kept := below.kept("_row"):
        view = f"SELECT * FROM ({view}) v WHERE {kept}"
    desk.notes += [note_of(remark, source.shown, sheet) for remark in (*below.remarks, *look_beside(layout, desk.kinds))]
    doubt = doubted_by_label(layout, desk.kinds[layout.kind], types)
    with bulk.read_to_its_end():
        spoilt = bool(doubt) and bool(desk.con.execute(f"SELECT 1 FROM ({view}) v WHERE {doubt} > 0 LIMIT 1").fetchall())
    if spoilt:
        view = f"SELECT *, {doubt} AS _spoilt FROM ({view}) v"
    layout = desk.doubt(layout, f"({view})", types, spoilt=spoilt)
    [(rows,)] = desk.con.execute(f"SELECT count(*) FROM ({view}) v").fetchall()
    number = desk.admit(layout, source, sheet, None, sha256, rows)
    desk.add_bulk(f"raw_{number}", number, layout, view, types, spoilt=spoilt)
    return number


def _few_rows(con: DuckDBPyConnection, path: Path, columns: Mapping[str, str]) -> list[list[str]]:
    """Give the rows of a Parquet file as texts, below their header; none where they are many.

    Raises:  Unreadable.
    """
    source = bulk.rows_of_parquet(path)
    with bulk.read_to_its_end():
        if con.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0] > MOST_HELD:
            return []
        cells = ", ".join(f"coalesce({_shown(quote(name), own)}, '')" for name, own in columns.items())
        return [list(columns), *map(list, con.execute(f"SELECT {cells} FROM {source}").fetchall())]


def _shown(cell: str, own: str) -> str:
    """Write the SQL of the text that a cell of a typed table shows."""
    return f"CAST({in_china(cell, own)} AS VARCHAR)" if own.endswith("TIME ZONE") else written(cell, own)
