"""Tiles of a dashboard are moved in a real browser; a move that is refused leaves them where they were."""

import re

from playwright.sync_api import expect


def test_a_tile_whose_move_is_refused_goes_back(owner, site):
    home = owner.url
    owner.goto(f"{home}analysis/dashboards/")
    token = owner.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    headers = {"Referer": site.url}
    made = owner.request.post(
        f"{home}analysis/dashboards/new/", form={"csrfmiddlewaretoken": token, "name": "Moves"}, headers=headers, max_redirects=0
    )
    board = site.url + made.headers["location"].split("?")[0]
    owner.request.post(f"{board}change/", form={"csrfmiddlewaretoken": token, "do": "add", "text": "One"}, headers=headers, max_redirects=0)
    owner.goto(f"{board}?edit=1")
    tile, said = owner.locator("#tiles .b-tile"), owner.locator("#arranged")
    before = int(tile.get_attribute("data-height"))

    owner.route(
        "**/arrange/", lambda route: route.fulfill(status=409, content_type="application/json", body='{"fault": "refused", "overtaken": true}')
    )
    tile.focus()
    owner.keyboard.press("Shift+ArrowDown")
    expect(said).to_have_text("refused")
    expect(tile).to_have_attribute("data-height", str(before))
    expect(tile).to_have_attribute("style", re.compile(f"span {before} /"))

    owner.unroute_all()
    tile.focus()
    owner.keyboard.press("Shift+ArrowDown")
    expect(said).not_to_have_text("refused")
    expect(tile).to_have_attribute("data-height", str(before + 1))
