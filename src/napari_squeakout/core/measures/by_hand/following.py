"""Classes by hand, followed from edit to edit: which call each is of now, and which has none.

Where the masks are only looked at once, `classed` says it. Who sees every change knows more: that a
call was deleted, and another one drawn in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from napari_squeakout.core.stacks import MaskStack

from .classes import ClassByHand, Classed, ClassesByHand, call_of, most_of, names_of
from .patch import CallsIn, FoundCall


@dataclass(frozen=True, eq=False, kw_only=True)
class Followed:
    """A class by hand, and the call that it is of.

    Parameters
    ----------
    given : ClassByHand
        What was said.
    call : FoundCall or None
        The call as it was seen last; None once it is gone.
    seen : frozenset
        Keys of all patches that it was seen as: undo brings back one of these.
    written : ClassByHand or None
        What is written of it: what was said, on such pixels that whoever reads it finds this call.
    may_return : bool
        Whether the call went because calls were proposed anew: then a later proposal in its place
        is the call again. What a person draws where a call was deleted is another one.
    is_new : bool
        Whether nobody has looked for the call yet.
    """

    given: ClassByHand
    call: FoundCall | None = None
    seen: frozenset[Any] = frozenset()
    written: ClassByHand | None = None
    may_return: bool = True
    is_new: bool = True

    def is_on(self, pages: Collection[int]) -> bool:
        """Whether what is on these pages may matter to it."""
        own = set(self.given.patch.pages)
        if self.call is not None:
            own.update(self.call.patch.pages)
        return not own.isdisjoint(pages)


@dataclass(frozen=True, eq=False)
class FollowedClasses:
    """All classes by hand of a source, with the calls that they are of.

    Parameters
    ----------
    all : tuple of Followed
        In the order in which they were given.
    """

    all: tuple[Followed, ...] = ()

    @property
    def kept(self) -> ClassesByHand:
        """Those whose call is there: what is written to a session."""
        return tuple(_as_seen(one.written or one.given, one.call) for one in self.all if one.call)

    @cached_property
    def classed(self) -> Classed:
        """Which calls have a class."""
        names, overruled = names_of(
            (one.given, one.call) for one in self.all if one.call is not None
        )
        gone = tuple(one.given for one in self.all if one.call is None)
        return Classed(names=names, overruled=overruled, gone=gone)

    def changed(
        self, *, without: Collection[ClassByHand] = (), added: Iterable[ClassByHand] = ()
    ) -> FollowedClasses:
        """The same without some and with others; where these are, `looked` finds."""
        unwanted = {id(given) for given in without}
        left = [one for one in self.all if id(one.given) not in unwanted]
        return FollowedClasses((*left, *(Followed(given=given) for given in added)))

    def given_to(self, calls: Iterable[tuple[int, int]]) -> ClassesByHand:
        """All that was said of calls, by page and number, whether it counts or not."""
        wanted = set(calls)
        return tuple(
            one.given for one in self.all if one.call is not None and one.call.key in wanted
        )

    def looked(
        self,
        masks: MaskStack,
        pages: Collection[int] | None = None,
        *,
        is_proposed: Callable[[int], bool] = lambda _: True,
    ) -> FollowedClasses:
        """Look what has become of the calls.

        Parameters
        ----------
        masks : MaskStack
            The calls as they are now.
        pages : collection of int, optional
            Where they may have changed; by default anywhere.
        is_proposed : callable
            Tells whether a page is as it was proposed; a person has changed the others.
        """
        calls = CallsIn(masks)
        after = tuple(
            one if pages is not None and not one.is_on(pages) else _looked(one, calls, is_proposed)
            for one in self.all
        )
        is_same = all(one is other for one, other in zip(after, self.all, strict=True))
        return self if is_same else FollowedClasses(after)


def _looked(one: Followed, calls: CallsIn, is_proposed: Callable[[int], bool]) -> Followed:
    by_hand = not all(is_proposed(page) for page in one.given.patch.pages)
    call = _call_now(one, calls, by_hand=by_hand)
    if call is None:
        is_known = one.call is None and not one.is_new
        return one if is_known else replace(one, call=None, may_return=not by_hand, is_new=False)
    if one.call is not None and (call.key, call.patch.key) == (one.call.key, one.call.patch.key):
        return one
    return replace(
        one,
        call=call,
        seen=one.seen | {call.patch.key},
        written=_written(one, call, calls),
        is_new=False,
    )


def _as_seen(said: ClassByHand, call: FoundCall) -> ClassByHand:
    is_as_said = call.patch.fingerprint == said.patch.fingerprint
    return replace(said, seen="" if is_as_said else call.patch.fingerprint)


def _written(one: Followed, call: FoundCall, calls: CallsIn) -> ClassByHand:
    """What was said, if that leads to the call; else the same on the pixels that it has now."""
    for said in filter(None, (one.given, one.written)):
        found = call_of(said, calls)
        if found is not None and found.key == call.key:
            return said
    return ClassByHand(one.given.name, call.patch)


def _call_now(one: Followed, calls: CallsIn, *, by_hand: bool) -> FoundCall | None:
    if one.is_new or (not by_hand and (one.call is not None or one.may_return)):
        return call_of(one.given, calls)
    patch = one.given.patch
    candidates = [call for call in calls.under(patch) if patch.is_mostly(call.patch)]
    if one.call is not None:
        # A part that was cut off before, and has no class since, does not get it now.
        last = one.call.patch
        return most_of(patch, [call for call in candidates if last.is_mostly(call.patch)])
    return most_of(patch, [call for call in candidates if call.patch.key in one.seen])
