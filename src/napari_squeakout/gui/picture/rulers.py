"""Rulers at the page: kHz on the left, time below; pixels where nothing is known of the scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter, QPen

from napari_squeakout.core.layout import PAGE_PX

from .ticks import multiples, parts_of, round_step, tick_text

if TYPE_CHECKING:
    from napari_squeakout.core.layout import Layout

    from .page_place import PagePlace

#: Room that a ruler takes, on the left and below.
LEFT_PX, BELOW_PX = 56, 24
_LONG_PX, _SHORT_PX, _GAP_PX = 6.0, 3.0, 3.0
_FONT_PX = 11
#: Between numbers one above the other, and beside each other their own width and this.
_APART_PX, _BETWEEN_PX = 64.0, 40.0
_FEWEST_PX = 5.0
#: Of the strip under the numbers, where the page goes on under it.
_STRIP_ALPHA = 225


@dataclass(frozen=True)
class Scale:
    """What the pixels along one side of a page mean.

    Parameters
    ----------
    at_edge : float
        Value where the first pixel begins, the one on the left or at the top.
    per_px : float
        What each pixel adds; negative where values fall.
    unit : str
        Of the values.
    """

    at_edge: float
    per_px: float
    unit: str

    def edge(self, value: float) -> float:
        """Where along the side a value lies, in pixels of the page from the first edge."""
        return (value - self.at_edge) / self.per_px

    def value(self, edge: float) -> float:
        """What lies so many pixels of the page from the first edge."""
        return self.at_edge + edge * self.per_px


@dataclass(frozen=True)
class Tick:
    """A mark at a ruler.

    Parameters
    ----------
    at_px : float
        Where on the canvas, along the ruler.
    text : str
        The number at it; none at those between.
    """

    at_px: float
    text: str


@dataclass(frozen=True)
class Colours:
    """Of the rulers: the theme's own."""

    text: QColor
    canvas: QColor


def frequency_scale(layout: Layout) -> Scale:
    """What rows mean: kHz, or pixels from the bottom as in the table of calls."""
    grid = layout.grid
    if grid is None:
        return Scale(float(PAGE_PX), -1.0, "px")
    return Scale(grid.hz(0) / 1e3, -grid.hz_per_row / 1e3, "kHz")


def time_scale(layout: Layout, page: int, *, of_recording: bool = True) -> Scale:
    """What columns mean: seconds of the recording, ms from the page's left edge, or pixels."""
    grid = layout.grid
    if grid is None:
        return Scale(0.0, 1.0, "px")
    if layout.starts_s is None or not of_recording:
        return Scale(0.0, grid.seconds_per_column * 1e3, "ms")
    return Scale(float(layout.starts_s[page]), grid.seconds_per_column, "s")


def ticks_along(
    scale: Scale, ends_px: tuple[float, float], seen_px: tuple[float, float], apart_px: float
) -> list[Tick]:
    """Marks of the part of a page's side that is seen.

    Parameters
    ----------
    scale : Scale
        What the pixels of the page mean.
    ends_px : tuple of float
        Where on the canvas the side begins and ends.
    seen_px : tuple of float
        From where to where the canvas shows it.
    apart_px : float
        What numbers take at least.
    """
    begin, end = ends_px
    px_each = (end - begin) / PAGE_PX  # of the canvas, a pixel of the page
    seen = sorted((max(min(seen_px), min(ends_px)), min(max(seen_px), max(ends_px))))
    if not px_each or max(min(seen_px), min(ends_px)) >= min(max(seen_px), max(ends_px)):
        return []
    step = round_step(apart_px * abs(scale.per_px / px_each))
    low, high = sorted(scale.value((at - begin) / px_each) for at in seen)
    parts = parts_of(step)
    parts = parts if apart_px / parts >= _FEWEST_PX else 1
    between = step / parts
    return [
        Tick(
            begin + scale.edge(number * between) * px_each,
            "" if number % parts else tick_text(number * between, step),
        )
        for number in multiples(low, high, between)
    ]


