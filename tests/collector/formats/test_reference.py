"""What the reference says, in both languages, is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tilth.collector import clock
from tilth.collector.formats import faults, limits, pixel, segment, sensors_ids

DOCS = Path(__file__).parents[3] / "docs" / "reference"
PAGES = [DOCS / "collector.md", DOCS / "collector.en.md"]
SOURCES = Path(faults.__file__).parent


@pytest.fixture(params=PAGES, ids=["zh", "en"])
def page(request) -> str:
    return request.param.read_text()


def rows(page: str, heading: int) -> list[list[str]]:
    """Return the cells of the table under a heading, by its number."""
    part = page.split("\n## ")[heading]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")][2:]


def test_limits(page):
    told = [int(found.group().replace(",", "")) for row in rows(page, 3)[:-1] if (found := re.search(r"[\d,]+", row[1]))]
    assert told == [limits.BODY, limits.SENT, limits.ITEMS, limits.ITEM, limits.NAMES, limits.NAME, limits.DEPTH]


def test_every_reason_that_is_given_is_told(page):
    given = {reason for path in SOURCES.glob("*.py") for reason in re.findall(r'Wrong\(\s*"(\w+)"', path.read_text())}
    assert {row[0].strip("`") for row in rows(page, 4)} == given


def test_every_address_of_segment_is_told(page):
    told = set(re.findall(r"\w+", " ".join(row[0] for row in rows(page, 1)[:2])))
    assert {*segment.SINGLE, *segment.LISTS} <= told


def test_every_kind_is_told(page):
    told = {word for row in rows(page, 5) for word in re.findall(r"[a-z]+", row[0])}
    assert set(sensors_ids.KINDS.values()) | {"openid"} <= told
    assert set(re.findall(r"identity_(\w+)", page.split("\n## ")[5])) - {"mp_"} <= {*sensors_ids.KINDS, "mp_"}


def test_every_parameter_of_the_image_is_told(page):
    assert set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows(page, 9)))) == pixel.OWN


def test_rules_of_time(page):
    told = page.split("\n## ")[8]
    assert f"{int(clock.DEAD_BAND.total_seconds())} " in told
    assert f"{clock.HORIZON.days} " in told
    assert clock.AHEAD.total_seconds() == 3600
