"""What tests of sight, hearing and keys share: a full dock, contrast, what is read out."""

from __future__ import annotations

from typing import Any

import numpy as np
from qtpy.QtCore import QPoint, QRect, Qt
from qtpy.QtGui import QColor, QImage, QPainter
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QWidget,
)
from windows import pixels_of, segment_until_calls_come, wait_until_idle

from napari_squeakout.gui.qt.section import Section

#: Text is measured enlarged: the strokes of small letters have no whole pixel of their colour.
ENLARGED = 3
#: So many enlarged pixels are a stroke; fewer may be where lines meet.
_STROKE_PX = 12


def fill_dock(qtbot: Any, monkeypatch: Any, viewer: Any, dock: Any, path: Any) -> None:
    """Segment `tones`, choose a call, unfold every part and show table, plots and overview."""
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, path)
    wait_until_idle(qtbot, dock)
    for switch in (dock.calls.switch, dock.plots.switch, dock.overview.switch):
        switch.setChecked(True)
    unfold_all(dock)
    wait_until_idle(qtbot, dock)


def unfold_all(dock: Any) -> None:
    """Open all parts, and the parts of parts."""
    for section in dock.findChildren(Section):
        section.expand(animate=False)  # where there is no room for all, others fold again


def luminance(colour: np.ndarray) -> np.ndarray:
    """Relative luminance of (..., 3) sRGB values of 0 to 255, by WCAG 2.2's definition."""
    share = np.asarray(colour, np.float64)[..., :3] / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(one: Any, other: Any) -> Any:
    """Ratio of two colours' luminances, 1 to 21, by WCAG 2.2."""
    one, other = luminance(rgb(one)), luminance(rgb(other))
    return (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)


def rgb(colour: Any) -> np.ndarray:
    """(..., 3) of a colour, or of an array of them."""
    if isinstance(colour, QColor):
        return np.array(colour.getRgb()[:3], np.float64)
    return np.asarray(colour, np.float64)


def over(colour: QColor, ground: Any) -> np.ndarray:
    """What is seen of a colour that lets the ground through."""
    share = colour.alphaF()
    return share * rgb(colour) + (1 - share) * rgb(ground)


def enlarged(widget: QWidget, ground: QColor) -> np.ndarray:
    """(height, width, 3) of a widget with all in it, as it is painted, enlarged."""
    image = QImage(widget.size() * ENLARGED, QImage.Format.Format_RGBA8888)
    image.setDevicePixelRatio(ENLARGED)
    image.fill(ground)
    painter = QPainter(image)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return pixels_of(image)[..., :3]


def place_in(widget: QWidget, above: QWidget, inside: QRect | None = None) -> tuple[slice, slice]:
    """Where a widget, or a part of it, lies in the enlarged picture of one above it."""
    part = widget.rect() if inside is None else inside
    at = widget.mapTo(above, part.topLeft())
    return (
        slice(ENLARGED * at.y(), ENLARGED * (at.y() + part.height())),
        slice(ENLARGED * at.x(), ENLARGED * (at.x() + part.width())),
    )


def painted_contrast(pixels: np.ndarray) -> float:
    """Of text and what is behind it: its strongest strokes against the commonest colour."""
    flat = pixels.reshape(-1, 3)
    codes = flat.astype(np.int64) @ np.array([65536, 256, 1])
    values, counts = np.unique(codes, return_counts=True)
    common = int(values[counts.argmax()])
    ground = np.array([common >> 16, common >> 8 & 255, common & 255], np.float64)
    ratios = np.sort(contrast(flat, ground))
    return float(ratios[-min(_STROKE_PX, len(ratios))])


def controls_of(dock: Any) -> list[QWidget]:
    """What keys may go to: in the dock, the table, the plots and the overview; not Qt's innards."""
    tops = (dock, dock.calls.box, dock.plots.box, dock.overview.strip)
    found = [one for top in tops for one in (top, *top.findChildren(QWidget)) if _is_control(one)]
    return [one for one in found if not isinstance(one, QLabel)]


def _is_control(widget: QWidget) -> bool:
    if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.objectName().startswith("qt_"):
        return False
    name, above = widget.objectName(), widget.parentWidget()
    is_inside = isinstance(above, QAbstractSpinBox | QAbstractScrollArea | QComboBox)
    is_popup = widget.window().windowType() == Qt.WindowType.Popup
    return not (is_inside and not name) and not is_popup and not name.endswith("_readout")


def read_out(widget: QWidget) -> str:
    """The name that Qt tells a screen reader: its own, its label's, or what stands on a button."""
    if widget.accessibleName():
        return str(widget.accessibleName())
    above = widget.parentWidget()
    labels = [] if above is None else above.findChildren(QLabel)
    for label in labels:
        if label.buddy() is widget:
            return str(label.text())
    return str(widget.text()) if isinstance(widget, (QAbstractButton, QLabel)) else ""
