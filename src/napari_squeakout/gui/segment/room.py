"""Where the answers of a run go: into what is shown, into the session, or a place for now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.review.page_stages import PageStage, new_stages
from napari_squeakout.gui.names.shown import code_shown
from napari_squeakout.io.scratch import make_room, page_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_squeakout.io.sessions.session import Session

    from .run import Run


@dataclass(frozen=True, eq=False, kw_only=True)
class Room:
    """Where the answers go.

    Parameters
    ----------
    values : NDArray
        (n, 512, 512) uint8, all pages of the source; written beside the window as answers come.
    stages : NDArray
        (n,) uint8 `PageStage` of each page, written after the values of a page are.
    session : Session, optional
        One that was begun for them.
    before : NDArray, optional
        What another model answered before.
    is_new : bool
        Whether the window does not show these values yet.
    is_stale : bool
        Whether `values` holds answers of another model, which go when the first new one comes.
    note : str
        Why this is not kept on disk; empty where it is.
    """

    values: NDArray[np.uint8]
    stages: NDArray[np.uint8]
    session: Session | None = None
    before: NDArray[np.uint8] | None = None
    is_new: bool = True
    is_stale: bool = False
    note: str = ""


def room_for(run: Run, fingerprint: str) -> Room:
    """Find room for the answers: where there are some of the model already, or anew."""
    known = run.known
    is_same = known is not None and known.model == fingerprint
    if known is None or not is_same or not known.values.flags.writeable:
        room = _new_room(run)
        others = None if known is None or is_same else known.values
        return room if room.before is not None else replace(room, before=others)
    make_room(known.values, run.first, run.stop)
    stages = run.stages
    if stages is None:
        stages = np.full(run.stack.layout.n_pages, PageStage.CLEANED, np.uint8)
    return Room(values=known.values, stages=stages, is_new=False)


def _new_room(run: Run) -> Room:
    """Room in the session, in a new one, or where none can be, for now."""
    layout, session = run.stack.layout, run.session
    begun, note = None, ""
    if session is None and run.stack.origin is not None:
        from napari_squeakout.io.sessions.sources import begin_session

        try:
            session = begun = begin_session(run.stack, code=code_shown(run.stack))
        except (SqueakOutError, OSError) as error:
            note = f"this work is not kept on disk ({error})"
    if session is None or session.read_only:
        values = page_array(layout.shape, "uint8")
        return Room(values=values, stages=new_stages(layout.n_pages), note=note)
    return _room_in(session, run, begun)


def _room_in(session: Session, run: Run, begun: Session | None) -> Room:
    """Room in a session; what it holds is of another model."""
    from napari_squeakout.io.sessions.sources import discard_session

    values, stages = session.probabilities, session.stages
    try:
        make_room(values, run.first, run.stop)
        filled = [index for index, page in enumerate(values) if page.any()]
        before = None
        if filled:  # they go, and are compared with what comes
            before = page_array(values.shape, "uint8")
            before[filled] = values[filled]
    except BaseException:
        if begun is not None:
            discard_session(begun)
        raise
    is_stale = bool(filled) or bool(stages.any())
    return Room(values=values, stages=stages, session=begun, before=before, is_stale=is_stale)
