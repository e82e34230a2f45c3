"""Which files may be uploaded, known by what is in them and not by their names alone."""

from __future__ import annotations

import struct
import zipfile
from pathlib import PurePath
from typing import BinaryIO

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif"}
"""Pictures that a browser may show: nothing in them runs. SVG is not among them, because it carries scripts."""

OFFICE = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
"""Office files and the folder that each has inside."""

TEXT = {"txt", "csv", "md"}
DOCUMENTS = (*OFFICE, *sorted(TEXT), "pdf", "zip", "mp4", "mov", "mp3", *PICTURES)

HEAD = 8192
UNPACKED_AT_LEAST = 100 * 1024 * 1024  # smaller archives may be packed as well as they like


def extension(name: str) -> str:
    """Return the extension of a file's name in small letters, without its dot."""
    return PurePath(name).suffix.lower().lstrip(".")


def check_picture(file: BinaryIO, most_pixels: int) -> None:
    """Refuse a picture of too many pixels, before any is drawn, and one that cannot be drawn to its last line."""
    damaged = _("This picture is damaged or not a picture. Open it in a picture editor and save it again.")
    try:
        file.seek(0)
        with Image.open(file) as picture:
            if picture.width * picture.height > most_pixels:
                wide, high, most = picture.width, picture.height, most_pixels // 1_000_000
                raise ValidationError(
                    _("This picture has {wide} × {high} points; {most} million are kept. Make it smaller.").format(wide=wide, high=high, most=most)
                )
            picture.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, struct.error) as fault:
        raise ValidationError(damaged) from fault
    finally:
        file.seek(0)


def check_document(name: str, file: BinaryIO) -> None:
    """Refuse a file whose content is not what its name says, and an archive that unpacks to a flood."""
    ending = extension(name)
    if ending not in DOCUMENTS:
        raise ValidationError(_("Files of the kind “{kind}” are not kept here. These are: {kinds}.").format(kind=ending, kinds=", ".join(DOCUMENTS)))
    try:
        file.seek(0)
        head = file.read(HEAD)
        if not _is(ending, head, file):
            raise ValidationError(
                _("The content of this file is not “{kind}”, as its name says. Save it as that kind, or rename it.").format(kind=ending)
            )
    finally:
        file.seek(0)


def _is(ending: str, head: bytes, file: BinaryIO) -> bool:
    if ending in TEXT:
        return b"\0" not in head and filetype.guess(head) is None and head.lstrip()[:1] != b"<"
    if ending in OFFICE or ending == "zip":
        return _is_archive(file, OFFICE.get(ending, ""))
    found = filetype.guess(head)
    return found is not None and {found.extension, ending} <= ({"jpg", "jpeg"} if found.extension == "jpg" else {found.extension})


def _is_archive(file: BinaryIO, folder: str) -> bool:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    packed, unpacked = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
    if unpacked > max(UNPACKED_AT_LEAST, packed * settings.OPTIONS.limits.unpacked_ratio):
        raise ValidationError(_("This archive unpacks to far more than it is. Pack it again without copies, or as several archives."))
    return any(entry.filename.startswith(folder) for entry in entries)
