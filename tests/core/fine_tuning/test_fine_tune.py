"""Fine-tuning: the whole way on small pages, with the real network."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from lightning_fabric.plugins.precision import Precision
from torch import nn

from napari_squeakout.core.detection.clean import clean_page
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.fine_tuning.approved import ApprovedPages
from napari_squeakout.core.fine_tuning.fine_tune import Plan, TrainingEvent, replayed, tuning
from napari_squeakout.core.fine_tuning.splits import PagePlace, Split
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.scoring.mask_scores import dice_scores, evaluate
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import run
from napari_squeakout.core.synthesis.pages import HELD_OUT_SEED, synthesise_pages
from napari_squeakout.core.training import batches as crops
from napari_squeakout.core.training.losses import WholeLoss, focal_dice
from napari_squeakout.core.training.schedules import set_train_mode
from napari_squeakout.core.training.state import Epoch, TrainingState
from napari_squeakout.core.training_settings import FineTuneSettings, SynthesisSettings

QUICK = FineTuneSettings(
    epochs=2, crop_px=64, replay_fraction=0, forgetting_test_pages=0, augment=False, patience=50
)
# A base that knows nothing learns a simple task fast only with all that may move.
EAGER = QUICK.model_copy(
    update={"epochs": 14, "learning_rate": 3e-3, "freeze_encoder": False, "encoder_lr_factor": 1.0}
)


@pytest.fixture(scope="module")
def base():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = SqueakOut()
        # A network in use expects few call pixels.
        nn.init.constant_(network.conv_score.bias, -3.0)
        return Model("base", network.state_dict(), ModelCard(name="base"))


def bars(n=18, side=96, *, shuffled=False):
    """Dark pages, each with a bright bar elsewhere, far enough apart; the masks maybe mixed up."""
    rng = np.random.default_rng(0)
    masks = np.zeros((n, side, side), bool)
    for mask in masks:
        top, left = rng.integers(4, side - 48, 2)
        mask[top : top + 24, left : left + 40] = True
    pages = rng.normal(60, 8, masks.shape) + 130 * masks
    places = tuple(PagePlace(group="a", start=3.0 * page, name=f"page {page}") for page in range(n))
    truth = np.roll(masks, n // 2, axis=0) if shuffled else masks
    return ApprovedPages(pages=np.clip(pages, 0, 255).astype(np.uint8), masks=truth, places=places)


def changed(settings=QUICK, **update):
    return settings.model_copy(update=update)


def weights(tuned):
    return tuned.result.network.state_dict()


def moved(tuned, base):
    """Names of the weights that are not the base's."""
    return {n for n, w in weights(tuned).items() if not torch.equal(w, base.weights[n])}


# --- learning and judging -------------------------------------------------------------------


@pytest.fixture(scope="module")
def eager(base):
    return run(tuning(bars(), base, EAGER))


def test_a_simple_task_is_learned_and_judged_better(eager):
    tuned = eager
    assert tuned.verdict.is_better, tuned.verdict.sentence
    assert tuned.verdict.after.dice > tuned.verdict.before.dice + 0.2
    assert tuned.result.best_epoch == len(tuned.result.history) - 1  # the settled one


def test_what_both_models_see_on_the_held_out_pages_is_kept_beside_the_verdict(eager):
    held_out = eager.plan.split.held_out
    truth = bars().masks[held_out]
    for seen, figures in (
        (eager.comparison.before, eager.verdict.before),
        (eager.comparison.after, eager.verdict.after),
    ):
        assert seen.cleaning.threshold == figures.threshold
        masks = np.stack([clean_page(page, seen.cleaning) for page in seen.values])
        assert dice_scores(truth, masks).mean() == pytest.approx(figures.dice)


def test_the_pages_to_learn_from_can_be_given(base):
    split = Split(learn=np.array([0]), held_out=np.array([6, 7]), between=np.array([1]), by="time")
    tuned = run(tuning(bars(8), base, changed(epochs=1), split=split))
    assert tuned.plan.split == split
    assert tuned.verdict.pages == 2


@pytest.fixture(scope="module")
def good(eager):
    """A model that knows the task."""
    return Model("good", weights(eager), ModelCard(name="good"))


def test_masks_mixed_up_between_pages_are_judged_not_better(good):
    settings = changed(EAGER, epochs=3)
    tuned = run(tuning(bars(shuffled=True), good, settings))
    assert not tuned.verdict.is_better
    assert tuned.verdict.sentence.startswith("not better")


