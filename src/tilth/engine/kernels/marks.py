"""What an event is, inside a kernel: whether it is looked at, and which steps it fills."""

from __future__ import annotations

import numpy as np

from tilth.engine.kernels import kernel


@kernel
def seen(keep, i):
    """Say whether event `i` is looked at; an empty `keep` looks at all."""
    return len(keep) == 0 or keep[i]


@kernel
def fills(codes, bits, step, i):
    """Say whether event `i` fills a step, which is what bit `step` of ``bits[codes[i]]`` says; with empty `codes` every event does.

    The last of `bits` is that of code -1.
    """
    return len(codes) == 0 or (bits[codes[i]] >> np.uint32(step)) & np.uint32(1) != 0
