"""Whatever rows come in: a file, a data frame, a relation. Every source becomes one DuckDB relation that is read column by column.

Nothing is copied on the way in: DuckDB scans pandas, polars and Arrow where they lie, and reads files as they are asked. The one copy is the columns
that a question needs, as Arrow.
"""

from __future__ import annotations

import atexit
import codecs
import glob
import gzip
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from tilth.engine.conditions import Condition, condition_sql, literal, quoted
from tilth.errors import InputError, UnknownColumn
from tilth.language import _

_FILES = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".csv.gz": "csv", ".tsv.gz": "csv",
    ".jsonl": "json", ".ndjson": "json", ".jsonl.gz": "json", ".ndjson.gz": "json", ".parquet": "parquet",
}  # fmt: skip


_shared: dict[int, Any] = {}
_making = Lock()
atexit.register(_shared.clear)


class SourceError(InputError):
    """A source that cannot be opened or read."""


class Source:
    """Rows behind a DuckDB relation.

    Parameters
    ----------
    relation : duckdb.DuckDBPyRelation
        The rows. Every scan must give them in the same order, because columns scanned at different times belong together: a file or a table does,
        a join or an aggregate does not.
    keep : object
        What has to live as long as the relation: its connection, the data that it reads.
    """

    def __init__(self, relation: Any, keep: object = None) -> None:
        self.relation = relation
        self._keep = keep

    @cached_property
    def types(self) -> dict[str, str]:
        """The columns and their DuckDB types."""
        return {name: str(kind) for name, kind in zip(self.relation.columns, self.relation.types, strict=True)}

    def column(self, name: object) -> str:
        """Return the name of a column as SQL, or say which there are."""
        if name not in self.types:
            raise UnknownColumn(name, self.types)
        return quoted(str(name))

    def condition(self, given: Condition) -> str:
        """Return a condition as an SQL expression that is true or false for every row; a null is false."""
        return condition_sql(given, self.types, self.relation)

    def scan(self, columns: Mapping[str, str]) -> pa.Table:
        """Return the SQL expressions of `columns` for all rows, in the order of the source, as one Arrow table."""
        try:
            rows = self.relation.project(", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items()))
            return rows.to_arrow_table()
        except duckdb.Error as fault:
            raise SourceError(
                _("The source cannot be read: {fault}").format(fault=first_line(fault))
                + " "
                + _("A file with rows that do not fit is best loaded with 'tilth load', which keeps such rows aside.")
            ) from fault


def open_source(given: Any, text: tuple[str, ...] = (), tz: str = "UTC") -> Source:
    """Return the :class:`Source` of a path or glob (csv, tsv, jsonl, parquet, gzipped or not), a pandas or polars data frame, an Arrow table or
    anything with an Arrow stream, a mapping of columns, a DuckDB relation, an Ibis table or a Spark data frame.

    `text` names the columns of a CSV file that stay text whatever they look like (ids with leading zeros); conditions read times in `tz`.

    Raises
    ------
    SourceError
        When there is no such file, or `given` is nothing that rows can be read from.
    """  # noqa: D205
    if isinstance(given, Source):
        return given
    if isinstance(given, str | Path):
        return _file(connect(tz), str(given), text)
    if isinstance(given, duckdb.DuckDBPyRelation):
        return _arrow(connect(tz), given.to_arrow_table())
    home = type(given).__module__.partition(".")[0]
    if home == "ibis":
        return _arrow(connect(tz), given.to_pyarrow())
    if home == "pyspark":
        return _arrow(connect(tz), given.toArrow())
    if home in ("pandas", "polars"):
        return _frame(connect(tz), given)
    if isinstance(given, Mapping):
        return _arrow(connect(tz), pa.table(dict(given)))
    if hasattr(given, "__arrow_c_stream__"):
        return _arrow(connect(tz), given if isinstance(given, pa.Table) else pa.table(given))
    raise SourceError(
        _(
            "Rows cannot be read from a {kind}: give a path, a pandas or polars data frame, an Arrow table, a DuckDB relation, an Ibis table "
            "or a Spark data frame."
        ).format(kind=f"{type(given).__module__}.{type(given).__qualname__}")
    )


def connect(tz: str = "UTC") -> Any:
    """Return an in-memory DuckDB connection set up as Tilth needs it: rows keep their order, nothing is fetched from outside.

    Conditions read hours and days of instants, and compare them with wall clocks, in `tz`. The connections of a process share one database, for it
    takes longer to make one than to answer many a question: temporary tables and views are a connection's own, nothing else is. Whoever has limits
    to set takes a :func:`database`.
    """
    with _making:
        shared = _shared.get(os.getpid())
        if shared is None:
            shared = _shared[os.getpid()] = database()
        connection = shared.cursor()
    _settle(connection, tz)
    return connection


def database(tz: str = "UTC") -> Any:
    """Return a connection like that of :func:`connect` to a database of its own: its limits, threads and tables are nobody else's."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    connection.execute("SET preserve_insertion_order = true")
    _settle(connection, tz)
    return connection


def _settle(connection: Any, tz: str) -> None:
    connection.execute(f"SET TimeZone = {literal(tz)}")
    with suppress(duckdb.Error):  # a notebook without ipywidgets has no bar to turn off, and says so with an error
        connection.execute("SET enable_progress_bar = false")


def first_line(fault: BaseException) -> str:
    """Return what a fault says in its first line; further lines advise on options that Tilth does not have."""
    return str(fault).strip().partition("\n")[0]


def _arrow(connection: Any, table: pa.Table) -> Source:
    return Source(connection.from_arrow(table), keep=(connection, table))


def _frame(connection: Any, frame: Any) -> Source:
    if type(frame).__module__.startswith("polars"):
        frame = frame.collect() if hasattr(frame, "collect") else frame
    else:
        frame = frame.rename(columns=str) if not all(isinstance(c, str) for c in frame.columns) else frame
        if any(isinstance(column.dtype, np.dtype) and column.to_numpy().strides[0] < 0 for _name, column in frame.items()):
            frame = frame.copy()  # DuckDB 2.0 cannot scan columns that run backwards, as those of frame[::-1] do
    try:
        connection.register("source", frame)
        connection.table("source").limit(0).to_arrow_table()
    except duckdb.Error as fault:
        raise SourceError(
            _("The data frame has a column of a type that cannot be read; convert it, or leave it out: {fault}").format(fault=first_line(fault))
        ) from fault
    return Source(connection.table("source"), keep=(connection, frame))


def _file(connection: Any, path: str, text: tuple[str, ...]) -> Source:
    found = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) and not Path(path).exists() else [path]  # noqa: PTH207  # of any folder
    if not found or not Path(found[0]).exists():
        raise SourceError(_("There is no file {path} (looked from {folder}).").format(path=repr(path), folder=repr(str(Path.cwd()))))
    name = Path(found[0]).name.casefold()
    kind = next((kind for ending, kind in _FILES.items() if name.endswith(ending)), None)
    try:
        if kind == "csv":
            relation = _csv(connection, found, text)
        elif kind == "json":
            relation = connection.read_json(found, format="newline_delimited")
        elif kind == "parquet":
            relation = connection.read_parquet(found)
        else:
            raise SourceError(
                _(
                    "{path} is of no kind that can be read here: give csv, tsv, jsonl (each also as .gz) or parquet, or load it with 'tilth load'."
                ).format(path=repr(found[0]))
            )
    except duckdb.Error as fault:
        raise SourceError(_("{path} cannot be read: {fault}").format(path=repr(path), fault=first_line(fault))) from fault
    return Source(relation, keep=connection)


def _is_utf8(path: str) -> bool:
    """Whether the beginning of a file is UTF-8; a character cut at its end does not count against it."""
    with gzip.open(path) if path.casefold().endswith(".gz") else open(path, "rb") as stream:  # noqa: PTH123  # either kind of stream
        head = stream.read(1 << 20)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _gb18030(path: str, text: tuple[str, ...]) -> pa.Table:
    from pyarrow import csv

    tabs = ".tsv" in path.casefold()
    try:
        return csv.read_csv(
            path,
            read_options=csv.ReadOptions(encoding="gb18030"),
            parse_options=csv.ParseOptions(delimiter="\t" if tabs else ",", newlines_in_values=True),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(text, pa.string()), strings_can_be_null=True, null_values=[""]),
        )
    except (pa.ArrowInvalid, UnicodeError) as fault:
        raise SourceError(
            _("{path} is neither UTF-8 nor GB18030 throughout, or its rows differ in length: {fault}").format(path=repr(path), fault=fault)
        ) from fault


def _csv(connection: Any, found: list[str], text: tuple[str, ...]) -> Any:
    if not all(_is_utf8(path) for path in found):  # as a Chinese Excel saves it; DuckDB's wheel reads UTF-8 only
        return connection.from_arrow(pa.concat_tables([_gb18030(path, text) for path in found], promote_options="permissive"))
    names = connection.read_csv(found, sample_size=100).columns  # a quick look; types need a longer one
    return connection.read_csv(found, sample_size=100_000, dtype={name: "VARCHAR" for name in text if name in names})
