"""Move after move: the diagram, and a row for every move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tilth.analysis.behaviour.paths import OTHER, Paths
from tilth.analysis.display import wording
from tilth.analysis.display.tables import MOST_ROWS
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Figure, Row, Table
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.asking.question import Question

BEFORE, AFTER, AROUND = "before", "after", "around"
SEEN = "\u200b"
"""What the diagram appends to a name for each column that it stands further right."""
LARGEST = 3
"""Moves that are key figures."""


def figures(asking: Asking) -> Iterator[Figure]:
    """Return who has a path, and the moves that most people make next to the event."""
    now, counted = asking.now, pgettext("how many", "people")
    everyone = len(now.people())
    yield asking.figure(_("People with a path"), wording.count(everyone), counted, people={})
    for cell in _nearest(asking):
        people = len(now.people(**cell))
        label = f"{called(cell['source'])} → {called(cell['target'])}"
        note = _("{share} of them").format(share=wording.percent(people / everyone))
        yield asking.figure(label, wording.count(people), counted, note=note, people=cell)
    end = asking.values["end"]
    if end is not None:
        yield Figure(_("Reached the end"), wording.count(everyone), counted, note=_("only they have a path here"), people={})


def charts(asking: Asking) -> Iterator[Chart]:
    """Return the diagram."""
    remark = _("Bands are as wide as they have people; seven events are told apart, the others are grey")
    yield Chart(_("What follows what"), _diagram(asking), remark, height=460)


def tables(asking: Asking) -> Iterator[Table]:
    """Return a row a move."""
    frame = asking.now.frame
    everyone = len(asking.now.people())
    columns = (
        *(Column(_("Move"), text=True), Column(pgettext("move", "From"), text=True), Column(pgettext("move", "To"), text=True)),
        *(Column(pgettext("column", "People")), Column(_("Share of those with a path"))),
    )
    rows = []
    for row in frame.head(MOST_ROWS).itertuples():
        share = wording.percent(row.count / everyone)
        rows.append(
            Row(
                (
                    Cell(wording.count(row.depth)),
                    Cell(called(row.source)),
                    Cell(called(row.target)),
                    Cell(wording.count(row.count), _cell(row)),
                    Cell(share),
                )
            )
        )
    notes: tuple[str, ...] = ()
    if len(frame) > MOST_ROWS:
        notes = (_("The first {shown} of {count} moves; an export has all.").format(shown=MOST_ROWS, count=f"{len(frame):,}"),)
    yield Table(_("Move by move"), columns, tuple(rows), notes=notes)


def data(result: Paths, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """Return all moves."""
    heads = {"depth": _("Move"), "source": pgettext("move", "From"), "target": pgettext("move", "To"), "count": pgettext("column", "People")}
    frame = result.frame
    return list(heads.items()), frame.assign(source=frame["source"].map(called), target=frame["target"].map(called))


def called(code: str) -> str:
    """Return what an event is called here."""
    return _("other events") if code == OTHER else wording.name(code)


def _nearest(asking: Asking) -> list[dict[str, Any]]:
    """Return the moves that most people make next to the event: after it, into it, or on both sides of it."""
    frame, way = asking.now.frame, asking.values["way"]
    if way == BEFORE:
        into = frame[frame["target"].isin(asking.now.options.asked)].groupby(["source", "target"], as_index=False)["count"].sum()
        rows = into.sort_values(["count", "source"], ascending=[False, True]).head(LARGEST)
        return [{"source": source, "target": target} for source, target, _count in rows.itertuples(index=False)]
    sides = {AFTER: {1: LARGEST}, AROUND: {-1: 2, 1: 2}}[way]
    return [_cell(row) for depth, most in sides.items() for row in frame[frame["depth"] == depth].head(most).itertuples()]


def _cell(row: Any) -> dict[str, Any]:
    return {"depth": int(row.depth), "source": row.source, "target": row.target}


def _diagram(asking: Asking) -> dict[str, Any]:
    """Return the diagram with events by their names; where its columns are those of the moves, bands and events are doors to their people."""
    option, depths = asking.now.chart(), asking.now.options.depths
    series = option["series"][0]
    series["labelLayout"] = {"hideOverlap": True}
    series["label"] = {"color": {"$token": "ink"}, "textBorderColor": {"$token": "card"}, "textBorderWidth": 2}
    known = set(asking.now.frame["source"]) | set(asking.now.frame["target"])
    drawn = {one["name"].rstrip(SEEN) for one in series["data"]}
    names = {code: called(code) if code in known else _("other events") for code in drawn}
    for code in drawn:  # two events of one name would be one
        if list(names.values()).count(names[code]) > 1 and code in known:
            names[code] = f"{names[code]} ({code})"

    def named(name: str) -> str:
        code = name.rstrip(SEEN)
        return names[code] + name[len(code) :]

    def door(**cell: Any) -> dict[str, Any]:
        doors = asking.values["way"] != BEFORE and all(code in known and code != OTHER for name, code in cell.items() if name != "depth")
        return {"people": cell} if doors else {}

    for link in series["links"]:
        source, target = link["source"], link["target"]
        column = len(source) - len(source.rstrip(SEEN))
        link |= {"source": named(source), "target": named(target)}
        link |= door(depth=int(depths[column]), source=source.rstrip(SEEN), target=target.rstrip(SEEN))
    for one in series["data"]:
        code = one["name"].rstrip(SEEN)
        column = len(one["name"]) - len(code)
        one["name"] = named(one["name"])
        one |= door(depth=int(depths[column]), source=code) if column < len(depths) else door(depth=int(depths[-1]), target=code)
    return option
