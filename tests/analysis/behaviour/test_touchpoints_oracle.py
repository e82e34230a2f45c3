"""Touchpoints against brute force: on generated cases with ties, nulls, look-backs on the bound and several conversions, and on published paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, length, public_step
from tests.analysis.strategies import FUZZING, UNITS, cases, known_names, once_in, steady_times, steps
from tests.oracles.events import histories
from tests.oracles.frames import differences
from tests.oracles.touchpoints import COLUMNS, Touchpoints, paths, touchpoints
from tests.real_data import real

import tilth as tl


def ask(ev: Any, question: Touchpoints) -> Any:
    return ev.touchpoints(
        question.channel,
        public_step(question.conversion),
        question.value,
        length(question.lookback),
        None if question.touch is None else public_step(question.touch),
        question.fold,
        question.longest,
    )


@st.composite
def questions(draw: st.DrawFn, names: Sequence[str], unit: timedelta) -> Touchpoints:
    """Touchpoints whose look-back lies on, below and above the distances there are."""
    spans = [unit * k for k in (0, 1, 2)] if unit >= timedelta(seconds=1) else [timedelta(0), timedelta(seconds=1)]
    return Touchpoints(
        draw(st.sampled_from(["channel", "city"])),
        draw(steps(names)),
        draw(once_in(2, st.just("price"), otherwise=None)),
        draw(st.sampled_from([None, *spans])),
        draw(once_in(3, steps(names), otherwise=None)),
        draw(st.booleans()),
        draw(once_in(2, st.integers(1, 3), otherwise=100)),
    )


@st.composite
def asked(draw: st.DrawFn) -> tuple[Case, list[Touchpoints]]:
    unit = draw(st.sampled_from(UNITS))
    case = draw(cases(steady_times(unit)))
    return case, draw(st.lists(questions(known_names(case.rows), unit), min_size=2, max_size=6))


@FUZZING
@given(asked())
def test_touchpoints_are_the_oracles(given_case: tuple[Case, list[Touchpoints]]) -> None:
    case, several = given_case
    ev, people = case.events(), case.people()
    for question in several:
        result = ask(ev, question)
        expected, untouched = paths(question, people)
        assert differences(result.frame, touchpoints(question, people), COLUMNS, ("path",)) == []
        assert (result.untouched, result.left_out) == (untouched, histories(case.rows)[1])
        for text in {" > ".join(one.channels) for one in expected}:
            for converted in (True, False):
                who = {p.person for p in expected if " > ".join(p.channels) == text and (p.conversion is not None) == converted}
                assert set(result.people(text, converted)) == who
        # What attribution will read: the same channels and times, path by path.
        touches = result.touches
        ends = touches.offsets.tolist()
        found = Counter(
            (tuple(touches.names[c] for c in touches.channels[a:b]), tuple(timedelta(microseconds=age) for age in touches.ages[a:b].tolist()), n)
            for a, b, n in zip(ends, ends[1:], touches.conversions.tolist(), strict=False)
        )
        assert found == Counter((p.channels, p.ages, int(p.conversion is not None)) for p in expected)


# What the data's own description says of it: 10,000 paths, 19,785 conversions worth 74,802.97, 68,602 times none; the first touch is alpha for 6,308.
def test_published_paths_are_read_with_their_totals() -> None:
    given = pd.read_csv(real("channel_paths.csv"))
    result = tl.Touchpaths(given)
    frame, touches = result.frame, result.touches
    assert list(frame.columns) == list(COLUMNS)
    assert (len(given), frame["conversions"].sum(), frame["nulls"].sum()) == (10_000, 19_785, 68_602)
    assert frame["value"].sum() == pytest.approx(74_802.97, abs=0.005)
    first = touches.channels[touches.offsets[:-1]] == touches.names.index("alpha")
    assert touches.conversions[first].sum() == 6_308
    again = given.groupby("path")["total_conversions"].sum()
    assert dict(zip(frame["path"], frame["conversions"], strict=True)) == again.to_dict()
