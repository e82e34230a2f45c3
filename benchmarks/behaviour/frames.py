"""Polars' side: columns in memory in the order of people and time, people as whole numbers, names as categories."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl

from behaviour.measure import timed, told
from behaviour.questions import BEGIN, DAY, DAY_0, ENDS, PAUSE, states

P, T = pl.col("person"), pl.col("t")
FIRST = P.ne(P.shift(1)).fill_null(True)  # a person's first event, in a frame in order


def numbered(frame: pl.LazyFrame, width: int, begin: int = BEGIN) -> pl.LazyFrame:
    """Return the people of each period, once each, in order."""
    period = ((T - begin) // (width * DAY)).cast(pl.Int16).alias("period")
    return frame.select("person", period).filter(FIRST | (pl.col("period") != pl.col("period").shift(1)))


def retention(frame: pl.LazyFrame) -> Any:
    weeks = numbered(frame, 7, BEGIN - 2 * DAY)
    cohorts = numbered(frame.filter(pl.col("event") == "login"), 7, BEGIN - 2 * DAY).filter(FIRST).rename({"period": "cohort"})
    back = weeks.join(cohorts, on="person").with_columns(k=pl.col("period") - pl.col("cohort")).filter(pl.col("k").is_between(0, 12))
    rows = back.group_by("cohort", "k").len().collect().rows()
    return sorted([DAY_0 - 2 + 7 * cohort, k, n] for cohort, k, n in rows)


def lifecycle(frame: pl.LazyFrame) -> Any:
    day = pl.col("period")
    days = numbered(frame, 1).with_columns(
        before=pl.when(~FIRST).then(day.shift(1)), after=pl.when(~FIRST.shift(-1, fill_value=True)).then(day.shift(-1))
    )
    state = pl.when(pl.col("before").is_null()).then(0).when(pl.col("before") == day - 1).then(1).otherwise(2)
    there = days.group_by(day, state.alias("state")).len()
    gone = days.filter(pl.col("after").is_null() | (pl.col("after") > day + 1)).group_by(day + 1).len()
    active, dormant = pl.collect_all([there, gone])
    return states([*active.rows(), *((day, 3, n) for day, n in dormant.rows())])


def stickiness(frame: pl.LazyFrame) -> Any:
    week = ((pl.col("period") + 2) // 7).alias("week")
    rows = numbered(frame, 1).group_by("person", week).len().group_by("len").len(name="people").collect().rows()
    return sorted(list(row) for row in rows)


def sessions(frame: pl.LazyFrame) -> Any:
    begins = FIRST | (T - T.shift(1) > PAUSE)
    marked = frame.select("person", "t", begins=begins, before=T.shift(1)).with_row_index("place").filter("begins")
    whole = frame.select(pl.len().alias("events"), T.last().alias("last")).collect().row(0)
    length = pl.col("before").shift(-1, fill_value=whole[1]) - T
    cut = marked.select("person", events=pl.col("place").shift(-1, fill_value=whole[0]) - pl.col("place"), length=length)
    ends = pl.sum_horizontal([(pl.col("length") >= end * 1_000_000).cast(pl.Int8) for end in ENDS])
    rows = cut.group_by(ends.alias("bucket")).agg(pl.len(), P.n_unique(), pl.col("events").sum()).sort("bucket").collect().rows()
    return [[[0, *ENDS][bucket], *counts] for bucket, *counts in rows]


def paths(frame: pl.LazyFrame) -> Any:
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    near = frame.select("event", first=FIRST, place=place)
    since = near.with_columns(depth=pl.col("place") - pl.when("first").then(pl.col("place")).forward_fill(), source=pl.col("event").shift(1)).filter(
        pl.col("depth").is_between(1, 5)
    )
    rows = since.group_by("depth", "source", "event").len().collect().rows()
    return sorted(list(row) for row in rows)


def main(folder: Path) -> None:
    names = [pl.col(name).cast(pl.Categorical) for name in ("event", "channel", "platform")]
    read = pl.scan_parquet(folder / "events.parquet").select("person", pl.col("time").dt.epoch("us").alias("t"), *names)
    frame = read.collect().sort("person", "t").with_columns(P.rle_id()).rechunk().lazy()
    questions = {"retention": retention, "lifecycle": lifecycle, "stickiness": stickiness, "sessions": sessions, "paths": paths}
    rows = {name: [timed(lambda question=question: question(frame))] for name, question in questions.items()}
    told(version=f"Polars {pl.__version__}", rows=rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
