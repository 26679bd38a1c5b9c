"""Classes by hand in the window: kept beside the labels, and followed as these change."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from napari_squeakout.core.measures.by_hand.classes import overruled_text

from .calls_layer import known_proposals
from .contents import mask_stack

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from napari_squeakout.core.measures.by_hand.following import Followed, FollowedClasses
    from napari_squeakout.core.stacks import MaskStack
    from napari_squeakout.gui.layers.roles import SourceLayers

    from .state import SourceState


def follow_classes(
    source: SourceLayers, state: SourceState, pages: Collection[int] | None = None
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
    return _told(before, after)


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


def _told(before: FollowedClasses, after: FollowedClasses) -> str:
    """What a person should know of the change; nothing of what goes on as it was."""
    pairs = list(zip(before.all, after.all, strict=True))
    gone = [now for was, now in pairs if now.call is None and (was.call is not None or was.is_new)]
    back = [now for was, now in pairs if now.call and was.call is None and not was.is_new]
    met = set(after.classed.overruled) - set(before.classed.overruled)
    told = [
        _of(gone, "went, for its call is gone", "went, for their calls are gone"),
        _of(back, "is back with its call", "are back with their calls"),
        *(f"{text[:1].upper()}{text[1:]}." for text in (overruled_text(*one) for one in met)),
    ]
    return " ".join(filter(None, told))


def _of(followed: Sequence[Followed], one: str, several: str) -> str:
    if not followed:
        return ""
    names = ", ".join(sorted({each.given.name for each in followed}))
    if len(followed) == 1:
        return f"The class by hand {names} {one}."
    return f"{len(followed)} classes by hand ({names}) {several}."
