"""Find rows in red ink and the payments that they cancel: neither is judged by itself. Which negative amounts are believed is settled before."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from ledgers.kinds import Kind
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ALONE, NETTED = 1, 2
_WORDS = {ALONE: "有冲销行，未找到金额相同的原行，该行不逐行判断", NETTED: "有冲销行与同一人金额相同的原行相抵，两行均不再判断"}


def find_reversals(con: DuckDBPyConnection, kind: Kind, view: str, columns: Collection[str]) -> bool:
    """List the reversals of a kind, and what they cancel, in the table that `reversals` names; say whether there are any.

    A reversal cancels one payment of the opposite amount to the same person: the same number, or, where one of the two
    rows has none, the same name.
    """
    amount = quote(kind.nets or "")
    number, name = (quote(person) if person in columns else "_nobody" for person in kind.person)
    rows = f"(SELECT *, CAST(NULL AS VARCHAR) AS _nobody FROM {view})"
    same = f"r.{number} = p.{number} OR ((r.{number} IS NULL OR p.{number} IS NULL) AND r.{name} = p.{name})"
    found = con.execute(
        f"SELECT r._input, r._row, p._input, p._row FROM {rows} r LEFT JOIN {rows} p ON p.{amount} = -r.{amount} AND ({same})"
        f" WHERE r.{amount} < 0 ORDER BY r._input, r._row, p._input, p._row"
    ).fetchall()
    if not found:
        return False
    marked = _pair(((one, two), None if three is None else (three, four)) for one, two, three, four in found)
    con.execute(f"CREATE OR REPLACE TABLE {reversals(kind)} (_input INTEGER, _row BIGINT, _netted TINYINT)")
    con.executemany(f"INSERT INTO {reversals(kind)} VALUES (?, ?, ?)", [(*place, mark) for place, mark in marked.items()])
    for mark, what in _WORDS.items():
        con.execute(
            f"INSERT INTO cell_notes SELECT DISTINCT 'Q05', _input, NULL::BIGINT, '{kind.nets}', '{what}' FROM {reversals(kind)}"
            f" WHERE _netted = {mark}"
        )
    return True


def reversals(kind: Kind) -> str:
    """Name the table of a kind's reversals: _input, _row, and `_netted`, which is ALONE or NETTED."""
    return f"reversals_{kind.kind}"


def _pair(candidates: Iterable[tuple[tuple[int, int], tuple[int, int] | None]]) -> dict[tuple[int, int], int]:
    """Give each reversal the first payment that none before it has taken."""
    marked: dict[tuple[int, int], int] = {}
    for reversal, payment in candidates:
        if marked.setdefault(reversal, ALONE) == ALONE and payment is not None and payment not in marked:
            marked[reversal] = marked[payment] = NETTED
    return marked
