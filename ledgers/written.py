"""Write ledgers: workbooks and CSV files without a trace of the clock, laid into a folder of their own. Kinds are unknown here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from declared import Problem, Refused


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


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:  Refused.
    """
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise _refusal(path, "已存在，未改动。请换一个文件名。 / the file exists. choose another name.") from error
    except OSError as error:
        raise _refusal(path, f"无法写入 / cannot be written: {error.strerror}.") from error


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, named by their paths below a folder; written again, they may lie there already, but nothing else.

    Raises:  Refused, and nothing is written, if the folder holds a strange file or a changed one.
    """
    try:
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and (name not in files or path.read_bytes() != files[name]):
                what = "该目录中已有其他文件或改动过的文件，未写入。请换一个目录。"
                raise _refusal(path, f"{what} / the folder holds other or changed files. choose another folder.")
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    except OSError as error:
        raise _refusal(folder, f"无法写入 / cannot be written: {error.strerror}.") from error


def _refusal(path: Path, what: str) -> Refused:
    return Refused([Problem(str(path), 1, 1, what)])
