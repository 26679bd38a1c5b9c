"""What there is to fine-tune on, counted without rendering a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.numbering import Pieces, columns_of_calls
from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.layout import Layout
from napari_squeakout.core.morphology import stretches
from napari_squeakout.core.review.review import labels_hash
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.sessions.finding import locate
from napari_squeakout.io.sessions.kept_cleaning import kept_cleaning
from napari_squeakout.io.sessions.session import Session, open_session
from napari_squeakout.io.sessions.sources import reading_back

from .pages import reading_pairs
from .places import changed_text, given_twice_text, page_place


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Approved pages of one source or of several.

    Parameters
    ----------
    places : tuple of PagePlace
        Of each page.
    calls : NDArray
        (n,) number of calls on each; one that goes over a border counts on both sides.
    begun : NDArray
        (n,) of these, those that do not come from the approved page before.
    corrected : NDArray
        (n,) whether a person changed what was proposed for it; pages of folders all count as such,
        for nobody knows.
    names : mapping
        Group of a place -> what people call the recording or folder.
    notes : tuple of str
        What the user should know about pages that are left out.
    """

    places: tuple[PagePlace, ...] = field(repr=False)
    calls: NDArray[np.int64] = field(repr=False)
    begun: NDArray[np.int64] = field(repr=False)
    corrected: NDArray[np.bool_] = field(repr=False)
    names: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def n_pages(self) -> int:
        """Number of approved pages."""
        return len(self.places)

    @property
    def with_calls(self) -> NDArray[np.bool_]:
        """(n,) whether a page has any call."""
        return self.calls > 0

    @property
    def n_calls(self) -> int:
        """Number of calls, as in a table of them: one that goes over a border is one."""
        return int(self.begun.sum())


def surveying_session(folder: Path, near: Sequence[Path] = ()) -> Steps[Survey]:
    """Count the approved pages of a session; those changed since are left out, as in training.

    Parameters
    ----------
    folder : Path
        A session, `*.squeakout`; it is only read.
    near : sequence of Path
        More folders to look for its recording or images in.

    Raises
    ------
    InputError
        If it is no session, or its files are nowhere or have changed.
    """
    session = open_session(folder, read_only=True)
    record = session.record
    layout = yield from _finding_layout(session, near)
    places, calls, changed = [], [], 0
    settings = kept_cleaning(folder, record) or CleanSettings()
    pieces = Pieces(layout, settings)
    seen: set[int] = set()
    begun, corrected = [], []
    approved = sorted(page for page, known in record.pages.items() if known.approved is not None)
    for done, page in enumerate(approved, start=1):
        labels = np.array(session.labels[page])
        if labels_hash(labels) != record.pages[page].approved:
            changed += 1
            continue
        places.append(page_place(record, layout, page))
        here = {pieces.place(number, page, *span) for number, *span in columns_of_calls(labels)}
        calls.append(len(here))
        begun.append(len(here - seen))
        seen |= here
        corrected.append(record.pages[page].corrected)
        yield Progress(done, len(approved), "approved pages")
    notes = (changed_text(folder.name, changed),) if changed else ()
    names = {place.group: record.name for place in places}
    return Survey(
        places=tuple(places),
        calls=_counts(calls),
        begun=_counts(begun),
        corrected=np.array(corrected, bool),
        names=names,
        notes=notes,
    )


def surveying_folders(images: Path, masks: Path) -> Steps[Survey]:
    """Count images with masks; all of them count as approved.

    Raises
    ------
    InputError
        If an image cannot be read or has no mask.
    """
    pairs = yield from reading_pairs(images, masks)
    group = str(Path(images).resolve())
    places = tuple(
        PagePlace(group=group, start=index, name=name) for index, name in enumerate(pairs.names)
    )
    calls = _counts([len(stretches(mask.any(axis=0))) for mask in pairs.masks])
    return Survey(
        places=places,
        calls=calls,
        begun=calls,
        corrected=np.ones(len(places), bool),
        names={group: Path(images).name},
        notes=pairs.notes,
    )


def together(surveys: Sequence[Survey]) -> Survey:
    """All pages of several sources; one that is in two of them counts once."""
    seen: set[tuple[str, float]] = set()
    places, calls, begun, corrected = [], [], [], []
    for survey in surveys:
        counts = zip(survey.places, survey.calls, survey.begun, survey.corrected, strict=True)
        for place, *n_calls, is_corrected in counts:
            if (place.group, place.start) not in seen:
                seen.add((place.group, place.start))
                places.append(place)
                calls.append(n_calls[0])
                begun.append(n_calls[1])
                corrected.append(bool(is_corrected))
    names = {group: name for survey in surveys for group, name in survey.names.items()}
    twice = sum(survey.n_pages for survey in surveys) - len(places)
    again = (given_twice_text(twice),) if twice else ()
    notes = (*(note for survey in surveys for note in survey.notes), *again)
    return Survey(
        places=tuple(places),
        calls=_counts(calls),
        begun=_counts(begun),
        corrected=np.array(corrected, bool),
        names=names,
        notes=notes,
    )


def _counts(numbers: Sequence[int]) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


def _finding_layout(session: Session, near: Sequence[Path]) -> Steps[Layout]:
    """Where its pages lie; images are not decoded for that."""
    if session.record.kind == "recording":
        stack = yield from reading_back(session, near)
        return stack.layout
    files = locate(session, near)
    n_pages = session.record.n_pages
    names = tuple(file.stem for file in files) if len(files) == n_pages else ()
    return Layout(source=session.record.name, n_pages=n_pages, page_names=names)
