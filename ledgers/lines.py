"""Lay rows down by their columns, without a look at each: those of a big CSV, and those of a long sheet if all of them are plain data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ledgers import bulk
from ledgers.arrays import are_digits, count_texts, split_texts
from ledgers.fold import fold_header
from ledgers.headers import MOST_LABELS, UNIT_COLUMNS, Layout, unread_capitals
from ledgers.identities import are_plain_numbers
from ledgers.kinds import Kind
from ledgers.neighbours import look_above, look_beside
from ledgers.plain_names import are_plain_names
from ledgers.reader import note_of
from ledgers.records import compose
from ledgers.rows import date_columns
from ledgers.sheets import Sheet
from ledgers.sources import Source
from ledgers.spans import DITTO_SIGNS
from ledgers.strays import settle
from ledgers.tables import HELD
from ledgers.typed import Seen, quote

if TYPE_CHECKING:
    from ledgers.desk import Desk

# How cells are looked at while rows are laid down; of two fields in one column the look of the last type counts.
LOOKS = {"text": are_digits, "name": are_plain_names, "identity": are_plain_numbers}


def read_big_csv(desk: Desk, source: Source, sha256: str, encoding: str | None) -> None:
    """Read a CSV that is too big to be held as rows.

    Raises:  Unreadable, NotRecognised.
    """
    head, used, delimiter = bulk.csv_head(source.path, encoding, desk.words)
    layout = unread_capitals(desk.recognise(head, source)._replace(delimited=True))
    width = max(map(len, head[layout.header_row : layout.below]))
    header = [row + [""] * (width - len(row)) for row in head[: layout.below]]
    number, limits, looks = len(desk.inputs), desk.readers.limits, _looks(layout, desk.kinds[layout.kind])
    relation, out = f"{bulk.LINES}{number}", desk.scratch / f"{sha256}.arrow"
    texts = bulk.hold_csv(source.path, out, header, encoding=used, delimiter=delimiter, limits=limits, looks=looks)
    bulk.register_rows(desk.con, out, relation, texts)
    rows, remarks = settle(desk.con, relation, header[layout.header_row :], layout, desk.kinds, _looked(looks))
    remarks = [*look_above(head, layout, desk.kinds), *remarks, *look_beside(layout, desk.kinds)]
    desk.notes += [note_of(remark, source.shown, None) for remark in remarks]
    [(count, spoilt)] = desk.con.execute(f"SELECT count(*), count_if({bulk.SPOILT} > 0) FROM {rows}").fetchall()
    view = bulk.raw_view(rows, number, _picked(layout), bulk.ROW, [bulk.SPOILT, *_looked(looks)])
    types = dict.fromkeys(layout.fields, "VARCHAR")
    layout = desk.doubt(layout, f"({view})", types, spoilt=True)
    desk.admit(layout, source, None, used, sha256, count)
    distinct = {f: f"(SELECT {own} AS {quote(f)} FROM {relation}_{own})" for f, own in _picked(layout).items() if own in texts}
    seen = _seen(
        layout, desk.kinds[layout.kind], looks, distinct if rows == relation else {}
    )  # rows left out have texts of their own
    desk.add_bulk(f"raw_{number}", number, layout, view, types, seen, spoilt=bool(spoilt))


def read_long_sheet(desk: Desk, source: Source, sha256: str, sheet: Sheet, layout: Layout) -> bool:
    """Read a packed sheet by its columns, and say so; if a row of it may be anything but plain data, leave everything as it was.

    What is found so is what a look at each row would find.

    Raises:  Unreadable.
    """
    kind = desk.kinds[layout.kind]
    if not _is_plain(sheet, layout, kind):
        return False
    columns = [split_texts(column).slice(layout.below) for column in sheet.packed]
    if count_texts(columns) <= MOST_LABELS:
        return False
    number, looks = len(desk.inputs), _looks(layout, kind)
    relation = f"{bulk.LINES}{number}"
    bulk.register_columns(desk.con, relation, columns, layout.below + 1, looks)
    header = [row + [""] * (len(columns) - len(row)) for row in sheet.rows[layout.header_row : layout.below]]
    rows, remarks = settle(desk.con, relation, header, layout, desk.kinds, _looked(looks))
    if rows != relation or remarks:
        desk.con.unregister(relation)
        return False
    view = bulk.raw_view(relation, number, _picked(layout), bulk.ROW, _looked(looks))
    types = dict.fromkeys(layout.fields, "VARCHAR")
    layout = desk.doubt(layout, f"({view})", types, spoilt=False)
    around = [*look_above(sheet.rows, layout, desk.kinds), *look_beside(layout, desk.kinds)]
    desk.admit(layout, source, sheet.name, sheet.encoding, sha256, len(columns[0]))
    desk.notes += [note_of(remark, source.shown, sheet.name) for remark in around]
    desk.add_bulk(f"{HELD}lines_{number}", number, layout, view, types, _seen(layout, kind, looks))
    return True


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
        and not any(sign.encode() in column for column in sheet.packed for sign in DITTO_SIGNS)
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


def _seen(layout: Layout, kind: Kind, looks: Mapping[int, bulk.Look], distinct: Mapping[str, str] = {}) -> Seen:
    plain = {  # of two fields in one column, the one that was looked at
        field: f"{bulk.PLAIN}c{index}"
        for field, index in layout.fields.items()
        if (look := LOOKS.get(kind.columns[field].type)) and looks[index] is look
    }
    return Seen(plain, distinct)
