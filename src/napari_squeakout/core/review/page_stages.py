"""How much is known of each page: a page that the network was never asked about is not empty."""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.numerals import are, counted


class PageStage(IntEnum):
    """How far the proposal for a page has come."""

    UNSEGMENTED = 0
    #: The network has answered, but no calls have been made of its answer yet.
    SEGMENTED = 1
    #: Its calls are there, or there are none.
    CLEANED = 2


def new_stages(n_pages: int) -> NDArray[np.uint8]:
    """(n_pages,) uint8: nothing is known of any page."""
    return np.full(n_pages, PageStage.UNSEGMENTED, np.uint8)


def stages_from(values: Any, labels: Any) -> NDArray[np.uint8]:
    """(n,) uint8 stages of pages of which nobody took them down.

    A page without any probability counts as not segmented: it may be, but nobody can say.

    Parameters
    ----------
    values : array
        (n, h, w) uint8 probabilities.
    labels : array
        (n, h, w) the calls.
    """
    stages = new_stages(len(values))
    for page in range(len(values)):
        if np.any(values[page]):
            is_cleaned = np.any(labels[page])
            stages[page] = PageStage.CLEANED if is_cleaned else PageStage.SEGMENTED
    return stages


def count_segmented(stages: NDArray[np.uint8]) -> int:
    """Number of pages that the network was asked about."""
    return int(np.count_nonzero(stages))


def pages_text(pages: NDArray[np.integer] | list[int], most: int = 6) -> str:
    """Numbers of pages for a sentence: `3`, `3, 5-9 and 12`; of many ranges the first."""
    numbers = sorted(int(page) for page in pages)
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    names = [f"{first}" if first == last else f"{first}-{last}" for first, last in ranges]
    if len(names) > most:
        return f"{', '.join(names[:most])} and more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def unknown_text(unknown: Collection[int], n_pages: int) -> str:
    """Say which pages hold no calls because nobody has looked for them; nothing where all did."""
    if not unknown:
        return ""
    pages = "page" if len(unknown) == 1 else "pages"
    return (
        f"{len(unknown)} of {counted(n_pages, 'page')} {are(len(unknown))} not segmented yet "
        f"({pages} {pages_text(list(unknown))}): what is saved tells nothing of them"
    )
