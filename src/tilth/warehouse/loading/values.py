"""SQL that reads the text of a source as the typed values of a table.

:func:`sql` gives, for one field of a mapping, a DuckDB expression over the source's text columns. It is the typed value, or NULL where
the text cannot be read so. :func:`empty` tells where there is nothing to read, which is no fault; :func:`fault` where there is something
that does not fit. The common forms are plain casts; decorated ones (¥1,234.5, １２.５万, (30), 2024年1月5日) are looked at only where
the cast fails.

>>> import duckdb
>>> from tilth.warehouse import schema
>>> from tilth.warehouse.loading.mapping import Field
>>> read = sql(Field("price", "number"), schema.MONEY, "Asia/Shanghai")
>>> rows = duckdb.execute(f"SELECT {read} FROM (VALUES ('¥1,234.5'), ('1.2万'), ('dear')) AS source(price)").fetchall()
>>> [str(value) for (value,) in rows]
['1234.5000', '12000.0000', 'None']
"""

from __future__ import annotations

import pyarrow as pa

from tilth.engine.conditions import literal, quoted
from tilth.warehouse.loading import times
from tilth.warehouse.loading.mapping import DATE_KINDS, NUMBER_KINDS, TIME_KINDS, Field, MappingError, kinds_for
from tilth.warehouse.loading.times import PARTS, SPACE, once

# What sources write where there is nothing; all at most six bytes long, which is checked first because it is cheap.
BLANKS = ("", "-", "--", "—", "——", "NULL", "null", "None", "NaN", "nan", "N/A", "#N/A", r"\N")
ZERO_DATES = ("0000-00-00", "0000-00-00 00:00:00")

_MONEY = "DECIMAL(18, 4)"
_FACTOR = "DECIMAL(19, 8)"  # two of them multiply without loss: 38 digits
_SHORT = "DECIMAL(9, 4)"
_WIDE = "０１２３４５６７８９．，－−＋（）％￥"
_NARROW = "0123456789.,--+()%¥"
_DECORATED = (
    r"^(\()?([-+]?)(?:¥|\$|€|£|RMB|CNY|人民币)?([-+]?)"
    r"(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)"
    r"(千|百|万|亿|[kKwW])?(?:元|块|人民币|RMB|CNY)?(%)?(-?)(\))?$"
)
_EXPONENTS = {"百": 2, "千": 3, "k": 3, "K": 3, "万": 4, "w": 4, "W": 4, "亿": 8}


def sql(field: Field, type: pa.DataType, tz: str, line: str | None = None) -> str:
    """Return SQL that reads a field: its value as the DuckDB counterpart of the Arrow `type`, or NULL.

    Parameters
    ----------
    field : Field
        A field of a mapping. Its columns are read as VARCHAR.
    type : pyarrow.DataType
        Type of the table's column, of :mod:`tilth.warehouse.schema`.
    tz : str
        Time zone of times without an offset.
    line : str, optional
        SQL that gives each row a text of its own; needed for kind ``"line"`` only.

    Returns
    -------
    str
        An expression of type VARCHAR, DECIMAL(18, 4), BIGINT or TIMESTAMP WITH TIME ZONE. It does not depend on the session's settings.

    Raises
    ------
    MappingError
        For a kind that does not give this type, or kind ``"line"`` without `line`.
    """
    if field.kind not in kinds_for(type):
        raise MappingError("?", field.column, f"{field.kind} does not give {type}")
    if field.kind == "line":
        if line is None:
            raise MappingError("?", field.column, "kind 'line' needs the SQL of a line's id")
        return f"CAST({line} AS VARCHAR)"
    if field.column is None:
        return _constant(field, type, tz)
    read = _read(field, type, tz)
    if field.constant is None:
        return read
    return f"CASE WHEN {empty(field)} THEN {_constant(field, type, tz)} ELSE {read} END"


def empty(field: Field) -> str:
    """Return SQL that is true where the field's text is empty, so that a NULL is no fault; never NULL.

    A product of two columns is empty where either is, a sum where both are.
    """
    if field.column is None:
        return "FALSE" if field.constant or field.kind == "line" else "TRUE"
    first = _blank(quoted(field.column), field.kind)
    if field.times:
        return f"({first} OR {_blank(quoted(field.times), field.kind)})"
    if field.plus:
        return f"({first} AND {_blank(quoted(field.plus), field.kind)})"
    return first


