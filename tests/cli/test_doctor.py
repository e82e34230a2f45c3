"""``tilth doctor`` asks a small question of every kind: the answers are worked out by hand in it."""

import json

import pytest

from tilth.cli import doctor
from tilth.workbench.measure import questions

WITHOUT_KERNEL = {"activity", "rfm", "sales"}


@pytest.fixture
def events():
    """A views, buys a minute later; b views."""
    from tilth.analysis.events import Events

    return Events({"user_id": ["a", "a", "b"], "ts": [0, 60, 30], "event": ["view", "buy", "view"], "n": [1, 1, 2]}, order="n")


def test_every_kind_of_question_that_has_a_kernel_is_asked_and_right(events) -> None:
    answers = doctor._answers(events)
    assert [name for name, (found, right) in answers.items() if found != right] == []
    assert set(questions.__all__) - WITHOUT_KERNEL == {name.split()[0] for name in answers}


def test_a_kernel_that_counts_wrongly_is_named(tilth, monkeypatch, tmp_path) -> None:
    right = doctor._answers
    monkeypatch.setattr(doctor, "_answers", lambda events: right(events) | {"paths": ([2], [1])})
    result = tilth("doctor", "--json")
    (found,) = [one for one in json.loads(result.out)["findings"] if one["check"] == "kernels"]
    assert found["state"] == "fault"
    assert "paths" in found["text"]
