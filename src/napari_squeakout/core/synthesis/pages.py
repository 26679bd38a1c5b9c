"""Pages and recordings of synthetic calls, whose masks are exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.recording import Recording, Samples
from napari_squeakout.core.rendering.levelled_images import levelled_image
from napari_squeakout.core.rendering.levelling import Levelled
from napari_squeakout.core.rendering.spectrogram import (
    SAMPLE_RATE_HZ,
    STEP,
    WINDOW,
    page_columns,
    page_from_db,
    power_db,
)
from napari_squeakout.core.settings import Levels, RenderSettings
from napari_squeakout.core.stacks import Page
from napari_squeakout.core.training_settings import SynthesisSettings

from .backgrounds import flowing_background
from .masks import FAR_DB, page_mask
from .scenes import Scene, recorded, sung, synthesise_scene

# Pages show the default band.
_RENDER = RenderSettings()
_PAGES_PER_BLOCK = 10
# Pages are cut from scenes of so many (0.88 s), so that the floor of each is known from around it.
_PAGES_PER_SCENE = 4
# Nearly all calls are shorter.
_LONGEST_S = 0.1
# Samples over which the last calls of a block fade out in the next one.
_SEAM = 2048

#: Pages of this seed measure models and never train one: far from all seeds that are learned from.
HELD_OUT_SEED = 987_654


@dataclass(frozen=True)
class DrawnPage:
    """A page, its exact mask, and what is known of its calls.

    Parameters
    ----------
    page : NDArray
        (512, 512) float32, 0..1.
    mask : NDArray
        (512, 512) bool.
    faintest_db : float
        SNR of its faintest call, in dB; -inf where one is too faint to be noticed, inf
        where there is none.
    """

    page: Page = field(repr=False)
    mask: BoolImage = field(repr=False)
    faintest_db: float


def synthesise_pages(
    n_pages: int,
    settings: SynthesisSettings,
    *,
    backgrounds: Sequence[Samples] = (),
    first: int = 0,
    levels: Levels = "noise",
) -> Iterator[tuple[Page, BoolImage]]:
    """Draw pages and masks one by one, from page `first` on; page k depends on seed and k alone."""
    drawn = drawn_pages(n_pages, settings, backgrounds=backgrounds, first=first, levels=levels)
    return ((one.page, one.mask) for one in drawn)


def drawn_pages(
    n_pages: int,
    settings: SynthesisSettings,
    *,
    backgrounds: Sequence[Samples] = (),
    first: int = 0,
    levels: Levels = "noise",
) -> Iterator[DrawnPage]:
    """Draw such pages with what is known of their calls.

    Parameters
    ----------
    n_pages, first : int
        How many, and the number of the first.
    settings : SynthesisSettings
        What they are made of.
    backgrounds : sequence of NDArray
        Call-free stretches of real recordings at 250 kHz.
    levels : {"noise", "page"}
        What grey means on them.
    """
    for number in range(first // _PAGES_PER_SCENE, -(-(first + n_pages) // _PAGES_PER_SCENE)):
        rng = np.random.default_rng([settings.seed, number])
        scene = synthesise_scene(
            _PAGES_PER_SCENE * page_columns(_RENDER) * STEP + WINDOW - STEP,
            rng,
            settings,
            render=_RENDER,
            backgrounds=backgrounds,
        )
        as_images = rng.uniform(size=_PAGES_PER_SCENE) < settings.image_fraction
        for index, page in enumerate(pages_of(scene, levels, as_images=as_images)):
            if first <= number * _PAGES_PER_SCENE + index < first + n_pages:
                yield page


def pages_of(
    scene: Scene, levels: Levels = "noise", *, as_images: Sequence[bool] | BoolImage = ()
) -> Iterator[DrawnPage]:
    """The pages of a scene with their masks; those `as_images` as VocalMat's, levelled alone."""
    columns = page_columns(_RENDER)
    sound = Recording.from_array(scene.samples, sample_rate_hz=SAMPLE_RATE_HZ)
    levelled = Levelled(sound, _RENDER, scene.nyquist_hz)
    for index in range(scene.margin.shape[1] // columns):
        at = index * columns
        if levels == "noise" and not (len(as_images) and as_images[index]):
            page = levelled.window(index)
        else:
            samples = scene.samples[at * STEP : (at + columns - 1) * STEP + WINDOW]
            page = page_from_db(power_db(samples, _RENDER), _RENDER)
            page = levelled_image(page) if levels == "noise" else page
        mask = page_mask(scene.margin[:, at : at + columns])
        yield DrawnPage(page, mask, _faintest_db(scene, index))


def _faintest_db(scene: Scene, index: int) -> float:
    """SNR of the faintest call that reaches into a page."""
    length_s = page_columns(_RENDER) * STEP / SAMPLE_RATE_HZ
    start_s, end_s = index * length_s, (index + 1) * length_s
    # What begins before a page may reach into it.
    if any(start_s - _LONGEST_S < at_s < end_s for at_s in scene.unseen_s):
        return -np.inf
    here = [c.snr_db for c in scene.calls if c.start_s < end_s and c.end_s > start_s]
    return min(here, default=np.inf)


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
        block, _SEAM, rng, disturbed=settings.disturbance_rate, rumbling=settings.rumble_rate
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
