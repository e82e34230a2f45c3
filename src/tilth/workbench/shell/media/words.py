"""What we call otherwise than Wagtail's own translation: the catalogue of an app that is listed earlier goes first."""

from __future__ import annotations

from django.utils.translation import gettext_noop, ngettext_lazy

OTHERWISE = (
    gettext_noop("Add an image"),
    gettext_noop("Add a document"),
    ngettext_lazy("Are you sure you want to delete this image?", "Are you sure you want to delete these images?", 1),
)
"""Wagtail's messages that our catalogue translates anew."""
