"""Who the people are: city, gender, year of birth, a name, and the ids by which each platform knows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tilth.warehouse.demo.places import CITIES, STORES
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Truth

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧"
_GIVEN = "子涵欣怡梓轩浩然雨桐佳宁思远嘉怡明宇诗涵俊杰晓敏志强婷文静丽娜建国海燕春梅一诺若曦"
ID_KINDS = ("user", "member", "device", "openid", "anonymous", "phone")
"""Kinds of id that every person can have; the place in this tuple is the kind's index."""
USER, MEMBER, DEVICE, OPENID, ANONYMOUS, PHONE = range(len(ID_KINDS))
ID_OF_PLATFORM = np.array([DEVICE, OPENID, ANONYMOUS, MEMBER])
"""Kind of id by which each platform (app, mini program, web, store) knows somebody without a user id."""
_PREFIX = ("u", "m", "d", "o", "a", "100")  # no mobile number begins with 100: none of these can be anybody's
SYSTEMS = ("iOS", "Android", "HarmonyOS")


@dataclass(frozen=True)
class Profiles:
    """What is known of each person, one entry a person.

    Attributes
    ----------
    city, store : ndarray
        Index of the city they live in; of the store they go to.
    gender, birth_year : ndarray
        1 for female, 0 for male, -1 for unknown; year of birth, 0 for unknown.
    surname, given : ndarray
        Indices of the characters of the name; ``given`` has two columns.
    system : ndarray
        Index of the phone's system in :data:`SYSTEMS`.
    code : ndarray
        The number inside all of the person's ids: says nothing about order or kind.
    """

    city: npt.NDArray[np.int64]
    store: npt.NDArray[np.int64]
    gender: npt.NDArray[np.int64]
    birth_year: npt.NDArray[np.int64]
    surname: npt.NDArray[np.int64]
    given: npt.NDArray[np.int64]
    system: npt.NDArray[np.int64]
    code: npt.NDArray[np.int64]

    def names(self) -> list[str]:
        """Return everybody's name."""
        return [_SURNAMES[s] + _GIVEN[a] + _GIVEN[b] for s, (a, b) in zip(self.surname.tolist(), self.given.tolist(), strict=True)]

    def ids(self, kind: int) -> list[str]:
        """Return everybody's id of one kind, by the index of the kind."""
        return spell(kind, self.code)


def spell(kind: int, codes: npt.NDArray[np.int64]) -> list[str]:
    """Return the ids of one kind that belong to codes from 1 on: different for different codes, no kind readable from another.

    Examples
    --------
    >>> spell(USER, np.array([1, 2]))
    ['u00048271', 'u00096542']
    """
    multiplier, room = 48_271, 99_999_989  # a prime modulus: multiplication mixes without collisions
    return [f"{_PREFIX[kind]}{number:08d}" for number in (codes * pow(multiplier, 2 * kind + 1, room) % room).tolist()]


def draw(count: int, last_year: int, truth: Truth, streams: Streams) -> Profiles:
    """Draw the profiles of `count` people."""
    rng, gaps = streams("profiles"), streams("gaps in profiles")
    birth_year = last_year - np.clip(np.rint(rng.gamma(9, 3.4, count)) + 4, 16, 75).astype(np.int64)
    weights = np.array([c.weight for c in CITIES])
    city = rng.choice(len(CITIES), count, p=weights / weights.sum())
    store = rng.integers(0, len(STORES), count)
    for i, town in enumerate(CITIES):
        near = [n for n, s in enumerate(STORES) if s.city == town.name]
        if near:
            here = city == i
            store[here] = np.array(near)[store[here] % len(near)]
    return Profiles(
        city=city,
        store=store,
        gender=np.where(gaps.random(count) < truth.gaps.gender, -1, rng.random(count) < 0.68),
        birth_year=np.where(gaps.random(count) < truth.gaps.birth_year, 0, birth_year),
        surname=rng.integers(0, len(_SURNAMES), count),
        given=rng.integers(0, len(_GIVEN), (count, 2)),
        system=rng.choice(len(SYSTEMS), count, p=[0.34, 0.50, 0.16]),
        code=rng.permutation(max(count, 1)) + 1,
    )
