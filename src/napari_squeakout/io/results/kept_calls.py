"""Calls that were kept, in a folder of results or a session -> pages and masks to be measured.

Nothing is measured on another sound than the masks were made of, nor past what a person changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from natsort import natsorted
from numpy.typing import NDArray
from pydantic import ValidationError

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.measures.by_hand.classes import ClassesByHand
from napari_squeakout.core.review.review import Review, checked
from napari_squeakout.core.settings import CleanSettings, RecordingSettings, RenderSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import run
from napari_squeakout.io.files import file_sha256
from napari_squeakout.io.plain_files import plain_text
from napari_squeakout.io.sessions.classes_file import are_same, read_classes
from napari_squeakout.io.sessions.kept_cleaning import recorded_cleaning
from napari_squeakout.io.sessions.record import SUFFIX
from napari_squeakout.io.sessions.session import Session, open_session
from napari_squeakout.io.sessions.sources import reading_back
from napari_squeakout.io.sources.audio import read_recording
from napari_squeakout.io.sources.opening import open_recording

from .result_folder import PROGRAM, RECORD, classes_in
from .work_results import Work, page_hashes, unknown_pages

_TABLE, _MASKS = "calls.csv", "masks.tif"


@dataclass(frozen=True, kw_only=True)
class KeptCalls:
    """A source with its calls as they are kept.

    Parameters
    ----------
    name : str
        What it is called.
    stack : SpectrogramStack
        Its pages.
    masks : MaskStack
        Its calls.
    probabilities : ProbabilityStack or None
        What the network said, where that was kept.
    unknown : frozenset of int
        Pages that nobody has looked for calls on.
    known : mapping
        How the calls were made, as `run.json` says it, as far as that is known.
    review : Review or None
        What a person did; None of results.
    classes : tuple of ClassByHand
        What a person said of the calls.
    """

    name: str
    stack: SpectrogramStack
    masks: MaskStack
    probabilities: ProbabilityStack | None = None
    unknown: frozenset[int] = frozenset()
    known: Mapping[str, Any] = field(default_factory=dict, repr=False)
    review: Review | None = None
    classes: ClassesByHand = ()

    def duration_s(self) -> float:
        """How long its recording is.

        Raises
        ------
        InputError
            If it is none, or only part of it was looked at: calls a minute would be too few.
        """
        origin = self.stack.origin
        if origin is None or origin.kind != "recording":
            msg = f"{self.name}: is no recording, so it has no calls a minute: give recordings"
            raise InputError(msg)
        if self.unknown:
            msg = (
                f"{self.name}: {len(self.unknown)} of its {self.stack.layout.n_pages} pages are "
                "not segmented, so its calls a minute would be too few: segment it whole"
            )
            raise InputError(msg)
        read = RecordingSettings.model_validate(dict(origin.settings["recording"]))
        return read_recording(origin.files[0], read).duration_s


class _Slices:
    """The slices of a TIFF, each read when it is looked at."""

    ndim = 3

    def __init__(self, file: tifffile.TiffFile) -> None:
        self._pages = file.pages
        self.shape = (len(file.pages), PAGE_PX, PAGE_PX)
        self.dtype = np.dtype(np.int32)

    def __getitem__(self, index: int) -> NDArray[np.int32]:
        return np.asarray(self._pages[int(index)].asarray()).astype(np.int32)


@contextmanager
def kept_calls(folder: Path) -> Iterator[KeptCalls]:
    """Open a folder of results or a session; nothing in it is touched.

    Raises
    ------
    InputError
        If it is neither, keeps no masks, or what it was made of is gone or was changed; and at the
        end, if a session was worked on meanwhile.
    """
    place = _place(folder)
    with _session(place) if place.suffix == SUFFIX else _result(place) as kept:
        yield kept


def kept_in(folder: Path) -> list[Path]:
    """The folder, if it is a result or a session; else those in it, in the order of their names.

    What has a table of calls and no record of it is among them: that it cannot be read is to be
    told, or it would be missing without a word. Hidden folders are drafts. A folder that holds
    none stands for itself.
    """
    if folder.suffix == SUFFIX or not folder.is_dir() or _is_kept(folder):
        return [folder]
    seen = [place for place in folder.iterdir() if not place.name.startswith(".")]
    inside = [place for place in seen if place.suffix == SUFFIX or _is_kept(place)]
    return natsorted(inside, key=lambda place: place.name) or [folder]


def _is_kept(folder: Path) -> bool:
    return any((folder / name).exists() for name in (RECORD, _TABLE))


def kept_name(folder: Path) -> str:
    """What a folder of results or a session is called; neither it nor what it holds is read."""
    place = _place(folder)
    return place.name.removesuffix(SUFFIX) if place.suffix == SUFFIX else place.name


def _place(folder: Path) -> Path:
    """The same folder under its own name, where `.` or `..` stands for it; a link keeps its own."""
    return folder.resolve() if folder.name in {"", ".."} else folder


@contextmanager
def _session(folder: Path) -> Iterator[KeptCalls]:
    session = open_session(folder, read_only=True)
    try:
        stack = run(reading_back(session))
        masks = MaskStack(session.labels, stack.layout, _cleaning(session.record.settings))
        probabilities = ProbabilityStack(session.probabilities, stack.layout)
        review, _ = checked(session.record.review, session.labels)
        work = Work(
            stack=stack,
            masks=masks,
            probabilities=probabilities,
            review=review,
            stages=session.stages,
        )
        # Masks are read from where they are painted.
        before = (page_hashes(masks), unknown_pages(work))
        yield KeptCalls(
            name=kept_name(folder),
            stack=stack,
            masks=masks,
            probabilities=probabilities,
            unknown=unknown_pages(work),
            known=_known_of(session),
            review=review,
            classes=session.classes,
        )
        said = read_classes(folder, stack.layout.n_pages)
        is_same = (page_hashes(masks), unknown_pages(work)) == before
        if not (is_same and are_same(said, session.classes)):
            msg = f"{folder}: its calls were changed while they were read: do it again"
            raise InputError(msg)
    finally:
        session.close()


@contextmanager
def _result(folder: Path) -> Iterator[KeptCalls]:
    record = _record_of(folder)
    if not (folder / _MASKS).is_file():
        msg = f"{folder}: keeps no {_MASKS}, which calls are measured by: segment with --masks"
        raise InputError(msg)
    _check_as_written(folder, record)
    stack = _stack_of(folder, record)
    try:
        file = tifffile.TiffFile(folder / _MASKS)
    except (tifffile.TiffFileError, OSError) as error:
        msg = f"{folder / _MASKS}: cannot be read ({error}): segment again"
        raise InputError(msg) from error
    with file:
        unknown = frozenset(int(page) for page in record.get("not_segmented", ()))
        masks = MaskStack(_Slices(file), stack.layout, _cleaning(record.get("settings", {})))
        yield KeptCalls(
            name=kept_name(folder),
            stack=stack,
            masks=masks,
            unknown=unknown,
            known=record,
            classes=classes_in(record, folder, masks),
        )


def _known_of(session: Session) -> dict[str, Any]:
    record = session.record
    again = record.proposed_again
    return {
        "model": None if record.model is None else record.model.model_dump(),
        "settings": record.settings,
        "proposed_again": None if again is None else again.model,
    }


def _cleaning(settings: Mapping[str, Any]) -> CleanSettings | None:
    """What made the masks; None where nothing says it, as of masks drawn by hand."""
    known = settings.get("clean")
    try:
        return recorded_cleaning(known) if known else None
    except ValidationError:
        return None


def _record_of(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads(plain_text(folder / RECORD))
    except (OSError, ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("program") != PROGRAM:
        msg = f"{folder}: is neither a folder of results nor a session: give one of these"
        raise InputError(msg)
    return record


def _check_as_written(folder: Path, record: dict[str, Any]) -> None:
    """Refuse a result whose table a person changed: the masks still hold what was taken out."""
    files = record.get("files", {})
    for name in (_TABLE, _MASKS):
        if files.get(name) != file_sha256(folder / name):
            msg = (
                f"{folder / name}: has been changed since it was written, so table and masks may "
                "differ: correct calls in a session, and measure that"
            )
            raise InputError(msg)


def _stack_of(folder: Path, record: dict[str, Any]) -> SpectrogramStack:
    """The pages of the recording that a result was made of."""
    source, settings = record.get("input", {}), record.get("settings", {})
    path = Path(source.get("path") or "")
    if not path.is_file():
        msg = f"{folder}: the recording it was made of is not at {path}: put it there again"
        raise InputError(msg)
    if not source.get("sha256") or file_sha256(path) != source["sha256"]:
        msg = f"{path}: is not known to be what {folder} was made of: segment it again"
        raise InputError(msg)
    try:
        read = RecordingSettings.model_validate(settings.get("recording", {}))
        rendering = RenderSettings.model_validate(settings.get("render", {}))
    except ValidationError as error:
        msg = f"{folder / RECORD}: holds settings that are none of this version: segment again"
        raise InputError(msg) from error
    stack = open_recording(path, read, rendering)
    if stack.layout.n_pages != record.get("pages"):
        msg = f"{path}: gives other pages than {folder} was made of: segment it again"
        raise InputError(msg)
    return stack
