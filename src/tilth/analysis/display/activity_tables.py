"""Tables of how people are active: lifecycle, stickiness, frequency, sessions, intervals."""

from __future__ import annotations

import pandas as pd

from tilth.analysis.behaviour import periods
from tilth.analysis.behaviour.frequency import Frequency, folded
from tilth.analysis.behaviour.intervals import Intervals
from tilth.analysis.behaviour.lifecycle import STATES, Lifecycle, active, labels
from tilth.analysis.behaviour.sessions import Sessions
from tilth.analysis.behaviour.stickiness import Stickiness, gapless
from tilth.analysis.display import estimates, wording
from tilth.analysis.display.cells import Cell, Column, Table, cut, row_of
from tilth.analysis.display.estimates import errors, estimating, people_cell
from tilth.language import _


@estimating
def lifecycle_table(result: Lifecycle) -> Table:
    """Return a row a period, the last one first; split by something, below each other the groups that have anybody in it."""
    heads = (*_split_by(result.by), Column(_("Active")), *(Column(name, group=state == "dormant") for state, name in labels().items()))
    columns = (Column(_("Period"), text=True), *heads)
    frame = result.looked_at
    frame = frame.assign(active=active(frame))
    if result.by:
        frame = frame[frame[list(STATES)].any(axis=1)].sort_values(["period", "active"], ascending=[True, True], kind="stable")
    rows = []
    for row in frame.iloc[::-1].to_dict("records"):
        group = {name: row[name] for name in result.by}
        states = (people_cell(row[state], period=row["period"], state=state, **group) for state in STATES)
        words = (periods.written(row["period"], result.options.period), *map(wording.value, group.values()))
        rows.append(row_of(*words, people_cell(row["active"], period=row["period"], **group), *states))
    shown, notes = cut(rows)
    return Table(columns, shown, notes=notes)


@estimating
def stickiness_table(result: Stickiness) -> Table:
    """Return a row for each number of active periods, how often it occurs and who was ever so active; split by something, a row a group."""
    if result.by:
        counted, mean = (
            _person(result.options.over),
            {"day": _("Days active on average"), "week": _("Weeks active on average")}[result.options.period],
        )
        return _tallied_by_group(result, Column(counted), Column(mean))
    heading = {"day": _("Days active"), "week": _("Weeks active")}[result.options.period]
    columns = (Column(heading, text=True), *_shares(_person(result.options.over)), Column(_("People"), group=True))
    frame = gapless(result.frame)
    total = rest = int(frame["people"].sum())
    spread = dict(zip(result.frame["active_periods"], errors(result, "people", "frame"), strict=True))
    rows = []
    for number, count in frame.itertuples(index=False):
        people = people_cell(len(result.people(int(number))), active_periods=int(number))
        rows.append(
            row_of(str(number), estimates.count(count, spread.get(number)), wording.percent(count / total), wording.percent(rest / total), people)
        )
        rest -= count
    return Table(columns, tuple(rows))


@estimating
def frequency_table(result: Frequency) -> Table:
    """Return a row for each number of times, the last for all from it on; split by something, a row a group."""
    period = result.options.period
    if result.by:
        return _tallied_by_group(result, None if period is None else Column(_person(period)), Column(_("Times on average")))
    bars = folded(result.frame)
    total = rest = sum(count for _times, count, _more in bars)
    spread = {} if period is None else dict(zip(result.frame["times"], errors(result, "people", "frame"), strict=True))
    rows = []
    for times, count, more in bars:
        cell = {"at_least": times} if more else {"times": times}
        shares = (wording.percent(count / total), wording.percent(rest / total))
        people = people_cell(len(result.people(**cell)), **cell)
        figures: tuple[str | Cell, ...] = (
            (people, *shares) if period is None else (estimates.count(count, None if more else spread.get(times)), *shares, people)
        )
        rows.append(row_of(_("{n} and more").format(n=times) if more else str(times), *figures))
        rest -= count
    counted = _shares(_("People")) if period is None else (*_shares(_person(period)), Column(_("People"), group=True))
    return Table((Column(_("Times"), text=True), *counted), tuple(rows))


@estimating
def sessions_table(result: Sessions) -> Table:
    """Return a row for each bucket of lengths; split by something, a row a group."""
    if result.by:
        return _sessions_by_group(result)
    columns = (
        Column(_("Length"), text=True),
        Column(_("Sessions")),
        Column(_("Share")),
        Column(_("Events a session")),
        Column(_("People"), group=True),
    )
    summary = result.summary
    total = int(summary["sessions"].sum())
    rows = []
    for row, name, error in zip(summary.itertuples(), result.buckets.names(), errors(result, "sessions", "summary"), strict=False):
        each = wording.count(round(row.events / row.sessions, 2) if row.sessions else None)
        people = people_cell(row.people, bucket=row.bucket)
        rows.append(row_of(name, estimates.count(row.sessions, error), wording.percent(row.sessions / total), each, people))
    return Table(columns, tuple(rows))


