"""What the box in the top bar finds of questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.workbench.measure.actions import visible
from tilth.workbench.measure.asking.kinds import KINDS, ordered
from tilth.workbench.shell.finding import MOST, Found


def find(request: Any, text: str) -> Iterator[Found]:
    """Yield the kinds of questions and the kept questions that `text` is a part of."""
    for kind in ordered():
        if text.casefold() in f"{kind.label} {kind.code}".casefold():
            yield str(kind.label), _("Question"), reverse(f"measure:{kind.code}")
    for one in visible(request.actor).filter(name__icontains=text, kind__in=KINDS)[:MOST]:
        yield one.name, str(KINDS[one.kind].label), one.get_absolute_url()
