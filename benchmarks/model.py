"""How well a model does: on held-out synthetic pages, on noise, and on real data where it is given.

    python benchmarks/model.py [--model NAME] [--data DIR] [--noise-seed N]

Synthetic pages and noise come from seeds that no training uses. `--data` names a folder with
`amvoc/N/rec_N.wav`, `amvoc/N/gt_N.csv` (human onsets and offsets) and `vocalmat/All/N.png`, real
windows, with what VocalMat measured in them, `vocalmat/audio_example.xlsx`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import real_masks
from numpy.typing import NDArray

from napari_squeakout import (
    CleanSettings,
    Engine,
    ImageSettings,
    Recording,
    SynthesisSettings,
    evaluate,
    load_model,
    read_images,
    read_recording,
    render,
    run,
)
from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.clean import clean_page, cleaning_pages
from napari_squeakout.core.detection.segment import segmenting_pages
from napari_squeakout.core.scoring.event_scores import score_events
from napari_squeakout.core.scoring.mask_scores import reliability
from napari_squeakout.core.stacks import CallTable, SpectrogramStack
from napari_squeakout.core.synthesis.pages import HELD_OUT_SEED, drawn_pages, synthesise_recording
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.results.evaluation import judging_recordings
from napari_squeakout.io.results.run_record import RunSettings

CLEAN = CleanSettings()
HARD = "rec_8"
#: Calls above it, in dB, are clear: four in five that were measured on recordings.
CLEAR_DB = 15
#: What VocalMat's windows show.
VOCALMAT = ImageSettings(image_span_s=0.220672, image_low_hz=45_000, image_high_hz=125_000)


def synthetic(engine: Engine, n_pages: int) -> dict[str, float]:
    """Dice by the paper's convention on held-out pages, cleaned by default, and reliability."""
    every = list(_found(engine, n_pages))
    scores = evaluate(_cleaned(every))
    above = evaluate(_cleaned(page for page in every if page.faintest_db > CLEAR_DB))
    brief = evaluate(_cleaned(_found(engine, n_pages, min_snr_db=CLEAR_DB)))
    empty = [not clean_page(page.found, CLEAN).any() for page in every if not page.truth.any()]
    return {
        "dice_synthetic": scores.dice,
        "dice_synthetic_sem": scores.dice_sem,
        "dice_synthetic_non_empty": scores.dice_non_empty,
        "pixel_precision_synthetic": scores.precision,
        "pixel_recall_synthetic": scores.recall,
        "empty_pages_left_empty": float(np.mean(empty)),
        "dice_synthetic_snr_above_15_db": above.dice,
        "dice_synthetic_snr_above_15_db_sem": above.dice_sem,
        "dice_synthetic_snr_above_15_db_non_empty": above.dice_non_empty,
        "dice_synthetic_loudest_above_15_db": brief.dice,
        "calibration_error": reliability((page.truth, page.found) for page in every).error,
    }


class Judged(NamedTuple):
    """A page's mask, what the model gives it, and the SNR of its faintest call, seen or not."""

    truth: NDArray[np.bool_]
    found: NDArray[np.uint8]
    faintest_db: float


def _found(engine: Engine, n_pages: int, **levels: float) -> Iterator[Judged]:
    settings = SynthesisSettings(seed=HELD_OUT_SEED, **levels)
    for one in drawn_pages(n_pages, settings, levels=engine.model.card.rendering.levels):
        yield Judged(one.mask, engine(one.page[None])[0], one.faintest_db)


