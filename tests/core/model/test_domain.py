"""What kind of pages a model learned from, and when others are far from them."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.model.domain import domain_note, domain_of, domain_shift_reasons, widened
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.registry import load_model


def pages(floor=160, contrast=40, n=20):
    """Noise of that grey, one pixel in fifty brighter by that much."""
    rng = np.random.default_rng(0)
    made = rng.normal(floor, 5, (n, 64, 64))
    made.reshape(n, -1)[:, ::50] += contrast
    return np.clip(made, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def learned():
    return domain_of(pages(), [250_000])


@pytest.fixture(scope="module")
def bundled():
    return load_model(BUNDLED_MODEL).card.domain


def test_a_fingerprint_holds_rates_background_and_contrast(learned):
    assert (learned.pages, learned.sample_rates_hz) == (20, (250_000,))
    assert learned.floor_grey.usual == pytest.approx(160, abs=1)
    assert learned.contrast_grey.usual == pytest.approx(40, abs=8)


def test_pages_of_either_kind_of_number_have_the_same_fingerprint():
    grey = pages()
    same = domain_of(grey.astype(np.float32) / 255)
    assert same.floor_grey.usual == pytest.approx(domain_of(grey).floor_grey.usual, abs=0.1)


def test_pages_without_contrast_do_not_count(learned):
    black = np.zeros((3, 64, 64), np.uint8)
    assert domain_of(black) is None
    assert domain_of([*black, *pages()], [250_000]) == learned


def test_pages_of_the_same_kind_are_not_far(learned):
    assert domain_shift_reasons(learned, domain_of(pages(floor=170, contrast=45))) == ()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"floor": 30}, "the background is darker"),
        ({"floor": 95}, "as if black and white were swapped"),
        ({"floor": 215}, "the background is brighter"),
        ({"contrast": 0}, "less stands out"),
        ({"contrast": 90}, "more stands out"),
    ],
)
def test_pages_of_another_kind_are_far_and_it_is_said_in_what(learned, other, said):
    (reason,) = domain_shift_reasons(learned, domain_of(pages(**other)))
    assert said in reason


@pytest.mark.parametrize(("rate_hz", "far"), [(96_000, True), (192_000, True), (300_000, False)])
def test_a_far_lower_sampling_rate_is_far_and_a_higher_one_is_not(learned, rate_hz, far):
    reasons = domain_shift_reasons(learned, domain_of(pages(), [rate_hz]))
    assert bool(reasons) == far
    if far:
        assert reasons[0].startswith(f"sampled at {rate_hz // 1000} kHz")


def test_what_is_unknown_is_not_compared(learned):
    assert domain_note("lab", None, learned) is None
    assert domain_note("lab", learned, None) is None
    assert domain_shift_reasons(domain_of(pages()), domain_of(pages(), [96_000])) == ()


def test_a_model_that_learned_on_is_near_to_what_it_learned_from_before_and_after(learned):
    dark = domain_of(pages(floor=60), [192_000])
    both = widened([learned, None, dark])
    assert both.pages == 40
    assert domain_shift_reasons(both, learned) == domain_shift_reasons(both, dark) == ()
    assert widened([None]) is None


def test_a_warning_names_the_model_and_a_remedy(learned):
    note = domain_note("lab", learned, domain_of(pages(floor=30)))
    assert note.startswith("far from what lab learned from: the background is darker")
    assert "fine-tune" in note


def test_the_bundled_model_knows_synthetic_pages_and_not_inverted_ones(bundled):
    drawn = [page for page, _ in synthesise_pages(8, SynthesisSettings(seed=31))]
    assert domain_shift_reasons(bundled, domain_of(drawn, [250_000])) == ()
    (reason,) = domain_shift_reasons(bundled, domain_of([1 - page for page in drawn]))
    assert "black and white were swapped" in reason
    assert domain_shift_reasons(bundled, domain_of([page > 0.8 for page in drawn]))
