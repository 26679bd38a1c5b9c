"""The parts of the dock, one under the other in the order of the work, each under its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.io.preferences import keep_preferences, read_preferences

from .part_in_hand import PartInHand

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARGIN_PX, _BETWEEN_PX = 8, 6
#: Under this name it is kept which parts a person has folded and unfolded.
_KEPT_AS = "dock"


class PartsSettings(Settings):
    """Which parts of the dock are otherwise than they come, by their object names."""

    unfolded: tuple[str, ...] = setting((), "Parts that come folded and were unfolded by hand.")
    folded: tuple[str, ...] = setting((), "Parts that come unfolded and were folded by hand.")


class Sections(QWidget):
    """What is scrolled in the dock.

    Parameters
    ----------
    above : QWidget
        What stands over all parts.
    """

    def __init__(self, above: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dock_content")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        self._column.setSpacing(_BETWEEN_PX)
        self._column.addWidget(above)
        self._column.addStretch(1)
        self._come_open: dict[str, bool] = {}
        self._in_hand = PartInHand(self)

    def add(
        self,
        title: str,
        name: str,
        widgets: Sequence[QWidget],
        *,
        is_open: bool = True,
        is_remembered: bool = True,
    ) -> Section:
        """Put widgets under a title, below the parts that are there.

        It is folded or not as a person left it, where that `is_remembered`.
        """
        kept = read_preferences(PartsSettings, _KEPT_AS) if is_remembered else PartsSettings()
        was_open = name in kept.unfolded or (is_open and name not in kept.folded)
        section = Section(title, name, open_=was_open, main=True)
        for widget in widgets:
            section.addWidget(widget)
        self._column.insertWidget(self._column.count() - 1, section)
        self._in_hand.add(section)
        if is_remembered:
            self._come_open[name] = is_open
            section.turned_by_hand.connect(self._remember)
        return section

    def take_in_hand(self, *names: str) -> None:
        """The work goes on in these parts, the first of all: where not all fit, others fold."""
        self._in_hand.take(*names)

    def _remember(self, name: str, is_open: bool) -> None:
        kept = read_preferences(PartsSettings, _KEPT_AS)
        differs = is_open is not self._come_open[name]
        unfolded, folded = set(kept.unfolded) - {name}, set(kept.folded) - {name}
        if differs:
            (unfolded if is_open else folded).add(name)
        keep_preferences(
            PartsSettings(unfolded=tuple(sorted(unfolded)), folded=tuple(sorted(folded))), _KEPT_AS
        )
