"""Find the files to read below the paths that were given, and note what is passed over. What stands in them is unknown here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ledgers.disguises import is_export

_COMMAND = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TEXTS, DATABASES = (".csv", ".tsv", ".txt"), (".db", ".duckdb", ".sqlite", ".sqlite3")
BOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".ett", ".fods")
PAGES = (".xml", ".html", ".htm")  # in a folder only those that were written as workbooks
READ = (*TEXTS, *BOOKS, ".parquet", *DATABASES, *PAGES)
# What may hold a ledger and is not read: nobody may take a folder with one of these for checked.
_SAVE = "请用 WPS 或 Excel 另存为 .xlsx。"
_UNREAD = {
    (".numbers", ".dbf", ".mdb", ".accdb", ".mht", ".mhtml"): _SAVE,
    (".doc", ".docx", ".wps", ".wpt", ".rtf", ".odt", ".pages", ".ppt", ".pptx"): f"其中的表格请复制到工作簿，{_SAVE}",
    (".pdf", ".ofd", ".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".heic"): "请提供原表（.xlsx 或 .csv）。",
    (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"): "请解压后再查（其中的台账应为 .xlsx 或 .csv）。",
}
UNREAD = {suffix: advice for suffixes, advice in _UNREAD.items() for suffix in suffixes}


class Source(NamedTuple):
    """Name a file to read: as given, the folder argument it was found under, the kind and sheet if they were said."""

    path: Path
    shown: str
    folder: str
    kind: str | None = None
    sheet: str | None = None
    besides: tuple[str, ...] = ()  # sheets of the file that are sources of their own
    headers: Mapping[str, str] = {}  # headers of the user's own, to columns of the kind
    unit: str | None = None  # of amounts whose header names none
    alone: bool = False  # named one by one: judged even if it is a copy


class Mapped(NamedTuple):
    """Say of a file, wherever it is met, in which folder it stands, which kind and sheet it is, what its headers mean, its unit of money."""

    path: Path
    folder: str
    kind: str | None = None
    sheet: str | None = None
    headers: Mapping[str, str] = {}
    unit: str | None = None


class Note(NamedTuple):
    """Report something that was not understood; `fatal` where a whole file or sheet could not be judged."""

    code: str
    severity: str
    path: str
    sheet: str | None
    row: int | None
    column: str | None
    cell: str | None
    message: str
    fatal: bool = False


def find_sources(
    paths: Iterable[str], said: Iterable[tuple[str, str]] = (), mapped: Sequence[Mapped] = ()
) -> tuple[list[Source], list[Note]]:
    """List the files to read below the given paths, in sorted order, and note what was passed over.

    Of a file that is mapped, only the sheets are read that the mapping names, if it names any; `said` wins over it.
    """
    sources: list[Source] = []
    notes: list[Note] = []
    for given in paths:
        path = Path(given)
        if os.path.isdir(path):  # says no of a name too long to be one
            files, unreachable = _files_below(path)
            notes += [refusal(printable(str(place)), "不能读取（没有权限、链接失效，或不是普通文件）。") for place in unreachable]
            for file in files:
                shown = f"{given.rstrip('/')}/{file.relative_to(path).as_posix()}"
                if _is_lock(file.name):
                    what = "是打开工作簿时留下的锁定文件，未读取；同名的工作簿可能正在编辑，未保存的改动不在核查范围内。"
                    notes.append(Note("Q11", "low", shown, None, None, None, None, what))
                elif file.name.startswith("__"):  # a list beside the ledgers, such as that of planted faults
                    notes.append(Note("Q09", "low", shown, None, None, None, None, "名称以 __ 开头，未读取。"))
                elif may_be_ledger(file):
                    folder = file.relative_to(path).parent.as_posix().strip(".") or path.resolve().name
                    sources.append(Source(file, shown, folder))
                elif file.suffix.lower() in UNREAD:
                    notes.append(refusal(shown, unread(file.suffix)))
                else:
                    what = f"不是台账格式（{file.suffix or '无扩展名'}），未读取。"
                    notes.append(Note("Q09", "low", shown, None, None, None, None, what))
            if not any(source.shown.startswith(given.rstrip("/") + "/") for source in sources):
                notes.append(refusal(given, f"目录中没有台账文件（{' '.join(READ)}）。请检查路径。"))
        else:
            sources.append(Source(path, given, ""))
    sources = [one for source in sources for one in _as_mapped(source, mapped)]
    for kind, place in said:
        name, _, sheet = place.partition("#")
        own = Source(Path(name), name, "", kind, sheet or None, alone=True)
        sources = [left for source in sources if (left := _beside(source, own)) is not None] + [own]
    sources = [source._replace(shown=printable(source.shown), folder=printable(source.folder)) for source in sources]
    return sources, [note._replace(path=printable(note.path)) for note in notes]


def _files_below(folder: Path) -> tuple[list[Path], list[Path]]:
    """List the files below a folder in order, and what nobody can read: closed folders, links to nowhere, devices."""
    closed: list[Path] = []
    found = [
        Path(place) / name
        for place, _, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename)))
        for name in names
        if not _ignored((Path(place) / name).relative_to(folder))
    ]
    return sorted(file for file in found if file.is_file()), sorted([*closed, *(file for file in found if not file.is_file())])


def may_be_ledger(file: Path) -> bool:
    """Say whether a file of a folder is read: by its name, and of a page or XML file by what wrote it."""
    if file.suffix.lower() not in PAGES:
        return file.suffix.lower() in READ
    try:
        return is_export(file)
    except OSError:
        return True  # whoever reads it says why it cannot be read


def _as_mapped(source: Source, mapped: Sequence[Mapped]) -> list[Source]:
    known = [own for own in mapped if own.path.resolve() == source.path.resolve()] if mapped else []
    return [
        source._replace(folder=source.folder or own.folder, kind=own.kind, sheet=own.sheet, headers=own.headers, unit=own.unit)
        for own in known
    ] or [source]


def is_encoding(name: str) -> bool:
    """Say whether texts can be read in an encoding of this name."""
    try:
        return "工会a".encode(name, "ignore").decode(name, "ignore").endswith("a")
    except (LookupError, UnicodeError):
        return False


def unread(suffix: str) -> str:
    """Say that files of a type that may hold ledgers are not read, and what to do."""
    return f"暂不支持 {suffix} 格式，未读取。{UNREAD[suffix.lower()]}"


def printable(name: str) -> str:
    """Write the name of a file or sheet so that it can be printed: one that is no UTF-8 (an archive packed on a Chinese Windows), or that commands a terminal."""
    return _COMMAND.sub(
        lambda match: match[0].encode("unicode_escape").decode(), os.fsencode(name).decode("utf-8", "backslashreplace")
    )


def _beside(source: Source, said: Source) -> Source | None:
    """Say what is left to read of a source beside one that was named on its own: nothing of the same, other sheets of its file."""
    if source.path.resolve() != said.path.resolve():
        return source
    if source.kind is not None:
        return None if (source.kind, source.sheet) == (said.kind, said.sheet) else source
    return source._replace(besides=(*source.besides, said.sheet)) if said.sheet else None


def _is_lock(name: str) -> bool:
    """Say whether Excel (~$), WPS or LibreOffice (.~) left a file beside a workbook that is open."""
    return name.startswith(("~$", ".~"))


def _ignored(path: Path) -> bool:
    """Pass over what systems and programs leave behind; no person keeps a ledger there."""
    return any(part in ("__MACOSX", "__pycache__") or (part.startswith(".") and not _is_lock(part)) for part in path.parts)


def refusal(path: str, what: str, sheet: str | None = None, code: str = "Q00") -> Note:
    """Note that a whole file or sheet could not be judged."""
    return Note(code, "critical", path, sheet, None, None, None, what, fatal=True)
