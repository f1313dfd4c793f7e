"""Find the year of a sheet in what stands above, between and below its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ledgers.amounts import read_amount
from ledgers.dates import Year, find_year, read_date

_BARE_YEAR = re.compile("20[0-4][0-9]")  # which may be an amount, too


def year_of(titles: Sequence[str], short: Sequence[Sequence[str]]) -> Year | None:
    """Find the one year of a sheet in its titles and labels, `short` being its rows of few texts; where another stands in any of them, there is none."""
    said = [*titles, *(text for texts in short if _is_label(texts) for text in texts)]
    others = [text for texts in short for text in texts if _may_be_a_year(text)]
    return find_year(said) if find_year([*said, *others]) else None


def _is_label(texts: Sequence[str]) -> bool:
    """Say whether a short row, folded, is no row of data: it holds no amount, and no day or month beside another text."""
    days = [day for day in map(read_date, texts) if day.value is not None]
    return all(read_amount(text).value is None for text in texts) and (
        not days or (len(texts) == 1 and days[0].also != days[0].value)
    )


def _may_be_a_year(text: str) -> bool:
    day = read_date(text)
    amount = read_amount(text).value is not None and not _BARE_YEAR.fullmatch(text)
    return not amount and (day.value is None or day.also != day.value)
