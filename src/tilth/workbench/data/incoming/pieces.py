"""An upload in pieces: each at its offset, checked by its SHA-256, and known in the database once it lies on the disk.

What counts is what the database knows. After a crash there may be more on the disk than that; the next piece is written over it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.data.incoming.inspection import MEGA, size
from tilth.workbench.data.models import Upload

SPARE = 512 * MEGA  # disk space that stays free


class WrongOffsetError(InputError):
    """A piece that does not follow what has arrived; `received` says where to go on."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(_("The piece does not begin where the file ends so far ({received} bytes).").format(received=received))


class DamagedPieceError(InputError):
    """A piece that was changed on its way: to be sent again."""

    def __init__(self) -> None:
        super().__init__(_("A piece of the file arrived changed. It is sent again."))


def check_size(name: str, count: int) -> None:
    """Raise InputError for a file that is too large, or that has no room on the disk."""
    limit = settings.OPTIONS.limits.upload_mb * MEGA
    if count > limit:
        problem = _("{file} has {size}; at most {limit} can be uploaded. Split it, or let the administrator raise limits.upload_mb.")
        raise InputError(problem.format(file=name, size=size(count), limit=size(limit)))
    if count <= 0:
        raise InputError(_("{file} is empty.").format(file=name))
    if count + SPARE > shutil.disk_usage(settings.HOME).free:
        raise InputError(_("There is not enough disk space for {size}. Ask the administrator.").format(size=size(count)))


def take(upload: Upload, offset: int, piece: bytes, digest: str) -> Upload:
    """Write a piece and know it; several at once wait for each other.

    Raises
    ------
    WrongOffsetError, DamagedPieceError
    InputError
        For a piece that is larger than a piece may be, or goes beyond the file's size.
    """
    if hashlib.sha256(piece).hexdigest() != digest.lower():
        raise DamagedPieceError
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.state != Upload.State.RECEIVING or offset != upload.received:
            raise WrongOffsetError(upload.received)
        if not 0 < len(piece) <= settings.OPTIONS.limits.chunk_mb * MEGA or offset + len(piece) > upload.size:
            raise InputError(_("The piece is larger than it may be."))
        _write(upload, offset, piece)
        upload.pieces = [*upload.pieces, [len(piece), digest.lower()]]
        upload.save(update_fields=["pieces", "touched_at"])
    return upload


def _write(upload: Upload, offset: int, piece: bytes) -> None:
    upload.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(upload.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def digest_of(upload: Upload) -> str:
    """Return the SHA-256 of the whole file, by which a file loaded before is known."""
    with upload.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(upload: Upload) -> None:
    """Delete what arrived of a file, and what was made of it."""
    for path in files_of(upload):
        path.unlink(missing_ok=True)


def files_of(upload: Upload) -> Iterator[Path]:
    """Yield the files that belong to an upload."""
    return upload.folder.glob(f"{upload.key}*")
