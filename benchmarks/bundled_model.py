"""Make the bundled model again, from nothing: the one recipe of its weights.

    python benchmarks/bundled_model.py FOLDER [--epochs N] [--until N]

FOLDER gets the pages that are drawn once, the state after every epoch, and at the end the weights
with their card. Started again it goes on after the last whole epoch, to the last bit as if it had
never stopped. An epoch is 4,000 crops. The rate holds until it falls over the last quarter of N
epochs; `--until` ends earlier, to go on another day.

glibc hands large tensors back to the system after every layer, which costs a third of the time;
MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 in the environment keep it from that. No
number changes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from napari_squeakout import SynthesisSettings, TrainSettings, run
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.domain import domain_of
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.settings import RenderSettings
from napari_squeakout.core.training.batches import RotatingPages, TrainingPages, split_pages
from napari_squeakout.core.training.loop import teaching
from napari_squeakout.core.training.state import TrainingState, TrainResult
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.files import write_model
from napari_squeakout.io.models.training_state import StateFile
from napari_squeakout.io.training_pages.pages import drawing_pages

SEED = 41
EPOCHS = 28
PAGES, CALL_FREE, VALIDATED = 9_000, 3_000, 120
EACH = 4_000
# No background of any recording: those at hand judge the model.
SYNTHESIS = SynthesisSettings(seed=SEED, real_background_fraction=0)


def settings_of(epochs: int) -> TrainSettings:
    """How it learns."""
    return TrainSettings(
        seed=SEED,
        epochs=epochs,
        schedule="hold",
        learning_rate=1e-3,
        batch_size=4,
        crop_px=256,
        augment=False,
        per_crop_dice_weight=0.5,
        per_crop_dice_smoothing_px=32,
        validation_fraction=VALIDATED / (PAGES + CALL_FREE),
    )


def pages_in(folder: Path) -> TrainingPages:
    """The pages, drawn at the first start."""
    files = [folder / f"{name}-{SEED}.npy" for name in ("pages", "masks")]
    if not all(file.exists() for file in files):
        drawn = run(drawing_pages(PAGES, SYNTHESIS, call_free=CALL_FREE))
        for file, values in zip(files, (drawn.pages, drawn.masks), strict=True):
            np.save(file.with_suffix(".part.npy"), values)
            file.with_suffix(".part.npy").replace(file)
    return TrainingPages(*(np.load(file, mmap_mode="r") for file in files))


def learned(
    data: TrainingPages, settings: TrainSettings, folder: Path, until: int
) -> TrainResult | None:
    """The result, or None where it was not to come to the end."""
    learn, check = split_pages(len(data.pages), settings)
    mixed = np.random.default_rng(SEED).permutation(learn)
    began, ended = time.monotonic(), False

    def told(state: TrainingState) -> None:
        nonlocal ended
        ended = len(state.history) >= until
        print(f"{time.monotonic() - began:.0f} s", state.history[-1], flush=True)

    steps = teaching(
        data,
        settings,
        split=(mixed[:0], check),
        turns=RotatingPages(mixed, EACH),
        checkpoint=StateFile(folder / "state.pt"),
        on_epoch=told,
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        if ended and until < settings.epochs:
            return None


def card_of(data: TrainingPages, settings: TrainSettings, result: TrainResult) -> ModelCard:
    """What made it; its figures are measured by model.py."""
    return ModelCard(
        name=BUNDLED_MODEL,
        title="SqueakOut trained on synthetic calls",
        description=(
            "SqueakOut's architecture, trained by napari-squeakout from nothing on synthetic calls "
            "with exact masks, on pages levelled by the noise. Not the authors' weights."
        ),
        data=f"{PAGES:,} synthetic pages and {CALL_FREE:,} call-free; no recording of any kind",
        rendering=RenderSettings(),
        recipe={
            "command": f"python benchmarks/bundled_model.py FOLDER --epochs {settings.epochs}",
            "crops": settings.epochs * EACH,
            "pages": PAGES,
            "call_free": CALL_FREE,
            "train": settings.model_dump(),
            "synthesis": SYNTHESIS.model_dump(),
        },
        domain=domain_of(data.pages[:: max(1, len(data.pages) // 400)], [SAMPLE_RATE_HZ]),
        metrics={"validation_dice": result.history[-1].validation_dice},
        licence="BSD-3-Clause",
        reference="https://doi.org/10.1101/2024.04.19.590368",
    )


def main() -> None:
    """Draw, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--until", type=int)
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    settings = settings_of(wanted.epochs)
    data = pages_in(wanted.folder)
    result = learned(data, settings, wanted.folder, wanted.until or wanted.epochs)
    if result is None:
        return
    model = Model(BUNDLED_MODEL, result.network.state_dict(), card_of(data, settings, result))
    print(
        write_model(
            model, wanted.folder / f"{BUNDLED_MODEL}.safetensors", overwrite=True, half=True
        )
    )


if __name__ == "__main__":
    main()
