"""What kind of pages a model learned from, and how far others lie from them.

Grey values are those the network sees, 0 to 255. Where a page is scaled from its darkest to its
brightest pixel, the level of its background says how far calls or nulls stand out from it; where it
is levelled by the noise, whether the sound is noise as it was learned from at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

#: How far beyond what was learned from a usual page may lie: 72 real windows and four recordings
#: that the bundled model does well on stay inside, all of them inverted do not.
_FLOOR_SLACK_GREY, _CONTRAST_SLACK_TIMES = 20.0, 1.3
#: Below this share of the lowest rate learned from, too much of the band is missing.
_RATE_SHARE = 0.8
_RANGE, _LOUD = (1, 50, 99), 99
_WHITE = 255.0


class Spread(BaseModel):
    """A figure over pages: its 1st, 50th and 99th percentile."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    low: float
    usual: float
    high: float


class Domain(BaseModel):
    """A fingerprint of pages.

    Parameters
    ----------
    pages : int
        How many.
    sample_rates_hz : tuple of int
        Of their recordings, where that is known.
    floor_grey : Spread
        Background: the median grey of each page.
    contrast_grey : Spread
        How far the brightest hundredth of each page stands out from that.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    pages: int
    sample_rates_hz: tuple[int, ...] = ()
    floor_grey: Spread
    contrast_grey: Spread


def domain_of(pages: Iterable[NDArray[Any]], sample_rates_hz: Iterable[int] = ()) -> Domain | None:
    """The fingerprint of pages; None where none has any contrast.

    Parameters
    ----------
    pages : iterable of NDArray
        (h, w) each, uint8 or 0..1.
    sample_rates_hz : iterable of int
        Of the recordings they are from.
    """
    figures = [_figures(page) for page in pages if page.max() > page.min()]
    if not figures:
        return None
    floor, contrast = (_spread(column) for column in np.array(figures).T)
    rates = tuple(sorted(set(sample_rates_hz)))
    return Domain(
        pages=len(figures), sample_rates_hz=rates, floor_grey=floor, contrast_grey=contrast
    )


def widened(domains: Sequence[Domain | None]) -> Domain | None:
    """One that holds all of several, for a model that learned from one after the other."""
    known = [domain for domain in domains if domain is not None]
    if not known:
        return None
    return Domain(
        pages=sum(domain.pages for domain in known),
        sample_rates_hz=tuple(
            sorted({rate for domain in known for rate in domain.sample_rates_hz})
        ),
        floor_grey=_around([domain.floor_grey for domain in known]),
        contrast_grey=_around([domain.contrast_grey for domain in known]),
    )


def domain_shift_reasons(learned: Domain, other: Domain) -> tuple[str, ...]:
    """In what other pages lie far from those learned from, in words; empty where they do not.

    Parameters
    ----------
    learned : Domain
        Of the pages that a model learned from.
    other : Domain
        Of a recording, or of images.
    """
    reasons = []
    rate, known = min(other.sample_rates_hz, default=0), min(learned.sample_rates_hz, default=0)
    if 0 < rate < _RATE_SHARE * known:
        reasons.append(
            f"sampled at {rate / 1e3:g} kHz, it learned from {known / 1e3:g} kHz and more"
        )
    floor, range_ = other.floor_grey.usual, learned.floor_grey
    if not _is_floor(floor, range_):
        inverted = ", as if black and white were swapped" * _is_floor(_WHITE - floor, range_)
        reasons.append(
            f"the background is {'darker' if floor < range_.low else 'brighter'} (grey "
            f"{floor:.0f} of 255, it learned from {range_.low:.0f} to {range_.high:.0f}{inverted})"
        )
    contrast, range_ = other.contrast_grey.usual, learned.contrast_grey
    if not range_.low / _CONTRAST_SLACK_TIMES <= contrast <= range_.high * _CONTRAST_SLACK_TIMES:
        reasons.append(
            f"{'less' if contrast < range_.low else 'more'} stands out from the background (by "
            f"{contrast:.0f} grey values, it learned from {range_.low:.0f} to {range_.high:.0f})"
        )
    return tuple(reasons)


def domain_note(name: str, learned: Domain | None, other: Domain | None) -> str | None:
    """A warning in a sentence where pages lie far from what a model learned from, else None."""
    reasons = (
        domain_shift_reasons(learned, other) if learned is not None and other is not None else ()
    )
    if not reasons:
        return None
    return (
        f"far from what {name} learned from: {'; '.join(reasons)}: look closely at what it finds, "
        "or fine-tune it on some of these pages"
    )


def _figures(page: NDArray[Any]) -> tuple[float, float]:
    grey = page if page.dtype == np.uint8 else page * _WHITE
    floor, loud = np.percentile(grey, (50, _LOUD))
    return float(floor), float(loud - floor)


def _spread(values: NDArray[np.float64]) -> Spread:
    low, usual, high = (round(float(value), 1) for value in np.percentile(values, _RANGE))
    return Spread(low=low, usual=usual, high=high)


def _around(spreads: Sequence[Spread]) -> Spread:
    return Spread(
        low=min(spread.low for spread in spreads),
        usual=float(np.median([spread.usual for spread in spreads])),
        high=max(spread.high for spread in spreads),
    )


def _is_floor(grey: float, range_: Spread) -> bool:
    return range_.low - _FLOOR_SLACK_GREY <= grey <= range_.high + _FLOOR_SLACK_GREY
