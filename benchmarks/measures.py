"""How near measures come to the truth, on synthetic calls whose course is known.

    python benchmarks/measures.py [--calls 200] [--seed N] [--sheet FILE.png]

Calls of at least 15 dB, one at a time, in the open, in boxes whose walls answer less than the
animal gives, and in rooms of all kinds; measured from their exact masks. One Markdown table: median
and 95th percentile of the errors, and shares of calls whose jumps and harmonics are counted right.
With --sheet, pictures of the first calls with their contours.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from napari_squeakout import MaskStack, Recording, SynthesisSettings, render, run
from napari_squeakout.core.detection.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.measures.contour import Contour
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.synthesis.courses import DrawnCall, drawn_calls

LEAST_DB = 15.0
PLACES = {
    "open": {"reverberation_fraction": 0.0},
    "boxes": {"reverberation_fraction": 1.0, "min_direct_db": 5.0},
    "rooms": {"reverberation_fraction": 1.0},
}
# Sizes at which a jump is one to some and none to others are left out of the second figure.
JUMP_HZ, DOUBTFUL_HZ = 5_000.0, 1_500.0
# A harmonic that is visible in fewer columns (VocalMat: 10) may be told or not.
HARMONIC_COLUMNS = 10
PER_SHEET = 24


@dataclass(frozen=True)
class Judged:
    """One call: what was drawn, what was measured, and the contour."""

    drawn: DrawnCall
    row: pd.Series
    contour: Contour


def judged(drawn: DrawnCall) -> Judged:
    """Measure one call."""
    sound = Recording.from_array(drawn.samples, sample_rate_hz=SAMPLE_RATE_HZ)
    stack = render(sound)
    masks = MaskStack(drawn.masks.astype(np.int32), stack.layout)
    measured = run(measuring(stack, masks))
    return Judged(drawn, measured.calls.iloc[0], measured.contours[0])


def errors(one: Judged, *, with_echoes: bool = False) -> dict[str, float]:
    """By how much each measure is off, and whether counts are right (1) or not (0).

    A call ends with its direct sound; with echoes, with those of the first 20 ms.
    """
    drawn, row = one.drawn, one.row
    hz = drawn.hz
    true_jumps = int(np.count_nonzero(np.abs(drawn.jumps_hz) > JUMP_HZ))
    doubtful = np.any(np.abs(np.abs(drawn.jumps_hz) - JUMP_HZ) < DOUBTFUL_HZ)
    is_right = float(row["n_jumps"] == true_jumps)
    few = 0 < drawn.harmonic_columns < HARMONIC_COLUMNS
    with_harmonic = drawn.harmonic_columns >= HARMONIC_COLUMNS
    at = np.searchsorted(one.contour.column, drawn.column)
    at = np.clip(at, 0, len(one.contour) - 1)
    both = one.contour.column[at] == drawn.column
    off_hz = np.abs(one.contour.hz[at] - hz)[both]
    loudest = int(one.contour.column[one.contour.power_db.argmax()])
    heard = drawn.call if with_echoes else drawn
    return {
        "onset ms": 1e3 * abs(row["start_s"] - heard.start_s),
        "offset ms": 1e3 * abs(row["end_s"] - heard.end_s),
        "min kHz": abs(row["min_hz"] - hz.min()) / 1e3,
        "max kHz": abs(row["max_hz"] - hz.max()) / 1e3,
        "principal kHz": abs(row["principal_hz"] - np.median(hz)) / 1e3,
        "peak kHz": abs(row["peak_hz"] - hz[np.abs(drawn.column - loudest).argmin()]) / 1e3,
        "contour kHz": float(np.median(off_hz)) / 1e3 if len(off_hz) else np.nan,
        "snr dB": abs(row["snr_db"] - drawn.call.snr_db),
        "jumps": is_right,
        "clear jumps": np.nan if doubtful else is_right,
        "harmonics": np.nan if few else float((row["n_harmonics"] > 0) == with_harmonic),
    }


def figures(table: pd.DataFrame) -> list[str]:
    """Median and 95th percentile of errors; shares of what is right."""
    cells = []
    for name in table:
        values = table[name].to_numpy(float)
        if name.endswith(("jumps", "harmonics")):
            cells.append(f"{100 * np.nanmean(values):.0f} %")
        else:
            cells.append("{:.2f} / {:.2f}".format(*np.nanquantile(values, [0.5, 0.95])))
    return cells


def write_sheet(every: list[Judged], path: Path) -> None:
    """Pictures of calls, each as it is and with its true course in red and its contour in green."""
    tiles = [tile(one) for one in every]
    rows = [np.concatenate(tiles[i : i + 4], axis=1) for i in range(0, len(tiles) - 3, 4)]
    Image.fromarray(np.concatenate(rows)).save(path)


def tile(one: Judged) -> np.ndarray:
    """One call, 500 x 500 pixels."""
    stack = render(Recording.from_array(one.drawn.samples, sample_rate_hz=SAMPLE_RATE_HZ))
    pages = [stack.decibels(index) for index in range(stack.layout.n_pages)]
    above = np.concatenate([p.power_db - p.floor_db for p in pages], axis=1)
    hz_per_row = SAMPLE_RATE_HZ / 1024
    rows_of = lambda hz: len(above) - 0.5 - (hz - stack.layout.grid.low_hz) / hz_per_row  # noqa: E731
    true = np.r_[one.drawn.column], rows_of(one.drawn.hz)
    found = np.r_[one.contour.column], rows_of(one.contour.hz)
    left, right = int(true[0].min()) - 8, int(true[0].max()) + 9
    top, bottom = max(0, int(true[1].min()) - 15), min(len(above), int(true[1].max()) + 16)
    part = np.clip((above[top:bottom, left:right] + 15) / 50 * 255, 0, 255).astype(np.uint8)
    picture = Image.fromarray(part).convert("RGB").resize((500, 250), Image.Resampling.NEAREST)
    both = Image.fromarray(np.concatenate([np.asarray(picture)] * 2))
    draw = ImageDraw.Draw(both)
    for (column, row), colour, size in ((true, (255, 60, 60), 2), (found, (60, 255, 60), 1)):
        x = (column + 0.5 - left) / (right - left) * 500
        y = 250 + (row + 0.5 - top) / (bottom - top) * 250
        for at in zip(x, y, strict=True):
            draw.ellipse([at[0] - size, at[1] - size, at[0] + size, at[1] + size], fill=colour)
    draw.text((4, 4), f"{one.drawn.syllable.kind} {one.drawn.call.snr_db:.0f} dB", fill="yellow")
    return np.pad(np.asarray(both), ((0, 4), (0, 4), (0, 0)))


def main() -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    for place, how in PLACES.items():
        settings = SynthesisSettings(
            seed=arguments.seed, harsh_fraction=0, band_limited_fraction=0, min_snr_db=18, **how
        )
        drawn = (d for d in drawn_calls(arguments.calls, settings) if d.call.snr_db >= LEAST_DB)
        every = [judged(one) for one in drawn]
        table = pd.DataFrame([errors(one, with_echoes=place != "open") for one in every])
        if place == next(iter(PLACES)):
            print(
                f"| place | calls | {' | '.join(table)} |",
                "---".join("|" * (len(table.columns) + 3)),
                sep="\n",
            )
        print(f"| {place} | {len(every)} | {' | '.join(figures(table))} |", flush=True)
        if arguments.sheet:
            path = arguments.sheet.with_stem(f"{arguments.sheet.stem}-{place}")
            write_sheet(every[:PER_SHEET], path)


if __name__ == "__main__":
    main()
