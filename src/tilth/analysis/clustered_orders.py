"""Orders on Spark: lines are read where they lie, and relational questions run there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from tilth.analysis.orders import Orders
from tilth.engine import relational
from tilth.engine.relational import Expression
from tilth.engine.spark import PLACE, SparkRows


@dataclass(frozen=True)
class Reading:
    """How some rows become lines, as it travels to every part: the columns of ``tl.Orders``, and the time zone."""

    columns: dict[str, str | None]
    tz: str

    def __call__(self, rows: pa.Table) -> pa.Table:
        """Return the lines that rows tell of."""
        orders = Orders(rows.drop_columns([PLACE]), **self.columns, tz=self.tz)  # type: ignore[arg-type]
        order = self.columns["order"]
        read = orders.lines
        return pa.table(
            {
                "person": rows[self.columns["person"]],
                "order": rows[PLACE if order is None else order],
                "time": pa.array(read["time"], pa.int64()),
                "amount": pa.array(read["amount"], pa.int64()),
                "known": pa.array(read["known"], pa.bool_()),
            }
        )


class ClusterOrders(Orders):
    """Order lines of people in a Spark data frame; what ``tl.Orders`` returns when it is given one. Arguments are the same.

    Notes
    -----
    What is relational, such as RFM, runs on Spark. ``lines`` fetches all of them: for questions that need them here.
    """

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
        self._rows = SparkRows(source)
        super().__init__(self._rows.empty, person, time, amount, order, product, tz)  # of nobody: says what is wrong with the columns

    def __repr__(self) -> str:
        return "Orders(lines on Spark)"

    @cached_property
    def _scanned(self) -> Any:
        return Orders(self._rows.frame.toArrow(), **self._columns, tz=self.tz.key)._scanned  # type: ignore[arg-type]

    def ask(self, expression: Expression) -> pa.Table:
        """Return what an Ibis expression says of the lines; see :meth:`Orders.ask`."""
        columns, kinds = self._columns, dict(self._rows.frame.dtypes)
        named = list(dict.fromkeys(name for name in columns.values() if name is not None))
        person, order = kinds[str(columns["person"])], "bigint" if columns["order"] is None else kinds[columns["order"]]
        schema = f"`person` {person}, `order` {order}, `time` bigint, `amount` bigint, `known` boolean"
        return relational.ask(self._rows.read(named, schema, Reading(columns, self.tz.key)), expression)
