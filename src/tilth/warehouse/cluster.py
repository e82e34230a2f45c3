"""A workspace's events on Spark: the same files, read where they lie, each id's rows given to the person whom it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tilth.engine import spark
from tilth.engine.cluster import Offered
from tilth.engine.conditions import literal
from tilth.warehouse import identities, scan
from tilth.warehouse.delta import Delta
from tilth.warehouse.index import held, identities_then

if TYPE_CHECKING:
    from tilth.analysis.clustered import ClusterEvents
    from tilth.warehouse.workspace import Workspace


def events(workspace: Workspace, version: int | None = None) -> ClusterEvents:
    """Return the events of a version of the table, by default the present one, for questions to Spark.

    The folder has to be one that every executor sees under the same path. Ids are the people for whom they stand, or stood at that version.

    Raises
    ------
    SourceError
        When Spark is not there, or does not find the files.
    """
    from tilth.analysis.clustered import ClusterEvents

    session = spark.session()
    table = workspace.table("events")
    _version, files = table.files(version)
    frame = _read(session, table, [file.path for file in files])
    at = identities.version(workspace) if version is None else identities_then(workspace, version)
    frame = _as_people(session, _as_then(session, frame, identities.past(workspace, at)), held(workspace, at))
    offered = tuple(
        Offered(name, "properties", f"json_extract_string(properties, {literal(scan.pointer(name))})") for name in workspace.properties("events")
    )
    rows = spark.SparkRows(frame, "seq")
    return ClusterEvents(rows, "person", "time", "event", tz=workspace.tz, week_start=workspace.week_start, offered=offered)


def _read(session: Any, table: Delta, paths: list[str]) -> Any:
    """Return the rows of a table's files in its stored columns; older files may lack some."""
    from pyspark.sql.pandas.types import from_arrow_schema

    stored = from_arrow_schema(table.arrow)
    if not paths:
        return session.createDataFrame([], stored)
    return session.read.schema(stored).option("basePath", str(table.path)).parquet(*paths)


def _as_then(session: Any, frame: Any, past: pa.Table) -> Any:
    """Return rows with the person that their id stood for at their time; `past` are the links that ended: value, person, since, until."""
    from pyspark.sql import functions as sql

    if not past.num_rows:
        return frame
    known = session.createDataFrame(past.rename_columns(["past id", "past person", "past since", "past until"]))
    then = (sql.col("`past since`").isNull() | (sql.col("time") >= sql.col("`past since`"))) & (sql.col("time") < sql.col("`past until`"))
    joined = frame.join(known, (sql.col("person") == sql.col("`past id`")) & then, "left")
    return joined.withColumn("person", sql.coalesce("`past person`", "person")).drop("past id", "past person", "past since", "past until")


def _as_people(session: Any, frame: Any, links: pa.Table) -> Any:
    """Return rows with the person that each id stands for; `links` are value and person."""
    from pyspark.sql import functions as sql

    if not links.num_rows:
        return frame
    known = session.createDataFrame(links.rename_columns(["linked id", "linked person"]))
    joined = frame.join(known, sql.col("person") == sql.col("`linked id`"), "left")
    return joined.withColumn("person", sql.coalesce("`linked person`", "person")).drop("linked id", "linked person")
