"""Make the scout that skips silence, and judge what it costs.

    python benchmarks/scout.py make FOLDER
    python benchmarks/scout.py bound FOLDER
    python benchmarks/scout.py judge [--data DIR]

*make* draws pages into FOLDER once, teaches the scout their masks and writes its weights there:
20 minutes on one processor core. *bound* tells how many pages each bound would skip, on pages it
did not learn from, and which of those the bundled model marks; the bound in
`core/detection/scout.py` is chosen there. *judge* takes the scout of the package to pages of other
seeds, to noise, and with DIR to annotated recordings (`amvoc/N/rec_N.wav` and `gt_N.csv`): the
bundled model is asked about all that is skipped, and what it marks there is told.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch.nn import functional

from napari_squeakout import Recording, SynthesisSettings, load_model, read_recording, render
from napari_squeakout.core.detection.clean import clean_page
from napari_squeakout.core.detection.one_pass import looked_at_once
from napari_squeakout.core.detection.scout import BOUND, CELL_PX, ScoutNetwork
from napari_squeakout.core.detection.silence import LoudColumns, loud_columns
from napari_squeakout.core.layout import PAGE_PX, STANDARD_GRID
from napari_squeakout.core.rendering.render import view_as
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.synthesis.pages import drawn_pages, synthesise_recording
from napari_squeakout.io.engines.making import make_engine
from napari_squeakout.io.engines.scouting import JUDGED_WITH, loud_columns_for, read_scout
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.tables.calls import read_annotation_of

SEED, CHOSEN_SEED, JUDGED_SEED = 700, 4_242, 990_017
WHITE = np.float32(255)
#: A call of a lower SNR may be lost.
CLEAR_DB = 6.0
PAGES, CALL_FREE = 3_000, 1_500
#: Usual pages and disturbed ones without calls.
CHOSEN = 700, 300
EPOCHS, BATCH, RATE = 16, 16, 4e-3
#: Disturbances on call-free pages come so many times as often.
DISTURBED = 2.0
#: So often the pages of a batch run backwards.
BACKWARDS = 0.5
#: A square of fewer pixels of a mask is neither a call nor none.
SURE_PX, CALL_WEIGHT = 8, 4.0
#: A page of a recording.
PAGE_S = STANDARD_GRID.seconds_per_column * PAGE_PX
BOUNDS = (-5.0, -4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0)


class Drawn(NamedTuple):
    """Pages, (n, 512, 512) uint8, their masks as bits, and the SNR of the faintest call on each."""

    pages: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    faintest_db: NDArray[np.float64]


def drawn(file: Path | None, seed: int, n_pages: int, n_free: int) -> Drawn:
    """Synthetic pages, drawn once where there is a file for them.

    None are made as images: a recording's pages are not.
    """
    if file is not None and file.exists():
        with np.load(file) as known:
            return Drawn(**known)
    usual = SynthesisSettings(seed=seed, image_fraction=0)
    free = {"empty_fraction": 1.0, "disturbance_rate": DISTURBED, "seed": seed + 1}
    kinds = ((n_pages, usual), (n_free, usual.model_copy(update=free)))
    pages = np.empty((n_pages + n_free, PAGE_PX, PAGE_PX), np.uint8)
    bits = np.empty((len(pages), PAGE_PX, PAGE_PX // 8), np.uint8)
    faintest_db = np.empty(len(pages))
    every = (one for count, settings in kinds for one in drawn_pages(count, settings))
    for index, one in enumerate(every):
        pages[index] = np.rint(255 * one.page)
        bits[index] = np.packbits(one.mask, axis=1)
        faintest_db[index] = one.faintest_db
    result = Drawn(pages, bits, faintest_db)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, **result._asdict())
    return result


def squares(bits: NDArray[np.uint8]) -> NDArray[np.int16]:
    """(n, 32, 32) pixels of calls in each square."""
    n_cells = PAGE_PX // CELL_PX
    cut = (len(bits), n_cells, CELL_PX, n_cells, CELL_PX)
    parts = [np.unpackbits(some, axis=2) for some in np.array_split(bits, max(1, len(bits) // 100))]
    sums = [part.reshape(-1, *cut[1:]).sum((2, 4)) for part in parts]
    return np.concatenate(sums).astype(np.int16)


def make(folder: Path) -> None:
    """Teach a scout, and write its weights."""
    data = drawn(folder / f"pages-{SEED}.npz", SEED, PAGES, CALL_FREE)
    counts = squares(data.bits)
    torch.manual_seed(SEED)
    network = ScoutNetwork().train()
    rng = np.random.default_rng(SEED)
    batches = len(data.pages) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * batches)
    began = time.monotonic()
    for epoch in range(EPOCHS):
        losses = []
        for some in np.array_split(rng.permutation(len(data.pages))[: batches * BATCH], batches):
            pages, pixels = data.pages[some], counts[some]
            if rng.uniform() < BACKWARDS:
                pages, pixels = pages[:, :, ::-1], pixels[:, :, ::-1]
            loss = loss_of(network, pages, pixels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(
            f"epoch {epoch}: loss {np.mean(losses):.3f}, {time.monotonic() - began:.0f} s",
            flush=True,
        )
    fingerprint = load_model(BUNDLED_MODEL).fingerprint
    about = {JUDGED_WITH: fingerprint, "made_by": f"benchmarks/scout.py make, seed {SEED}"}
    safetensors.torch.save_file(network.state_dict(), folder / "scout.safetensors", about)


def loss_of(
    network: ScoutNetwork, pages: NDArray[np.uint8], pixels: NDArray[np.int16]
) -> torch.Tensor:
    """How wrong it is of the squares, and of whether a page holds a call at all."""
    is_call = torch.from_numpy((pixels >= SURE_PX).astype(np.float32))
    weight = np.where(pixels >= SURE_PX, CALL_WEIGHT, np.where(pixels > 0, 0.0, 1.0))
    scores = network(torch.from_numpy(np.ascontiguousarray(pages))[:, None].float() / 255)
    wrong = functional.binary_cross_entropy_with_logits(scores, is_call, reduction="none")
    of_squares = (wrong * torch.from_numpy(weight.astype(np.float32))).sum() / len(pages) / 20
    has_call = is_call.flatten(1).amax(1)
    certain = torch.from_numpy((pixels > 0).any((1, 2)) == (pixels >= SURE_PX).any((1, 2)))
    highest = scores.flatten(1).amax(1)
    missed = functional.binary_cross_entropy_with_logits(highest, has_call, reduction="none")
    return of_squares + (missed * certain).mean()


def bound(folder: Path) -> None:
    """Print what each bound skips, on pages that nothing was learned from."""
    data = drawn(folder / f"pages-{CHOSEN_SEED}.npz", CHOSEN_SEED, *CHOSEN)
    scout, _ = read_scout(folder / "scout.safetensors")
    highest = np.array([scout.scores(page / WHITE).max() for page in data.pages])
    marked = marks(data.pages)
    has_call = data.bits.any(axis=(1, 2))
    free = np.isposinf(data.faintest_db)
    disturbed = np.arange(len(data.pages)) >= CHOSEN[0]
    print(
        "| bound | call-free pages skipped | disturbed ones | marked calls skipped | false marks |"
    )
    print("|---|---|---|---|---|")
    for at in BOUNDS:
        skipped = highest <= at
        calls, false = marked & has_call, marked & ~has_call
        print(
            f"| {at:g} | {skipped[free & ~disturbed].mean():.0%} | {skipped[disturbed].mean():.0%} "
            f"| {(skipped & calls).sum()} of {calls.sum()} | {(skipped & false).sum()} of "
            f"{false.sum()} |"
        )


def marks(pages: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(n,) whether the bundled model marks a call on each page, cleaned as usual."""
    engine, settings = make_engine(load_model(BUNDLED_MODEL)), CleanSettings()
    return np.array([clean_page(engine(page[None] / WHITE)[0], settings).any() for page in pages])


