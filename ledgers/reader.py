"""Read the rows of one sheet by its layout: merged cells carried down, other tables set apart, records completed, rows sorted, units held against amounts."""

from __future__ import annotations

from collections.abc import Mapping

from ledgers.capitals import hold_capitals
from ledgers.doubts import doubt_units
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.neighbours import look_around, look_beside
from ledgers.records import compose, fill_down
from ledgers.red_type import name_red
from ledgers.rows import DataRow, Remark, count_from_1904, doubt_tenths, sort_rows
from ledgers.sheets import Sheet
from ledgers.sources import Note
from ledgers.spans import carry_down, joint_amounts, wide_labels
from ledgers.total_rows import TotalRow


def read_rows(
    sheet: Sheet, layout: Layout, kinds: Mapping[str, Kind]
) -> tuple[Layout, list[DataRow], list[TotalRow], list[Note]]:
    """Give the layout with the columns whose unit the amounts put in doubt, the rows that are data, the totals, and notes on the others.

    The cells of the sheet are changed where days are counted from 1904, months may be misread, cells are merged, or a kind
    says that a value stands elsewhere.
    """
    kind = kinds[layout.kind]
    if sheet.from_1904:
        count_from_1904(sheet.rows, layout, kind)
    doubt_tenths(sheet, layout, kind)
    unmerged = carry_down(sheet.rows, layout, kind, sheet.merged)
    around = look_around(sheet.rows, layout, kinds)
    rows = [[] if number in around.again else row for number, row in enumerate(sheet.rows[: around.end])]
    hold_capitals(rows, layout, kind)
    layout = compose(rows, layout, kind)
    heads, filled = fill_down(rows, layout, kind)
    joint, wide = joint_amounts(rows, layout, kind, sheet.merged), wide_labels(rows, layout, sheet.merged)
    data, remarks, totals = sort_rows(rows, layout, kind, joint, wide)
    data = [row._replace(head=heads.get(row.number, 0)) for row in data] if heads else data
    every = [*unmerged, *filled, *remarks, *around.remarks, *look_beside(layout, kinds), *name_red(sheet, layout, kind, data)]
    return doubt_units(data, layout, kind), data, totals, [note_of(remark, "", sheet.name) for remark in every]


def note_of(remark: Remark, path: str, sheet: str | None) -> Note:
    """Make of a remark on rows a note of a file."""
    return Note(remark.code, remark.severity, path, sheet, remark.row, None, None, remark.what, remark.fatal)
