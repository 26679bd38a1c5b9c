"""What finds calls on an image, whatever it is inside: an image in, a mask out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from napari_squeakout.core.detection.clean import is_call
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.rendering.levelled_images import levelled_image
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import Page

from .settings import VocalMatSettings
from .unet import answers
from .vocalmat import vocalmat_mask


class Method(Protocol):
    """A way to masks."""

    @property
    def name(self) -> str:
        """What a table calls it."""

    def __call__(self, image: Page) -> BoolImage:
        """(h, w) grey, 0..1, as images show it -> (h, w) True where a call is."""


@dataclass(frozen=True)
class Null:
    """Finds nothing, ever: what a table is measured from."""

    name: str = "Null"

    def __call__(self, image: Page) -> BoolImage:
        """No pixel."""
        return np.zeros(image.shape, bool)


@dataclass(frozen=True)
class VocalMat:
    """VocalMat's segmentation."""

    settings: VocalMatSettings = VocalMatSettings()
    name: str = "VocalMat"

    def __call__(self, image: Page) -> BoolImage:
        """Its mask."""
        return vocalmat_mask(image, self.settings)


@dataclass(frozen=True, eq=False)
class Learned:
    """A network that was trained on such images.

    Parameters
    ----------
    name : str
        What a table calls it.
    network : Module
        (n, 1, 512, 512), 0..1 -> logits.
    threshold : float
        Above which a pixel belongs to a call.
    """

    name: str
    network: nn.Module = field(repr=False)
    threshold: float

    def __call__(self, image: Page) -> BoolImage:
        """Where its probability is above the threshold."""
        return is_call(self.probability(image), self.threshold)

    def probability(self, image: Page) -> NDArray[np.uint8]:
        """(h, w) grey, 0..1 -> probability, 255 = certain."""
        pixels = torch.from_numpy(np.ascontiguousarray(image, np.float32))[None, None]
        values = answers(self.network, pixels)[0]
        rounded: NDArray[np.uint8] = (values * 255).round().to(torch.uint8).numpy()
        return rounded


@dataclass(frozen=True, eq=False)
class Named:
    """A model of the registry, at the threshold that its calls are judged with.

    Parameters
    ----------
    engine : Engine
        What runs it.
    """

    engine: Engine = field(repr=False)

    @property
    def name(self) -> str:
        """That of the model."""
        return self.engine.model.name

    def __call__(self, image: Page) -> BoolImage:
        """Where its probability is above its threshold; nothing is cleaned."""
        model = self.engine.model
        page = levelled_image(image) if model.card.rendering.levels == "noise" else image
        [values] = self.engine(np.asarray(page, np.float32)[None])
        return is_call(values, model.cleaning(CleanSettings()).threshold)
