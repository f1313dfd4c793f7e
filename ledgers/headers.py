"""Recognise a ledger by its headers: which rows they stand in, which kind they name, which unit the amounts have.

It sees rows of text; files and values are unknown here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ledgers.blocks import HEADER_ROWS, Block, Merged, find_blocks
from ledgers.dates import Year
from ledgers.fold import fold, fold_header
from ledgers.hiding import hide_numbers, shape_of
from ledgers.kinds import Kind, Part
from ledgers.naming import capitals_of, fields_of, first_fields
from ledgers.titles import called_otherwise, not_happened, prefer, titles_of, told
from ledgers.units import BARE_UNIT, FACTORS, header_unit, named_unit, one_unit, reporting_unit, title_unit
from ledgers.wording import LONGEST, every_form
from ledgers.years import year_of

_OF_A_YEAR = re.compile("[(]?(?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})?[)、.]*20[0-4][0-9]年")  # a label of the rows below it
ALIKE = 2  # headers by which one kind may fit better than another that the title names
FORM_ROWS, FEWEST_OF_A_FORM = 2, 2  # rows below the header of a form that have headers too, and headers in one
MOST_LABELS = 2  # texts in a row that states a unit and holds no data
TELLS = re.compile("单|單|工会|工會|元[计計列)）]|20[0-4][0-9]")  # a label may state a unit or a year
UNIT_COLUMNS = ("单位", "金额单位", "货币单位", "币种", "货币", "计量单位", "金额计量单位")
_SAYS_UNIT = re.compile("(?:金额|计量|货币)?单位:")  # in the row of the headers, where no column is below it


class Layout(NamedTuple):
    """Say how a sheet is laid out: its header (indices from 0, `below` the first row under it), column index of each field, units.

    `texts` are the headers of all columns, `unknown` those that name no field. `units` are as stated, empty where yuan is assumed.
    `doubled` fields stand in several columns; of `foreign` ones the unit of money is not known, or in doubt: neither can be read.
    `parts` fields are read out of a cell that holds several things; `year` is that of days written without one; of fields that
    were put into other columns than they were written in, `stands` names the column where they stand; `capitals` names for an amount
    the column in which it is written out (伍佰元整).
    """

    kind: str
    header_row: int
    below: int
    texts: list[str]
    fields: dict[str, int]
    headers: dict[str, str]
    factors: dict[str, Decimal]
    units: dict[str, str]
    unit_from: str
    unit_name: str
    unknown: dict[int, str]
    doubled: dict[str, list[int]]
    foreign: dict[str, str]
    delimiter: str = ""  # of a text: in its rows cells may slip
    parts: Mapping[str, Part] = {}
    year: Year | None = None
    stands: Mapping[str, int] = {}
    capitals: Mapping[str, int] = {}
    called: tuple[str, str] = ("", "")  # another kind that titles call it by, and the words that do
    not_happened: str = ""  # words of titles and names that say so
    likelier: str = ""  # another kind that knows more of the headers, and lacks a column

    @property
    def unreadable(self) -> frozenset[str]:
        """Name the fields that cannot be read."""
        return frozenset(self.doubled) | frozenset(self.foreign)


class Known(NamedTuple):
    """Say of every sheet with these headers which kind it is, what its headers mean, and in which unit its amounts are."""

    texts: tuple[str, ...]
    kind: str
    headers: Mapping[str, str] = {}
    unit: str | None = None

    def fits(self, block: Block) -> bool:
        """Say whether these are the headers of a block as they are shown, some of them perhaps by their shape."""
        own, shapes = [folded_texts(map(show, block.texts)) for show in (hide_numbers, shape_of)]
        said = folded_texts(map(hide_numbers, self.texts))
        return len(said) == len(own) and all(text in pair for text, *pair in zip(said, own, shapes, strict=True))


class Telling(NamedTuple):
    """Say what the titles above a header tell: the only kind that they call the list by, whether they alone tell it, whether they state a unit of money."""

    kind: str
    alone: bool
    priced: bool


class NotRecognised(Exception):
    """Say why no kind, or more than one, fits the headers; `nothing` when there is no table at all."""

    def __init__(self, what: str, *, nothing: bool = False) -> None:
        self.nothing = nothing
        super().__init__(what)


def folded_texts(texts: Iterable[str]) -> list[str]:
    """Fold the headers of a sheet for comparison, each in its place, up to the last one."""
    folded = list(map(fold, texts))
    while folded and not folded[-1]:
        folded.pop()
    return folded


def recognise(
    rows: Sequence[Sequence[str]],
    kinds: Mapping[str, Kind],
    said: str | None = None,
    own: Mapping[str, str] | None = None,
    *,
    merged: Merged = (),
    unit: str | None = None,
    known: Sequence[Known] = (),
    names: Sequence[str] = (),
) -> Layout:
    """Find the header among the first rows and the kind that it names.

    Shapes:  `own` maps headers of the user's own, or columns (F列), to columns of the kind that was `said`, in place of the known
             ones; `unit` is that of amounts whose header names none; `known` say the same of sheets by their headers;
             `names` are those of the file and the sheet.
    Raises:  NotRecognised with the next step: nothing fits, required columns missing, or several kinds fit equally.
    """
    blocks = list(find_blocks(rows, merged, words_of(kinds)))
    if not said and (pair := next(((one, block) for block in blocks for one in known if one.fits(block)), None)):
        said, own, unit, blocks = pair[0].kind, pair[0].headers, pair[0].unit or unit, [pair[1]]
    candidates = {said: kinds[said].also_called(own or {})} if said else kinds
    whole = blocks
    blocks = [_leftmost(block, rows, candidates) for block in whole]
    scored = _scores(blocks, candidates)

    @cache
    def telling(number: int) -> Telling:
        return _told(rows, blocks[number], kinds, unit, names)

    if not any(fits for fits, *_ in scored):
        tellings = [telling(number) for number in range(len(blocks))]
        scored = [one for one in _scores(blocks, candidates, tellings) if one[0]] or scored
    else:
        number = max(scored)[5]
        scored += _told_otherwise(blocks, number, candidates, telling(number))
    if not scored:
        raise NotRecognised(_nothing_fits(rows, kinds, said), nothing=not any(any(cell.strip() for cell in row) for row in rows))
    best = max(scored)
    titles, folded_names = titles_of(rows[: blocks[best[5]].first]), list(map(fold, names))
    alike = [one for one in scored if one[0] and one[1] >= best[1] - ALIKE]
    if best[0] and (chosen := prefer({one[4] for one in alike}, titles, folded_names, candidates)):
        scored = [one for one in alike if one[4] == chosen]
        best = max(scored)
    same = 4 if best[0] else 2  # of two whole headers the upper one is taken; of headers that lack something, none is better
    ties = {one[4]: blocks[one[5]] for one in sorted(scored) if one[:same] == best[:same]}
    if not best[0]:
        raise NotRecognised(_lacking({name: (candidates[name], block) for name, block in sorted(ties.items())}))
    if len(ties) > 1:
        both = "、".join(f"`{name}`（{candidates[name].title.zh}）" for name in sorted(ties))
        raise NotRecognised(f"表头同时符合 {both}，无法判断。请用 --ledger KIND=PATH 指明台账类型。")
    block, kind = blocks[best[5]], candidates[best[4]]
    if any(_is_of_a_form(row, block, kind) for row in rows[block.below : block.below + FORM_ROWS]):
        raise NotRecognised(
            f"第 {block.first + 1} 行起像一户一张的登记表（名称与内容左右相邻），不是逐行的台账；请把各张汇总成一张列表。"
        )
    loose = _loosely(kind, block, telling(best[5]))
    layout = _layout(rows, whole[best[5]], block, loose, unit, merged, names)
    return layout._replace(
        called=called_otherwise(titles, folded_names, kind, candidates),
        not_happened=not_happened([*titles, *folded_names], kind),
        likelier=max(
            ((one[1], one[4]) for one in scored if not one[0] and one[5] == best[5] and one[1] > best[1]), default=(0, "")
        )[1],
    )


def _scores(
    blocks: Sequence[Block], kinds: Mapping[str, Kind], tellings: Sequence[Telling] = ()
) -> list[tuple[bool, int, int, int, str, int]]:
    """Say how well kinds fit what may be headers: whether no column lacks, how many are known, how high up it stands, which, and where.

    With what titles tell of each, words count that may name a column.
    """
    return [
        (
            not kind.lacking(set(found), told=bool(tellings) and tellings[number].alone and tellings[number].kind == name),
            len(found),
            -block.below,
            block.first,
            name,
            number,
        )
        for number, block in enumerate(blocks)
        for name, kind in kinds.items()
        if len(found := first_fields(block, _loosely(kind, block, tellings[number]) if tellings else kind))
        >= min(2, len(kind.columns))
    ]


def _told_otherwise(
    blocks: Sequence[Block], number: int, kinds: Mapping[str, Kind], telling: Telling
) -> list[tuple[bool, int, int, int, str, int]]:
    """Say how well the kind that the titles call the list by fits a header that another kind fits by its sure words: by words only, too."""
    own = {telling.kind: kinds[telling.kind]} if telling.kind else {}
    return [(*one[:5], number) for one in _scores([blocks[number]], own, [telling._replace(alone=False)]) if one[0]]


def _told(
    rows: Sequence[Sequence[str]], block: Block, kinds: Mapping[str, Kind], unit: str | None, names: Sequence[str]
) -> Telling:
    above, folded_names = rows[: block.first], list(map(fold, names))
    titles = titles_of(above)
    kind = told(titles, folded_names, kinds)
    pattern = kinds[kind].title_tells if kind else ""
    alone = bool(pattern) and any(re.search(pattern, text) for text in (*titles, *folded_names))
    return Telling(kind, alone, bool(unit or title_unit(_folded_rows(above))))


def _is_of_a_form(row: Sequence[str], block: Block, kind: Kind) -> bool:
    """Say whether a row below a header begins with another header, and has more, each with what it names to its right: 姓名 | 张三 | 身份证号 | …."""
    above = map(fold_header, (*block.texts, *[""] * len(row)))
    fields = [
        "" if text == over else kind.headers.get(text, "") for text, over in zip(map(fold_header, row), above, strict=False)
    ]
    named = {
        field for field, beside, cell in zip(fields, fields[1:], row[1:], strict=False) if field and cell.strip() and not beside
    }
    begins = next((field for field, cell in zip(fields, row, strict=True) if cell.strip()), "")
    return begins in named and len(named) >= FEWEST_OF_A_FORM


def words_of(kinds: Mapping[str, Kind]) -> frozenset[str]:
    """List the folded headers of all kinds."""
    return frozenset(word for kind in kinds.values() for word in kind.headers)


def _lacking(nearest: Mapping[str, tuple[Kind, Block]]) -> str:
    """Say which required columns are missing, for every kind that is equally near."""
    each = []
    for kind, block in nearest.values():
        lacking = "；".join(_one_of(kind, group) for group in kind.lacking(set(first_fields(block, kind))))
        each.append(f"第 {block.first + 1} 行表头最像 `{kind.kind}`（{kind.title.zh}），但缺少必需列：{lacking}")
    return f"{'。或者：'.join(each)}。请补上该列，或用 --ledger 指明另一类型。"


def _one_of(kind: Kind, group: list[str]) -> str:
    return " 或 ".join(kind.columns[name].zh for name in group)


def _nothing_fits(rows: Sequence[Sequence[str]], kinds: Mapping[str, Kind], said: str | None) -> str:
    texts = [[cell.strip() for cell in row if cell.strip()] for row in rows[:HEADER_ROWS]]
    if not any(texts):
        return "没有任何内容。请确认导出是否成功。"
    # Whatever is no word of a header may be a name, which no message may show.
    words = words_of(kinds)
    nearest = max(texts, key=lambda row: (sum(fold_header(cell) in words for cell in row), len(row)))
    known = [hide_numbers(cell)[:12] for cell in nearest if fold_header(cell) in words]
    seen = [f"看到：{'、'.join(known)}"[:80]] if known else []
    seen += [f"{rest} 格不是已知的表头，内容从略"] if (rest := len(nearest) - len(known)) else []
    kind = f"与 `{said}` 的表头都对不上" if said else "没有一行像已知台账的表头"
    return f"前 {HEADER_ROWS} 行中{kind}（{'；'.join(seen)}）。请运行 fundcheck ledgers show KIND 对照表头，或用 --ledger KIND=PATH 指明。"


def _loosely(kind: Kind, block: Block, telling: Telling) -> Kind:
    seen = every_form(block.stacks)
    if telling.kind != kind.kind:
        return kind.loosely(first_fields(block, kind), seen)
    stated = tuple(stack if telling.priced or any(map(header_unit, stack)) else () for stack in block.stacks)
    return kind.loosely(first_fields(block, kind), seen, every_form(stated))


def unread_capitals(layout: Layout) -> Layout:
    """Leave amounts that are written out unread, where nobody looks at rows one by one."""
    unread = {index: layout.texts[index] for index in layout.capitals.values()}
    return layout._replace(capitals={}, unknown={**layout.unknown, **unread}) if unread else layout


def _leftmost(block: Block, rows: Sequence[Sequence[str]], kinds: Mapping[str, Kind]) -> Block:
    """Leave of a header the leftmost table, where empty columns part several tables that would each do alone."""
    parts, part = list[list[int]](), list[int]()
    for index, stack in enumerate(block.stacks):
        if stack:
            part.append(index)
        elif part and not any(index < len(row) and row[index].strip() for row in rows[block.below :]):
            parts, part = [*parts, part], []
    alone = [_only(block, one) for one in (*parts, part) if len(one) > 1] if parts else []
    tables = [one for one in alone if any(not kind.lacking(set(first_fields(one, kind))) for kind in kinds.values())]
    return tables[0] if len(tables) > 1 else block


def _only(block: Block, indexes: Sequence[int]) -> Block:
    return block._replace(stacks=tuple(stack if index in indexes else () for index, stack in enumerate(block.stacks)))


def _layout(
    rows: Sequence[Sequence[str]], block: Block, left: Block, kind: Kind, unit: str | None, merged: Merged, names: Sequence[str]
) -> Layout:
    (fields, parts), named, capitals = kind.spread(first_fields(left, kind)), fields_of(left, kind), capitals_of(left, kind)
    title = list(_folded_rows(rows[: block.first]))
    title += [
        text for index, stack in enumerate(block.stacks) if index not in named and _SAYS_UNIT.match(text := fold("".join(stack)))
    ]
    money = [name for name in fields if kind.columns[name].type == "amount"]
    own = {name: _unit_of(block.stacks[fields[name]], name) for name in money}
    first, behind, rows_between = _labels_below(rows, block, kind)
    around, folded = [*first, *behind], [list(map(fold, texts)) for texts in rows_between]
    between = list(_folded_rows(folded))
    above = unit or title_unit([*title, *_folded_rows(around)]) or (None if any(own.values()) else named_unit(names))
    units = {name: own[name] or above or "" for name in money}
    if not unit and (other := one_unit([title_unit(between) or "", *_stated_in_cells(rows, left, named)])):
        units = {name: each if (each or "元") == other else f"{each or '元'}与{other}" for name, each in units.items()}
    factors = {name: FACTORS.get(unit, Decimal(1)) for name, unit in units.items()}
    in_yuan = set(units.values()) <= {"", "元"}  # beside a column in 万元, one without a unit may be in 万元 too
    foreign = {name: unit for name, unit in units.items() if unit not in FACTORS and (unit or not in_yuan)}
    doubled: dict[str, list[int]] = {}
    unknown: dict[int, str] = {}
    for index, text in enumerate(block.texts):
        name, filled = named.get(index), bool(text) or any(index < len(row) and row[index].strip() for row in rows[block.below :])
        over = named.get(_merged_into(index, block, merged), "") if filled and not text else ""
        if name is not None and fields[name] != index:
            doubled.setdefault(name, [fields[name]]).append(index)
        elif over:
            doubled.setdefault(over, [fields[over]]).append(index)
        elif name is None and filled and index not in capitals.values():
            unknown[index] = hide_numbers(text)
    source = "header" if any(own.values()) else "declared" if unit else "title" if above else "assumed"
    senders = dict.fromkeys(filter(None, (reporting_unit(title), *(reporting_unit([label]) for label in between))))
    dated = {part for parts in kind.dates.values() for part in parts}
    title += [fold(text) for name in dated & fields.keys() for text in block.stacks[fields[name]][:-1]]
    headers = {field: hide_numbers(block.texts[index]) for field, index in fields.items()}
    return Layout(
        kind.kind, block.first, block.below, list(map(hide_numbers, block.texts)), fields, headers, factors, units, source,
        hide_numbers("、".join(senders)), unknown, doubled, foreign, parts=parts,
        year=year_of([*names, *title], [*(list(map(fold, own)) for own in first if _OF_A_YEAR.match(fold(own[0]))), *folded]),
        capitals=capitals,
    )  # fmt: skip


def _merged_into(index: int, block: Block, merged: Merged) -> int:
    """Give the column whose header is merged over this one; its data then stand in several columns. The column itself, if none."""
    over = (left for top, left, _, right in merged if block.first <= top < block.below and left < index <= right)
    return next(over, index)


def _unit_of(stack: Sequence[str], name: str) -> str | None:
    """Read the unit out of a header, or out of its groups; a column under its canonical name is in yuan."""
    stated = next(filter(None, map(header_unit, reversed(stack))), None)
    if stack and not stated and (bare := BARE_UNIT.search(fold(stack[-1]))):
        stated = bare[1]
    return stated or ("元" if stack and fold(stack[-1]) == name else None)


def _folded_rows(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield each text of each row, folded, and each row as one text, as 单位 and 万元 may stand in two cells."""
    for row in rows:
        texts = [fold(cell) for cell in row if cell.strip()]
        yield from texts
        if 1 < len(texts) <= MOST_LABELS:
            yield "".join(texts)


