"""What each part of the training brings, and how a model does on a recording it has not heard.

    python benchmarks/ablations.py DATA [--pages 800] [--epochs 4] [--half 1 | 2]

Trains a model for each variant with as many pages and passes from the same seed, and prints two
Markdown tables: without real background, reverberation or diffuse rooms, on pages levelled by
themselves, with augmentation; and for each
recording a model whose background leaves that recording out, judged on it alone. DATA as for
model.py. Few pages: a variant takes about ten minutes on one processor core, and none comes near
the bundled model; they are to be compared with each other. What was trained or judged is not done
again (runs/ablations), so that two processes can do a half each.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import model as figures

from napari_squeakout import Engine, SynthesisSettings, TrainSettings, run
from napari_squeakout.core.fine_tuning.model_cards import trained_model
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import Levels
from napari_squeakout.core.steps import Progress
from napari_squeakout.core.training.loop import teaching
from napari_squeakout.io.training_pages.pages import drawing_pages, read_background

STATES = Path("runs/ablations")
SYNTHESIS = SynthesisSettings(seed=3)
WHOLE = "whole recipe"
KINDS = ("event", "frame")
COLUMNS = (
    "dice_synthetic",
    "dice_synthetic_loudest_above_15_db",
    "event_f1_pooled",
    "frame_f1_pooled",
    "vocalmat_noise_left_empty",
)


@dataclass(frozen=True, eq=False)
class Variant:
    """A training that differs in one thing."""

    name: str
    synthesis: dict[str, float] = field(default_factory=dict)
    training: dict[str, bool] = field(default_factory=dict)
    left_out: str | None = None
    levels: Levels = "noise"

    @property
    def model_name(self) -> str:
        """What its model may be called."""
        return self.name.replace(" ", "-").replace("'", "")


def variants(recordings: list[str]) -> list[Variant]:
    """All that are compared."""
    return [
        Variant(WHOLE),
        Variant("without real background", synthesis={"real_background_fraction": 0.0}),
        Variant("without reverberation", synthesis={"reverberation_fraction": 0.0}),
        Variant("without diffuse rooms", synthesis={"min_direct_db": 3.0}),
        Variant("levelled by the page alone", levels="page"),
        Variant("with the paper's augmentation", training={"augment": True}),
        *(Variant(f"without background of {name}", left_out=name) for name in recordings),
    ]


def judged(variant: Variant, data: Path, pages: int, epochs: int) -> dict[str, float]:
    """Figures of the variant's model, which is trained unless it was."""
    kept = STATES / f"{variant.model_name}-{pages}-{epochs}.json"
    if not kept.exists():
        engine = trained(variant, data, pages, epochs, kept.with_suffix(".ckpt"))
        found = figures.recordings(engine, data / "amvoc")
        if not variant.left_out:
            found |= figures.synthetic(engine, 200)
            found |= figures.vocalmat(engine, data / "vocalmat")
        kept.write_text(json.dumps(found, indent=2))
    return dict(json.loads(kept.read_text()))


def trained(variant: Variant, data: Path, pages: int, epochs: int, state: Path) -> Engine:
    """The variant's model, going on from its last epoch."""
    real = [
        read_background(file, file.parent / f"{file.stem.replace('rec', 'gt')}.csv")
        for file in recordings_in(data)
        if file.stem != variant.left_out
    ]
    recipe = TrainSettings(
        seed=3, epochs=epochs, schedule="one-cycle", crop_px=256, learning_rate=2e-3,
        validation_fraction=0.03, per_crop_dice_weight=0.5,
        **({"augment": False} | variant.training),
    )  # fmt: skip
    learned = run(
        drawing_pages(
            pages,
            SYNTHESIS.model_copy(update=variant.synthesis),
            backgrounds=real,
            levels=variant.levels,
        )
    )
    result = run(teaching(learned, recipe, checkpoint=state), teller(variant.name))
    model = trained_model(variant.model_name, result, "synthetic pages", {})
    rendering = model.card.rendering.model_copy(update={"levels": variant.levels})
    card = model.card.model_copy(update={"rendering": rendering})
    return Engine(Model(model.name, model.weights, card))


def recordings_in(data: Path) -> list[Path]:
    """The annotated ones."""
    return sorted((data / "amvoc").glob("*/rec_*.wav"))


def teller(name: str) -> Callable[[Progress], None]:
    """Says every 200th batch."""

    def tell(progress: Progress) -> None:
        if progress.done % 200 == 0:
            print(f"{name}: {progress.done} of {progress.total} batches", flush=True)

    return tell


def main() -> None:
    """Train and judge what was not yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=800)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--half", type=int, choices=[1, 2])
    wanted = parser.parse_args()
    every = variants([file.stem for file in recordings_in(wanted.data)])
    if wanted.half:
        every = every[wanted.half - 1 :: 2]
    found = {one: judged(one, wanted.data, wanted.pages, wanted.epochs) for one in every}
    rows = [
        [one.name, *(f"{found[one][column]:.3f}" for column in COLUMNS)]
        for one in every
        if not one.left_out
    ]
    whole = judged(Variant(WHOLE), wanted.data, wanted.pages, wanted.epochs)
    alone = [
        [
            one.left_out,
            *(
                f"{score[f'{kind}_f1_{one.left_out}']:.3f}"
                for score in (found[one], whole)
                for kind in KINDS
            ),
        ]
        for one in every
        if one.left_out
    ]
    print(table(["", *(column.replace("_", " ") for column in COLUMNS)], rows))
    print()
    heads = [f"{kind} F1{how}" for how in ("", ", not left out") for kind in KINDS]
    print(table(["left out, judged alone", *heads], alone))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