def judge(data: Path | None, n_pages: int, seconds: float) -> None:
    """Print what the scout of the package skips, and what is lost with it."""
    model = load_model(BUNDLED_MODEL)
    ways = {"stands out of the noise": loud_columns, "scout": loud_columns_for(model)}
    print(f"bound {BOUND:g}, model {model.fingerprint[:8]}\n")
    print("| pages | kind, and what skips | skipped | marked by the model | calls |")
    print("|---|---|---|---|---|")
    synthetic = drawn(None, JUDGED_SEED, n_pages, 0)
    clear = (synthetic.faintest_db > CLEAR_DB) & np.isfinite(synthetic.faintest_db)
    for by, loud in ways.items():
        silent = ~np.array([loud(page / WHITE).any() for page in synthetic.pages])
        tell(f"synthetic, {by}", synthetic.pages, silent, int((silent & clear).sum()))
        for kind, empty in (("mixed", 0.2), ("without calls", 1.0)):
            settings = SynthesisSettings(seed=JUDGED_SEED, empty_fraction=empty)
            scenes = [scene.samples for scene in synthesise_recording(seconds, settings)]
            tell(f"{kind}, {by}", *left_out(of_samples(np.concatenate(scenes)), loud))
        white = np.random.default_rng(JUDGED_SEED).normal(0, 1e-3, round(seconds * SAMPLE_RATE_HZ))
        tell(f"white noise, {by}", *left_out(of_samples(white), loud))
        for folder in sorted((data / "amvoc").glob("[0-9]")) if data else ():
            sound = read_recording(folder / f"rec_{folder.name}.wav")
            pages, silent = left_out(sound, loud)
            noted = read_annotation_of(sound, folder / f"gt_{folder.name}.csv").intervals_s
            at = np.minimum((noted.mean(axis=1) / PAGE_S).astype(int), len(pages) - 1)
            tell(f"recording {folder.name}, {by}", pages, silent, int(silent[at].sum()))


