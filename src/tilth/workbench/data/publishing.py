"""Telling collectors which write keys there are: after every change of a key, or of what of its workspace a collector has to know."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from tilth.collector import keys as collector
from tilth.workbench.data.models import WriteKey
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Workspace


def publish() -> None:
    """Publish the keys of all workspaces.

    Two who publish at once take turns, and each reads what is in the database in its turn: the later file never holds less than the earlier one.
    """
    file = collector.published()
    file.parent.mkdir(parents=True, exist_ok=True)
    turn = os.open(file.with_name(".publishing"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with scope.everywhere():
            rows = list(WriteKey.objects.select_related("workspace").order_by("pk"))
        collector.publish(file, [one for row in rows for one in _told(row)])
    finally:
        os.close(turn)


def _told(row: WriteKey) -> Iterator[collector.WriteKey]:
    """Yield the keys of a row, the newest first. One that has ended is told with its end: the loader goes on taking in what came with it."""
    where = row.workspace
    for key, until in ((row.key, row.revoked_at), (row.former, min(filter(None, (row.former_until, row.revoked_at)), default=None))):
        if key:
            yield collector.WriteKey(key, str(row.pk), where.slug, str(where.folder), where.tz, tuple(row.origins), row.consent, _seconds(until))


def _seconds(moment: dt.datetime | None) -> float | None:
    return moment.timestamp() if moment else None


@receiver([post_save, post_delete], sender=WriteKey)
@receiver([post_save, post_delete], sender=Workspace)
def changed(**_given: Any) -> None:
    """Publish once the change is in the database."""
    transaction.on_commit(publish)
