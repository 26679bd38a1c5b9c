"""Remakes the pictures of the gallery: runs its examples on synthetic data, as anybody can.

    python docs/gallery.py                  # all of docs/examples
    python docs/gallery.py compare_groups   # some of them

Needs matplotlib.
"""

from __future__ import annotations

import argparse
import os
import runpy
import shutil
import tempfile
from contextlib import chdir
from pathlib import Path

EXAMPLES = Path(__file__).parent / "examples"
PICTURES = Path(__file__).parent / "pictures"
NAMES = (
    "segment_and_look", "threshold_curve", "compare_with_noted", "measure_and_plot",
    "compare_groups", "export_calls",
)  # fmt: skip
#: As long a recording as there are calls enough to plot.
SECONDS = 2.2


def make_data(folder: Path, *, seconds: float, animals: int, study_s: float) -> None:
    """Write what the examples read: a recording, what was noted of it, and a study."""
    from napari_squeakout.core.steps import run
    from napari_squeakout.core.training_settings import SynthesisSettings
    from napari_squeakout.io.samples.study import writing_study
    from napari_squeakout.io.samples.synthetic import writing_samples

    drawing = SynthesisSettings(seed=15, empty_fraction=0)
    made = run(writing_samples(folder / "made", seconds=seconds, images=0, settings=drawing))
    (made / "synthetic.wav").rename(folder / "recording.wav")
    (made / "synthetic_calls.csv").rename(folder / "noted.csv")
    mice = SynthesisSettings(seed=11)
    run(writing_study(folder / "study", animals=animals, seconds=study_s, settings=mice))


def draw_groups(folder: Path) -> None:
    """The plot of the tutorial, of the same mice: `squeakout groups --plot`."""
    from napari_squeakout import GroupSettings, compare_groups, summarise
    from napari_squeakout.io.tasks.grouping import write_groups

    compared = ("calls_per_min",)
    summary = summarise(folder / "results", subjects=folder / "study" / "subjects.csv")
    comparison = compare_groups(
        summary.recordings, GroupSettings(reference="WT", compared=compared)
    )
    (PICTURES / "groups.svg").unlink(missing_ok=True)
    write_groups(comparison, folder / "groups.csv", plot=PICTURES / "groups.svg")
    print((folder / "groups.csv").read_text())


def main() -> None:
    """Run the examples that are named, by default all, and keep their pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="by default all")
    wanted = parser.parse_args().names or NAMES
    os.environ["MPLBACKEND"] = "Agg"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["NAPARI_SQUEAKOUT_HOME"] = str(folder / "home")
        make_data(folder, seconds=SECONDS, animals=4, study_s=1)
        for name in wanted:
            shutil.rmtree(folder / "results", ignore_errors=True)
            with chdir(folder):
                runpy.run_path(str(EXAMPLES / f"{name}.py"))
            shutil.copy(folder / f"{name}.png", PICTURES / f"example_{name}.png")
            if name == "compare_groups":
                draw_groups(folder)
            print(PICTURES / f"example_{name}.png", flush=True)


if __name__ == "__main__":
    main()
