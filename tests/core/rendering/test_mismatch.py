"""What a model was made for, against how a source was rendered."""

from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.rendering.mismatch import rendering_text
from napari_squeakout.core.settings import RenderSettings

RECORDING = Layout(
    source="rec", n_pages=1, grid=STANDARD_GRID, starts_s=np.zeros(1), contiguous=True
)


@pytest.mark.parametrize(
    ("expected", "differs"),
    [
        (RenderSettings(), False),
        (RenderSettings(clamp_below_median_db=0), False),
        (RenderSettings(page_length_s=0.3), True),
        (RenderSettings(low_hz=40_000), True),
        (RenderSettings(high_hz=110_000), True),
    ],
)
def test_band_and_page_length_are_compared(expected, differs):
    assert bool(rendering_text("model", expected, RECORDING)) == differs
    assert not rendering_text(
        "model", expected, Layout(source="images of unknown scale", n_pages=1)
    )
    images = rendering_text(
        "model", expected, Layout(source="images", n_pages=1, grid=STANDARD_GRID)
    )
    assert ("use images of that kind" in images) == differs


def test_what_to_do_about_a_recording_is_up_to_who_asks():
    wide = RenderSettings(high_hz=110_000)
    said = rendering_text("ours", wide, RECORDING)
    assert said.startswith("ours was made for pages of 221 ms and 45-110 kHz, these are 221 ms")
    assert "leave page_length_s, low_hz and high_hz as the model has them" in said
    assert "open it anew" in rendering_text("ours", wide, RECORDING, remedy="open it anew")
