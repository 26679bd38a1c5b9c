"""How near measures come to the truth, on synthetic calls whose course is known.

    python benchmarks/measures.py [--calls 300] [--seed N] [--sheet FILE.png] [--images DIR]

Calls of at least 15 dB, one at a time: a third in the open, a third in boxes whose walls answer
less than the animal gives, a third in rooms of all kinds; measured from their exact masks. The
truth is the ridge itself: the frequency that was sung in the middle of each column. One Markdown
table: median and 95th percentile of the errors, and shares of calls whose jumps and harmonics are
counted right; then each goal, and whether all calls together reach it.

With --sheet, pictures of those that are farthest off, with their courses. With --images, a folder
of VocalMat's example (`All/N.png`, `audio_example.xlsx`): by how much its own table differs from
what is measured on its images, in masks of the bundled model, and how far the classes agree.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from napari_squeakout import (
    CleanSettings,
    ImageSettings,
    MaskStack,
    Recording,
    SpectrogramStack,
    SynthesisSettings,
    clean,
    load_model,
    measure_calls,
    read_images,
    render,
    run,
    segment,
)
from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.measures.contour import Contour
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.scoring.agreement import class_agreement
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
# 431 columns of 0.512 ms; 328 rows of 244.14 Hz, the lowest centred on 45.17 kHz.
VOCALMAT_SPAN_S, VOCALMAT_HZ = 0.220672, (45_044.0, 125_122.0)
# What is to be reached: medians of errors no larger, shares no smaller.
MOST = {
    "onset ms": 2.0, "offset ms": 2.0, "min kHz": 1.0, "max kHz": 1.0, "principal kHz": 0.5,
    "peak kHz": 0.5,
}  # fmt: skip
LEAST = {"jumps": 0.90, "harmonics": 0.95}


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
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 4)
    rows = [np.concatenate(tiles[i : i + 4], axis=1) for i in range(0, len(tiles), 4)]
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


def drawn_above(n_calls: int, seed: int, how: dict[str, float]) -> Iterator[DrawnCall]:
    """So many calls that are loud enough, in one kind of place."""
    settings = SynthesisSettings(
        seed=seed, harsh_fraction=0, band_limited_fraction=0, min_snr_db=18, **how
    )
    every = drawn_calls(sys.maxsize, settings)
    return itertools.islice((one for one in every if one.call.snr_db >= LEAST_DB), n_calls)


def worst(table: pd.DataFrame) -> list[int]:
    """Rows of the calls that are farthest off: wrongly counted ones first, then by the median."""
    return (
        table.sort_values(["jumps", "principal kHz"], ascending=[True, False])
        .index[:PER_SHEET]
        .tolist()
    )


def print_goals(table: pd.DataFrame) -> None:
    """Each goal, what came of it, and whether that is enough."""
    print("\n| goal | reached | 95th percentile | |", "|---|---|---|---|", sep="\n")
    for name, most in MOST.items():
        median, high = np.nanquantile(table[name], [0.5, 0.95])
        told = "yes" if median <= most else "no"
        print(f"| median {name} at most {most:g} | {median:.2f} | {high:.2f} | {told} |")
    for name, least in LEAST.items():
        share = float(np.nanmean(table[name]))
        told = "yes" if share >= least else "no"
        print(f"| {name} right in {least:.0%} | {share:.1%} | | {told} |")


def print_synthetic(n_calls: int, seed: int, sheet: Path | None) -> None:
    """The table of all places, and the goals."""
    tables = {}
    for number, (place, how) in enumerate(PLACES.items()):
        share = n_calls // len(PLACES) + (number < n_calls % len(PLACES))
        # A sheet needs the sound again; without one a call is dropped once it is judged.
        every, rows = [], []
        for drawn in drawn_above(share, seed, how):
            one = judged(drawn)
            rows.append(errors(one, with_echoes=place != "open"))
            every += [one] if sheet else []
        tables[place] = pd.DataFrame(rows)
        if sheet:
            chosen = [every[row] for row in worst(tables[place])]
            write_sheet(chosen, sheet.with_stem(f"{sheet.stem}-{place}"))
    tables["all"] = pd.concat(tables.values(), ignore_index=True)
    names = list(tables["all"])
    print(f"| place | calls | {' | '.join(names)} |", "---".join("|" * (len(names) + 3)), sep="\n")
    for place, table in tables.items():
        print(f"| {place} | {len(table)} | {' | '.join(figures(table))} |", flush=True)
    print_goals(tables["all"])


def print_images(folder: Path) -> None:
    """VocalMat's own table beside what is measured on its images, by the bundled model's masks."""
    theirs = pd.read_excel(folder / "audio_example.xlsx").set_index("Names_vocal")
    scale = ImageSettings(
        image_span_s=VOCALMAT_SPAN_S, image_low_hz=VOCALMAT_HZ[0], image_high_hz=VOCALMAT_HZ[1]
    )
    pages = read_images(folder / "All", scale)
    model = load_model("squeakout-synthetic")
    probabilities = segment(pages, model)
    calls = measure_calls(pages, clean(probabilities, model.cleaning(CleanSettings())))
    middle_s = VOCALMAT_SPAN_S / 2
    heard = calls[(calls["start_s"] <= middle_s) & (calls["end_s"] >= middle_s)]
    pairs = [
        (row, theirs.loc[int(Path(str(row["image"])).stem)])
        for _, row in heard.drop_duplicates("image").iterrows()
    ]
    pairs = [(row, known) for row, known in pairs if known["Class"] != "noise_dist"]
    off = pd.DataFrame([differences(row, known) for row, known in pairs])
    names = list(off)
    print(
        f"\n| VocalMat's images | {' | '.join(names)} |",
        "---".join("|" * (len(names) + 2)),
        sep="\n",
    )
    print(f"| {len(off)} calls | {' | '.join(figures(off))} |")
    of_all = int((theirs.loc[image_numbers(pages), "Class"] != "noise_dist").sum())
    classes = [(row["class"], str(known["Class"])) for row, known in pairs]
    agreed = class_agreement([a for a, _ in classes], [b for _, b in classes], list(CLASSES))
    print(
        f"\nAgreement with VocalMat's classes on {agreed.calls} of its {of_all} calls: "
        f"{agreed.same:.0%} the same, kappa {agreed.kappa:.2f}. Rows: here; columns: VocalMat.\n"
    )
    used = agreed.table.loc[agreed.table.any(axis=1), agreed.table.any(axis=0)]
    print(f"| | {' | '.join(used)} |", "---".join("|" * (len(used.columns) + 2)), sep="\n")
    for name, counts in used.iterrows():
        print(f"| {name} | {' | '.join(map(str, counts))} |")


def image_numbers(pages: SpectrogramStack) -> list[int]:
    """The calls that have an image."""
    return [int(Path(name).stem) for name in pages.layout.page_names]


def differences(row: pd.Series, known: pd.Series) -> dict[str, float]:
    """By how much a call differs from VocalMat's: its image lies around the middle of the call."""
    half_s = known["Duration"] / 2
    return {
        "onset ms": 1e3 * abs(row["start_s"] - VOCALMAT_SPAN_S / 2 + half_s),
        "offset ms": 1e3 * abs(row["end_s"] - VOCALMAT_SPAN_S / 2 - half_s),
        "duration ms": 1e3 * abs(row["duration_s"] - known["Duration"]),
        "min kHz": abs(row["min_hz"] - known["min_freq_main"]) / 1e3,
        "max kHz": abs(row["max_hz"] - known["max_freq_main"]) / 1e3,
        "mean kHz": abs(row["contour_mean_hz"] - known["mean_freq_main"]) / 1e3,
    }


def main() -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--images", type=Path)
    arguments = parser.parse_args()
    if arguments.calls:
        print_synthetic(arguments.calls, arguments.seed, arguments.sheet)
    if arguments.images:
        print_images(arguments.images)


if __name__ == "__main__":
    main()
