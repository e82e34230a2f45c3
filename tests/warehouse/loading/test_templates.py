"""Templates are recognised by their columns, read back as they were saved, and name their source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.errors import UnknownColumn, UnknownName
from tilth.language import using
from tilth.warehouse.loading import templates
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.loading.preview import preview
from tilth.warehouse.loading.propose import NoMappingError, propose
from tilth.warehouse.loading.sniff import Format, sniff

MAPPING = Mapping(
    "events", {"person": Field("谁", "id"), "time": Field("何时", "iso"), "event": Field("做了什么", values={"看": "view"})}, key=("谁",)
)
FORMAT = Format("csv", ("谁", "何时", "做了什么", "备注"), (("u1", "2024-01-05", "看", None),))

YOUZAN = """\
订单号,归属店铺,订单类型,订单状态,订单来源,订单创建时间,买家付款时间,订单实付金额,全部商品名称,收货人手机号/提货人手机号,买家手机号,订单已退款金额,优惠券码名称
E20240105001,西湖店,普通订单,交易完成,微信小程序,2024-01-05 08:03:04,2024-01-05 08:04:00,199.00,龙井(2件),13800000001,13800000001,99.00,新人券
E20240105002,西湖店,普通订单,交易关闭,微信小程序,2024-01-05 09:00:00,,0.00,白茶(1件),13800000002,13800000002,0.00,
"""


def test_every_builtin_template_names_its_source_and_both_titles() -> None:
    assert len(templates.builtin()) >= 4
    for template in templates.builtin():
        assert re.match(r"https://", template.source["address"]), template.name
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", template.source["date"]), template.name
        assert set(template.titles) == {"zh", "en"}
        assert template.platform
        assert len(template.recognise) >= 4


@pytest.mark.parametrize("template", templates.builtin(), ids=lambda template: template.name)
def test_every_builtin_template_recognises_its_own_columns_and_no_other_does(template: templates.Template) -> None:
    columns = tuple(dict.fromkeys((*template.recognise, *template.mapping.sources)))
    found = templates.recognise(Format("csv", columns), templates.builtin())
    assert found is template
    assert template.fitted(Format("csv", columns)) == template.mapping


def test_a_youzan_export_is_recognised_and_its_refund_is_a_negative_line(tmp_path: Path) -> None:
    path = tmp_path / "订单.csv"
    path.write_bytes(YOUZAN.encode("gb18030"))
    format = sniff(path)
    proposal = propose(format)
    assert proposal.template == "youzan-orders"
    shown = preview(path, format, proposal.mapping)
    assert [(row.row, row.line, str(row.amount), row.status) for row in shown.itertuples()] == [
        (1, "row", "199.0000", "交易完成"),
        (1, "refund", "-99.0000", "refunded"),
        (2, "row", "0.0000", "交易关闭"),
    ]
    assert shown["person"].tolist() == ["13800000001", "13800000001", "13800000002"]


def test_columns_that_an_export_lacks_are_left_out_unless_required() -> None:
    template = templates.find("youzan-orders")
    columns = template.recognise
    mapping = template.fitted(Format("csv", columns))
    assert set(mapping.fields) == {"time", "order", "product", "amount", "person_kind"}
    assert not mapping.refund


def test_names_differ_in_signs_and_spaces_only() -> None:
    template = templates.find("oceanengine-ad-groups")
    format = Format("csv", ("时间 ", "广告组", "展示数", "点击数", "总花费（元）"))
    assert template.fits(format)
    assert template.fitted(format).fields["spend"].column == "总花费（元）"


def test_a_template_for_another_table_is_not_used() -> None:
    columns = templates.find("oceanengine-ad-groups").recognise
    format = Format("csv", columns, (("2024-01-05", "g", "1", "1", "1"),))
    assert propose(format).template == "oceanengine-ad-groups"
    with pytest.raises(NoMappingError):
        propose(format, "orders")


def test_saved_and_found_again(tmp_path: Path) -> None:
    file = templates.save(tmp_path, "社群 打卡", MAPPING, FORMAT)
    assert file == tmp_path / "templates" / "社群 打卡.toml"
    again = templates.find("社群 打卡", tmp_path)
    assert again.mapping == MAPPING
    assert again.recognise == ("谁", "何时", "做了什么")
    reordered = Format("csv", ("做了什么", "何时", "新列", "谁"), (("看", "2024-01-05", None, "u1"),))
    proposal = propose(reordered, templates=templates.known(tmp_path))
    assert (proposal.template, proposal.mapping) == ("社群 打卡", MAPPING)
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_file_without_a_header_is_recognised_by_its_values(tmp_path: Path) -> None:
    mapping = Mapping("events", {"person": Field("column_1", "id"), "time": Field("column_2", "unix_s"), "event": Field(constant="visit")})
    format = Format("csv", ("column_1", "column_2"), (("u", "1511544070"),) * 10, header=False)
    templates.save(tmp_path, "log", mapping, format)
    (saved,) = templates.saved(tmp_path)
    assert saved.fits(format)
    assert not saved.fits(Format("csv", ("column_1", "column_2"), (("u", "no time"),) * 10, header=False))
    assert not saved.fits(Format("csv", ("column_1", "column_2", "column_3"), header=False))


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)


@given(person=texts, time=texts, event=texts, words=st.dictionaries(texts, texts, max_size=3), default=st.none() | texts)
@settings(max_examples=60, deadline=None)
def test_any_text_survives_toml(
    tmp_path_factory: pytest.TempPathFactory, person: str, time: str, event: str, words: dict, default: str | None
) -> None:
    root = tmp_path_factory.mktemp("root")
    mapping = Mapping("events", {"person": Field(person, "id", default), "time": Field(time, "dmy"), "event": Field(event, values=words)})
    templates.save(root, "any", mapping, Format("csv", tuple(dict.fromkeys((person, time, event)))))
    assert templates.find("any", root).mapping == mapping


def test_a_workspaces_own_template_hides_tilths_of_the_same_name(tmp_path: Path) -> None:
    templates.save(tmp_path, "youzan-orders", MAPPING, FORMAT)
    assert templates.find("youzan-orders", tmp_path).mapping == MAPPING
    assert [template.name for template in templates.known(tmp_path)].count("youzan-orders") == 1


@pytest.mark.parametrize("name", ["", "../escape", "a/b", "a\\b", ".hidden", "con:", "x" * 90, "ends."])
def test_names_that_are_no_file_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(templates.TemplateError):
        templates.save(tmp_path, name, MAPPING, FORMAT)
    assert not list(tmp_path.rglob("*.toml"))


def test_a_mapping_of_other_columns_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumn):
        templates.save(tmp_path, "a", MAPPING, Format("csv", ("谁", "何时")))


@pytest.mark.parametrize("text", ["not toml", "recognise = []", '[mapping]\ntable = "x"', 'recognise = []\n[mapping]\ntable = "events"\nfields = {}'])
def test_a_damaged_template_names_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(templates.TemplateError, match=r"bad\.toml"):
        templates.saved(tmp_path)


def test_an_unknown_template_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as error:
        templates.find("youzan-order")
    assert "youzan-orders" in error.value.nearest


def test_titles_follow_the_language() -> None:
    template = templates.find("youzan-orders")
    with using("en"):
        assert template.title() == "Youzan order export"
    with using("zh"):
        assert template.title() == "有赞订单导出"


@pytest.mark.parametrize("page", ["templates.md", "templates.en.md"])
def test_every_builtin_template_and_its_source_is_documented(page: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / page).read_text(encoding="utf-8")
    for template in templates.builtin():
        assert f"`{template.name}`" in text
        assert template.source["address"] in text


def test_the_documented_file_is_a_template(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "templates.md").read_text(encoding="utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "shown.toml").write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    shown = templates.find("shown", tmp_path)
    assert shown.mapping.fields["time"] == Field("下单日期", "iso", clock="下单时刻")
    assert shown.mapping.refund["amount"].negative
