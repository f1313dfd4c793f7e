"""Take a pandas DataFrame as columns of one type each, or of text where the cells of a column differ in type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledgers.sheets import cell_text


def frame_columns(frame: Any, places: Mapping[str, int]) -> dict[str, Any]:
    """Give Arrow columns of a frame by name; `places` says where each stands, as two may share one header."""
    return {name: _column(frame.iloc[:, index]) for name, index in places.items()}


def _column(series: Any) -> Any:
    import pyarrow as pa

    try:
        array = pa.Array.from_pandas(series)
    except (pa.ArrowException, OverflowError):
        array = None  # cells of several types
    if array is not None and not pa.types.is_binary(array.type):
        return array
    return pa.array([None if gone else cell_text(cell) for cell, gone in zip(series, series.isna(), strict=True)], pa.string())
