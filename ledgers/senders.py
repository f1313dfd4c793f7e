"""Say which unit (单位) sent a ledger: by its title, its file name, its sheet or its folder, held against the units expected.

A name that fits several units of the roster is said to do so, and fits none: nobody is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from ledgers.fold import fold
from ledgers.hiding import hide_numbers
from ledgers.sources import Note, printable
from ledgers.typed import Raw, quote, written

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_UNION = re.compile(r"(?:总工会委员会|工会委员会|工会联合会|联合工会|总工会|工会)\Z")
_OFFICE = re.compile(r"(?<=街道)(?:办事处|办)\Z")
_DIVISION = re.compile(r"(?:街道|镇|乡)\Z")
_REGION = re.compile(r"(?:自治区|自治州|省|市|县|区|州)")
_BEFORE = "省市县区州年月日份季于件表账单册和与及"  # a name may begin after these, and after whatever is no character of a word
_LEAST = 2  # characters of a name that is looked for inside of another text


class Expected(NamedTuple):
    """Name a unit that is expected to send ledgers."""

    name: str
    code: str | None = None
    aliases: tuple[str, ...] = ()


class Sender(NamedTuple):
    """Say which unit sent something, and where that was read: column, title, file, sheet or folder."""

    name: str
    origin: str
    code: str | None = None
    doubt: str = ""  # what was found that fits several units


class Roster(BaseModel):
    """Hold the units expected, and find one of them by what somebody wrote."""

    model_config = ConfigDict(frozen=True)
    units: tuple[Expected, ...] = ()

    @cached_property
    def _whole(self) -> Mapping[str, set[Expected]]:
        return _index((fold(word), unit) for unit in self.units for word in (unit.name, unit.code, *unit.aliases) if word)

    @cached_property
    def _bare(self) -> Mapping[str, set[Expected]]:
        return _index((_without_union(word), unit) for unit in self.units for word in (unit.name, *unit.aliases))

    @cached_property
    def _short(self) -> Mapping[str, set[Expected]]:
        """Index what is left of names without 街道, 镇, 乡, or without the regions before them."""
        return _index((word, unit) for bare, units in self._bare.items() for unit in units for word in _shortened(bare))

    @cached_property
    def _sought(self) -> Mapping[str, set[Expected]]:
        words = [*((fold(word), unit) for unit in self.units for word in (unit.name, *unit.aliases))]
        words += [(word, unit) for word, units in self._bare.items() for unit in units]
        return _index((word, unit) for word, unit in words if len(word) >= _LEAST)

    def find(self, written: str) -> set[Expected]:
        """Find the units that a name or a code may mean: one, several, or none.

        A spelling that fits exactly comes before one without 工会委员会 and the like, and that before one without 街道, 镇 or
        the region, of which only one side may lack it.
        """
        bare = _without_union(written)
        exact = self._whole.get(fold(written)) or self._bare.get(bare)
        if exact:
            return exact
        loose = set(self._short.get(bare, ()))
        return loose.union(*(self._bare.get(word, ()) for word in _shortened(bare)))

    def find_in(self, text: str) -> set[Expected]:
        """Find the units whose names stand in a text; of names inside of each other the longest counts."""
        folded = fold(re.sub(r"\s+", "_", text))
        spans = [
            (match.start(), match.end(), word)
            for word in self._sought
            for match in re.finditer(re.escape(word), folded)
            if _begins(folded, match.start())
        ]
        longest = [
            own for own in spans if not any(a <= own[0] and own[1] <= b and (a, b) != own[:2] for a, b, _ in spans)
        ]  # fmt: skip
        return set[Expected]().union(*(self._sought[word] for _, _, word in longest))

    def called(self, written: str) -> str:
        """Give the name on the roster of a unit that was written in some way; what fits none or several stays as it is."""
        found = self.find(written)
        return next(iter(found)).name if len(found) == 1 else written


def _index(words: Iterable[tuple[str, Expected]]) -> Mapping[str, set[Expected]]:
    index: dict[str, set[Expected]] = {}
    for word, unit in words:
        index.setdefault(word, set()).add(unit)
    return index


def _without_union(name: str) -> str:
    """Fold the name of a unit and leave out what only says that it is a union.

    >>> _without_union("琼湖街道办事处总工会"), _without_union("测试公司工会委员会"), _without_union("总工会")
    ('琼湖街道', '测试公司', '总工会')
    """
    folded = fold(name)
    return _OFFICE.sub("", _UNION.sub("", folded)) or folded


def _shortened(bare: str) -> Iterator[str]:
    """Yield what is left of a name without 街道, 镇, 乡 at its end, or without the regions before it."""
    ends = [_DIVISION.sub("", bare)] if _DIVISION.search(bare) else []
    starts = [bare[match.end() :] for match in _REGION.finditer(bare)]
    yield from (word for word in [*ends, *starts] if len(word) >= _LEAST)


def _begins(text: str, start: int) -> bool:
    before = text[start - 1] if start else ""
    return not before or before in _BEFORE or not "\u3400" <= before <= "\u9fff"


def name_place(sender: Sender, path: Path) -> str:
    """Name what a file has in common with its other versions: the unit, or the folder it lies in where only that is known.

    A folder of the same name elsewhere may be another unit's.
    """
    if sender.code or (sender.origin != "folder" and sender.name):
        return f"{sender.code or ''} {fold(sender.name)}"
    return printable(str(path.resolve().parent))


def find_sender(roster: Roster, title: str, path: Path, sheet: str | None, folder: str) -> Sender:
    """Say who sent a ledger by what stands around its rows: the title, else a name of the roster in file, sheet or folder.

    `folder` is the path below the folder that was given; without a roster its last part is the unit.
    """
    if title:
        found = roster.find(title)
        return _sent_by(found, "title") or Sender(title, "title", doubt=_doubt(title, found))
    folders = [part for part in reversed(Path(folder).parts or path.parent.parts) if part not in ("/", ".", "..")]
    doubts: list[str] = []
    places = [("file", path.stem), ("sheet", sheet or ""), *(("folder", part) for part in folders)]
    for origin, text in places if roster.units else ():
        found = roster.find_in(text) if origin != "folder" else roster.find(text) or roster.find_in(text)
        if sender := _sent_by(found, origin):
            return sender._replace(doubt="" if all(sender.name in doubt for doubt in doubts) else "；".join(doubts))
        doubts += [_doubt(text, found)] if found else []
    return Sender(Path(folder).name, "folder", doubt="；".join(doubts))


def name_by_column(con: DuckDBPyConnection, roster: Roster, raw: Raw, column: str) -> Iterator[tuple[int, Sender]]:
    """Yield who sent each input of a raw relation, where one and the same unit stands in the column of every row."""
    if column not in raw.sql_types or column in raw.doubled:
        return
    texts = raw.seen.distinct.get(column)
    if texts and len(con.execute(f"SELECT 1 FROM {texts} d LIMIT 2").fetchall()) > 1:
        return
    cell = written(f"r.{quote(column)}", raw.sql_types[column])
    # Blanks around a name may hide another one between the least and the greatest, so only equal cells are one unit.
    query = f"SELECT _input, min({cell}), max({cell}), count(*) = count({cell}) FROM {raw.relation} r GROUP BY ALL"
    for number, least, greatest, everywhere in con.execute(query).fetchall():
        if everywhere and least == greatest and least.strip():
            sender = name_by_text(roster, least.strip())
            yield number, sender._replace(name=hide_numbers(sender.name))


def name_by_text(roster: Roster, written: str) -> Sender:
    """Say which unit stands in a cell."""
    found = roster.find(written)
    return _sent_by(found, "column") or Sender(written, "column", doubt=_doubt(written, found))


def _sent_by(found: set[Expected], origin: str) -> Sender | None:
    if len(found) != 1:
        return None
    [unit] = found
    return Sender(unit.name, origin, unit.code)


def _doubt(text: str, found: set[Expected]) -> str:
    if len(found) < 2:
        return ""
    named = "、".join(sorted(f"{unit.code or ''} {unit.name}".strip() for unit in found))
    return f"名称“{text}”在单位名单中符合几个单位（{named}），未认定是哪一个"


def doubtful(sender: Sender, path: str, sheet: str | None) -> Sequence[Note]:
    """Note that what was written fits several units of the roster."""
    what = f"{sender.doubt}。请在名单中写明别名，或在台账中写全称。"
    return [Note("Q09", "medium", path, sheet, None, None, None, what)] if sender.doubt else []
