"""What a client told in one call, in the house's words, whatever format it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["event", "identify", "alias", "bind", "unbind", "profile", "group", "item"]


@dataclass(slots=True)  # not frozen: making one would take twice as long, and a collector makes thousands a second
class Call:
    """One call; nobody changes it.

    Attributes
    ----------
    message : str
        What a repeat of it is recognised by: the client's message id, or a digest of what it sent.
    kind : str
        ``event`` is something that happened (a page view, too); ``identify``, ``alias``, ``bind`` say which ids belong together, ``unbind`` that they
        no longer do; ``profile`` says something about a person; ``group`` that a person belongs to an organisation; ``item`` something about a thing,
        which is nobody's: it has no ids.
    event : str or None
        The event's name, of an ``event``, and where the client counts signing up, binding and unbinding as events, of these.
    ids : tuple of (kind, value)
        Every id on the call, as the client names and writes it; kinds are those of LIVE: user, member, unionid, ``openid:<app>``, phone, email,
        device, anonymous, or one of the client's own. Nothing is normalised, blocked or hashed yet.
    time : datetime
        When it happened by the client's clock, in UTC.
    sent : datetime or None
        When the client sent it by its own clock, in UTC; None where it does not say.
    properties : dict
        What came with the event.
    profile : dict
        Changes to what is known of the person (or, of an ``item``, the thing), by operation: ``set``, ``set_once``, ``increment``, ``append``,
        ``unset`` (a list), ``delete`` (True).
    context : dict
        About the call: ``url``, ``referrer``, ``path``, ``title``, ``utm`` (dict), ``user_agent``, ``ip``, ``library``, ``platform``, ``locale``,
        ``timezone``, ``screen`` (dict), ``os``, ``app``, ``device``, and whatever else the client says under ``more`` (dict).
    """

    message: str
    kind: Kind
    event: str | None
    ids: tuple[tuple[str, str], ...]
    time: datetime
    sent: datetime | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """An item of a request that cannot be used.

    Attributes
    ----------
    index : int
        Its place in the request, from 0.
    reason : str
        What is wrong: ``missing``, ``type``, ``time``, ``size``, ``number``, ``json``, ``unknown``.
    where : str
        The field at fault, as the client names it; empty when it is the item as a whole.
    text : str
        What is wrong and how to mend it, in English; the message id of its Chinese wording.
    raw : str
        The item as it was sent, cut at 32 KB.
    """

    index: int
    reason: str
    where: str
    text: str
    raw: str


@dataclass(frozen=True)
class Batch:
    """What a request held: its good calls with their places in it, and its bad items.

    Attributes
    ----------
    key : str or None
        The write key that it names, where it names one in its body.
    calls : tuple of (int, Call)
    faults : tuple of Fault
    """

    key: str | None
    calls: tuple[tuple[int, Call], ...]
    faults: tuple[Fault, ...]


class Unreadable(Exception):
    """A request of which nothing can be read; its text says what is wrong and how to mend it.

    Attributes
    ----------
    status : int
        400, 413 or 415.
    """

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)
