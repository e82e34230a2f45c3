"""SQL that reads a text as an instant.

Every kind of time ends as an instant in UTC, to the microsecond (finer digits are cut off). A text without an offset is the wall clock
of a time zone. Which offset held is worked out once for the zone from the system's time zone rules and written into the SQL as
comparisons, because asking a calendar library row by row costs three times as much; a wall clock that occurs twice is the first of the
two, one that a change of clocks skips is read with the offset before the change, as :mod:`datetime` does with ``fold=0``.

How the SQL is put together follows from how DuckDB runs it. A part that occurs twice in an expression is computed once for every row, even
where CASE would have left it out: good for what all rows need (the cast to a timestamp, compared with many changes of clocks), bad for what
few need. What few need is therefore bound by :func:`once`, which DuckDB runs only on the rows that come so far.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial
from zoneinfo import ZoneInfo

from tilth.engine.conditions import literal
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
_SEP = r"\s*[-/.]\s*"
_TWO = rf"^\s*(\d{{{{1,2}}}}){_SEP}(\d{{{{1,2}}}}){_SEP}"
# How the usual form of each kind becomes what a cast reads; other texts stay as they are.
_USUAL = {
    "iso": "{text}",
    "ymd": r"rtrim(regexp_replace({text}, '^(\d{{4}})(\d{{2}})(\d{{2}})(?:\s?(\d{{2}})(\d{{2}})(\d{{2}})?)?$', '\1-\2-\3 \4:\5:\6'), ' :')",
    "dmy": r"regexp_replace(regexp_replace({text}, '^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}})', '\3-\2-\1'),"
    r" '^(\d{{1,2}})[-/.](\d{{1,2}})[-/.]([0-5]\d|6[0-8])(\D|$)', '20\3-\2-\1\4')",
    "mdy": r"regexp_replace(regexp_replace({text}, '^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}})', '\3-\1-\2'),"
    r" '^(\d{{1,2}})[-/.](\d{{1,2}})[-/.]([0-5]\d|6[0-8])(\D|$)', '20\3-\1-\2\4')",
    "chinese": r"rtrim(regexp_replace({text}, '^(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日(?:\s*(\d{{1,2}})[时:点](\d{{1,2}})[分:]?(\d{{0,2}})秒?)?$',"
    r" '\1-\2-\3 \4:\5:\6'), ' :')",
}
# Two figures of a year are of 1969 to 2068, as POSIX has it.
_YEAR_FIRST = {
    kind: f"regexp_replace(regexp_replace(regexp_replace({{text}}, '{_TWO}(\\d{{{{4}}}})', '\\3{order}'),"
    f" '{_TWO}([0-5]\\d|6[0-8])(\\D|$)', '20\\3{order}\\4'), '{_TWO}(69|[7-9]\\d)(\\D|$)', '19\\3{order}\\4')"
    for kind, order in (("dmy", "-\\2-\\1"), ("mdy", "-\\1-\\2"))
}
_AFTER_NOON = "('下午', '中午', '傍晚', '晚上', 'PM')"
_BEFORE_NOON = "('上午', '凌晨', '早上', 'AM')"
_WIDE = "０１２３４５６７８９：／－．，　"
_NARROW = "0123456789:/-., "


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
    return _dated(text, kind, tz)


# Names inside the SQL that no source calls a column: DuckDB takes a column before a lambda's parameter of the same name.
PARTS, WALL, DATED = '"parts of it"', '"wall clock of it"', '"date of it"'


def once(value: str, name: str, body: str) -> str:
    """Return SQL for `body`, in which `name` stands for `value`, so that `value` is computed once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _unix(text: str, kind: str) -> str:
    if kind == "unix_ns":  # floor: an instant before 1970 must not move later
        whole = f"TRY_CAST({text} AS BIGINT)"
        floored = f"({whole} - (({whole} % 1000) + 1000) % 1000) // 1000"
        return f"CASE WHEN regexp_full_match({text}, '\\s*-?\\d+\\s*') THEN make_timestamptz({floored}) END"
    micros = _MICROS[kind]
    bounds = f"BETWEEN {_FIRST * 1_000_000 // micros} AND {_LAST * 1_000_000 // micros}"
    whole = f"TRY_CAST({text} AS BIGINT)"
    exact = f"CASE WHEN {PARTS} {bounds} THEN make_timestamptz(CAST(floor({PARTS} * {micros}) AS BIGINT)) END"
    # A number that a spreadsheet wrote with an exponent has lost its last digits: it is no time any more.
    return (
        f"CASE WHEN contains({text}, '.') THEN CASE WHEN regexp_full_match({text}, '[-\\d.\\s]+')"
        f" THEN {once(f'TRY_CAST({text} AS DECIMAL(38, 9))', PARTS, exact)} END"
        f" WHEN {whole} {bounds} AND NOT (strlen({text}) < 9 AND (contains({text}, 'E') OR contains({text}, 'e')))"
        f" THEN make_timestamptz({whole} * {micros}) END"
    )


def _excel(text: str, tz: str) -> str:
    days = f"TRY_CAST({text} AS DOUBLE)"
    # Spreadsheets keep milliseconds; finer digits are what is left of a division. Day 60 is a 29 February 1900 that never was.
    wall = f"make_timestamp((CAST(round({days} * 86400000) AS BIGINT) - {25_569 * 86_400_000}) * 1000)"
    return f"CASE WHEN {days} >= 61 AND {days} < 2958466 THEN {once(wall, WALL, _zoned(WALL, tz))} END"


