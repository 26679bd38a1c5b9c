"""Our model beside published tools on annotated recordings, as one Markdown table.

    python benchmarks/recordings.py DATA [--model NAME] [--no-usvseg]

DATA holds a folder for each recording N: `rec_N.wav`, `gt_N.csv` (human onsets and offsets) and,
for each tool whose published output is compared, `<tool>_N.csv`, as in `data/
vocalizations_evaluation` of github.com/tyiannak/amvoc. USVSEG is run there and then, with its
defaults, in an environment of its own (build/usvseg), since it needs numpy below 2.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import soundfile

from napari_squeakout import Engine, load_model, run
from napari_squeakout.core.scoring.event_scores import Intervals, JudgedRecording, score_events
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.results.evaluation import judging_recordings
from napari_squeakout.io.results.run_record import RunSettings
from napari_squeakout.io.tables.calls import read_intervals

USVSEG_ENVIRONMENT = Path("build/usvseg")
USVSEG_NEEDS = ["usvseg==1.0.2", "numpy<2", "scipy", "opencv-python-headless", "soundfile", "tqdm"]
#: The defaults of USVSEG's window, without its pictures and sounds.
USVSEG_SETTINGS = {
    "fftsize": 512, "timestep": 0.0005, "freqmin": 30000.0, "freqmax": 120000.0,
    "threshval": 4.5, "durmin": 0.005, "durmax": 0.3, "gapmin": 0.03, "margin": 0.015,
    "wavfileoutput": False, "imageoutput": False, "imagetype": 0, "traceoutput": False,
    "readsize": 10.0, "mapL": 1000.0, "mapH": 6000.0, "bandwidth": 9, "liftercutoff": 3,
}  # fmt: skip
USVSEG_CALL = (
    "import json, sys; from usvseg.func import proc_wavfile; "
    "proc_wavfile(json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])"
)

Found = dict[str, Intervals]


def published(folder: Path, names: list[str]) -> dict[str, Found]:
    """Tool -> recording -> the calls that it is on record for."""
    tools = sorted(
        {p.stem.rsplit("_", 1)[0] for n in names for p in (folder / n).glob(f"*_{n}.csv")} - {"gt"}
    )
    return {
        tool: {n: read_intervals(folder / n / f"{tool}_{n}.csv") for n in names} for tool in tools
    }


def usvseg(folder: Path, names: list[str]) -> Found:
    """What USVSEG finds, run now."""
    python = USVSEG_ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(USVSEG_ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *USVSEG_NEEDS], check=True)
    found = {}
    for name in names:
        table = USVSEG_ENVIRONMENT / f"{name}.csv"
        files = [folder / name / f"rec_{name}.wav", table, USVSEG_ENVIRONMENT / "clips"]
        command = [python, "-c", USVSEG_CALL, json.dumps(USVSEG_SETTINGS), *files]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        rows = np.loadtxt(table, delimiter=",", skiprows=1, ndmin=2)
        found[name] = rows[:, 1:3].reshape(-1, 2)
    return found


def ours(folder: Path, names: list[str], engine: Engine) -> Found:
    """What this package finds, with its defaults."""
    truths = [folder / n / f"gt_{n}.csv" for n in names]
    files = [folder / n / f"rec_{n}.wav" for n in names]
    settled = RunSettings(render=engine.model.rendering(RunSettings().render))
    judged = run(judging_recordings(truths, files, engine, settled))
    return {n: judged[str(file)].found for n, file in zip(names, files, strict=True)}


def row(tool: str, found: Found, folder: Path) -> str:
    """A tool's line of the table."""
    recordings = [
        JudgedRecording(
            truth=read_intervals(folder / n / f"gt_{n}.csv"),
            found=calls,
            duration_s=soundfile.info(folder / n / f"rec_{n}.wav").duration,
        )
        for n, calls in found.items()
    ]
    each = [f"{score_events([one]).f1:.3f}" for one in recordings]
    all_ = score_events(recordings)
    pooled = [all_.f1, all_.precision, all_.recall, all_.time_iou, all_.frame_f1]
    errors = [f"{1e3 * error:+.1f}" for error in (all_.onset_error_s, all_.offset_error_s)]
    return "| " + " | ".join([tool, *each, *(f"{v:.3f}" for v in pooled), *errors]) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default=BUNDLED_MODEL)
    parser.add_argument("--no-usvseg", action="store_true")
    wanted = parser.parse_args()
    folder = wanted.data
    names = sorted(p.parent.name for p in folder.glob("*/rec_*.wav"))
    engine = Engine(load_model(wanted.model))
    tools = {engine.model.name: ours(folder, names, engine)}
    if not wanted.no_usvseg:
        tools["usvseg 1.0.2"] = usvseg(folder, names)
    tools |= published(folder, names)
    pooled = ["F1", "precision", "recall", "IoU", "frame F1", "onset ms", "offset ms"]
    print("| | " + " | ".join([*(f"rec {n}" for n in names), *pooled]) + " |")
    print("|---" * (1 + len(names) + len(pooled)) + "|")
    for tool, found in tools.items():
        print(row(tool, found, folder))


if __name__ == "__main__":
    main()
