"""Recordings whose pixels are any values, and an engine's answer that tells which they were."""

from __future__ import annotations

import numpy as np
from fakes import PAGE_S

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID, Layout
from napari_squeakout.core.stacks import SpectrogramStack


def identity(pages):
    """An engine's answer from which the pages can be read again."""
    return np.rint(pages * 255).astype(np.uint8)


def strip(n_pages, *, seed=0):
    """(512, n * 512) float32 in steps of 1 / 255."""
    values = np.random.default_rng(seed).integers(0, 256, (PAGE_PX, n_pages * PAGE_PX))
    return (values / 255).astype(np.float32)


def recording_of(content, view=None, **known):
    """A stack whose windows show a strip, empty past its end, at the place asked for."""
    n_pages = content.shape[1] // PAGE_PX
    padded = np.pad(content, ((0, 0), (0, PAGE_PX)))

    def window(position):
        first = round(position * PAGE_PX)
        return padded[:, first : first + PAGE_PX]

    layout = Layout(
        source="strip",
        n_pages=n_pages,
        grid=STANDARD_GRID,
        starts_s=PAGE_S * np.arange(n_pages, dtype=float),
        contiguous=True,
    )
    pages = np.stack(np.split(content, n_pages, axis=1))
    return SpectrogramStack(pages=pages, layout=layout, view=view or window, **known)
