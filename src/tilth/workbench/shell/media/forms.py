"""Wagtail's forms for images and documents, with a look into the file."""

from __future__ import annotations

from typing import Any

from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from tilth.workbench.shell.media import kinds


class PictureField(WagtailImageField):
    """A picture, looked at before Wagtail draws it: a few kB may hold more pixels than there is memory."""

    def to_python(self, data: Any) -> Any:
        """Refuse what is too large or cannot be drawn."""
        if data:
            self.check_image_file_size(data)
            kinds.check_picture(data, self.max_image_pixels)
        return super().to_python(data)


class ImageForm(BaseImageForm):
    """An image with a field of ours for its file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (field := self.fields.get("file")) is not None:
            self.fields["file"] = PictureField(label=field.label, required=field.required, widget=field.widget, max_length=field.max_length)


class DocumentForm(BaseDocumentForm):
    """A document, looked into before it is kept."""

    def clean_file(self) -> Any:
        """Refuse what is not what it says."""
        file = self.cleaned_data["file"]
        if "file" in self.changed_data:
            kinds.check_document(file.name, file)
        return file
