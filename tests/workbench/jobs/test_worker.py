"""Workers as real processes: what a job lives through, on SQLite and on PostgreSQL."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.workbench.jobs.house import ROOT


def lines(file):
    return Path(file).read_text().splitlines() if Path(file).exists() else []


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)
    return found


def test_a_killed_worker_loses_nothing_and_does_nothing_twice(house, tmp_path):
    file = str(tmp_path / "walk")
    worker = house.worker()
    pk = house.start("test.walk", steps=20, file=file)
    (begun,) = until(lambda: lines(file))
    time.sleep(0.5)
    worker.signal(signal.SIGKILL)
    child = int(begun.split()[2])
    until(lambda: not alive(child), 3)  # the job's process ends with its worker
    assert house.job(pk)["state"] == "running"  # nobody has noticed yet
    house.worker()
    job = house.until(pk, "done", "failed")
    assert (job["state"], job["attempt"], job["result"]) == ("done", 2, {"steps": 20})
    assert [line.split()[:2] for line in lines(file)] == [["begin", "1"], ["begin", "2"], ["end", "2"]]
    assert len(lines(file + ".marks")) == 1


def test_a_killed_job_that_is_not_safe_to_repeat_fails_and_says_why(house, tmp_path):
    file = str(tmp_path / "once")
    worker = house.worker()
    pk = house.start("test.once", file=file)
    until(lambda: lines(file))
    worker.signal(signal.SIGKILL)
    house.worker()
    job = house.until(pk, "done", "failed")
    assert (job["state"], job["attempt"]) == ("failed", 1)
    assert job["error"] == "Its worker ended without a word. What it had done by then stays; look before you repeat it."
    assert len(lines(file)) == 1


def test_a_job_whose_process_dies_does_not_take_the_worker_along(house, tmp_path):
    file = str(tmp_path / "once")
    worker = house.worker()
    pk = house.start("test.once", file=file)
    (begun,) = until(lambda: lines(file))
    os.kill(int(begun.split()[2]), signal.SIGKILL)
    assert "memory" in house.until(pk, "failed", seconds=5)["error"]
    assert house.until(house.start("test.add", a=1, b=2), "done", seconds=5)["result"] == {"sum": 3}
    assert worker.code() is None


def test_a_running_job_is_cancelled_soon(house, tmp_path):
    house.worker()
    pk = house.start("test.walk", file=str(tmp_path / "walk"))
    house.until(pk, "running")
    time.sleep(0.3)
    house.do(f"actions.cancel(actor, Job.objects.get(pk={pk}))")
    house.until(pk, "cancelled", seconds=5)


def test_a_job_that_does_not_look_is_ended_all_the_same(house, tmp_path):
    house.worker(grace=0.5)
    pk = house.start("test.walk", file=str(tmp_path / "walk"), stubborn=True)
    house.until(pk, "running")
    house.do(f"actions.cancel(actor, Job.objects.get(pk={pk}))")
    house.until(pk, "cancelled", seconds=5)


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_job_ends_with_its_time(house, tmp_path, stubborn):
    house.worker()
    pk = house.start("test.short", stubborn=stubborn)
    error = house.until(pk, "failed", seconds=10)["error"]
    assert error == "It was ended because it took longer than it may take: 1.0 s."


def test_a_retry_comes_by_itself(house):
    house.do("from tilth.workbench.jobs import ending; ending.PAUSE = timedelta(seconds=0.3)")
    house.worker()
    pk = house.start("test.second_time")
    job = house.until(pk, "done", "failed", seconds=30)
    assert (job["state"], job["attempt"], job["result"]) == ("done", 2, 2)


def test_progress_is_seen_from_outside(house):
    house.worker()
    pk = house.start("test.walk", steps=30)
    seen = until(lambda: (job := house.job(pk))["done"] > 5 and job)
    assert seen["state"] == "running"
    house.until(pk, "done")


def test_a_worker_that_is_told_to_end_gives_back_what_it_is_at(house, tmp_path):
    file = str(tmp_path / "walk")
    worker = house.worker()
    pk = house.start("test.walk", steps=40, file=file)
    until(lambda: lines(file))
    worker.signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert house.job(pk)["state"] == "waiting"
    assert house.do("answer = Worker.objects.count()") == 0
    house.worker()
    assert house.until(pk, "done")["attempt"] == 2


def test_two_jobs_run_at_once_so_that_a_long_one_holds_up_no_short_one(house):
    house.worker()
    long = house.start("test.walk", steps=100)
    house.until(long, "running")
    house.until(house.start("test.add", a=1, b=2), "done", seconds=5)
    assert house.job(long)["state"] == "running"


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_second_worker_on_sqlite_is_refused_by_the_command_with_the_reason(sqlite_house):
    try:
        first = sqlite_house.worker()
        told = subprocess.run(
            [sys.executable, "-m", "tilth.cli.main", "worker"], env=sqlite_house.environment, cwd=ROOT, capture_output=True, text=True
        )
        assert told.returncode == 1
        assert f"process {first.pid}" in told.stderr
        assert "PostgreSQL" in told.stderr
    finally:
        sqlite_house.rest()


def test_several_workers_on_postgresql_share_the_work(postgres_house):
    house = postgres_house
    try:
        workers = [house.worker(slots=1), house.worker(slots=1)]
        pks = [house.start("test.walk", steps=5) for _ in range(6)]
        names = set()
        for pk in pks:
            house.until(pk, "running", "done")
            names |= set(house.do("answer = list(Job.objects.filter(state='running').values_list('worker__name', flat=True))"))
            house.until(pk, "done")
        assert {int(name.rpartition(":")[2]) for name in names} == {worker.pid for worker in workers}
        assert house.do("answer = list(Job.objects.values_list('attempt', flat=True))") == [1] * 6
    finally:
        house.rest()
        house.do("Job.objects.all().delete(); Worker.objects.all().delete()")


def test_old_jobs_are_forgotten(sqlite_house):
    old = sqlite_house.start("test.add", a=1, b=2)
    young = sqlite_house.start("test.add", a=1, b=2)
    waiting = sqlite_house.start("test.add", a=1, b=2)
    sqlite_house.do(f"Job.objects.filter(pk={old}).update(state='done', finished_at=timezone.now() - timedelta(days=31))")
    sqlite_house.do(f"Job.objects.filter(pk={young}).update(state='done', finished_at=timezone.now() - timedelta(days=29))")
    sqlite_house.do("from tilth.workbench.jobs import chores; chores.do('prune')")
    assert sqlite_house.do("answer = list(Job.objects.order_by('pk').values_list('pk', flat=True))") == [young, waiting]
    sqlite_house.do("Job.objects.all().delete()")
