"""The language of what people read: messages, labels, help.

Sources hold English message ids. ``locale/<language>/LC_MESSAGES/<floor>.po`` holds their translations, one file a floor;
``make messages`` collects new ids and compiles. The language is, in this order: what :func:`use` was given, ``TILTH_LANG``,
Simplified Chinese.

Examples
--------
>>> with using("en"):
...     print(_("event"))
event
>>> with using("zh-Hans"):
...     print(_("event"))
事件
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LANGUAGES = ("zh-Hans", "en")
LOCALE = Path(__file__).parent / "locale"

_chosen: ContextVar[str | None] = ContextVar("tilth_language", default=None)


def current() -> str:
    """Return the language in use: ``"zh-Hans"`` or ``"en"``."""
    return _chosen.get() or _known(os.environ.get("TILTH_LANG", "")) or LANGUAGES[0]


def use(language: str | None) -> None:
    """Use `language` (``"zh"``, ``"zh-Hans"``, ``"en"`` …) from now on; None goes back to ``TILTH_LANG`` or the default.

    Raises
    ------
    ValueError
        For a language that there is none of.
    """
    if language is not None and _known(language) is None:
        raise ValueError(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    _chosen.set(_known(language) if language else None)


@contextmanager
def using(language: str) -> Iterator[None]:
    """Use `language` inside a ``with`` block."""
    before = _chosen.get()
    use(language)
    try:
        yield
    finally:
        _chosen.set(before)


def _(message: str) -> str:
    """Translate `message` into the language in use."""
    return _translations(current()).gettext(message)


def N_(message: str) -> str:  # gettext's own name for it
    """Mark `message` for translation and leave it as it is; :func:`_` translates it where it is shown."""
    return message


def paragraph(*sentences: str) -> str:
    """Return sentences in a row: with a blank between them in English, without one in Chinese.

    Examples
    --------
    >>> with using("zh-Hans"):
    ...     paragraph("一句。", "又一句。")
    '一句。又一句。'
    """
    return ("" if current() == "zh-Hans" else " ").join(sentences)


def _known(language: str) -> str | None:
    short = language.replace("_", "-").split(".")[0].casefold()
    if short in ("zh", "zh-cn", "zh-hans", "zh-hans-cn", "zh-sg"):
        return "zh-Hans"
    return "en" if short.split("-")[0] in ("en", "c", "posix") and short else None


@cache
def _translations(language: str) -> NullTranslations:
    merged = NullTranslations()
    for file in sorted((LOCALE / language.replace("-", "_") / "LC_MESSAGES").glob("*.mo")):
        with file.open("rb") as stream:
            merged.add_fallback(GNUTranslations(stream))
    return merged
