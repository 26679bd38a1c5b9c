"""A data set that was built and corrected -> folders, COCO, split, licence and provenance."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.export.coco import LabelledPage, coco_of
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.review.review import labels_hash
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import atomic_folder, file_sha256
from napari_squeakout.io.sessions.record import fingerprint_of
from napari_squeakout.io.sessions.session import Session, open_session
from napari_squeakout.io.tables.writing import write_frame

from .correcting import numbered_calls
from .dataset import SESSION
from .progress_file import ProgressFile
from .store import Stored, open_store

#: Who made a mask, as the provenance says it.
PERSON, NETWORK = "approved by a person", "learned, looked at by nobody"
_WORK = "work"
_NO_LICENCE = "No licence is stated: ask whoever made the images before you pass them on.\n"
# The paper: 849 of 12,954 images judge, 90 of 100 of the rest are learned from.
_TEST, _VALIDATION = 849 / 12_954, 0.1


@dataclass(frozen=True, kw_only=True)
class Released:
    """What was written.

    Parameters
    ----------
    folder : Path
        The data set.
    approved, not_looked_at : int
        Images by who made their mask.
    notes : tuple of str
        What was left out.
    """

    folder: Path
    approved: int
    not_looked_at: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Page:
    index: int
    labels: NDArray[np.int32] = field(repr=False)
    made_by: str


def releasing(
    built: Path, folder: Path, *, with_unreviewed: bool = False, licence: str = "", seed: int = 0
) -> Steps[Released]:
    """Write the data set whose masks a person has approved.

    Parameters
    ----------
    built : Path
        Folder that `building_dataset` wrote to.
    folder : Path
        New or empty: `images/` and `masks/` (512 x 512), `annotations.json` (COCO), `split.csv`,
        `test.txt`, `provenance.csv`, `LICENCE.txt`.
    with_unreviewed : bool
        Whether images that the session does not hold are written too, with the masks that were
        learned. Pages of the session that are not approved are never written.
    licence : str
        Under which the images may be passed on.
    seed : int
        That the split is drawn with.

    Raises
    ------
    SqueakOutError
        If nothing is approved, no data set was built there, or it cannot be written.
    """
    stored = open_store(built / _WORK)
    session = open_session(built / SESSION, read_only=True)
    try:
        approved, waiting, notes = _approved(stored, session)
    finally:
        session.close()
    rest = _unreviewed(built, stored, set(approved) | waiting) if with_unreviewed else {}
    if not approved:
        msg = f"{built / SESSION}: no page is approved: correct and approve them in the window"
        raise InputError(msg)
    pages = [(approved | rest)[index] for index in sorted(approved | rest)]
    with atomic_folder(folder) as draft:
        yield from _writing(draft, stored, pages)
        (draft / "LICENCE.txt").write_text(licence or _NO_LICENCE, encoding="utf-8")
        _write_split(draft, [stored.names[page.index] for page in pages], seed)
    if waiting:
        notes = (*notes, f"{counted(len(waiting), 'page')} not approved yet left out")
    return Released(folder=folder, approved=len(approved), not_looked_at=len(rest), notes=notes)


def _approved(
    stored: Stored, session: Session
) -> tuple[dict[int, _Page], set[int], tuple[str, ...]]:
    """Pages as they were approved, those of the session that were not, and what is odd."""
    places = {Path(file).resolve().as_posix(): i for i, file in enumerate(stored.files)}
    approved: dict[int, _Page] = {}
    waiting: set[int] = set()
    changed = 0
    for page, source in enumerate(session.record.sources):
        index = places.get(source.absolute)
        if index is None:
            msg = f"{session.folder}: is not of the images of this data set: build it again"
            raise InputError(msg)
        if _is_another(Path(stored.files[index]), source.fingerprint, stored.sha256[index]):
            msg = (
                f"{stored.files[index]}: is not the image that its page in {session.folder} was "
                "approved on: put that one back and build the data set again"
            )
            raise InputError(msg)
        labels = np.array(session.labels[page])
        known = session.record.pages.get(page)
        if known is not None and known.approved == labels_hash(labels):
            approved[index] = _Page(index, labels, PERSON)
            continue
        waiting.add(index)
        changed += known is not None and known.approved is not None
    text = f"{counted(changed, 'page')} changed after approval left out: approve again"
    return approved, waiting, (text,) if changed else ()


def _is_another(file: Path, fingerprint: str, sha256: str) -> bool:
    """Whether an image was changed between session and stored page: it is still one of the two."""
    if not file.is_file():
        return False
    return (fingerprint_of(file) == fingerprint) != (file_sha256(file) == sha256)


def _unreviewed(built: Path, stored: Stored, known: set[int]) -> dict[int, _Page]:
    """The images that no session holds, with the newest masks that were learned."""
    progress = ProgressFile(built / _WORK)
    over = [one for one in progress.done() if one.label[0] in "ef"]
    if not over or over[-1].pages != stored.fingerprint:
        msg = f"{built}: masks of its images are not learned yet: build the data set again"
        raise InputError(msg)
    masks = progress.last_masks(over, stored.is_noise)
    return {
        index: _Page(index, numbered_calls(masks[index], 0), NETWORK)
        for index in range(len(stored.names))
        if index not in known
    }


def _writing(draft: Path, stored: Stored, pages: list[_Page]) -> Steps[None]:
    for place in ("images", "masks"):
        (draft / place).mkdir()
    labelled, rows = [], []
    for done, page in enumerate(pages, start=1):
        name = stored.names[page.index]
        Image.fromarray(np.array(stored.pages[page.index])).save(draft / "images" / f"{name}.png")
        mask = (page.labels > 0).astype(np.uint8) * 255
        Image.fromarray(mask).save(draft / "masks" / f"{name}.png")
        about = {"mask": page.made_by}
        labelled.append(LabelledPage(f"images/{name}.png", page.labels, about))
        rows.append(
            (
                name, stored.files[page.index], stored.sha256[page.index],
                stored.kinds[page.index], page.made_by,
            )
        )  # fmt: skip
        yield Progress(done, len(pages), "images")
    columns = ["image", "source", "sha256", "class", "mask"]
    write_frame(pd.DataFrame(rows, columns=columns), draft / "provenance.csv")
    known = coco_of(labelled, "Spectrograms of mouse ultrasonic calls with masks")
    (draft / "annotations.json").write_text(json.dumps(known), encoding="utf-8")


def _write_split(draft: Path, names: list[str], seed: int) -> None:
    """Draw which images judge and which validate, as many as in the paper."""
    order = np.random.default_rng(seed).permutation(len(names))
    n_test = round(_TEST * len(names))
    n_check = round(_VALIDATION * (len(names) - n_test))
    parts = np.array(["train"] * len(names), dtype=object)
    parts[order[:n_test]] = "test"
    parts[order[n_test : n_test + n_check]] = "validation"
    write_frame(pd.DataFrame({"image": names, "split": parts}), draft / "split.csv")
    lines = [f"{name}\n" for name, part in zip(names, parts, strict=True) if part == "test"]
    (draft / "test.txt").write_text("".join(lines), encoding="utf-8")
