"""The form of logs: whatever happens to a file, the whole frames in it are read, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from tilth.collector.frames import HEAD, MARK, frame, frames

PAYLOADS = st.lists(
    st.binary(max_size=60) | st.just(MARK) | st.binary(max_size=20).map(lambda tail: frame(b"in " + tail)[: 12 + len(tail)]), max_size=8
)


def read(data):
    return [payload for _end, payload in frames(data)]


@given(PAYLOADS)
def test_what_was_written_is_read_with_where_it_ends(payloads):
    data = b"".join(map(frame, payloads))
    found = list(frames(data))
    assert [payload for _end, payload in found] == payloads
    ends = [sum(HEAD.size + len(payload) for payload in payloads[: n + 1]) for n in range(len(payloads))]
    assert [end for end, _payload in found] == ends
    for end, _payload in found:  # reading goes on from any of them
        assert read(data[end:]) == payloads[ends.index(end) + 1 :]


@given(PAYLOADS, st.data())
def test_a_log_that_is_cut_anywhere_gives_the_frames_before_the_cut(payloads, data):
    whole = b"".join(map(frame, payloads))
    cut = data.draw(st.integers(0, len(whole)))
    ends = [end for end, _payload in frames(whole)]
    assert [end for end, _payload in frames(whole[:cut])] == [end for end in ends if end <= cut]


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=8), st.data())
def test_damage_costs_the_frames_it_is_in(payloads, data):
    """A byte that changed: the frame it lies in is passed over, all others are read."""
    whole = bytearray(b"".join(map(frame, payloads)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    hit = next(n for n, (end, _payload) in enumerate(frames(b"".join(map(frame, payloads)))) if at < end)
    assert read(bytes(whole)) == payloads[:hit] + payloads[hit + 1 :]


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=5), st.binary(max_size=40), st.lists(st.binary(max_size=30), min_size=1, max_size=5))
def test_reading_goes_on_after_rubbish(before, rubbish, after):
    found = read(b"".join(map(frame, before)) + rubbish + b"".join(map(frame, after)))
    assert found[: len(before)] == before
    assert found[len(found) - len(after) :] == after


@given(st.binary(max_size=300))
def test_rubbish_alone_is_no_frame(rubbish):
    assert read(rubbish) == []


def test_blocks_of_nothing_as_a_crashed_file_system_leaves_them_are_passed_over():
    assert read(frame(b"one") + bytes(100_000) + frame(b"two")) == [b"one", b"two"]
    assert read(frame(b"one") + bytes(100_000)) == [b"one"]
