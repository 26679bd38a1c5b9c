from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.levelled_images import levelled_image
from napari_squeakout.core.rendering.levelling import (
    HIGHEST_DB,
    LOWEST_DB,
    Levelled,
    db_of_grey,
    grey_of_db,
    page_of_levels,
    silent_columns,
)
from napari_squeakout.core.rendering.spectrogram import page_from_db, power_db
from napari_squeakout.core.settings import RenderSettings

RATE_HZ = 250_000
RENDER = RenderSettings()
PAGE_S = 431 * 128 / RATE_HZ
#: Grey of Gaussian noise whose mean power is the floor: its median lies 1.6 dB below the mean.
NOISE_GREY = (-1.6 - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB)


def noise(seconds=3.0, seed=0, level=1e-3):
    n = round(seconds * RATE_HZ)
    return np.random.default_rng(seed).normal(0, level, n).astype(np.float32)


def tone(seconds, hz=80e3, level=0.01):
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(
        np.float32
    )


def levelled(samples, nyquist_hz=125e3):
    return Levelled(
        Recording.from_array(samples, sample_rate_hz=RATE_HZ), RENDER, nyquist_hz=nyquist_hz
    )


def row_of(hz):
    return round((125_122 - hz) / (328 * RATE_HZ / 1024) * 512)


@pytest.mark.parametrize("level", [1e-5, 1e-3, 0.2])
def test_noise_looks_the_same_at_any_gain(level):
    page = levelled(noise(level=level)).window(5)
    assert page.shape == (512, 512)
    assert page.dtype == np.float32
    assert np.median(page) == pytest.approx(NOISE_GREY, abs=0.02)


def test_a_sloped_floor_and_lines_that_go_on_are_gone():
    sound = noise()
    sloped = np.convolve(sound, [1, 0.8], "same").astype(np.float32)  # 20 dB less at 125 kHz
    page = levelled(sloped + tone(3.0, 62e3, 3e-3)).window(6)
    rows = np.median(page, axis=1)
    # But for the top, where 20 dB are lost and neighbouring noise leaks in.
    beside = np.delete(rows, range(row_of(62e3) - 12, row_of(62e3) + 12))
    assert np.ptp(beside[10:]) < 0.1
    # A line has no speckle, so that it lies below the noise's mean rather than above it.
    assert rows[row_of(62e3)] < np.median(rows)


def test_a_flat_call_of_350_ms_stands_out_from_its_beginning_to_its_end():
    sound = noise()
    sound[RATE_HZ : RATE_HZ + round(0.35 * RATE_HZ)] += tone(0.35, 70e3, 2e-3)
    seen = levelled(sound)
    line = np.concatenate([seen.window(p)[row_of(70e3)] for p in range(4, 7)])
    inside = np.arange(len(line)) * PAGE_S / 512 + 4 * PAGE_S
    inside = (inside > 1.005) & (inside < 1.345)
    assert line[inside].min() > NOISE_GREY + 0.2


def test_a_loud_click_darkens_nothing_else():
    sound = noise()
    clicked = sound.copy()
    clicked[400_000:400_004] = 0.9
    before, after = (levelled(s).window(7) for s in (sound, clicked))
    beside = np.r_[0:70, 160:512]
    assert np.abs(before - after)[:, beside].max() < 0.03
    assert after.max() > 0.95


@pytest.mark.parametrize("position", [0.5, 0.25, 3.75])
def test_overlapping_windows_agree_pixel_by_pixel(position):
    seen = levelled(noise(2.0))
    whole, off = int(position), round(position % 1 * 512)
    both = np.hstack([seen.window(whole), seen.window(whole + 1)])
    np.testing.assert_allclose(seen.window(position), both[:, off : off + 512], atol=1.01 / 255)


def test_exact_zeros_are_no_level_and_have_no_edge():
    sound = noise(1.5)
    gated = sound.copy()
    gated[100_000:300_000] = 0
    page = levelled(gated).window(2)  # the gate is in the middle of it and fills the next ones
    assert np.median(page) == pytest.approx(NOISE_GREY, abs=0.03)
    columns = np.median(page, axis=0)
    assert np.ptp(columns) < 0.15
    kept, whole = (levelled(s).window(0)[:, :400] for s in (gated, sound))
    assert np.abs(kept - whole).mean() < 0.02


