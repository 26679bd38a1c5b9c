"""Pages and masks -> a table with all measures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fakes import FIRST_S, PAGE_S, RATE_HZ, sound

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.measures.catalogue import MEASURES
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.rendering.spectrogram import image_grid
from napari_squeakout.core.settings import CleanSettings, ImageSettings, RenderSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, run
from napari_squeakout.core.synthesis.courses import drawn_calls
from napari_squeakout.core.training_settings import SynthesisSettings

LEVELS = ["mean_power_db", "peak_power_db", "snr_db", "tonality", "entropy_bits"]


def rendered(samples, *, rate_hz=RATE_HZ, **settings):
    recording = Recording.from_array(samples, sample_rate_hz=rate_hz)
    return render(recording, RenderSettings(**settings))


def boxes(stack, *calls, cleaning=None):
    """Masks of calls (number, start_s, end_s, low_hz, high_hz), from the recording's start."""
    layout = stack.layout
    grid = layout.grid
    strip = np.zeros((PAGE_PX, layout.n_pages * PAGE_PX), np.int32)
    for number, start_s, end_s, low_hz, high_hz in calls:
        left, right = (round((s - FIRST_S) / grid.seconds_per_column) for s in (start_s, end_s))
        bottom, top = (
            round(PAGE_PX - (f - grid.low_hz) / grid.hz_per_row) for f in (low_hz, high_hz)
        )
        strip[max(top, 0) : bottom, max(left, 0) : right] = number
    pages = strip.reshape(PAGE_PX, layout.n_pages, PAGE_PX).swapaxes(0, 1)
    return MaskStack(np.ascontiguousarray(pages), layout, cleaning)


def table_of(stack, masks, probabilities=None):
    return run(measuring(stack, masks, probabilities)).calls


def only(stack, masks):
    table = table_of(stack, masks)
    assert len(table) == 1
    return table.iloc[0]


@pytest.fixture(scope="module")
def tone():
    """A tone of 70.1 kHz from 100 to 150 ms, and one over the border of the first two pages."""
    return rendered(sound(0.6, (0.1, 0.15, 70_100), (PAGE_S - 0.02, PAGE_S + 0.03, 80_050)))


def test_a_tone_has_its_frequency_and_level_and_nothing_else(tone):
    row = only(tone, boxes(tone, (1, 0.1, 0.15, 68e3, 72e3)))
    for name in ("peak_hz", "principal_hz", "contour_mean_hz", "start_hz", "end_hz"):
        assert row[name] == pytest.approx(70_100, abs=60)
    assert row[["n_jumps", "n_harmonics", "n_pieces"]].tolist() == [0, 0, 1]
    assert row[["cut_low", "cut_high", "cut_in_time"]].tolist() == [0, 0, 0]
    # Power of a sine of amplitude 0.1, in the window's noise bandwidth of 1.36 bins of 977 Hz.
    assert row["peak_power_db"] == pytest.approx(10 * np.log10(0.005 / (1.36 * 977)), abs=0.3)
    noise_db = 10 * np.log10(2 * 1e-4**2 / RATE_HZ)
    assert row["snr_db"] == pytest.approx(row["peak_power_db"] - noise_db, abs=1)
    assert row["tonality"] > 0.95
    assert row["sd_hz"] < 60


def test_a_call_over_a_page_border_is_measured_whole(tone):
    masks = boxes(tone, (7, PAGE_S - 0.02, PAGE_S + 0.03, 78e3, 82e3))
    measured = run(measuring(tone, masks))
    row, (contour,) = measured.calls.iloc[0], measured.contours
    assert row["n_pieces"] == 1
    assert row["principal_hz"] == pytest.approx(80_050, abs=60)
    assert row["cut_in_time"] == 0
    # 50 ms, no column lacking at the border and none twice.
    assert np.diff(contour.column).tolist() == [1] * (len(contour) - 1)
    assert len(contour) == pytest.approx(0.05 / 0.000512, abs=4)


def test_what_is_measured_does_not_depend_on_what_is_shown(tone):
    masks = boxes(tone, (1, 0.1, 0.15, 68e3, 72e3))
    shown = replace(tone, levels="page", view=tone.views["page"])
    pd.testing.assert_frame_equal(table_of(tone, masks), table_of(shown, masks))


