"""The dictionary of events and properties says what a count of the rows by pandas says."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from tests.warehouse.shop import DAY, FIRST, write

from tilth.errors import UnknownEvent, UnknownName
from tilth.language import using
from tilth.warehouse import dictionary
from tilth.warehouse.demo import Brand
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace

HEADER = ("user", "ts", "action", "city", "value", "vip", "born", "no", "score", "a/b~c")
MAPPING = Mapping(
    "events",
    {"person": Field("user"), "time": Field("ts", "unix_s"), "event": Field("action"), "city": Field("city"), "value": Field("value", "number")},
)
ROWS = [
    ("u1", FIRST, "view", "上海", "19.90", "true", "2020-01-05", "0012", "3", "x"),
    ("u1", FIRST + 60, "view", "上海", "100", "false", "1999/12/31", "0013", "-2.5", ""),
    ("u2", FIRST + 5 * DAY, "view", "", "", "", "", "", "1e3", ""),
    ("u2", FIRST + 5 * DAY, "buy", "杭州", "100", "true", "", "77", "", "y"),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "shop")
    workspace.load(write(tmp_path / "a.csv", ROWS, header=HEADER), MAPPING)
    return workspace


def test_events_are_counted_with_their_people_and_days(workspace: Workspace) -> None:
    frame = workspace.event_dictionary()
    assert frame[["event", "rows", "people"]].values.tolist() == [["view", 3, 2], ["buy", 1, 1]]
    assert frame["daily"].tolist() == [[0] * 24 + [2, 0, 0, 0, 0, 1], [0] * 29 + [1]]
    assert frame.loc[0, "first"] == pd.Timestamp(FIRST, unit="s", tz="Asia/Shanghai")
    assert frame.loc[0, "last"] == pd.Timestamp(FIRST + 5 * DAY, unit="s", tz="Asia/Shanghai")


def test_properties_are_told_with_kind_share_and_examples(workspace: Workspace) -> None:
    frame = workspace.property_dictionary().set_index("name")
    assert frame["kind"][["city", "value", "vip", "born", "no", "score", "a/b~c"]].tolist() == [
        "text",
        "number",
        "flag",
        "time",
        "text",
        "number",
        "text",
    ]
    assert frame["filled"][["city", "vip", "born", "score", "a/b~c", "channel"]].tolist() == [0.75, 0.75, 0.5, 0.75, 0.5, 0]
    assert frame["distinct"][["city", "value", "vip", "a/b~c"]].tolist() == [2, 2, 2, 2]
    assert frame["examples"]["city"] == [("上海", 2), ("杭州", 1)]
    assert frame["examples"]["value"] == [("100", 2), ("19.9", 1)]
    assert frame["examples"]["person"] == []  # who somebody is is no example
    assert frame["stored"][["city", "vip"]].tolist() == ["column", "json"]


def test_properties_of_one_event_are_those_of_its_rows(workspace: Workspace) -> None:
    frame = workspace.property_dictionary("buy").set_index("name")
    assert "born" not in frame.index
    assert frame["examples"]["a/b~c"] == [("y", 1)]
    assert frame.attrs == {"rows": 1, "of": 1, "sampled": False}
    with using("en"), pytest.raises(UnknownEvent, match="Did you mean 'buy'"):
        workspace.property_dictionary("bui")
    with pytest.raises(UnknownName):
        workspace.property_dictionary(table="event")


def test_an_empty_table_has_an_empty_dictionary(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "new")
    assert workspace.event_dictionary().empty
    assert workspace.property_dictionary()["filled"].eq(0).all()


def test_of_very_many_rows_a_sample_is_looked_at_the_same_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace.create(tmp_path / "shop")
    workspace.load(
        write(tmp_path / "a.csv", [("u", FIRST + n, "view", "上海" if n % 4 else "") for n in range(8000)], header=HEADER[:4]), MAPPING_SHORT
    )
    monkeypatch.setattr(dictionary, "ROWS", 2000)
    frame = workspace.property_dictionary()
    assert frame.attrs["sampled"]
    assert 1600 < frame.attrs["rows"] < 2400  # 2,000 expected; twenty standard deviations would be 780
    assert abs(frame.set_index("name")["filled"]["city"] - 0.75) < 0.05
    assert frame.equals(workspace.property_dictionary())


MAPPING_SHORT = Mapping("events", {name: MAPPING.fields[name] for name in ("person", "time", "event", "city")})


def test_an_older_version_has_its_own_dictionary(tmp_path: Path, workspace: Workspace) -> None:
    before = workspace.table_version("events")
    workspace.load(write(tmp_path / "b.csv", [("u3", FIRST, "share", "")], header=HEADER[:4]), MAPPING_SHORT)
    assert workspace.table_version("events") > before
    assert workspace.event_dictionary(before)["event"].tolist() == ["view", "buy"]
    assert set(workspace.event_dictionary()["event"]) == {"view", "buy", "share"}


def test_the_brands_dictionary_is_what_pandas_counts(tmp_path: Path, small: Brand, stocked: Workspace) -> None:
    rows = small.tables["events"].to_pandas()
    counted = rows.groupby("event")
    frame = stocked.event_dictionary().set_index("event")
    assert frame["rows"].to_dict() == counted.size().to_dict()
    assert frame["people"].to_dict() == counted["person"].nunique().to_dict()
    days = rows["time"].dt.tz_convert(small.tz).dt.normalize()
    ago = (days.max() - days).dt.days
    for event, daily in frame["daily"].items():
        assert daily == [int(((rows["event"] == event) & (ago == 29 - place)).sum()) for place in range(30)]
    opened = pd.Series([json.loads(text) if text else {} for text in rows["properties"]])
    systems = opened.map(lambda one: one.get("os")).dropna()
    found = stocked.property_dictionary().set_index("name").loc["os"]
    assert dict(found["examples"]) == systems.value_counts().to_dict()
    assert found["filled"] == pytest.approx(len(systems) / len(rows))
    cities = stocked.property_dictionary().set_index("name").loc["city"]
    assert cities["examples"][0] == (rows["city"].value_counts().index[0], rows["city"].value_counts().iloc[0])
    assert cities["distinct"] == rows["city"].nunique()
