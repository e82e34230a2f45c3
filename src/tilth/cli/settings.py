"""``tilth settings``: the settings in force, and where each comes from."""

from __future__ import annotations

from tilth.cli import output
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_, _


@make(
    "settings",
    help=N_("Show the settings in force and where each comes from: the default, tilth.toml, or an environment variable. Passwords are not settings."),
    examples="tilth settings\ntilth settings --json",
    workspace=False,
)
def command(session: Session) -> None:
    """Show the settings."""
    from tilth.workbench.config import options

    found = options.effective()
    if session.json:
        output.document("settings", {"file": str(options.place()), "settings": [vars(one) for one in found]})
        return
    words = {"default": _("default"), "file": options.FILE}
    width = max(len(one.name) for one in found)
    for one in found:
        output.say(session, f"{one.name:<{width}}  {one.shown}  ({words.get(one.origin, one.origin)})")
