"""Where files lie and by which address they are reached."""

from __future__ import annotations

from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.encoding import filepath_to_uri

from tilth.workbench.tenancy import scope


class MemberStorage(FileSystemStorage):
    """Keeps files in the media folder and hands them out through the workspace in scope, to its members only (see media/views.py)."""

    def url(self, name: str | None) -> str:
        """Return the address inside the workspace."""
        return f"{scope.current().url}shell/media/{filepath_to_uri(name)}"


class LimitedUpload(FileUploadHandler):
    """Refuses a request with files that is larger than the largest file there may be, before it fills the disk."""

    def handle_raw_input(self, input_data: BinaryIO, META: dict[str, Any], content_length: int, boundary: bytes, encoding: Any = None) -> None:
        """Look at the length that the request announces; the server cuts it off there."""
        if content_length > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig(f"a request of {content_length} bytes, and {settings.UPLOAD_MAX_BYTES} are allowed")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the data on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
