"""The funnel against brute force: on generated cases, and on real behaviour, the product's whole frame is the oracle's.

The oracle (tests/oracles/funnel.py) lists every chain there is and follows the written rules; it shares no code with the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given
from tests.analysis.asking import Case, ask_funnel, public_step, source_of
from tests.analysis.strategies import FUZZING, funnel_cases
from tests.oracles.events import History, Step, histories, table
from tests.oracles.frames import differences, plain
from tests.oracles.funnel import COLUMNS, Funnel, funnel, members, people_at

import tilth as tl
from tilth.errors import UnknownEvent
from tilth.language import using

TAOBAO = Path(__file__).parents[4] / "shared" / "data" / "taobao_behavior.csv"


def agree(case: Case, questions: Sequence[Funnel]) -> None:
    """Check the frame of each question, who stands in its cells, and what was left out."""
    ev, people = case.events(), case.people()
    for question in questions:
        assert agree_on(ev, question, people).left_out == histories(case.rows)[1]


def agree_on(ev: Any, question: Funnel, people: Sequence[History]) -> Any:
    columns = (*question.by, *COLUMNS)
    with using("en"):
        result = ask_funnel(ev, question)
    frame = result.frame
    assert differences(frame, funnel(question, people), columns, (*question.by, "step")) == []
    for group in members(question, people):
        for step in range(1, len(question.steps) + 1):
            cell = dict(zip(question.by, group, strict=True))
            assert set(result.people(step=step, **cell)) == people_at(question, people, step, group)
    return result


@FUZZING
@given(funnel_cases("ordered"))
def test_ordered_funnel_is_the_oracles(asked: tuple[Case, list[Funnel]]) -> None:
    agree(*asked)


@FUZZING
@given(funnel_cases("strict"))
def test_strict_funnel_is_the_oracles(asked: tuple[Case, list[Funnel]]) -> None:
    agree(*asked)


@FUZZING
@given(funnel_cases("any"))
def test_funnel_in_any_order_is_the_oracles(asked: tuple[Case, list[Funnel]]) -> None:
    agree(*asked)


SHOPPING = table(
    """person time             event channel
       ann    2024-03-01T10:00 view  x
       ann    2024-03-01T10:05 buy   y
       ann    2024-03-02T10:00 view  x
       ann    2024-03-02T10:10 buy   x
       bob    2024-03-02T00:00 view  y
       bob    2024-03-02T00:20 buy   y
       cat    2024-03-03T00:00 view  x"""
)
VIEW, BUY = Step(("view",)), Step(("buy",))


def shop(tz: str = "UTC") -> Any:
    return tl.Events(source_of(SHOPPING), person="user_id", time="ts", event="event", tz=tz)


def counts(ev: Any, *steps: Step, **options: Any) -> list[int]:
    return list(ev.funnel([public_step(s) for s in steps], **options).frame["people"])


# The stretch of March 2: Ann's second view and buy, Bob's view at its first instant; Cat's view at the first instant of March 3 is outside.
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2024, 3, 2, tzinfo=UTC), datetime(2024, 3, 3, tzinfo=UTC)),
        ("2024-03-02", "2024-03-02"),
        (datetime(2024, 3, 2).date(), datetime(2024, 3, 2).date()),
    ],
    ids=["instants", "dates as text", "dates"],
)
def test_during_includes_its_start_and_a_whole_last_day(start: Any, end: Any) -> None:
    assert counts(shop().during(start, end), VIEW, BUY) == [2, 2]


# Ann's first view and her first buy were on March 1, so on March 2 only Bob has a first one; in Shanghai's day too, which ends 8 hours earlier there.
def test_first_ever_looks_at_the_whole_source() -> None:
    narrowed = shop().during("2024-03-02", "2024-03-02")
    assert counts(narrowed, VIEW, Step(("buy",), first=True)) == [2, 1]
    assert counts(narrowed, VIEW, BUY, start_is="first") == [1, 1]


# Strictness and excluded events look at what is left: Bob's cart in y breaks or voids his chain from view to buy, unless only x is looked at.
def test_what_is_narrowed_away_breaks_no_chain() -> None:
    rows = table(
        """person time  event channel
           bob    10:00 view  x
           bob    10:05 cart  y
           bob    10:10 buy   x"""
    )
    ev = tl.Events(source_of(rows), person="user_id", time="ts", event="event", tz="UTC")
    only_x = ev.where({"channel": "x"})
    assert (counts(ev, VIEW, BUY, order="strict"), counts(only_x, VIEW, BUY, order="strict")) == ([1, 0], [1, 1])
    assert (counts(ev, VIEW, BUY, exclude=["cart"]), counts(only_x, VIEW, BUY, exclude=["cart"])) == ([1, 0], [1, 1])


# Conditions as expressions. Ann's first buy is in y; a null is neither equal nor unequal to anything, so Cat's view without a channel is not "not y".
def test_conditions_may_be_expressions() -> None:
    rows = table(
        """person time  event channel
           ann    10:00 view  x
           ann    10:05 buy   y
           cat    10:00 view  -
           cat    10:05 buy   x"""
    )
    ev = tl.Events(source_of(rows), person="user_id", time="ts", event="event", tz="UTC")
    not_y = ibis._.channel != "y"
    assert list(ev.funnel([tl.Step("view", where=not_y), "buy"]).frame["people"]) == [1, 1]
    assert list(ev.funnel(["view", tl.Step("buy", where=not_y)]).frame["people"]) == [2, 1]
    assert counts(ev.where(not_y), VIEW, BUY) == [1, 0]


# Who bought in x: Ann alone; of all her events 1 view-buy chain. Who is not in the set has no event left.
def test_within_a_set_of_people() -> None:
    bought_in_x = shop().funnel([tl.Step("buy", where={"channel": "x"})]).people(step=1)
    assert (set(bought_in_x), len(bought_in_x), "ann" in bought_in_x, "bob" in bought_in_x) == ({"ann"}, 1, True, False)
    assert counts(shop().within(bought_in_x), VIEW, BUY) == [1, 1]


# Nothing is left on March 9: every step still has its row, 0 people, and nothing to divide by or to take a median of.
def test_nothing_left_is_rows_of_zero() -> None:
    frame = shop().during("2024-03-09", "2024-03-09").funnel(["view", "buy"]).frame
    assert list(frame["people"]) == [0, 0]
    assert [plain(v) for v in frame["from_start"]][1] is None
    assert frame[["median_seconds", "mean_seconds"]].isna().all(axis=None)
    assert len(shop().during("2024-03-09", "2024-03-09").funnel(["view"], by="channel").frame) == 0


# A source without rows knows no names at all, so none is called unknown: the same rows of zero.
@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_an_empty_source_is_rows_of_zero(kind: str) -> None:
    result = tl.Events(source_of([], kind), person="user_id", time="ts", event="event").funnel(["view", "buy"], within="1d")
    assert (list(result.frame["people"]), tuple(result.frame.columns), result.left_out) == ([0, 0], COLUMNS, 0)
    assert len(result.people(step=1)) == 0


# Whoever a sample keeps, it keeps with all their events; asked twice it keeps the same people.
def test_a_sample_keeps_whole_people() -> None:
    rows = table("person time event\n" + "\n".join(f"p{i} 10:{m:02} {name}" for i in range(200) for m, name in enumerate(["view", "cart", "buy"])))
    ev = tl.Events(source_of(rows), person="user_id", time="ts", event="event", tz="UTC")
    kept = set(ev.sample(0.3).funnel(["view"]).people(step=1))
    assert 20 <= len(kept) <= 100  # 60 expected, standard deviation 6.5
    assert counts(ev.sample(0.3), VIEW, Step(("cart",)), BUY) == [len(kept)] * 3
    assert set(ev.sample(0.3).funnel(["buy"]).people(step=1)) == kept


def test_unknown_names_are_told_with_the_nearest() -> None:
    with using("en"), pytest.raises(UnknownEvent, match="'view'"):
        shop().funnel(["veiw"])
    with using("en"), pytest.raises(UnknownEvent, match="'buy'"):
        shop().funnel(["view", "buy"], exclude=["buuy"])


# Lengths are written with a unit, the first step cannot be optional, nor any in "any": errors, as the rules say.
@pytest.mark.parametrize(
    "ask",
    [
        lambda ev: ev.funnel(["view", "buy"], within=3600),
        lambda ev: ev.funnel([tl.Step("view", optional=True), "buy"]),
        lambda ev: ev.funnel(["view", tl.Step("buy", optional=True)], order="any"),
    ],
    ids=["bare number", "optional first", "optional in any"],
)
def test_what_the_rules_call_an_error_is_one(ask: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError):
        ask(shop())


# A person's 4,321 real page views, carts and buys within 3 days: the oracle's chains against the kernel's.
@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_taobao_funnel_is_the_oracles(order: str) -> None:
    if not TAOBAO.exists():
        pytest.skip("needs taobao_behavior.csv in ../shared/data")
    raw = pd.read_csv(TAOBAO, header=None, names=["person", "item", "category", "event", "time"], dtype={"person": str})
    rows = [r | {"time": datetime.fromtimestamp(r["time"], UTC), "person": str(r["person"])} for r in raw.to_dict("records")]
    people, _ = histories(rows)
    question = Funnel((Step(("pv",)), Step(("cart",)), Step(("buy",))), within=timedelta(days=3), order=order, hold=("item",))
    ev = tl.Events(raw, person="person", time="time", event="event")
    with using("en"):
        frame = ask_funnel(ev, question).frame
    assert differences(frame, funnel(question, people), COLUMNS, ("step",)) == []
