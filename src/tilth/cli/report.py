"""``tilth report``: the twin of ``tilth.analysis.display.overview.overview``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tilth.cli import output, source, steps
from tilth.cli.command import command as make
from tilth.cli.command import option
from tilth.cli.session import Session, demo_folder
from tilth.language import N_, _, current

if TYPE_CHECKING:
    from tilth.analysis.display.overview import Overview
    from tilth.warehouse.workspace import Workspace


@make(
    "report",
    help=N_(
        "Write a page over the workspace: key figures, funnel, retention and RFM with their charts, tables and definitions.\n\n"
        "The page needs no network. What is asked is chosen by the event names that there are; --step, --start and --back choose otherwise."
    ),
    examples=("tilth report --demo --open\ntilth report --step view --step cart --step buy --within 3d --out report.html"),
)
@option("--demo", is_flag=True, help=N_("Report on the demo brand."))
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=N_("FILE"),
    help=N_("Where to write the page; default report.html in the workspace."),
)
@option("--title", metavar=N_("TEXT"), help=N_("What the page is called."))
@option("--step", "funnel", multiple=True, metavar=N_("STEP"), help=N_("A step of the funnel, in order; written as for 'tilth funnel'."))
@option("--within", default="7d", show_default=True, metavar=N_("LENGTH"), help=N_("Longest time from the funnel's first step to the last."))
@option("--by", default="channel", show_default=True, metavar=N_("COLUMN"), help=N_("Show the funnel split by this column too; 'none' for not."))
@option(
    "--days",
    type=click.IntRange(min=1),
    default=90,
    show_default=True,
    metavar=N_("NUMBER"),
    help=N_("Days up to the last event that the funnel looks at."),
)
@option("--start", metavar=N_("STEP"), help=N_("Retention's start; default signing up."))
@option("--back", metavar=N_("STEP"), help=N_("Retention's coming back; default any event."))
@option("--open/--no-open", "show", default=None, help=N_("Open the page in the browser; on a terminal it is asked otherwise."))
def command(
    session: Session,
    demo: bool,
    out: Path | None,
    title: str | None,
    funnel: tuple[str, ...],
    within: str,
    by: str,
    days: int,
    start: str | None,
    back: str | None,
    show: bool | None,
) -> None:
    """Write the page and open it where that is wanted."""
    workspace = source.workspace(session, demo)
    from tilth.analysis.display.overview import Choices, overview

    choices = Choices(
        steps=[steps.step(text) for text in funnel] or None,
        within=within,
        by=None if by == "none" else by,
        days=days,
        start=steps.step(start) if start else None,
        back=steps.step(back) if back else None,
        labels=_labels(workspace),
        names=_names(workspace),
    )
    made = overview(workspace.events(), workspace.orders(), choices, money_sign(workspace.currency))
    title = title or _title(workspace)
    file = (out or workspace.root / "report.html").resolve()
    file.write_text(made.page(title, workspace.root.name), encoding="utf-8")
    if session.json:
        figures = [{"label": one.label, "value": one.value, "change": one.change} for one in made.figures]
        output.document("report", {"file": str(file), "bytes": file.stat().st_size, "as_of": made.as_of, "figures": figures})
    else:
        _summarise(made, title)
        output.say(session, _("Written: {path}").format(path=file))
    if show is None and not session.json and sys.stdin.isatty() and sys.stdout.isatty():
        show = click.confirm(_("Open it in the browser?"), default=True)
    if show:
        import webbrowser

        if not webbrowser.open(file.as_uri()):
            output.note(_("No browser could be opened here; open the file yourself."))


def _summarise(made: Overview, title: str) -> None:
    """Print the key figures and, of each kind of question, the first answer; retention only as all cohorts together."""
    from dataclasses import replace

    from tilth.analysis.behaviour.retention import Retention
    from tilth.analysis.display import tables, wording

    headings = tuple(tables.Column(text, text=not k) for k, text in enumerate((_("Key figure"), _("Value"), _("Change"))))
    rows = tuple(tables.Row(tuple(map(tables.Cell, (one.label, f"{one.value} {one.unit}".strip(), one.change)))) for one in made.figures)
    output.show(tables.Table(headings, rows, caption=made.figures[0].note if made.figures else ""), f"{title} · {made.as_of}")
    shown: set[type] = set()
    for asked in made.asked:
        kind = type(asked.result)
        if kind in shown:
            continue
        shown.add(kind)
        with wording.calling(made.names):
            table = tables.table_of(asked.result)
        if kind is Retention:
            table = replace(table, rows=tuple(row for row in table.rows if row.total) or table.rows[:1], caption="", notes=())
        output.show(table, " · ".join(filter(None, (asked.result.title(), asked.scope))))
    for note in made.notes:
        output.note(note)


def money_sign(currency: str) -> str:
    """Return what stands before an amount.

    Examples
    --------
    >>> money_sign("CNY"), money_sign("SEK")
    ('¥', 'SEK ')
    """
    return {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$"}.get(currency, f"{currency} ")


def _is_demo(workspace: Workspace) -> bool:
    return workspace.root.resolve() == demo_folder().resolve()


def _title(workspace: Workspace) -> str:
    if _is_demo(workspace):
        from tilth.warehouse.demo.names import BRAND

        return _("{name}: growth report").format(name=BRAND)
    return _("{name}: growth report").format(name=workspace.root.name)


def _names(workspace: Workspace) -> dict[str, str]:
    """Return what columns are called, and in the demo brand their values."""
    columns = {"channel": _("Channel"), "campaign": _("Campaign"), "platform": _("Platform"), "city": _("City"), "product": _("Goods")}
    if not _is_demo(workspace):
        return columns
    from tilth.warehouse.demo.names import NAMES

    zh = current() == "zh-Hans"
    kinds = ("channel", "campaign", "platform")
    return columns | {code: name.zh if zh else name.en for kind in kinds for code, name in NAMES[kind].items()}


def _labels(workspace: Workspace) -> dict[str, str]:
    """Return what the demo brand's events are called; other workspaces' events have no other names yet."""
    if not _is_demo(workspace):
        return {}
    from tilth.warehouse.demo.names import EVENTS

    return {code: name.zh if current() == "zh-Hans" else name.en for code, name in EVENTS.items()}
