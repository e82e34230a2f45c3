"""Events in what the box of the top bar finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.workbench.data import names
from tilth.workbench.data.policies import dictionary
from tilth.workbench.shell import finding


@finding.register
def events(request: Any, text: str) -> Iterator[finding.Found]:
    """Yield the events whose name or code holds the text, the most frequent first."""
    if not dictionary.allows(request.actor, "view"):
        return
    for code, label, _rows in names.events(request.workspace):
        if text.lower() in f"{label} {code}".lower():
            yield label, _("event"), reverse("data:event", args=[code])
