"""The button that hides the name of what is open, and shows it where that is confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.source.hiding import hide_name, show_name
from napari_squeakout.io.sessions.hiding import is_hidden_with_list

if TYPE_CHECKING:
    from pathlib import Path

    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.state import SourceState

_HIDE = (
    "Show a code instead of the name of this recording, also when its session is opened again, "
    "until the name is shown"
)
_SHOW = "Show the name of this recording again"
_SURE = "Show the name of this recording? What was approved until now stays so."
_NO_FILE = "These pages come from no file: rename their layers"
_WITH_LIST = "Hidden with its list of recordings: press Show names there"
_NOT_KEPT = "The name is hidden here only: this session {}, so no record of it is kept."
_STAYS = "The name is shown here only: this session {}, so it opens with its name hidden."


class NameBox(QWidget):
    """Hides the name of the source that the dock acts on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: SourceLayers | None = None
        self._state: SourceState | None = None
        self._asked: tuple[Path, str] | None = None
        self._is_beside = False
        self._switch = button("Hide name", "name_switch", _HIDE)
        self._told = message_label("name_told")
        self._switch.clicked.connect(lambda _checked=False: self._on_switch())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._switch)
        layout.addWidget(self._told)
        self.set_source(None, None)

    def set_source(
        self, source: SourceLayers | None, state: SourceState | None, *, is_listed: bool = False
    ) -> None:
        """Follow the dock's source.

        Parameters
        ----------
        source, state : optional
            What the dock acts on.
        is_listed : bool
            Whether its name is hidden with those of the list that is open.
        """
        if source is None or self._source is None or source.image != self._source.image:
            self._say("")
        self._source, self._state = source, state
        is_hidden = state is not None and bool(state.code)
        why = ""
        if source is not None and source.stack.origin is None:
            why = _NO_FILE
        elif is_hidden and (is_listed or self._is_with_list()):
            why = _WITH_LIST
        self._switch.setText("Show name…" if is_hidden else "Hide name")
        self._switch.setToolTip(why or (_SHOW if is_hidden else _HIDE))
        self._switch.setEnabled(source is not None and not why)
        self.setVisible(source is not None)

    def _is_with_list(self) -> bool:
        """Whether the session lies with a list whose names are hidden; looked up once a code."""
        state = self._state
        if state is None or state.session is None:
            return False
        asked = (state.session.folder, state.code)
        if asked != self._asked:
            self._asked, self._is_beside = asked, is_hidden_with_list(asked[0])
        return self._is_beside

    def _on_switch(self) -> None:
        source, state = self._source, self._state
        if source is None or state is None:
            return
        if not state.code:
            hide_name(source, state)
            self._say(_NOT_KEPT.format(state.read_only) if state.read_only else "")
        elif self._may_show():
            show_name(source)
            self._say(_STAYS.format(state.read_only) if state.read_only else "")
        self.set_source(source, state)

    def _may_show(self) -> bool:
        """Ask: what is known cannot be forgotten."""
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        return QMessageBox.question(self, "Show name", _SURE, yes | no, no) == yes

    def _say(self, text: str) -> None:
        self._told.setText(text)
        self._told.setVisible(bool(text))
