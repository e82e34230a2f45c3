"""DuckDB's side: a table in the order of people and time; names as ENUM, as its documentation advises for texts of few values."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from behaviour.measure import timed, told
from behaviour.questions import BEGIN, DAY, DAY_0, ENDS, PAUSE, states

DAYS, WEEKS = f"(t - {BEGIN}) // {DAY}", f"(t - {BEGIN - 2 * DAY}) // {7 * DAY}"
BUCKET = "".join(f" + (length >= {end * 1_000_000})::INT" for end in ENDS)

RETENTION = f"""SELECT c, k, count(*) FROM (
    SELECT min({WEEKS}) FILTER (event = 'login') AS c, bit_or(1 << ({WEEKS})::INT) AS m FROM e GROUP BY person), range(13) AS ks(k)
    WHERE c IS NOT NULL AND (m >> (c + k)::INT) & 1 = 1 GROUP BY ALL"""
LIFECYCLE = f"""WITH days AS (SELECT DISTINCT person, {DAYS} AS day FROM e),
    near AS (SELECT day, lag(day) OVER w AS before, lead(day) OVER w AS after FROM days WINDOW w AS (PARTITION BY person ORDER BY day))
    SELECT day, CASE WHEN before IS NULL THEN 0 WHEN before = day - 1 THEN 1 ELSE 2 END AS state, count(*) FROM near GROUP BY ALL
    UNION ALL SELECT day + 1, 3, count(*) FROM near WHERE after IS NULL OR after > day + 1 GROUP BY ALL"""
LIFECYCLE_BY_BITS = f"""WITH bits AS (SELECT bit_or(1::HUGEINT << ({DAYS})::INT) AS m FROM e GROUP BY person),
    near AS (SELECT day, (m >> day::INT) & 1 AS now, CASE WHEN day = 0 THEN 0 ELSE (m >> (day - 1)::INT) & 1 END AS before,
                    m & ((1::HUGEINT << day::INT) - 1) AS earlier FROM bits, range(100) AS d(day))
    SELECT day, CASE WHEN now = 0 THEN 3 WHEN earlier = 0 THEN 0 WHEN before = 1 THEN 1 ELSE 2 END AS state, count(*)
    FROM near WHERE now = 1 OR before = 1 GROUP BY ALL"""
STICKINESS = f"""SELECT n, count(*) FROM (SELECT bit_count(bit_or(1 << ((({DAYS}) + 2) % 7)::INT)) AS n FROM e GROUP BY person, {WEEKS})
    GROUP BY n ORDER BY n"""
SESSIONS = f"""WITH marked AS (
        SELECT person, t, row_number() OVER w AS number, lag(t) OVER w AS before, count(*) OVER whole AS events, max(t) OVER whole AS last
        FROM e WINDOW w AS (PARTITION BY person ORDER BY t), whole AS (PARTITION BY person)),
    begun AS (SELECT * FROM marked WHERE before IS NULL OR t - before > {PAUSE}),
    cut AS (SELECT person, lead(number, 1, events + 1) OVER w - number AS events, lead(before, 1, last) OVER w - t AS length
            FROM begun WINDOW w AS (PARTITION BY person ORDER BY t))
    SELECT 0 {BUCKET} AS bucket, count(*), count(DISTINCT person), sum(events)::BIGINT FROM cut GROUP BY bucket ORDER BY bucket"""
SESSIONS_BY_SUM = f"""WITH marked AS (SELECT person, t, coalesce(t - lag(t) OVER w > {PAUSE}, true)::INT AS begins
                                      FROM e WINDOW w AS (PARTITION BY person ORDER BY t)),
    numbered AS (SELECT person, t, sum(begins) OVER (PARTITION BY person ORDER BY t ROWS UNBOUNDED PRECEDING) AS number FROM marked),
    cut AS (SELECT person, count(*) AS events, max(t) - min(t) AS length FROM numbered GROUP BY person, number)
    SELECT 0 {BUCKET} AS bucket, count(*), count(DISTINCT person), sum(events)::BIGINT FROM cut GROUP BY bucket ORDER BY bucket"""
PATHS = """SELECT d, p[d]::VARCHAR, p[d + 1]::VARCHAR, count(*) FROM (
    SELECT p, unnest(range(1, len(p))) AS d FROM (SELECT arg_min(event, t, 6) AS p FROM e GROUP BY person)) GROUP BY ALL"""

QUESTIONS: dict[str, list[str]] = {
    "retention": [RETENTION],
    "lifecycle": [LIFECYCLE, LIFECYCLE_BY_BITS],
    "stickiness": [STICKINESS],
    "sessions": [SESSIONS, SESSIONS_BY_SUM],
    "paths": [PATHS],
}

SHAPES: dict[str, Callable[[list[Any]], Any]] = {
    "retention": lambda rows: sorted([DAY_0 - 2 + 7 * cohort, k, n] for cohort, k, n in rows),
    "lifecycle": states,
    "sessions": lambda rows: [[[0, *ENDS][bucket], *counts] for bucket, *counts in rows],
}


def sort(folder: Path) -> None:
    """Sort the columns that an index is made of, of the same files, into a table."""
    files = [str(path) for path in (folder / "workspace" / "tables" / "events").rglob("*.parquet")]

    def sorted_table() -> int:
        path = folder / "sorted.duckdb"
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path), config={"threads": 2}) as connection:
            connection.execute(f"CREATE TABLE s AS SELECT person, time, event, seq FROM read_parquet({files}) ORDER BY person, time, seq")
            return int(connection.sql("SELECT count(*) FROM s").fetchall()[0][0])

    told(sort=timed(sorted_table))


def main(folder: Path) -> None:
    connection = duckdb.connect(str(folder / "events.duckdb"), config={"threads": 2})
    file = f"read_parquet('{folder / 'events.parquet'}')"
    for name in ("event", "channel", "platform"):
        connection.execute(f"CREATE TYPE {name}_name AS ENUM (SELECT DISTINCT {name} FROM {file} ORDER BY {name})")
    connection.execute(
        f"""CREATE TABLE e AS SELECT person, epoch_us(time) AS t, event::event_name AS event, channel::channel_name AS channel,
            platform::platform_name AS platform FROM {file} ORDER BY person, t"""
    )

    def asked(name: str, sql: str) -> dict[str, Any]:
        shape = SHAPES.get(name, lambda rows: sorted([list(row) for row in rows]))
        return timed(lambda: shape(connection.execute(sql).fetchall()))

    rows = {name: [asked(name, sql) for sql in wordings] for name, wordings in QUESTIONS.items()}
    told(version=f"DuckDB {duckdb.__version__}", rows=rows)


if __name__ == "__main__":
    (sort if sys.argv[2:] == ["sort"] else main)(Path(sys.argv[1]))
