"""A file on its way from an operator's disk into a table, over a connection that breaks."""

import pytest
from tests.browser.conftest import sign_in

ROWS = (
    "订单号,下单时间,会员,金额\n" + "".join(f"L{n},2025-12-{n % 28 + 1:02d} 08:00:00,m{n % 50},{n % 90}.5\n" for n in range(3000)) + "L9,明天,m1,5\n"
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "双12.csv"
    path.write_text(ROWS, "utf-8")
    return path


def test_a_file_is_loaded_though_the_connection_breaks(page, site, file):
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    sign_in(page, site)
    broken = []

    def once(route):
        if route.request.method == "PUT" and not broken:
            broken.append(route.request.url)
            return route.abort("connectionreset")
        return route.continue_()

    page.route("**/data/load/uploads/**", once)
    page.goto(f"{site.url}/w/demo/data/load/")
    page.set_input_files("#file", str(file))
    page.wait_for_url("**/data/load/*/", timeout=60_000)
    assert broken
    assert page.locator("table tbody tr").count() == 20

    page.locator("a.t-button--main").click()
    page.wait_for_url("**/columns/")
    assert page.locator(".data-counts dd").all_inner_texts() == ["1,000", "0"]
    page.locator('select[name="amount.column"]').select_option("")  # every change is tried at once
    page.locator(".data-wrong").wait_for()
    page.locator('select[name="amount.column"]').select_option("金额")
    page.locator(".data-counts").wait_for()
    page.locator('button[form="columns"]').click()
    page.wait_for_url("**/data/loads/*/", timeout=120_000)
    assert page.locator(".t-figure__value").first.inner_text() == "3,001"

    page.locator('a[href*="quarantine"][href*="unreadable.time"]').click()
    page.locator("tbody button").first.click()
    bad = page.locator("#drawer input.data-fault")
    assert bad.input_value() == "明天"
    bad.fill("2025-12-12 08:00:00")
    with page.expect_navigation():
        page.locator("#drawer .t-button--main").click()
    assert page.locator("tbody button").count() == 0
    assert faults == []
