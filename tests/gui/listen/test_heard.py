"""What is meant to be heard, and where it is seen meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.layout import Grid, Layout
from napari_squeakout.gui.listen.heard import heard_of, heard_of_page, page_span, times_of

PAGE_S = 0.512
LAYOUT = Layout(
    source="tones",
    n_pages=4,
    grid=Grid(seconds_per_column=0.001, hz_per_row=150, low_hz=45_000),
    starts_s=0.1 + PAGE_S * np.arange(4),
    contiguous=True,
)
IMAGES = Layout(source="images", n_pages=4)


def start_of(page):
    return 0.1 + PAGE_S * page


def test_a_page_is_heard_from_its_left_edge_to_its_right():
    heard = heard_of_page(LAYOUT, 2)
    assert heard.stretches == (pytest.approx((start_of(2), start_of(3))),)
    assert heard.words == "page 2"


def test_images_have_no_place_in_time():
    assert heard_of_page(IMAGES, 0) is None
    assert page_span(LAYOUT, 4) is None


def test_several_chosen_calls_are_heard_wherever_the_page_is():
    heard = heard_of(LAYOUT, 3, [(0.2, 0.3), (0.9, 1.0)], None, 0.05)
    assert heard.stretches == (pytest.approx((0.15, 0.35)), pytest.approx((0.85, 1.05)))
    assert (heard.words, heard.pages) == ("2 calls", (0, 1))


def test_the_call_in_hand_comes_before_the_page():
    heard = heard_of(LAYOUT, 0, [], (7, (0.2, 0.3)), 0.05)
    assert heard.stretches == (pytest.approx((0.15, 0.35)),)
    assert heard.words == "call 7"


def test_one_chosen_call_that_is_not_in_view_is_not_meant():
    assert heard_of(LAYOUT, 0, [(0.2, 0.3)], None, 0.05).words == "the chosen call"
    assert heard_of(LAYOUT, 3, [(0.2, 0.3)], None, 0.05).words == "page 3"


def test_the_sound_around_a_call_at_a_border_turns_no_page():
    at_its_left = heard_of(LAYOUT, 1, [], (7, (start_of(1) + 0.01, start_of(1) + 0.05)), 0.1)
    assert at_its_left.place_of(LAYOUT, start_of(1) - 0.08) == (1, 0)
    to_its_end = heard_of(LAYOUT, 1, [], (7, (start_of(2) - 0.05, start_of(2))), 0.1)
    assert to_its_end.place_of(LAYOUT, start_of(2) + 0.05) == (1, 512)


def test_the_end_of_a_page_is_not_the_begin_of_the_next():
    heard = heard_of_page(LAYOUT, 1)
    assert heard.place_of(LAYOUT, start_of(2)) == (1, pytest.approx(512))
    assert heard.place_of(LAYOUT, start_of(1) + 0.1) == (1, pytest.approx(100))


def test_a_call_that_crosses_a_border_is_seen_on_both_pages():
    heard = heard_of(LAYOUT, 1, [], (7, (start_of(2) - 0.1, start_of(2) + 0.1)), 0)
    assert heard.place_of(LAYOUT, start_of(2) - 0.05) == (1, pytest.approx(462))
    assert heard.place_of(LAYOUT, start_of(2) + 0.05) == (2, pytest.approx(50))


def test_the_times_of_a_call_go_beyond_the_page():
    labels = np.zeros((4, 512, 512), np.int32)
    labels[1, 100:110, 500:], labels[2, 100:110, :30], labels[2, 100:110, 90:100] = 3, 3, 4
    wanted = pytest.approx((start_of(1) + 0.5, start_of(2) + 0.03))
    assert times_of(labels, LAYOUT, 1, 3) == wanted
    assert times_of(labels, LAYOUT, 2, 3) == wanted
    assert times_of(labels, LAYOUT, 2, 4) == pytest.approx((start_of(2) + 0.09, start_of(2) + 0.1))
    assert times_of(labels, LAYOUT, 0, 3) is None
    assert times_of(labels[:2], LAYOUT, 1, 3) == pytest.approx((start_of(1) + 0.5, start_of(2)))
