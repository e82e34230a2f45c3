"""Questions asked of real executors: every answer, and who is behind it, is that of this machine.

What the answers have to be is the oracles' business; the same suites run over parts of the people in one process (kind "parts" of
tests/analysis/asking.py). Here the transport is real: a master and two executors that share nothing with the test but files.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from tests.analysis.asking import table_of

import tilth as tl
from tilth.analysis.behaviour.activity import Activity, ActivityOptions
from tilth.engine.spark import SparkError
from tilth.errors import InputError, UnknownColumn, UnknownEvent
from tilth.warehouse.workspace import Workspace, WorkspaceError, read_settings, write_settings

QUESTIONS: dict[str, Any] = {
    "funnel": lambda ev: ev.funnel(["a", "b", "c"], within="2d"),
    "strict": lambda ev: ev.funnel(["a", "b"], order="strict", exclude="c"),
    "any order": lambda ev: ev.funnel(["a", "b", "c"], order="any", within=None),
    "first of all": lambda ev: ev.funnel([tl.Step("a", first=True), tl.Step("b", where={"city": "沪"}, optional=True), "c"], start_is="first"),
    "held, split by every touch": lambda ev: ev.funnel(["a", "b"], hold="city", by=["channel", "city"], by_touch="all"),
    "within a session, split by a step": lambda ev: ev.funnel(["a", "b"], sessions="2d", by="channel", by_touch=2, top=1),
    "retention": lambda ev: ev.retention("a", "b", by="channel"),
    "retention of a value": lambda ev: ev.retention("a", None, period="week", kind="on_or_after", value="price", start_is="recurring"),
    "retention in brackets": lambda ev: ev.retention("b", "c", kind="bracket", brackets=[(1, 2), (3, 9)], tz="America/New_York"),
    "activity": lambda ev: Activity(ev, ActivityOptions("a", "week")),
    "lifecycle": lambda ev: ev.lifecycle(),
    "lifecycle of one": lambda ev: ev.lifecycle("a", period="week"),
    "stickiness": lambda ev: ev.stickiness("b"),
    "frequency": lambda ev: ev.frequency("a", period="week"),
    "sessions": lambda ev: ev.sessions("6h", separator="c"),
    "lifecycle, split": lambda ev: ev.lifecycle("a", by=["channel", "city"], top=3),
    "stickiness, split": lambda ev: ev.stickiness(by="city"),
    "frequency, split": lambda ev: ev.frequency("a", period="week", by="channel", top=1),
    "sessions, split": lambda ev: ev.sessions("6h", separator="c", by=["channel", "price"]),
    "intervals": lambda ev: ev.intervals("a", "b", within="3d", by="city", top=1),
    "paths": lambda ev: ev.paths(depth=3),
    "paths to, grouped": lambda ev: ev.paths(end="c", top=1, fold=True, sessions="1d"),
    "touchpoints": lambda ev: ev.touchpoints("channel", "c", value="price"),
    "activation": lambda ev: ev.activation("b", candidates=["a", tl.Step("c", where={"channel": "x"})], windows=["1d"], between=("1d", "4d")),
    "activation of whatever there is": lambda ev: ev.activation("b", windows=["1d"], between=("1d", "4d")),
}
NARROWED: dict[str, Any] = {
    "all": lambda ev: ev,
    "some days of some people": lambda ev: ev.during("2024-03-10", "2024-03-14").where({"channel": ["x", "y"]}).sample(0.7),
}


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    """Sixty people with up to twelve events on few instants around a change of clocks, and nulls in every column."""
    chance = random.Random(7)
    start = datetime(2024, 3, 9, 20, tzinfo=UTC)
    made = []
    for person in [f"p{k}" for k in range(60)] + [None]:
        for _ in range(chance.randrange(13)):
            time = None if chance.random() < 0.03 else start + timedelta(hours=6 * chance.randrange(30), microseconds=chance.choice([0, 0, 0, 1]))
            event = chance.choice(["a", "a", "b", "b", "c", None])
            made.append(
                {
                    "person": person,
                    "time": time,
                    "event": event,
                    "channel": chance.choice(["x", "y", "z", None]),
                    "city": chance.choice(["沪", "杭", None]),
                    "price": chance.choice([1, 2, None]),
                }
            )
    chance.shuffle(made)
    return table_of(made)


@pytest.fixture(scope="module")
def sides(spark: Any, rows: pa.Table) -> tuple[tl.Events, tl.Events]:
    return tl.Events(rows), tl.Events(spark.createDataFrame(rows))


@pytest.mark.parametrize(("narrowed", "asked"), [*product(NARROWED, QUESTIONS)])
def test_a_question_has_one_answer(sides: tuple[tl.Events, tl.Events], narrowed: str, asked: str) -> None:
    here, there = (QUESTIONS[asked](NARROWED[narrowed](ev)) for ev in sides)
    assert len(here.frame)
    pd.testing.assert_frame_equal(ordered(there.frame), ordered(here.frame))
    assert there.left_out == here.left_out
    assert there.definition() == here.definition()
    assert there.people() == here.people()


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """People have no order of their own: rows that tell of one person each are put in the order of their values."""
    return frame.sort_values(["person", "session"]).reset_index(drop=True) if "person" in frame else frame


def test_figures_have_the_same_people_behind_them(sides: tuple[tl.Events, tl.Events]) -> None:
    cells: dict[str, list[dict[str, Any]]] = {
        "funnel": [{"step": 2}, {"step": 3, "dropped": True}],
        "retention": [{"period": 1}, {"channel": "x"}],
        "lifecycle": [{"state": "new"}, {"state": "dormant"}],
        "stickiness": [{"active_periods": 2}],
        "frequency": [{"at_least": 2}],
        "sessions": [{"session": 2}],
        "lifecycle, split": [{"channel": "x"}, {"state": "dormant", "city": "(other)"}],
        "stickiness, split": [{"active_periods": 1, "city": None}],
        "frequency, split": [{"channel": "(other)"}],
        "sessions, split": [{"session": 1, "price": None}, {"bucket": 1, "channel": "y"}],
        "intervals": [{"bucket": 1}, {"ended": False}],
        "paths": [{"depth": 1, "source": "a"}],
        "touchpoints": [{"converted": True}],
        "activation": [{"event": "a", "retained": True}],
    }
    for asked, chosen in cells.items():
        here, there = (QUESTIONS[asked](ev) for ev in sides)
        for cell in chosen:
            assert len(here.people(**cell))
            assert there.people(**cell) == here.people(**cell)


def test_people_are_chosen_by_those_of_another_question(sides: tuple[tl.Events, tl.Events]) -> None:
    here, there = sides
    buyers = here.funnel(["c"]).people()
    assert len(there.within(buyers)) == len(here.within(buyers)) < len(here)
    assert there.people() == here.people()
    assert there.names() == here.names()


def test_what_is_wrong_is_said_as_here(sides: tuple[tl.Events, tl.Events]) -> None:
    _here, there = sides
    with pytest.raises(UnknownEvent, match="'aa'"):
        there.funnel(["aa", "b"])
    with pytest.raises(UnknownColumn, match="'chanel'"):
        there.where({"chanel": "x"})
    with pytest.raises(InputError, match="channel"):
        there.retention("a", value="channel")


def test_events_move_to_spark_and_back_with_their_narrowing(spark: Any, rows: pa.Table) -> None:
    here = tl.Events(rows).during("2024-03-11")
    there = here.on("spark")
    assert (here.engine, there.engine, there.on("local").engine) == ("local", "spark", "local")
    assert len(here) == len(there) == len(there.on("local")) < len(rows)
    pd.testing.assert_frame_equal(here.funnel(["a", "b"], engine="spark").frame, here.funnel(["a", "b"]).frame)


@pytest.mark.parametrize("at", [None, "2024-03-20"])
def test_rfm_is_asked_where_the_lines_are(spark: Any, rows: pa.Table, at: str | None) -> None:
    """Orders of several lines, refunds, lines without a person, a time or an amount; ``city`` stands for the order's id."""
    named = {"amount": "price", "order": "city", "tz": "Asia/Shanghai"}
    here, there = tl.Orders(rows, **named).rfm(at), tl.Orders(spark.createDataFrame(rows), **named).rfm(at)
    assert len(here.frame) > 40
    assert here.left_out > 0
    pd.testing.assert_frame_equal(there.frame, here.frame)
    assert (there.at, there.left_out, there.people(f=2)) == (here.at, here.left_out, here.people(f=2))


