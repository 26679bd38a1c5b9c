"""Work on an overview that goes on beside the window: reading back, making, keeping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.overview.overview import Overview, looking_over
from napari_squeakout.core.steps import Progress, Steps

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.io.sessions.session import Session


def making(stack: SpectrogramStack, session: Session | None) -> Steps[Overview]:
    """The overview of a recording: from its session, or made where it has none in there."""
    from napari_squeakout.io.sessions.overview_file import kept_overview

    yield Progress(0, stack.layout.n_pages, "pages")
    known = None if session is None else kept_overview(session, stack)
    if known is not None:
        return known
    return (yield from looking_over(stack))


def keeping(stack: SpectrogramStack, session: Session, made: Overview) -> Steps[None]:
    """Put an overview into the session of its recording, if that may be written."""
    from napari_squeakout.io.sessions.overview_file import keep_overview, kept_overview

    yield Progress(stack.layout.n_pages, stack.layout.n_pages, "pages")
    if kept_overview(session, stack) is None:
        keep_overview(session, stack, made)
