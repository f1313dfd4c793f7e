"""Read the tables of database files (SQLite, DuckDB): their columns, and one of them as Parquet. Which is a ledger is unknown here.

Files are opened read-only and nothing that they define is run: views, triggers and functions are not looked at.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as in_address

from ledgers.arrays import text_array
from ledgers.disguises import SQLITE
from ledgers.limits import Limits, Unreadable, refuse_wide
from ledgers.sheets import cell_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH = 50_000  # rows
_PLAIN = re.compile(r"(VARCHAR|BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|DATE|TIMESTAMP.*)\Z")
Columns = dict[str, str]  # name: SQL type


def list_tables(path: Path, form: str) -> tuple[list[tuple[str, list[str]]], int]:
    """Name the tables with their columns, and count the views, which are not read.

    Raises:  Unreadable if the file is in use or holds no table.
    """
    tables, views = _tables_of_sqlite(path) if form == SQLITE else _tables_of_duckdb(path)
    if not tables:
        raise Unreadable("数据库中没有数据表。请确认导出是否成功。")
    return tables, views


def export_table(path: Path, form: str, table: str, out: Path, limits: Limits) -> int:
    """Write a table to a Parquet file, rows in the order they are stored in; give their number.

    Raises:  Unreadable if it has too many columns.
    """
    import pyarrow.parquet as pq

    batches = _rows_of_sqlite(path, table, limits) if form == SQLITE else _rows_of_duckdb(path, table, limits)
    schema, count = next(batches), 0
    with pq.ParquetWriter(out, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _open_sqlite(path: Path) -> sqlite3.Connection:
    """Open a database without writing beside it; what another program has not yet written into it must not be missed."""
    journal, log = (path.with_name(path.name + tail) for tail in ("-journal", "-wal"))
    if any(file.is_file() and file.stat().st_size for file in (journal, log)):
        raise Unreadable("数据库正被其他程序使用（旁有未合并的 -wal 或 -journal 文件）。请关闭该程序后重试。")
    return sqlite3.connect(f"file:{in_address(os.fsencode(path.resolve()))}?mode=ro&immutable=1", uri=True)


def _is_cut_off(path: Path) -> bool:
    """Say whether a database is shorter than its own head says."""
    with path.open("rb") as file:
        head = file.read(100)
    size, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
    said_last = head[24:28] == head[92:96]  # who wrote last knew of that number
    return said_last and path.stat().st_size < pages * (65536 if size == 1 else size)


def _tables_of_sqlite(path: Path) -> tuple[list[tuple[str, list[str]]], int]:
    con = _open_sqlite(path)
    try:
        if con.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)] or _is_cut_off(
            path
        ):  # else lost pages are rows of blanks
            raise Unreadable("数据库文件已损坏或不完整。请重新导出。")
        found = con.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
        ).fetchall()
        names = [
            name for kind, name, sql in found if kind == "table" and not str(sql).upper().lstrip().startswith("CREATE VIRTUAL")
        ]
        views = sum(kind == "view" for kind, *_ in found)
        return [(name, [own[1] for own in con.execute(f"PRAGMA table_info({_quote(name)})")]) for name in names], views
    finally:
        con.close()


def _rows_of_sqlite(path: Path, table: str, limits: Limits) -> Iterator[Any]:
    """Yield the schema and then batches of texts: a column of SQLite may hold anything."""
    import pyarrow as pa

    con = _open_sqlite(path)
    try:
        con.text_factory = _text
        found = con.execute(f"SELECT * FROM {_quote(table)}")
        names = [own[0] for own in found.description]
        refuse_wide(len(names), f"数据表 {table} ", limits)
        schema = pa.schema([(name, pa.string()) for name in names])
        yield schema
        while rows := found.fetchmany(BATCH):
            columns = [text_array([_cell(cell) for cell in column]) for column in zip(*rows, strict=True)]
            yield pa.record_batch(columns, schema=schema)
    finally:
        con.close()


def _text(data: bytes) -> str:
    """Decode a text; one in another encoding than the database's own keeps its place, and is not readable."""
    return data.decode("utf-8", "replace")


def _cell(cell: object) -> str | None:
    if cell is None:
        return None
    return f"#BLOB {len(cell)}" if isinstance(cell, bytes) else cell_text(cell)


def _open_duckdb(path: Path) -> DuckDBPyConnection:
    import duckdb

    settings: dict[str, Any] = {"enable_external_access": "false", "autoload_known_extensions": "false", "threads": 2}
    try:
        str(path).encode()
    except UnicodeEncodeError as error:  # a link beside would hide what another program has not yet written into it
        raise Unreadable("文件名不是 UTF-8（多为在中文 Windows 上打包），这种数据库因此打不开。请改名后重试。") from error
    try:
        return duckdb.connect(str(path), read_only=True, config=settings)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise Unreadable("数据库正被其他程序使用。请关闭该程序后重试。") from error
        raise


def _tables_of_duckdb(path: Path) -> tuple[list[tuple[str, list[str]]], int]:
    with _open_duckdb(path) as con:
        found = con.execute(
            "SELECT CASE schema_name WHEN 'main' THEN table_name ELSE schema_name || '.' || table_name END AS name,"
            " list(column_name ORDER BY column_index) FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, schema_name, table_name)"
            " WHERE NOT duckdb_tables.internal GROUP BY name ORDER BY name"
        ).fetchall()
        views = con.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall()
        return [(name, list(columns)) for name, columns in found], int(views[0][0])


def _rows_of_duckdb(path: Path, table: str, limits: Limits) -> Iterator[Any]:
    with _open_duckdb(path) as con:
        known = con.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        schema, name = next(own for own in known if table in (own[1] if own[0] == "main" else "", f"{own[0]}.{own[1]}"))
        place = f"{_quote(schema)}.{_quote(name)}"
        columns = con.execute(f"DESCRIBE {place}").fetchall()
        refuse_wide(len(columns), f"数据表 {table} ", limits)
        picked = [
            _quote(own[0]) if _PLAIN.match(own[1]) else f"CAST({_quote(own[0])} AS VARCHAR) AS {_quote(own[0])}"
            for own in columns
        ]
        reader = con.execute(f"SELECT {', '.join(picked)} FROM {place}").to_arrow_reader(BATCH)
        if reader is None:
            return
        yield reader.schema
        yield from reader
