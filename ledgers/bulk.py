"""Bring bulk files to DuckDB without holding them: Parquet as it lies, big CSV once transcoded to Parquet of raw text."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ledgers.arrays import number_array, text_array
from ledgers.limits import Limits
from ledgers.separated import Unreadable, decode, delimiter_of, records, whole_lines
from ledgers.typed import UNEVEN, quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BIG_CSV = 32 * 1024 * 1024  # bytes; smaller files are read whole
HEAD = 256 * 1024  # bytes in which the header of a big CSV must stand
HEAD_ROWS = 60
CHUNK = 100_000  # rows
BLOCK = 1 << 24  # bytes
ROW, SPOILT = "_file_row", "_spoilt"


def nameable(path: Path, scratch: Path) -> Path:
    """Give a path that can be said in SQL: of a file whose name is no UTF-8 (an archive packed on a Chinese Windows), a link to it."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        link = scratch / f"named-{hashlib.sha256(os.fsencode(path.resolve())).hexdigest()}"
        if not link.is_symlink():
            link.symlink_to(path.resolve())
        return link
    return path


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


def csv_head(path: Path, encoding: str | None, known: Collection[str]) -> tuple[list[list[str]], str, str]:
    """Read the first rows of a big CSV: rows, encoding, delimiter.

    Raises:  Unreadable if the head cannot be decoded.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    text, used = decode(whole_lines(head, encoding), encoding, known)
    delimiter = delimiter_of(text)
    return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEAD_ROWS)), used, delimiter


def transcode_csv(
    con: DuckDBPyConnection,
    path: Path,
    out: Path,
    head: Sequence[Sequence[str]],
    *,
    encoding: str,
    delimiter: str,
    limits: Limits,
) -> str:
    """Write the rows of a big CSV below its head to Parquet, text columns c0, c1 …; give the SQL of a row's number.

    DuckDB does it where every record is one line of UTF-8 with as many cells as the header: only then are row numbers
    what a person counts. Everything else is read record by record.

    Raises:  Unreadable if a byte further down does not fit the encoding, or the quoting is broken.
    """
    names, skip = [f"c{index}" for index in range(len(head[-1]))], len(head)
    if not any("\n" in cell or "\r" in cell for row in head for cell in row):
        utf8 = path if codecs.lookup(encoding).name.startswith("utf-8") else out.with_suffix(".utf-8.csv")
        if utf8 != path:
            _rewrite(path, utf8, encoding)
        if _copy_even_lines(con, utf8, out, names, skip=skip, delimiter=delimiter):
            return f"file_row_number + {skip + 1}"
    _transcode_records(path, out, names, skip=skip, encoding=encoding, delimiter=delimiter, limits=limits)
    return quote(ROW)


def _rewrite(path: Path, out: Path, encoding: str) -> None:
    """Write a text file anew in UTF-8, which DuckDB reads ten times as fast as we read any other.

    Raises:  Unreadable if a byte does not fit the encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file, out.open("wb") as copy:
        while True:
            before, block = file.tell(), file.read(BLOCK)
            try:
                copy.write(decoder.decode(block, final=not block).encode())
            except UnicodeError as error:
                raise _misfit(encoding, before + getattr(error, "start", 0)) from error
            if not block:
                return


def _misfit(encoding: str, place: int) -> Unreadable:
    return Unreadable(f"第 {place} 字节附近不符合 {encoding}。请用 --encoding 指明编码。")


def _copy_even_lines(con: DuckDBPyConnection, path: Path, out: Path, names: Sequence[str], *, skip: int, delimiter: str) -> bool:
    import duckdb

    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"
    source = (
        f"read_csv({text_literal(str(path))}, columns = {columns}, auto_detect = false, header = false, skip = {skip},"
        f" delim = {text_literal(delimiter)}, quote = '\"', escape = '\"')"
    )
    try:
        con.execute(
            f"COPY (SELECT coalesce(COLUMNS(*), ''), 0::TINYINT AS {SPOILT} FROM {source}) TO {text_literal(str(out))} (FORMAT parquet)"
        )
    except duckdb.Error:
        return False  # an uneven line, a stray quote, a byte that is no UTF-8: the slow way finds the place
    written = con.execute(f"SELECT count(*) FROM read_parquet({text_literal(str(out))})").fetchall()[0][0]
    return bool(written + skip == _count_lines(path))


def _count_lines(path: Path) -> int:
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def _transcode_records(
    path: Path, out: Path, names: Sequence[str], *, skip: int, encoding: str, delimiter: str, limits: Limits
) -> None:
    """Write the rows of a big CSV below its header to Parquet: text columns `names`, `_file_row` as a person
    counts, and in `_spoilt` whether a row has more cells than the header.

    Raises:  Unreadable if a byte further down does not fit the encoding, or the quoting is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(ROW, pa.int64()), (SPOILT, pa.int8()), *((name, pa.string()) for name in names)])
    width = len(names)
    try:
        with path.open(encoding=encoding, newline="") as file, pq.ParquetWriter(out, schema) as writer:
            chunk: list[list[str | None]] = []
            numbers: list[int] = []
            spoilt: list[int] = []
            for number, cells in enumerate(records(file, delimiter, limits), start=1):
                if number <= skip or not any(cells):
                    continue
                numbers.append(number)
                spoilt.append(UNEVEN if any(cells[width:]) else 0)
                chunk.append((cells + [""] * width)[:width])  # type: ignore[arg-type]
                if len(chunk) == CHUNK:
                    writer.write_table(_chunk_table(chunk, numbers, spoilt, schema))
                    chunk, numbers, spoilt = [], [], []
            if chunk:
                writer.write_table(_chunk_table(chunk, numbers, spoilt, schema))
    except UnicodeError as error:
        raise _misfit(encoding, getattr(error, "start", 0)) from error


def _chunk_table(chunk: list[list[str | None]], numbers: list[int], spoilt: list[int], schema: object) -> object:
    import pyarrow as pa

    places = [number_array(numbers, pa.int64()), number_array(spoilt, pa.int8())]
    columns = [*places, *(text_array(column) for column in zip(*chunk, strict=True))]
    return pa.Table.from_arrays(columns, schema=schema)


def parquet_view(
    path: Path, number: int, columns: dict[str, str], *, row: str = "file_row_number + 2", spoilt: bool = False
) -> str:
    """Give the SELECT of a bulk file as a raw relation: `_input`, `_row` as a person counts, fields under their own names."""
    picked = ", ".join(f"{quote(header)} AS {quote(field)}" for field, header in columns.items())
    picked += f", {SPOILT}" if spoilt else ""
    source = f"read_parquet({text_literal(str(path))}, file_row_number = true)"
    return f"SELECT CAST({number} AS INTEGER) AS _input, CAST({row} AS BIGINT) AS _row, {picked} FROM {source}"


@contextmanager
def read_to_its_end() -> Iterator[None]:
    """Refuse a Parquet file that proves damaged while it is read.

    Raises:  Unreadable.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise Unreadable("Parquet 文件内部已损坏，读不到末尾。请重新导出。") from error


def is_damaged(con: DuckDBPyConnection, relation: str) -> bool:
    """Say whether a bulk file cannot be read to its end, by reading all of it."""
    import duckdb

    try:
        con.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {relation}").fetchall()
    except duckdb.Error:
        return True
    return False
