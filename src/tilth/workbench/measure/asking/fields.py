"""The parts of a question that a person can pick. Each stands in the address under its name, and in the sentence as one or more pickers.

A field that bears the name of an option of the question fills it; the others narrow what is asked about (:mod:`.narrowing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.engine.clock import in_words, length
from tilth.errors import InputError, UnknownName
from tilth.workbench.measure.asking.pickers import Drawing, phrase

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query

Options = list[tuple[Any, ...]]
VALUE = gettext_lazy("choice")
PROPERTY = gettext_lazy("property")
ANY_TIME = gettext_lazy("any time")


class Field:
    """A part of a question.

    Parameters
    ----------
    name : str
        Its name in the address.
    default : Any
        What it is where the address does not say; that is not written into an address.
    label : str
        What it is called, for screen readers and beside its faults; translatable.
    """

    def __init__(self, name: str, default: Any = None, label: Any = "") -> None:
        self.name, self._default, self.label = name, default, label

    def default(self, catalogue: Catalogue) -> Any:
        """Return what it is where the address does not say."""
        return self._default

    def read(self, query: Query, catalogue: Catalogue) -> Any:
        """Return its value in an address; InputError, worded, for one that it cannot have."""
        raise NotImplementedError

    def write(self, value: Any, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
        """Yield how a value stands in an address; nothing for the default."""
        if value != self.default(catalogue):
            yield self.name, self.text(value)

    def text(self, value: Any) -> str:
        """Return a value as it stands in an address."""
        return "" if value is None else str(value)

    def option(self, value: Any, catalogue: Catalogue) -> Any:
        """Return a value as the question's options take it."""
        return value

    def draw(self, value: Any, drawing: Drawing) -> SafeString:
        """Return its pickers."""
        raise NotImplementedError


class Choice(Field):
    """One of a few values, each with its words.

    Parameters
    ----------
    options : dict
        Words, translatable, by the value; a value may be text, a number or None (``""`` in the address).
    """

    def __init__(self, name: str, options: Mapping[Any, Any], default: Any, label: Any = "") -> None:
        super().__init__(name, default, label)
        self.options = dict(options)

    def read(self, query: Query, catalogue: Catalogue) -> Any:  # noqa: D102
        given = query.one(self.name, self.text(self._default))
        found = {self.text(value): value for value in self.options}
        if given not in found:
            raise UnknownName(VALUE, given, [text for text in found if text])
        return found[given]

    def draw(self, value: Any, drawing: Drawing) -> SafeString:  # noqa: D102
        return drawing.picker(self.name, self.text(value), [(self.text(one), words) for one, words in self.options.items()], self.label)


class Repeats(Choice):
    """Whether equal things in a row are told once or each time."""

    def __init__(self) -> None:
        told = {True: gettext_lazy("repeats told once"), False: gettext_lazy("repeats told each time")}
        super().__init__("fold", told, True, gettext_lazy("Repeats"))

    def text(self, value: bool) -> str:  # noqa: D102
        return "once" if value else "each"


class Length(Field):
    """A length of time, such as ``7d``; ``none`` for no bound, where `unbounded` words that."""

    NONE = "none"

    def __init__(self, name: str, default: str | None, offered: tuple[str, ...], label: Any = "", unbounded: Any = ANY_TIME) -> None:
        super().__init__(name, default, label)
        self.offered, self.unbounded = offered, unbounded

    def read(self, query: Query, catalogue: Catalogue) -> str | None:  # noqa: D102
        given = query.one(self.name) or self.text(self._default)
        if given == self.NONE and self.unbounded:
            return None
        length(given)
        return given

    def text(self, value: Any) -> str:  # noqa: D102
        return self.NONE if value is None else str(value)

    def draw(self, value: Any, drawing: Drawing) -> SafeString:  # noqa: D102
        offered = self.offered if value is None or value in self.offered else (*self.offered, value)
        without = [(self.NONE, self.unbounded)] if self.unbounded else []
        return drawing.picker(self.name, self.text(value), [*((one, in_words(one)) for one in offered), *without], self.label)


class Bound(Length):
    """A length of time that may be added to the question, and is not there at first.

    Parameters
    ----------
    add : str
        The words by which it is added.
    words : str
        What is said of it, with ``{picker}`` in its place.
    remove : str
        The words by which it is taken away.
    """

    def __init__(self, name: str, offered: tuple[str, ...], label: Any, *, add: Any, words: Any, remove: Any) -> None:
        super().__init__(name, None, offered, label, unbounded=remove)
        self.add, self.words = add, words

    def draw(self, value: Any, drawing: Drawing) -> SafeString:  # noqa: D102
        if value is None:
            return drawing.picker(self.name, None, [(one, in_words(one)) for one in self.offered], self.add, add=True)
        return phrase(str(self.words), picker=super().draw(value, drawing))


class Several(Field):
    """Some of a few values, each once and in their order; at least one.

    Parameters
    ----------
    options : dict
        Words, translatable, by the value: text or a number.
    """

    def __init__(self, name: str, options: Mapping[Any, Any], default: tuple[Any, ...], label: Any = "") -> None:
        super().__init__(name, default, label)
        self.options = dict(options)

    def read(self, query: Query, catalogue: Catalogue) -> tuple[Any, ...]:  # noqa: D102
        given, known = query.all(self.name), {str(value): value for value in self.options}
        for one in given:
            if one not in known:
                raise UnknownName(VALUE, one, known)
        return tuple(value for text, value in known.items() if text in given) or self._default

    def write(self, value: tuple[Any, ...], catalogue: Catalogue) -> Iterator[tuple[str, str]]:  # noqa: D102
        if value != self._default:
            yield from ((self.name, str(one)) for one in value)

    def draw(self, value: tuple[Any, ...], drawing: Drawing) -> SafeString:  # noqa: D102
        offered = [(str(one), words) for one, words in self.options.items()]
        return drawing.picker(self.name, [str(one) for one in value], offered, self.label, multiple=True)


