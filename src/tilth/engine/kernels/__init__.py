"""Kernels: Numba functions over one shard of whole people, each one's events in order.

A kernel gets flat arrays and the people's offsets, keeps no state, releases the GIL and returns a partial result; :mod:`tilth.engine.shards` cuts the
people, runs a kernel on all cores and merges. Compiled code is kept under Tilth's own data folder, in one that is named after the sources of all
kernels: Numba looks only at a kernel's own file to tell whether what it compiled still holds, and a kernel is compiled together with those it calls.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numba

from tilth.engine.home import kernel_cache


def _digest() -> str:
    told = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        told.update(file.read_bytes())
    return told.hexdigest()[:12]


numba.config.CACHE_DIR = str(kernel_cache() / _digest())

kernel: Any = numba.njit(cache=True, nogil=True, error_model="numpy", boundscheck=False)
"""The decorator of every kernel."""
