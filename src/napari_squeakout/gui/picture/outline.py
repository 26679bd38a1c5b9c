"""How thick the calls' outlines are: as thin as can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.gui.layers.layers import OUTLINE_PX

if TYPE_CHECKING:
    from napari_squeakout.gui.layers.layer_kinds import LabelsLayer

    from .page_place import PagePlace

#: A pixel of a page that is drawn so large, of the screen, is seen as a line.
_SEEN_PX = 1.2
_THIN_PX = 1


def fit_outline(calls: LabelsLayer, place: PagePlace) -> None:
    """Outline calls by one row of their pixels where that can be seen, else by two.

    napari counts in pixels of the page. Other numbers, and 0 for filled calls, are a person's own.
    """
    wanted = _THIN_PX if min(place.pixel_px()) >= _SEEN_PX else OUTLINE_PX
    if calls.contour in {_THIN_PX, OUTLINE_PX} and calls.contour != wanted:
        calls.contour = wanted
