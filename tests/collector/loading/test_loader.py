"""Every call exactly once, wherever a loader dies, however often a call comes, and whatever else happens to the tables.

The expectation is a dictionary: what was written to the logs, by message id, the first of each.
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.collector.loading.lease import Lease
from tilth.collector.loading.loader import Loader
from tilth.collector.loading.tidying import Tidying, forget
from tilth.collector.log import Log
from tilth.collector.requests import Request
from tilth.warehouse import index
from tilth.warehouse.delta import Delta, OvertakenError
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace


class Died(BaseException):
    """The loader's process ended here."""


class House:
    """A workspace with the logs of two collectors, and what was written to them."""

    def __init__(self, folder):
        self.workspace = Workspace.create(folder)
        self.logs = [Log(folder), Log(folder)]
        self.told, self.faults, self.visits = {}, set(), Counter()
        self.loader = Loader(self.workspace)

    def come(self, *messages, log=0, at=None, bad=()):
        """Let a request arrive with an event for each message, one that is no event for each of `bad`, and what people say of themselves."""
        now = at or datetime.now(UTC)
        batch = []
        for message in messages:
            item = {"messageId": message, "userId": f"u{len(message) % 3}", "anonymousId": f"a{message}", "timestamp": now.isoformat()}
            if message.startswith("visit"):
                batch.append({"type": "identify", "traits": {"phone": f"138{len(self.told) % 10}0000000"}, **item})
            else:
                batch.append({"type": "track", "event": "look", "properties": {"said": message}, **item})
            self.told.setdefault(message, item)
        batch += [{"type": "track", "userId": "u1", "messageId": message, "wrong": message} for message in bad]
        self.faults |= set(bad)
        self.logs[log].write([Request("segment", "batch", int(now.timestamp() * 1e6), json.dumps({"batch": batch}).encode()).packed()])

    def visit(self, number, log=0):
        """Let somebody's visits be counted by one, in the form that Sensors' clients have for it."""
        now = datetime.now(UTC)
        time = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000) + number
        item = {"type": "profile_increment", "distinct_id": "u1", "time": time, "_track_id": number, "properties": {"visits": 1}}
        item["identities"] = {"$identity_login_id": "u1"}
        self.logs[log].write([Request("sensors", "sa", int(now.timestamp() * 1e6), b"data_list=" + json.dumps([item]).encode()).packed()])
        self.visits[number] += 1

    def load(self):
        """Load all that waits, as a process that has just begun."""
        self.loader = Loader(self.workspace)
        self.go_on()

    def go_on(self):
        while self.loader.turn().requests:
            pass

    def rows(self):
        return self.workspace.relation("events").df()

    def aside(self):
        record = self.workspace.record("quarantine")
        files = [file.path for file in record.files()[1]]
        return pq.ParquetDataset(files, schema=record.arrow).read().to_pandas() if files else record.arrow.empty_table().to_pandas()

    def check(self):
        """Check that all that was told is in the tables once, and nothing else; that loads tell of as much; and that questions see it."""
        rows = self.rows()
        live = rows[rows["event"] == "look"]
        said = [json.loads(properties) for properties in live["properties"]]
        expected = sorted(message for message in self.told if not message.startswith("visit"))
        assert sorted(one["message_id"] for one in said) == expected
        assert [one["said"] for one in said] == [one["message_id"] for one in said]
        assert rows["seq"].is_unique
        assert sorted(json.loads(line)["wrong"] for line in self.aside()["line"]) == sorted(self.faults)
        if self.visits:
            person = self.workspace.relation("people").filter("person = 'u1'").order("seq").df().iloc[-1]
            assert json.loads(person["properties"])["visits"] == len(self.visits)
        assert int(index.opened(self.workspace).offsets[-1]) == len(rows)

    def check_loads(self):
        """Check the records of loads, which are right to the last row when another load takes over."""
        self.file("close")
        self.come("after the file")
        self.load()
        loads = self.workspace.loads()
        rows, faults = self.rows().groupby("load").size(), self.aside().groupby("load").size()
        live = loads[(loads["table"] == "events") & (loads["source"] == "live")]
        for one in live.iloc[:-1].itertuples():
            assert one.accepted == rows.get(one.load, 0)
            assert one.rows == one.accepted + one.quarantined
        assert live["quarantined"].sum() == faults.sum()  # what was put aside before a death may be counted by the load that came after a file

    def file(self, name):
        """Load an event from a file."""
        path = self.workspace.root.parent / f"{name}.csv"
        pd.DataFrame({"who": ["f"], "when": ["2024-05-01 10:00:00"], "what": [f"file {name}"]}).to_csv(path, index=False)
        return self.workspace.load(path, Mapping("events", {"person": Field("who"), "time": Field("when", "iso"), "event": Field("what")}))


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "shop")


