from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.levelled_images import levelled_image
from napari_squeakout.core.rendering.render import render, view_as
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack

RATE_HZ = 250_000
COLUMNS = 431
PAGE_SAMPLES = COLUMNS * 128
VOCALMAT = RenderSettings(levels="page")


# --- sound to look at -----------------------------------------------------------------------


def noise(seconds, *, rate_hz=RATE_HZ, seed=0):
    return np.random.default_rng(seed).normal(0, 1e-3, round(seconds * rate_hz))


def tone(hz, seconds, *, rate_hz=RATE_HZ, amplitude=0.1):
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return amplitude * np.sin(2 * np.pi * hz * time_s)


def with_whistle(samples, whistle):
    """A tone in the middle of the noise; one that went on would be part of the floor."""
    start = len(samples) // 5
    longer = samples.copy()
    longer[start : start + len(whistle)] += whistle
    return longer


def with_click(samples, index):
    clicked = samples.copy()
    clicked[index] = 0.9
    return clicked


def recording(samples, *, rate_hz=RATE_HZ):
    return Recording.from_array(samples, sample_rate_hz=rate_hz, name="rec.wav")


def centre(brightness):
    """Position of the one bright line in a profile, in pixel edges."""
    weight = np.clip(brightness - (brightness.max() + np.median(brightness)) / 2, 0, None)
    return np.average(np.arange(len(brightness)) + 0.5, weights=weight)


def brightest(page):
    """Of each row its brightest pixels."""
    return np.sort(page, axis=1)[:, -40:].mean(axis=1)


def loudest_hz(stack, page=0):
    return stack.layout.grid.hz(centre(brightest(stack.page(page))))


def click_s(page, start_s, grid):
    return start_s + centre(page.mean(axis=0)) * grid.seconds_per_column


# --- frequency -----------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [192_000, 250_000, 384_000])
def test_pages_know_how_their_recording_was_sampled(rate_hz):
    stack = render(recording(noise(0.3, rate_hz=rate_hz), rate_hz=rate_hz))
    assert stack.sample_rate_hz == rate_hz
    assert stack.part(0, 1).sample_rate_hz == rate_hz


def test_high_frequencies_are_on_top():
    both = tone(110_000, 0.03) + tone(60_000, 0.03)
    rows = brightest(render(recording(with_whistle(noise(0.3), both))).page(0))
    upper, lower = centre(rows[:256]), 256 + centre(rows[256:])
    assert STANDARD_GRID.hz(upper) == pytest.approx(110_000, abs=160)
    assert STANDARD_GRID.hz(lower) == pytest.approx(60_000, abs=160)


@pytest.mark.parametrize(
    "settings",
    [
        RenderSettings(),
        VOCALMAT,
        RenderSettings(low_hz=30_000, high_hz=110_000, page_length_s=0.1),
    ],
    ids=["levelled", "VocalMat's", "other band"],
)
@pytest.mark.parametrize("hz", [50_000, 80_000, 101_234])
def test_a_tone_lies_on_the_row_that_the_grid_says(hz, settings):
    stack = render(recording(with_whistle(noise(0.3), tone(hz, 0.03))), settings)
    assert loudest_hz(stack) == pytest.approx(hz, abs=stack.layout.grid.hz_per_row)


@pytest.mark.parametrize("rate_hz", [192_000, 250_000, 300_000, 384_000])
def test_a_tone_lies_on_the_same_row_whatever_the_sampling_rate(rate_hz):
    whistle = tone(80_000, 0.03, rate_hz=rate_hz, amplitude=0.005)
    sound = with_whistle(noise(0.3, rate_hz=rate_hz), whistle)
    stack = render(recording(sound, rate_hz=rate_hz))
    assert stack.layout.grid == STANDARD_GRID
    assert loudest_hz(stack) == pytest.approx(80_000, abs=STANDARD_GRID.hz_per_row)


def test_what_lies_above_nyquist_is_filled_at_the_median_level_and_said():
    stack = render(recording(noise(0.3, rate_hz=192_000), rate_hz=192_000), VOCALMAT)
    page = stack.page(0)
    centres_hz = STANDARD_GRID.hz(np.arange(512) + 0.5)
    unknown, known = page[centres_hz > 94_000], page[centres_hz < 90_000]
    assert np.ptp(unknown) <= 1 / 255
    assert unknown.mean() == pytest.approx(np.median(known), abs=4 / 255)
    assert any("192 kHz" in note and "above 96 kHz" in note for note in stack.notes)


def test_a_recording_that_reaches_the_whole_band_needs_no_note():
    assert render(recording(noise(0.3))).notes == ()


# --- time ----------------------------------------------------------------------------------


# Clicks at the middle of a window, which every 128th sample is, show symmetrically.
@pytest.mark.parametrize("index", [128 * 40, 128 * 300, 128 * (3 * COLUMNS + 100)])
def test_a_click_lies_on_the_column_that_its_time_says(index):
    stack = render(recording(with_click(noise(1.2), index)))
    page = index // PAGE_SAMPLES
    seen_s = click_s(stack.page(page), stack.layout.starts_s[page], STANDARD_GRID)
    assert seen_s == pytest.approx(index / RATE_HZ, abs=STANDARD_GRID.seconds_per_column)