def test_quiet_recordings_of_few_bits_are_no_silence():
    sound = np.rint(np.random.default_rng(0).normal(0, 0.4, 50_000)) / 32768
    assert (sound == 0).mean() > 0.7
    assert not silent_columns(sound.astype(np.float32)).any()


def test_above_the_recordings_nyquist_it_looks_like_noise_without_an_edge():
    page = levelled(noise(2.0), nyquist_hz=96e3).window(4)
    limit = row_of(0.96 * 96e3)
    above, below = page[: limit - 3], page[limit + 3 :]
    assert np.median(above) == pytest.approx(np.median(below), abs=0.02)
    assert above.std() == pytest.approx(below.std(), rel=0.08)
    rows = page.mean(axis=1)
    assert np.abs(rows[limit - 3 : limit + 3] - rows.mean()).max() < 0.03


def test_past_the_end_it_looks_like_noise():
    page = levelled(noise(0.3)).window(1)
    known = round((0.3 - PAGE_S) / PAGE_S * 512)
    assert np.median(page[:, known + 5 :]) == pytest.approx(NOISE_GREY, abs=0.02)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.5])
def test_a_steady_tone_ends_with_the_file_without_an_end_to_be_seen(seconds):
    seen = levelled(noise(seconds) + tone(seconds, 62e3, 3e-3))
    last = int(seconds / PAGE_S)
    around = slice(row_of(62e3) - 8, row_of(62e3) + 8)
    assert seen.window(last)[around].mean(axis=0).max() < NOISE_GREY + 0.25


@pytest.mark.parametrize("seconds", [0.02, 0.06, 0.15])
def test_a_clip_of_one_flat_call_still_shows_it(seconds):
    page = levelled(noise(seconds) + tone(seconds, 70e3, 5e-3)).window(0)
    columns = round(seconds / PAGE_S * 512)
    assert page[row_of(70e3), 4 : columns - 4].mean() > NOISE_GREY + 0.2


@pytest.mark.parametrize("around_s", [0.002, 0.005, 0.02])
@pytest.mark.parametrize("each_s", [0.2, 0.5])
def test_flat_calls_between_the_zeros_of_a_gate_stand_out(around_s, each_s):
    sound = np.zeros(4 * RATE_HZ, np.float32)
    half = round(around_s * RATE_HZ)
    for start_s in np.arange(0.1, 3.9, each_s):
        first = round(start_s * RATE_HZ)
        call = noise(0.05 + 2 * around_s, seed=first)
        call[half : half + round(0.05 * RATE_HZ)] += tone(0.05, 70e3)
        sound[first - half : first - half + len(call)] = call
    page = levelled(sound).window(4.8)  # 1.06 to 1.28 s
    row = row_of(70e3)
    bright = page[row - 4 : row + 5].max(axis=0) > NOISE_GREY + 0.3
    assert 90 < np.count_nonzero(bright) < 160


