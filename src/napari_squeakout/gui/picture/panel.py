"""How the page is shown, as a person likes it, also tomorrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_squeakout.gui.forms.form import SettingsForm
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.io.preferences import keep_preferences, read_preferences

from .settings import PictureSettings

if TYPE_CHECKING:
    from .picture import Picture

#: Under this name they are kept.
_KEPT_AS = "picture"
_NUMBERS = "N"


class PicturePanel(QWidget):
    """Sets how a picture shows the page.

    Parameters
    ----------
    picture : Picture
        Follows the settings.
    """

    def __init__(self, picture: Picture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self.form = SettingsForm(PictureSettings, "picture")
        self.form.set_value(read_preferences(PictureSettings, _KEPT_AS))
        self.form.value_changed.connect(self._on_change)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form)
        picture.show(self.form.value())

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown."""
        does = "Show or hide the numbers at calls"
        bind_key(dock, _NUMBERS, self._switch_numbers, does)

    def _switch_numbers(self) -> None:
        settings = self.form.value()
        self.form.change_to(settings.model_copy(update={"call_numbers": not settings.call_numbers}))

    def _on_change(self, settings: PictureSettings) -> None:
        self._picture.show(settings)
        keep_preferences(settings, _KEPT_AS)
