"""What napari notifies of names nothing that is hidden, whoever it comes from."""

from __future__ import annotations

from typing import Any

from napari.utils.notifications import notification_manager

from napari_squeakout.gui.names.shown import NAMES


def veil_notices() -> None:
    """Take names out of notifications from now on, before they are shown; once is enough."""
    notification_manager.notification_ready.disconnect(_veil)
    notification_manager.notification_ready.connect(_veil, position="first")


def _veil(notice: Any) -> None:
    notice.message = NAMES.veiled(str(notice.message))
    if hasattr(notice, "as_html"):  # an error, with its traceback
        as_html, as_text = notice.as_html, notice.as_text
        notice.as_html = lambda: NAMES.veiled(as_html())
        notice.as_text = lambda: NAMES.veiled(as_text())


# napari calls what is of its own modules before all else, and so shows a notification first.
_veil.__module__ = "napari.utils.notifications"