def test_what_is_measured_does_not_depend_on_where_pages_are_cut():
    samples = sound(0.9, (0.31, 0.36, 70_100))
    whole = rendered(samples)
    call = (1, 0.31, 0.36, 68e3, 72e3)
    other = rendered(samples, page_length_s=0.3)
    one, two = only(whole, boxes(whole, call)), only(other, boxes(other, call))
    for name in ("principal_hz", "min_hz", "max_hz", "peak_power_db"):
        assert one[name] == pytest.approx(two[name], rel=1e-3)


def test_the_calls_of_a_part_are_measured_as_those_of_the_whole(tone):
    masks = boxes(tone, (1, 0.1, 0.15, 68e3, 72e3), (2, 0.25, 0.28, 60e3, 64e3))
    part = MaskStack(masks.labels[1:], masks.layout.part(1, 3))
    last, same = table_of(tone, masks).iloc[-1], only(tone.part(1, 3), part)
    assert same["start_s"] == pytest.approx(last["start_s"])
    assert same["peak_power_db"] == last["peak_power_db"]


def test_the_columns_of_find_calls_stay_as_they_are(tone):
    masks = boxes(tone, (1, 0.1, 0.15, 68e3, 72e3), (2, PAGE_S - 0.02, PAGE_S + 0.03, 78e3, 82e3))
    probabilities = ProbabilityStack(np.full(tone.layout.shape, 204, np.uint8), tone.layout)
    plain = run(finding_calls(masks, probabilities))
    table = table_of(tone, masks, probabilities)
    pd.testing.assert_frame_equal(table[list(plain)], plain)
    assert list(table)[len(plain.columns) :] == [
        *(one.name for one in MEASURES),
        "class",
        "class_by",
    ]


def test_intervals_go_from_an_end_to_the_next_start_and_the_last_has_none(tone):
    masks = boxes(tone, (1, 0.1, 0.15, 68e3, 72e3), (2, 0.25, 0.28, 60e3, 64e3))
    table = table_of(tone, masks)
    assert table["interval_s"].iloc[0] == pytest.approx(0.1, abs=0.001)
    assert np.isnan(table["interval_s"].iloc[1])


def test_a_silent_source_has_an_empty_table_with_all_columns(tone):
    table = table_of(tone, boxes(tone))
    assert len(table) == 0
    assert {one.name for one in MEASURES} <= set(table)


def test_a_mask_in_which_nothing_is_heard_stops_no_other_call(tone):
    masks = boxes(tone, (1, 0.1, 0.15, 68e3, 72e3), (2, 0.4, 0.42, 100e3, 100.2e3))
    samples = sound(0.6, (0.1, 0.15, 70_100))
    samples[round(0.39 * RATE_HZ) : round(0.43 * RATE_HZ)] = 0
    table = table_of(rendered(samples), masks)
    assert table["principal_hz"].iloc[0] == pytest.approx(70_100, abs=60)
    assert table[["principal_hz", "n_jumps", "snr_db"]].iloc[1].isna().all()
    assert table["n_pieces"].tolist() == [1, 1]
    assert table["class"].tolist() == ["flat", None]


def test_edges_of_the_band_are_flagged_and_so_are_those_that_cleaning_keeps(tone):
    low = only(tone, boxes(tone, (1, 0.1, 0.15, 40e3, 72e3)))
    high = only(tone, boxes(tone, (1, 0.1, 0.15, 68e3, 126e3)))
    assert low[["cut_low", "cut_high"]].tolist() == [1, 0]
    assert high[["cut_low", "cut_high"]].tolist() == [0, 1]
    kept = CleanSettings(keep_low_hz=65_000, keep_high_hz=75_000)
    cut = only(tone, boxes(tone, (1, 0.1, 0.15, 65e3, 75e3), cleaning=kept))
    assert cut[["cut_low", "cut_high"]].tolist() == [1, 1]


def test_where_a_recording_of_a_lower_rate_ends_its_calls_are_cut():
    low = rendered(sound(0.6, (0.1, 0.15, 70_100)), rate_hz=200_000)
    row = only(low, boxes(low, (1, 0.1, 0.15, 68e3, 96e3)))
    assert row[["cut_low", "cut_high"]].tolist() == [0, 1]


