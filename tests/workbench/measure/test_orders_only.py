"""A workspace that holds orders and no events, as a shop's first file leaves it."""

import pandas as pd
import pytest


@pytest.fixture
def orders(empty_workspace):
    lines = pd.DataFrame(
        {
            "person": [f"u{n % 7}" for n in range(30)],
            "time": pd.date_range("2025-03-01 10:00", periods=30, freq="D", tz="Asia/Shanghai"),
            "amount": [10.0 + n for n in range(30)],
            "order": [f"o{n}" for n in range(30)],
        }
    )
    empty_workspace.facts.load(lines, table="orders", name="orders.csv")
    return empty_workspace


@pytest.mark.parametrize("kind", ["rfm", "sales"])
def test_what_is_asked_of_orders_is_answered(client_as, orders, kind):
    page = client_as("analyst", orders).get(f"/w/bare/analysis/{kind}/")
    assert page.status_code == 200
    assert "2025-03-30" in page.content.decode()  # up to the last order
    answer = client_as("analyst", orders).get(f"/w/bare/analysis/{kind}/?answer=1").content.decode()
    assert "t-figures" in answer
    if kind == "rfm":
        assert ">7<" in answer  # every buyer


@pytest.mark.parametrize("kind", ["funnel", "retention", "activity"])
def test_what_needs_events_says_so_and_leads_to_them(client_as, orders, kind):
    page = client_as("analyst", orders).get(f"/w/bare/analysis/{kind}/").content.decode()
    assert "/w/bare/data/" in page
    assert "t-sentence" not in page


def test_the_home_page_shows_what_the_orders_tell(client_as, orders):
    page = client_as("owner", orders).get("/w/bare/").content.decode()
    assert 'data-key="sold"' in page
    assert 'data-key="funnel"' not in page
