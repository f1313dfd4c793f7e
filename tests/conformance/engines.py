"""Hand ledgers to each engine, and read what it says of their rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from engine.check import Request, check
from engine.report import Report
from engine.stores.postgres import open_postgres, show
from engine.stores.store import Store
from tests.reference import Sheet
from tests.test_engine_agrees import framed

Ledgers = Mapping[str, Sequence[Sheet]]


def judged_by_duckdb(request: Request, ledgers: Ledgers) -> Report:
    """Judge one sheet a kind, as frames."""
    return check(request._replace(frames={kind: framed(own[0]) for kind, own in ledgers.items()}))


def judged_by_spark(request: Request, ledgers: Ledgers, spark: Store) -> Report:
    """Judge one sheet a kind, as frames laid out for Spark."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark's own words about other libraries
        report = check(request._replace(frames={kind: framed(own[0]) for kind, own in ledgers.items()}, store=spark))
        spark.close()
    return report


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
