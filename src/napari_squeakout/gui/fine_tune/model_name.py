"""A name for a new model, suggested until a person types another."""

from __future__ import annotations

import re
from collections.abc import Collection

from qtpy.QtWidgets import QLineEdit, QWidget

_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]+")
_STEM_LENGTH = 40


class ModelName(QLineEdit):
    """Edits the name of a model that is still to be made.

    Parameters
    ----------
    name : str
        Object name.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip("What the new model is called, here and on the command line")
        self._given = ""

    def value(self) -> str:
        """The name."""
        return self.text().strip()

    def give(self) -> None:
        """Use the name: the next model needs another."""
        self._given = self.text()

    def suggest(self, source: str, taken: Collection[str]) -> None:
        """Suggest a name after what is learned from, unless a person has typed one."""
        if not self.isModified() or self.text() == self._given:
            self.setText(free_name(source, taken))

    def why_not(self, taken: Collection[str]) -> str:
        """Why a model cannot be called that, in a sentence; empty where it can."""
        from napari_squeakout.core.model.card import is_name

        if not is_name(self.value()):
            return "Name the result: letters, digits, '-', '_' and '.', 64 at most."
        if self.value().lower() in {name.lower() for name in taken}:
            return f"A model is called {self.value()} already: choose another name."
        return ""


def free_name(source: str, taken: Collection[str]) -> str:
    """A name after a source that no model has: `mouse-1-tuned`, `mouse-1-tuned-2`."""
    stem = _FORBIDDEN.sub("-", source).strip("-")[:_STEM_LENGTH] or "lab"
    known = {name.lower() for name in taken}
    names = (f"{stem}-tuned", *(f"{stem}-tuned-{number}" for number in range(2, 10_000)))
    return next(name for name in names if name.lower() not in known)
