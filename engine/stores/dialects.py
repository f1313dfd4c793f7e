"""Write a statement of ours, which is DuckDB's SQL, in the dialect of a store. The conformance suite says whether it means the same."""

from __future__ import annotations

import sys
from functools import lru_cache

import sqlglot
from sqlglot import exp

DIALECTS = ("postgres", "spark")


MOST_CALLS = 10_000  # within each other: sqlglot takes some thirty for a bracket, and shown values add up to many


@lru_cache(maxsize=4096)
def write(sql: str, dialect: str) -> str:
    """Write one SELECT in another dialect."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, MOST_CALLS))
    try:
        tree = sqlglot.parse_one(sql, read="duckdb").transform(_REWRITES[dialect], copy=False)
        return tree.sql(dialect=dialect, copy=False)
    finally:
        sys.setrecursionlimit(usual)


def _for_postgres(node: exp.Expr) -> exp.Expr:
    """sqlglot does not know that PostgreSQL has make_date."""
    if isinstance(node, exp.DateFromParts):
        return exp.Anonymous(this="make_date", expressions=[node.args["year"], node.args["month"], node.args["day"]])
    return node


def _for_spark(node: exp.Expr) -> exp.Expr:
    """In Java, $ also stands before a line break at the end of a text."""
    if isinstance(node, exp.RegexpLike) and str(node.expression.this).endswith("$"):
        return exp.RegexpLike(this=node.this, expression=exp.Literal.string(f"{str(node.expression.this)[:-1]}\\z"))
    return node


_REWRITES = {"postgres": _for_postgres, "spark": _for_spark}
