"""What fine-tuning brings a lab that the model has not seen, by the number of approved pages.

    python benchmarks/fine_tune.py [--labs band roll-off tones reverberation] [--pages 5 10 20 40]

Draws the pages of a lab with exact masks: its calls in a shifted band, a microphone that rolls off,
loud tones, or a bare box. Fine-tunes the bundled model with the defaults on so many of them, and
judges before and after on 40 others. Prints one Markdown table.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from napari_squeakout import ApprovedPages, CleanSettings, Engine, fine_tune, load_model, run
from napari_squeakout.core.models import BUNDLED_MODEL
from napari_squeakout.core.page_figures import figures, page_figures
from napari_squeakout.core.recipes import fine_tuned_model
from napari_squeakout.core.settings import RenderSettings, SynthesisSettings
from napari_squeakout.core.spectrogram import SAMPLE_RATE_HZ, page_from_db, power_db
from napari_squeakout.core.splits import PagePlace
from napari_squeakout.core.synthetic import synthesise_scene
from napari_squeakout.core.truth import page_mask

TEST_PAGES = 40
PAGE_SAMPLES = 431 * 128 + 128
Samples = NDArray[np.float32]
RENDER = RenderSettings()
# A band elsewhere: what lies there is drawn and shown as if it were the usual one.
SHIFTED = RenderSettings(low_hz=30_000, high_hz=110_000)


def as_it_is(sound: Samples, _: np.random.Generator) -> Samples:
    """Nothing changed."""
    return sound


def rolled_off(sound: Samples, rng: np.random.Generator) -> Samples:
    """A microphone that loses 24 dB an octave above 65 kHz."""
    sections = scipy.signal.butter(4, 65_000, fs=SAMPLE_RATE_HZ, output="sos")
    noise = rng.normal(0, 0.02 * sound.std(), len(sound))
    return np.asarray(scipy.signal.sosfilt(sections, sound) + noise, np.float32)


def with_tones(sound: Samples, rng: np.random.Generator) -> Samples:
    """Five loud lines, each on for part of the page."""
    t = np.arange(len(sound)) / SAMPLE_RATE_HZ
    total = sound.astype(np.float64)
    for hz in rng.uniform(48e3, 120e3, 5):
        start_s = rng.uniform(0, 0.2)
        on = (t > start_s) & (t < start_s + rng.uniform(0.02, 0.2))
        total += 0.5 * sound.std() * on * np.sin(2 * np.pi * hz * t)
    return np.asarray(total, np.float32)


LABS: dict[
    str, tuple[SynthesisSettings, RenderSettings, Callable[[Samples, np.random.Generator], Samples]]
] = {
    "band": (SynthesisSettings(), SHIFTED, as_it_is),
    "roll-off": (SynthesisSettings(max_snr_db=25), RENDER, rolled_off),
    "tones": (SynthesisSettings(max_snr_db=25), RENDER, with_tones),
    "reverberation": (SynthesisSettings(reverberation_share=1, ring_s=0.05), RENDER, as_it_is),
}


def drawn(lab: str, n_pages: int, seed: int) -> ApprovedPages:
    """Approved pages of a lab: far enough apart not to be neighbours."""
    settings, render, recorded = LABS[lab]
    pages, masks = [], []
    for index in range(n_pages):
        rng = np.random.default_rng([seed, index])
        scene = synthesise_scene(PAGE_SAMPLES, rng, settings, render=render)
        level_db = power_db(recorded(scene.samples, rng), render)
        pages.append(np.rint(255 * page_from_db(level_db, render)).astype(np.uint8))
        masks.append(page_mask(scene.margin))
    places = tuple(PagePlace(lab, 3.0 * page, name=f"{lab} {page}") for page in range(n_pages))
    return ApprovedPages(np.stack(pages), np.stack(masks), places)


def judged(engine: Engine, test: ApprovedPages, threshold: float) -> tuple[float, float]:
    """Dice, and F1 of calls."""
    cleaning = CleanSettings(threshold=threshold)
    values = np.stack([engine(page[None].astype(np.float32) / 255)[0] for page in test.pages])
    total = figures(page_figures(test.masks, values, cleaning), threshold)
    return total.dice, total.f1 or 0.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labs", nargs="+", default=list(LABS), choices=list(LABS))
    parser.add_argument("--pages", nargs="+", type=int, default=[5, 10, 20, 40])
    options = parser.parse_args()
    base = load_model(BUNDLED_MODEL)
    print("| lab | pages | Dice | F1 of calls | minutes | synthetic Dice | verdict |")
    print("|---|---|---|---|---|---|---|")
    for lab in options.labs:
        test = drawn(lab, TEST_PAGES, seed=77)
        for n_pages in options.pages:
            approved = drawn(lab, n_pages, seed=78)
            begun_s = time.monotonic()
            tuned = run(fine_tune(approved, base))
            minutes = (time.monotonic() - begun_s) / 60
            verdict = tuned.verdict
            new = Engine(fine_tuned_model("tuned", base, tuned, approved))
            before = judged(Engine(base), test, verdict.before.threshold)
            after = judged(new, test, verdict.after.threshold)
            known = verdict.synthetic_dice or (np.nan, np.nan)
            print(
                f"| {lab} | {n_pages} | {before[0]:.3f} -> {after[0]:.3f} "
                f"| {before[1]:.3f} -> {after[1]:.3f} | {minutes:.1f} "
                f"| {known[0]:.3f} -> {known[1]:.3f} | {verdict.sentence} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
