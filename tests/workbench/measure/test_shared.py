"""Things made once for all threads."""

import threading
import time

import pytest

from tilth.workbench.measure.shared import Shared


def test_many_threads_that_ask_at_once_make_it_once():
    kept, made, ready = Shared(4), [], threading.Barrier(8)

    def make():
        made.append(threading.get_ident())
        time.sleep(0.05)
        return object()

    found = []

    def ask():
        ready.wait()
        found.append(kept.get("key", make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_a_failure_is_told_to_those_who_wait_and_kept_by_nobody():
    kept, begun, go = Shared(4), threading.Event(), threading.Event()

    def fail():
        begun.set()
        go.wait()
        raise ValueError("no")

    failures = []

    def ask():
        try:
            kept.get("key", fail)
        except ValueError as fault:
            failures.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    threads[0].start()
    begun.wait()
    threads[1].start()
    time.sleep(0.05)
    go.set()
    for thread in threads:
        thread.join()
    assert len(failures) == 2
    assert kept.get("key", lambda: 3) == 3


def test_the_last_used_stay():
    kept = Shared(2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda key=key: key)
    assert [key in kept for key in "abc"] == [True, False, True]
    kept.drop(lambda key: key == "a")
    assert "a" not in kept
    with pytest.raises(ZeroDivisionError):
        kept.get("d", lambda: 1 / 0)
    assert "d" not in kept
