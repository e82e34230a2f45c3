"""Paths against brute force: on generated cases with ties, nulls, sessions and overlapping steps, and on real behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, length, public_step
from tests.analysis.strategies import FUZZING, UNITS, cases, known_names, once_in, steady_times, steps
from tests.oracles.events import History, Step, histories
from tests.oracles.frames import differences
from tests.oracles.paths import COLUMNS, Paths, paths, transitions, whole_paths
from tests.real_data import real

import tilth as tl


def ask(ev: Any, question: Paths) -> Any:
    start, end, around = (None if step is None else public_step(step) for step in (question.start, question.end, question.around))
    return ev.paths(start, end, question.depth, length(question.sessions), question.fold, question.top, around)


def agree(ev: Any, question: Paths, people: Sequence[History]) -> Any:
    """Check the frame, who makes each move, and the matrix of all moves."""
    result, expected = ask(ev, question), paths(question, people)
    rows = [dict(zip(COLUMNS, (*move, len(who)), strict=True)) for move, who in expected.items()]
    assert differences(result.frame, rows, COLUMNS, COLUMNS[:3]) == []
    for (depth, source, target), who in expected.items():
        assert set(result.people(depth=depth, source=source, target=target)) == who
    assert set(result.people()) == {path.person for path in whole_paths(question, people)}
    matrix = result.transitions()
    found = {(source, target): count for source, row in matrix.iterrows() for target, count in row.items() if count}
    assert found == dict(transitions(question, people))
    shares = result.transitions(shares=True)
    for source, row in matrix.iterrows():
        assert shares.loc[source].tolist() == pytest.approx((row / row.sum()).tolist(), nan_ok=True)
    return result


@st.composite
def questions(draw: st.DrawFn, names: Sequence[str], unit: timedelta) -> Paths:
    """Paths of any mode; timeouts lie on, below and above the pauses there are."""
    mode = draw(st.sampled_from(["all", "from", "to", "between", "around"]))
    pauses = [unit * k for k in (1, 2)] if unit >= timedelta(seconds=1) else [timedelta(0), timedelta(seconds=1)]
    return Paths(
        start=draw(steps(names)) if mode in ("from", "between") else None,
        end=draw(steps(names)) if mode in ("to", "between") else None,
        around=draw(steps(names)) if mode == "around" else None,
        depth=draw(st.sampled_from([1, 2, 3, 12])),
        sessions=draw(once_in(2, st.sampled_from(pauses), otherwise=None)),
        fold=draw(st.booleans()),
        top=draw(once_in(2, st.integers(1, 3), otherwise=None)),
    )


@st.composite
def asked(draw: st.DrawFn) -> tuple[Case, list[Paths]]:
    unit = draw(st.sampled_from(UNITS))
    case = draw(cases(steady_times(unit)))
    return case, draw(st.lists(questions(known_names(case.rows), unit), min_size=2, max_size=6))


@FUZZING
@given(asked())
def test_paths_are_the_oracles(given_case: tuple[Case, list[Paths]]) -> None:
    case, several = given_case
    ev, people = case.events(), case.people()
    for question in several:
        assert agree(ev, question, people).left_out == histories(case.rows)[1]


# 43 people's page views, favourites, carts and purchases on Taobao.
@pytest.mark.parametrize(
    "question",
    [
        Paths(),
        Paths(end=Step(("buy",)), depth=4, fold=True),
        Paths(Step(("cart", "fav")), Step(("buy",)), sessions=timedelta(minutes=30)),
        Paths(around=Step(("buy",)), depth=3, fold=True, top=2),
    ],
    ids=["all", "to", "between", "around"],
)
def test_taobao_paths_are_the_oracles(question: Paths) -> None:
    raw = pd.read_csv(real("taobao_behavior.csv"), header=None, names=["person", "item", "category", "event", "time"], dtype={"person": str})
    rows = [r | {"time": datetime.fromtimestamp(r["time"], UTC)} for r in raw.to_dict("records")]
    agree(tl.Events(raw, person="person", time="time", event="event"), question, histories(rows)[0])
