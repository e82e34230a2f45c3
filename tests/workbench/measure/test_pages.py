"""The pages of questions: figures against the library itself, doors that open to as many people as they say, rights by role."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import openpyxl
import pandas as pd
import pytest

from tilth.warehouse import persons
from tilth.workbench.measure import answers
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.people import sources

BASE = "/w/shop/analysis"


def whole(number):
    return int(number.replace(",", "").rstrip("*"))


@pytest.fixture
def shown(client_as):
    """``shown("funnel/?…")`` is the page's HTML."""

    def got(path, role="analyst", status=200):
        response = client_as(role).get(f"{BASE}/{path}")
        assert response.status_code == status, response.content.decode()[:2000]
        return response.content.decode()

    return got


def test_members_see_it_by_role_and_outsiders_do_not(client_as, outsider, role):
    client = client_as(role)
    for path in ("", "funnel/", "retention/", "rfm/", "funnel/people/?cell={}"):
        assert client.get(f"{BASE}/{path}").status_code == 200
        assert outsider.get(f"{BASE}/{path}").status_code == 404


def test_a_funnel_says_what_the_library_says(shown, inside):
    html = shown("funnel/?dates=90d&step1=view_goods&step2=add_to_cart&step3=pay&within=3d")
    events = inside.facts.events()
    last = events.timeline.times.max()
    day = pd.Timestamp(last, unit="us", tz="UTC").tz_convert("Asia/Shanghai").normalize()
    frame = events.during(day.date() - pd.Timedelta(days=89), day.date()).funnel(["view_goods", "add_to_cart", "pay"], within="3d").frame
    shown = [whole(number) for number in re.findall(r'name="cell" value="[^"]*">([\d,]+)</button>', html)]
    assert shown == frame["people"].tolist()
    assert f"{frame['from_start'].iloc[-1] * 100:.1f}" in html


@pytest.mark.parametrize(
    "path",
    [
        "funnel/?dates=all",
        "funnel/?dates=all&by=channel&compare=previous",
        "funnel/?dates=all&by=city",
        "funnel/?dates=all&order=any&by=platform",
        "retention/?dates=2025-07-01..2025-12-31",
        "retention/?dates=all&period=month&by=channel",
        "retention/?dates=all&start_is=recurring&period=month",
        "rfm/",
        "rfm/?bins=3&compare=90",
    ],
)
def test_every_door_leads_to_as_many_people_as_it_says(asked, catalogue, path):
    parts = urlsplit(path)
    values = {name.replace(".", "__"): given for name, given in parse_qs(parts.query).items()}
    question = asked(parts.path.strip("/"), **values)
    assert not question.faults
    found = answers.answer(question, catalogue)
    result = answers.result(question, catalogue)
    doors = [(one["value"], one["people"]) for one in found["figures"] if one["people"] is not None]
    doors += [(c["text"], c["people"]) for table in found["tables"] for row in table["rows"] for c in row["cells"] if c["people"] is not None]
    assert len(doors) > 4
    counts = [(text, cell, len(result.people(**cell))) for text, cell in doors if "." not in text]
    assert [(whole(text), cell) for text, cell, _n in counts] == [(n, cell) for _text, cell, n in counts]
    frame = result.frame
    for text, cell in doors:
        if "." in text:  # a rate: people of the cell, of its cohort
            size = frame.loc[(frame["cohort"].dt.strftime("%Y-%m-%d") == cell["cohort"]) & (frame["period"] == 0), "size"].sum()
            assert f"{len(result.people(**cell)) / size * 100:.1f}" == text.rstrip("*")


def test_the_drawer_shows_the_people_and_how_to_ask_for_them_again(client_as, inside, asked, catalogue):
    client = client_as("operator")
    question = asked("funnel", dates="all")
    cell = {"step": 4}
    html = client.get(f"{BASE}/funnel/people/?dates=all&cell={quote(json.dumps(cell))}").content.decode()
    people = persons.resolve(inside.facts, answers.result(question, catalogue).people(**cell))
    assert f"{len(people):,}" in html
    given = sources.opened(inside, unescape(re.search(r'name="token" value="([^"]+)"', html)[1]))
    assert given["payload"] == {"question": "funnel", "query": [["dates", "all"]], "cell": cell}
    assert sources.people_of(inside, given) == people


@pytest.mark.parametrize("cell", ['{"step": 99}', '{"colour": 1}', '{"step": "x"}', "[]", "nonsense", '{"step": 1, "channel": {"a": 1}}'])
def test_a_figure_that_there_is_not_is_said_in_words(client_as, cell):
    response = client_as().get(f"{BASE}/funnel/people/?by=channel&cell={quote(cell)}")
    assert response.status_code == 400
    assert "t-note--bad" in response.content.decode()


