"""Files of what is true, beside files or a model's work: the pairs that figures are made of."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.detection.finding import finding
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.mismatch import rendering_text
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.scoring.annotation import Annotation
from napari_squeakout.core.scoring.event_scores import JudgedRecording
from napari_squeakout.core.scoring.mask_scores import Calibration, MaskScores, evaluate, reliability
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.scratch import page_array
from napari_squeakout.io.sources.audio import read_recording
from napari_squeakout.io.sources.images import reading_images
from napari_squeakout.io.sources.stack_domain import polarity_warning
from napari_squeakout.io.tables.annotations import read_annotation
from napari_squeakout.io.tables.calls import read_annotation_of

from .masks import mask_files, page_sized, paired_masks, read_mask
from .run_record import RunSettings


def judge_masks(truth: Path, found: Path) -> tuple[MaskScores, int]:
    """Compare two folders of masks, matched by stem; also how many found ones have no true one.

    Raises
    ------
    InputError
        If a folder holds no masks or a true one has no partner.
    """
    true_files, found_files = mask_files(truth), mask_files(found)
    _no_stem_missing(true_files, found_files, found, "mask for {n} of the true ones")
    return evaluate(paired_masks(true_files, found_files)), len(found_files.keys() - true_files)


def judging_images(
    truth: Path, images: Path, engine: Engine, settled: RunSettings
) -> Steps[tuple[MaskScores, Calibration, int, tuple[str, ...]]]:
    """Segment images and compare with their true masks, matched by stem, at page size.

    Also how many images have no true mask, and what is to be known of them all.

    Raises
    ------
    InputError
        If an image cannot be read or a true mask has no image.
    """
    files = mask_files(truth)
    stack = yield from reading_images(images, settled.images)
    if stack.unreadable:
        raise InputError(stack.unreadable[0])
    _no_stem_missing(files, stack.layout.page_names, images, "image for {n} of the true masks")
    for file in files.values():
        read_mask(file)  # what is wrong with one is not told after all the work
    found = yield from finding(stack, engine, settled.clean, out=_room(stack))
    masks, probabilities = found.masks, found.probabilities
    places = {name: index for index, name in enumerate(stack.layout.page_names) if name in files}

    def true_ones() -> Iterator[tuple[int, NDArray[np.bool_]]]:
        return ((index, page_sized(read_mask(files[name]))) for name, index in places.items())

    scores = evaluate((true, masks.labels[index] > 0) for index, true in true_ones())
    honesty = reliability((true, probabilities.values[index]) for index, true in true_ones())
    swapped = polarity_warning(stack)
    told = [note for note in (swapped, _other_rendering(stack, engine)) if note]
    notes = (*_notes(images, stack), *(f"{images}: {note}" for note in told))
    return scores, honesty, stack.layout.n_pages - len(places), notes


def judge_tables(truths: Sequence[Path], tables: Sequence[Path]) -> dict[str, JudgedRecording]:
    """Tables of found calls beside tables of noted ones, by the found one's path."""
    judged = {}
    for truth, path in zip(truths, tables, strict=True):
        noted, found = read_annotation(truth), read_annotation(path)
        notes = (*_notes(truth, noted), *_notes(path, found))
        judged[str(path)] = JudgedRecording(
            truth=noted.intervals_s, found=found.intervals_s, notes=notes
        )
    return judged


def judging_recordings(
    truths: Sequence[Path], recordings: Sequence[Path], engine: Engine, settled: RunSettings
) -> Steps[dict[str, JudgedRecording]]:
    """Segment recordings and set the calls beside the noted ones, by the recording's path."""
    # All are opened first: what is wrong with the last is not told after hours of work.
    opened = [_opened(truth, path, settled) for truth, path in zip(truths, recordings, strict=True)]
    judged = {}
    for truth, path, (recording, noted, stack) in zip(truths, recordings, opened, strict=True):
        calls = (yield from finding(stack, engine, settled.clean, out=_room(stack))).calls
        found = calls[["start_s", "end_s"]].to_numpy(np.float64)
        other = _other_rendering(stack, engine)
        told = (f"{path}: {other}",) if other else ()
        notes = (*_notes(path, stack), *told, *_notes(truth, noted))
        judged[str(path)] = JudgedRecording(
            truth=noted.intervals_s, found=found, duration_s=recording.duration_s, notes=notes
        )
    return judged


def _opened(
    truth: Path, path: Path, settled: RunSettings
) -> tuple[Recording, Annotation, SpectrogramStack]:
    recording = read_recording(path, settled.recording)
    noted = read_annotation_of(recording, truth)
    return recording, noted, render(recording, settled.render)


def _notes(path: Path, read: Annotation | SpectrogramStack) -> tuple[str, ...]:
    """What is to be known of how a file was read, with its name."""
    return tuple(f"{path}: {note}" for note in read.notes)


def _other_rendering(stack: SpectrogramStack, engine: Engine) -> str:
    """Say that pages are not what the model was made for: it is judged on others then."""
    return rendering_text(engine.model.name, engine.model.card.rendering, stack.layout)


def _room(stack: SpectrogramStack) -> NDArray[np.uint8]:
    return page_array(stack.layout.shape, np.uint8)


def _no_stem_missing(true: Iterable[str], there: Container[str], place: Path, lacks: str) -> None:
    missing = [stem for stem in true if stem not in there]
    if missing:
        what = lacks.format(n=len(missing))
        msg = f"{place}: has no {what}, {missing[0]} for one: add what is missing"
        raise InputError(msg)
