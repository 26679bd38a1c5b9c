"""Clean up: probabilities -> calls, at once on the page in view, beside the window on all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_squeakout.core.presets import CUSTOM, PRESETS, preset_of
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.forms.choice import ChoiceEditor
from napari_squeakout.gui.forms.form import SettingsForm
from napari_squeakout.gui.layers.page_watch import listen
from napari_squeakout.gui.layers.roles import SourceLayers
from napari_squeakout.gui.layers.sight import why_not_in_view
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.callbacks import later
from napari_squeakout.gui.qt.job_bar import JobBar, message_label

from .jobs import Cleaning, Order, sources_with_probabilities
from .judged import Judged
from .page_proposal import propose_page
from .page_told import PageTold

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_squeakout.gui.layers.viewer import Viewer
    from napari_squeakout.gui.source.registry import SourceRegistry
    from napari_squeakout.gui.source.state import SourceState

_BASIC = ("threshold", "erosion_iterations", "min_area_px", "min_duration_s", "join_gap_s")
_ADVANCED = (
    "fill_holes_px", "min_peak_probability", "drop_tone_trains", "keep_low_hz", "keep_high_hz",
)  # fmt: skip


class CleanPanel(QWidget):
    """Edits how the probabilities of the dock's source become calls.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    sources : SourceRegistry
        The states of its sources, of which several may be cleaned.
    is_segmented_now : callable
        Tells whether the network is at work on an image.
    """

    #: All pages of these orders are up to date.
    cleaned = Signal(object)

    def __init__(
        self,
        viewer: Viewer,
        sources: SourceRegistry,
        is_segmented_now: Callable[[Any], bool] = lambda _image: False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._page = 0
        self._watched: Any = None
        self.bar = JobBar("clean")
        self._cleaning = Cleaning(
            viewer, self.bar, sources=sources, ended=self._on_cleaned,
            is_segmented_now=is_segmented_now,
        )  # fmt: skip
        self.form = SettingsForm(
            CleanSettings, "clean", fields=(*_BASIC, *_ADVANCED), advanced=_ADVANCED
        )
        self._preset = ChoiceEditor("clean_preset", (*PRESETS, CUSTOM), "Preset of the clean-up")
        self._preset.set_tooltip("Settings that go together")
        self._preset.changed.connect(self._on_preset)
        self._apply = button("Apply to all pages", "clean_apply", "Clean all pages again")
        self._reset = button("Reset", "clean_reset", "Back to the paper's defaults")
        self._all = button(
            "Use for all", "clean_use_for_all",
            "Clean everything in this window that is segmented with these settings; pages "
            "corrected by hand stay as they are",
        )  # fmt: skip
        self._why_not_all = message_label("clean_use_for_all_why")
        self._judged = Judged()
        self._why = message_label("clean_why")
        self._told = PageTold()
        self._redraw_soon = later(self, 0, self.redraw)
        self._look_soon = later(self, 0, self._show_page)
        self._connect()
        self._lay_out()
        self.set_source(None, None)

    def set_source(
        self, source: SourceLayers | None, state: SourceState | None, page: int | None = None
    ) -> None:
        """Take the source to act on with its state and its page in view, or none."""
        self._source, self._state = source, state
        self._page = self._page if page is None else page
        self._watch(None if source is None else source.calls)
        usable = source is not None and source.probabilities is not None
        self._apply.setEnabled(usable)
        self._why.setText("" if usable else "Segment first: there are no probabilities to clean.")
        self._why.setVisible(not usable)
        self._offer_all()
        self._look()

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        if page != self._page:
            self._page = page
            self._look()

    def redraw(self) -> None:
        """Propose the page in view anew, unless a person has corrected it."""
        if self._source is None or self._source.probabilities is None:
            return
        self._propose(is_asked=False)
        self._look_soon.stop()  # the layer's events ask for what has just been done

    def _propose(self, *, is_asked: bool) -> None:
        source, state, settings = self._source, self._state, self.form.value()
        if source is None or state is None:
            return
        with self.bar.attempt():
            propose_page(
                self._viewer,
                source,
                state=state,
                page=self._page,
                settings=settings,
                is_asked=is_asked,
            )
        self._show_page()

    def apply(self, source: SourceLayers | None = None) -> None:
        """Clean all pages of a source, beside the window; what runs on it already is given up."""
        source = source or self._source
        if source is not None and source.probabilities is not None:
            self._cleaning.order([source], self.form.value())

    def clean_anew(self) -> None:
        """Clean as before: an older page has come back, the one in view is put right at once."""
        self.redraw()
        self.apply()

    def make_way(self) -> None:
        """Leave a source alone that the network has begun to work on."""
        self._cleaning.make_way()

    def use_for_all(self) -> None:
        """Clean all sources that have probabilities; pages corrected by hand stay."""
        self._cleaning.order(sources_with_probabilities(self._viewer), self.form.value())

    def show_settings(self, settings: CleanSettings) -> None:
        """Take settings that the calls were made with: nothing is cleaned anew."""
        self.form.set_value(settings)
        self._preset.set_value(preset_of(settings))
        self._tell_judged()

    def _tell_judged(self) -> None:
        self._judged.tell(self.form.value().threshold)

    def follow_model(self, model: str, judged: CleanSettings | None) -> None:
        """A model is asked: take what it was judged with, unless a person has chosen otherwise.

        Parameters
        ----------
        model : str
            Its name.
        judged : CleanSettings, optional
            What it was judged with; without, the defaults.
        """
        is_chosen = self.form.value() != self._judged.settings
        self._judged.follow(model, judged)
        if not is_chosen:
            self.show_settings(self._judged.settings)
        self._tell_judged()

    def disconnect_viewer(self) -> None:
        """Stop listening to layers."""
        self._watch(None)

    def _on_settled(self, settings: CleanSettings) -> None:
        # Pressing "Use for all" right after dragging has brought this about already.
        if self._source is not None and not self._cleaning.is_ordered(self._source, settings):
            self.apply()

    def _on_cleaned(self, done: list[Order]) -> None:
        self._look()
        self.cleaned.emit(done)

    def _redo_page(self) -> None:
        source = self._source
        if source is None or source.probabilities is None:
            return
        unseen = why_not_in_view(self._viewer, source)
        if unseen:
            self.bar.say(unseen)
        else:
            self._propose(is_asked=True)

    def _offer_all(self) -> None:
        sources = sources_with_probabilities(self._viewer)
        self._all.setEnabled(len(sources) > 1)
        only = f"only {sources[0].image.name}" if sources else "nothing"
        self._why_not_all.setText(f"So far {only} is segmented.")
        self._why_not_all.setVisible(len(sources) <= 1)

    def _watch(self, layer: Any) -> None:
        """Listen to the calls layer: painting and undo change what there is to say."""
        hear = self._on_layer
        listen(layer, instead_of=self._watched, on_data=hear, on_paint=hear)
        self._watched = layer

    def _on_layer(self, _event: Any = None) -> None:
        self._look_soon.start()

    def _look(self) -> None:
        """Take in a page that was not in view before."""
        self._told.arrive(self._source, self._state, self._page)
        self._show_page()

    def _show_page(self) -> None:
        self._told.show(self.form.value().threshold)

    def _on_value(self, settings: CleanSettings) -> None:
        self._preset.set_value(preset_of(settings))
        self._told.histogram.set_threshold(settings.threshold)
        self._tell_judged()
        self._redraw_soon.start()

    def _on_preset(self) -> None:
        preset = PRESETS.get(self._preset.value())
        if preset is not None:
            self.form.change_to(preset)

    def _connect(self) -> None:
        self.form.value_changed.connect(self._on_value)
        self.form.settled.connect(self._on_settled)
        self._apply.clicked.connect(lambda _checked: self.apply())
        self._all.clicked.connect(self.use_for_all)
        self._reset.clicked.connect(self.form.reset)
        self._told.redo.clicked.connect(self._redo_page)

    def _lay_out(self) -> None:
        presets = QHBoxLayout()
        presets.addWidget(QLabel("Preset"))
        presets.addWidget(self._preset, stretch=3)
        presets.addWidget(self._reset)
        buttons = QHBoxLayout()
        buttons.addWidget(self._apply, stretch=1)
        buttons.addWidget(self._all, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._why)
        layout.addLayout(presets)
        lines: tuple[QWidget, ...] = (
            self._told.histogram, self._judged.line, self._told.changes, self._told.corrected,
            self._told.redo, self.form,
        )  # fmt: skip
        for widget in lines:
            layout.addWidget(widget)
        layout.addLayout(buttons)
        for widget in (self._why_not_all, self.bar):
            layout.addWidget(widget)
