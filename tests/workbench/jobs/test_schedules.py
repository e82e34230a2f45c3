"""Schedules: their times, and that each starts once."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from tests.workbench.jobs import kinds

from tilth.workbench.jobs import actions, schedules
from tilth.workbench.jobs.cron import BadTimes, following
from tilth.workbench.jobs.models import Job, Schedule
from tilth.workbench.jobs.running import run_here
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Membership
from tilth.workbench.tenancy.policy import Refused

assert kinds


# Expected times were read off a calendar: 11 November 2025 was a Tuesday, 29 February 2028 is one too.
@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("0 8 * * *", "2025-11-11 07:59", "2025-11-11 08:00"),
        ("0 8 * * *", "2025-11-11 08:00", "2025-11-12 08:00"),
        ("*/15 * * * *", "2025-11-11 08:46", "2025-11-11 09:00"),
        ("30 9-18/3 * * 1-5", "2025-11-14 18:30", "2025-11-17 09:30"),
        ("0 0 1 * *", "2025-12-01 00:00", "2026-01-01 00:00"),
        ("0 0 * * 7", "2025-11-11 00:00", "2025-11-16 00:00"),
        ("0 0 * * 0", "2025-11-11 00:00", "2025-11-16 00:00"),
        ("0 0 13 * 5", "2025-11-11 00:00", "2025-11-13 00:00"),  # the 13th or a Friday, as POSIX has it
        ("0 0 29 2 *", "2025-11-11 00:00", "2028-02-29 00:00"),
        ("5,35 0 * * *", "2025-11-11 00:05", "2025-11-11 00:35"),
    ],
)
def test_the_next_time(text, after, expected):
    found = following(text, "UTC", datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert f"{found:%Y-%m-%d %H:%M}" == expected


def berlin(text, start, count):
    """Times in Berlin, where the clock was put back on 26 October 2025 at 03:00 and put forward on 29 March 2026 at 02:00."""
    found = datetime.fromisoformat(start)
    times = []
    for _ in range(count):
        found = following(text, "Europe/Berlin", found)
        times.append(found.isoformat(timespec="minutes"))
    return times


def test_a_time_that_the_clock_skips_comes_after_the_change():
    assert berlin("30 2 * * *", "2026-03-28T03:00+01:00", 2) == ["2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]


def test_a_time_that_the_clock_shows_twice_comes_once():
    assert berlin("30 2 * * *", "2025-10-25T03:00+02:00", 2) == ["2025-10-26T02:30+02:00", "2025-10-27T02:30+01:00"]


def test_what_runs_every_half_hour_goes_on_through_both_changes():
    autumn = ["2025-10-26T02:00+02:00", "2025-10-26T02:30+02:00", "2025-10-26T02:00+01:00", "2025-10-26T02:30+01:00", "2025-10-26T03:00+01:00"]
    assert berlin("*/30 * * * *", "2025-10-26T01:30+02:00", 5) == autumn
    assert berlin("*/30 * * * *", "2026-03-29T01:00+01:00", 2) == ["2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00"]


@pytest.mark.parametrize(
    "text", ["", "0 8 * *", "60 8 * * *", "0 24 * * *", "0 8 0 * *", "0 8 * 13 *", "0 8 * * 8", "0 8 * * mon", "*/0 * * * *", "5-1 * * * *"]
)
def test_times_that_cannot_be_read(text):
    with pytest.raises(BadTimes):
        following(text, "UTC", timezone.now())


def test_a_day_that_never_comes():
    with pytest.raises(BadTimes):
        following("0 0 30 2 *", "UTC", timezone.now())


def due(workspace):
    Schedule.objects.update(next_at=timezone.now() - timedelta(days=3))
    with scope.everywhere():
        schedules.run_due()


def test_a_schedule_starts_its_job_once_late_in_the_name_of_its_maker(inside, actor):
    made = actions.schedule(actor("analyst"), "test.add", "every day", "0 8 * * *", a=1, b=2)
    due(inside)
    job = Job.objects.get()
    made.refresh_from_db()
    assert (made.last_job, job.title, job.who) == (job, "every day", "bare analyst")
    assert made.next_at > timezone.now()  # three days were missed, one run made up for
    assert made.next_at.astimezone().hour == 8
    due(inside)
    assert Job.objects.count() == 1  # the first has not even begun
    run_here(job)
    assert job.result == {"sum": 3}
    due(inside)
    assert Job.objects.count() == 2


def test_a_schedule_whose_maker_left_is_paused_and_says_why(inside, actor):
    made = actions.schedule(actor("analyst"), "test.add", "every day", a=1, b=2)
    Membership.objects.filter(user=made.as_user).delete()
    due(inside)
    made.refresh_from_db()
    assert not made.enabled
    assert "bare analyst" in made.problem
    assert not Job.objects.exists()


def test_times_that_became_unreadable_stop_one_schedule_and_no_other(inside, actor):
    bad, good = (actions.schedule(actor(), "test.add", "x", a=n, b=0) for n in (1, 2))
    Schedule.objects.filter(pk=bad.pk).update(cron="nonsense")
    due(inside)
    bad.refresh_from_db()
    assert "nonsense" in bad.problem
    assert not bad.enabled
    assert Job.objects.get().arguments["a"] == 2
    assert good.enabled


def test_a_paused_schedule_starts_nothing_and_goes_on_with_the_next_time(inside, actor):
    made = actions.schedule(actor(), "test.add", "x", a=1, b=2)
    actions.switch(actor(), made, enabled=False)
    due(inside)
    assert not Job.objects.exists()
    assert actions.switch(actor(), made, enabled=True).next_at > timezone.now()


def test_who_may_do_what_with_a_schedule(inside, actor):
    made = actions.schedule(actor("analyst"), "test.add", "x", a=1, b=2)
    with pytest.raises(Refused):
        actions.schedule(actor("viewer"), "test.add", "x", a=1, b=2)
    with pytest.raises(Refused):
        actions.switch(actor("operator"), made, enabled=False)
    with pytest.raises(Refused):
        actions.unschedule(actor("operator"), made)
    actions.run_now(actor("manager"), made)
    actions.unschedule(actor("manager"), made)
    assert not Schedule.objects.exists()
    assert Job.objects.count() == 1


def test_two_workers_start_a_schedule_once(postgres_house):
    house = postgres_house
    try:
        house.worker(watch=0.02)
        house.worker(watch=0.02)
        house.do("made = [actions.schedule(actor, 'test.add', f'{n}', '0 0 1 1 *', a=n, b=0).pk for n in range(20)]")
        house.do("Schedule.objects.update(next_at=timezone.now())")  # all at once; the next time is New Year
        end = time.monotonic() + 60
        while house.do("answer = Job.objects.filter(state='done').count()") < 20 and time.monotonic() < end:
            time.sleep(0.1)
        assert sorted(house.do("answer = [job.result['sum'] for job in Job.objects.all()]")) == list(range(20))
    finally:
        house.rest()
        house.do("Job.objects.all().delete(); Schedule.objects.all().delete(); Worker.objects.all().delete()")
