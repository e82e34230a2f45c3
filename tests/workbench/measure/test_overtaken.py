"""Two tabs on the same saved question or dashboard: what was saved second undoes nothing unseen, and is not lost either."""

import json
import re

import pytest

from tilth.workbench.measure.actions import Overtaken, save_question
from tilth.workbench.measure.dashboards import actions
from tilth.workbench.measure.models import Dashboard, Question

BASE = "/w/shop/analysis"


@pytest.fixture
def question(actor, inside):
    return save_question(actor("owner"), kind="activity", query=[("dates", "30d")], name="活跃", shared=True)


@pytest.fixture
def board(actor, inside, question):
    made = actions.make(actor("owner"), name="增长", shared=True)
    actions.add_tile(actor("owner"), thing=made, question=question, part="figures")
    actions.add_tile(actor("owner"), thing=made, text="每周一看")
    return made


def fields(html):
    """Return the hidden fields of the form that offers a copy."""
    form = re.search(r'<form method="post"[^>]*class="m-buttons">(.*?)</form>', html, re.S)[1]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def version(html):
    return re.search(r'name="version" value="(\d+)"', html)[1]


def test_the_second_to_save_a_question_is_told_and_may_keep_a_copy(client_as, question):
    first, second = client_as("owner"), client_as("manager")
    seen = [version(client.get(f"{question.get_absolute_url()}").content.decode()) for client in (first, second)]
    told = {"kind": "activity", "saved": question.pk, "note": "", "shared": "on"}
    assert first.post(f"{BASE}/save/", {**told, "name": "甲", "query": "dates=7d", "version": seen[0]}).status_code == 302
    refused = second.post(f"{BASE}/save/", {**told, "name": "乙", "query": "dates=90d", "version": seen[1]})
    assert refused.status_code == 409
    html = refused.content.decode()
    question.refresh_from_db()
    assert (question.name, question.query) == ("甲", [["dates", "7d"]])
    assert f'href="{question.get_absolute_url()}'.replace("&", "&amp;") in html
    second.post(f"{BASE}/save/", {**fields(html), "copy": "1"})
    copy = Question.objects.exclude(pk=question.pk).get()
    assert (copy.name, copy.query, copy.owner.email) == ("乙", [["dates", "90d"]], "manager@shop.example")


def test_saving_again_after_looking_is_no_conflict(client_as, question):
    client = client_as("owner")
    told = {"kind": "activity", "saved": question.pk, "name": "甲", "shared": "on"}
    for dates in ("7d", "90d"):
        seen = version(client.get(question.get_absolute_url()).content.decode())
        assert client.post(f"{BASE}/save/", {**told, "query": f"dates={dates}", "version": seen}).status_code == 302
    question.refresh_from_db()
    assert question.query == [["dates", "90d"]]


def test_the_second_to_settle_a_dashboard_is_told_and_may_keep_a_copy(client_as, board):
    url = f"{BASE}/dashboards/{board.pk}/"
    first, second = client_as("owner"), client_as("manager")
    seen = [version(client.get(f"{url}?edit=1").content.decode()) for client in (first, second)]
    assert first.post(f"{url}change/", {"do": "settle", "name": "甲", "shared": "on", "version": seen[0]}).status_code == 302
    refused = second.post(f"{url}change/", {"do": "settle", "name": "乙", "shared": "on", "version": seen[1]})
    assert refused.status_code == 409
    assert Dashboard.objects.get().name == "甲"
    second.post(f"{url}change/", {**fields(refused.content.decode()), "copy": "1"})
    copy = Dashboard.objects.exclude(pk=board.pk).get()
    assert (copy.name, copy.tiles.count()) == ("乙", 2)
    assert Dashboard.objects.get(pk=board.pk).name == "甲"


def test_a_tile_that_was_changed_in_another_tab_is_changed_in_a_copy(client_as, board):
    client, url = client_as("owner"), f"{BASE}/dashboards/{board.pk}/"
    text = board.tiles.get(question=None)
    seen = version(client.get(f"{url}?edit=1").content.decode())
    change = {"do": "tile", "tile": text.pk, "version": seen}
    assert client.post(f"{url}change/", {**change, "text": "先改的"}).status_code == 302
    refused = client.post(f"{url}change/", {**change, "text": "后改的"})
    assert refused.status_code == 409
    client.post(f"{url}change/", {**fields(refused.content.decode()), "copy": "1"})
    text.refresh_from_db()
    assert text.options["text"] == "先改的"
    assert Dashboard.objects.exclude(pk=board.pk).get().tiles.get(question=None).options["text"] == "后改的"


def test_tiles_moved_in_two_tabs(client_as, board):
    client, url = client_as("owner"), f"{BASE}/dashboards/{board.pk}/"
    seen = int(re.search(r'data-version="(\d+)"', client.get(f"{url}?edit=1").content.decode())[1])
    one = board.tiles.first()

    def move(x, at):
        told = {"moved": one.pk, "version": at, "tiles": [{"key": one.pk, "x": x, "y": 0, "width": 6, "height": 3}]}
        return client.post(f"{url}arrange/", json.dumps(told), content_type="application/json")

    moved = move(6, seen)
    assert moved.status_code == 200
    refused = move(0, seen)
    assert refused.status_code == 409
    assert refused.json()["overtaken"]
    assert board.tiles.get(pk=one.pk).x == 6
    assert move(0, moved.json()["version"]).status_code == 200  # the tab itself goes on


def test_an_action_without_a_version_changes_what_is_there(actor, board):
    actions.settle(actor("owner"), thing=board, name="丙", shared=True)
    with pytest.raises(Overtaken):
        actions.settle(actor("owner"), thing=board, name="丁", shared=True, version=board.version - 1)
    assert Dashboard.objects.get().name == "丙"
