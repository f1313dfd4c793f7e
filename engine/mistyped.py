"""Take back a verdict that rests on looking up a number that cannot be right: whoever mistyped it may have a file all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.judge import FAILS, UNKNOWN
from engine.plan import Plan
from ledgers.identities import UNSOUND, form_of
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def doubt_mistyped(con: DuckDBPyConnection, plans: Iterable[Plan], wide: Mapping[str, str]) -> dict[tuple[str, int], int]:
    """Make failing rows unknown whose identity number was not found and has a wrong check digit or birthday.

    Shapes:  leaves their places in the table `mistyped`; gives their number by policy code and input.
    """
    con.execute("CREATE TABLE mistyped (code VARCHAR, _input INTEGER, _row BIGINT)")
    for plan in plans:
        for join in plan.joins.values() if plan.policy.group is None else ():
            left, right = join.keys[0]
            if plan.table is None or plan.table.kind.columns[left].type != "identity":
                continue
            failing = (
                f"SELECT p._input, p._row, p.{quote(left)} AS number FROM flagged f"
                f" JOIN {wide[plan.policy.ledger]} p ON p._input = f._input AND p._row = f._row"
                f" WHERE f.code = '{plan.policy.code}' AND f.digit = {FAILS} AND p.{quote(left)} NOT IN"
                f" (SELECT {quote(right)} FROM {wide[join.ledger]} WHERE {quote(right)} IS NOT NULL)"
            )
            numbers = [row[0] for row in con.execute(f"SELECT DISTINCT number FROM ({failing})").fetchall()]
            wrong = [number for number in numbers if form_of(number) == UNSOUND]
            con.execute(
                f"INSERT INTO mistyped SELECT '{plan.policy.code}', _input, _row FROM ({failing}) l"
                " WHERE number IN (SELECT unnest(?::VARCHAR[]))",
                [wrong],
            )
    con.execute(f"UPDATE flagged f SET digit = {UNKNOWN} FROM mistyped m WHERE {_SAME} AND f.digit = {FAILS}")
    found = con.execute("SELECT code, _input, count(*) FROM mistyped GROUP BY ALL").fetchall()
    return {(code, place): count for code, place, count in found}


_SAME = "f.code = m.code AND f._input = m._input AND f._row = m._row"
