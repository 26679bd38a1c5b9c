"""The head of the dock: what is acted on, which page, and what was said last; always in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.gui.layers.adoption import adopt
from napari_squeakout.gui.layers.layers import page_time_text
from napari_squeakout.gui.layers.roles import GuiError
from napari_squeakout.gui.layers.sight import why_not_in_view
from napari_squeakout.gui.names.shown import code_shown
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_squeakout.gui.layers.layer_kinds import Layer
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.qt.job_bar import JobBar

#: What is said where there is nothing to act on.
NOTHING = "Open a recording or images, or select the layer of one."

#: Speaks of a file that no part has opened.
_FILE = "file"


def why_nothing(layer: Layer | None) -> str:
    """Why the selected layer cannot be worked on."""
    if layer is None:
        return NOTHING
    try:
        adopt(layer)
    except GuiError as error:
        return f"{error}."
    return NOTHING


class Head(QWidget):
    """Three lines above the parts, which stay where the rest is scrolled.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: The card of keys is wanted.
    keys_asked = Signal()

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._source = message_label("dock_source", NOTHING)
        self._source.setStyleSheet("font-weight: bold")
        self._page = message_label("dock_page")
        self._said = message_label("dock_said")
        self._speaker: Any = None
        keys = button("Keys  [ ? ]", "dock_keys", "What each key and click does (key ?)")
        keys.clicked.connect(lambda _checked=False: self.keys_asked.emit())
        top = QHBoxLayout()
        top.addWidget(self._source, stretch=1)
        top.addWidget(keys, alignment=Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._page)
        layout.addWidget(self._said)

    def act_on(self, source: SourceLayers | None, why: str) -> None:
        """Name the source, or say why there is none."""
        named = f"Acts on {source.image.name}" if source else why
        if named != self._source.text():
            self.say_of_file("")  # another one was opened after it
        self._source.setText(named)
        self._page.setVisible(source is not None)

    def tell_page(self, source: SourceLayers, page: int, stage: PageStage) -> None:
        """Say which page is acted on, or why none is: keys that do nothing need a reason."""
        text = page_time_text(source.stack.layout, page, code_shown(source.stack))
        unknown = ", not segmented yet" if stage is PageStage.UNSEGMENTED else ""
        unseen = why_not_in_view(self._viewer, source)
        self._page.setText(f"{text[:1].upper()}{text[1:]}{unknown}{unseen and f'. {unseen}'}")

    def say(self, who: Any, text: str) -> None:
        """Repeat the last sentence of a part, where it is seen however the dock is scrolled."""
        if not text and who is not self._speaker:
            return  # what another part has said still holds
        self._speaker = who
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def say_of_file(self, text: str) -> None:
        """Say why a file could not be opened, until another source is acted on."""
        self.say(_FILE, text)

    def forget(self, bars: Iterable[JobBar]) -> None:
        """What was said of another source would be read as said of this one."""
        for bar in bars:
            if not bar.job.is_active:
                bar.say("")
        self.say(self._speaker, "")
