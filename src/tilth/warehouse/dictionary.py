"""What is in a table: its events, and the properties that questions filter and split by, with how full they are and what stands in them.

Both answers depend on nothing but the table's version, so whoever asks often keeps them by it. Up to :data:`ROWS` rows all is counted exactly; of
more, properties are counted on a sample that is the same every time, and the answer says so.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tilth.engine.conditions import literal, quoted
from tilth.engine.sources import connect
from tilth.errors import UnknownEvent
from tilth.language import _
from tilth.warehouse import scan, schema

if TYPE_CHECKING:
    import pandas as pd

    from tilth.warehouse.workspace import Workspace

ROWS = 20_000_000
EXAMPLES = 8
WIDEST = 200  # characters of an example
NOT_ASKED = ("event",)  # a column with a dictionary of its own

NUMBER = r"[+-]?(0|[1-9]\d{0,9})(\.\d+)?([eE][+-]?\d+)?"  # no ids: those have leading zeros or many digits
DAY = r"(19|20|21)\d\d[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])([ T]\d{1,2}:\d\d.*)?"
NEVER = r"[^\s\S]"  # found in no text
YES_OR_NO = ("true", "false", "yes", "no", "y", "n", "t", "f", "是", "否")


def events(workspace: Workspace, version: int | None = None, days: int = 30) -> pd.DataFrame:
    """Return the events there are, the most frequent first.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    version : int, optional
        The version of the table; by default the current one.
    days : int
        How many days to count one by one, the last of them the last day on which anything happened.

    Returns
    -------
    DataFrame
        event; rows; people (ids that did it); first, last (times, in the workspace's zone); daily (a list of `days` counts).
    """
    connection = connect(workspace.tz)
    source = scan.rows(connection, workspace.table("events"), version)
    connection.execute(f"CREATE TEMP TABLE edge AS SELECT CAST(max(time) AS DATE) AS last FROM {source}")
    frame = connection.sql(f"""
        SELECT event, count(*) AS rows, count(DISTINCT person) AS people, min(time) AS first, max(time) AS last
        FROM {source} GROUP BY event ORDER BY rows DESC, event
    """).df()
    counted = connection.sql(f"""
        SELECT event, datediff('day', CAST(time AS DATE), last) AS ago, count(*) AS rows
        FROM {source}, edge WHERE time >= last - {int(days) - 1} GROUP BY ALL
    """).fetchall()
    daily: dict[str, list[int]] = {event: [0] * days for event in frame["event"]}
    for event, ago, rows in counted:
        daily[event][days - 1 - ago] = rows
    frame["daily"] = frame["event"].map(daily)
    return frame


def properties(
    workspace: Workspace, event: str | None = None, table: str = "events", version: int | None = None, *, alike: str = NEVER
) -> pd.DataFrame:
    """Return the properties of a table's rows: columns that questions use in the schema's order, then those from JSON.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    event : str, optional
        Only of the rows of this event.
    table : str
        The table.
    version : int, optional
        Its version; by default the current one.
    alike : str
        A regular expression, as RE2 knows them; `alike` of a property says whether it is found in any of the values.

    Returns
    -------
    DataFrame
        name; kind (``"text"``, ``"number"``, ``"time"`` or ``"flag"`` for yes and no; guessed from the values of text); filled (share of rows);
        distinct (values); examples (pairs of a value as text and its rows, the most frequent first; none of what says who somebody is);
        stored (``"column"`` or ``"json"``); personal; doc (what a column holds, in the language in use);
        alike.
        ``attrs`` has ``rows`` (looked at), ``of`` (there are) and ``sampled``.

    Raises
    ------
    UnknownName
        When there is no such table.
    UnknownEvent
        When there is no such event.
    """
    import pandas as pd

    connection = connect(workspace.tz)
    delta = workspace.table(table)
    source, there = _rows_of(connection, scan.rows(connection, delta, version), event)
    if event is not None and not there:
        known = connection.sql(f"SELECT DISTINCT event FROM {scan.rows(connection, delta, version)} ORDER BY event").fetchall()
        raise UnknownEvent(event, (name for (name,) in known))
    looked = connection.sql(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    columns = [c for c in schema.TABLES[table].columns if c.name not in NOT_ASKED and not pa.types.is_timestamp(c.type)]
    names = workspace.properties(table)
    connection.execute(f"CREATE TEMP TABLE tally AS {' UNION ALL '.join(_tallies(source, columns, names))}")
    counted = _counted(connection, alike)
    rows = []
    for column in columns:
        kind = None if pa.types.is_string(column.type) else "number"
        rows.append((column.name, "column", column.personal, _(column.doc), kind, *counted.get((column.name, "column"), _NONE)))
    rows += [(name, "json", False, "", None, *counted[name, "json"]) for name in names if (name, "json") in counted]
    frame = pd.DataFrame(rows, columns=["name", "stored", "personal", "doc", "typed", "guessed", "filled", "distinct", "examples", "alike"])
    frame["kind"] = frame["typed"].fillna(frame["guessed"])
    frame["filled"] = frame["filled"] / max(looked, 1)
    frame["examples"] = [[] if personal else examples for personal, examples in zip(frame["personal"], frame["examples"], strict=True)]
    frame = frame[["name", "kind", "filled", "distinct", "examples", "stored", "personal", "doc", "alike"]]
    frame.attrs.update(rows=looked, of=there, sampled=looked < there)
    return frame


_NONE: tuple[str, int, int, list[tuple[str, int]], bool] = ("text", 0, 0, [], False)


def _rows_of(connection: Any, source: str, event: str | None) -> tuple[str, int]:
    """Return SQL for the rows to look at, and how many there are in all."""
    if event is not None:
        source = f"(SELECT * FROM {source} WHERE event = {literal(event)})"
    there: int = connection.sql(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    share = -(-there // ROWS)
    return (source if share <= 1 else f"(SELECT * FROM {source} WHERE hash(seq) % {share} = 0)"), there


def _tallies(source: str, columns: list[schema.Column], names: tuple[str, ...]) -> Iterator[str]:
    """Yield queries that count the values of each column, and of all JSON properties at once: every text of properties is taken apart only once."""
    for one in columns:
        column = quoted(one.name)
        text = f"CAST({column} AS VARCHAR)"
        if one.type == schema.MONEY:
            text = f"rtrim(rtrim({text}, '0'), '.')"
        yield (
            f"SELECT {literal(one.name)} AS name, 'column' AS stored, {text} AS value, count(*) AS rows "
            f"FROM {source} WHERE {column} IS NOT NULL GROUP BY {column}"
        )
    if names:
        listed = ", ".join(literal(name) for name in names)
        pointers = ", ".join(literal(scan.pointer(name)) for name in names)
        yield f"""
            SELECT name, 'json' AS stored, value, sum(rows)::BIGINT AS rows FROM (
                SELECT unnest([{listed}]) AS name, unnest(json_extract_string(properties, [{pointers}])) AS value, rows
                FROM (SELECT properties, count(*) AS rows FROM {source} WHERE properties IS NOT NULL GROUP BY properties)
            ) WHERE value IS NOT NULL GROUP BY name, value
        """


def _counted(connection: Any, alike: str) -> dict[tuple[str, str], tuple[str, int, int, list[tuple[str, int]], bool]]:
    """Return for each property that has values their kind, rows, how many different ones, the most frequent, and whether any is like `alike`."""
    words = ", ".join(map(literal, YES_OR_NO))
    found = connection.sql(f"""
        SELECT name, stored,
            CASE WHEN bool_and(lower(value) IN ({words})) THEN 'flag'
                 WHEN bool_and(regexp_full_match(value, {literal(NUMBER)})) THEN 'number'
                 WHEN bool_and(regexp_full_match(value, {literal(DAY)})) THEN 'time' ELSE 'text' END,
            sum(rows)::BIGINT, count(*), max({{'rows': rows, 'value': left(value, {WIDEST})}}, {EXAMPLES}),
            bool_or(regexp_matches(value, {literal(alike)}))
        FROM tally GROUP BY name, stored
    """).fetchall()
    return {
        (name, stored): (kind, rows, distinct, [(one["value"], one["rows"]) for one in examples], like)
        for name, stored, kind, rows, distinct, examples, like in found
    }
