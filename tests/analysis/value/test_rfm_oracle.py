"""RFM against exact arithmetic: generated orders, orders worked out on paper, and the CDNOW sample.

The oracle (tests/oracles/rfm.py) works in fractions; it shares no code with the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.strategies import FUZZING
from tests.oracles.events import instant, table
from tests.oracles.frames import differences
from tests.oracles.rfm import COLUMNS, above_means, rfm

import tilth as tl

CDNOW = Path(__file__).parents[4] / "shared" / "data" / "cdnow_sample.csv"


def orders_of(lines: Sequence[dict[str, Any]], tz: str, by_order: bool = True, kind: str = "pandas") -> Any:
    """Return the lines as public Orders."""
    amounts = [line["amount"] for line in lines]
    columns = {
        "customer": pa.array([line["person"] for line in lines], pa.string()),
        "paid": pa.array([line["time"] for line in lines], pa.timestamp("us", tz="UTC")),
        "no": pa.array([line["order"] for line in lines], pa.string()),
        "amount": pa.array(amounts, pa.decimal128(18, 4)) if kind == "arrow" else pa.array(map(float, amounts), pa.float64()),
    }
    source = pa.table(columns) if kind == "arrow" else pa.table(columns).to_pandas()
    return tl.Orders(source, person="customer", time="paid", amount="amount", order="no" if by_order else None, tz=tz)


def segments_tell_apart(frame: pd.DataFrame) -> None:
    """Check that a segment's name stands for one combination of high and low scores, and a combination for one name."""
    names = dict(zip(frame["person"], frame["segment"], strict=True))
    high = above_means(frame.to_dict("records"))
    pairs = {(high[person], names[person]) for person in names}
    assert len(pairs) == len({h for h, _ in pairs}) == len({n for _, n in pairs})