def paint_rulers(
    painter: QPainter,
    place: PagePlace,
    size: tuple[int, int],
    scales: tuple[Scale, Scale],
    colours: Colours,
    *,
    beside_px: float = 0.0,
) -> None:
    """Draw both rulers where the page is, or at the canvas' edges where it reaches beyond.

    Parameters
    ----------
    painter : QPainter
        Of the canvas.
    place : PagePlace
        Where the page is.
    size : tuple of int
        Width and height of the canvas.
    scales : tuple of Scale
        Of frequency and of time.
    colours : Colours
        The theme's.
    beside_px : float
        How far what is shown beside the page reaches; frequency is read at its edge.
    """
    font = painter.font()
    font.setPixelSize(_FONT_PX)
    painter.setFont(font)
    painter.setPen(QPen(colours.text, 1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    left = max(min(place.left, place.right), float(LEFT_PX))
    bottom = min(max(place.top, place.bottom), float(size[1] - BELOW_PX))
    right = min(max(place.left, place.right), float(size[0]))
    top = max(min(place.top, place.bottom), 0.0)
    if right <= left or bottom <= top:
        return  # the page is out of sight
    edge = max(left - beside_px, float(LEFT_PX))
    end = min(right + beside_px, float(size[0]))
    _paint_strips(painter, (edge, top, end, bottom), colours.canvas)
    _paint_frequency(painter, place, (edge, top, bottom), scales[0])
    _paint_time(painter, place, (left, right, bottom), scales[1], float(size[0]))


def _paint_strips(
    painter: QPainter, seen: tuple[float, float, float, float], canvas: QColor
) -> None:
    """Keep the numbers readable where the page lies under them."""
    left, top, right, bottom = seen
    strip = QColor(canvas)
    strip.setAlpha(_STRIP_ALPHA)
    painter.fillRect(QRectF(left - LEFT_PX, top, LEFT_PX, bottom - top), strip)
    painter.fillRect(QRectF(left - LEFT_PX, bottom, right - left + LEFT_PX, BELOW_PX), strip)


def _paint_frequency(
    painter: QPainter, place: PagePlace, seen: tuple[float, float, float], scale: Scale
) -> None:
    left, top, bottom = seen
    painter.drawLine(QLineF(left - 1, top, left - 1, bottom))
    half = QFontMetricsF(painter.font()).height() / 2
    ticks = ticks_along(scale, (place.top, place.bottom), (top, bottom), _APART_PX)
    # A number that the canvas would cut is left out.
    numbers = [tick for tick in ticks if tick.text and tick.at_px - half >= 0]
    for tick in ticks:
        length = _LONG_PX if tick.text else _SHORT_PX
        painter.drawLine(QLineF(left - 1 - length, tick.at_px, left - 1, tick.at_px))
    for tick in numbers:
        is_top = tick is min(numbers, key=lambda one: one.at_px)
        text = f"{tick.text} {scale.unit}" if is_top else tick.text
        box = QRectF(left - LEFT_PX, tick.at_px - half, LEFT_PX - _LONG_PX - _GAP_PX, 2 * half)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def _paint_time(
    painter: QPainter,
    place: PagePlace,
    seen: tuple[float, float, float],
    scale: Scale,
    width: float,
) -> None:
    left, right, bottom = seen
    painter.drawLine(QLineF(left - 1, bottom, right, bottom))
    metrics = QFontMetricsF(painter.font())
    last = tick_text(scale.value(PAGE_PX), abs(scale.per_px))
    apart = metrics.horizontalAdvance(last) + _BETWEEN_PX
    ends = (place.left, place.right)
    numbers = []
    for tick in ticks_along(scale, ends, (left, right), apart):
        length = _LONG_PX if tick.text else _SHORT_PX
        painter.drawLine(QLineF(tick.at_px, bottom, tick.at_px, bottom + length))
        if tick.text:
            numbers.append(tick)
    for tick in numbers:
        text = f"{tick.text} {scale.unit}" if tick is numbers[-1] else tick.text
        half = metrics.horizontalAdvance(tick.text) / 2
        begin = min(max(tick.at_px - half, left), width - metrics.horizontalAdvance(text) - 1)
        painter.drawText(QPointF(begin, bottom + _LONG_PX + _GAP_PX + metrics.ascent() - 1), text)
