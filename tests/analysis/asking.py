"""The bridge from the oracles to the product: the same rows as a source, the same question as a public method takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
from tests.analysis.parts import Dealt
from tests.oracles.events import History, Narrowing, Row, Step, histories, holds, matching
from tests.oracles.funnel import Exclude, Funnel
from tests.oracles.retention import Retention

import tilth as tl
from tilth.analysis.clustered import ClusterEvents

KINDS = ("pandas", "index", "arrow", "chunks", "parts")
NUMBERS = ("price", "seq")


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Return rows as an Arrow table with the columns user_id, ts, event and whatever else they have."""
    extra = [c for c in rows[0] if c not in ("person", "time", "event")] if rows else []
    columns = {
        "user_id": pa.array([r["person"] for r in rows], pa.string()),
        "ts": pa.array([r["time"] for r in rows], pa.timestamp("us", tz="UTC")),
        "event": pa.array([r["event"] for r in rows], pa.string()),
    }
    for name in extra:
        columns[name] = pa.array([r[name] for r in rows], pa.int64() if name in NUMBERS else pa.string())
    return pa.table(columns)


def source_of(rows: Sequence[Row], kind: str = "pandas") -> pd.DataFrame | pa.Table:
    """Return rows as the kind of source asked for: a data frame, one with an index that means nothing, an Arrow table, one in chunks."""
    table = table_of(rows)
    if kind == "arrow":
        return table
    if kind == "chunks":
        return pa.concat_tables([table.slice(i, 2) for i in range(0, len(rows), 2)]) if rows else table
    frame = table.to_pandas()
    if kind == "index":
        frame.index = pd.Index([7] * len(frame))
    return frame


def events_of(rows: Sequence[Row], kind: str, order: str | None = None, **how: Any) -> tl.Events:
    """Return rows as Events, from the kind of source asked for; ``"parts"``: from several places at once, as on a cluster."""
    if kind == "parts":
        return ClusterEvents(Dealt(table_of(rows), order), **how)
    return tl.Events(source_of(rows, kind), order=order, **how)


@dataclass(frozen=True)
class During:
    """Only events from `start` on and before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Where:
    """Only events whose columns hold these values."""

    where: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Within:
    """Only people who have some event like this one."""

    step: Step


@dataclass(frozen=True)
class Case:
    """Rows, how they are handed over, and how they are narrowed before the question."""

    rows: tuple[Row, ...]
    kind: str = "pandas"
    order: str | None = None
    tz: str = "Asia/Shanghai"
    week_start: str = "monday"
    narrowings: tuple[During | Where | Within, ...] = ()

    def people(self) -> list[History]:
        """Return the histories an oracle reads."""
        whole, _ = histories(self.rows, self.order)
        return histories(self.rows, self.order, [_predicate(n, whole) for n in self.narrowings])[0]

    def events(self) -> Any:
        """Return the narrowed Events a person would ask."""
        ev = events_of(self.rows, self.kind, order=self.order, tz=self.tz, week_start=self.week_start)
        everyone = ev
        for narrowing in self.narrowings:
            if isinstance(narrowing, During):
                ev = ev.during(narrowing.start, narrowing.end)
            elif isinstance(narrowing, Where):
                ev = ev.where(dict(narrowing.where))
            else:
                ev = ev.within(everyone.funnel([public_step(narrowing.step)]).people(step=1))
        return ev


def _predicate(narrowing: During | Where | Within, whole: Sequence[History]) -> Narrowing:
    if isinstance(narrowing, During):
        return lambda person, event: narrowing.start <= event.time < narrowing.end
    if isinstance(narrowing, Where):
        return lambda person, event: holds(narrowing.where, event.row)
    inside = {history.person for history in whole if matching(narrowing.step, history)}
    return lambda person, event: person in inside


def public_step(step: Step) -> Any:
    """Return a step as a person writes it: a name, a list of names, or a tl.Step when there is more to say."""
    event = step.names[0] if len(step.names) == 1 else list(step.names)
    if step == Step(step.names):
        return event
    return tl.Step(event, where=dict(step.where) or None, first=step.first, optional=step.optional, label=step.label)


def length(span: timedelta | None) -> str | None:
    """Return a length as the questions read it: "90s", "2h", "1d", "1w"."""
    if span is None:
        return None
    for unit, size in {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}.items():
        if span % size == timedelta(0):
            return f"{span // size}{unit}"
    return f"{span // timedelta(seconds=1)}s"


def public_exclude(exclude: Exclude) -> Any:
    """Return an excluded event as a person writes it: a bare name, or a tl.Exclude when there is more to say."""
    if exclude == Exclude(exclude.name):
        return exclude.name
    return tl.Exclude(exclude.name, where=dict(exclude.where) or None, between=exclude.between)


def ask_funnel(ev: Any, question: Funnel) -> Any:
    """Ask an oracle's funnel of public Events."""
    return ev.funnel(
        [public_step(step) for step in question.steps],
        within=length(question.within),
        order=question.order,
        exclude=[public_exclude(exclude) for exclude in question.exclude],
        by=list(question.by) or None,
        by_touch=question.by_touch,
        hold=list(question.hold) or None,
        start_is=question.start_is,
        sessions=length(question.sessions),
    )


def ask_retention(ev: Any, question: Retention) -> Any:
    """Ask an oracle's retention of public Events."""
    return ev.retention(
        public_step(question.start),
        None if question.back is None else public_step(question.back),
        period=question.period,
        periods=question.periods,
        kind=question.kind,
        brackets=list(question.brackets) or None,
        start_is=question.start_is,
        until=question.until,
        by=list(question.by) or None,
        tz=question.tz,
        week_start=question.week_start,
        value=question.value,
    )
