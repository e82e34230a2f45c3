"""ClickHouse's side, in its library chdb: a MergeTree in the order of people and time, aggregated in that order.

A question may have several wordings: all are asked, the fastest one counts.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from behaviour.measure import timed, told
from behaviour.questions import BEGIN, DAY, DAY_0, ENDS, PAUSE, STEPS, states

T = "toUnixTimestamp64Micro(time)"
DAYS = f"toUInt8(intDiv({T} - {BEGIN}, {DAY}))"  # from 0
WEEKS = f"toUInt8(intDiv({T} - {BEGIN - 2 * DAY}, {7 * DAY}))"  # the first day is a Wednesday

CREATE = """CREATE TABLE b.e (person String, time DateTime64(6, 'UTC'), event LowCardinality(String), channel LowCardinality(String),
            platform LowCardinality(String)) ENGINE = MergeTree ORDER BY (person, time)"""
SETTINGS = "SETTINGS optimize_aggregation_in_order = 1, max_threads = 2"

CONDITIONS = ", ".join(f"event = '{step}'" for step in STEPS)
LEVEL = f"windowFunnel({{within}})(toUInt64({T}), {CONDITIONS}) AS level"
REACHED = ", ".join(f"countIf(level >= {k})" for k in range(1, 5))
OF_STEPS = f"event IN {tuple(STEPS)}"


def funnel(where: str = "1", within: int = 7 * DAY) -> str:
    return f"SELECT [{REACHED}] FROM (SELECT {LEVEL.format(within=within)} FROM b.e WHERE {where} GROUP BY person)"


def funnel_by(where: str = "1") -> str:
    levels = f"SELECT any(channel) AS channel, {LEVEL.format(within=7 * DAY)} FROM b.e WHERE {where} GROUP BY person"
    return f"SELECT groupArray((channel, n)) FROM (SELECT channel, [{REACHED}] AS n FROM ({levels}) GROUP BY channel ORDER BY channel)"


RETENTION = f"""SELECT groupArray((c, n)) FROM (
    SELECT c, sumForEach(arrayMap(k -> toUInt64(bitTest(m, c + k)), range(13))) AS n
    FROM (SELECT min(if(event = 'login', {WEEKS}, 255)) AS c, groupBitOr(bitShiftLeft(toUInt32(1), {WEEKS})) AS m FROM b.e GROUP BY person)
    WHERE c < 255 GROUP BY c)"""

WORDS = f"""SELECT groupBitOr(if({DAYS} < 64, bitShiftLeft(toUInt64(1), bitAnd({DAYS}, 63)), 0)) AS m0,
                   groupBitOr(if({DAYS} >= 64, bitShiftLeft(toUInt64(1), bitAnd({DAYS}, 63)), 0)) AS m1 FROM b.e GROUP BY person"""
"""A bit for each day on which a person was active, in two words."""


def listed(low: str, high: str) -> str:
    return f"arrayConcat(bitPositionsToArray({low}), arrayMap(x -> x + 64, bitPositionsToArray({high})))"


LIFECYCLE_BY_BITS = f"""SELECT groupArray((day, state, n)) FROM (
    SELECT y.1 AS day, y.2 AS state, count() AS n FROM (SELECT arrayJoin(arrayConcat(
        arrayMap(x -> (x, 0), {listed("w0", "w1")}), arrayMap(x -> (x, 1), {listed("r0", "r1")}),
        arrayMap(x -> (x, 2), {listed("z0", "z1")}), arrayMap(x -> (x, 3), {listed("d0", "d1")}))) AS y
    FROM (SELECT bitAnd(m0, s0) AS r0, bitAnd(m1, s1) AS r1, bitAnd(s0, bitNot(m0)) AS d0, bitAnd(s1, bitNot(m1)) AS d1,
                 bitAnd(m0, bitNot(m0) + 1) AS w0, if(m0 = 0, bitAnd(m1, bitNot(m1) + 1), 0) AS w1,
                 bitAnd(bitAnd(m0, bitNot(s0)), bitNot(w0)) AS z0, bitAnd(bitAnd(m1, bitNot(s1)), bitNot(w1)) AS z1
          FROM (SELECT m0, m1, bitShiftLeft(m0, 1) AS s0,
                       bitOr(bitShiftLeft(m1, 1), bitShiftRight(m0, 63)) AS s1 FROM ({WORDS})))) GROUP BY day, state)"""
LIFECYCLE_BY_ARRAYS = f"""SELECT groupArray((day, state, n)) FROM (
    SELECT x.1 AS day, x.2 AS state, count() AS n FROM (SELECT arrayJoin(arrayConcat(
        arrayMap((a, i) -> (a, if(i = 1, 0, if(s[i - 1] = a - 1, 1, 2))), s, arrayEnumerate(s)),
        arrayFilter(y -> y.2 = 3, arrayMap((a, i) -> (toUInt8(a + 1), if(s[i + 1] = a + 1, 9, 3)), s, arrayEnumerate(s))))) AS x
    FROM (SELECT arraySort(groupUniqArray({DAYS})) AS s FROM b.e GROUP BY person)) GROUP BY day, state)"""

STICKINESS = f"""SELECT groupArray((n, people)) FROM (SELECT n, count() AS people FROM (
    SELECT arrayJoin(arrayMap(w -> countEqual(ws, w), arrayDistinct(ws))) AS n
    FROM (SELECT arrayMap(x -> intDiv(x + 2, 7), groupUniqArray({DAYS})) AS ws FROM b.e GROUP BY person)) GROUP BY n ORDER BY n)"""
STICKINESS_BY_BITS = f"""SELECT groupArray((n, people)) FROM (SELECT n, count() AS people FROM (
    SELECT arrayJoin(arrayFilter(x -> x > 0, [bitCount(bitAnd(m0, 31)),
        {", ".join(f"bitCount(bitAnd(bitShiftRight(m0, {at}), 127))" for at in range(5, 61, 7))},
        bitCount(bitAnd(bitOr(bitShiftRight(m0, 61), bitShiftLeft(m1, 3)), 127)),
        {", ".join(f"bitCount(bitAnd(bitShiftRight(m1, {at}), 127))" for at in range(4, 28, 7))}])) AS n
    FROM ({WORDS})) GROUP BY n ORDER BY n)"""

SESSIONS = f"""SELECT (sumMap(b, arrayMap(x -> 1, b)), sumMap(arrayDistinct(b) AS u, arrayMap(x -> 1, u)), sumMap(b, n)) FROM (
    SELECT arrayMap(x -> length(x), ss) AS n, arrayMap(x -> toUInt8(arrayCount(e -> e * 1000000 <= x[-1] - x[1], {ENDS})), ss) AS b FROM (
        SELECT arraySplit((t, pause) -> pause > {PAUSE}, ts, arrayDifference(ts)) AS ss
        FROM (SELECT {{ordered}} AS ts FROM b.e GROUP BY person)))"""

PATHS = """SELECT groupArray((d, a, b, n)) FROM (
    SELECT d, p[d] AS a, p[d + 1] AS b, count() AS n FROM (SELECT groupArray(6)(event) AS p FROM b.e GROUP BY person)
    ARRAY JOIN range(1, length(p)) AS d GROUP BY d, a, b)"""

QUESTIONS = {
    "funnel": [funnel(), funnel(OF_STEPS)],
    "funnel_by": [funnel_by(), funnel_by(OF_STEPS)],
    "funnel_where": [funnel("platform IN ('app', 'web')"), funnel(f"platform IN ('app', 'web') AND {OF_STEPS}")],
    "funnel_ever": [funnel(within=10_000 * DAY), funnel(OF_STEPS, within=10_000 * DAY)],
    "retention": [RETENTION],
    "lifecycle": [LIFECYCLE_BY_BITS, LIFECYCLE_BY_ARRAYS],
    "stickiness": [STICKINESS, STICKINESS_BY_BITS],
    "sessions": [SESSIONS.format(ordered=f"groupArray({T})"), SESSIONS.format(ordered=f"arraySort(groupArray({T}))")],
    "paths": [PATHS],
}


def shaped(name: str, text: str) -> Any:
    """Return an answer in the form in which answers are compared."""
    (rows,) = json.loads(text)
    if name == "funnel_by":
        return [[channel, *counts] for channel, counts in rows]
    if name == "retention":
        return sorted([DAY_0 - 2 + 7 * cohort, k, n] for cohort, counts in rows for k, n in enumerate(counts) if n)
    if name == "lifecycle":
        return states(rows)
    if name == "sessions":
        found = [dict(zip(keys, values, strict=True)) for keys, values in rows]
        return [[[0, *ENDS][bucket], *(by[bucket] for by in found)] for bucket in sorted(found[0])]
    return rows if name.startswith("funnel") else sorted(rows)


def main(folder: Path) -> None:
    from chdb.session import Session

    session = Session(str(folder / "clickhouse"))
    session.query("CREATE DATABASE b")
    session.query(CREATE)
    session.query(f"INSERT INTO b.e SELECT person, time, event, channel, platform FROM file('{folder / 'events.parquet'}', Parquet)")
    session.query("OPTIMIZE TABLE b.e FINAL")

    def asked(name: str, sql: str) -> dict[str, Any]:
        return timed(lambda: shaped(name, str(session.query(f"{sql} {SETTINGS}", "JSONCompactEachRow"))))

    rows = {name: [asked(name, sql) for sql in wordings] for name, wordings in QUESTIONS.items()}
    told(version=f"ClickHouse {session.query('SELECT version()', 'TSV')} (chdb {version('chdb')})".replace("\n", ""), rows=rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
