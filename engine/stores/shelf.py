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
    kept: set[str]

    def define(self, name: str, sql: str) -> None:
        """Name a SELECT; a store that can keeps its rows for the statements to come.

        Raises:  StoreFailed.
        """
        if self.store.keep is not None:
            text, lent = self._complete(sql)
            self.store.keep(name, text, lent)
            self.kept.add(name)
        self.views[name] = sql

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a SELECT written in DuckDB's dialect and give its rows.

        Raises:  StoreFailed.
        """
        return self.store.run(*self._complete(sql))

    def _complete(self, sql: str) -> tuple[str, dict[str, Lent]]:
        """Write a SELECT in the store's dialect, with the views that it names before it, and give the lent tables that it names."""
        named = _named(self, sql)
        before = ", ".join(f"{name} AS ({write(self.views[name], self.store.dialect)})" for name in named if name in self.views)
        text = write(sql, self.store.dialect)
        lent = {name: self.lent[name] for name in named if name in self.lent}
        return f"WITH {before} {text}" if before else text, lent


def _named(shelf: Shelf, sql: str) -> list[str]:
    """List what a statement names, directly or through a view, so that each stands after what it names itself."""
    found: list[str] = []

    def visit(text: str) -> None:
        for name in dict.fromkeys(_words(text)):
            if name in found or name in shelf.kept or name not in (*shelf.views, *shelf.lent):
                continue
            visit(shelf.views.get(name, ""))
            found.append(name)

    visit(sql)
    return found


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text)
