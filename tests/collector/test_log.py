"""The logs of collectors: numbers that only grow, an instance to one process, and files that nothing is ever appended to after a fault."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from tilth.collector.frames import MAGIC, frames
from tilth.collector.loading import arrivals
from tilth.collector.log import FOLDER, Log
from tilth.collector.requests import Request


def request(number):
    return Request("pixel", "pixel.gif", number, query={"event": "view", "number": str(number)}).packed()


def numbers(root, after=None):
    return [arrival.request.received for arrival in arrivals.waiting(root, after or {}, 1 << 30)]


def files(root):
    return sorted(file.name for file in (root / FOLDER).rglob("*") if file.is_file() and file.name != "owner")


def test_what_is_written_is_there_at_once_and_after_finishing(tmp_path):
    log = Log(tmp_path)
    log.write([request(1), request(2)])
    assert numbers(tmp_path) == [1, 2]
    log.finish()
    log.write([request(3)])
    assert [file.partition(".")[2] for file in files(tmp_path)] == ["log", "open"]
    assert numbers(tmp_path) == [1, 2, 3]
    log.close()
    assert numbers(tmp_path) == [1, 2, 3]


def test_places_go_on_from_where_they_were_left(tmp_path):
    log = Log(tmp_path)
    for number in range(1, 7):
        log.write([request(number)])
        if number % 2 == 0:
            log.finish()
    places = [arrival.place for arrival in arrivals.waiting(tmp_path, {}, 1 << 30)]
    assert places == sorted(set(places))
    for done, place in enumerate(places):
        assert numbers(tmp_path, {"000": place}) == list(range(done + 2, 7))


def test_numbers_of_files_grow_after_the_files_are_gone(tmp_path):
    """Otherwise what arrives next would lie before the places up to which everything is loaded, and never be."""
    last = 0
    for _start in range(4):
        log = Log(tmp_path)
        log.write([request(1)])
        (arrival,) = arrivals.waiting(tmp_path, {}, 1 << 30)
        assert arrival.place > last
        last = arrival.place
        log.close()
        arrivals.remove(tmp_path, {"000": last})
        assert files(tmp_path) == []


def test_numbers_grow_also_when_the_whole_folder_was_lost(tmp_path):
    """A workspace restored without its logs still knows places in those that it had."""
    log = Log(tmp_path)
    log.write([request(1)])
    (before,) = arrivals.waiting(tmp_path, {}, 1 << 30)
    log.close()
    for file in sorted((tmp_path / FOLDER).rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    time.sleep(1.1)
    log = Log(tmp_path)
    log.write([request(2)])
    assert numbers(tmp_path, {before.instance: before.place}) == [2]
    log.close()


def test_a_file_that_is_not_loaded_to_its_end_stays(tmp_path):
    log = Log(tmp_path)
    log.write([request(1), request(2)])
    first, second = (arrival.place for arrival in arrivals.waiting(tmp_path, {}, 1 << 30))
    arrivals.remove(tmp_path, {"000": second})
    assert len(files(tmp_path)) == 1  # it is being written
    log.close()
    arrivals.remove(tmp_path, {"000": first})
    assert numbers(tmp_path, {"000": first}) == [2]
    arrivals.remove(tmp_path, {"000": second})
    assert files(tmp_path) == []


def test_a_file_whose_end_is_torn_is_removed_when_the_rest_is_loaded(tmp_path):
    log = Log(tmp_path)
    log.write([request(1)])
    log.close()
    (file,) = (tmp_path / FOLDER / "000").glob("*.log")
    with file.open("ab") as out:
        out.write(b"\xf5\x02\xaf\x1e\x00\x00")
    (arrival,) = arrivals.waiting(tmp_path, {}, 1 << 30)
    arrivals.remove(tmp_path, {"000": arrival.place})
    assert files(tmp_path) == []


def own(root, found, wait):
    log = Log(root)
    log.write([request(os.getpid())])
    found.put(log._folder.name)
    wait.wait()


def test_no_two_processes_have_the_same_instance_and_no_instance_is_left_unused(tmp_path):
    context = multiprocessing.get_context("spawn")
    for _round in range(2):  # the second finds the folders of the first, whose processes were killed
        found, wait = context.Queue(), context.Event()
        running = [context.Process(target=own, args=(tmp_path, found, wait)) for _ in range(3)]
        for process in running:
            process.start()
        assert sorted(found.get(timeout=60) for _ in running) == ["000", "001", "002"]
        for process in running:
            os.kill(process.pid, signal.SIGKILL)
            process.join()
    assert len(numbers(tmp_path)) == 6


def test_a_process_that_is_killed_while_it_writes_leaves_what_it_said_was_written(tmp_path):
    program = (
        "import sys; from pathlib import Path; from tests.collector.test_log import request; from tilth.collector.log import Log\n"
        "log, number = Log(Path(sys.argv[1])), 0\n"
        "while True:\n"
        "    log.write([request(number + n) for n in range(1, 8)]); number += 7; print(number, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    said = [int(process.stdout.readline()) for _line in range(50)]
    process.kill()
    said += map(int, process.communicate()[0].split())
    Log(tmp_path).close()
    found = numbers(tmp_path)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= said[-1]


@pytest.mark.parametrize("broken", ["write", "fdatasync"])
def test_a_file_with_a_fault_is_cut_to_what_was_said_and_never_written_again(tmp_path, monkeypatch, broken):
    """A disk that fails once: half of the bytes get there, or nobody knows whether they did."""
    log = Log(tmp_path)
    log.write([request(1)])
    write = os.write

    def fails(file, *given):
        if given:
            write(file, bytes(given[0])[: len(given[0]) // 2])
        raise OSError(errno.EIO, "the disk failed")

    with monkeypatch.context() as patched:
        patched.setattr("tilth.collector.log.os", SimpleNamespace(**{**vars(os), broken: fails}))
        with pytest.raises(OSError, match="the disk failed"):
            log.write([request(2)])
    assert numbers(tmp_path) == [1]
    log.write([request(3)])
    log.close()
    assert numbers(tmp_path) == [1, 3]
    for file in (tmp_path / FOLDER / "000").glob("*.log"):
        data = file.read_bytes()[len(MAGIC) :]
        assert [end for end, _payload in frames(data)][-1:] == [len(data)]


def test_a_file_that_cannot_be_begun_leaves_no_more_than_its_beginning(tmp_path, monkeypatch):
    log = Log(tmp_path)
    log.write([request(n) for n in range(1, 1000)])
    log.finish()

    def fails(file, data):
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as patched:
        patched.setattr("tilth.collector.log.os", SimpleNamespace(**{**vars(os), "write": fails}))
        for _again in range(3):
            with pytest.raises(OSError, match="no room"):
                log.write([request(2000)])
    assert len(files(tmp_path)) == 1
    log.write([request(3000)])
    assert numbers(tmp_path) == [*range(1, 1000), 3000]
    log.close()


def test_a_file_that_is_finished_while_the_folder_is_read_is_not_passed_over(tmp_path, monkeypatch):
    """A folder that is read while a name in it changes may show neither name; the numbers after it show all the same."""
    log = Log(tmp_path)
    log.write([request(1)])
    log.finish()
    log.write([request(2)])
    folder = tmp_path / FOLDER / "000"
    real, missed = type(folder).iterdir, []

    def without_first(path):
        found = sorted(real(path))
        if path == folder and not missed:
            missed.append(found.pop(0))
        return iter(found)

    monkeypatch.setattr(type(folder), "iterdir", without_first)
    assert numbers(tmp_path) == [1, 2]
    assert missed
    log.close()
