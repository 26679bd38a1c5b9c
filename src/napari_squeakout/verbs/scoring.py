"""How right masks and calls are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.settings import CompareSettings

if TYPE_CHECKING:
    from napari_squeakout.core.scoring.annotation import Annotation
    from napari_squeakout.core.scoring.comparison import Comparison
    from napari_squeakout.core.scoring.event_scores import EventScores
    from napari_squeakout.core.scoring.mask_scores import MaskScores
    from napari_squeakout.core.stacks import CallTable, MaskStack


def score_masks(truth: MaskStack | NDArray[Any], found: MaskStack | NDArray[Any]) -> MaskScores:
    """How right masks are, pixel by pixel, by the paper's convention and beside it.

    Parameters
    ----------
    truth, found : MaskStack or NDArray
        (n, h, w), other than 0 where a call is.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.zeros((1, 4, 4)); truth[0, :2] = 1
    >>> found = np.zeros((1, 4, 4)); found[0, 0] = 1
    >>> round(score_masks(truth, found).dice, 3)
    0.667
    """
    from napari_squeakout.core.scoring.mask_scores import evaluate

    true, other = _pages_of(truth), _pages_of(found)
    if len(true) != len(other):
        msg = f"{len(true)} true masks and {len(other)} found: give one of both for each page"
        raise InputError(msg)
    return evaluate(
        (np.asarray(a) != 0, np.asarray(b) != 0) for a, b in zip(true, other, strict=True)
    )


def score_calls(
    truth: Annotation | CallTable | NDArray[np.float64],
    found: Annotation | CallTable | NDArray[np.float64],
    *,
    duration_s: float | None = None,
) -> EventScores:
    """How right calls are in time: F1, errors of onset and offset, false calls a minute.

    Parameters
    ----------
    truth, found : Annotation, DataFrame or NDArray
        A table that was read, calls that were found, or (n, 2) onsets and offsets in seconds.
    duration_s : float, optional
        Length of the recording; without it there are no false calls a minute.

    Raises
    ------
    InputError
        If there are no times, or they are no intervals.

    Examples
    --------
    >>> import numpy as np
    >>> scores = score_calls(np.array([[1.0, 1.1], [2.0, 2.1]]), np.array([[1.01, 1.1]]))
    >>> scores.matched, round(scores.recall, 2)
    (1, 0.5)
    """
    from napari_squeakout.core.scoring.event_scores import JudgedRecording, score_events

    return score_events(
        [
            JudgedRecording(
                truth=_intervals_of(truth), found=_intervals_of(found), duration_s=duration_s
            )
        ]
    )


def compare_calls(
    truth: Annotation | CallTable | NDArray[np.float64],
    found: Annotation | CallTable | NDArray[np.float64],
    *,
    settings: CompareSettings | None = None,
) -> Comparison:
    """Say of each call what came of it: matched, merged, missed, split or extra.

    Parameters
    ----------
    truth, found : Annotation, DataFrame or NDArray
        As for `score_calls`.
    settings : CompareSettings, optional
        What parts bouts.

    Raises
    ------
    InputError
        If there are no times, or they are no intervals.

    Examples
    --------
    >>> import numpy as np
    >>> fused = compare_calls(np.array([[1.0, 1.08], [1.12, 1.2]]), np.array([[1.0, 1.2]]))
    >>> fused.calls["outcome"].tolist(), fused.figures()["merge_ratio"]
    (['matched', 'merged'], 0.5)
    """
    from napari_squeakout.core.scoring.comparison import compare_calls as comparing

    return comparing(_intervals_of(truth), _intervals_of(found), settings=settings)


def _pages_of(masks: Any) -> Any:
    return getattr(masks, "labels", masks)


def _intervals_of(calls: Any) -> NDArray[np.float64]:
    if hasattr(calls, "intervals_s"):
        return np.asarray(calls.intervals_s, np.float64)
    if hasattr(calls, "columns"):
        if not {"start_s", "end_s"} <= set(calls.columns):
            msg = "the table has no start_s and end_s: its pages have no scale, so give them one"
            raise InputError(msg)
        return _checked(calls[["start_s", "end_s"]])
    intervals = _numbers_of(calls)
    if intervals.size == 0:
        return intervals.reshape(0, 2)
    if intervals.ndim != 2 or intervals.shape[1] != 2:  # noqa: PLR2004 - onset and offset
        msg = (
            f"intervals of shape {intervals.shape} are no (n, 2) onsets and offsets: transpose them"
        )
        raise InputError(msg)
    return _checked(intervals)


def _checked(times: Any) -> NDArray[np.float64]:
    intervals = _numbers_of(times)
    if not np.isfinite(intervals).all() or (intervals[:, 0] > intervals[:, 1]).any():
        msg = "an interval has no time, or ends before it begins: correct or drop its row"
        raise InputError(msg)
    return intervals


def _numbers_of(times: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(times, np.float64)
    except (TypeError, ValueError) as error:
        msg = f"the times of an interval are no numbers ({error}): correct or drop its row"
        raise InputError(msg) from error
