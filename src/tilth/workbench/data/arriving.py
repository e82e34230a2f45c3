"""What arrives live, as people may see it: masked, with the names of keys, what was wrong and how to mend it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.collector.loading import recent
from tilth.collector.loading.recent import Item
from tilth.language import _ as said
from tilth.workbench.data import masking, mends
from tilth.workbench.data.models import WriteKey
from tilth.workbench.tenancy.models import Workspace

STATES = {
    "loaded": ("good", gettext_lazy("loaded")),
    "repeated": ("idle", gettext_lazy("came before")),
    "refused": ("bad", gettext_lazy("refused")),
    "waiting": ("run", gettext_lazy("being loaded")),
}
KINDS = {
    "identify": gettext_lazy("who it is"),
    "alias": gettext_lazy("two ids, one person"),
    "bind": gettext_lazy("ids bound together"),
    "unbind": gettext_lazy("ids parted"),
    "profile": gettext_lazy("about a person"),
    "group": gettext_lazy("about an organisation"),
    "item": gettext_lazy("about a thing"),
}
FORMATS = {"segment": "Segment", "sensors": gettext_lazy("Sensors"), "pixel": gettext_lazy("pixel")}
MARKS = {
    "clock": gettext_lazy("The client's clock cannot be right: the time of arrival counts."),
    "late": gettext_lazy("It arrived more than 7 days after it happened."),
}
ABOUT_PEOPLE = ("profile", "traits", "properties.traits")
SHOWN = 100


@dataclass(frozen=True)
class Seen:
    """An item as a page shows it."""

    item: Item
    received: datetime
    key: str
    ids: list[tuple[str, str]]
    problem: str

    @property
    def name(self) -> str:
        """What it is known by."""
        return self.item.name

    @property
    def what(self) -> str:
        """The event's name, or what kind of call it is."""
        return self.item.event or str(KINDS.get(self.item.kind, "")) or _named(self.item) or _("an item without a name")

    @property
    def state(self) -> tuple[str, str]:
        """Its state: how it looks, and in words."""
        look, words = STATES[self.item.state]
        return look, str(words)

    @property
    def format(self) -> str:
        """How it was sent."""
        return str(FORMATS.get(self.item.format, self.item.format))


def latest(workspace: Workspace, *, key: str = "", after: int = 0) -> list[Seen]:
    """Return what arrived last, the newest first, masked: all of it, or that of one key, and what came after a moment (in microseconds)."""
    names = {str(one.pk): one.name for one in WriteKey.objects.all()}
    last = recent.latest(workspace.folder, workspace.tz)
    return [_seen(one, names) for one in last if one.received > after and key in ("", one.key)]


def events(workspace: Workspace) -> list[str]:
    """Return the names of the events that arrived last."""
    return sorted({one.event for one in recent.latest(workspace.folder, workspace.tz) if one.event})


def seen(workspace: Workspace, item: Item) -> Seen:
    """Return an item as a page shows it."""
    return _seen(item, {item.key: next((one.name for one in WriteKey.objects.all() if str(one.pk) == item.key), "")})


def find(workspace: Workspace, name: str) -> Item | None:
    """Return an item, not masked."""
    return next((one for one in recent.latest(workspace.folder, workspace.tz) if one.name == name), None)


def told(item: Item, *, full: bool = False) -> dict[str, Any]:
    """Return what a page tells of one item: what came with it, what is wrong, and how it would be good; in full only for who may and asked."""
    held = item.held if full else {part: _masked(part, value) for part, value in item.held.items()}
    raw = "" if item.kind else item.raw if full else masked_text(item.raw)
    mend = mends.mended(item.format, raw, item.reason, item.where) if raw else None
    if item.reason and item.kind == "event":  # it could be read, and is nobody's
        mend = mends.somebodys(item.format, item.event, held.get("properties", {}))
    return {
        "held": [(part, json.dumps(value, ensure_ascii=False, indent=2)) for part, value in held.items()],
        "raw": raw,
        "mend": mend,
        "mark": MARKS.get(item.mark, ""),
        "time": datetime.fromisoformat(item.time) if item.time else None,
        "ids": item.ids if full else _ids(item),
        "hidden": not full and (raw not in ("", item.raw) or held != item.held or _ids(item) != [tuple(one) for one in item.ids]),
    }


def masked_text(text: str) -> str:
    """Mask an item as it was sent: by the names of its fields where it can be read, else what looks like a contact or stands beside such a name."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return masking.free(_BESIDE.sub(lambda found: found[1] + masking.value(found[2], found[3]) + found[4], text))
    masked = _masked("", read)
    return text if masked == read else json.dumps(masked, ensure_ascii=False)


_BESIDE = re.compile(rf"""(["']({"|".join(map(re.escape, masking.RULES))})["']\s*:\s*["'])([^"']*)(["']?)""", re.IGNORECASE)


def _masked(name: str, value: Any, person: bool = False) -> Any:
    """Mask a value and all in it; ``name`` is a person's among what is said about one, elsewhere that of goods."""
    if isinstance(value, dict):
        return {one: _masked(one, inner, person or name in ABOUT_PEOPLE) for one, inner in value.items()}
    if isinstance(value, list):
        return [_masked(name, one, person) for one in value]
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        shown = (masking.value if person else masking.detail)(name, value)
        return value if shown == str(value) else shown
    return value


def _seen(item: Item, names: dict[str, str]) -> Seen:
    received = datetime.fromtimestamp(item.received / 1_000_000, UTC)
    return Seen(item, received, names.get(item.key, ""), _ids(item), said(item.text) if item.text else "")


def _named(item: Item) -> str:
    """Return what a bad item calls its event, where that can be read."""
    try:
        read = json.loads(item.raw)
    except (ValueError, RecursionError):
        return ""
    name = read.get("event") or read.get("type") if isinstance(read, dict) else ""
    return masking.free(name[:80]) if isinstance(name, str) else ""


def _ids(item: Item) -> list[tuple[str, str]]:
    return [(kind, masking.id(kind, value)) for kind, value in item.ids]
