"""Work as it stands in the window -> the same folder of results as the command line writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.numbering import reused_text, telling_apart
from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.measures.by_hand.classes import ClassesByHand, classed
from napari_squeakout.core.review.page_stages import PageStage, unknown_text
from napari_squeakout.core.review.review import PageState, Review, quick_hash
from napari_squeakout.core.settings import ResultSettings
from napari_squeakout.core.stacks import MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.files import atomic_folder
from napari_squeakout.io.names import former_name, portable_name
from napari_squeakout.io.seals import check_unchanged, seal, sha256_of
from napari_squeakout.io.sessions.record import SourceFile, fingerprint_of
from napari_squeakout.io.sources.images import numbered
from napari_squeakout.io.sources.inputs import names_apart
from napari_squeakout.io.sources.stack_domain import noting_band

from .result_folder import CLASSES_BY_HAND, RECORD, listed, replaceable, replaced_text, write_record
from .results import measuring_into, write_parts
from .run_record import made_with

_REMEDIES = ("choose another folder", "allow that it is replaced")


@dataclass(frozen=True, eq=False, kw_only=True)
class Work:
    """A source as a person sees it: its calls as they are now, not as they were proposed.

    Parameters
    ----------
    stack : SpectrogramStack
        The source.
    masks : MaskStack
        Its calls.
    probabilities : ProbabilityStack or None
        What the network said; pages may be missing in it.
    review : Review
        Which pages a person has looked at.
    stages : NDArray or None
        (n,) uint8 `PageStage` of each page; None where all are known.
    model : str
        Name of the model that was asked.
    known : tuple of SourceFile
        What the files of the source were when the work was begun.
    classes : tuple of ClassByHand
        What a person said of its calls.
    """

    stack: SpectrogramStack
    masks: MaskStack
    probabilities: ProbabilityStack | None
    review: Review
    stages: NDArray[np.uint8] | None = None
    model: str = ""
    known: tuple[SourceFile, ...] = ()
    classes: ClassesByHand = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Those that the pages are read from."""
        return () if self.stack.origin is None else self.stack.origin.files


