"""What is heard, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QWidget

from napari_squeakout.core.listening.sound import sounding
from napari_squeakout.io.tasks.saving_sound import SUFFIX, write_sound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.core.listening.settings import ListenSettings
    from napari_squeakout.core.listening.stretches import Stretch
    from napari_squeakout.core.recording import Recording
    from napari_squeakout.core.steps import Steps


def asked_path(parent: QWidget, name: str) -> str:
    """Where a person wants the sound; empty where nowhere."""
    path, _ = QFileDialog.getSaveFileName(
        parent, "Save the sound", f"{name}{SUFFIX}", f"Sound (*{SUFFIX})"
    )
    return str(path)


def saving(
    recording: Recording, stretches: Sequence[Stretch], settings: ListenSettings, file: Path
) -> Steps[str]:
    """Make sound and write it; what is to be said of it."""
    sound = yield from sounding(recording, stretches, settings)
    write_sound(sound, file)
    return f"Saved {sound.duration_s:.1f} s of sound, {settings.words}, to {file}."
