"""How a question is timed, the same way for Tilth and for its peers. The standard library alone: peers run where Tilth is not installed."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

TIMES = 5
LONG = 60  # seconds


def timed(work: Callable[[], Any], before: Callable[[], object] | None = None, times: int = TIMES, warm: bool = True) -> dict[str, Any]:
    """Call `work` once to warm up and `times` times more; return the seconds of these, and its answer. `before` is called before each, untimed.

    What takes longer than a minute to warm up is called just once more.
    """
    seconds: list[float] = []
    while len(seconds) < times + warm and not (len(seconds) > warm and seconds[0] > LONG):
        if before is not None:
            before()
        began = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds[warm:], "answer": answer}


def told(**found: Any) -> None:
    """Print what was measured, as the last line."""
    print("\n" + json.dumps(found), file=sys.stdout, flush=True)