@dataclass(frozen=True)
class Saved:
    """What came of saving several sources.

    Parameters
    ----------
    written : tuple of (Path, int)
        Each folder of results, and how many calls are in it.
    notes, refused : tuple of str
        What the user should know, and why others were not saved; sentences without full stop.
    """

    written: tuple[tuple[Path, int], ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def result_names(stacks: Sequence[SpectrogramStack], folder: Path | None = None) -> list[str]:
    """What the results of sources are called: as the command line calls those of their files.

    Parameters
    ----------
    stacks : sequence of SpectrogramStack
        The sources.
    folder : Path, optional
        Where they are to lie. What an earlier version wrote there under another name keeps it,
        so that no source has two results in one folder.
    """
    places = [_place_of(stack) for stack in stacks]
    named = iter(names_apart([place for place in places if place is not None]))
    return numbered(
        next(named) if place is not None else _safe(stack.layout.source, folder)
        for place, stack in zip(places, stacks, strict=True)
    )


def unknown_pages(work: Work) -> frozenset[int]:
    """Pages that nobody has looked for calls on, neither the network nor a person."""
    if work.stages is None:
        return frozenset()
    return frozenset(
        int(page)
        for page in np.flatnonzero(work.stages < PageStage.CLEANED)
        if work.review[int(page)].state is PageState.UNREVIEWED
        and not np.asarray(work.masks.labels[page]).any()
    )


def saving_works(
    works: Mapping[str, Work],
    folder: Path,
    *,
    wanted: ResultSettings,
    inputs: Collection[Path] = (),
) -> Steps[Saved]:
    """Write the results of sources, each in a folder of its name; one refused stops no other.

    Parameters
    ----------
    works : mapping
        Name, from `result_names`, -> what is saved under it.
    folder : Path
        Where their folders are written.
    wanted : ResultSettings
        What is written beside the tables, and whether results of this program are replaced.
        Anything else that is there is not.
    inputs : collection of Path
        Files that must stay, beside those of the works.

    Yields
    ------
    Progress
        Of measuring, source by source.
    """
    read = [*inputs, *(file for work in works.values() for file in work.files)]
    written, notes, refused = [], [], []
    for name, work in works.items():
        try:
            n_calls, told = yield from _saving(work, folder / name, wanted, read)
        except SqueakOutError as error:
            refused.append(str(error))
            continue
        written.append((folder / name, n_calls))
        notes += [f"{name}: {note}" for note in told]
    return Saved(tuple(written), tuple(notes), tuple(refused))


def _saving(
    work: Work, target: Path, wanted: ResultSettings, read: Sequence[Path]
) -> Steps[tuple[int, list[str]]]:
    unknown, layout = unknown_pages(work), work.stack.layout
    if len(unknown) == layout.n_pages:
        msg = f"{layout.source}: no page is segmented yet, so there is no result: segment it first"
        raise InputError(msg)
    replaced = replaceable(read, allowed=wanted.overwrite, remedies=_REMEDIES)
    with atomic_folder(target, replaced=replaced) as draft:
        before = page_hashes(work.masks)
        masks = yield from telling_apart(work.masks)
        calls = yield from finding_calls(masks, work.probabilities)
        write_parts(work.stack, (masks, calls), draft, wanted, unknown=unknown)
        by_hand = classed(work.classes, masks)
        if wanted.measures:
            yield from measuring_into(
                draft, work.stack, masks, work.probabilities, classes=work.classes
            )
        source, doubt = input_of(work)
        if page_hashes(work.masks) != before or unknown_pages(work) != unknown:
            msg = f"{layout.source}: its calls were changed while they were saved: save them again"
            raise InputError(msg)
        edges = yield from noting_band(work.stack, calls)
        told = [reused_text(masks), unknown_text(unknown, layout.n_pages), doubt, *edges]
        gone = replaced_text(target, by_hand.names)
        notes = [note for note in (*told, *by_hand.notes, gone) if note]
        record = record_of(work, source, [*work.stack.notes, *notes], len(calls), wanted)
        write_record(draft, {**record, CLASSES_BY_HAND: listed(by_hand.names)})
    return len(calls), notes


def record_of(
    work: Work,
    source: dict[str, Any],
    notes: list[str],
    n_calls: int,
    wanted: ResultSettings | None = None,
) -> dict[str, Any]:
    """How the calls of a work were made, as `run.json` says it.

    Parameters
    ----------
    work : Work
        The work.
    source : dict
        From `input_of`.
    notes : list of str
        What the user should know.
    n_calls : int
        How many there are.
    wanted : ResultSettings, optional
        What is written, where it is a result.
    """
    origin, clean = work.stack.origin, work.masks.settings
    read = (
        {} if origin is None else {name: dict(values) for name, values in origin.settings.items()}
    )
    model = "" if work.probabilities is None else work.probabilities.model
    states = work.review.states()
    return {
        "input": source,
        "pages": work.stack.layout.n_pages,
        "calls": n_calls,
        "notes": notes,
        "unreadable": list(work.stack.unreadable),
        "model": {"name": work.model, "fingerprint": model},
        "review": {state.value: work.review.count(state) for state in PageState},
        "approved_blind": work.review.count_blind(),
        "reviewed_pages": {
            state.value: [page for page, known in enumerate(states) if known is state]
            for state in (PageState.CORRECTED, PageState.APPROVED)
        },
        "settings": {
            **{name: dict(values) for name, values in read.items()},
            "clean": None if clean is None else clean.model_dump(),
            **({} if wanted is None else {"result": wanted.model_dump()}),
        },
        **made_with(),
        "not_segmented": sorted(unknown_pages(work)),
    }


def input_of(work: Work) -> tuple[dict[str, Any], str]:
    """Path and hash of what was read, and why the hash is left out where it is.

    It is only given where the files are known to be those that these pages were read from.
    """
    place = _place_of(work.stack)
    if place is None:
        return {"path": None, "sha256": None}, ""
    seals = seal(work.files)
    is_same = len(seals) == len(work.files) == len(work.known) and all(_same(work))
    if not is_same:
        doubt = f"nobody can say that {place} is still what was read, so its hash is left out"
        return {"path": str(place), "sha256": None}, doubt
    check_unchanged(seals)
    return {"path": str(place), "sha256": sha256_of(seals, together=len(work.files) > 1)}, ""


def _same(work: Work) -> Iterator[bool]:
    for path, known in zip(work.files, work.known, strict=True):
        try:
            yield fingerprint_of(path) == known.fingerprint
        except (SqueakOutError, OSError):
            yield False


def _place_of(stack: SpectrogramStack) -> Path | None:
    """The file of a source, or the folder of its images; None for pages that come from no file."""
    files = () if stack.origin is None else stack.origin.files
    if len(files) == 1:
        return files[0].absolute()
    return files[0].absolute().parent if files else None


def _safe(name: str, folder: Path | None) -> str:
    now, before = portable_name(name, "result"), former_name(name, "result")
    if folder is None or now == before or not _is_result(folder / before):
        return now
    return before


def _is_result(folder: Path) -> bool:
    try:
        return (folder / RECORD).is_file()
    except OSError:  # Windows looks up no file in a device
        return False


def page_hashes(masks: MaskStack) -> list[int]:
    """What tells whether a page of masks has been changed since."""
    return [quick_hash(np.asarray(page)) for page in masks.labels]
