"""How well a model does: on held-out synthetic pages, on noise, and on real data where it is given.

    python benchmarks/model.py [--model NAME] [--data ../shared/data]

Synthetic pages come from seeds that no training uses. `--data` names a folder with
`amvoc/N/rec_N.wav`, `amvoc/N/gt_N.csv` (human onsets and offsets) and `vocalmat/All/N.png` with
VocalMat's table `vocalmat/audio_example.xlsx`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_squeakout import (
    CleanSettings,
    Engine,
    Recording,
    SynthesisSettings,
    clean,
    evaluate,
    find_calls,
    load_model,
    read_images,
    read_recording,
    render,
    run,
    segment,
)
from napari_squeakout.core.clean import clean_page
from napari_squeakout.core.stacks import CallTable, SpectrogramStack
from napari_squeakout.core.synthetic import synthesise_pages, synthesise_recording
from napari_squeakout.io.tables import read_intervals

#: Far from the seeds that models are trained with.
HELD_OUT_SEED = 987_654
THRESHOLD = CleanSettings()


def dice(engine: Engine, pages: int, **levels: float) -> float:
    """Dice by the paper's convention on held-out synthetic pages, cleaned by default."""
    drawn = synthesise_pages(pages, SynthesisSettings(seed=HELD_OUT_SEED, **levels))
    return evaluate(
        (mask, clean_page(engine(page[None])[0], THRESHOLD)) for page, mask in drawn
    ).dice


def calls_of(stack: SpectrogramStack, engine: Engine) -> CallTable:
    """The table of calls with default settings."""
    return run(find_calls(run(clean(run(segment(stack, engine)), THRESHOLD))))


def false_calls_per_minute(engine: Engine, seconds: float) -> float:
    """Calls found a minute where there is none."""
    settings = SynthesisSettings(seed=HELD_OUT_SEED, empty_share=1)
    samples = np.concatenate([s.samples for s in synthesise_recording(seconds, settings)])
    noise = Recording.from_array(samples, sample_rate_hz=250_000, name="noise")
    return len(calls_of(render(noise), engine)) / (seconds / 60)


def match(truth: NDArray[np.float64], found: NDArray[np.float64]) -> int:
    """Pairs of calls that overlap, one to one, best intersection over union first."""
    low = np.maximum(truth[:, None, 0], found[None, :, 0])
    high = np.minimum(truth[:, None, 1], found[None, :, 1])
    overlap = np.clip(high - low, 0, None)
    length = np.diff(truth, axis=1) + np.diff(found, axis=1).T - overlap
    iou = overlap / np.maximum(length, 1e-12)
    pairs = 0
    while iou.size and iou.max() > 0:
        i, j = np.unravel_index(iou.argmax(), iou.shape)
        iou[i, :] = iou[:, j] = 0
        pairs += 1
    return pairs


def recordings(engine: Engine, folder: Path) -> dict[str, float]:
    """Event F1 of each annotated recording, and pooled."""
    scores, totals = {}, np.zeros(3)
    for wav in sorted(folder.glob("*/rec_*.wav")):
        truth = read_intervals(wav.parent / f"{wav.stem.replace('rec', 'gt')}.csv")
        found = calls_of(render(read_recording(wav)), engine)[["start_s", "end_s"]].to_numpy()
        counts = np.array([match(truth, found), len(found), len(truth)])
        totals += counts
        scores[f"event_f1_{wav.stem}"] = 2 * counts[0] / (counts[1] + counts[2])
    return scores | {"event_f1_pooled": 2 * totals[0] / (totals[1] + totals[2])}


def vocalmat(engine: Engine, folder: Path) -> dict[str, float]:
    """Share of VocalMat's call images that are marked, and of its noise images left empty."""
    stack = read_images(folder / "All")
    kinds = pd.read_excel(folder / "audio_example.xlsx")["Class"]
    marked = set(calls_of(stack, engine)["image"])
    names = {kind: [] for kind in ("call", "noise")}
    for name in stack.layout.page_names:
        kind = "noise" if kinds[int(name) - 1] == "noise_dist" else "call"
        names[kind].append(name in marked)
    return {
        "vocalmat_calls_marked": float(np.mean(names["call"])),
        "vocalmat_noise_left_empty": 1 - float(np.mean(names["noise"])),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--noise-seconds", type=float, default=120)
    parser.add_argument("--data", type=Path)
    wanted = parser.parse_args()
    engine = Engine(load_model(wanted.model))
    figures = {
        "dice_synthetic": dice(engine, wanted.pages),
        "dice_synthetic_above_15_db": dice(engine, wanted.pages, min_snr_db=15),
        "false_calls_per_minute_of_synthetic_noise": false_calls_per_minute(
            engine, wanted.noise_seconds
        ),
    }
    if wanted.data is not None:
        figures |= recordings(engine, wanted.data / "amvoc") | vocalmat(
            engine, wanted.data / "vocalmat"
        )
    print(json.dumps({name: round(float(value), 4) for name, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
