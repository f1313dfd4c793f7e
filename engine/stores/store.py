"""Say what a store is: named relations of rows, and somebody who answers statements over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Lent = Mapping[str, Sequence[str | None]]  # a small table that is lent to a store: column -> texts
Run = Callable[[str, Mapping[str, Lent]], list[tuple[Any, ...]]]  # a statement and the lent tables that it names -> rows


class StoreFailed(Exception):
    """Say in one sentence why a store gave no answer, and what to do."""


class Relation(NamedTuple):
    """Describe a table or view: how statements name it (as `t`), how reports show it, its columns.

    `columns`  name -> its type in DuckDB's words, and the SQL that gives a value of that type; `row` the SQL of a row's
               number: the same as often as it is asked for; `unit` the unit whose ledgers stand where it stands.
    """

    name: str
    shown: str
    columns: Mapping[str, tuple[str, str]]
    row: str
    unit: str = ""


class Store(NamedTuple):
    """Hold a store that is open.

    `run`  takes a statement in the store's dialect and the lent tables that it names, and gives its rows;
    `relations` lists what may be read; Raises of both: StoreFailed. `read` takes a Parquet file for a relation of this name,
    where the store can, and `keep` a SELECT for a relation whose rows are held.
    """

    shown: str
    dialect: str
    relations: Callable[[], Sequence[Relation]]
    run: Run
    close: Callable[[], None]
    read: Callable[[str, Path], None] | None = None
    keep: Callable[[str, str, Mapping[str, Lent]], None] | None = None
