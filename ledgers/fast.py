"""Read the cells of workbooks by the fastest reader there is, python-calamine. What it hides, others find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ledgers.limits import Limits, Unreadable, refuse_wide
from ledgers.sheets import Sheet, columns_of, far_cells, rows_of

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook, SheetMetadata

ROWS_AT_ONCE = 1000


def open_workbook(file: IO[bytes]) -> tuple[CalamineWorkbook, list[SheetMetadata]]:
    """Open a workbook; give what describes its sheets, too, but for those of charts.

    Raises:  Unreadable if there are none, or a password is needed.
    """
    import python_calamine

    try:  # by its name it would be taken for what it is called
        workbook = python_calamine.CalamineWorkbook.from_filelike(file)
    except python_calamine.PasswordError as error:
        raise Unreadable("工作簿有密码保护。请去掉密码后重试。") from error
    metas = [one for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    if not metas:
        raise Unreadable("工作簿中没有工作表（只有图表？）。请确认导出是否正确。")
    return workbook, metas


def is_hidden(meta: SheetMetadata) -> bool:
    """Say whether nobody sees a sheet."""
    import python_calamine

    return meta.visible != python_calamine.SheetVisibleEnum.Visible


def fast_sheets(path: Path, limits: Limits) -> Iterator[Sheet]:
    """Yield the sheets as the fast reader gives them, rows up to their last text.

    Raises:  Unreadable.
    """
    with path.open("rb") as file:
        workbook, metas = open_workbook(file)
        for meta in metas:
            found = workbook.get_sheet_by_name(meta.name)
            refuse_wide(found.total_width, f"工作表 {meta.name} ", limits)
            columns, tenths = columns_of(cells_of(found))
            yield Sheet(path, meta.name, rows_of(columns), hidden=is_hidden(meta), tenths=tenths, merged=merged_cells(found))


def merged_cells(sheet: CalamineSheet) -> tuple[tuple[int, int, int, int], ...]:
    """Give the merged ranges of a sheet."""
    return tuple(sorted((*first, *last) for first, last in sheet.merged_cell_ranges or ()))


def refuse_far(name: str, sheet: CalamineSheet, marks: Iterable[tuple[int, int]], limits: Limits) -> None:
    """Refuse a sheet that is too wide, or whose last cell, or one that the reader gives as blank, is farther away than it said."""
    places = [sheet.end or (0, 0), *marks]
    rows, columns = max(row for row, _ in places) + 1, max(column for _, column in places) + 1
    if rows * columns > limits.cells:
        raise far_cells(name, rows, columns)
    refuse_wide(sheet.total_width, f"工作表 {name} ", limits)


def cells_of(sheet: CalamineSheet) -> Sequence[Sequence[object]]:
    """Give the cells of a sheet, an even grid from its first row and column."""
    return sheet.to_python(skip_empty_area=False)


def blocks_of(sheet: CalamineSheet) -> Iterator[Sequence[Sequence[object]]]:
    """Yield the cells of a sheet, an even grid from its first row and column, in blocks of rows; the reader gives blank rows above, no blank columns before."""
    rows, before = sheet.iter_rows(), [""] * (sheet.start or (0, 0))[1]
    while block := list(islice(rows, ROWS_AT_ONCE)):
        yield [[*before, *row] for row in block] if before else block
