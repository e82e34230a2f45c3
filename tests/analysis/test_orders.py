"""Orders: what amounts may look like, and what is said of those that are none."""

from __future__ import annotations

from decimal import Decimal

import pytest

import tilth as tl
from tilth.analysis.orders import BadAmount
from tilth.language import using


@pytest.mark.parametrize("amounts", [[5.5, 1200.5], [Decimal("5.50"), Decimal("1200.5")], ["5.5", "1200.50"]], ids=["floats", "decimals", "text"])
def test_amounts_of_every_kind_are_the_same_money(amounts):
    frame = tl.Orders({"user_id": ["a", "b"], "ts": [1, 2], "amount": amounts}).rfm().frame
    assert dict(zip(frame["person"], frame["monetary"], strict=True)) == {"a": 5.5, "b": 1200.5}


def test_an_amount_that_is_no_number_is_named_with_its_place():
    orders = tl.Orders({"user_id": ["a", "b"], "ts": [1, 2], "amount": ["5", "¥1,200.50"]})
    with using("en"), pytest.raises(BadAmount, match=r"Column amount, row 2: '¥1,200.50'"):
        orders.rfm()


def test_a_missing_amount_leaves_its_line_out():
    rfm = tl.Orders({"user_id": ["a", "b", "c"], "ts": [1, 2, 3], "amount": [5.0, None, float("nan")]}).rfm()
    assert rfm.frame["person"].tolist() == ["a"]
    assert rfm.left_out == 2
