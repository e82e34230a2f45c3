"""The options of the questions of how people are active, and asking them: shared by each question's own command and by ``tilth people``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tilth.cli import recall, source, steps
from tilth.cli.command import Choice, argument, option
from tilth.cli.session import Session
from tilth.cli.source import stacked
from tilth.cli.split import split, split_options
from tilth.language import N_

if TYPE_CHECKING:
    from tilth.analysis.behaviour.frequency import Frequency
    from tilth.analysis.behaviour.intervals import Intervals
    from tilth.analysis.behaviour.lifecycle import Lifecycle
    from tilth.analysis.behaviour.sessions import Sessions
    from tilth.analysis.behaviour.stickiness import Stickiness

_event = argument("asked", metavar=N_("[EVENT]"), required=False, shell_complete=recall.steps)

lifecycle_options = stacked(
    _event,
    option("--period", type=Choice(["day", "week", "month"]), default="day", show_default=True, help=N_("What is one period.")),
    split_options,
)

stickiness_options = stacked(
    _event,
    option("--period", type=Choice(["day", "week"]), default="day", show_default=True, help=N_("What is counted.")),
    option("--over", type=Choice(["week", "month"]), default="week", show_default=True, help=N_("In what it is counted.")),
    split_options,
)

frequency_options = stacked(
    _event,
    option("--period", type=Choice(["day", "week", "month"]), help=N_("Count in each period rather than over everything.")),
    split_options,
)

sessions_options = stacked(
    option(
        "--timeout",
        default="30m",
        show_default=True,
        metavar=N_("LENGTH"),
        help=N_("Longest pause inside a session: 30m, 2h; 'none' for no bound."),
    ),
    option("--separator", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("An event that begins a session whatever came before.")),
    split_options,
)

intervals_options = stacked(
    argument("a", metavar=N_("FROM"), required=True, shell_complete=recall.steps),
    argument("b", metavar=N_("[TO]"), required=False, shell_complete=recall.steps),
    option("--within", metavar=N_("LENGTH"), help=N_("Longest time that counts, such as 14d.")),
    option(
        "--starts",
        type=Choice(["every", "nearest"]),
        default="every",
        show_default=True,
        help=N_("Of several FROM before one TO, count each or only the last."),
    ),
    option("--buckets", metavar=N_("LENGTH,…"), help=N_("Where the buckets end, such as 1h,1d,7d.")),
    split_options,
)


def lifecycle(session: Session, given: dict[str, Any]) -> Lifecycle:
    """Ask lifecycle by the options of the command line; takes them out of `given`."""
    event, period, by = _step(given.pop("asked")), given.pop("period"), split(given)
    return source.events(session, given).lifecycle(event, period, **by)


def stickiness(session: Session, given: dict[str, Any]) -> Stickiness:
    """Ask stickiness by the options of the command line; takes them out of `given`."""
    event, period, over, by = _step(given.pop("asked")), given.pop("period"), given.pop("over"), split(given)
    return source.events(session, given).stickiness(event, period, over, **by)


def frequency(session: Session, given: dict[str, Any]) -> Frequency:
    """Ask frequency by the options of the command line; takes them out of `given`."""
    event, period, by = _step(given.pop("asked")), given.pop("period"), split(given)
    return source.events(session, given).frequency(event, period, **by)


def sessions(session: Session, given: dict[str, Any]) -> Sessions:
    """Ask sessions by the options of the command line; takes them out of `given`."""
    timeout, separator, by = given.pop("timeout"), _step(given.pop("separator")), split(given)
    return source.events(session, given).sessions(None if timeout == "none" else timeout, separator, **by)


def intervals(session: Session, given: dict[str, Any]) -> Intervals:
    """Ask intervals by the options of the command line; takes them out of `given`."""
    a, b = steps.step(given.pop("a")), _step(given.pop("b"))
    buckets = given.pop("buckets")
    settings = {
        "within": given.pop("within"),
        "starts": given.pop("starts"),
        "buckets": [end.strip() for end in buckets.split(",")] if buckets else None,
        **split(given),
    }
    return source.events(session, given).intervals(a, b, **settings)


def _step(text: str | None) -> Any:
    return None if text is None else steps.step(text)
