"""Open DuckDB so that nothing but the report stands on standard output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_duckdb(path: str = ":memory:", *, read_only: bool = False, config: Mapping[str, str | int]) -> DuckDBPyConnection:
    """Open a database; without this, a statement of more than two seconds prints a progress bar into the report."""
    import duckdb

    con = duckdb.connect(path, read_only=read_only, config=dict(config))
    con.execute("SET enable_progress_bar = false")  # DuckDB refuses it among the settings of `connect`
    return con
