"""Relational questions: one Ibis expression over rows, run where the rows are, on DuckDB or on Spark."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from tilth.engine import spark
from tilth.engine.sources import connect

Expression = Callable[[Any], Any]
"""Makes an Ibis expression of an Ibis table."""


def ask(rows: Any, expression: Expression) -> pa.Table:
    """Return what an expression says of rows.

    Parameters
    ----------
    rows : pyarrow.Table or pyspark.sql.DataFrame
    expression : callable

    Returns
    -------
    pyarrow.Table
        In any order; a sum of whole numbers is a whole number.

    Examples
    --------
    >>> rows = pa.table({"person": ["a", "a", "b"], "amount": [1, 2, 5]})
    >>> found = ask(rows, lambda t: t.group_by("person").agg(paid=t.amount.sum()))
    >>> sorted(found.to_pylist(), key=lambda row: row["person"])
    [{'person': 'a', 'paid': 3}, {'person': 'b', 'paid': 5}]
    """
    import ibis

    name = f"rows_{uuid.uuid4().hex}"
    there = spark.is_spark(rows)
    schema = ibis.Schema.from_pyarrow(rows.limit(0).toArrow().schema if there else rows.schema)
    wanted = expression(ibis.table(schema, name=name))
    sql = str(ibis.to_sql(wanted, dialect="pyspark" if there else "duckdb"))
    found = spark.sql(rows, name, sql) if there else connect().from_arrow(rows).query(name, sql).to_arrow_table()
    return found.cast(wanted.schema().to_pyarrow())  # DuckDB sums whole numbers as wider ones