class Number(Field):
    """A whole number between two bounds.

    Parameters
    ----------
    unit : str
        What is counted, behind the number.
    """

    def __init__(self, name: str, default: int, low: int, high: int, label: Any = "", unit: Any = "") -> None:
        super().__init__(name, default, label)
        self.low, self.high, self.unit = low, high, unit

    def read(self, query: Query, catalogue: Catalogue) -> int:  # noqa: D102
        given = query.one(self.name) or str(self._default)
        if not given.isdecimal() or len(given) > 9 or not self.low <= int(given) <= self.high:
            raise InputError(_("Write a whole number from {low} to {high}.").format(low=self.low, high=self.high))
        return int(given)

    def draw(self, value: Any, drawing: Drawing) -> SafeString:  # noqa: D102
        return drawing.number(self.name, value, self.label, self.unit, self.low, self.high)


class Property(Field):
    """A property that groups can be made of, or none; a subclass says what it is for."""

    add: Any
    words: Any
    none: Any

    def read(self, query: Query, catalogue: Catalogue) -> str | None:  # noqa: D102
        given, known = query.one(self.name), [code for code, _name in catalogue.splits]
        if given and given not in known:
            raise UnknownName(PROPERTY, given, known)
        return given or None

    def draw(self, value: Any, drawing: Drawing) -> SafeString:  # noqa: D102
        offered = [(code, name, "" if name == code else code) for code, name in drawing.catalogue.splits]
        if value is None:
            return drawing.picker(self.name, None, offered, self.add, add=True)
        return phrase(str(self.words), picker=drawing.picker(self.name, value, [("", self.none), *offered], self.label))


class Split(Property):
    """The property to split the answer by."""

    add, words, none = gettext_lazy("+ split"), gettext_lazy("split by {picker}"), gettext_lazy("Do not split")

    def __init__(self, name: str = "by") -> None:
        super().__init__(name, None, gettext_lazy("Split"))


class Hold(Property):
    """The property whose value has to be the same along the way."""

    add, words, none = gettext_lazy("+ same value"), gettext_lazy("with the same {picker} all along"), gettext_lazy("Any value")

    def __init__(self, name: str = "hold") -> None:
        super().__init__(name, None, gettext_lazy("Same value"))


class Grouping(Property):
    """The property whose values tell what is counted apart; there is always one, unless the facts have none.

    Parameters
    ----------
    usual : str
        The property that the page begins with where it is there.
    """

    def __init__(self, name: str, usual: str, label: Any) -> None:
        super().__init__(name, None, label)
        self.usual = usual

    def default(self, catalogue: Catalogue) -> str | None:  # noqa: D102
        known = [code for code, _name in catalogue.splits]
        return self.usual if self.usual in known else next(iter(known), None)

    def read(self, query: Query, catalogue: Catalogue) -> str | None:  # noqa: D102
        found = super().read(query, catalogue) or self.default(catalogue)
        if found is None:
            raise InputError(_("No property tells groups apart here: load data that have one, such as a channel."))
        return found

    def draw(self, value: str | None, drawing: Drawing) -> SafeString:  # noqa: D102
        offered = [(code, name, "" if name == code else code) for code, name in drawing.catalogue.splits]
        return drawing.picker(self.name, value or "", offered, self.label)


class Amount(Field):
    """A property that holds numbers, or none: ``none`` in the address.

    Parameters
    ----------
    usual : str
        The property that the page begins with where it is there.
    """

    NONE = "none"

    def __init__(self, name: str, usual: str, label: Any, without: Any) -> None:
        super().__init__(name, None, label)
        self.usual, self.without = usual, without

    def default(self, catalogue: Catalogue) -> str | None:  # noqa: D102
        return self.usual if catalogue.kinds.get(self.usual) == "number" else None

    def read(self, query: Query, catalogue: Catalogue) -> str | None:  # noqa: D102
        given = query.one(self.name)
        if given in ("", self.NONE):
            return self.default(catalogue) if not given else None
        known = [code for code, kind in catalogue.kinds.items() if kind == "number"]
        if given not in known:
            raise UnknownName(PROPERTY, given, known)
        return given

    def text(self, value: str | None) -> str:  # noqa: D102
        return value or self.NONE

    @staticmethod
    def offered(drawing: Drawing) -> Options:
        """Return the properties that hold numbers."""
        return [(code, name, "" if name == code else code) for code, name, kind in drawing.catalogue.properties if kind == "number"]

    def draw(self, value: str | None, drawing: Drawing) -> SafeString:  # noqa: D102
        return drawing.picker(self.name, self.text(value), [*self.offered(drawing), (self.NONE, self.without)], self.label)


class Summed(Amount):
    """A property of numbers that may be summed beside what is counted, and is not there at first.

    Parameters
    ----------
    add : str
        The words by which it is added.
    words : str
        What is said of it, with ``{picker}`` in its place.
    remove : str
        The words by which it is taken away.
    """

    def __init__(self, name: str, label: Any, *, add: Any, words: Any, remove: Any) -> None:
        super().__init__(name, "", label, remove)
        self.add, self.words = add, words

    def draw(self, value: str | None, drawing: Drawing) -> SafeString:  # noqa: D102
        if value is None:
            return drawing.picker(self.name, None, self.offered(drawing), self.add, add=True)
        return phrase(str(self.words), picker=super().draw(value, drawing))
