"""``tilth people``: who is behind a figure; the twin of a result's ``people``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli import activity_questions as activity
from tilth.cli import output, questions
from tilth.cli import path_questions as walking
from tilth.cli import source as sources
from tilth.cli.command import Choice, Group, everywhere, option
from tilth.cli.command import command as make
from tilth.cli.csvfile import write_csv
from tilth.cli.session import Session
from tilth.cli.source import stacked
from tilth.errors import InputError
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.engine.people import PersonSet

_list_options = stacked(
    option(
        "--csv",
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        metavar=N_("FILE"),
        help=N_("Write all of them as CSV; - is standard output."),
    ),
    option(
        "--limit",
        type=click.IntRange(min=0),
        default=50,
        show_default=True,
        metavar=N_("NUMBER"),
        help=N_("How many to print; JSON and CSV have all."),
    ),
)

_of = option(
    "--of", multiple=True, metavar=N_("COLUMN=VALUE"), help=N_("Only those of the group with this value of a --by column; 'channel=' is without any.")
)


@click.group(
    "people",
    cls=Group,
    help=N_("List or export the people behind a figure of a question."),
    epilog=(
        "tilth people funnel view_goods add_to_cart pay --step 2 --dropped --csv lost.csv --demo\n"
        "tilth people retention sign_up --period month --cohort 2025-03 --in 2 --demo\n"
        "tilth people rfm --segment champions --demo"
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@stacked(*everywhere(workspace=True))
def command() -> None:
    """Hold the questions that people can be asked of."""


@make(
    "funnel",
    help=N_("List the people counted at a step of a funnel, or lost before it.\n\nThe steps and options are those of 'tilth funnel'."),
    examples=("tilth people funnel view_goods add_to_cart pay --step 2 --dropped --demo"),
)
@questions.funnel_options
@option("--step", type=int, default=1, show_default=True, metavar=N_("NUMBER"), help=N_("The step, from 1."))
@option("--dropped", is_flag=True, help=N_("Instead, those who were at the required step before it and not at this one."))
@_of
@sources.events_options
@_list_options
def _funnel(session: Session, step: int, dropped: bool, of: tuple[str, ...], csv: Path | None, limit: int, **given: Any) -> None:
    result = questions.funnel(session, given)
    _print(session, "people funnel", result.people(step, dropped, **_cell(of, result.frame)), csv, limit)


@make(
    "retention",
    help=N_("List the people of a cohort, or those of them who came back.\n\nThe events and options are those of 'tilth retention'."),
    examples=("tilth people retention sign_up --period month --cohort 2025-03 --in 2 --demo"),
)
@questions.retention_options
@option("--cohort", metavar=N_("TIME"), help=N_("A day in the cohort's period, such as 2025-03-15, or its month; default all cohorts."))
@option("--in", "came_back_in", type=int, metavar=N_("PERIOD"), help=N_("Only those who came back in the period of this number."))
@_of
@sources.events_options
@_list_options
def _retention(
    session: Session, cohort: str | None, came_back_in: int | None, of: tuple[str, ...], csv: Path | None, limit: int, **given: Any
) -> None:
    result = questions.retention(session, given)
    day = f"{cohort}-01" if cohort is not None and len(cohort) == 7 else cohort
    _print(session, "people retention", result.people(day, came_back_in, **_cell(of, result.frame)), csv, limit)


@make(
    "rfm",
    help=N_("List the people of an RFM segment or with given scores."),
    examples=("tilth people rfm --segment champions --csv champions.csv --demo\ntilth people rfm --r 5 --f 5 --demo"),
)
@questions.rfm_options
@option("--segment", metavar=N_("SEGMENT"), help=N_("The segment, by its code or its name."))
@option("--r", type=int, metavar=N_("SCORE"), help=N_("Score of recency."))
@option("--f", type=int, metavar=N_("SCORE"), help=N_("Score of frequency."))
@option("--m", type=int, metavar=N_("SCORE"), help=N_("Score of the amount."))
@sources.orders_options
@_list_options
def _rfm(session: Session, segment: str | None, r: int | None, f: int | None, m: int | None, csv: Path | None, limit: int, **given: Any) -> None:
    cell = {name: value for name, value in (("segment", segment), ("r", r), ("f", f), ("m", m)) if value is not None}
    _print(session, "people rfm", questions.rfm(session, given).people(**cell), csv, limit)


@make(
    "lifecycle",
    help=N_("List the people who are new, returning, resurrecting or dormant.\n\nThe event and options are those of 'tilth lifecycle'."),
    examples=("tilth people lifecycle pay --period month --at 2025-03-15 --state resurrecting --demo"),
)
@activity.lifecycle_options
@option("--at", metavar=N_("TIME"), help=N_("A day in the period; default any period."))
@option("--state", type=Choice(["new", "returning", "resurrecting", "dormant"]), help=N_("What they are in it; default all who were active."))
@_of
@sources.events_options
@_list_options
def _lifecycle(session: Session, at: str | None, state: str | None, of: tuple[str, ...], csv: Path | None, limit: int, **given: Any) -> None:
    result = activity.lifecycle(session, given)
    _print(session, "people lifecycle", result.people(at, state, **_cell(of, result.frame)), csv, limit)


@make(
    "stickiness",
    help=N_("List the people who were active in so many periods of a window.\n\nThe event and options are those of 'tilth stickiness'."),
    examples=("tilth people stickiness --number 5 --demo"),
)
@activity.stickiness_options
@option("--number", type=int, metavar=N_("NUMBER"), help=N_("In how many periods; default any number."))
@option("--at", metavar=N_("TIME"), help=N_("A day in the window; default any window."))
@_of
@sources.events_options
@_list_options
def _stickiness(session: Session, number: int | None, at: str | None, of: tuple[str, ...], csv: Path | None, limit: int, **given: Any) -> None:
    result = activity.stickiness(session, given)
    _print(session, "people stickiness", result.people(number, at, **_cell(of, result.frame)), csv, limit)


@make(
    "frequency",
    help=N_("List the people who did it so often.\n\nThe event and options are those of 'tilth frequency'."),
    examples=("tilth people frequency pay --at-least 10 --demo"),
)
@activity.frequency_options
@option("--times", type=int, metavar=N_("NUMBER"), help=N_("Exactly so often."))
@option("--at-least", type=int, metavar=N_("NUMBER"), help=N_("So often or more."))
@option("--at", metavar=N_("TIME"), help=N_("A day in the period; default any period."))
@_of
@sources.events_options
@_list_options
def _frequency(
    session: Session, times: int | None, at_least: int | None, at: str | None, of: tuple[str, ...], csv: Path | None, limit: int, **given: Any
) -> None:
    result = activity.frequency(session, given)
    _print(session, "people frequency", result.people(times, at_least, at, **_cell(of, result.frame)), csv, limit)


@make(
    "sessions",
    help=N_("List the people who have sessions of a length or number.\n\nThe options are those of 'tilth sessions'."),
    examples=("tilth people sessions --session 10 --demo"),
)
@activity.sessions_options
@option("--session", "number", type=int, metavar=N_("NUMBER"), help=N_("Who have a session of this number, from 1."))
@option("--bucket", type=int, metavar=N_("NUMBER"), help=N_("Who have a session as long as this row of the table says, from 1."))
@_of
@sources.events_options
@_list_options
def _sessions(session: Session, number: int | None, bucket: int | None, of: tuple[str, ...], csv: Path | None, limit: int, **given: Any) -> None:
    result = activity.sessions(session, given)
    _print(session, "people sessions", result.people(number, bucket, **_cell(of, result.summary)), csv, limit)


@make(
    "intervals",
    help=N_("List the people who took so long, or never came to it.\n\nThe events and options are those of 'tilth intervals'."),
    examples=("tilth people intervals sign_up pay --within 7d --open --csv remind.csv --demo"),
)
@activity.intervals_options
@option("--bucket", type=int, metavar=N_("NUMBER"), help=N_("Who took as long as the bucket of this number says, from 1."))
@option("--open", "unended", is_flag=True, help=N_("Instead, those who have a FROM that no TO follows in time."))
@_of
@sources.events_options
@_list_options
def _intervals(session: Session, bucket: int | None, unended: bool, of: tuple[str, ...], csv: Path | None, limit: int, **given: Any) -> None:
    result = activity.intervals(session, given)
    _print(session, "people intervals", result.people(bucket, not unended, **_cell(of, result.summary)), csv, limit)


@make(
    "paths",
    help=N_("List the people who make a move, or who are in a cluster of similar paths.\n\nThe options are those of 'tilth paths'."),
    examples=("tilth people paths --start sign_up --move 1 --target search --demo\ntilth people paths --clusters 4 --cluster 2 --demo"),
)
@walking.paths_options
@option("--move", type=int, metavar=N_("NUMBER"), help=N_("The number of the move; default any."))
@option("--source", metavar=N_("EVENT"), help=N_("From which event; default any."))
@option("--target", metavar=N_("EVENT"), help=N_("To which event; default any."))
@option("--cluster", type=int, metavar=N_("NUMBER"), help=N_("With --clusters: who is in the cluster of this number; default any."))
@sources.events_options
@_list_options
def _paths(
    session: Session, move: int | None, source: str | None, target: str | None, cluster: int | None, csv: Path | None, limit: int, **given: Any
) -> None:
    grouped = given["clusters"] is not None
    moved = {"depth": move, "source": source, "target": target}
    if any(value is not None for value in (moved.values() if grouped else [cluster])):
        raise InputError(_("People make a move, or are in a cluster: give --move, --source and --target, or --clusters and --cluster."))
    result: Any = walking.paths(session, given)
    _print(session, "people paths", result.people(**({"cluster": cluster} if grouped else moved)), csv, limit)


@make(
    "touchpoints",
    help=N_("List the people who came by a path of channels.\n\nThe channel, the conversion and the options are those of 'tilth touchpoints'."),
    examples=("tilth people touchpoints channel pay --fold --path 'douyin > sms' --not-converted --demo"),
)
@walking.touchpoints_options
@option("--path", metavar=N_("PATH"), help=N_("The path, written like 'a > b > c'; default any."))
@option("--converted/--not-converted", default=None, help=N_("Only those whom it led to a conversion, or to none."))
@sources.events_options
@_list_options
def _touchpoints(session: Session, path: str | None, converted: bool | None, csv: Path | None, limit: int, **given: Any) -> None:
    _print(session, "people touchpoints", walking.touchpoints(session, given).people(path, converted), csv, limit)


@make(
    "activation",
    help=N_("List the people who met a rule of activation, or who did not.\n\nThe event and the options are those of 'tilth activation'."),
    examples=("tilth people activation pay --start sign_up --behaviour add_to_cart --at-least 2 --within 7d --not-done --demo"),
)
@walking.activation_options
@option("--behaviour", metavar=N_("EVENT"), help=N_("The rule's behaviour; default everyone who is looked at."))
@option("--at-least", type=int, metavar=N_("NUMBER"), help=N_("How often at least; default the lowest count."))
@option("--within", metavar=N_("LENGTH"), help=N_("The rule's window; default the shortest."))
@option("--not-done", is_flag=True, help=N_("Instead, those who did not meet it."))
@option("--came-back/--lost", default=None, help=N_("Only those who were retained, or were not."))
@sources.events_options
@_list_options
def _activation(
    session: Session,
    behaviour: str | None,
    at_least: int | None,
    within: str | None,
    not_done: bool,
    came_back: bool | None,
    csv: Path | None,
    limit: int,
    **given: Any,
) -> None:
    found = walking.activation(session, given).people(behaviour, at_least, within, not not_done, came_back)
    _print(session, "people activation", found, csv, limit)


for _each in (_funnel, _retention, _rfm, _lifecycle, _stickiness, _frequency, _sessions, _intervals, _paths, _touchpoints, _activation):
    command.add_command(_each)


def _cell(of: tuple[str, ...], frame: Any) -> dict[str, Any]:
    """Return the group that ``--of`` names, its values as the result has them."""
    cell: dict[str, Any] = {}
    for text in of:
        column, sign, value = text.partition("=")
        if not sign:
            raise InputError(_("{text}: write --of like channel=douyin.").format(text=repr(text)))
        cell[column] = value or None
        if column in frame.columns:  # a number in the result was written as text here
            cell[column] = next((known for known in frame[column].dropna().unique() if str(known) == value), cell[column])
    return cell


def _print(session: Session, name: str, people: PersonSet, csv: Path | None, limit: int) -> None:
    written = None
    if csv is not None:
        import pandas as pd

        written = write_csv(pd.DataFrame({"person": people.ids.to_pylist()}), csv)
    if session.json:
        output.document(name, {"count": len(people), "people": people.ids.to_pylist(), "written": written})
        return
    if written == "-":
        return
    output.say(session, _("People: {count}").format(count=f"{len(people):,}"))
    for person in people.ids.slice(0, limit).to_pylist():
        output.say(session, f"  {person}")
    if len(people) > limit > 0:
        output.say(session, _("  … and {count} more; --csv writes all.").format(count=f"{len(people) - limit:,}"))
    if written:
        output.say(session, _("Written: {path}").format(path=written))
