"""What a model was made for, against how a source was rendered: a sentence where they differ."""

from __future__ import annotations

import numpy as np

from napari_squeakout.core.layout import PAGE_PX, Grid, Layout
from napari_squeakout.core.settings import RenderSettings

from .spectrogram import page_grid

#: What to do about a recording that is read from its file each time.
LEAVE_OPEN = "leave page_length_s, low_hz and high_hz as the model has them"
#: Differences that no network notices: a share of the page's length, and of its band.
_LEAST_SHARE = 0.02


def rendering_text(
    model: str, expected: RenderSettings, layout: Layout, *, remedy: str = LEAVE_OPEN
) -> str:
    """Say that pages are not what a model was made for.

    Parameters
    ----------
    model : str
        Its name.
    expected : RenderSettings
        What its card asks for.
    layout : Layout
        The source's; images of unknown scale are taken as they are.
    remedy : str
        What to do where they are those of a recording.

    Returns
    -------
    str
        Empty where page length and band agree within 2 %.
    """
    if layout.grid is None:
        return ""
    made_for, given = _extent(page_grid(expected)), _extent(layout.grid)
    length, low, high = made_for
    tolerance = _LEAST_SHARE * np.array([length, high - low, high - low])
    if (np.abs(np.subtract(made_for, given)) <= tolerance).all():
        return ""
    remedy = remedy if layout.contiguous else "use images of that kind"
    return (
        f"{model} was made for pages of {_shown(made_for)}, these are {_shown(given)}: it may miss "
        f"calls and find false ones. Better {remedy}, or choose another model."
    )


def _extent(grid: Grid) -> tuple[float, float, float]:
    """Seconds that a page spans, its lowest and its highest hertz."""
    return (
        grid.seconds_per_column * PAGE_PX,
        grid.low_hz,
        grid.low_hz + grid.hz_per_row * PAGE_PX,
    )


def _shown(extent: tuple[float, float, float]) -> str:
    length_s, low_hz, high_hz = extent
    return f"{length_s * 1e3:.0f} ms and {low_hz / 1e3:.0f}-{high_hz / 1e3:.0f} kHz"
