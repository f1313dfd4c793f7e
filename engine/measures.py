"""Hold what is measured of many rows; of days of which only the month is known, the earliest and the latest that it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.expressions import Expression


class Measure(NamedTuple):
    """Hold one aggregate: its function, the typed expression below it (none for count(*)), its own type."""

    function: str
    inner: Expression | None
    distinct: bool
    type: str
    scale: int


def latest(name: str) -> str:
    """Name the companion of a measure of days that holds the latest day it may be, where of some only the month is known."""
    return f"{name}__to"


def is_span(found: Measure) -> bool:
    """Say whether a measure has such a companion."""
    return found.function in ("min", "max") and found.inner is not None and found.inner.upper is not None


def with_latest(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """Add their companions to measures."""
    added = {
        latest(name): found._replace(inner=found.inner._replace(sql=found.inner.upper, upper=None))
        for name, found in measures.items()
        if is_span(found) and found.inner and found.inner.upper
    }
    return {**measures, **added}
