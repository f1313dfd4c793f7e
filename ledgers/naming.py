"""Say which columns of a kind a header names: one by one, by its groups, by what its brackets say, by how its amounts are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ledgers.blocks import Block
from ledgers.brackets import leave_others
from ledgers.fold import fold, fold_header
from ledgers.kinds import Kind
from ledgers.sheets import column_letters
from ledgers.wording import every_form, forms_of, ways_of, years_of

_MARKS = re.compile("[(（\\[【〔]|元[/／每]|20[0-4][0-9]年")
_PLACES = ("角", "角分", "十", "拾")  # of an amount that stands in several columns, one for each digit


def first_fields(block: Block, kind: Kind) -> dict[str, int]:
    """Map each field that a header names to its first column."""
    found: dict[str, int] = {}
    for index, name in fields_of(block, kind).items():
        found.setdefault(name, index)
    return found


def fields_of(block: Block, kind: Kind) -> dict[int, str]:
    """Map each column whose header is known to its field, but for amounts that are written out beside their figures."""
    named = _named(block, kind)
    written = _written_out(block, named, kind)
    figures = {name for index, name in named.items() if index not in written} if written else ()
    return {index: name for index, name in named.items() if index not in written or name not in figures}


def capitals_of(block: Block, kind: Kind) -> dict[str, int]:
    """Map amounts to the column in which they are written out, where another column has their figures.

    A header that says no more than 大写 belongs to the amount beside it, to its left if that may be.
    """
    named = _named(block, kind)
    written = _written_out(block, named, kind)
    figures = {index: name for index, name in named.items() if index not in written}
    found = dict[str, int]()
    for index, (text, unsaid) in ways_of(block.stacks).items():
        name = named.get(index)
        if name is None and not unsaid and "大写" in text:
            beside = [figures.get(place, "") for place in (index - 1, index + 1) if 0 <= place < len(block.stacks)]
            money = [one for one in beside if one and kind.columns[one].type == "amount"]
            name = next(iter(money), None) if beside[0] else None  # what stands to its left may be an amount that nobody knows
        if name is not None and name in figures.values() and index not in figures:
            found.setdefault(name, index)
    return found


def _written_out(block: Block, named: Mapping[int, str], kind: Kind) -> dict[int, str]:
    """Leave of the columns those of amounts whose header says 大写."""
    said = [index for index, (text, _) in ways_of(block.stacks).items() if "大写" in text and "小写" not in text]
    return {index: named[index] for index in said if index in named and kind.columns[named[index]].type == "amount"}


def _named(block: Block, kind: Kind) -> dict[int, str]:
    """Map each column whose header is known to its field; an amount may say beside its name how it is written."""
    if not kind.by_letter and kind.headers.keys().isdisjoint(every_form(block.stacks)):
        return {}  # as of nearly all rows and kinds
    known = ((index, map(kind.headers.get, _forms(index, stack, kind))) for index, stack in enumerate(block.stacks))
    named = {index: name for index, names in known if (name := next(filter(None, names), None))}
    marked = _marked(block.stacks)
    if not marked.isdisjoint(named):
        named = {index: name for index, name in named.items() if not _is_a_place(index, block.stacks)}
        named = leave_others({index: (name, "/".join(block.stacks[index])) for index, name in named.items()}, kind, block.texts)
    if any(len(stack) > 1 for stack in block.stacks):
        named = _leave_groups(named, block.stacks, kind)
    for index, (_, unsaid) in ways_of(block.stacks).items():
        name = kind.headers.get(unsaid)
        if index not in named and name and kind.columns[name].type == "amount":
            named[index] = name
    return named


def _leave_groups(named: Mapping[int, str], stacks: tuple[tuple[str, ...], ...], kind: Kind) -> dict[int, str]:
    """Leave out what its group makes another column: a person below 领款人 beside one of no group, one of several years, a text below 金额."""
    others, years = _helpers(named, stacks, kind), years_of(stacks)
    if len({group for _, group in years}) > 1:  # of which the rows are, nobody can tell
        others |= {index for index, _ in years}
    texts = (index for index, name in named.items() if kind.columns[name].type == "text")
    others |= {index for index in texts if "金额" in map(fold_header, stacks[index][:-1])}  # 金额/慰问品 is no name of goods
    return {index: name for index, name in named.items() if index not in others}


def _helpers(named: Mapping[int, str], stacks: tuple[tuple[str, ...], ...], kind: Kind) -> set[int]:
    """List the persons of a group, such as 领款人/姓名 and 领款人/身份证号, where a column of no group names another person."""
    alone = {name for index, name in named.items() if len(stacks[index]) == 1 and name in kind.person}
    helpers = {stacks[index][:-1] for index, name in named.items() if len(stacks[index]) > 1 and name in alone}
    return {index for index, name in named.items() if name in kind.person and stacks[index][:-1] in helpers}


@lru_cache(maxsize=1024)
def _marked(stacks: tuple[tuple[str, ...], ...]) -> frozenset[int]:
    """List the columns whose header may make them others than its name says; of most tables there is none, and dozens of kinds ask."""
    return frozenset(index for index, stack in enumerate(stacks) if _MARKS.search("/".join(stack)) or _is_a_place(index, stacks))


def _is_a_place(index: int, stacks: tuple[tuple[str, ...], ...]) -> bool:
    """Say whether a column holds some digits of an amount that stands in several: its yuan alone are no amount."""
    group = stacks[index][:-1]
    return bool(group) and any(stack[:-1] == group and fold(stack[-1]) in _PLACES for stack in stacks if stack)


def _forms(index: int, stack: Sequence[str], kind: Kind) -> Iterator[str]:
    """Yield what a header may be known as, folded, the surest first: by the column's letter, with all its groups, by itself."""
    if kind.by_letter:
        yield f"{column_letters(index)}列"
    yield from forms_of(tuple(stack))