@pytest.mark.parametrize("column", [COLUMNS + 300, 2 * COLUMNS + 100])
def test_a_view_between_two_pages_shows_the_same_moments_as_they_do(column):
    stack = render(recording(with_click(noise(0.8), 128 * (column + 1))))
    layout = stack.layout
    page = column // COLUMNS
    view_start_s = layout.starts_s[1] + 256 * layout.grid.seconds_per_column
    on_page = click_s(stack.page(page), layout.starts_s[page], layout.grid)
    in_view = click_s(stack.view(1.5), view_start_s, layout.grid)
    assert in_view == pytest.approx(on_page, abs=layout.grid.seconds_per_column)


def test_pages_follow_each_other_without_a_gap():
    layout = render(recording(noise(1.2))).layout
    page_s = 512 * layout.grid.seconds_per_column
    assert layout.contiguous
    np.testing.assert_allclose(np.diff(layout.starts_s), page_s)


def test_a_view_that_begins_with_a_page_is_that_page():
    stack = render(recording(noise(0.8)))
    np.testing.assert_array_equal(stack.view(1.0), stack.page(1))


@pytest.mark.parametrize(
    ("n_samples", "n_pages"),
    [(256, 1), (PAGE_SAMPLES + 128, 1), (PAGE_SAMPLES + 255, 1), (PAGE_SAMPLES + 256, 2)],
)
def test_there_is_a_page_for_every_whole_window_and_none_without(n_samples, n_pages):
    stack = render(recording(noise(1)[:n_samples]))
    assert stack.pages.shape == (n_pages, 512, 512)


def test_the_last_page_is_filled_up_with_its_median_level():
    page = render(recording(noise(1)[: round(1.4 * PAGE_SAMPLES)]), VOCALMAT).page(1)
    known, filled = page[:, :200], page[:, 210:]
    assert np.ptp(filled) <= 1 / 255
    assert filled.mean() == pytest.approx(np.median(known), abs=4 / 255)


def test_only_what_is_looked_at_is_read():
    reads = []

    def reader(start, stop):
        reads.append((start, stop))
        return np.zeros(stop - start, np.float32)

    stack = render(
        Recording(name="hour.wav", sample_rate_hz=RATE_HZ, n_samples=RATE_HZ * 3600, reader=reader)
    )
    assert reads == []
    stack.page(7000)
    # The page, and what is quiet in the eight before and after it.
    first, last = (7000 - 10) * PAGE_SAMPLES, (7000 + 11) * PAGE_SAMPLES
    assert all(first <= start < stop <= last for start, stop in reads)
    reads.clear()
    stack.page(7001)
    assert sum(stop - start for start, stop in reads) < 3 * PAGE_SAMPLES


# --- contrast ------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [RenderSettings(), VOCALMAT])
@pytest.mark.parametrize("gain", [0.003, 0.125, 8])
def test_gain_does_not_change_a_page(gain, settings):
    sound = noise(0.3) + tone(70_000, 0.3, amplitude=0.01)
    page, louder = (render(recording(sound * factor), settings).page(0) for factor in (1, gain))
    assert np.abs(page - louder).max() <= 1.01 / 255


@pytest.mark.parametrize("settings", [RenderSettings(), VOCALMAT])
@pytest.mark.parametrize("silent_from", [0, 20_000], ids=["all", "from the middle"])
def test_digital_silence_gives_a_page_without_nan(silent_from, settings):
    sound = noise(0.22)
    sound[silent_from:] = 0
    page = render(recording(sound), settings).page(0)
    assert np.isfinite(page).all()
    assert page.min() >= 0
    assert page.max() <= 1


# --- what cannot be rendered ---------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [44_100, 96_000])
def test_too_low_a_sampling_rate_is_refused_with_the_remedy(rate_hz):
    remedy = rf"rec\.wav: .*{rate_hz} Hz.*record at 130 kHz or more, or lower low_hz"
    with pytest.raises(InputError, match=remedy):
        render(recording(noise(0.3, rate_hz=rate_hz), rate_hz=rate_hz))


def test_a_low_band_can_be_looked_at_in_a_slow_recording():
    settings = RenderSettings(low_hz=1_000, high_hz=20_000)
    stack = render(recording(noise(0.3, rate_hz=44_100), rate_hz=44_100), settings)
    assert stack.notes == ()


def test_too_short_a_recording_is_refused_with_the_remedy():
    with pytest.raises(InputError, match=r"rec\.wav: 0\.4 ms .* \(1\.024 ms\): use a longer"):
        render(recording(np.ones(100)))


# --- what a model is given ------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["noise", "page"])
@pytest.mark.parametrize("wanted", ["noise", "page"])
def test_a_model_is_given_what_it_was_made_for_whatever_is_shown(shown, wanted):
    sound = recording(with_whistle(noise(0.5), tone(80_000, 0.03)))
    stack = render(sound, RenderSettings(levels=shown))
    expected = render(sound, RenderSettings(levels=wanted))
    np.testing.assert_array_equal(view_as(stack, wanted)(0.5), expected.view(0.5))
    np.testing.assert_array_equal(
        stack.page(1), render(sound, RenderSettings(levels=shown)).page(1)
    )


def test_an_image_is_levelled_for_a_model_that_wants_it_and_left_alone_for_others():
    page = np.random.default_rng(0).uniform(0.2, 0.8, (1, 512, 512)).astype(np.float32)
    stack = SpectrogramStack(
        pages=page, layout=Layout(source="images", n_pages=1, page_names=("a",))
    )
    np.testing.assert_array_equal(view_as(stack, "page")(0), page[0])
    np.testing.assert_array_equal(view_as(stack, "noise")(0), levelled_image(page[0]))
