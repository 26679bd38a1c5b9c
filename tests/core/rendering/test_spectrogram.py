from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
import soundfile
from PIL import Image

from napari_squeakout.core.layout import STANDARD_GRID, Grid
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.rendering.spectrogram import (
    image_grid,
    page_from_db,
    page_grid,
    power_db,
)
from napari_squeakout.core.settings import ImageSettings, RenderSettings

RATE_HZ = 250_000
COLUMNS = 431
PAGE_SAMPLES = COLUMNS * 128
VOCALMAT = RenderSettings(levels="page")
PARITY = RenderSettings(levels="page", clamp_below_median_db=0)
#: Float32 keeps this accuracy for levels that show on a page.
DB_TOLERANCE = 0.005


# --- sound to look at -----------------------------------------------------------------------


def noise(seconds, *, rate_hz=RATE_HZ, seed=0):
    return np.random.default_rng(seed).normal(0, 1e-3, round(seconds * rate_hz))


def recording(samples, *, rate_hz=RATE_HZ):
    return Recording.from_array(samples, sample_rate_hz=rate_hz, name="rec.wav")


# --- VocalMat's chain, written a second time from its description ------------------------------


def vocalmat_db(samples):
    hz, _, power = scipy.signal.spectrogram(
        samples.astype(np.float64),
        fs=RATE_HZ,
        window=np.hamming(256),
        noverlap=128,
        nfft=1024,
        detrend=False,
        scaling="density",
        mode="psd",
    )
    return 10 * np.log10(power[hz > 45_000])[::-1]


def vocalmat_grey(db):
    scaled = (db - db.min()) / (db.max() - db.min())
    image = Image.fromarray(scaled.astype(np.float32)).resize((227, 227), Image.BICUBIC)
    return np.clip(np.round(np.asarray(image) * 255), 0, 255).astype(np.uint8)


def squeakout_input(grey):
    return np.asarray(Image.fromarray(grey).resize((512, 512), Image.LANCZOS))


def clamped(db, settings):
    depth_db = settings.clamp_below_median_db
    return np.maximum(db, np.median(db) - depth_db) if depth_db else db


@pytest.fixture(params=["noise", "chirp", "rec_1", "rec_2", "rec_3", "rec_4"])
def sound(request):
    """Six pages of synthetic or real sound at 250 kHz."""
    if request.param == "noise":
        return noise(1.4).astype(np.float32)
    if request.param == "chirp":
        time_s = np.arange(350_000) / RATE_HZ
        chirp = scipy.signal.chirp(time_s % 0.05, 50_000, 0.05, 110_000)
        return (0.05 * chirp + noise(1.4)).astype(np.float32)
    number = request.param[-1]
    path = request.getfixturevalue("shared") / f"data/amvoc/{number}/rec_{number}.wav"
    return soundfile.read(path, dtype="float32", frames=350_000)[0]


def test_levels_are_those_of_scipys_one_sided_density(sound):
    block = sound[PAGE_SAMPLES : 2 * PAGE_SAMPLES + 128]
    expected = vocalmat_db(block)
    actual = power_db(block, RenderSettings())
    assert actual.shape == expected.shape == (328, COLUMNS)
    visible = expected > np.median(expected) - 30
    np.testing.assert_allclose(actual[visible], expected[visible], rtol=0, atol=DB_TOLERANCE)


@pytest.mark.parametrize("settings", [VOCALMAT, PARITY], ids=["clamped", "unclamped"])
@pytest.mark.parametrize("page", [0, 2, 5])
def test_pages_are_vocalmats_images_as_squeakout_reads_them(sound, page, settings):
    block = sound[page * PAGE_SAMPLES :][: PAGE_SAMPLES + 128]
    expected = squeakout_input(vocalmat_grey(clamped(vocalmat_db(block), settings)))
    actual = render(recording(sound), settings).page(page) * 255
    difference = np.abs(actual - expected)
    assert difference.max() <= 2
    assert (difference > 1).mean() < 1e-4


def test_real_pages_are_as_bright_as_vocalmats_images(shared):
    images = [
        np.asarray(Image.open(path).convert("L"))
        for path in (shared / "data/vocalmat/All").glob("*.png")
    ]
    quantiles = [1, 5, 50, 95, 99]
    trained_on = np.percentile(images, quantiles, axis=(1, 2))
    for number in (1, 2, 3):
        path = shared / f"data/amvoc/{number}/rec_{number}.wav"
        samples, rate_hz = soundfile.read(path, dtype="float32", frames=500_000)
        stack = render(recording(samples, rate_hz=rate_hz), VOCALMAT)
        pages = np.stack([stack.page(index) for index in range(8)]) * 255
        ours = np.percentile(pages, quantiles, axis=(1, 2)).mean(axis=1)
        assert (ours >= trained_on.min(axis=1)).all()
        assert (ours <= trained_on.max(axis=1)).all()


# --- the grid and the contrast --------------------------------------------------------------


def test_standard_pages_have_the_standard_grid():
    assert page_grid(RenderSettings()) == STANDARD_GRID


def test_an_image_has_a_grid_where_all_of_its_scale_is_stated():
    scale = {"image_span_s": 0.256, "image_low_hz": 20_000, "image_high_hz": 71_200}
    assert image_grid(ImageSettings(**scale)) == Grid(0.0005, 100, 20_000)
    assert image_grid(ImageSettings()) is None  # half a scale is refused by the settings


def with_null(db, depth_db):
    nulled = db.copy()
    nulled[100, 100] = np.median(db) - depth_db
    return nulled


def pages_with_nulls(settings):
    """The same page with one pixel 66 dB and with it 120 dB below the median."""
    db = power_db(noise(0.3).astype(np.float32)[: PAGE_SAMPLES + 128], settings)
    return (page_from_db(with_null(db, depth_db), settings) for depth_db in (66, 120))


def test_the_depth_of_a_null_does_not_change_a_page():
    shallow, deep = pages_with_nulls(RenderSettings())
    np.testing.assert_array_equal(shallow, deep)


def test_the_depth_of_a_null_sets_the_brightness_of_a_page_without_the_clamp():
    shallow, deep = pages_with_nulls(PARITY)
    assert np.median(deep) > np.median(shallow) + 10 / 255
