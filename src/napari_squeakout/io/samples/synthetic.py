"""Synthetic samples on disk: a recording and spectrogram images with their true calls and masks."""

from __future__ import annotations

import errno
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from numpy.typing import NDArray
from PIL import Image

from napari_squeakout.core.layout import PAGE_PX, Layout
from napari_squeakout.core.recording import Samples
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ, STEP, WINDOW, page_columns
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.stacks import MaskStack, Page
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.synthesis.masks import FAR_DB, page_mask
from napari_squeakout.core.synthesis.pages import synthesise_pages, synthesise_recording
from napari_squeakout.core.synthesis.scenes import Scene
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.files import atomic_file, atomic_folder
from napari_squeakout.io.results.masks import write_mask_tiff
from napari_squeakout.io.tables.calls import write_calls

_IMAGE_SEEDS = 500_000
_SAMPLE_BYTES = 2
_COLUMNS = page_columns(RenderSettings())


def writing_samples(
    folder: str | Path, *, seconds: float, images: int, settings: SynthesisSettings
) -> Steps[Path]:
    """Write `synthetic.wav`, its true calls and masks, and images with theirs.

    Parameters
    ----------
    folder : str or Path
        Must not exist, or be empty. Gets `synthetic.wav` (250 kHz, 16 bit), `synthetic_calls.csv`,
        `synthetic_masks.tif`, `images/page_0000.png` ... and `masks/page_0000.png` ...
    seconds : float
        Length of the recording.
    images : int
        Number of images.
    settings : SynthesisSettings
        Seed, levels and shares.

    Yields
    ------
    Progress
        By page.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SqueakOutError
        If the folder has content or cannot be written.
    """
    n_pages = _page_count(seconds)
    total = n_pages + images
    masks = _PackedMasks()
    with atomic_folder(folder) as draft:
        scenes = synthesise_recording(seconds, settings)
        for scene in writing_scenes(scenes, draft / "synthetic.wav", draft / "synthetic_calls.csv"):
            for mask in _page_masks(scene):
                masks.append(mask)
            yield Progress(min(len(masks), n_pages), total, "pages")
        stack = MaskStack(masks, Layout(source="synthetic", n_pages=len(masks)))
        write_mask_tiff(stack, draft / "synthetic_masks.tif")
        # Seeded apart from the pages that a model learns from, so that these do not judge it.
        apart = settings.model_copy(update={"seed": settings.seed + _IMAGE_SEEDS})
        for index, pair in enumerate(synthesise_pages(images, apart, levels="page")):
            _write_image(draft, index, *pair)
            yield Progress(n_pages + index + 1, total, "pages")
    return Path(folder)


def write_recording(path: Path, seconds: float, settings: SynthesisSettings) -> None:
    """Write a synthetic recording, 250 kHz and 16 bit, whole or not at all.

    Raises
    ------
    SqueakOutError
        If it cannot be written.
    """
    with atomic_file(path) as draft, _sound_file(draft) as write:
        for scene in synthesise_recording(seconds, settings):
            write(scene.samples)


def writing_scenes(scenes: Iterable[Scene], sound: Path, calls: Path) -> Iterator[Scene]:
    """Write the samples of scenes behind each other, and at the end their true calls.

    Yields
    ------
    Scene
        Each, as soon as it is written.
    """
    rows: list[dict[str, object]] = []
    with _sound_file(sound) as write:
        for scene in scenes:
            write(scene.samples)
            rows += [vars(call) for call in scene.calls]
            yield scene
    names = ["start_s", "end_s", "low_hz", "high_hz", "snr_db", "kind"]
    write_calls(pd.DataFrame(rows, columns=names), calls)


@contextmanager
def _sound_file(path: Path) -> Iterator[Callable[[Samples], None]]:
    """What writes samples behind each other; OSError where they cannot be written.

    libsndfile says of a full disk no more than that something went wrong, or wrote too few.
    """
    file = soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 1, "PCM_16")
    n_samples = 0

    def write(samples: Samples) -> None:
        nonlocal n_samples
        with _told_by_the_system(path):
            file.write(samples)
        n_samples += len(samples)

    try:
        yield write
    finally:
        with _told_by_the_system(path):
            file.close()
    if path.stat().st_size < n_samples * _SAMPLE_BYTES:
        raise _not_written(path)


@contextmanager
def _told_by_the_system(path: Path) -> Iterator[None]:
    try:
        yield
    except (soundfile.SoundFileError, AssertionError) as error:
        raise _not_written(path) from error


def _not_written(path: Path) -> OSError:
    full = not shutil.disk_usage(path.parent).free
    number = errno.ENOSPC if full else errno.EIO
    return OSError(number, os.strerror(number), os.fspath(path))


class _PackedMasks:
    """Masks that take a few hundred bytes a page until one is looked at."""

    dtype = np.dtype(np.uint8)

    def __init__(self) -> None:
        self._pages: list[bytes] = []

    def append(self, mask: NDArray[np.bool_]) -> None:
        """Add a page, (512, 512)."""
        self._pages.append(zlib.compress(np.packbits(mask).tobytes(), level=1))

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(pages, rows, columns)."""
        return (len(self), PAGE_PX, PAGE_PX)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        bits = np.frombuffer(zlib.decompress(self._pages[index]), np.uint8)
        return np.unpackbits(bits).reshape(PAGE_PX, PAGE_PX)


def _spectrogram_columns(n_samples: int) -> int:
    return max(0, (n_samples - WINDOW) // STEP + 1)


def _page_count(seconds: float) -> int:
    """Pages that such a recording is rendered to."""
    return -(-_spectrogram_columns(round(seconds * SAMPLE_RATE_HZ)) // _COLUMNS)


def _page_masks(scene: Scene) -> Iterator[NDArray[np.bool_]]:
    """The masks of a block, page by page, as far as its sound reaches."""
    n_columns = scene.margin.shape[1]
    if len(scene.samples) < n_columns * STEP:
        n_columns = _spectrogram_columns(len(scene.samples))
    for first in range(0, n_columns, _COLUMNS):
        part = scene.margin[:, first : first + _COLUMNS].copy()
        part[:, n_columns - first :] = -FAR_DB
        yield page_mask(part)


def _write_image(draft: Path, index: int, page: Page, mask: NDArray[np.bool_]) -> None:
    for kind, values in (("images", np.rint(page * 255)), ("masks", mask * 255)):
        (draft / kind).mkdir(exist_ok=True)
        picture = Image.fromarray(np.asarray(values, np.uint8))
        picture.save(draft / kind / f"page_{index:04d}.png")
