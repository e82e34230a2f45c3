"""The kinds of ids that a workspace knows: their rank, how many of each a person may have, how values are written alike, and which are nobody's.

A kind is declared by its name; ``openid`` is a family: ``openid:<app>`` is a kind of its own for every app, because an openid is unique within its
app only. The order of declaration is the rank, the highest first.

Examples
--------
>>> kinds = Kinds()
>>> kinds.read("phone", "138 0013 8000"), kinds.read("email", " Li@Example.COM "), kinds.read("openid:wx1", "oX-1")
(('phone', '+8613800138000'), ('email', 'li@example.com'), ('openid:wx1', 'oX-1'))
>>> kinds.read("device", "00000000-0000-0000-0000-000000000000"), kinds.read("badge", "7")
(<Left.BLOCKED: 'blocked'>, <Left.UNDECLARED: 'undeclared'>)
>>> text("user", "u1"), text("phone", "+8613800138000")
('u1', 'phone:+8613800138000')
>>> Kinds.from_dict(kinds.as_dict()) == kinds
True
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any

from tilth.errors import InputError
from tilth.language import _

Id = tuple[str, str]
"""An id: its kind's full name and its value, normalised."""

FORMS = ("text", "lower", "email", "phone")
_ZEROS = re.compile(r"[0\W_]*0[0\W_]*")
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
_NUMBER = re.compile(r"\+?[\d\s()./-]+")
_EMAIL = re.compile(r"[^@\s*]+@[^@\s*]+\.[^@\s*.]+")


class Left(Enum):
    """Why an id of a call is left out."""

    UNDECLARED = "undeclared"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"
    LIMIT = "limit"


@dataclass(frozen=True)
class Kind:
    """One kind of id.

    Attributes
    ----------
    name : str
        ``user``, ``phone`` …; a family's without its ``:<app>``.
    one_per_person : bool
        A person has at most one value of it: two such values are two known people.
    limit : int or None
        How many values a person may have; None for no limit. Of a family, of each of its kinds.
    lent : bool
        Several people may use it in turn: a device, a browser's cookie. With too many logins it is marked shared.
    passes : bool
        It goes to somebody else who binds it later: a phone number that was given anew.
    family : bool
        ``<name>:<app>`` are kinds of their own, of one rank.
    form : str
        How values are written alike: ``text`` (trimmed), ``lower``, ``email``, ``phone`` (E.164).
    """

    name: str
    one_per_person: bool = False
    limit: int | None = None
    lent: bool = False
    passes: bool = False
    family: bool = False
    form: str = "text"


DEFAULT = (
    Kind("user", one_per_person=True),
    Kind("member", one_per_person=True),
    Kind("unionid", one_per_person=True),
    Kind("openid", limit=20, family=True),
    Kind("phone", limit=10, passes=True, form="phone"),
    Kind("email", limit=10, form="email"),
    Kind("device", limit=100, lent=True),
    Kind("anonymous", limit=500, lent=True),
)
BLOCKED = frozenset(
    {
        *("null", "(null)", "<null>", "none", "nil", "nan", "undefined", "not set", "(not set)", "not_set", "n/a", "na", "[object object]"),
        *("-1", "true", "false", "unknown", "unidentified", "test", "tester", "testuser", "anonymous", "guest", "visitor", "default"),
        *("string", "user", "userid", "user_id", "deviceid", "device_id", "openid", "未知", "无", "空", "测试", "游客", "匿名"),
    }
)
LOGINS = 5


