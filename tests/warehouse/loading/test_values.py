"""Texts become the values that Python's own datetime, zoneinfo and Decimal make of them, or NULL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.warehouse import schema
from tilth.warehouse.loading import values
from tilth.warehouse.loading.mapping import Field, MappingError

SHANGHAI = "Asia/Shanghai"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = [SHANGHAI, "UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"]


SESSION = duckdb.connect()
SESSION.execute("SET GLOBAL TimeZone = 'America/New_York'")  # values must not depend on it


def read(field: Field, type: pa.DataType, texts: list[str | None], others: list[str | None] | None = None, tz: str = SHANGHAI) -> list:
    """Read texts as the loader does, in a session of another time zone: instants as microseconds, all else as text."""
    sql = values.sql(field, type, tz, line="'L' || x")
    shown = f"epoch_us({sql})" if pa.types.is_timestamp(type) else f"CAST({sql} AS VARCHAR)"
    with SESSION.cursor() as connection:
        connection.register("source", pa.table({"x": pa.array(texts, pa.string()), "y": pa.array(others or [None] * len(texts), pa.string())}))
        return [value for (value,) in connection.execute(f"SELECT {shown} FROM source").fetchall()]


def instant(text: str, kind: str = "iso", tz: str = SHANGHAI) -> str | None:
    (micros,) = read(Field("x", kind), schema.TIME, [text], tz=tz)
    return None if micros is None else (EPOCH + timedelta(microseconds=micros)).astimezone(ZoneInfo(tz)).isoformat(sep=" ")


def number(text: str, kind: str = "number") -> str | None:
    (value,) = read(Field("x", kind), schema.MONEY, [text])
    return value


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


moments = st.datetimes(datetime(1, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))
common_walls = st.datetimes(datetime(1900, 1, 3), datetime(2099, 12, 30))


@given(st.lists(common_walls, min_size=1, max_size=40), st.sampled_from(ZONES))
@settings(max_examples=25, deadline=None)
def test_wall_clocks_are_those_of_zoneinfo(walls: list[datetime], tz: str) -> None:
    texts = [wall.isoformat(sep=" ") for wall in walls]
    expected = [micros(wall.replace(tzinfo=ZoneInfo(tz)).astimezone(UTC)) for wall in walls]  # fold=0, as PEP 495 has it
    assert read(Field("x", "iso"), schema.TIME, texts, tz=tz) == expected


@pytest.mark.parametrize("tz", ZONES)
def test_every_change_of_clocks_is_that_of_zoneinfo(tz: str) -> None:
    """Minutes around every change between 1900 and 2100, gaps and repeated hours included."""
    zone, moment, walls = ZoneInfo(tz), datetime(1900, 1, 2, tzinfo=UTC), []
    while moment.year < 2100:
        after = moment + timedelta(hours=12)
        if moment.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            local = moment.astimezone(zone).replace(tzinfo=None)
            walls += [local + timedelta(minutes=minutes) for minutes in range(-120, 15 * 60, 29)]
        moment = after
    walls = walls[:6000] or [datetime(2024, 1, 1)]
    expected = [micros(wall.replace(tzinfo=zone).astimezone(UTC)) for wall in walls]
    assert read(Field("x", "iso"), schema.TIME, [wall.isoformat() for wall in walls], tz=tz) == expected


@given(st.lists(st.tuples(moments, st.integers(-14 * 60, 14 * 60), st.sampled_from(["T", " "]), st.booleans()), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_offsets_are_instants_whatever_the_zone(cases: list[tuple[datetime, int, str, bool]]) -> None:
    texts, expected = [], []
    for moment, offset, mark, colon in cases:
        local = moment.astimezone(timezone(timedelta(minutes=offset))) if 2 < moment.year < 9998 else moment
        text = local.isoformat(sep=mark)
        texts.append(text if colon else text[:-3] + text[-2:])
        expected.append(micros(moment))
    assert read(Field("x", "iso"), schema.TIME, texts, tz="America/New_York") == expected


@given(st.lists(moments, min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_unix_times_are_exact_to_the_microsecond(cases: list[datetime]) -> None:
    for kind, unit in (("unix_s", 1_000_000), ("unix_ms", 1_000), ("unix_us", 1)):
        whole = [str(micros(case) // unit) for case in cases]
        assert read(Field("x", kind), schema.TIME, whole) == [int(text) * unit for text in whole]
        exact = [str(Decimal(micros(case)) / unit) for case in cases]
        assert read(Field("x", kind), schema.TIME, exact) == [micros(case) for case in cases]


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=30))
@settings(max_examples=20, deadline=None)
def test_nanoseconds_are_cut_never_moved_later(cases: list[int]) -> None:
    expected = [int((Decimal(case) / 1000).to_integral_value(ROUND_FLOOR)) for case in cases]
    assert read(Field("x", "unix_ns"), schema.TIME, [str(case) for case in cases]) == expected


@given(st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)), min_size=1, max_size=20), st.booleans(), st.sampled_from("/-."))
@settings(max_examples=25, deadline=None)
def test_dates_of_every_order_are_the_same_day(walls: list[datetime], long: bool, mark: str) -> None:
    year = "%Y" if long else "%y"
    expected = [micros(wall.replace(tzinfo=ZoneInfo(SHANGHAI), second=0, microsecond=0)) for wall in walls]
    for kind, form in (
        ("dmy", f"%d{mark}%m{mark}{year} %H:%M"),
        ("mdy", f"%m{mark}%d{mark}{year} %I:%M %p"),
        ("ymd", f"%Y{mark}%m{mark}%d %H:%M"),
        ("ymd", "%Y%m%d%H%M"),
        ("chinese", "%Y年%m月%d日 %H时%M分"),
    ):
        assert read(Field("x", kind), schema.TIME, [wall.strftime(form) for wall in walls]) == expected, form


@given(st.lists(st.datetimes(datetime(1900, 3, 2), datetime(2099, 1, 1)), min_size=1, max_size=30))
@settings(max_examples=20, deadline=None)
def test_spreadsheet_days_are_exact_to_the_millisecond(walls: list[datetime]) -> None:
    walls = [wall.replace(microsecond=wall.microsecond // 1000 * 1000) for wall in walls]
    serials = [f"{(wall - datetime(1899, 12, 30)) / timedelta(days=1):.10f}" for wall in walls]
    expected = [micros(wall.replace(tzinfo=UTC)) for wall in walls]
    assert read(Field("x", "excel"), schema.TIME, serials, tz="UTC") == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("2024-01-05", "iso", "2024-01-05 00:00:00+08:00"),
        (" 2024/1/5  8:03 ", "iso", "2024-01-05 08:03:00+08:00"),
        ("2024.01.05", "ymd", "2024-01-05 00:00:00+08:00"),
        ("19970101", "ymd", "1997-01-01 00:00:00+08:00"),
        ("2024年1月5日 8时3分", "chinese", "2024-01-05 08:03:00+08:00"),
        ("2024年1月5日8时3分4秒", "chinese", "2024-01-05 08:03:04+08:00"),
        ("2024年1月5日 下午8:03", "chinese", "2024-01-05 20:03:00+08:00"),
        ("2024年1月5日 星期五 上午12:30", "chinese", "2024-01-05 00:30:00+08:00"),
        ("2024-01-05 中午12点", "chinese", "2024-01-05 12:00:00+08:00"),
        ("2024-01-05 晚上12点", "chinese", "2024-01-06 00:00:00+08:00"),
        ("２０２４－０１－０５　０８：０３", "iso", "2024-01-05 08:03:00+08:00"),
        ("1990-07-01 12:00:00", "iso", "1990-07-01 12:00:00+09:00"),  # summer time was kept in China from 1986 to 1991
        ("2024-01-05 08:03:04.1234567", "iso", "2024-01-05 08:03:04.123456+08:00"),
        ("2024-01-05T00:03:04Z", "iso", "2024-01-05 08:03:04+08:00"),
        ("2024-01-05 08:03 PM", "iso", "2024-01-05 20:03:00+08:00"),
        ("25/12/2021", "dmy", "2021-12-25 00:00:00+08:00"),
        ("2021-12-25", "dmy", "2021-12-25 00:00:00+08:00"),  # year first cannot be mistaken
        ("4/22/2018", "mdy", "2018-04-22 00:00:00+08:00"),
        ("45296.3354166667", "excel", "2024-01-05 08:03:00+08:00"),
    ],
)
def test_times_as_people_write_them(text: str, kind: str, expected: str) -> None:
    assert instant(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("昨天", "chinese"),
        ("1月5日 8:03", "chinese"),  # no year
        ("2023-02-29", "iso"),
        ("2024-13-01 00:00:00", "iso"),
        ("2024-01-05 25:00:00", "iso"),
        ("2024-01-05 08:03:04 or so", "iso"),
        ("infinity", "iso"),
        ("epoch", "iso"),
        ("22/4/2018", "mdy"),
        ("1997010", "ymd"),
        ("1511544070000", "unix_s"),  # milliseconds: the year 49868
        ("1.51154E+12", "unix_ms"),  # a spreadsheet has cut its digits
        ("99999999999999999999", "unix_us"),
        ("12", "excel"),
    ],
)
def test_what_is_no_time_is_null_and_a_fault(text: str, kind: str) -> None:
    assert instant(text, kind) is None
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {values.fault(Field('x', kind), schema.TIME, SHANGHAI)} FROM (SELECT ? AS x)", [text]).fetchone() == (
            True,
        )


decimals = st.decimals(min_value=-(10**13), max_value=10**13, allow_nan=False, allow_infinity=False, places=8)


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@given(st.lists(decimals, min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_numbers_are_exact_and_rounded_once(cases: list[Decimal]) -> None:
    plain = [f"{case:f}" for case in cases]
    expected = [rounded(case) for case in cases]
    assert [Decimal(v) for v in read(Field("x", "number"), schema.MONEY, plain)] == expected
    decorated = [f"¥{case:,f}" for case in cases]
    assert [Decimal(v) for v in read(Field("x", "number"), schema.MONEY, decorated)] == expected
    negative = [-abs(value) for value in expected]
    assert [Decimal(v) for v in read(Field("x", "number"), schema.MONEY, [f"({abs(case):f})" for case in cases])] == negative
    assert [Decimal(v) for v in read(Field("x", "number"), schema.MONEY, [f"{abs(case):f}-" for case in cases])] == negative
    assert [Decimal(v) for v in read(Field("x", "number", negative=True), schema.MONEY, plain)] == negative
    european = [f"{case:,f}".translate(str.maketrans(",.", ".,")) for case in cases]
    assert [Decimal(v) for v in read(Field("x", "number_comma"), schema.MONEY, european)] == expected


@given(st.lists(st.decimals(-(10**8), 10**8, places=6, allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_units_move_the_point_before_rounding(cases: list[Decimal]) -> None:
    for unit, power in (("万", 4), ("%", -2), ("千", 3), ("w", 4)):
        texts = [f"{case:f}{unit}" for case in cases]
        assert [Decimal(v) for v in read(Field("x", "number"), schema.MONEY, texts)] == [rounded(case.scaleb(power)) for case in cases]


@given(
    st.lists(
        st.tuples(
            st.decimals(-(10**6), 10**6, places=8, allow_nan=False, allow_infinity=False),
            st.decimals(-(10**6), 10**6, places=8, allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=25, deadline=None)
def test_products_are_exact_to_the_fourth_decimal(pairs: list[tuple[Decimal, Decimal]]) -> None:
    left, right = [f"{a:f}" for a, _b in pairs], [f"{b:f}" for _a, b in pairs]
    products = read(Field("x", "number", times="y"), schema.MONEY, left, right)
    assert [Decimal(v) for v in products] == [rounded(a * b) for a, b in pairs]


@given(st.lists(st.tuples(st.integers(-9_999_999, 9_999_999), st.integers(0, 5)), min_size=2, max_size=40))
@settings(max_examples=40, deadline=None)
def test_short_products_are_exact_too(figures: list[tuple[int, int]]) -> None:
    left = [str(Decimal(digits).scaleb(-places)) for digits, places in figures]
    right = left[1:] + left[:1]
    products = read(Field("x", "number", times="y"), schema.MONEY, left, right)
    assert [Decimal(v) for v in products] == [rounded(Decimal(a) * Decimal(b)) for a, b in zip(left, right, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("￥１２.５万", "125000.0000"),
        ("1.2亿元", "120000000.0000"),
        ("-¥3", "-3.0000"),
        ("¥-3", "-3.0000"),
        ("－5", "-5.0000"),
        ("12.5%", "0.1250"),
        ("5 元", "5.0000"),
        ("RMB 7", "7.0000"),
        ("1 234.5", "1234.5000"),
        (".5", "0.5000"),
        ("0.00005", "0.0001"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_figures_as_exports_write_them(text: str, expected: str) -> None:
    assert number(text) == expected


@pytest.mark.parametrize("text", ["1,5", "1,234,56", "(5", "5)", "abc", "12,3万4", "100000000000000", "1..2", "inf", "五元", "¥"])
def test_what_is_no_figure_is_null(text: str) -> None:
    assert number(text) is None


def test_counts_are_whole_or_nothing() -> None:
    texts = ["5", "5.0", "1.2万", "1,234", "5.5", "-3"]
    assert read(Field("x", "number"), schema.COUNT, texts) == ["5", "5", "12000", "1234", None, "-3"]


def test_years_of_birth() -> None:
    texts = ["1990", "1990-05-01", "19900501", "1990年5月", "90", "12345", "0000-00-00"]
    assert read(Field("x", "year"), schema.COUNT, texts) == ["1990"] * 4 + [None] * 3


def test_sums_take_an_empty_part_as_nothing_but_not_an_unreadable_one() -> None:
    field = Field("x", "number", plus="y")
    assert read(field, schema.MONEY, ["3", "", "-", "x", "3"], ["2.55", "2", "", "2", "q"]) == ["5.5500", "2.0000", None, None, None]


def test_a_clock_joins_its_date() -> None:
    field = Field("x", "mdy", clock="y")
    expected = [micros(datetime(2018, 4, 22, 6, 0, tzinfo=ZoneInfo(SHANGHAI))), micros(datetime(2018, 4, 22, tzinfo=ZoneInfo(SHANGHAI))), None]
    assert read(field, schema.TIME, ["4/22/2018", "4/22/2018", "4/22/2018"], ["6:00", "", "soon"]) == expected
    stamped = Field("x", "iso", clock="y")
    assert read(stamped, schema.TIME, ["2018-04-22 00:00:00"], ["6:00"]) == expected[:1]


def test_texts_are_trimmed_and_blanks_are_null() -> None:
    texts = [" a b　", "\tx\t", "NULL", "-", "", " - ", "\u3000", "nan", r"\N", "a-", "None of it", None]
    assert read(Field("x"), schema.TEXT, texts) == ["a b", "x", None, None, None, None, None, None, None, "a-", "None of it", None]


def test_ids_are_what_they_were_before_the_spreadsheet() -> None:
    texts = ['="00123"', "'00123", "17850.0", "`99", "12345\t", "abc.0", "1.23457E+15", "C536379"]
    assert read(Field("x", "id"), schema.TEXT, texts) == ["00123", "00123", "17850", "99", "12345", "abc.0", None, "C536379"]


def test_words_are_translated_others_stay() -> None:
    assert read(Field("x", values={"pv": "view", "it's": "its"}), schema.TEXT, ["pv", " pv ", "buy", "it's", ""]) == [
        "view",
        "view",
        "buy",
        "its",
        None,
    ]


def test_a_constant_stands_alone_or_where_the_column_is_empty() -> None:
    assert read(Field(constant="it's"), schema.TEXT, ["a", ""]) == ["it's", "it's"]
    assert read(Field("x", constant="none"), schema.TEXT, ["a", "", "-", "a longer text"]) == ["a", "none", "none", "a longer text"]
    assert read(Field("x", "number", constant="1"), schema.MONEY, ["2", "", "bad"]) == ["2.0000", "1.0000", None]
    assert read(Field(constant="2024-01-05", kind="iso"), schema.TIME, ["a"]) == [micros(datetime(2024, 1, 4, 16, tzinfo=UTC))]


def test_each_line_gets_an_id_of_its_own() -> None:
    assert read(Field(kind="line"), schema.TEXT, ["1", "2"]) == ["L1", "L2"]
    with pytest.raises(MappingError):
        values.sql(Field(kind="line"), schema.TEXT, SHANGHAI)


def test_empty_is_no_fault_and_neither_is_ever_null() -> None:
    fields = [Field("x", "iso"), Field("x", "number"), Field("x", "number", times="y"), Field("x", "number", plus="y"), Field("x", "id")]
    for field in fields:
        type_ = schema.TIME if field.kind == "iso" else schema.MONEY if field.kind == "number" else schema.TEXT
        with duckdb.connect() as connection:
            said = f"{values.empty(field)}, {values.fault(field, type_, SHANGHAI)}"
            rows = connection.execute(f"SELECT {said} FROM (VALUES (NULL, NULL), ('', ''), ('1E+9E', '1')) AS t(x, y)").fetchall()
        assert rows[:2] == [(True, False)] * 2, field
        assert None not in rows[2]


def test_names_with_quotes_are_columns_not_sql() -> None:
    name = "a \"b\" 'c'; DROP"
    with duckdb.connect() as connection:
        connection.register("source", pa.table({name: ["5"]}))
        assert connection.execute(f"SELECT CAST({values.sql(Field(name, 'number'), schema.MONEY, 'UTC')} AS VARCHAR) FROM source").fetchone() == (
            "5.0000",
        )


@pytest.mark.parametrize("name", ["p", "w", "d", "v", "x", "row", "date", "offset", "year", "lambda", "text", "parts", "列"])
def test_no_column_is_mistaken_for_a_name_inside_the_sql(name: str) -> None:
    for kind, type_, text in (("chinese", schema.TIME, "2024年1月5日"), ("dmy", schema.TIME, "05/01/2024"), ("number", schema.MONEY, "¥5")):
        with SESSION.cursor() as connection:
            connection.register("source", pa.table({name: [text]}))
            assert connection.execute(f"SELECT {values.sql(Field(name, kind), type_, SHANGHAI)} IS NOT NULL FROM source").fetchone() == (True,)
