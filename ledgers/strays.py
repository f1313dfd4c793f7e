"""Find the few rows of a big CSV that are no data, or may be totals: blanks, repeated headers, footers, labels of totals.

SQL looks for candidates by tests that cost next to nothing; the rules of small files then tell each candidate apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ledgers.bulk import ROW, SPOILT, text_literal
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import BARE, NO_DATA, TOTAL, Look, tell_apart
from ledgers.typed import TOTAL_LIKE, quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A total's label as it is written, for SQL; in sheets and CSV files `tell_apart` reads it folded.
_TOTAL_LABEL = r".{0,20}[合总總小共累][\s\x{3000}]*[计計](金额|人数|数额|数|额|大写|\([^()]*\)|（[^（）]*）)*([:：].*|[0-9].*)?"
LEFT_OUT = -1
BATCH = 10_000  # candidates


def settle(con: DuckDBPyConnection, path: Path, row: str, header: Sequence[Sequence[str]], look: Look) -> tuple[Path, str]:
    """Take out of a transcoded CSV the rows that are no data, and mark those that may be totals; give the file and the SQL of its row numbers.

    Without such rows, the normal case, the file stays as it is. A total is not added up here: it stays, its amount unread.
    """
    import pyarrow as pa

    found = dict(_strays(con, path, row, header, look))
    if not found:
        return path, row
    numbers, doubts = pa.array(list(found), pa.int64()), pa.array(list(found.values()), pa.int8())
    con.register("strays", pa.table({"stray": numbers, "doubt": doubts}))
    names = ", ".join(f"c{index}" for index in range(look.width))
    out = path.with_suffix(".settled.parquet")
    con.execute(
        f"COPY (SELECT {row} AS {ROW}, greatest({SPOILT}, coalesce(doubt, 0)) AS {SPOILT}, {names}"
        f" FROM read_parquet({text_literal(str(path))}, file_row_number = true) LEFT JOIN strays ON stray = {row}"
        f" WHERE coalesce(doubt, 0) <> {LEFT_OUT}) TO {text_literal(str(out))} (FORMAT parquet)"
    )
    con.unregister("strays")
    path.unlink()
    return out, quote(ROW)


def _strays(
    con: DuckDBPyConnection, path: Path, row: str, header: Sequence[Sequence[str]], look: Look
) -> Iterator[tuple[int, int]]:
    names = ", ".join(f"c{index}" for index in range(look.width))
    tests = " OR ".join(f"({test})" for test in _tests(header, look))
    found = con.execute(
        f"SELECT {row}, {SPOILT}, {names} FROM read_parquet({text_literal(str(path))}, file_row_number = true) WHERE {tests}"
    )
    while batch := found.fetchmany(BATCH):
        for number, spoilt, *cells in batch:
            what = tell_apart(cells, look)
            if what in NO_DATA and not spoilt:
                yield number, LEFT_OUT
            elif what in (TOTAL, BARE) and not spoilt:
                yield number, TOTAL_LIKE


def _tests(header: Sequence[Sequence[str]], look: Look) -> Iterator[str]:
    """Write cheap conditions that hold for every stray row, and for few others."""
    every = [f"c{index}" for index in range(look.width)]
    amounts = [f"c{index}" for index in look.amounts]
    others = [name for name in every if name not in amounts]
    yield " OR ".join(map(_total_like, every[:3]))
    if every[3:]:
        yield f"({' OR '.join(map(_blank, every[:3]))}) AND ({' OR '.join(map(_total_like, every[3:]))})"
    yield " AND ".join(map(_blank, others or every))
    text = f"concat({', '.join(every)})"
    colon = f"(contains({text}, ':') OR contains({text}, '：'))"
    yield " AND ".join(
        [*map(_blank, amounts), f"(contains({every[0]}, ':') OR contains({every[0]}, '：') OR {_blank(every[0])})", colon]
    )
    yield from (_header_like(row, look) for row in header)


def _blank(name: str) -> str:
    """Hold for what begins with white space, or is empty; a comparison looks at four bytes only."""
    return f"({name} < '!' OR {name} BETWEEN '\u3000' AND '\u3001' OR {name} BETWEEN '\u00a0' AND '\u00a1')"


def _total_like(name: str) -> str:
    marks = "[\\s\u3000\u00a0\u200b\ufeff]*"
    carried = f"(contains({name}, '页') OR contains({name}, '頁'))"
    total = f"((contains({name}, '计') OR contains({name}, '計')) AND regexp_matches({name}, '[合总總小共累]{marks}[计計]'))"
    return f"({total} OR {carried})"


def _header_like(header: Sequence[str], look: Look) -> str:
    """Hold where numbers are expected and a Chinese character stands, or whatever the header's own cell begins with."""
    number = next(iter((*look.identities, *look.amounts)), None)
    index = number if number is not None else next(n for n, cell in enumerate(header) if cell.strip())
    name, first = f"c{index}", header[index].strip()[:1]
    spaced = f"({_blank(name)} AND ltrim({name}, ' \u3000\t\u00a0') <> '')"
    same = f"starts_with({name}, {text_literal(first)}) OR {spaced}" if first else _blank(name)
    return same if number is None else f"{same} OR {name} BETWEEN '\u3400' AND '\uf900'"


def labelled_as_total(layout: Layout, kind: Kind, types: Mapping[str, str]) -> str:
    """Write the test of a row of a Parquet file that may be a total: a total's label in its first texts, and nobody's number."""
    fields = sorted(layout.fields, key=layout.fields.__getitem__)
    texts = [field for field in fields if kind.columns[field].type in ("text", "name") and types[field] == "VARCHAR"][:3]
    labels = " OR ".join(
        f"((contains({quote(name)}, '计') OR contains({quote(name)}, '計')) AND regexp_full_match({quote(name)}, '{_TOTAL_LABEL}'))"
        for name in texts
    )
    numbers = [field for field in fields if kind.columns[field].type == "identity"]
    nobody = " AND ".join(f"coalesce(CAST({quote(name)} AS VARCHAR), '') = ''" for name in numbers) or "TRUE"
    return f"(({labels}) AND {nobody})" if labels else ""
