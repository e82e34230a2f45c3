"""The worker: runs jobs one after the other until it is told to end."""

from __future__ import annotations


def work() -> None:
    """Run jobs until interrupted."""
    from django.core.management import call_command

    call_command("db_worker", queue_name="*", interval=0.5)
