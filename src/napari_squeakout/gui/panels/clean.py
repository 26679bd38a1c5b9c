"""Clean up: probabilities -> calls, at once on the page in view, beside the window on all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QSignalBlocker, QTimer
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.calls_layer import calls_layer, known_proposals, proposals_of
from napari_squeakout.gui.editors import ChoiceEditor
from napari_squeakout.gui.form import SettingsForm
from napari_squeakout.gui.histogram import Histogram
from napari_squeakout.gui.job_bar import JobBar, message_label
from napari_squeakout.gui.jobs import State
from napari_squeakout.gui.layers import SourceLayers, show_calls, write_page
from napari_squeakout.gui.proposals import Report, count_calls
from napari_squeakout.gui.section import Section

from .tools import Tools

if TYPE_CHECKING:
    from napari_squeakout.core.steps import Progress

_BASIC = ("threshold", "erosion", "min_area_px", "min_duration_s", "join_gap_s")
_ADVANCED = ("fill_holes_px", "min_peak", "keep_low_hz", "keep_high_hz")
PRESETS = {
    "Paper's default": CleanSettings(),
    "Sensitive": CleanSettings(threshold=0.3, min_area_px=30, min_peak=0.4, min_duration_s=0.002),
    "Strict": CleanSettings(threshold=0.7, min_area_px=120, min_peak=0.85, min_duration_s=0.005),
}
_CUSTOM = "Custom"


class CleanPanel(QWidget):
    """Edits how the probabilities of the dock's source become calls.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    """

    def __init__(self, viewer: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._source: SourceLayers | None = None
        self._page = 0
        self._before = 0
        self._watched: Any = None
        self._running_on: SourceLayers | None = None
        self.bar = JobBar("clean")
        self.form = SettingsForm(
            CleanSettings, "clean", fields=(*_BASIC, *_ADVANCED), advanced=_ADVANCED
        )
        self._preset = ChoiceEditor("clean_preset", (*PRESETS, _CUSTOM))
        self._preset.set_tooltip("Settings that go together")
        self._preset.changed.connect(self._on_preset)
        self._apply = _button("Apply to all pages", "clean_apply", "Clean all pages again")
        self._reset = _button("Reset", "clean_reset", "Back to the paper's defaults")
        self._redo = _button(
            "Propose again", "clean_redo_page",
            "Replace the corrections of this page by what the settings give; Ctrl+Z takes it back",
        )  # fmt: skip
        self._why = message_label("clean_why")
        self._changes = message_label("clean_changes", " ")
        self._corrected = message_label("clean_corrected")
        self._histogram = Histogram("clean_histogram")
        self.tools = Tools(lambda: self.form.value().min_area_px)
        self._redraw_soon = QTimer(self, singleShot=True, interval=0)
        self._look_soon = QTimer(self, singleShot=True, interval=0)
        self._connect()
        self._lay_out()
        self.set_source(None)

    def set_source(self, source: SourceLayers | None) -> None:
        """Take the source to act on, or none."""
        self._source = source
        self._watch(None if source is None else source.calls)
        usable = source is not None and source.probabilities is not None
        self._apply.setEnabled(usable)
        self._why.setText("" if usable else "Segment first: there are no probabilities to clean.")
        self._why.setVisible(not usable)
        self._look()

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        if page != self._page:
            self._page = page
            self._look()

    def redraw(self) -> None:
        """Propose the page in view anew, unless a person has corrected it."""
        source, page = self._source, self._page
        if source is None or source.probabilities is None:
            return
        with self.bar.attempt():
            proposals = proposals_of(self._viewer, source, self.form.value())
            if not proposals.is_corrected(page):
                values, settings = source.probabilities.data, self.form.value()
                write_page(
                    calls_layer(self._viewer, source),
                    page,
                    proposals.preview(values, page, settings),
                    undoable=False,
                )
                proposals.note(page)
        self._show_page()

    def apply(self, source: SourceLayers | None = None) -> None:
        """Clean all pages of a source, beside the window; what runs already is given up."""
        source = source or self._source
        if source is None or source.probabilities is None:
            return
        self.bar.job.restart(lambda: self._begin(source))

    def disconnect_viewer(self) -> None:
        """Stop listening to layers."""
        self._watch(None)
        self.tools.disconnect_layer()

    def _begin(self, source: SourceLayers) -> None:
        with self.bar.attempt():
            proposals, self._running_on = (
                proposals_of(self._viewer, source, self.form.value()),
                source,
            )
            self.bar.start(
                proposals.rewrite(source.probabilities.data, self.form.value()),
                done=self._on_applied,
                ended=self._on_end,
            )

    def _on_applied(self, report: Report) -> None:
        source = self._running_on
        if source is None or source.image not in self._viewer.layers:
            self.bar.say("The source was removed while it was cleaned.")
            return
        layer = calls_layer(self._viewer, source)
        if layer is None:
            self.bar.say(f"The calls of {_name(source)} were removed while they were cleaned.")
            return
        show_calls(self._viewer, source.image, layer.data, report.settings)
        kept = f" {_counted(report.n_kept, 'corrected page')} kept." if report.n_kept else ""
        self.bar.say(f"{_name(source)}: {_counted(report.n_calls, 'call')}.{kept}")
        self._look()

    def _on_end(self, state: State, _last: Progress | None) -> None:
        if state is State.CANCELLED and self._running_on is not None:
            self.bar.say(
                f"Cancelled: some pages of {_name(self._running_on)} still have their old calls; "
                "apply again to bring all up to date."
            )

    def _redo_page(self) -> None:
        source = self._source
        if source is None or source.probabilities is None:
            return
        with self.bar.attempt():
            proposals = proposals_of(self._viewer, source, self.form.value())
            page = proposals.preview(source.probabilities.data, self._page, self.form.value())
            layer = calls_layer(self._viewer, source)
            write_page(layer, self._page, page, undoable=True)
            proposals.note(self._page)
        self._show_page()

    def _watch(self, layer: Any) -> None:
        """Listen to the calls layer: painting and undo change what there is to say."""
        if layer == self._watched:
            return
        if self._watched is not None:
            self._watched.events.set_data.disconnect(self._on_layer)
            self._watched.events.paint.disconnect(self._on_layer)
        self._watched = layer
        if layer is not None:
            layer.events.set_data.connect(self._on_layer)
            layer.events.paint.connect(self._on_layer)

    def _on_layer(self, _event: Any = None) -> None:
        self._look_soon.start()

    def _look(self) -> None:
        """Take in a page that was not in view before."""
        source = self._source
        calls = None if source is None else source.calls
        self._before = 0 if calls is None else count_calls(np.asarray(calls.data[self._page]))
        self.tools.set_labels(calls, self._page)
        self._show_page()

    def _show_page(self) -> None:
        """Say what is on the page in view."""
        source, page = self._source, self._page
        calls = None if source is None else source.calls
        probabilities = None if source is None else source.probabilities
        values = None if probabilities is None else np.asarray(probabilities.data[page])
        self._histogram.set_page(values)
        self._histogram.set_threshold(self.form.value().threshold)
        self._histogram.setVisible(values is not None)
        now = 0 if calls is None else count_calls(np.asarray(calls.data[page]))
        was = f" ({self._before} before)" if now != self._before else ""
        self._changes.setText(f"This page: {_counted(now, 'call')}{was}")
        self._changes.setVisible(calls is not None)
        known = known_proposals(calls)
        corrected = known is not None and known.is_corrected(page)
        self._corrected.setText("Corrected by hand: settings leave this page as it is.")
        self._corrected.setVisible(corrected)
        self._redo.setVisible(corrected)
        self.tools.refresh()

    def _on_value(self, settings: CleanSettings) -> None:
        same = [name for name, preset in PRESETS.items() if preset == settings]
        with QSignalBlocker(self._preset):
            self._preset.set_value(same[0] if same else _CUSTOM)
        self._histogram.set_threshold(settings.threshold)
        self._redraw_soon.start()

    def _on_preset(self) -> None:
        preset = PRESETS.get(self._preset.value())
        if preset is not None:
            self.form.change_to(preset)

    def _connect(self) -> None:
        self.form.value_changed.connect(self._on_value)
        self.form.settled.connect(lambda _: self.apply())
        self._redraw_soon.timeout.connect(self.redraw)
        self._look_soon.timeout.connect(self._show_page)
        self._apply.clicked.connect(lambda _checked: self.apply())
        self._reset.clicked.connect(self.form.reset)
        self._redo.clicked.connect(self._redo_page)
        self.tools.used.connect(self._show_page)

    def _lay_out(self) -> None:
        presets = QHBoxLayout()
        presets.addWidget(QLabel("Preset"))
        presets.addWidget(self._preset, stretch=3)
        presets.addWidget(self._reset)
        tools = Section("Correct this page", "tools")
        tools.addWidget(self.tools)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._why)
        layout.addLayout(presets)
        for widget in (
            self._histogram, self._changes, self._corrected, self._redo, self.form, self._apply,
            self.bar, tools,
        ):  # fmt: skip
            layout.addWidget(widget)


def _name(source: SourceLayers) -> str:
    return str(source.stack.layout.source)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tooltip)
    return button
