"""``tilth worker``: runs background jobs and the schedule."""

from __future__ import annotations

from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "worker",
    help=N_("Run background jobs and the schedule until interrupted.\n\nSeveral may run at once when the control database is PostgreSQL."),
    examples="tilth worker",
    workspace=False,
)
def command(session: Session) -> None:
    """Run jobs until interrupted."""
    from tilth.workbench.config import setup

    setup.start_django()
    from tilth.workbench.jobs.worker import work

    work()
