"""Files that are sent in pieces: begun, finished, thrown away."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.data.incoming import inspection, pieces
from tilth.workbench.data.models import Draft, Upload
from tilth.workbench.data.policies import loads
from tilth.workbench.tenancy.actions import Actor, action, record

KEPT = dt.timedelta(days=1)
"""How long a file that nobody goes on with is kept."""
UNPACKED = 16
"""A packed file may unpack to so many times the largest upload."""


@action(loads, "run")
def begin(actor: Actor, *, name: str, size: int, anew: bool = False) -> Upload:
    """Begin to send a file, or go on with one of the same name and size that was broken off, unless it is to be sent anew.

    Raises
    ------
    InputError
        When it is too large, empty, or there is no room for it.
    """
    name = name.replace("\\", "/").rpartition("/")[2].strip()[:255]
    if not name:
        raise InputError(_("The file has no name."))
    pieces.check_size(name, size)
    going = Upload.objects.filter(owner=actor.user, name=name, size=size, state=Upload.State.RECEIVING)
    upload = going.first()
    if anew:
        for one in going:
            _remove(one)
        upload = None
    upload = upload or Upload.objects.create(name=name, size=size, owner=actor.user)
    record(upload, size=size, received=upload.received)
    return upload


@action(loads, "run")
def finish(actor: Actor, upload: Upload) -> Upload:
    """Look at a file that has arrived whole; one that cannot be loaded is removed, with the reason kept in ``problem``.

    Raises
    ------
    WrongOffsetError
        When pieces are missing.
    """
    if upload.state == Upload.State.RECEIVING:
        if upload.received != upload.size:
            raise pieces.WrongOffsetError(upload.received)
        try:
            inspection.inspect(upload.path, _bounds())
        except inspection.RefusedFileError as fault:
            pieces.remove(upload)
            upload.state, upload.problem = Upload.State.REFUSED, str(fault)
        else:
            upload.state, upload.digest = Upload.State.COMPLETE, pieces.digest_of(upload)
            Draft.objects.create(upload=upload, owner=actor.user)
        upload.save()
    record(upload, state=upload.state)
    return upload


@action(loads, "run")
def discard(actor: Actor, upload: Upload) -> None:
    """Throw an upload away, whatever has arrived of it, and the load that was being prepared from it."""
    record(upload, state=upload.state)
    _remove(upload)


def sweep() -> None:
    """Remove the uploads in scope that nobody went on with for a day."""
    before = timezone.now() - KEPT
    old = Upload.objects.select_related("draft", "workspace").filter(touched_at__lt=before).exclude(draft__state=Draft.State.RUNNING)
    old = [upload for upload in old if not hasattr(upload, "draft") or upload.draft.updated_at < before]
    for upload in old:
        _remove(upload)


def _remove(upload: Upload) -> None:
    pieces.remove(upload)
    upload.delete()


def _bounds() -> inspection.Bounds:
    limits = settings.OPTIONS.limits
    return inspection.Bounds(limits.unpacked_ratio, limits.upload_mb * inspection.MEGA * UNPACKED)
