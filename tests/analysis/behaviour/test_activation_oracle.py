"""Activation against brute force: on generated cases with ties, nulls, windows on their bounds, steps that overlap and conditions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.asking import Case, length, public_step
from tests.analysis.strategies import FUZZING, cases, instants_of, known_names, once_in, rows_of, steady_times, steps
from tests.oracles.activation import COLUMNS, Activation, activation, looked_at
from tests.oracles.events import histories
from tests.oracles.frames import differences

HOUR = timedelta(hours=1)


def ask(ev: Any, question: Activation) -> Any:
    return ev.activation(
        None if question.retained is None else public_step(question.retained),
        None if question.start is None else public_step(question.start),
        None if question.candidates is None else [public_step(step) for step in question.candidates],
        question.counts,
        [length(window) for window in question.windows],
        tuple(length(one) for one in question.between),
        question.until,
    )


@st.composite
def questions(draw: st.DrawFn, case: Case) -> Activation:
    """Activation whose windows end on and off the times there are, a candidate being anything a step can be."""
    names = known_names(case.rows)
    several = st.lists(steps(names), min_size=1, max_size=3).map(lambda found: tuple(replace(s, label=f"{k}") for k, s in enumerate(found)))
    after = draw(st.integers(1, 3))
    return Activation(
        retained=draw(once_in(2, steps(names), otherwise=None)),
        start=draw(once_in(2, steps(names), otherwise=None)),
        candidates=draw(once_in(2, several, otherwise=None)),
        counts=draw(st.sampled_from([(1,), (2, 1), (1, 2, 3, 5)])),
        windows=tuple(HOUR * k for k in draw(st.lists(st.integers(1, after), min_size=1, max_size=2))),
        between=(HOUR * after, HOUR * (after + draw(st.integers(1, 2)))),
        until=draw(once_in(4, st.sampled_from(instants_of(case.rows)), otherwise=None)),
    )


@st.composite
def asked(draw: st.DrawFn) -> tuple[Case, list[Activation]]:
    """A case in which people start some hours before the last event, most often, so that they can be looked at."""
    case = draw(cases(steady_times(HOUR)))
    crowd = draw(rows_of(steady_times(HOUR)[:12]))
    rows = tuple(dict(row) | ({"person": f"{row['person']}{k % 5}"} if row["person"] else {}) for k, row in enumerate((*case.rows, *crowd)))
    last = dict(rows[0]) | {"person": "末", "time": max(instants_of(case.rows)) + 5 * HOUR, "event": known_names(case.rows)[0]}
    case = replace(case, rows=(*rows, last))
    return case, draw(st.lists(questions(case), min_size=1, max_size=4))


@FUZZING
@given(asked())
def test_activation_is_the_oracles(given_case: tuple[Case, list[Activation]]) -> None:
    case, several = given_case
    ev, people = case.events(), case.people()
    for question in several:
        result = ask(ev, question)
        everyone, recent = looked_at(question, people)
        stayed = {p.history.person for p in everyone if p.retained}
        expected = activation(question, people)
        rows = [cell | {"window": length(cell["window"])} for _candidate, cell, _who in expected]
        assert differences(result.frame, rows, COLUMNS, COLUMNS[:3]) == []
        assert (result.started, result.stayed, result.recent) == (len(everyone), len(stayed), recent)
        assert result.left_out == histories(case.rows)[1]
        assert (set(result.people()), set(result.people(retained=True))) == ({p.history.person for p in everyone}, stayed)
        for _candidate, cell, who in expected[:3]:
            rule = {"event": cell["event"], "at_least": cell["at_least"], "window": length(cell["window"])}
            assert set(result.people(**rule)) == who
            assert set(result.people(**rule, did=False, retained=True)) == stayed - who
        scores = result.frame["score"].dropna().tolist()
        assert scores == sorted(scores, reverse=True)
        best = result.recommended
        assert (best is None) == (not any((cell["score"] or 0) > 0 for _candidate, cell, _who in expected))
