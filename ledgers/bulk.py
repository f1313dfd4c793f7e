"""Bring bulk files to DuckDB without holding them: Parquet as it lies, big CSV once written as columns of raw text."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

from ledgers.arrays import number_array, text_array, truth_array
from ledgers.limits import Limits
from ledgers.separated import Unreadable, decode, delimiter_of, records, whole_lines
from ledgers.typed import REPEATS, UNEVEN, quote
from ledgers.utf8_lines import Uneven, are_records, are_shorter, misfit, read_lines

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    Look = Callable[[pa.Array], np.ndarray]
    Lines = bytes | bytearray
    Read = list[list[pa.Array]]  # of each batch its columns, and what was seen of them

BIG_CSV = 32 * 1024 * 1024  # bytes; smaller files are read whole
IN_MEMORY = 256 * 1024 * 1024  # bytes; the rows of bigger files are written to a file
HEAD = 256 * 1024  # bytes in which the header of a big CSV must stand
HEAD_ROWS = 60
CHUNK = 100_000  # rows
SHARE = 1 << 14  # rows of columns that a query reads on one core; others read the next ones meanwhile
CORES = min(os.cpu_count() or 1, 4)  # read lines at once; what they have read waits in memory
AT_ONCE = 1 << 15  # cells that are looked at while what is reckoned of them stays in the processor's cache
ROW, SPOILT, LINES, PLAIN = "_file_row", "_spoilt", "lines_", "plain_"


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


def hold_csv(
    path: Path,
    out: Path,
    head: Sequence[Sequence[str]],
    *,
    encoding: str,
    delimiter: str,
    limits: Limits,
    looks: Mapping[int, Look] = MappingProxyType({}),
) -> pa.Table:
    """Hold the rows of a big CSV below its head: `_file_row` as a person counts, in `_spoilt` whether a row has more cells than the
    header, text columns c0, c1 …, and for columns that are to be looked at what was seen, in plain_c0 … A very big one is
    written to a file, `out`, that is mapped to memory.

    Arrow reads them where every record is one line with as many cells as the header: only then are row numbers what a
    person counts. Everything else is read record by record.

    Shapes:  columns that repeat themselves, by a sample, are held as numbers of texts.

    Raises:  Unreadable if a byte further down does not fit the encoding, or the quoting is broken.
    """
    import pyarrow as pa

    names, skip = [f"c{index}" for index in range(len(head[-1]))], len(head)
    seen = {names[index]: look for index, look in looks.items()}
    place = out if path.stat().st_size > IN_MEMORY else None
    if not any("\n" in cell or "\r" in cell for row in head for cell in row):
        with suppress(Uneven, pa.ArrowInvalid):
            pieces = read_lines(path, encoding)
            few = _parse(first := next(pieces, b""), dict.fromkeys(names, _repeated()), skip, delimiter)
            types = _types(few)
            look = partial(_look_at, delimiter=delimiter, limits=limits, looks=seen)
            others = _on_all_cores(lambda lines: look(_parse(lines, types, 0, delimiter), lines, 0), pieces)
            read = chain([look(few.cast(pa.schema(types)), first, skip)], others)
            schema = _schema(types, seen)
            return _keep(_numbered(chain.from_iterable(read), skip + 1, schema), schema, place)
    rows = _records(path, names, seen, skip=skip, encoding=encoding, delimiter=delimiter, limits=limits)
    return _keep(rows, _schema(dict.fromkeys(names, pa.string()), seen), place)


def _keep(batches: Iterable[pa.RecordBatch], schema: pa.Schema, out: Path | None) -> pa.Table:
    """Keep batches of rows in memory, or in a file that is mapped to it."""
    import pyarrow as pa

    if out is None:
        return pa.Table.from_batches(list(batches), schema)
    with pa.ipc.new_stream(str(out), schema) as held:
        for batch in batches:
            held.write_batch(batch)
    return pa.ipc.open_stream(pa.memory_map(str(out))).read_all()


def _types(few: pa.Table) -> dict[str, pa.DataType]:
    """Give the types of columns of texts by their first lines: those that repeat themselves there are numbers of texts."""
    import pyarrow as pa

    each = {name: sum(len(chunk.dictionary) for chunk in few.column(name).chunks) for name in few.column_names}
    return {name: _repeated() if different * REPEATS <= len(few) else pa.string() for name, different in each.items()}


def _repeated() -> pa.DataType:
    """Give the type of a column of texts that repeat themselves: numbers of texts."""
    import pyarrow as pa

    return pa.dictionary(pa.int32(), pa.string())


def _parse(lines: Lines, types: Mapping[str, pa.DataType], skip: int, delimiter: str) -> pa.Table:
    """Let Arrow read the cells of lines.

    Raises:  pyarrow.ArrowInvalid where a line is uneven.
    """
    import pyarrow as pa
    from pyarrow import csv

    # Each piece on one core, as more cost more than they bring for a piece that is in the cache.
    read = csv.ReadOptions(skip_rows=skip, column_names=list(types), block_size=len(lines) + 1, use_threads=False)
    parse = csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False)
    # Distinct texts are checked to be UTF-8 in `_look_at`, in a quarter of the time.
    convert = csv.ConvertOptions(column_types=types, check_utf8=False)
    return csv.read_csv(pa.BufferReader(lines), read, parse, convert, memory_pool=_pool())


def _pool() -> pa.MemoryPool:
    """Give the pool that takes least memory anew: where there is one, that which grows columns in their place and gives the next what others left."""
    import pyarrow as pa

    return pa.jemalloc_memory_pool() if "jemalloc" in pa.supported_memory_backends() else pa.system_memory_pool()


def _on_all_cores(read: Callable[[Lines], Read], pieces: Iterable[Lines]) -> Iterator[Read]:
    """Yield what is read of each piece, in order, while other cores read the next."""
    with ThreadPoolExecutor(CORES) as cores:
        begun: deque[Future[Read]] = deque()
        for lines in pieces:
            begun.append(cores.submit(read, lines))
            if len(begun) > CORES:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _look_at(table: pa.Table, lines: Lines, skip: int, *, delimiter: str, limits: Limits, looks: Mapping[str, Look]) -> Read:
    """Look at what was read of lines: they must be records of as many cells as the header; give their columns, and what was seen.

    Raises:  pyarrow.ArrowInvalid at a byte that is no UTF-8; Uneven where a cell is too long, or lines are not the records: the slow way
             tells what is wrong, and where.
    """
    from pyarrow.compute import invert

    if not skip and lines.startswith(codecs.BOM_UTF8):  # Arrow takes it for the mark of a file
        raise Uneven
    if not are_records(lines, delimiter, skip + len(table)):
        raise Uneven
    short, read = are_shorter(lines, limits.cell_characters), []
    for batch in table.to_batches():
        seen = dict(zip(looks, _seen(batch, looks), strict=True))
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            texts = _texts_of(column)
            odd = texts.filter(invert(seen[name])) if name in seen and texts is column else texts  # what is plain is UTF-8
            odd.validate(full=True)
            if not short and _longest(texts) > limits.cell_characters:
                raise Uneven
        read.append([*batch.columns, *seen.values()])
    return read


def _numbered(read: Iterable[list[pa.Array]], row: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Number rows from a first one on."""
    import pyarrow as pa

    for columns in read:
        count = len(columns[0])
        yield pa.RecordBatch.from_arrays([*_places(row, count), *columns], schema=schema)
        row += count


