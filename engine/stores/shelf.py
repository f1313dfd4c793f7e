"""Keep the views and small tables that statements may name, and put those before a statement that it does name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from engine.stores.dialects import write
from engine.stores.store import Lent, Store

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


class Shelf(NamedTuple):
    """Hold an open store with the views that we define, as SELECTs in DuckDB's dialect, and the tables that we lend."""

    store: Store
    views: dict[str, str]
    lent: dict[str, Lent]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a SELECT written in DuckDB's dialect and give its rows.

        Raises:  StoreFailed.
        """
        named = _named(self, sql)
        before = ", ".join(f"{name} AS ({write(self.views[name], self.store.dialect)})" for name in named if name in self.views)
        text = write(sql, self.store.dialect)
        lent = {name: self.lent[name] for name in named if name in self.lent}
        return self.store.run(f"WITH {before} {text}" if before else text, lent)


def _named(shelf: Shelf, sql: str) -> list[str]:
    """List what a statement names, directly or through a view, so that each stands after what it names itself."""
    found: list[str] = []

    def visit(text: str) -> None:
        for name in dict.fromkeys(_words(text)):
            if name in found or name not in (*shelf.views, *shelf.lent):
                continue
            visit(shelf.views.get(name, ""))
            found.append(name)

    visit(sql)
    return found


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text)
