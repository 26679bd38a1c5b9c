"""Where the pages of a session come from, so that those of one recording are known to be.

And what is said of those that are left out, before a training and in it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.numerals import counted
from napari_squeakout.io.sessions.record import SessionRecord


def page_place(record: SessionRecord, layout: Layout, page: int) -> PagePlace:
    """Place of a page: those of one recording lie on one line of time, whatever their session."""
    group = hashlib.sha256("".join(s.fingerprint for s in record.sources).encode()).hexdigest()
    name = layout.page_names[page] if layout.page_names else f"{record.name} page {page}"
    if layout.starts_s is None or layout.grid is None or not layout.contiguous:
        return PagePlace(group=group, start=page, name=name)
    length_s = PAGE_PX * layout.grid.seconds_per_column
    return PagePlace(group=group, start=float(layout.starts_s[page]), length=length_s, name=name)


def changed_text(session: str | Path, n_pages: int) -> str:
    """Say that pages of a session are not as they were approved."""
    were = "was" if n_pages == 1 else "were"
    return f"{session}: {counted(n_pages, 'page')} {were} changed after being approved: left out"


def given_twice_text(n_pages: int) -> str:
    """Say that pages are in two of the sources."""
    if n_pages == 1:
        return "1 page was given twice: it is used once"
    return f"{n_pages} pages were given twice: each is used once"
