"""Hides and shows the name of one source: in the window at once, and so in its session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.hidden_names import code_alone
from napari_squeakout.gui.names.shown import NAMES, Files, key_of
from napari_squeakout.io.sessions.hiding import hidden_name, hidden_name_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.core.review.hidden_names import HiddenName
    from napari_squeakout.core.stacks import SpectrogramStack
    from napari_squeakout.gui.layers.roles import SourceLayers

    from .state import SourceState


def hidden_source(
    stack: SpectrogramStack, code: str, sessions: Sequence[Path] = ()
) -> dict[Files, HiddenName]:
    """What is to be hidden of a source and its sessions; nothing of one that is of no file."""
    if stack.origin is None:
        return {}
    files = stack.origin.files
    hidden = hidden_name(code, files, name=stack.layout.source, sessions=sessions)
    return {key_of(files): hidden}


def hide_name(source: SourceLayers, state: SourceState) -> None:
    """Hide the name of a source under a code of its own; its session takes that down."""
    sessions = [] if state.session is None else [state.session.folder]
    NAMES.hide(hidden_source(source.stack, code_alone(NAMES.codes), sessions=sessions))


def show_name(source: SourceLayers) -> None:
    """Show the name of a source again; its session takes that down, too."""
    origin = source.stack.origin
    if origin is not None:
        NAMES.show([key_of(origin.files)])


def hide_as_kept(session: Path, stack: SpectrogramStack | None = None) -> None:
    """Hide the name of a session's source, before anything of it is shown, where it is hidden.

    Parameters
    ----------
    session : Path
        Its folder.
    stack : SpectrogramStack, optional
        The source, where it is known: its files may have been moved.
    """
    try:
        kept, hidden = hidden_name_of(session)
    except InputError:
        return  # opening it says what is wrong
    if hidden is not None:
        files = kept if stack is None or stack.origin is None else stack.origin.files
        code = NAMES.code_of(files) or hidden.code
        NAMES.hide({key_of(files): replace(hidden, code=code)})
