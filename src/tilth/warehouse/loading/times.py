"""SQL that reads a text as an instant.

Every kind of time ends as an instant in UTC, to the microsecond (finer digits are cut off). A text without an offset is the wall clock
of a time zone. Which offset held is worked out once for the zone from the system's time zone rules and written into the SQL as
comparisons, because asking a calendar library row by row costs three times as much; a wall clock that occurs twice is the first of the
two, one that a change of clocks skips is read with the offset before the change, as :mod:`datetime` does with ``fold=0``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from tilth.warehouse.loading.mapping import UNIX_KINDS

SPACE = " \t\r\n\u00a0\u3000\ufeff"
_MICROS = {"unix_s": 1_000_000, "unix_ms": 1_000, "unix_us": 1}
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # seconds of the years 1 to 9999, the span that all our tools can show
_KNOWN_FROM, _KNOWN_TO = 1900, 2100  # years whose changes of clocks are written into the SQL

# Already canonical, so that a plain cast reads it. DuckDB's cast passes over words that follow, hence the full match.
_PLAIN = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?"
_WITH_OFFSET = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)"
_PARTS = ("year", "month", "day", "before", "hour", "minute", "second", "fraction", "after", "offset")
_ANY = (
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:T|\s*[日号]|\b)"
    r"(?:\s*(?:星期|周|礼拜)[一二三四五六日天])?"
    r"(?:\s*(上午|下午|凌晨|早上|中午|傍晚|晚上|(?i:am|pm))?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*"
    r"(?:[:分]\s*(\d{1,2})?(?:[.,](\d+))?\s*秒?)?\s*((?i:am|pm))?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
_AFTER_NOON = "('下午', '中午', '傍晚', '晚上', 'PM')"
_BEFORE_NOON = "('上午', '凌晨', '早上', 'AM')"
_WIDE = "０１２３４５６７８９：／－．，　"
_NARROW = "0123456789:/-., "


def literal(text: str) -> str:
    """Return a text as an SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def instant(text: str, kind: str, tz: str) -> str:
    """Return SQL that reads the SQL expression `text` as an instant (TIMESTAMP WITH TIME ZONE), NULL where it is none.

    Parameters
    ----------
    text : str
        An SQL expression of type VARCHAR.
    kind : str
        One of the time kinds of :mod:`tilth.warehouse.loading.mapping`.
    tz : str
        Time zone of wall clocks.

    Examples
    --------
    >>> import duckdb
    >>> duckdb.execute("SELECT epoch(" + instant("'2024年1月5日 下午8时3分'", "chinese", "Asia/Shanghai") + ")").fetchone()
    (1704456180.0,)
    """
    if kind in UNIX_KINDS:
        return _unix(text, kind)
    if kind == "excel":
        return _excel(text, tz)
    if kind in ("dmy", "mdy"):
        return _once(_year_first(text, kind), "d", _dated("d", tz))
    if kind == "ymd":
        compact = f"regexp_replace({text}, '^\\s*(\\d{{4}})(\\d{{2}})(\\d{{2}})(?:\\s*(\\d{{2}})(\\d{{2}})(\\d{{2}})?)?\\s*$', "
        joined = f"rtrim({compact}'\\1-\\2-\\3 \\4:\\5:\\6'), ' :')"
        return _once(f"CASE WHEN {text} LIKE '________' OR strlen({text}) > 10 THEN {joined} ELSE {text} END", "d", _dated("d", tz))
    return _dated(text, tz)