def test_calls_in_noise_of_less_than_the_recorders_last_bit_stand_out():
    sound = noise(3.0, level=0.12 / 32767)
    for start in range(round(0.1 * RATE_HZ), len(sound) - RATE_HZ // 10, RATE_HZ // 5):
        sound[start : start + RATE_HZ // 20] += tone(0.05, 70e3, 40 / 32767)
    page = levelled(np.rint(sound * 32767).astype(np.float32) / 32767).window(5)
    row = row_of(70e3)
    assert np.count_nonzero(page[row - 4 : row + 5].max(axis=0) > NOISE_GREY + 0.3) > 90


def test_a_night_of_floors_need_not_be_in_memory(monkeypatch):
    monkeypatch.setattr("napari_squeakout.core.rendering.levelling._KEPT_BLOCKS", 20)
    sound = noise(30.0)
    night, fresh = levelled(sound), levelled(sound)
    for position in range(130):
        night.window(position)
    assert max(len(night._quiet), len(night._floors), len(night._spectra)) <= 29
    assert len(night._quiet) == 20
    np.testing.assert_array_equal(night.window(64.5), fresh.window(64.5))


def test_a_gain_step_is_followed():
    sound = noise(4.0)
    sound[2 * RATE_HZ :] *= 4
    seen = levelled(sound)
    for position in (4, 6, 13, 15):
        assert np.median(seen.window(position)) == pytest.approx(NOISE_GREY, abs=0.06)


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.5, 0.3), (0.8, 0.0)])
def test_an_image_is_brought_to_the_same_scale_by_its_own_speckle(gain, offset):
    sound = noise(3 * PAGE_S, level=1e-3)
    start, call = round(1.4 * PAGE_S * RATE_HZ), tone(0.03, 80e3, 3e-3)
    sound[start : start + len(call)] += call
    expected = levelled(sound).window(1)
    first = 431 * 128
    db = power_db(sound[first : first + 431 * 128 + 128], RENDER)
    image = levelled_image(gain * page_from_db(db, RENDER) + np.float32(offset))
    assert np.median(image) == pytest.approx(np.median(expected), abs=0.03)
    line = slice(row_of(80e3) - 2, row_of(80e3) + 3), slice(215, 260)
    assert image[line].mean() == pytest.approx(expected[line].mean(), abs=0.1)


def test_an_image_without_speckle_is_left_as_it_is():
    drawn = np.zeros((512, 512), np.float32)
    drawn[200:220, 100:300] = 1
    np.testing.assert_array_equal(levelled_image(drawn), drawn)


def test_where_a_window_shows_a_filling_is_known():
    sound = noise(seconds=1.0)
    gap = slice(round(0.05 * RATE_HZ), round(0.09 * RATE_HZ))
    sound[gap] = 0
    whole = levelled(sound)
    known = whole.known(0)
    assert known.shape == (512, 512)
    columns = known.all(axis=0)
    per_s = 512 / PAGE_S
    assert not columns[round(0.055 * per_s) : round(0.085 * per_s)].any()
    assert columns[: round(0.045 * per_s)].all()
    assert columns[round(0.095 * per_s) :].all()
    assert not whole.known(4)[:, -200:].any()  # past the end
    narrow = levelled(sound, nyquist_hz=100e3).known(2)
    assert not narrow[: row_of(101e3)].any()
    assert narrow[row_of(90e3) :].all()


def test_a_grey_and_its_level_are_told_from_each_other():
    for level_db in (-10.0, 12.5, 33.0):
        (grey,) = np.unique(page_of_levels(np.full((512, 512), level_db, np.float32)))
        assert grey_of_db(level_db) == pytest.approx(grey, abs=1 / 255)
        assert db_of_grey(grey) == pytest.approx(level_db, abs=0.2)
    assert (db_of_grey(0), db_of_grey(1)) == (LOWEST_DB, HIGHEST_DB)


def test_pages_made_in_turn_transform_each_block_once():
    read = []
    samples = noise(seconds=31 * PAGE_S)

    def reader(start, stop):
        read.append(stop - start)
        return samples[start:stop]

    recording = Recording(
        name="long", sample_rate_hz=RATE_HZ, n_samples=len(samples), reader=reader
    )
    seen = Levelled(recording, RENDER, nyquist_hz=125e3)
    seen.window(0)  # looks ahead for its floor, and at no more than it takes
    first_read = sum(read)
    for page in range(1, 31):
        seen.window(page)
    assert first_read < 0.4 * len(samples)
    assert sum(read) < 1.35 * len(samples)


def test_a_page_is_the_same_whichever_was_looked_at_before():
    samples = noise(seconds=40 * PAGE_S)
    in_turn, at_once = levelled(samples), levelled(samples)
    pages = [in_turn.window(page) for page in range(40)]
    for page in (39, 17, 3):
        assert np.array_equal(at_once.window(page), pages[page])
    between = np.hstack(pages[20:22])[:, 256:768]
    assert np.array_equal(at_once.window(20.5), between)
