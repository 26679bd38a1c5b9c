"""The ways to go through pages: which one comes next."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .review import PageState, Review, next_page
from .uncertainty import PageMeasures, review_order

#: The ways, in words for a person.
EVERY, CALLS, OPEN, DOUBT = "Every page", "Pages with calls", "Not approved", "Most doubtful first"
MISSED, EXTRA = "Calls in the table only", "Calls in the masks only"
WAYS = (EVERY, CALLS, OPEN, DOUBT, MISSED, EXTRA)


def following_page(
    way: str,
    review: Review,
    page: int,
    step: int = 1,
    *,
    measures: PageMeasures | None = None,
    differing: Mapping[str, NDArray[np.bool_]] | None = None,
) -> int | None:
    """The page after (step 1) or before (step -1) this one on a way.

    Parameters
    ----------
    way : str
        One of `WAYS`. As long as it cannot be gone, since what it goes by is not known, pages
        come in their order.
    review : Review
        Pages that are approved are done.
    page : int
        Where to start.
    step : int
        1 or -1.
    measures : PageMeasures, optional
        For pages with calls, and for those in doubt.
    differing : mapping, optional
        `MISSED` and `EXTRA` -> (n,) bool, pages where a table and the masks differ.

    Returns
    -------
    int or None
        None past the end; the most doubtful ones have none, there it goes around.
    """
    is_open = np.array([state is not PageState.APPROVED for state in review.states()])
    if way == DOUBT and measures is not None:
        order, _ = review_order(measures.uncertainty)
        return _along(order, is_open, page, step)
    wanted = np.ones(review.n_pages, bool)
    if way == CALLS and measures is not None:
        wanted = measures.occupied
    elif way == OPEN:
        wanted = is_open
    elif differing is not None and way in differing:
        wanted = differing[way]
    return next_page(wanted, page, step)


def most_doubtful(review: Review, measures: PageMeasures) -> int | None:
    """The page with which "Most doubtful first" begins; None where all are approved."""
    order, _ = review_order(measures.uncertainty)
    is_open = [state is not PageState.APPROVED for state in review.states()]
    return next((int(page) for page in order if is_open[page]), None)


def place_in_doubt(page: int, measures: PageMeasures) -> str:
    """Where a page stands among all by doubt: `number 3 of 22 by doubt`."""
    order, _ = review_order(measures.uncertainty)
    place = int(np.flatnonzero(order == page)[0]) + 1
    return f"number {place} of {len(order)} by doubt"


def _along(order: NDArray[np.int64], wanted: NDArray[np.bool_], page: int, step: int) -> int | None:
    """The nearest wanted page after or before this one in an order, from its end around."""
    place = int(np.flatnonzero(order == page)[0])
    around = np.roll(order, -place)[1:]
    found = [int(other) for other in around[::step] if wanted[other]]
    return found[0] if found else None
