"""Pages to learn from: drawn, or read from folders, and the call-free parts of recordings."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.render import check_band, view_as
from napari_squeakout.core.rendering.resample import at_rate
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.settings import Levels, RenderSettings
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training.batches import TrainingPages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.results.masks import mask_files, page_sized, read_mask
from napari_squeakout.io.sources.audio import read_recording
from napari_squeakout.io.sources.images import read_images
from napari_squeakout.io.sources.stack_domain import polarity_warning
from napari_squeakout.io.tables.calls import check_all_read, read_annotation_of

# A call's faint ends and its echo reach past the annotation.
_PADDING_S = 0.05
# So much background of a recording is plenty (0.6 GB).
_MOST_S = 600.0
# Disturbances on pages drawn to teach what is no call come so many times as often.
_CALL_FREE_DISTURBED = 3.0
# Whole scenes, each drawn once; a process of its own takes seconds to start.
_AT_ONCE, _WORTH_A_PROCESS = 32, 4


def drawing_pages(
    n_pages: int,
    settings: SynthesisSettings,
    *,
    backgrounds: Sequence[Samples] = (),
    call_free: int = 0,
    levels: Levels = "noise",
) -> Steps[TrainingPages]:
    """Draw synthetic pages and their masks into memory (0.5 MB a page).

    Parameters
    ----------
    n_pages : int
        Pages as the settings have them.
    settings : SynthesisSettings
        What they are made of.
    backgrounds : sequence of NDArray
        Call-free stretches of recordings at 250 kHz.
    call_free : int
        Further pages without calls, on which disturbances come three times as often: disturbing
        all pages so often would teach to overlook faint calls.
    levels : {"noise", "page"}
        What grey means on them.
    """
    pages = np.zeros((n_pages + call_free, PAGE_PX, PAGE_PX), np.uint8)
    masks = np.zeros(pages.shape, bool)
    often = _CALL_FREE_DISTURBED * settings.disturbance_rate
    noise = settings.model_copy(update={"empty_fraction": 1.0, "disturbance_rate": often})
    orders = [
        *_orders(settings, 0, n_pages, levels),
        *_orders(noise, n_pages, n_pages + call_free, levels),
    ]
    done = 0
    for order, (grey, bits) in zip(orders, _answers(orders, backgrounds), strict=True):
        part = slice(order.first, order.first + len(grey))
        pages[part] = grey
        masks[part] = np.unpackbits(bits, axis=2).astype(bool)
        done += len(grey)
        yield Progress(done, len(pages), "synthetic pages")
    return TrainingPages(pages, masks)


class _Order(NamedTuple):
    """So many pages for one process to draw."""

    settings: SynthesisSettings
    first: int
    n_pages: int
    levels: Levels


def _orders(settings: SynthesisSettings, first: int, stop: int, levels: Levels) -> list[_Order]:
    return [
        _Order(settings, at, min(_AT_ONCE, stop - at), levels)
        for at in range(first, stop, _AT_ONCE)
    ]


_Answer = tuple[NDArray[np.uint8], NDArray[np.uint8]]
# In a process that draws: the background that all its orders are drawn on.
_mapped: list[Samples] = []


def _answers(orders: Sequence[_Order], backgrounds: Sequence[Samples]) -> Iterator[_Answer]:
    """Pages and packed masks in order, drawn by all processor cores where there are many."""
    workers = min(os.cpu_count() or 1, len(orders) // _WORTH_A_PROCESS)
    if workers < 2:  # noqa: PLR2004 - one is this one
        yield from (_drawn(order, backgrounds) for order in orders)
        return
    with tempfile.TemporaryDirectory(prefix="squeakout-") as folder:
        # Mapped, so that the processes share one copy of what may be gigabytes.
        files = [Path(folder) / f"{index}.npy" for index in range(len(backgrounds))]
        for file, samples in zip(files, backgrounds, strict=True):
            np.save(file, samples)
        yield from _answers_of_processes(orders, workers, files)


def _answers_of_processes(
    orders: Sequence[_Order], workers: int, files: Sequence[Path]
) -> Iterator[_Answer]:
    # Not forked: torch's threads and a window's would be copied with their locks held.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, _map_backgrounds, (files,)) as pool:
        pending: deque[Future[_Answer]] = deque()
        try:
            for order in orders:
                pending.append(pool.submit(_drawn_on_mapped, order))
                if len(pending) > 2 * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _map_backgrounds(files: Sequence[Path]) -> None:
    _mapped[:] = [np.load(file, mmap_mode="r") for file in files]


def _drawn_on_mapped(order: _Order) -> _Answer:
    return _drawn(order, _mapped)


def _drawn(order: _Order, backgrounds: Sequence[Samples]) -> _Answer:
    drawn = synthesise_pages(
        order.n_pages,
        order.settings,
        backgrounds=backgrounds,
        first=order.first,
        levels=order.levels,
    )
    pages, masks = zip(*drawn, strict=True)
    return np.rint(255 * np.stack(pages)).astype(np.uint8), np.packbits(np.stack(masks), axis=2)


def reading_pages(
    images: str | Path, masks: str | Path, levels: Levels = "noise"
) -> Steps[TrainingPages]:
    """Read images and their masks, matched by stem, as a model wants them.

    Raises
    ------
    InputError
        If an image cannot be read or has no mask.
    """
    pairs = yield from reading_pairs(images, masks, levels)
    return TrainingPages(pairs.pages, pairs.masks)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Images and their masks.

    Parameters
    ----------
    names : tuple of str
        Stem of each image.
    pages : NDArray
        (n, 512, 512) uint8 grey.
    masks : NDArray
        (n, 512, 512) bool.
    notes : tuple of str
        What the user should know.
    """

    names: tuple[str, ...]
    pages: NDArray[np.uint8] = field(repr=False)
    masks: NDArray[np.bool_] = field(repr=False)
    notes: tuple[str, ...] = ()


