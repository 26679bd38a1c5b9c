"""Memory that segmenting a long recording takes, and whether calls on page borders stay whole.

    python benchmarks/memory.py [--minutes 10]

Draws a recording, segments it as `squeakout segment` does in a process of its own, and prints that
process's peak memory and what became of the true calls that lie on a page border.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from napari_squeakout.core.settings import SynthesisSettings
from napari_squeakout.core.stacks import PAGE_PX, STANDARD_GRID
from napari_squeakout.core.steps import run
from napari_squeakout.io.samples import write_samples

PAGE_S = PAGE_PX * STANDARD_GRID.seconds_per_column


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    seconds = 60 * parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        sample, output = Path(folder) / "sample", Path(folder) / "out"
        settings = SynthesisSettings(seed=7, min_snr_db=15)
        run(write_samples(sample, seconds=seconds, images=0, settings=settings))
        command = [sys.executable, "-m", "napari_squeakout.cli", "segment"]
        subprocess.run([*command, sample / "synthetic.wav", "--output", output], check=True)
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"{seconds / 60:g} minutes at 250 kHz: peak memory {peak_kib / 2**20:.2f} GiB")
        report(
            pd.read_csv(sample / "synthetic_calls.csv"),
            pd.read_csv(output / "synthetic" / "calls.csv"),
        )


def report(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    """Print how many true calls on a page border are one call in the result."""
    pages = np.floor(truth[["start_s", "end_s"]].to_numpy() / PAGE_S)
    on_border = truth[pages[:, 0] != pages[:, 1]]
    rows = [
        ((found.start_s < call.end_s) & (found.end_s > call.start_s)).sum()
        for call in on_border.itertuples()
    ]
    counts = np.bincount(np.array(rows, int), minlength=3)
    print(
        f"true calls {len(truth)}, found {len(found)}; on page borders {len(on_border)}: "
        f"{counts[0]} missed, {counts[1]} one call, {counts[2:].sum()} in pieces"
    )


if __name__ == "__main__":
    main()
