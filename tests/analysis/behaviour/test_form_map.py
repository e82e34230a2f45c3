"""Form maps: a worked example by hand."""

import json

import pytest

import tilth as tl
from tilth.analysis.behaviour.form_map import FormMap, FormMapOptions
from tilth.analysis.result import NoSuchCell
from tilth.errors import InputError, UnknownEvent

ROWS = [  # person, event, form, last_field, element, path
    ("ann", "form_start", "register", None, "#register > input", "/"),
    ("ann", "form_abandon", "register", "phone", "#phone", "/"),
    ("ann", "form_start", "register", None, "#register > input", "/"),
    ("ann", "form_submit", "register", None, "#register", "/"),
    ("bo", "form_start", "register", None, "#register > input", "/"),
    ("bo", "form_abandon", "register", "phone", "#phone", "/"),
    ("cy", "form_start", "register", None, "#register > input", "/"),
    ("cy", "form_abandon", "register", "email", "#email", "/"),
    ("cy", "form_submit", "search", None, "#search", "/"),
    ("dee", "form_start", "address", None, "#street", "/cart"),
    ("dee", "form_abandon", None, "street", "#street", "/cart"),
]


def asked(rows=ROWS, **options):
    names = ["person", "event", "form", "last_field", "element", "path"]
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    times = [f"2026-03-01 09:00:{k:02}" for k in range(len(rows))]
    return FormMap(tl.Events({**columns, "time": times}, "person", "time", "event"), FormMapOptions(**options))


def counted(table):
    return [tuple(row) for row in table.itertuples(index=False)]


def test_by_hand():
    found = asked(page="/")
    assert counted(found.forms) == [("register", 4, 1, 3, 3), ("search", 0, 1, 0, 1)]
    assert counted(found.frame) == [
        ("register", "phone", "#phone", 2, 2, pytest.approx(2 / 3)),
        ("register", "email", "#email", 1, 1, pytest.approx(1 / 3)),
    ]
    assert found.frame["left"].sum() == found.forms["left"].sum()


def test_people():
    found = asked(page="/")
    assert sorted(found.people("begun", "register").ids.to_pylist()) == ["ann", "bo", "cy"]
    assert sorted(found.people("submitted").ids.to_pylist()) == ["ann", "cy"]
    assert sorted(found.people(form="register", field="phone").ids.to_pylist()) == ["ann", "bo"]
    with pytest.raises(NoSuchCell, match="nowhere"):
        found.people(field="nowhere")
    with pytest.raises(InputError, match="stage"):
        found.people("opened")


def test_what_names_no_form_is_left_out():
    assert counted(asked(page="/cart").forms) == [("address", 1, 0, 0, 1)]
    assert len(asked(page="/cart").frame) == 0


def test_no_forms():
    found = asked(page="/nowhere")
    assert (len(found.forms), len(found.frame)) == (0, 0)


def test_nobody_has_submitted_yet():
    begun = [row for row in ROWS if row[1] != "form_submit"]
    assert asked(begun, page="/").forms["submitted"].tolist() == [0]
    with pytest.raises(UnknownEvent, match="sent_form"):
        asked(begun, submitted="sent_form")
    with pytest.raises(UnknownEvent, match="form_start"):
        asked([row for row in ROWS if row[1] != "form_start"])


def test_a_chart_is_json():
    assert json.loads(json.dumps(asked().chart()))["yAxis"]["data"] == ["register: phone", "register: email"]
