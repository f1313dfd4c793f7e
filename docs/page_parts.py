"""Write the parts that generated pages are made of: tables, fenced code, the first line that names what laid the code out."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version


def head(laid_out_by: str = "") -> str:
    """Say that nobody writes the page, and which library, if any, laid out its code."""
    known = f" with {laid_out_by} {version(laid_out_by)}" if laid_out_by else ""
    return f"<!-- Written by docs/generate.py{known}; change the source, not this page. -->\n\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a table; a bar in a cell is escaped, a line break becomes a space."""
    lines = [list(heads)]
    lines += [["---"] * len(lines[0])]
    lines += [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(text: str, language: str = "") -> str:
    """Fence a text."""
    return f"```{language}\n{text.rstrip()}\n```\n"
