"""The sum nearest to a total is found without a look at every place where its rows may begin."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ledgers.headers import recognise
from ledgers.kinds import load_kinds
from ledgers.totals import Held, Totals

KIND = load_kinds()["aid_payment"]
HEADER = ["姓名", "金额"]
LAYOUT = recognise([HEADER], {"aid_payment": KIND}, "aid_payment")
PAID = st.lists(st.integers(1, 6), min_size=2, max_size=12)
AMOUNTS = st.lists(st.integers(-3, 6), min_size=1, max_size=12)


def totals_of(amounts: Sequence[int]) -> Totals:
    return Totals(LAYOUT, KIND, [["测试甲", str(amount)] for amount in amounts])


def held(totals: Totals, value: int, above: int, least: int = 0) -> Held:
    [one] = totals.hold(["合计", str(value)], above, least=least)
    return one


@given(AMOUNTS, st.lists(st.integers(0, 12)), st.integers(-20, 40), st.integers(0, 12), st.integers(0, 3))
def test_no_span_above_a_total_comes_nearer_than_the_one_it_is_held_against(
    amounts: list[int], begun: list[int], value: int, above: int, least: int
) -> None:
    totals, above = totals_of(amounts), min(above, len(amounts))
    starts = {0, *(min(place, len(amounts)) for place in begun)}
    for start in sorted(starts - {0}):
        totals.begin(start)
    spans = [amounts[start:above] for start in starts if above - start >= least]
    found = held(totals, value, above, least)
    if not spans:
        assert (found.rows, found.sum) == (0, 0)
        return
    nearest = min(abs(value - sum(span)) for span in spans)
    assert abs(value - found.sum) == nearest
    assert (found.sum, found.rows) in {(sum(span), len(span)) for span in spans}
    if any(span and abs(value - sum(span)) == nearest for span in spans) and len({sum(s) for s in spans}) == 1:
        assert found.rows


@given(PAID, PAID)
def test_a_section_may_state_its_sum_above_its_rows(first: list[int], second: list[int]) -> None:
    totals, every = totals_of([*first, *second]), len(first) + len(second)
    totals.end_at([len(first), every])
    for above, rows in ((0, first), (len(first), second)):
        one = held(totals, sum(rows), above)
        assert (one.fits, one.sum) == (True, sum(rows))


def test_fifty_thousand_subtotals_are_each_held_against_their_own_rows() -> None:
    """Each was held against every place above it: the check of such a file took hours."""
    count = 50_000
    totals = totals_of([number % 7 + 1 for number in range(2 * count)])
    totals.end_at(range(2, 2 * count + 1, 2))
    own = [held(totals, above % 7 + (above + 1) % 7 + 2, above + 2) for above in range(0, 2 * count, 2)]
    assert all(one.fits for one in own)
    assert held(totals, 10**9, 2 * count).rows == 2 * count
    assert held(totals, 10**9, 2 * count).sum == Decimal(sum(number % 7 + 1 for number in range(2 * count)))
