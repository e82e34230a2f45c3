"""Every error Tilth raises on purpose: what is wrong, where, and how to mend it.

An error is a class with the facts in its attributes; its text is made when it is raised, in the language in use.
All of them are :class:`TilthError`; those that a caller's argument or data caused are :class:`InputError`, a ``ValueError`` too.
A floor's own errors stand with that floor and inherit from these.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from tilth.language import _

UNSEEN = dict.fromkeys([*range(9), *range(11, 32), 127], "\N{REPLACEMENT CHARACTER}")
"""Characters that no text shows and some databases refuse; errors quote what files hold."""


class TilthError(Exception):
    r"""The root of all errors that Tilth raises on purpose.

    Examples
    --------
    >>> str(TilthError("the column \x00 is none"))
    'the column � is none'
    """

    def __init__(self, *given: object) -> None:
        super().__init__(*(one.translate(UNSEEN) if isinstance(one, str) else one for one in given))

    def __reduce__(self) -> tuple[Any, ...]:  # made anew from its text and its facts: a class may ask for other arguments
        return _remade, (type(self), self.args, self.__dict__)


def _remade(kind: type[TilthError], args: tuple[object, ...], facts: dict[str, object]) -> TilthError:
    fault = kind.__new__(kind, *args)
    fault.__dict__.update(facts)
    return fault


class InputError(TilthError, ValueError):
    """An argument or a piece of data cannot be used as it is."""


class UnknownName(InputError, LookupError):
    """A name that is not among those there are.

    Attributes
    ----------
    kind : str
        What was looked for, worded for the reader (an event, a column, …).
    name : str
        The name that was not found.
    known : tuple of str
        The names there are.
    nearest : tuple of str
        Those of ``known`` that look most like ``name``; at most three.
    """

    def __init__(self, kind: str, name: object, known: Iterable[object]) -> None:
        self.kind = kind
        self.name = str(name)
        self.known = tuple(str(k) for k in known)
        self.nearest = tuple(nearest(self.name, self.known))
        if self.nearest:
            mend = _("Did you mean {names}?").format(names=", ".join(map(repr, self.nearest)))
        elif self.known:
            shown = ", ".join(map(repr, self.known[:12])) + (" …" if len(self.known) > 12 else "")
            mend = _("There are: {names}.").format(names=shown)
        else:
            mend = _("There is none at all.")
        super().__init__(_("No {kind} is named {name}.").format(kind=kind, name=repr(self.name)) + " " + mend)

    def __str__(self) -> str:  # LookupError would show the repr
        return str(self.args[0])


class UnknownEvent(UnknownName):
    """A step names an event that never occurs in the source."""

    def __init__(self, name: object, known: Iterable[object]) -> None:
        super().__init__(_("event"), name, known)


class UnknownColumn(UnknownName):
    """A column that the source does not have."""

    def __init__(self, name: object, known: Iterable[object]) -> None:
        super().__init__(_("column"), name, known)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three of `known` that look like `name`, the best first, upper and lower case alike.

    Examples
    --------
    >>> nearest("Adress", ["address", "name", "phone"])
    ['address']
    """
    folded: dict[str, str] = {}
    for k in known:
        folded.setdefault(k.casefold(), k)
    return [folded[match] for match in get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.5)]
