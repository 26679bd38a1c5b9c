"""Synthetic sources for the window, with the true masks that only synthesis knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.call_columns import number_columns
from napari_squeakout.core.layout import Layout
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ, page_columns
from napari_squeakout.core.settings import CleanSettings, RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.synthesis.masks import page_mask
from napari_squeakout.core.synthesis.pages import synthesise_pages, synthesise_recording
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.gui.layers.axes import axes_of_layout
from napari_squeakout.gui.layers.roles import ROLE, Role

#: Layer data as napari takes it: (data, attributes, kind of layer).
LayerData = tuple[Any, dict[str, Any], str]


def synthetic_recording(seconds: float, *, seed: int) -> tuple[SpectrogramStack, LayerData]:
    """A recording of mice that never were, and the labels layer of their true calls, hidden."""
    # A block is ten pages: an empty one would leave nothing to look at.
    settings = SynthesisSettings(seed=seed, empty_fraction=0)
    scenes = list(synthesise_recording(seconds, settings))
    samples = np.concatenate([scene.samples for scene in scenes])
    recording = Recording.from_array(
        samples, sample_rate_hz=SAMPLE_RATE_HZ, name="synthetic recording"
    )
    stack = render(recording)
    columns = page_columns(RenderSettings())
    blocks = np.concatenate([scene.mask for scene in scenes], axis=1)
    n_pages = stack.layout.n_pages
    pages = [page_mask(blocks[:, i * columns : (i + 1) * columns]) for i in range(n_pages)]
    return stack, _truth(np.stack(pages), stack)


def synthetic_images(n_images: int, *, seed: int) -> tuple[SpectrogramStack, LayerData]:
    """Independent spectrogram images and the labels layer of their true calls, hidden."""
    drawn = list(synthesise_pages(n_images, SynthesisSettings(seed=seed), levels="page"))
    names = tuple(f"page_{index:04d}" for index in range(n_images))
    layout = Layout(source="synthetic images", n_pages=n_images, page_names=names)
    stack = SpectrogramStack(pages=np.stack([page for page, _ in drawn]), layout=layout)
    return stack, _truth(np.stack([mask for _, mask in drawn]), stack)


def _truth(masks: NDArray[np.bool_], stack: SpectrogramStack) -> LayerData:
    """Numbered as cleaning numbers calls, but none is left out."""
    nothing_dropped = CleanSettings(min_duration_s=0)
    numbers = number_columns(np.any(masks, axis=1), nothing_dropped, stack.layout)
    look = {
        "name": f"{stack.layout.source} true calls",
        "visible": False,
        "metadata": {ROLE: Role(kind="truth", stack=stack)},
    }
    labels = (masks * numbers[:, None, :]).astype(np.int32)
    return labels, look | axes_of_layout(stack.layout), "labels"
