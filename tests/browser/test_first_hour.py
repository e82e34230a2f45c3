"""An operator's first hour: a workspace, a real file with broken rows, questions, a segment, a dashboard, a colleague who may look, a file to take.

What must come out is what the library answers about the same rows, see ``retail.py``.
"""

import re
from io import BytesIO

import openpyxl
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import sign_in
from tests.browser.retail import FAULTS, Retail

PATIENCE = 90_000
"""Milliseconds: a job may have to wait for others on a small machine."""
TO_WIN_BACK = "重要挽留客户"


@pytest.fixture(scope="module")
def retail():
    return Retail()


def test_the_first_hour(page, site, retail, browser, browser_context_args, tmp_path):
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    sign_in(page, site)
    root = new_workspace(page)
    load_with_broken_rows(page, retail, tmp_path)
    mend(page, root, retail)
    board = retention_on_a_dashboard(page, root, retail)
    wanted = retail.people("big_spenders_to_win_back")
    rfm_on_a_dashboard(page, root)
    segment = save_people(page, wanted)
    link = invitation(page, root)
    with browser.new_context(**browser_context_args) as colleague:
        look_and_change_nothing(colleague.new_page(), link, root, board, segment)
    export(page, segment, wanted)
    assert faults == []


def new_workspace(page):
    """Make a workspace from the settings of the one there is."""
    page.get_by_role("link", name="设置", exact=True).click()
    page.get_by_role("link", name="工作空间", exact=True).click()
    page.get_by_role("link", name="新建工作空间").click()
    page.locator("#id_name").fill("英国礼品店")
    page.locator("#id_slug").fill("gifts")
    page.locator("#id_currency").fill("GBP")
    page.get_by_role("button", name="创建工作空间").click()
    page.wait_for_url("**/w/gifts/")
    expect(page.get_by_role("heading", level=1)).to_have_text("首页")
    return page.url


def load_with_broken_rows(page, retail, folder):
    """Send the file, take the proposed mapping, and see what was kept aside."""
    page.locator(".b-steps a").first.click()
    page.locator('main a[href$="/data/load/"]').first.click()
    page.set_input_files("#file", retail.write(folder / "online_retail.csv"))
    page.wait_for_url("**/data/load/*/")
    expect(page.locator("#table")).to_have_value("orders")
    page.locator("a.t-button--main").click()
    page.wait_for_url("**/columns/")
    expect(page.locator(".data-counts dd").nth(1)).to_have_text("0")  # the broken rows come later in the file
    page.locator('button[form="columns"]').click()
    page.wait_for_url("**/data/loads/*/")
    read, loaded, aside = page.locator(".t-figure__value").all_inner_texts()[:3]
    assert (read, loaded, aside) == (f"{len(retail.rows):,}", f"{len(retail.rows) - len(FAULTS):,}", f"{len(FAULTS)}")


def mend(page, root, retail):
    """Put the rows right that were kept aside, each in its own drawer."""
    page.goto(f"{root}data/quarantine/")
    page.get_by_role("link", name="online_retail.csv").click()
    for left in range(len(FAULTS), 0, -1):
        expect(page.locator("tbody button")).to_have_count(left)
        page.locator("tbody button").first.click()
        number = int(re.search(r"[\d,]+", page.locator("#drawer h2").inner_text())[0].replace(",", ""))
        field, value = FAULTS[number]
        bad = page.get_by_label(re.compile(f"^{field}"))
        expect(bad).to_have_value(value)
        bad.fill(retail.rows[number - 1][field])
        with page.expect_navigation():
            page.locator("#drawer .t-button--main").click()
    expect(page.locator("tbody button")).to_have_count(0)
    page.goto(f"{root}data/quarantine/")
    assert page.locator(".t-figure__value").all_inner_texts()[:2] == ["0", f"{len(FAULTS)}"]