def story(house):
    """Let things arrive that reach every table, in both logs, some of them twice."""
    house.come("m1", "m2", "visit1", bad=["b1"])
    house.come("m2", "m3", "visit1", log=1, bad=["b1", "b2"])
    house.visit(1, log=1)
    house.visit(2)
    house.come("m3", "m4", log=0)


def dies(monkeypatch, house, step, when):
    """Load until a commit, the `step`-th, before or after which the process dies; return whether it got there."""
    real, steps = Delta.commit, count(1)

    def commit(self, *given, **named):
        here = next(steps) == step
        if here and when == "before":
            raise Died
        version = real(self, *given, **named)
        if here:
            raise Died
        return version

    with monkeypatch.context() as patched:
        patched.setattr(Delta, "commit", commit)
        try:
            house.load()
        except Died:
            return True
    return False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_loader_may_die_between_any_two_commits(tmp_path, monkeypatch, when):
    """What comes meanwhile repeats, in the log that is read first, calls that some tables have already."""
    for step in count(1):
        house = House(tmp_path / f"{when}-{step}")
        story(house)
        died = dies(monkeypatch, house, step, when)
        house.come("m3", "visit1", "m5", log=0, bad=["b2", "b3"])
        house.visit(1, log=0)
        house.visit(3, log=1)
        house.load()
        house.check()
        house.check_loads()
        if not died:
            break
        for log in house.logs:
            log.close()
    assert step > 10


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.lists(st.sampled_from([f"m{n}" for n in range(12)]), min_size=1, max_size=4), st.integers(0, 1)),
        st.tuples(st.just("bad"), st.sampled_from(["b1", "b2", "b3"]), st.integers(0, 1)),
        st.tuples(st.just("visit"), st.integers(1, 3), st.integers(0, 1)),
        st.tuples(st.just("go on")),
        st.tuples(st.just("die"), st.integers(1, 12), st.sampled_from(["before", "after"])),
        st.tuples(st.just("file")),
        st.tuples(st.just("finish"), st.integers(0, 1)),
        st.tuples(st.just("tidy")),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=12)
@given(acts=ACTS)
def test_whatever_happens_in_whatever_order(tmp_path_factory, acts):
    house = House(tmp_path_factory.mktemp("any") / "shop")
    for number, (act, *given_) in enumerate(acts):
        if act == "come":
            house.come(*given_[0], log=given_[1])
        elif act == "bad":
            house.come(log=given_[1], bad=[given_[0]])
        elif act == "visit":
            house.visit(given_[0], log=given_[1])
        elif act == "go on":
            house.go_on()
        elif act == "die":
            with pytest.MonkeyPatch.context() as patched:
                dies(patched, house, *given_)
            house.loader = Loader(house.workspace)
        elif act == "file":
            house.file(str(number))
        elif act == "finish":
            house.logs[given_[0]].finish()
        else:
            Tidying(house.workspace).tidy()
            house.workspace.compact()
    house.load()
    house.check()
    house.check_loads()
    for log in house.logs:
        log.close()


