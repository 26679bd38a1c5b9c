"""The colours of calls: each stands out from a grey spectrogram, and from its neighbours."""

from __future__ import annotations

from napari.utils import CyclicLabelColormap

#: What is no call.
BACKGROUND = "#00000000"
_CALLS = (
    "#ff6a3d", "#00d5ff", "#ff4fd8", "#8be000", "#ffd400", "#7a5cff", "#00e5a8", "#ff3355",
)  # fmt: skip


def call_colours() -> CyclicLabelColormap:
    """Eight colours in turn; napari's own are drawn at random, some of them greys."""
    return CyclicLabelColormap(colors=[BACKGROUND, *_CALLS], display_name="calls")
