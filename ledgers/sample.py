"""Make up ledgers of any size with planted faults, and list what was planted. The same seed gives the same bytes.

What may happen is told in `stories`; here stories are drawn, and their rows written.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

from ledgers.kinds import Kind
from ledgers.stories import SETTINGS
from ledgers.stories.told import Cells, Money, Setting, Share, Story
from ledgers.template import LEDGER, header
from ledgers.written import as_csv, new_book

PLANTED = "__planted.csv"  # names that begin with __ are passed over when a folder is read
ONE_FAULT_IN = 4  # persons or subjects


class Drawn(NamedTuple):
    """Hold a row that was made up, with the faults that must be found in it: code, verdict, and what happened."""

    cells: Cells
    faults: tuple[tuple[str, str, str], ...] = ()


def sample(kinds: Mapping[str, Kind], wanted: Iterable[str], *, rows: int, seed: int, form: str) -> dict[str, bytes]:
    """Write ledgers of `rows` rows for each wanted kind, those they are judged against, and the list of planted faults.

    Shapes:  `wanted` names keys of SETTINGS, `form` is xlsx or csv; the answer maps file names to bytes.
    """
    files: dict[str, bytes] = {}
    planted: list[Sequence[object]] = [("file", "sheet", "row", "code", "verdict", "planted")]
    ledgers: dict[str, list[Drawn]] = {}
    for main in wanted:
        for kind, drawn in _draw(main, rows, Random(f"{seed} {main}")).items():
            ledgers.setdefault(kind, []).extend(drawn)  # two stories may need one ledger, as a roster
    for kind, drawn in ledgers.items():
        file = f"{kinds[kind].title.zh}.{form}"
        columns = {column for one in drawn for column in one.cells}
        titles = {column: header(own) for column, own in kinds[kind].columns.items() if column in columns}
        table: list[Sequence[object]] = [list(titles.values()), *([one.cells.get(c, "") for c in titles] for one in drawn)]
        files[file] = _as_workbook(table) if form == "xlsx" else as_csv(table, "utf-8-sig")
        for place, one in enumerate(drawn, start=2):
            sheet = LEDGER if form == "xlsx" else ""
            planted += [(file, sheet, place, *fault) for fault in one.faults]
    return {**files, PLANTED: as_csv(planted, "utf-8-sig")}


def _draw(main: str, rows: int, chance: Random) -> dict[str, list[Drawn]]:
    """Tell stories until the main ledger is full, and shuffle each ledger."""
    setting = SETTINGS[main]
    lawful, faulty = ([story for story in setting.stories if bool(story.faults) == spoilt] for spoilt in (False, True))
    chance.shuffle(faulty)  # then one after the other, so that a large ledger has each of them
    drawn: dict[str, list[Drawn]] = {kind: [] for kind in setting.usual}
    for number in range(rows):
        spoilt = number % ONE_FAULT_IN == 1
        # The first story has a row in every ledger, so that none is empty.
        story = faulty[number // ONE_FAULT_IN % len(faulty)] if spoilt else chance.choice(lawful) if number else lawful[0]
        if len(drawn[main]) + len(story.rows) > rows:
            story = lawful[0]
        for kind, told in tell(setting, story, number, chance).items():
            drawn[kind] += told
        if len(drawn[main]) == rows:
            break
    for own in drawn.values():
        chance.shuffle(own)
    return {**drawn, **{kind: [Drawn(cells) for cells in once] for kind, once in setting.once.items()}}


def tell(setting: Setting, story: Story, number: int, chance: Random) -> dict[str, list[Drawn]]:
    """Make up the rows of one story for one person or subject, by kind; the ledger that is judged comes first."""
    main, told = next(iter(setting.usual)), {}
    money: list[object] = []
    for kind, usual in setting.usual.items():
        others = story.rows if kind == main else story.beside.get(kind, [{}])
        settled = [_settle({**usual(number), **cells}, number, chance, money) for cells in others]
        told[kind] = [Drawn(cells, tuple(_faults(story, kind, main))) for cells in settled]
        money = money or [cells["amount"] for cells in settled if "amount" in cells]
    return told


def _faults(story: Story, kind: str, main: str) -> Iterator[tuple[str, str, str]]:
    for fault in story.faults.split():
        code, _, place = fault.partition("@")
        code, _, verdict = code.partition(":")
        if (place or main) == kind:
            yield code, verdict or story.verdict, story.what


def _settle(cells: Cells, number: int, chance: Random, money: Sequence[object]) -> Cells:
    """Choose the value of each cell; `money` is what the story's payments came to."""
    settled: dict[str, object] = {}
    for column, value in cells.items():
        if isinstance(value, Share):
            settled[column] = value.of(number)
        elif isinstance(value, Money):
            settled[column] = sum(int(str(one)) for one in money[: value.payments])
        elif isinstance(value, range):
            settled[column] = date.fromordinal(chance.choice(value))
        elif callable(value):
            settled[column] = value(number)
        else:
            settled[column] = chance.choice(value) if isinstance(value, tuple) else value
    return settled


def _as_workbook(table: Sequence[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    book = new_book(out)
    sheet = book.add_worksheet(LEDGER)
    sheet.set_column(0, len(table[0]) - 1, 16)
    for place, cells in enumerate(table):
        sheet.write_row(place, 0, cells)
    book.close()
    return out.getvalue()
