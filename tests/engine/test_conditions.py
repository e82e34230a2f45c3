"""Conditions against pandas' own comparison of the same rows; a null is never true."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from ibis import _

from tilth.engine.conditions import BadCondition
from tilth.engine.sources import open_source
from tilth.errors import UnknownColumn
from tilth.language import using

FRAME = pd.DataFrame(
    {
        "city": ["上海", "杭州", None, "O'Hare"],
        "value": [1.5, None, 3.0, 4.0],
        "count": [1, 2, 3, 4],
        "vip": [True, False, True, False],
        "day": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03", None]),
    }
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"city": "上海"}, [True, False, False, False]),
        ({"city": "O'Hare"}, [False, False, False, True]),
        ({"city": ["上海", "杭州", None]}, [True, True, False, False]),
        ({"city": None}, [False] * 4),
        ({"city": []}, [False] * 4),
        ({}, [True] * 4),
        ({"value": 3.0, "vip": True}, [False, False, True, False]),
        ({"value": Decimal("1.5")}, [True, False, False, False]),
        ({"day": dt.date(2024, 1, 2)}, [False, True, False, False]),
        (_.value > 1.5, [False, False, True, True]),
        (_.city.isnull() | (_["count"] == 1), [True, False, True, False]),
        (lambda t: t["count"].isin([2, 4]), [False, True, False, True]),
        (_.city.like("上%"), [True, False, False, False]),
        (_.day >= "2024-01-02", [False, True, True, False]),
    ],
)
def test_conditions(condition, expected):
    source = open_source(FRAME)
    assert source.scan({"found": source.condition(condition)})["found"].to_pylist() == expected


@pytest.mark.parametrize("condition", [{"town": 1}, _.town == 1], ids=["dict", "ibis"])
def test_an_unknown_column_names_the_nearest(condition):
    with using("en"), pytest.raises(UnknownColumn, match=r"'count'|'city'"):
        open_source(FRAME).condition(condition)


@pytest.mark.parametrize("condition", ["value > 1", 5, _.value > _.value.mean(), {"city": object()}])
def test_what_is_not_about_one_row_is_refused(condition):
    with pytest.raises(BadCondition):
        open_source(FRAME).condition(condition)
