"""A mapping is plain data that fits its table or says what does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.errors import UnknownColumn, UnknownName
from tilth.warehouse import schema
from tilth.warehouse.loading.mapping import KINDS, NOTHING, TIME_KINDS, Field, Mapping, MappingError, kinds_for

EVENTS = {"person": Field("user", "id"), "time": Field("ts", "unix_s"), "event": Field("what")}
ORDERS = {"time": Field("t", "iso"), "order": Field(kind="line"), "amount": Field("paid", "number"), "quantity": Field("n", "number")}

texts = st.text(min_size=1, max_size=8)
text_fields = st.builds(Field, texts, st.sampled_from(["text", "id"]), st.none() | texts, values=st.dictionaries(texts, texts, max_size=3))
time_fields = st.builds(Field, texts, st.sampled_from(TIME_KINDS))
number_fields = st.builds(Field, texts, st.sampled_from(["number", "number_comma"]), times=st.none() | texts, negative=st.booleans())
mappings = st.builds(
    Mapping,
    table=st.just("events"),
    fields=st.fixed_dictionaries({"person": text_fields, "time": time_fields, "event": text_fields}, optional={"value": number_fields}),
    rest=st.sampled_from(["properties", "drop"]),
    key=st.lists(texts, max_size=2).map(tuple),
    tz=st.sampled_from([None, "Asia/Shanghai", "UTC"]),
)


@given(mappings)
def test_json_and_back(mapping: Mapping) -> None:
    assert Mapping.from_json(mapping.to_json()) == mapping
    assert json.loads(mapping.to_json())["version"] == 1


def test_a_refund_survives_json() -> None:
    mapping = Mapping("orders", ORDERS, refund={"amount": Field("back", "number", negative=True)})
    assert Mapping.from_json(mapping.to_json()) == mapping


def test_a_refund_line_has_the_orders_columns_but_not_its_quantity() -> None:
    mapping = Mapping("orders", ORDERS, refund={"amount": Field("back", "number", negative=True)})
    sale, refund = mapping.lines
    assert set(sale) == set(refund) == {"time", "order", "amount", "quantity"}
    assert refund["amount"].column == "back"
    assert refund["quantity"] == NOTHING
    given = Mapping("orders", ORDERS, refund={"amount": Field("back", "number"), "quantity": Field("returned", "number")})
    assert given.lines[1]["quantity"].column == "returned"


def test_sources_and_the_rest() -> None:
    mapping = Mapping("orders", {**ORDERS, "amount": Field("n", "number", times="price"), "time": Field("day", "iso", clock="hour")})
    assert mapping.sources == ("day", "hour", "n", "price")
    columns = ("n", "price", "day", "hour", "note")
    assert mapping.rest_columns(columns) == ("note",)
    assert Mapping("orders", mapping.fields, rest="drop").rest_columns(columns) == ()
    mapping.check(columns)


def test_a_source_column_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(UnknownColumn) as error:
        Mapping("events", EVENTS).check(("userid", "user", "ts", "waht"))
    assert error.value.name == "what"
    assert error.value.nearest == ("waht",)


def test_a_target_column_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(UnknownColumn) as error:
        Mapping("events", {**EVENTS, "chanel": Field("c")})
    assert error.value.nearest[0] == "channel"


def test_with_fields_changes_and_takes_away() -> None:
    mapping = Mapping("events", EVENTS).with_fields(city=Field("where"), event=Field(constant="visit"))
    assert mapping.fields["city"].column == "where"
    assert mapping.with_fields(city=None).fields == {**EVENTS, "event": Field(constant="visit")}


@pytest.mark.parametrize(
    ("table", "fields", "said"),
    [
        ("events", {"person": Field("user"), "time": Field("ts", "iso")}, "events.event"),
        ("events", {**EVENTS, "time": Field("ts", "text")}, "events.time"),
        ("events", {**EVENTS, "time": Field("ts", "number")}, "events.time"),
        ("events", {**EVENTS, "value": Field("v", "unix_s")}, "events.value"),
        ("events", {**EVENTS, "event": Field()}, "events.event"),
        ("events", {**EVENTS, "event": Field("what", negative=True)}, "negative"),
        ("events", {**EVENTS, "event": Field(constant="x", values={"a": "b"})}, "values"),
        ("events", {**EVENTS, "time": Field("ts", "unix_s", clock="hour")}, "clock"),
        ("events", {**EVENTS, "value": Field("v", "number", times="a", plus="b")}, "times"),
    ],
)
def test_what_does_not_fit_says_where(table: str, fields: dict[str, Field], said: str, english: None) -> None:
    with pytest.raises(MappingError, match=said):
        Mapping(table, fields)


def test_unknown_tables_kinds_and_zones(english: None) -> None:
    with pytest.raises(UnknownName, match="events"):
        Mapping("event", EVENTS)
    with pytest.raises(UnknownName, match="unix_s"):
        Mapping("events", {**EVENTS, "time": Field("ts", "unixs")})
    with pytest.raises(MappingError, match="Asia/Shanghai"):
        Mapping("events", EVENTS, tz="Asia/Shanghia")
    with pytest.raises(MappingError, match="properties"):
        Mapping("events", EVENTS, rest="keep")
    with pytest.raises(MappingError, match="refund"):
        Mapping("events", EVENTS, refund={"person": Field("x")})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"table": "events"}',
        '{"table": "events", "fields": []}',
        '{"table": "events", "fields": {"person": "user"}}',
        '{"version": "x", "table": "events", "fields": {}}',
        '{"version": 2, "table": "events", "fields": {}}',
    ],
)
def test_json_of_another_form_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(MappingError):
        Mapping.from_json(text)


def test_unknown_parts_name_the_nearest() -> None:
    with pytest.raises(UnknownName) as part:
        Mapping.from_dict({"table": "events", "fields": {}, "keys": []})
    assert part.value.nearest[0] == "key"
    with pytest.raises(UnknownName) as field:
        Mapping.from_dict({"table": "events", "fields": {"person": {"colum": "user"}}})
    assert field.value.nearest[0] == "column"


def test_every_kind_fits_some_column_and_every_column_has_a_kind() -> None:
    columns = [column for table in schema.TABLES.values() for column in table.columns]
    assert {kind for column in columns for kind in kinds_for(column.type)} == set(KINDS)
