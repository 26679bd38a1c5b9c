"""How far two that name the same calls agree: neither of them is the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from napari_squeakout.core.errors import InputError

from .ratios import ratio


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Agreement on the classes of calls.

    Parameters
    ----------
    calls : int
        Calls that both have named.
    left_out : int
        Calls that one of them has not.
    same : float
        Share of calls with the same name; nan without calls.
    kappa : float
        Cohen's kappa: 1 all the same, 0 no more than by chance; nan where chance leaves nothing.
    table : DataFrame
        Calls by the first one's name (rows) and the second one's (columns).
    """

    calls: int
    left_out: int
    same: float
    kappa: float
    table: pd.DataFrame = field(repr=False)


def class_agreement(
    first: Sequence[str | None], second: Sequence[str | None], names: Sequence[str]
) -> Agreement:
    """Compare two lists of the same calls' classes.

    Parameters
    ----------
    first, second : sequence of str or None
        The class of each call; None where it has none.
    names : sequence of str
        All classes, in the order of the table.

    Raises
    ------
    InputError
        If the lists differ in length, or a class is none of these.
    """
    if len(first) != len(second):
        msg = (
            f"{len(first)} classes and {len(second)} are not of the same calls: give one of each "
            "call, None where it has none"
        )
        raise InputError(msg)
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    unknown = sorted({name for pair in both for name in pair} - set(names))
    if unknown:
        msg = (
            f"{', '.join(unknown)}: is no class of {', '.join(names)}: give each call one of these"
        )
        raise InputError(msg)
    counts = np.zeros((len(names), len(names)), np.int64)
    for one, other in both:
        counts[names.index(one), names.index(other)] += 1
    n = len(both)
    same = ratio(float(np.trace(counts)), n, undefined=np.nan)
    by_chance = ratio(float(counts.sum(axis=0) @ counts.sum(axis=1)), n**2, undefined=np.nan)
    return Agreement(
        calls=n,
        left_out=len(first) - n,
        same=same,
        kappa=ratio(same - by_chance, 1 - by_chance, undefined=np.nan),
        table=pd.DataFrame(counts, index=list(names), columns=list(names)),
    )
