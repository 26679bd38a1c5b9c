from __future__ import annotations

import threading

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import Layout
from napari_squeakout.core.overview import overview as module
from napari_squeakout.core.overview.overview import LEVELS_PER_DB, Overview, looking_over
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import run

RATE_HZ = 250_000
PAGE_S = 431 * 128 / RATE_HZ
NOISE = 1e-3
#: A sine of this height is 15 dB above the noise's mean power in a window of 256 samples.
CALL = NOISE * np.sqrt(10**1.5 * 101.7) / 69


def noise(seconds, rate_hz=RATE_HZ, seed=0):
    n = round(seconds * rate_hz)
    return np.random.default_rng(seed).normal(0, NOISE, n).astype(np.float32)


def add_call(samples, start_s, hz, *, seconds=0.005, height=CALL, rate_hz=RATE_HZ):
    start = round(start_s * rate_hz)
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    samples[start : start + len(time_s)] += height * np.sin(2 * np.pi * hz * time_s)


def look(samples, rate_hz=RATE_HZ, **settings) -> Overview:
    recording = Recording.from_array(samples, sample_rate_hz=rate_hz)
    return run(looking_over(render(recording, RenderSettings(**settings))))


def row_of(picture, hz):
    return int((picture.high_hz - hz) / picture.hz_per_row)


def column_of(picture, at_s):
    return int(at_s / PAGE_S / picture.pages_per_column)


@pytest.mark.parametrize("most_columns", [4096, 26])
def test_a_faint_call_of_5_ms_is_seen_wherever_it_falls(monkeypatch, most_columns):
    """Columns of 7 ms, and of three pages each, as those of a long recording."""
    monkeypatch.setattr(module, "MOST_COLUMNS", most_columns)
    samples = noise(16)
    # Each begins elsewhere between two windows, and crosses no page's edge.
    calls = [(2.0313 + n * 2.0017, 50e3 + n * 11_300) for n in range(7)]
    for start_s, hz in calls:
        add_call(samples, start_s, hz)
    picture = look(samples)
    db = picture.levels / LEVELS_PER_DB
    for start_s, hz in calls:
        columns = range(column_of(picture, start_s), column_of(picture, start_s + 0.005) + 1)
        row = row_of(picture, hz)
        at_call = db[row - 1 : row + 2, columns].max()
        beside = np.delete(db, np.arange(row - 3, row + 4), axis=0)[:, columns]
        assert at_call >= 12
        assert at_call > np.median(beside) + 4
        assert np.unravel_index(db[:, columns].argmax(), (len(db), len(columns)))[0] in {
            row - 1, row, row + 1,
        }  # fmt: skip


def test_noise_lies_low_and_a_line_that_goes_on_is_gone():
    samples = noise(12)
    add_call(samples, 0, 70e3, seconds=12, height=10 * NOISE)
    picture = look(samples)
    db = picture.levels / LEVELS_PER_DB
    assert np.median(db) < 7
    assert np.median(db[row_of(picture, 70e3)]) < 7


def test_levels_are_decibels_above_the_floor():
    samples = noise(4)
    add_call(samples, 2.0, 80_078, seconds=0.05, height=10 * CALL)
    picture = look(samples)
    level = picture.levels[row_of(picture, 80_078), column_of(picture, 2.025)] / LEVELS_PER_DB
    assert level == pytest.approx(35, abs=1.5)


@pytest.mark.parametrize("rate_hz", [192_000, 300_000, 500_000])
def test_other_sampling_rates_are_looked_at_as_they_are(rate_hz):
    samples = noise(6, rate_hz)
    add_call(samples, 3.1, 72e3, seconds=0.02, height=5 * CALL, rate_hz=rate_hz)
    picture = look(samples, rate_hz)
    row, column = np.unravel_index(picture.levels.argmax(), picture.levels.shape)
    assert abs(row - row_of(picture, 72e3)) <= 1
    assert column_of(picture, 3.1) <= column <= column_of(picture, 3.12)
    assert picture.high_hz == pytest.approx(125e3, abs=picture.hz_per_row)
    is_unknown = row_of(picture, rate_hz / 2 + 1000)
    assert not picture.levels[: max(0, is_unknown)].any()


