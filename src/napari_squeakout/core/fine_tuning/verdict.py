"""Before and after fine-tuning, on pages that neither model learned from: whether it is better.

Calls are found along time, as cleaning finds them, and matched by overlap. How sure the answer is
comes from a paired bootstrap over the held-out pages, or over recordings where five or more of
them are held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.scoring.page_scores import Figures, PageFigures, figures

from .splits import PagePlace

#: How sure a verdict must be.
CERTAIN = 0.95
#: Units in which before and after differ that it takes to be that sure: if both were equally good,
#: all of n would speak for the new one with a chance of 1 in 2^n, and 1 - 2^-5 is above 0.95.
MIN_UNITS = 5
_RESAMPLES, _INTERVAL = 4000, (2.5, 97.5)
# A fall by this much on synthetic pages, or a change in false calls, is worth a word.
_FORGOTTEN, _WORTH_A_WORD = 0.02, 0.05


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a fine-tuned model is better than the one it came from.

    Parameters
    ----------
    is_better : bool
        Whether Dice is higher with a certainty of 95 % or more, and the F1 of calls not lower.
    certainty : float
        Share of resamples in which Dice is higher, at most 1 - 2^-n with n units that differ.
    pages, units : int
        Pages judged by, and what was resampled: pages, or recordings where there are five.
    before, after : Figures
        On these pages.
    missed_before, now_found, now_missed : int
        True calls the old model missed, those of them the new one finds, those only it misses.
    gains : dict
        Figure -> lower and upper end of the 95 % interval of after minus before.
    synthetic_dice : tuple of float or None
        Dice before and after on synthetic pages: what was forgotten.
    sentence : str
        All this for a person.
    """

    is_better: bool
    certainty: float
    pages: int
    units: int
    before: Figures
    after: Figures
    missed_before: int
    now_found: int
    now_missed: int
    gains: dict[str, tuple[float, float] | None]
    synthetic_dice: tuple[float, float] | None = None
    sentence: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def units_of(places: Sequence[PagePlace]) -> NDArray[np.int64]:
    """(n,) what each page is resampled with: its recording where there are five, else alone."""
    groups = np.unique([place.group for place in places], return_inverse=True)[1]
    if len(np.unique(groups)) >= MIN_UNITS:
        return np.asarray(groups, np.int64)
    return np.arange(len(places))


def compare(
    before: tuple[PageFigures, float],
    after: tuple[PageFigures, float],
    units: NDArray[np.int64],
    *,
    seed: int,
    synthetic_dice: tuple[float, float] | None = None,
) -> Verdict:
    """Judge two models on the same pages.

    Parameters
    ----------
    before, after : tuple
        What each came to on the held-out pages, and the threshold it was judged with.
    units : NDArray
        (n,) from `units_of`.
    seed : int
        Of the resampling.
    synthetic_dice : tuple of float, optional
        Before and after, for what was forgotten.
    """
    old, new = figures(*before), figures(*after)
    gains = _resampled_gains(before[0], after[0], units, seed)
    differ = len(np.unique(units[before[0].dice != after[0].dice]))
    certainty = min(float((gains["dice"] > 0).mean()), 1 - 2.0**-differ)
    had, has = (np.concatenate(model[0].recovered) for model in (before, after))
    verdict = Verdict(
        is_better=certainty >= CERTAIN and (new.f1 or 0) >= (old.f1 or 0),
        certainty=certainty,
        pages=len(units),
        units=len(np.unique(units)),
        before=old,
        after=new,
        missed_before=int((~had).sum()),
        now_found=int((has & ~had).sum()),
        now_missed=int((had & ~has).sum()),
        gains={name: _interval(values) for name, values in gains.items()},
        synthetic_dice=synthetic_dice,
    )
    return replace(verdict, sentence=_sentence(verdict))


def _resampled_gains(
    before: PageFigures, after: PageFigures, units: NDArray[np.int64], seed: int
) -> dict[str, NDArray[np.float64]]:
    """Figure -> (resamples,) after minus before, the same units drawn for both."""
    names, unit = np.unique(units, return_inverse=True)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), _RESAMPLES)
    pages = weights @ np.bincount(unit)
    sums = []
    for model in (before, after):
        by_unit = np.zeros((len(names), 4))
        np.add.at(by_unit, unit, model.counts())
        sums.append((weights @ by_unit).T)
    minutes = pages * before.page_s / 60
    with np.errstate(invalid="ignore", divide="ignore"):
        old, new = (
            {
                "dice": dice / pages,
                "precision": hit / found,
                "recall": hit / calls,
                "false_calls_per_minute": (found - hit) / minutes,
            }
            for dice, calls, found, hit in sums
        )
    return {name: new[name] - old[name] for name in old}


def _interval(values: NDArray[np.float64]) -> tuple[float, float] | None:
    defined = values[np.isfinite(values)]
    if not len(defined):
        return None
    low, high = np.percentile(defined, _INTERVAL)
    return float(low), float(high)


def _sentence(verdict: Verdict) -> str:
    """What a person wants to know: calls gained, false ones, whether to trust it."""
    parts = [_calls_in_words(verdict)]
    before, after = verdict.before, verdict.after
    more = after.false_calls_per_minute - before.false_calls_per_minute
    if abs(more) >= _WORTH_A_WORD:
        parts.append(f"{abs(more):.1f} {'more' if more > 0 else 'fewer'} false calls per minute")
    text = "; ".join(part for part in parts if part)
    dice = f"Dice {before.dice:.3f} before, {after.dice:.3f} after"
    sure = f"{int(100 * verdict.certainty)} % certainty"
    if verdict.is_better:
        text = f"better with {sure} ({dice}): {text}" if text else f"better with {sure} ({dice})"
    elif verdict.units < MIN_UNITS:
        text = (
            f"cannot tell: {verdict.pages} pages are too few to judge by ({dice}): approve 15 or "
            f"more{'; ' if text else ''}{text}"
        )
    else:
        text = f"not better: {dice}, {_why_not(verdict)}{'; ' if text else ''}{text}"
    return text + _forgotten_in_words(verdict.synthetic_dice)


def _why_not(verdict: Verdict) -> str:
    if verdict.certainty < CERTAIN:
        return (
            f"{int(100 * verdict.certainty)} % certainty that it is better, "
            f"{100 * CERTAIN:.0f} % are needed"
        )
    before, after = verdict.before.f1 or 0.0, verdict.after.f1 or 0.0
    return f"but calls are found less well (F1 {before:.3f} before, {after:.3f} after)"


def _calls_in_words(verdict: Verdict) -> str:
    parts = []
    if verdict.missed_before:
        parts.append(_once_missed_in_words(verdict.now_found, verdict.missed_before))
    if verdict.now_missed:
        parts.append(f"misses {verdict.now_missed} that were found")
    return "; ".join(parts)


def _once_missed_in_words(found: int, missed: int) -> str:
    if 0 < found < missed:
        return f"finds {found} of {missed} calls that were missed before"
    which = "the call that was" if missed == 1 else f"all {missed} calls that were"
    return f"{'finds' if found else 'still misses'} {which} missed before"


def _forgotten_in_words(dice: tuple[float, float] | None) -> str:
    if dice is None or dice[0] - dice[1] < _FORGOTTEN:
        return ""
    return f"; some is forgotten: Dice on synthetic pages {dice[0]:.3f} before, {dice[1]:.3f} after"
