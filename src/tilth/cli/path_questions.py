"""The options of paths, touchpoints and activation, and asking them: shared by each question's own command and by ``tilth people``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tilth.cli import recall, source, steps
from tilth.cli.command import argument, option
from tilth.cli.session import Session
from tilth.cli.source import stacked
from tilth.language import N_

if TYPE_CHECKING:
    from tilth.analysis.behaviour.activation import Activation
    from tilth.analysis.behaviour.path_clusters import PathClusters
    from tilth.analysis.behaviour.paths import Paths
    from tilth.analysis.behaviour.touchpoints import Touchpaths

BEST = "best"
"""What ``--clusters`` is without a number."""

paths_options = stacked(
    option("--start", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("The event that a path begins with; default a person's first.")),
    option("--end", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("The event that a path ends with; alone, the last moves before it.")),
    option("--around", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("Instead, the moves before and after this event.")),
    option("--depth", type=int, default=5, show_default=True, metavar=N_("NUMBER"), help=N_("Most moves that are told.")),
    option("--sessions", metavar=N_("LENGTH"), help=N_("A pause that is longer, such as 30m, ends a path.")),
    option("--fold", is_flag=True, help=N_("Take equal events in a row as one.")),
    option("--top", type=int, metavar=N_("NUMBER"), help=N_("Call all but so many events, the most frequent, 'other'.")),
    option(
        "--clusters",
        is_flag=False,
        flag_value=BEST,
        metavar=N_("[NUMBER]"),
        help=N_("Instead, so many clusters of people whose paths are alike; without a number, as many as are told apart best."),
    ),
)

touchpoints_options = stacked(
    argument("channel", metavar=N_("CHANNEL"), required=True, shell_complete=recall.columns),
    argument("conversion", metavar=N_("CONVERSION"), required=True, shell_complete=recall.steps),
    option("--value", shell_complete=recall.columns, metavar=N_("COLUMN"), help=N_("A column of numbers: what the conversion was worth.")),
    option(
        "--lookback",
        default="30d",
        show_default=True,
        metavar=N_("LENGTH"),
        help=N_("Longest time from a touch to the conversion; 'none' for no bound."),
    ),
    option("--touch", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("Which events are touches; default all that have a channel.")),
    option("--fold", is_flag=True, help=N_("Take touches of one channel in a row as one.")),
    option("--longest", type=int, default=100, show_default=True, metavar=N_("NUMBER"), help=N_("Most touches of a path: the last ones.")),
)

activation_options = stacked(
    argument("retained", metavar=N_("[RETAINED]"), required=False, shell_complete=recall.steps),
    option("--start", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("The event that a person starts with; default their first of all.")),
    option(
        "--candidate",
        "candidates",
        multiple=True,
        shell_complete=recall.steps,
        metavar=N_("STEP"),
        help=N_("A behaviour to try; several times for several. Default every event there is."),
    ),
    option("--count", "counts", type=int, multiple=True, metavar=N_("NUMBER"), help=N_("How often at least; default 1, 2, 3 and 5.")),
    option("--window", "windows", multiple=True, metavar=N_("LENGTH"), help=N_("Within so long from the start; default 1d and 7d.")),
    option("--after", default="7d", show_default=True, metavar=N_("LENGTH"), help=N_("From when on after the start people are looked for.")),
    option("--before", default="14d", show_default=True, metavar=N_("LENGTH"), help=N_("Until when after the start they are looked for.")),
    option("--until", metavar=N_("TIME"), help=N_("Until when the data are known; default the last event.")),
)


def paths(session: Session, given: dict[str, Any]) -> Paths | PathClusters:
    """Ask paths, or clusters of similar ones, by the options of the command line; takes them out of `given`."""
    settings: dict[str, Any] = {name: _step(given.pop(name)) for name in ("start", "end", "around")}
    settings |= {name: given.pop(name) for name in ("depth", "sessions", "fold", "top")}
    number = given.pop("clusters")
    events = source.events(session, given)
    if number is None:
        return events.paths(**settings)
    from tilth.analysis.behaviour.path_clusters import PathClusters, PathClustersOptions

    return PathClusters(events, PathClustersOptions(**settings, k=None if number == BEST else int(number) if number.isdecimal() else number))


def touchpoints(session: Session, given: dict[str, Any]) -> Touchpaths:
    """Ask touchpoints by the options of the command line; takes them out of `given`."""
    channel, conversion = given.pop("channel"), steps.step(given.pop("conversion"))
    lookback = given.pop("lookback")
    settings: dict[str, Any] = {name: given.pop(name) for name in ("value", "fold", "longest")}
    settings |= {"lookback": None if lookback == "none" else lookback, "touch": _step(given.pop("touch"))}
    return source.events(session, given).touchpoints(channel, conversion, **settings)


def activation(session: Session, given: dict[str, Any]) -> Activation:
    """Ask activation by the options of the command line; takes them out of `given`."""
    retained, start = _step(given.pop("retained")), _step(given.pop("start"))
    settings = {name: values for name in ("counts", "windows") if (values := given.pop(name))}
    candidates = [steps.step(text) for text in given.pop("candidates")] or None
    between, until = (given.pop("after"), given.pop("before")), given.pop("until")
    return source.events(session, given).activation(retained, start, candidates, between=between, until=until, **settings)


def _step(text: str | None) -> Any:
    return None if text is None else steps.step(text)
