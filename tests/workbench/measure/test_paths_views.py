"""The further views of the paths page: the matrix and the clusters say what the library says, and their figures lead to their people."""

import csv
import io

import pytest
from tests.workbench.measure.test_behaviour_pages import BASE, whole

from tilth.analysis.behaviour.path_clusters import PathClusters
from tilth.workbench.measure import answers
from tilth.workbench.measure.asking.kinds import KINDS


@pytest.fixture
def during(inside, catalogue):
    """The events of the last thirty days of the data."""
    from datetime import timedelta

    return inside.facts.events().during(catalogue.last_day - timedelta(days=29), catalogue.last_day)


def test_clusters_are_those_of_the_library(asked, catalogue, during):
    wanted = during.paths(start="view_goods", sessions="30m", fold=True).clusters(3)
    question = asked("paths", event="view_goods", view="alike", k="3")
    found, result = answers.answer(question, catalogue), answers.result(question, catalogue)
    assert isinstance(result, PathClusters)
    rows = found["tables"][0]["rows"]
    assert [whole(row["cells"][1]["text"]) for row in rows] == wanted.frame["people"].tolist()
    doors = [(one["value"], one["people"]) for one in found["figures"] if one["people"] is not None]
    doors += [(c["text"], c["people"]) for table in found["tables"] for row in table["rows"] for c in row["cells"] if c["people"] is not None]
    assert len(doors) == 2 + 3
    assert [(whole(text), cell) for text, cell in doors] == [(len(answers.people(question, cell, catalogue)), cell) for _text, cell in doors]
    assert all(KINDS["paths"].people_called(question, cell, catalogue) for _text, cell in doors)
    assert set(result.people(2)) == set(wanted.people(2))
    assert catalogue.call("view_goods") in found["charts"][0]["option"]["xAxis"]["data"] + [rows[0]["cells"][5]["text"].split(" ")[0]]
    assert found["figures"][3]["value"] == f"{wanted.silhouette:.2f}"
    assert (found["warnings"] == []) == (wanted.silhouette > 0.25)


def test_the_number_of_clusters_is_found_where_none_is_picked(asked, catalogue, during):
    wanted = during.paths(start="view_goods", sessions="30m", fold=True).clusters()
    result = answers.result(asked("paths", event="view_goods", view="alike"), catalogue)
    assert result.frame["people"].tolist() == wanted.frame["people"].tolist()
    assert result.tried.keys() == set(range(2, 9))


def test_the_matrix_counts_moves_of_whole_paths(asked, catalogue, during):
    wanted = during.paths(start="view_goods", sessions="30m", fold=True).transitions()
    question = asked("paths", event="view_goods", view="matrix")
    found = answers.answer(question, catalogue)
    every = {catalogue.call(name): int(count) for name, count in wanted.sum(axis=1).items()}
    rows = {row["cells"][0]["text"]: whole(row["cells"][1]["text"]) for row in found["tables"][0]["rows"]}
    assert rows
    assert rows.items() <= every.items()
    _heads, data = KINDS["paths"].data(answers.result(question, catalogue), question)
    assert data["moves"].sum() == wanted.to_numpy().sum()
    assert data.groupby("source")["share"].sum().tolist() == pytest.approx([1] * data["source"].nunique())


@pytest.mark.parametrize("view", ["matrix", "alike"])
def test_a_view_has_its_page_and_its_files(client_as, inside, view):
    client = client_as("analyst")
    html = client.get(f"{BASE}/paths/?view={view}&answer=1").content.decode()
    assert 'aria-current="page"' in html
    for part in ("t-figures", "data-chart", "<table", "t-definition"):
        assert part in html
    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{BASE}/paths/?view={view}&format=csv")).decode("utf-8-sig"))))
    assert len(rows) > 1
    ids = {person for (person,) in inside.facts.relation("events").project("person").distinct().fetchall()}
    assert not ids & {cell for row in rows for cell in row}
    assert client.get(f"{BASE}/paths/?view={view}&format=png").content[:8] == b"\x89PNG\r\n\x1a\n"


def test_how_many_clusters_is_picked_in_their_view_alone(client_as, inside):
    client = client_as("analyst")
    assert 'name="k"' in client.get(f"{BASE}/paths/?view=alike").content.decode()
    assert 'name="k"' not in client.get(f"{BASE}/paths/").content.decode()
    assert client.get(f"{BASE}/paths/people/?view=alike&k=2&cell=%7B%22cluster%22%3A9%7D").status_code == 400


def test_nobody_has_a_path(asked, catalogue):
    for view in ("matrix", "alike"):
        question = asked("paths", event="pay", view=view, dates="2030-01-01..2030-01-02")
        assert answers.answer(question, catalogue)["empty"]
