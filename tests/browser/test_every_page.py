"""Every page in a real browser: it loads whole, keeps its own content policy, can be used without a mouse and without sight, and fits its screens.

``TILTH_SHOTS=folder`` keeps a picture of each page at each width, light and dark.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.browser.pages import NARROW, PAGES, WIDE
from tests.workbench.isolation.addresses import walk

from tilth.workbench.shell.allowed import OURS, WAGTAIL

SHOTS = os.environ.get("TILTH_SHOTS")
PATIENCE = 60_000
GRAVE = ("serious", "critical")
UNSETTLED = "[aria-busy=true], .htmx-request"


@pytest.fixture(scope="session")
def furnished(site):
    """Sessions of a member of each role, and the addresses of what lies in the workspace."""
    environment = {**os.environ, "TILTH_HOME": str(site.home), "TILTH_LANG": "zh", "TILTH_SERVER_PORT": site.url.rpartition(":")[2]}
    done = subprocess.run([sys.executable, "-m", "tests.browser.furnish"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def visitors(site, furnished, browser, browser_context_args):
    """``visitors(role)`` is a browser in which that member has signed in; None is nobody."""
    open_now = {}

    def visitor(role):
        if role not in open_now:
            open_now[role] = browser.new_context(**browser_context_args)
            if role:
                open_now[role].add_cookies([{"name": "tilth_session", "value": furnished["sessions"][role], "url": site.url}])
        return open_now[role]

    yield visitor
    for context in open_now.values():
        context.close()


@pytest.fixture
def visit(site, furnished, visitors):
    """``visit(page)`` opens a page; what goes wrong while it is open is noted in ``faults``."""
    tabs = []

    def opened(wanted):
        tab = visitors(wanted.role).new_page()
        tabs.append(tab)
        tab.faults = []
        address = site.url + wanted.path.format(**furnished["made"])
        tab.on("pageerror", lambda fault: tab.faults.append(str(fault)))
        tab.on("console", lambda told: tab.faults.append(told.text) if told.type in ("error", "warning") else None)
        tab.on("requestfailed", lambda request: tab.faults.append(f"{request.url}: {request.failure}"))
        tab.on("response", lambda answer: tab.faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
        answer = tab.goto(address, timeout=PATIENCE)
        assert answer.status == wanted.status
        if wanted.status >= 400:  # the browser notes the answer itself as an error
            tab.faults = [fault for fault in tab.faults if str(wanted.status) not in fault]
        tab.wait_for_load_state("networkidle", timeout=PATIENCE)
        settled(tab)
        return tab

    yield opened
    for tab in tabs:
        tab.close()


def settled(tab):
    """Wait until every part has come. Playwright's own waiting for scripts needs what our content policy forbids."""
    expect(tab.locator(UNSETTLED)).to_have_count(0, timeout=PATIENCE)


def page_called(name):
    return next(page for page in PAGES if page.name == name)


def grave(tab, **options):
    """What axe finds that shuts somebody out."""
    found = Axe().run(tab, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found if one["impact"] in GRAVE for node in one["nodes"]]


@pytest.mark.parametrize("wanted", PAGES, ids=lambda page: page.name)
def test_page(wanted, visit):
    tab = visit(wanted)
    assert tab.title().strip(" ·")
    assert tab.locator("h1").count() == 1
    assert tab.locator("h1").inner_text().strip()
    shot(tab, wanted, "1440")
    assert grave(tab) == []
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_timeout(150)  # colours fade over
    shot(tab, wanted, "1440-dark")
    assert grave(tab, runOnly=["color-contrast"]) == []
    tab.emulate_media(color_scheme="light")
    for width in wanted.widths:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.wait_for_timeout(80)
        if width != WIDE:
            shot(tab, wanted, str(width))
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, f"sticks out sideways at {width}"
    if SHOTS and NARROW not in wanted.widths:
        tab.set_viewport_size({"width": NARROW, "height": 844})
        shot(tab, wanted, str(NARROW))
    assert tab.faults == []


