"""Sampling by person: what is scaled, by how much, and whether the error that is told is the one that there is."""

from __future__ import annotations

import math
import random
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.analysis.parts import Dealt

import tilth as tl
from tilth.analysis.behaviour.activity import Activity
from tilth.analysis.clustered import ClusterEvents
from tilth.language import using
from tilth.warehouse.demo import generate

BY_COHORT = ["channel", "cohort", "period"]
# Each question with the columns by which rows are told apart: the figures of several people are the sums of those of each.
QUESTIONS: dict[str, tuple[Any, str, list[str]]] = {
    "funnel": (lambda ev: ev.funnel(["a", "b", "c"]), "frame", ["step"]),
    "funnel in groups": (lambda ev: ev.funnel(["a", "b"], by="channel", by_touch="all"), "frame", ["channel", "step"]),
    "retention": (lambda ev: ev.retention("a", "b", period="week", periods=2, by="channel", start_is="recurring"), "frame", BY_COHORT),
    "retention of a value": (lambda ev: ev.retention("a", period="week", periods=2, value="price"), "frame", ["cohort", "period"]),
    "lifecycle": (lambda ev: ev.lifecycle("a", period="week"), "frame", ["period"]),
    "stickiness": (lambda ev: ev.stickiness("b"), "frame", ["active_periods"]),
    "frequency": (lambda ev: ev.frequency(), "frame", ["times"]),
    "lifecycle, split": (lambda ev: ev.lifecycle("a", by="channel"), "frame", ["channel", "period"]),
    "stickiness, split": (lambda ev: ev.stickiness("b", by="channel"), "frame", ["channel", "active_periods"]),
    "sessions, split": (lambda ev: ev.sessions("1d", by="channel"), "summary", ["channel", "from_seconds", "to_seconds"]),
    "frequency by week": (lambda ev: ev.frequency("a", period="week"), "frame", ["times"]),
    "sessions": (lambda ev: ev.sessions("1d"), "summary", ["from_seconds", "to_seconds"]),
    "intervals": (lambda ev: ev.intervals("a", "b", buckets=["1d", "3d"], by="channel"), "frame", ["channel", "bucket"]),
    "intervals in short": (lambda ev: ev.intervals("a", "b", by="channel"), "summary", ["channel"]),
    "paths": (lambda ev: ev.paths(depth=2), "frame", ["depth", "source", "target"]),
    "touchpoints": (lambda ev: ev.touchpoints("channel", "c", value="price", fold=True), "frame", ["path"]),
    "activation": (lambda ev: ev.activation("b", candidates=["a", "c"]), "frame", ["event", "at_least", "window"]),
    "activity": (lambda ev: Activity(ev), "frame", ["period"]),
}


@pytest.fixture(scope="module", params=[1, 2])
def rows(request: pytest.FixtureRequest) -> pa.Table:
    """Forty people with up to 30 events in four weeks."""
    chance = random.Random(request.param)
    made = [
        {
            "user_id": f"p{person}",
            "ts": 1_700_000_000 + chance.randrange(28 * 86_400),
            "event": chance.choice(["a", "a", "b", "c"]),
            "channel": chance.choice(["x", "y", None]),
            "price": chance.choice([1, 2.5, None]),
        }
        for person in range(40)
        for _ in range(chance.randrange(31))
    ]
    return pa.Table.from_pylist(made)


@pytest.mark.parametrize("asked", QUESTIONS)
def test_who_asks_everybody_gets_the_figures_as_they_are(rows: pa.Table, asked: str) -> None:
    ask, table, _keys = QUESTIONS[asked]
    for events in (tl.Events(rows), tl.Events(rows).sample(1)):
        result = ask(events)
        plain, scaled = getattr(result, table), result.scaled(table)
        errors = [name for name in scaled if name.endswith("_error")]
        assert result.share == 1
        assert errors
        assert result.definition() == result.meaning()
        pd.testing.assert_frame_equal(scaled.drop(columns=errors), plain, check_dtype=False)
        assert not scaled[errors].fillna(0).to_numpy().any()


@pytest.mark.parametrize("asked", QUESTIONS)
def test_the_error_is_made_of_the_squares_of_what_each_person_adds(rows: pa.Table, asked: str) -> None:
    ask, table, keys = QUESTIONS[asked]
    share = 0.6
    sample = tl.Events(rows).sample(share)
    result = ask(sample)
    scaled = result.scaled(table).fillna({"channel": "-"})
    each = [getattr(ask(sample.within([person])), table).fillna({"channel": "-"}).set_index(keys) for person in sample.people()]
    assert 10 < len(each) < 40
    compared = 0
    for row in scaled.to_dict("records"):
        place = tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]
        own = [frame.loc[place] for frame in each if place in frame.index]
        for name in result.grows[table]:
            if name not in row or math.isnan(row[name]):
                continue
            added = [float(one[name]) for one in own if not pd.isna(one[name])]
            assert row[name] == pytest.approx(sum(added) / share)
            error = 1.96 * math.sqrt((1 - share) * sum(y * y for y in added)) / share
            assert math.isnan(row[f"{name}_error"]) if error == 0 else row[f"{name}_error"] == pytest.approx(error, rel=1e-4)
            compared += bool(error)
    assert compared > 2


