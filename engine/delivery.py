"""Deliver reports: a format to a file or to the screen, a file a unit, and never over a ledger."""

from __future__ import annotations

import os
import sys
from codecs import EncodedFile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from engine.check import Request
    from engine.report import Report

FORMATS = ("terminal", "json", "jsonl", "sarif", "junit", "csv", "parquet")
_SUFFIXES = {"terminal": ".txt", "junit": ".xml"} | {name: f".{name}" for name in FORMATS if name not in ("terminal", "junit")}
NO_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), "\ufffd")  # for `translate`: a cell may steer a screen


class Undeliverable(Exception):
    """Say why a report cannot be written where it should, and what to do."""


def pair_outputs(formats: tuple[str, ...], outputs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pair formats with files by place; the terminal needs none."""
    names = formats or ("terminal",)
    files = list(outputs)
    if len(files) < len(names) and "terminal" in names:
        files.insert(names.index("terminal"), "-")
    if len(names) == 1 and not files and names[0] != "parquet":
        files = ["-"]
    if len(files) != len(names):
        raise Undeliverable(
            f"{len(names)} formats and {len(outputs)} outputs: give each --format its own --output, in the same order."
        )
    if files.count("-") > 1:
        raise Undeliverable("only one format can go to the screen; give the others an --output.")
    if ("parquet", "-") in zip(names, files, strict=True):
        raise Undeliverable("parquet is no text: give it an --output FILE.")
    return list(zip(names, files, strict=True))


def spare_ledgers(outputs: list[str], ledgers: list[str]) -> None:
    """Refuse to write a report over a ledger that it is about.

    Raises:  Undeliverable.
    """
    from ledgers.sources import may_be_ledger

    for output in (Path(path).resolve() for path in outputs if path != "-" and os.path.isfile(path)):
        for ledger in (Path(path).resolve() for path in ledgers):
            if output == ledger or (ledger in output.parents and may_be_ledger(output)):
                raise Undeliverable(f"{output} is among the ledgers; a report is not written over it. choose another --output.")


def deliver_by_unit(report: Report, request: Request, pairs: list[tuple[str, str]], spared: list[str]) -> None:
    """Write a report for each unit, into a folder a format; on the screen one after the other."""
    from engine.parts import name_files, part_by_unit

    names = name_files(report, request)
    files = {
        (name, unit): f"{folder}/{file}{_SUFFIXES[name]}"
        for name, folder in pairs
        for unit, file in names.items()
        if folder != "-"
    }
    spare_ledgers(list(files.values()), spared)
    try:
        for folder in {folder for _, folder in pairs if folder != "-"}:
            Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Undeliverable(f"cannot make the folder {error.filename}: {error.strerror}. choose another --output.") from error
    for part in part_by_unit(report, request):
        for name, _ in pairs:
            deliver(part.report, name, files.get((name, part.name), "-"))


def deliver(report: Report, name: str, path: str) -> None:
    """Write a report in one format to a file, or to the screen (`-`)."""
    write_with(load_writer(name), report, path, for_people=name == "terminal")


def load_writer(name: str) -> Callable[[Any, BinaryIO], None]:
    """Load what writes a format, and the library it needs for it."""
    from importlib import import_module

    modules = {"json": "json_document", "jsonl": "json_lines", "csv": "csv_table"}
    write: Callable[[Any, BinaryIO], None] = import_module(f"engine.formats.{modules.get(name, name)}").write
    return write


def write_with(write: Callable[[Any, BinaryIO], None], what: object, path: str, *, for_people: bool = False) -> None:
    """Write something by its own way of writing to a file, or to the screen (`-`).

    Files, and what programs read, are UTF-8. What people read on the screen is in the screen's own encoding; a character that it
    lacks is shown by its number.

    Raises:  Undeliverable.
    """
    if path == "-":
        screen = sys.stdout.buffer
        write(what, EncodedFile(screen, "utf-8", sys.stdout.encoding, "backslashreplace") if for_people else screen)
        sys.stdout.flush()
        return
    try:
        with Path(path).open("wb") as out:
            write(what, out)
    except OSError as error:
        raise Undeliverable(f"cannot write {path}: {error.strerror}. choose another --output.") from error
