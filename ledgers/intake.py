"""Bring files and tables into typed ledgers: find them, recognise them, type them, and say everything that was not understood.

Every row keeps its input and its row number; every unread cell becomes a note with its address. Policies are unknown here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledgers.arrays import text_array
from ledgers.bulk import is_damaged
from ledgers.desk import Damaged, Desk
from ledgers.desk import Input as Input
from ledgers.desk import Intake as Intake
from ledgers.division import divide_by_unit
from ledgers.files import question_of
from ledgers.guarded import Question, Readers
from ledgers.headers import Known, NotRecognised
from ledgers.kinds import Kind
from ledgers.limits import LOCKED, Limits, Unreadable
from ledgers.plain_names import are_plain_names
from ledgers.senders import Roster
from ledgers.sources import Note as Note
from ledgers.sources import Source, refusal
from ledgers.sources import find_sources as find_sources
from ledgers.tables import lay_out_notes
from ledgers.versions import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NOBODY, UNRULED = Roster(), Rules()
SEVERITIES = {
    "Q01": "high",
    "Q02": "high",
    "Q05": "high",
    "Q06": "high",
    "Q07": "high",
    "Q08": "low",
    "Q09": "medium",
    "Q11": "low",
    "Q14": "low",
    "Q15": "medium",
    "Q16": "low",
}


def bring_in(
    con: DuckDBPyConnection,
    sources: Iterable[Source],
    kinds: Mapping[str, Kind],
    wanted: Mapping[str, set[str]],
    *,
    frames: Mapping[str, Any] | None = None,
    encoding: str | None = None,
    scratch: Path | None = None,
    broken: Iterable[str] = (),
    roster: Roster = NOBODY,
    rules: Rules = UNRULED,
    by_unit: bool = False,
    known: Sequence[Known] = (),
    limits: Limits = Limits(),  # noqa: B008 - it never changes
    readers: Readers | None = None,
) -> Intake:
    """Read every source and build one typed view for each kind that was met.

    Shapes:  `wanted` names the free-text columns to read, by kind; `frames` maps a kind to a pandas DataFrame; `broken`
             names files that proved damaged further in, which are refused; `roster` the units expected, and `rules` what is
             known of versions; `by_unit` gives each unit that stands in the rows of a sheet an input of its own;
             `known` says what sheets with certain headers are; `readers` may have begun to read, which counts if within the same limits.
    """
    given, damaged = list(sources), set(broken)
    begun = readers if readers is not None and readers.limits == limits else None
    if readers is not None and begun is None:
        readers.close()
    while True:
        try:
            with begun or Readers(limits) as opened:
                desk = Desk(con, kinds, scratch, roster, rules, opened, known)
                _lay_out(desk, given, encoding, damaged)
            for kind, frame in (frames or {}).items():
                desk.add_frame(kinds[kind], frame)
            intake = desk.finish(wanted)
            return divide_by_unit(con, intake, roster) if by_unit else intake
        except Damaged as error:  # seen only once its columns are read: the others are laid out again without it
            damaged, begun = damaged | error.paths, None


def _lay_out(desk: Desk, sources: Iterable[Source], encoding: str | None, damaged: set[str]) -> None:
    """Read every source into raw relations, but for the damaged ones."""
    lay_out_notes(desk.con)
    given = list(sources)
    with ThreadPoolExecutor(max_workers=2) as hashing:  # two files at once, also while one is read: hashing needs no interpreter
        digests = {source.path: hashing.submit(fingerprint, source.path) for source in given if os.path.isfile(source.path)}
        desk.readers.announce(_workbooks(given, digests, encoding))
        if desk.readers.has_begun():
            are_plain_names(text_array(["张三"]))  # what names are told by is loaded while children read
        _read_all(desk, given, digests, encoding, damaged)


def _read_all(
    desk: Desk, given: Sequence[Source], digests: Mapping[Path, Future[str]], encoding: str | None, damaged: set[str]
) -> None:
    seen: dict[str, dict[tuple[str | None, str | None], Source]] = {}  # digest -> what was read of such a file -> the first
    for source in given:
        try:
            if os.path.isdir(source.path):
                raise Unreadable("这是目录，不是台账文件。请写出其中的文件，或把目录作为路径参数。")
            if source.shown in damaged:
                raise Unreadable("Parquet 文件内部已损坏，读不到末尾。请重新导出。")
            if not os.path.isfile(source.path):
                raise Unreadable("找不到这个文件或目录。请检查路径。")
            digest = digests[source.path]
            if len(given) > 1:  # else it is no copy, and nobody waits for its digest before it is read
                earlier, said = seen.setdefault(digest.result(), {}), (source.kind, source.sheet)
                first = [other for own, other in earlier.items() if source.kind is None or own in ((None, None), said)]
                if first and not source.alone and source.path.resolve() not in desk.rules.separate:
                    desk.add_copy(source, first[0])
                    continue
                earlier[said] = source
            desk.read(source, digest, encoding)
        except (Unreadable, NotRecognised) as error:
            code = "Q09" if isinstance(error, NotRecognised) else "Q00"
            desk.notes.append(refusal(source.shown, str(error), source.sheet, code))
        except PermissionError:
            desk.notes.append(refusal(source.shown, LOCKED))
        except OSError as error:  # a share that is gone, a file that was taken away meanwhile
            desk.notes.append(refusal(source.shown, f"打不开（{error.strerror}）。请检查文件和网络连接后重试。"))


def _workbooks(given: Sequence[Source], digests: Mapping[Path, Future[str]], encoding: str | None) -> Iterator[Question]:
    """Name the workbooks that will be read, each once."""
    seen = set[str]()
    for source in given:
        own, question = digests.get(source.path), question_of(source.path, encoding)
        if question is None or own is None or own.exception() or not (own.result() not in seen or source.alone):
            continue
        seen.add(own.result())
        yield question


def fingerprint(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_broken(con: DuckDBPyConnection, intake: Intake) -> set[str]:
    """Name the bulk files that cannot be read to their end, by reading all of them."""
    parts = [part.raw for table in intake.tables.values() for part in table.parts]
    return {intake.inputs[raw.inputs[0]].path for raw in parts if is_damaged(con, raw.relation)}


def cell_notes(con: DuckDBPyConnection, intake: Intake) -> Iterable[Note]:
    """Yield the notes of single cells with their addresses, in order of path, sheet, row and code."""
    found = con.execute("SELECT code, _input, _row, col, what FROM cell_notes").fetchall()
    notes = set()  # a cell that holds a period is read for each of its days
    for code, number, row, column, what in found:
        own = intake.inputs[number]
        header = own.headers.get(column) if column else None
        cell = f"{own.letters[column]}{row}" if row and column in own.letters else None
        shown = f"“{header}”{what}" if header else what
        notes.add(Note(code, SEVERITIES.get(code, "high") if row else "info", own.path, own.sheet, row, header, cell, shown))
    return sorted(notes, key=lambda note: (note.path, note.sheet or "", note.row or 0, note.cell or "", note.code, note.message))
