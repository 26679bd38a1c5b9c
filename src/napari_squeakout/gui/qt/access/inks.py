"""The colours that the window adds to those of the theme; no other module of it names any.

Hues are of the palette that Okabe and Ito made for all kinds of sight (https://jfly.uni-koeln.de/color),
darker on light grounds, so that each differs from its ground by 3 to 1, and text by 4.5 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtGui import QColor, QPalette

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

_HALF = 128


@dataclass(frozen=True, kw_only=True)
class Inks:
    """Colours on a ground of the theme.

    Parameters
    ----------
    mark, chosen : str
        Of calls in plots and strips, and of those that are chosen.
    unreviewed, corrected, approved : str
        Of pages, also as text.
    cut : str
        Of the threshold, and of what it lets through.
    learned, held_out, best : str
        Of curves of a training, and of the epoch that is kept.
    better, worse, unsure : str
        Of verdicts.
    """

    mark: str
    chosen: str
    unreviewed: str
    corrected: str
    approved: str
    cut: str
    learned: str
    held_out: str
    best: str
    better: str
    worse: str
    unsure: str


ON_DARK = Inks(
    mark="#56b4e9", chosen="#f0a830",
    unreviewed="#737373", corrected="#e69f00", approved="#1fc796",
    cut="#e8833a",
    learned="#9a9a9a", held_out="#e69f00", best="#56b4e9",
    better="#009e73", worse="#d55e00", unsure="#8c8c8c",
)  # fmt: skip
ON_LIGHT = Inks(
    mark="#0072b2", chosen="#d55e00",
    unreviewed="#808080", corrected="#945600", approved="#00684c",
    cut="#c25a00",
    learned="#6f6f6f", held_out="#945600", best="#0072b2",
    better="#00684c", worse="#b04a00", unsure="#6f6f6f",
)  # fmt: skip

# On the picture, which is dark in every theme.
PICTURE, PICTURE_WORDS, CALL_ON_PICTURE = "#000000", "#bebebe", "#56b4e9"
PAPER, PRINT = "#ffffff", "#000000"
IN_VIEW, PAGE_BORDER, SMOOTH_OUTLINE = "#f0e442", "#a0a0a0", "#ff8c1e"
NOTED_CALL, GONE_TO_CALL = "#56b4e9", "#ffff00"
#: In turn; each differs from the one before and after it also to who sees no red, or no green.
CALLS = (
    "#ff6a3d", "#00d5ff", "#8be000", "#00e5a8", "#ffd400", "#ff4fd8", "#ff3355", "#7a5cff",
)  # fmt: skip


def inks_on(ground: QColor) -> Inks:
    """Colours that are told from a ground, and from each other on it."""
    return ON_DARK if ground.lightness() < _HALF else ON_LIGHT


def inks_of(widget: QWidget) -> Inks:
    """Those on what is behind a widget."""
    return inks_on(widget.palette().color(QPalette.ColorRole.Window))


def thinned(colour: QColor | str, alpha: int) -> QColor:
    """A colour that lets through what is behind it; 0 all, 255 nothing."""
    thin = QColor(colour)
    thin.setAlpha(alpha)
    return thin
