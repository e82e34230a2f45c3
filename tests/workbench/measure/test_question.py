"""A question in an address: read and written, it is the same; what it cannot be is said in words."""

import datetime as dt
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tilth.workbench.measure.asking.conditions import EMPTY, MANY, OPERATORS, Condition
from tilth.workbench.measure.asking.exclusions import Exclusion
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Asked
from tilth.workbench.shell import dates

NAMES = (
    *("dates", "order", "step1", "step1.or", "step1.where1", "step1.where1.is", "step1.where1.value", "step3", "step99", "within", "by", "people"),
    *("where0", "where2", "where2.is", "where2.value", "compare", "nonsense", "start", "back", "periods", "at", "bins"),
    *("exclude1", "exclude1.between", "exclude1.where1", "hold", "kind", "brackets", "show"),
    *("event", "period", "count", "timeout", "separator", "a", "b", "starts", "way", "depth", "sessions", "end", "fold", "only"),
    *("channel", "conversion", "lookback", "value", "touch", "candidates", "counts", "windows", "retained", "after", "before"),
    *("pair", "pair.other", "each", "view"),
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
NUMBERS = st.integers(-999, 999).map(str) | st.floats(-1e6, 1e6, allow_nan=False).map(str)


def conditions(kinds):
    def one(code):
        def values(operator):
            takes = OPERATORS[operator].takes
            each = NUMBERS if OPERATORS[operator].numeric else TEXT
            most = 4 if takes == MANY else 0 if takes == EMPTY else 1
            return st.lists(each, max_size=most, unique=True).map(lambda found: Condition(code, operator, tuple(found)))

        return st.sampled_from(sorted(OPERATORS)).flatmap(values)

    return st.lists(st.sampled_from(sorted(kinds)).flatmap(one), max_size=3).map(tuple)


def steps(catalogue):
    events = st.lists(st.sampled_from(sorted(catalogue.there)), min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(Asked, events, conditions(catalogue.kinds))


def spans(catalogue):
    days = st.dates(dt.date(2023, 1, 1), dt.date(2026, 12, 31))
    own = st.tuples(days, days).map(lambda two: f"{min(two)}..{max(two)}")
    return (st.sampled_from(sorted(dates.PRESETS)) | own).map(lambda code: dates.parse(code, "Asia/Shanghai", "monday", catalogue.last_day))


def picked(kind, catalogue):
    """Any values of a kind's fields."""
    shared = {
        "dates": spans(catalogue),
        "by": st.none() | st.sampled_from([code for code, _name in catalogue.splits]),
        "people": st.sampled_from(["", "new", "known"]),
        "where": conditions(catalogue.kinds),
        "compare": st.sampled_from(["", "previous", "year"]),
        "sample": st.sampled_from([1, 0.1, 0.01]),
    }
    own = {
        "funnel": {
            "order": st.sampled_from(["ordered", "strict", "any"]),
            "steps": st.lists(steps(catalogue), min_size=1, max_size=5).map(tuple),
            "within": st.none() | st.sampled_from(["30m", "7d", "14d", "36h"]),
            "exclude": st.lists(st.builds(Exclusion, steps(catalogue)), max_size=3).map(tuple),
            "hold": st.none() | st.sampled_from([code for code, _name in catalogue.splits]),
            "sessions": st.none() | st.sampled_from(["30m", "2h"]),
            "pair": st.tuples(TEXT | st.just(""), TEXT | st.just("")),
            "each": st.sampled_from(["day", "week", "month"]),
            "view": st.sampled_from(["steps", "times", "trend", "pair"]),
        },
        "retention": {
            "start_is": st.sampled_from(["first", "recurring"]),
            "start": steps(catalogue),
            "period": st.sampled_from(["day", "week", "month"]),
            "back": st.none() | steps(catalogue),
            "kind": st.sampled_from(["on", "on_or_after", "bracket"]),
            "periods": st.integers(1, 60),
            "brackets": st.lists(st.tuples(st.integers(1, 30), st.integers(30, 60)), min_size=1, max_size=4).map(tuple),
            "show": st.sampled_from(["share", "people", "sum", "each"]),
            "value": st.none() | st.sampled_from([code for code, kind in catalogue.kinds.items() if kind == "number"]),
        },
        "rfm": {"at": st.dates(), "bins": st.sampled_from([3, 4, 5, 10]), "compare": st.sampled_from(["", "30", "90"])},
    }[kind]
    fields = [part.name for part in KINDS[kind].fields]
    return st.fixed_dictionaries({name: (own | {k: v for k, v in shared.items() if k not in own})[name] for name in fields})


@pytest.mark.parametrize("kind", ["funnel", "retention", "rfm"])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_reading_what_was_written_gives_the_same_question(kind, catalogue, data):
    question = Question(KINDS[kind], data.draw(picked(kind, catalogue)))
    address = question.address(catalogue)
    read = Question.read(KINDS[kind], parse_qsl(urlsplit(address).query, keep_blank_values=True), catalogue)
    assert not read.faults
    assert dict(read.values) == dict(question.values)
    assert read.address(catalogue) == address  # the form is canonical


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            TEXT | st.sampled_from(["", "pay", "view_goods", "channel", "ge", "7d", "any", "-1", "1e400", "NaN", "2025-13-45", "\x00"]),
        ),
        max_size=8,
    )
)
def test_any_address_is_a_question_or_says_what_is_wrong(catalogue, pairs):
    for kind in KINDS:
        read = Question.read(KINDS[kind], pairs, catalogue)
        assert all(words and isinstance(words, str) for words in read.faults.values())
        assert set(read.faults) <= {part.name for part in KINDS[kind].fields} | {""}
        if not read.faults:
            assert Question.read(KINDS[kind], read.pairs(catalogue), catalogue).values == read.values


