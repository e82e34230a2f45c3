"""Event and order rows while they are still numbers: what every part of the generator hands over, and how parts are put together.

A person is an index, a visitor who is no person a negative number; times are wall-clock milliseconds since the first day; money is in
cents. `tilth.warehouse.demo.tables` turns them into text, instants and amounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tilth.warehouse.demo import names

NONE = -1
"""No channel, campaign, goods, order or note."""
NO_VALUE = np.iinfo(np.int64).min
"""No amount."""
EVENT = {code: i for i, code in enumerate(names.EVENTS)}
"""Index of each event's name."""

Rows = npt.NDArray[Any]
R = TypeVar("R", "Events", "Lines")


@dataclass
class Events:
    """Events as numbers; every field is an array of one length.

    Attributes
    ----------
    person : ndarray
        Index of the person; -1 - v for visitor v who is no person.
    time : ndarray
        Wall-clock milliseconds since the first day.
    event, channel, campaign, platform, city, goods : ndarray
        Indices; -1 for none.
    value : ndarray
        Hundredths; ``NO_VALUE`` for none.
    order : ndarray
        Key of the order it belongs to; -1 for none.
    note : ndarray
        Index of its properties among the notes; -1 for none. Events with an order get their properties from that.
    signed : ndarray
        Whether it comes with the person's user id rather than the id of a device.
    """

    person: Rows
    time: Rows
    event: Rows
    channel: Rows
    campaign: Rows
    platform: Rows
    city: Rows
    goods: Rows
    value: Rows
    order: Rows
    note: Rows
    signed: Rows

    def __len__(self) -> int:
        return len(self.time)


@dataclass
class Lines:
    """Order lines as numbers; every field is an array of one length.

    Attributes
    ----------
    person : ndarray
        Index of the person, -1 for an anonymous order.
    time, order : ndarray
        When; the order's key.
    goods, quantity, price, amount : ndarray
        Index of the goods; pieces; cents of one; cents that the line adds.
    channel, campaign, shop, coupon : ndarray
        Indices; shop 0 is online, others are stores from 1; coupon 0 welcome, 1 campaign, -1 none.
    refund : ndarray
        True for the negative lines.
    """

    person: Rows
    time: Rows
    order: Rows
    goods: Rows
    quantity: Rows
    price: Rows
    amount: Rows
    channel: Rows
    campaign: Rows
    shop: Rows
    coupon: Rows
    refund: Rows

    def __len__(self) -> int:
        return len(self.time)


def events(
    name: str,
    person: Rows,
    time: Rows,
    platform: Rows | int,
    *,
    channel: Rows | int = NONE,
    campaign: Rows | int = NONE,
    city: Rows | int = NONE,
    goods: Rows | int = NONE,
    value: Rows | int = NO_VALUE,
    order: Rows | int = NONE,
    note: Rows | int = NONE,
    signed: Rows | bool = True,
) -> Events:
    """Return events of one name; what is not given is empty."""
    n = len(time)

    def fill(given: Rows | int | bool, kind: Any) -> Rows:
        return np.broadcast_to(np.asarray(given), n).astype(kind)

    return Events(
        fill(person, np.int32),
        fill(time, np.int64),
        fill(EVENT[name], np.int16),
        fill(channel, np.int16),
        fill(campaign, np.int16),
        fill(platform, np.int8),
        fill(city, np.int16),
        fill(goods, np.int16),
        fill(value, np.int64),
        fill(order, np.int32),
        fill(note, np.int32),
        fill(signed, np.bool_),
    )


def stack(kind: type[R], parts: Iterable[R]) -> R:
    """Return the rows of all parts, one part after the other."""
    listed = list(parts)
    return kind(**{f.name: np.concatenate([getattr(p, f.name) for p in listed]) for f in fields(kind)})


def choose(rows: R, which: Rows) -> R:
    """Return the rows that `which` selects, a mask or an order of indices."""
    return type(rows)(**{f.name: getattr(rows, f.name)[which] for f in fields(rows)})


class Notes:
    """The texts of ``properties``, each kept once; events hold their numbers."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, texts: Iterable[str]) -> Rows:
        """Add texts and return their numbers."""
        first = len(self.texts)
        self.texts.extend(texts)
        return np.arange(first, len(self.texts))
