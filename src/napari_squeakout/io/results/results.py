"""One input -> one folder of results: calls, masks, and the record of how they were made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.detection.finding import finding_in
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.by_hand.classes import ClassesByHand
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.settings import ResultSettings
from napari_squeakout.core.stacks import CallTable, MaskStack, ProbabilityStack, SpectrogramStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.files import atomic_folder
from napari_squeakout.io.seals import Seal, check_unchanged, seal, sha256_of
from napari_squeakout.io.sources.decode import IMAGE_SUFFIXES
from napari_squeakout.io.sources.images import reading_images
from napari_squeakout.io.sources.inputs import Input, holds_images, is_folder
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.sources.stack_domain import model_notes, noting_band
from napari_squeakout.io.tables.calls import read_calls, write_calls

from .made_before import same_record
from .masks import write_mask_tiff, write_page_masks
from .picture import write_picture
from .result_folder import replaceable, replaced_text, write_record
from .run_record import RunSettings, about_answers, record_of
from .unfinished import answering, forget


@dataclass(frozen=True, kw_only=True)
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
    is_kept : bool
        Whether it was there already, made of the same input in the same way.
    """

    folder: Path
    calls: CallTable
    n_pages: int
    notes: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    is_kept: bool = False


def writing_result(
    source: Input,
    output: str | Path,
    engine: Engine,
    settled: RunSettings | None = None,
    *,
    inputs: Iterable[Input] = (),
    sha256: str = "",
) -> Steps[Result]:
    """Segment one input and write all its results, or nothing.

    A result that is there, made of the same input in the same way, is kept: given once more, a
    command that was stopped goes on with what is left.

    Parameters
    ----------
    source : Input
        From `plan_inputs`.
    output : str or Path
        Folder in which a folder of the input's name is written: `calls.csv`, `run.json`, and
        `masks/` for images, `masks.tif`, `picture.png` and `calls_measures.csv` where asked for.
    engine : Engine
        Model and device.
    settled : RunSettings, optional
        All other settings; what they leave open is as the model was made for and judged with.
    inputs : iterable of Input
        All that are read in this run; nothing that holds one of them is ever replaced.
    sha256 : str
        Of what the input must be; empty where it may be anything.

    Yields
    ------
    Progress
        Of reading, segmenting, cleaning and measuring, one after the other.

    Raises
    ------
    SqueakOutError
        If the input cannot be used or the result not be written; one sentence.
    """
    settled = (settled or RunSettings()).for_model(engine.model)
    folder = Path(output) / source.name
    if folder.exists() and not settled.result.overwrite:
        kept = yield from _keeping(source, folder, engine, settled, sha256)
        if kept is not None:
            return kept
    read = [source.path, *(other.path for other in inputs)]
    replaced = replaceable(read, allowed=settled.result.overwrite)
    with atomic_folder(folder, replaced=replaced) as draft:
        return (yield from _writing(source, folder, draft, engine, settled, sha256))


def _writing(
    source: Input, folder: Path, draft: Path, engine: Engine, settled: RunSettings, wanted: str
) -> Steps[Result]:
    """Segment an input, and write all that a result is made of."""
    seals = seal(_files_of(source.path))
    stack = yield from _opening(source, settled)
    sha256 = _input_sha256(source.path, stack, seals)
    _check_is(wanted, sha256, source.path)
    notes_before = len(engine.notes)
    about = about_answers(sha256, engine, settled)
    with answering(stack, engine, folder, about) as segmenting:
        probabilities = yield from segmenting()
        found = yield from finding_in(probabilities, engine, settled.clean)
        calls = found.calls
        write_parts(stack, (found.masks, calls), draft, settled.result)
        if settled.result.measures:
            yield from measuring_into(draft, stack, found.masks, probabilities)
        apart = model_notes(stack, engine.model)
        edges = yield from noting_band(stack, calls)
        gone = filter(None, [replaced_text(folder)])
        made = (*probabilities.notes, *found.masks.notes)
        notes = (*stack.notes, *engine.notes[notes_before:], *apart, *edges, *made, *gone)
        record = record_of(
            source,
            stack,
            sha256=_input_sha256(source.path, stack, seals),
            engine=engine,
            settled=settled,
            notes=notes,
            n_calls=len(calls),
            n_silent=probabilities.n_silent,
        )
        write_record(draft, record)
        del probabilities, found, segmenting  # what is mapped cannot be removed everywhere
    return Result(
        folder=folder,
        calls=calls,
        n_pages=stack.layout.n_pages,
        notes=notes,
        unreadable=stack.unreadable,
    )