def _once(value: str, name: str, body: str) -> str:
    """Return SQL for `body`, in which `name` stands for `value`, so that `value` is computed once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _unix(text: str, kind: str) -> str:
    if kind == "unix_ns":  # floor: an instant before 1970 must not move later
        whole = f"TRY_CAST({text} AS BIGINT)"
        floored = f"({whole} - (({whole} % 1000) + 1000) % 1000) // 1000"
        return f"CASE WHEN regexp_full_match({text}, '\\s*-?\\d+\\s*') THEN make_timestamptz({floored}) END"
    micros = _MICROS[kind]
    bounds = f"BETWEEN {_FIRST * 1_000_000 // micros} AND {_LAST * 1_000_000 // micros}"
    whole, exact = f"TRY_CAST({text} AS BIGINT)", f"TRY_CAST({text} AS DECIMAL(38, 9))"
    # A number that a spreadsheet wrote with an exponent has lost its last digits: it is no time any more.
    return (
        f"CASE WHEN contains({text}, '.') THEN CASE WHEN {exact} {bounds} AND regexp_full_match({text}, '[-\\d.\\s]+')"
        f" THEN make_timestamptz(CAST(floor({exact} * {micros}) AS BIGINT)) END"
        f" WHEN {whole} {bounds} AND NOT contains({text}, 'E') AND NOT contains({text}, 'e')"
        f" THEN make_timestamptz({whole} * {micros}) END"
    )


def _excel(text: str, tz: str) -> str:
    days = f"TRY_CAST({text} AS DOUBLE)"
    # Spreadsheets keep milliseconds; finer digits are what is left of a division. Day 60 is a 29 February 1900 that never was.
    wall = f"make_timestamp((CAST(round({days} * 86400000) AS BIGINT) - {25_569 * 86_400_000}) * 1000)"
    return f"CASE WHEN {days} >= 61 AND {days} < 2958466 THEN {_once(wall, 'w', _zoned('w', tz))} END"


def _year_first(text: str, kind: str) -> str:
    order = r"-\2-\1" if kind == "dmy" else r"-\1-\2"
    date = r"^\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*"
    turned = f"regexp_replace({text}, '{date}(\\d{{4}})', '\\3{order}')"
    for century, years in (("20", r"(?:[0-5]\d|6[0-8])"), ("19", r"(?:69|[7-9]\d)")):
        turned = f"regexp_replace({turned}, '{date}({years})(\\D|$)', '{century}\\3{order}\\4')"
    return turned


def _dated(text: str, tz: str) -> str:
    wall = f"TRY_CAST({text} AS TIMESTAMP)"
    zoned = _once(wall, "w", _zoned("w", tz))
    return (
        f"CASE WHEN {text} LIKE '____-__-__ __:__:__' OR {text} LIKE '____-__-__T__:__:__' THEN {zoned}"
        f" WHEN regexp_full_match({text}, {literal(_PLAIN)}) THEN {zoned}"
        f" WHEN regexp_full_match({text}, {literal(_WITH_OFFSET)}) THEN TRY_CAST({text} AS TIMESTAMPTZ)"
        f" WHEN {text} IS NOT NULL THEN {_any_form(text, tz)} END"
    )


def _any_form(text: str, tz: str) -> str:
    tidy = f"translate(trim({text}, {literal(SPACE)}), '{_WIDE}', '{_NARROW}')"
    parts = f"regexp_extract({tidy}, {literal(_ANY)}, [{', '.join(map(repr, _PARTS))}])"
    clock = " || ':' || ".join(f"coalesce(nullif(p.{name}, ''), '0')" for name in ("hour", "minute", "second"))
    written = f"p.year || '-' || p.month || '-' || p.day || ' ' || {clock} || '.' || coalesce(nullif(p.fraction, ''), '0')"
    half = "coalesce(nullif(upper(p.before), ''), upper(p.after))"
    shift = (
        f"CASE WHEN {half} IN {_AFTER_NOON} AND (TRY_CAST(p.hour AS INTEGER) < 12 OR ({half} = '晚上' AND p.hour = '12')) THEN 12"
        f" WHEN {half} IN {_BEFORE_NOON} AND p.hour = '12' THEN -12 ELSE 0 END"
    )
    wall = f"TRY_CAST({written} AS TIMESTAMP) + to_hours({shift})"
    digits = "replace(p.offset, ':', '')"
    offset = (
        f"CASE WHEN p.offset[1] IN ('+', '-') THEN TRY_CAST(p.offset[1] || '1' AS INTEGER)"
        f" * (TRY_CAST({digits}[2:3] AS INTEGER) * 60 + coalesce(TRY_CAST({digits}[4:5] AS INTEGER), 0)) ELSE 0 END"
    )
    moment = f"make_timestamptz(epoch_us({wall}) - ({offset}) * CAST(60000000 AS BIGINT))"
    return _once(parts, "p", f"CASE WHEN p.offset <> '' THEN {moment} ELSE {_once(wall, 'w', _zoned('w', tz))} END")


def _zoned(wall: str, tz: str) -> str:
    """Return SQL for the instant of the wall clock `wall` (TIMESTAMP) in the zone `tz`."""
    offsets = _offsets(tz)
    if len(offsets) == 1:
        return f"make_timestamptz(epoch_us({wall}) - {offsets[0][1]})"
    outside = f"{wall} < TIMESTAMP '{_KNOWN_FROM}-01-02' OR {wall} >= TIMESTAMP '{_KNOWN_TO}-01-01'"
    tree = f"make_timestamptz(epoch_us({wall}) - {_tree(wall, offsets)})"
    latest, offset = offsets[-1]
    return (
        f"CASE WHEN {wall} >= TIMESTAMP '{latest.isoformat(sep=' ')}' AND {wall} < TIMESTAMP '{_KNOWN_TO}-01-01'"
        f" THEN make_timestamptz(epoch_us({wall}) - {offset}) WHEN {outside} THEN timezone({literal(tz)}, {wall}) ELSE {tree} END"
    )


def _tree(wall: str, offsets: tuple[tuple[datetime, int], ...]) -> str:
    if len(offsets) == 1:
        return str(offsets[0][1])
    middle = len(offsets) // 2
    since = offsets[middle][0].isoformat(sep=" ")
    return f"CASE WHEN {wall} < TIMESTAMP '{since}' THEN {_tree(wall, offsets[:middle])} ELSE {_tree(wall, offsets[middle:])} END"


@cache
def _offsets(tz: str) -> tuple[tuple[datetime, int], ...]:
    """Return from which wall clock on which offset, in microseconds, is taken from it; in order."""
    zone = ZoneInfo(tz)
    day = timedelta(days=1)
    at = datetime(_KNOWN_FROM, 1, 1, tzinfo=UTC)
    end = datetime(_KNOWN_TO, 1, 1, tzinfo=UTC)
    before = _offset(at, zone)
    found = [(datetime(1, 1, 1), before // timedelta(microseconds=1))]
    while at < end:
        after = _offset(at + day, zone)
        if after != before:
            moment = _change(at, at + day, zone)
            # fold=0: the old offset holds to the later of the two wall clocks that the moment has
            since = (moment + max(before, after)).replace(tzinfo=None)
            found.append((since, after // timedelta(microseconds=1)))
            before = after
        at += day
    return tuple(found)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None  # a ZoneInfo always has one
    return offset


def _change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high
