"""What a lab noted earlier about a recording, over the pages and beside the calls found."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.scoring.annotation import Annotation, behind_end, inside
from napari_squeakout.gui.names.shown import NAMES, code_shown
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import JobBar, message_label
from napari_squeakout.gui.qt.wording import sentence

from .following import FollowedComparison
from .frames import Frames
from .jobs import Table, reading
from .walk import DifferenceWalk

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_squeakout.core.scoring.differences import Difference, Differences
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

_FILTER = "Tables of calls (*.csv *.txt *.tsv *.xlsx);;All files (*)"
_NO_TIME = "Tables hold times: they can be laid over recordings, not over images."


class EarlierAnnotation(QWidget):
    """Lays a table of calls over the pages of a recording, and compares it with what was found.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    #: `Differences`, or None where there are none any more.
    compared = Signal(object)
    #: A `Difference` to show.
    chosen = Signal(object)

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: SourceLayers | None = None
        self._page = 0
        self._annotation: Annotation | None = None
        self._duration_s = 0.0
        self._of: Any = None
        self._frames = Frames(viewer)
        self._followed = FollowedComparison(self)
        self._walk = DifferenceWalk()
        self._told_of: Differences | None = None
        self.bar = JobBar("annotation")
        self._open = button(
            "Open a table…", "annotation_open",
            "Earlier annotation: Raven, Audacity, DeepSqueak, VocalMat, or any table of onsets "
            "and offsets",
        )  # fmt: skip
        self._again = button(
            "Compare with annotation", "annotation_compare",
            "Compare the calls as they are now with those of the table",
        )  # fmt: skip
        self._told = message_label("annotation_told")
        self._open.clicked.connect(self._ask)
        self._again.clicked.connect(self.compare)
        self._followed.told.connect(self._on_followed)
        self._followed.failed.connect(self.bar.say)
        self._walk.chosen.connect(self._on_chosen)
        NAMES.changed.connect(self._on_names)
        self._lay_out()
        self.set_source(None)

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown."""
        self._walk.bind_keys(dock)

    def set_source(self, source: SourceLayers | None) -> None:
        """Follow the dock's source; a table belongs to the one it was opened for."""
        self._source = source
        if source is not None and self._of is not None and source.image != self._of:
            self._frames.take_away()
            self._forget()
        has_time = source is not None and source.stack.layout.starts_s is not None
        self._open.setEnabled(has_time)
        self._followed.set_source(source if has_time else None)
        self._enable()
        if source is not None and not has_time:
            self._tell(_NO_TIME)
        elif self._annotation is None:
            self._tell("")

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        self._page = page
        self._walk.set_page(page)
        self._draw()

    def suspect(self, pages: Collection[int] | None) -> None:
        """The calls of some pages may be others, or those of all (None)."""
        if pages is None:
            self._followed.suspect_all()
        else:
            self._followed.suspect(pages)

    def open(self, path: Path) -> None:
        """Read a table, beside the window."""
        if self._source is not None:
            show = partial(self._show, self._source.image)
            self.bar.start(reading(path, self._source.stack), done=show)

    def compare(self) -> None:
        """Compare all calls as they are now."""
        self.bar.say("")
        self._followed.suspect_all()

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
        self._followed.set_annotation(inside(table.annotation, self._duration_s))
        self._tell_of(table.annotation)
        self._draw()
        self._enable()

    def _forget(self) -> None:
        self._annotation, self._of = None, None
        self._tell("")
        self._followed.set_annotation(None)
        self._enable()

    def _on_followed(self) -> None:
        """Other calls were compared, or are known to be others."""
        followed, source = self._followed, self._source
        layout = None if source is None else source.stack.layout
        self._walk.show_compared(
            followed.compared, layout,
            is_outdated=followed.is_outdated, is_due=followed.is_at_work,
        )  # fmt: skip
        self._enable()
        found = self._walk.differences
        if found is not self._told_of:
            self._told_of = found
            self.compared.emit(found)

    def _on_chosen(self, difference: Difference) -> None:
        self.chosen.emit(difference)
        self._draw()

    def _enable(self) -> None:
        has_calls = self._source is not None and self._source.calls is not None
        is_ready = has_calls and self._annotation is not None
        self._again.setEnabled(is_ready and not self._followed.is_at_work)

    def _tell_of(self, annotation: Annotation) -> None:
        program = f" ({annotation.program})" if annotation.program else ""
        notes = "".join(f" {sentence(note)}" for note in annotation.notes)
        n_calls = counted(annotation.n_calls, "call")
        behind = behind_end(annotation, self._duration_s, self._of.name)
        wrong = f" {behind}." if behind else ""
        is_hidden = self._source is not None and bool(code_shown(self._source.stack))
        table = "The table" if is_hidden else annotation.source
        self._tell(f"{table}{program}: {n_calls}.{wrong}{notes}")

    def _on_names(self) -> None:
        """A table is mostly called after its recording."""
        if self._annotation is not None:
            self._tell_of(self._annotation)

    def _tell(self, text: str) -> None:
        self._told.setText(text)
        self._told.setVisible(bool(text))

    def _draw(self) -> None:
        """Frame the noted calls of the page in view."""
        source, annotation = self._source, self._annotation
        if source is None or annotation is None or source.image != self._of:
            return
        if self._page >= source.stack.layout.n_pages:
            return
        if self._frames.is_removed:  # who removes it has done with it
            self._frames.forget()
            self._forget()
            return
        self._frames.show(source, annotation, self._page, self._walk.marked_s)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._open, stretch=1)
        buttons.addWidget(self._again, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self._told)
        layout.addWidget(self.bar)
        layout.addWidget(self._walk)
