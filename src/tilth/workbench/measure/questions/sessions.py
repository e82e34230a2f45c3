"""The sessions page: how often people come, how long they stay, and how much they do while they are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour import frequency
from tilth.analysis.behaviour.sessions import Sessions, SessionsOptions
from tilth.analysis.display import wording
from tilth.analysis.display.tables import table_of
from tilth.engine.clock import in_words
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Table
from tilth.workbench.measure.asking.counted import counted_axis, from_lengths
from tilth.workbench.measure.asking.fields import Length, Split
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.more_events import Added
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated
from tilth.workbench.measure.questions.groups import split_chart

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


@register
class SessionsPage(Kind):
    """What people do without a long pause."""

    code = "sessions"
    label = gettext_lazy("Sessions")
    about = gettext_lazy("How often people come, how long they stay, and how much they do before a long pause.")
    icon = "clock"
    order = 25
    fields: ClassVar = (
        Dates("30d"),
        Length("timeout", "30m", ("5m", "15m", "30m", "1h", "3h", "12h"), gettext_lazy("Longest pause"), gettext_lazy("any length")),
        Added(
            "separator",
            gettext_lazy("Beginning event"),
            add=gettext_lazy("+ beginning event"),
            words=gettext_lazy("each {picker} begins a new one"),
            remove=gettext_lazy("No beginning event"),
        ),
        Split(),
        People(),
        Where(),
        Compare(),
    )
    sentence = gettext_lazy("In {dates}, what people did without a pause of more than {timeout}")
    further = ("separator", "by", "people", "where", "compare")
    options = SessionsOptions
    result = Sessions

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        timeout = question.values["timeout"]
        return _("Sessions, pause over {length}").format(length=in_words(timeout)) if timeout else _("Sessions")

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        told = _("People with a session of this length") if "bucket" in cell else _("People with a session")
        if "session" in cell:
            told = _("People with a session no. {number}").format(number=cell["session"])
        return enumerated([told, *(catalogue.call_value(name, value) for name, value in cell.items() if name not in ("bucket", "session"))])

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        whole, earlier = asking.having(by=None)
        now, before = _figures(whole), None if earlier is None else _figures(earlier)

        def change(name: str, good: bool | None = True) -> changes.Change:
            return changes.UNCHANGED if before is None else changes.relative(now[name], before[name], good)

        yield asking.figure(_("Sessions"), wording.count(now["sessions"]), "", change("sessions"))
        counted = pgettext("how many", "people")
        yield asking.figure(_("People"), wording.count(now["people"]), counted, change("people"), people={})
        yield asking.figure(_("Sessions a person"), f"{now['each']:.2f}", "", change("each"))
        note = _("a quarter longer than {length}").format(length=wording.duration(now["long"]))
        yield asking.figure(_("Median length"), wording.duration(now["median"]), "", change("median"), note)
        yield asking.figure(_("Events a session, on average"), f"{now['events']:.2f}", "", change("events"))
        note = _("their length is 0, because nobody knows when they left")
        yield asking.figure(_("With a single event"), wording.percent(now["single"], sign=False), "%", change("single", None), note)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        now, _before = asking.having(by=None)
        option = now.chart()
        remark = _("Each bar counts from its length on, up to the next one's")
        if asking.values["by"]:
            yield Chart(_("Sessions by length"), counted_axis(from_lengths(option, now.buckets)), remark, 6, 300)
            yield split_chart(asking, _("Shares by {property}"), asking.now.buckets)
            return
        yield Chart(_("Sessions by length"), counted_axis(from_lengths(option, now.buckets)), remark, 7)
        counts = np.bincount(now.cuts.events)
        times = np.flatnonzero(counts)
        option = frequency.draw(pd.DataFrame({"times": times, "people": counts[times]}))
        option["series"][0]["name"] = _("Sessions")
        yield Chart(_("Sessions by number of events"), counted_axis(option), "", 5)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        now, _before = asking.having(by=None)
        if asking.values["by"]:
            yield Table.of(_("By {property}").format(property=wording.name(asking.values["by"])), table_of(asking.now))
        yield Table.of(_("By length"), table_of(now))

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        if asking.values["by"]:
            yield _("Whose group"), (_("The value on the first event of a session: a person may have sessions in several groups."),)
        told = _("Of a session that goes over the first or the last day, the part within the days is counted.")
        yield _("At the edges"), (told,)
        elsewhere = _("Web analytics often ends a session at midnight or when the campaign changes, too: they count more of them than here.")
        yield _("Elsewhere"), (elsewhere,)

    def empty(self, asking: Asking) -> str:  # noqa: D102
        none = not len(asking.now.cuts.people)
        return _("Nobody did anything in these days. Look at more days, or take a condition away.") if none else ""

    def data(self, result: Sessions, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:
        """Return the sessions by length: single ones would name people."""
        heads = {
            **{name: wording.name(name) for name in result.by},
            "length": _("Length"),
            "from_seconds": _("From seconds"),
            "to_seconds": _("To seconds"),
            "sessions": _("Sessions"),
            "people": pgettext("column", "People"),
            "events": _("Events"),
        }
        names = result.buckets.names()
        frame = result.summary.assign(length=[names[bucket - 1] for bucket in result.summary["bucket"]])
        return list(heads.items()), frame.replace({"to_seconds": {np.inf: np.nan}})


def _figures(result: Sessions) -> dict[str, float]:
    """Return what the strip of figures says."""
    cuts = result.cuts
    sessions, people = len(cuts.people), len(result.people())
    if not sessions:
        return dict.fromkeys(("each", "median", "long", "events", "single"), float("nan")) | {"sessions": 0, "people": 0}
    median, longer = np.quantile(cuts.lengths, [0.5, 0.75]) / 1e6
    return {
        "sessions": sessions,
        "people": people,
        "each": sessions / people,
        "median": float(median),
        "long": float(longer),
        "events": float(cuts.events.mean()),
        "single": float((cuts.events == 1).mean()),
    }
