"""Open a file by what it is: say which reader it needs, and give the sheets of a small one. Ledgers are unknown here."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from ledgers.disguises import HTML, TEXT, WORKBOOKS, form_of, is_unread, unread_form
from ledgers.guarded import Question, Readers
from ledgers.limits import Limits, Unreadable
from ledgers.separated import read_csv
from ledgers.sheets import Sheet, unpacked
from ledgers.sources import READ, TEXTS, UNREAD, unread


def form_to_read(path: Path) -> str:
    """Say what a file is.

    Raises:  Unreadable if it is empty, or nobody reads files of this name or content.
    """
    suffix = path.suffix.lower()
    if suffix in UNREAD:
        raise Unreadable(unread(suffix))
    if suffix not in READ:
        raise Unreadable(f"不是台账格式（{suffix or '无扩展名'}）。可用：{' '.join(READ)}。")
    if path.stat().st_size == 0:
        raise Unreadable("文件为空（0 字节）。请重新导出。")
    form = form_of(path)
    if is_unread(form):
        raise Unreadable(unread_form(form))
    return form


def question_of(path: Path, encoding: str | None = None) -> Question | None:
    """Ask for the sheets of a file, if it is one that a child process reads."""
    try:
        form = form_to_read(path) if os.path.isfile(path) else ""
    except (Unreadable, OSError, ValueError):  # whoever reads it says so
        return None
    return _question(path, form, encoding) if form in WORKBOOKS else None


def _question(path: Path, form: str, encoding: str | None) -> Question:
    return Question(str(path), form, encoding=encoding or "" if form == HTML else "")


def begin_reading(paths: Iterable[str]) -> Readers:
    """Have children begin to read the workbooks among some paths, while the rest of the program is still to be loaded."""
    readers = Readers(Limits())
    readers.announce(question for path in dict.fromkeys(paths) if path and (question := question_of(Path(path))) is not None)
    return readers


def open_small(
    path: Path, form: str, readers: Readers, encoding: str | None = None, words: Collection[str] = ()
) -> tuple[str, list[Sheet]]:
    """Say what a workbook or a text proved to be, and give its sheets, long ones packed; known headers, `words`, tell encodings apart.

    Raises:  Unreadable.
    """
    if form != TEXT:
        inside, sheets = readers.ask(_question(path, form, encoding))
        return inside, sheets
    try:
        rows, used, delimiter = read_csv(path, encoding, words, readers.limits)
    except Unreadable as error:
        if path.suffix.lower() in TEXTS:
            raise
        raise Unreadable("文件已损坏，或不是它所说的格式。请用 WPS 或 Excel 打开后另存为 .xlsx。") from error
    return TEXT, [Sheet(path, None, rows, used, delimiter=delimiter)]


def read_sheets(path: Path, encoding: str | None = None) -> list[Sheet]:
    """Read every sheet of one workbook, or the one sheet of a text.

    Raises:  Unreadable.
    """
    with Readers(Limits()) as readers:
        return list(map(unpacked, open_small(path, form_to_read(path), readers, encoding)[1]))
