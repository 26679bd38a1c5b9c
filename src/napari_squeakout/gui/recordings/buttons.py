"""What can be done with a list of recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QPushButton

from napari_squeakout.gui.qt.buttons import button

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_squeakout.io.sessions.project import RecordingRow

_HIDE_TIP = (
    "Show codes instead of names, in an order drawn by chance, so that pages are judged without "
    "knowing whose they are; also when the list is opened again, until names are shown"
)
_SHOW_TIP = "Show the names of all recordings on the list again"


class ListButtons:
    """The buttons around the list.

    Parameters
    ----------
    next_key : str
        That presses `next`.
    """

    def __init__(self, next_key: str) -> None:
        self.add = button("Add files…", "recordings_add", "Put recordings on the list")
        self.add_folder = button(
            "Add folder…", "recordings_add_folder", "Put all recordings of a folder on the list"
        )
        self.open = button(
            "Open project…", "recordings_open",
            "Show the list of a project again: the folder with its project.json",
        )  # fmt: skip
        self.remove = button(
            "Remove", "recordings_remove",
            "Remove the selected recordings from the list; files and sessions stay",
        )  # fmt: skip
        self.segment = button(
            "Segment all", "recordings_segment",
            "Segment the selected recordings, or all that are not segmented yet, one after another",
        )  # fmt: skip
        self.gather = button(
            "Doubtful pages", "recordings_doubtful",
            "Gather the pages of all recordings on which the model is least sure: Next then goes "
            "from one to the other. Correcting these teaches a model most",
        )  # fmt: skip
        self.names = button("Hide names", "recordings_names", _HIDE_TIP)
        self.next = button(
            f"Next  [ {next_key} ]", "recordings_next",
            "Save and close this recording, and open the next one not reviewed yet (key X)",
        )  # fmt: skip

    def filling(self) -> QHBoxLayout:
        """A row of those that fill the list."""
        return _row(self.add, self.add_folder, self.open)

    def doing(self) -> tuple[QHBoxLayout, QHBoxLayout]:
        """Two rows of those that act on what is on the list."""
        return _row(self.segment, self.remove, self.names), _row(self.gather, self.next)

    def on_click(self, **acts: Callable[[], object]) -> None:
        """Connect buttons, by their names here, with what they do."""
        for name, act in acts.items():
            pressed: QPushButton = getattr(self, name)
            pressed.clicked.connect(lambda _checked=False, act=act: act())

    def allow(
        self,
        rows: Sequence[RecordingRow],
        *,
        n_chosen: int,
        is_free: bool,
        is_next: bool,
        are_hidden: bool,
    ) -> None:
        """Enable what can be used now, and say what it would do.

        Parameters
        ----------
        rows : sequence of RecordingRow
            On the list.
        n_chosen : int
            How many of them are.
        is_free : bool
            Whether nothing is at work.
        is_next : bool
            Whether there is a next one to go to.
        are_hidden : bool
            Whether names are.
        """
        self.segment.setText(f"Segment {n_chosen}" if n_chosen else "Segment all")
        self.segment.setEnabled(is_free and bool(rows))
        self.remove.setEnabled(is_free and bool(n_chosen))
        self.names.setText("Show names…" if are_hidden else "Hide names")
        self.names.setToolTip(_SHOW_TIP if are_hidden else _HIDE_TIP)
        self.names.setEnabled(is_free and bool(rows))
        for one in (self.add, self.add_folder, self.open):
            one.setEnabled(is_free)
        self.gather.setEnabled(is_free and any(row.n_segmented for row in rows))
        self.next.setEnabled(is_next)


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for one in buttons:
        row.addWidget(one, stretch=1)
    return row
