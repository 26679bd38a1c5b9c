from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.morphology import tidy
from napari_squeakout.core.rendering.spectrogram import power_db
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.synthesis.masks import mark, no_margin, noise_floor_db, page_mask, tidied
from napari_squeakout.core.synthesis.reverberation import OPEN, Arriving, Room
from napari_squeakout.core.synthesis.syllables import Trace
from napari_squeakout.core.training_settings import SynthesisSettings

RATE_HZ = 250_000
STEP = 128
ROWS, COLUMNS = 328, 431
# The level of a whistle of amplitude 1 in a spectrogram whose floor lies at -40 dB re its ridge.
FLOOR_DB = np.full((ROWS, COLUMNS), -64.0)


def whistle(level, hz=80e3):
    return Trace(20_000, np.full(len(level), hz), np.asarray(level, float))


def marked(trace, floor_db=FLOOR_DB):
    margin = no_margin((ROWS, COLUMNS))
    mark_arriving(margin, OPEN.arriving(trace.wave(), 0.02), trace.start, floor_db)
    return margin


def mark_arriving(margin, arriving, start, floor_db=FLOOR_DB):
    mark(margin, arriving, start, floor_db, SynthesisSettings(), RenderSettings())


def columns_of(trace, floor_db=FLOOR_DB):
    return (marked(trace, floor_db) > 0).any(axis=0)


def test_a_loud_whistle_is_marked_from_its_first_to_its_last_sample():
    seen = np.flatnonzero(columns_of(whistle(np.ones(10_000))))
    assert abs(seen[0] - 20_000 / STEP) <= 2
    assert abs(seen[-1] - 30_000 / STEP) <= 2
    assert len(seen) == seen[-1] - seen[0] + 1


@pytest.mark.parametrize(("hidden_ms", "whole"), [(3, True), (8, True), (14, False)])
def test_a_whistle_hidden_for_a_moment_stays_whole(hidden_ms, whole):
    level = np.ones(15_000)
    half = int(hidden_ms * RATE_HZ / 2_000)
    level[7_500 - half : 7_500 + half] = 1e-4
    seen = np.flatnonzero(columns_of(whistle(level)))
    assert (len(seen) == seen[-1] - seen[0] + 1) == whole


@pytest.mark.parametrize(("burst_ms", "whole"), [(4, True), (20, False)])
def test_so_does_one_under_a_burst_of_noise(burst_ms, whole):
    floor_db = FLOOR_DB.copy()
    half = int(burst_ms * RATE_HZ / 2_000 / STEP)
    floor_db[:, 195 - half : 195 + half] = 20
    seen = np.flatnonzero(columns_of(whistle(np.ones(15_000)), floor_db))
    assert (len(seen) == seen[-1] - seen[0] + 1) == whole


def test_what_drowns_in_noise_is_not_marked():
    assert not columns_of(whistle(np.full(10_000, 1e-4))).any()
    assert not columns_of(whistle(np.ones(10_000)), np.full((ROWS, COLUMNS), 20.0)).any()


def test_a_mask_is_as_thick_where_the_whistle_is_faint_as_its_core():
    level = np.geomspace(1, 0.004, 20_000)
    rows = (marked(whistle(level)) > 0).sum(axis=0)
    thickness = rows[rows > 0][3:-3]
    assert 4 <= thickness.min() <= thickness.max() <= 16
    assert thickness[0] >= thickness[-1]


def echoing(decay_s, direct_db, seed=0):
    """A room of nothing but noise that decays."""
    n = int(0.7 * decay_s * RATE_HZ)
    walls = np.random.default_rng(seed).normal(size=n) * 10 ** (
        -3 * np.arange(n) / RATE_HZ / decay_s
    )
    walls *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(walls**2))
    return Room(OPEN.direct, walls.astype(np.float32))


def in_room(room, trace, early_s=0.02):
    margin = no_margin((ROWS, COLUMNS))
    mark_arriving(margin, room.arriving(trace.wave(), early_s), trace.start)
    return margin > 0


@pytest.mark.parametrize("early_s", [0.01, 0.02, 0.03])
def test_an_early_echo_belongs_to_a_call_and_the_late_tail_does_not(early_s):
    trace = whistle(np.ones(10_000))
    seen = np.flatnonzero(in_room(echoing(0.25, -5), trace, early_s).any(axis=0))
    ends_s = (seen[-1] * STEP + 128) / RATE_HZ - 30_000 / RATE_HZ
    assert 0.3 * early_s < ends_s < 1.3 * early_s