def _keeping(
    source: Input, folder: Path, engine: Engine, settled: RunSettings, wanted: str
) -> Steps[Result | None]:
    """The result that is there, if it is the one that would be made."""
    seals = seal(_files_of(source.path))
    stack = yield from _opening(source, settled)
    sha256 = _input_sha256(source.path, stack, seals)
    _check_is(wanted, sha256, source.path)
    known = same_record(folder, sha256=sha256, engine=engine, settled=settled)
    if known is None:
        return None
    forget(folder)
    return Result(
        folder=folder,
        calls=read_calls(folder / "calls.csv"),
        n_pages=stack.layout.n_pages,
        notes=tuple(map(str, known.get("notes") or ())),
        unreadable=stack.unreadable,
        is_kept=True,
    )


#: The table of measures, beside that of calls.
MEASURES_TABLE = "calls_measures.csv"


def _opening(source: Input, settled: RunSettings) -> Steps[SpectrogramStack]:
    path = source.path
    if holds_images(path):
        return (yield from reading_images(path, settled.images))
    return open_recording(path, settled.recording, settled.render)


def write_parts(
    stack: SpectrogramStack,
    found: tuple[MaskStack, CallTable],
    draft: Path,
    wanted: ResultSettings,
    *,
    unknown: Collection[int] = (),
) -> None:
    """Write all of a result but its record.

    Parameters
    ----------
    stack : SpectrogramStack
        What was looked at.
    found : (MaskStack, DataFrame)
        Its masks, and their table.
    draft : Path
        Folder to write into.
    wanted : ResultSettings
        What is written beside the table.
    unknown : collection of int
        Pages that nobody has looked for calls on. They get no mask, for that would call them
        empty: a recording with such pages gets a file a page instead of one of all.
    """
    masks, calls = found
    write_calls(calls, draft / "calls.csv")
    if stack.layout.page_names or (wanted.masks and unknown):
        write_page_masks(masks, draft / "masks", wanted.mask_size, without=unknown)
    elif wanted.masks:
        write_mask_tiff(masks, draft / "masks.tif")
    if wanted.picture:
        write_picture(stack, masks, calls, draft / "picture.png", without=unknown)


def measuring_into(
    draft: Path,
    stack: SpectrogramStack,
    masks: MaskStack,
    probabilities: ProbabilityStack | None,
    *,
    classes: ClassesByHand = (),
) -> Steps[None]:
    """Write the measures of the calls beside their table, with the usual thresholds.

    Parameters
    ----------
    draft : Path
        Folder to write into.
    stack, masks, probabilities, classes
        As for `measuring`.

    Yields
    ------
    Progress
        After every page.
    """
    measured = yield from measuring(stack, masks, probabilities, classes=classes)
    write_calls(measured.calls, draft / MEASURES_TABLE)


def _files_of(path: Path) -> list[Path]:
    """The files that an input may be read from."""
    if not is_folder(path):
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
    return sha256_of(used, together=is_folder(path))


def _check_is(wanted: str, found: str, path: Path) -> None:
    if wanted and found != wanted:
        msg = (
            f"{path}: is not what the record was made of (SHA-256 {found[:12]}, not "
            f"{wanted[:12]}): restore it, or name it as an input to segment it alike"
        )
        raise InputError(msg)


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
