"""A folder of spectrograms -> masks, a report on the way to them, and a session to correct them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import atomic_folder
from napari_squeakout.io.results.masks import page_sized

from .build_report import write_report
from .building import STEPS, Build, Recipe
from .correcting import making_session
from .pairs import match
from .places import images_in
from .progress_file import Done, ProgressFile
from .store import Stored, storing_images

#: All steps, the session too.
ALL_STEPS = (*STEPS, "g")
_WORK, SESSION = "work", "correct.squeakout"


@dataclass(frozen=True, kw_only=True)
class Built:
    """What came of it.

    Parameters
    ----------
    done : tuple of Done
        Steps that are over.
    session : Path or None
        Where masks are corrected; None before step g.
    report : Path
        What was done and measured.
    notes : tuple of str
        What could not be used, a sentence each.
    """

    done: tuple[Done, ...]
    session: Path | None
    report: Path
    notes: tuple[str, ...]


def building_dataset(
    images: Path,
    output: Path,
    recipe: Recipe = Recipe(),  # noqa: B008 - frozen
    *,
    masks: Path | None = None,
    truth: Path | None = None,
    table: Path | None = None,
    steps: frozenset[str] = frozenset(ALL_STEPS),
) -> Steps[Built]:
    """Make training masks of spectrograms, as the paper did.

    Stopped at any time, a second call goes on: a step that is over is not done again unless
    images or settings have changed, and a training goes on from its last epoch.

    Parameters
    ----------
    images : Path
        Images with calls, and with noise in a folder (or a class of the table) called so.
    output : Path
        Folder for `report.md`, `steps.png`, the session, and in `work` all masks and networks.
    recipe : Recipe
        Settings.
    masks : Path, optional
        First masks where there are some; the other images get VocalMat's.
    truth : Path, optional
        True masks, to measure each step by; nothing is learned from them.
    table : Path, optional
        Class of each image, as for `images_in`.
    steps : frozenset of str
        Which of a, b, ... g may be done.

    Raises
    ------
    SqueakOutError
        If no image can be used, a class is missing, or MONAI is not installed.
    """
    unknown = sorted(steps - set(ALL_STEPS))
    if unknown:
        msg = f"{', '.join(unknown)}: no such step: give some of {', '.join(ALL_STEPS)}"
        raise InputError(msg)
    stored = yield from storing_images(images_in(images, table), output / _WORK)
    if stored.is_noise.all():
        msg = f"{images}: all images are noise: give some with calls beside them"
        raise InputError(msg)
    given, first_notes = yield from _reading_masks(stored, images, masks, table)
    true, true_notes = yield from _reading_masks(stored, images, truth, table)
    build = Build(
        stored=stored,
        progress=ProgressFile(output / _WORK),
        recipe=recipe,
        first=given,
        truth=true,
    )
    done = yield from build.building(steps & frozenset(STEPS))
    report = write_report(build, done, output)
    session = output / SESSION
    kept: tuple[str, ...] = ()
    if session.exists():
        kept = (f"{session}: is there already and stays as it is, whatever masks are new",)
    elif "g" in steps and any(one.label[0] == "e" for one in done):
        # Whole or not at all: half of one would be taken for a person's, and stay as it is.
        with atomic_folder(session) as draft:
            yield from making_session(build, done, draft)
    return Built(
        done=tuple(done),
        session=session if session.exists() else None,
        report=report,
        notes=(*stored.problems, *first_notes, *true_notes, *kept),
    )


def _reading_masks(
    stored: Stored, images: Path, masks: Path | None, table: Path | None
) -> Steps[tuple[Mapping[int, BoolImage], tuple[str, ...]]]:
    """Page -> its mask, and what is wrong with others; nothing where none are given."""
    if masks is None:
        return {}, ()
    places = {name: index for index, name in enumerate(stored.names)}
    pairs = [one for one in match(images, masks, table).pairs if one.image.name in places]
    read: dict[int, BoolImage] = {}
    notes = []
    for done, pair in enumerate(pairs, start=1):
        try:
            read[places[pair.image.name]] = page_sized(pair.read()[1])
        except InputError as error:
            notes.append(str(error))
        yield Progress(done, len(pairs), "masks")
    return read, tuple(notes)
