"""Open the engine that a check asks for, and close it again: DuckDB needs nothing, a database or Spark is opened as a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.stores.store import StoreFailed

if TYPE_CHECKING:
    from engine.check import Request

DATABASE = ("postgresql://", "postgres://")


def is_engine(text: str) -> bool:
    """Say whether a text names an engine.

    >>> is_engine("local[2]"), is_engine("postgresql://host/db"), is_engine("oracle")
    (True, True, False)
    """
    return text == "duckdb" or text.startswith((*DATABASE, "spark://", "local[")) or text == "local"


def is_in_database(place: str) -> bool:
    """Say whether a ledger that was named lies in a database: postgresql://…#schema.table."""
    return place.startswith(DATABASE)


@contextmanager
def opened(engine: str, request: Request, *, paths: bool) -> Iterator[Request]:
    """Open the engine of a check and give the request with it; `paths` says whether files were named with it.

    Without them a database is judged by its own tables, whatever ledgers the project file lists.
    Raises:  StoreFailed.
    """
    there = [(kind, place) for kind, place in request.said if is_in_database(place)]
    addresses = {place.partition("#")[0] for _, place in there} | ({engine} if is_in_database(engine) else set())
    if len(addresses) > 1 or (addresses and engine not in (*addresses, "duckdb")):
        raise StoreFailed("一次只能核查一个数据库。请分几次运行。")
    address = next(iter(addresses), engine)
    if address == "duckdb":
        yield request
        return
    if address in addresses:
        from engine.stores.postgres import open_postgres, show

        said = tuple(pair for pair in request.said if pair not in there)
        stored = {f"{show(address)}#{_full(place)}": kind for kind, place in there}
        store = open_postgres(address)
        request = request._replace(said=said, stored=stored)
        request = request if paths else request._replace(paths=(), mapped=())
    else:
        from engine.stores.spark import open_spark

        store = open_spark(address)
    try:
        yield request._replace(store=store)
    finally:
        store.close()


def _full(place: str) -> str:
    table = place.partition("#")[2]
    if not table:
        raise StoreFailed(
            f"{place.partition('#')[0].rpartition('@')[2]}：请写明表名，例如 aid_payment=postgresql://主机/库#模式.表。"
        )
    return table if "." in table else f"public.{table}"
