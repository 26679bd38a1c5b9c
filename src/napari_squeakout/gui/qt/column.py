"""What scrolls in the dock: as high as it likes, and never wider than it is seen."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtWidgets import QFrame, QScrollArea, QStyle, QWidget


class Column(QScrollArea):
    """Scrolls up and down only; asks for the width that its content needs, as that changes.

    Parameters
    ----------
    content : QWidget
        What scrolls.
    """

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Parts of the work")
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # Tab goes from control to control and brings each into view; a click on the ground beside
        # them lets go of a field.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough for the content and the bar beside it: what is cut cannot be scrolled to."""
        least, content = super().minimumSizeHint(), self.widget()
        if content is None:  # Qt asks before there is any
            return least
        bar, style = self.verticalScrollBar(), self.style()
        if bar is None or style is None:  # never, but for types
            return least
        bar_px = style.pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, bar)
        # A stylesheet's own width is known only once the bar is there.
        bar_px = max(bar_px, bar.sizeHint().width(), bar.width() if bar.isVisible() else 0)
        return QSize(content.minimumSizeHint().width() + bar_px, least.height())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Hear when the content needs another width; Qt itself has this watch it."""
        is_asked = event is not None and event.type() == QEvent.Type.LayoutRequest
        if watched is self.widget() and is_asked:
            self.updateGeometry()
        return bool(super().eventFilter(watched, event))
