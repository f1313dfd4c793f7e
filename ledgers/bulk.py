"""Bring bulk files to DuckDB without holding them: Parquet as it lies, big CSV once transcoded to Parquet of raw text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ledgers.sheets import Unreadable, decode
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BIG_CSV = 32 * 1024 * 1024  # bytes; smaller files are read whole
HEAD = 256 * 1024  # bytes in which the header of a big CSV must stand
CHUNK = 100_000  # rows
ROW, SPOILT = "_file_row", "_spoilt"


def text_literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet_columns(con: DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Give the columns of a Parquet file with their SQL types.

    Raises:  Unreadable if it is no Parquet file.
    """
    import duckdb

    try:
        described = con.execute(f"DESCRIBE SELECT * FROM read_parquet({text_literal(str(path))})").fetchall()
    except duckdb.Error as error:
        raise Unreadable(f"不是有效的 Parquet 文件（{str(error).splitlines()[0][:120]}）。请重新导出。") from error
    return {name: sql_type for name, sql_type, *_ in described}


def csv_head(path: Path, encoding: str | None) -> tuple[list[list[str]], str, str]:
    """Read the first rows of a big CSV: rows, encoding, delimiter.

    Raises:  Unreadable if the head cannot be decoded.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    head = head[: head.rfind(b"\n") + 1] or head
    text, used = decode(head, encoding)
    delimiter = max(",\t;", key=lambda mark: text[:4096].count(mark))
    return list(csv.reader(text.splitlines(), delimiter=delimiter))[:60], used, delimiter


def transcode_csv(path: Path, out: Path, names: Sequence[str], *, skip: int, encoding: str, delimiter: str) -> None:
    """Write the rows of a big CSV below its header to Parquet: text columns `names`, `_file_row` as a person
    counts, and `_spoilt` where a row has more cells than the header.

    Raises:  Unreadable if a byte further down does not fit the encoding, or the quoting is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    csv.field_size_limit(1 << 24)
    schema = pa.schema([(ROW, pa.int64()), (SPOILT, pa.bool_()), *((name, pa.string()) for name in names)])
    width = len(names)
    try:
        with path.open(encoding=encoding, newline="") as file, pq.ParquetWriter(out, schema) as writer:
            chunk: list[list[str | None]] = []
            numbers: list[int] = []
            spoilt: list[bool] = []
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), start=1):
                if number <= skip or not any(cells):
                    continue
                numbers.append(number)
                spoilt.append(any(cells[width:]))
                chunk.append((cells + [""] * width)[:width])  # type: ignore[arg-type]
                if len(chunk) == CHUNK:
                    writer.write_table(_chunk_table(chunk, numbers, spoilt, schema))
                    chunk, numbers, spoilt = [], [], []
            if chunk:
                writer.write_table(_chunk_table(chunk, numbers, spoilt, schema))
    except UnicodeDecodeError as error:
        raise Unreadable(f"第 {error.start} 字节附近不符合 {encoding}。请用 --encoding 指明编码。") from error
    except csv.Error as error:
        raise Unreadable(f"CSV 结构有误：{error}。请检查引号与换行。") from error


def _chunk_table(chunk: list[list[str | None]], numbers: list[int], spoilt: list[bool], schema: object) -> object:
    import pyarrow as pa

    places = [pa.array(numbers, pa.int64()), pa.array(spoilt, pa.bool_())]
    columns = [*places, *(pa.array(column, pa.string()) for column in zip(*chunk, strict=True))]
    return pa.Table.from_arrays(columns, schema=schema)


def parquet_view(path: Path, number: int, columns: dict[str, str], *, row: str | None = None) -> str:
    """Give the SELECT of a bulk file as a raw relation: `_input`, `_row` as a person counts, fields under their own names."""
    counted = quote(row) if row else "file_row_number + 2"
    picked = ", ".join(f"{quote(header)} AS {quote(field)}" for field, header in columns.items())
    source = f"read_parquet({text_literal(str(path))}{'' if row else ', file_row_number = true'})"
    return f"SELECT CAST({number} AS INTEGER) AS _input, CAST({counted} AS BIGINT) AS _row, {picked} FROM {source}"
