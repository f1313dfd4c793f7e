"""Look into ledgers without judging them: how each sheet is laid out, what each column was taken for, what was not understood.

Whatever may name a person or a number of one is shown by its shape only: 9 for a digit, A for a letter, □ for a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, NamedTuple

from ledgers import bulk
from ledgers.blocks import Merged
from ledgers.disguises import DATABASES, PARQUET, TEXT
from ledgers.files import form_to_read, read_sheets
from ledgers.fold import fold
from ledgers.headers import Known, Layout, folded_texts
from ledgers.hiding import hide_numbers, shape_of
from ledgers.intake import Input, Intake, Note, bring_in, cell_notes
from ledgers.kinds import Column, Kind
from ledgers.proposals import Guess, guess, propose
from ledgers.sheets import column_letters
from ledgers.sources import Source
from ledgers.tables import Table
from ledgers.typed import quote, select

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXAMPLES, ODD = 3, 5  # texts of a column that are shown
CAPITALS = "capitals"  # the type of a column in which amounts are written out
LONGEST = 24
_PLAIN = "约近元圆万千百亿角分整正多余无待定暂缺不详未年月日号上中下旬初末底第至到期零壹贰叁肆伍陆柒捌玖拾佰仟一二三四五六七八九十〇是否"
_HAN = re.compile("[\u3400-\u9fff]")


class Seen(NamedTuple):
    """Say what a column was taken for, with counts of its cells; `odd` texts were not understood, with how often they stand."""

    letter: str
    header: str
    field: str | None = None
    type: str | None = None
    unit: str | None = None
    examples: tuple[str, ...] = ()
    cells: int = 0
    blank: int = 0
    unread: int = 0
    odd: tuple[tuple[str, int], ...] = ()
    proposed: tuple[str, ...] = ()


class Shape(NamedTuple):
    """Hold one layout with the sheets that have it: path, sheet, rows of data."""

    kinds: tuple[str, ...]
    recognised: bool
    texts: tuple[str, ...]
    sheets: tuple[tuple[str, str | None, int], ...]
    columns: tuple[Seen, ...]
    doubled: tuple[str, ...] = ()
    unsure: bool = False  # the unit of some amounts is not known

    @property
    def understood(self) -> bool:
        """Say whether everything was read."""
        return self.recognised and not self.doubled and not self.unsure and not any(column.unread for column in self.columns)


def inspect(
    con: DuckDBPyConnection,
    sources: Sequence[Source],
    kinds: Mapping[str, Kind],
    *,
    known: Sequence[Known] = (),
    encoding: str | None = None,
    scratch: Path | None = None,
) -> tuple[list[Shape], list[Note]]:
    """Look into every source; layouts with the most sheets come first.

    Raises:  Unreadable, where a file changes while it is looked at.
    """
    wanted = {name: set(kind.columns) for name, kind in kinds.items()}
    intake = bring_in(con, sources, kinds, wanted, encoding=encoding, scratch=scratch, known=known)
    notes = [*intake.notes, *cell_notes(con, intake)]
    shapes = [*_recognised(con, intake, kinds), *_guessed(con, sources, kinds, intake.notes, encoding, scratch)]
    return sorted(shapes, key=lambda shape: (-len(shape.sheets), shape.sheets)), notes


def _recognised(con: DuckDBPyConnection, intake: Intake, kinds: Mapping[str, Kind]) -> Iterator[Shape]:
    def key(one: Input) -> tuple[str, list[str], list[str]]:
        return one.kind, folded_texts(one.layout.texts), sorted(f"{name}{unit}" for name, unit in one.layout.units.items())

    judged = [one for one in intake.inputs if one.version_of is None]
    for _, group in groupby(sorted(judged, key=key), key):
        own = sorted(group, key=lambda one: one.number)
        layout, kind = own[0].layout, kinds[own[0].kind]
        proposed = propose({index: text for index, text in layout.unknown.items() if text}, kind, layout.fields)
        fields = {index: name for name, index in layout.fields.items() if name not in layout.parts}
        fields |= {index: name for name, indexes in layout.doubled.items() for index in indexes}
        capitals = dict.fromkeys(layout.capitals.values(), CAPITALS)
        columns = [
            _seen(con, intake.tables[kind.kind], own, layout, index, fields[index])
            if index in fields
            else Seen(column_letters(index), layout.texts[index], type=capitals.get(index), proposed=proposed.get(index, ()))
            for index in sorted({*fields, *capitals, *layout.unknown})
        ]
        sheets = tuple((one.path, one.sheet, one.rows) for one in own)
        unsure = any({*one.layout.foreign.values()} - {"%"} for one in own)
        yield Shape((kind.kind,), True, tuple(layout.texts), sheets, tuple(columns), tuple(layout.doubled), unsure)


def _seen(con: DuckDBPyConnection, table: Table, inputs: Sequence[Input], layout: Layout, index: int, field: str) -> Seen:
    """Count the cells of a column over all sheets of a layout, and pick texts to show."""
    kind, column = table.kind, table.kind.columns[field]
    numbers, bit = ", ".join(str(one.number) for one in inputs), kind.bit(field)
    texts: dict[tuple[str, bool], int] = {}
    for part in table.parts:
        if field in part.raw.sql_types:
            source = select(part, kind, part.raw.relation, texts=True)
            query = (
                f"SELECT coalesce(CAST({quote(f'raw.{field}')} AS VARCHAR), ''), _problems & {bit} <> 0, count(*) FROM ({source})"
                f" WHERE _input IN ({numbers}) GROUP BY 1, 2 ORDER BY min(_input), min(_row)"
            )
            for text, unread, count in con.execute(query).fetchall():
                texts[text, unread] = texts.get((text, unread), 0) + count
    read = [text for text, unread in texts if text.strip() and not unread]
    odd = {text: count for (text, unread), count in texts.items() if unread and text.strip()}
    return Seen(
        column_letters(index), layout.texts[index], field, column.type,
        (layout.units[field] or None) if field in layout.units else None,
        tuple(dict.fromkeys(_shown(text, column) for text in read[:EXAMPLES])),
        sum(texts.values()),
        sum(count for (text, unread), count in texts.items() if not text.strip() and not unread),
        sum(count for (_, unread), count in texts.items() if unread),
        tuple((_shown_odd(text, column), odd[text]) for text in sorted(odd, key=lambda text: -odd[text])[:ODD]),
    )  # fmt: skip


def _guessed(
    con: DuckDBPyConnection,
    sources: Iterable[Source],
    kinds: Mapping[str, Kind],
    notes: Iterable[Note],
    encoding: str | None,
    scratch: Path | None,
) -> Iterator[Shape]:
    """Guess the layout of the sheets that were not recognised."""
    refused = {(note.path, note.sheet) for note in notes if note.fatal and note.code == "Q09" and note.row is None}
    found: dict[tuple[str, ...], list[tuple[Guess, str, str | None]]] = {}
    for source in sources:
        wanted = {sheet for path, sheet in refused if path == source.shown}
        for name, rows, merged in _rows_again(con, source, encoding, scratch) if wanted else ():
            own = {source.kind: kinds[source.kind]} if source.kind in kinds and source.kind else kinds
            if source.sheet not in (None, name) or name in source.besides:
                continue
            if (name in wanted or None in wanted) and (one := guess(rows, merged, own)):
                found.setdefault(tuple(folded_texts(one.block.texts)), []).append((one, source.shown, name))
    for same in found.values():
        one = same[0][0]
        kind, texts = kinds[one.kinds[0]], _headers_shown(one)
        columns = [
            Seen(
                column_letters(index),
                text,
                name,
                kind.columns[name].type if name else None,
                proposed=one.proposed.get(index, ()),
            )
            for index, text in enumerate(texts)
            if text
            for name in [one.fields.get(index)]
        ]
        yield Shape(
            one.kinds,
            False,
            tuple(texts),
            tuple((path, sheet, 0) for _, path, sheet in same),
            tuple(columns),
        )


def _headers_shown(one: Guess) -> list[str]:
    """Show the headers of a guess; where they are not known for the most part, the others may be names in a form of one person."""
    texts = [hide_numbers(text) for text in one.block.texts]
    if (len(one.fields) + len(one.proposed)) * 3 > len([text for text in texts if text]) * 2:
        return texts
    return [text if index in one.fields or index in one.proposed else shape_of(text) for index, text in enumerate(texts)]


def _rows_again(
    con: DuckDBPyConnection, source: Source, encoding: str | None, scratch: Path | None
) -> Iterator[tuple[str | None, Sequence[Sequence[str]], Merged]]:
    """Give the tables of a file that no ledger was recognised in. Those of databases are named in the notes."""
    form = form_to_read(source.path)
    if form == PARQUET:
        yield None, [list(bulk.parquet_columns(con, bulk.nameable(source.path, scratch or Path(gettempdir()))))], ()
    elif form in DATABASES:
        return
    elif form == TEXT and source.path.stat().st_size > bulk.BIG_CSV:
        yield None, bulk.csv_head(source.path, encoding, ())[0], ()
    else:
        sheets = read_sheets(source.path, encoding)
        shown = (sheet for sheet in sheets if not sheet.hidden or sheet.name == source.sheet)
        yield from ((sheet.name, sheet.rows, sheet.merged) for sheet in shown)


def _shown(text: str, column: Column) -> str:
    """Show a text that was read; of a person only its shape."""
    hidden = column.personal or column.type in ("name", "identity", "account")
    return shape_of(text) if hidden else hide_numbers(text.strip())[:LONGEST]


def _shown_odd(text: str, column: Column) -> str:
    """Show a text that was not understood: it may be a name in the wrong column, unless its words are those of its type."""
    if column.personal or column.type in ("name", "identity", "account", "text"):
        return shape_of(text)
    folded = fold(text)
    pairs = {word[n : n + 2] for word in column.aliases for n in range(len(word) - 1)}
    if any(folded[n : n + 2] in pairs for n in range(len(folded) - 1)):
        return hide_numbers(text.strip())[:LONGEST]
    return hide_numbers(_HAN.sub(lambda match: match[0] if match[0] in _PLAIN else "□", text.strip()))[:LONGEST]
