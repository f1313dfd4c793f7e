"""Reach PostgreSQL: one read-only transaction, one snapshot, nothing left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from engine.stores.store import Lent, Relation, Run, Store, StoreFailed
from ledgers.typed import quote

if TYPE_CHECKING:
    from psycopg import Connection

MOST_SECONDS = 600  # of one statement; an address or a role may bring fewer
# Statements hold hundreds of expressions and are asked once: compiling one takes minutes, running it a second.
_SETTINGS = ("timezone = 'Asia/Shanghai'", "datestyle = 'ISO, YMD'", "jit = off")
_RELATIONS = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       (SELECT k.attname FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]
        WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
          AND k.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast%'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum
"""
_TYPES = {"smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "boolean": "BOOLEAN", "date": "DATE",
          "timestamp without time zone": "TIMESTAMP", "double precision": "DOUBLE", "text": "VARCHAR"}  # fmt: skip
_NUMERIC = re.compile(r"numeric\(([0-9]+),([0-9]+)\)\Z")


def open_postgres(url: str) -> Store:
    """Open a database.

    Raises:  StoreFailed if it cannot be reached.
    """
    try:
        import psycopg
    except ImportError as error:
        raise StoreFailed("没有安装 PostgreSQL 驱动。请运行 pip install 'fundcheck[postgres]'。") from error
    shown = show(url)
    try:
        con = psycopg.connect(url, cursor_factory=psycopg.RawCursor, connect_timeout=15, application_name="fundcheck")
        con.read_only = True
        con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        seconds = _set_up(con)
    except psycopg.Error as error:
        raise StoreFailed(f"连不上 {shown}（{_reason(error)}）。请核对地址、用户和网络。") from error
    run = partial(_run, con, shown, seconds)
    return Store(shown, "postgres", lambda: _relations(run, shown), run, con.close)


def _set_up(con: Connection) -> float:
    """Set what the transaction goes by, and give the seconds that a statement may take."""
    told = con.execute(b"SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = 'statement_timeout'").fetchall()
    seconds = min(told[0][0] / 1000 or MOST_SECONDS, MOST_SECONDS)
    for setting in (f"statement_timeout = {seconds * 1000:.0f}", *_SETTINGS):
        con.execute(f"SET LOCAL {setting}".encode())
    return seconds


def show(url: str) -> str:
    """Show an address without its user and password.

    >>> show("postgresql://reader:secret@db.example:5432/union?sslmode=require")
    'postgresql://db.example:5432/union'
    """
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _relations(run: Run, shown: str) -> Sequence[Relation]:
    columns: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    keys: dict[tuple[str, str], str | None] = {}
    for schema, name, column, own, key in run(_RELATIONS, {}):
        columns.setdefault((schema, name), {})[column] = _typed(f"t.{quote(column)}", own)
        keys[schema, name] = key
    return [
        Relation(
            f"{quote(schema)}.{quote(name)}",
            f"{shown}#{schema}.{name}",
            own,
            _row(own, keys[schema, name]),
            "" if schema == "public" else schema,
        )
        for (schema, name), own in columns.items()
    ]


def _typed(cell: str, own: str) -> tuple[str, str]:
    """Give a column's type in DuckDB's words; what has no such word is read as its text."""
    if found := _NUMERIC.match(own):
        precision, scale = int(found[1]), int(found[2])
        return (f"DECIMAL({precision},{scale})", cell) if precision <= 38 and scale <= precision else _text(cell)
    if own == "timestamp with time zone":
        return "TIMESTAMP", f"({cell} AT TIME ZONE 'Asia/Shanghai')"
    return (_TYPES[own], cell) if own in _TYPES else _text(cell)


def _text(cell: str) -> tuple[str, str]:
    return "VARCHAR", f"CAST({cell} AS VARCHAR)"


def _row(columns: Mapping[str, tuple[str, str]], key: str | None) -> str:
    """Number the rows by their key, or in the order of all their texts, of which nobody can tell two equal ones apart."""
    if key is not None:
        return f"CAST(t.{quote(key)} AS BIGINT)"
    return f"row_number() OVER (ORDER BY {', '.join(f'CAST(t.{quote(name)} AS VARCHAR)' for name in columns)})"


def _run(con: Connection, shown: str, seconds: float, sql: str, lent: Mapping[str, Lent]) -> list[tuple[Any, ...]]:
    """Run a statement; lent tables go along as arrays."""
    import psycopg

    given: list[list[str | None]] = []
    tables = ", ".join(_lend(name, columns, given) for name, columns in lent.items())
    if tables:
        sql = f"WITH {tables}, {sql[5:]}" if sql.startswith("WITH ") else f"WITH {tables} {sql}"
    try:
        return con.execute(sql.encode(), given).fetchall()
    except psycopg.errors.QueryCanceled as error:
        raise StoreFailed(f"{shown} 的一条语句超过 {seconds:g} 秒，已中止。请缩小范围，或为关键列建索引。") from error
    except psycopg.Error as error:
        raise StoreFailed(f"{shown} 未能回答（{_reason(error)}）。") from error


def _lend(name: str, columns: Lent, given: list[list[str | None]]) -> str:
    places: Iterator[str] = iter([f"${len(given) + n}::text[]" for n in range(1, len(columns) + 1)])
    given.extend(list(texts) for texts in columns.values())
    return f"{name}({', '.join(columns)}) AS (SELECT * FROM unnest({', '.join(places)}))"


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