def _cleaned(pages: Iterable[Judged]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    return ((page.truth, clean_page(page.found, CLEAN)) for page in pages)


def calls_of(stack: SpectrogramStack, engine: Engine) -> CallTable:
    """The table of calls with default settings."""
    return run(finding_calls(run(cleaning_pages(run(segmenting_pages(stack, engine)), CLEAN))))


def false_calls_per_minute(engine: Engine, seconds: float, seed: int) -> float:
    """Calls found a minute where there is none."""
    settings = SynthesisSettings(seed=seed, empty_fraction=1)
    samples = np.concatenate([s.samples for s in synthesise_recording(seconds, settings)])
    noise = Recording.from_array(samples, sample_rate_hz=250_000, name="noise")
    return len(calls_of(render(noise), engine)) / (seconds / 60)


def recordings(engine: Engine, folder: Path) -> dict[str, float]:
    """Event and frame F1 of each annotated recording, and pooled."""
    files = sorted(folder.glob("*/rec_*.wav"))
    truths = [file.parent / f"{file.stem.replace('rec', 'gt')}.csv" for file in files]
    settled = RunSettings(render=engine.model.rendering(RunSettings().render))
    judged = run(judging_recordings(truths, files, engine, settled))
    groups = {Path(name).stem: [one] for name, one in judged.items()}
    # The hard one, whose calls arrive by the walls, stands apart.
    groups["pooled"] = [one for name, one in judged.items() if Path(name).stem != HARD]
    scores = {name: score_events(group) for name, group in groups.items()}
    return {f"event_f1_{name}": score.f1 for name, score in scores.items()} | {
        f"frame_f1_{name}": score.frame_f1 for name, score in scores.items()
    }


def real_outlines(engine: Engine, folder: Path) -> dict[str, float]:
    """Pooled over the pixels of each recording: Dice, precision, recall, and area over the true.

    On the pages that real_masks.py outlines; no model has learned from them.
    """
    found: dict[int, Any] = {}
    sums: dict[str, NDArray[np.int64]] = {}
    for one in real_masks.load():
        if one.recording not in found:
            sound = read_recording(folder / str(one.recording) / f"rec_{one.recording}.wav")
            found[one.recording] = run(
                cleaning_pages(run(segmenting_pages(render(sound), engine)), CLEAN)
            ).labels
        marked = np.asarray(found[one.recording][one.page]) > 0
        counts = np.array([(marked & one.mask).sum(), marked.sum(), one.mask.sum()])
        group = str(one.recording) if one.recording in {4, 8} else "1_to_3"
        sums[group] = sums.get(group, np.zeros(3, np.int64)) + counts
    return {
        f"real_{what}_rec_{group}": value
        for group, (both, marked, true) in sums.items()
        for what, value in (
            ("dice", 2 * both / (marked + true)),
            ("precision", both / marked),
            ("recall", both / true),
            ("area", marked / true),
        )
    }


def vocalmat(engine: Engine, folder: Path) -> dict[str, float]:
    """Real windows: those with a call that are marked, those without left empty, and frequencies.

    A window is centred on one candidate call, which may be marked or only others beside it; its
    frequencies are compared with VocalMat's.
    """
    stack = read_images(folder / "All", VOCALMAT)
    table = pd.read_excel(folder / "audio_example.xlsx").set_index("Names_vocal")
    calls = calls_of(stack, engine)
    marked, candidates, left_empty, low_hz, high_hz = [], [], [], [], []
    for name in stack.layout.page_names:
        row, found = table.loc[int(name)], calls[calls["image"] == name]
        if row["Class"] == "noise_dist":
            left_empty.append(found.empty)
            continue
        marked.append(not found.empty)
        half_s, middle_s = row["Duration"] / 2, VOCALMAT.image_span_s / 2
        here = found[(found["start_s"] < middle_s + half_s) & (found["end_s"] > middle_s - half_s)]
        candidates.append(len(here) > 0)
        if len(here):
            low_hz.append(here["low_hz"].min() - row["min_freq_total"])
            high_hz.append(here["high_hz"].max() - row["max_freq_total"])
    return {
        "vocalmat_calls_marked": float(np.mean(marked)),
        "vocalmat_candidates_marked": float(np.mean(candidates)),
        "vocalmat_noise_left_empty": float(np.mean(left_empty)),
        "vocalmat_low_error_hz": float(np.median(np.abs(low_hz))),
        "vocalmat_high_error_hz": float(np.median(np.abs(high_hz))),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=BUNDLED_MODEL)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--noise-seconds", type=float, default=600)
    parser.add_argument("--noise-seed", type=int, default=HELD_OUT_SEED)
    parser.add_argument("--data", type=Path)
    wanted = parser.parse_args()
    engine = Engine(load_model(wanted.model))
    figures = synthetic(engine, wanted.pages)
    figures["false_calls_per_minute_of_synthetic_noise"] = false_calls_per_minute(
        engine, wanted.noise_seconds, wanted.noise_seed
    )
    if wanted.data is not None:
        figures |= recordings(engine, wanted.data / "amvoc")
        figures |= real_outlines(engine, wanted.data / "amvoc")
        figures |= vocalmat(engine, wanted.data / "vocalmat")
    print(json.dumps({name: round(float(value), 4) for name, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
