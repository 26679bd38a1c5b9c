"""Open: recordings and images into the window, their scale, and how bright they are shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_squeakout.core.rendering.spectrogram import image_grid
from napari_squeakout.core.settings import ImageSettings, RecordingSettings, RenderSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.forms.choice import ChoiceEditor
from napari_squeakout.gui.forms.form import SettingsForm
from napari_squeakout.gui.layers.contrast import (
    CLEAR,
    NETWORK,
    PER_PAGE,
    WHOLE,
    contrast_limits,
    depends_on_page,
    has_our_limits,
    set_limits,
)
from napari_squeakout.gui.layers.layers import open_stack, state_scale
from napari_squeakout.gui.layers.opened import gone_to
from napari_squeakout.gui.layers.roles import SourceLayers
from napari_squeakout.gui.layers.viewer import Viewer
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import JobBar
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.source.first_page import making_ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_squeakout.gui.source.state import SourceState

_CONTRAST_TIP = (
    "<p>How bright the picture is. It never changes what the network gets.</p>"
    "<p><i>Calls on a dark floor</i> leaves the noise dark: a level above it is as bright on all "
    "pages of all recordings; for images it is <i>Auto, per page</i>. <i>Auto</i> makes faint "
    "calls stand out, on this page or alike on all. <i>Exact network input</i> shows black and "
    "white as they are in the pages; the key W goes there and back.</p>"
)
_NETWORK_KEY = "W"
# Images are measured anew when their scale is stated; how they are read cannot change any more.
_SCALE = ("image_span_s", "image_low_hz", "image_high_hz")


class OpenPanel(QWidget):
    """Opens sources and sets how they are shown.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: A source's scale was stated: its layers have new axes.
    scale_stated = Signal()

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._page = 0
        self._file = button("Open file…", "open_file", "A recording, image, TIFF or npy stack")
        self._folder = button(
            "Open folder…", "open_folder", "A folder of recordings or of spectrogram images"
        )
        self._file.clicked.connect(self._ask_for_files)
        self._folder.clicked.connect(self._ask_for_folder)
        self._contrast = ChoiceEditor("open_contrast", (CLEAR, PER_PAGE, WHOLE, NETWORK), "Show as")
        self._way_back = CLEAR
        self._contrast.set_tooltip(_CONTRAST_TIP)
        self._contrast.changed.connect(self._show_contrast)
        self._channel = SettingsForm(RecordingSettings, "open")
        self._rendering = SettingsForm(RenderSettings, "open_render")
        self._images = SettingsForm(ImageSettings, "open", fields=("invert",))
        self._scale = SettingsForm(ImageSettings, "open", fields=_SCALE)
        self._use_scale = button(
            "Use this scale", "open_state_scale", "Measure these images in seconds and hertz"
        )
        self._use_scale.clicked.connect(self._state_scale)
        self.bar = JobBar("open")
        self._lay_out()
        self.set_source(None, None)

    def open(self, paths: Sequence[Path]) -> None:
        """Open one recording, some images or a folder, beside the window."""
        from napari_squeakout.io.sources.opening import opening

        chosen = (self._channel.value(), self._rendering.value(), self._images.value())
        self.bar.start(making_ready(opening(paths, *chosen)), done=self._show)

    def set_source(self, source: SourceLayers | None, state: SourceState | None) -> None:
        """Show what can be said of a source, or of none."""
        is_other = source is not None and (
            self._source is None or source.image != self._source.image
        )
        self._source, self._state = source, state
        if is_other:
            self._follow_contrast()
        layout = None if source is None else source.stack.layout
        self._scale_section.setVisible(layout is not None and not layout.contiguous)
        self._contrast_row.setVisible(source is not None)

    def set_page(self, page: int) -> None:
        """Adapt to the page in view."""
        is_other, self._page = page != self._page, page
        source, how = self._source, self._contrast.value()
        if is_other and source is not None and depends_on_page(source.stack, how):
            self._follow_contrast()

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown."""
        does = "Show what the network gets, and go back"
        bind_key(dock, _NETWORK_KEY, self._switch_to_network, does)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._file)
        buttons.addWidget(self._folder)
        self._contrast_row = QWidget()
        row = QHBoxLayout(self._contrast_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel("Show as"))
        row.addWidget(self._contrast, stretch=3)
        settings = Section("How files are read", "open_settings", open_=False)
        settings.addWidget(self._channel)
        settings.addWidget(self._rendering)
        settings.addWidget(self._images)
        self._scale_section = Section("Scale of these images", "open_scale", open_=False)
        self._scale_section.addWidget(self._scale)
        self._scale_section.addWidget(self._use_scale)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
        for widget in (self._contrast_row, self._scale_section, settings):
            layout.addWidget(widget)

    def _ask_for_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, "Recordings or images", "", file_filter())
        if files:
            self.open([Path(file) for file in files])

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of recordings or images")
        if folder:
            self.open([Path(folder)])

    def _show(self, stacks: list[SpectrogramStack]) -> None:
        said = []
        for stack in stacks:
            known = gone_to(self._viewer, stack)
            if known:
                said.append(known)
            else:
                self._viewer.layers.selection.active = open_stack(self._viewer, stack)
        unreadable = [text for stack in stacks for text in stack.unreadable]
        if unreadable:
            more = f" (and {len(unreadable) - 1} more)" if len(unreadable) > 1 else ""
            said.append(f"Left out: {unreadable[0]}{more}")
        if said:
            self.bar.say(" ".join(said))

    def _state_scale(self) -> None:
        if self._source is None or self._state is None:
            return
        with self.bar.attempt():
            state_scale(self._viewer, self._source.image, image_grid(self._scale.value()))
            origin = self._source.stack.origin
            read = {} if origin is None else origin.settings.get("images", {})
            scale = self._scale.value().model_dump(include=set(_SCALE))
            self._state.note("images", ImageSettings(**{**read, **scale}).model_dump())
            self.bar.say("")
            self.scale_stated.emit()
            self._viewer.reset_view()  # the page has another size in the window now

    def _switch_to_network(self) -> None:
        """Show what the network gets, or go back to how it was shown before."""
        how = self._contrast.value()
        if how != NETWORK:
            self._way_back = how
        self._contrast.setCurrentText(self._way_back if how == NETWORK else NETWORK)

    def _follow_contrast(self) -> None:
        """Show what is in view now as it was chosen, unless somebody has set it otherwise."""
        if self._source is not None and has_our_limits(self._source.image):
            self._show_contrast()

    def _show_contrast(self) -> None:
        if self._source is None:
            return
        with self.bar.attempt():
            image, how = self._source.image, self._contrast.value()
            set_limits(image, contrast_limits(self._source.stack, image.data, self._page, how))


def file_filter() -> str:
    """What the file dialog offers."""
    from napari_squeakout.io.sources.audio import RECORDING_SUFFIXES
    from napari_squeakout.io.sources.decode import IMAGE_SUFFIXES

    suffixes = (*RECORDING_SUFFIXES, *IMAGE_SUFFIXES, ".npy")
    return f"Recordings and images ({' '.join(f'*{suffix}' for suffix in suffixes)});;All files (*)"
