"""Say what a story is: how the rows of a person or subject differ from the usual ones, and what must be found in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ledgers.invented import identity, name

# What is written in the columns of a row: a value, one of several (tuple), one of several days (range), a share, what is
# worked out from the number of the person or subject, or from the money of the story.
Cells = Mapping[str, object]
Usual = Callable[[int], Cells]


class Share(NamedTuple):
    """Stand for a share of the money of a person or subject."""

    percent: str

    def of(self, number: int) -> Decimal:
        """Give the share of the money that number has, between 12,000 and 96,000 yuan."""
        return Decimal(number * 79 % 85 + 12) * 1000 * Decimal(self.percent) / 100


class Money(NamedTuple):
    """Stand for the money of a story's first payments; None for all of them."""

    payments: int | None


FIRST, ALL = Money(1), Money(None)


class Story(NamedTuple):
    """Tell how the rows of a person or subject differ from the usual ones, and what must be found in them.

    `rows` stand in the ledger that is judged; `beside` gives the rows of other ledgers, one usual row where it says nothing.
    `faults` are policy codes, each with a kind of ledger (`G02@fund_collection`) where it is another than the main one, and
    a verdict (`C03:suspect`) where it is another than the story's; no fault, no harm.
    """

    rows: Sequence[Cells] = ({},)
    beside: Mapping[str, Sequence[Cells]] = {}
    faults: str = ""
    verdict: str = ""
    what: str = ""


class Setting(NamedTuple):
    """Hold what is usual in each ledger, the judged one first, rows that stand there once, and what may have happened."""

    usual: Mapping[str, Usual]
    stories: Sequence[Story]
    once: Mapping[str, Sequence[Cells]] = {}


def days(first: date, last: date) -> range:
    """Give the days of a period, both ends included, to choose one of."""
    return range(first.toordinal(), last.toordinal() + 1)


AWAY = 500_000_000  # far from any number that is drawn


def person(number: int) -> dict[str, object]:
    """Make up a person: name and identity number."""
    return {"name": name(number), "id_no": identity(number)}


def figure(what: str, **stated: object) -> Usual:
    """Make up the figures of a report about `what`; unless it is stated, their details stand in no ledger."""
    return lambda number: {
        "year": 2021,
        "report_name": "测试报告",
        "figure_item": f"测试{what}{number}",
        "part_of": "",
        "part_kind": "",
        "reported_count": 1,
        "counted_in": "",
        "reported_amount": "",
        "detail_ledger": "其他",
        "detail_name": "",
        **stated,
    }


def unit(number: int) -> str:
    """Make up a base union."""
    return f"测试第{number + 1}基层工会"
