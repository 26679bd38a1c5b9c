"""Where this package keeps what is no result: models, sessions, trainings, downloads."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_PACKAGE = "napari-squeakout"


def home_folder() -> Path:
    """What is to stay: in $NAPARI_SQUEAKOUT_HOME, or the user's data folder."""
    return _stated() or Path(platformdirs.user_data_dir(_PACKAGE))


def cache_folder() -> Path:
    """What can be had again: in $NAPARI_SQUEAKOUT_HOME, or the user's cache folder."""
    return _stated() or Path(platformdirs.user_cache_dir(_PACKAGE))


def log_file() -> Path:
    """Where the command keeps the tracebacks of what went wrong."""
    return home_folder() / "logs" / "squeakout.log"


def no_entry_text(folder: Path, error: OSError) -> str:
    """What to say of a folder in the home that may not be looked into."""
    return (
        f"{folder}: may not be looked into ({error.strerror or error}): ask for permission, or set "
        "NAPARI_SQUEAKOUT_HOME to another folder"
    )


def _stated() -> Path | None:
    home = os.environ.get("NAPARI_SQUEAKOUT_HOME")
    return Path(home).expanduser() if home else None
