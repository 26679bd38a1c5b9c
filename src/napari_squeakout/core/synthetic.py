"""Pages and recordings of synthetic calls, whose masks are exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from .learning_settings import SynthesisSettings
from .noises import flowing_background
from .scenes import Scene, recorded, sung, synthesise_scene
from .settings import RenderSettings
from .spectrogram import (
    SAMPLE_RATE_HZ,
    STEP,
    WINDOW,
    page_columns,
    page_from_db,
    power_db,
)
from .stacks import Page, Samples
from .truth import FAR_DB, BoolImage, page_mask

# Pages show the default band.
_RENDER = RenderSettings()
_PAGES_PER_BLOCK = 10
# Samples over which the last calls of a block fade out in the next one.
_SEAM = 2048

#: Pages of this seed measure models and never train one: far from all seeds that are learned from.
HELD_OUT_SEED = 987_654


def synthesise_page(
    rng: np.random.Generator,
    settings: SynthesisSettings,
    *,
    backgrounds: Sequence[Samples] = (),
) -> tuple[Page, BoolImage]:
    """Draw one page and its mask, (512, 512) each."""
    return page_of(_page_scene(rng, settings, backgrounds))


def synthesise_pages(
    n_pages: int,
    settings: SynthesisSettings,
    *,
    backgrounds: Sequence[Samples] = (),
    first: int = 0,
) -> Iterator[tuple[Page, BoolImage]]:
    """Draw pages one by one, from page `first` on; page k depends on the seed and k alone."""
    scenes = synthesise_page_scenes(n_pages, settings, backgrounds=backgrounds, first=first)
    return (page_of(scene) for scene in scenes)


def synthesise_page_scenes(
    n_pages: int,
    settings: SynthesisSettings,
    *,
    backgrounds: Sequence[Samples] = (),
    first: int = 0,
) -> Iterator[Scene]:
    """Draw the sound of such pages, with what is known of their calls."""
    for index in range(first, first + n_pages):
        yield _page_scene(np.random.default_rng([settings.seed, index]), settings, backgrounds)


def _page_scene(
    rng: np.random.Generator, settings: SynthesisSettings, backgrounds: Sequence[Samples]
) -> Scene:
    """A scene as long as a page."""
    n_samples = page_columns(_RENDER) * STEP + WINDOW - STEP
    return synthesise_scene(n_samples, rng, settings, render=_RENDER, backgrounds=backgrounds)


def page_of(scene: Scene) -> tuple[Page, BoolImage]:
    """The page of a scene as long as one, and its mask, (512, 512) each."""
    page = page_from_db(power_db(scene.samples, _RENDER), _RENDER)
    return page, page_mask(scene.margin)


def synthesise_recording(
    duration_s: float, settings: SynthesisSettings, *, render: RenderSettings | None = None
) -> Iterator[Scene]:
    """Draw a recording in blocks of ten pages, so that its length is no matter.

    Blocks fit seamlessly: their samples follow each other, their masks cover whole pages, and the
    times of their calls count from the recording's start.
    """
    render = render or RenderSettings()
    rng = np.random.default_rng(settings.seed)
    block = _PAGES_PER_BLOCK * page_columns(render) * STEP
    total = round(duration_s * SAMPLE_RATE_HZ)
    gain = float(10 ** (rng.uniform(-55, -35) / 20))
    fading = np.linspace(1, 0, _SEAM, dtype=np.float32)
    held = np.zeros(_SEAM, np.float32)
    flow = flowing_background(
        block, _SEAM, rng, disturbed=settings.disturbed, rumbling=settings.rumbling
    )
    for start, noise in zip(range(0, total, block), flow, strict=False):
        scene = sung(noise, rng, settings, render, 4 * _SEAM)
        sound = scene.samples
        sound[:_SEAM] += held
        held = fading * (sound - noise)[block:]
        samples = recorded(sound, gain, rng)[: min(block, total - start)]
        yield _part(scene, samples, block // STEP, start)


def _part(scene: Scene, samples: Samples, columns: int, start: int) -> Scene:
    """A scene as recorded, cut to so many columns, its calls moved to where it starts."""
    heard = -(-len(samples) // STEP)
    inside_db = scene.margin[:, :columns].copy()
    inside_db[:, heard:] = -FAR_DB
    at_s, end_s = start / SAMPLE_RATE_HZ, (start + len(samples)) / SAMPLE_RATE_HZ
    moved = [replace(c, start_s=c.start_s + at_s, end_s=c.end_s + at_s) for c in scene.calls]
    calls = [replace(c, end_s=min(c.end_s, end_s)) for c in moved if c.start_s < end_s]
    return replace(scene, samples=samples, margin=inside_db, calls=tuple(calls))
