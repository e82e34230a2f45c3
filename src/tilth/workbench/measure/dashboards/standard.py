"""The dashboards that every workspace has from the start: the home page of each role, made of questions that fit the workspace's own events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy

from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.dashboards.grid import Place, settled
from tilth.workbench.tenancy.roles import Role


@dataclass(frozen=True)
class Standard:
    """A tile that nobody made: a question by its kind and address, what is shown of it, and its size."""

    key: str
    title: Any
    kind: str
    part: str
    width: int
    height: int
    pairs: tuple[tuple[str, str], ...] = field(default=())


BEFORE = (("compare", "previous"),)
ALL = {
    one.key: one
    for one in (
        Standard("active", gettext_lazy("Active people"), "activity", "figures", 12, 3, BEFORE),
        Standard("sold", gettext_lazy("Sales"), "sales", "figures", 12, 3, BEFORE),
        Standard("daily", gettext_lazy("Active people by day"), "activity", "chart", 8, 9, BEFORE),
        Standard("amounts", gettext_lazy("Sales by day"), "sales", "chart", 6, 9, BEFORE),
        Standard("funnel", gettext_lazy("Purchase funnel"), "funnel", "chart", 6, 9),
        Standard("channels", gettext_lazy("Purchase funnel by channel"), "funnel", "table", 12, 9, (("by", "channel"),)),
        Standard("retention", gettext_lazy("Retention of buyers"), "retention", "table", 6, 11, (("periods", "8"),)),
        Standard("curve", gettext_lazy("Retention curve"), "retention", "chart", 6, 9),
        Standard("lifecycle", gettext_lazy("People by state and week"), "lifecycle", "chart", 6, 9),
        Standard("paths", gettext_lazy("What people do next"), "paths", "chart", 6, 9),
        Standard("rfm", gettext_lazy("Segments of buyers"), "rfm", "table", 6, 11),
        Standard("segments", gettext_lazy("Segments of buyers"), "rfm", "chart", 6, 9),
        Standard("sizes", gettext_lazy("Buyers"), "rfm", "figures", 12, 3),
    )
}
CHOSEN: dict[Any, tuple[str, ...]] = {
    Role.OWNER: ("sold", "active", "amounts", "funnel", "retention", "rfm"),
    Role.MANAGER: ("sold", "active", "amounts", "funnel", "retention", "rfm"),
    Role.ANALYST: ("active", "funnel", "curve", "lifecycle", "paths", "channels", "retention", "rfm"),
    Role.OPERATOR: ("active", "sizes", "segments", "curve", "retention", "rfm"),
    Role.VIEWER: ("sold", "active", "amounts", "funnel"),
}


def tiles(role: Role, catalogue: Catalogue) -> list[tuple[Standard, Place]]:
    """Return the tiles of a role's home page that this workspace has the facts for, each in its place."""
    chosen = [ALL[key] for key in CHOSEN[role] if _fits(ALL[key], catalogue)]
    placed = {place.key: place for place in settled(_flowing(chosen))}
    return [(one, placed[one.key]) for one in chosen]


def _flowing(chosen: list[Standard]) -> Iterator[Place]:
    """Put tiles in rows, one after the other."""
    x = y = 0
    for one in chosen:
        if x + one.width > 12:
            x, y = 0, y + 24
        yield Place(one.key, x, y, one.width, one.height)
        x += one.width


def _fits(one: Standard, catalogue: Catalogue) -> bool:
    if one.kind in ("sales", "rfm"):
        return bool(catalogue.rows_of("orders"))
    if not catalogue.there or (catalogue.of_orders and one.kind != "retention"):  # of orders, sales and RFM tell the rest
        return False
    if one.kind == "funnel":
        split = dict(one.pairs).get("by")
        return len(catalogue.usual("view", "cart", "checkout", "pay")) > 1 and (not split or split in dict(catalogue.splits))
    return one.kind != "retention" or bool(catalogue.usual("pay"))