def shot(tab, wanted, how):
    if SHOTS:
        tab.wait_for_timeout(600)  # charts grow
        tab.screenshot(path=Path(SHOTS) / f"{wanted.name}.{how}.png", full_page=True)


def reachable(address, before):
    """Whether an address is one of ours, or of Wagtail's one that is listed."""
    return bool(address.name) and (before == "/" or address.name.split(":")[0] in OURS or address.name in WAGTAIL)


def test_no_page_is_left_out(site, visitors):
    """What answers with a page of HTML, of all addresses without parameters, is in the list above."""
    listed = {page.view for page in PAGES}
    asking = visitors("owner").request
    left_out = []
    for urlconf, before in (("tilth.workbench.config.workspace_urls", "/w/demo/"), ("tilth.workbench.config.urls", "/")):
        for address in walk(urlconf):
            if address.parameters or address.name in listed or "logout" in address.name or not reachable(address, before):
                continue
            answer = asking.get(site.url + before + address.route, max_redirects=0)
            if answer.status == 200 and answer.text()[:200].lstrip().lower().startswith("<!doctype html"):
                left_out.append(address.name)
    assert left_out == []


def test_pickers_of_a_question_by_keyboard(visit):
    tab = visit(page_called("measure-funnel"))
    tab.locator("#main").focus()
    reached = []
    for _press in range(60):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.getAttribute('popovertarget') || ''"))
        if reached[-1] == "pick-dates":
            break
    assert reached[-1] == "pick-dates"
    asked = tab.url
    tab.keyboard.press("Enter")
    expect(tab.locator("#pick-dates input:checked")).to_be_focused()
    tab.keyboard.press("ArrowUp")  # from 近 30 日 past 近 7 日 to 昨日: on the way nothing is asked
    tab.keyboard.press("ArrowUp")
    assert tab.url == asked
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile("dates=yesterday"), timeout=PATIENCE, wait_until="commit")
    settled(tab)
    expect(tab.locator('[popovertarget="pick-dates"]')).to_be_focused(timeout=PATIENCE)  # where one was before
    expect(tab.locator("#pick-dates")).to_be_hidden()
    tab.go_back()
    tab.wait_for_url(asked, timeout=PATIENCE)


def test_the_drawer_opens_and_gives_the_focus_back(visit):
    tab = visit(page_called("measure-funnel"))
    figure = tab.locator("#table-1 button.t-people").first
    figure.focus()
    tab.keyboard.press("Enter")
    tab.locator("#drawer h2").wait_for(timeout=PATIENCE)
    assert tab.evaluate("document.getElementById('drawer').contains(document.activeElement)")
    tab.wait_for_timeout(300)
    assert grave(tab) == []
    tab.keyboard.press("Escape")
    tab.locator("#drawer").wait_for(state="hidden")
    assert figure.evaluate("button => button === document.activeElement")


def test_tiles_are_arranged_by_arrows(visit):
    tab = visit(page_called("measure-board-arranging"))
    tile = tab.locator(".b-tile").nth(1)
    key, column = tile.get_attribute("data-key"), int(tile.get_attribute("data-x"))
    tile.focus()
    with tab.expect_response("**/arrange/") as told:
        tab.keyboard.press("ArrowRight" if column == 0 else "ArrowLeft")
    assert told.value.ok
    tab.locator("#arranged", has_text="列").wait_for(state="attached", timeout=PATIENCE)
    with tab.expect_response("**/arrange/"):
        tab.keyboard.press("Shift+ArrowDown")
    tab.reload()
    after = tab.locator(f'.b-tile[data-key="{key}"]')
    assert int(after.get_attribute("data-x")) != column
    tab.locator("button[value=back]").click()  # the size, and the place
    tab.wait_for_load_state("networkidle")