@st.composite
def order_lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Orders of one to three lines, of a handful of people, at the edges of days; refunds, orders of nothing, no person, no time."""
    start = datetime(2024, 3, 9, 15, 59, 59, tzinfo=UTC)
    times = st.sampled_from([start + timedelta(days=d, seconds=s) for d in range(4) for s in (0, 1, 3600)])
    amounts = st.sampled_from(["10", "10", "20", "0.1", "0.2", "0.3", "-0.3", "-10", "0", "33.3333"]).map(Decimal)
    people = st.sampled_from([*"甲乙丙丁戊己庚", None])
    lines = []
    for number in range(draw(st.integers(0, 14))):
        order: dict[str, Any] = {"person": draw(people), "time": draw(times), "order": f"n{number}"}
        lines += [order | {"amount": amount} for amount in draw(st.lists(amounts, min_size=1, max_size=3))]
    return list(draw(st.permutations(lines)))


@FUZZING
@given(
    order_lines(),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "UTC"]),
    st.booleans(),
    st.sampled_from([None, datetime(2024, 3, 11, 16, tzinfo=UTC), datetime(2024, 3, 10, 16, tzinfo=UTC), datetime(2024, 4, 1, 12, tzinfo=UTC)]),
    st.integers(2, 7),
    st.sampled_from(["pandas", "arrow"]),
)
def test_rfm_is_the_oracles(lines: list[dict[str, Any]], tz: str, by_order: bool, at: datetime | None, bins: int, kind: str) -> None:
    frame = orders_of(lines, tz, by_order, kind).rfm(at=at, bins=bins).frame
    assert differences(frame, rfm(lines, tz, by_order, at, bins), COLUMNS, ("person",)) == []
    segments_tell_apart(frame)


# Five customers, five bins. `at` is the first instant of March 9: ann's last order is 1 day ago, bob's 2, cat's 2, dan's 5, eve's 8.
# Edges Q(.2) .. Q(.8) of five values are at places 0.8, 1.6, 2.4, 3.2 of the values in order.
# r on -8 -5 -2 -2 -1: edges -5.6, -3.2, -2, -1.8: eve 1, dan 2, bob and cat 3 (above -3.2, not above -2), ann 5.
# f: ann 3, the others 1: edges 1, 1, 1, 1.4: ann above all: 5; the others above none: 1.
# m: ann 60, bob 20, cat 20, dan 5, eve 100: in order 5 20 20 60 100: edges 17, 20, 36, 68: dan 1, bob and cat 2, ann 4, eve 5.
# Bob's order of two lines is one; cat's refund line makes hers 20; fay's order is paid back in full, gus has no name; both are not seen.
PAPER = """person time             order amount
           ann    2024-03-08T10:00 1     10
           ann    2024-03-02T10:00 2     20
           ann    2024-03-03T10:00 3     30
           bob    2024-03-07T10:00 4     5
           bob    2024-03-07T10:00 4     15
           cat    2024-03-07T23:59 5     50
           cat    2024-03-07T23:59 5     -30
           dan    2024-03-04T10:00 6     5
           eve    2024-03-01T10:00 7     100
           fay    2024-03-07T10:00 8     9
           fay    2024-03-07T10:00 8     -9
           -      2024-03-07T10:00 9     9"""
ANSWER = {
    "ann": (1, 3, 60, 5, 5, 4),
    "bob": (2, 1, 20, 3, 1, 2),
    "cat": (2, 1, 20, 3, 1, 2),
    "dan": (5, 1, 5, 2, 1, 1),
    "eve": (8, 1, 100, 1, 1, 5),
}


def paper() -> list[dict[str, Any]]:
    return [line | {"amount": Decimal(line["amount"])} for line in table(PAPER)]


def test_the_oracle_comes_to_the_answer_on_paper() -> None:
    rows = rfm(paper(), "UTC")
    assert {row["person"]: tuple(row[c] for c in COLUMNS[1:7]) for row in rows} == ANSWER


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_rfm_comes_to_the_answer_on_paper(kind: str) -> None:
    frame = orders_of(paper(), "UTC", kind=kind).rfm().frame
    assert list(frame.columns) == list(COLUMNS)
    got = {row["person"]: tuple(float(row[c]) for c in COLUMNS[1:7]) for row in frame.to_dict("records")}
    assert got == ANSWER
    segments_tell_apart(frame)


# Orders after `at` are not seen, one at `at` itself is: at March 7, 10:00 ann has the two orders before, bob's last was this very day.
def test_orders_after_at_are_not_seen() -> None:
    frame = orders_of(paper(), "UTC").rfm(at=instant("2024-03-07T10:00")).frame.set_index("person")
    assert frame.loc["ann", ["recency_days", "frequency", "monetary"]].tolist() == [4, 2, 50]
    assert frame.loc["bob", "recency_days"] == 0
    assert "cat" not in frame.index


# Days are those of the zone: 25 hours lie between 15:30 and 16:30 UTC of the next day. In Shanghai that is from March 1, 23:30 to March
# 3, 00:30: two days; in London and New York one.
@pytest.mark.parametrize(("tz", "days"), [("Asia/Shanghai", 2), ("Europe/London", 1), ("America/New_York", 1)])
def test_days_are_those_of_the_zone(tz: str, days: int) -> None:
    lines = [{"person": "ann", "time": instant("2024-03-01T15:30"), "order": "1", "amount": Decimal(1)}]
    assert orders_of(lines, tz).rfm(at=instant("2024-03-02T16:30")).frame["recency_days"].tolist() == [days]
    assert orders_of(lines, tz).rfm().frame["recency_days"].tolist() == [1]


def test_one_customer_and_none() -> None:
    one = orders_of(paper()[:1], "UTC").rfm().frame
    assert one[["recency_days", "frequency", "monetary", "r", "f", "m"]].to_numpy().tolist() == [[1, 1, 10, 1, 1, 1]]
    assert tuple(orders_of([], "UTC").rfm().frame.columns) == COLUMNS


# The published 1/10 sample: 2,357 customers, 6,919 rows of date, units and dollars; each row is a purchase, dates are days in Shanghai
# as anywhere. 1998-06-30 is its last day.
@pytest.mark.parametrize("bins", [3, 5])
def test_cdnow_rfm_is_the_oracles(bins: int) -> None:
    if not CDNOW.exists():
        pytest.skip("needs cdnow_sample.csv in ../shared/data")
    raw = pd.read_csv(CDNOW, header=0, names=["customer", "sample", "day", "units", "dollars"], dtype=str)
    raw["dollars"] = raw["dollars"].str.rstrip("$")
    shanghai = ZoneInfo("Asia/Shanghai")
    lines = [
        {"person": person, "time": datetime.strptime(day, "%Y%m%d").replace(tzinfo=shanghai), "order": None, "amount": Decimal(dollars)}
        for person, day, dollars in zip(raw["customer"], raw["day"], raw["dollars"], strict=True)
    ]
    source = raw.assign(day=pd.to_datetime(raw["day"], format="%Y%m%d"), dollars=raw["dollars"].astype(float))
    frame = tl.Orders(source, person="customer", time="day", amount="dollars").rfm(bins=bins).frame
    assert differences(frame, rfm(lines, "Asia/Shanghai", False, bins=bins), COLUMNS, ("person",)) == []
    segments_tell_apart(frame)
