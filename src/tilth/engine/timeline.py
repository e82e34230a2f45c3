"""People in order: who did what when, person by person, each person's events in time order. What kernels run over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tilth.engine import shards
from tilth.engine.clock import from_wall
from tilth.engine.kernels import order as kernels
from tilth.engine.people import Directory, encode
from tilth.engine.sources import Source
from tilth.errors import InputError
from tilth.language import _

_OFFSET = r":[0-9.]+\s*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)\s*$"
_DAY = r"(19|20)[0-9]{6}"
_MILLISECONDS_FROM = 10**11


class UnreadableTime(InputError):
    """A time column with a value that is no time."""


@dataclass(frozen=True)
class Timeline:
    """Rows in the order of people and time.

    Attributes
    ----------
    directory : Directory
        The people.
    offsets : ndarray of int64, shape (people + 1,)
        Person p's events are ``offsets[p]`` up to ``offsets[p + 1]``.
    times : ndarray of int64, shape (events,)
        Instants in microseconds.
    rows : ndarray of int, shape (events,)
        Where each event stands in the source.
    left_out : int
        Rows of the source without a person or a time.
    """

    directory: Directory
    offsets: NDArray[np.int64]
    times: NDArray[np.int64]
    rows: NDArray[Any]
    left_out: int

    def __len__(self) -> int:
        return len(self.times)

    @property
    def person(self) -> NDArray[np.uint32]:
        """The person code of every event."""
        return np.repeat(np.arange(len(self.directory), dtype=np.uint32), np.diff(self.offsets))

    @cached_property
    def span(self) -> tuple[int, int]:
        """The times of the first event and of the last; 0 where there is none."""
        return (int(self.times.min()), int(self.times.max())) if len(self.times) else (0, 0)

    def narrowed(self, keep: NDArray[np.bool_]) -> Timeline:
        """Return the timeline of the events where `keep`; people without any stay in the directory."""
        before = np.concatenate([[0], np.cumsum(keep)])
        return Timeline(self.directory, before[self.offsets], self.times[keep], self.rows[keep], self.left_out)


def time_sql(column: str, kind: str) -> dict[str, str]:
    """Return SQL expressions that read a time column of DuckDB type `kind`.

    ``number`` where it holds numbers; else ``micros`` and ``wall``, whether these are wall clock rather than an instant, and for text ``unread``,
    what is no time. Text is ISO 8601 (T or a space between date and time), with or without an offset, or a number.
    """
    if kind in ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"):
        return {"micros": f"epoch_us({column}::TIMESTAMP)", "wall": "true"}
    if kind in ("NULL", '"NULL"'):
        return {"micros": "NULL::BIGINT", "wall": "false"}
    if kind == "TIMESTAMP WITH TIME ZONE":
        return {"micros": f"epoch_us({column})", "wall": "false"}
    if kind in ("DOUBLE", "FLOAT"):
        return {"number": f"CASE WHEN isfinite({column}) THEN {column}::DOUBLE END"}
    if kind.startswith("DECIMAL"):
        return {"number": f"{column}::DOUBLE"}
    if "INT" in kind:
        return {"number": f"{column}::BIGINT"}
    if kind == "VARCHAR":
        number, day = f"try_cast({column} AS DOUBLE)", f"regexp_full_match(trim({column}), '{_DAY}')"
        micros = (
            f"CASE WHEN {day} THEN epoch_us(try_strptime(trim({column}), '%Y%m%d')) "
            f"WHEN {number} IS NOT NULL THEN CASE WHEN abs({number}) >= {_MILLISECONDS_FROM} THEN round({number} * 1000) "
            f"ELSE round({number} * 1000000) END::BIGINT "
            f"WHEN regexp_matches({column}, '{_OFFSET}') THEN epoch_us(try_cast({column} AS TIMESTAMPTZ)) "
            f"ELSE epoch_us(try_cast({column} AS TIMESTAMP)) END"
        )
        return {
            "micros": micros,
            "wall": f"{day} OR NOT ({number} IS NOT NULL OR regexp_matches({column}, '{_OFFSET}'))",
            "unread": f"CASE WHEN trim({column}) <> '' AND ({micros}) IS NULL THEN {column} END",
        }
    raise UnreadableTime(_("Column {column} is of type {kind}, which holds no times.").format(column=column, kind=kind))


def instants(scanned: pa.Table, tz: ZoneInfo, column: str, are_days: bool | None = None) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the instants of a scan of :func:`time_sql`, and which of them are known.

    `are_days` says whether numbers are days like 19970131; by default they are looked at.
    """
    if "number" in scanned.column_names:
        known = pc.is_valid(scanned["number"]).to_numpy(zero_copy_only=False)
        values = scanned["number"].fill_null(0).to_numpy(zero_copy_only=False)
        days = None if are_days is False else _days(values[known])
        if days is not None:
            out = np.zeros(len(values), np.int64)
            out[known] = from_wall(days, tz)
            return out, known
        return np.rint(np.where(np.abs(values) >= _MILLISECONDS_FROM, values * 1_000, values * 1_000_000)).astype(np.int64), known
    if "unread" in scanned.column_names and scanned["unread"].null_count < len(scanned):
        row = int(np.flatnonzero(pc.is_valid(scanned["unread"]).to_numpy(zero_copy_only=False))[0])
        raise UnreadableTime(
            _("Column {column}, row {row}: {value} is not a time that can be read here.").format(
                column=column, row=row + 1, value=repr(scanned["unread"][row].as_py())
            )
            + " "
            + _("Write it like 2025-11-11 20:00:00, or load the file with 'tilth load', which knows more ways of writing times.")
        )
    known = pc.is_valid(scanned["micros"]).to_numpy(zero_copy_only=False)
    values = scanned["micros"].fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64, copy=True)
    wall = scanned["wall"].fill_null(False).to_numpy(zero_copy_only=False) & known
    if wall.all():
        return from_wall(values, tz), known
    values[wall] = from_wall(values[wall], tz)
    return values, known


