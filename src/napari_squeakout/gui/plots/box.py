"""What stands beside a plot: which one it is, its settings, what it says, what can be done."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from napari_squeakout.core.plots.settings import SETTINGS_OF, PlotSettings
from napari_squeakout.gui.forms.form import SettingsForm
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label

_COLUMN_PX, _LEAST_PX, _WANTED_PX = 296, 82, 220


class PlotsBox(QWidget):
    """A column of settings, and room for the plot on its right.

    The column scrolls, so that it asks for no more height than the plot does.
    """

    #: It comes into sight.
    seen = Signal()

    def __init__(self, settings: PlotSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plots")
        self.form = SettingsForm(PlotSettings, "plots")
        self.form.set_value(settings)
        self.message = message_label("plots_message")
        self.show_all = button(
            "Show all", "plots_show_all", "All of the plot again, after the wheel has zoomed"
        )
        self.show_all.setEnabled(False)
        self.save = button(
            "Save picture…", "plots_save", "Save the plot as it is seen, as .png or .svg, on white"
        )
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 2, 4, 2)
        self._row.setSpacing(6)
        self._row.addWidget(self._column())
        self.setMinimumHeight(_LEAST_PX)
        self.follow_settings(settings)

    def add_area(self, area: QWidget) -> None:
        """Put the plot where there is room for it."""
        self._row.addWidget(area, stretch=1)

    def follow_settings(self, settings: PlotSettings) -> None:
        """Show the settings that matter to the plot chosen."""
        self.form.show_only(("plot", *SETTINGS_OF[settings.plot]))

    def say(self, text: str) -> None:
        """Put a sentence below the settings."""
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """All settings, and a plot that can be read."""
        return QSize(super().sizeHint().width(), _WANTED_PX)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Be seen."""
        super().showEvent(event)
        self.seen.emit()

    def _column(self) -> QScrollArea:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(2, 2, 6, 2)
        layout.setSpacing(4)
        buttons = QHBoxLayout()
        buttons.addWidget(self.show_all)
        buttons.addWidget(self.save)
        layout.addWidget(self.form)
        layout.addLayout(buttons)
        layout.addWidget(self.message)
        layout.addStretch(1)
        column = QScrollArea()
        column.setObjectName("plots_column")
        column.setAccessibleName("Settings of the plot")
        column.setWidget(inside)
        column.setWidgetResizable(True)
        column.setFrameShape(QFrame.Shape.NoFrame)
        column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.setFixedWidth(_COLUMN_PX)
        column.setMinimumHeight(0)
        return column
