"""Paths, touchpoints and activation as cards: the table has the figures of the frame, the chart can be drawn, people stand behind figures."""

from __future__ import annotations

from typing import Any

import pytest

import tilth as tl
from tilth.analysis.display import card
from tilth.analysis.display.charts import drawn
from tilth.analysis.display.pictures import svg
from tilth.analysis.display.tables import table_of
from tilth.language import using


def shop() -> tl.Events:
    """Forty people open the app; the first twenty view twice on that day, and fifteen of them, and five of the others, come back after a week."""
    rows = [(k, "2025-01-01 08:00", "open", "douyin" if k % 2 else "sms") for k in range(40)]
    rows += [(k, f"2025-01-01 {hour}:00", "view", None) for k in range(20) for hour in ("09", "10")]
    rows += [(k, "2025-01-09 08:00", "pay", None) for k in (*range(15), *range(20, 25))]
    rows += [(0, "2025-02-01 08:00", "open", "sms")]
    return tl.Events(dict(zip(("user_id", "ts", "event", "channel"), zip(*rows, strict=True), strict=True)))


QUESTIONS = {
    "paths": lambda ev: ev.paths(depth=2),
    "touchpoints": lambda ev: ev.touchpoints("channel", "pay"),
    "activation": lambda ev: ev.activation("pay", candidates=["view"], counts=(1, 2), windows=("1d",)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_card_has_the_table_and_the_chart_draws(question: str) -> None:
    result: Any = QUESTIONS[question](shop())
    with using("en"):
        table, (option, _said) = table_of(result), drawn(result)
        assert len(table.rows) == len(result.frame)
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
        for row in table.rows:
            for cell in row.cells:
                if cell.people is not None:
                    assert f"{len(result.people(**cell.people)):,}" == cell.text
        assert "<table" in card(result)
        assert "<path" in svg(option)


# By hand: 20 open and view, 5 of the others pay next; of the 20, all view again.
def test_a_table_of_paths_is_worded() -> None:
    with using("en"):
        rows = [tuple(cell.text for cell in row.cells) for row in table_of(QUESTIONS["paths"](shop())).rows]
    assert rows == [("1", "open", "view", "20"), ("1", "open", "pay", "5"), ("2", "view", "view", "20")]


# 15 of 20 who viewed were retained and 5 of the other 20. By Wilson's intervals (.5313, .8881) and (.1119, .4687) the difference of .5 lies between
# .5 - √2 · .2187 = .1907 and .5 + √2 · .1381 = .6954.
def test_a_table_of_activation_recommends() -> None:
    with using("en"):
        table = table_of(QUESTIONS["activation"](shop()))
    assert [cell.text for cell in table.rows[0].cells][:7] == ["view", "1", "1 day", "20", "75.0%", "25.0%", "19.1 – 69.5"]
    assert table.notes[0].startswith("Recommended: view within 1 day of the start. Of the 20 people who did, 75.0% were retained")
