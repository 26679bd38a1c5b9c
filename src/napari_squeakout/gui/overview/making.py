"""Work on an overview that goes on beside the window: reading back, making, keeping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.overview.overview import Overview, overview
from napari_squeakout.core.steps import Progress, Steps

if TYPE_CHECKING:
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.gui.source.kept import Kept


def making(stack: SpectrogramStack, kept: Kept) -> Steps[Overview]:
    """The overview of a recording: from its session, or made and kept there where it has one."""
    from napari_squeakout.io.sessions.overview_file import kept_overview

    session = kept.session
    yield Progress(0, stack.layout.n_pages, "pages")
    known = None if session is None else kept_overview(session, stack)
    if known is not None:
        return known
    made = yield from overview(stack)
    yield from keeping(stack, kept, made)
    return made


def keeping(stack: SpectrogramStack, kept: Kept, made: Overview) -> Steps[None]:
    """Put an overview into the session of its recording, if it has one that may be written."""
    from napari_squeakout.io.sessions.overview_file import keep_overview, kept_overview

    session = kept.session
    yield Progress(stack.layout.n_pages, stack.layout.n_pages, "pages")
    if session is not None and kept_overview(session, stack) is None:
        keep_overview(session, stack, made)
