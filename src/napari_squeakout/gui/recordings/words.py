"""What has come of segmenting recordings in a row, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_squeakout.core.numerals import counted
from napari_squeakout.gui.qt.wording import sentences

from .hidden import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_squeakout.io.tasks.doubtful_pages import Doubtful, DoubtfulPage
    from napari_squeakout.io.tasks.into_sessions import Ready

BUSY = "{}, for something else is at work here: wait until it has ended."
NONE_DOUBTFUL = "None of the doubtful pages that were left waits for a look any more."
NONE = "Drop recordings or a folder of them here, or add them."
_HIDDEN = "Names are hidden; the order is drawn by chance. Work is kept as before."


def where_text(folder: Path | None, *, are_hidden: bool) -> str:
    """Where the list is kept, but while names are hidden, or how there comes to be one."""
    if folder is None:
        return NONE
    return _HIDDEN if are_hidden else f"Kept in {folder}"


def done_text(done: Sequence[Ready]) -> str:
    """How many are done, why the first that failed did, and what should be known of the first."""
    failed = [ready for ready in done if ready.failure]
    noted = [ready for ready in done if ready.notes]
    n_calls = sum(ready.n_calls for ready in done)
    said = [
        f"Segmented {counted(len(done) - len(failed), 'recording')}: {counted(n_calls, 'call')}."
    ]
    if failed:
        said.append(f"{len(failed)} failed, the first because: {failed[0].failure}.")
    if noted:
        said.append(f"{name_of(noted[0].path)}: {sentences(noted[0].notes)}")
    if len(noted) > 1:
        said.append(f"({counted(len(noted) - 1, 'more note')}, under the mouse.)")
    return " ".join(said)


def left_out_text(paths: Sequence[Path]) -> str:
    """Why some were left out; empty where none was."""
    names = ", ".join(map(name_of, paths))
    return f"{names} is open in this window: segment it in part 2." if names else ""


def doubtful_text(doubtful: Doubtful) -> str:
    """How many doubtful pages there are and how one comes to them, and what was not looked at."""
    pages, unread = doubtful.pages, doubtful.unread
    found = "On no page that waits for review would another threshold change anything."
    if pages:
        found = _pages_text(pages)
    elif unread:
        found = "No doubtful page was found."
    return " ".join(filter(None, (found, _unread_text(unread))))


def _pages_text(pages: Sequence[DoubtfulPage]) -> str:
    recordings = counted(len({page.path for page in pages}), "recording")
    doubtful = counted(len(pages), "doubtful page")
    return f"{doubtful} of {recordings}, the most doubtful first: Next goes to them."


def _unread_text(unread: Sequence[tuple[Path, str]]) -> str:
    if not unread:
        return ""
    names = ", ".join(name_of(path) for path, _ in unread)
    first = " the first" if len(unread) > 1 else ""
    return f"Not looked at: {names},{first} because: {unread[0][1]}."
