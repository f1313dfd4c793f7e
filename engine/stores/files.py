"""Hand the typed ledgers of files to a store, which judges them; everything else stays as it is with files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.judge import Counts
from engine.plan import Plan
from engine.stores.judging import judge, keep_flagged
from engine.stores.shelf import Shelf
from engine.stores.store import Store, StoreFailed
from ledgers.bulk import text_literal
from ledgers.tables import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def judge_files(
    con: DuckDBPyConnection, store: Store, plans: Sequence[Plan], tables: Mapping[str, Table], scratch: Path
) -> Counts:
    """Judge ledgers that were brought in; leave the table `flagged`.

    Raises:  StoreFailed.
    """
    if store.read is None:
        raise StoreFailed(f"{store.shown} 只判断其中已有的表，不读文件。请去掉路径，或改用 --engine duckdb。")
    for table in tables.values():
        path = scratch / f"{table.view}.parquet"
        con.execute(f"COPY (SELECT * FROM {table.view}) TO {text_literal(str(path))} (FORMAT parquet)")
        store.read(table.view, path)
    counts, flagged = judge(Shelf(store, {}, {}, set()), plans, tables)
    keep_flagged(con, flagged)
    return counts
