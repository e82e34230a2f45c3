"""Quarantine: rows put right, dismissed, taken back, carried away, seen in full.

The facts keep by themselves who mended or dismissed which row, each once; the audit entry that is written with it counts them and names no values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.warehouse.loading.quarantine import record_of
from tilth.workbench.data import masked, masking, waiting
from tilth.workbench.data.changed import rows_changed
from tilth.workbench.data.policies import quarantine
from tilth.workbench.tenancy.actions import Actor, action, record

if TYPE_CHECKING:
    from tilth.warehouse.loading.mending import Mend
    from tilth.warehouse.loading.reload import Reload


@action(quarantine, "mend")
def mend(actor: Actor, load: str, corrections: Mapping[int, Mapping[str, str | None]]) -> Mend:
    """Put rows of a load right by new values of their source's columns, and load them."""
    done = actor.workspace.facts.mend(load, corrections, who=actor.name)
    record(load, name=_source(actor, load), mended=len(done.accepted), refused=len(done.refused))
    _tell(actor, len(done.accepted))
    return done


@action(quarantine, "mend")
def replace(actor: Actor, load: str, key: str, old: str, new: str) -> Mend:
    """Put another value in the place of one at fault, in all waiting rows of a group that have it, and load them.

    `old` is what :func:`waiting.value_of` gives for the value.

    Raises
    ------
    InputError
        When no waiting row has that value.
    """
    group = next((group for group in waiting.groups(actor.workspace, load) if group.key == key), None)
    rows = waiting.rows(actor.workspace, load, key=key) if group and group.source else []
    corrections = {one.row: {group.source: new} for one in rows if group and waiting.value_of(one) == old}
    if not corrections:
        raise InputError(_("No row that waits has the value “{value}” there any more.").format(value=masking.free(masking.id_of(old))))
    done = actor.workspace.facts.mend(load, corrections, who=actor.name)
    record(load, name=_source(actor, load), group=key, mended=len(done.accepted), refused=len(done.refused))
    _tell(actor, len(done.accepted))
    return done


@action(quarantine, "mend")
def dismiss(actor: Actor, load: str, rows: Iterable[int], why: str) -> int:
    """Set rows aside that nobody will mend; return how many were waiting. InputError without a reason."""
    why = " ".join(why.split())[:200]
    if not why:
        raise InputError(_("Say why they are dismissed, so that others know later."))
    count = actor.workspace.facts.dismiss(load, list(rows), who=actor.name, reason=why)
    record(load, name=_source(actor, load), dismissed=count)
    return count


@action(quarantine, "mend")
def put_back(actor: Actor, load: str, rows: Iterable[int]) -> int:
    """Let dismissed rows wait again; return how many did not."""
    count = actor.workspace.facts.put_back(load, list(rows), who=actor.name)
    record(load, name=_source(actor, load), put_back=count)
    return count


@action(quarantine, "mend")
def reload(actor: Actor, path: Path) -> Reload:
    """Load a file of rows that were exported from the quarantine and mended in a spreadsheet."""
    done = actor.workspace.facts.reload(path, who=actor.name, shown=masked.row)
    record("reload", name=_("mended file"), rows=done.rows, mended=done.accepted, refused=len(done.faults))
    _tell(actor, done.accepted)
    return done


@action(quarantine, "export")
def export(actor: Actor, path: Path, load: str | None = None, *, contacts: bool = False) -> int:
    """Write the rows that wait, of a load or of all, to a file; with contacts in full only for who may see them. Return how many rows."""
    if contacts:
        quarantine.require(actor, "contact")
    rows = actor.workspace.facts.export_quarantine(path, load, None if contacts else masked.row)
    record(load or "export", name=_source(actor, load) if load else _("All rows that wait"), rows=rows, contacts=contacts)
    return rows


@action(quarantine, "contact")
def unmask(actor: Actor, load: str, row: int) -> None:
    """Say that somebody saw a row in full."""
    record(load, name=_source(actor, load), row=row)


def _tell(actor: Actor, mended: int) -> None:
    """Tell whoever answers questions ahead that there are other rows now."""
    if mended:
        rows_changed.send(Actor, actor=actor)


def _source(actor: Actor, load: str) -> str:
    """Return the file that a load came from, by which people know it."""
    return str(record_of(actor.workspace.facts, load).source)
