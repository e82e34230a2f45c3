"""What funnel options do: excluded events, held columns, first events, splits, the clocks. Worked out on paper.

Each case's comment is that working out; the oracle and the product must both come to it. How to read the tables: tests/oracles/paper.py.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from tests.analysis.asking import ask_funnel, source_of
from tests.oracles.events import Step, histories
from tests.oracles.frames import differences
from tests.oracles.funnel import Exclude, Funnel, funnel
from tests.oracles.paper import Case, asks

import tilth as tl
from tilth.language import using

HOUR = timedelta(hours=1)

CASES = [
    # start_is="first": only the view at 10:00 may start, and the buy comes 2 h 10 min later.
    Case(
        "start_is first",
        """person time  event
           ann    10:00 view
           ann    12:00 view
           ann    12:10 buy
           bob    10:00 view
           bob    10:30 buy""",
        asks("view", "buy", within=HOUR, start_is="first"),
        """1 view 2 1   1   -    -
           2 buy  1 1/2 1/2 1800 1800""",
    ),
    # First buys only: Ann's first was before her view; Bob's first comes after his.
    Case(
        "a step's first event ever",
        """person time  event
           ann    09:00 buy
           ann    10:00 view
           ann    10:10 buy
           bob    10:00 view
           bob    10:10 buy
           bob    10:20 buy""",
        Funnel((Step(("view",)), Step(("buy",), first=True, label="first buy"))),
        """1 view      2 1   1   -   -
           2 first_buy 1 1/2 1/2 600 600""",
    ),
    # hold: Ann looks at p1 then p2 and buys p2: 60 s from the second view. Bob buys another one. Cat's view is of nothing known: no
    # chain at all.
    Case(
        "hold",
        """person time  event goods
           ann    10:00 view  p1
           ann    10:04 view  p2
           ann    10:05 buy   p2
           bob    10:00 view  p1
           bob    10:05 buy   p2
           cat    10:00 view  -
           cat    10:05 buy   -""",
        asks("view", "buy", hold=("goods",)),
        """1 view 2 1   1   -  -
           2 buy  1 1/2 1/2 60 60""",
    ),
    # Two columns held: the goods agree all the way, the shop does not.
    Case(
        "hold two columns",
        """person time  event goods shop
           ann    10:00 view  p1    east
           ann    10:05 buy   p1    west
           bob    10:00 view  p1    west
           bob    10:05 buy   p1    west""",
        asks("view", "buy", hold=("goods", "shop")),
        """1 view 2 1   1   -   -
           2 buy  1 1/2 1/2 300 300""",
    ),
]

REFUNDS = """person time  event
             ann    10:00 view
             ann    10:05 refund
             ann    10:10 cart
             ann    10:20 buy
             bob    10:00 view
             bob    10:05 cart
             bob    10:07 refund
             bob    10:10 buy
             cat    10:00 view
             cat    10:00 refund
             cat    10:05 refund
             cat    10:05 cart
             cat    10:10 buy
             dan    10:00 view
             dan    10:05 refund
             dan    10:06 view
             dan    10:07 cart
             dan    10:08 buy
             eve    10:00 view
             eve    10:05 cart
             eve    10:10 buy
             eve    10:11 refund"""

EXCLUDED = [
    # Ann: void between view and cart, keeps the view. Bob: keeps view and cart. Cat: the refund at the view's time lies not strictly
    # between; the one at 10:05 comes before the buy only, the cart of the same instant still counts. Dan: a chain from the second view
    # goes all the way. Eve's comes after the last step. Views 5; carts Bob 300, Cat 300, Dan 60, Eve 300; buys Dan 60, Eve 300.
    Case(
        "exclude from the first step to the last",
        REFUNDS,
        asks("view", "cart", "buy", exclude=(Exclude("refund"),)),
        """1 view 5 1   1   -   -
           2 cart 4 4/5 4/5 300 240
           3 buy  2 2/5 1/2 180 180""",
    ),
    # Between cart and buy only Bob has one (at Cat's cart it is not strictly after). Carts: 600 300 300 60 300, mean 312. Buys: Ann
    # 600, Cat 300, Dan 60, Eve 300: median 300, mean 315. Dan's chain is still the one from the later view: both end at 10:08.
    Case(
        "exclude between the second step and the third",
        REFUNDS,
        asks("view", "cart", "buy", exclude=(Exclude("refund", between=(2, 3)),)),
        """1 view 5 1   1   -   -
           2 cart 5 1   1   300 312
           3 buy  4 4/5 4/5 300 315""",
    ),
    # Between view and cart only Ann has one, and Dan's first view does not matter. Buys: Bob 300, Cat 300, Dan 60, Eve 300.
    Case(
        "exclude between the first step and the second",
        REFUNDS,
        asks("view", "cart", "buy", exclude=(Exclude("refund", between=(1, 2)),)),
        """1 view 5 1   1   -   -
           2 cart 4 4/5 4/5 300 240
           3 buy  4 4/5 1   300 240""",
    ),
    # Any order, the same refunds: the chain's own events number the stretch. Ann: view; or cart, buy after the refund: 2 steps, 600 s.
    # Bob: view, cart (300 s); cart, buy is void. Cat: view, cart (300 s), void for the buy; cart at 10:05 and buy have nothing strictly
    # between, but end later. Dan: view 10:06, cart, buy. Eve: all three. Two steps: 600 300 300 60 300; three: Dan 60, Eve 300.
    Case(
        "exclude in any order",
        REFUNDS,
        asks("view", "cart", "buy", order="any", exclude=(Exclude("refund"),)),
        """1 1_step  5 1   1   -   -
           2 2_steps 5 1   1   300 312
           3 3_steps 2 2/5 2/5 180 180""",
    ),
]

PAYMENTS = """person time  event
              ann    10:00 view
              ann    10:02 refund
              ann    10:05 pay
              ann    10:10 buy
              bob    10:00 view
              bob    10:05 pay
              bob    10:07 refund
              bob    10:10 buy
              cat    10:00 cart"""

SKIPPED = [
    # The optional cart is left out by both. The stretch from step 2 to 4 opens at the first step filled from 2 on, the pay: Ann's
    # refund lies before it, Bob's after it, so his buy is void.
    Case(
        "exclude from an optional step that is left out",
        PAYMENTS,
        asks("view", "cart?", "pay", "buy", exclude=(Exclude("refund", between=(2, 4)),)),
        """1 view 2 1   1   -   -
           2 cart 0 0   0   -   -
           3 pay  2 1   1   300 300
           4 buy  1 1/2 1/2 300 300""",
    ),
    # The stretch from step 1 to 2 closes at the first step filled from 2 on, the pay: Ann's refund lies inside and she keeps the view,
    # Bob's is past.
    Case(
        "exclude to an optional step that is left out",
        PAYMENTS,
        asks("view", "cart?", "pay", "buy", exclude=(Exclude("refund", between=(1, 2)),)),
        """1 view 2 1   1   -   -
           2 cart 0 0   0   -   -
           3 pay  1 1/2 1/2 300 300
           4 buy  1 1/2 1   300 300""",
    ),
    # Ann's cart fits both optional steps and fills one; the events being equal, the smaller number has it.
    Case(
        "one event for either of two optional steps",
        """person time  event
           ann    10:00 view
           ann    10:05 cart
           ann    10:10 buy""",
        Funnel(
            (
                Step(("view",)),
                Step(("cart",), optional=True),
                Step(("cart", "view"), optional=True, label="either"),
                Step(("buy",)),
            )
        ),
        """1 view   1 1 1 -   -
           2 cart   1 1 1 300 300
           3 either 0 0 0 -   -
           4 buy    1 1 1 300 300""",
    ),
]

VISITS = """person time  event channel city
            ann    10:00 view  -       -
            ann    10:05 cart  x       -
            ann    10:10 buy   y       hz
            bob    10:00 view  x       sh
            bob    10:10 cart  -       -
            cat    10:00 view  -       -"""

SPLIT = [
    # First value along the chain: Ann x (her cart), Bob x (his view), Cat none: the null group. In x: views 2, carts 2 (300 s, 600 s),
    # buys 1.
    Case(
        "by the first touch",
        VISITS,
        asks("view", "cart", "buy", by=("channel",)),
        """x 1 view 2 1   1   -   -
           x 2 cart 2 1   1   450 450
           x 3 buy  1 1/2 1/2 300 300
           - 1 view 1 1   1   -   -
           - 2 cart 0 0   0   -   -
           - 3 buy  0 0   -   -   -""",
    ),
    # Last value: Ann y, Bob x, Cat none.
    Case(
        "by the last touch",
        VISITS,
        asks("view", "cart", "buy", by=("channel",), by_touch="last"),
        """x 1 view 1 1 1 -   -
           x 2 cart 1 1 1 600 600
           x 3 buy  0 0 0 -   -
           y 1 view 1 1 1 -   -
           y 2 cart 1 1 1 300 300
           y 3 buy  1 1 1 300 300
           - 1 view 1 1 1 -   -
           - 2 cart 0 0 0 -   -
           - 3 buy  0 0 - -   -""",
    ),
    # Every event gives its value: Ann stands in x and in y with her whole chain, Bob in x, Cat nowhere.
    Case(
        "by every touch",
        VISITS,
        asks("view", "cart", "buy", by=("channel",), by_touch="all"),
        """x 1 view 2 1   1   -   -
           x 2 cart 2 1   1   450 450
           x 3 buy  1 1/2 1/2 300 300
           y 1 view 1 1   1   -   -
           y 2 cart 1 1   1   300 300
           y 3 buy  1 1   1   300 300""",
    ),
    # The cart's value: Ann x, Bob's is null; Cat never came to the cart and is in no group.
    Case(
        "by the second step",
        VISITS,
        asks("view", "cart", "buy", by=("channel",), by_touch=2),
        """x 1 view 1 1 1 -   -
           x 2 cart 1 1 1 300 300
           x 3 buy  1 1 1 300 300
           - 1 view 1 1 1 -   -
           - 2 cart 1 1 1 600 600
           - 3 buy  0 0 0 -   -""",
    ),
    # Two columns come from one event, the first on which either is known: Ann (x, null) though her city is known later; Bob (x, sh).
    Case(
        "by two columns of one event",
        VISITS,
        asks("view", "buy", by=("channel", "city")),
        """y hz 1 view 1 1 1 -   -
           y hz 2 buy  1 1 1 600 600
           x sh 1 view 1 1 1 -   -
           x sh 2 buy  0 0 0 -   -
           - -  1 view 1 1 1 -   -
           - -  2 buy  0 0 0 -   -""",
    ),
    # Any order, by the second event of the chain, whichever step it fills: Ann's cart x, Bob's cart null.
    Case(
        "any order, by the second event",
        VISITS,
        asks("cart", "view", order="any", by=("channel",), by_touch=2),
        """x 1 1_step  1 1 1 -   -
           x 2 2_steps 1 1 1 300 300
           - 1 1_step  1 1 1 -   -
           - 2 2_steps 1 1 1 600 600""",
    ),
]

# A day is 24 hours whatever the clocks do. New York, 2024-03-10 has 23 hours: from noon before to 13:00 is exactly 24 hours; a
# microsecond later is not. 2024-11-03 has 25: from noon before to 11:00 is exactly 24 hours, noon itself is 25 hours away.
CLOCKS = [
    Case(
        "a window of a day over the short day",
        """person time                       event
           ann    2024-03-09T12:00           view
           ann    2024-03-10T13:00           buy
           bob    2024-03-09T12:00           view
           bob    2024-03-10T13:00:00.000001 buy""",
        asks("view", "buy", within=timedelta(days=1)),
        """1 view 2 1   1   -     -
           2 buy  1 1/2 1/2 86400 86400""",
        zone="America/New_York",
    ),
    Case(
        "a window of a day over the long day",
        """person time             event
           ann    2024-11-02T12:00 view
           ann    2024-11-03T11:00 buy
           bob    2024-11-02T12:00 view
           bob    2024-11-03T12:00 buy""",
        asks("view", "buy", within=timedelta(days=1)),
        """1 view 2 1   1   -     -
           2 buy  1 1/2 1/2 86400 86400""",
        zone="America/New_York",
    ),
]

ALL = [*CASES, *EXCLUDED, *SKIPPED, *SPLIT, *CLOCKS]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_oracle_comes_to_the_answer_on_paper(case: Case[Funnel]) -> None:
    people, _ = histories(case.source(), case.tie)
    answer = pd.DataFrame(funnel(case.question, people), columns=case.columns)
    assert differences(answer, case.expected(), case.columns, case.keys) == []


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_funnel_comes_to_the_answer_on_paper(case: Case[Funnel], kind: str) -> None:
    ev = tl.Events(source_of(case.source(), kind), person="user_id", time="ts", event="event", order=case.tie, tz=case.zone)
    with using("en"):
        result = ask_funnel(ev, case.question)
    assert differences(result.frame, case.expected(), case.columns, case.keys) == []
