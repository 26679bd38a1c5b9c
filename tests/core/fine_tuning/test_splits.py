"""Splits: what is held out must tell nothing about what is learned from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.fine_tuning.splits import MIN_PAGES, PagePlace, split_places

PAGE_S = 0.220672


def recording(numbers, group="a", length=PAGE_S):
    return [
        PagePlace(group=group, start=number * length, length=length, name=f"{group} {number}")
        for number in numbers
    ]


def split(places, with_calls=None, share=0.3, seed=0):
    calls = np.ones(len(places), bool) if with_calls is None else np.asarray(with_calls, bool)
    return split_places(places, calls, held_out_fraction=share, seed=seed)


def all_of(found):
    return sorted([*found.learn, *found.held_out, *found.between])


@st.composite
def approved(draw):
    """Approved pages of up to five recordings, some neighbours, some with calls."""
    places = []
    for group in "abcde"[: draw(st.integers(1, 5))]:
        numbers = draw(st.sets(st.integers(0, 40), min_size=1, max_size=12))
        places += recording(draw(st.permutations(sorted(numbers))), group)
    calls = draw(st.lists(st.booleans(), min_size=len(places), max_size=len(places)))
    assume(len(places) >= MIN_PAGES)
    assume(sum(calls) >= 2)
    return places, np.array(calls)


@given(approved(), st.floats(0.05, 0.5), st.integers(0, 3))
def test_no_page_is_on_both_sides_or_beside_the_other(pages, share, seed):
    places, calls = pages
    try:
        found = split(places, calls, share, seed)
    except InputError as error:
        assert "side by side" in str(error)  # noqa: PT017 - the only other answer there is
        with_calls = [place for place, has in zip(places, calls, strict=True) if has]
        assert len({place.group for place in with_calls}) == 1
        assert np.ptp([place.start for place in with_calls]) < 1.01 * PAGE_S
        return
    assert all_of(found) == list(range(len(places)))
    assert calls[found.learn].any()
    assert calls[found.held_out].any()
    for i in found.learn:
        for j in found.held_out:
            one, other = places[i], places[j]
            apart_s = abs(one.start - other.start)
            assert one.group != other.group or apart_s > 1.99 * PAGE_S


@given(approved(), st.integers(0, 3))
def test_a_recording_that_is_held_out_is_held_out_whole(pages, seed):
    places, calls = pages
    assume(len({place.group for place in places}) > 1)
    try:
        found = split(places, calls, seed=seed)
    except InputError:
        return
    if found.by == "recordings":
        out = {places[i].group for i in found.held_out}
        assert out.isdisjoint(places[i].group for i in found.learn)
        assert len(found.between) == 0


def test_of_three_like_recordings_one_is_held_out():
    found = split([p for group in "abc" for p in recording(range(6), group)])
    assert (found.by, len(found.held_out), len(found.learn)) == ("recordings", 6, 12)


def test_many_recordings_are_chosen_from_too():
    found = split([p for group in range(30) for p in recording(range(3), str(group))])
    assert found.by == "recordings"
    assert 20 <= len(found.held_out) <= 34


def test_of_one_recording_a_stretch_is_held_out_and_a_page_on_its_border_is_lost():
    found = split(recording(range(20)))
    assert found.by == "time"
    assert len(found.held_out) == 6
    assert np.ptp(found.held_out) == 5
    assert 1 <= len(found.between) <= 2


def test_gaps_between_approved_pages_are_used_so_that_none_is_lost():
    found = split(recording([0, 1, 2, 3, 4, 5, 6, 20, 21, 22]))
    assert found.held_out.tolist() == [7, 8, 9]
    assert len(found.between) == 0


def test_pages_that_do_not_begin_on_a_grid_are_kept_apart_too():
    places = [
        PagePlace(group="a", start=start, length=1.0)
        for start in (0.0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2)
    ]
    found = split(places)
    starts = np.array([place.start for place in places])
    gaps = np.abs(starts[found.learn][:, None] - starts[found.held_out])
    assert gaps.min() >= 2


def test_images_without_time_are_held_out_in_the_order_of_their_folder():
    images = [PagePlace(group="folder", start=number, name=f"{number}.png") for number in range(12)]
    found = split(images)
    assert (found.by, len(found.held_out), np.ptp(found.held_out)) == ("time", 4, 3)


def test_one_large_and_one_tiny_recording_are_split_by_time():
    found = split(recording(range(19)) + recording([0], "b"))
    assert found.by == "time"
    assert len(found.held_out) >= 5


@pytest.mark.parametrize(("n", "held"), [(5, 2), (15, 5), (40, 12)])
def test_from_fifteen_pages_on_enough_are_held_out_for_a_verdict(n, held):
    assert len(split(recording(range(0, 3 * n, 3))).held_out) == held


def test_the_same_seed_gives_the_same_split_and_others_differ():
    places = recording(range(0, 90, 3))
    held = [tuple(split(places, seed=seed).held_out) for seed in (0, 0, 1, 2, 3)]
    assert held[0] == held[1]
    assert len(set(held)) > 1


def test_hundreds_of_pages_take_no_time():
    found = split([p for group in "ab" for p in recording(range(300), group)])
    assert len(found.learn) + len(found.held_out) == 600


@pytest.mark.parametrize(
    ("n", "with_calls", "said"),
    [
        (0, 0, "approve 5 more pages, at least 2 of them with calls$"),
        (3, 1, "3 approved pages, 1 with calls, are too few"),
        (3, 1, "approve 2 more pages, at least 1 of them with calls$"),
        (9, 0, "approve 2 more pages with calls$"),
        (4, 2, "approve 1 more page$"),
        (4, 1, "approve 1 more page with calls$"),
        (1, 0, "1 approved page, 0 with calls, is too few"),
    ],
)
def test_too_few_pages_are_refused_with_what_is_missing(n, with_calls, said):
    with pytest.raises(InputError, match=said):
        split(recording(range(n)), [i < with_calls for i in range(n)])


def test_calls_on_neighbouring_pages_alone_cannot_be_split():
    with pytest.raises(InputError, match=r"side by side.*another recording"):
        split(recording(range(8)), [False, False, True, True, False, False, False, False])
