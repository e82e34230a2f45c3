"""Events on many machines: the same questions, each asked of every part and joined."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tilth.analysis.events import Events, T
from tilth.engine import clock
from tilth.engine.cluster import Cluster, Columns, Offered, Part
from tilth.engine.partial import Answer, join, named
from tilth.engine.spark import SparkRows, is_spark


@dataclass(frozen=True)
class Asked:
    """A question and the narrowing that goes before it, as it travels to every part.

    Attributes
    ----------
    question : callable
        Called with events and `given`; returns a partial result.
    given : tuple
    narrowing : tuple of (str, tuple)
        Methods of ``Events`` and their arguments.
    tz, week_start : str
    """

    question: Callable[..., Any]
    given: tuple[Any, ...]
    narrowing: tuple[tuple[str, tuple[Any, ...]], ...]
    tz: str
    week_start: str

    def __call__(self, part: Part) -> Any:
        """Return what the question finds among the people of a part, and their ids."""
        events = Events.over(part, self.tz, self.week_start)
        for method, how in self.narrowing:
            events = getattr(events, method)(*how)
        return named(self.question(events, *self.given), part.timeline.directory)


class ClusterEvents(Events):
    """Events of people in a Spark data frame; what ``tl.Events`` returns when it is given one.

    Parameters
    ----------
    source : pyspark.sql.DataFrame or Rows
    offered : tuple of Offered
        Columns that are made of stored ones in each part.
    person, time, event, order, tz, week_start
        As for ``tl.Events``. Without `order`, rows of one time stand in the order in which Spark reads them, which is that of the files.

    Notes
    -----
    ``history`` knows columns and names, not rows: nothing is read before a question is asked. A question is a Spark job, or two; what it counts is
    the same as on one machine.
    """

    engine = "spark"

    def __init__(
        self,
        source: Any,
        person: str = "user_id",
        time: str = "ts",
        event: str = "event",
        order: str | None = None,
        tz: str = "Asia/Shanghai",
        week_start: str = "monday",
        offered: tuple[Offered, ...] = (),
    ) -> None:
        self.tz = clock.zone(tz)
        clock.weekday(week_start)
        self.week_start = week_start
        self.source = source
        self._columns = person, time, event, order
        self.cluster = Cluster(SparkRows(source, order) if is_spark(source) else source, Columns(person, time, event, self.tz, offered))
        self._keep, self._narrowing, self.elsewhere = None, (), None

    def __repr__(self) -> str:
        return f"Events({self.cluster.survey.events:,} events in parts)" if not self._narrowing else "Events(some of those in parts)"

    def __len__(self) -> int:
        return int(super().__len__() if self._narrowing else self.cluster.survey.events)

    @cached_property
    def history(self) -> Part:  # type: ignore[override]
        """The columns and the names of events, without anybody's rows."""
        return self.cluster.outline()

    def ask(self, question: Callable[..., T], *given: Any) -> Answer[T]:
        """Return what ``question(events, *given)`` finds in all parts, joined."""
        survey = self.cluster.survey
        asked = Asked(question, given, self._narrowing, self.tz.key, self.week_start)
        found, directory = join(self.cluster.ask(asked))
        return Answer(found, directory, survey.left_out, survey.span)

    def _moved(self) -> Events:
        """Return the same rows here."""
        return Events(self.source.toArrow(), *self._columns, tz=self.tz.key, week_start=self.week_start)

    def _narrowed(self, keep: Any, method: str, *how: Any) -> Events:
        narrowed = copy(self)  # the history here has nobody to leave out: the parts narrow theirs
        narrowed._narrowing = (*self._narrowing, (method, how))
        return narrowed
