"""Which part of a recording a strip shows, in pages, and the times that are written under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Seconds between two times that a person reads easily.
_STEPS_S = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30,
    60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200,
)  # fmt: skip
_MINUTE_S, _HOUR_S = 60, 3600


@dataclass(frozen=True)
class Span:
    """A part of a recording.

    Parameters
    ----------
    left, right : float
        Its ends, in pages from the beginning of the first.
    """

    left: float
    right: float

    @property
    def width(self) -> float:
        """How many pages it is long."""
        return self.right - self.left

    def holds(self, page: int) -> bool:
        """Whether it shows a page, at least the most of it."""
        return self.left <= page + 0.5 <= self.right

    def moved(self, pages: float, n_pages: int) -> Span:
        """The same length elsewhere, inside the recording."""
        left = float(np.clip(self.left + pages, 0, max(0.0, n_pages - self.width)))
        return Span(left, left + self.width)

    def zoomed(self, factor: float, at: float, n_pages: int, *, least: float) -> Span:
        """Longer (factor above 1) or shorter, around a place that stays where it is."""
        width = float(np.clip(self.width * factor, min(least, n_pages), n_pages))
        left = at - (at - self.left) * width / self.width
        return Span(left, left + width).moved(0, n_pages)

    def following(self, page: int, n_pages: int) -> Span:
        """The same length, moved just so far that a page is in it; as it is where it is already."""
        if self.holds(page):
            return self
        return self.moved(page + 0.5 - (self.left + self.right) / 2, n_pages)


def ticks(start_s: float, end_s: float, most: int) -> tuple[list[float], float]:
    """Round times in a part of a recording, at most so many, and the seconds between them."""
    step_s = next((s for s in _STEPS_S if (end_s - start_s) / s <= most), _STEPS_S[-1])
    first, last = np.ceil(start_s / step_s), np.floor(end_s / step_s)
    return [float(n * step_s) for n in np.arange(first, last + 1)], step_s


def time_text(at_s: float, step_s: float) -> str:
    """A time as fine as the steps need: `2.5 s`, `3:20`, `1:03:20`."""
    digits = max(0, -int(np.floor(np.log10(step_s) + 1e-9)))
    at_s = round(at_s, digits)
    if at_s < _MINUTE_S:
        return f"{at_s:.{digits}f} s"
    minutes, seconds = divmod(at_s, _MINUTE_S)
    rest = f"{seconds:0{digits + 3 if digits else 2}.{digits}f}"
    if at_s < _HOUR_S:
        return f"{minutes:.0f}:{rest}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:.0f}:{minutes:02.0f}:{rest}"
