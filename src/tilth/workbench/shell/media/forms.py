"""Wagtail's forms for images and documents, with a look into the file."""

from __future__ import annotations

from typing import Any

from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from tilth.workbench.shell.media import kinds


class ImageForm(BaseImageForm):
    """An image, drawn once before it is kept."""

    def clean_file(self) -> Any:
        """Refuse what cannot be drawn."""
        file = self.cleaned_data["file"]
        if "file" in self.changed_data:
            kinds.check_picture(file)
        return file


class DocumentForm(BaseDocumentForm):
    """A document, looked into before it is kept."""

    def clean_file(self) -> Any:
        """Refuse what is not what it says."""
        file = self.cleaned_data["file"]
        if "file" in self.changed_data:
            kinds.check_document(file.name, file)
        return file
