"""See in the rows of a ledger whether days without a year may be of another year than the one that its title names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ledgers.dates import Year

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = {
    "十二": 12,
    "十一": 11,
    "十": 10,
    "元": 1,
    "正": 1,
    **{digit: n for n, digit in enumerate("一二三四五六七八九", start=1)},
}


def has_other_years(con: DuckDBPyConnection, relation: str, text: str, year: Year | None) -> bool:
    """Say whether days of another year than that of the title stand in a column: those without one may be of either.

    Shapes:  `text` is the SQL of the column's text.
    """
    if year is None:
        return False
    dated = f"regexp_matches({text}, '^\\s*20[0-4][0-9][-年./]') AND NOT starts_with(ltrim({text}), '{year.year}')"
    return bool(con.execute(f"SELECT 1 FROM {relation} r WHERE {dated} LIMIT 1").fetchall())


def is_of_other_years(con: DuckDBPyConnection, relation: str, own: str, days: Iterable[str], year: Year) -> bool:
    """Say whether rows are of other years than that of the title: by the column that says so, or as the days of one pass into the next.

    Shapes:  `own` is the SQL of the text of the column of years, if there is one, `days` of those of columns of days.
    """
    other = f"regexp_matches({own}, '20[0-4][0-9]') AND NOT contains({own}, '{year.year}')"
    if own and con.execute(f"SELECT 1 FROM {relation} r WHERE {other} LIMIT 1").fetchall():
        return True
    return any(_turns_the_year(con, relation, text, year) for text in days)


def _turns_the_year(con: DuckDBPyConnection, relation: str, text: str, year: Year) -> bool:
    """Say whether days without a year pass from the end of a year to the beginning of the next."""
    if not con.execute(f"SELECT 1 FROM {relation} r WHERE contains({text}, '月') LIMIT 1").fetchall():
        return False
    months = f"SELECT _input, _row, {_month(text)} AS month FROM {relation} r WHERE {_month(text)} > 0"
    return any(con.execute(f"{query} LIMIT 1").fetchall() for query in (_turning(months, year), _turning_back(months, year)))


def _month(text: str) -> str:
    """Write the month of a day without a year: 12月28日, 元月3日, 十二 月 二十 日."""
    bare = f"regexp_replace({text}, '\\s', '', 'g')"
    for word, number in _NUMBERS.items():
        bare = f"replace({bare}, '{word}月', '{number}月')"
    return f"TRY_CAST(regexp_extract({bare}, '^([0-9]+)月.', 1) AS INTEGER)"


def _turning(months: str, year: Year) -> str:
    """Write the query of a sheet whose months fall once in their order: those above are of the end of a year, those below of its beginning, and
    all earlier in it. Where they are not, as in two lists one below the other, each list is of one year."""
    return _taking_a_step("month < before", "late", "early", months, year)


def _turning_back(months: str, year: Year) -> str:
    """Write the query of a sheet that is sorted the other way round, the last day first; of few rows in no order, some look like it."""
    return f"{_taking_a_step('month > before', 'early', 'late', months, year)} AND bool_or(month < before) AND min(late) >= 7"


def _taking_a_step(step: str, above: str, below: str, months: str, year: Year) -> str:
    steps = f"SELECT *, lag(month) OVER (PARTITION BY _input ORDER BY _row) AS before FROM ({months})"
    parted = f"SELECT *, coalesce(sum(({step})::INTEGER) OVER (PARTITION BY _input ORDER BY _row), 0) AS taken FROM ({steps})"
    named = (
        f"SELECT *, CASE WHEN taken = 0 THEN month END AS {above}, CASE WHEN taken > 0 THEN month END AS {below} FROM ({parted})"
    )
    ends = f"max(late) BETWEEN 10 AND {year.last} AND max(early) BETWEEN {year.first} AND 3 AND min(late) > max(early)"
    return f"SELECT 1 FROM ({named}) GROUP BY _input HAVING max(taken) = 1 AND {ends}"