def fault(field: Field, type: pa.DataType, tz: str) -> str:
    """Return SQL that is true where the field has a text that cannot be read; never NULL."""
    if field.column is None or field.kind in ("text", "line"):
        return "FALSE"
    return f"({_read(field, type, tz)} IS NULL AND NOT {empty(field)})"


def _blank(text: str, kind: str) -> str:
    # Only texts that begin as a blank or with white space are trimmed; CASE, because AND would trim all, and once, because IN is many
    # comparisons, for which DuckDB would trim all too.
    begins = " OR ".join((f"{text} < '.'", f"{text} > '~'", *(f"{text} BETWEEN '{low}' AND '{high}'" for low, high in ("NO", "no", "\\]"))))
    zero = f" OR {text} IN ({', '.join(map(literal, ZERO_DATES))})" if kind in DATE_KINDS else ""
    tidy = once(f"trim({text}, {literal(SPACE)})", PARTS, f"{PARTS} IN ({', '.join(map(literal, BLANKS))})")
    return f"CASE WHEN {text} IS NULL{zero} THEN TRUE WHEN {begins} THEN {tidy} ELSE FALSE END"


def _constant(field: Field, type: pa.DataType, tz: str) -> str:
    value = literal(field.constant or "")
    if field.kind in TIME_KINDS:
        return times.instant(value, field.kind, tz)
    if field.kind in NUMBER_KINDS:
        return _number(value, field.kind, type)
    return value


def _read(field: Field, type: pa.DataType, tz: str) -> str:
    assert field.column is not None
    text = quoted(field.column)
    if field.kind in TIME_KINDS:
        return times.instant(_with_clock(text, field.clock), field.kind, tz)
    if field.kind in NUMBER_KINDS:
        return _figure(field, text, type)
    plain = _id(text) if field.kind == "id" else _text(text)
    if not field.values:
        return plain
    whens = " ".join(f"WHEN {literal(said)} THEN {literal(meant)}" for said, meant in field.values.items())
    return f"CASE {plain} {whens} ELSE {plain} END"


def _text(text: str) -> str:
    # Most texts begin and end with a visible ASCII character: those need no trimming, which costs more than reading them. The last character
    # is looked at by turning the text round, the cheapest way there is.
    blanks = ", ".join(map(literal, BLANKS))
    plain = f"{text} >= '!' AND {text} < '~' AND reverse({text}) BETWEEN '!' AND '~' AND NOT (strlen({text}) < 7 AND {text} IN ({blanks}))"
    trimmed = once(f"trim({text}, {literal(SPACE)})", PARTS, f"CASE WHEN {PARTS} NOT IN ({blanks}) THEN {PARTS} END")
    return f"CASE WHEN {plain} THEN {text} ELSE {trimmed} END"


def _id(text: str) -> str:
    # What spreadsheets and exports do to ids: ="123", '123, 123.0. One in scientific notation has lost its digits and is no id any more.
    plain = _text(text)
    unusual = [f"{text} < '0'", f"{text} BETWEEN '=' AND '>'", f"{text} BETWEEN '`' AND 'a'", f"ends_with({text}, '.0')", f"contains({text}, 'E+')"]
    marked = " OR ".join(unusual)
    bare = rf"""regexp_replace(regexp_replace({plain}, '^(?:=?"(.*)"|[''`](.*))$', '\1\2'), '^(\d+)\.0$', '\1')"""
    return rf"CASE WHEN {marked} THEN CASE WHEN NOT regexp_full_match({plain}, '\d(\.\d+)?E\+\d+') THEN {bare} END ELSE {plain} END"


def _with_clock(date: str, clock: str | None) -> str:
    if clock is None:
        return date
    # An export from a spreadsheet writes the date as 2024-01-05 00:00:00 and the time in the next column.
    day = rf"regexp_replace({date}, '[ T]0?0:00(:00)?(\.0+)?$', '')"
    return f"trim(concat({day}, ' ', {_text(quoted(clock))}))"


def _figure(field: Field, text: str, type: pa.DataType) -> str:
    if field.times:
        figure = _product(text, quoted(field.times), field.kind)
    elif field.plus:
        figure = _sum(text, quoted(field.plus), field.kind)
    else:
        figure = _decimal(text, field.kind, _MONEY) if field.kind != "year" else ""
    if field.negative:
        figure = f"-abs({figure})"
    if field.kind == "year":
        return _year(text)
    return _whole(figure) if pa.types.is_integer(type) else figure


