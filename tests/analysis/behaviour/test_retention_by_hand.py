"""Retention small enough to work out on paper: kinds, cohorts, brackets, the edges of days, weeks and months.

Each case's comment is that working out; the oracle and the product must both come to it. How to read the tables: tests/oracles/paper.py.
"""

from __future__ import annotations

import pandas as pd
import pytest
from tests.analysis.asking import ask_retention, source_of
from tests.oracles.events import Step, histories, instant
from tests.oracles.frames import differences
from tests.oracles.paper import Case
from tests.oracles.retention import Retention, retention

import tilth as tl

OPEN = Step(("open",))
BUY = Step(("buy",))

WEEKEND = """person time             event
             ann    2024-03-01T10:00 open
             ann    2024-03-02T09:00 open
             bob    2024-03-01T23:59 open
             bob    2024-03-03T00:01 open
             cat    2024-03-02T12:00 open
             -      2024-03-09T12:00 open
             cat    -                open"""

KINDS = [
    # Cohort of March 1: Ann and Bob; Ann is back on the 2nd, Bob on the 3rd. Cohort of the 2nd: Cat, never back. The last event that
    # counts is on March 3 at 00:01: the 2nd is over, the 3rd has begun, the 4th has not.
    Case(
        "on exactly that day",
        WEEKEND,
        Retention(OPEN, periods=2, tz="UTC"),
        """2024-03-01 0 2 2 1   yes
           2024-03-01 1 2 1 1/2 yes
           2024-03-01 2 2 1 1/2 no
           2024-03-02 0 1 1 1   yes
           2024-03-02 1 1 0 0   no
           2024-03-02 2 1 - -   no""",
    ),
    # On that day or later: on the 2nd or later both are back, on the 3rd or later only Bob.
    Case(
        "on that day or after",
        WEEKEND,
        Retention(OPEN, periods=2, kind="on_or_after", tz="UTC"),
        """2024-03-01 0 2 2 1   yes
           2024-03-01 1 2 2 1   yes
           2024-03-01 2 2 1 1/2 no
           2024-03-02 0 1 1 1   yes
           2024-03-02 1 1 0 0   no
           2024-03-02 2 1 - -   no""",
    ),
    # Brackets of days 1-2 and 3-5. For the cohort of the 1st the first is March 2-3: both are back, and it ends on the 4th. The second
    # begins on the 4th, after the last event. For the cohort of the 2nd the first is March 3-4, begun and empty.
    Case(
        "in a bracket of days",
        WEEKEND,
        Retention(OPEN, kind="bracket", brackets=((1, 2), (3, 5)), tz="UTC"),
        """2024-03-01 0 2 2 1 yes
           2024-03-01 1 2 2 1 no
           2024-03-01 2 2 - - no
           2024-03-02 0 1 1 1 yes
           2024-03-02 1 1 0 0 no
           2024-03-02 2 1 - - no""",
    ),
    # until = March 2 at 00:00: the 1st is over at that very instant and the 2nd has begun at it, the 3rd has not. Nothing is removed:
    # Ann's open of the 2nd counts, and Cat's cohort is there though her day is not over.
    Case(
        "until an instant on the edge of a day",
        WEEKEND,
        Retention(OPEN, periods=2, until=instant("2024-03-02T00:00"), tz="UTC"),
        """2024-03-01 0 2 2 1   yes
           2024-03-01 1 2 1 1/2 no
           2024-03-01 2 2 - -   no
           2024-03-02 0 1 1 1   no
           2024-03-02 1 1 - -   no
           2024-03-02 2 1 - -   no""",
    ),
    # A microsecond earlier the 1st is not over and the 2nd has not begun; of Cat's cohort not even its own day.
    Case(
        "until a microsecond before",
        WEEKEND,
        Retention(OPEN, periods=1, until=instant("2024-03-01T23:59:59.999999"), tz="UTC"),
        """2024-03-01 0 2 2 1 no
           2024-03-01 1 2 - - no
           2024-03-02 0 1 - - no
           2024-03-02 1 1 - - no""",
    ),
]

