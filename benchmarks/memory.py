"""What the length of a recording costs: memory, time a minute, disk; and calls on page borders.

    python benchmarks/memory.py [--minutes 1 10 60] [--rate-hz 250000 384000] [--without-network]

Draws a minute of calls, repeats it to each length, and segments each as `squeakout segment` does in
a process of its own. Processor time a minute is given beside that of the first length. Without the
network, bright pixels are calls, which takes a fifteenth of the time: what the network itself takes
does not depend on the length.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from math import gcd
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from napari_squeakout import Engine, load_model, run
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.engines.making import make_engine
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.results.results import writing_result
from napari_squeakout.io.samples.synthetic import writing_samples
from napari_squeakout.io.sources.inputs import plan_inputs

PAGE_S = PAGE_PX * STANDARD_GRID.seconds_per_column
DRAWN_HZ = 250_000
CHILD = "--child"
#: As bright as 26 dB over the noise.
_BRIGHT = 0.8


class BrightPixels(Engine):
    """Calls are where a page is bright."""

    def __call__(self, pages: NDArray[np.float32]) -> NDArray[np.uint8]:
        """255 where it is."""
        return np.where(pages > _BRIGHT, 255, 0).astype(np.uint8)


def child(recording: str, output: str, with_network: str) -> None:
    """Segment in this process, and print what it took."""
    model = load_model(BUNDLED_MODEL)
    engine = make_engine(model) if with_network == "True" else BrightPixels(model)
    began, at_work = time.monotonic(), time.process_time()
    result = run(writing_result(plan_inputs([Path(recording)])[0], output, engine))
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(time.monotonic() - began, time.process_time() - at_work, peak_kib, len(result.calls))


def recording_of(folder: Path, minutes: float, rate_hz: int) -> Path:
    """A recording of the minute that lies in the folder, over and over."""
    minute = soundfile.read(folder / "synthetic.wav", dtype="int16")[0]
    if rate_hz != DRAWN_HZ:
        common = gcd(rate_hz, DRAWN_HZ)
        faster = resample_poly(minute.astype(np.float32), rate_hz // common, DRAWN_HZ // common)
        minute = np.clip(faster, -32768, 32767).astype(np.int16)
    path = folder / f"{minutes:g}_min_{rate_hz}.wav"
    with soundfile.SoundFile(path, "w", rate_hz, 1, "PCM_16", format="RF64") as file:
        for _ in range(int(minutes)):
            file.write(minute)
        file.write(minute[: round((minutes % 1) * len(minute))])
    return path


def on_disk(folder: Path) -> int:
    """Bytes that the files of a folder take, holes left out."""
    blocks = 0
    for path in folder.rglob("*"):
        try:
            blocks += path.stat().st_blocks
        except FileNotFoundError:  # it went meanwhile
            continue
    return 512 * blocks


def own_memory(process: int) -> int:
    """Bytes of a process's memory that no file backs; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def measured(path: Path, output: Path, *, with_network: bool) -> dict[str, float]:
    """What segmenting took, and the most of memory and disk meanwhile."""
    output.mkdir()
    command = [sys.executable, __file__, CHILD, str(path), str(output), str(with_network)]
    environment = {**os.environ, "TMPDIR": str(output)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    most, ended = {"disk": 0, "own": 0}, threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            most["disk"] = max(most["disk"], on_disk(output))
            most["own"] = max(most["own"], own_memory(process.pid))

    watching = threading.Thread(target=watch)
    watching.start()
    told, _ = process.communicate()
    ended.set()
    watching.join()
    if process.returncode:
        raise SystemExit(process.returncode)
    names = ("wall_s", "processor_s", "peak_kib", "calls")
    return {**dict(zip(names, map(float, told.split()), strict=True)), **most}


def main() -> None:
    """Print a row for each length and rate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10, 60])
    parser.add_argument("--rate-hz", type=int, nargs="+", default=[250_000])
    parser.add_argument("--without-network", action="store_true")
    wanted = parser.parse_args()
    print("| kHz | minutes | processor s a minute | x the first | s a minute | own memory GiB | "
          "with mapped files | most on disk MiB | calls |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        settings = SynthesisSettings(seed=7, min_snr_db=15)
        run(writing_samples(folder, seconds=60, images=0, settings=settings))
        for rate_hz in wanted.rate_hz:
            first = 0.0
            for minutes in wanted.minutes:
                path = recording_of(folder, minutes, rate_hz)
                output = folder / f"out_{path.stem}"
                took = measured(path, output, with_network=not wanted.without_network)
                each = took["processor_s"] / minutes
                first = first or each
                cells = [
                    f"{rate_hz / 1000:g}", f"{minutes:g}", f"{each:.2f}", f"{each / first:.2f}",
                    f"{took['wall_s'] / minutes:.2f}", f"{took['own'] / 2**30:.2f}",
                    f"{took['peak_kib'] / 2**20:.2f}", f"{took['disk'] / 2**20:.0f}",
                    f"{took['calls']:.0f}",
                ]  # fmt: skip
                print(f"| {' | '.join(cells)} |", flush=True)
                if minutes >= 1 and not wanted.without_network:
                    report(
                        pd.read_csv(folder / "synthetic_calls.csv"),
                        pd.read_csv(output / path.stem / "calls.csv"),
                    )
                path.unlink()


def report(truth: pd.DataFrame, found: pd.DataFrame) -> None:
    """Print what became of the first minute's calls on a page border, and of the others."""
    pages = np.floor(truth[["start_s", "end_s"]].to_numpy() / PAGE_S)
    on_border = pages[:, 0] != pages[:, 1]
    rows = np.array(
        [
            ((found.start_s < call.end_s) & (found.end_s > call.start_s)).sum()
            for call in truth.itertuples()
        ]
    )
    for name, group in (("on page borders", rows[on_border]), ("elsewhere", rows[~on_border])):
        shares = [np.mean(group == 0), np.mean(group == 1), np.mean(group > 1)]
        missed, whole, pieces = (f"{share:.1%}" for share in shares)
        print(f"{name}: {len(group)}; {missed} missed, {whole} one call, {pieces} in pieces")


if __name__ == "__main__":
    if sys.argv[1:2] == [CHILD]:
        child(*sys.argv[2:])
    else:
        main()
