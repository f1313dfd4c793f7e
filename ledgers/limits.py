"""Say how much a file may take before it is refused. What is read, and by whom, is unknown here."""

from __future__ import annotations

from typing import NamedTuple

LOCKED = "没有权限读取，或文件正被其他程序占用。请关闭后重试。"


class Unreadable(Exception):
    """Say in one sentence why a file cannot be read and what to do."""


class Limits(NamedTuple):
    """Bound what one file may take; each has a key of its name under `limits:` in the project file."""

    seconds: int = 300  # for one file, on the clock
    memory_mb: int = 4096  # of the child process that reads it
    unpacked_mb: int = 512  # of all parts of a workbook
    cells: int = 1 << 24  # of one sheet, blank ones between its corners included
    columns: int = 16384  # as many as a spreadsheet has
    cell_characters: int = 100_000  # a spreadsheet has 32,767


def overstepped(what: str, key: str, limit: int) -> Unreadable:
    """Say which limit a file oversteps, and under which key it stands."""
    return Unreadable(f"{what}，超过上限 {limit}，拒绝读取。请拆分文件，或在 fundcheck.yaml 的 limits 中调大 {key}。")


def refuse_wide(columns: int, where: str, limits: Limits) -> None:
    """Refuse it if a row has more columns than a spreadsheet."""
    if columns > limits.columns:
        raise overstepped(f"{where}有 {columns} 列", "columns", limits.columns)
