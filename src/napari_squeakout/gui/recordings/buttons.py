"""What can be done with a list of recordings."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QPushButton

from napari_squeakout.gui.qt.buttons import button


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
        self.next = button(
            f"Next  [ {next_key} ]", "recordings_next",
            "Save and close this recording, and open the next one not reviewed yet (key X)",
        )  # fmt: skip

    def filling(self) -> QHBoxLayout:
        """A row of those that fill the list."""
        return _row(self.add, self.add_folder, self.open)

    def doing(self) -> tuple[QHBoxLayout, QHBoxLayout]:
        """Two rows of those that act on what is on the list."""
        return _row(self.segment, self.remove), _row(self.gather, self.next)


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for one in buttons:
        row.addWidget(one, stretch=1)
    return row