def test_the_first_and_the_last_moment_of_a_recording_are_flagged():
    tones = rendered(sound(0.6, (0, 0.05, 70e3), (0.3, 0.32, 70e3), (0.57, 0.6, 70e3)))
    spans = [(1, 0, 0.05), (2, 0.3, 0.32), (3, 0.57, 0.6)]
    masks = boxes(tones, *((n, start_s, end_s, 68e3, 72e3) for n, start_s, end_s in spans))
    assert table_of(tones, masks)["cut_in_time"].tolist() == [1, 0, 1]


def images(grey, *, scaled=True):
    grid = image_grid(ImageSettings(image_span_s=0.2, image_low_hz=40e3, image_high_hz=120e3))
    names = tuple(f"image{i}" for i in range(len(grey)))
    layout = Layout(
        source="folder", n_pages=len(grey), grid=grid if scaled else None, page_names=names
    )
    return SpectrogramStack(pages=np.asarray(grey, np.float32), layout=layout)


def white_line(row, *, columns=slice(100, 200)):
    page = np.random.default_rng(0).uniform(0, 0.2, (PAGE_PX, PAGE_PX))
    page[row - 3 : row + 4, columns] = 1
    return page


def test_images_tell_frequencies_but_no_levels_and_each_is_a_source_of_its_own():
    stack = images([white_line(100), white_line(300, columns=slice(0, 100))])
    labels = np.zeros(stack.layout.shape, np.int32)
    labels[0, 95:106, 100:200] = labels[1, 295:306, 0:100] = 4
    table = table_of(stack, MaskStack(labels, stack.layout))
    rows = PAGE_PX - 0.5 - np.array([100, 300])
    assert table["principal_hz"].to_numpy() == pytest.approx(40e3 + rows * 80e3 / 512, abs=80)
    assert table[LEVELS].isna().all(axis=None)
    assert table["interval_s"].isna().all()
    assert table["cut_in_time"].tolist() == [0, 1]
    assert table["class"].tolist() == ["flat", "flat"]
    assert list(table)[-1] == "image"


def test_images_of_unknown_scale_have_only_the_measures_of_their_masks():
    stack = images([white_line(100)], scaled=False)
    labels = np.zeros(stack.layout.shape, np.int32)
    labels[0, 95:106, 100:200] = labels[0, 200:210, 120:140] = 1
    row = only(stack, MaskStack(labels, stack.layout))
    assert row["n_pieces"] == 2
    assert row["class"] is None
    measured = [one.name for one in MEASURES if pd.notna(row[one.name])]
    assert measured == ["n_pieces", "cut_low", "cut_high", "cut_in_time"]


def test_masks_of_another_source_are_refused(tone):
    other = rendered(sound(0.2))
    with pytest.raises(InputError, match="not of one source"):
        run(measuring(tone, boxes(other)))


def test_progress_is_told_page_by_page(tone):
    told = [step for step in measuring(tone, boxes(tone)) if isinstance(step, Progress)]
    assert len(told) == 3 * tone.layout.n_pages


def test_the_measures_of_synthetic_calls_are_near_the_truth():
    settings = SynthesisSettings(
        seed=3, reverberation_fraction=0, harsh_fraction=0, band_limited_fraction=0, min_snr_db=22
    )
    off = []
    for drawn in drawn_calls(6, settings):
        stack = rendered(drawn.samples)
        row = only(stack, MaskStack(drawn.masks.astype(np.int32), stack.layout))
        jumps = np.count_nonzero(np.abs(drawn.jumps_hz) > 5_000)
        off.append(
            [
                1e3 * (row["start_s"] - drawn.start_s),
                1e3 * (row["end_s"] - drawn.end_s),
                (row["min_hz"] - drawn.hz.min()) / 1e3,
                (row["max_hz"] - drawn.hz.max()) / 1e3,
                2 * (row["principal_hz"] - np.median(drawn.hz)) / 1e3,
                float(row["n_jumps"] - jumps),
            ]
        )
    # Within 2 ms, 1 kHz, 0.5 kHz, and as many jumps, in most calls.
    assert (np.median(np.abs(off), axis=0) < [2, 2, 1, 1, 1, 0.5]).all()
