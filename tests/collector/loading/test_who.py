"""Who is who in live events, from the log to the answers: the index, the register, a person's page and their history all say the same.

Expectations are the rules of docs/reference/identity, worked out by hand for each story.
"""

import json
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from tilth.collector.loading.loader import Loader
from tilth.collector.log import Log
from tilth.collector.requests import Request
from tilth.warehouse import index
from tilth.warehouse.workspace import Workspace

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)


class House:
    """A workspace, and calls that arrive for it."""

    def __init__(self, folder):
        self.workspace = Workspace.create(folder)
        self.log, self.loader, self.number = Log(folder), Loader(self.workspace), 0

    def come(self, *items):
        """Let calls arrive in one request, and load them."""
        batch = []
        for item in items:
            self.number += 1
            at = NOW + timedelta(minutes=item.pop("minute"))
            batch.append({"type": "track", "event": "view", "messageId": f"m{self.number}", "timestamp": at.isoformat(), **item})
        received = int(datetime.now(UTC).timestamp() * 1e6)
        self.log.write([Request("segment", "batch", received, json.dumps({"batch": batch}).encode()).packed()])
        return self.loader.turn()

    def bind(self, type_, **item):
        """Let a call of a Sensors client arrive."""
        self.number += 1
        at = int((NOW + timedelta(minutes=item.pop("minute"))).timestamp() * 1000)
        body = json.dumps([{"type": type_, "event": "$Any", "time": at, "_track_id": self.number, "properties": {}, **item}]).encode()
        self.log.write([Request("sensors", "sa", int(datetime.now(UTC).timestamp() * 1e6), body=b"data_list=" + body).packed()])
        return self.loader.turn()

    def counted(self):
        """How many events each person has, by the index, by an index made anew, and by the register."""
        history = index.opened(self.workspace)
        found = counts(history)
        index.drop(self.workspace)
        assert counts(index.opened(self.workspace)) == found
        listed = {row["person"]: row["events"] for row in self.workspace.people_page().frame.to_dict("records") if row["events"]}
        assert listed == found
        return found


def counts(made):
    sizes = (made.offsets[1:] - made.offsets[:-1]).tolist()
    return {person: size for person, size in zip(made.directory.ids.to_pylist(), sizes, strict=True) if size}


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "shop")


def test_what_somebody_did_before_signing_in_is_theirs(house):
    house.come({"anonymousId": "c1", "minute": 0}, {"anonymousId": "c2", "minute": 0})
    assert house.counted() == {"anonymous:c1": 1, "anonymous:c2": 1}
    house.come({"anonymousId": "c1", "userId": "li", "minute": 1}, {"userId": "li", "minute": 2})
    assert house.counted() == {"li": 3, "anonymous:c2": 1}
    person = house.workspace.person("anonymous:c1")
    assert person.id == "li"
    assert [(one.kind, one.value, one.since) for one in person.ids if one.value != "li"] == [
        ("anonymous", "anonymous:c1", NOW + timedelta(minutes=1))
    ]
    assert [moment.name for moment in house.workspace.timeline("li").moments] == ["view"] * 3


def test_two_known_people_on_one_device_stay_two(house):
    """Rules 2 and 4: the device is its first owner's, and so is what happens there anonymously."""
    house.come(
        {"anonymousId": "d", "userId": "li", "minute": 1}, {"anonymousId": "d", "userId": "wang", "minute": 2}, {"anonymousId": "d", "minute": 3}
    )
    assert house.counted() == {"li": 2, "wang": 1}


def test_calls_count_by_their_own_time_in_whatever_order_they_arrive(house):
    house.come({"anonymousId": "d", "userId": "wang", "minute": 5})
    house.come({"anonymousId": "d", "userId": "li", "minute": 1})
    house.come({"anonymousId": "d", "minute": 9})
    assert house.counted() == {"li": 2, "wang": 1}


def test_a_phone_that_somebody_else_binds_is_theirs_from_that_day_on(house):
    """Rule 5: what was done under the number before stays with whom it belonged to."""
    house.come({"type": "identify", "userId": "li", "traits": {"phone": "13800138000"}, "minute": 0})
    phone = next(one.value for one in house.workspace.person("li").ids if one.kind == "phone")
    assert "138" not in phone
    said = {"identities": {"$identity_mobile": "13800138000"}, "distinct_id": "13800138000"}
    house.bind("track", minute=5, **said)
    assert house.counted() == {"li": 1}
    house.come({"type": "identify", "userId": "wang", "traits": {"phone": "138 0013 8000"}, "minute": 10})
    house.bind("track", minute=15, **said)
    assert house.counted() == {"li": 1, "wang": 1}
    assert [(one.value, one.until) for one in house.workspace.person("li").ids if one.kind == "phone"] == [(phone, NOW + timedelta(minutes=10))]
    assert len(house.workspace.timeline("li").moments) == len(house.workspace.timeline("wang").moments) == 1


def test_questions_see_people_as_they_were_known_at_a_version(house):
    house.come({"anonymousId": "c1", "minute": 0}, {"userId": "li", "minute": 0})
    before = house.workspace.table_version("events")
    house.come({"anonymousId": "c1", "userId": "li", "minute": 1})
    assert house.workspace.events().lifecycle(period="month").frame["new"].tolist() == [1]
    assert house.workspace.events(version=before).lifecycle(period="month").frame["new"].tolist() == [2]


def test_what_was_unbound_is_bound_again_by_the_next_call_that_names_both(house):
    """Rule 5, then rule 2: the same ids as before, and yet the call says something new."""
    both = {"anonymousId": "d", "userId": "li"}
    house.come({**both, "minute": 1})
    unbound = {"$identity_login_id": "li", "$identity_anonymous_id": "d"}
    house.bind("track_id_unbind", minute=5, identities=unbound, distinct_id="li")
    house.come({"anonymousId": "d", "minute": 6})
    house.loader = Loader(house.workspace)
    house.come({**both, "minute": 8}, {"anonymousId": "d", "minute": 9})
    assert [row["kind"] for row in calls(house)].count("event") == 2


def calls(house):
    return [row for file in house.workspace.record("calls").files()[1] for row in pq.read_table(file.path).to_pylist()]
