"""The learning curve: the same fine-tuning on part of the pages, and what it says of more."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from napari_squeakout.core.fine_tuning.approved import ApprovedPages
from napari_squeakout.core.fine_tuning.fine_tune import TrainingEvent, tuning
from napari_squeakout.core.fine_tuning.learning_curve import drawing_curve, expected, nested_parts
from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.scoring.page_scores import PageFigures
from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import FineTuneSettings

SETTINGS = FineTuneSettings(
    epochs=1, crop_px=64, replay_fraction=0, forgetting_test_pages=2, augment=False,
    learning_rate=3e-3, freeze_encoder=False, encoder_lr_factor=1.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def lab():
    """Twelve dark pages, two in three with a bright bar, and a model that knows nothing."""
    rng = np.random.default_rng(0)
    masks = np.zeros((12, 64, 64), bool)
    for number, mask in enumerate(masks):
        top, left = rng.integers(4, 30, 2)
        mask[top : top + 24, left : left + 30] = number % 3 > 0
    pages = (rng.normal(60, 8, masks.shape) + 130 * masks).clip(0, 255).astype(np.uint8)
    places = tuple(
        PagePlace(group="a", start=3.0 * page, name=f"page {page}") for page in range(12)
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SqueakOut()
        nn.init.constant_(network.conv_score.bias, -3.0)
    approved = ApprovedPages(pages=pages, masks=masks, places=places)
    base = Model("base", network.state_dict(), ModelCard(name="base"))
    return approved, base, run(tuning(approved, base, SETTINGS))


def test_each_point_is_the_fine_tuning_that_so_many_pages_would_have_had(lab):
    approved, base, tuned = lab
    steps = []
    curve = run(drawing_curve(approved, base, tuned), steps.append)
    n = len(tuned.plan.split.learn)
    assert [point.pages for point in curve.points] == [0, round(n / 4), round(n / 2), n]
    first, last = curve.points[0], curve.points[-1]
    assert (first.dice, first.calls_f1) == (tuned.verdict.before.dice, tuned.verdict.before.f1)
    assert (last.dice, last.calls_f1) == (tuned.verdict.after.dice, tuned.verdict.after.f1)
    assert f"batches with {round(n / 4)} of {n} pages" in {step.what for step in steps}
    # What it tells must not be taken for the epochs of the fine-tuning itself.
    assert not any(isinstance(step, TrainingEvent) for step in steps)


def test_all_parts_are_judged_by_the_same_pages_and_learn_from_no_others(lab, monkeypatch):
    from napari_squeakout.core.fine_tuning import learning_curve as module

    approved, base, tuned = lab
    asked = []

    def noted(*args, split, **more):
        asked.append(split)
        return tuning(*args, split=split, **more)

    monkeypatch.setattr(module, "tuning", noted)
    run(drawing_curve(approved, base, tuned))
    whole = tuned.plan.split
    assert len(asked) == 2
    assert all(np.array_equal(split.held_out, whole.held_out) for split in asked)
    assert set(asked[0].learn) < set(asked[1].learn) < set(whole.learn)


def test_a_stop_leaves_the_points_that_are_finished(lab):
    approved, base, tuned = lab
    curve = run(drawing_curve(approved, base, tuned, enough=lambda: True))
    assert [point.pages for point in curve.points] == [0, len(tuned.plan.split.learn)]
    assert "stopped" in curve.expected


@pytest.mark.parametrize("n_calls", [1, 2, 8, 16])
def test_parts_are_nested_with_a_page_with_calls_in_each_and_their_share_kept(n_calls):
    with_calls = np.zeros(20, bool)
    with_calls[4 : 4 + n_calls] = True
    learn = np.arange(4, 20)
    for seed in range(5):
        quarter, half = nested_parts(learn, with_calls, seed)
        assert (len(quarter), len(half)) == (4, 8)
        assert set(quarter) < set(half) < set(learn)
        for part, share in ((quarter, 4), (half, 2)):
            assert with_calls[part].any()
            assert abs(with_calls[part].sum() - n_calls / share) <= 1
    again = nested_parts(learn, with_calls, 4)
    assert all(np.array_equal(a, b) for a, b in zip(again, (quarter, half), strict=True))


def test_few_pages_make_as_many_parts_as_there_are():
    assert [len(p) for p in nested_parts(np.arange(2), np.ones(2, bool), 0)] == [1]
    assert [len(p) for p in nested_parts(np.arange(4), np.ones(4, bool), 0)] == [1, 2]


# --- what it says of more pages -------------------------------------------------------------


def told(*dice, pages=(4, 7, 14), held_out=8, spread=0.05):
    """What is said of such mean Dice, on held-out pages that differ as pages do."""
    own = np.linspace(-spread, spread, held_out)
    taught = [
        (
            n,
            PageFigures(
                dice=(mean + own).clip(0, 1),
                recovered=(),
                found=np.zeros(held_out, int),
                page_s=0.22,
            ),
        )
        for n, mean in zip(pages, dice, strict=True)
    ]
    return expected(taught, np.arange(held_out), 0)


def test_a_rising_curve_promises_more_within_what_it_has_shown():
    text = told(0.5, 0.6, 0.68)
    assert text.startswith("still rising")
    assert "Dice from 0.680 to about 0.75" in text  # the error falls by a fifth each time


def test_a_flat_curve_says_that_more_of_the_same_will_hardly_help():
    assert told(0.8, 0.801, 0.8).startswith("flat")
    assert "other recordings" in told(0.8, 0.801, 0.8)


def test_a_curve_that_falls_promises_nothing():
    assert told(0.8, 0.75, 0.7).startswith("flat")


def test_a_rise_that_hangs_on_one_part_is_not_sure():
    assert told(0.7, 0.65, 0.72).startswith("not sure")


def test_pages_that_disagree_are_not_sure():
    own = np.array([0.3, -0.2, 0.25, -0.25, 0.1])
    dice = [0.5 + 0 * own, 0.52 + own / 2, 0.54 + own]
    taught = [
        (n, PageFigures(dice=d, recovered=(), found=np.zeros(5, int), page_s=0.22))
        for n, d in zip((4, 7, 14), dice, strict=True)
    ]
    assert expected(taught, np.arange(5), 0).startswith("not sure")


def test_too_few_pages_tell_nothing_and_say_how_many_would():
    assert "approve 15 or more" in told(0.5, 0.6, 0.7, held_out=4)
    assert "approve 15 or more" in told(0.5, 0.7, pages=(1, 2))


def test_pages_right_to_the_last_pixel_are_no_stumbling_block():
    assert told(1.0, 1.0, 1.0, spread=0).startswith("flat")
