"""Run the hand-written policies of `hand_written.sql` over two Parquet files.

Usage:  python hand_written.py PAYMENTS ARCHIVE OUT
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("hand_written.sql")


def statements(**places: str) -> str:
    """Give the SQL with its placeholders filled by paths."""
    text = SQL.read_text(encoding="utf-8")
    for name, place in places.items():
        text = text.replace("{" + name + "}", place.replace("'", "''"))
    return text


def main() -> None:
    """Run the SQL as the command line says."""
    parser = argparse.ArgumentParser(description="Run the hand-written policies.")
    for name in ("payments", "archive", "out"):
        parser.add_argument(name)
    with duckdb.connect() as con:
        con.execute(statements(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