def _number(text: str, kind: str, type: pa.DataType) -> str:
    if kind == "year":
        return _year(text)
    return _whole(_decimal(text, kind, _MONEY)) if pa.types.is_integer(type) else _decimal(text, kind, _MONEY)


def _product(first: str, second: str, kind: str) -> str:
    exact = f"TRY_CAST({_decimal(first, kind, _FACTOR)} * {_decimal(second, kind, _FACTOR)} AS {_MONEY})"
    if kind != "number":
        return exact
    # Most factors are short enough that their product is a machine word.
    short = " AND ".join(rf"regexp_full_match({text}, '-?\d{{1,5}}(\.\d{{1,4}})?')" for text in (first, second))
    small = f"CAST(TRY_CAST({first} AS {_SHORT}) * TRY_CAST({second} AS {_SHORT}) AS {_MONEY})"
    return f"CASE WHEN {short} THEN {small} ELSE {exact} END"


def _sum(first: str, second: str, kind: str) -> str:
    both = [(_blank(text, kind), _decimal(text, kind, _MONEY)) for text in (first, second)]
    added = " + ".join(f"CASE WHEN {blank} THEN 0 ELSE {figure} END" for blank, figure in both)
    return f"CASE WHEN NOT ({both[0][0]} AND {both[1][0]}) THEN TRY_CAST({added} AS {_MONEY}) END"


def _whole(figure: str) -> str:
    return f"CASE WHEN {figure} % 1 = 0 THEN CAST({figure} AS BIGINT) END"


def _year(text: str) -> str:
    found = rf"TRY_CAST(regexp_extract({text}, '^\s*(\d{{4}})(?:\D|\d{{4}}\s*$|\s*$)', 1) AS BIGINT)"
    return f"CASE WHEN {found} BETWEEN 1850 AND 2100 THEN {found} END"


def _decimal(text: str, kind: str, type: str) -> str:
    if kind == "number_comma":
        plain = f"translate(replace({text}, '.', ''), ',', '.')"
        text = rf"(CASE WHEN regexp_full_match({text}, '[^.]*|[^,]*\d{{1,3}}(\.\d{{3}})+(,.*)?') THEN {plain} END)"
    narrow = f"CASE WHEN regexp_matches({text}, '[{_WIDE}]') THEN translate({text}, {literal(_WIDE)}, {literal(_NARROW)}) ELSE {text} END"
    tidy = f"regexp_replace({narrow}, '[\\s\u00a0\u3000]', '', 'g')"
    names = ("open", "before", "between", "digits", "unit", "percent", "after", "close")
    parts = f"regexp_extract({tidy}, {literal(_DECORATED)}, [{', '.join(map(literal, names))}])"
    # The unit moves the decimal point as an exponent, so that nothing is rounded before the end.
    units = " ".join(f"WHEN {literal(unit)} THEN {power}" for unit, power in _EXPONENTS.items())
    sign = f"CASE WHEN concat({PARTS}.open, {PARTS}.before, {PARTS}.between, {PARTS}.after) SIMILAR TO '.*[(-].*' THEN '-' ELSE '' END"
    power = f"CASE {PARTS}.unit {units} ELSE 0 END - CASE {PARTS}.percent WHEN '%' THEN 2 ELSE 0 END"
    written = f"{sign} || replace({PARTS}.digits, ',', '') || 'e' || ({power})"
    closed = f"{PARTS}.digits <> '' AND ({PARTS}.open = '') = ({PARTS}.close = '')"
    decorated = once(parts, PARTS, f"CASE WHEN {closed} THEN TRY_CAST({written} AS {type}) END")
    # What most decorated figures are: a sign of money, commas between thousands.
    bare = f"TRY_CAST(regexp_replace({text}, '[¥￥$,]', '', 'g') AS {type})"
    simple = rf"CASE WHEN regexp_full_match({text}, '-?[¥￥$]?\d{{1,3}}(,\d{{3}})*(\.\d+)?') THEN {bare} END"
    return f"coalesce(TRY_CAST({text} AS {type}), {simple}, {decorated})"