def _places(first: int, count: int) -> list[pa.Array]:
    """Number rows that have not slipped."""
    import numpy as np
    import pyarrow as pa

    return [number_array(range(first, first + count), pa.int64()), number_array(np.zeros(count, np.int8), pa.int8())]


def _schema(types: Mapping[str, pa.DataType], looks: Iterable[str]) -> pa.Schema:
    import pyarrow as pa

    seen = [(f"{PLAIN}{name}", pa.bool_()) for name in looks]
    return pa.schema([(ROW, pa.int64()), (SPOILT, pa.int8()), *types.items(), *seen])


def _seen(batch: pa.RecordBatch | Mapping[str, pa.Array], looks: Mapping[str, Look]) -> Iterator[pa.Array]:
    """Give what is seen of the cells of a batch, a column for each that is looked at."""
    import numpy as np

    for name, look in looks.items():
        column = batch[name]
        texts = _texts_of(column)
        found = np.concatenate([np.zeros(0, bool), *(look(texts.slice(at, AT_ONCE)) for at in range(0, len(texts), AT_ONCE))])
        if texts is not column:
            places = np.frombuffer(column.indices.buffers()[1], np.int32)[column.offset : column.offset + len(column)]
            found = found[places] if found.any() else np.zeros(len(column), bool)
        yield truth_array(found)


