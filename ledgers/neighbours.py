"""Find other tables in the same sheet: below the table that is read, and to its right. What is found there is said, and not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ledgers.fold import fold_header
from ledgers.headers import Layout, words_of
from ledgers.kinds import Kind
from ledgers.rows import Remark
from ledgers.sheets import column_letters
from ledgers.units import header_unit

_DIGIT = re.compile("[0-9０-９]")
FEWEST_WORDS = 3  # headers of one kind in a row that make it a header
AGAIN = "again"


class Around(NamedTuple):
    """Say where the table ends, which rows below repeat its header in other words, and which tables above and below are not read."""

    end: int
    again: frozenset[int]
    remarks: tuple[Remark, ...]


def look_around(rows: Sequence[Sequence[str]], layout: Layout, kinds: Mapping[str, Kind]) -> Around:
    """Find the first header below the table that is not the table's own, and the headers above it, of tables that are not read."""
    tell, again = header_teller(layout, kinds), set[int]()
    above = tuple(look_above(rows, layout, kinds))
    for number, row in enumerate(rows[layout.below :], start=layout.below):
        what = tell(row)
        if what == AGAIN:
            again.add(number)
        elif what:
            return Around(number, frozenset(again), (*above, another_table(number + 1, kinds[what])))
    return Around(len(rows), frozenset(again), above)


def header_teller(layout: Layout, kinds: Mapping[str, Kind]) -> Callable[[Sequence[str]], str]:
    """Give the test of a row below a header: AGAIN where it repeats the header in other words, the kind whose table it begins, or nothing."""
    words, kind = words_of(kinds), kinds[layout.kind]
    amounts = [index for name, index in layout.fields.items() if kind.columns[name].type == "amount"]
    own = {fold_header(part) for text in layout.texts for part in (text, *text.split("/")) if part}

    def tell(row: Sequence[str]) -> str:
        if any(_DIGIT.search(row[index]) for index in amounts if index < len(row)):
            return ""
        texts = {index: folded for index, cell in enumerate(row) if cell.strip() and (folded := fold_header(cell)) in words}
        if len(texts) < FEWEST_WORDS:
            return ""
        same = own.issuperset(texts.values()) or all(layout.fields.get(kind.headers.get(t, "")) == n for n, t in texts.items())
        if same and len(texts) >= len(layout.fields) // 2 and not _differs(row, texts, layout, kind):
            return AGAIN
        named = _likest(set(texts.values()), kinds)
        return named.kind if named else ""

    return tell


def another_table(row: int, kind: Kind) -> Remark:
    """Say that from a row on another table stands, which is not read."""
    what = f"第 {row} 行起像另一张表的表头（`{kind.kind}`，{kind.title.zh}），从这一行起未读取。请把各表分到不同的工作表。"
    return Remark("Q09", "high", row, what, fatal=True)


def look_above(rows: Sequence[Sequence[str]], layout: Layout, kinds: Mapping[str, Kind]) -> Iterator[Remark]:
    """Find the header of a smaller table above the one that is read."""
    for number, row in enumerate(rows[: layout.header_row]):
        if named := _likest({fold_header(cell) for cell in row if cell.strip()}, kinds):
            what = f"第 {number + 1} 行像另一张表的表头（`{named.kind}`，{named.title.zh}），到第 {layout.header_row} 行为止未读取。请把各表分到不同的工作表。"
            yield Remark("Q09", "high", number + 1, what, fatal=True)
            return


def _differs(row: Sequence[str], texts: Mapping[int, str], layout: Layout, kind: Kind) -> bool:
    """Say whether a row of the same headers has them in other columns, or its amounts in another unit."""
    moved = any(
        kind.headers.get(text) in layout.fields and layout.fields[kind.headers[text]] != index for index, text in texts.items()
    )
    return moved or any(
        (unit := header_unit(row[index])) is not None and unit != header_unit(layout.texts[index])
        for index in texts
        if index < len(layout.texts)
    )


def _likest(words: set[str], kinds: Mapping[str, Kind]) -> Kind | None:
    """Find the kind of which a row has the most headers, if they are enough and not the values of a code."""
    counted = [(len(words.intersection(kind.headers)), name) for name, kind in kinds.items()]
    count, name = max(counted)
    return kinds[name] if count >= FEWEST_WORDS else None


def look_beside(layout: Layout, kinds: Mapping[str, Kind]) -> Iterator[Remark]:
    """Find a table beside the one that is read: headers that stand twice side by side, or all that another kind requires."""
    row = layout.header_row + 1
    if len(layout.doubled) > 1 and not kinds[layout.kind].lacking(set(layout.doubled)):
        first = min(indexes[1] for indexes in layout.doubled.values())
        what = f"从 {column_letters(first)} 列起表头又出现一遍，像两组并排；重复的列均未读取。请把右边的各行移到下面。"
        yield Remark("Q09", "high", row, what, fatal=True)
        return
    last = _last_of_rows(layout, kinds)
    columns = {index: fold_header(text) for index, text in enumerate(layout.texts) if text and index > last}
    own = {index for field, index in layout.fields.items() if field not in layout.doubled}
    for name, kind in kinds.items():
        found = {kind.headers[text]: index for index, text in columns.items() if text in kind.headers}
        enough = len(found) >= FEWEST_WORDS and not kind.lacking(set(found))
        if enough and len(own.intersection(found.values())) * 2 < len(found):
            place = column_letters(min(found.values()))
            what = f"从 {place} 列起像另一张并排的表（`{name}`，{kind.title.zh}），未读取。请把它分到另一工作表。"
            yield Remark("Q09", "high", row, what, fatal=True)
            return


def _last_of_rows(layout: Layout, kinds: Mapping[str, Kind]) -> int:
    """Give the last column of names, numbers and amounts; a remark may stand anywhere."""
    types = {name: column.type for name, column in kinds[layout.kind].columns.items()}
    last = [index for name, index in layout.fields.items() if types[name] in ("name", "identity", "amount")]
    return max(last or layout.fields.values())
