"""Plots of the calls in the window: follow the rows of the table, and choose them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QCheckBox

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.plots.plotting import plot_of
from napari_squeakout.core.plots.settings import PlotSettings
from napari_squeakout.gui.forms.form import make_widget
from napari_squeakout.gui.names.shown import shown_name
from napari_squeakout.gui.qt.wording import sentence
from napari_squeakout.gui.under_picture import PLOT_OF_WINDOW, WITH_CALLS, UnderPicture
from napari_squeakout.io.preferences import keep_preferences, read_preferences

from .box import PlotsBox
from .settings import PlotsShownSettings

if TYPE_CHECKING:
    from napari_squeakout.core.plots.marks import Keys, Plot
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.layers.viewer import Viewer

    from .area import PlotArea

#: Under these names it is kept whether plots are wanted, and what they show.
_KEPT_AS, _SETTINGS_KEPT_AS = "plots", "plot_settings"


class PlotsUnderPicture(QObject):
    """Plots of the calls that the table shows; drawn only while they are seen.

    Parameters
    ----------
    viewer : napari.Viewer
        The window.
    parent : QObject
        The dock.
    """

    #: Calls are to be measured, or need not be any more.
    needed = Signal(bool)
    #: The plot is seen: it wants the calls as they are.
    asked = Signal()
    #: Keys of calls whose marks were clicked on or framed.
    chosen = Signal(object)
    #: Key of the call whose mark was clicked on twice.
    gone_to = Signal(object)

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.box = PlotsBox(read_preferences(PlotSettings, _SETTINGS_KEPT_AS))
        self._under = UnderPicture(
            viewer, self.box, "Plots", self, place=WITH_CALLS, of_window=PLOT_OF_WINDOW
        )
        shown = make_widget("shown", PlotsShownSettings.model_fields["shown"], "plots")
        self.switch: QCheckBox = shown.native
        self.switch.setText("Plots of the calls under the picture")
        self.switch.setChecked(read_preferences(PlotsShownSettings, _KEPT_AS).shown)
        self._source: SourceLayers | None = None
        self._calls: pd.DataFrame = pd.DataFrame()
        self._keys: Keys = np.zeros(0, np.int64)
        self._words, self._said, self._is_waiting = "", "", False
        #: pyqtgraph takes half a second to be imported: it is when a plot is first seen.
        self.area: PlotArea | None = None
        self.plot: Plot | None = None
        self._connect()

    def set_source(self, source: SourceLayers | None) -> None:
        """Follow the dock's source; without calls there are no plots."""
        if source is None or self._source is None or source.image != self._source.image:
            self._said = ""
        self._source = source
        self._place()

    def is_seen(self) -> bool:
        """Whether somebody looks at it."""
        return self.box.isVisible() and self._under.is_in_front

    def set_calls(self, calls: pd.DataFrame, keys: Keys, words: str, *, is_waiting: bool) -> None:
        """Plot these calls.

        Parameters
        ----------
        calls : DataFrame
            Rows that the table shows; the index has their keys.
        keys : NDArray
            (chosen,) int64 of those that are chosen.
        words : str
            How many there are, and what is still to come.
        is_waiting : bool
            Whether something is still to come.
        """
        self._is_waiting = is_waiting
        self._calls, self._keys, self._words = calls, keys, words
        if self.is_seen():
            self._draw()

    def set_chosen(self, keys: Keys, words: str) -> None:
        """Mark these calls."""
        self._keys, self._words = keys, words
        if self.area is not None and self.is_seen():
            self.area.choose(keys)
            self._tell()

    def save_shown(self) -> None:
        """Ask for a file, and write the plot as it is seen."""
        from .saving import asked_path, save_picture  # imports pyqtgraph

        source, area, plot = self._source, self.area, self.plot
        if source is None or area is None or plot is None:
            return
        if self._is_waiting:
            self._say("Calls are still being measured: save the plot when that has ended.")
            return
        name = f"{shown_name(source.stack)} {self.box.form.value().plot}"
        path, ending = asked_path(self.box, name)
        if not path:
            return
        if self.plot is not plot or self._source is not source:
            self._say("The plot has changed meanwhile: save it again.")
            return
        try:
            self._say(save_picture(area, path, ending, layer=source.image))
        except (SqueakOutError, OSError) as error:
            self._say(f"{error}.")

    def end(self) -> None:
        """Leave the window."""
        self._under.end()

    # --- its place ------------------------------------------------------------------------------

    def _place(self) -> None:
        source = self._source
        has_calls = source is not None and source.calls is not None
        is_there = self.switch.isChecked() and has_calls
        self.needed.emit(is_there)
        self._under.place(is_there)
        if self.is_seen():
            self._on_seen()

    def _on_switched(self, is_on: bool) -> None:
        keep_preferences(PlotsShownSettings(shown=is_on), _KEPT_AS)
        self._place()

    def _on_seen(self) -> None:
        if self.is_seen():
            self.asked.emit()

    # --- its marks ------------------------------------------------------------------------------

    def _draw(self) -> None:
        settings = self.box.form.value()
        self.plot = plot_of(self._calls, settings, self._span_s())
        self._area().show_plot(self.plot, self._keys, settings.bout_gap_s)
        self._tell()

    def _area(self) -> PlotArea:
        if self.area is None:
            from .area import PlotArea

            area = self.area = PlotArea()
            self.box.add_area(area)
            area.chosen.connect(self._on_chosen)
            area.gone_to.connect(self.gone_to)
            area.cut_moved.connect(self._on_cut)
            area.zoomed.connect(self.box.show_all.setEnabled)
            self.box.show_all.clicked.connect(area.show_all)
        return self.area

    def _tell(self) -> None:
        """How many calls there are, how many bouts, and what has no mark."""
        plot = self.plot
        if plot is None:
            return
        parts = [sentence(self._words)]
        if plot.silences_s is not None:
            gap_s = self.box.form.value().bout_gap_s
            parts.append(f"Bouts at a silence of {gap_s:g} s: {plot.n_bouts(gap_s)}.")
        self.box.say(" ".join(filter(None, [self._said, *parts, plot.note])))
        self.box.save.setEnabled(plot.n_calls > 0)

    def _say(self, text: str) -> None:
        self._said = text
        self._tell()

    def _span_s(self) -> tuple[float, float] | None:
        """Where the recording begins and ends; None for images."""
        stack = None if self._source is None else self._source.stack
        if stack is None or stack.recording is None or stack.layout.starts_s is None:
            return None
        starts_s = stack.layout.starts_s
        return float(starts_s[0]), max(float(starts_s[-1]), stack.recording.duration_s)

    # --- what is done to it ---------------------------------------------------------------------

    def _on_settings(self, settings: PlotSettings) -> None:
        self._said = ""
        self.box.follow_settings(settings)
        if self.is_seen():
            self._draw()

    def _on_settled(self, settings: PlotSettings) -> None:
        keep_preferences(settings, _SETTINGS_KEPT_AS)

    def _on_chosen(self, keys: Keys, adds: bool) -> None:
        self._said = ""
        self.chosen.emit(np.union1d(self._keys, keys) if adds else keys)

    def _on_cut(self, gap_s: float, is_let_go: bool) -> None:
        settings = self.box.form.value().model_copy(update={"bout_gap_s": gap_s})
        if is_let_go:
            self.box.form.change_to(settings)
        else:
            self.box.form.set_value(settings)
            self._tell()

    def _connect(self) -> None:
        self._under.toggled.connect(self.switch.setChecked)
        self._under.seen.connect(self._on_seen)
        self.switch.toggled.connect(self._on_switched)
        self.box.seen.connect(self._on_seen)
        self.box.save.clicked.connect(self.save_shown)
        self.box.form.value_changed.connect(self._on_settings)
        self.box.form.settled.connect(self._on_settled)