@pytest.mark.parametrize(
    ("kind", "values", "part", "words"),
    [
        ("funnel", {"step1": "vew_goods"}, "steps", "view_goods"),
        ("funnel", {"by": "chanel"}, "by", "channel"),
        ("funnel", {"dates": "lately"}, "dates", "2025-11-01..2025-11-30"),
        ("funnel", {"within": "7 days long"}, "within", "14d"),
        ("funnel", {"order": "sideways"}, "order", "ordered"),
        ("funnel", {"people": "999"}, "people", "999"),
        ("funnel", {"where1": "value", "where1__is": "ge", "where1__value": "much"}, "where", "much"),
        ("funnel", {"where1": "channel", "where1__is": "like", "where1__value": "x"}, "where", "like"),
        ("funnel", {"colour": "red"}, "", "colour"),
        ("funnel", {f"step{n}": "pay" for n in range(1, 14)} | {"order": "any"}, "", "12"),
        ("funnel", {"exclude1": "refnd"}, "exclude", "refund"),
        ("funnel", {"exclude1": "refund", "exclude1__between": "all"}, "exclude", "1-2"),
        ("funnel", {"step1": "pay", "step2": "refund", "exclude1": "view_goods", "exclude1__between": "1-3"}, "", "(1, 3)"),
        ("funnel", {"hold": "chanel"}, "hold", "channel"),
        ("retention", {"periods": "0"}, "periods", "60"),
        ("retention", {"kind": "bracket", "brackets": "6-2"}, "brackets", "2-6"),
        ("retention", {"brackets": "1 to 3"}, "brackets", "2-6"),
        ("retention", {"show": "amounts"}, "show", "people"),
        ("rfm", {"at": "yesterday"}, "at", "2025-11-01"),
    ],
)
def test_a_fault_stands_with_its_part_and_leads_on(asked, kind, values, part, words):
    faults = asked(kind, **values).faults
    assert list(faults) == [part]
    assert words in faults[part]


def test_the_first_page_of_a_brand_asks_its_purchase(asked, catalogue):
    question = asked("funnel")
    assert [step.events for step in question.values["steps"]] == [("view_goods",), ("add_to_cart",), ("begin_checkout",), ("pay",)]
    assert question.pairs(catalogue) == []


def test_a_step_that_was_taken_away_takes_its_conditions_along(asked, catalogue):
    values = {"step1": "pay", "step2": "", "step2__where1": "channel", "step2__where1__value": "sms", "step3": "refund"}
    question = asked("funnel", **values)
    assert not question.faults
    assert question.pairs(catalogue) == [("step1", "pay"), ("step2", "refund")]
