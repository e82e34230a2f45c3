"""Every story, by the program and, where both can tell it, by brute force."""

from __future__ import annotations

from string import ascii_lowercase

import pytest
from tests.analysis.people.scenarios import STORIES, Story, groups, one
from tests.oracles.identity import ids_of, world

from tilth.analysis.people.calls import Call
from tilth.analysis.people.columns import columns
from tilth.analysis.people.identity import resolve
from tilth.analysis.people.people import People

STORY = pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])


def letters(people: People) -> str:
    seen: dict[int, str] = {}
    return "".join("-" if whose < 0 else seen.setdefault(whose, ascii_lowercase[len(seen)]) for whose in people.assign().tolist())


@STORY
def test_a_story_ends_with_its_people(story: Story):
    people = resolve(story.told(), story.kinds)
    assert sorted(map(sorted, people.groups())) == sorted(map(sorted, groups(story.people)))
    assert letters(people) == story.calls
    for time, then in story.then.items():
        assert sorted(map(sorted, people.groups(time))) == sorted(map(sorted, groups(then))), time
    for found, expected in (
        (people.conflicts(), story.conflicts), (people.shared(), story.shared), (people.passed(), story.passed), (people.left_out(), story.left),
    ):  # fmt: skip
        assert expected is None or sorted(row.id for row in found) == sorted(map(one, expected))


@STORY
def test_brute_force_tells_the_same_story(story: Story):
    held = columns(story.told(), story.kinds)
    calls: list[Call] = [held.call(at) for at in range(len(held))]
    assert ids_of(world(calls, story.kinds)) == set(groups(story.people))
    for time, then in story.then.items():
        if not any(call.says == "erase" for call in calls):
            assert ids_of(world(calls, story.kinds, time)) == set(groups(then))


def test_there_are_at_least_forty_and_each_has_its_own_name():
    assert len({story.name for story in STORIES}) == len(STORIES) >= 40
