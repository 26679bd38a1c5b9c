"""Classes by hand in the window: kept beside the labels, and followed as these change."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from napari_squeakout.core.measures.by_hand.classes import doubtful_text, names_of, overruled_text
from napari_squeakout.gui.qt.wording import sentence

from .calls_layer import known_proposals
from .contents import mask_stack

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from napari_squeakout.core.measures.by_hand.following import Followed, FollowedClasses
    from napari_squeakout.core.measures.by_hand.patch import FoundCall
    from napari_squeakout.core.stacks import MaskStack
    from napari_squeakout.gui.layers.roles import SourceLayers

    from .state import SourceState


def follow_classes(
    source: SourceLayers,
    state: SourceState,
    pages: Collection[int] | None = None,
    *,
    is_watched: bool = True,
) -> str:
    """Look what has become of the calls that have a class by hand; say what was lost or has met.

    Parameters
    ----------
    source : SourceLayers
        The source.
    state : SourceState
        Of that source: its classes are brought up to date, and written.
    pages : collection of int, optional
        Where calls may have changed; by default anywhere.
    is_watched : bool
        Whether all edits since the last look came from here, one by one.
    """
    before = state.classes
    if not before.all or source.calls is None:
        return ""
    if tuple(source.calls.data.shape) != source.stack.layout.shape:
        return ""
    masks = mask_stack(source)
    if masks is None:
        return ""
    after = looked_at(source, before, masks, pages)
    if after is before:
        return ""
    state.set_classes(after)
    return _told(before, after, is_watched=is_watched)


def looked_at(
    source: SourceLayers,
    classes: FollowedClasses,
    masks: MaskStack,
    pages: Collection[int] | None = None,
) -> FollowedClasses:
    """The same classes, of the calls as they are now."""
    proposals = known_proposals(source.calls)

    @cache
    def is_proposed(page: int) -> bool:
        return proposals is not None and not proposals.differs(page)

    return classes.looked(masks, pages, is_proposed=is_proposed)


def _told(before: FollowedClasses, after: FollowedClasses, *, is_watched: bool) -> str:
    """What a person should know of the change; nothing of what goes on as it was."""
    pairs = list(zip(before.all, after.all, strict=True))
    gone = [now for was, now in pairs if now.call is None and (was.call is not None or was.is_new)]
    back = [now for was, now in pairs if now.call and was.call is None and not was.is_new]
    met = set(after.classed.overruled) - _met_before(before, after)
    odd = {c.key: c for was, now in pairs if (c := now.call) and _is_odd(was, c, is_watched)}
    told = [
        _of(gone, "went, for its call is gone", "went, for their calls are gone"),
        _of(back, "is back with its call", "are back with their calls"),
        *(sentence(overruled_text(*one)) for one in sorted(met)),
        sentence(doubtful_text(list(odd.values()))) if odd else "",
    ]
    return " ".join(filter(None, told))


def _met_before(before: FollowedClasses, after: FollowedClasses) -> set[tuple[int, str, str]]:
    """Classes that met when they were looked at last, be it when their session was open before."""
    pairs = zip(before.all, after.all, strict=True)
    as_seen = (
        (now.given, now.call)
        for was, now in pairs
        if was.is_new and now.call and now.given.is_as_seen(now.call)
    )
    return {*before.classed.overruled, *names_of(as_seen)[1]}


def _is_odd(was: Followed, call: FoundCall, is_watched: bool) -> bool:
    """Whether a call may be another one than that which was here when somebody watched."""
    if was.is_new:
        return was.given.is_doubtful(call)
    return not is_watched and was.call is not None and not was.call.patch.goes_on_in(call.patch)


def _of(followed: Sequence[Followed], one: str, several: str) -> str:
    if not followed:
        return ""
    names = ", ".join(sorted({each.given.name for each in followed}))
    if len(followed) == 1:
        return f"The class by hand {names} {one}."
    return f"{len(followed)} classes by hand ({names}) {several}."
