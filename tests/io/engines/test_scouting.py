"""The scout: which pages of a recording the bundled model need not be asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes import PAGE_S, RATE_HZ

from napari_squeakout.core.detection.scout import Scout
from napari_squeakout.core.detection.segment import segmenting_pages
from napari_squeakout.core.detection.silence import loud_columns
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RenderSettings, SegmentSettings
from napari_squeakout.core.steps import run
from napari_squeakout.core.synthesis.pages import drawn_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.engines.making import make_engine
from napari_squeakout.io.engines.scouting import loud_columns_for
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import list_models, load_model

NOISE = 1e-3
SKIPPING = SegmentSettings(skip_silence=True, compute_with="torch", device="cpu")


@pytest.fixture(scope="module")
def bundled():
    return load_model(BUNDLED_MODEL)


@pytest.fixture(scope="module")
def scout(bundled):
    found = loud_columns_for(bundled)
    # Where this fails the bundled model was made anew: judge the scout with it by
    # `benchmarks/scout.py`, and write the model's fingerprint into its file.
    assert isinstance(found, Scout)
    return found


def noise(n_pages=20, gain=1.0, pages_with_calls=()):
    """White noise; on some pages a call that rises by 8 kHz in 40 ms, 22 dB over it."""
    samples = np.random.default_rng(3).normal(0, NOISE, round(n_pages * PAGE_S * RATE_HZ))
    time_s = np.arange(round(0.04 * RATE_HZ)) / RATE_HZ
    call = np.hanning(len(time_s)) * np.sin(2 * np.pi * (65e3 + 1e5 * time_s) * time_s)
    for page in pages_with_calls:
        first = round((page + 0.4) * PAGE_S * RATE_HZ)
        samples[first : first + len(call)] += 1.8 * NOISE * call
    return Recording.from_array(gain * samples, sample_rate_hz=RATE_HZ)


def seen_on(loud, stack):
    return np.array([loud(stack.page(page)) for page in range(stack.layout.n_pages)])


@pytest.mark.parametrize("gain", [0.01, 1.0, 100.0])
def test_hardly_a_page_of_noise_is_looked_at_at_any_gain(scout, gain):
    stack = render(noise(gain=gain))
    assert seen_on(scout, stack).any(axis=1).mean() <= 0.1
    assert seen_on(loud_columns, stack).any(axis=1).mean() > 0.1


def test_calls_are_seen_where_they_are(scout):
    stack = render(noise(pages_with_calls=range(2, 18)))
    seen = seen_on(scout, stack)
    middle = 205 + 46  # of the call: 40 ms are 93 columns
    assert seen[2:18, middle - 16 : middle + 16].any(axis=1).all()
    assert not seen[2:18, :100].any()
    assert not seen[2:18, 400:].any()


def test_hardly_a_clear_call_of_synthetic_pages_is_passed_over_and_half_of_the_empty_ones_are(
    scout,
):
    drawn = list(drawn_pages(120, SynthesisSettings(seed=31_337, image_fraction=0)))
    clear = [one.page for one in drawn if 10 < one.faintest_db < np.inf]
    empty = [one.page for one in drawn if np.isposinf(one.faintest_db)]
    assert min(len(clear), len(empty)) > 10
    # One is: the end of a call under bursts, which the bundled model does not mark either.
    assert sum(not scout(page).any() for page in clear) <= 1
    assert sum(not scout(page).any() for page in empty) > 0.5 * len(empty)


def test_silence_is_skipped_by_the_scout_and_the_calls_are_those_of_the_whole(bundled):
    stack = render(noise(12, pages_with_calls=(3, 7)))
    skipping, whole = (
        run(segmenting_pages(stack, make_engine(bundled, settings)))
        for settings in (SKIPPING, SKIPPING.model_copy(update={"skip_silence": False}))
    )
    assert skipping.n_silent >= 8
    marked = np.asarray(whole.values) > 128
    assert marked[[3, 7]].any(axis=(1, 2)).all()
    assert np.array_equal(np.asarray(skipping.values) > 128, marked)


def test_another_model_may_know_other_calls_and_is_asked_about_all_that_stands_out(bundled, scout):
    with torch.random.fork_rng():
        weights = {name: value.clone() for name, value in bundled.weights.items()}
        weights["conv_score.bias"] += 0.01
    other = replace(bundled, weights=weights)
    assert loud_columns_for(other) is loud_columns
    assert make_engine(other, SKIPPING).loud_columns is loud_columns
    assert make_engine(bundled, SKIPPING).loud_columns is scout


def test_pages_of_another_scale_are_not_shown_to_the_scout(bundled):
    asked = []
    engine = make_engine(bundled, SKIPPING)
    engine.loud_columns = lambda page: asked.append(1) or loud_columns(page)
    run(segmenting_pages(render(noise(2), RenderSettings(low_hz=30_000)), engine))
    assert not asked
    run(segmenting_pages(render(noise(4)).part(1, 3), engine))
    assert asked


def test_it_is_no_model_that_could_be_chosen():
    assert "scout" not in {entry.name for entry in list_models()}
