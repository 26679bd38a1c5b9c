"""Shows one page as two models see it, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QImage, QPainter, QPalette
from qtpy.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent

    from .page_pairs import RGB, PagePair

_GAP_PX, _LINE_PX = 6, 18
_USUAL_RATIO = 0.75


class PagePairView(QWidget):
    """Two pictures of equal size with a line above each.

    Parameters
    ----------
    name : str
        Object name.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.pair: PagePair | None = None
        self._titles = ("Before", "Now")
        self._images: tuple[QImage, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_pair(self, pair: PagePair, titles: tuple[str, str]) -> None:
        """Show another page, or the same seen anew."""
        if pair is self.pair and titles == self._titles:
            return
        self.pair, self._titles = pair, titles
        self._images = (_image(pair.before), _image(pair.now))
        self.setAccessibleName(f"One page twice: {titles[0]}; {titles[1]}")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Pictures keep their shape."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """So high that both pictures fill the width."""
        return round(self._picture_width(width) * self._ratio()) + _LINE_PX

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the dock."""
        return QSize(300, self.heightForWidth(300))

    def paintEvent(self, _event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw both, scaled smoothly."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        wide = self._picture_width(self.width())
        for index, (title, image) in enumerate(zip(self._titles, self._images, strict=False)):
            left = index * (wide + _GAP_PX)
            line = QRectF(left, 0, wide, _LINE_PX)
            painter.drawText(line, middle, title)
            painter.drawImage(QRectF(left, _LINE_PX, wide, wide * self._ratio()), self._fit(image))

    def _fit(self, image: QImage) -> QImage:
        """Scaled by averaging: what QPainter does to small pictures drops every other line."""
        wide = round(self._picture_width(self.width()) * self.devicePixelRatioF())
        return image.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)

    def _picture_width(self, width: int) -> float:
        return max(1.0, (width - _GAP_PX) / 2)

    def _ratio(self) -> float:
        if not self._images:
            return _USUAL_RATIO
        return float(self._images[0].height() / self._images[0].width())


def _image(pixels: RGB) -> QImage:
    height, width, _ = pixels.shape
    values = pixels.tobytes()
    image = QImage(values, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # the values go at the end of this
