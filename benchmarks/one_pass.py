"""From a file to calls: looked at once beside overlapping windows, and how much silence saves.

    python benchmarks/one_pass.py [--seconds 60] [--rounds 3] [--data DIR] [--compute-with torch]

Recordings are dense (those of DIR, `amvoc/N/rec_N.wav` with N of 1-4, one after the other until it
is long enough; left out without DIR), sparse (a call a second in noise) and empty (noise). All ways
take turns, so that a machine whose speed drifts slows all; ratios are medians over the rounds, of
processor time, which tells little of what else the machine does.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from napari_squeakout import Engine, SegmentSettings, load_model, read_recording, render, run
from napari_squeakout.core.detection.finding import finding_in
from napari_squeakout.core.detection.segment import segmenting_pages
from napari_squeakout.io.engines.making import make_engine
from napari_squeakout.io.models.default import BUNDLED_MODEL

RATE_HZ = 250_000
WAYS = {
    "overlapping windows": {"windows_per_page": 2},
    "once": {"windows_per_page": 0, "skip_silence": False},
    "once, silence skipped": {"windows_per_page": 0, "skip_silence": True},
}
HEADER = [
    "recording", "looked at", "x real time", "processor s a second", "x less", "rendering",
    "network", "cleaning", "silent pages", "calls",
]  # fmt: skip
#: A call, as loud over the noise as usual ones (26 dB at its loudest).
CALL_S, LOUD, NOISE = 0.05, 3e-3, 1e-3


class Cost(NamedTuple):
    """Seconds that a way took."""

    wall_s: float
    processor_s: float
    cleaning_s: float
    n_calls: int
    n_silent: int


def dense(data: Path, seconds: float) -> NDArray[np.float32]:
    """Annotated recordings 1 to 4, over and over."""
    files = [data / "amvoc" / n / f"rec_{n}.wav" for n in "1234"]
    parts = [soundfile.read(file, dtype="float32")[0] for file in files]
    long: list[NDArray[np.float32]] = []
    for part in cycle(parts):
        long.append(part)
        if sum(map(len, long)) >= seconds * RATE_HZ:
            break
    return np.concatenate(long)[: round(seconds * RATE_HZ)]


def noise(seconds: float) -> NDArray[np.float32]:
    """An empty box."""
    drawn = np.random.default_rng(0).normal(0, NOISE, round(seconds * RATE_HZ))
    return drawn.astype(np.float32)


def sparse(seconds: float) -> NDArray[np.float32]:
    """A call a second."""
    samples = noise(seconds)
    time_s = np.arange(round(CALL_S * RATE_HZ)) / RATE_HZ
    call = LOUD * np.hanning(len(time_s)) * np.sin(2 * np.pi * (60e3 + 2e5 * time_s) * time_s)
    for first in range(RATE_HZ // 2, len(samples) - len(call), RATE_HZ):
        samples[first : first + len(call)] += call.astype(np.float32)
    return samples


def timed(file: Path, engine: Engine) -> Cost:
    """What it takes from the file to its calls."""
    began_s, used_s = time.perf_counter(), time.process_time()
    stack = render(read_recording(file))
    probabilities = run(segmenting_pages(stack, engine))
    asked_s = time.process_time()
    found = run(finding_in(probabilities, engine))
    ended_s = time.process_time()
    wall_s = time.perf_counter() - began_s
    n_silent = probabilities.n_silent
    return Cost(wall_s, ended_s - used_s, ended_s - asked_s, len(found.calls), n_silent)


def rendering_s(file: Path) -> float:
    """Processor time of reading and rendering alone."""
    began_s = time.process_time()
    stack = render(read_recording(file))
    for page in range(stack.layout.n_pages):
        stack.page(page)
    return time.process_time() - began_s


def engines(compute_with: str) -> dict[str, Engine]:
    """One for each way."""
    model = load_model(BUNDLED_MODEL)
    return {
        way: make_engine(
            model, SegmentSettings.model_validate({"compute_with": compute_with, **how})
        )
        for way, how in WAYS.items()
    }


def rows(kind: str, file: Path, ways: dict[str, Engine], rounds: int) -> Iterator[str]:
    """The lines of a recording."""
    n_pages = render(read_recording(file)).layout.n_pages
    seconds = soundfile.info(file).duration
    every = [{way: timed(file, engine) for way, engine in ways.items()} for _ in range(rounds)]
    once_s = float(np.median([rendering_s(file) for _ in range(rounds)]))
    for way, engine in ways.items():
        rendered_s = once_s * max(1, engine.settings.windows_per_page)
        costs = [one[way] for one in every]
        times = float(np.median([seconds / cost.wall_s for cost in costs]))
        used = float(np.median([cost.processor_s for cost in costs]))
        saved = np.median(
            [one["overlapping windows"].processor_s / one[way].processor_s for one in every]
        )
        cleaning = float(np.median([cost.cleaning_s for cost in costs]))
        shares = [rendered_s / used, 1 - (rendered_s + cleaning) / used, cleaning / used]
        told = "".join(f" {share:.0%} |" for share in shares)
        calls, silent = costs[0].n_calls, costs[0].n_silent / n_pages
        yield (
            f"| {kind} | {way} | {times:.1f} | {used / seconds:.2f} | {saved:.2f} |{told} "
            f"{silent:.0%} | {calls} |"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--compute-with", default="auto")
    wanted = parser.parse_args()
    ways = engines(wanted.compute_with)
    seconds = wanted.seconds
    kinds = {"sparse": sparse(seconds), "empty": noise(seconds)}
    if wanted.data is not None:
        kinds = {"dense": dense(wanted.data, seconds), **kinds}
    print(f"{seconds:g} s each, {wanted.rounds} rounds; {next(iter(ways.values())).why}\n")
    print(f"| {' | '.join(HEADER)} |")
    print("|---" * len(HEADER) + "|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        brief = Path(folder) / "brief.wav"
        soundfile.write(brief, sparse(1.1), RATE_HZ)
        for engine in ways.values():
            timed(brief, engine)
        for kind, samples in kinds.items():
            file = Path(folder) / f"{kind}.wav"
            soundfile.write(file, samples, RATE_HZ)
            for line in rows(kind, file, ways, wanted.rounds):
                print(line, flush=True)


if __name__ == "__main__":
    main()
