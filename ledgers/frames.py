"""Take a pandas DataFrame as columns of one type each, or of text where the cells of a column differ in type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ledgers.arrays import keep
from ledgers.sheets import cell_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def keep_frame(con: DuckDBPyConnection, relation: str, number: int, frame: Any, places: Mapping[str, int]) -> dict[str, str]:
    """Keep a frame as a relation of `_input`, which is its number, `_row` and its fields; give the SQL types of these.

    Shapes:  `places` says where each field stands, as two may share one header.
    """
    import pyarrow as pa

    rows = pa.array([number] * len(frame), pa.int32()), pa.array(range(2, len(frame) + 2), pa.int64())
    columns = {name: _column(frame.iloc[:, index]) for name, index in places.items()}
    keep(con, relation, pa.table({"_input": rows[0], "_row": rows[1], **columns}))
    return {name: sql_type for name, sql_type, *_ in con.execute(f"DESCRIBE {relation}").fetchall() if name in places}


def _column(series: Any) -> Any:
    import pyarrow as pa

    try:
        array = pa.Array.from_pandas(series)
    except (pa.ArrowException, OverflowError):
        array = None  # cells of several types
    if array is not None and not pa.types.is_binary(array.type):
        return array
    return pa.array([None if gone else cell_text(cell) for cell, gone in zip(series, series.isna(), strict=True)], pa.string())
