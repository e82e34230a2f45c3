"""Rows of a SQL database, read through SQLAlchemy in batches, for the loader.

The server keeps the result and hands it over batch by batch, so memory stays bounded however long the table is. PostgreSQL's types are kept as
Arrow types; where a database does not declare the type of a result's column (SQLite), or Arrow has no exact counterpart (numeric without a
scale), values are written as text that loses nothing: every digit of a number, ISO times to the microsecond with their offset.

Nothing is ever written: the transaction is read-only where the server knows that, and always rolled back. Passwords are in no message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from tilth.errors import InputError, TilthError, UnknownColumn, UnknownName
from tilth.language import _
from tilth.warehouse.loading.sheets import cell_text
from tilth.warehouse.loading.sniff import SAMPLE_ROWS, Format, unique

BATCH_ROWS = 20_000

_QUERY = re.compile(r"^\s*(--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with|values|table)\b", re.IGNORECASE | re.DOTALL)
_SECRET = re.compile(r"pass|secret|token|key", re.IGNORECASE)
_POSTGRES = {  # type OIDs of pg_type.dat
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", tz="UTC"),
}
_NUMERIC = 1700


class DatabaseError(InputError):
    """A database could not be read.

    Attributes
    ----------
    url : str
        Its address, without passwords.
    """

    def __init__(self, url: str, problem: str) -> None:
        self.url = url
        super().__init__(f"{url}: {problem}")


class MissingPartError(TilthError):
    """A part that this job needs is not installed.

    Attributes
    ----------
    part : str
        The part.
    """

    def __init__(self, part: str, mend: str) -> None:
        self.part = part
        super().__init__(_("{part} is not installed.").format(part=part) + " " + mend)


@dataclass(frozen=True)
class Stretch:
    """The rows whose value in a column lies above `after` (or is it, when `inclusive`) and not above `upto`; None leaves a side open.

    Values are those that the database gives: numbers, dates, times or text. A row without a value is in no stretch.
    """

    column: str
    after: Any = None
    upto: Any = None
    inclusive: bool = False


def read(
    url: str, what: str, *, order_by: str | Sequence[str] | None = None, stretch: Stretch | None = None, batch_rows: int = BATCH_ROWS
) -> tuple[Format, pa.RecordBatchReader]:
    """Read a table or a query's result.

    Parameters
    ----------
    url : str
        The database's address as SQLAlchemy writes it: ``postgresql://user:password@host/name``, ``sqlite:///file.db`` …
    what : str
        The name of a table or view (``orders``, ``shop.orders``), or a query (``SELECT …``).
    order_by : str or sequence of str, optional
        Columns to order the rows by, so that row numbers mean the same each time.
    stretch : Stretch, optional
        Only these rows.
    batch_rows : int
        Rows to hold in memory at a time.

    Returns
    -------
    Format
        Columns and a sample, with kind ``"database"``.
    pyarrow.RecordBatchReader
        The rows. The connection closes when it is read to its end or thrown away.

    Raises
    ------
    MissingPartError
        When SQLAlchemy or the database's driver is not installed.
    DatabaseError
        When the address, the connection or the query fails; the text is the server's.
    UnknownName, UnknownColumn
        For a table or a column of it that there is none of.

    Examples
    --------
    >>> format, reader = read("sqlite://", "SELECT 1 AS id, '2024-01-05 08:03:04' AS at")
    >>> format.columns, format.sample, reader.read_all().num_rows
    (('id', 'at'), (('1', '2024-01-05 08:03:04'),), 1)
    """
    stream = _stream(url, what, (order_by,) if isinstance(order_by, str) else tuple(order_by or ()), stretch, batch_rows)
    head = next(stream)  # opened here, so that errors rise here and throwing the reader away closes the connection
    assert isinstance(head, Format)
    first = next(stream)
    assert isinstance(first, pa.RecordBatch)
    batches = (batch for part in ((first,), stream) for batch in part)
    return head, pa.RecordBatchReader.from_batches(first.schema, batches)


def extent(url: str, what: str, stretch: Stretch) -> tuple[Any, int, int]:
    """Return the highest value of the stretch's column in it, the number of its rows, and how many of them have the value that it begins after.

    The arguments and errors are those of :func:`read`.
    """
    with _connected(url, None) as (engine, shown, connection):
        import sqlalchemy as sa

        rows = _statement(engine, what, (), stretch, shown).subquery("due")
        column: Any = sa.column(stretch.column)
        ties = sa.func.sum(sa.case((column == stretch.after, 1), else_=0)) if stretch.after is not None else sa.literal(0)
        highest, count, same = connection.execute(sa.select(sa.func.max(column), sa.func.count(column), ties).select_from(rows)).one()
        return highest, count, int(same or 0)


@contextmanager
def _connected(url: str, batch_rows: int | None) -> Iterator[tuple[Any, str, Any]]:
    """Yield the engine, its address as it may be shown, and a connection that only reads; what the database says is told without passwords."""
    engine, shown, secrets = _engine(url)
    import sqlalchemy as sa

    try:
        with engine.connect() as plain:
            options: dict[str, Any] = {"yield_per": batch_rows} if batch_rows else {}
            if engine.dialect.name == "postgresql":
                options["postgresql_readonly"] = True
            yield engine, shown, plain.execution_options(**options)
    except sa.exc.SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip()
        for secret in secrets:
            said = said.replace(secret, "***")
        raise DatabaseError(shown, _("The database says: {message}").format(message=said)) from None  # the cause may hold the password
    finally:
        engine.dispose()


def _stream(url: str, what: str, order_by: tuple[str, ...], stretch: Stretch | None, batch_rows: int) -> Iterator[Format | pa.RecordBatch]:
    """Yield what the result looks like, then its batches; the first even when it is empty."""
    with _connected(url, batch_rows) as (engine, shown, connection):
        result = connection.execute(_statement(engine, what, order_by, stretch, shown))
        columns = unique(tuple(result.keys()), 0)
        types = _types(engine.dialect.name, result, len(columns))
        schema = pa.schema(list(zip(columns, types, strict=True)))
        parts = result.partitions(batch_rows)
        first: Sequence[Any] = next(parts, [])
        sample = tuple(tuple(_text(value) for value in row) for row in first[:SAMPLE_ROWS])
        yield Format("database", columns, sample)
        yield _batch(first, schema)
        for rows in parts:
            yield _batch(rows, schema)


def _engine(url: str) -> tuple[Any, str, tuple[str, ...]]:
    """Return the engine, its address as it may be shown, and the words that may not."""
    try:
        import sqlalchemy as sa
    except ImportError:
        raise MissingPartError("SQLAlchemy", _("Install it with: {command}").format(command="pip install 'tilth[sql]'")) from None
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError:
        problem = _("This is no database address. Write it like postgresql://user:password@host/name or sqlite:///file.db.")
        raise DatabaseError("***", problem) from None
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    hidden = {name: value for name, value in address.query.items() if _SECRET.search(name)}
    secrets = tuple(str(value) for value in (address.password, *hidden.values()) if value)
    shown = address.set(query={name: value for name, value in address.query.items() if name not in hidden}).render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(address, poolclass=sa.pool.NullPool)
        if engine.driver == "psycopg":
            sa.event.listen(engine, "connect", _let_times_be_endless)
        return engine, shown, secrets
    except sa.exc.NoSuchModuleError:
        problem = _("There is no database kind {kind}; installed are those of SQLAlchemy and its plug-ins.")
        raise DatabaseError(shown, problem.format(kind=repr(address.drivername))) from None
    except ImportError as error:
        part = error.name or address.drivername
        command = "pip install 'tilth[sql]'" if part.startswith("psycopg") else f"pip install {part}"
        raise MissingPartError(part, _("Install it with: {command}").format(command=command)) from None


def _let_times_be_endless(connection: Any, _record: Any) -> None:
    """Read times that Python has no value for, such as ``infinity`` and the year 10000, as empty: one must not take all rows with it."""
    import psycopg
    from psycopg.types import datetime as readers

    def tolerant(reader: Any) -> Any:
        class Tolerant(reader):  # type: ignore[misc]
            def load(self, data: Any) -> Any:
                try:
                    return super().load(data)
                except psycopg.DataError:
                    return None

        return Tolerant

    given = {"date": readers.DateLoader, "timestamp": readers.TimestampLoader, "timestamptz": readers.TimestamptzLoader}
    for kind, reader in given.items():
        connection.adapters.register_loader(kind, tolerant(reader))


def _statement(engine: Any, what: str, order_by: tuple[str, ...], stretch: Stretch | None, shown: str) -> Any:
    import sqlalchemy as sa

    used = tuple(dict.fromkeys((*order_by, *((stretch.column,) if stretch else ()))))
    if not _QUERY.match(what):
        if re.search(r"\s", what.strip()) and "." not in what:
            raise DatabaseError(shown, _("This is neither a table's name nor a query that begins with SELECT or WITH: {what}").format(what=what))
        table = _table(engine, what.strip(), used)
        return _narrowed(sa.select(*table.columns), table.columns, order_by, stretch)
    query = sa.text(what.strip().rstrip(";").replace(":", "\\:") + "\n")  # it may end in a comment
    if not used:
        return query
    given = query.columns(*(sa.column(name) for name in used)).subquery("given")
    return _narrowed(sa.select(sa.text("*")).select_from(given), given.columns, order_by, stretch)


def _narrowed(rows: Any, columns: Any, order_by: tuple[str, ...], stretch: Stretch | None) -> Any:
    if stretch is not None:
        column = columns[stretch.column]
        rows = rows.where(column.is_not(None))
        if stretch.after is not None:
            rows = rows.where(column >= stretch.after if stretch.inclusive else column > stretch.after)
        if stretch.upto is not None:
            rows = rows.where(column <= stretch.upto)
    return rows.order_by(*(columns[name] for name in order_by))


def _table(engine: Any, what: str, used: tuple[str, ...]) -> Any:
    import sqlalchemy as sa

    schema, _dot, name = what.rpartition(".")
    inspector = sa.inspect(engine)
    known = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
    if name not in known:
        raise UnknownName(_("table"), what, [f"{schema}.{one}" if schema else one for one in known])
    columns = [column["name"] for column in inspector.get_columns(name, schema or None)]
    for column in used:
        if column not in columns:
            raise UnknownColumn(column, columns)
    return sa.table(name, *(sa.column(column) for column in columns), schema=schema or None)


def _types(dialect: str, result: Any, count: int) -> list[pa.DataType]:
    """Return the Arrow type of each column: text where no exact one is known."""
    if dialect != "postgresql":
        return [pa.string()] * count
    return [_postgres_type(column) for column in result.cursor.description]


def _postgres_type(column: Any) -> pa.DataType:
    if column.type_code == _NUMERIC:
        precision, scale = column.precision, column.scale
        exact = precision is not None and scale is not None and 0 <= scale <= precision <= 38
        return pa.decimal128(precision, scale) if exact else pa.string()
    return _POSTGRES.get(column.type_code, pa.string())


def _batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    columns = []
    for at, field in enumerate(schema):
        values: list[Any] = [row[at] for row in rows]
        columns.append(pa.array([_text(value) for value in values] if field.type == pa.string() else values, field.type))
    return pa.record_batch(columns, schema=schema)


def _text(value: object) -> str | None:
    """Return a value as text that loses nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat(sep=" ")
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return cell_text(value)