def pages_learned_from(monkeypatch):
    """A list that takes the number of each page from which a crop is learned."""
    learned, crop = [], crops.crop

    def cropped(data, index, *rest):
        learned.append(index)
        return crop(data, index, *rest)

    monkeypatch.setattr(crops, "crop", cropped)
    return learned


def test_held_out_pages_and_those_beside_them_are_never_learned_from(base, monkeypatch):
    learned = pages_learned_from(monkeypatch)
    pages = bars(8)
    near = tuple(PagePlace(group="a", start=float(page)) for page in range(8))
    tuned = run(
        tuning(ApprovedPages(pages=pages.pages, masks=pages.masks, places=near), base, QUICK)
    )
    split = tuned.plan.split
    assert len(split.held_out) == 2
    assert len(split.between) >= 1
    assert set(learned) == set(split.learn.tolist())


def test_synthetic_pages_are_replayed_and_measure_what_was_forgotten(base):
    settings = changed(epochs=1, replay_fraction=0.5, forgetting_test_pages=2)
    tuned = run(tuning(bars(8), base, settings))
    assert tuned.plan.replayed == len(tuned.plan.split.learn)
    before, after = tuned.verdict.synthetic_dice
    assert 0 <= after <= 1
    engine, held_out = Engine(base), SynthesisSettings(seed=HELD_OUT_SEED)
    pairs = [
        (mask, clean_page(engine(page[None])[0], CleanSettings()))
        for page, mask in synthesise_pages(2, held_out, levels="page")
    ]
    assert before == pytest.approx(evaluate(pairs).dice)  # as the bundled model's card has it


def test_the_share_that_is_kept_says_how_far_the_weights_go(base):
    whole, half = (
        run(
            tuning(bars(8), base, changed(EAGER, epochs=2, weight_interpolation=share))
        ).result.network
        for share in (1.0, 0.5)
    )
    begun, far = base.network().state_dict(), whole.state_dict()
    for name, value in half.state_dict().items():
        between = (begun[name] + far[name]) / 2 if value.is_floating_point() else far[name]
        torch.testing.assert_close(value, between)
    assert any(not torch.equal(begun[name], value) for name, value in far.items())


def test_synthetic_pages_are_others_in_each_epoch(base, monkeypatch):
    learned = pages_learned_from(monkeypatch)
    tuned = run(tuning(bars(8), base, changed(epochs=2, replay_fraction=0.5)))
    synthetic = [index for index in learned if index >= 8]
    assert len(synthetic) == len(set(synthetic)) == 2 * tuned.plan.replayed


def test_too_few_pages_are_refused_before_anything_is_drawn(base):
    with pytest.raises(InputError, match="approve 1 more"):
        next(tuning(bars(4), base, QUICK))


# --- what moves -----------------------------------------------------------------------------


def test_a_frozen_encoder_does_not_move_and_the_decoder_does(base):
    steps = tuning(bars(8), base, changed(epochs=3, learning_rate=1e-3))
    names = moved(run(steps), base)
    assert names
    assert not any(name.startswith("backbone.") for name in names)


def test_an_encoder_that_is_not_frozen_moves_by_its_share_of_the_rate(base):
    settings = changed(epochs=3, learning_rate=1e-3, freeze_encoder=False)
    tuned = run(tuning(bars(8), base, settings))

    def largest(encoder):
        return max(
            float((value.detach() - base.weights[name]).abs().max())
            for name, value in tuned.result.network.named_parameters()
            if name.startswith("backbone.") == encoder
        )

    assert tuned.result.best_epoch >= 0
    assert 0 < largest(encoder=True) < 0.5 * largest(encoder=False)


def test_batch_norms_keep_what_they_know(base):
    tuned = run(tuning(bars(8), base, EAGER.model_copy(update={"epochs": 2})))
    assert not any("running" in name for name in moved(tuned, base))
    network = SqueakOut()
    set_train_mode(network, QUICK)
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert network.training
    assert norms
    assert not any(norm.training for norm in norms)


def test_the_base_is_not_changed(base):
    before = copy.deepcopy(dict(base.weights))
    run(tuning(bars(8), base, EAGER.model_copy(update={"epochs": 1})))
    assert all(torch.equal(value, base.weights[name]) for name, value in before.items())


