"""Bring bulk files to DuckDB without holding them: Parquet as it lies, big CSV once written as columns of raw text."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

from ledgers.arrays import number_array, text_array
from ledgers.limits import Limits
from ledgers.separated import Unreadable, decode, delimiter_of, records, whole_lines
from ledgers.typed import UNEVEN, quote

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

BIG_CSV = 32 * 1024 * 1024  # bytes; smaller files are read whole
HEAD = 256 * 1024  # bytes in which the header of a big CSV must stand
HEAD_ROWS = 60
CHUNK = 100_000  # rows
BLOCK = 1 << 24  # bytes
QUOTE = b'"'
SAMPLE = 1 << 20  # bytes, by which a column is found to repeat itself
REPEATS = 5  # times that each of its texts stands there
ROW, SPOILT, LINES = "_file_row", "_spoilt", "lines_"


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


def hold_csv(path: Path, out: Path, head: Sequence[Sequence[str]], *, encoding: str, delimiter: str, limits: Limits) -> None:
    """Write the rows of a big CSV below its head to an Arrow file: `_file_row` as a person counts, in `_spoilt` whether a row has
    more cells than the header, and text columns c0, c1 …

    Arrow reads them where every record is one line with as many cells as the header: only then are row numbers what a
    person counts. Everything else is read record by record.

    Raises:  Unreadable if a byte further down does not fit the encoding, or the quoting is broken.
    """
    names, skip = [f"c{index}" for index in range(len(head[-1]))], len(head)
    if not any("\n" in cell or "\r" in cell for row in head for cell in row):
        with path.open("rb") as file, path.open("rb") as sample:  # each is read ahead by a thread
            texts = _Utf8(sample, encoding, delimiter), _Utf8(file, encoding, delimiter)
            if _copy_even_lines(*texts, out, names, skip=skip, delimiter=delimiter, limits=limits):
                return
    _copy_records(path, out, names, skip=skip, encoding=encoding, delimiter=delimiter, limits=limits)


class _Utf8:
    """Read a text file as UTF-8, whatever it is written in, and count its lines; what is UTF-8 already passes as it is.

    `loose` says whether a quotation mark stands elsewhere than around a whole cell of one line, or doubled in one: Arrow forgives
    what is not closed at the end of a block.

    Raises:  Unreadable from `read` if a byte does not fit the encoding.
    """

    closed = False

    def __init__(self, file: BinaryIO, encoding: str, delimiter: str) -> None:
        self.file, self.encoding, self.held, self.lines, self.last = file, encoding, b"", 0, b"\n"
        self.quotes, self.loose, self.delimiter = 0, False, ord(delimiter)
        known = codecs.lookup(encoding)
        self.decoder = None if known.name.startswith("utf-8") else known.incrementaldecoder()

    def read(self, size: int) -> bytes:
        """Give up to so many bytes; none at the end."""
        given = self._decoded(size, self.decoder) if self.decoder else self.file.read(size)
        self.lines += given.count(b"\n")
        if given and (self.quotes % 2 or self.last == QUOTE or QUOTE in given):
            self._look_at_quotes(self.last + given)
        self.last = given[-1:] or self.last
        return given

    def _look_at_quotes(self, text: bytes) -> None:
        """Look at the quotation marks of a text behind its first byte, which was looked at before; every other one closes a cell."""
        import numpy as np

        read = np.frombuffer(text, np.uint8)
        quotes, ends = np.flatnonzero(read == QUOTE[0]), np.flatnonzero(read[1:] == ord("\n")) + 1
        first = self.quotes - int(text[:1] == QUOTE)
        opening, closing = (quotes[(first + part) % 2 :: 2] for part in (0, 1))
        before = read[opening[opening > 0] - 1]
        behind = read[closing[closing < len(read) - 1] + 1]
        apart = (self.delimiter, ord("\n"), QUOTE[0])
        inside = (np.searchsorted(quotes, ends) + first) % 2
        self.loose |= not (np.isin(before, apart).all() and np.isin(behind, (*apart, ord("\r"))).all()) or bool(inside.any())
        self.quotes = first + len(quotes)

    def count_lines(self) -> int:
        """Count the lines read so far, the last one also where no line break ends it."""
        return self.lines + (self.last != b"\n")

    def _decoded(self, size: int, decoder: codecs.IncrementalDecoder) -> bytes:
        while not self.held:
            before, block = self.file.tell(), self.file.read(size)
            try:
                self.held = decoder.decode(block, final=not block).encode()
            except UnicodeError as error:
                raise _misfit(self.encoding, before + getattr(error, "start", 0)) from error
            if not block:
                break
        given, self.held = self.held[:size], self.held[size:]
        return given


def _misfit(encoding: str, place: int) -> Unreadable:
    return Unreadable(f"第 {place} 字节附近不符合 {encoding}。请用 --encoding 指明编码。")


def _copy_even_lines(
    sample: _Utf8, text: _Utf8, out: Path, names: Sequence[str], *, skip: int, delimiter: str, limits: Limits
) -> bool:
    """Copy lines that are records of as many cells as there are names; columns that repeat themselves, by a sample, as numbers of texts.

    It gives up, with False, where Arrow does (an uneven line, a byte that is no UTF-8), where a cell is too long, and where the lines are not
    the records: the slow way tells what is wrong, and where.
    """
    import pyarrow as pa
    from pyarrow import compute, csv

    def batches(text: _Utf8, types: Mapping[str, pa.DataType], block: int) -> csv.CSVStreamingReader:
        read = csv.ReadOptions(skip_rows=skip, column_names=names, block_size=block)
        parse = csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False)
        return csv.open_csv(pa.PythonFile(text, "r"), read, parse, csv.ConvertOptions(column_types=types))

    types, rows = dict.fromkeys(names, pa.string()), 0
    try:
        with batches(sample, types, SAMPLE) as read:
            first = read.read_next_batch()
        for name, column in zip(names, first.columns, strict=True):
            if compute.count_distinct(column).as_py() * REPEATS <= len(first):
                types[name] = pa.dictionary(pa.int32(), pa.string())
        schema = _schema(types)
        with batches(text, types, BLOCK) as read, pa.ipc.new_stream(str(out), schema) as held:
            for batch in read:
                if any(_longest(column) > limits.cell_characters for column in batch.columns):
                    return False
                numbers = number_array(range(skip + rows + 1, skip + rows + len(batch) + 1), pa.int64())
                spoilt = number_array(bytes(len(batch)), pa.int8())
                held.write_batch(pa.RecordBatch.from_arrays([numbers, spoilt, *batch.columns], schema=schema))
                rows += len(batch)
    except (pa.ArrowInvalid, StopIteration):
        return False
    return rows + skip == text.count_lines() and not text.loose and text.quotes % 2 == 0


def _schema(types: Mapping[str, pa.DataType]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(ROW, pa.int64()), (SPOILT, pa.int8()), *types.items()])


def _longest(column: Any) -> int:
    """Count the bytes of the longest text of a column; there are at most as many characters."""
    from pyarrow import compute

    texts = getattr(column, "dictionary", column)
    return compute.max(compute.binary_length(texts)).as_py() or 0


def _copy_records(
    path: Path, out: Path, names: Sequence[str], *, skip: int, encoding: str, delimiter: str, limits: Limits
) -> None:
    import pyarrow as pa

    width, schema = len(names), _schema(dict.fromkeys(names, pa.string()))
    try:
        with path.open(encoding=encoding, newline="") as file, pa.ipc.new_stream(str(out), schema) as held:
            chunk: list[list[str]] = []
            numbers: list[int] = []
            spoilt: list[int] = []
            for number, cells in enumerate(records(file, delimiter, limits), start=1):
                if number <= skip or not any(cells):
                    continue
                numbers.append(number)
                spoilt.append(UNEVEN if any(cells[width:]) else 0)
                chunk.append((cells + [""] * width)[:width])
                if len(chunk) == CHUNK:
                    held.write_batch(_batch(chunk, numbers, spoilt, schema))
                    chunk, numbers, spoilt = [], [], []
            if chunk:
                held.write_batch(_batch(chunk, numbers, spoilt, schema))
    except UnicodeError as error:
        raise _misfit(encoding, getattr(error, "start", 0)) from error


def _batch(chunk: list[list[str]], numbers: list[int], spoilt: list[int], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    places = [number_array(numbers, pa.int64()), number_array(spoilt, pa.int8())]
    return pa.RecordBatch.from_arrays([*places, *map(text_array, zip(*chunk, strict=True))], schema=schema)


def register_rows(con: DuckDBPyConnection, path: Path, relation: str) -> None:
    """Let DuckDB read the rows that were written to a file where they lie: it is mapped to memory, and none of it is held."""
    import pyarrow as pa

    con.register(relation, pa.ipc.open_stream(pa.memory_map(str(path))).read_all())


@contextmanager
def open_scratch(con: DuckDBPyConnection) -> Iterator[Path]:
    """Give a folder for what is written on the way; what is read from there is let go first, as Windows deletes no mapped file."""
    with TemporaryDirectory(prefix="fundcheck-") as folder:
        try:
            yield Path(folder)
        finally:
            let_go(con)


def let_go(con: DuckDBPyConnection) -> None:
    """Forget the rows that were written to files."""
    for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE starts_with(view_name, ?)", [LINES]).fetchall():
        con.unregister(name)


def rows_of_parquet(path: Path) -> str:
    """Give the SQL of the rows of a Parquet file; `file_row_number` counts them from 0."""
    return f"read_parquet({text_literal(str(path))}, file_row_number = true)"


def raw_view(source: str, number: int, columns: Mapping[str, str], row: str, *, spoilt: bool = False) -> str:
    """Give the SELECT of a bulk file as a raw relation: `_input`, `_row` as a person counts, fields under their own names."""
    picked = ", ".join(f"{quote(header)} AS {quote(field)}" for field, header in columns.items())
    picked += f", {SPOILT}" if spoilt else ""
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
