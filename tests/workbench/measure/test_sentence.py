"""The form of a question submits what was picked, also what its sentence has no place for."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl

import pytest
from tests.workbench.measure.test_behaviour_pages import BASE

from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question


class Form(HTMLParser):
    """What a browser would submit of the form with the sentence."""

    def __init__(self):
        super().__init__()
        self.inside, self.pairs = False, []

    def handle_starttag(self, tag, given):
        told = dict(given)
        if tag == "form":
            self.inside = "data-ask" in told
        if self.inside and tag == "input" and told.get("name") and (told.get("type") not in ("radio", "checkbox") or "checked" in told):
            self.pairs.append((told["name"], told.get("value", "")))

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "form"


@pytest.mark.parametrize(
    ("kind", "picked"),
    [
        ("paths", "event=view_goods&depth=6&view=matrix"),
        ("paths", "event=view_goods&depth=6&k=3&view=alike"),
        ("paths", "event=view_goods&depth=6&k=3"),
        ("retention", "kind=bracket&periods=12&brackets=1,2-4"),
        ("retention", "kind=on_or_after&periods=12&brackets=1,2-4"),
        ("funnel", "by=channel&pair=douyin&each=week&view=times"),
        ("funnel", "by=channel&pair=douyin&pair.other=tmall&each=week&view=pair"),
        ("funnel", "sessions=30m&each=week&view=trend"),
    ],
)
def test_nothing_that_was_picked_is_lost(client_as, catalogue, kind, picked):
    form = Form()
    form.feed(client_as("analyst").get(f"{BASE}/{kind}/?{picked}").content.decode())
    wanted = Question.read(KINDS[kind], parse_qsl(picked), catalogue)
    assert not wanted.faults
    assert Question.read(KINDS[kind], form.pairs, catalogue).pairs(catalogue) == wanted.pairs(catalogue)
    assert {name for name, _value in parse_qsl(picked)} >= {name for name, _value in wanted.pairs(catalogue)}


def test_what_is_wrong_with_a_part_is_said_even_without_a_place_for_it(client_as, inside):
    said = client_as("analyst").get(f"{BASE}/paths/?view=matrix&depth=99").content.decode()
    assert said.count("t-fault") == 1
