"""Read the tables and views of database files (SQLite, DuckDB): their columns, and one of them as Parquet. Which is a ledger is unknown here.

Files are opened read-only, and of what they define only a view's query is run: it reads the tables of its own file, and nothing
outside. No trigger is fired, no file attached, no extension loaded.
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
from ledgers.connect import open_duckdb
from ledgers.disguises import SQLITE
from ledgers.limits import Limits, Unreadable, overstepped, refuse_wide
from ledgers.sheets import cell_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH = 50_000  # rows
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)  # what a view's query may do; functions below
_SHOWN = "CASE schema_name WHEN 'main' THEN {0} ELSE schema_name || '.' || {0} END"
_PLAIN = re.compile(r"(VARCHAR|BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|DATE|TIMESTAMP.*)\Z")
Columns = dict[str, str]  # name: SQL type


def list_tables(path: Path, form: str) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str], str]]]:
    """Name the tables with their columns, and the views with theirs, or with why a view cannot be opened.

    Raises:  Unreadable if the file is in use or holds no table.
    """
    tables, views = _tables_of_sqlite(path) if form == SQLITE else _tables_of_duckdb(path)
    if not tables and not views:
        raise Unreadable("数据库中没有数据表。请确认导出是否成功。")
    return tables, views


def export_table(path: Path, form: str, table: str, out: Path, limits: Limits) -> int:
    """Write a table or view to a Parquet file, rows in the order they are stored in; give their number.

    Raises:  Unreadable if it has too many columns, or more cells than a sheet may have if it is a view, which may never end.
    """
    import duckdb
    import pyarrow.parquet as pq

    batches, count = _rows_of_sqlite(path, table, limits) if form == SQLITE else _rows_of_duckdb(path, table, limits), 0
    try:
        schema, view = next(batches)
        with pq.ParquetWriter(out, schema) as writer:
            for batch, _ in batches:
                writer.write_batch(batch)
                count += batch.num_rows
                if view and count * len(schema) > limits.cells:
                    raise overstepped(f"视图 {table} 的单元格数", "cells", limits.cells)
    except (sqlite3.Error, duckdb.Error) as error:
        raise Unreadable(_broken(table, error)) from error
    return count


def _broken(name: str, error: Exception) -> str:
    return f"{name} 读不到末尾（{type(error).__name__}）。文件可能已损坏，或视图引用了库外的文件或不存在的表。请导出为数据表或 .csv。"


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


def _only_reading(action: int, name: str | None, function: str | None, *_: str | None) -> int:
    """Permit what a query over the file's own tables needs."""
    harmless = action in _READING or (action == sqlite3.SQLITE_FUNCTION and function != "load_extension")
    return sqlite3.SQLITE_OK if harmless else sqlite3.SQLITE_DENY


def _tables_of_sqlite(path: Path) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str], str]]]:
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
        views = [_view_of_sqlite(con, name) for kind, name, _ in found if kind == "view"]
        return [(name, [own[1] for own in con.execute(f"PRAGMA table_info({_quote(name)})")]) for name in names], views
    finally:
        con.close()


def _view_of_sqlite(con: sqlite3.Connection, name: str) -> tuple[str, list[str], str]:
    try:
        return name, [own[1] for own in con.execute(f"PRAGMA table_info({_quote(name)})")], ""
    except sqlite3.Error as error:
        return name, [], _broken(name, error)


def _rows_of_sqlite(path: Path, table: str, limits: Limits) -> Iterator[Any]:
    """Yield the schema and then batches of texts, as a column of SQLite may hold anything; with each, whether it is a view's."""
    import pyarrow as pa

    con = _open_sqlite(path)
    try:
        con.text_factory = _text
        view = ("view",) in con.execute("SELECT type FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
        con.set_authorizer(_only_reading)
        found = con.execute(f"SELECT * FROM {_quote(table)}")
        names = [own[0] for own in found.description]
        refuse_wide(len(names), f"数据表 {table} ", limits)
        schema = pa.schema([(name, pa.string()) for name in names])
        yield schema, view
        while rows := found.fetchmany(BATCH):
            columns = [text_array([_cell(cell) for cell in column]) for column in zip(*rows, strict=True)]
            yield pa.record_batch(columns, schema=schema), view
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

    settings: dict[str, str | int] = {"enable_external_access": "false", "autoload_known_extensions": "false", "threads": 2}
    try:
        str(path).encode()
    except UnicodeEncodeError as error:  # a link beside would hide what another program has not yet written into it
        raise Unreadable("文件名不是 UTF-8（多为在中文 Windows 上打包），这种数据库因此打不开。请改名后重试。") from error
    try:
        return open_duckdb(str(path), read_only=True, config=settings)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise Unreadable("数据库正被其他程序使用。请关闭该程序后重试。") from error
        raise


def _tables_of_duckdb(path: Path) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str], str]]]:
    with _open_duckdb(path) as con:
        found = con.execute(
            f"SELECT {_SHOWN.format('table_name')} AS name,"
            " list(column_name ORDER BY column_index) FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, schema_name, table_name)"
            " WHERE NOT duckdb_tables.internal GROUP BY name ORDER BY name"
        ).fetchall()
        views = con.execute(
            f"SELECT {_SHOWN.format('view_name')}, schema_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1"
        )
        return [(name, list(columns)) for name, columns in found], [_view_of_duckdb(con, *view) for view in views.fetchall()]


def _view_of_duckdb(con: DuckDBPyConnection, shown: str, schema: str, name: str) -> tuple[str, list[str], str]:
    import duckdb

    try:
        columns = con.execute(f"DESCRIBE {_quote(schema)}.{_quote(name)}").fetchall()
    except duckdb.Error as error:
        return shown, [], _broken(shown, error)
    return shown, [own[0] for own in columns], ""


def _rows_of_duckdb(path: Path, table: str, limits: Limits) -> Iterator[Any]:
    with _open_duckdb(path) as con:
        known = con.execute(
            "SELECT schema_name, table_name, false FROM duckdb_tables() WHERE NOT internal"
            " UNION ALL SELECT schema_name, view_name, true FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        schema, name, view = next(own for own in known if table in (own[1] if own[0] == "main" else "", f"{own[0]}.{own[1]}"))
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
        yield reader.schema, view
        yield from ((batch, view) for batch in reader)
