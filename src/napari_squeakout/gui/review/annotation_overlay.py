"""What a lab noted earlier about a recording, over the pages and beside the calls found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Shapes
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.scoring.annotation import (
    Annotation,
    behind_end,
    in_real_time,
    inside,
    spans_on_page,
)
from napari_squeakout.core.scoring.differences import differences
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.core.stacks import MaskStack, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.gui.layers.axes import axes_of_image
from napari_squeakout.gui.layers.roles import ROLE, Role
from napari_squeakout.gui.qt.buttons import named
from napari_squeakout.gui.qt.job_bar import JobBar, message_label
from napari_squeakout.gui.qt.wording import sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

_FILTER = "Tables of calls (*.csv *.txt *.tsv *.xlsx);;All files (*)"
_NO_TIME = "Tables hold times: they can be laid over recordings, not over images."
_SPAN_COLOUR = "#56b4e9"


@dataclass(frozen=True)
class Table:
    """A table, and how long the recording is beside which it was opened."""

    annotation: Annotation
    duration_s: float


@dataclass(frozen=True)
class Comparison:
    """Pages, (n,) bool, with calls that stand in the table only, and in the masks only."""

    missed: NDArray[np.bool_]
    extra: NDArray[np.bool_]
    n_missed: int
    n_extra: int


class EarlierAnnotation(QWidget):
    """Lays a table of calls over the pages of a recording.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: A Comparison, or None where there is none any more.
    compared = Signal(object)

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._source: SourceLayers | None = None
        self._page = 0
        self._annotation: Annotation | None = None
        self._duration_s = 0.0
        self._of: Any = None
        self._layer: Any = None
        self.bar = JobBar("annotation")
        self._open = named(QPushButton("Open a table…"), "annotation_open")
        self._open.setToolTip(
            "Earlier annotation: Raven, Audacity, DeepSqueak, VocalMat, or any table of onsets "
            "and offsets"
        )
        self._open.clicked.connect(self._ask)
        self._again = named(QPushButton("Compare again"), "annotation_compare")
        self._again.setToolTip("Compare the table with the calls as they are now")
        self._again.clicked.connect(self.compare)
        self._told = message_label("annotation_told")
        buttons = QHBoxLayout()
        buttons.addWidget(self._open, stretch=1)
        buttons.addWidget(self._again, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self._told)
        layout.addWidget(self.bar)
        self.set_source(None)

    def set_source(self, source: SourceLayers | None) -> None:
        """Follow the dock's source; a table belongs to the one it was opened for."""
        self._source = source
        if source is not None and self._of is not None and source.image != self._of:
            self._take_away()
            self._annotation, self._of = None, None
            self._tell("")
            self.compared.emit(None)
        has_time = source is not None and source.stack.layout.starts_s is not None
        self._open.setEnabled(has_time)
        self._again.setEnabled(has_time and self._annotation is not None)
        if source is not None and not has_time:
            self._tell(_NO_TIME)
        elif self._annotation is None:
            self._tell("")

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        self._page = page
        self._draw()

    def open(self, path: Path) -> None:
        """Read a table, beside the window."""
        if self._source is not None:
            show = partial(self._show, self._source.image)
            self.bar.start(_reading(path, self._source.stack), done=show)

    def compare(self) -> None:
        """Find the calls that stand in the table only, and in the masks only."""
        source, annotation = self._source, self._annotation
        if source is None or annotation is None or source.calls is None:
            return
        labels, layout = source.calls.data, source.stack.layout
        within = inside(annotation, self._duration_s)
        self.bar.start(comparing(within, labels, layout), done=self._on_compared)

    def _ask(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Earlier annotation", "", _FILTER)
        if name:
            self.open(Path(name))

    def _show(self, image: Any, table: Table) -> None:
        if self._source is None or self._source.image != image:
            self.bar.say("Another recording was chosen meanwhile: open the table again.")
            return
        self._annotation, self._of = table.annotation, image
        self._duration_s = table.duration_s
        self._tell_of(table.annotation, "")
        self._draw()
        self._again.setEnabled(True)
        self.compare()

    def _on_compared(self, comparison: Comparison) -> None:
        if self._annotation is not None:
            missed = counted(comparison.n_missed, "call")
            extra = counted(comparison.n_extra, "call")
            self._tell_of(
                self._annotation, f" In the table only: {missed}; in the masks only: {extra}."
            )
            self.compared.emit(comparison)

    def _tell_of(self, annotation: Annotation, more: str) -> None:
        program = f" ({annotation.program})" if annotation.program else ""
        notes = "".join(f" {sentence(note)}" for note in annotation.notes)
        n_calls = counted(annotation.n_calls, "call")
        behind = behind_end(annotation, self._duration_s, self._of.name)
        wrong = f" {behind}." if behind else ""
        self._tell(f"{annotation.source}{program}: {n_calls}.{wrong}{more}{notes}")

    def _tell(self, text: str) -> None:
        self._told.setText(text)
        self._told.setVisible(bool(text))

    def _take_away(self) -> None:
        """Take the frames off the picture: over another recording they would frame nothing."""
        layer, self._layer = self._layer, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def _draw(self) -> None:
        """Frame the noted calls of the page in view."""
        source, annotation = self._source, self._annotation
        if source is None or annotation is None or source.image != self._of:
            return
        layout = source.stack.layout
        if self._page >= layout.n_pages:
            return
        frames = frames_on_page(annotation, layout, self._page)
        if self._layer is not None and self._layer not in self._viewer.layers:
            self._annotation = None  # who removes it has done with it
            self._tell("")
            self.compared.emit(None)
            return
        if self._layer is None:
            active = self._viewer.layers.selection.active
            self._layer = Shapes(
                ndim=3,
                name=f"{source.image.name} annotation",
                edge_color=_SPAN_COLOUR,
                face_color="transparent",
                edge_width=2,
                metadata={ROLE: Role(kind="annotation", stack=source.stack)},
                **axes_of_image(source.image),
            )
            self._viewer.layers.append(self._layer)
            self._viewer.layers.selection.active = active
        self._layer.data = []
        if frames:
            self._layer.add_rectangles(
                frames, edge_color=_SPAN_COLOUR, face_color="transparent", edge_width=2
            )


def frames_on_page(annotation: Annotation, layout: Layout, page: int) -> list[NDArray[np.float64]]:
    """(4, 3) corners of a frame round each noted call, as high as it is or as the page."""
    grid = layout.grid
    frames = []
    for span in spans_on_page(annotation, layout, page):
        low, high = annotation.low_hz[span.call], annotation.high_hz[span.call]
        top, bottom = 0.0, PAGE_PX - 1.0
        if grid is not None and np.isfinite(low) and np.isfinite(high):
            rows = [PAGE_PX - (hz - grid.low_hz) / grid.hz_per_row for hz in (high, low)]
            top, bottom = np.clip(rows, 0, PAGE_PX - 1.0)
        left, right = span.first_px - 0.5, span.last_px + 0.5
        corners = [(top, left), (top, right), (bottom, right), (bottom, left)]
        frames.append(np.array([(page, *corner) for corner in corners], float))
    return frames


def comparing(annotation: Annotation, labels: Any, layout: Layout) -> Steps[Comparison]:
    """Set noted calls beside those in the masks."""
    from napari_squeakout.core.detection.calls import finding_calls

    calls = yield from finding_calls(MaskStack(labels, layout))
    found = calls[["start_s", "end_s"]].to_numpy(np.float64)
    missed, extra = differences(annotation.intervals_s, found)
    starts_s = layout.starts_s
    assert starts_s is not None  # noqa: S101 - tables are opened for recordings only

    def pages(onsets_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        hit = np.zeros(layout.n_pages, bool)
        hit[np.clip(np.searchsorted(starts_s, onsets_s, "right") - 1, 0, None)] = True
        return hit

    return Comparison(
        pages(annotation.intervals_s[missed, 0]), pages(found[extra, 0]), len(missed), len(extra)
    )


def _reading(path: Path, stack: SpectrogramStack) -> Steps[Table]:
    from napari_squeakout.io.tables.annotations import read_annotation

    yield Progress(0, 1, "tables")
    files = stack.origin.files if stack.origin is not None else ()
    name = files[0] if len(files) == 1 else stack.layout.source
    duration_s, time_expansion = _time(stack)
    return Table(in_real_time(read_annotation(path, of=name), time_expansion), duration_s)


def _time(stack: SpectrogramStack) -> tuple[float, float]:
    """How long a recording is, whose last page may reach beyond its end, and how much slowed."""
    from napari_squeakout.io.sources.audio import read_recording

    layout, origin = stack.layout, stack.origin
    if origin is not None and origin.kind == "recording":
        settings = RecordingSettings.model_validate(origin.settings.get("recording", {}))
        try:
            recording = read_recording(origin.files[0], settings)
            return recording.duration_s, recording.time_expansion
        except SqueakOutError:
            pass  # the file went away; its pages are still here
    assert layout.starts_s is not None and layout.grid is not None  # noqa: S101, PT018 - checked by who asks
    return float(layout.starts_s[-1] + PAGE_PX * layout.grid.seconds_per_column), 1.0
