"""Places of tiles: none overlaps another, none leaves the grid, none floats; what was moved gets its place."""

from hypothesis import given
from hypothesis import strategies as st

from tilth.workbench.measure.dashboards.grid import COLUMNS, Place, free, settled

numbers = st.integers(-5, 30)
anywhere = st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=12).map(lambda rows: [Place(key, *row) for key, row in enumerate(rows)])


@given(anywhere)
def test_settled_places_do_not_overlap_nor_leave_the_grid_nor_float(places):
    found = settled(places)
    assert sorted(one.key for one in found) == [one.key for one in places]
    for one in found:
        assert one.x >= 0 <= one.y
        assert one.x + one.width <= COLUMNS
        assert one.width >= 2 <= one.height
        assert not any(one.covers(other) for other in found if other is not one)
        above = Place(None, one.x, one.y - 1, one.width, one.height)
        assert one.y == 0 or any(above.covers(other) for other in found if other is not one)


@given(anywhere)
def test_what_is_settled_stays(places):
    assert settled(settled(places)) == settled(places)


@given(anywhere, st.integers(2, COLUMNS), st.integers(2, 12))
def test_a_free_place_covers_nothing(places, width, height):
    found = settled(places)
    x, y = free(found, width, height)
    assert not any(Place(None, x, y, width, height).covers(one) for one in found)


def test_the_moved_tile_gets_the_place_it_was_dropped_on():
    found = settled([Place("still", 0, 0, 6, 4), Place("moved", 0, 0, 6, 4)], first="moved")
    assert [one.key for one in found] == ["moved", "still"]
