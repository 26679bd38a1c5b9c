"""What each part of the training brings, and how a model does on a recording it has not heard.

    python benchmarks/ablations.py DATA [--pages 600] [--epochs 8]

Trains a model for each variant with as many pages and passes from the same seed, and prints one
Markdown table: without real background, without reverberation, without augmentation; and for each
recording a model whose background leaves that recording out, judged on it alone. DATA as for
model.py. Small crops and few pages: a variant takes about ten minutes on one processor core, and
none comes near the bundled model; they are to be compared with each other. One that was trained is
not trained again (runs/ablations).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import model as figures

from napari_squeakout import Engine, SynthesisSettings, TrainSettings, run, train
from napari_squeakout.core.recipes import trained_model
from napari_squeakout.core.steps import Progress
from napari_squeakout.io.training_data import draw_pages, read_background

STATES = Path("runs/ablations")
SYNTHESIS = SynthesisSettings(seed=3)
COLUMNS = ("dice_synthetic", "event_f1_pooled", "frame_f1_pooled", "vocalmat_noise_left_empty")


@dataclass(frozen=True)
class Variant:
    """A training that differs in one thing."""

    name: str
    synthesis: dict[str, float] = field(default_factory=dict)
    training: dict[str, bool] = field(default_factory=dict)
    left_out: str | None = None


def variants(recordings: list[str]) -> list[Variant]:
    """All that are compared."""
    return [
        Variant("whole recipe"),
        Variant("without real background", synthesis={"real_background_share": 0.0}),
        Variant("without reverberation", synthesis={"reverberation_share": 0.0}),
        Variant("without augmentation", training={"augment": False}),
        *(Variant(f"without background of {name}", left_out=name) for name in recordings),
    ]


def trained(variant: Variant, files: list[Path], pages: int, epochs: int) -> Engine:
    """The variant's model."""
    real = [
        read_background(file, file.parent / f"{file.stem.replace('rec', 'gt')}.csv")
        for file in files
        if file.stem != variant.left_out
    ]
    synthesis = SYNTHESIS.model_copy(update=variant.synthesis)
    recipe = TrainSettings(
        seed=3, epochs=epochs, schedule="one-cycle", crop_px=128, learning_rate=2e-3,
        validation_share=0.03, **variant.training,
    )  # fmt: skip
    data = run(draw_pages(pages, synthesis, backgrounds=real))
    state = STATES / f"{variant.name.replace(' ', '_')}-{pages}-{epochs}.ckpt"
    result = run(train(data, recipe, checkpoint=state), teller(variant.name))
    return Engine(trained_model(variant.name, result, "synthetic pages", {}))


def teller(name: str) -> Callable[[Progress], None]:
    """Says every 200th batch."""

    def tell(progress: Progress) -> None:
        if progress.done % 200 == 0:
            print(f"{name}: {progress.done} of {progress.total} batches", flush=True)

    return tell


def main() -> None:
    """Train what is not trained yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--epochs", type=int, default=8)
    wanted = parser.parse_args()
    files = sorted((wanted.data / "amvoc").glob("*/rec_*.wav"))
    rows, alone = [], []
    for variant in variants([file.stem for file in files]):
        engine = trained(variant, files, wanted.pages, wanted.epochs)
        found = figures.recordings(engine, wanted.data / "amvoc")
        if variant.left_out:
            scores = (found[f"{kind}_{variant.left_out}"] for kind in ("event_f1", "frame_f1"))
            alone.append([variant.left_out, *(f"{score:.3f}" for score in scores)])
            continue
        found |= figures.synthetic(engine, 200)
        found |= figures.vocalmat(engine, wanted.data / "vocalmat")
        rows.append([variant.name, *(f"{found[column]:.3f}" for column in COLUMNS)])
    print(table(["", *(column.replace("_", " ") for column in COLUMNS)], rows))
    print()
    print(table(["left out, judged alone", "event F1", "frame F1"], alone))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
