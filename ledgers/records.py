"""Bring rows to the form that their kind declares: a day out of three columns, amounts to their sides, what a record says only once.

Cells are rewritten in place; the layout that comes back says where each field then is, and where it was written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import Remark, name_rows
from ledgers.telling import BALANCE, DATA, look_of, tell_apart

_DIGIT = re.compile("[0-9]")
_NUMBER = re.compile("[0-9]{1,4}")


def compose(rows: Sequence[list[str]], layout: Layout, kind: Kind) -> Layout:
    """Write days that stand in several columns, and amounts whose side stands beside them, as the columns they are."""
    return _put_on_sides(rows, _compose_days(rows, layout, kind), kind)


def _compose_days(rows: Sequence[list[str]], layout: Layout, kind: Kind) -> Layout:
    """Write year, month and day into the column of the day; where one of them is missing, as a day that cannot be read."""
    for name, (year, month, day) in kind.dates.items():
        own = {field: index for field, index in layout.fields.items() if field not in layout.parts}
        if name in own or month not in own or day not in own or layout.unreadable & {year, month, day}:
            continue
        for row in rows[layout.below :]:
            parts = [_number(row, own.get(part)) for part in (year, month, day)]
            if parts[1] is not None and parts[2] is not None and (parts[1] or parts[2]):
                row.extend([""] * (own[day] + 1 - len(row)))
                row[own[day]] = (f"{parts[0]}年" if parts[0] else "") + f"{parts[1] or '?'}月{parts[2] or '?'}日"
        header = "/".join(layout.headers[part] for part in (year, month, day) if part in own)
        kept = {field: index for field, index in own.items() if field not in (year, month, day)}
        fields, parts_of = kind.spread({**kept, name: own[day]})
        headers = {field: layout.headers.get(field, header) for field in fields}
        layout = layout._replace(fields=fields, parts=parts_of, headers=headers)
    return layout


def _number(row: Sequence[str], index: int | None) -> str | None:
    """Give the number in a cell of a year, month or day; None where something else stands there."""
    text = re.sub("[年月日号]\\Z", "", fold(row[index])) if index is not None and index < len(row) else ""
    return text if not text or _NUMBER.fullmatch(text) else None


def _put_on_sides(rows: Sequence[list[str]], layout: Layout, kind: Kind) -> Layout:
    """Put one column of amounts into those of its sides; an amount whose side nobody can tell is unread on both."""
    sides = kind.sides
    if sides is None or not {sides.amount, sides.by} <= layout.fields.keys() or layout.fields.keys() & set(sides.into.values()):
        return layout
    amount, by, aliases = layout.fields[sides.amount], layout.fields[sides.by], kind.columns[sides.by].aliases
    places = dict(zip(sides.into.values(), (amount, by), strict=True))
    for row in rows[layout.below :]:
        row.extend([""] * (max(amount, by) + 1 - len(row)))
        text, side = row[amount], row[by]
        if _DIGIT.search(text):
            into = sides.into.get(aliases.get(fold(side), ""))
            unknown = f"{text}（{layout.headers[sides.by]}：{side.strip() or '空白'}）"
            for field, place in places.items():
                row[place] = unknown if into is None else text if field == into else ""
    fields = {field: index for field, index in layout.fields.items() if field not in (sides.amount, sides.by)}
    new = list(places)
    return layout._replace(
        fields=fields | places,
        stands=dict.fromkeys(new, amount),
        headers=layout.headers | dict.fromkeys(new, layout.headers[sides.amount]),
        factors=_handed_on(layout.factors, sides.amount, new),
        units=_handed_on(layout.units, sides.amount, new),
        foreign=_handed_on(layout.foreign, sides.amount, new),
        capitals=_handed_on(layout.capitals, sides.amount, new[:1]),
        doubled=_handed_on(_handed_on(layout.doubled, sides.by, new), sides.amount, new),
    )


def _handed_on(of: Mapping[str, Any], old: str, new: Sequence[str]) -> dict[str, Any]:
    """Say of several fields what was said of the one that they are made of."""
    kept = {field: said for field, said in of.items() if field != old}
    return kept | dict.fromkeys(new, of[old]) if old in of else kept


def fill_down(rows: Sequence[list[str]], layout: Layout, kind: Kind) -> tuple[dict[int, int], list[Remark]]:
    """Write what stands on the first row of a record into the rows below that leave it blank, and say where it stands.

    A row goes on with the record above it where its number and day are blank, and whatever else a record says once is blank or the same.

    Shapes:  number of a row (from 1) -> number of the row in which its record begins.
    """
    once = {name: layout.fields[name] for name in kind.fills_down if name in layout.fields and name not in layout.parts}
    if not once or kind.fills_down[0] not in once:
        return {}, []
    number, days = once[kind.fills_down[0]], [index for name, index in once.items() if kind.columns[name].type == "date"]
    look, heads, head, last = look_of(rows[layout.header_row : layout.below], layout, kind), dict[int, int](), 0, list[str]()
    for place, row in enumerate(rows[layout.below :], start=layout.below + 1):
        what = tell_apart(row, look)
        if what != DATA and not (what == BALANCE and _says_the_same(row, last, layout)):
            continue
        last = row
        if _cell(row, number):
            head = place
        elif head and not any(_cell(row, index) for index in days) and _agrees(row, rows[head - 1], once.values()):
            heads[place] = head
            for index in once.values():
                row.extend([""] * (index + 1 - len(row)))
                row[index] = rows[head - 1][index] if index < len(rows[head - 1]) else ""
        else:  # another record begins, whose number nobody wrote
            head = 0
    return heads, list(_say_filled(heads, [layout.headers[name] for name in once]))


def _says_the_same(row: Sequence[str], above: Sequence[str], layout: Layout) -> bool:
    """Say whether a row that looks like a balance carried forward goes on with a record whose lines all say so."""
    index = layout.fields.get("summary", -1)
    return bool(_cell(row, index)) and fold(_cell(row, index)) == fold(_cell(above, index))


def _agrees(row: Sequence[str], head: Sequence[str], indexes: Collection[int]) -> bool:
    return all(_cell(row, index) in ("", _cell(head, index)) for index in indexes)


def _cell(row: Sequence[str], index: int) -> str:
    return row[index].strip() if 0 <= index < len(row) else ""


def _say_filled(heads: Mapping[int, int], headers: Sequence[str]) -> Iterator[Remark]:
    if heads:
        said = "、".join(dict.fromkeys(headers))
        what = f"第 {name_rows(list(heads))} 行（共 {len(heads)} 行）空着的 {said} 按同一记录首行所写读取。"
        yield Remark("Q11", "info", next(iter(heads)), what)
