from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import example, given, settings
from hypothesis import strategies as st

from napari_squeakout import read_recording, render
from napari_squeakout.core.rendering.spectrogram import (
    STEP,
    WINDOW,
    page_columns,
    page_from_db,
    power_db,
)
from napari_squeakout.core.review.tracing import above_background_db, grown_call
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings

RENDER = RenderSettings()
N = page_columns(RENDER) * STEP + WINDOW - STEP
clock_s = np.arange(N) / 250_000
HZ_PER_ROW = 80_000 / 512
# Clear calls in plain rooms: what is judged is the outline, not what can be heard at all.
CLEAR = SynthesisSettings(
    seed=31,
    empty_fraction=0,
    min_snr_db=18,
    max_snr_db=40,
    reverberation_fraction=0.3,
    min_direct_db=8,
    harsh_fraction=0,
    image_fraction=0,
    band_limited_fraction=0,
)


def whistle(hz, start_s, stop_s, level=1.0):
    """A tone at so many hertz, a number or one for each sample, from start to stop."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hz, N)) / 250_000
    return level * np.sin(phase) * ((clock_s >= start_s) & (clock_s < stop_s))


def drawn(*waves, noise=0.3, seed=0):
    sound = np.random.default_rng(seed).normal(0, noise, N) + sum(waves)
    return page_from_db(power_db(sound.astype(np.float32), RENDER), RENDER)


def row_of(hz):
    return round(511.5 - (hz - 45_000) / HZ_PER_ROW)


def column_of(seconds):
    return round(seconds / 0.220672 * 512)


def extent(mask):
    columns = np.flatnonzero(mask.any(axis=0))
    return columns[0], columns[-1]


def dice(found, true):
    return 2 * (found & true).sum() / (found.sum() + true.sum())


def clicked_parts(n_pages, levels):
    """Of synthetic pages each visible part of a call: page, its mask, and a click nearby."""
    rng = np.random.default_rng(31)
    for page, mask in synthesise_pages(n_pages, CLEAR, levels=levels):
        parts, count = scipy.ndimage.label(mask, np.ones((3, 3)))
        for number in range(1, count + 1):
            rows, columns = np.nonzero(parts == number)
            if len(rows) > 400:
                at = rng.integers(len(rows))
                off = rng.integers(-4, 5, 2)
                point = np.clip([rows[at] + off[0], columns[at] + off[1]], 0, 511)
                yield page, parts == number, (int(point[0]), int(point[1]))


# VocalMat's images are softened on their way through 227 px.
@pytest.mark.parametrize(("levels", "least"), [("noise", 0.85), ("page", 0.82)])
def test_a_rough_click_gives_the_outline_of_the_call(levels, least):
    scores = [dice(grown_call(page, seed=at), true) for page, true, at in clicked_parts(16, levels)]
    assert len(scores) >= 20
    assert np.median(scores) > least
    # Of a step or a trill a click takes a neighbour too, or a part.
    assert np.mean(scores) > 0.7


def test_a_click_beside_a_tone_finds_where_it_begins_and_ends():
    page = drawn(whistle(80_000, 0.08, 0.14))
    for off in (-7, 0, 7):
        mask = grown_call(page, seed=(row_of(80_000) + off, column_of(0.1)))
        first, last = extent(mask)
        assert abs(first - column_of(0.08)) <= 4
        assert abs(last - column_of(0.14)) <= 4
        rows = np.flatnonzero(mask.any(axis=1))
        assert rows[0] <= row_of(80_000) <= rows[-1]
        assert 6 <= mask.sum(axis=0)[first + 5 : last - 5].mean() <= 18


def test_a_sweep_is_followed_to_both_ends_from_wherever_it_is_clicked():
    hz = np.interp(clock_s, [0.05, 0.1, 0.15], [60_000, 105_000, 70_000])
    page = drawn(whistle(hz, 0.05, 0.15))
    masks = [
        grown_call(page, seed=(row_of(np.interp(s, clock_s, hz)), column_of(s)))
        for s in (0.06, 0.1, 0.13)
    ]
    for mask in masks:
        assert abs(extent(mask)[0] - column_of(0.05)) <= 4
        assert abs(extent(mask)[1] - column_of(0.15)) <= 4
        assert dice(mask, masks[0]) > 0.95


@pytest.mark.parametrize(("gap_s", "one"), [(0.006, True), (0.02, False)])
def test_a_short_hidden_stretch_is_bridged_and_a_long_one_ends_the_call(gap_s, one):
    page = drawn(whistle(80_000, 0.05, 0.09), whistle(80_000, 0.09 + gap_s, 0.15))
    first, last = extent(grown_call(page, seed=(row_of(80_000), column_of(0.07))))
    assert abs(first - column_of(0.05)) <= 4
    assert abs(last - column_of(0.15 if one else 0.09)) <= 4


def test_a_leap_in_frequency_after_a_pause_ends_the_call():
    page = drawn(whistle(70_000, 0.05, 0.09), whistle(85_000, 0.095, 0.15))
    mask = grown_call(page, seed=(row_of(70_000), column_of(0.07)))
    assert abs(extent(mask)[1] - column_of(0.09)) <= 4
    assert not mask[: row_of(80_000)].any()


def test_a_click_of_the_recorder_is_no_call_and_does_not_leak_into_one():
    click = np.zeros(N)
    click[[20_000, 20_040, 20_090, 25_000]] = 30
    page = drawn(whistle(80_000, 0.06, 0.14), click)
    assert not grown_call(page, seed=(100, column_of(0.0802))).any()
    mask = grown_call(page, seed=(row_of(80_000), column_of(0.12)))
    assert abs(extent(mask)[0] - column_of(0.06)) <= 4
    assert mask.sum(axis=0).max() < 30


def test_a_line_through_the_whole_page_is_background():
    hz = np.interp(clock_s, [0.08, 0.14], [60_000, 100_000])
    page = drawn(whistle(hz, 0.08, 0.14), whistle(80_000, 0, 1, level=0.3))
    assert not grown_call(page, seed=(row_of(80_000), column_of(0.03))).any()
    mask = grown_call(page, seed=(row_of(79_000), column_of(0.108)))
    assert abs(extent(mask)[0] - column_of(0.08)) <= 8
    assert abs(extent(mask)[1] - column_of(0.14)) <= 8


def test_where_nothing_is_nothing_grows():
    page = drawn(whistle(80_000, 0.08, 0.14))
    clicks = [(row, column) for row in range(40, 240, 40) for column in range(20, 500, 60)]
    assert not any(grown_call(page, seed=at).any() for at in clicks)


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_a_page_without_contrast_holds_no_call(grey):
    page = np.full((512, 512), grey, np.float32)
    assert not above_background_db(page).any()
    assert not grown_call(page, seed=(0, 511)).any()


def test_a_call_on_a_page_filled_up_with_silence_is_outlined_alike():
    page = drawn(whistle(80_000, 0.02, 0.05))
    filled = page.copy()
    filled[:, 160:] = np.median(page)
    at = (row_of(80_000), column_of(0.03))
    assert dice(grown_call(filled, seed=at), grown_call(page, seed=at)) > 0.85


def test_a_faint_call_that_the_network_knows_is_followed_further():
    page = drawn(whistle(80_000, 0.04, 0.18, level=0.06))
    known = np.zeros((512, 512), np.uint8)
    known[row_of(80_000) - 6 : row_of(80_000) + 7, column_of(0.04) : column_of(0.18)] = 250
    at = (row_of(80_000), column_of(0.11))
    alone, helped = grown_call(page, seed=at), grown_call(page, known, seed=at)
    assert helped.any(axis=0).sum() > 150 > alone.any(axis=0).sum()


def test_a_click_outside_the_page_is_refused():
    page = np.zeros((512, 512), np.float32)
    with pytest.raises(ValueError, match=r"\(512, 3\) is outside the page of 512 x 512"):
        grown_call(page, seed=(512, 3))


@settings(deadline=None, max_examples=20)
@given(row=st.integers(0, 511), column=st.integers(0, 511), helped=st.booleans())
@example(row=480, column=236, helped=False)
def test_any_click_gives_a_mask_that_hangs_near_it_and_changes_no_input(row, column, helped):
    page = drawn(whistle(80_000, 0, 0.22), whistle(46_000, 0.1, 0.2), whistle(124_000, 0.1, 0.2))
    known = np.zeros((512, 512), np.uint8)
    copies = page.copy(), known.copy()
    mask = grown_call(page, known if helped else None, seed=(row, column))
    assert (mask.shape, mask.dtype) == ((512, 512), bool)
    np.testing.assert_array_equal(page, copies[0])
    np.testing.assert_array_equal(known, copies[1])
    if mask.any():
        rows, columns = np.nonzero(mask)
        assert np.hypot(rows - row, columns - column).min() <= 8


def test_in_a_real_recording_annotated_calls_are_found_where_people_hear_them(shared):
    folder = shared / "data" / "amvoc" / "3"
    stack = render(read_recording(folder / "rec_3.wav"))
    found = []
    for start_s, stop_s in np.loadtxt(folder / "gt_3.csv", delimiter=",")[:12]:
        index = int(np.searchsorted(stack.layout.starts_s, start_s)) - 1
        first, last = (np.array([start_s, stop_s]) - stack.layout.starts_s[index]) / 0.220672 * 512
        if last > 500:
            continue
        page = np.asarray(stack.pages[index])
        middle = round((first + last) / 2)
        row = int(scipy.ndimage.gaussian_filter(page, 2)[:, middle].argmax())
        mask = grown_call(page, seed=(row - 4, middle + 3))
        assert mask.any()
        found.append(np.array(extent(mask)) - [first, last])
    assert len(found) >= 5
    off_ms = np.median(np.abs(found), axis=0) * 0.431
    assert (off_ms < 8).all()
