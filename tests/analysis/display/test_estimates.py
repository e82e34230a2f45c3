"""Tables of a sample say what the figures are of everybody, and how sure that is."""

from __future__ import annotations

import re
from typing import Any

import pytest

import tilth as tl
from tilth.analysis.display import card
from tilth.analysis.display.tables import Table, table_of
from tilth.language import using

# 4,000 people who do a, of whom every second does b 60 seconds later, and a again a day after that.
PEOPLE = [f"p{k}" for k in range(4000)]
EVENTS = tl.Events(
    {
        "user_id": [*PEOPLE, *PEOPLE[::2], *PEOPLE[::2]],
        "ts": [0] * 4000 + [60] * 2000 + [86_460] * 2000,
        "event": ["a"] * 4000 + ["b"] * 2000 + ["a"] * 2000,
        "channel": ["x"] * 4000 + ["y"] * 4000,
    }
)
QUESTIONS: dict[str, Any] = {
    "funnel": lambda ev: ev.funnel(["a", "b"]),
    "funnel in groups": lambda ev: ev.funnel(["a", "b"], by="channel"),
    "retention": lambda ev: ev.retention("a", "b"),
    "lifecycle": lambda ev: ev.lifecycle(),
    "stickiness": lambda ev: ev.stickiness(),
    "frequency": lambda ev: ev.frequency(),
    "frequency by day": lambda ev: ev.frequency(period="day"),
    "sessions": lambda ev: ev.sessions(),
    "intervals": lambda ev: ev.intervals("a", "b"),
    "intervals in groups": lambda ev: ev.intervals("a", "b", by="channel"),
    "paths": lambda ev: ev.paths(),
    "touchpoints": lambda ev: ev.touchpoints("channel", "b"),
    "activation": lambda ev: ev.activation("a", candidates=["b"], windows=["1h"], between=("12h", "2d"), until="1970-02-01"),
}
ESTIMATE = re.compile(r"≈ ([\d,]+)(?: ± ([\d,]+))?")


def estimates(table: Table) -> list[tuple[int, int | None]]:
    found = [ESTIMATE.fullmatch(cell.text) for row in table.rows for cell in row.cells]
    return [(int(one[1].replace(",", "")), int(one[2].replace(",", "")) if one[2] else None) for one in found if one]


@pytest.mark.parametrize("asked", QUESTIONS)
def test_every_count_of_a_table_is_an_estimate_with_its_error(asked: str) -> None:
    with using("en"):
        whole, sample = table_of(QUESTIONS[asked](EVENTS)), table_of(QUESTIONS[asked](EVENTS.sample(0.5)))
    assert estimates(whole) == []
    assert not any("sample" in note for note in whole.notes)
    assert "sample of 50%" in sample.notes[-1]
    found = estimates(sample)
    # The sample has some 2,000 people and 1,000 of those who did b: of 4,000 and 2,000 the error is 1.96 * sqrt(n / 2) / 0.5 = 124 and 88.
    assert found
    assert all(error is not None and 50 < error < 350 for figure, error in found if figure)
    assert all(error is None for figure, error in found if not figure)
    counted = [cell for row in sample.rows for cell in row.cells if re.fullmatch(r"\d{3,}|\d,\d{3}", cell.text)]
    assert counted == []  # no figure is left as it is in the sample


def test_a_card_says_so_and_its_people_are_those_of_the_sample() -> None:
    result = EVENTS.sample(0.5).funnel(["a", "b"])
    with using("en"):
        html = card(result, library=False)
    assert html.count("≈ ") >= 3
    assert "The people behind a figure are those of the sample." in html
    assert len(result.people()) == result.frame["people"][0] < 4000