# --- when it ends ---------------------------------------------------------------------------


def test_learning_that_only_does_harm_gives_the_base_back(good):
    settings = changed(epochs=9, learning_rate=1.0, patience=2)
    tuned = run(tuning(bars(), good, settings))
    assert tuned.result.best_epoch == -1
    assert len(tuned.result.history) == 2
    assert moved(tuned, good) == set()
    assert not tuned.verdict.is_better


def test_a_later_epoch_is_kept_though_an_earlier_one_had_a_lower_loss_by_chance():
    network = SqueakOut()
    adam = torch.optim.Adam(network.parameters())
    state = TrainingState(network, adam, None, {}, Precision())
    state.begin(0.7)
    kept = []
    for number, loss in enumerate((0.3, 0.4, 0.8)):  # the last is worse than no learning at all
        state.note(
            Epoch(
                number=number,
                loss=0.0,
                validation_dice=0.5,
                learning_rate=0.0,
                validation_loss=loss,
                dice=0.5,
            ),
            QUICK,
        )
        kept.append(state.best_epoch)
    assert kept == [0, 1, 1]


def test_many_approved_pages_do_not_draw_synthetic_ones_without_end():
    settings = FineTuneSettings(replay_fraction=0.5)
    assert replayed(14, settings) == (14, 140)
    assert replayed(100, settings) == (100, 300)
    assert replayed(500, settings) == (500, 500)


def test_stopping_keeps_the_best_so_far(base):
    asked = []

    def enough():
        asked.append(True)
        return len(asked) == 5  # in the second epoch of four batches or fewer

    tuned = run(tuning(bars(18), base, changed(epochs=50), enough=enough))
    assert len(asked) == 5
    assert len(tuned.result.history) == 1
    assert tuned.verdict.pages == 5


def test_news_tells_the_plan_and_each_epoch_in_order(base):
    news = [step.news for step in tuning(bars(8), base, QUICK) if isinstance(step, TrainingEvent)]
    assert isinstance(news[0], Plan)
    assert [learned.epoch.number for learned in news[1:]] == [0, 1]
    assert [learned.best_epoch for learned in news[1:]] == [0, 1]
    assert all(0 <= learned.epoch.dice <= 1 for learned in news[1:])
    assert not any(learned.preview for learned in news[1:])


def test_a_held_out_page_can_be_watched_while_it_is_learned(base):
    pages = bars(8)
    steps = list(tuning(pages, base, changed(EAGER, epochs=2), watch=True))
    plan, first, second = (step.news for step in steps if isinstance(step, TrainingEvent))
    held_out = {pages.places[i].name for i in plan.split.held_out}
    assert first.preview.name == second.preview.name
    assert first.preview.name in held_out
    assert (first.preview.before == second.preview.before).all()
    assert (first.preview.now != first.preview.before).any()
    assert (first.preview.now != second.preview.now).any()


def test_watching_changes_nothing_of_what_is_learned(base):
    plain, watched = (run(tuning(bars(8), base, QUICK, watch=w)) for w in (False, True))
    assert plain.result.history == watched.result.history


# --- randomness and loss --------------------------------------------------------------------


def test_the_same_seed_gives_the_same_weights_and_another_does_not(base):
    settings = changed(epochs=1, augment=True, learning_rate=1e-3)
    tuned = [run(tuning(bars(8), base, changed(settings, seed=s))) for s in (0, 0, 1)]
    if min(t.result.best_epoch for t in tuned) < 0:
        pytest.fail("this test needs an epoch that is better than the base")
    first, second, other = (weights(t) for t in tuned)
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert any(not torch.equal(value, other[name]) for name, value in first.items())


@pytest.mark.parametrize("own_share", [0.0, 0.4])
def test_the_held_out_loss_is_that_of_all_pages_as_one_batch(own_share):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 1, 16, 16, generator=generator)
    target = (torch.rand(5, 1, 16, 16, generator=generator) > 0.7).float()
    whole = WholeLoss(focal_weight=0.3, gamma=2.0, own_share=own_share, slack_px=64)
    whole.add(logits[:4], target[:4])
    whole.add(logits[4:], target[4:])
    once = focal_dice(logits, target, focal_weight=0.3, gamma=2.0, own_share=own_share, slack_px=64)
    assert whole.value() == pytest.approx(float(once), rel=1e-5)
