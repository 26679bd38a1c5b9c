"""Which recordings, folders or project somebody wants on the list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from qtpy.QtGui import QDropEvent
    from qtpy.QtWidgets import QWidget

_SUFFIXES = "Recordings (*.wav *.WAV *.flac *.aiff *.aif *.au *.caf *.w64 *.rf64);;All files (*)"


def ask_for_files(parent: QWidget) -> list[Path]:
    """Recordings; none where it is cancelled, as below."""
    files, _ = QFileDialog.getOpenFileNames(parent, "Recordings", "", _SUFFIXES)
    return [Path(file) for file in files]


def ask_for_folder(parent: QWidget, title: str) -> list[Path]:
    """A folder."""
    folder = QFileDialog.getExistingDirectory(parent, title)
    return [Path(folder)] if folder else []


def dropped(event: QDropEvent) -> list[Path]:
    """The files and folders of this machine that are dragged or dropped."""
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
