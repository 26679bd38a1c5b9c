"""A settings class -> a dialog of magicgui's that asks for all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from magicgui.types import FileDialogMode
from magicgui.widgets import Dialog
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QDialogButtonBox, QWidget

from napari_squeakout.core.setting import Settings
from napari_squeakout.gui.qt.job_bar import message_label

from .fields import is_path
from .form import SettingsForm

Asked = TypeVar("Asked", bound=Settings)
#: A folder that is chosen; None until it is.
Folder = Annotated[Path | None, FileDialogMode.EXISTING_DIRECTORY]
_LEAST_PX = 460  # of a path one sees where it ends


def ask(
    parent: QWidget,
    settings: Asked,
    panel: str,
    *,
    title: str,
    words: str,
    accept: str,
    done: Callable[[Asked], object],
    fields: Sequence[str] | None = None,
) -> None:
    """Show settings in a dialog over a window, and go on once they are accepted.

    It can be accepted once each path is chosen and nothing contradicts.

    Parameters
    ----------
    parent : QWidget
        In whose window it is.
    settings : Settings
        What it begins with.
    panel : str
        First part of the object names: `<panel>_dialog`, `<panel>_accept`, `<panel>_<field>`.
    title, words, accept : str
        Over the dialog, at its top, and on its button.
    done : callable
        Gets the settings as they were accepted.
    fields : sequence of str, optional
        Those shown; all by default.
    """
    dialog = Dialog(parent=parent)
    window = dialog.native
    window.setObjectName(f"{panel}_dialog")
    window.setWindowTitle(title)
    form = SettingsForm(type(settings), panel, fields=fields)
    form.set_value(settings)
    form.setMinimumWidth(_LEAST_PX)
    window.layout().insertWidget(0, message_label(f"{panel}_words", words))
    window.layout().insertWidget(1, form)
    buttons = window.findChild(QDialogButtonBox)
    for one in buttons.buttons():
        one.setIcon(QIcon())  # no other button of napari's has one
    button = buttons.button(QDialogButtonBox.StandardButton.Ok)
    button.setObjectName(f"{panel}_accept")
    button.setText(accept)

    known = type(settings).model_fields
    shown = list(known) if fields is None else fields
    paths = [name for name in shown if is_path(known[name])]

    def refresh() -> None:
        is_whole = all(getattr(form.value(), name) is not None for name in paths)
        button.setEnabled(is_whole and form.is_valid())

    form.edited.connect(refresh)
    refresh()
    window.accepted.connect(lambda: done(form.value()))
    # Kept by what it waits for: magicgui's half would go at once.
    window.finished.connect(lambda _code, dialog=dialog: dialog.native.deleteLater())
    window.open()