def retention_on_a_dashboard(page, root, retail):
    """Ask, of the orders just loaded, who buys again over the whole year; save it, put it on a new dashboard; return that one's address."""
    page.goto(f"{root}analysis/retention/")
    page.locator('[popovertarget="pick-dates"]').click()
    first, last = page.locator('#pick-dates input[type="date"]').all()
    first.fill("2010-12-01")
    last.fill("2011-12-09")
    page.locator("#pick-dates [data-use]").click()
    page.wait_for_url("**dates=2010-12-01..2011-12-09**")
    expect(page.locator("#answer")).to_contain_text("订单按事件计算")
    began, back = retail.cohorts()
    expect(page.locator(".t-figure__value").first).to_contain_text(f"{began:,}")
    expect(page.locator(".t-figure__value").nth(1)).to_contain_text(f"{back * 100:.1f}")
    assert page.locator("#table-1 tbody tr").count() > 40  # weeks of a year
    save(page, "每周复购")
    page.get_by_text("加入看板").click()
    page.locator("#put-name").fill("经营周报")
    page.locator(".m-panel:visible .t-button--main").click()
    page.wait_for_url("**/dashboards/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("经营周报")
    return page.url


def rfm_on_a_dashboard(page, root):
    """Split buyers, save the question, put its table on the same dashboard."""
    page.goto(f"{root}analysis/rfm/")
    expect(page.locator("#table-1 tbody tr")).to_have_count(8)
    save(page, "会员价值分层")
    page.get_by_text("加入看板").click()
    page.locator("#put-part").select_option("table")
    page.locator(".m-panel:visible .t-button--main").click()
    page.wait_for_url("**/dashboards/*/")
    expect(page.locator(".b-tile")).to_have_count(2)
    page.goto(f"{root}analysis/rfm/")


def save(page, name):
    """Save the question on the page for everybody."""
    page.locator("summary", has_text="保存").click()
    page.locator("#save-name").fill(name)
    page.locator('.m-panel:visible [name="shared"]').check()
    page.locator(".m-panel:visible .t-button--main").click()
    expect(page.locator("#messages")).to_contain_text(f"“{name}”")


def save_people(page, wanted):
    """Save those worth winning back from the drawer of their figure; return the address of the segment."""
    row = page.locator("#table-1 tbody tr", has_text=TO_WIN_BACK)
    figure = row.locator("button.t-people")
    assert figure.inner_text() == f"{len(wanted):,}"
    figure.click()
    expect(page.locator("#drawer h2")).to_contain_text(f"{len(wanted):,}")
    page.locator("#drawer summary", has_text="存为分群").click()
    page.locator("#segment-name").fill("重要挽留")
    page.locator("#drawer form .t-button--main").first.click()
    done = page.locator("#gather .t-note--good")
    expect(done).to_contain_text(f"{len(wanted):,}")
    done.get_by_role("link").click()
    page.wait_for_url("**/people/segments/*/")
    expect(page.locator(".t-figure__value").first).to_have_text(f"{len(wanted):,}")
    return page.url


def invitation(page, root):
    """Invite somebody to look; return the link that is shown once."""
    page.goto(f"{root}settings/members/")
    page.get_by_role("button", name="邀请").click()
    page.locator("#drawer").get_by_label(re.compile("^查看者")).check()
    page.locator("#drawer footer .t-button--main").click()
    return page.get_by_label("邀请链接").input_value()


def look_and_change_nothing(page, link, root, board, segment):
    """Join as a colleague in another browser: the answers are there, and nothing that changes them."""
    page.goto(link)
    for name, value in {"name": "顾来", "email": "gu@gifts.example", "password": "parity-orchard-9"}.items():
        page.locator(f'main [name="{name}"]').fill(value)
    page.locator("main form .t-button--main").click()
    page.wait_for_url(root)
    page.goto(board)
    expect(page.locator(".b-tile canvas, .b-tile svg").first).to_be_visible()
    expect(page.locator(".b-tile table", has_text=TO_WIN_BACK)).to_be_visible()
    changing = ("编辑", "保存", "删除", "加入看板", "新建看板", "邮件", "存为分群", "邀请", "导入文件", "修复")
    addresses = (board, f"{root}analysis/dashboards/", f"{root}analysis/rfm/", segment, f"{root}people/", f"{root}settings/members/", f"{root}data/")
    for address in addresses:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        shown = page.locator("main button:visible, main summary:visible, main a.t-button:visible").all_inner_texts()
        assert not [text for text in shown if text.strip() in changing], address
    page.goto(board)
    key = next(cookie["value"] for cookie in page.context.cookies() if "csrf" in cookie["name"])
    posts = {
        f"{root}analysis/dashboards/new/": {"name": "我的"},
        f"{board}change/": {"do": "delete"},
        f"{segment}delete/": {},
        f"{root}people/segments/save/": {"name": "我的", "token": "x"},
        f"{root}people/export/": {"form": "xlsx", "token": "x"},
        f"{root}settings/members/invite/": {"role": "owner"},
        f"{root}data/quarantine/reload/": {},
    }
    for address, form in posts.items():
        assert page.request.post(address, form=form, headers={"X-CSRFToken": key, "Referer": address}).status == 403, address
    assert page.request.get(f"{root}data/load/").status == 403


def export(page, segment, wanted):
    """Take the segment away as a workbook, and read it back."""
    page.goto(segment)
    page.locator("summary", has_text="导出").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Excel").click()
    sheet = openpyxl.load_workbook(BytesIO(taken.value.path().read_bytes())).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert {str(row[0]) for row in rows} == wanted
    assert len(rows) == len(wanted)
