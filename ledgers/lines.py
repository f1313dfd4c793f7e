"""Lay rows down by their columns, without a look at each: those of a big CSV, and those of a long sheet if nothing in it asks for one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from itertools import chain
from math import inf
from typing import TYPE_CHECKING

from ledgers import bulk
from ledgers.arrays import are_digits, have_texts, number_array, split_texts
from ledgers.fold import fold_header
from ledgers.headers import MOST_LABELS, TELLS, UNIT_COLUMNS, Layout, unread_capitals
from ledgers.identities import are_plain_numbers
from ledgers.kinds import Kind
from ledgers.neighbours import look_above, look_beside
from ledgers.plain_names import are_plain_names
from ledgers.reader import note_of
from ledgers.records import compose
from ledgers.rows import LEAST, Remark, date_columns
from ledgers.sheets import Sheet
from ledgers.sources import Source
from ledgers.spans import DITTO_SIGNS
from ledgers.strays import Strays, add_up, find_strays, set_sure_apart, settle
from ledgers.tables import HELD
from ledgers.telling import HEAD
from ledgers.total_rows import TotalRow
from ledgers.typed import Seen, quote

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from ledgers.desk import Desk

MOST_STRAYS = 1000  # rows of a long sheet that are no data; where there are more, each row is looked at
# How cells are looked at while rows are laid down; of two fields in one column the look of the last type counts.
LOOKS = {"text": are_digits, "name": are_plain_names, "identity": are_plain_numbers}


def read_big_csv(desk: Desk, source: Source, digest: Future[str], encoding: str | None) -> None:
    """Read a CSV that is too big to be held as rows.

    Raises:  Unreadable, NotRecognised.
    """
    head, used, delimiter = bulk.csv_head(source.path, encoding, desk.words)
    layout = unread_capitals(desk.recognise(head, source)._replace(delimiter=delimiter))
    width = max(map(len, head[layout.header_row : layout.below]))
    header = [row + [""] * (width - len(row)) for row in head[: layout.below]]
    number, limits, looks = len(desk.inputs), desk.readers.limits, _looks(layout, desk.kinds[layout.kind])
    relation, out = f"{bulk.LINES}{number}", desk.scratch / f"{bulk.LINES}{number}.arrow"
    held = bulk.hold_csv(source.path, out, header, encoding=used, delimiter=delimiter, limits=limits, looks=looks)
    sha256 = digest.result()
    desk.con.register(relation, held)
    unsure = set_sure_apart(desk.con, relation, held, layout, desk.kinds[layout.kind])
    strays = find_strays(desk.con, unsure, header[layout.header_row :], layout, desk.kinds)
    every = [*(f"c{index}" for index in range(width)), *_looked(looks)]
    rows, doubted, remarks, totals = settle(desk.con, relation, strays, every, layout, desk.kinds[layout.kind])
    remarks = [*look_above(head, layout, desk.kinds), *remarks, *look_beside(layout, desk.kinds)]
    desk.notes += [note_of(remark, source.shown, None) for remark in remarks]
    [(count, spoilt)] = desk.con.execute(f"SELECT count(*), count_if({bulk.SPOILT} > 0) FROM {rows}").fetchall()
    view = bulk.raw_view(rows, number, _picked(layout), bulk.ROW, [bulk.SPOILT, *_looked(looks)])
    types = dict.fromkeys(layout.fields, "VARCHAR")
    seen = _seen(layout, desk.kinds[layout.kind], looks, relation, *bulk.register_texts(desk.con, relation, held))
    layout = desk.doubt(layout, f"({view})", types, spoilt=True, distinct=seen.distinct)
    desk.admit(layout, source, None, used, sha256, count)
    desk.add_totals(number, totals)
    seen = seen if rows == relation else Seen(seen.plain)  # rows that were left out have texts of their own
    desk.add_bulk(f"raw_{number}", number, layout, view, types, seen, spoilt=bool(spoilt), doubted=doubted)


def read_long_sheet(desk: Desk, source: Source, sha256: str, sheet: Sheet, layout: Layout) -> bool:
    """Read a packed sheet by its columns, and say so; if more stands in it than data, labels, blanks, footers and right sums, leave everything as it was.

    What is read is what a look at each row would give.

    Raises:  Unreadable.
    """
    kind = desk.kinds[layout.kind]
    if not _is_plain(sheet, layout, kind):
        return False
    number, looks, columns = len(desk.inputs), _looks(layout, kind), [split_texts(column) for column in sheet.packed]
    relation = f"{bulk.LINES}{number}"
    data = [bulk.as_numbers(column.slice(layout.below)) for column in columns]
    if any(sign.encode() in texts for texts in map(bulk.bytes_of, data) for sign in DITTO_SIGNS):
        return False
    held = bulk.lay_columns(data, layout.below + 1, looks)
    desk.con.register(relation, held)
    header = [row + [""] * (len(columns) - len(row)) for row in sheet.rows[layout.header_row : layout.below]]
    strays = find_strays(desk.con, set_sure_apart(desk.con, relation, held, layout, kind), header, layout, desk.kinds, inf)
    explained = _explain(desk.con, relation, strays, columns, layout, kind)
    if explained is None:
        desk.con.unregister(relation)
        return False
    around, totals, left = explained
    rows = f"(SELECT * FROM {relation} WHERE {bulk.ROW} NOT IN ({', '.join(map(str, left))}))" if left else relation
    view = bulk.raw_view(rows, number, _picked(layout), bulk.ROW, _looked(looks))
    types = dict.fromkeys(layout.fields, "VARCHAR")
    seen = _seen(layout, kind, looks, relation, *bulk.register_texts(desk.con, relation, held))
    layout = desk.doubt(layout, f"({view})", types, spoilt=False, distinct=seen.distinct)
    around = [*around, *look_above(sheet.rows, layout, desk.kinds), *look_beside(layout, desk.kinds)]
    desk.admit(layout, source, sheet.name, sheet.encoding, sha256, len(columns[0]) - layout.below - len(left))
    desk.notes += [note_of(remark, source.shown, sheet.name) for remark in around]
    desk.add_totals(number, totals)
    desk.add_bulk(f"{HELD}lines_{number}", number, layout, view, types, Seen(seen.plain) if left else seen)
    return True


def _explain(
    con: DuckDBPyConnection, relation: str, strays: Strays, columns: Sequence[pa.Array], layout: Layout, kind: Kind
) -> tuple[list[Remark], list[TotalRow], set[int]] | None:
    """Give remarks on the rows of a long sheet that are no data, its totals, and the numbers of these rows; None where one of them is in doubt,
    or another look at every row might tell more of it.

    Shapes:  `columns` are whole, from the first row of the sheet on.
    """
    import pyarrow as pa
    from pyarrow import compute

    if strays.below.again or strays.below.end or len(strays.what) > MOST_STRAYS:
        return None
    if any(map(TELLS.search, chain.from_iterable(strays.cells.values()))):
        return None  # a label may state the unit or the year of the rows around it
    plain = [column.slice(layout.below) for column in columns]
    if strays.what:
        kept = number_array([n for n in range(len(plain[0])) if layout.below + n + 1 not in strays.what], pa.int64())
        plain = [compute.take(column, kept) for column in plain]
    if not len(plain[0]) or not have_texts(plain, MOST_LABELS):
        return None
    data, remarks, totals = add_up(con, relation, strays, layout, kind)
    if any(row.doubt or strays.what[row.number] in (*LEAST, HEAD) for row in data) or not all(total.right for total in totals):
        return None  # it may add up rows of one level
    return remarks, totals, {*strays.what} - {row.number for row in data}


def _is_plain(sheet: Sheet, layout: Layout, kind: Kind) -> bool:
    """Say whether nothing of a sheet asks for a look at its rows one by one: every column has a header and none states units, no cells are
    merged, no days are to be counted or doubted, nothing is said once for several rows."""
    return (
        all(layout.texts)
        and len(layout.texts) == len(sheet.packed)
        and not any(fold_header(text) in UNIT_COLUMNS for text in layout.unknown.values())
        and not sheet.from_1904
        and not any(row >= layout.below and column in date_columns(layout, kind) for row, column in sheet.tenths)
        and all(bottom < layout.below for _, _, bottom, _ in sheet.merged)
        and not kind.fills_down
        and not layout.capitals
        and compose([], layout, kind) is layout
    )


def _looks(layout: Layout, kind: Kind) -> dict[int, bulk.Look]:
    """Say how the cells of columns are looked at, by their index."""
    columns = kind.columns
    return {n: look for own, look in LOOKS.items() for field, n in layout.fields.items() if columns[field].type == own}


def _looked(looks: Collection[int]) -> list[str]:
    return [f"{bulk.PLAIN}c{index}" for index in looks]


def _picked(layout: Layout) -> dict[str, str]:
    """Name the column of lines in which each field stands."""
    return {field: f"c{index}" for field, index in layout.fields.items()}


def _seen(
    layout: Layout, kind: Kind, looks: Mapping[int, bulk.Look], relation: str, repeated: Collection[str], looked: Collection[str]
) -> Seen:
    """Say what was seen of the fields of lines; of two in one column, the one that was looked at counts."""
    plain = {
        field: f"{bulk.PLAIN}c{index}"
        for field, index in layout.fields.items()
        if (look := LOOKS.get(kind.columns[field].type)) and looks[index] is look
    }
    own = _picked(layout)
    texts = {field: f"(SELECT {name} AS {quote(field)} FROM {relation}_{name})" for field, name in own.items()}
    distinct = {field: text for field, text in texts.items() if own[field] in repeated}
    return Seen(plain, distinct, {field: text for field, text in texts.items() if own[field] in looked and field in plain})
