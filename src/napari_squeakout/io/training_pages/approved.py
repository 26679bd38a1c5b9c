"""What people approved -> pages to fine-tune on: of sessions, of folders of images with masks.

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

from napari_squeakout.core.fine_tuning.approved import ApprovedPages
from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.layout import PAGE_PX, Grid
from napari_squeakout.core.rendering.render import view_as
from napari_squeakout.core.review.review import labels_hash
from napari_squeakout.core.settings import Levels
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.sessions.session import Session, open_session
from napari_squeakout.io.sessions.sources import reading_back

from .pages import reading_pairs
from .places import changed_text, given_twice_text, page_place


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The pages of one source."""

    pages: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    places: tuple[PagePlace, ...]
    grid: Grid | None
    about: dict[str, Any]
    notes: tuple[str, ...] = ()


def reading_approved(
    sessions: Sequence[Path] = (),
    folders: Sequence[tuple[Path, Path]] = (),
    near: Sequence[Path] = (),
    *,
    levels: Levels = "noise",
) -> Steps[ApprovedPages]:
    """All pages that were approved, those without calls too.

    A page whose labels are no longer those that were approved is left out and noted, and so is a
    page that was given before. A recording stays one, whatever sessions its pages are from, and a
    folder of images is another. The grid is kept where all pages share it.

    Parameters
    ----------
    sessions : sequence of Path
        `*.squeakout`.
    folders : sequence of tuple of Path
        Images and their masks, matched by stem; all of them count as approved.
    near : sequence of Path
        More folders to look for the sessions' recordings and images in.
    levels : {"noise", "page"}
        What grey means to the model that is to learn them, whatever the person was shown.

    Raises
    ------
    InputError
        If one is no session, its files are nowhere or have changed, an image cannot be read or
        has no mask.
    """
    parts = []
    for folder in sessions:
        session = open_session(Path(folder), read_only=True)
        stack = yield from reading_back(session, near)
        parts.append((yield from _reading_session(session, stack, levels)))
    for images, masks in folders:
        parts.append(
            (yield from _reading_folder(images, masks, alone=len(folders) == 1, levels=levels))
        )
    return _together(parts)


def _reading_folder(images: Path, masks: Path, *, alone: bool, levels: Levels) -> Steps[_Part]:
    """Pages of one folder; beside others, they are called after it too."""
    pairs = yield from reading_pairs(images, masks, levels)
    group, before = Path(images).resolve(), "" if alone else f"{Path(images).name}/"
    places = tuple(
        PagePlace(group=str(group), start=i, name=f"{before}{n}") for i, n in enumerate(pairs.names)
    )
    about = {"source": str(images), "masks": str(masks), "kind": "images"}
    return _Part(
        pages=pairs.pages,
        masks=pairs.masks,
        places=places,
        grid=None,
        about=about,
        notes=pairs.notes,
    )


def _reading_session(session: Session, stack: SpectrogramStack, levels: Levels) -> Steps[_Part]:
    record, layout = session.record, stack.layout
    look = view_as(stack, levels)
    wanted = sorted(page for page, known in record.pages.items() if known.approved is not None)
    pages, masks, places, changed = [], [], [], 0
    for done, page in enumerate(wanted, start=1):
        # A copy: the window may be painting on it.
        labels = np.array(session.labels[page])
        if labels_hash(labels) != record.pages[page].approved:
            changed += 1
        else:
            pages.append(np.rint(look(page) * 255).astype(np.uint8))
            masks.append(labels > 0)
            places.append(page_place(record, layout, page))
        yield Progress(done, len(wanted), "approved pages")
    notes = (changed_text(session.folder, changed),) if changed else ()
    shape = (len(pages), PAGE_PX, PAGE_PX)
    return _Part(
        pages=np.array(pages, np.uint8).reshape(shape),
        masks=np.array(masks, bool).reshape(shape),
        places=tuple(places),
        grid=layout.grid,
        about=_about(session, stack),
        notes=notes,
    )


def _about(session: Session, stack: SpectrogramStack) -> dict[str, Any]:
    record = session.record
    about: dict[str, Any] = {
        "source": record.name,
        "kind": record.kind,
        "fingerprints": [source.fingerprint for source in record.sources],
    }
    if stack.sample_rate_hz is not None:
        about["sample_rate_hz"] = stack.sample_rate_hz
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
    again = (given_twice_text(twice),) if twice else ()
    grids = {part.grid for part in parts if len(part.pages)}
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
