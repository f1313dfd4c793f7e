"""List what was received, file by file, for the receipt of electronic data: hash, rows, sums, unit, versions. Nothing is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.check import Request, connect
from engine.inputs import describe_version
from engine.roster import call_roll, expect, list_units
from ledgers.bulk import open_scratch
from ledgers.english import in_english
from ledgers.intake import Input, Intake, Note, bring_in, find_broken, find_sources, fingerprint
from ledgers.kinds import Kind, load_kinds
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TOLD = ("Q00", "Q01", "Q09", "Q11", "Q16")  # notes of whole files and sheets


class Sum(NamedTuple):
    """Hold the sum of a column of amounts in yuan, and how many of its cells are not in it."""

    column: str
    title: str
    amount: Decimal
    unread: int
    blank: int

    def plus(self, other: Sum) -> Sum:
        """Add another sum of the same column."""
        more = self.amount + other.amount, self.unread + other.unread, self.blank + other.blank
        return Sum(self.column, self.title, *more)


class Sheet(NamedTuple):
    """Describe a sheet that was read; one that counts is no copy and no older version."""

    sheet: str | None
    kind: str
    title: str
    rows: int
    sums: tuple[Sum, ...]
    unit: tuple[str | None, str, str]
    version_of: str | None


class Received(NamedTuple):
    """Describe a file: without a size it could not be opened, without sheets nothing in it was read as a ledger."""

    path: str
    size: int | None
    sha256: str
    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...]
    failed: bool


class Total(NamedTuple):
    """Sum up the sheets of one kind that count."""

    kind: str
    title: str
    sheets: int
    rows: int
    sums: tuple[Sum, ...]


class Receipt(NamedTuple):
    """Hold a receipt: files in order of their paths, totals by kind, differences of versions, the roll of the units."""

    files: tuple[Received, ...]
    totals: tuple[Total, ...]
    versions: tuple[Mapping[str, object], ...]
    roster: Mapping[str, object] | None
    lang: str

    @property
    def exit_code(self) -> int:
        """Give 3 where a file or sheet could not be read, or none was."""
        return 3 if any(file.failed for file in self.files) or not any(file.sheets for file in self.files) else 0


def receive(request: Request) -> Receipt:
    """Read everything below the paths of a request, and list it."""
    import duckdb

    kinds, broken = load_kinds(), set[str]()
    sources, passed_over = find_sources(request.paths, request.said, request.mapped)
    while True:
        with connect() as con, open_scratch(con) as scratch:
            intake = bring_in(
                con, sources, kinds, {}, encoding=request.encoding, scratch=scratch, broken=broken,
                roster=expect(request.roster), rules=request.versions._replace(judge_older=True),
            )  # fmt: skip
            notes = [*passed_over, *intake.notes]
            try:
                sums = _add_up(con, intake, kinds, request.lang)
                roster = call_roll(intake, request.roster, notes, partial(list_units, con))
                break
            except duckdb.Error:  # a bulk file proves damaged where its amounts are read: the others are listed without it
                found = find_broken(con, intake) - broken
                if not found:
                    raise
                broken |= found
    places = {source.shown: source.path for source in sources} | {note.path: Path(note.path) for note in passed_over}
    files = tuple(_describe(path, places[path], intake, sums, notes, kinds, request.lang) for path in sorted(places))
    versions = tuple(describe_version(version, intake.inputs) for version in intake.versions)
    return Receipt(files, tuple(_total(files)), versions, roster, request.lang)


def summed_columns(kind: Kind) -> list[str]:
    """Name the columns whose sums stand for a ledger: the amount, or else the required amounts."""
    required = {name for need in kind.required for name in ([need] if isinstance(need, str) else need)}
    money = [name for name, column in kind.columns.items() if column.type == "amount"]
    return ["amount"] if "amount" in money else [name for name in money if name in required]


def _add_up(con: DuckDBPyConnection, intake: Intake, kinds: Mapping[str, Kind], lang: str) -> Mapping[int, list[Sum]]:
    sums: dict[int, list[Sum]] = {one.number: [] for one in intake.inputs}
    for name, table in intake.tables.items():
        for column in summed_columns(kinds[name]) if table.rows else ():
            bit, cell = kinds[name].bit(column), quote(column)
            query = (
                f"SELECT _input, coalesce(sum({cell}), 0), count_if(_problems & {bit} <> 0),"
                f" count_if({cell} IS NULL AND _problems & {bit} = 0) FROM {table.view} GROUP BY ALL"
            )
            own = kinds[name].columns[column]
            for number, amount, unread, blank in con.execute(query).fetchall():
                if intake.inputs[number].kind == name:  # totals of a sheet are no money of it
                    sums[number].append(Sum(column, own.en if lang == "en" else own.zh, Decimal(amount), unread, blank))
    return sums


def _describe(
    shown: str,
    path: Path,
    intake: Intake,
    sums: Mapping[int, list[Sum]],
    notes: Iterable[Note],
    kinds: Mapping[str, Kind],
    lang: str,
) -> Received:
    inputs = [one for one in intake.inputs if one.path == shown]
    own = [note for note in notes if note.path == shown and note.row is None and note.code in _TOLD]
    remarks = (f"[{note.sheet}] {_say(note, lang)}" if note.sheet else _say(note, lang) for note in own)
    try:
        size, sha256 = (path.stat().st_size, fingerprint(path)) if path.is_file() else (None, "")
    except OSError:
        size, sha256 = None, ""  # closed to us, or no place at all: its note says so
    sheets = tuple(_sheet(one, sums[one.number], kinds, lang) for one in inputs)
    failed = any(note.fatal for note in own)
    return Received(shown, size, sha256, sheets, tuple(dict.fromkeys(remarks)), failed)


def _say(note: Note, lang: str) -> str:
    return in_english(note.message) if lang == "en" else note.message


def _sheet(one: Input, sums: list[Sum], kinds: Mapping[str, Kind], lang: str) -> Sheet:
    unit = one.unit_code, one.unit_name, one.unit_from
    return Sheet(one.sheet, one.kind, kinds[one.kind].title.in_(lang), one.rows, tuple(sums), unit, one.version_of)


def _total(files: Iterable[Received]) -> Iterable[Total]:
    totals: dict[str, Total] = {}
    for sheet in (sheet for file in files for sheet in file.sheets if sheet.version_of is None):
        before = totals.get(sheet.kind, Total(sheet.kind, sheet.title, 0, 0, ()))
        sums = {own.column: own for own in before.sums}
        for own in sheet.sums:
            sums[own.column] = sums[own.column].plus(own) if own.column in sums else own
        totals[sheet.kind] = before._replace(sheets=before.sheets + 1, rows=before.rows + sheet.rows, sums=tuple(sums.values()))
    return [totals[kind] for kind in sorted(totals)]
