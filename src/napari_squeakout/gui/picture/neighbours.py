"""What comes right before and after the page, dimmed: a call on a border is seen whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QRectF
from qtpy.QtGui import QColor, QImage, QPainter

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.gui.qt.access.inks import PAGE_BORDER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.core.layout import Layout
    from napari_squeakout.gui.layers.roles import SourceLayers

    from .page_place import PagePlace

#: Columns of each, an eighth of a page: most calls that lie on a border end within.
COLUMNS = 64
_DIMMED = 0.6
#: Parts of pages that are remembered: those beside a page, and beside the one turned from.
_MOST_KNOWN = 4
_OPAQUE = 255
#: Columns by which pages may lie off where the one before ends and still be one sound.
_ALMOST = 0.5


@dataclass(frozen=True)
class Beside:
    """What lies beside a page, (512, 64) each; None at the ends of the recording.

    Parameters
    ----------
    before, after : (512, 64, 4) uint8 array, optional
        Colours of the last columns of the page before, and the first of that after.
    """

    before: NDArray[np.uint8] | None = None
    after: NDArray[np.uint8] | None = None


class Greys:
    """The sound beside the pages looked at last: rendering it takes longer than a stroke may."""

    def __init__(self) -> None:
        self._numbers: tuple[float, ...] = ()
        self._shown: tuple[Any, ...] = (None, None)
        self._known: dict[tuple[int, int], NDArray[np.float64]] = {}

    def of(self, image: Any, page: int, columns: slice) -> NDArray[np.float64]:
        """(512, 64, 4) a part of a page in the colours of its layer."""
        numbers = (*image.contrast_limits, image.gamma)
        # A window given to a plugin wraps what belongs to a layer, anew each time.
        shown = tuple(getattr(one, "__wrapped__", one) for one in (image.data, image.colormap))
        is_same = all(one is known for one, known in zip(shown, self._shown, strict=True))
        if not is_same or numbers != self._numbers:
            self._numbers, self._shown, self._known = numbers, shown, {}
        key = (page, columns.start)
        if key not in self._known:
            self._known = dict([*self._known.items()][1 - _MOST_KNOWN :])
            self._known[key] = _grey(image, page, columns)
        return self._known[key]


def beside(source: SourceLayers, page: int, *, greys: Greys | None = None) -> Beside:
    """What lies beside a page of a source, as its layers show their own.

    Parameters
    ----------
    source : SourceLayers
        Whose page it is.
    page : int
        From 0.
    greys : Greys, optional
        Knows the sound that was rendered before.
    """
    last, first = slice(PAGE_PX - COLUMNS, PAGE_PX), slice(0, COLUMNS)
    layout, greys = source.stack.layout, greys or Greys()
    return Beside(
        before=_colours(source, page - 1, last, greys) if follows(layout, page) else None,
        after=_colours(source, page + 1, first, greys) if follows(layout, page + 1) else None,
    )


def follows(layout: Layout, page: int) -> bool:
    """Whether a page begins where the one before it ends."""
    grid, starts_s = layout.grid, layout.starts_s
    if not layout.contiguous or grid is None or starts_s is None or not 0 < page < layout.n_pages:
        return False
    apart = (starts_s[page] - starts_s[page - 1]) / grid.seconds_per_column
    return bool(abs(apart - PAGE_PX) < _ALMOST)


def paint_beside(painter: QPainter, place: PagePlace, within: QRectF, strips: Beside) -> None:
    """Draw what lies beside the page; nothing where somebody has the canvas mirrored.

    Parameters
    ----------
    painter : QPainter
        Of the canvas.
    place : PagePlace
        Where the page is.
    within : QRectF
        The part of the canvas that shows it.
    strips : Beside
        What is drawn.
    """
    if place.right < place.left or place.bottom < place.top:
        return
    painter.save()
    painter.setClipRect(within)
    for colours, first in ((strips.before, -COLUMNS), (strips.after, PAGE_PX)):
        if colours is not None:
            left, right = place.x(first), place.x(first + COLUMNS)
            box = QRectF(left, place.y(0), right - left, place.y(PAGE_PX) - place.y(0))
            height, width = colours.shape[:2]
            data = colours.tobytes()  # Qt copies none of it
            image = QImage(data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
            painter.drawImage(box, image)
            edge = right if first < 0 else left
            painter.fillRect(
                QRectF(edge - (first < 0), box.top(), 1, box.height()), QColor(PAGE_BORDER)
            )
    painter.restore()


def _grey(image: Any, page: int, columns: slice) -> NDArray[np.float64]:
    low, high = image.contrast_limits
    values = np.asarray(image.data[page])[:, columns].astype(np.float64)
    grey = np.clip((values - low) / max(high - low, 1e-9), 0, 1) ** image.gamma
    return np.asarray(image.colormap.map(grey.ravel()), np.float64).reshape(*grey.shape, 4)


def _colours(source: SourceLayers, page: int, columns: slice, greys: Greys) -> NDArray[np.uint8]:
    """(512, 64, 4) a part of another page in the colours of its layers, calls by their outlines."""
    colours = greys.of(source.image, page, columns).copy()
    if source.calls is not None and source.calls.visible:
        labels = np.asarray(source.calls.data[page])[:, columns]
        for number in np.unique(labels[labels > 0]).tolist():
            outline = _outline(labels == number)
            colour = np.asarray(source.calls.get_color(number), float).reshape(-1)[:4]
            if colour[3]:
                colours[outline] = colour
    # Darker, not paler: over a light canvas what is pale is grey, and calls are lost in it.
    drawn = np.ascontiguousarray(np.round(colours * (_DIMMED * _OPAQUE)).astype(np.uint8))
    drawn[..., 3] = _OPAQUE
    return drawn


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a mask that have one outside of it above, below or beside."""
    around = np.pad(mask, 1, mode="edge")
    inside = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    outline: NDArray[np.bool_] = mask & ~inside
    return outline
