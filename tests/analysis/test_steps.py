"""What may stand for steps."""

from __future__ import annotations

import pytest

import tilth as tl
from tilth.analysis.steps import BadStep
from tilth.language import using


@pytest.mark.parametrize("steps", ["view", tl.Step("view")])
def test_one_step_instead_of_a_list_is_refused_with_an_example(steps):
    events = tl.Events({"user_id": ["a"], "ts": [1], "event": ["view"]})
    with using("en"), pytest.raises(BadStep, match=r"\['view', 'cart', 'pay'\]"):
        events.funnel(steps)


def test_an_unknown_event_names_the_nearest():
    events = tl.Events({"user_id": ["a"], "ts": [1], "event": ["add_to_cart"]})
    with using("en"), pytest.raises(tl.TilthError, match=r"No event is named 'add_to_card'.*'add_to_cart'"):
        events.funnel(["add_to_card"])
