"""Where the pages of a session come from, so that those of one recording are known to be."""

from __future__ import annotations

import hashlib

from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.stacks import PAGE_PX, Layout
from napari_squeakout.io.sessions.record import SessionRecord


def page_place(record: SessionRecord, layout: Layout, page: int) -> PagePlace:
    """Place of a page: those of one recording lie on one line of time, whatever their session."""
    group = hashlib.sha256("".join(s.fingerprint for s in record.sources).encode()).hexdigest()
    name = layout.page_names[page] if layout.page_names else f"{record.name} page {page}"
    if layout.starts_s is None or layout.grid is None or not layout.contiguous:
        return PagePlace(group, page, name=name)
    length_s = PAGE_PX * layout.grid.seconds_per_column
    return PagePlace(group, float(layout.starts_s[page]), length_s, name)