@pytest.mark.parametrize("asked", [asked for asked in QUESTIONS if asked != "activity"])  # which is not asked on a cluster
def test_a_cluster_scales_as_one_machine_does(rows: pa.Table, asked: str) -> None:
    ask, table, _keys = QUESTIONS[asked]
    here, there = (ask(events.sample(0.6)) for events in (tl.Events(rows), ClusterEvents(Dealt(rows))))
    assert here.share == there.share == 0.6
    pd.testing.assert_frame_equal(there.scaled(table), here.scaled(table))


def test_of_samples_of_samples_the_smallest_counts() -> None:
    events = tl.Events({"user_id": list(range(2000)), "ts": [0] * 2000, "event": ["x"] * 2000})
    assert events.share == events.during("1970-01-01").share == 1
    assert events.sample(0.5).sample(0.2).where({"event": "x"}).share == events.sample(0.2).sample(0.5).share == 0.2
    assert events.sample(0.5).sample(0.2).people() == events.sample(0.2).people()
    assert len(events.sample(0.2)) == pytest.approx(400, abs=4 * math.sqrt(2000 * 0.2 * 0.8))  # a binomial number


def test_columns_that_do_not_grow_stay_and_an_unknown_table_is_refused(rows: pa.Table) -> None:
    result = tl.Events(rows).sample(0.5).funnel(["a", "b"])
    pd.testing.assert_frame_equal(result.scaled()[["from_start", "median_seconds"]], result.frame[["from_start", "median_seconds"]])
    with pytest.raises(tl.TilthError, match="frame"):
        result.scaled("frames")


def test_paths_that_were_given_are_of_everybody() -> None:
    given = tl.Touchpaths(pd.DataFrame({"path": ["ad", "mail"], "conversions": [3, 5], "share": [0.4, 0.6]}))
    assert given.share == 1
    assert given.scaled()["conversions"].tolist() == [5, 3]


def test_a_definition_says_that_a_sample_was_asked(rows: pa.Table) -> None:
    result = tl.Events(rows).sample(0.125).lifecycle()
    with using("en"):
        assert "A sample of 12.5% of the people" in result.definition()
    with using("zh"):
        assert "12.5%" in result.definition()
        assert "抽样" in result.definition()


RUNS, SHARE = 240, 0.4
FIGURES: dict[str, Any] = {
    "people at a step": lambda ev: ev.funnel(["view_goods", "pay"], within=None).scaled().iloc[1][["people", "people_error"]],
    "people of a cohort": lambda ev: ev.retention("app_open", "pay", period="month", periods=0).scaled().iloc[-3][["size", "size_error"]],
    "person-weeks": lambda ev: ev.stickiness("view_goods").scaled().iloc[1][["people", "people_error"]],
    "sessions": lambda ev: ev.sessions().scaled().iloc[3][["sessions", "sessions_error"]],
    "value of goods looked at": lambda ev: (
        ev.retention("view_goods", "view_goods", value="value", period="month", periods=0).scaled().iloc[0][["value", "value_error"]]
    ),
}


@pytest.fixture(scope="module")
def brand() -> pa.Table:
    """What the people of a generated brand did in its last half year."""
    events = generate(seed=11, end=date(2024, 2, 29), people=2000).tables["events"]
    late = pc.greater(events["time"], pa.scalar(pd.Timestamp("2023-09-01", tz="UTC")))
    return events.filter(late).select(["person", "time", "event", "value"])


def drawn(brand: pa.Table, run: int) -> tl.Events:
    """Return the brand's events, its people's ids beginning with the number of a run: they draw other numbers then."""
    ids = pc.binary_join_element_wise(str(run), brand["person"], "-")
    return tl.Events(brand.set_column(0, "person", ids), "person", "time")


@pytest.fixture(scope="module")
def runs(brand: pa.Table) -> dict[str, np.ndarray]:
    """What each figure is in many samples, and its error."""
    found: dict[str, list[Any]] = {name: [] for name in FIGURES}
    for run in range(RUNS):
        sample = drawn(brand, run).sample(SHARE)
        for name, ask in FIGURES.items():
            found[name].append(ask(sample))
    return {name: np.array(figures, float) for name, figures in found.items()}


# Of n runs in which an interval holds the truth with probability 0.95, the number that do is binomial: four standard deviations are 13.5 of 240.
# Intervals that are too wide hold the truth as well, so the error is held to the spread that there is: the standard deviation of n standardised
# estimates strays from 1 by 1 / sqrt(2 n) = 4.6 %, and by more where what people add is skewed.
@pytest.mark.parametrize("figure", FIGURES)
def test_the_truth_lies_inside_in_nineteen_samples_of_twenty(brand: pa.Table, runs: dict[str, np.ndarray], figure: str) -> None:
    truth, none = FIGURES[figure](drawn(brand, 0))
    assert none == 0
    estimates, errors = runs[figure].T
    inside = (np.abs(estimates - truth) <= errors).sum()
    assert abs(inside - 0.95 * RUNS) <= 4 * math.sqrt(0.95 * 0.05 * RUNS)
    assert np.std((estimates - truth) / (errors / 1.96)) == pytest.approx(1, abs=0.15)
    assert estimates.mean() == pytest.approx(truth, abs=4 * estimates.std() / math.sqrt(RUNS))
