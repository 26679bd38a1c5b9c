"""What fine-tuning brings a lab that the model has not seen, by the number of approved pages.

    python benchmarks/fine_tune.py [--labs band sweeps roll-off tones bare-box] [--pages 5 10 20 40]

Draws the pages of a lab with exact masks: its calls in a shifted band, those of another species, a
microphone that rolls off, loud tones, or a bare box. Fine-tunes the bundled model with the defaults
on so many of them, and judges before and after on 200 others. Prints one Markdown table.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from napari_squeakout import ApprovedPages, CleanSettings, Engine, load_model, run
from napari_squeakout.core.fine_tuning.fine_tune import tuning
from napari_squeakout.core.fine_tuning.model_cards import fine_tuned_model
from napari_squeakout.core.fine_tuning.splits import PagePlace
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.levelling import Levelled
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.scoring.page_scores import figures, page_figures
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.synthesis.masks import page_mask
from napari_squeakout.core.synthesis.scenes import Sing, synthesise_scene
from napari_squeakout.core.synthesis.syllables import Syllable, Trace, song
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.models.default import BUNDLED_MODEL

TEST_PAGES = 200
COLUMNS = 431
# The middle page of three, so that its floor is known from around it.
SCENE_SAMPLES = 3 * COLUMNS * 128 + 128
Samples = NDArray[np.float32]
# A band elsewhere: what lies there is drawn and shown as if it were the usual one.
SHIFTED = RenderSettings(low_hz=30_000, high_hz=110_000)


def as_it_is(sound: Samples, _: np.random.Generator) -> Samples:
    """Nothing changed."""
    return sound


def rolled_off(sound: Samples, _: np.random.Generator) -> Samples:
    """A microphone that resonates at 50 kHz and loses 12 dB an octave above 65 kHz."""
    falling = scipy.signal.butter(2, 65_000, fs=SAMPLE_RATE_HZ, output="sos")
    above, below = scipy.signal.iirpeak(50_000, 8, fs=SAMPLE_RATE_HZ)
    resonant = sound + 3 * scipy.signal.lfilter(above, below, sound)
    return np.asarray(scipy.signal.sosfilt(falling, resonant), np.float32)


def with_tones(sound: Samples, rng: np.random.Generator) -> Samples:
    """Five loud lines, each on for part of the page."""
    t = np.arange(len(sound)) / SAMPLE_RATE_HZ
    total = sound.astype(np.float64)
    for hz in rng.uniform(48e3, 120e3, 5):
        start_s = rng.uniform(0, 0.2)
        on = (t > start_s) & (t < start_s + rng.uniform(0.02, 0.2))
        total += 0.5 * sound.std() * on * np.sin(2 * np.pi * hz * t)
    return np.asarray(total, np.float32)


def sweeps(n_samples: int, rng: np.random.Generator) -> list[Syllable]:
    """Calls as bats give them: series of steep falls by an octave within a few milliseconds."""
    high_hz, pause_s = rng.uniform(85e3, 115e3), rng.uniform(0.015, 0.06)
    calls, at = [], int(rng.uniform(0, pause_s) * SAMPLE_RATE_HZ)
    while at < n_samples:
        u = np.linspace(0, 1, int(rng.uniform(0.003, 0.008) * SAMPLE_RATE_HZ))
        hz = high_hz * rng.uniform(0.95, 1.05) / (1 + u)
        calls.append(Syllable("down_fm", (Trace(at, hz, np.sin(np.pi * u) ** 0.5),)))
        at = calls[-1].stop + int(pause_s * rng.uniform(0.8, 1.2) * SAMPLE_RATE_HZ)
    return calls


@dataclass(frozen=True)
class Lab:
    """What a lab records, and how it sounds and looks there."""

    synthesis: SynthesisSettings = SynthesisSettings()
    render: RenderSettings = RenderSettings()
    recorded: Callable[[Samples, np.random.Generator], Samples] = as_it_is
    sing: Sing = song


# Each lab differs from the usual in one thing alone. Levels count for a steady tone: so steep a
# sweep spends too little time at each frequency to be seen unless it is 20 dB above the noise.
LABS = {
    "band": Lab(render=SHIFTED),
    "sweeps": Lab(SynthesisSettings(min_snr_db=20), sing=sweeps),
    "roll-off": Lab(recorded=rolled_off),
    "tones": Lab(recorded=with_tones),
    "bare-box": Lab(SynthesisSettings(reverberation_fraction=1)),
}


def drawn(name: str, n_pages: int, seed: int) -> ApprovedPages:
    """Approved pages of a lab: far enough apart not to be neighbours."""
    lab = LABS[name]
    pages, masks = [], []
    for index in range(n_pages):
        rng = np.random.default_rng([seed, index])
        scene = synthesise_scene(
            SCENE_SAMPLES, rng, lab.synthesis, render=lab.render, sing=lab.sing
        )
        sound = Recording.from_array(
            lab.recorded(scene.samples, rng), sample_rate_hz=SAMPLE_RATE_HZ
        )
        page = Levelled(sound, lab.render, scene.nyquist_hz).window(1)
        pages.append(np.rint(255 * page).astype(np.uint8))
        masks.append(page_mask(scene.margin[:, COLUMNS : 2 * COLUMNS]))
    places = tuple(
        PagePlace(group=name, start=3.0 * page, name=f"{name} {page}") for page in range(n_pages)
    )
    return ApprovedPages(pages=np.stack(pages), masks=np.stack(masks), places=places)


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
            tuned = run(tuning(approved, base))
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