def _sessions_by_group(result: Sessions) -> Table:
    heads = (Column(_("Sessions")), Column(_("Share")), Column(_("Half at most")), Column(_("Events a session")), Column(_("People"), group=True))
    frame = result.by_group.sort_values("sessions", ascending=False, kind="stable")
    total, rows = int(frame["sessions"].sum()), []
    for row in frame.to_dict("records"):
        group = {name: row[name] for name in result.by}
        figures = (estimates.count(row["sessions"]), wording.percent(row["sessions"] / total), wording.duration(row["median_seconds"]))
        each = wording.count(round(row["events"], 2))
        rows.append(row_of(*map(wording.value, group.values()), *figures, each, people_cell(row["people"], **group)))
    shown, notes = cut(rows)
    return Table((*_split_by(result.by), *heads), shown, notes=notes)


def _tallied_by_group(result: Stickiness | Frequency, counted: Column | None, mean: Column) -> Table:
    """Return a row a group, the largest first; `counted` is what people are counted as, if not once each."""
    columns = (*_split_by(result.by), *([counted] if counted else []), mean, Column(_("{n} and more").format(n=2)), Column(_("People"), group=True))
    rows = []
    for row in result.by_group.sort_values("people_windows", ascending=False, kind="stable").to_dict("records"):
        group = {name: row[name] for name in result.by}
        figures = ([estimates.count(row["people_windows"])] if counted else []) + [f"{row['mean']:.2f}", wording.percent(row["again"])]
        rows.append(row_of(*map(wording.value, group.values()), *figures, people_cell(row["people"], **group)))
    shown, notes = cut(rows)
    return Table(columns, shown, notes=notes)


@estimating
def intervals_table(result: Intervals) -> Table:
    """Return a row for each bucket of lengths and one for all; split by something, a row a group with its quantiles."""
    return _intervals_by_group(result) if result.by else _intervals_by_bucket(result)


def _intervals_by_bucket(result: Intervals) -> Table:
    columns = (Column(_("Length"), text=True), Column(_("Intervals")), Column(_("Share")), Column(_("People"), group=True))
    rows = [
        row_of(name, estimates.count(row.intervals, error), wording.percent(row.share), people_cell(row.people, bucket=row.bucket))
        for row, name, error in zip(result.frame.itertuples(), result.buckets.names(), errors(result, "intervals", "frame"), strict=False)
    ]
    whole = result.summary.iloc[0]
    if rows:
        every = estimates.count(whole["intervals"], errors(result, "intervals", "summary")[0])
        rows.insert(0, row_of(_("All"), every, "", people_cell(whole["people"]), total=True))
    return Table(columns, tuple(rows), _quantiles_in_words(whole))


def _quantiles_in_words(whole: pd.Series) -> str:
    if not whole["intervals"]:
        return _("Of {starts} none was followed in time").format(starts=estimates.count(whole["starts"]))
    return _("Half take at most {median}, a quarter at most {p25}, nine in ten at most {p90}; {open} of {starts} were not followed in time").format(
        median=wording.duration(whole["median_seconds"]),
        p25=wording.duration(whole["p25_seconds"]),
        p90=wording.duration(whole["p90_seconds"]),
        open=estimates.count(whole["starts"] - whole["intervals"]),
        starts=estimates.count(whole["starts"]),
    )


def _intervals_by_group(result: Intervals) -> Table:
    columns = (
        *_split_by(result.by),
        Column(_("Intervals")),
        Column(_("Quarter within")),
        Column(_("Half within")),
        Column(_("Nine in ten within")),
        Column(_("People"), group=True),
    )
    rows = []
    spread = errors(result, "intervals", "summary")
    for place, row in result.summary.sort_values("intervals", ascending=False, kind="stable").iterrows():
        group = {name: row[name] for name in result.by}
        within = (wording.duration(row[name]) for name in ("p25_seconds", "median_seconds", "p90_seconds"))
        rows.append(
            row_of(
                *map(wording.value, group.values()), estimates.count(row["intervals"], spread[place]), *within, people_cell(row["people"], **group)
            )
        )
    shown, notes = cut(rows)
    return Table(columns, shown, notes=notes)


def _split_by(by: list[str]) -> tuple[Column, ...]:
    return tuple(Column(wording.name(name), text=True) for name in by)


def _person(window: str) -> str:
    return {"day": _("Person-days"), "week": _("Person-weeks"), "month": _("Person-months")}[window]


def _shares(counted: str) -> tuple[Column, ...]:
    return (Column(counted), Column(_("Share")), Column(_("So many or more")))
