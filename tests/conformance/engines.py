"""Hand ledgers to each engine, and read what it says of their rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
from psycopg import sql

from engine.check import Request, check
from engine.report import Report, stream_findings
from engine.stores.postgres import open_postgres, show
from engine.stores.store import Store
from tests.reference import Sheet
from tests.test_engine_agrees import framed, written

Ledgers = Mapping[str, Sequence[Sheet]]


def judged_by_duckdb(request: Request, ledgers: Ledgers, folder: Path | None = None) -> Report:
    """Judge one sheet a kind as frames, or any number as files in a folder, where a blank cell is NULL, as in a database."""
    with mock.patch("ledgers.typed_tables.MOST_HELD", 0):
        return check(laid_out(request, ledgers, folder))


def judged_by_spark(request: Request, ledgers: Ledgers, spark: Store, folder: Path | None = None) -> Report:
    """Judge one sheet a kind as frames, or any number as files in a folder."""
    with warnings.catch_warnings(), mock.patch("ledgers.typed_tables.MOST_HELD", 0):
        warnings.simplefilter("ignore")  # pyspark's own words about other libraries
        report = check(laid_out(request, ledgers, folder)._replace(store=spark))
        spark.close()
    return report


def laid_out(request: Request, ledgers: Ledgers, folder: Path | None) -> Request:
    """Ask for ledgers in memory, or as files where a kind has several sheets."""
    if all(len(own) == 1 for own in ledgers.values()):
        return request._replace(frames={kind: framed(own[0]) for kind, own in ledgers.items()})
    if folder is None:
        raise ValueError("several sheets of a kind need a folder")
    return request._replace(said=written(folder, ledgers, "parquet"))


def judged_by_postgres(request: Request, ledgers: Ledgers, url: str) -> Report:
    """Judge a table for each sheet; its key numbers the rows as a spreadsheet does."""
    stored: dict[str, str | None] = {}
    with psycopg.connect(url, autocommit=True) as con:
        con.execute("DROP SCHEMA public CASCADE")
        con.execute("CREATE SCHEMA public")
        for kind, own in ledgers.items():
            for number, sheet in enumerate(own):
                stored[f"{show(url)}#public.{kind}_{number}"] = kind
                _load(con, f"{kind}_{number}", sheet)
    store = open_postgres(url)
    try:
        return check(request._replace(store=store, stored=stored))
    finally:
        store.close()


def _load(con: psycopg.Connection[Any], name: str, sheet: Sheet) -> None:
    table = sql.Identifier("public", name)
    columns = [sql.SQL("{} text").format(sql.Identifier(column)) for column in sheet.columns]
    con.execute(sql.SQL("CREATE TABLE {} (row_number int PRIMARY KEY, {})").format(table, sql.SQL(", ").join(columns)))
    with con.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
        for number, row in enumerate(sheet.rows, start=2):
            copy.write_row([number, *(row[column] for column in sheet.columns)])


def told(report: Report) -> list[tuple[str, ...]]:
    """List the findings by what every engine must agree in; where a row stands differs from file to table."""
    names = ("fingerprint", "code", "verdict", "basis", "message", "amount_involved", "amount_to_recover", "amount_short")
    return sorted(
        (*tuple(str(one[name]) for name in names), str(one["facts"]), str(one["readings"])) for one in stream_findings(report)
    )
