"""Steps and conditions as they are written on a command line; expectations are the table in docs/reference/cli.md."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.analysis.steps import Exclude, Step
from tilth.cli import steps
from tilth.cli.steps import BadWriting, Condition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("view", Step("view")),
        ("view|search", Step(("view", "search"))),
        ("浏览 商品", Step("浏览 商品")),
        ("pay[channel=douyin]", Step("pay", {"channel": "douyin"})),
        ("pay[city=上海|杭州,channel=douyin]", Step("pay", {"city": ["上海", "杭州"], "channel": "douyin"})),
        ("first:pay", Step("pay", first=True)),
        ("cart?", Step("cart", optional=True)),
        ("optional:cart[channel=sms]", Step("cart", {"channel": "sms"}, optional=True)),
        ("cart[channel=sms]?", Step("cart", {"channel": "sms"}, optional=True)),
        ("pay::支付", Step("pay", label="支付")),
        (r"why\?", Step("why?")),
        (r"a\|b", Step("a|b")),
        (r"\[x\]", Step("[x]")),
        (r"first\:pay", Step("first:pay")),
        (r"pay[note=a\,b]", Step("pay", {"note": "a,b"})),
    ],
)
def test_steps_mean_what_the_reference_says(text: str, expected: Step) -> None:
    assert steps.step(text) == expected


@pytest.mark.parametrize("text", ["", "|", "view[", "view]", "view[channel]", "view[=x]", "view[a=]", "a[b=c]d", "view||x"])
def test_what_is_not_written_right_is_an_error(text: str) -> None:
    with pytest.raises(BadWriting):
        steps.step(text)


def test_exclusions_may_name_two_steps() -> None:
    assert steps.exclude("refund") == Exclude("refund")
    assert steps.exclude("refund[channel=sms]@1-3") == Exclude("refund", {"channel": "sms"}, (1, 3))
    assert steps.exclude(r"a\@1-2") == Exclude("a@1-2")
    with pytest.raises(BadWriting):
        steps.exclude("refund?")


@pytest.mark.parametrize(("text", "sign"), [("v>=1", ">="), ("v<=1", "<="), ("v!=1", "!="), ("v>1", ">"), ("v<1", "<"), ("v=1", "=")])
def test_conditions_have_six_signs(text: str, sign: str) -> None:
    assert steps.condition(text) == Condition("v", sign, ("1",))


@given(st.text(st.characters(exclude_categories=("Cs", "Co")), min_size=1).filter(lambda name: name.strip() == name))
def test_any_name_can_be_written_with_backslashes(name: str) -> None:
    assert steps.step("".join("\\" + sign for sign in name)) == Step(name)
