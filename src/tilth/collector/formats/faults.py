"""What can be wrong with an item, and how to mend it: the one place for these words."""

from __future__ import annotations

from tilth.collector.calls import Fault
from tilth.collector.formats import limits
from tilth.language import N_

NOT_JSON = N_("This is not JSON: check quotation marks, commas and brackets around this item.")
CUT = N_("The request ends in the middle of this item: send it whole.")
NOT_OBJECT = N_("An item has to be a JSON object: put it in curly brackets.")
CONSTANT = N_("NaN and Infinity are no numbers of JSON: leave the property out, or send null.")
TOO_LARGE = N_("The number is too large to be kept exactly: send it as text.")
DEEP = N_("Objects and lists lie in each other more than 20 deep: flatten them.")
NOT_TEXT = N_("There are characters that no text holds (a null byte, half a surrogate pair, or bytes that are not UTF-8): send text as UTF-8.")
LONG_ITEM = N_("The item has more than 32,768 bytes: send less with it.")
MANY_NAMES = N_("There are more than 1,000 properties: send fewer.")
LONG_NAME = N_("A name of a property may have 255 characters and not be empty: shorten or name it.")
LONG_TEXT = N_("This may have 255 characters: shorten it.")
NOT_NAME = N_("This has to be text: put it in quotation marks.")
NOT_ID = N_("An id has to be text or a whole number.")
NOT_MAP = N_("This has to be a JSON object of names and values.")
NOT_LIST = N_("This has to be a list of texts.")
NOT_NUMBER = N_("This has to be a number.")
NO_EVENT = N_("The event's name is missing: give it in this field.")
NO_ID = N_("Whose it is cannot be told: give at least one id.")
NO_PREVIOUS = N_("The former id is missing: give it in this field.")
NO_GROUP = N_("The organisation's id is missing: give it in this field.")
NO_ITEM = N_("What kind of thing it is, or its id, is missing: give both.")
TWO_IDS = N_("At least two ids have to be given to be bound together.")
NO_TYPE = N_("The type is missing, or there is none of this name: see the list of types in the reference.")
ENCRYPTED = N_("This is encrypted: switch encryption off in the client; the connection itself is encrypted by HTTPS.")
NOT_TIME = N_("This is no time between 1970 and 2100: send ISO 8601 such as 2026-01-31T08:00:00Z, or milliseconds since 1970.")
CONTACT = N_("Phone numbers and e-mail addresses must not stand in an address, which is kept in many logs: send the person's id instead.")


class Wrong(Exception):
    """Raised where an item turns out to be unusable; becomes a `Fault` once its place is known."""

    def __init__(self, reason: str, where: str, text: str) -> None:
        self.reason, self.where, self.text = reason, where, text
        super().__init__(text)

    def fault(self, index: int, raw: str) -> Fault:
        """Return the fault of item `index`, which was sent as `raw`."""
        return Fault(index, self.reason, readable(self.where)[: limits.NAME], self.text, readable(raw[: limits.ITEM]))


def readable(text: str) -> str:
    r"""Return `text` so that it can be kept and shown: what is no character is written out.

    >>> readable("a\udcffb\x00")
    'a\\xffb\\x00'
    """
    if text.isprintable():
        return text
    shown = text.encode("utf-8", "surrogateescape") if _escaped(text) else text.encode("utf-8", "backslashreplace")
    return shown.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _escaped(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
