"""Hold what is measured of many rows; of days of which only the month is known, the earliest and the latest that it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.expressions import Expression
from ledgers.typed import COMPANION


class Measure(NamedTuple):
    """Hold one aggregate: its function, the typed expression below it (none for count(*)), its own type."""

    function: str
    inner: Expression | None
    distinct: bool
    type: str
    scale: int

    @property
    def upper(self) -> Expression | None:
        """Give the latest days below a least or greatest day, where of some only the month is known."""
        if self.inner is None or self.inner.upper is None or self.function not in ("min", "max"):
            return None
        return self.inner._replace(sql=self.inner.upper, upper=None)


def latest(name: str) -> str:
    """Name the companion of a day that holds the latest it may be, as typed ledgers name theirs."""
    return f"{name}{COMPANION['date'][0]}"


def with_latest(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """Add their companions to measures of days."""
    added = {latest(name): found._replace(inner=upper) for name, found in measures.items() if (upper := found.upper)}
    return {**measures, **added}
