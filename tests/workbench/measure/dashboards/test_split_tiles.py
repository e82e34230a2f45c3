"""A tile of a question that is split shows the split, and a value has one colour in every picture and table."""

import html
import json
import re

import pytest

from tilth.workbench.measure.actions import save_question
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.dashboards import actions, mailing

KINDS = {"funnel": [("by", "channel"), ("dates", "90d")], "retention": [("by", "channel"), ("periods", "4")]}


@pytest.fixture(params=KINDS)
def tile(request, actor, inside):
    """A chart on a dashboard, of a question split by channel."""
    question = save_question(actor("owner"), kind=request.param, query=KINDS[request.param], name="下单转化（按渠道）")
    board = actions.make(actor("owner"), name="增长", shared=True)
    return actions.add_tile(actor("owner"), thing=board, question=question, part="chart")


def shown(client, tile, part):
    tile.options = {"part": part}
    tile.save()
    answer = client.get(f"/w/shop/analysis/dashboards/{tile.dashboard_id}/tile/{tile.pk}/?patient=1")
    assert answer.status_code == 200
    return answer.content.decode()


def colours_of(option):
    return {one["name"]: one["itemStyle"]["color"]["$token"] for one in option["series"] if one.get("itemStyle", {}).get("color")}


def test_the_chart_of_a_tile_shows_the_split_in_the_colours_of_its_values(client_as, tile, catalogue):
    drawn = shown(client_as("viewer"), tile, "chart")
    option = json.loads(html.unescape(re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', drawn)[1]))
    colours = colours_of(option)
    ranked = [code for code, _name, _rows in catalogue.values("channel")]
    assert len(colours) > 3
    for name, colour in colours.items():  # by the place among all rows, as in every other answer
        place = ranked.index(name) + 1 if name in ranked else 8
        assert colour == f"cat-{min(place, 8)}"
    table = shown(client_as("viewer"), tile, "table")
    dots = dict(reversed(one) for one in re.findall(r'<i class="t-dot t-(cat-\d)"></i>([^<]+)<', table))
    assert {name: dots[name] for name in colours} == colours


def test_the_mail_shows_the_same_chart(tile, inside):
    parts, drawn = mailing.made(tile.dashboard, Catalogue(inside))
    assert parts[0].picture in drawn
    question = mailing.question_of(tile.question.kind, tile.question.query, mailing.Common.read([], Catalogue(inside)), Catalogue(inside))
    answer = mailing.answers.answer(question, Catalogue(inside))
    chart = mailing.foremost(answer)
    assert chart["title"] != answer["charts"][0]["title"]
    assert drawn[parts[0].picture] == mailing.pictures.png(chart["option"], mailing.WIDTH, max(260, chart["height"]))