@dataclass(frozen=True)
class Kinds:
    """What a workspace declares about its ids.

    Attributes
    ----------
    kinds : tuple of Kind
        By rank, the highest first.
    blocked : frozenset of str
        Values that are nobody's, in lower case; values of nothing but zeros and signs are always blocked.
    logins : int
        A lent id that more people than this logged in on is shared.
    region : str
        Where a phone number without a country code is from.

    Raises
    ------
    InputError
        When a declaration contradicts itself.
    """

    kinds: tuple[Kind, ...] = DEFAULT
    blocked: frozenset[str] = BLOCKED
    logins: int = LOGINS
    region: str = "CN"

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for kind in self.kinds:
            if not kind.name or ":" in kind.name or kind.name in seen:
                raise InputError(
                    _("The kind {name} cannot be declared: a name occurs once, is not empty and has no colon.").format(name=repr(kind.name))
                )
            if kind.limit is not None and not 1 <= kind.limit <= 30_000:
                raise InputError(
                    _("The limit of {name} is {limit}; give a number from 1 to 30000, or none.").format(name=kind.name, limit=kind.limit)
                )
            if kind.one_per_person and (kind.limit is not None or kind.lent or kind.passes):
                raise InputError(
                    _("{name} is declared as one value a person; it can have no limit, be lent or pass to somebody else.").format(name=kind.name)
                )
            if kind.lent and kind.passes:
                raise InputError(_("{name} is declared both as lent and as passing to somebody else; it can only be one.").format(name=kind.name))
            if kind.form not in FORMS:
                raise InputError(_("{form} is no form of values; there are: {forms}.").format(form=repr(kind.form), forms=", ".join(FORMS)))
            seen.add(kind.name)
        if self.logins < 1:
            raise InputError(_("A device may have at least one login; {logins} was given.").format(logins=self.logins))

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {kind.name: rank for rank, kind in enumerate(self.kinds)}

    def rank(self, name: str) -> int:
        """Return the rank of a kind by its full name; 0 is the highest (KeyError for an undeclared one)."""
        base, colon, app = name.partition(":")
        rank = self._ranks[base]
        if self.kinds[rank].family != bool(colon and app):
            raise KeyError(name)
        return rank

    def of(self, name: str) -> Kind | None:
        """Return what is declared about a kind by its full name; None when it is undeclared."""
        try:
            return self.kinds[self.rank(name)]
        except KeyError:
            return None

    def read(self, name: str, value: str) -> Id | Left:
        """Return the id, normalised, or why it is left out."""
        kind = self.of(name)
        if kind is None:
            return Left.UNDECLARED
        plain = unicodedata.normalize("NFKC", value).strip()
        if not plain or plain.lower() in self.blocked or _ZEROS.fullmatch(plain):
            return Left.BLOCKED
        written = value.strip() if kind.form == "text" else _written(kind.form, plain, self.region)
        return (name, written) if written else Left.UNREADABLE

    def as_dict(self) -> dict[str, Any]:
        """Return what is declared as JSON can hold it."""
        return {
            "kinds": [asdict(kind) for kind in self.kinds],
            "blocked": sorted(self.blocked),
            "logins": self.logins,
            "region": self.region,
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Kinds:
        """Return what :meth:`as_dict` gave; what is missing is as it is by default.

        Raises
        ------
        InputError
            When a field is unknown or a declaration contradicts itself.
        """
        known = {field.name for field in fields(Kind)}
        kinds = []
        for one in given.get("kinds", []):
            if stray := sorted(set(one) - known):
                raise InputError(_("A kind has no {fields}; it has: {known}.").format(fields=", ".join(stray), known=", ".join(sorted(known))))
            kinds.append(Kind(**one))
        return cls(
            kinds=tuple(kinds) or DEFAULT,
            blocked=frozenset(value.strip().lower() for value in given.get("blocked", BLOCKED)),
            logins=int(given.get("logins", LOGINS)),
            region=str(given.get("region", "CN")),
        )


def text(kind: str, value: str) -> str:
    """Return an id as the tables write it: a user's value alone, else ``kind:value``."""
    return value if kind == "user" else f"{kind}:{value}"


def _written(form: str, value: str, region: str) -> str | None:
    if form == "phone":
        return _phone(value, region)
    if form == "email":
        return value.lower() if _EMAIL.fullmatch(value) else None
    return value.lower()


@lru_cache(maxsize=100_000)
def _phone(value: str, region: str) -> str | None:
    """Return a number in E.164; None for what is none, a masked number among them."""
    if not _NUMBER.fullmatch(value):
        return None
    digits = re.sub(r"[\s().-]", "", value)
    if region == "CN" and (mobile := _MOBILE.fullmatch(digits)):
        return "+86" + mobile[1]
    import phonenumbers  # its tables take a moment to read, and most numbers do not need them

    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else None
