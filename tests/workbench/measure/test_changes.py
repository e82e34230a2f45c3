"""Changes and how sure they are, against published values."""

import pytest

from tilth.workbench.measure.asking import changes

# R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10
PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("counts", "interval"), PUBLISHED)
def test_interval_of_a_difference_is_the_published_one(counts, interval):
    assert changes.difference(*counts) == pytest.approx(interval, abs=0.00005)


def test_a_change_that_may_be_chance_has_no_direction():
    assert changes.points((100, 1000), (98, 1000))[1] is None
    text, good = changes.points((200, 1000), (100, 1000))
    assert text.startswith("+10.0")
    assert good is True
    assert changes.points((200, 1000), (100, 1000), up_is_good=False)[1] is False


def test_small_samples_are_not_compared():
    assert changes.points((50, 99), (1, 1000)) == ("", None)
    assert changes.points((50, 1000), (1, 99)) == ("", None)


def test_nothing_before_is_no_change():
    assert changes.relative(5, 0) == ("", None)
    assert changes.relative(float("nan"), 5) == ("", None)
    assert changes.relative(5, 4) == ("+25.0%", True)
    assert changes.relative(3, 4) == ("−25.0%", False)
    assert changes.relative(4, 4) == ("0.0%", None)
