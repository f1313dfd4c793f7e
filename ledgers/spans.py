"""Read what merged cells and ditto marks say of several rows: texts are carried down, an amount that several rows share is nobody's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ledgers.blocks import Merged
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import Remark
from ledgers.telling import DATA, HEAD, SUM, look_of, tell_apart
from ledgers.typed import COUNTED

_DITTO = frozenset({"同上", "〃", "々", "仝上"})
DITTO_SIGNS = "同〃々仝"  # one of them stands in every ditto mark
LONGEST_DITTO = 7  # characters, with blanks; a longer text need not be folded


def carry_down(rows: Sequence[list[str]], layout: Layout, kind: Kind, merged: Merged) -> list[Remark]:
    """Write the text of a merged cell into each of its rows, and what stands above a ditto mark in its place, where nothing is counted.

    A number merged over the rows of several persons is that of one of them: it stays where it is, and that is told.
    """
    # Amounts, carried down, would be counted more than once.
    texts = {index for name, index in layout.fields.items() if kind.columns[name].type not in COUNTED}
    remarks = list[Remark]()
    for top, left, bottom, _ in merged:
        if layout.below <= top < len(rows) and left in texts and left < len(rows[top]):
            if bottom > top and (whose := _numbers_one(left, top, bottom, layout, kind, merged)):
                said = f"“{layout.headers[whose]}”合并了第 {top + 1} 至 {bottom + 1} 行，姓名没有同样合并：只用于第 {top + 1} 行，其余各行的号码不明。"
                remarks.append(Remark("Q07", "high", top + 1, said))
                continue
            for row in rows[top + 1 : bottom + 1]:
                row.extend([""] * (left + 1 - len(row)))  # a row ends with its last text
                if not row[left].strip():
                    row[left] = rows[top][left]
    below = rows[layout.below :]
    if not any(map("".join(map("".join, below)).__contains__, DITTO_SIGNS)):
        return remarks
    look = look_of(rows[layout.header_row : layout.below], layout, kind)
    for index in sorted(texts):
        written = {row[index] for row in below if index < len(row)}
        signed = [text for text in written if len(text) < LONGEST_DITTO and any(map(text.__contains__, DITTO_SIGNS))]
        marks = {text for text in signed if fold(text).strip("().。") in _DITTO}
        for above, row in pairwise(below) if marks else ():
            # A mark below a total, a label or the header of a page says nothing, and stays what it is.
            if index < len(row) and row[index] in marks and index < len(above) and tell_apart(above, look) in (DATA, HEAD, SUM):
                row[index] = above[index] if above[index].strip() else row[index]
    return remarks


def _numbers_one(index: int, top: int, bottom: int, layout: Layout, kind: Kind, merged: Merged) -> str:
    """Name the column of the rows' own numbers, if a cell merged over some rows stands in it and their names are not merged alike."""
    own = [name for name in kind.person if layout.fields.get(name) == index and kind.columns[name].type == "identity"]
    names = [layout.fields.get(name) for name in kind.person if kind.columns[name].type == "name"]
    alike = any((top, bottom) == (first, last) and left in names for first, left, last, _ in merged)
    return own[0] if own and names and not alike else ""


def joint_amounts(rows: Sequence[Sequence[str]], layout: Layout, kind: Kind, merged: Merged) -> dict[int, tuple[str, str]]:
    """Say of each row (from 0) whose amount is merged with another one: the field, and why nobody can say how much is whose."""
    return dict(_joint(rows, layout, kind, merged))


def _joint(rows: Sequence[Sequence[str]], layout: Layout, kind: Kind, merged: Merged) -> Iterator[tuple[int, tuple[str, str]]]:
    known = set(layout.fields.values())
    # What is read out of a cell beside something else, as 3 out of 记-3, is nothing that rows share.
    own = {name: index for name, index in layout.fields.items() if name not in layout.parts}
    money = {index: name for name, index in own.items() if kind.columns[name].type in COUNTED}
    for top, left, bottom, right in merged:
        amounts = [money[index] for index in range(left, right + 1) if index in money]
        if top < layout.below or not amounts or top >= len(rows) or not rows[top][left : left + 1] or not rows[top][left].strip():
            continue
        if bottom > top:
            why = f"合并单元格跨第 {top + 1} 至 {bottom + 1} 行，无法分到每一行；这些行的金额未采用"
        elif len(known.intersection(range(left, right + 1))) > 1:
            why = "合并单元格跨多列，无法判断属于哪一列；该行金额未采用"
        else:
            continue
        for number in range(top, bottom + 1):
            yield number, (amounts[0], why)


def wide_labels(rows: Sequence[Sequence[str]], layout: Layout, merged: Merged) -> frozenset[int]:
    """List the rows (from 0) whose only text stands in a cell merged over several columns: it heads what follows."""
    return frozenset(
        top
        for top, left, bottom, right in merged
        if layout.below <= top == bottom < len(rows)
        and right > left
        and [n for n, cell in enumerate(rows[top]) if cell.strip()] == [left]
    )