COHORTS = [
    # Period 0 asks for a buy from the start event on. Ann's stands before her open; Bob's at the same instant but after it in the
    # source; Cat's at the same instant but before it. Bob alone. On the 2nd Ann and Cat buy.
    Case(
        "period 0 from the start event on",
        """person time             event
           ann    2024-03-01T08:00 buy
           ann    2024-03-01T09:00 open
           bob    2024-03-01T09:00 open
           bob    2024-03-01T09:00 buy
           cat    2024-03-01T09:00 buy
           cat    2024-03-01T09:00 open
           cat    2024-03-02T09:00 buy
           ann    2024-03-02T09:00 buy""",
        Retention(OPEN, BUY, periods=1, tz="UTC"),
        """2024-03-01 0 3 1 1/3 yes
           2024-03-01 1 3 2 2/3 no""",
    ),
    # The same instants, an order column that turns Bob and Cat round.
    Case(
        "period 0 by the order column",
        """person time             event seq
           bob    2024-03-01T09:00 open  2
           bob    2024-03-01T09:00 buy   1
           cat    2024-03-01T09:00 buy   2
           cat    2024-03-01T09:00 open  1
           dan    2024-03-01T09:00 open  0""",
        Retention(OPEN, BUY, periods=0, tz="UTC"),
        "2024-03-01 0 3 1 1/3 no",
        tie="seq",
    ),
    # First: Ann's cohort is the 1st alone; her open of the 3rd is a return. No cohort of the 2nd: nobody starts there, so it has no row.
    Case(
        "first start only",
        """person time             event
           ann    2024-03-03T09:00 open
           ann    2024-03-01T09:00 open
           bob    2024-03-03T09:00 open
           bob    2024-03-02T09:00 buy""",
        Retention(OPEN, periods=2, tz="UTC"),
        """2024-03-01 0 1 1 1 yes
           2024-03-01 1 1 0 0 yes
           2024-03-01 2 1 1 1 no
           2024-03-03 0 1 1 1 no
           2024-03-03 1 1 - - no
           2024-03-03 2 1 - - no""",
    ),
    # Recurring: Ann starts on the 1st and on the 2nd (twice, counted once there).
    Case(
        "every period with a start",
        """person time             event
           ann    2024-03-01T09:00 open
           ann    2024-03-02T09:00 open
           ann    2024-03-02T10:00 open
           ann    2024-03-03T10:00 buy""",
        Retention(OPEN, periods=2, start_is="recurring", tz="UTC"),
        """2024-03-01 0 1 1 1 yes
           2024-03-01 1 1 1 1 yes
           2024-03-01 2 1 1 1 no
           2024-03-02 0 1 1 1 yes
           2024-03-02 1 1 1 1 no
           2024-03-02 2 1 - - no""",
    ),
    # Split by the first start event of the cohort: Ann's is x (her y comes later), Bob's is y, Cat's is null, which is a group too.
    # The last event is Bob's at 12:00 on the 2nd.
    Case(
        "by a column of the start event",
        """person time             event channel
           ann    2024-03-01T09:00 open  x
           ann    2024-03-01T10:00 open  y
           bob    2024-03-01T09:00 open  y
           bob    2024-03-02T12:00 buy   x
           cat    2024-03-01T09:00 open  -""",
        Retention(OPEN, BUY, periods=1, by=("channel",), tz="UTC"),
        """x 2024-03-01 0 1 0 0 yes
           x 2024-03-01 1 1 0 0 no
           y 2024-03-01 0 1 0 0 yes
           y 2024-03-01 1 1 1 1 no
           - 2024-03-01 0 1 0 0 yes
           - 2024-03-01 1 1 0 0 no""",
    ),
    # Recurring with a split: each cohort takes the value of its own first start: Ann is x on the 1st and y on the 2nd.
    Case(
        "recurring, by a column of each start",
        """person time             event channel
           ann    2024-03-01T09:00 open  x
           ann    2024-03-02T09:00 open  y
           ann    2024-03-02T10:00 open  x""",
        Retention(OPEN, periods=1, start_is="recurring", by=("channel",), tz="UTC"),
        """x 2024-03-01 0 1 1 1 yes
           x 2024-03-01 1 1 1 1 no
           y 2024-03-02 0 1 1 1 no
           y 2024-03-02 1 1 - - no""",
    ),
    # Start: an open from shop east, or a visit from there; back: a buy or an open anywhere. Ann's first such start is the visit of the
    # 2nd, for her open of the 1st was in no known shop. Bob's is his open of the 1st; back on the 2nd.
    Case(
        "several events and a condition",
        """person time             event shop
           ann    2024-03-01T09:00 open  -
           ann    2024-03-02T09:00 visit east
           ann    2024-03-02T10:00 open  west
           bob    2024-03-01T09:00 open  east
           bob    2024-03-02T09:00 buy   -""",
        Retention(Step(("open", "visit"), (("shop", "east"),)), Step(("buy", "open")), periods=1, tz="UTC"),
        """2024-03-01 0 1 1 1 yes
           2024-03-01 1 1 1 1 no
           2024-03-02 0 1 1 1 no
           2024-03-02 1 1 - - no""",
    ),
]