def test_a_repeat_is_left_out_across_logs_turns_and_loaders(house):
    house.come("m1", "m1")
    house.go_on()
    house.come("m1", log=1)
    turn = house.loader.turn()
    assert (turn.repeated, turn.events) == (1, 0)
    house.load()
    house.come("m1")
    house.go_on()
    house.check()


def test_a_repeat_beyond_the_horizon_is_another_event(house):
    """Seven days: what arrived earlier is forgotten, so that what is remembered has a bound."""
    now = datetime.now(UTC)
    house.come("old", at=now - timedelta(days=7, minutes=1))
    house.come("young", at=now - timedelta(days=6, hours=23))
    house.load()
    house.come("old", "young", at=now)
    house.load()
    assert Counter(json.loads(one)["message_id"] for one in house.rows()["properties"]) == {"old": 2, "young": 1}
    files = len(house.workspace.record("arrivals").files()[1])
    assert forget(house.workspace.record("arrivals"), now + timedelta(days=1)) == files


def test_a_load_from_a_file_in_between_comes_in_between(house):
    """``seq`` grows with the order of commits; what comes live after a file belongs to another load than what came before it."""
    house.come("m1")
    house.go_on()
    house.file("between")
    house.come("m2")
    house.go_on()
    house.check()
    rows = house.rows().sort_values("seq")
    assert list(rows["event"]) == ["look", "file between", "look"]
    assert rows["load"].nunique() == 3


def test_a_live_load_that_is_undone_stays_undone_and_the_next_is_another(house):
    house.come("m1")
    house.go_on()
    (load,) = house.rows()["load"].unique()
    house.workspace.undo(load)
    house.come("m1", "m2")  # the first is known, though it was undone
    house.go_on()
    assert [json.loads(one)["message_id"] for one in house.rows()["properties"]] == ["m2"]
    assert house.rows()["load"].tolist() != [load]
    assert int(index.opened(house.workspace).offsets[-1]) == 1


def test_two_loaders_at_once_do_what_one_does(house):
    """The lease keeps them apart; should it ever not, the second fails at the first commit to events that is not its own, and begins anew."""
    first, second = Loader(house.workspace), Loader(house.workspace)
    assert [first.turn().requests, second.turn().requests] == [0, 0]
    for number in range(6):
        house.come(f"m{number}", bad=[f"b{number}"])
        house.visit(number)
        first.turn()
        if number % 2:
            house.come(f"n{number}")
        with pytest.raises(OvertakenError):
            second.turn()
        second.turn()
        first, second = second, first
        first.turn()
    house.load()
    house.check()


def test_the_lease_is_one_loaders_and_passes_on_when_it_ends(tmp_path):
    first, second = Lease(tmp_path), Lease(tmp_path)
    assert (first.take(), first.take(), second.take()) == (True, True, False)
    first.leave()
    assert second.take()
    second.leave()


def test_questions_see_what_came_without_an_index_made_anew(house, monkeypatch):
    """While the slot of a day's load grows, an index takes the new rows in; one that is made anew says the same."""
    house.come("m0")
    house.go_on()
    assert int(index.opened(house.workspace).offsets[-1]) == 1
    for number in range(1, 6):
        house.come(f"m{number}", log=number % 2)
        house.go_on()
        with monkeypatch.context() as patched:
            patched.setattr(index, "build", None)
            assert int(index.opened(house.workspace).offsets[-1]) == number + 1
    index.drop(house.workspace)
    house.check()


def test_files_are_merged_in_between(house):
    for number in range(8):
        house.come(f"m{number}", bad=[f"b{number}"])
        house.visit(number)
        house.go_on()
        if number % 3 == 2:
            house.workspace.compact()
            assert len(house.workspace.table("events").files()[1]) == 1
    house.load()
    house.check()
