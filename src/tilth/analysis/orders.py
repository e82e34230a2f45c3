"""The public face of value: ``tl.Orders``, on which every question about purchases is asked."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tilth.analysis.value.rfm import RFM, RFMOptions
from tilth.engine import clock, relational, spark
from tilth.engine.people import encode
from tilth.engine.relational import Expression
from tilth.engine.sources import open_source
from tilth.engine.timeline import instants, time_sql
from tilth.errors import InputError
from tilth.language import _


class BadAmount(InputError):
    """An amount that is no number."""


class Orders:
    """Order lines of people, from anything that has rows.

    Parameters
    ----------
    source : path or glob, data frame or relation
        As for ``tl.Events``.
    person : str
        The column that says who bought; null is an anonymous order.
    time : str
        The column that says when.
    amount : str
        The column with what the line adds, to four decimals; refunds are negative.
    order : str, optional
        The order's id: its lines are one purchase. Without it every row is an order of its own.
    product : str, optional
        What was bought.
    tz : str
        Time zone of times without an offset and of days.

    Examples
    --------
    >>> lines = {"user": ["a", "a", "b"], "day": ["2024-01-01", "2024-01-09", "2024-01-05"], "paid": [10, 30, 20]}
    >>> Orders(lines, person="user", time="day", amount="paid").rfm().frame[["person", "recency_days", "frequency", "monetary"]]
      person  recency_days  frequency  monetary
    0      a             1          2      40.0
    1      b             5          1      20.0
    """

    MINOR = 10_000
    """Amounts are counted in whole ten-thousandths, so that sums are exact and equal values stay equal."""

    def __new__(cls, source: Any = None, *_given: Any, **_named: Any) -> Orders:
        """Return orders on Spark where `source` is there."""
        if cls is Orders and spark.is_spark(source):
            from tilth.analysis.clustered_orders import ClusterOrders

            return super().__new__(ClusterOrders)
        return super().__new__(cls)

    def __init__(
        self,
        source: Any,
        person: str = "user_id",
        time: str = "ts",
        amount: str = "amount",
        order: str | None = None,
        product: str | None = None,
        tz: str = "Asia/Shanghai",
    ) -> None:
        self.tz = clock.zone(tz)
        self.source = open_source(source, text=tuple(name for name in (person, order, product) if name), tz=tz)
        self._columns = {"person": person, "time": time, "amount": amount, "order": order, "product": product}
        for name in self._columns.values():
            if name is not None:
                self.source.column(name)

    def __repr__(self) -> str:
        return f"Orders({len(self.lines):,} lines)"

    @cached_property
    def _scanned(self) -> tuple[pd.DataFrame, Any]:
        source, columns = self.source, self._columns
        time = str(columns["time"])
        wanted = {name: source.column(column) for name, column in columns.items() if column is not None and name not in ("time", "amount")}
        amount = source.column(columns["amount"])
        figure = f"try_cast({amount} AS DOUBLE)"
        wanted["amount"] = f"CASE WHEN isfinite({figure}) THEN (try_cast({amount} AS DECIMAL(24, 4)) * {self.MINOR})::BIGINT END"
        wanted["no_amount"] = f"CASE WHEN {figure} IS NULL AND trim({amount}::VARCHAR) <> '' THEN {amount}::VARCHAR END"
        scanned = source.scan({**wanted, **time_sql(source.column(time), source.types[time])})
        _check_amounts(scanned["no_amount"], str(columns["amount"]))
        micros, known = instants(scanned, self.tz, time)
        known &= scanned["amount"].is_valid().to_numpy()
        people, ids = encode(scanned["person"])
        orders = encode(scanned["order"])[0] if columns["order"] is not None else np.arange(len(scanned))
        amounts = scanned["amount"].fill_null(0).to_numpy()
        return pd.DataFrame({"person": people, "order": orders, "time": micros, "amount": amounts, "known": known}), ids

    @property
    def lines(self) -> pd.DataFrame:
        """Every line: person code (-1: anonymous), order code (-1: none), time in microseconds, amount in `MINOR` units, whether both are known."""
        return self._scanned[0]

    @cached_property
    def _known_lines(self) -> pa.Table:
        """The lines, null where a person or an order is not known."""
        lines = pa.Table.from_pandas(self.lines, preserve_index=False)
        for name in ("person", "order"):
            codes = lines[name]
            lines = lines.set_column(lines.column_names.index(name), name, pc.if_else(pc.less(codes, 0), None, codes))
        return lines

    def ask(self, expression: Expression) -> pa.Table:
        """Return what an Ibis expression says of the lines: person, order, time (microseconds), amount (in `MINOR` units), known.

        Persons in the answer are ids; in the lines they, and orders, are any values, null where nobody is known.
        """
        found = relational.ask(self._known_lines, expression)
        if "person" not in found.column_names:
            return found
        place = found.column_names.index("person")
        return found.set_column(place, "person", self.ids.take(found["person"].combine_chunks()))

    @property
    def ids(self) -> Any:
        """The ids behind the person codes, as an Arrow array."""
        return self._scanned[1]

    def rfm(self, at: Any = None, bins: int = 5) -> RFM:
        """Ask how recently, how often and for how much people buy; see :mod:`tilth.analysis.value.rfm`."""
        return RFM(self, RFMOptions(at, bins))


def _check_amounts(unread: Any, column: str) -> None:
    """Refuse a source with an amount that is no number, naming the first."""
    if unread.null_count < len(unread):
        row = int(np.flatnonzero(unread.is_valid().to_numpy())[0])
        raise BadAmount(
            _("Column {column}, row {row}: {value} is not a number that can be read here.").format(
                column=column, row=row + 1, value=repr(unread[row].as_py())
            )
            + " "
            + _("Write it like 1200.50, or load the file with 'tilth load', which knows more ways of writing amounts.")
        )
