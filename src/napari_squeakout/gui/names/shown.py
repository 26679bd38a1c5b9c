"""How recordings are called on the screen: by their names, or by codes while names are hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QLabel, QWidget

from napari_squeakout.core.review.hidden_names import HiddenName, veil

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from napari_squeakout.core.stacks import SpectrogramStack

#: The first file of a source, and how many it has: that says which source it is.
Files = tuple["Path", int]


class ShownNames(QObject):
    """Which names are hidden; one for all windows of the program, as one person sits before them.

    All that is shown of a recording is asked for here: what it is called, and what is left of a
    sentence that may name it. Sessions and lists are where it is kept.
    """

    #: Other names are hidden.
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._hidden: dict[Files, HiddenName] = {}
        #: Those that a person has shown again.
        self._shown: set[Files] = set()
        self._veil = veil(())

    def hide(self, hidden: Mapping[Files, HiddenName], *, also_shown: bool = True) -> None:
        """Hide names, or hide them under other codes; what was known of them stays known.

        Parameters
        ----------
        hidden : mapping
            Source -> what is not to be read of it.
        also_shown : bool
            Also of sources whose names a person has shown since: not where what is kept may have
            been read before that.
        """
        if not also_shown:
            hidden = {files: one for files, one in hidden.items() if files not in self._shown}
        self._shown -= hidden.keys()
        all_known = {
            files: self._hidden[files].with_more(one) if files in self._hidden else one
            for files, one in hidden.items()
        }
        if any(self._hidden.get(files) != one for files, one in all_known.items()):
            self._take({**self._hidden, **all_known})

    def show(self, those: Collection[Files]) -> None:
        """Show names again."""
        self._shown |= set(those)
        if any(files in self._hidden for files in those):
            self._take({files: one for files, one in self._hidden.items() if files not in those})

    def forget(self) -> None:
        """Begin anew: of no source it is known any more that its name is hidden, or was."""
        self._shown = set()
        self._take({})

    def code_of(self, files: Sequence[Path]) -> str:
        """What stands for the name of a source; empty where that may be shown."""
        known = self._hidden.get(key_of(files)) if files and self._hidden else None
        return "" if known is None else known.code

    def veiled(self, text: str) -> str:
        """A text with codes where it names what is hidden."""
        return self._veil(text) if text and self._hidden else text

    def called(self, name: str) -> str:
        """The code of what has just this name; else the name, with codes in it."""
        codes = {one.code for one in self._hidden.values() if name in one.names}
        return self.veiled(name) if len(codes) != 1 else codes.pop()

    @property
    def codes(self) -> tuple[str, ...]:
        """Those that stand for names now."""
        return tuple(one.code for one in self._hidden.values())

    def _take(self, hidden: dict[Files, HiddenName]) -> None:
        self._hidden, self._veil = hidden, veil(hidden.values())
        self.changed.emit()


#: The one there is.
NAMES = ShownNames()


def key_of(files: Sequence[Path]) -> Files:
    """What tells a source from all others."""
    return files[0].resolve(), len(files)


def shown_name(stack: SpectrogramStack) -> str:
    """What a source is called on the screen."""
    return code_shown(stack) or NAMES.veiled(stack.layout.source)


def code_shown(stack: SpectrogramStack) -> str:
    """The code that is shown instead of a source's name; empty where that is shown."""
    return "" if stack.origin is None else NAMES.code_of(stack.origin.files)


class VeiledLabel(QLabel):
    """A line that names nothing that is hidden, also what was hidden after it was written."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole, self._whole_tip = "", ""
        self.setText(text)
        NAMES.changed.connect(self._show_again)

    def setText(self, text: str | None) -> None:  # noqa: N802 - Qt's name
        """Show a text."""
        self._whole = text or ""
        super().setText(NAMES.veiled(self._whole))

    def setToolTip(self, text: str | None) -> None:  # noqa: N802 - Qt's name
        """Show a text under the mouse."""
        self._whole_tip = text or ""
        super().setToolTip(NAMES.veiled(self._whole_tip))

    def _show_again(self) -> None:
        self.setText(self._whole)
        self.setToolTip(self._whole_tip)
