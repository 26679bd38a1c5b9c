"""The forms that calls are exported in, and what writes each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.export.coco import LabelledPage, coco_of
from napari_squeakout.core.export.forms import FORMS, Form, Program
from napari_squeakout.core.measures.by_hand.classes import CLASS_BY
from napari_squeakout.core.numerals import are, counted
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.sources.audio import SLOWED
from napari_squeakout.io.sources.decode import IMAGE_SUFFIXES
from napari_squeakout.io.tables.calls import write_calls
from napari_squeakout.io.tables.writing import write_rows
from napari_squeakout.io.tables.written_forms import Heard, table_for

from .findings import Findings, is_session
from .window_images import writing_windows

# Tables that are laid over the sound itself.
_LAID_OVER = ("raven", "audacity")


def writing(found: Findings, form: Form, folder: Path, name: str) -> Steps[list[str]]:
    """Write what was found in one source.

    Parameters
    ----------
    found : Findings
        The source.
    form : str
        One of `FORMS`.
    folder : Path
        Where to write.
    name : str
        What the names of all files begin with.

    Returns
    -------
    list of str
        What the user should know.

    Raises
    ------
    SqueakOutError
        If this source has no such form, or it cannot be written.
    """
    if form == "csv":
        write_calls(found.calls, folder / f"{name}.csv")
        return _of_measures(found)
    if form == "coco":
        return (yield from _writing_coco(found, folder / f"{name}.coco.json"))
    if form == "windows":
        return (yield from writing_windows(found, folder, name))
    return _write_table(found, form, folder, name)


def _write_table(found: Findings, program: Program, folder: Path, name: str) -> list[str]:
    table = table_for(program, found.calls, Heard(found.recording, found.channel))
    write_rows(table, folder / f"{name}{table.ending}")
    return [*table.notes, *_of_slowed_sound(found, program), *_of_measures(found)]


def _of_measures(found: Findings) -> list[str]:
    """Results may keep measures, and say so; a session never does."""
    if not is_session(found.place):
        return []
    of_classes = "classes by rules" if CLASS_BY in found.calls else "classes"
    told = (
        f"{of_classes} and measures are not exported of a session: `squeakout measure` writes a "
        "table with them"
    )
    return [told]


def _of_slowed_sound(found: Findings, program: Program) -> list[str]:
    """A file that plays slowed down has other times than the sound; whoever opens it sees those."""
    slowed = [note for note in found.known.get("notes", []) if str(note).startswith(SLOWED)]
    if not slowed or program not in _LAID_OVER:
        return []
    return [f"{slowed[0]}, and not as {program} shows its file"]


def _writing_coco(found: Findings, path: Path) -> Steps[list[str]]:
    masks = found.masks()
    pages: list[LabelledPage] = []
    total = masks.layout.n_pages
    # Read page by page, so that it can be stopped between two.
    for done, page in enumerate(_labelled(found, masks), start=1):
        pages.append(page)
        yield Progress(done, total, "pages")
    known = coco_of(pages, f"calls found in {found.recording}, page by page")
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(known) + "\n", encoding="utf-8")
    return _of_pages_left_out(found)


def _labelled(found: Findings, masks: MaskStack) -> Iterator[LabelledPage]:
    """Pages that were looked at: one that was not is none without calls."""
    layout = masks.layout
    for page in range(layout.n_pages):
        if page in found.unknown:
            continue
        about: dict[str, Any] = {"page": page}
        if layout.starts_s is not None:
            about |= {"start_s": round(float(layout.starts_s[page]), 9)}
        name = f"{page:04d}.png" if not layout.page_names else layout.page_names[page]
        file = _image_file(found, name) if layout.page_names else name
        yield LabelledPage(file, np.asarray(masks.labels[page]), about)


def _image_file(found: Findings, stem: str) -> str:
    """The name of an image where it is still there and the only one of that stem, else the stem."""
    path = found.known["input"].get("path")
    if not path:
        return stem
    place = Path(path)
    if place.is_file():
        return place.name if place.stem == stem else stem
    files = [place / f"{stem}{suffix}" for suffix in IMAGE_SUFFIXES]
    there = [file.name for file in files if file.is_file()]
    return there[0] if len(there) == 1 else stem


def _of_pages_left_out(found: Findings) -> list[str]:
    n = len(found.unknown)
    return [f"{counted(n, 'page')} {are(n)} left out: nobody has looked for calls there"] * bool(n)


def check_form(form: str) -> Form:
    """The same, if it is one of the forms; InputError where not."""
    if form not in FORMS:
        msg = f"{form!r} is no form that calls are exported in: choose {', '.join(FORMS)}"
        raise InputError(msg)
    return form
