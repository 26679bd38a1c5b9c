"""One input -> one folder of results: calls, masks, and the record of how they were made."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from napari_squeakout.core.calls import find_calls
from napari_squeakout.core.clean import clean
from napari_squeakout.core.engine import Engine
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.segment import segment
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
)
from napari_squeakout.core.stacks import CallTable, MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Steps

from .audio import is_recording
from .decode import IMAGE_SUFFIXES
from .files import folder_written_whole
from .images import numbered, reading_images
from .masks import write_mask_tiff, write_page_masks
from .pictures import write_picture
from .result_folder import replaceable, write_record
from .scratch import array_in_file
from .seals import Seal, check_unchanged, seal, sha256_of
from .sources import open_recording
from .stack_domain import band_notes, domain_warning
from .tables import write_calls

# Probabilities beyond this lie in a file, so that an hour of recording need not fit in memory.
_IN_MEMORY_BYTES = 2**28


@dataclass(frozen=True)
class Settled:
    """All settings of a run, whole."""

    recording: RecordingSettings = RecordingSettings()
    images: ImageSettings = ImageSettings()
    render: RenderSettings = RenderSettings()
    clean: CleanSettings = CleanSettings()
    result: ResultSettings = ResultSettings()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {name: value.model_dump() for name, value in vars(self).items()}


@dataclass(frozen=True)
class Input:
    """A recording, image file or folder of images, and what its results are called."""

    path: Path
    name: str


@dataclass(frozen=True)
class Result:
    """What came of one input.

    Parameters
    ----------
    folder : Path
        Where it was written.
    calls : DataFrame
        One row a call.
    n_pages : int
        Pages looked at.
    notes : tuple of str
        What the user should know.
    unreadable : tuple of str
        Images that could not be read, one sentence each; the others are in the result.
    """

    folder: Path
    calls: CallTable
    n_pages: int
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def plan_inputs(paths: Iterable[str | Path]) -> list[Input]:
    """Name the results of inputs so that no two are called the same.

    A folder of images is one input; the recordings in a folder are one input each. Results are
    called after the file's stem or the folder; equal ones get their parent's name in front.
    """
    places: dict[Path, Path] = {}
    for path in paths:
        for file in _expand(Path(path)):
            places.setdefault(_place(file), file)
    files = list(places.values())
    names = [_stem(path) for path in files]
    for parents in range(1, 4):
        counts = Counter(name.casefold() for name in names)
        names = [
            _with_parents(path, parents) if counts[name.casefold()] > 1 else name
            for path, name in zip(files, names, strict=True)
        ]
    return [Input(path, name) for path, name in zip(files, numbered(names), strict=True)]


def write_result(
    source: Input,
    output: str | Path,
    engine: Engine,
    settled: Settled | None = None,
    *,
    inputs: Iterable[Input] = (),
) -> Steps[Result]:
    """Segment one input and write all its results, or nothing.

    Parameters
    ----------
    source : Input
        From `plan_inputs`.
    output : str or Path
        Folder in which a folder of the input's name is written: `calls.csv`, `run.json`, and
        `masks/` for images, `masks.tif` and `picture.png` where asked for.
    engine : Engine
        Model and device.
    settled : Settled, optional
        All other settings.
    inputs : iterable of Input
        All that are read in this run; nothing that holds one of them is ever replaced.

    Yields
    ------
    Progress
        Of reading, segmenting, cleaning and measuring, one after the other.

    Raises
    ------
    SqueakOutError
        If the input cannot be used or the result not be written; one sentence.
    """
    settled = settled or Settled()
    folder = Path(output) / source.name
    read = [source.path, *(other.path for other in inputs)]
    replaced = replaceable(read, allowed=settled.result.overwrite)
    with folder_written_whole(folder, replaced=replaced) as draft:
        seals = seal(_files_of(source.path))
        stack = yield from _open(source, settled)
        notes_before = len(engine.notes)
        probabilities = yield from _segment(stack, engine, draft)
        masks = yield from clean(probabilities, settled.clean)
        calls = yield from find_calls(masks, probabilities)
        write_calls(calls, draft / "calls.csv")
        _write_masks(stack, masks, calls, draft, settled.result)
        far = domain_warning(stack, engine.model)
        edges = yield from band_notes(stack, calls)
        notes = (*stack.notes, *engine.notes[notes_before:], *([far] if far else []), *edges)
        del probabilities, masks
        (draft / _SCRATCH).unlink(missing_ok=True)
        sha256 = _input_sha256(source.path, stack, seals)
        record = _record(source, sha256, stack, engine, settled, notes, len(calls))
        write_record(draft, record)
    return Result(folder, calls, stack.layout.n_pages, notes, stack.unreadable)


_SCRATCH = "probabilities.part"


def _expand(path: Path) -> list[Path]:
    """A folder of recordings is its recordings; everything else is itself."""
    if not _is_folder(path):
        return [path]
    try:
        inside = sorted(p for p in path.iterdir() if not p.name.startswith("."))
    except OSError:
        return [path]  # reading it will say what is wrong
    recordings = [p for p in inside if p.is_file() and is_recording(p)]
    images = any(p.suffix.lower() in IMAGE_SUFFIXES for p in inside)
    return recordings if recordings and not images else [path, *recordings]


def _is_folder(path: Path) -> bool:
    """Whether it is one; of what the system will not look at, reading says what is wrong."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _place(path: Path) -> Path:
    """Where a path leads, whichever way it was written; a link is called as itself."""
    return Path(os.path.normpath(path.absolute()))