def test_a_recording_of_any_length_has_so_many_columns_and_is_read_a_part_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "MOST_COLUMNS", 16)
    samples, asked = noise(20), []

    def reader(start, stop):
        asked.append(stop - start)
        return samples[start:stop]

    stack = render(
        Recording(name="long", sample_rate_hz=RATE_HZ, n_samples=len(samples), reader=reader)
    )
    asked.clear()
    picture = run(looking_over(stack))
    assert picture.levels.shape == (81, 16)
    assert picture.pages_per_column == 6
    assert picture.n_pages == stack.layout.n_pages == 91
    assert max(asked) <= (module._PAGES_AT_ONCE + 0.1) * PAGE_S * RATE_HZ
    assert sum(asked) <= 1.01 * len(samples)


def test_a_short_recording_has_several_columns_a_page():
    picture = look(noise(0.9))
    assert picture.n_pages == 5
    assert picture.pages_per_column == 1 / 128
    assert picture.levels.shape == (81, 640)
    assert picture.levels[:, : 4 * 128].any(axis=0).all()
    assert not picture.levels[:, column_of(picture, 0.91) :].any()


def test_exact_zeros_of_a_gate_are_black_and_spoil_no_floor():
    samples = noise(9)
    samples[4 * RATE_HZ : 6 * RATE_HZ] = 0
    add_call(samples, 6.5, 90e3, seconds=0.02, height=5 * CALL)
    picture = look(samples)
    gate = picture.levels[:, column_of(picture, 4.05) : column_of(picture, 5.95)]
    assert not gate.any()
    level = picture.levels[row_of(picture, 90e3)][
        column_of(picture, 6.5) : column_of(picture, 6.52)
    ]
    assert level.max() / LEVELS_PER_DB == pytest.approx(29, abs=3)


def test_nothing_but_gates_is_black():
    samples = np.zeros(3 * RATE_HZ, np.float32)
    samples[RATE_HZ : RATE_HZ + 300] = 0.5
    assert not look(samples).levels.any()


def test_the_whole_band_may_be_asked_for():
    picture = look(noise(1), low_hz=0.0)
    assert picture.low_hz == pytest.approx(488, abs=1)
    assert len(picture.levels) == 127


def test_progress_goes_through_all_pages():
    stack = render(Recording.from_array(noise(5), sample_rate_hz=RATE_HZ))
    told = []
    run(looking_over(stack), told.append)
    assert [progress.done for progress in told] == [8, 16, 23]
    assert {progress.total for progress in told} == {23}


def test_a_file_that_breaks_off_is_told_and_no_thread_stays():
    samples = noise(8)

    def reader(start, stop):
        if stop > 5 * RATE_HZ:
            raise InputError("broken.wav: is damaged at 5 s: copy it again")
        return samples[start:stop]

    stack = render(
        Recording(name="broken", sample_rate_hz=RATE_HZ, n_samples=len(samples), reader=reader)
    )
    with pytest.raises(InputError, match="damaged at 5 s"):
        run(looking_over(stack))
    assert not [t for t in threading.enumerate() if t.name.startswith("overview")]


def test_only_a_whole_recording_has_an_overview():
    images = SpectrogramStack(
        pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source="images", n_pages=2)
    )
    with pytest.raises(InputError, match="only recordings"):
        run(looking_over(images))
    stack = render(Recording.from_array(noise(1), sample_rate_hz=RATE_HZ))
    assert stack.recording is not None
    with pytest.raises(InputError, match="only recordings"):
        run(looking_over(stack.part(1, 3)))