def test_days_are_days_in_every_part(spark: Any) -> None:
    days = pa.table({"user_id": ["a", "b", "a", "b"], "ts": [20240101, 20240102, 20240103, 20240101], "event": ["x"] * 4})
    frame = spark.createDataFrame(days)
    pd.testing.assert_frame_equal(tl.Events(frame).lifecycle().frame, tl.Events(days).lifecycle().frame)
    seconds = pa.table({"user_id": ["a", "b", "a", "b"], "ts": [20240101, 20240102, 1_700_000_000, 5], "event": ["x"] * 4})
    frame = spark.createDataFrame(seconds).repartition(4)  # some parts hold nothing but what looks like days
    assert tl.Events(frame).cluster.survey.span == tl.Events(seconds).history.timeline.span == (5_000_000, 1_700_000_000_000_000)


def test_a_workspace_is_asked_where_its_files_lie(spark: Any, stocked: Workspace) -> None:
    here, there = stocked.events(), stocked.events(engine="spark")
    name = stocked.properties("events")[0]
    for question in (
        lambda ev: ev.funnel(ev.names()[:3], within="7d", by="channel"),
        lambda ev: ev.retention(ev.names()[0], period="week", by=name, top=3),
        lambda ev: ev.intervals(ev.names()[0], ev.names()[1]),
    ):
        local, remote = question(here), question(there)
        pd.testing.assert_frame_equal(remote.frame, local.frame)
        assert remote.people() == local.people()
    assert there.on("local").engine == "local"


def test_a_workspace_says_where_its_questions_run(spark: Any, tmp_path: Any) -> None:
    workspace = Workspace.create(tmp_path / "shop")
    assert workspace.events().engine == "local"
    settings = read_settings(workspace.root)
    write_settings(workspace.root, {**settings, "engine": "spark"})
    moved = Workspace.open(workspace.root)
    assert (moved.events().engine, moved.events(engine="local").engine, len(moved.events())) == ("spark", "local", 0)
    assert moved.events().lifecycle().frame.empty
    write_settings(workspace.root, {**settings, "engine": "sparc"})
    with pytest.raises(WorkspaceError, match="spark"):
        Workspace.open(workspace.root)


def test_what_spark_cannot_do_is_said(spark: Any, tmp_path: Any) -> None:
    pd.DataFrame({"user_id": ["a"], "ts": [1], "event": ["x"]}).to_parquet(tmp_path / "gone.parquet")
    events = tl.Events(spark.read.parquet(str(tmp_path / "gone.parquet")))
    (tmp_path / "gone.parquet").unlink()
    with pytest.raises(SparkError, match="Spark"):
        events.names()
