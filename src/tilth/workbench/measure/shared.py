"""Things that are made once and used by all threads of a process, the last used ones kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any


class Shared:
    """Keeps up to `most` things by key. Who asks for one that another thread is making waits for it; a failure is kept by nobody.

    Examples
    --------
    >>> kept = Shared(2)
    >>> [kept.get(key, lambda key=key: key.upper()) for key in "aba"], "b" in kept, kept.get("b", None)
    (['A', 'B', 'A'], True, 'B')
    >>> kept.get("c", str), "a" in kept
    ('', False)
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._being_made: dict[Hashable, Future[Any]] = {}
        self._lock = Lock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the thing of a key, made now if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            future = self._being_made.get(key)
            if mine := future is None:
                future = self._being_made[key] = Future()
        if not mine:
            return future.result()
        try:
            made = make()
        except BaseException as fault:
            with self._lock:
                del self._being_made[key]
            future.set_exception(fault)
            raise
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
            del self._being_made[key]
        future.set_result(made)
        return made

    def drop(self, chosen: Callable[[Any], bool]) -> None:
        """Forget the things whose key is chosen."""
        with self._lock:
            for key in [key for key in self._kept if chosen(key)]:
                del self._kept[key]

    def clear(self) -> None:
        """Forget everything."""
        self.drop(lambda _key: True)
