from __future__ import annotations

import math

import pytest
import torch

from napari_squeakout.core.training.losses import dice_loss, focal, focal_dice, own_dice_losses

#: The Dice loss is the whole batch's.
BATCHS = {"own_share": 0.0, "slack_px": 64}


def logit(p):
    return math.log(p / (1 - p))


def batch(*values):
    return torch.tensor(values).reshape(1, 1, 1, -1)


LOGITS = batch(logit(0.9), logit(0.2), logit(0.6), logit(0.5))
TARGET = batch(1.0, 0.0, 0.0, 1.0)
#: Probability given to the right answer, pixel by pixel.
RIGHT = (0.9, 0.8, 0.4, 0.5)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0])
def test_focal_loss_is_cross_entropy_weighted_by_doubt(gamma):
    by_hand = sum(-((1 - p) ** gamma) * math.log(p) for p in RIGHT) / 4
    assert float(focal(LOGITS, TARGET, gamma=gamma)) == pytest.approx(by_hand, rel=1e-5)


def test_dice_loss_is_one_minus_the_overlap_of_the_whole_batch():
    by_hand = 1 - (2 * (0.9 + 0.5) + 1) / ((0.9 + 0.2 + 0.6 + 0.5) + 2 + 1)
    assert float(dice_loss(LOGITS, TARGET)) == pytest.approx(by_hand, rel=1e-5)
    two_pages = LOGITS.reshape(2, 1, 1, 2), TARGET.reshape(2, 1, 1, 2)
    assert float(dice_loss(*two_pages)) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_loss_mixes_both_by_their_share(share):
    by_hand = share * focal(LOGITS, TARGET, gamma=2.0) + (1 - share) * dice_loss(LOGITS, TARGET)
    mixed = focal_dice(LOGITS, TARGET, focal_weight=share, gamma=2.0, **BATCHS)
    assert float(mixed) == pytest.approx(float(by_hand), rel=1e-6)


def test_to_miss_a_short_call_costs_as_much_as_a_long_one_by_the_crops_own_loss():
    target = torch.zeros(3, 1, 128, 128)
    target[0, 0, 60, :100], target[1, 0, 30:90] = 1, 1
    found = torch.where(target > 0, 20.0, -20.0)
    short, long = found.clone(), found.clone()
    short[0], long[1] = -20, -20
    batch = [float(dice_loss(logits, target)) for logits in (short, long)]
    own = [float(own_dice_losses(logits, target, 64).mean()) for logits in (short, long)]
    assert batch[0] < 0.02
    assert batch[1] > 0.9
    assert 0.15 < own[0] < own[1] < 0.35
    assert own_dice_losses(short, target, 64)[1:].tolist() == pytest.approx([0, 0], abs=1e-4)


@pytest.mark.parametrize(("slack_px", "cost"), [(64, 1 / 65), (8, 1 / 9)])
def test_a_stray_pixel_on_a_crop_without_calls_costs_the_less_the_more_slack(slack_px, cost):
    logits = torch.full((1, 1, 64, 64), -30.0)
    logits[0, 0, 5, 5] = 30
    assert float(own_dice_losses(logits, torch.zeros_like(logits), slack_px)) == pytest.approx(cost)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_crops_own_loss_joins_the_batchs_by_its_share(share):
    dice = (1 - share) * dice_loss(LOGITS, TARGET) + share * own_dice_losses(
        LOGITS, TARGET, 8
    ).mean()
    mixed = focal_dice(LOGITS, TARGET, focal_weight=0.0, gamma=2.0, own_share=share, slack_px=8)
    assert float(mixed) == pytest.approx(float(dice), rel=1e-6)


@pytest.mark.parametrize("share_of_calls", [0.0, 0.01, 0.5, 1.0])
def test_a_perfect_prediction_costs_almost_nothing_and_its_opposite_much(share_of_calls):
    target = torch.zeros(2, 1, 32, 32)
    target.view(-1)[: int(share_of_calls * target.numel())] = 1
    right, wrong = (
        float(focal_dice(sign * (40 * target - 20), target, focal_weight=0.3, gamma=2.0, **BATCHS))
        for sign in (1, -1)
    )
    assert 0 <= right < 1e-4
    assert wrong > 6


def test_an_empty_page_is_cheapest_when_nothing_is_called():
    target = torch.zeros(1, 1, 64, 64)
    costs = [float(dice_loss(torch.full_like(target, x), target)) for x in (-20.0, -5.0, 0.0, 5.0)]
    assert costs[0] == pytest.approx(0, abs=1e-4)
    assert costs == sorted(costs)


@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 500.0])
@pytest.mark.parametrize("calls", [0.0, 1.0])
def test_gradients_are_finite_however_sure_the_network_is(size, calls):
    logits = (torch.linspace(-1, 1, 64).reshape(1, 1, 8, 8) * size).requires_grad_()
    loss = focal_dice(
        logits, torch.full((1, 1, 8, 8), calls), focal_weight=0.3, gamma=2.0, **BATCHS
    )
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()


def test_a_step_down_the_gradient_lowers_the_loss():
    logits = LOGITS.clone().requires_grad_()
    before = focal_dice(logits, TARGET, focal_weight=0.3, gamma=2.0, **BATCHS)
    before.backward()
    after = focal_dice(
        (logits - 0.1 * logits.grad).detach(), TARGET, focal_weight=0.3, gamma=2.0, **BATCHS
    )
    assert float(after) < float(before.detach())
