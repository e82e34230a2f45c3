"""Conditions on properties: how they stand in an address, and what they mean for a row.

``where1=channel&where1.value=douyin&where1.value=tmall&where2=value&where2.is=ge&where2.value=100``: of either channel, and a value of at least 100.
All conditions hold together. What a row does not have equals nothing, so "is not" holds for it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from tilth.errors import InputError, UnknownName
from tilth.workbench.measure.asking.fields import PROPERTY
from tilth.workbench.measure.asking.query import Query
from tilth.workbench.measure.asking.words import any_of

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

EMPTY, ONE, MANY = 0, 1, 2


@dataclass(frozen=True)
class Operator:
    """What a condition says of a property.

    Attributes
    ----------
    label : str
        In words.
    takes : {EMPTY, ONE, MANY}
        Values it is given.
    holds : callable
        ``holds(column, values)``: the condition on an Ibis column, or on its number for `numeric` ones.
    numeric : bool
        Whether it is only for numbers.
    """

    label: str
    takes: int
    holds: Callable[[Any, Sequence[Any]], Any]
    numeric: bool = False


OPERATORS = {
    "is": Operator(gettext_noop("is"), MANY, lambda column, values: column.isin(values)),
    "not": Operator(gettext_noop("is not"), MANY, lambda column, values: ~column.isin(values) | column.isnull()),
    "contains": Operator(gettext_noop("contains"), ONE, lambda column, values: column.contains(values[0])),
    "ge": Operator(gettext_noop("is at least"), ONE, lambda column, values: column >= values[0], numeric=True),
    "le": Operator(gettext_noop("is at most"), ONE, lambda column, values: column <= values[0], numeric=True),
    "filled": Operator(gettext_noop("is known"), EMPTY, lambda column, values: column.notnull()),
    "empty": Operator(gettext_noop("is not known"), EMPTY, lambda column, values: column.isnull()),
}

OPERATOR = gettext_lazy("kind of condition")


@dataclass(frozen=True)
class Condition:
    """A condition on a property; without the values that it takes it is unfinished and holds for every row.

    Attributes
    ----------
    code : str
        The property's.
    operator : str
        One of OPERATORS.
    values : tuple of str
    """

    code: str
    operator: str = "is"
    values: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether it has the values that it takes."""
        return bool(self.values) or OPERATORS[self.operator].takes == EMPTY

    def words(self, catalogue: Catalogue) -> str:
        """Return it in words: “Channel is Douyin or Tmall”."""
        values = any_of(map(catalogue.call, self.values))
        return " ".join(filter(None, (catalogue.call(self.code), _(OPERATORS[self.operator].label), values)))


def read(query: Query, prefix: str, catalogue: Catalogue) -> tuple[Condition, ...]:
    """Return the conditions below a prefix.

    Raises
    ------
    UnknownName
        For a property or an operator that there is none of.
    InputError
        For a value that is no number where one is needed.
    """
    found = (_read(query, f"{prefix}{number}", catalogue) for number in query.numbers(prefix))
    return tuple(one for one in found if one is not None)


def _read(query: Query, name: str, catalogue: Catalogue) -> Condition | None:
    code, operator, values = query.one(name), query.one(f"{name}.is") or "is", query.all(f"{name}.value")
    if not code:
        query.drop(name)
        return None
    if code not in catalogue.kinds:
        raise UnknownName(PROPERTY, code, catalogue.kinds)
    if operator not in OPERATORS:
        raise UnknownName(OPERATOR, operator, OPERATORS)
    takes = OPERATORS[operator].takes
    kept = tuple(values) if takes == MANY else tuple(values[:takes])
    if OPERATORS[operator].numeric:
        for value in kept:
            number(value)
    return Condition(code, operator, kept)


def write(conditions: Sequence[Condition], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the conditions as they stand in an address."""
    for place, one in enumerate(conditions, 1):
        yield f"{prefix}{place}", one.code
        if one.operator != "is":
            yield f"{prefix}{place}.is", one.operator
        for value in one.values:
            yield f"{prefix}{place}.value", value


def as_condition(conditions: Sequence[Condition], catalogue: Catalogue) -> Any:
    """Return the finished conditions for ``Events.where`` or a step: a dict where all are equalities of text, else of an Ibis table; or None."""
    finished = [one for one in conditions if one.finished]
    if not finished:
        return None
    equal = {one.code: list(one.values) for one in finished if one.operator == "is" and catalogue.kinds.get(one.code) != "number"}
    if len(equal) == len(finished):
        return equal
    return lambda table: reduce(and_, (_holds(table, one, catalogue) for one in finished))


def _holds(table: Any, one: Condition, catalogue: Catalogue) -> Any:
    operator, column, values = OPERATORS[one.operator], table[one.code], list(one.values)
    if operator.numeric or (operator.takes == MANY and catalogue.kinds.get(one.code) == "number"):
        return operator.holds(column.try_cast("float64"), [number(value) for value in values])
    return operator.holds(column.cast("string"), values)


def number(text: str) -> float:
    """Return a number that somebody typed; InputError for text that is none."""
    try:
        return float(text.strip().replace(",", ""))
    except ValueError:
        raise InputError(_("“{text}” is no number.").format(text=text[:40])) from None
