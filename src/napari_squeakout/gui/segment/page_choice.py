"""Which pages the network is asked about: all, the one in view, or those from one to another."""

from __future__ import annotations

from magicgui.widgets import Container, SpinBox
from qtpy.QtWidgets import QWidget

from napari_squeakout.gui.forms.choice import ChoiceEditor
from napari_squeakout.gui.qt.access.spoken import name_editor
from napari_squeakout.gui.qt.wheel import keep_from_wheel

ALL, THIS, RANGE = "All pages", "This page", "Pages from … to"


class PageChoice:
    """A choice, and the first and last page where a range is chosen."""

    def __init__(self) -> None:
        self.which = ChoiceEditor("segment_pages", (ALL, THIS, RANGE), "Pages to segment")
        self.which.set_tooltip("Which pages the network is asked about")
        self._from, self._to = (
            _page_box("segment_from", "First page"),
            _page_box("segment_to", "Last page"),
        )
        self._row = Container(widgets=[self._from, self._to], layout="horizontal", labels=False)
        self._row.margins = (0, 0, 0, 0)
        #: Shown where a range is chosen.
        self.range: QWidget = self._row.native

    def choose_all(self) -> None:
        """Ask about all pages."""
        self.which.set_value(ALL)

    def set_n_pages(self, n_pages: int) -> None:
        """Offer the pages that a source has."""
        last = max(n_pages - 1, 0)
        for box in (self._from, self._to):
            box.value = min(box.value, last)
            box.max = last

    def refresh(self) -> None:
        """Show the range where one is chosen."""
        self.range.setVisible(self.which.value() == RANGE)

    def chosen(self, n_pages: int, in_view: int) -> tuple[int, int]:
        """The first page, and the one after the last, of a source with one of its pages in view."""
        if self.which.value() == THIS:
            return in_view, in_view + 1
        if self.which.value() == RANGE:
            first, last = sorted((self._from.value, self._to.value))
            return first, last + 1
        return 0, n_pages


def _page_box(name: str, words: str) -> SpinBox:
    tooltip = "Number of a page, from 0, as on the slider under the picture"
    box = SpinBox(value=0, min=0, max=0, name=name, tooltip=tooltip)
    box.native.setObjectName(name)
    name_editor(box.native, words)
    keep_from_wheel(box.native)
    return box