def test_a_call_that_arrives_by_the_walls_alone_is_marked_as_the_cloud_it_is():
    n = 10_000
    sweep = Trace(20_000, np.linspace(60e3, 90e3, n), np.ones(n))
    line, cloud = in_room(OPEN, sweep), in_room(echoing(0.12, -15), sweep)
    assert cloud.sum() > 2 * line.sum()
    columns = np.flatnonzero(cloud.any(axis=0))
    assert len(columns) == columns[-1] - columns[0] + 1


def test_a_tail_that_drowns_a_faint_part_is_not_taken_for_it():
    early = whistle(np.full(10_000, 0.02)).wave()
    late = whistle(np.ones(10_000)).wave()
    margin = no_margin((ROWS, COLUMNS))
    mark_arriving(margin, Arriving(early, late), 20_000, np.full((ROWS, COLUMNS), -110.0))
    core = (margin > 0).any(axis=1).sum()
    assert core <= 12  # the brightest line at most


def test_a_whistle_outside_the_scene_marks_nothing():
    for start in (-50_000, COLUMNS * STEP + 10_000):
        trace = Trace(start, np.full(5_000, 80e3), np.ones(5_000))
        assert not columns_of(trace).any()


def test_the_floor_is_the_local_mean_and_bears_digital_silence():
    assert noise_floor_db(np.full((ROWS, COLUMNS), 0.01)) == pytest.approx(-20)
    assert np.isfinite(noise_floor_db(np.zeros((ROWS, COLUMNS)))).all()


def test_specks_go_and_pinholes_close():
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[100:110, 50:90] = True
    mask[104, 60] = False
    mask[200:203, 300:303] = True
    kept = tidy(mask)
    assert kept[100:110, 50:90].all()
    assert kept.sum() == 400


def test_a_mask_at_page_size_covers_the_same_share():
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[100:140, 50:150] = True
    page = page_mask(np.where(mask, np.float32(1), np.float32(-1)))
    assert page.shape == (512, 512)
    assert page.mean() == pytest.approx(mask.mean(), rel=0.03)


def test_a_border_moves_with_the_whistle_by_less_than_a_row_of_the_spectrogram():
    middles = []
    for hz in np.linspace(80_000, 80_488, 9):  # two rows of the spectrogram, three of a page
        page = page_mask(marked(whistle(np.ones(10_000), hz)))
        rows = np.flatnonzero(page[:, page.any(axis=0)].mean(axis=1) > 0.5)
        middles.append((rows[0] + rows[-1]) / 2)
    assert middles[0] - middles[-1] == pytest.approx(488 / 156.4, abs=0.6)
    assert len(set(middles)) >= 5


@pytest.mark.parametrize(
    ("milliseconds", "above_db", "noticed"),
    [(4, 14, True), (4, 6, False), (15, 9, True), (15, 3.5, False), (60, 7, True)],
)
def test_a_short_glint_must_be_louder_than_a_long_whistle_to_be_noticed(
    milliseconds, above_db, noticed
):
    n = int(milliseconds * RATE_HZ / 1000)
    ridge_db = marked_level_db()
    floor_db = np.full((ROWS, COLUMNS), ridge_db - above_db)
    assert columns_of(whistle(np.ones(n)), floor_db).any() == noticed


def marked_level_db():
    """Level of the ridge of a steady whistle of amplitude 1."""
    return float(power_db(whistle(np.ones(10_000)).wave(), RenderSettings()).max(axis=0)[20])


def test_specks_go_and_pinholes_close_in_the_margin_too():
    margin = no_margin((ROWS, COLUMNS))
    margin[100:110, 50:90] = 3
    margin[104, 60] = -1
    margin[200:203, 300:303] = 3
    np.testing.assert_array_equal(tidied(margin) > 0, tidy(margin > 0))


@pytest.mark.parametrize("start", range(20_000, 20_128, 16))
def test_the_splash_of_an_abrupt_beginning_or_end_is_not_the_whistle(start):
    trace = Trace(start, np.full(10_000, 80e3), np.ones(10_000))
    rows = (marked(trace, np.full((ROWS, COLUMNS), -110.0)) > 0).sum(axis=0)
    assert rows.max() <= 2.5 * np.median(rows[rows > 0])
