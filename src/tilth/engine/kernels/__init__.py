"""Kernels: Numba functions over one shard of whole people, each one's events in order.

A kernel gets flat arrays and the people's offsets, keeps no state, releases the GIL and returns a partial result; :mod:`tilth.engine.shards` cuts the
people, runs a kernel on all cores and merges. Compiled code is kept under Tilth's own data folder, in one that is named after the sources of all
kernels: Numba looks only at a kernel's own file to tell whether what it compiled still holds, and a kernel is compiled together with those it calls.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import IndexDataCacheFile

from tilth.engine.home import kernel_cache


def _digest() -> str:
    told = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        told.update(file.read_bytes())
    return told.hexdigest()[:12]


def _save(self: Any, key: Any, data: Any) -> None:
    """Keep compiled code under a name that nothing else has, and only then list it.

    Numba counts names on from its list: two processes that compile one kernel for two kinds of arrays at once may take the same one, and the list
    then gives one the code of the other. Here the worst that can happen is that an entry is lost and made again.
    """
    name = self._data_name(uuid.uuid4().int)
    self._save_data(name, data)
    listed = self._load_index()
    listed[key] = name
    self._save_index(listed)


IndexDataCacheFile.save = _save
numba.config.CACHE_DIR = str(kernel_cache() / _digest())

kernel: Any = numba.njit(cache=True, nogil=True, error_model="numpy", boundscheck=False)
"""The decorator of every kernel."""