def test_people_who_dropped_off(asked, catalogue):
    result = answers.result(asked("funnel", dates="all"), catalogue)
    assert result.people(2, dropped=True) == result.people(1) - result.people(2)


def test_changing_the_question_answers_with_its_address_and_parts_only(client_as):
    client = client_as()
    headers = {"HTTP_HX_REQUEST": "true"}
    response = client.get(f"{BASE}/funnel/?dates=30d&order=ordered&step1=view_goods&step2=&step3=pay&by=", **headers)
    assert response["HX-Push-Url"] == f"{BASE}/funnel/?step1=view_goods&step2=pay"
    html = response.content.decode()
    assert "<html" not in html
    assert 'id="answer"' in html
    back = client.get(f"{BASE}/funnel/", HTTP_HX_HISTORY_RESTORE_REQUEST="true", **headers)
    assert "<html" in back.content.decode()


def test_a_fault_stands_in_the_sentence_and_nothing_is_counted(shown):
    html = shown("funnel/?step1=vew_goods&by=chanel")
    assert html.count("t-fault") >= 2
    assert "view_goods" in html
    assert "<table" not in html


def test_a_column_that_cannot_be_split_by_is_said_in_words(shown, inside):
    path = inside.folder / "odd.csv"
    path.write_text("user_id,event,ts,people\nx,view_goods,2025-12-31 10:00:00,3\ny,view_goods,2025-12-31 11:00:00,many\n", "utf-8")
    inside.facts.load(path, table="events")
    assert "t-note--bad" in shown("funnel/?by=people")


def test_an_empty_workspace_is_led_on(client_as, empty_workspace):
    client = client_as("owner", empty_workspace)
    for kind in KINDS:
        html = client.get(f"/w/bare/analysis/{kind}/").content.decode()
        assert "/w/bare/data/" in html
    assert client.get("/w/bare/analysis/").status_code == 200


def test_nobody_to_count_is_said(shown):
    assert "t-empty" in shown("funnel/?dates=2020-01-01..2020-01-31")
    assert "t-empty" in shown("retention/?dates=2020-01-01..2020-01-31")
    assert "t-empty" in shown("rfm/?at=2020-01-01")


def test_no_earlier_time_is_said(shown):
    for path in (
        "funnel/?dates=all&compare=previous",
        "retention/?dates=2024-01-01..2024-12-31&compare=year",
        "funnel/?dates=2024-01-10..2024-01-31&compare=previous",
    ):
        assert "t-note--info" in shown(path)


def test_a_comparison_is_the_difference_of_two_answers(asked, catalogue):
    now = answers.answer(asked("funnel", dates="2025-11-01..2025-11-30", compare="previous"), catalogue)
    one, other = (
        answers.result(asked("funnel", dates=days), catalogue).frame["people"] for days in ("2025-11-01..2025-11-30", "2025-10-02..2025-10-31")
    )
    assert now["figures"][0]["change"] == changes.relative(one[0], other[0])[0]
    assert now["figures"][2]["change"] == changes.points((one.iloc[-1], one[0]), (other.iloc[-1], other[0]))[0]


def test_files_hold_the_figures(client_as, asked, catalogue):
    client = client_as("viewer")
    frame = answers.result(asked("funnel", dates="all", by="channel"), catalogue).frame
    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{BASE}/funnel/?dates=all&by=channel&format=csv")).decode("utf-8-sig"))))
    assert [int(row[3]) for row in rows[1:]] == frame["people"].tolist()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(f"{BASE}/funnel/?dates=all&by=channel&format=xlsx")))).active
    assert [cell.value for cell in book["D"][1:]] == frame["people"].tolist()
    assert client.get(f"{BASE}/funnel/?dates=all&format=png").content[:8] == b"\x89PNG\r\n\x1a\n"
    assert client.get(f"{BASE}/funnel/?format=exe").status_code == 404


def test_an_export_of_rfm_names_nobody(client_as, inside):
    text = b"".join(client_as("viewer").get(f"{BASE}/rfm/?format=csv")).decode("utf-8-sig")
    assert len(text.splitlines()) == 9  # a heading and the eight segments
    buyers = {person for (person,) in inside.facts.relation("orders").project("person").distinct().fetchall() if person}
    assert not [person for person in buyers if person in text]


def test_what_an_answer_says_is_escaped(shown, inside):
    path = inside.folder / "odd.csv"
    path.write_text('user_id,event,ts,channel\nx,<script>alert(1)</script>,2025-12-31 10:00:00,"<img src=x onerror=1>"\n', "utf-8")
    inside.facts.load(path, table="events")
    html = shown(f"funnel/?step1={quote('<script>alert(1)</script>')}&by=channel")
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_a_viewer_is_offered_no_saving(shown):
    assert "save-name" in shown("funnel/", "operator")
    assert "save-name" not in shown("funnel/", "viewer")
