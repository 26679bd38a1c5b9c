"""Masks as run lengths, the way COCO writes them: down the columns, background first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Compressed counts are signs of five bits each, the lowest first; the sixth says that more follow.
_BITS, _MORE, _SIGN, _FIRST = 5, 0x20, 0x10, 48
# From this count on each is told by its difference from the one before the last.
_DIFFERENCES_FROM = 3


def run_lengths(mask: NDArray[np.bool_]) -> list[int]:
    """Lengths of the runs of a mask read column by column, that of background first.

    Parameters
    ----------
    mask : NDArray
        (h, w) bool.

    Returns
    -------
    list of int
        Background, mask, background, ...; the first is 0 where the first pixel is of the mask.
        Their sum is h * w.
    """
    pixels = np.asarray(mask, bool).ravel(order="F")
    changes = np.flatnonzero(np.diff(pixels)) + 1
    edges = np.concatenate([[0], changes, [pixels.size]])
    lengths: list[int] = np.diff(edges).tolist()
    return [0, *lengths] if pixels.size and pixels[0] else lengths


def compressed(lengths: Sequence[int]) -> str:
    """Run lengths as the text that COCO's own tools read and write."""
    signs: list[str] = []
    for at, length in enumerate(lengths):
        value = length - (lengths[at - 2] if at >= _DIFFERENCES_FROM else 0)
        while True:
            low, value = value & (_MORE - 1), value >> _BITS
            # What is left is only the sign, which the highest of the five bits tells already.
            is_last = value == (-1 if low & _SIGN else 0)
            signs.append(chr(_FIRST + low + (0 if is_last else _MORE)))
            if is_last:
                break
    return "".join(signs)


def lengths_in(text: str) -> list[int]:
    """The run lengths that a compressed text holds.

    Raises
    ------
    ValueError
        If it breaks off, or holds a sign that is none.
    """
    lengths: list[int] = []
    value = shift = 0
    for sign in text:
        bits = ord(sign) - _FIRST
        if not 0 <= bits < 2 * _MORE:
            msg = f"{sign!r} is no sign of run lengths"
            raise ValueError(msg)
        value |= (bits & (_MORE - 1)) << shift
        shift += _BITS
        if bits & _MORE:
            continue
        if bits & _SIGN:
            value -= 1 << shift
        before = lengths[-2] if len(lengths) >= _DIFFERENCES_FROM else 0
        lengths.append(value + before)
        value = shift = 0
    if shift:
        msg = "its run lengths break off"
        raise ValueError(msg)
    return lengths


def mask_of(lengths: Sequence[int], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The (h, w) mask whose `run_lengths` these are.

    Raises
    ------
    ValueError
        If they do not fill it.
    """
    if min(lengths, default=0) < 0 or sum(lengths) != shape[0] * shape[1]:
        msg = f"run lengths of {sum(lengths)} pixels do not fill {shape[0]} x {shape[1]}"
        raise ValueError(msg)
    pixels = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return np.asarray(pixels).reshape(shape, order="F")
