"""Synthetic images like VocalMat's, with calls and with noise alone, and their exact masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from napari_squeakout.core.baselines.vocalmat import vocalmat_mask
from napari_squeakout.core.rendering.spectrogram import VOCALMAT_PX
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.synthesis.pages import DrawnPage, drawn_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.files import atomic_folder

#: Folders of images and of masks, and of the two kinds in each.
IMAGES, MASKS, CALLS, NOISE = "images", "masks", "calls", "noise_dist"
#: As in the box of VocalMat's pups: no echoes, recorded at 250 kHz, calls that are to be noticed.
PUP_BOX = SynthesisSettings(
    reverberation_fraction=0.0,
    band_limited_fraction=0.0,
    disturbance_rate=0.3,
    min_snr_db=10.0,
    empty_fraction=0.0,
)
# Noise windows are candidates that were wrong: full of clicks, lines and rumble.
_DISTURBED = 3.0
# Less is a call that another window shows: here only its end.
_LEAST_PX = 300
_AT_ONCE, _APART = 32, 700_000


def writing_images(
    folder: Path, *, calls: int, noise: int, settings: SynthesisSettings = PUP_BOX
) -> Steps[Path]:
    """Write images as VocalMat's, 227 x 227, and their masks, 512 x 512.

    Windows are cut one behind the other; VocalMat centres its own on a call.

    Parameters
    ----------
    folder : Path
        New or empty. Gets `images/calls`, `images/noise_dist` and the same in `masks`, whose files
        are called alike.
    calls, noise : int
        Images with a call in them, and without any.
    settings : SynthesisSettings
        What they are made of; those without calls have three times the usual disturbances, and
        VocalMat's segmentation takes something on each for a call.

    Raises
    ------
    SqueakOutError
        If the folder has content or cannot be written.
    """
    apart = {"empty_fraction": 1.0, "disturbance_rate": _DISTURBED, "seed": settings.seed + _APART}
    bare = settings.model_copy(update=apart)
    called = (page for page in _endless(settings) if page.mask.sum() >= _LEAST_PX)
    # As VocalMat's images of noise are: what its segmentation took for calls.
    mistaken = (page for page in _endless(bare) if vocalmat_mask(page.page).any())
    kinds = ((CALLS, calls, called), (NOISE, noise, mistaken))
    done = 0
    with atomic_folder(folder) as draft:
        for kind, number, drawn in kinds:
            for place in (IMAGES, MASKS):
                (draft / place / kind).mkdir(parents=True)
            for index, page in zip(range(number), drawn, strict=False):
                _write(draft, f"{kind}/{kind}_{index:04d}.png", page)
                done += 1
                yield Progress(done, calls + noise, "images")
    return folder


def _endless(settings: SynthesisSettings) -> Iterator[DrawnPage]:
    first = 0
    while True:
        yield from drawn_pages(_AT_ONCE, settings, first=first, levels="page")
        first += _AT_ONCE


def _write(folder: Path, name: str, page: DrawnPage) -> None:
    grey = Image.fromarray(np.rint(page.page * 255).astype(np.uint8))
    small = grey.resize((VOCALMAT_PX, VOCALMAT_PX), Image.Resampling.BICUBIC)
    small.save(folder / IMAGES / name)
    Image.fromarray(page.mask.astype(np.uint8) * 255).save(folder / MASKS / name)
