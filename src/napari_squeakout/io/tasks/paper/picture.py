"""Sheets of pictures: an image, its true mask, and what each method finds, with its Dice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from napari_squeakout.io.files import atomic_file

_SIDE, _GAP, _HEAD, _SIZE = 200, 8, 44, 15
_PAPER, _INK, _FRAME = (255, 255, 255), (28, 30, 33), (200, 204, 210)
_LONGEST = 26


@dataclass(frozen=True, kw_only=True)
class Example:
    """An image with all that was found on it.

    Parameters
    ----------
    name : str
        Of the image.
    page : NDArray
        (h, w) uint8.
    truth : NDArray or None
        (h, w) bool; None where nobody knows it.
    found : mapping
        Name of a method or a step -> its (h, w) mask.
    dice : mapping
        Of each, where the truth is known.
    """

    name: str
    page: NDArray[np.uint8] = field(repr=False)
    truth: NDArray[np.bool_] | None = field(repr=False)
    found: Mapping[str, NDArray[np.bool_]] = field(repr=False)
    dice: Mapping[str, float] = field(default_factory=dict)


def write_comparison(examples: Sequence[Example], path: Path) -> None:
    """Write a row for each example: image, truth where it is known, and every mask (PNG)."""
    first = examples[0]
    heads = ["image", *(["truth"] if first.truth is not None else []), *first.found]
    width = len(heads) * (_SIDE + _GAP) + _GAP
    height = _HEAD + len(examples) * (_SIDE + _GAP)
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=_SIZE)
    for column, head in enumerate(heads):
        left = _GAP + column * (_SIDE + _GAP)
        for line, words in enumerate(_lines(head)):
            draw.text((left, 4 + line * (_SIZE + 3)), words, _INK, font)
    for row, example in enumerate(examples):
        top = _HEAD + row * (_SIDE + _GAP)
        masks = {**({} if example.truth is None else {"truth": example.truth}), **example.found}
        for column, values in enumerate([example.page, *masks.values()]):
            left = _GAP + column * (_SIDE + _GAP)
            sheet.paste(_thumbnail(values), (left, top))
            draw.rectangle((left, top, left + _SIDE - 1, top + _SIDE - 1), outline=_FRAME)
        _write_on(draw, example, list(masks), top)
    with atomic_file(path) as draft:
        sheet.save(draft)


def _write_on(draw: ImageDraw.ImageDraw, example: Example, names: list[str], top: int) -> None:
    """The image's name, and each mask's Dice, inside their pictures."""
    font = ImageFont.load_default(size=_SIZE)
    # Letters on a bar: the image below may be of any grey.
    said = [example.name[-_LONGEST:]]
    said += [f"{100 * example.dice[n]:.1f}" if n in example.dice else "" for n in names]
    for column, words in enumerate(said):
        if words:
            at = (_GAP + column * (_SIDE + _GAP) + 4, top + _SIDE - _SIZE - 6)
            left, high, right, low = draw.textbbox(at, words, font)
            draw.rectangle((left - 3, high - 2, right + 3, low + 2), fill=(24, 26, 31))
            draw.text(at, words, (255, 255, 255), font)


def _thumbnail(values: NDArray[Any]) -> Image.Image:
    grey = np.asarray(values, np.uint8) * (255 if values.dtype == bool else 1)
    how = Image.Resampling.BOX
    return Image.fromarray(grey.astype(np.uint8)).resize((_SIDE, _SIDE), how).convert("RGB")


def _lines(head: str) -> list[str]:
    """A name in two lines, where it is long."""
    words, lines = head.split(" "), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > _LONGEST - 4 and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:2]