def tell(
    kind: str, pages: NDArray[np.uint8], silent: NDArray[np.bool_], calls: int | None = None
) -> None:
    """One row: what is skipped, on how many of these pages the model marks a call, and calls."""
    marked = int(marks(pages[silent]).sum())
    lost = "" if calls is None else str(calls)
    print(f"| {len(pages)} | {kind} | {silent.mean():.0%} | {marked} | {lost} |", flush=True)


def of_samples(samples: NDArray[np.floating]) -> Recording:
    """They as a recording."""
    return Recording.from_array(samples.astype(np.float32), sample_rate_hz=SAMPLE_RATE_HZ)


class Unasked:
    """Stands for the network where only what it is asked about matters."""

    batch_size, tile_pages = 1, 1

    def __call__(self, pages: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Nothing."""
        return np.zeros(pages.shape, np.uint8)


def left_out(sound: Recording, loud: LoudColumns) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A recording's pages, and which are skipped."""
    stack = render(sound)
    n_pages = stack.layout.n_pages
    pages = [np.rint(255 * stack.page(page)).astype(np.uint8) for page in range(n_pages)]
    asked = looked_at_once(view_as(stack, "noise"), range(n_pages), n_pages, Unasked(), loud=loud)
    return np.array(pages), np.array([answer is None for answer in asked])


def main() -> None:
    """Make, or judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ways = parser.add_subparsers(dest="way", required=True)
    for name in ("make", "bound"):
        ways.add_parser(name).add_argument("folder", type=Path)
    judging = ways.add_parser("judge")
    judging.add_argument("--data", type=Path)
    judging.add_argument("--pages", type=int, default=2_000)
    judging.add_argument("--seconds", type=float, default=600.0)
    given = parser.parse_args()
    if given.way == "judge":
        judge(given.data, given.pages, given.seconds)
    else:
        {"make": make, "bound": bound}[given.way](given.folder)


if __name__ == "__main__":
    main()
