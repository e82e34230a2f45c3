"""What looks like a phone number, a mail address or the number of an identity card in any text, and how it is masked there.

>>> free("回电 138-1234-6205")
'回电 138****6205'
"""

from __future__ import annotations

import re
from typing import Any

MOBILE = re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}(?![\d.])")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
CARD = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
ALIKE = "|".join(
    (
        r"(^|[^\d.])(\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}([^\d.]|$)",
        r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
        r"(^|\D)[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx](\D|$)",
    )
)
"""What any of the three finds, for databases, whose expressions do not look around."""


def phone(text: str) -> str:
    """Mask a phone number."""
    digits = re.sub(r"\D", "", text)
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) < 7:
        return "****"
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"{digits[:2]}****{digits[-2:]}"


def mail(text: str) -> str:
    """Mask a mail address."""
    before, _at, domain = text.rpartition("@")
    return f"{before[:1]}***@{domain}" if before else f"{text[:1]}***"


def card(text: str) -> str:
    """Mask the number of an identity card, or of another that names somebody."""
    return f"{text[:6]}********" if len(text) > 12 else f"{text[:1]}****"


def free(text: str) -> str:
    """Mask what stands in free text."""
    for pattern, rule in ((CARD, card), (MAIL, mail), (MOBILE, phone)):
        text = pattern.sub(lambda found, rule=rule: rule(found[0]), text)  # type: ignore[misc]
    return text


def without(value: Any) -> Any:
    """Return a value with whatever looks so masked in its texts, through lists and mappings."""
    if isinstance(value, str):
        return free(value)
    if isinstance(value, dict):
        return {name: without(one) for name, one in value.items()}
    return [without(one) for one in value] if isinstance(value, list | tuple) else value
