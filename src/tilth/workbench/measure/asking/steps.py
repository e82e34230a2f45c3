"""Events as parts of a question: one event, or steps one after the other.

``step1=view_goods&step2=pay&step2.or=refund&step2.where1=channel&step2.where1.value=douyin``: first view_goods, then pay or refund by that channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.steps import Step
from tilth.errors import UnknownEvent
from tilth.workbench.data import names
from tilth.workbench.measure.asking import conditions, where
from tilth.workbench.measure.asking.conditions import Condition
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.pickers import Drawing
from tilth.workbench.measure.asking.words import enumerated

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query


@dataclass(frozen=True)
class Asked:
    """Events of which any will do, and the conditions on them."""

    events: tuple[str, ...]
    where: tuple[Condition, ...] = ()

    def step(self, catalogue: Catalogue) -> Step:
        """Return it as a question takes it, merged events spelled out, called by its display name."""
        label = catalogue.events_called(self.events)
        told = [one.words(catalogue) for one in self.where if one.finished]
        if told:
            label = _("{event} ({conditions})").format(event=label, conditions=enumerated(told))
        step = Step(list(self.events), where=conditions.as_condition(self.where, catalogue), label=label)
        return names.resolve(catalogue.workspace, step)


def read(query: Query, name: str, catalogue: Catalogue) -> Asked | None:
    """Return the events that stand under a name, or None where it is empty; UnknownEvent for one that never happened."""
    first = query.one(name)
    if not first:
        query.drop(name)
        return None
    events = tuple(dict.fromkeys([first, *query.all(f"{name}.or")]))
    for event in events:
        if event not in catalogue.there:
            raise UnknownEvent(event, catalogue.there)
    return Asked(events, conditions.read(query, f"{name}.where", catalogue))


def write(asked: Asked, name: str) -> Iterator[tuple[str, str]]:
    """Yield how events stand in an address."""
    first, *others = asked.events
    yield name, first
    for event in others:
        yield f"{name}.or", event
    yield from conditions.write(asked.where, f"{name}.where")


def draw(asked: Asked, name: str, drawing: Drawing, label: str, remove: str = "") -> SafeString:
    """Return the pickers of one step: its event, others that will do too, its conditions, and a list to add such; `remove` words taking it away."""
    first, *others = asked.events
    offered = [(code, called, "" if called == code else code) for code, called, _rows in drawing.catalogue.events]
    more = [one for one in offered if one[0] != first]
    return drawing.template(
        "step",
        event=drawing.picker(name, first, [*([("", remove)] if remove else []), *offered], label),
        others=drawing.picker(f"{name}.or", others, more, _("or also"), multiple=True) if others else "",
        conditions=where.draw(asked.where, f"{name}.where", drawing) if asked.where else "",
        more=None if others and asked.where else drawing.template("more", **_more(asked, name, more, drawing)),
    )


def _more(asked: Asked, name: str, events: list[tuple[str, str, str]], drawing: Drawing) -> dict[str, Any]:
    return {
        "key": f"more-{name}",
        "other": f"{name}.or" if len(asked.events) == 1 else "",
        "events": events,
        "condition": f"{name}.where{len(asked.where) + 1}",
        "properties": drawing.catalogue.properties,
    }


def numbered(labels: Sequence[str]) -> list[str]:
    """Return what steps are called; those that would be called the same are told apart by how many of them came before."""
    return [
        _("{event} no. {number}").format(event=one, number=labels[: at + 1].count(one)) if labels.count(one) > 1 else one
        for at, one in enumerate(labels)
    ]


class Event(Field):
    """An event, or any event where the question allows that.

    Parameters
    ----------
    usual : callable
        ``usual(catalogue)``: the code that the page begins with.
    anything : bool
        Whether any event will do: ``any`` in the address.
    without : str, optional
        What it means that there is none, where the question allows that: ``none`` in the address.
    """

    ANY, NONE = "any", "none"

    def __init__(self, name: str, usual: Callable[[Catalogue], str | None], label: Any, anything: bool = False, without: Any = "") -> None:
        super().__init__(name, None, label)
        self.usual = usual
        self.empty = (self.ANY, gettext_lazy("any event")) if anything else (self.NONE, without) if without else None

    def default(self, catalogue: Catalogue) -> Asked | None:  # noqa: D102
        code = self.usual(catalogue)
        return Asked((code,)) if code else None

    def read(self, query: Query, catalogue: Catalogue) -> Asked | None:  # noqa: D102
        if self.empty and query.one(self.name) == self.empty[0]:
            query.drop(self.name)
            return None
        return read(query, self.name, catalogue) or self.default(catalogue)

    def write(self, value: Asked | None, catalogue: Catalogue) -> Iterator[tuple[str, str]]:  # noqa: D102
        if value != self.default(catalogue):
            yield from [(self.name, self.empty[0] if self.empty else "")] if value is None else write(value, self.name)

    def option(self, value: Asked | None, catalogue: Catalogue) -> Step | None:  # noqa: D102
        return None if value is None else value.step(catalogue)

    def draw(self, value: Asked | None, drawing: Drawing) -> SafeString:  # noqa: D102
        offered = [(code, called, "" if called == code else code) for code, called, _rows in drawing.catalogue.events]
        if value is None:
            return drawing.picker(self.name, self.empty[0] if self.empty else "", [*([self.empty] if self.empty else []), *offered], self.label)
        if len(value.events) == 1 and not value.where and self.empty:
            return drawing.picker(self.name, value.events[0], [self.empty, *offered], self.label)
        return draw(value, self.name, drawing, str(self.label))


class Steps(Field):
    """Steps one after the other, up to `most`.

    Parameters
    ----------
    usual : callable
        ``usual(catalogue)``: the codes that the page begins with.
    most : int
    """

    def __init__(self, name: str, usual: Callable[[Catalogue], Sequence[str]], most: int = 12) -> None:
        super().__init__(name, None, gettext_lazy("Steps"))
        self.usual, self.most = usual, most
        self.prefix = name.removesuffix("s")

    def default(self, catalogue: Catalogue) -> tuple[Asked, ...]:  # noqa: D102
        return tuple(Asked((code,)) for code in self.usual(catalogue))

    def read(self, query: Query, catalogue: Catalogue) -> tuple[Asked, ...]:  # noqa: D102
        found = [read(query, f"{self.prefix}{number}", catalogue) for number in query.numbers(self.prefix)]
        return tuple(one for one in found if one is not None) or self.default(catalogue)

    def write(self, value: tuple[Asked, ...], catalogue: Catalogue) -> Iterator[tuple[str, str]]:  # noqa: D102
        if value != self.default(catalogue):
            for number, one in enumerate(value, 1):
                yield from write(one, f"{self.prefix}{number}")

    def option(self, value: tuple[Asked, ...], catalogue: Catalogue) -> tuple[Step, ...]:  # noqa: D102
        steps = [one.step(catalogue) for one in value]
        return tuple(replace(step, label=label) for step, label in zip(steps, numbered([str(step.label) for step in steps]), strict=True))

    def draw(self, value: tuple[Asked, ...], drawing: Drawing) -> SafeString:  # noqa: D102
        steps = [
            draw(one, f"{self.prefix}{number}", drawing, _("Step {number}").format(number=number), _("Remove this step") if len(value) > 1 else "")
            for number, one in enumerate(value, 1)
        ]
        offered = [(code, called, "" if called == code else code) for code, called, _rows in drawing.catalogue.events]
        add = drawing.picker(f"{self.prefix}{len(value) + 1}", None, offered, _("+ step"), add=True) if len(value) < self.most else SafeString("")
        arrow = SafeString(' <span class="t-sentence__arrow" aria-hidden="true">→</span> ')
        return format_html_join(arrow, "{}", ((one,) for one in steps)) + SafeString(" ") + add
