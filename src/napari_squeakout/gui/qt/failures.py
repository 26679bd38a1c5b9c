"""An error -> one sentence for the user, and everything that is known for whoever helps."""

from __future__ import annotations

import platform
import sys
import traceback
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from pydantic import ValidationError

from napari_squeakout.core.errors import SqueakOutError, is_disk_full, is_out_of_memory


@dataclass(frozen=True)
class Failure:
    """What went wrong: a sentence for the user, the rest for whoever helps."""

    sentence: str
    details: str


def failure_of(error: Exception) -> Failure:
    """Put an error into one sentence, and into all that is known of it."""
    trace = "".join(traceback.format_exception(error))
    return Failure(_sentence(error), f"{_versions()}\n\n{trace}")


def _sentence(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, SqueakOutError):
        return text
    if is_out_of_memory(error):
        return "Out of memory: set a smaller batch size, choose the CPU, or close other programs."
    if is_disk_full(error):
        return "The disk is full: free space and try again."
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    if isinstance(error, ValueError) and text:
        return text
    known = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"Something unexpected happened ({known[:200]}): copy the diagnostics and report it."


def _versions() -> str:
    names = ("napari-squeakout", "napari", "qtpy", "superqt", "numpy", "torch")
    lines = [f"{name} {_version(name)}" for name in names]
    return "\n".join([f"Python {sys.version.split()[0]} on {platform.platform()}", *lines])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
