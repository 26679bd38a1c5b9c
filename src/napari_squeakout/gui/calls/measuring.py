"""Work on the calls that goes on beside the window: looking which pages changed, measuring them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.measures.edited import measuring_edited
from napari_squeakout.core.review.review import quick_hash
from napari_squeakout.core.steps import Progress, Steps

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import (
        CallTable,
        MaskStack,
        ProbabilityStack,
        SpectrogramStack,
    )

#: Changed pages that are measured before their rows are shown.
_AT_ONCE = 48
_EMPTY = quick_hash(np.zeros((PAGE_PX, PAGE_PX), np.int32))
#: No hash is negative: a page that was painted on while it was measured has none.
_TORN = -1


@dataclass(frozen=True, eq=False)
class Measurable:
    """What calls are measured of.

    Parameters
    ----------
    stack : SpectrogramStack
        The pages.
    masks : MaskStack
        Their calls, as they are painted on.
    probabilities : ProbabilityStack, optional
        What the network said.
    """

    stack: SpectrogramStack
    masks: MaskStack
    probabilities: ProbabilityStack | None

    def is_same(self, other: Measurable | None) -> bool:
        """Whether it is the same arrays, made in the same way."""
        if other is None or self.stack is not other.stack:
            return False
        values, others = (
            None if one.probabilities is None else one.probabilities.values for one in (self, other)
        )
        is_same = self.masks.labels is other.masks.labels and values is others
        return is_same and self.masks.settings == other.masks.settings


@dataclass(frozen=True, eq=False)
class Known:
    """What has been measured so far.

    Parameters
    ----------
    calls : DataFrame, optional
        As `measuring_edited` gives them.
    seen : mapping
        Page -> the hash that its labels had then; pages that are not there were empty.
    """

    calls: CallTable | None = None
    seen: Mapping[int, int] = field(default_factory=dict)

    def is_changed(self, page: int, hash_: int) -> bool:
        """Whether a page is not as it was measured."""
        return self.seen.get(page, _EMPTY) != hash_


def following(
    work: Measurable, known: Known, pages: Sequence[int]
) -> Steps[tuple[Known, list[int]]]:
    """Measure the calls of pages that have changed.

    Parameters
    ----------
    work : Measurable
        The source.
    known : Known
        What was measured before.
    pages : sequence of int
        Those that may have changed, the most urgent first.

    Yields
    ------
    Progress
        Of looking, and of measuring.

    Returns
    -------
    tuple
        What is known now, and the pages that are still to be looked at.
    """
    labels, changed = work.masks.labels, dict[int, int]()
    n_seen = 0
    for page in pages:
        if len(changed) == _AT_ONCE:
            break
        hash_ = quick_hash(labels[page])
        if known.is_changed(page, hash_):
            changed[page] = hash_
        n_seen += 1
        yield Progress(n_seen, len(pages), "pages")
    left = list(pages[n_seen:])
    if not changed and known.calls is not None:
        return known, left
    calls = yield from measuring_edited(
        work.stack, work.masks, known.calls, changed, probabilities=work.probabilities
    )
    torn = [page for page, hash_ in changed.items() if quick_hash(labels[page]) != hash_]
    seen = {**known.seen, **changed, **dict.fromkeys(torn, _TORN)}
    return Known(calls, seen), [*torn, *left]
