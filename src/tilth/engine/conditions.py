"""Conditions on rows: a dict of equalities or an Ibis deferred expression, as one SQL expression for DuckDB.

``{"channel": "douyin", "city": ["上海", "杭州"]}`` holds where every column equals its value, or one of its values. A null equals nothing.
``_.value > 100`` (``from ibis import _``) is anything that Ibis can say about one row.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from typing import Any

from tilth.errors import InputError, UnknownColumn
from tilth.language import _

Condition = Any
"""A dict of equalities, or an Ibis deferred expression (a callable from an Ibis table to a boolean column does too)."""


class BadCondition(InputError):
    """A condition that cannot be used."""


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier.

    >>> print(quoted("order"))
    "order"
    """
    return '"' + name.replace('"', '""') + '"'


def condition_sql(given: Condition, types: Mapping[str, str], relation: Any) -> str:
    r"""Return `given` as an SQL expression that is true or false, never null.

    Raises
    ------
    UnknownColumn
        When it names a column that `types` does not have.
    BadCondition
        When it is neither a dict nor an Ibis expression, or not about single rows.

    Examples
    --------
    >>> condition_sql({"city": ["上海", "杭州"], "vip": True}, {"city": "VARCHAR", "vip": "BOOLEAN"}, None)
    'coalesce("city" IN (\'上海\', \'杭州\') AND "vip" = true, false)'
    """
    if isinstance(given, Mapping):
        for name in given:
            if name not in types:
                raise UnknownColumn(name, types)
        parts = [_equality(quoted(str(name)), value) for name, value in given.items()]
        return f"coalesce({' AND '.join(parts) or 'true'}, false)"
    if callable(given) or type(given).__module__.partition(".")[0] == "ibis":
        return f"coalesce({_ibis_sql(given, types, relation)}, false)"
    raise BadCondition(
        _("{given} is not a condition: give a dict such as {example}, or an Ibis expression such as _.value > 100.").format(
            given=repr(given), example="{'channel': 'douyin'}"
        )
    )


def columns_of(sql: str) -> set[str]:
    """Return the columns that a condition's SQL expression reads.

    >>> sorted(columns_of(condition_sql({"city": "上海", "vip": True}, {"city": "VARCHAR", "vip": "BOOLEAN"}, None)))
    ['city', 'vip']
    """
    import sqlglot as sg

    return {column.name for column in sg.parse_one(sql, read="duckdb").find_all(sg.exp.Column)}


def literal(value: Any) -> str:
    """Return a Python value as an SQL literal."""
    if hasattr(value, "item") and not hasattr(value, "isoformat"):  # a numpy scalar
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | decimal.Decimal):
        return str(value)
    if isinstance(value, float):
        return f"'{value!r}'::DOUBLE"
    if isinstance(value, dt.datetime):
        return f"'{value.isoformat(sep=' ')}'::{'TIMESTAMPTZ' if value.tzinfo else 'TIMESTAMP'}"
    if isinstance(value, dt.date):
        return f"'{value.isoformat()}'::DATE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    raise BadCondition(_("A {kind} cannot be compared with a column: {value}.").format(kind=type(value).__name__, value=repr(value)))


def _equality(column: str, value: Any) -> str:
    if value is None:
        return "false"  # a null equals nothing, not even null
    if isinstance(value, list | tuple | set | frozenset):
        values = [literal(v) for v in value if v is not None]
        return f"{column} IN ({', '.join(values)})" if values else "false"
    return f"{column} = {literal(value)}"


def _ibis_sql(given: Any, types: Mapping[str, str], relation: Any) -> str:
    import ibis
    import sqlglot as sg

    schema = ibis.Schema.from_pyarrow(relation.limit(0).to_arrow_table().schema)
    table = ibis.table(schema, name="source")
    try:
        bound = table.bind(given)[0] if not callable(given) or isinstance(given, ibis.Deferred) else given(table)
        query = sg.parse_one(ibis.to_sql(table.select(condition=bound), dialect="duckdb"), read="duckdb")
    except (AttributeError, ibis.common.exceptions.IbisError) as fault:
        named = getattr(fault, "name", None)
        if isinstance(fault, AttributeError) and named and named not in types:
            raise UnknownColumn(named, types) from fault
        raise BadCondition(_("The condition cannot be used: {fault}").format(fault=str(fault))) from fault
    origin = query.args.get("from_") or query.args.get("from")
    if query.find(sg.exp.Subquery, sg.exp.Window, sg.exp.AggFunc) or not isinstance(origin.this, sg.exp.Table):
        raise BadCondition(_("The condition looks at more than one row: it may only use columns of the row itself."))
    chosen = query.selects[0].unalias()
    for column in chosen.find_all(sg.exp.Column):
        column.set("table", None)
    return str(chosen.sql(dialect="duckdb"))
