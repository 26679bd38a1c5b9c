"""Dialogs that ask for a session: one that is there, where to copy one, where its files are now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog

from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.record import SUFFIX

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


def ask_for_session(
    parent: QWidget, title: str = f"Open a session (a folder {SUFFIX})"
) -> Path | None:
    """Which session is meant; None where none is chosen."""
    name = QFileDialog.getExistingDirectory(parent, title, str(sessions_folder()))
    return Path(name) if name else None


def ask_for_files(parent: QWidget) -> Path | None:
    """Where the files of a session are now; None where nothing is chosen."""
    name = QFileDialog.getExistingDirectory(parent, "Folder with the recording or images")
    return Path(name) if name else None


def ask_for_copy(parent: QWidget, source: str) -> Path | None:
    """Where the session of a source is to be copied, with the ending of one; or None."""
    start = str(Path.home() / f"{source}{SUFFIX}")
    name, _ = QFileDialog.getSaveFileName(parent, "Save session as", start, "", "")
    if not name:
        return None
    folder = Path(name)
    return folder if folder.suffix == SUFFIX else folder.with_name(f"{folder.name}{SUFFIX}")
