"""Random numbers for the demo brand: one independent stream for each named part.

A part that draws more or fewer numbers than before moves no other part: every stream starts from the seed and its own name alone.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np

from tilth.errors import InputError
from tilth.language import _


class NegativeSeed(InputError):
    """A seed below 0.

    Attributes
    ----------
    seed : int
        The seed that was given.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        super().__init__(_("{seed} cannot be a seed: give a whole number from 0 on.").format(seed=seed))


class Streams:
    """Streams of random numbers by name, all spawned from one seed.

    Parameters
    ----------
    seed : int
        The seed of the whole brand, 0 or more.

    Raises
    ------
    NegativeSeed
        For a seed below 0.

    Examples
    --------
    >>> Streams(1)("visits").integers(9, size=4).tolist() == Streams(1)("visits").integers(9, size=4).tolist()
    True
    >>> bool(Streams(1)("visits").random() == Streams(1)("orders").random())
    False
    """

    def __init__(self, seed: int) -> None:
        if seed < 0:
            raise NegativeSeed(seed)
        self.seed = seed

    def __call__(self, name: str) -> np.random.Generator:
        """Return the stream of that name, from its beginning."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(crc32(name.encode()),))))
