"""What is shown of phone numbers, mail addresses and names: masked for everybody; the right ``people:contact`` takes the mask off one person.

=================  ==============  ==========================================================
what               shown           rule
=================  ==============  ==========================================================
phone              138****6205     first three and last four digits; shorter numbers two and two
mail address       a***@b.com      first character and domain
name               张**            first character
address            浙江省杭州…     first five characters
identity card      330106********  the place, nothing of birth and order
=================  ==============  ==========================================================

A property is personal when its name says so (``PERSONAL_NAMES``), or when any value in it looks like a phone number, a mail address or the number of
an identity card. By personal properties and ids nobody without the right can filter, sort or search: a filter that answers yes or no about a full
number is a way to read it. The last four digits, which everybody sees, may be searched by.

>>> phone("13812346205"), mail("ann@b.com"), name("张丽海")
('138****6205', 'a***@b.com', '张**')
>>> value("备注", "回电 13812346205")
'回电 138****6205'
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tilth.engine.home import home
from tilth.workbench.tenancy.looks import CARD, MAIL, MOBILE, card, free, mail, phone

OWN_RULES: dict[str | None, Callable[[str], str]] = {"phone": phone, "email": mail}
KINDS = ("phone", "email")
"""Kinds of id that reach or name somebody, and are masked."""


def name(text: str) -> str:
    """Mask a name."""
    return f"{text.strip()[:1]}**"


def address(text: str) -> str:
    """Mask an address."""
    return f"{text.strip()[:5]}…"


PERSONAL_NAMES: dict[Callable[[str], str], tuple[str, ...]] = {
    phone: ("phone", "mobile", "tel", "telephone", "cellphone", "手机", "手机号", "电话", "联系电话"),
    mail: ("email", "mail", "e_mail", "邮箱", "电子邮箱", "邮件"),
    name: ("name", "real_name", "full_name", "receiver", "contact", "nickname", "姓名", "真实姓名", "收件人", "收货人", "联系人", "昵称"),
    address: ("address", "street", "地址", "收货地址", "详细地址"),
    card: ("id_card", "idcard", "id_number", "身份证", "身份证号", "wechat", "wechat_id", "微信号"),
}
RULES = {name: rule for rule, names in PERSONAL_NAMES.items() for name in names}


def rule(name: str) -> Callable[[str], str] | None:
    """Return by which rule the values of a column or property are masked as a whole, from its name."""
    return RULES.get(_plain(name))


def is_personal(table: str, name: str) -> bool:
    """Whether the name of a table's column or property says that it holds what is masked; ``name`` does so of people only."""
    return rule(name) is not None and (table == "people" or _plain(name) != "name")


def looks_personal(text: Any) -> bool:
    """Whether a value is a phone number or a mail address."""
    return bool(MOBILE.fullmatch(str(text).strip()) or MAIL.fullmatch(str(text).strip()))


def value(name: str, text: Any) -> str:
    """Mask the value of a property as its name asks for, any other as free text."""
    own = rule(name)
    return own(str(text)) if own and str(text).strip() else free(str(text))


def detail(key: str, text: Any) -> str:
    """Mask a value that came with an event or an order, whose ``name`` is that of goods or of a page, not of a person."""
    return free(str(text)) if _plain(key) == "name" else value(key, text)


def is_masked(table: str, name: str, text: Any) -> bool:
    """Whether a value of a column or property of a table's rows is shown masked, in part or as a whole."""
    rule = value if table == "people" else detail
    return rule(name, text) != str(text)


def id(kind: str | None, text: str) -> str:
    """Mask an id, if its kind is one that reaches somebody or it looks like one."""
    if kind in OWN_RULES:
        return OWN_RULES[kind](text)
    return next((rule(text) for pattern, rule in ((MAIL, mail), (MOBILE, phone), (CARD, card)) if pattern.fullmatch(text)), text)


def sealed(text: str) -> str:
    """Return a cipher of a text that only this installation reads, always the same for the same text."""
    return "~" + base64.urlsafe_b64encode(_cipher().encrypt(text.encode(), None)).decode().rstrip("=")


def key(kind: str | None, text: str) -> str:
    """Return what stands for a person in an address: the id, or for one that is masked a cipher that only this installation reads."""
    if id(kind, text) == text and not text.startswith("~") and re.fullmatch(r"[^/?#\s%\\]+", text) and text not in (".", ".."):
        return text
    return sealed(text)


def id_of(key: str) -> str:
    """Return the id that a key stands for; a key that is no cipher of ours stands for itself."""
    if not key.startswith("~"):
        return key
    from cryptography.exceptions import InvalidTag

    try:
        found: bytes = _cipher().decrypt(base64.urlsafe_b64decode(key[1:] + "=" * (-len(key[1:]) % 4)), None)
        return found.decode()
    except (InvalidTag, ValueError):
        return key


def _cipher() -> Any:
    return _ciphers(str(home()))


@cache
def _ciphers(place: str) -> Any:
    """Return the cipher of an installation, the same key for the same id, so that addresses last."""
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    from tilth.workbench.config import secrets

    return AESSIV(hashlib.sha512(f"people {secrets.keys('pepper')[0]}".encode()).digest())


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_").removeprefix("properties.")
