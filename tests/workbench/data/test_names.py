"""What events are called and which of them a question means."""

import pytest

from tilth.analysis.steps import Step
from tilth.language import using
from tilth.workbench.data import names
from tilth.workbench.data.models import EventEntry, PropertyEntry
from tilth.workbench.tenancy.models import Workspace


@pytest.fixture
def brand(inside):
    Workspace.objects.filter(pk=inside.pk).update(is_demo=True)
    inside.is_demo = True
    return inside


def test_the_demo_brand_is_spoken_of_in_the_reader_s_language(brand):
    with using("zh-Hans"):
        assert names.calling(brand)["add_to_cart"] == "加入购物车"
    with using("en"):
        assert names.calling(brand)["add_to_cart"] == "Add to cart"


def test_the_dictionary_wins_over_what_came_with_the_data(brand):
    EventEntry.objects.create(code="pay", name="付款成功")
    PropertyEntry.objects.create(table="events", code="channel", name="来源")
    assert names.calling(brand)["pay"] == "付款成功"
    assert names.calling(brand)["channel"] == "来源"


def test_events_are_offered_by_rows_and_hidden_ones_are_not(inside):
    counted = inside.facts.events().history  # an independent count of the rows of each event
    codes, values = counted.codes("event")
    by_code = {value.as_py(): int((codes == n).sum()) for n, value in enumerate(values)}
    offered = names.events(inside)
    assert {code: rows for code, _label, rows in offered} == by_code
    assert [rows for _c, _l, rows in offered] == sorted(by_code.values(), reverse=True)
    EventEntry.objects.create(code="pay", hidden=True)
    assert "pay" not in {code for code, _label, _rows in names.events(inside)}


def test_a_merged_event_is_asked_as_the_other(inside):
    kept = EventEntry.objects.create(code="view_goods", name="看")
    EventEntry.objects.create(code="view_home", merged_into=kept)
    EventEntry.objects.create(code="gone_long_ago", merged_into=kept)
    before = inside.facts.events().funnel([["view_goods", "view_home"], "pay"], within="14d")
    asked = names.resolve(inside, "view_goods")
    assert asked == Step(("view_goods", "view_home"), label="看")
    assert (
        inside.facts.events().funnel([asked, names.resolve(inside, "pay")], within="14d").frame["people"].tolist() == before.frame["people"].tolist()
    )
    assert names.resolve(inside, "view_home").events == ("view_goods", "view_home")
    assert "view_home" not in {code for code, _label, _rows in names.events(inside)}


def test_a_step_of_an_event_that_never_was_is_left_for_the_question_to_refuse(inside):
    assert names.resolve(inside, "no_such").events == ("no_such",)


def test_properties_are_those_that_rows_of_the_events_have(inside):
    offered = {code: kind for code, _label, kind in names.properties(inside, ["pay"])}
    assert offered["channel"] == "text"
    assert "person" not in offered  # says who somebody is
    PropertyEntry.objects.create(table="events", code="channel", hidden=True)
    assert "channel" not in {code for code, _label, _kind in names.properties(inside, ["pay"])}


def test_what_was_counted_is_kept_until_the_table_changes(inside, monkeypatch):
    names.events(inside)
    monkeypatch.setattr("tilth.warehouse.dictionary.events", lambda facts: pytest.fail("counted again though nothing has changed"))
    assert names.events(inside)


def test_values_are_called_by_their_own_kind_where_kinds_share_a_code(brand):
    with using("zh-Hans"):
        assert names.values(brand, "platform")["mini_program"] == "小程序"
        assert names.values(brand, "channel")["mini_program"] == names.calling(brand)["mini_program"] == "小程序自然流量"
        PropertyEntry.objects.create(table="events", code="mini_program", name="我们的小程序")
        assert names.values(brand, "platform")["mini_program"] == "我们的小程序"
