"""The paper's masks and its table on synthetic windows like VocalMat's, whose truth is exact.

First what `squeakout dataset build` does, on windows with calls and with noise, each step measured
by the exact masks; then what `squeakout benchmark` does, taught with those windows and judged by as
many held-out ones as asked for. Stopped, the same command goes on.

    python benchmarks/paper.py /tmp/paper [--calls 300] [--noise 100] [--held-out 200] [--small]

`--small` is the same with twelve windows and tiny networks, in a few minutes.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

from napari_squeakout.core.baselines.settings import (
    BenchmarkSettings,
    DatasetSettings,
    UNetSettings,
)
from napari_squeakout.core.baselines.table import as_markdown, order_text
from napari_squeakout.core.steps import Progress, run
from napari_squeakout.core.training_settings import TrainSettings
from napari_squeakout.io.samples.images import CALLS, IMAGES, MASKS, NOISE, PUP_BOX, writing_images
from napari_squeakout.io.tasks.paper.benchmark import Wanted, benchmarking
from napari_squeakout.io.tasks.paper.building import Recipe
from napari_squeakout.io.tasks.paper.dataset import building_dataset

# Between two lines on how far it has come.
QUIET_S = 30


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large all of it is.

    Parameters
    ----------
    unet, dataset, build : settings
        Of the way to masks. The paper's rate of 1e-4 needs more passes than two cores have time
        for: here it rises to 2e-3 and falls to nothing. Half of the Dice loss is each page's own,
        so that a page of noise counts by itself.
    train : TrainSettings
        Of the rows that learn.
    """

    unet: UNetSettings
    dataset: DatasetSettings
    build: TrainSettings
    train: TrainSettings


USUAL = Size(
    unet=UNetSettings(width=8, side_px=192),
    dataset=DatasetSettings(reconstruct_epochs=4, call_epochs=12, noise_epochs=20),
    build=TrainSettings(
        batch_size=8,
        learning_rate=2e-3,
        schedule="one-cycle",
        per_crop_dice_weight=0.5,
        per_crop_dice_smoothing_px=32,
    ),
    train=TrainSettings(
        epochs=10, batch_size=8, learning_rate=2e-3, schedule="one-cycle", crop_px=256
    ),
)
SMALL = Size(
    unet=UNetSettings(width=2, side_px=64),
    dataset=DatasetSettings(reconstruct_epochs=1, call_epochs=3, noise_epochs=2),
    build=TrainSettings(batch_size=4, learning_rate=1e-2),
    train=TrainSettings(epochs=2, batch_size=4, learning_rate=1e-3, crop_px=64),
)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--noise", type=int, default=100)
    parser.add_argument("--held-out", type=int, default=200)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--no-table", action="store_true", help="stop after the data set")
    wanted = parser.parse_args()
    size = SMALL if wanted.small else USUAL
    calls, noise = (8, 4) if wanted.small else (wanted.calls, wanted.noise)
    held_out = 4 if wanted.small else wanted.held_out
    learned = drawn(wanted.folder / "windows", calls, noise, seed=1)
    began = time.monotonic()
    build(learned, wanted.folder / "dataset", size)
    print(f"data set: {(time.monotonic() - began) / 60:.1f} min in this call\n")
    if not wanted.no_table:
        # One window in twenty of the held-out ones is empty, as 42 of the paper's 849 are.
        empty = max(1, round(0.05 * held_out))
        apart = drawn(wanted.folder / "held_out", held_out - empty, empty, seed=2)
        began = time.monotonic()
        table(learned, apart, wanted.folder, size)
        print(f"table: {(time.monotonic() - began) / 60:.1f} min in this call")


def drawn(folder: Path, calls: int, noise: int, seed: int) -> Path:
    """Windows with exact masks, unless they are there."""
    if not folder.exists():
        settings = PUP_BOX.model_copy(update={"seed": seed})
        run(writing_images(folder, calls=calls, noise=noise, settings=settings))
    return folder


def build(windows: Path, output: Path, size: Size) -> None:
    """The way to masks, and what each step of it came to."""
    recipe = Recipe(dataset=size.dataset, unet=size.unet, train=size.build)
    steps = building_dataset(windows / IMAGES, output, recipe, truth=windows / MASKS)
    built = run(steps, Minutes())
    print(built.report.read_text(encoding="utf-8"))
    print(f"in all {sum(one.seconds for one in built.done) / 60:.1f} min of steps")


def table(learned: Path, apart: Path, folder: Path, size: Size) -> None:
    """The paper's table, its rows taught from the windows and judged by the held-out ones."""
    images, masks = folder / "all" / IMAGES, folder / "all" / MASKS
    for source, name in ((learned, "learned"), (apart, "apart")):
        for place, target in ((IMAGES, images), (MASKS, masks)):
            for kind in (CALLS, NOISE):
                # Classes are told by folders; one of each half keeps the names apart.
                link(source / place / kind, target / f"{name}_{kind}")
    names = sorted(
        f"{inner.name}_{file.stem}" for inner in images.glob("apart_*") for file in inner.iterdir()
    )
    listed = folder / "held_out.txt"
    listed.write_text("\n".join(names) + "\n", encoding="utf-8")
    wanted = Wanted(settings=BenchmarkSettings(), unet=size.unet, train=size.train)
    done = run(benchmarking(images, masks, folder / "table", wanted, test=listed), Minutes())
    print(as_markdown(done.rows))
    print(order_text(done.rows))


def link(source: Path, target: Path) -> None:
    """A folder under another name, as a link."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source.resolve(), target_is_directory=True)


class Minutes:
    """Says how far work has come, now and then."""

    def __init__(self) -> None:
        self.told = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Take note of a step."""
        if time.monotonic() - self.told > QUIET_S:
            self.told = time.monotonic()
            print(f"  {progress.what}: {progress.done} of {progress.total}", flush=True)


if __name__ == "__main__":
    main()
