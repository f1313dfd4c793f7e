"""Read out of files which of two versions is newer: by the marks in their names, what a workbook recorded, the file's own time.

What stands in the rows is unknown here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple
from xml.etree import ElementTree

from ledgers.fold import fold
from ledgers.sources import printable

Ground = Literal["file_name", "modified", "mtime", "project", "contradiction", "nothing"]

_DAY = re.compile(
    r"(?<![0-9])(?:(20[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(?:[-_t]?(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?)?"
    r"|(20[0-9]{2})[-._年](0?[1-9]|1[0-2])[-._月](0?[1-9]|[12][0-9]|3[01])日?)(?![0-9])"
)
_RANKS = {
    -1: ("初稿", "草稿", "原稿", "原版", "旧版", "draft"),
    1: ("修改", "修订", "更正", "更新", "改正", "补正", "调整", "重报", "新版", "最新", "revised"),
    2: ("最终", "终稿", "定稿", "正式", "final"),
}
_RANK_OF = {word: rank for rank, words in _RANKS.items() for word in words}
_WORD = re.compile(rf"(?:已|再次)?({'|'.join(_RANK_OF)})(?:[后版稿过])*(?:([0-9]{{1,2}})(?![0-9]))?\)?\Z", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:版本|ver|rev|v)\.?([0-9]{1,3}(?:\.[0-9]{1,3})*)\)?\Z|第([0-9]{1,2}|[一二三四五六七八九十])[版稿]\)?\Z", re.IGNORECASE
)
_COPY = re.compile(r"(?:(?:副本|copy)?\(([0-9]{1,2})\)|(?:副本|copy)([0-9]{0,2}))\Z", re.IGNORECASE)
_TRAILING = re.compile(r"[-_.(\s]+\Z")
_CHINESE = "一二三四五六七八九十"
_MODIFIED = "{http://purl.org/dc/terms/}modified"


class Marks(NamedTuple):
    """Hold what a file name says: its stem without marks, the day in it, how final it calls itself, its number, that of a copy."""

    stem: str
    day: str
    rank: int
    number: tuple[int, ...]
    copy: int


def read_marks(name: str) -> Marks:
    """Read the marks out of a file name without its suffix. A month alone names what the ledger is about, and is no mark.

    >>> read_marks("台账_修改v2(1)"), read_marks("台账2021年3月1日最终版").day, read_marks("2月台账").stem
    (Marks(stem='台账', day='', rank=1, number=(2,), copy=1), '20210301', '2月台账')
    """
    text, day, rank, number, copy = fold(printable(name)), "", 0, tuple[int, ...](), 0
    if (days := list(_DAY.finditer(text))) and len({_day(match) for match in days}) == 1:
        day, text = _day(days[0]), _DAY.sub("", text)
    while True:
        text = _TRAILING.sub("", text)
        if match := _COPY.search(text):
            copy = max(copy, int(match[1] or match[2] or 1))
        elif match := _NUMBER.search(text):
            number = tuple(map(int, match[1].split("."))) if match[1] else (_counted(match[2]),)
        elif match := _WORD.search(text):
            rank, number = rank or _RANK_OF[match[1].lower()], number or ((int(match[2]),) if match[2] else ())
        else:
            return Marks(text.lower().strip("-_.() "), day, rank, number, copy)
        text = text[: match.start()]


def _day(match: re.Match[str]) -> str:
    year, month, day = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
    return f"{year}{int(month):02}{int(day):02}"


def _counted(text: str) -> int:
    return int(text) if text.isdigit() else _CHINESE.index(text) + 1


class Newer(NamedTuple):
    """Say whether the first of two files is newer (1), older (-1) or neither (0), what decided it, and what speaks against it."""

    sign: int
    ground: Ground
    contrary: bool = False


def find_newer(one: Path, other: Path) -> Newer:
    """Say which of two files is the newer version: by its name, else its own record of its last change, else its time on the disk."""
    a, b = read_marks(one.stem), read_marks(other.stem)
    named = {sign for sign in _compare_marks(a, b) if sign}
    if len(named) == 2:
        return Newer(0, "contradiction")
    recorded = _compare(read_modified(one), read_modified(other))
    grounds: tuple[tuple[int, Ground], ...] = (
        (named.pop() if named else 0, "file_name"),
        (recorded, "modified"),
        (_compare(a.copy, b.copy), "file_name"),
        (_compare(one.stat().st_mtime_ns, other.stat().st_mtime_ns), "mtime"),
    )
    sign, ground = next((known for known in grounds if known[0]), (0, "nothing"))
    return Newer(sign, ground, contrary=recorded == -sign != 0)


def _compare_marks(a: Marks, b: Marks) -> Iterator[int]:
    if a.day and b.day:
        yield _compare(a.day, b.day)
    yield _compare(a.rank, b.rank)
    yield _compare(a.number or (1,), b.number or (1,))


def _compare(one: Any, other: Any) -> int:
    """Compare two values of one type; where one is missing, nothing follows."""
    if one is None or other is None:
        return 0
    return 1 if one > other else -1 if one < other else 0


def read_modified(path: Path) -> datetime | None:
    """Read when a workbook was last saved, by its own record; other files have none."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            stated = ElementTree.fromstring(archive.read("docProps/core.xml")).findtext(_MODIFIED)
        when = datetime.fromisoformat(stated.strip()) if stated else None
    except (KeyError, ElementTree.ParseError, ValueError, zipfile.BadZipFile):
        return None  # the record is no part of the ledger, and whatever else there is decides, which is said
    return when if when is None or when.tzinfo else when.replace(tzinfo=UTC)
