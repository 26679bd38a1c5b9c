"""What the window says of sessions: what is offered, and where the work is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_squeakout.gui.names.shown import NAMES
from napari_squeakout.gui.source.calls_layer import why_not_kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.source.state import SourceState
    from napari_squeakout.io.sessions.sources import Earlier

_DAY = re.compile(r", last change [\d: -]+")
_NO_FILE = "These pages come from no file, so this review is not kept: save the layers."
_NOT_YET = "From the first segmentation on, all work is kept on disk."


def session_name(folder: Path) -> str:
    """What a session is called on the screen."""
    return NAMES.called(folder.name)


def offer_text(earlier: Earlier, others: Sequence[Earlier] = ()) -> str:
    """What is said of the earlier session that is offered, and of others there are."""
    name = session_name(earlier.folder)
    more = "".join(f" Also kept: {session_name(one.folder)}, {_summary(one)}." for one in others)
    if earlier.fits:
        return f"You have worked on this before: {name}, {_summary(earlier)}.{more}"
    return (
        f"You have worked on this before, read with other settings: {name}, {_summary(earlier)}. "
        f"It opens beside this one.{more}"
    )


def _summary(earlier: Earlier) -> str:
    """What a session holds; not of what day it is, where that may tell whose."""
    is_hidden = session_name(earlier.folder) != earlier.folder.name
    return _DAY.sub("", earlier.summary) if is_hidden else earlier.summary


def where_text(source: SourceLayers | None, state: SourceState | None) -> str:
    """Where the work on a source is kept, or why it is not."""
    if source is None or state is None:
        return ""
    session = state.session
    if session is not None and session.read_only:
        name = session_name(session.folder)
        return f"Opened from {name}, which {session.read_only}: nothing new is kept."
    if session is not None:
        copied = why_not_kept(source, session)
        trouble = f"Not kept: {copied}" if copied else state.trouble
        name = session_name(session.folder)
        return trouble or f"Kept in {name if name == session.folder.name else 'its session'}"
    return _NO_FILE if source.stack.origin is None else _NOT_YET
