"""Which class of call follows which, within bouts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from .classes import CLASSES

#: What has to be said wherever these figures stand.
WARNING = (
    "Transitions depend on the classes and on the silence that ends a bout: other rules or another "
    "bout_gap_s give others (Hertz et al. 2020). Compare only what was named and cut in one way."
)
# Classes that fewer calls have say nothing of what follows them.
_LEAST_SHARE = 0.01


def transitions_of(bouts: Sequence[tuple[str, Sequence[str | None]]]) -> pd.DataFrame:
    """How often each class follows each.

    Parameters
    ----------
    bouts : sequence of (str, sequence of str or None)
        Of each bout the recording that it is of, and the classes of its calls in order of time.

    Returns
    -------
    DataFrame
        One row a recording and pair that occurs: `recording`, `from`, `to`, `count`, and `share`
        of what follows `from`. Nothing leads from one bout to the next. Classes of fewer than 1 %
        of all calls given are left out, and so is what leads to and from them and to calls without
        a class; nothing is taken for a neighbour over them.
    """
    common = _common([name for _, names in bouts for name in names if name is not None])
    pairs = [(recording, *pair) for recording, names in bouts for pair in _pairs(names, common)]
    table = pd.DataFrame(pairs, columns=["recording", "from", "to"], dtype=object)
    counts = table.groupby(list(table), sort=False).size().rename("count").reset_index()
    total = counts.groupby(["recording", "from"])["count"].transform("sum")
    places = {
        "recording": _places(recording for recording, _ in bouts),
        "from": _places(CLASSES),
        "to": _places(CLASSES),
    }
    counts = counts.assign(share=counts["count"] / total)
    return counts.sort_values(
        list(places), key=lambda column: column.map(places[str(column.name)]), ignore_index=True
    )


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _common(names: list[str]) -> set[str]:
    return {name for name in CLASSES if names.count(name) >= max(1, _LEAST_SHARE * len(names))}


def _pairs(names: Sequence[str | None], common: set[str]) -> Iterator[tuple[str, str]]:
    for first, second in itertools.pairwise(names):
        if first is not None and second is not None and {first, second} <= common:
            yield first, second
