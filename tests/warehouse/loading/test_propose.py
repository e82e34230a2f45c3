"""The proposal finds by itself what a person would map, and says what it assumed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.real_data import real

from tilth.errors import UnknownName
from tilth.language import using
from tilth.warehouse import schema
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.loading.propose import NoMappingError, Proposal, preview, propose
from tilth.warehouse.loading.sniff import Format, sniff

pytestmark = pytest.mark.usefixtures("english")


def of(columns: str, *rows: str, header: bool = True) -> Format:
    sample = tuple(tuple(cell.strip() or None for cell in row.split("|")) for row in rows)
    return Format("csv", tuple(column.strip() for column in columns.split("|")), sample, header=header)


def columns_of(proposal: Proposal) -> dict[str, str | None]:
    return {target: one.column for target, one in proposal.mapping.fields.items()}


def test_online_retail() -> None:
    proposal = propose(sniff(real("online_retail.csv.gz")))
    mapping = proposal.mapping
    assert mapping.table == "orders"
    assert mapping.fields["amount"] == Field("Quantity", "number", times="UnitPrice")
    assert mapping.fields["time"] == Field("InvoiceDate", "iso")
    assert mapping.fields["order"] == Field("InvoiceNo", "id")
    assert mapping.fields["person"] == Field("CustomerID", "id")
    assert mapping.fields["product"].column == "StockCode"
    assert mapping.rest_columns(sniff(real("online_retail.csv.gz")).columns) == ("Description", "Country")


def test_taobao_without_a_header_says_what_it_assumed() -> None:
    proposal = propose(sniff(real("taobao_behavior.csv")))
    assert proposal.mapping.table == "events"
    assert proposal.mapping.fields["time"] == Field("column_5", "unix_s")
    assert proposal.mapping.fields["event"] == Field("column_4")
    assert (proposal.mapping.fields["person"].column, proposal.mapping.fields["product"].column) == ("column_1", "column_2")
    assert any("names no columns" in reason for reason in proposal.reasons)


def test_higgs() -> None:
    proposal = propose(sniff(real("higgs_activity.csv.gz")))
    assert proposal.mapping.table == "events"
    assert columns_of(proposal) == {"person": "user_a", "time": "timestamp", "event": "interaction"}
    assert proposal.mapping.fields["time"].kind == "unix_s"


@pytest.mark.parametrize("name", ["cdnow_master.csv", "cdnow_sample.csv"])
def test_cdnow_takes_each_row_for_an_order(name: str) -> None:
    proposal = propose(sniff(real(name)))
    assert proposal.mapping.table == "orders"
    assert columns_of(proposal) == {"person": "customer_id", "time": "date", "quantity": "number_of_cds", "amount": "dollar_value", "order": None}
    assert (proposal.mapping.fields["order"].kind, proposal.mapping.fields["time"].kind) == ("line", "ymd")
    assert any("order of its own" in reason for reason in proposal.reasons)


def test_tmall_refunds_are_put_back_into_the_sale_and_taken_off_on_a_line_of_their_own() -> None:
    """In this export 总金额 = 买家实际支付金额 + 退款金额 wherever something was refunded, so the payment is after the refund."""
    path = real("tmall_orders_zh.csv")
    format = sniff(path)
    mapping = propose(format).mapping
    assert mapping.table == "orders"
    assert mapping.fields["order"].column == "订单编号"
    assert mapping.fields["time"].column == "订单创建时间"  # the time of payment is missing for the unpaid
    assert mapping.fields["amount"] == Field("买家实际支付金额", "number", plus="退款金额")
    assert mapping.refund["amount"] == Field("退款金额", "number", negative=True)
    assert "person" not in mapping.fields
    shown = preview(path, format, mapping, rows=10)
    assert shown[shown["row"] == 6]["amount"].tolist() == [Decimal("327.7000"), Decimal("-178.8000")]  # paid 148.9, refunded 178.8
    assert shown["fault"].isna().all()


def test_a_payment_before_refunds_is_the_sale() -> None:
    format = of("订单号|下单时间|数量|订单金额|实付金额|退款金额", "A1|2024-01-05|2|10|10|4", "A2|2024-01-05|1|20|20|0", "A3|2024-01-06|1|7|7|7")
    mapping = propose(format).mapping
    shown = preview("unread.csv", format, mapping)
    assert [(row.row, str(row.amount), str(row.quantity)) for row in shown.itertuples()] == [
        (1, "10.0000", "2.0000"),
        (1, "-4.0000", "None"),  # how many pieces came back is not said
        (2, "20.0000", "1.0000"),
        (3, "7.0000", "1.0000"),
        (3, "-7.0000", "None"),
    ]
    assert mapping.fields["amount"] == Field("实付金额", "number")
    assert mapping.refund["amount"] == Field("退款金额", "number", negative=True)


@pytest.mark.parametrize(
    ("name", "table", "expected"),
    [
        (
            "completejourney_transactions_sample.csv.gz",
            "orders",
            {"person": "household_id", "order": "basket_id", "amount": "sales_value", "time": "transaction_timestamp", "shop": "store_id"},
        ),
        ("completejourney_coupon_redemptions.csv.gz", "events", {"person": "household_id", "time": "redemption_date", "event": None}),
        ("apache_access_log.csv.gz", "events", {"person": "ip", "time": "ts"}),
        ("facebook_live_sellers.csv", "contents", {"content": "status_id", "time": "status_published", "likes": "num_likes", "shares": "num_shares"}),
        ("marketing_campaign_customers.csv", "people", {"person": "ID", "time": "Dt_Customer", "birth_year": "Year_Birth"}),
        ("nps_responses.csv", "events", {"person": "ID", "time": "Survey date", "value": "NPS"}),
        ("telco_churn.csv", "people", {"person": "customerID", "gender": "gender"}),
    ],
)
def test_other_real_files(name: str, table: str, expected: dict[str, str | None]) -> None:
    proposal = propose(sniff(real(name)))
    assert proposal.mapping.table == table
    assert columns_of(proposal).items() >= expected.items()


def test_real_dates_of_day_and_month_first() -> None:
    assert propose(sniff(real("nps_responses.csv"))).mapping.fields["time"].kind == "dmy"  # 25/12/21 is among them
    assert propose(sniff(real("facebook_live_sellers.csv"))).mapping.fields["time"] == Field("status_published", "mdy", clock="time")


@pytest.mark.parametrize("name", ["ad_law_limit_words.csv", "channel_paths.csv", "completejourney_products.csv.gz", "robyn_dt_simulated_weekly.csv"])
def test_what_fits_no_table_says_what_is_missing(name: str) -> None:
    with pytest.raises(NoMappingError) as error:
        propose(sniff(real(name)))
    assert error.value.missing
    assert error.value.table in schema.TABLES


@pytest.mark.parametrize(
    ("format", "table", "expected"),
    [
        (
            of("日期|渠道|计划名称|展现量|点击量|消耗(元)", "2024-01-05|抖音|春节|1,000|12|¥35.5"),
            "costs",
            {"time": "日期", "channel": "渠道", "campaign": "计划名称", "impressions": "展现量", "clicks": "点击量", "spend": "消耗(元)"},
        ),
        (
            of("会员手机号|昵称|性别|生日|会员等级|注册时间|邀请人", "13812345678|小张|男|1990-05-01|金卡|2024-01-05 08:00:00|m7"),
            "people",
            {
                "person": "会员手机号",
                "name": "昵称",
                "gender": "性别",
                "birth_year": "生日",
                "tier": "会员等级",
                "time": "注册时间",
                "inviter": "邀请人",
            },
        ),
        (
            of("user_id|id_type|identity|bound_at", "u1|openid|oABC|2024-01-05", "u2|phone|138|2024-01-06"),
            "identities",
            {"person": "user_id", "kind": "id_type", "value": "identity", "time": "bound_at"},
        ),
        (
            of("uid|experiment|kind|variant|exposed_at", "u1|price|exposure|B|1704412984123", "u2|price|exposure|A|1704412985123"),
            "memberships",
            {"person": "uid", "name": "experiment", "kind": "kind", "value": "variant", "time": "exposed_at"},
        ),
        (
            of("用户ID|事件名称|发生时间|城市", "u1|加购|2024年1月5日 8时3分|杭州", "u2|支付|2024年1月5日 下午3:00|北京"),
            "events",
            {"person": "用户ID", "event": "事件名称", "time": "发生时间", "city": "城市"},
        ),
        (
            of("作品ID|作品标题|发布时间|播放量|点赞数|评论数|分享数", "v1|新品|2024-01-05 08:03:04|1.2万|300|20|3"),
            "contents",
            {"content": "作品ID", "title": "作品标题", "time": "发布时间", "views": "播放量", "likes": "点赞数"},
        ),
    ],
)
def test_every_table_is_found_by_its_columns(format: Format, table: str, expected: dict[str, str]) -> None:
    proposal = propose(format)
    assert proposal.mapping.table == table
    assert columns_of(proposal).items() >= expected.items()
    assert propose(format, table).mapping.table == table


def test_a_phone_number_is_known_by_its_values() -> None:
    mapping = propose(of("顾客|下单时间|订单号|金额", "13812345678|2024-01-05|A1|3")).mapping
    assert mapping.fields["person_kind"] == Field(constant="phone")


def test_days_and_months_that_cannot_be_told_apart_are_flagged() -> None:
    proposal = propose(of("user|date|event", "u1|01/02/2024|a", "u2|02/02/2024|b", "u3|03/02/2024|a"))
    assert proposal.mapping.fields["time"].kind == "dmy"  # three days in a row rather than the same day of three months
    assert any("day or the month" in reason for reason in proposal.reasons)
    assert proposal.confidence < 0.85


def test_the_order_of_day_and_month_is_told_by_all_values_together() -> None:
    rows = [f"u{n}|01/02/2024|a" for n in range(50)]
    assert propose(of("user|date|event", *rows, "u|13/02/2024|a")).mapping.fields["time"].kind == "dmy"
    assert propose(of("user|date|event", *rows, "u|02/13/2024|a")).mapping.fields["time"].kind == "mdy"


def test_values_that_cannot_be_read_lower_the_confidence_and_are_counted() -> None:
    clean = propose(of("user|time|event", *["u|2024-01-05 08:00:00|a"] * 10))
    dirty = propose(of("user|time|event", *["u|2024-01-05 08:00:00|a"] * 9, "u|soon|a"))
    assert dirty.confidence < clean.confidence
    assert any(reason.startswith("1 of 10 sampled rows") for reason in dirty.reasons)


def test_a_preview_shows_the_lines_and_their_faults() -> None:
    format = of("user|time|event|fee", "u1|2024-01-05 08:00:00|a|1", "|2024-01-05 08:00:00|a|2", "u3|soon|a|dear")
    mapping = Mapping(
        "events", {"person": Field("user", "id"), "time": Field("time", "iso"), "event": Field("event"), "value": Field("fee", "number")}
    )
    shown = preview("unread.csv", format, mapping)
    assert shown["row"].tolist() == [1, 2, 3]
    assert shown["fault"].tolist()[0] is None
    assert shown["fault"].tolist()[1] == "person is missing"
    assert shown["fault"].tolist()[2] == "time cannot be read as time (iso); fee cannot be read as value (number)"
    assert str(shown["time"][0]) == "2024-01-05 08:00:00+08:00"


def test_a_preview_reads_the_file_when_there_is_no_sample(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("user,ts,event\nu1,1511544070,a\n", encoding="utf-8")
    format = sniff(path)
    bare = Format(format.kind, format.columns)
    assert preview(path, bare, propose(format).mapping)["event"].tolist() == ["a"]


def test_an_unknown_table_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as error:
        propose(of("a", "1"), "event")
    assert error.value.nearest == ("events",)


def test_one_bad_value_in_a_short_file_does_not_hide_what_a_column_is(tmp_path):
    """Three rows, of which one has no time that can be read: the column still holds times, and only that row is kept aside by the load."""
    path = tmp_path / "short.csv"
    path.write_text("user_id,ts,event\na,2024-01-01 08:00,view\nb,soon,view\nc,2024-01-02,buy\n")
    mapping = propose(sniff(path)).mapping
    assert mapping.fields["time"].column == "ts"
    assert mapping.fields["time"].kind == "iso"


def test_an_order_total_repeated_on_every_line_is_called_out(tmp_path):
    """Four orders of two lines with the order's total on both: adding the lines would double it. A column of line amounts is not suspected."""
    rows = [
        f"E{k},m{k},2024-03-0{k} 10:00,{goods},{total},{line}"
        for k, total in enumerate((30, 45, 20, 99), 1)
        for goods, line in (("a", 10), ("b", total - 10))
    ]
    path = tmp_path / "orders.csv"
    header = "订单号,会员号,下单时间,商品编码,{},{}\n"
    path.write_text(header.format("订单实付金额", "x") + "\n".join(rows) + "\n", encoding="utf-8")
    with using("en"):
        proposal = propose(sniff(path), "orders")
    assert proposal.mapping.fields["amount"].column == "订单实付金额"
    assert any("4 of 4 orders" in reason for reason in proposal.reasons)
    path.write_text(header.format("x", "商品实付金额") + "\n".join(rows) + "\n", encoding="utf-8")
    with using("en"):
        proposal = propose(sniff(path), "orders")
    assert proposal.mapping.fields["amount"].column == "商品实付金额"
    assert not any("orders with several lines" in reason for reason in proposal.reasons)
