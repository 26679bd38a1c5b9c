"""What people approved -> pages to fine-tune on: sessions, or folders of images with masks.

Sessions are only read: no lock is taken and nothing in their folders is touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.approved import ApprovedPages
from napari_squeakout.core.review import labels_hash
from napari_squeakout.core.splits import PagePlace
from napari_squeakout.core.stacks import PAGE_PX, Grid, SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps

from .audio import read_recording
from .page_places import page_place
from .session_sources import reading_back
from .sessions import Session, open_session
from .training_data import reading_pairs


@dataclass(frozen=True)
class _Part:
    """The pages of one source."""

    pages: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    places: tuple[PagePlace, ...]
    grid: Grid | None
    about: dict[str, Any]
    notes: tuple[str, ...] = ()


def reading_sessions(folders: Sequence[Path], near: Sequence[Path] = ()) -> Steps[ApprovedPages]:
    """Approved pages of sessions, those without calls too.

    A page whose labels are no longer those that were approved is left out and noted, and so is a
    page that was given before.

    Parameters
    ----------
    folders : sequence of Path
        Sessions, `*.squeakout`.
    near : sequence of Path
        More folders to look for their recordings and images in.

    Raises
    ------
    InputError
        If one is no session, or its files are nowhere or have changed.
    """
    parts = []
    for folder in folders:
        session = open_session(Path(folder), read_only=True)
        stack = yield from reading_back(session, near)
        parts.append((yield from _session_part(session, stack)))
    return _together(parts)


def reading_folders(images: Path, masks: Path) -> Steps[ApprovedPages]:
    """Images and their masks, matched by stem; all of them count as approved.

    Raises
    ------
    InputError
        If an image cannot be read or has no mask.
    """
    names, pages, truth = yield from reading_pairs(images, masks)
    group = str(Path(images).resolve())
    places = tuple(PagePlace(group, i, name=name) for i, name in enumerate(names))
    about = {"source": str(images), "masks": str(masks), "kind": "images"}
    return _together([_Part(pages, truth, places, None, about)])


def _session_part(session: Session, stack: SpectrogramStack) -> Steps[_Part]:
    record, layout = session.record, stack.layout
    wanted = sorted(page for page, known in record.pages.items() if known.approved is not None)
    pages, masks, places, changed = [], [], [], 0
    for done, page in enumerate(wanted, start=1):
        # A copy: the window may be painting on it.
        labels = np.array(session.labels[page])
        if labels_hash(labels) != record.pages[page].approved:
            changed += 1
        else:
            pages.append(np.rint(stack.page(page) * 255).astype(np.uint8))
            masks.append(labels > 0)
            places.append(page_place(record, layout, page))
        yield Progress(done, len(wanted), "approved pages")
    notes = (
        (f"{session.folder}: {changed} pages were changed after they were approved: left out",)
        if changed
        else ()
    )
    shape = (len(pages), PAGE_PX, PAGE_PX)
    return _Part(
        np.array(pages, np.uint8).reshape(shape),
        np.array(masks, bool).reshape(shape),
        tuple(places),
        layout.grid,
        _about(session, stack),
        notes,
    )


def _about(session: Session, stack: SpectrogramStack) -> dict[str, Any]:
    record = session.record
    about: dict[str, Any] = {
        "source": record.name,
        "kind": record.kind,
        "fingerprints": [source.fingerprint for source in record.sources],
    }
    if record.kind == "recording" and stack.origin is not None:
        about["sample_rate_hz"] = read_recording(stack.origin.files[0]).sample_rate_hz
    return about


def _together(parts: Sequence[_Part]) -> ApprovedPages:
    """All pages, each content once; the grid where all share it."""
    seen: set[str] = set()
    kept: list[tuple[int, int]] = []
    for number, part in enumerate(parts):
        for index, page in enumerate(part.pages):
            content = hashlib.sha256(page.tobytes()).hexdigest()
            if content not in seen:
                seen.add(content)
                kept.append((number, index))
    twice = sum(len(part.pages) for part in parts) - len(kept)
    again = (f"{twice} pages were given twice: each is used once",) if twice else ()
    grids = {part.grid for part in parts}
    shape = (len(kept), PAGE_PX, PAGE_PX)
    return ApprovedPages(
        pages=np.array([parts[n].pages[i] for n, i in kept], np.uint8).reshape(shape),
        masks=np.array([parts[n].masks[i] for n, i in kept], bool).reshape(shape),
        places=tuple(parts[n].places[i] for n, i in kept),
        grid=grids.pop() if len(grids) == 1 else None,
        notes=(*(note for part in parts for note in part.notes), *again),
        about=tuple({**part.about, **_look(part)} for part in parts),
    )


def _look(part: _Part) -> dict[str, Any]:
    """What pages look like, to tell later recordings of another kind by: grey values, 0-255."""
    calls = part.masks.any(axis=(1, 2))
    look = {"pages": len(part.pages), "pages_with_calls": int(calls.sum())}
    digest = hashlib.sha256(part.pages.tobytes() + part.masks.tobytes()).hexdigest()
    figures: dict[str, Any] = {**look, "sha256": digest}
    if not part.masks.all() and len(part.pages):
        floor = float(np.median(part.pages[~part.masks]))
        figures["noise_floor_grey"] = floor
        if part.masks.any():
            figures["contrast_grey"] = float(np.median(part.pages[part.masks])) - floor
    return figures
