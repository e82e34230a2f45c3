"""Rows on Spark: dealt out by person over its executors, each of which runs the same kernels."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pyarrow as pa

from tilth import language
from tilth.engine.sources import SourceError, first_line
from tilth.errors import TilthError, UnknownColumn
from tilth.language import _

PLACE = "tilth place"
"""The column that says where a row stood in the source."""
AT_ONCE = 1_000_000
"""Rows that Spark hands over at a time."""


class SparkError(SourceError):
    """Spark could not do what it was asked, or is not there."""

    def __init__(self, fault: BaseException) -> None:
        said = _("Spark failed: {fault}").format(fault=first_line(fault))
        if "No module named 'tilth'" in str(fault):
            said = _("The Python of Spark's executors does not know Tilth: install tilth there, or name one that does in PYSPARK_PYTHON.")
        if isinstance(fault, ImportError):
            said = _("Spark is not installed: install tilth with its extra 'spark'.")
        super().__init__(said)


class SparkRows:
    """The rows of a Spark data frame.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
    order : str, optional
        A column that says in which order rows of one time stand; without it, and after it, the place in the source does.

    Attributes
    ----------
    empty : pyarrow.Table
        None of them, in their columns.
    """

    def __init__(self, frame: Any, order: str | None = None) -> None:
        from pyspark.sql import functions as sql

        self.empty: pa.Table = frame.limit(0).toArrow()
        if order is not None and order not in self.empty.column_names:
            raise UnknownColumn(order, self.empty.column_names)
        self.frame = frame
        self._frame = frame.withColumn(PLACE, sql.monotonically_increasing_id())
        ties = [] if order is None else [sql.col(_ticked(order)).asc_nulls_last()]
        self._order = [*ties, sql.col(_ticked(PLACE))]

    def lying(self, columns: Sequence[str], work: Callable[[pa.Table], Any]) -> list[Any]:
        """Return what `work` makes of the rows of each partition that has any."""
        return self._collected(self._frame.select(*map(_ticked, columns)), work)

    def dealt(self, columns: Sequence[str], person: str, work: Callable[[pa.Table], Any]) -> list[Any]:
        """Return what `work` makes of the rows of whole people, in the order of the source; who is null is left out."""
        from pyspark.sql import functions as sql

        who = sql.col(_ticked(person))
        rows = self._frame.where(who.isNotNull()).repartition(who).sortWithinPartitions(*self._order)
        return self._collected(rows.select(*map(_ticked, columns)), work)

    def read(self, columns: Sequence[str], schema: str, work: Callable[[pa.Table], pa.Table]) -> Any:
        """Return the data frame of what `work` makes of the rows, batch by batch; a row says in :data:`PLACE` where it stood."""
        return self._frame.select(*map(_ticked, columns), PLACE).mapInArrow(partial(_mapped, work), schema)

    def _collected(self, rows: Any, work: Callable[[pa.Table], Any]) -> list[Any]:
        found = collected(rows.mapInArrow(partial(_worked, work, language.current()), "found binary"))["found"]
        answers = [pickle.loads(one.as_buffer()) for one in found]  # noqa: S301  # made by our own code on this cluster a moment ago
        for one in answers:
            if isinstance(one, TilthError):
                raise one
        return answers


def collected(rows: Any) -> pa.Table:
    """Return the rows of a data frame; SparkError when Spark fails."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        with _large_batches(rows.sparkSession):
            return rows.toArrow()
    except (PySparkException, Py4JError) as fault:
        raise SparkError(fault) from fault


def sql(rows: Any, name: str, query: str) -> pa.Table:
    """Return the answer to a query over a data frame, which it calls `name`."""
    rows.createOrReplaceTempView(name)
    try:
        return collected(rows.sparkSession.sql(query))
    finally:
        rows.sparkSession.catalog.dropTempView(name)


def _mapped(work: Callable[[pa.Table], pa.Table], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield from work(pa.Table.from_batches([batch])).to_batches()


def _worked(work: Callable[[pa.Table], Any], spoken: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Do a partition's work where it lies; an error that explains itself travels back like an answer."""
    given = list(batches)
    if sum(batch.num_rows for batch in given):
        with language.using(spoken):
            try:
                found = work(pa.Table.from_batches(given))
            except TilthError as fault:
                found = fault
        yield pa.RecordBatch.from_arrays([pa.array([pickle.dumps(found, pickle.HIGHEST_PROTOCOL)], pa.binary())], ["found"])


@contextmanager
def _large_batches(session: Any) -> Iterator[None]:
    """Let Spark hand over many rows at a time: kernels run over all rows of a partition at once."""
    name = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = session.conf.get(name)
    session.conf.set(name, str(AT_ONCE))
    try:
        yield
    finally:
        session.conf.set(name, before)


def _ticked(name: str) -> str:
    """Return a column's name as Spark reads it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def is_spark(given: Any) -> bool:
    """Whether something is a Spark data frame."""
    return type(given).__module__.partition(".")[0] == "pyspark"


def session() -> Any:
    """Return the Spark session in use, or else one as Spark's own configuration says; its executors run the Python that runs here.

    Raises
    ------
    SparkError
        Where Spark is not installed or does not start.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as fault:
        raise SparkError(fault) from fault
    try:
        return SparkSession.getActiveSession() or SparkSession.builder.appName("tilth").getOrCreate()
    except PySparkException as fault:
        raise SparkError(fault) from fault
