"""The recordings of a list whose names are hidden: under their codes, and in the order of these."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMessageBox

from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.hidden_names import code_number
from napari_squeakout.gui.names.shown import NAMES, key_of
from napari_squeakout.io.sessions.hiding import hidden_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qtpy.QtWidgets import QWidget

    from napari_squeakout.core.review.hidden_names import HiddenName
    from napari_squeakout.io.sessions.project import RecordingRow

# A list is looked over again and again; some 0.5 ms a recording are spent once.
_MOST_KNOWN = 2**14
_SURE = "Show the names of all recordings on this list? What was approved until now stays so."


def name_of(path: Path) -> str:
    """What a recording is called on the screen."""
    return NAMES.code_of([path]) or NAMES.veiled(path.name)


def hide_listed(rows: Sequence[RecordingRow], *, also_shown: bool) -> None:
    """Hide the names that are to be hidden, in the whole window."""
    NAMES.hide(
        {key_of([row.path]): _hidden(row.code, row.path, row.session) for row in rows if row.code},
        also_shown=also_shown,
    )


@lru_cache(_MOST_KNOWN)
def _hidden(code: str, path: Path, session: Path | None) -> HiddenName:
    sessions = [] if session is None else [session]
    return hidden_name(code, [path], name=path.stem, sessions=sessions)


def show_listed(rows: Sequence[RecordingRow]) -> None:
    """Show the names of those that are to be hidden no more."""
    NAMES.show([key_of([row.path]) for row in rows if not row.code])


def in_order_shown(rows: Sequence[RecordingRow]) -> list[RecordingRow]:
    """As listed; those whose names are hidden last, by their codes."""
    return sorted(rows, key=lambda row: code_number(NAMES.code_of([row.path])))


def may_show(parent: QWidget) -> bool:
    """Ask whether names are to be shown: what is known cannot be forgotten."""
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    return QMessageBox.question(parent, "Show names", _SURE, yes | no, no) == yes


def hidden_text(n: int, not_taken_down: int) -> str:
    """What has come of hiding the names of `n` recordings."""
    said = f"The names of {counted(n, 'recording')} are hidden."
    if not_taken_down:
        said += (
            f" {counted(not_taken_down, 'session')} cannot be written, open elsewhere perhaps: "
            "that is taken down there once they are opened from this list."
        )
    return said


def shown_text(n: int, not_taken_down: int) -> str:
    """What has come of showing them again."""
    said = f"The names of {counted(n, 'recording')} are shown."
    if not_taken_down:
        said += (
            f" {counted(not_taken_down, 'session')} cannot be written, open elsewhere perhaps, "
            "and stay hidden: open them by themselves to show their names."
        )
    return said
