"""Say which amounts stand in red type without a sign: in books red takes away, in many lists it only marks what somebody should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import MOST_NAMED, DataRow, Remark
from ledgers.sheets import Sheet, column_letters


def name_red(sheet: Sheet, layout: Layout, kind: Kind, data: Sequence[DataRow]) -> Iterator[Remark]:
    """Name the amounts of rows of data that are red and no less than nothing; they are read as they are written."""
    if not sheet.red:
        return
    amounts = {layout.stands.get(name, index) for name, index in layout.fields.items() if kind.columns[name].type == "amount"}
    rows = {row.number - 1: row.cells for row in data}
    red = [
        f"{column_letters(column)}{row + 1}"
        for row, column in sheet.red
        if column in amounts and row in rows and column < len(rows[row]) and _is_positive(rows[row][column])
    ]
    if red:
        named = "、".join(red[:MOST_NAMED]) + ("…" if len(red) > MOST_NAMED else "")
        what = f"{named}（共 {len(red)} 格）的金额是红色字体而没有负号，按正数读取；红字如表示冲减，请写成负数。"
        yield Remark("Q05", "medium", layout.header_row + 1, what)


def _is_positive(text: str) -> bool:
    value = read_amount(fold(text)).value
    return value is not None and Decimal(value) > 0
