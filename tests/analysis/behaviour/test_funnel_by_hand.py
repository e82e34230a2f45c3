"""Which chain counts: funnels small enough to work out on paper.

Each case's comment is that working out; the oracle and the product must both come to it. How to read the tables: tests/oracles/paper.py.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from tests.analysis.asking import ask_funnel, source_of
from tests.oracles.events import Step, histories
from tests.oracles.frames import differences
from tests.oracles.funnel import Funnel, funnel
from tests.oracles.paper import Case, asks

import tilth as tl
from tilth.language import using

HOUR = timedelta(hours=1)

CASES = [
    # Ann views, then buys 10 minutes later; Bob buys 15 minutes after his view; Cat only views. The rows come in no order at all.
    # 3 people, then 2 of 3; the seconds are 600 and 900, so median and mean are 750.
    Case(
        "rows in any order of time",
        """person time  event
           bob    10:20 buy
           ann    10:10 buy
           ann    10:00 view
           cat    10:00 view
           bob    10:05 view""",
        asks("view", "buy"),
        """1 view 3 1   1   -   -
           2 buy  2 2/3 2/3 750 750""",
    ),
    # Everything at one instant: the place in the source decides. Ann's buy stands before her view, Bob's after his.
    Case(
        "ties in time: place in the source",
        """person time  event
           ann    10:00 buy
           ann    10:00 view
           bob    10:00 view
           bob    10:00 buy""",
        asks("view", "buy"),
        """1 view 2 1   1   - -
           2 buy  1 1/2 1/2 0 0""",
    ),
    # The same rows with an order column that turns them round: now it is Ann who views before she buys.
    Case(
        "ties in time: the order column before the place",
        """person time  event seq
           ann    10:00 buy   2
           ann    10:00 view  1
           bob    10:00 view  2
           bob    10:00 buy   1""",
        asks("view", "buy"),
        """1 view 2 1   1   - -
           2 buy  1 1/2 1/2 0 0""",
        tie="seq",
    ),
    # Only Ann, one event: step 1 for her, nobody further. Nothing is divided by 0 but step 3's share of step 2.
    Case(
        "one person, one event",
        """person time  event
           ann    10:00 view
           -      10:05 buy
           ann    -     buy
           -      -     cart""",
        asks("view", "view", "view"),
        """1 view 1 1 1 - -
           2 view 0 0 0 - -
           3 view 0 0 - - -""",
    ),
    # Exactly one hour is inside, one microsecond more is not.
    Case(
        "the bound of the window is included",
        """person time            event
           ann    10:00           view
           ann    11:00           buy
           bob    10:00           view
           bob    11:00:00.000001 buy""",
        asks("view", "buy", within=HOUR),
        """1 view 2 1   1   -    -
           2 buy  1 1/2 1/2 3600 3600""",
    ),
    # The window counts from the chain's first event: 40 + 40 minutes are too long though each stretch is short.
    Case(
        "the window is the whole chain's",
        """person time  event
           ann    10:00 view
           ann    10:40 cart
           ann    11:20 buy""",
        asks("view", "cart", "buy", within=HOUR),
        """1 view 1 1 1 -    -
           2 cart 1 1 1 2400 2400
           3 buy  0 0 0 -    -""",
    ),
    # Two views, two buys. The earliest last event is the buy at 10:10; of the chains that end there the one from 10:05 starts last: 300 s.
    Case(
        "earliest end, then latest start",
        """person time  event
           ann    10:00 view
           ann    10:05 view
           ann    10:10 buy
           ann    10:20 buy""",
        asks("view", "buy"),
        """1 view 1 1 1 -   -
           2 buy  1 1 1 300 300""",
    ),
    # Only the first view leads to a cart within the hour, so reaching step 2 beats the later start.
    Case(
        "furthest before everything else",
        """person time  event
           ann    10:00 view
           ann    10:30 cart
           ann    10:50 view
           ann    11:20 buy""",
        asks("view", "cart", "buy", within=HOUR),
        """1 view 1 1 1 -    -
           2 cart 1 1 1 1800 1800
           3 buy  0 0 0 -    -""",
    ),
    # view 10:00, cart 10:02 or 10:04, buy 10:10: start and end are settled, the earliest event between is the cart at 10:02.
    Case(
        "earliest events between",
        """person time  event
           ann    10:00 view
           ann    10:02 cart
           ann    10:04 cart
           ann    10:10 buy""",
        asks("view", "cart", "buy"),
        """1 view 1 1 1 -   -
           2 cart 1 1 1 120 120
           3 buy  1 1 1 480 480""",
    ),
    # Step 1 takes views and carts, step 2 carts and buys. Ann's one cart fills only one of them; Bob's two carts fill both. Cat only
    # views, Dan's buy is no first step.
    Case(
        "an event that matches two steps fills one",
        """person time  event
           ann    10:00 cart
           bob    10:00 cart
           bob    10:01 cart
           cat    10:00 view
           dan    10:00 buy""",
        Funnel((Step(("view", "cart"), label="seen"), Step(("cart", "buy"), label="taken"))),
        """1 seen  3 1   1   -  -
           2 taken 1 1/3 1/3 60 60""",
    ),
    # A null equals nothing: Ann's shop is null, and a condition on null holds nowhere.
    Case(
        "nulls in a condition",
        """person time  event shop
           ann    10:00 view  -
           bob    10:00 view  east
           bob    10:05 buy   -""",
        Funnel((Step(("view",), (("shop", "east"),), label="here"), Step(("buy",), (("shop", None),), label="there"))),
        """1 here  1 1 1 - -
           2 there 0 0 0 - -""",
    ),
    # Optional cart. Ann: view, cart after 300 s, buy 300 s later. Bob: view, buy after 1200 s. Cat only views.
    # The cart has 1 of 3; the buy has 2, and its share is of the view (the last required step): 2/3. Seconds: 300 from Ann's cart, 1200.
    Case(
        "optional steps",
        """person time  event
           ann    10:00 view
           ann    10:05 cart
           ann    10:10 buy
           bob    10:00 view
           bob    10:20 buy
           cat    10:00 view""",
        asks("view", "cart?", "buy"),
        """1 view 3 1   1   -   -
           2 cart 1 1/3 1/3 300 300
           3 buy  2 2/3 2/3 750 750""",
    ),
    # Both chains end at the buy: most optional steps comes before latest start, so the view at 10:00 with the cart, not the view at 10:07.
    Case(
        "most optional steps before the latest start",
        """person time  event
           ann    10:00 view
           ann    10:05 cart
           ann    10:07 view
           ann    10:10 buy""",
        asks("view", "cart?", "buy"),
        """1 view 1 1 1 -   -
           2 cart 1 1 1 300 300
           3 buy  1 1 1 300 300""",
    ),
    # Ann stops at the optional cart: the highest step she fills is 2, so the chain with the cart counts, not the later view alone.
    Case(
        "an optional step counts by its number",
        """person time  event
           ann    10:00 view
           ann    10:05 cart
           ann    10:07 view
           bob    10:00 buy""",
        asks("view", "cart?", "buy"),
        """1 view 1 1 1 -   -
           2 cart 1 1 1 300 300
           3 buy  0 0 0 -   -""",
    ),
    # Strict. Ann's home lies strictly between: stops at view. Bob's repeated view: his chain starts at the second one, 60 s. Cat's home
    # shares the view's time and does not break it. Dan's buy shares the home's time, likewise.
    Case(
        "strict",
        """person time  event
           ann    10:00 view
           ann    10:01 home
           ann    10:02 buy
           bob    10:00 view
           bob    10:01 view
           bob    10:02 buy
           cat    10:00 view
           cat    10:00 home
           cat    10:02 buy
           dan    10:00 view
           dan    10:02 home
           dan    10:02 buy""",
        asks("view", "buy", order="strict"),
        """1 view 4 1   1   -   -
           2 buy  3 3/4 3/4 120 100""",
    ),
    # Whichever cart the chain takes, the other lies strictly between its neighbours: the buy is out of reach.
    Case(
        "strict: a repeated step breaks it",
        """person time  event
           ann    10:00 view
           ann    10:01 cart
           ann    10:02 cart
           ann    10:03 buy""",
        asks("view", "cart", "buy", order="strict"),
        """1 view 1 1 1 -  -
           2 cart 1 1 1 60 60
           3 buy  0 0 0 -  -""",
    ),
    # Any order. Ann does buy, view (60 s). Bob only views, twice. Cat does cart, buy (120 s), view (60 s).
    # One step: 3. Two: Ann, Cat, seconds 60 and 120. Three: Cat.
    Case(
        "any order",
        """person time  event
           ann    10:00 buy
           ann    10:01 view
           bob    10:00 view
           bob    10:01 view
           cat    10:00 cart
           cat    10:02 buy
           cat    10:03 view""",
        asks("view", "cart", "buy", order="any"),
        """1 1_step  3 1   1   -  -
           2 2_steps 2 2/3 2/3 90 90
           3 3_steps 1 1/3 1/2 60 60""",
    ),
    # The window begins at the first event whichever step it fills: an hour from the buy, and a microsecond too much for Bob.
    Case(
        "any order: the window",
        """person time            event
           ann    10:00           buy
           ann    11:00           view
           bob    10:00           buy
           bob    11:00:00.000001 view""",
        asks("view", "buy", order="any", within=HOUR),
        """1 1_step  2 1   1   -    -
           2 2_steps 1 1/2 1/2 3600 3600""",
    ),
    # view at 10:00 or 10:04 with the buy at 10:05 end together; the later start counts. The pair buy, view ends later still.
    Case(
        "any order: earliest end, then latest start",
        """person time  event
           ann    10:00 view
           ann    10:04 view
           ann    10:05 buy
           ann    10:06 view""",
        asks("view", "buy", order="any"),
        """1 1_step  1 1 1 -  -
           2 2_steps 1 1 1 60 60""",
    ),
    # Each step needs an event of its own: one view is one step though it matches both; a second event makes it two.
    # Ann's view must fill step 2 so that her buy can fill step 1.
    Case(
        "any order: an event for each step",
        """person time  event
           ann    10:00 view
           ann    10:01 buy
           bob    10:00 view""",
        Funnel((Step(("view", "buy")), Step(("view",))), order="any"),
        """1 1_step  2 1   1   -  -
           2 2_steps 1 1/2 1/2 60 60""",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_oracle_comes_to_the_answer_on_paper(case: Case[Funnel]) -> None:
    people, _ = histories(case.source(), case.tie)
    answer = pd.DataFrame(funnel(case.question, people), columns=case.columns)
    assert differences(answer, case.expected(), case.columns, case.keys) == []


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_funnel_comes_to_the_answer_on_paper(case: Case[Funnel], kind: str) -> None:
    ev = tl.Events(source_of(case.source(), kind), person="user_id", time="ts", event="event", order=case.tie, tz=case.zone)
    with using("en"):
        result = ask_funnel(ev, case.question)
    assert differences(result.frame, case.expected(), case.columns, case.keys) == []
