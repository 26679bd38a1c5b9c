"""Images with true masks -> the paper's table, its chart and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from napari_squeakout.core.baselines.methods import Learned, Method, Named, Null, VocalMat
from napari_squeakout.core.baselines.settings import (
    BenchmarkSettings,
    UNetSettings,
    VocalMatSettings,
)
from napari_squeakout.core.baselines.table import (
    Row,
    as_chart,
    as_frame,
    as_markdown,
    judge,
    row_from,
)
from napari_squeakout.core.baselines.unet import UNet
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import SegmentSettings
from napari_squeakout.core.stacks import Page
from napari_squeakout.core.steps import Progress, Steps, passing_on
from napari_squeakout.core.training.batches import OwnRandomness, TrainingPages
from napari_squeakout.core.training.loop import from_scratch
from napari_squeakout.core.training_settings import TrainSettings
from napari_squeakout.io.engines.making import make_engine
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.models.registry import load_model
from napari_squeakout.io.tables.writing import write_frame

from .learning import LEAST_TO_LEARN, Kept, Split, learning_masks, sides_of
from .pairs import Matched, match
from .picture import Example, write_comparison
from .store import Stored, storing_pairs

#: The rows of the paper's table, in its order.
NULL, VOCALMAT, UNET, PLAIN, SQUEAKOUT = (
    "Null", "VocalMat", "U-Net", "SqueakOut without augmentation", "SqueakOut",
)  # fmt: skip
ROWS = (NULL, VOCALMAT, UNET, PLAIN, SQUEAKOUT)
_FILES = {UNET: "u_net", PLAIN: "squeakout_without", SQUEAKOUT: "squeakout"}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the table is to hold.

    Parameters
    ----------
    rows : tuple of str
        Of `ROWS`.
    models : tuple of str
        Names or files of further models, as they are.
    settings, vocalmat, unet, train
        As declared.
    """

    rows: tuple[str, ...] = ROWS
    models: tuple[str, ...] = ()
    settings: BenchmarkSettings = BenchmarkSettings()
    vocalmat: VocalMatSettings = VocalMatSettings()
    unet: UNetSettings = UNetSettings()
    train: TrainSettings = TrainSettings()


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """What came of it.

    Parameters
    ----------
    rows : tuple of Row
        In the order asked for.
    notes : tuple of str
        What did not go together or could not be read, a sentence each.
    files : tuple of Path
        What was written.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    files: tuple[Path, ...]


def benchmarking(
    images: Path,
    masks: Path,
    output: Path,
    wanted: Wanted = Wanted(),
    *,
    test: Path | None = None,
    table: Path | None = None,
) -> Steps[Benchmark]:
    """Make the paper's table of images with true masks.

    Rows that learn do so from all images but the test images, 90 of 100 of these to learn from. A
    second call with the same images and settings goes on where the first one was stopped.

    Parameters
    ----------
    images, masks, table : Path
        As for `match`.
    output : Path
        Folder for the table (`table.md`, `table.csv`), the chart (`dice.svg`), the picture
        (`compared.png`) and, in `work`, pages and networks.
    wanted : Wanted
        Rows and settings.
    test : Path, optional
        Text file with the name of a test image a line; by default they are drawn.

    Raises
    ------
    SqueakOutError
        If nothing goes together, too few images are left to learn from, the list names an image
        that is not there, or MONAI is not installed where a U-Net is asked for.
    """
    matched = match(images, masks, table)
    # First, for a name that is none is to be told before hours of learning, not after.
    named = [Named(make_engine(load_model(m), SegmentSettings())) for m in wanted.models]
    stored = yield from storing_pairs(matched.pairs, output / "work")
    judging, learning = _sides(stored, wanted.settings, test)
    split = sides_of(learning, wanted.train)
    methods: list[Method] = []
    for name in wanted.rows:
        method = yield from _making_method(name, stored, split, wanted, output / "work")
        methods.append(method)
    methods += named
    rows, examples = yield from _judging(methods, stored, judging, wanted.settings)
    notes = (*unmatched_texts(matched), *stored.problems)
    return Benchmark(rows=rows, notes=notes, files=_written(output, rows, examples))


def unmatched_texts(matched: Matched) -> tuple[str, ...]:
    """A sentence each on images without masks and masks without images, with their names."""
    told = []
    for files, text in (
        (matched.without_mask, "have no mask and are left out: add an empty one where no call is"),
        (matched.without_image, "have no image and are left out"),
    ):
        if files:
            what = "image" if files is matched.without_mask else "mask"
            told.append(f"{counted(len(files), what)} {text}: {', '.join(files)}")
    return tuple(told)


def _sides(
    stored: Stored, settings: BenchmarkSettings, test: Path | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the pages that judge, and of those that may be learned from."""
    n_pages = len(stored.names)
    if test is None:
        n_test = min(max(1, round(settings.test_fraction * n_pages)), n_pages)
        order = np.random.default_rng(settings.split_seed).permutation(n_pages)
        return np.sort(order[:n_test]), np.sort(order[n_test:])
    try:
        lines = [line.strip() for line in test.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, ValueError) as error:
        msg = f"{test}: cannot be read as text ({error}): give a name of an image a line"
        raise InputError(msg) from error
    places = _places(stored)
    asked = [line for line in lines if line]
    unknown = [line for line in asked if line not in places]
    if unknown or not asked:
        what = f"names {unknown[0]}, which is no" if unknown else "names no"
        msg = f"{test}: {what} image with a usable mask: give a file name of one a line"
        raise InputError(msg)
    judging = np.unique([places[line] for line in asked])
    return judging, np.setdiff1d(np.arange(n_pages), judging)