def _dated(text: str, kind: str, tz: str) -> str:
    """Return SQL for a date of `kind`: its usual form by a cast, any other form part by part."""
    usual = _USUAL[kind].format(text=text)
    zoned = _zoned(f"TRY_CAST({usual} AS TIMESTAMP)", tz)
    turned = _YEAR_FIRST.get(kind, "{text}").format(text=text)
    return (
        f"CASE {_iso_seconds(text, tz) if kind == 'iso' else ''}"
        f" WHEN regexp_full_match({usual}, {literal(_PLAIN)}) THEN {zoned}"
        f" WHEN regexp_full_match({text}, {literal(_WITH_OFFSET)}) THEN TRY_CAST({text} AS TIMESTAMPTZ)"
        f" WHEN {text} IS NOT NULL THEN {once(turned, DATED, _any_form(DATED, tz))} END"
    )


def _iso_seconds(text: str, tz: str) -> str:
    """Return the branches for 2024-01-05 08:03:04, the commonest form of all.

    LIKE is four times as fast as a regular expression, and texts of this form are in the order of the times they say: which offset holds is
    told by comparing texts, and each is cast but once.
    """
    offsets = _offsets(tz)
    branches = ""
    for mark in (" ", "T"):
        shape = f"{text} LIKE '____-__-__{mark}__:__:__'"
        cast = f"epoch_us(TRY_CAST({text} AS TIMESTAMP))"
        latest = max(offsets[-1][0].isoformat(sep=mark), str(_KNOWN_FROM))
        if _steady(offsets):
            branches += f" WHEN {shape} AND {text} >= '{latest}' AND {text} < '{_KNOWN_TO}' THEN make_timestamptz({cast} - {offsets[-1][1]})"
        tree = _tree(text, offsets, partial(_written, mark))
        branches += f" WHEN {shape} AND {text} >= '{_KNOWN_FROM}-01-02' AND {text} < '{_KNOWN_TO}' THEN make_timestamptz({cast} - {tree})"
    return branches


def _written(mark: str, moment: datetime) -> str:
    return literal(moment.isoformat(sep=mark))


def _steady(offsets: tuple[tuple[datetime, int], ...]) -> bool:
    """Say whether a zone has kept its offset for long, so that nearly all times are under its latest."""
    return offsets[-1][0].year < _KNOWN_TO - 75


def _any_form(text: str, tz: str) -> str:
    narrow = f"CASE WHEN regexp_matches({text}, '[{_WIDE}]') THEN translate({text}, '{_WIDE}', '{_NARROW}') ELSE {text} END"
    tidy = f"trim({narrow}, {literal(SPACE)})"
    parts = f"regexp_extract({tidy}, {literal(_ANY)}, [{', '.join(map(repr, _PARTS))}])"
    clock = " || ':' || ".join(f"coalesce(nullif({PARTS}.{name}, ''), '0')" for name in ("hour", "minute", "second"))
    written = f"{PARTS}.year || '-' || {PARTS}.month || '-' || {PARTS}.day || ' ' || {clock} || '.' || coalesce(nullif({PARTS}.fraction, ''), '0')"
    half = f"coalesce(nullif(upper({PARTS}.before), ''), upper({PARTS}.after))"
    shift = (
        f"CASE WHEN {half} IN {_AFTER_NOON} AND (TRY_CAST({PARTS}.hour AS INTEGER) < 12 OR ({half} = '晚上' AND {PARTS}.hour = '12')) THEN 12"
        f" WHEN {half} IN {_BEFORE_NOON} AND {PARTS}.hour = '12' THEN -12 ELSE 0 END"
    )
    wall = f"TRY_CAST({written} AS TIMESTAMP) + to_hours({shift})"
    digits = f"replace({PARTS}.offset, ':', '')"
    offset = (
        f"CASE WHEN {PARTS}.offset[1] IN ('+', '-') THEN TRY_CAST({PARTS}.offset[1] || '1' AS INTEGER)"
        f" * (TRY_CAST({digits}[2:3] AS INTEGER) * 60 + coalesce(TRY_CAST({digits}[4:5] AS INTEGER), 0)) ELSE 0 END"
    )
    moment = f"make_timestamptz(epoch_us({wall}) - ({offset}) * CAST(60000000 AS BIGINT))"
    return once(parts, PARTS, f"CASE WHEN {PARTS}.offset <> '' THEN {moment} ELSE {once(wall, WALL, _zoned(WALL, tz))} END")


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"


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


def _tree(wall: str, offsets: tuple[tuple[datetime, int], ...], written: Callable[[datetime], str] = _timestamp) -> str:
    """Return SQL for the offset that holds at `wall`, found by halving; `written` writes the moments to compare it with."""
    if len(offsets) == 1:
        return str(offsets[0][1])
    middle = len(offsets) // 2
    since = written(offsets[middle][0])
    return f"CASE WHEN {wall} < {since} THEN {_tree(wall, offsets[:middle], written)} ELSE {_tree(wall, offsets[middle:], written)} END"


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
