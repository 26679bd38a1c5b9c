"""Synthetic samples on disk: a recording and spectrogram images with their true calls and masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from PIL import Image

from napari_squeakout.core.settings import RenderSettings, SynthesisSettings
from napari_squeakout.core.spectrogram import SAMPLE_RATE_HZ, page_columns
from napari_squeakout.core.stacks import PAGE_PX, Layout, MaskStack
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.synthetic import page_mask, synthesise_page, synthesise_recording

from .files import folder_written_whole
from .masks import write_mask_tiff
from .tables import write_calls


def write_samples(
    folder: str | Path, *, seconds: float, images: int, settings: SynthesisSettings
) -> Steps[Path]:
    """Write `synthetic.wav`, its true calls and masks, and images with theirs.

    Parameters
    ----------
    folder : str or Path
        Must not exist, or be empty. Gets `synthetic.wav` (250 kHz, 16 bit), `synthetic_calls.csv`,
        `synthetic_masks.tif`, `images/page_0001.png` ... and `masks/page_0001.png` ...
    seconds : float
        Length of the recording.
    images : int
        Number of images.
    settings : SynthesisSettings
        Seed, levels and shares.

    Yields
    ------
    Progress
        By block and image.

    Returns
    -------
    Path
        The folder.
    """
    columns = page_columns(RenderSettings())
    n_blocks = max(1, int(np.ceil(seconds * SAMPLE_RATE_HZ / (10 * columns * 128))))
    total = n_blocks + images
    pages: list[np.ndarray] = []
    rows = []
    with folder_written_whole(folder) as draft:
        wav = draft / "synthetic.wav"
        with soundfile.SoundFile(wav, "w", SAMPLE_RATE_HZ, 1, "PCM_16") as file:
            for done, scene in enumerate(synthesise_recording(seconds, settings), start=1):
                file.write(scene.samples)
                rows += [vars(call) for call in scene.calls]
                parts = np.split(scene.mask, scene.mask.shape[1] // columns, axis=1)
                pages += [np.packbits(page_mask(part), axis=1) for part in parts]
                yield Progress(done, total, "blocks")
        write_calls(_table(rows), draft / "synthetic_calls.csv")
        n_pages = max(1, int(np.ceil((seconds * SAMPLE_RATE_HZ - 128) / (columns * 128))))
        _write_masks(pages[:n_pages], draft / "synthetic_masks.tif")
        for index in range(images):
            _write_image(draft, index, settings)
            yield Progress(n_blocks + index + 1, total, "images")
    return Path(folder)


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    names = ["start_s", "end_s", "low_hz", "high_hz", "kind"]
    return pd.DataFrame(rows, columns=names)


def _write_masks(packed: list[np.ndarray], path: Path) -> None:
    labels = np.stack([np.unpackbits(page, axis=1, count=PAGE_PX) for page in packed])
    write_mask_tiff(MaskStack(labels, Layout("synthetic", len(labels))), path)


def _write_image(draft: Path, index: int, settings: SynthesisSettings) -> None:
    # Seeded apart from the recording, so that images do not depend on its length.
    rng = np.random.default_rng([settings.seed, index])
    page, mask = synthesise_page(rng, settings)
    for kind, values in (("images", np.rint(page * 255)), ("masks", mask * 255)):
        (draft / kind).mkdir(exist_ok=True)
        picture = Image.fromarray(np.asarray(values, np.uint8))
        picture.save(draft / kind / f"page_{index + 1:04d}.png")
