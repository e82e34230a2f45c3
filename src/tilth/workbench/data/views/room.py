"""The frame of the room's pages: the way here and the tabs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.workbench.data.policies import live, loads, quarantine


def frame(request: HttpRequest, here: str, *trail: tuple[str, str | None]) -> dict[str, Any]:
    """Return crumbs and tabs for a page below the tab `here`; `trail` are the steps below it."""
    actor = request.actor  # type: ignore[attr-defined]
    rooms = [
        ("home", _("Overview"), True),
        ("events", _("Events"), True),
        ("live", _("Live events"), live.allows(actor, "view")),
        ("loads", _("Loads"), loads.allows(actor, "view")),
        ("quarantine", _("Quarantine"), quarantine.allows(actor, "view")),
        ("sources", _("Scheduled sources"), loads.allows(actor, "view")),
    ]
    label = next((label for name, label, _shown in rooms if name == here), "")
    crumbs: list[tuple[str, str | None]] = [(_("Data"), reverse("data:home"))]
    crumbs += [(label, reverse(f"data:{here}"))] if label and here != "home" else []
    crumbs += list(trail)
    crumbs[-1] = (crumbs[-1][0], None)
    return {"crumbs": crumbs, "tabs": [(label, reverse(f"data:{name}"), name == here) for name, label, shown in rooms if shown]}