def is_days(scanned: pa.Table) -> bool:
    """Whether the times of a scan of :func:`time_sql` are whole numbers that are all days like 19970131."""
    return "number" in scanned.column_names and _days(scanned["number"].drop_null().to_numpy()) is not None


def _days(numbers: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return midnights in microseconds if all `numbers` are days written like 19970131, else None.

    As unix seconds they would all lie between August and September 1970.
    """
    if not len(numbers) or numbers.min() < 19000101 or numbers.max() > 21001231:
        return None
    whole = numbers.astype(np.int64)
    year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    first = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    valid = (whole == numbers) & (month >= 1) & (month <= 12) & (day >= 1)
    dates = first.astype("datetime64[D]") + (day - 1)
    if not (valid & (dates.astype("datetime64[M]") == first)).all():
        return None
    return dates.astype("datetime64[us]").astype(np.int64)


def build(
    source: Source, person: str, time: str, order: str | None, tz: ZoneInfo, also: Mapping[str, str], are_days: bool | None = None
) -> tuple[Timeline, pa.Table]:
    """Return the timeline of a source, and the columns of `also` (SQL by name) as they stand in the source.

    One scan, a counting sort by person, and each person's events by time, `order` and place; `are_days` as for :func:`instants`.
    """
    wanted = {"person": source.column(person), **time_sql(source.column(time), source.types[time])}
    if order is not None:
        wanted["ties"] = source.column(order)
    scanned = source.scan({**also, **wanted})
    codes, ids = encode(scanned["person"])
    times, known = instants(scanned, tz, time, are_days)
    codes = np.where(known, codes, np.int32(-1))
    ties = _ranks(scanned["ties"]) if order is not None else np.empty(0, np.int64)
    rows, offsets = kernels.group_rows(codes, len(ids))
    shards.run(lambda a, b: kernels.sort_each(rows, offsets, times, ties, a, b), offsets)
    return Timeline(Directory(ids), offsets, times[rows], rows, len(codes) - len(rows)), scanned.select(list(also))


def _ranks(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return numbers that sort as a column does, nulls last."""
    if pa.types.is_null(column.type):
        return np.zeros(len(column), np.int64)
    if pa.types.is_integer(column.type) and column.null_count == 0:
        return column.to_numpy().astype(np.int64, copy=False)
    ranks: Any = pc.rank(column.combine_chunks(), sort_keys="ascending", tiebreaker="dense")  # nulls rank last
    return ranks.to_numpy(zero_copy_only=False).astype(np.int64)
