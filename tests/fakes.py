"""An engine that needs no network, and sound whose calls are known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from napari_squeakout.core.detection.silence import loud_columns
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.settings import SegmentSettings

RATE_HZ = 250_000
#: One standard page of a recording, and where the first begins.
PAGE_S = PAGE_PX * STANDARD_GRID.seconds_per_column
FIRST_S = 64 / RATE_HZ


def bright(pages: np.ndarray) -> np.ndarray:
    """Certain where a page is nearly white, and nowhere else."""
    return np.where(pages > 0.85, 255, 0).astype(np.uint8)


class BrightPixels:
    """What `Engine` is to its users; calls are where `answer` says so."""

    def __init__(self, answer: Any = bright, *, batch_size: int = 1, windows: int = 2) -> None:
        self.answer = answer
        self.batch_size, self.tile_pages = batch_size, 2
        self.loud_columns = loud_columns
        self.settings = SegmentSettings(windows_per_page=windows)
        self.model = SimpleNamespace(
            name="bright",
            fingerprint="b" * 64,
            card=ModelCard(name="bright"),
            rendering=lambda wanted: wanted,
            cleaning=lambda wanted: wanted,
        )
        self.notes: list[str] = []
        self.device, self.dtype, self.why = torch.device("cpu"), torch.float32, "no network"
        self.precision, self.computes_with = str(self.dtype), "no network"
        self.batches: list[int] = []

    def __call__(self, pages: np.ndarray) -> np.ndarray:
        self.batches.append(len(pages))
        return self.answer(pages)


def sound(seconds: float, *tones: tuple[float, float, float]) -> np.ndarray:
    """(n,) float32 at 250 kHz: faint noise, and tones (start_s, end_s, hz) far above it."""
    samples = np.random.default_rng(0).normal(0, 1e-4, round(seconds * RATE_HZ))
    time_s = np.arange(len(samples)) / RATE_HZ
    for start_s, end_s, hz in tones:
        inside = (time_s >= start_s) & (time_s < end_s)
        samples[inside] += 0.1 * np.sin(2 * np.pi * hz * time_s[inside])
    return samples.astype(np.float32)