def _stated_in_cells(rows: Sequence[Sequence[str]], block: Block, named: Mapping[int, str]) -> list[str]:
    """Give the folded texts of columns that say the unit of each amount."""
    columns = [n for n, text in enumerate(block.texts) if n not in named and fold_header(text) in UNIT_COLUMNS]
    return sorted({fold(row[n]) for n in columns for row in rows[block.below :] if n < len(row) and len(row[n]) <= LONGEST})


def _labels_below(
    rows: Sequence[Sequence[str]], block: Block, kind: Kind
) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """Give the texts, row by row, below a header that may state the unit of its amounts, down to the header of another table.

    Shapes:  those before all rows of data, those behind them; those between them.
    """
    before, between, pending, full = list[list[str]](), list[list[str]](), list[list[str]](), False
    fewest = min(MOST_LABELS + 1, sum(map(bool, block.stacks)))
    for row in rows[block.below :]:
        texts = list(filter(str.strip, row))
        if len(texts) < fewest:
            pending += [texts] if any(map(TELLS.search, texts)) else []
            continue
        (between if full else before).extend(pending)
        pending, full = [], True
        if not kind.headers.keys().isdisjoint(map(str.strip, texts[:9])) and (
            sum(text.strip() in kind.headers for text in texts[:9]) > MOST_LABELS
            and folded_texts(row) != folded_texts(block.texts)
        ):
            return before, [], between
    return before, pending, between
