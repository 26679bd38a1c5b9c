"""What training minimises: focal loss for single pixels, Dice for the shape."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def focal_dice(
    logits: Tensor,
    target: Tensor,
    *,
    focal_weight: float,
    gamma: float,
    own_share: float,
    slack_px: int,
) -> Tensor:
    """Weighted sum of focal loss and Dice loss (paper: 0.3 focal with gamma 2, 0.7 Dice).

    Parameters
    ----------
    logits, target : Tensor
        (n, 1, h, w); target 0 or 1.
    focal_weight : float
        Weight of the focal loss; Dice has the rest.
    gamma : float
        Focusing exponent.
    own_share : float
        How much of the Dice loss is the mean of each crop's own; the rest is the batch's.
    slack_px : int
        See `own_dice_losses`.

    Returns
    -------
    Tensor
        Scalar.
    """
    dice = (1 - own_share) * dice_loss(logits, target)
    dice = dice + own_share * own_dice_losses(logits, target, slack_px).mean()
    return focal_weight * focal(logits, target, gamma=gamma) + (1 - focal_weight) * dice


def focal(logits: Tensor, target: Tensor, *, gamma: float) -> Tensor:
    """Cross-entropy in which pixels that are right already count little (Lin et al. 2017)."""
    cross_entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    certainty = torch.exp(-cross_entropy)
    return ((1 - certainty) ** gamma * cross_entropy).mean()


def dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """1 - soft Dice over the whole batch, so that pages without calls do not swing it."""
    probability = torch.sigmoid(logits)
    overlap = (probability * target).sum()
    return 1 - (2 * overlap + 1) / (probability.sum() + target.sum() + 1)


def own_dice_losses(logits: Tensor, target: Tensor, slack_px: int) -> Tensor:
    """(n,) 1 - soft Dice of each crop: a short, faint call weighs as much as a long, loud one.

    It is as if `slack_px` further pixels were right, so that a stray pixel on a crop without calls,
    or the edge of one, does not cost as much as a whole call.
    """
    probability, truth = torch.sigmoid(logits).flatten(1), target.flatten(1)
    overlap = (probability * truth).sum(1)
    return 1 - (2 * overlap + slack_px) / (probability.sum(1) + truth.sum(1) + slack_px)


class WholeLoss:
    """`focal_dice` over pages that come in batches, as if they were one batch."""

    def __init__(
        self, *, focal_weight: float, gamma: float, own_share: float, slack_px: int
    ) -> None:
        self._focal_share, self._gamma = focal_weight, gamma
        self._own_share, self._slack_px = own_share, slack_px
        self.sums = torch.zeros(6, dtype=torch.float64)

    def add(self, logits: Tensor, target: Tensor) -> None:
        """Take in a batch, (n, 1, h, w) each."""
        probability = torch.sigmoid(logits)
        focal_sum = len(target) * focal(logits, target, gamma=self._gamma)
        overlap = (probability * target).sum()
        own = own_dice_losses(logits, target, self._slack_px).sum()
        pages = torch.tensor(len(target))
        sums = [overlap, probability.sum(), target.sum(), focal_sum, own, pages]
        self.sums += torch.stack([value.cpu().double() for value in sums])

    def value(self, sums: Tensor | None = None) -> float:
        """The loss; of sums of several devices where these are given."""
        overlap, probable, true, focal_sum, own, pages = (
            self.sums if sums is None else sums
        ).tolist()
        dice = (1 - self._own_share) * (1 - (2 * overlap + 1) / (probable + true + 1))
        dice += self._own_share * own / pages
        return float(self._focal_share * focal_sum / pages + (1 - self._focal_share) * dice)
