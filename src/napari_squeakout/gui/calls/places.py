"""Where calls are: on which pages, under which number, around which pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_squeakout.core.measures.edited import LAST_PAGE, PAINTED
from napari_squeakout.core.review.whole_calls import WholeCall

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.core.stacks import CallTable


def numbers_by_page(calls: CallTable) -> dict[int, set[int]]:
    """Page -> numbers of the calls on it, also of those that begin before."""
    numbers = dict[int, set[int]]()
    for number, first, last in zip(calls[PAINTED], calls["page"], calls[LAST_PAGE], strict=True):
        for page in range(int(first), int(last) + 1):
            numbers.setdefault(page, set()).add(int(number))
    return numbers


def whole_calls(calls: CallTable) -> list[WholeCall]:
    """Where each call of a table is."""
    columns = (calls[PAINTED], calls["page"], calls[LAST_PAGE])
    return [WholeCall(*(int(value) for value in row)) for row in zip(*columns, strict=True)]


def call_on(calls: CallTable, page: int, number: int) -> int | None:
    """Place in the table of the call that has a number on a page; None where it is not known."""
    there = (calls[PAINTED] == number) & (calls["page"] <= page) & (calls[LAST_PAGE] >= page)
    found = np.flatnonzero(there.to_numpy())
    return int(found[0]) if len(found) else None


def centre_of(labels: NDArray[Any], number: int) -> tuple[float, float] | None:
    """Row and column of the middle of a call on its page; None where it is not there."""
    rows, columns = np.nonzero(labels == number)
    if not len(rows):
        return None
    return float(rows.min() + rows.max()) / 2, float(columns.min() + columns.max()) / 2