def reading_pairs(images: str | Path, masks: str | Path, levels: Levels = "noise") -> Steps[Pairs]:
    """Images and their masks, however few; otherwise as `reading_pages`."""
    stack = read_images(images)
    if stack.unreadable:
        raise InputError(stack.unreadable[0])
    files = mask_files(masks)
    without = [name for name in stack.layout.page_names if name not in files]
    if without:
        msg = (
            f"{masks}: has no mask for {len(without)} of the images, {without[0]} for one: "
            "add an empty one where there is no call"
        )
        raise InputError(msg)
    pages = np.zeros(stack.layout.shape, np.uint8)
    truth = np.zeros(stack.layout.shape, bool)
    look = view_as(stack, levels)
    for index, name in enumerate(stack.layout.page_names):
        pages[index] = np.rint(look(index) * 255)
        truth[index] = page_sized(read_mask(files[name]))
        yield Progress(index + 1, stack.layout.n_pages, "images")
    swapped = polarity_warning(stack, "swap black and white in these files before they are learned")
    notes = (f"{images}: {swapped}",) if swapped else ()
    return Pairs(names=stack.layout.page_names, pages=pages, masks=truth, notes=notes)


def read_background(recording: str | Path, annotation: str | Path) -> Samples:
    """Samples at 250 kHz of a recording outside its annotated calls, these padded by 50 ms.

    Parameters
    ----------
    recording : str or Path
        Sound file.
    annotation : str or Path
        Table of the onset and offset of every call in it, in seconds.

    Raises
    ------
    InputError
        If a file cannot be read, also if only a row of the table, if the recording holds hardly
        any ultrasound, or the calls leave nothing over.
    """
    recorded = read_recording(recording)
    check_band(recorded, RenderSettings())
    sound = at_rate(recorded, SAMPLE_RATE_HZ)
    table = read_annotation_of(sound, annotation)
    # A call that is left out would be learned as background.
    check_all_read(table, annotation)
    noted = table.intervals_s + np.array([-_PADDING_S, _PADDING_S])
    calls = np.clip(noted * SAMPLE_RATE_HZ, 0, sound.n_samples).astype(np.int64)
    begins = np.maximum.accumulate(np.append(0, calls[:, 1]))
    ends = np.append(calls[:, 0], sound.n_samples)
    gaps = [(a, b) for a, b in zip(begins.tolist(), ends.tolist(), strict=True) if b > a]
    if not gaps:
        msg = (
            f"{annotation}: its calls leave no background in {sound.name}: choose another recording"
        )
        raise InputError(msg)
    # Of a long recording the beginning of each gap, so that all of it is heard and it fits.
    share = min(1.0, _MOST_S * SAMPLE_RATE_HZ / sum(b - a for a, b in gaps))
    return np.concatenate([sound.read(a, a + max(1, int(share * (b - a)))) for a, b in gaps])
