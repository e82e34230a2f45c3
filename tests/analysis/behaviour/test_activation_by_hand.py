"""Activation by hand: twelve people whose every figure is counted in the comments."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from tests.analysis.asking import source_of
from tests.oracles.events import table

import tilth as tl
from tilth.analysis.result import NoSuchCell
from tilth.errors import InputError
from tilth.language import using


def shop() -> Any:
    """Ten people sign up on March 1 at 10:00 and can be looked for from the 8th to before the 15th; the last comes too late.

    Of those, 1 to 4 view twice on the first day, and 1, 2, 3 come back; 5 views once, and comes back; 6 views twice on day 3 and comes back not;
    7 to 10 only sign up, and 7 comes back. The source ends on March 20.
    """
    rows = [(f"p{k}", "2024-03-01T10:00", "signup") for k in range(1, 11)]
    rows += [(f"p{k}", f"2024-03-01T1{hour}:00", "view") for k in range(1, 5) for hour in (1, 2)]
    rows += [("p5", "2024-03-01T11:00", "view"), ("p6", "2024-03-04T11:00", "view"), ("p6", "2024-03-04T11:30", "view")]
    rows += [(f"p{k}", "2024-03-08T10:00", "open") for k in (1, 2, 5)] + [("p3", "2024-03-15T09:59", "open"), ("p7", "2024-03-10T10:00", "open")]
    rows += [("p4", "2024-03-08T09:59", "open"), ("p8", "2024-03-15T10:00", "open")]  # a minute early, and just too late
    rows += [("late", "2024-03-06T10:01", "signup"), ("late", "2024-03-20T10:00", "view")]
    text = "person time event\n" + "\n".join(" ".join(row) for row in rows)
    return tl.Events(source_of(table(text)), tz="UTC")


SHOP = shop()


# Ten are looked at, of whom 1, 2, 3, 5, 7 were retained: half. Viewed at least twice within a day: 1 to 4, of whom 3 were retained, 75 %; of the
# other six 2, a third. Lift 0.75 / 0.5; recall 3 of 5; phi = (3·4 - 1·2) / √(4·6·5·5).
def test_a_rule_has_the_figures_counted_by_hand() -> None:
    found = SHOP.activation("open", "signup", ["view"], counts=(1, 2), windows=("1d", "7d"))
    assert (found.started, found.stayed, found.recent) == (10, 5, 1)
    rows = found.frame.set_index(["at_least", "window"])
    assert rows[["people", "retained"]].to_dict("index") == {
        (1, "1d"): {"people": 5, "retained": 4},
        (1, "7d"): {"people": 6, "retained": 4},
        (2, "1d"): {"people": 4, "retained": 3},
        (2, "7d"): {"people": 5, "retained": 3},
    }
    twice = rows.loc[(2, "1d")]
    assert (twice["precision"], twice["others"], twice["lift"], twice["recall"]) == pytest.approx((3 / 4, 1 / 3, 1.5, 3 / 5))
    assert twice["phi"] == pytest.approx(10 / 600**0.5)


# Viewed once within a day: 4 of 5 retained against 1 of 5. Wilson: (.3755, .9638) and (.0362, .6245), so Newcombe's bounds of .6 are
# .6 - √(.4245² + .4245²) = -.0003 and .6 + √(.1638² + .1638²) = .8316. It is the best rule, but with ten people no rule is sure enough.
def test_few_people_recommend_nothing() -> None:
    found = SHOP.activation("open", "signup", ["view"], counts=(1, 2))
    best = found.frame.iloc[0]
    assert (best["at_least"], best["window"]) == (1, "1d")
    assert (best["low"], best["high"]) == pytest.approx((-0.0003, 0.8316), abs=5e-5)
    assert found.recommended is None
    with using("en"):
        assert "too few people" in found.recommendation()


# Ten times the same people: the same shares, surer now, so the rule is recommended. A behaviour that one person in a hundred showed, who was
# retained, has precision 1 and a lift of 2, and is not.
def test_more_people_recommend_and_a_tiny_group_does_not_win() -> None:
    columns = SHOP.history.source.scan({c: f'"{c}"' for c in ("user_id", "ts", "event")}).to_pandas()
    many = [columns.assign(user_id=columns["user_id"] + f"/{k}") for k in range(10)]
    rare = columns.iloc[:1].assign(user_id="p1/0", event="chat", ts=columns["ts"].iloc[0] + pd.Timedelta("1h"))

    crowd = tl.Events(pd.concat([*many, rare]), tz="UTC").activation("open", "signup", ["chat", "view"], counts=(1, 2))
    assert crowd.recommended is not None
    assert (crowd.recommended["event"], crowd.recommended["at_least"], crowd.recommended["window"]) == ("view", 1, "1d")
    chat = crowd.frame[(crowd.frame["event"] == "chat") & (crowd.frame["at_least"] == 1)].iloc[0]
    assert (chat["people"], chat["precision"], chat["lift"]) == (1, 1.0, pytest.approx(2.0))
    with using("en"):
        assert "Of the 50 people who did, 80.0% were retained, of the others 20.0%" in crowd.recommendation()
    assert crowd.chart()["yAxis"]["data"]


def test_the_people_of_a_rule() -> None:
    found = SHOP.activation("open", "signup", ["view"], counts=(1, 2))
    assert sorted(found.people("view", 2, "1d")) == ["p1", "p2", "p3", "p4"]
    assert sorted(found.people("view", 2, "1d", retained=False)) == ["p4"]
    assert sorted(found.people("view", 2, "1d", did=False, retained=True)) == ["p5", "p7"]
    assert sorted(found.people(retained=True)) == ["p1", "p2", "p3", "p5", "p7"]
    for cell in ({"event": "view", "at_least": 3}, {"event": "view", "window": "2d"}, {"event": "veiw"}):
        with pytest.raises((NoSuchCell, InputError)):
            found.people(**cell)


# By default everything there is is tried, from each person's first event on; the sign-up itself is the start and counts for nobody.
def test_every_event_is_a_candidate_and_the_start_is_none() -> None:
    found = SHOP.activation("open", counts=(1,), windows=("7d",)).frame.set_index("event")
    assert sorted(found.index) == ["open", "signup", "view"]
    assert found["people"].to_dict() == {"open": 1, "signup": 0, "view": 6}  # p4 opened a minute before a week was over


def test_until_says_how_long_the_data_are_known() -> None:
    later = SHOP.activation("open", "signup", ["view"], until="2024-03-20T10:01")
    assert (later.started, later.recent) == (11, 0)


def test_the_answer_says_that_it_is_no_cause() -> None:
    with using("en"):
        assert "association and not cause" in SHOP.activation("open", "signup").definition()


def test_nothing_left_has_all_rows_of_nobody() -> None:
    found = SHOP.during("2025-01-01").activation("open", "signup", ["view"], counts=(1,), windows=("1d",))
    assert (found.started, found.frame["people"].tolist(), found.recommended) == (0, [0], None)
    assert found.chart()["yAxis"]["data"] == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"windows": ("8d",)}, "reaches into"),
        ({"windows": "1d"}, "list of lengths"),
        ({"windows": ("0d",)}, "longer than nothing"),
        ({"between": ("14d", "7d")}, "shorter"),
        ({"between": "7d"}, "two lengths"),
        ({"counts": (0,)}, "from 1 up"),
        ({"candidates": "view"}, "are a list"),
        ({"candidates": ["view", "veiw"]}, "'view'"),
        ({"candidates": ["view", tl.Step("open", label="view")]}, "called 'view'"),
        ({"candidates": [tl.Step("view", optional=True)]}, "optional"),
        ({"retained": "opne"}, "'open'"),
    ],
)
def test_what_cannot_be_asked_says_why(options: dict[str, Any], says: str) -> None:
    with using("en"), pytest.raises(InputError, match=says):
        SHOP.activation(**options)