def bytes_of(column: pa.Array) -> bytes:
    """Give the bytes in which the texts of a column lie, maybe with others."""
    return bytes(_texts_of(column).buffers()[2] or b"")


def _texts_of(column: pa.Array) -> pa.Array:
    """Give the texts of a column, of one that repeats itself each once."""
    return getattr(column, "dictionary", column)


def _longest(texts: pa.Array) -> int:
    """Count the bytes of the longest text; there are at most as many characters."""
    from pyarrow import compute

    return compute.max(compute.binary_length(texts)).as_py() or 0


def _records(
    path: Path, names: Sequence[str], looks: Mapping[str, Look], *, skip: int, encoding: str, delimiter: str, limits: Limits
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a CSV, read record by record."""
    import pyarrow as pa

    width, schema = len(names), _schema(dict.fromkeys(names, pa.string()), looks)
    try:
        with path.open(encoding=encoding, newline="") as file:
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
                    yield _batch(chunk, numbers, spoilt, looks, schema)
                    chunk, numbers, spoilt = [], [], []
            if chunk:
                yield _batch(chunk, numbers, spoilt, looks, schema)
    except UnicodeError as error:
        raise misfit(path, encoding) from error


def _batch(
    chunk: list[list[str]], numbers: list[int], spoilt: list[int], looks: Mapping[str, Look], schema: pa.Schema
) -> pa.RecordBatch:
    import pyarrow as pa

    places = [number_array(numbers, pa.int64()), number_array(spoilt, pa.int8())]
    texts = dict(zip(schema.names[len(places) :], map(text_array, zip(*chunk, strict=True)), strict=False))
    return pa.RecordBatch.from_arrays([*places, *texts.values(), *_seen(texts, looks)], schema=schema)


def lay_columns(columns: Sequence[pa.Array], first: int, looks: Mapping[int, Look]) -> pa.Table:
    """Lay columns of texts, or of numbers of texts, down like the rows of a big CSV; `first` is the number of their first row."""
    import pyarrow as pa

    names = [f"c{index}" for index in range(len(columns))]
    seen = {names[index]: look for index, look in looks.items()}
    texts = dict(zip(names, columns, strict=True))
    arrays = [*_places(first, len(columns[0])), *texts.values(), *_seen(texts, seen)]
    table = pa.Table.from_arrays(arrays, schema=_schema({name: column.type for name, column in texts.items()}, seen))
    return pa.Table.from_batches(table.to_batches(SHARE), table.schema)


def as_numbers(column: pa.Array) -> pa.Array:
    """Give a column of texts as numbers of them, if they repeat themselves where it begins."""
    few = column.slice(0, SHARE)
    return column.dictionary_encode() if len(few.unique()) * REPEATS <= len(few) else column


def register_texts(con: DuckDBPyConnection, relation: str, rows: pa.Table) -> tuple[set[str], set[str]]:
    """Let DuckDB read the distinct texts of some columns of a relation, each as one such as `relation`_c0; give these columns.

    Shapes:  of columns that repeat themselves all texts, then of others that were looked at those that are not plain.
    """
    import pyarrow as pa
    from pyarrow import compute

    repeated = {field.name for field in rows.schema if pa.types.is_dictionary(field.type)}
    looked = {name for name in rows.column_names if f"{PLAIN}{name}" in rows.column_names} - repeated
    for name in repeated:
        texts = pa.chunked_array([chunk.dictionary for chunk in rows.column(name).chunks], pa.string())
        con.register(f"{relation}_{name}", pa.table({name: compute.unique(texts)}))
    for name in looked:
        odd = compute.filter(rows.column(name), compute.invert(rows.column(f"{PLAIN}{name}")))
        con.register(f"{relation}_{name}", pa.table({name: compute.unique(odd)}))
    return repeated, looked


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


def raw_view(source: str, number: int, columns: Mapping[str, str], row: str, more: Iterable[str] = ()) -> str:
    """Give the SELECT of a bulk file as a raw relation: `_input`, `_row` as a person counts, fields under their own names, and more columns."""
    picked = ", ".join([*(f"{quote(header)} AS {quote(field)}" for field, header in columns.items()), *more])
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
