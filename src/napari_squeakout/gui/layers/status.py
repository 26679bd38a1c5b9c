"""What is under the mouse, with units: page, kHz, ms, and the time in the recording."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from .roles import role_of

if TYPE_CHECKING:
    from napari_squeakout.core.layout import Layout

    from .viewer import Viewer

_NUMBER = r"-?\d+(?:\.\d+)?"
#: Where napari writes the place under the mouse: `[4.000, 63.629, 169.539]`.
_PLACE = re.compile(rf"\[({_NUMBER}(?:, {_NUMBER})+)\]")


class UnitsInStatus:
    """Writes the place under the mouse with its units into napari's status line.

    napari writes bare numbers there. What is written is replaced after napari has shown it, for
    a layer can tell its place otherwise only by being of a class of ours, which what readers and
    napari itself make is not.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        viewer.events.status.connect(self._on_status, position="last")

    def disconnect_viewer(self) -> None:
        """Leave the line to napari again."""
        self._viewer.events.status.disconnect(self._on_status)

    def _on_status(self, _event: object = None) -> None:
        status, layer = self._viewer.status, self._viewer.layers.selection.active
        role = None if layer is None else role_of(layer)
        if role is None or not isinstance(status, dict):
            return
        told = with_units(str(status.get("coordinates", "")), role.stack.layout)
        if told != status.get("coordinates"):  # once: what has its units is left as it is
            self._viewer.status = {**status, "coordinates": told}


def with_units(text: str, layout: Layout) -> str:
    """The status line of a layer of pages, its bare numbers replaced by the place in words."""
    found = _PLACE.search(text)
    if found is None:
        return text
    place = [float(number) for number in found.group(1).split(", ")]
    return f"{text[: found.start()]}{_place_text(place, layout)}{text[found.end() :]}"


def _place_text(place: list[float], layout: Layout) -> str:
    vertical, horizontal = place[-2:]
    page = 0 if len(place) < 3 else int(np.clip(np.rint(place[-3]), 0, layout.n_pages - 1))  # noqa: PLR2004 - (page, row, column)
    named = f"page {page}, " if layout.n_pages > 1 else ""
    if layout.grid is None:
        return f"{named}{vertical:.0f} px from the bottom, {horizontal:.0f} px from the left"
    text = f"{named}{vertical:.2f} kHz, {horizontal:.1f} ms"
    if layout.starts_s is None:
        return text
    return f"{text} on the page, {layout.starts_s[page] + horizontal / 1e3:.4f} s of the recording"
