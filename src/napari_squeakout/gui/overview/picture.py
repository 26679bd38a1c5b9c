"""An overview -> the grey pixels of a part of it: never more than the strip has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtGui import QImage

from napari_squeakout.core.overview.overview import LEVELS_PER_DB, Overview

from .span import Span

# White lies so far above what noise comes to in the picture; black a little above the noise.
_WHITE_DB, _BLACK_DB = 26, 1
# Of what fills all frequencies at once, a click or a rustle, so much is taken away: calls among
# it stand out, and it can still be seen that something was there.
_LESS_OF_CLICKS = 0.75
_GAMMA = 0.8


def grey_picture(overview: Overview, span: Span, width: int, height: int) -> QImage:
    """(height, width) pixels of a part of an overview, the loudest of what falls on each.

    Noise is black, whatever comes to be louder by being looked at for longer; what is louder by
    26 dB is white.
    """
    left, right = (end / overview.pages_per_column for end in (span.left, span.right))
    levels = shrunk(overview.levels, 0, len(overview.levels), height)
    levels = shrunk(levels.T, left, right, width)  # (width, height)
    heard = levels[levels > 0]
    noise = float(np.median(heard)) if heard.size else 0.0
    filled = np.maximum(0, np.median(levels, axis=1) - noise).astype(np.float32)
    above = levels - _LESS_OF_CLICKS * filled[:, None] - noise
    grey = (above / LEVELS_PER_DB - _BLACK_DB) / (_WHITE_DB - _BLACK_DB)
    values = np.rint(255 * np.clip(grey, 0, 1) ** _GAMMA).astype(np.uint8)
    grey8 = QImage.Format.Format_Grayscale8
    image: QImage = QImage(values.T.tobytes(), width, height, width, grey8)
    copy: QImage = image.copy()  # the bytes go with this function
    return copy


def shrunk(values: NDArray[Any], left: float, right: float, n: int) -> NDArray[Any]:
    """(n, ...) the highest of what lies between `left` and `right` on the first axis, in n steps.

    Where there is less than one value a step, it is repeated.
    """
    edges = left + np.arange(n + 1) * (right - left) / n
    firsts = np.clip(edges[:-1].astype(np.int64), 0, len(values) - 1)
    stop = int(np.clip(np.ceil(edges[-1]), firsts[-1] + 1, len(values)))
    if values.dtype == bool:
        return np.asarray(np.logical_or.reduceat(values[:stop], firsts, axis=0))
    return np.asarray(np.maximum.reduceat(values[:stop], firsts, axis=0))
