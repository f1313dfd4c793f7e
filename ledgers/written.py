"""Write ledgers: workbooks and CSV files without a trace of the clock, laid into a folder of their own. Kinds are unknown here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter


def new_book(out: BinaryIO) -> Any:
    """Begin a workbook that ends in `out` when it is closed; equal cells give equal bytes."""
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": datetime(2021, 2, 10, 8)})  # otherwise the hour of writing
    return book


def as_csv(rows: Iterable[Sequence[object]], encoding: str) -> bytes:
    """Write rows as a spreadsheet program exports them."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def find_other(folder: Path, files: Mapping[str, bytes]) -> Path | None:
    """Find a file that writing `files` into a folder would leave among them or write over: a strange or a changed one."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and (name not in files or path.read_bytes() != files[name]):
            return path
    return None


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, named by their paths below a folder, with the folders that they need."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
