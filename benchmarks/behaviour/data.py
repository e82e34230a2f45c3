"""The events of the bench: made from a seed, the same on every machine.

Much as a shop's log: roughly in the order of time, people of very different activity (Zipf-like) who come for sessions of five events on average,
ten names of events of very different frequency. A person came by one of twenty channels, which stands on each of their events; the platform changes
from event to event.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from behaviour.questions import BEGIN, DAY

NAMES = {"view": 0.34, "search": 0.14, "login": 0.14, "cart": 0.10, "favourite": 0.06, "order": 0.05, "share": 0.05, "coupon": 0.05, "pay": 0.04}
NAMES["comment"] = 1 - sum(NAMES.values())
PLATFORMS = {"app": 0.5, "mini_program": 0.3, "web": 0.15, "store": 0.05}
CHANNELS = 20
EVENTS_EACH = 50  # a person, on average
SESSION = 5  # events, on average
PAUSE = 60  # seconds between two of them, on average
DAYS = 90
BATCH = 1_000_000


def batches(events: int, later: int = 0) -> Iterator[pa.Table]:
    """Return `events` events of 90 days; with `later` so many that follow them, a hundredth of whose people nobody has seen before."""
    people = max(100, events // EVENTS_EACH)
    newcomers = people // 100 if later else 0
    generator = np.random.default_rng(7 if not later else 11)
    weights = 1 / (np.arange(people) + 50.0) ** 0.7
    ladder = np.cumsum(weights / weights.sum())
    ids = pa.array([f"u{number:07d}" for number in [*np.random.default_rng(5).permutation(people), *range(people, people + newcomers)]])
    names, platforms = (pa.array(list(shares)) for shares in (NAMES, PLATFORMS))
    channels = pa.array([f"channel{number:02d}" for number in range(CHANNELS)])
    channel_of = np.random.default_rng(3).integers(0, CHANNELS, people + newcomers).astype(np.int8)
    pace = DAYS * DAY / events
    first, count = (events, later) if later else (0, events)
    for begin in range(first, first + count, BATCH):
        size = min(BATCH, first + count - begin)
        lengths = generator.geometric(1 / SESSION, size)
        sessions = int(np.searchsorted(np.cumsum(lengths), size)) + 1
        lengths = lengths[:sessions]
        person = np.searchsorted(ladder, generator.random(sessions)).clip(0, people - 1).astype(np.int32)
        if newcomers:
            new = generator.random(sessions) < 0.01
            person[new] = generator.integers(people, people + newcomers, new.sum())
        pauses = np.cumsum(1 + (generator.exponential(PAUSE, lengths.sum()) * 1e6).astype(np.int64))
        since = pauses - np.repeat(pauses[np.cumsum(lengths) - lengths], lengths)
        starts = BEGIN + ((begin + np.sort(generator.random(sessions)) * size) * pace).astype(np.int64)
        time = (np.repeat(starts, lengths) + since)[:size]
        order = np.argsort(time)
        time, person = time[order], np.repeat(person, lengths)[:size][order]
        yield pa.table(
            {
                "person": _text(person, ids),
                "time": pa.array(time, pa.timestamp("us", "UTC")),
                "event": _text(generator.choice(len(NAMES), size, p=list(NAMES.values())).astype(np.int8), names),
                "channel": _text(channel_of[person], channels),
                "platform": _text(generator.choice(len(PLATFORMS), size, p=list(PLATFORMS.values())).astype(np.int8), platforms),
            }
        )


def _text(codes: np.ndarray, values: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), values).cast(pa.string())


def write(path: Path, events: int, later: int = 0) -> Path:
    """Write the events as a Parquet file."""
    writer = None
    for table in batches(events, later):
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    return path
