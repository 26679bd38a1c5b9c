"""A held-out page as a network sees it while it learns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from .approved import ApprovedPages
from .splits import Split


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One page, as it was seen before learning and as it is now.

    Parameters
    ----------
    name : str
        What people call the page.
    page : NDArray
        (h, w) uint8 grey.
    truth : NDArray
        (h, w) bool, as approved.
    before, now : NDArray
        (h, w) uint8 probabilities, 255 = certain.
    """

    name: str
    page: NDArray[np.uint8] = field(repr=False)
    truth: NDArray[np.bool_] = field(repr=False)
    before: NDArray[np.uint8] = field(repr=False)
    now: NDArray[np.uint8] = field(repr=False)

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """All of it by name, to be written."""
        return {name: np.asarray(value) for name, value in vars(self).items()}


class HeldOutPreview:
    """The held-out page with most call pixels, looked at again and again.

    Parameters
    ----------
    approved : ApprovedPages
        All pages.
    split : Split
        Which are held out.
    network : Module
        Before it learns.
    """

    def __init__(self, approved: ApprovedPages, split: Split, network: nn.Module) -> None:
        size = approved.masks[split.held_out].sum(axis=(1, 2))
        index = int(split.held_out[int(size.argmax())])
        self._name = approved.places[index].name
        self._page, self._truth = approved.pages[index], approved.masks[index]
        self._before = _seen(network, self._page)

    def look(self, network: nn.Module) -> Preview:
        """The page as the network sees it now."""
        now = _seen(network, self._page)
        return Preview(
            name=self._name, page=self._page, truth=self._truth, before=self._before, now=now
        )


def _seen(network: nn.Module, page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    network.eval()
    weight = next(network.parameters())
    with torch.inference_mode():
        image = torch.from_numpy(page)[None, None].to(weight.device, weight.dtype) / 255
        probability = torch.sigmoid(network(image)[0, 0].float())
        values: NDArray[np.uint8] = (probability * 255).round().to(torch.uint8).cpu().numpy()
    return values
