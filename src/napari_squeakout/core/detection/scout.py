"""A small network that sees where a call may be, so that the large one is asked about little else.

It was taught the masks of synthetic calls on pages of the standard scale, and judged with the
bundled model, whose marks it must not miss: `benchmarks/scout.py` makes and judges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from napari_squeakout.core.stacks import Page

from .engine import fold_batch_norm

#: It says one number of each square of so many pixels.
CELL_PX = 16
#: Squares that score more may hold a call: the highest bound below which none of 502 marked calls
#: lay, on pages that neither taught nor judged it.
BOUND = -2.5
# What it is given is four pixels wide and high: their mean and their brightest.
_POOL_PX = 4
# Grey is brought to about -1..1 by these: noise lies at .3 on levelled pages.
_NOISE_GREY, _CONTRAST, _ABOVE = 0.3, 4.0, 2.0


class ScoutNetwork(nn.Module):
    """Pages -> a score of each square of 16 x 16 pixels; above 0 a call is likelier than not."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_layer(2, 12),
            *_layer(12, 20, stride=2),
            *_layer(20, 20),
            *_layer(20, 32, stride=2),
            *_layer(32, 32, dilation=2),
            *_layer(32, 32),
            nn.Conv2d(32, 1, 1),
        )

    def forward(self, pages: Tensor) -> Tensor:
        """(n, 1, h, w) levelled by the noise, 0..1 -> (n, h / 16, w / 16) scores."""
        grey = (pages - _NOISE_GREY) * _CONTRAST
        mean = functional.avg_pool2d(grey, _POOL_PX)
        brightest = functional.max_pool2d(grey, _POOL_PX) - _ABOVE
        scores: Tensor = self.layers(torch.cat([mean, brightest], 1))[:, 0]
        return scores


class Scout:
    """Which columns of a page may hold a call.

    Parameters
    ----------
    weights : mapping of str to Tensor
        Of `ScoutNetwork`.
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        network = ScoutNetwork()
        network.load_state_dict(dict(weights))
        self._network = fold_batch_norm(network)

    def __call__(self, page: Page) -> NDArray[np.bool_]:
        """(512, w) page levelled by the noise -> (w,) True in columns that may hold a call."""
        return np.repeat(self.scores(page).max(axis=0) > BOUND, CELL_PX)

    def scores(self, page: Page) -> NDArray[np.float32]:
        """(32, w / 16) the score of each square."""
        with torch.inference_mode():
            given = torch.from_numpy(np.ascontiguousarray(page, np.float32))[None, None]
            scores: NDArray[np.float32] = self._network(given)[0].numpy()
        return scores


def _layer(taken: int, given: int, *, stride: int = 1, dilation: int = 1) -> tuple[Any, ...]:
    convolution = nn.Conv2d(
        taken, given, 3, stride, padding=dilation, dilation=dilation, bias=False
    )
    return convolution, nn.BatchNorm2d(given), nn.ReLU()
