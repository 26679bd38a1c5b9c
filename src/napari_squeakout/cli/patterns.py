"""What the shells of Windows leave to programs: names with * and ?."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable

_SHELL_LEAVES_THEM = os.name == "nt"


def spelt_out(words: Iterable[str]) -> list[str]:
    """Put the files that a pattern fits in its place, as the shells of Linux and macOS do.

    Parameters
    ----------
    words : iterable of str
        Arguments of the command. Flags, and patterns that nothing fits, stay as they are. Brackets
        are no pattern here: recordings are called `mouse [2].wav`.
    """
    if not _SHELL_LEAVES_THEM:
        return list(words)
    return [file for word in words for file in _fitting(word)]


def _fitting(word: str) -> list[str]:
    if word.startswith("-") or not ("*" in word or "?" in word):
        return [word]
    # Path.glob takes no pattern that begins at a drive.
    return sorted(glob.glob(word.replace("[", "[[]"))) or [word]  # noqa: PTH207
