"""Dashboards through their pages: who may do what, that the common days really change the answers, that what is known is not computed again."""

import io
import json
import re

import pytest
from openpyxl import load_workbook

from tilth.analysis.behaviour.activity import Activity
from tilth.workbench.measure import answers
from tilth.workbench.measure.actions import save_question
from tilth.workbench.measure.dashboards import actions
from tilth.workbench.measure.models import Dashboard, Tile
from tilth.workbench.tenancy.models import Entry
from tilth.workbench.tenancy.policy import Refused
from tilth.workbench.tenancy.roles import EDITORS, MANAGERS


@pytest.fixture
def question(actor, inside):
    return save_question(actor("owner"), kind="activity", query=[("dates", "30d")], name="活跃", shared=True)


@pytest.fixture
def board(actor, inside, question):
    made = actions.make(actor("owner"), name="增长", shared=True)
    actions.add_tile(actor("owner"), thing=made, question=question, part="figures")
    actions.add_tile(actor("owner"), thing=made, question=question, part="table")
    actions.add_tile(actor("owner"), thing=made, text="每周一看")
    return made


def tile_of(client, board, tile, query=""):
    url = f"/w/shop/analysis/dashboards/{board.pk}/tile/{tile.pk}/?patient=1{query}"
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_role_sees_a_shared_dashboard_and_only_editors_change_it(client_as, board, role):
    client = client_as(role)
    assert client.get(f"/w/shop/analysis/dashboards/{board.pk}/").status_code == 200
    answer = client.post(f"/w/shop/analysis/dashboards/{board.pk}/change/", {"do": "copy"})
    assert answer.status_code == (302 if role in EDITORS else 403)
    assert Dashboard.objects.count() == (2 if role in EDITORS else 1)
    client.post(f"/w/shop/analysis/dashboards/{board.pk}/change/", {"do": "delete"})
    assert Dashboard.objects.filter(pk=board.pk).exists() == (role not in MANAGERS)


def test_an_outsider_finds_no_dashboard(outsider, board):
    assert outsider.get(f"/w/shop/analysis/dashboards/{board.pk}/").status_code == 404
    assert outsider.get(f"/w/rival/analysis/dashboards/{board.pk}/").status_code == 404
    assert outsider.post(f"/w/rival/analysis/dashboards/{board.pk}/change/", {"do": "delete"}).status_code == 404
    assert Dashboard.objects.filter(pk=board.pk).exists()


def test_one_that_is_not_shared_is_its_owners_and_the_managers_alone(actor, client_as, inside):
    own = actions.make(actor("analyst"), name="我的")
    assert client_as("analyst").get(f"/w/shop/analysis/dashboards/{own.pk}/").status_code == 200
    assert client_as("manager").get(f"/w/shop/analysis/dashboards/{own.pk}/").status_code == 200
    assert client_as("operator").get(f"/w/shop/analysis/dashboards/{own.pk}/").status_code == 404
    with pytest.raises(Refused):
        actions.delete(actor("operator"), thing=own)


def test_the_common_days_change_what_tiles_answer(client_as, workspace, board, inside):
    """The figure is held to the library asked directly about the same days."""
    events = workspace.facts.events()
    figures = board.tiles.get(kind=Tile.Kind.FIGURE)
    first = re.search(r't-people"[^>]*>([\d,]+)<', tile_of(client_as("viewer"), board, figures))[1]
    narrow = re.search(r't-people"[^>]*>([\d,]+)<', tile_of(client_as("viewer"), board, figures, "&dates=2025-12-01..2025-12-03"))[1]
    assert narrow == f"{len(Activity(events.during('2025-12-01', '2025-12-03')).people()):,}"
    assert narrow != first


def test_a_dashboard_that_was_opened_is_not_computed_again(client_as, board, monkeypatch):
    figures = board.tiles.get(kind=Tile.Kind.FIGURE)
    told = tile_of(client_as("viewer"), board, figures)
    monkeypatch.setattr(answers, "_ask", lambda *_: pytest.fail("computed again"))
    assert tile_of(client_as("viewer"), board, figures) == told


def test_tiles_are_arranged_settled_audited_and_put_back(client_as, board):
    client, tiles = client_as("owner"), list(board.tiles.all())
    before = [(t.pk, t.x, t.y) for t in tiles]
    wanted = {"moved": tiles[2].pk, "tiles": [{"key": tiles[2].pk, "x": 0, "y": 0, "width": 6, "height": 3}]}
    url = f"/w/shop/analysis/dashboards/{board.pk}/"
    answer = client.post(f"{url}arrange/", json.dumps(wanted), content_type="application/json")
    assert answer.status_code == 200
    places = {one["key"]: (one["x"], one["y"]) for one in answer.json()["tiles"]}
    assert places[tiles[2].pk] == (0, 0)
    assert {(t.pk, t.x, t.y) for t in board.tiles.all()} == {(key, *at) for key, at in places.items()}
    assert Entry.objects.filter(code="dashboard.save", key=str(board.pk)).exists()
    client.post(f"{url}change/", {"do": "back"})
    assert [(t.pk, t.x, t.y) for t in board.tiles.all()] == before
    assert client.post(f"{url}arrange/", "{", content_type="application/json").status_code == 400


def test_the_workbook_has_a_sheet_for_each_tile(client_as, board):
    answer = client_as("viewer").get(f"/w/shop/analysis/dashboards/{board.pk}/?format=xlsx")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["活跃", "活跃 2"]
    assert book["活跃"].max_row == 31  # a heading and the days of the last 30


def test_every_role_has_a_home_page_and_a_manager_may_replace_it(client_as, actor, board, role):
    assert "data-key" in client_as(role).get("/w/shop/").content.decode()
    actions.make_home(actor("manager"), thing=board, role=role)
    assert "每周一看" in client_as(role).get("/w/shop/").content.decode()


def test_the_standard_tiles_answer(client_as, workspace):
    from tilth.workbench.measure.dashboards.standard import ALL

    for key in ALL:
        answer = client_as("owner").get(f"/w/shop/analysis/home/tile/{key}/?patient=1")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "t-figures" in text or "data-chart" in text or "<table" in text, text


def test_an_empty_workspace_is_led_to_its_first_step(client_as, empty_workspace):
    text = client_as("owner", empty_workspace).get("/w/bare/").content.decode()
    assert "/w/bare/data/" in text
    assert "<ol" in text


def test_a_question_is_put_on_a_dashboard_from_its_page(client_as, question, board):
    client = client_as("owner")
    client.post("/w/shop/analysis/dashboards/put/", {"question": question.pk, "board": board.pk, "part": "chart"})
    assert board.tiles.count() == 4
    client.post("/w/shop/analysis/dashboards/put/", {"question": question.pk, "name": "新看板", "part": "table"})
    assert Dashboard.objects.get(name="新看板").tiles.get().options == {"part": "table"}
