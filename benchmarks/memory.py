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

from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID
from napari_squeakout.core.steps import run
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.samples.synthetic import writing_samples

PAGE_S = PAGE_PX * STANDARD_GRID.seconds_per_column


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    seconds = 60 * parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        sample, output = Path(folder) / "sample", Path(folder) / "out"
        settings = SynthesisSettings(seed=7, min_snr_db=15)
        run(writing_samples(sample, seconds=seconds, images=0, settings=settings))
        command = [sys.executable, "-m", "napari_squeakout.cli", "segment"]
        subprocess.run([*command, sample / "synthetic.wav", "--output", output], check=True)
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"{seconds / 60:g} minutes at 250 kHz: peak memory {peak_kib / 2**20:.2f} GiB")
        report(
            pd.read_csv(sample / "synthetic_calls.csv"),
            pd.read_csv(output / "synthetic" / "calls.csv"),
        )


def report(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    """Print what became of the true calls on a page border, and of the others beside them."""
    pages = np.floor(truth[["start_s", "end_s"]].to_numpy() / PAGE_S)
    on_border = pages[:, 0] != pages[:, 1]
    rows = np.array(
        [
            ((found.start_s < call.end_s) & (found.end_s > call.start_s)).sum()
            for call in truth.itertuples()
        ]
    )
    print(f"true calls {len(truth)}, found {len(found)}")
    for name, group in (("on page borders", rows[on_border]), ("elsewhere", rows[~on_border])):
        shares = [np.mean(group == 0), np.mean(group == 1), np.mean(group > 1)]
        missed, whole, pieces = (f"{share:.1%}" for share in shares)
        print(f"{name}: {len(group)}; {missed} missed, {whole} one call, {pieces} in pieces")


if __name__ == "__main__":
    main()
