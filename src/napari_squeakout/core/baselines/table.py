"""The paper's table: how right each method is, image by image and together."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.scoring.mask_scores import dice_scores

#: Columns of the table as CSV.
COLUMNS = (
    "method", "images", "empty_images", "accuracy", "accuracy_sem", "dice", "dice_sem",
    "dice_non_empty", "dice_non_empty_sem",
)  # fmt: skip
# 95 % of a normal distribution.
_INTERVAL = 1.96
_WIDE, _HIGH, _LEFT, _TOP, _FOOT, _EACH = 640, 260, 52, 16, 44, 0.6


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method's figures.

    Parameters
    ----------
    method : str
        Its name.
    dice : NDArray
        (n,) Dice of each image, 1 where both masks are empty.
    accuracy : NDArray
        (n,) share of pixels that agree.
    is_empty : NDArray
        (n,) whether the true mask is empty.
    """

    method: str
    dice: NDArray[np.float64] = field(repr=False)
    accuracy: NDArray[np.float64] = field(repr=False)
    is_empty: NDArray[np.bool_] = field(repr=False)

    def figures(self) -> dict[str, float | str]:
        """Means with their standard errors, by the names of the columns; shares, not percent."""
        full = self.dice[~self.is_empty]
        values: tuple[float | str, ...] = (
            self.method, len(self.dice), int(self.is_empty.sum()),
            *_mean_and_sem(self.accuracy), *_mean_and_sem(self.dice), *_mean_and_sem(full),
        )  # fmt: skip
        return dict(zip(COLUMNS, values, strict=True))


def row_of(method: str, masks: Iterable[tuple[BoolImage, BoolImage]]) -> Row:
    """Judge a method.

    Parameters
    ----------
    method : str
        Its name.
    masks : iterable of (truth, found)
        (h, w) bool each, of one shape; taken one after the other.
    """
    return row_from(method, [judge(true, found) for true, found in masks])


def judge(true: BoolImage, found: BoolImage) -> tuple[float, float, bool]:
    """Dice and accuracy of one image, and whether its true mask is empty."""
    dice = float(dice_scores(true[None], found[None])[0])
    return dice, float((true == found).mean()), not true.any()


def row_from(method: str, judged: Sequence[tuple[float, float, bool]]) -> Row:
    """A row of what `judge` gave for each image."""
    dice, accuracy, empty = zip(*judged, strict=True)
    return Row(
        method=method,
        dice=np.array(dice),
        accuracy=np.array(accuracy),
        is_empty=np.array(empty, bool),
    )


def as_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The table, a row a method."""
    return pd.DataFrame([row.figures() for row in rows], columns=list(COLUMNS))


def as_markdown(rows: Sequence[Row]) -> str:
    """The table as the paper has it, in percent."""
    head = "| method | accuracy | Dice | Dice, images with calls |"
    lines = [head, "|---|---|---|---|"]
    for row in rows:
        known = row.figures()
        cells = [
            _percent(known[name], known[f"{name}_sem"])
            for name in ("accuracy", "dice", "dice_non_empty")
        ]
        lines.append(f"| {row.method} | {' | '.join(cells)} |")
    n, empty = len(rows[0].dice), int(rows[0].is_empty.sum())
    told = (
        f"Percent, mean ± standard error over {n} images; Dice is 1 where the true and the found "
        f"mask are empty, as in the paper ({empty} true masks are)."
    )
    return "\n".join([*lines, "", told, ""])


def order_text(rows: Sequence[Row]) -> str:
    """In which order the methods came out, by Dice."""
    ordered = sorted(rows, key=lambda row: float(row.dice.mean()))
    as_told = [row.method for row in ordered] == [row.method for row in rows]
    words = ordered[0].method
    for one, other in pairwise(ordered):
        is_more = float(other.dice.mean()) > float(one.dice.mean())
        words += f" {'<' if is_more else '='} {other.method}"
    return f"{words}: {'the order' if as_told else 'not the order'} of the rows above"


def as_chart(rows: Sequence[Row]) -> str:
    """Dice of each method as a bar with its 95 % interval: SVG."""
    step = _WIDE / len(rows)
    width, floor = _LEFT + _WIDE + 8, _TOP + _HIGH
    size = f'viewBox="0 0 {width} {floor + _FOOT}" width="{width}" height="{floor + _FOOT}"'
    letters = 'font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {letters}>',
        f'<rect width="{width}" height="{floor + _FOOT}" fill="#fff"/>',
    ]
    for percent in (0, 25, 50, 75, 100):
        y = floor - _HIGH * percent / 100
        parts += [
            f'<line x1="{_LEFT}" x2="{width - 8}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{percent}</text>',
        ]
    for index, row in enumerate(rows):
        parts += _bar(row, _LEFT + (index + 0.5) * step, step)
    parts.append(
        f'<text transform="translate(14 {_TOP + _HIGH / 2}) rotate(-90)" text-anchor="middle" '
        'fill="#444">Dice, %</text></svg>'
    )
    return "".join(parts)


def _bar(row: Row, middle: float, step: float) -> list[str]:
    mean, sem = _mean_and_sem(row.dice)
    floor, half = _TOP + _HIGH, _EACH * step / 2
    low, high = (min(max(mean + s * _INTERVAL * sem, 0), 1) for s in (-1, 1))
    at = f'x="{middle - half:.1f}" y="{floor - _HIGH * mean:.1f}"'
    name = row.method if len(row.method) < 14 else _in_two(row.method)  # noqa: PLR2004 - fits
    lines = "".join(
        f'<tspan x="{middle:.1f}" dy="14">{html.escape(part)}</tspan>' for part in name.split("\n")
    )
    ends = f'y1="{floor - _HIGH * low:.1f}" y2="{floor - _HIGH * high:.1f}"'
    whisker = f'x1="{middle:.1f}" x2="{middle:.1f}" {ends}'
    return [
        f'<rect {at} width="{2 * half:.1f}" height="{_HIGH * mean:.1f}" fill="#0072b2"/>',
        f'<line {whisker} stroke="#111" stroke-width="1.5"/>',
        f'<text y="{floor + 2}" text-anchor="middle" fill="#222">{lines}</text>',
    ]


def _in_two(name: str) -> str:
    words = name.split(" ")
    first = words[0]
    return f"{first}\n{' '.join(words[1:])}" if len(words) > 1 else name


def _mean_and_sem(values: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard error; nan where there is no value, 0 as the error of a single one."""
    if not len(values):
        return float("nan"), float("nan")
    spread = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return float(values.mean()), spread


def _percent(mean: float | str, sem: float | str) -> str:
    return "-" if np.isnan(float(mean)) else f"{100 * float(mean):.2f} ± {100 * float(sem):.2f}"
