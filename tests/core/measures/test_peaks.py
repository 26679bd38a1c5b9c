"""What sounds in each column of a call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_squeakout.core.measures.peaks import Sound, on_spectrogram, peaks_of, profile_of


def sound(*lines, rows=100, columns=20, noise_db=-100.0):
    """Bells (row, level above the noise) on a flat floor; 200 Hz a row from 40 kHz on."""
    above = np.zeros((rows, columns))
    for row, level in lines:
        bell = level - ((np.arange(rows) - row) / 2.0) ** 2
        above = np.maximum(above, bell[:, None])
    return Sound(
        power_db=noise_db + above,
        above_db=above,
        known=np.ones(above.shape, bool),
        low_hz=40_000.0,
        hz_per_row=200.0,
    )


def everywhere(page):
    return np.ones(page.power_db.shape, bool)


def test_a_peak_between_two_rows_is_found_there():
    page = sound((30.3, 25.0))
    found = peaks_of(page, everywhere(page), first_column=7)
    assert found.column.tolist() == list(range(7, 27))
    assert found.hz == pytest.approx(40_000 + (100 - 0.5 - 30.3) * 200)
    assert found.power_db == pytest.approx(-75)
    assert found.above_db == pytest.approx(25)


def test_two_whistles_at_once_are_two_peaks_a_column():
    page = sound((30.0, 25.0), (60.0, 12.0))
    found = peaks_of(page, everywhere(page), first_column=0)
    assert len(found) == 40
    assert set(found.hz.round()) == {40_000 + 69.5 * 200, 40_000 + 39.5 * 200}


def test_what_lies_outside_the_mask_and_what_is_not_known_have_no_peaks():
    page = sound((30.0, 25.0), (60.0, 12.0))
    inside = np.zeros(page.power_db.shape, bool)
    inside[25:35, 4:9] = True
    page.known[:, 6] = False
    found = peaks_of(page, inside, first_column=0)
    assert found.column.tolist() == [4, 5, 7, 8]
    assert found.hz == pytest.approx(40_000 + 69.5 * 200)


def test_a_mask_that_lies_a_row_beside_the_ridge_finds_it():
    page = sound((30.0, 25.0))
    inside = np.zeros(page.power_db.shape, bool)
    inside[32:36] = True
    assert peaks_of(page, inside, first_column=0).hz == pytest.approx(40_000 + 69.5 * 200)


def test_a_tone_is_tonal_and_noise_is_not():
    page = sound((30.0, 25.0))
    tone = peaks_of(page, everywhere(page), first_column=0).tonality
    flat = replace(page, power_db=np.zeros((100, 20)), above_db=np.full((100, 20), 9.0))
    flat_tonality = peaks_of(flat, everywhere(flat), first_column=0).tonality
    assert (tone > 0.8).all()
    assert flat_tonality == pytest.approx(0)


def test_levels_do_not_depend_on_how_steep_the_floor_is_below_them():
    page = sound((30.0, 25.0))
    sloped = np.linspace(0, 6, 100)[:, None]
    steep = replace(page, power_db=page.power_db + sloped)
    found = peaks_of(steep, everywhere(steep), first_column=0)
    assert found.above_db == pytest.approx(25, abs=0.05)
    assert found.power_db == pytest.approx(-75 + 30 / 99 * 6, abs=0.05)


@pytest.mark.parametrize("shape", [(328, 431), (512, 512), (900, 1200)])
def test_a_line_of_one_pixel_is_nowhere_lost_on_another_grid(shape):
    mask = np.zeros((512, 512), bool)
    mask[np.arange(512), np.arange(512)] = True
    inside = on_spectrogram(mask, shape)
    assert inside.shape == shape
    assert inside.any(axis=0).all()
    assert inside.any(axis=1).all()


def test_the_profile_of_a_call_is_the_power_of_its_mask_alone():
    page = sound((30.0, 25.0))
    inside = np.zeros(page.power_db.shape, bool)
    inside[30, 3:7] = True
    page.known[:, 3] = False
    profile = profile_of(page, inside)
    assert np.flatnonzero(profile).tolist() == [30]
    assert profile[30] == pytest.approx(3 * 10**-7.5)
