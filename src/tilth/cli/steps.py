"""Steps, exclusions and conditions as they are written on a command line.

A step is an event's name, with these signs around it where they are needed::

    [first:|optional:] name[|name…] [ "[" column=value[|value…][,column=value…] "]" ] [::label]

``view|search`` is any of two events; ``pay[channel=douyin]`` only those of one channel; ``pay[value>=100]`` compares numbers;
``first:pay`` only a person's first; ``optional:add_to_cart`` may be left out, for which ``add_to_cart?`` is short; ``pay::下单`` gives the
step a label. An exclusion may end in ``@1-2``: between which steps. A backslash before a sign makes it part of the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tilth.errors import InputError
from tilth.language import _

if TYPE_CHECKING:
    from tilth.analysis.steps import Exclude, Step

_COMPARISON = re.compile(r"(!=|>=|<=|=|>|<)")
_HELD = "\ue000"  # stands for an escaped sign while a text is taken apart; private use, so in nobody's names


class BadWriting(InputError):
    """A step or a condition that is not written as it should be."""


@dataclass(frozen=True)
class Condition:
    """``column sign value``; several values are alternatives, with ``=`` and ``!=`` only."""

    column: str
    sign: str
    values: tuple[str, ...]


def step(text: str) -> Step:
    r"""Return the step that is written in `text`.

    Examples
    --------
    >>> step("first:pay|repay[channel=douyin|kuaishou]::Paid")
    Step(event=('pay', 'repay'), where={'channel': ['douyin', 'kuaishou']}, first=True, optional=False, label='Paid')
    >>> step("add_to_cart?").optional, step(r"why\?").event
    (True, 'why?')
    """
    from tilth.analysis.steps import Step

    given, signs = _hold(text)
    given, colons, label = given.partition("::")
    body, where = _bracketed(given, text)
    first = optional = False
    while body.startswith(("first:", "optional:")):
        word, _colon, body = body.partition(":")
        first, optional = first or word == "first", optional or word == "optional"
    if body.endswith("?"):
        body, optional = body[:-1], True
    names = tuple(_freed(name, signs).strip() for name in body.split("|"))
    if not all(names):
        raise BadWriting(_("{text} names no event: write a step like view, 'view|search' or 'pay[channel=douyin]'.").format(text=repr(text)))
    event = names[0] if len(names) == 1 else names
    return Step(event, conditions([_free(one, signs) for one in where]), first, optional, _freed(label, signs) if colons else None)


def exclude(text: str) -> Exclude:
    """Return the exclusion that is written in `text`.

    Examples
    --------
    >>> exclude("refund[channel=douyin]@1-2")
    Exclude(event='refund', where={'channel': 'douyin'}, between=(1, 2))
    """
    from tilth.analysis.steps import Exclude

    found = re.fullmatch(r"(.*[^\\])@(\d+)-(\d+)", text, re.DOTALL)
    meant = step(found[1] if found else text)
    if meant.first or meant.optional or meant.label is not None:
        raise BadWriting(_("{text}: an exclusion has no first:, optional: or label.").format(text=repr(text)))
    return Exclude(meant.event, meant.where, (int(found[2]), int(found[3])) if found else None)


def condition(text: str) -> Condition:
    """Return the condition that is written in `text`.

    Examples
    --------
    >>> condition("channel=douyin|kuaishou"), condition("value>=100").values
    (Condition(column='channel', sign='=', values=('douyin', 'kuaishou')), ('100',))
    """
    return _free(_condition(_hold(text)[0], text), _hold(text)[1])


def conditions(given: list[Condition]) -> Any:
    """Return conditions that must all hold as the library takes them: a dict, or an Ibis expression where one compares; None for none."""
    if not given:
        return None
    names = [one.column for one in given]
    if all(one.sign == "=" for one in given) and len(set(names)) == len(names):
        return {one.column: list(one.values) if len(one.values) > 1 else one.values[0] for one in given}
    from functools import reduce

    from ibis import _ as row

    return reduce(lambda a, b: a & b, [_compared(row[one.column], one) for one in given])


def _compared(column: Any, one: Condition) -> Any:
    if one.sign == "=":
        return column.cast("string").isin(one.values)
    if one.sign == "!=":
        return column.cast("string").notin(one.values)
    try:
        number = float(one.values[0])
    except ValueError as fault:
        text = _("{column}{sign}{value}: {value} is not a number; only = and != compare words.")
        raise BadWriting(text.format(column=one.column, sign=one.sign, value=one.values[0])) from fault
    measured = column.try_cast("float64")
    return {">": measured > number, ">=": measured >= number, "<": measured < number, "<=": measured <= number}[one.sign]


def _bracketed(given: str, text: str) -> tuple[str, list[Condition]]:
    """Return what stands before the brackets and after them, and the conditions inside."""
    found = re.fullmatch(r"([^\[\]]*)(?:\[([^\[\]]*)\])?(\?)?", given, re.DOTALL)
    if found is None:
        raise BadWriting(_("{text}: brackets hold conditions, such as 'pay[channel=douyin,city=上海|杭州]'.").format(text=repr(text)))
    inside = [part for part in (found[2] or "").split(",") if part.strip()]
    return found[1] + (found[3] or ""), [_condition(part, text) for part in inside]


def _condition(part: str, text: str) -> Condition:
    column, sign, value = (*_COMPARISON.split(part, maxsplit=1), "", "")[:3]
    if not column.strip() or not sign or not value.strip():
        raise BadWriting(_("{text}: write a condition like channel=douyin, 'city=上海|杭州' or 'value>=100'.").format(text=repr(text)))
    return Condition(column.strip(), sign, tuple(one.strip() for one in value.split("|")))


def _hold(text: str) -> tuple[str, list[str]]:
    """Return the text with every escaped sign replaced, and those signs in order."""
    signs = re.findall(r"\\(.)", text, re.DOTALL)
    place = iter(range(len(signs)))
    return re.sub(r"\\.", lambda _m: f"{_HELD}{next(place)}{_HELD}", text, flags=re.DOTALL), signs


def _freed(text: str, signs: list[str]) -> str:
    return re.sub(f"{_HELD}(\\d+){_HELD}", lambda found: signs[int(found[1])], text)


def _free(one: Condition, signs: list[str]) -> Condition:
    return Condition(_freed(one.column, signs), one.sign, tuple(_freed(value, signs) for value in one.values))