CALENDAR = [
    # New York, 2024-03-10 has 23 hours. Ann, 23:30 to 23:30: the next day, 23 hours on. Bob, midnight to midnight: the next day too.
    # Cat, 00:30 to 23:30: the same day. The last event is midnight of the 11th itself, so the 10th is over and the 11th has begun.
    Case(
        "the day of 23 hours",
        """person time             event
           ann    2024-03-09T23:30 open
           ann    2024-03-10T23:30 open
           bob    2024-03-10T00:00 open
           bob    2024-03-11T00:00 open
           cat    2024-03-10T00:30 open
           cat    2024-03-10T23:30 open""",
        Retention(OPEN, periods=1, tz="America/New_York"),
        """2024-03-09 0 1 1 1   yes
           2024-03-09 1 1 1 1   yes
           2024-03-10 0 2 2 1   yes
           2024-03-10 1 2 1 1/2 no""",
        zone="America/New_York",
    ),
    # London, 2024-10-27 has 25 hours. Ann, 00:00 to 23:30: 24.5 hours and still the same day: not back on the 28th. Bob's 00:00 of the
    # 28th is. The last event is 23:59 on the 28th.
    Case(
        "the day of 25 hours",
        """person time             event
           ann    2024-10-27T00:00 open
           ann    2024-10-27T23:30 buy
           bob    2024-10-27T23:30 open
           bob    2024-10-28T00:00 buy
           bob    2024-10-28T23:59 open""",
        Retention(OPEN, BUY, periods=1, tz="Europe/London"),
        """2024-10-27 0 2 1 1/2 yes
           2024-10-27 1 2 1 1/2 no""",
        zone="Europe/London",
    ),
    # Shanghai's midnight is 16:00 UTC: 15:59:59.999999 is still the 1st there, 16:00 is the 2nd.
    Case(
        "days of the question's zone",
        """person time                       event
           ann    2024-03-01T15:59:59.999999 open
           bob    2024-03-01T16:00           open""",
        Retention(OPEN, periods=0, tz="Asia/Shanghai"),
        """2024-03-01 0 1 1 1 yes
           2024-03-02 0 1 1 1 no""",
    ),
    # Saturday the 2nd, Sunday the 3rd, Monday the 4th of March 2024. Weeks from Monday: Ann's and Bob's first is that of February 26;
    # both are back in the week of March 4.
    Case(
        "weeks from Monday",
        """person time             event
           ann    2024-03-02T12:00 open
           ann    2024-03-04T12:00 open
           bob    2024-03-03T12:00 open
           bob    2024-03-04T12:00 open""",
        Retention(OPEN, period="week", periods=1, tz="UTC"),
        """2024-02-26 0 2 2 1 yes
           2024-02-26 1 2 2 1 no""",
    ),
    # Weeks from Sunday: Ann's Saturday is in the week of February 25, Bob's Sunday and Monday are one week, that of March 3.
    Case(
        "weeks from Sunday",
        """person time             event
           ann    2024-03-02T12:00 open
           ann    2024-03-04T12:00 open
           bob    2024-03-03T12:00 open
           bob    2024-03-04T12:00 open""",
        Retention(OPEN, period="week", periods=1, tz="UTC", week_start="sunday"),
        """2024-02-25 0 1 1 1 yes
           2024-02-25 1 1 1 1 no
           2024-03-03 0 1 1 1 no
           2024-03-03 1 1 - - no""",
    ),
    # January 31, February 29 and March 1 are three months in a row, a day and a month apart.
    Case(
        "months",
        """person time             event
           ann    2024-01-31T12:00 open
           ann    2024-02-29T12:00 open
           ann    2024-03-01T00:00 open""",
        Retention(OPEN, period="month", periods=3, tz="UTC"),
        """2024-01-01 0 1 1 1 yes
           2024-01-01 1 1 1 1 yes
           2024-01-01 2 1 1 1 no
           2024-01-01 3 1 - - no""",
    ),
]

ALL = [*KINDS, *COHORTS, *CALENDAR]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_oracle_comes_to_the_answer_on_paper(case: Case[Retention]) -> None:
    people, _ = histories(case.source(), case.tie)
    answer = pd.DataFrame(retention(case.question, people), columns=case.columns)
    assert differences(answer, case.expected(), case.columns, case.keys) == []


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_retention_comes_to_the_answer_on_paper(case: Case[Retention], kind: str) -> None:
    ev = tl.Events(source_of(case.source(), kind), person="user_id", time="ts", event="event", order=case.tie, tz=case.zone)
    result = ask_retention(ev, case.question)
    assert differences(result.frame, case.expected(), case.columns, case.keys) == []
