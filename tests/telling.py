"""All that a person can read in a window, gathered to look for words that should not be there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from napari.utils.notifications import notification_manager
from qtpy.QtCore import QAbstractListModel, Qt
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QStatusBar,
    QTextEdit,
    QWidget,
)

_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
_SIDES = (Qt.Orientation.Horizontal, Qt.Orientation.Vertical)
_MOST = 60


def telling(viewer: Any, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Where one of these words is read: what it was found in, and the text."""
    found = [*_of_widgets(), *_of_layers(viewer), *_of_notices()]
    return [(where, text) for where, text in found if any(w in text.casefold() for w in words)]


def _of_widgets() -> Iterator[tuple[str, str]]:
    for widget in QApplication.allWidgets():
        name = f"{type(widget).__name__} {widget.objectName()}"
        texts = [widget.toolTip(), widget.statusTip(), widget.whatsThis(), widget.windowTitle()]
        texts += [widget.accessibleName(), widget.accessibleDescription()]
        for text in filter(None, (*texts, *_own_texts(widget))):
            yield name, text


def _own_texts(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QLineEdit):
        yield from (widget.text(), widget.placeholderText())
    elif isinstance(widget, QTextEdit):
        yield widget.toPlainText()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(index) for index in range(widget.count()))
    elif isinstance(widget, QStatusBar):
        yield widget.currentMessage()
    elif isinstance(widget, QMenu):
        yield from (text for one in widget.actions() for text in (one.text(), one.toolTip()))
    elif isinstance(widget, QAbstractItemView):
        yield from _of_model(widget.model())


def _of_model(model: Any) -> Iterator[str]:
    if model is None:
        return
    is_list = isinstance(model, QAbstractListModel)
    rows = min(model.rowCount(), _MOST)
    columns = 1 if is_list else min(model.columnCount(), _MOST)
    for role in _ROLES:
        for row in range(rows):
            for column in range(columns):
                yield str(model.data(model.index(row, column), role) or "")
        for side, n in zip(_SIDES, (columns, rows), strict=True):
            yield from (str(model.headerData(k, side, role) or "") for k in range(n))


def _of_layers(viewer: Any) -> Iterator[tuple[str, str]]:
    yield "title", viewer.title
    yield "status", str(viewer.status)
    for layer in viewer.layers:
        yield "layer", layer.name
        yield "source", str(layer.source)
        yield "under the mouse", layer.get_source_str()
        if hasattr(layer, "features"):
            yield "features", layer.features.to_csv()


def _of_notices() -> Iterator[tuple[str, str]]:
    for notice in notification_manager.records:
        yield "notice", str(notice.message)
