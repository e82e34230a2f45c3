"""The query of an address, as a question reads it: every name that was used is remembered, so that what nobody asked for can be pointed out.

>>> query = Query([("step1", "view"), ("step3", "pay"), ("colour", "red"), ("by", "")])
>>> query.numbers("step"), query.one("step3"), query.one("by"), query.one("within", "7d")
([1, 3], 'pay', '', '7d')
>>> query.left
['colour']
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Pairs = list[tuple[str, str]]


class Query:
    """Names and values of an address; a name may come several times.

    Parameters
    ----------
    pairs : iterable of (name, value)
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
        self._read: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def all(self, name: str) -> list[str]:
        """Return the values of a name that are not empty, each once."""
        self._read.add(name)
        return [value for value in dict.fromkeys(self._values.get(name, ())) if value]

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of a name, even an empty one; `default` where the name does not come."""
        self._read.add(name)
        return self._values.get(name, [default])[-1]

    def numbers(self, prefix: str) -> list[int]:
        """Return the numbers that come after a prefix, with or without a part behind a dot, ascending."""
        pattern = re.compile(re.escape(prefix) + r"([1-9]\d?)(?:\..*)?")
        found = {int(match[1]) for name in self._values if (match := pattern.fullmatch(name))}
        for number in found:
            self._read.add(f"{prefix}{number}")
        return sorted(found)

    def drop(self, name: str) -> None:
        """Take no notice of a name and all below it: it belongs to something that was taken away."""
        self._read.update(known for known in self._values if known == name or known.startswith(f"{name}."))

    @property
    def left(self) -> list[str]:
        """The names that nothing has read, those that are empty left out."""
        return [name for name, values in self._values.items() if name not in self._read and any(values)]
