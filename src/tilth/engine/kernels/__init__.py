"""Kernels: Numba functions over one shard of whole people, each one's events in order.

A kernel gets flat arrays and the people's offsets, keeps no state, releases the GIL and returns a partial result; :mod:`tilth.engine.shards` cuts the
people, runs a kernel on all cores and merges. Compiled code is kept under Tilth's own data folder.
"""

from __future__ import annotations

from typing import Any

import numba

from tilth.engine.home import kernel_cache

numba.config.CACHE_DIR = str(kernel_cache())

kernel: Any = numba.njit(cache=True, nogil=True, error_model="numpy", boundscheck=False)
"""The decorator of every kernel."""
