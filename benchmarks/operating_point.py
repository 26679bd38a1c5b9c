"""Recall against false calls a minute: the curve on which the defaults for cleaning are a point.

    python benchmarks/operating_point.py DATA [--model NAME] [--noise-seconds 600] [--noise-seed N]

DATA as for model.py. For each threshold, with each smallest area: event and frame F1, precision and
recall on recordings 1-4 and on 8, IoU and errors of on- and offset; false calls on the call-free
time of all five, and a minute on synthetic noise. The network is asked once. One Markdown table.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from napari_squeakout import (
    CleanSettings,
    Engine,
    ProbabilityStack,
    Recording,
    SynthesisSettings,
    load_model,
    read_recording,
    render,
    run,
)
from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.clean import cleaning_pages
from napari_squeakout.core.detection.segment import segmenting_pages
from napari_squeakout.core.scoring.event_scores import Intervals, JudgedRecording, score_events
from napari_squeakout.core.synthesis.pages import HELD_OUT_SEED, synthesise_recording
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.tables.calls import read_intervals

THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.51, 0.6, 0.7, 0.8, 0.9)
HARD = "8"
COLUMNS = (
    "threshold", "area", "F1 1-4", "lowest", "precision", "recall", "frame F1", "IoU", "onset ms",
    "offset ms", "F1 8", "precision", "recall", "frame F1", "false on call-free time",
    "false a minute of noise",
)  # fmt: skip


def noise_of(seconds: float, seed: int) -> Recording:
    """Synthetic noise of every kind without a call."""
    settings = SynthesisSettings(seed=seed, empty_fraction=1)
    samples = np.concatenate([s.samples for s in synthesise_recording(seconds, settings)])
    return Recording.from_array(samples, sample_rate_hz=250_000, name="noise")


def calls(probabilities: ProbabilityStack, settings: CleanSettings) -> Intervals:
    """(n, 2) onsets and offsets in seconds."""
    table = run(finding_calls(run(cleaning_pages(probabilities, settings))))
    return table[["start_s", "end_s"]].to_numpy(float).reshape(-1, 2)


def on_free_time(recordings: Sequence[JudgedRecording]) -> int:
    """Calls found that meet none that is annotated."""
    return sum(
        not np.any((one.truth[:, 0] < end) & (one.truth[:, 1] > start))
        for one in recordings
        for start, end in one.found
    )


def row(
    settings: CleanSettings, seen: dict[str, tuple[Path, ProbabilityStack]], noise: ProbabilityStack
) -> list[str]:
    """The figures of one point of the curve."""
    judged = {
        name: JudgedRecording(
            truth=read_intervals(file.with_name(f"gt_{name}.csv")),
            found=calls(found, settings),
            duration_s=soundfile.info(file).duration,
        )
        for name, (file, found) in seen.items()
    }
    easy = [one for name, one in judged.items() if name != HARD]
    home = score_events(easy)
    lowest = min(score_events([one]).f1 for one in easy)
    hard = score_events([judged[HARD]])
    minutes = noise.layout.n_pages * 0.220672 / 60
    return [
        f"{settings.threshold:.2f}", str(settings.min_area_px), f"{home.f1:.3f}", f"{lowest:.3f}",
        f"{home.precision:.3f}", f"{home.recall:.3f}", f"{home.frame_f1:.3f}",
        f"{home.time_iou:.3f}", f"{1e3 * home.onset_error_s:+.1f}",
        f"{1e3 * home.offset_error_s:+.1f}", f"{hard.f1:.3f}", f"{hard.precision:.3f}",
        f"{hard.recall:.3f}", f"{hard.frame_f1:.3f}", str(on_free_time(list(judged.values()))),
        f"{len(calls(noise, settings)) / minutes:.1f}",
    ]  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default=BUNDLED_MODEL)
    parser.add_argument("--areas", nargs="+", type=int, default=[CleanSettings().min_area_px])
    parser.add_argument("--noise-seconds", type=float, default=600)
    parser.add_argument("--noise-seed", type=int, default=HELD_OUT_SEED)
    wanted = parser.parse_args()
    engine = Engine(load_model(wanted.model))
    files = sorted((wanted.data / "amvoc").glob("*/rec_*.wav"))
    seen = {
        file.parent.name: (file, run(segmenting_pages(render(read_recording(file)), engine)))
        for file in files
    }
    noise = run(segmenting_pages(render(noise_of(wanted.noise_seconds, wanted.noise_seed)), engine))
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|")
    for area, threshold in itertools.product(wanted.areas, THRESHOLDS):
        settings = CleanSettings(threshold=threshold, min_area_px=area)
        print("| " + " | ".join(row(settings, seen, noise)) + " |", flush=True)


if __name__ == "__main__":
    main()