def _stem(path: Path) -> str:
    place = _place(path)
    return (place.name if _is_folder(path) else place.stem) or "result"


def _with_parents(path: Path, parents: int) -> str:
    above = _place(path).parts[1:-1]
    return "_".join([*above[-parents:], _stem(path)])


def _open(source: Input, settled: Settled) -> Steps[SpectrogramStack]:
    path = source.path
    if _is_folder(path) or path.suffix.lower() in (*IMAGE_SUFFIXES, ".npy"):
        return (yield from reading_images(path, settled.images))
    return open_recording(path, settled.recording, settled.render)


def _segment(stack: SpectrogramStack, engine: Engine, draft: Path) -> Steps[ProbabilityStack]:
    out = None
    if int(np.prod(stack.layout.shape)) > _IN_MEMORY_BYTES:
        out = array_in_file(draft / _SCRATCH, stack.layout.shape, np.uint8)
    return (yield from segment(stack, engine, out=out))


def _write_masks(
    stack: SpectrogramStack, masks: MaskStack, calls: CallTable, draft: Path, wanted: ResultSettings
) -> None:
    if stack.layout.page_names:
        write_page_masks(masks, draft / "masks", wanted.mask_size)
    elif wanted.masks:
        write_mask_tiff(masks, draft / "masks.tif")
    if wanted.picture:
        write_picture(stack, masks, calls, draft / "picture.png")


def _record(
    source: Input,
    sha256: str,
    stack: SpectrogramStack,
    engine: Engine,
    settled: Settled,
    notes: Sequence[str],
    n_calls: int,
) -> dict[str, Any]:
    """What it takes to make the same result again."""
    return {
        "input": {"path": str(source.path.absolute()), "sha256": sha256},
        "pages": stack.layout.n_pages,
        "calls": n_calls,
        "notes": list(notes),
        "unreadable": list(stack.unreadable),
        "model": {"name": engine.model.name, "fingerprint": engine.model.fingerprint},
        "device": {"used": str(engine.device), "why": engine.why, "precision": str(engine.dtype)},
        "settings": {**settled.as_dict(), "segment": engine.settings.model_dump()},
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("napari-squeakout", "torch", "numpy", "scipy")},
        },
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _files_of(path: Path) -> list[Path]:
    """The files that an input may be read from."""
    if not _is_folder(path):
        return [path]
    try:
        return [file for file in path.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES]
    except OSError:
        return []  # reading it will say what is wrong


def _input_sha256(path: Path, stack: SpectrogramStack, seals: Mapping[Path, Seal]) -> str:
    """Hash of what was read: of a file, or of the names and hashes of a folder's images.

    Raises
    ------
    InputError
        If it was changed meanwhile.
    """
    files = set(stack.origin.files) if stack.origin is not None else set()
    used = {file: known for file, known in seals.items() if file in files}
    check_unchanged(used)
    return sha256_of(used, together=_is_folder(path))


def output_folder(path: Path) -> Path:
    """A folder that can be written to, made if need be.

    Raises
    ------
    InputError
        If it is a file or cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{path}: cannot be used for results ({error.strerror}): choose another --output"
        raise InputError(msg) from error
    return path