def _places(stored: Stored) -> dict[str, int]:
    """By what a list may call a page: its name, and its file's where no other has it."""
    places: dict[str, int] = {}
    twice: set[str] = set()
    for index, (name, file) in enumerate(zip(stored.names, stored.files, strict=True)):
        path = Path(file)
        for key in {path.name, path.stem, f"{path.parent.name}/{path.name}"} - {name}:
            twice |= {key} & places.keys()
            places[key] = index
    for key in twice:
        del places[key]
    return places | {name: index for index, name in enumerate(stored.names)}


def _making_method(
    name: str, stored: Stored, split: Split, wanted: Wanted, folder: Path
) -> Steps[Method]:
    if name == NULL:
        return Null()
    if name == VOCALMAT:
        return VocalMat(wanted.vocalmat)
    if sum(map(len, split)) < LEAST_TO_LEARN or stored.masks is None:
        msg = (
            f"{name}: only {counted(sum(map(len, split)), 'image')} beside the test images: add "
            "images with masks, or lower --test-fraction"
        )
        raise InputError(msg)
    augment = wanted.train.augment and name == SQUEAKOUT
    settings = wanted.train.model_copy(update={"augment": augment})
    network = _beginning(name, wanted, float(stored.masks[split[0]].mean()))
    data = TrainingPages(stored.pages, stored.masks)
    kept = Kept(folder, _FILES[name])
    steps = learning_masks(kept, network, data, split, settings, stored.fingerprint)
    yield from passing_on(steps, lambda at: Progress(at.done, at.total, f"{at.what} of {name}"))
    return Learned(name, network.eval(), wanted.settings.table_threshold)


def _beginning(name: str, wanted: Wanted, call_share: float) -> nn.Module:
    """A network whose first guess is the share of call pixels, not one half."""
    if name == UNET:
        return UNet(wanted.unet).expecting(call_share)
    with OwnRandomness(wanted.train.seed):
        return from_scratch(call_share)


def _judging(
    methods: Sequence[Method],
    stored: Stored,
    judging: NDArray[np.int64],
    settings: BenchmarkSettings,
) -> Steps[tuple[tuple[Row, ...], tuple[Example, ...]]]:
    """Ask all methods about all test images; figures, and some of the images with all masks."""
    assert stored.masks is not None  # noqa: S101 - stored with masks
    judged: list[list[tuple[float, float, bool]]] = [[] for _ in methods]
    for done, index in enumerate(judging, start=1):
        image, true = _image(stored, index), np.array(stored.masks[index])
        for scores, method in zip(judged, methods, strict=True):
            scores.append(judge(true, method(image)))
        yield Progress(done, len(judging), "test images")
    rows = tuple(row_from(m.name, scores) for m, scores in zip(methods, judged, strict=True))
    examples = []
    for at in _spread(rows, settings.pictured):
        index = judging[at]
        # Asked again: the masks of all test images would fill the memory.
        found = {method.name: method(_image(stored, index)) for method in methods}
        example = Example(
            name=stored.names[index],
            page=np.array(stored.pages[index]),
            truth=np.array(stored.masks[index]),
            found=found,
            dice={row.method: float(row.dice[at]) for row in rows},
        )
        examples.append(example)
    return rows, tuple(examples)


def _image(stored: Stored, index: np.int64) -> Page:
    return np.asarray(stored.pages[index], np.float32) / np.float32(255)


def _spread(rows: Sequence[Row], wanted: int) -> list[int]:
    """Test images from the worst to the best of the last row, evenly spread: none is chosen."""
    order = np.argsort(rows[-1].dice, kind="stable")
    places = np.unique(np.linspace(0, len(order) - 1, min(wanted, len(order))).round().astype(int))
    return [int(order[place]) for place in places]


def _written(output: Path, rows: Sequence[Row], examples: Sequence[Example]) -> tuple[Path, ...]:
    files = tuple(output / name for name in ("table.md", "table.csv", "dice.svg", "compared.png"))
    markdown, csv, chart, picture = files
    with atomic_file(markdown) as draft:
        draft.write_text(as_markdown(rows), encoding="utf-8")
    write_frame(as_frame(rows), csv)  # a row is called as its model is
    with atomic_file(chart) as draft:
        draft.write_text(as_chart(rows), encoding="utf-8")
    write_comparison(examples, picture)
    return files
