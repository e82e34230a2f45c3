"""Group commit on disks that really are slow, full and full again: what was acknowledged is there, what is not was never acknowledged."""

import asyncio
import os
import shutil
import subprocess
import time

import pytest

from tilth.collector.frames import MAGIC, frames
from tilth.collector.loading import arrivals
from tilth.collector.log import FOLDER
from tilth.collector.requests import Request
from tilth.collector.writing import Bounds, BusyError, Writer

ROOM = 2 << 20  # bytes of the small disk


def request(number, size=0):
    return Request("segment", "batch", number, b"x" * size).packed()


def kept(root):
    return [arrival.request.received for arrival in arrivals.waiting(root, {}, 1 << 40)]


async def sent(writer, root, numbers, size=0):
    """Send requests all at once; return those that were acknowledged."""

    async def one(number):
        try:
            await writer.append(root, request(number, size))
        except BusyError:
            return None
        return number

    return {number for number in await asyncio.gather(*map(one, numbers)) if number is not None}


@pytest.fixture
def disk(tmp_path):
    """A disk of its own that holds 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_many_that_wait_go_to_disk_together(tmp_path, monkeypatch):
    synced = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda file: (synced.append(file), real(file)))
    writer = Writer()
    assert asyncio.run(sent(writer, tmp_path, range(1, 501))) == set(range(1, 501))
    writer.close()
    assert kept(tmp_path) == list(range(1, 501))  # in the order in which they came
    assert len(synced) < 50


def test_workspaces_have_logs_of_their_own(tmp_path):
    writer, roots = Writer(), [tmp_path / "a", tmp_path / "b"]
    for root in roots:
        root.mkdir()

    async def both():
        return await asyncio.gather(sent(writer, roots[0], range(1, 50)), sent(writer, roots[1], range(100, 150)))

    asyncio.run(both())
    writer.close()
    assert [kept(root) for root in roots] == [list(range(1, 50)), list(range(100, 150))]


def test_a_workspace_whose_folder_is_gone_does_not_stop_the_others(tmp_path):
    writer, here = Writer(Bounds(patience=0.5)), tmp_path / "here"
    here.mkdir()

    async def both():
        return await asyncio.gather(sent(writer, tmp_path / "gone", range(1, 5)), sent(writer, here, range(1, 50)))

    assert asyncio.run(both()) == [set(), set(range(1, 50))]
    writer.close()
    assert not (tmp_path / "gone").exists()


def test_a_loader_too_far_behind_means_waiting_and_then_a_refusal(tmp_path):
    writer = Writer(Bounds(behind=50_000, patience=0.5))
    assert asyncio.run(sent(writer, tmp_path, range(1, 6), 10_000)) == set(range(1, 6))
    time.sleep(1.1)  # what is known of a disk holds for a second
    began = time.monotonic()
    assert asyncio.run(sent(writer, tmp_path, range(11, 21))) == set()
    assert time.monotonic() - began > 0.5
    writer.close()
    for file in (tmp_path / FOLDER / "000").glob("*.log"):
        file.unlink()  # as the loader does
    writer = Writer(Bounds(behind=50_000, patience=5))
    assert asyncio.run(sent(writer, tmp_path, range(21, 31))) == set(range(21, 31))
    writer.close()


def test_who_waits_while_the_loader_catches_up_is_taken(tmp_path):
    writer = Writer(Bounds(behind=50_000, patience=20))
    asyncio.run(sent(writer, tmp_path, [1], 60_000))
    time.sleep(1.1)

    async def caught_up():
        waiting = asyncio.create_task(sent(writer, tmp_path, [2]))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        for file in (tmp_path / FOLDER / "000").iterdir():
            if file.name != "owner":
                os.truncate(file, 0)
        return await waiting

    assert asyncio.run(caught_up()) == {2}
    writer.close()


@pytest.mark.parametrize("reserve", [0, 256 << 20], ids=["to the last byte", "with a reserve"])
def test_a_disk_that_fills_up_loses_nothing_that_was_acknowledged(disk, reserve):
    """Requests of 10 kB until 2 MB are full, then room is made by the loader, here by hand, and so on."""
    writer = Writer(Bounds(reserve=reserve, patience=0.3))
    taken, loaded, refused, number = set(), [], 0, 0
    for _turn in range(4):
        while True:
            numbers = range(number + 1, number + 21)
            number += 20
            now = asyncio.run(sent(writer, disk, numbers, 10_000))
            taken |= now
            refused += 20 - len(now)
            if len(now) < 20:
                break
        found = arrivals.waiting(disk, {}, 1 << 40)
        loaded += [arrival.request.received for arrival in found]
        for file in (disk / FOLDER / "000").glob("*.log"):
            file.unlink()
        for file in (disk / FOLDER / "000").glob("*.open"):
            loaded = [one for one in loaded if one not in {arrival.request.received for arrival in found if arrival.place >> 32 == int(file.stem)}]
        time.sleep(1.1)
    writer.close()
    loaded += kept(disk)
    assert len(taken) > 200
    assert refused
    assert taken <= set(loaded)
    assert len(loaded) == len(set(loaded))


def test_closing_writes_what_waits(tmp_path):
    async def closed():
        writer = Writer()
        waiting = [asyncio.create_task(writer.append(tmp_path, request(number))) for number in range(1, 100)]
        await asyncio.sleep(0)
        await asyncio.to_thread(writer.close)
        await asyncio.gather(*waiting)

    asyncio.run(closed())
    assert kept(tmp_path) == list(range(1, 100))
    assert [file.suffix for file in (tmp_path / FOLDER / "000").iterdir() if file.name != "owner"] == [".log"]


def test_a_client_that_goes_away_while_it_waits_harms_nobody(tmp_path):
    async def gone():
        writer = Writer()
        waiting = [asyncio.create_task(writer.append(tmp_path, request(number))) for number in range(1, 101)]
        await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        await writer.append(tmp_path, request(1000))
        writer.close()
        return {number for number, one in enumerate(done, 1) if one is None}

    acknowledged = asyncio.run(gone())
    assert acknowledged == set(range(2, 101, 2))
    assert acknowledged | {1000} <= set(kept(tmp_path))


def test_a_workspace_that_is_put_back_under_the_collector_loses_nothing(tmp_path):
    """What would go into a file that is no longer there is not acknowledged; the next request begins another, and other workspaces go on."""
    root, other = tmp_path / "shop", tmp_path / "other"
    root.mkdir()
    other.mkdir()

    async def told():
        writer = Writer(Bounds(patience=5))
        await writer.append(root, b"before")
        shutil.rmtree(root)
        root.mkdir()
        await writer.append(root, b"after")
        await writer.append(other, b"beside")
        writer.close()

    asyncio.run(told())
    payloads = [payload for file in root.glob("incoming/*/*.log") for _end, payload in frames(file.read_bytes()[len(MAGIC) :])]
    assert payloads == [b"after"]
    assert [*other.glob("incoming/*/*.log")]
