"""Find rows in red ink and the payments that they cancel: neither is judged by itself. Which negative amounts are believed is settled before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from ledgers.kinds import Kind
from ledgers.typed import quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ALONE, NETTED = 1, 2
Place = tuple[int, int]  # input and row
_WORDS = {ALONE: "有冲销行，未找到金额相同的原行，该行不逐行判断", NETTED: "有冲销行与同一人金额相同的原行相抵，两行均不再判断"}


def find_reversals(con: DuckDBPyConnection, kind: Kind, view: str, columns: Collection[str]) -> bool:
    """List the reversals of a kind, and what they cancel, in the table that `reversals` names; say whether there are any."""
    marked = pair_reversals(con.execute(select_reversals(kind, view, columns)).fetchall())
    if not marked:
        return False
    con.execute(f"CREATE OR REPLACE TABLE {reversals(kind)} (_input INTEGER, _row BIGINT, _netted TINYINT)")
    con.executemany(f"INSERT INTO {reversals(kind)} VALUES (?, ?, ?)", [(*place, mark) for place, mark in marked.items()])
    con.executemany("INSERT INTO cell_notes VALUES ('Q05', ?, NULL, ?, ?)", say_reversals(kind, marked))
    return True


def select_reversals(kind: Kind, view: str, columns: Collection[str]) -> str:
    """Write the SELECT of the reversals of a kind, each with every payment that it may cancel: places of both, in order.

    A reversal cancels one payment of the opposite amount to the same person: one of the same number, or, where of every number
    one of the two rows has none, the same name.
    """
    amount = quote(kind.nets or "")
    *numbers, name = [quote(one) if one in columns else "_nobody" for one in kind.paid]
    rows = f"(SELECT *, CAST(NULL AS VARCHAR) AS _nobody FROM {view})"
    unknown = " AND ".join([*(f"(r.{number} IS NULL OR p.{number} IS NULL)" for number in numbers), f"r.{name} = p.{name}"])
    same = " OR ".join([*(f"r.{number} = p.{number}" for number in numbers), f"({unknown})"])
    return (
        f"SELECT r._input, r._row, p._input, p._row FROM {rows} r LEFT JOIN {rows} p ON p.{amount} = -r.{amount} AND ({same})"
        f" WHERE r.{amount} < 0 ORDER BY r._input, r._row, p._input, p._row"
    )


def say_reversals(kind: Kind, marked: Mapping[Place, int]) -> list[tuple[int, str, str]]:
    """Say of each input, once a mark, what became of its reversals: input, column, sentence."""
    said = {(place, mark) for (place, _), mark in marked.items()}
    return [(place, kind.nets or "", _WORDS[mark]) for place, mark in sorted(said)]


def reversals(kind: Kind) -> str:
    """Name the table of a kind's reversals: _input, _row, and `_netted`, which is ALONE or NETTED."""
    return f"reversals_{kind.kind}"


def pair_reversals(candidates: Iterable[tuple[int, int, int | None, int | None]]) -> dict[Place, int]:
    """Give each reversal the first payment that none before it has taken."""
    marked: dict[Place, int] = {}
    for one, two, three, four in candidates:
        reversal, payment = (one, two), None if three is None or four is None else (three, four)
        if marked.setdefault(reversal, ALONE) == ALONE and payment is not None and payment not in marked:
            marked[reversal] = marked[payment] = NETTED
    return marked
