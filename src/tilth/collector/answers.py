"""What a client is told.

Every client takes 2xx for "the whole request was taken", so bad items do not change the status: they are listed in the answer.

A refusal has ``code`` and ``message``, which is where Segment's clients look for the reason.

>>> accepted(Batch(None, (), (Fault(1, "missing", "event", "Give it.", "{}"),)))
b'{"success":true,"accepted":0,"rejected":[{"index":1,"reason":"missing","where":"event","text":"Give it."}]}'
"""

from __future__ import annotations

import json

from tilth.collector.calls import Batch, Fault, Unreadable
from tilth.language import N_, _

MORE = 100
"""Bad items that an answer lists; beyond it their number is told."""

CODES = {400: "unreadable", 401: "no_key", 403: "forbidden", 413: "too_large", 415: "encoding", 503: "busy"}

NO_KEY = N_("The write key is missing or not valid here: copy it from the page of write keys.")
NOT_HERE = N_("This write key is not meant for this web page: add the page's origin to the key.")
BUSY = N_("More is arriving than can be written at the moment: send it again after the time that Retry-After gives.")


def accepted(batch: Batch) -> bytes:
    """Return the answer to a request that was taken, in parts or as a whole."""
    told: dict[str, object] = {"success": True, "accepted": len(batch.calls)}
    if batch.faults:
        told["rejected"] = [_told(fault) for fault in batch.faults[:MORE]]
        if len(batch.faults) > MORE:
            told["rejected_in_all"] = len(batch.faults)
    return _json(told)


def refused(status: int, text: str) -> bytes:
    """Return the answer to a request of which nothing was taken; `text` is worded in the language in use."""
    return _json({"success": False, "code": CODES.get(status, "refused"), "message": _(text)})


def checked(batch: Batch) -> tuple[int, bytes]:
    """Return status and answer of ``/debug``: 200 when every item is good, else 400, which is what makes the client show the answer."""
    return (400, _json({"success": False, "rejected": [_told(fault) for fault in batch.faults[:MORE]]})) if batch.faults else (200, accepted(batch))


def unreadable(error: Unreadable) -> tuple[int, bytes]:
    """Return status and answer to a request that could not be read."""
    return error.status, refused(error.status, str(error))


def _told(fault: Fault) -> dict[str, object]:
    return {"index": fault.index, "reason": fault.reason, "where": fault.where, "text": _(fault.text)}


def _json(told: dict[str, object]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
