"""A class that a person gave to a call, and which calls have one: by pixels, not by numbers.

Numbers change with every clean-up, and a merged call has only one of two. A class is known by the
pixels that its call had when it was given, and is of the call that has most of them now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pandas as pd

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.numerals import are
from napari_squeakout.core.stacks import CallTable, MaskStack

from .patch import CallsIn, FoundCall, Patch

#: The column that says who gave a class, and what stands in it.
CLASS_BY, RULES, PERSON = "class_by", "rules", "person"
_MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class ClassByHand:
    """What a person said of one call.

    Parameters
    ----------
    name : str
        One of `CLASSES`.
    patch : Patch
        The call's pixels when it was said.
    seen : str
        Fingerprint of those that it had when it was looked at last; empty where they were these.

    Raises
    ------
    InputError
        If there is no such class.
    """

    name: str
    patch: Patch
    seen: str = ""

    def __post_init__(self) -> None:
        if self.name not in CLASSES:
            msg = f"{self.name!r} is no class of calls: choose one of {', '.join(CLASSES)}"
            raise InputError(msg)

    def is_as_seen(self, call: FoundCall) -> bool:
        """Whether a call is as it was when it was looked at last."""
        return call.patch.fingerprint == (self.seen or self.patch.fingerprint)

    def is_doubtful(self, call: FoundCall) -> bool:
        """Whether a call may be another one: it was made so much other while nobody watched."""
        return not self.is_as_seen(call) and not self.patch.goes_on_in(call.patch)


#: All that a person said of the calls of one source, in the order in which it was said.
ClassesByHand: TypeAlias = tuple[ClassByHand, ...]


@dataclass(frozen=True, kw_only=True)
class Classed:
    """Which calls of some masks have a class by hand.

    Parameters
    ----------
    names : mapping
        Page on which a call begins and its number in the masks -> its class.
    overruled : tuple
        Number of a call, the class that counts there, and another one that was given to a smaller
        part of it.
    doubtful : tuple of FoundCall
        Those that may be others than the class was given to.
    gone : tuple of ClassByHand
        Those whose call is no more.
    """

    names: Mapping[tuple[int, int], str] = field(default_factory=dict)
    overruled: tuple[tuple[int, str, str], ...] = ()
    doubtful: tuple[FoundCall, ...] = ()
    gone: ClassesByHand = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know, sentences without full stop."""
        told = [overruled_text(*one) for one in self.overruled]
        if self.doubtful:
            told.append(doubtful_text(self.doubtful))
        if self.gone:
            n = len(self.gone)
            what = f"{n} class{'' if n == 1 else 'es'} by hand {are(n)}"
            told.append(f"{what} of calls that are no more, and left out")
        return tuple(told)


def overruled_text(number: int, name: str, other: str) -> str:
    """Say that two classes meet in a call."""
    return (
        f"two classes by hand meet in call {number}: {name} counts, which was given to its larger "
        f"part, and {other} does not"
    )


def doubtful_text(calls: Sequence[FoundCall]) -> str:
    """Say which calls may be others than their classes were given to."""
    places = [f"call {call.number} on page {call.page}" for call in calls]
    which = ", ".join(places[:_MOST_NAMED])
    more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
    have, it = ("has", "it") if len(places) == 1 else ("have", "them")
    return (
        f"{which}{more} {have} a class by hand, and another mask than when somebody watched: "
        f"check {it}"
    )


def classed(classes: Iterable[ClassByHand], masks: MaskStack) -> Classed:
    """Find the calls that classes by hand are of.

    Parameters
    ----------
    classes : iterable of ClassByHand
        What was said.
    masks : MaskStack
        The calls as they are now.
    """
    calls = CallsIn(masks)
    pairs = [(given, call_of(given, calls)) for given in classes]
    found = [(given, call) for given, call in pairs if call is not None]
    names, overruled = names_of(found)
    doubtful = {call.key: call for given, call in found if given.is_doubtful(call)}
    return Classed(
        names=names,
        overruled=overruled,
        doubtful=tuple(doubtful.values()),
        gone=tuple(given for given, call in pairs if call is None),
    )


def call_of(given: ClassByHand, calls: CallsIn) -> FoundCall | None:
    """The call with most of the pixels that a class was given to.

    None where there is no call that is mostly there, or that is mostly there what was there then:
    one that only brushes these pixels is another.
    """
    candidates = [c for c in calls.under(given.patch) if given.patch.is_mostly(c.patch)]
    return most_of(given.patch, candidates)


def most_of(patch: Patch, calls: Sequence[FoundCall]) -> FoundCall | None:
    """The call that has most of the pixels; of two that have as many the first."""
    return max(calls, key=lambda call: patch.shared_with(call.patch), default=None)


def names_of(
    found: Iterable[tuple[ClassByHand, FoundCall]],
) -> tuple[dict[tuple[int, int], str], tuple[tuple[int, str, str], ...]]:
    """The class of each call, that of its larger part where it has two; and which do not count."""
    by_size = sorted(found, key=lambda pair: -pair[0].patch.shared_with(pair[1].patch))
    names: dict[tuple[int, int], str] = {}
    overruled = []
    for given, call in by_size:
        counts = names.setdefault(call.key, given.name)
        if counts != given.name:
            overruled.append((call.number, counts, given.name))
    return names, tuple(overruled)


def with_classes(
    calls: CallTable, names: Mapping[tuple[int, int], str], *, number: str = "call"
) -> CallTable:
    """A table of calls in which classes by hand win, and a column says who gave each.

    Parameters
    ----------
    calls : DataFrame
        One row a call; with a column `class` where the rules were asked.
    names : mapping
        As those of `Classed`.
    number : str
        The column with the calls' numbers in the masks.

    Returns
    -------
    DataFrame
        With `class` and behind it `class_by`: `person`, `rules`, or empty where there is no class.
    """
    by_rules = calls["class"].to_numpy(object) if "class" in calls else np.full(len(calls), None)
    is_named = np.array([isinstance(name, str) and name != "" for name in by_rules], bool)
    classes = np.where(is_named, by_rules, np.array(None))
    who = np.where(is_named, np.array(RULES, object), np.array(None))
    if names:
        keys = zip(calls["page"].tolist(), calls[number].tolist(), strict=True)
        by_hand = np.array([names.get(key) for key in keys], object)
        is_by_hand = by_hand != np.array(None)
        classes = np.where(is_by_hand, by_hand, classes)
        who = np.where(is_by_hand, np.array(PERSON, object), who)
    columns = {
        "class": pd.Series(classes, calls.index, dtype=object),
        CLASS_BY: pd.Series(who, calls.index, dtype=object),
    }
    others = [name for name in calls if name not in columns]
    at = list(calls).index("class") if "class" in calls else len(others)
    before = [name for name in list(calls)[:at] if name not in columns]
    behind = [name for name in others if name not in before]
    return pd.concat([calls[before], pd.DataFrame(columns), calls[behind]], axis=1)
