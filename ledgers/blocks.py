"""Find the rows that may be a header: one to three of them, the upper ones naming groups of columns, a row of units or column numbers below.

It sees rows of text and merged ranges; kinds of ledger are unknown here but for the words that stand in their headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from ledgers.fold import fold, fold_header
from ledgers.units import FACTORS

HEADER_ROWS = 30  # how far down a header is looked for
DEEPEST = 3  # rows of texts
Merged = Sequence[tuple[int, int, int, int]]  # first row, first column, last row, last column, from 0

_DIGIT = re.compile("[0-9]")
_TITLE = re.compile(r":|[0-9]{4}年度?.|第.{1,3}[批期]|工会|名册|台账|表\Z|单位")
_COLUMN_NUMBER = re.compile(r"\(?([0-9]{1,2})\)?(?:=[-+*/×÷()0-9]+)?\Z")
_COLUMN_MARK = re.compile("[甲乙丙丁戊己庚辛]|栏次|[A-H]")
_COUNTED, _NO_UNIT = re.compile("[%‰]|人次?|[户次个家份天件名期场岁月]|学时|课时|小时"), ("-", "—", "--", "——", "/")
_REMARK = re.compile(r"\(.*\)\Z")


class Block(NamedTuple):
    """Hold what may be a header: its first row, the first row below it, and of each column its texts from top to bottom."""

    first: int
    below: int
    stacks: tuple[tuple[str, ...], ...]

    @property
    def texts(self) -> list[str]:
        """Write the header of each column as one text, a group before its column: 公示时间/开始."""
        return ["/".join(stack) for stack in self.stacks]


def find_blocks(rows: Sequence[Sequence[str]], merged: Merged, words: Set[str]) -> Iterator[Block]:
    """Yield a block for each row in which a header may begin; `words` are folded headers, by which a text broken over two rows is told.

    The lower row of a header whose upper row names groups begins none of its own: 姓名 below 配偶 is not the name.
    """
    lower: set[int] = set()
    for first in range(min(len(rows), HEADER_ROWS)):
        if first in lower or not any(cell.strip() for cell in rows[first]):
            continue
        block = _grow(rows, first, merged, words)
        if block.below > first + 1 and not _is_title(rows[first]):
            lower.update(range(first + 1, block.below))
        yield block


def _grow(rows: Sequence[Sequence[str]], first: int, merged: Merged, words: Set[str]) -> Block:
    stacks = [[text] if (text := cell.strip()) else [] for cell in rows[first]]
    below, deep = first + 1, 1
    while below < len(rows):
        row, groups = rows[below], _groups(rows, below - 1, merged)
        stacks += [[] for _ in range(len(row) - len(stacks))]
        if _numbers_columns(row, stacks):
            pass
        elif units := _units_below(row, stacks):
            for index, unit in units.items():
                stacks[index][-1] += unit
        elif deep < DEEPEST and _continues(row, stacks, groups, words):
            deep += 1
            for index, start in groups.items():
                if row[index : index + 1] and row[index].strip() and start != index:
                    stacks[index] = list(stacks[start])
            for index, cell in enumerate(row):
                stacks[index] += [cell.strip()] if cell.strip() else []
        else:
            break
        below += 1
    return Block(first, below, tuple(map(tuple, stacks)))


def _groups(rows: Sequence[Sequence[str]], number: int, merged: Merged) -> dict[int, int]:
    """Map each column of a group to the column in which the group's text stands.

    Merged cells say it; where there are none, a text reaches over the blanks to its right below which texts stand.
    """
    row, under = rows[number], rows[number + 1]
    exact = [(left, right) for top, left, bottom, right in merged if top == number == bottom and right > left]
    if exact:
        return {index: left for left, right in exact for index in range(left, right + 1)}
    found: dict[int, int] = {}
    start: int | None = None
    for index in range(max(len(row), len(under))):
        if _cell(row, index):
            start = index if _cell(under, index) else None
        elif start is not None and _cell(under, index):
            found |= {start: start, index: start}
        else:
            start = None
    return found


def _cell(row: Sequence[str], index: int) -> str:
    return row[index].strip() if index < len(row) else ""


def _continues(row: Sequence[str], stacks: Sequence[Sequence[str]], groups: dict[int, int], words: Set[str]) -> bool:
    """Say whether a row goes on with the header above it: texts below groups, or the second half of a header broken in two."""
    texts = {index: cell.strip() for index, cell in enumerate(row) if cell.strip()}
    if not texts or any(_DIGIT.search(fold(text)) and fold_header(text) not in words for text in texts.values()):
        return False
    if _is_lower_half(texts, stacks, words):
        return True
    below: dict[int, int] = {}
    halves = 0
    for index, text in texts.items():
        if index in groups:
            below[groups[index]] = below.get(groups[index], 0) + 1
        elif stacks[index]:
            if fold_header("".join((*stacks[index], text))) not in words:
                return False
            halves += 1
    return bool(halves) or any(count > 1 for count in below.values())


def _is_lower_half(texts: Mapping[int, str], stacks: Sequence[Sequence[str]], words: Set[str]) -> bool:
    """Say whether a row holds headers only, below texts that are none (2020年/预算数), while others reach down (项目名称)."""
    upper = {index for index, stack in enumerate(stacks) if stack and fold_header(stack[-1]) in words}
    return bool(upper) and not upper.intersection(texts) and all(fold_header(text) in words for text in texts.values())


def _units_below(row: Sequence[str], stacks: Sequence[Sequence[str]]) -> dict[int, str]:
    """Read a row that holds nothing but units, one of them of money or in brackets, and remarks in brackets, each below a header; write the units in brackets too."""
    found, sure = dict[int, str](), False
    for index, cell in enumerate(row):
        if not (text := fold(cell)):
            continue
        unit = text.removeprefix("单位:")
        if not stacks[index] or not (unit in FACTORS or _COUNTED.fullmatch(unit) or _REMARK.match(unit) or unit in _NO_UNIT):
            return {}
        sure |= unit in FACTORS or bool(_REMARK.match(unit))
        found |= {index: f"（{unit.strip('()')}）"} if unit not in _NO_UNIT else {}
    return found if sure else {}


def _numbers_columns(row: Sequence[str], stacks: Sequence[Sequence[str]]) -> bool:
    """Say whether a row only numbers the columns: 甲 乙 1 2 3=1+2."""
    texts = [fold(cell) for cell in row if cell.strip()]
    matches = [_COLUMN_NUMBER.match(text) for text in texts]
    numbers = [int(match[1]) for match in matches if match]
    marked = all(match or _COLUMN_MARK.fullmatch(text) for text, match in zip(texts, matches, strict=True))
    enough = len(texts) >= max(3, sum(map(bool, stacks)) - 2)
    return (
        marked
        and enough
        and len(numbers) > 1
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] < 3
    )


def _is_title(row: Sequence[str]) -> bool:
    """Say whether a row is a title and not a row of groups: one text, or texts such as 填报单位：… and 2021年春节."""
    texts = {fold(cell) for cell in row if cell.strip()}
    return len(texts) == 1 or any(map(_TITLE.search, texts))
