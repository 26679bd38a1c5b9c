"""Calls of a source that is being edited: only what was changed is measured again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from napari_squeakout.core.detection.numbering import telling_apart
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.settings import MeasureSettings
from napari_squeakout.core.stacks import CallTable, MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Steps

from .measuring import check_same_pages, intervals_s, measuring

#: Beside the columns of `measuring`: a call's number in the masks, and the page it ends on.
PAINTED, LAST_PAGE = "painted", "last_page"


def measuring_edited(
    stack: SpectrogramStack,
    masks: MaskStack,
    known: CallTable | None,
    pages: Collection[int],
    *,
    probabilities: ProbabilityStack | None = None,
    settings: MeasureSettings | None = None,
) -> Steps[CallTable]:
    """Measure the calls of some pages, and take those of the others as they are known.

    Parameters
    ----------
    stack, masks, probabilities, settings
        As for `measuring`, of all pages.
    known : DataFrame or None
        What this gave before; None where nothing is known yet.
    pages : collection of int
        Those that were changed since. A call that lies on others too is measured whole.

    Yields
    ------
    Progress
        As `measuring`, of each run of pages.

    Returns
    -------
    DataFrame
        What `measuring` gives of all pages, once all that hold calls were measured; with the
        columns `painted`, the number in the masks, where `call` may be another, and `last_page`.

    Raises
    ------
    InputError
        If masks and pages are not of one source.
    """
    check_same_pages(stack.layout, masks.layout)
    anew = _pages_of_calls_on(masks, known, pages)
    tables = [] if known is None else [known[~known["page"].isin(anew)]]
    for first, stop in _runs(page for page in sorted(anew) if masks.labels[page].any()):
        table = yield from _measuring_run(
            stack, masks, (first, stop), probabilities=probabilities, settings=settings
        )
        tables.append(table)
    if not any(len(table) for table in tables):
        return (yield from _measuring_none(stack, masks)) if known is None else known[:0]
    together = pd.concat([table for table in tables if len(table)], ignore_index=True)
    return _numbered(together, masks.layout)


def _pages_of_calls_on(
    masks: MaskStack, known: CallTable | None, pages: Collection[int]
) -> set[int]:
    """Pages, and those that calls on them lie on too, or did."""
    beside = _pages_by_known_calls(known)
    waiting, found = list(pages), set[int]()
    while waiting:
        page = waiting.pop()
        if page in found:
            continue
        found.add(page)
        waiting += beside.get(page, ())
        if masks.layout.contiguous:
            around = (other for other in (page - 1, page + 1) if 0 <= other < len(masks.labels))
            waiting += [other for other in around if _share_a_number(masks, page, other)]
    return found


def _pages_by_known_calls(known: CallTable | None) -> dict[int, set[int]]:
    """Page -> all pages of the calls that were on it, where they were on several."""
    beside: dict[int, set[int]] = {}
    if known is not None:
        over = known[known[LAST_PAGE] > known["page"]]
        for first, last in zip(over["page"], over[LAST_PAGE], strict=True):
            for page in range(int(first), int(last) + 1):
                beside.setdefault(page, set()).update(range(int(first), int(last) + 1))
    return beside


def _share_a_number(masks: MaskStack, page: int, other: int) -> bool:
    here, there = (np.asarray(masks.labels[at]) for at in (page, other))
    if not here.any() or not there.any():
        return False
    return bool(np.intersect1d(here[here > 0], there[there > 0]).size)


def _runs(pages: Iterator[int]) -> list[tuple[int, int]]:
    """First page and the one after the last, of each run of pages that follow each other."""
    runs: list[tuple[int, int]] = []
    for page in pages:
        if runs and runs[-1][1] == page:
            runs[-1] = (runs[-1][0], page + 1)
        else:
            runs.append((page, page + 1))
    return runs


def _measuring_run(
    stack: SpectrogramStack,
    masks: MaskStack,
    run: tuple[int, int],
    *,
    probabilities: ProbabilityStack | None,
    settings: MeasureSettings | None,
) -> Steps[CallTable]:
    """Measure the calls of pages that share none with others."""
    first, stop = run
    layout = masks.layout
    if layout.contiguous:  # where a part ends, calls would look cut
        first, stop = max(0, first - 1), min(layout.n_pages, stop + 1)
    part = layout.part(first, stop)
    labels = MaskStack(masks.labels[first:stop], part, masks.settings)
    values = None
    if probabilities is not None:
        values = ProbabilityStack(probabilities.values[first:stop], part, probabilities.model)
    apart = yield from telling_apart(labels)
    measured = yield from measuring(stack.part(first, stop), apart, values, settings)
    calls = measured.calls
    changes = getattr(apart.labels, "changes", {})
    calls[PAINTED] = [
        _painted(changes.get(page, {}), call)
        for page, call in zip(calls["page"], calls["call"], strict=True)
    ]
    calls["page"] += first
    calls[LAST_PAGE] = _last_pages(calls, layout)
    return calls[calls["page"].between(run[0], run[1] - 1)]


def _painted(changes: dict[int, int], call: int) -> int:
    """The number in the masks of a call that was told apart under another."""
    return next((number for number, other in changes.items() if other == call), int(call))


def _last_pages(calls: CallTable, layout: Layout) -> Any:
    if not layout.contiguous or layout.grid is None or layout.starts_s is None:
        return calls["page"]
    end_px = (calls["end_s"] - float(layout.starts_s[0])) / layout.grid.seconds_per_column
    return ((end_px.round() - 1) // PAGE_PX).astype(np.int64)


def _numbered(calls: CallTable, layout: Layout) -> CallTable:
    """In order of time, each under a number of its own, with the time to the next."""
    start = "start_s" if "start_s" in calls else "start_px"
    calls = calls.sort_values(["page", start, PAINTED], kind="stable", ignore_index=True)
    numbers = calls[PAINTED].to_numpy(np.int64, copy=True)
    if layout.contiguous:
        again = calls[PAINTED].duplicated().to_numpy()
        numbers[again] = numbers.max() + 1 + np.arange(np.count_nonzero(again))
    calls["call"] = numbers
    calls["interval_s"] = intervals_s(calls, layout)
    return calls


def _measuring_none(stack: SpectrogramStack, masks: MaskStack) -> Steps[CallTable]:
    """The table of a source without calls."""
    empty = MaskStack(masks.labels[:1], masks.layout.part(0, 1), masks.settings)
    blank = MaskStack(np.zeros_like(np.asarray(empty.labels)), empty.layout, empty.settings)
    measured = yield from measuring(stack.part(0, 1), blank)
    return measured.calls.assign(**{PAINTED: np.zeros(0, int), LAST_PAGE: np.zeros(0, int)})
