"""What clients say about people, from their calls to the person's page; the meaning of each operation is that of Sensors' published documentation."""

import json
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from tilth.collector.loading.loader import Loader
from tilth.collector.log import Log
from tilth.collector.requests import Request
from tilth.warehouse.delta import Delta
from tilth.warehouse.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "shop")


@pytest.fixture
def say(workspace):
    """Let calls of a Sensors client arrive in one request: (type, properties) of one person."""
    log, number = Log(workspace.root), iter(range(10**6))

    def said(*calls, who="li"):
        now = datetime.now(UTC)
        items = [
            {"type": kind, "distinct_id": who, "time": int(now.timestamp() * 1000), "_track_id": next(number), "properties": properties}
            | {"identities": {"$identity_login_id": who}}
            for kind, properties in calls
        ]
        body = b"data_list=" + json.dumps(items).encode()
        log.write([Request("sensors", "sa", int(now.timestamp() * 1e6), body=body).packed()])

    yield said
    log.close()


def known(workspace, who="li"):
    person = workspace.person(who)
    return {**person.profile, **person.properties}


def test_each_operation(workspace, say):
    loader = Loader(workspace)
    say(("profile_set", {"$name": "李", "$city": "杭州", "level": 1}), ("profile_set_once", {"$city": "上海", "first": "app"}))
    assert loader.turn().calls == 2
    assert known(workspace) == {"name": "李", "city": "杭州", "level": 1, "first": "app"}
    say(
        ("profile_increment", {"level": 2, "visits": 1}),
        ("profile_append", {"likes": ["tea", "tea"]}),
        ("profile_append", {"likes": ["tea", "rice"]}),
    )
    loader.turn()
    assert known(workspace) == {"name": "李", "city": "杭州", "level": 3, "visits": 1, "first": "app", "likes": ["tea", "rice"]}
    say(("profile_unset", {"$city": True, "first": True}))
    Loader(workspace).turn()  # another process goes on from what the tables hold
    assert known(workspace) == {"name": "李", "level": 3, "visits": 1, "likes": ["tea", "rice"]}
    say(("profile_delete", {}), ("profile_set", {"level": 9}))
    Loader(workspace).turn()
    assert known(workspace) == {"level": 9}


def test_a_loader_that_dies_between_two_commits_adds_nothing_twice(workspace, say):
    """At whichever commit it dies, before or after it, an increment counts once."""
    commit, expected = Delta.commit, 0
    for nth in range(9):  # events begins, quarantine or records, people begins, people, events: fewer than these
        for after in (False, True):
            say(("profile_increment", {"visits": 1}))
            expected += 1
            calls = iter(range(100))

            def dying(self, *given, _calls=calls, _nth=nth, _after=after, **named):
                number = next(_calls)
                if number == _nth and not _after:
                    raise KeyboardInterrupt
                done = commit(self, *given, **named)
                if number == _nth:
                    raise KeyboardInterrupt
                return done

            with patch.object(Delta, "commit", dying):
                try:
                    Loader(workspace).turn()
                except KeyboardInterrupt:
                    say(("profile_increment", {"visits": 1}))  # more waits for the next one
                    expected += 1
            next_one = Loader(workspace)
            while next_one.turn().requests:
                continue
            rows = workspace.relation("people").order("time DESC, seq DESC").limit(1).df()
            assert json.loads(rows["properties"][0])["visits"] == expected


def test_phones_and_addresses_are_sealed_and_stand_nowhere_else(workspace, say):
    loader = Loader(workspace)
    log = Log(workspace.root)
    batch = [{"type": "identify", "messageId": "1", "userId": "li", "traits": {"phone": "13800138000", "email": "Li@Example.com", "tea": "green"}}]
    log.write([Request("segment", "batch", int(datetime.now(UTC).timestamp() * 1e6), json.dumps({"batch": batch}).encode()).packed()])
    log.close()
    loader.turn()
    assert known(workspace) == {"tea": "green"}
    files = [file for file in workspace.root.rglob("*") if file.is_file() and "incoming" not in file.parts]
    import pyarrow.parquet as pq

    texts = [str(pq.read_table(file).to_pylist()) if file.suffix == ".parquet" else file.read_text(errors="replace") for file in files]
    assert not any(told in text.lower() for text in texts for told in ("13800138000", "li@example.com"))
    sealed = {
        row["id"].partition(":")[0]: row["sealed"] for file in workspace.record("contacts").files()[1] for row in pq.read_table(file.path).to_pylist()
    }
    assert {kind: loader._ids.opened(text) for kind, text in sealed.items()} == {"phone": "+8613800138000", "email": "li@example.com"}
