"""Sales against plain Python over order lines: what counts, whose it is, which day it belongs to."""

from collections import defaultdict

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.analysis.orders import Orders
from tilth.analysis.value.sales import Sales, SalesOptions

lines = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from([None, "a", "b", "c"]), st.integers(0, 9 * 24 - 1), st.integers(-30, 60)), min_size=1, max_size=40
)
FIRST = pd.Timestamp("2025-06-01", tz="Asia/Shanghai")


@settings(max_examples=150)
@given(lines)
def test_orders_buyers_and_amounts_of_each_day(given_lines):
    buyer = {order: who for order, who, _hour, _amount in reversed(given_lines)}  # an order has one person: that of its first line
    frame = pd.DataFrame(
        [(order, buyer[order], FIRST + pd.Timedelta(hours=hour), amount) for order, _who, hour, amount in given_lines],
        columns=["order", "who", "at", "paid"],
    )
    sold, of_order = defaultdict(int), defaultdict(list)
    for order, who, at, paid in frame.itertuples(index=False):
        sold[at.date()] += paid
        of_order[order].append((at, paid, who))
    orders, buyers, amount = defaultdict(int), defaultdict(set), defaultdict(int)
    for parts in of_order.values():
        total, day = sum(paid for _at, paid, _who in parts), min(at for at, _paid, _who in parts).date()
        if total > 0:
            orders[day] += 1
            amount[day] += total
            if parts[0][2] is not None:
                buyers[day].add(parts[0][2])
    result = Sales(Orders(frame, person="who", time="at", amount="paid", order="order"))
    for row in result.frame.itertuples():
        day = row.period.date()
        assert (row.orders, row.buyers, row.sales) == (orders[day], len(buyers[day]), sold[day])
        assert (row.aov == amount[day] / orders[day]) if orders[day] else pd.isna(row.aov)
        assert set(result.people(row.period)) == buyers[day]
    assert result.totals["sales"] == sum(sold.values())
    assert set(result.people()) == set().union(*buyers.values()) if buyers else not len(result.people())


def test_days_are_included_at_both_ends():
    orders = Orders({"user_id": ["a"] * 3, "ts": ["2025-01-01", "2025-01-02", "2025-01-03"], "amount": [1, 2, 4]})
    assert Sales(orders, SalesOptions("2025-01-02", "2025-01-03")).totals["sales"] == pytest.approx(6)
