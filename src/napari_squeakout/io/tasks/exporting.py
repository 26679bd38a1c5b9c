"""Results and sessions -> a folder of files for other programs, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.export.forms import Form
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.exports.findings import Findings, expanded, names_of
from napari_squeakout.io.exports.forms import check_form, writing
from napari_squeakout.io.exports.reading import reading_findings
from napari_squeakout.io.exports.sidecar import ENDING, write_sidecar
from napari_squeakout.io.files import atomic_folder
from napari_squeakout.io.results.result_folder import EXPORT, RECORD, replaceable, write_record
from napari_squeakout.io.results.run_record import made_with


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What came of an export.

    Parameters
    ----------
    folder : Path
        Where it was written; not there where nothing could be exported.
    calls : dict
        What each source is called in it, and how many calls it has.
    notes : tuple of str
        What the user should know.
    failures : tuple of str
        Sources that could not be exported, one sentence each.
    """

    folder: Path
    calls: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


class _NothingWrittenError(Exception):
    """There is to be no new folder; what was there stays."""


def exporting(
    sources: Sequence[Path],
    form: str,
    output: Path,
    *,
    near: Sequence[Path] = (),
    overwrite: bool = False,
) -> Steps[Exported]:
    """Export the calls of results and sessions; one that cannot be costs the others nothing.

    Parameters
    ----------
    sources : sequence of Path
        Result folders, sessions, and folders of them.
    form : str
        One of `FORMS`.
    output : Path
        Folder to write: new or empty, or an export that may be replaced.
    near : sequence of Path
        More folders to look for recordings and images in.
    overwrite : bool
        Whether an export that is there may be replaced, if nothing else is in it. It stays where
        a source fails: it may hold the only export of that.

    Yields
    ------
    Progress
        Of reading and of writing, source by source.

    Raises
    ------
    SqueakOutError
        If the form is none, a folder holds neither result nor session, or the output is taken.
    """
    wanted, places = check_form(form), expanded(sources)
    check_is_elsewhere(output, places)
    replaced = replaceable(places, allowed=overwrite, by_export=True)
    done: dict[str, int] = {}
    notes: list[str] = []
    failures: list[str] = []
    try:
        with atomic_folder(output, replaced=replaced) as draft:
            for place, name in zip(places, names_of(places), strict=True):
                try:
                    found = yield from reading_findings(place, near)
                    told = yield from _exporting_one(found, wanted, draft, name)
                except SqueakOutError as error:
                    failures.append(_about(place, error))
                    continue
                done[name] = len(found.calls)
                notes += [f"{name}: {note}" for note in told]
            if failures and (output / RECORD).exists():
                failures.append(_of_what_stays(output, len(failures), len(places)))
                raise _NothingWrittenError
            if not done:
                raise _NothingWrittenError
            write_record(draft, {EXPORT: wanted, "sources": done, **made_with()})
    except _NothingWrittenError:
        return Exported(folder=output, failures=tuple(failures))
    return Exported(folder=output, calls=done, notes=tuple(notes), failures=tuple(failures))


def _exporting_one(found: Findings, form: Form, draft: Path, name: str) -> Steps[list[str]]:
    """Write one source; what a failure has left of it is not there."""
    room = draft / ".part"
    room.mkdir()
    try:
        told = [*found.notes, *(yield from writing(found, form, room, name))]
        found.check_unchanged()
        files = [path for path in room.rglob("*") if path.is_file()]
        write_sidecar(found, form, files, room / f"{name}{ENDING}", told)
        _move(room, draft, [*files, room / f"{name}{ENDING}"])
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return told


def _move(room: Path, draft: Path, files: Sequence[Path]) -> None:
    """Move what was written of one source to the others; all of it, or nothing where one is there.

    Of a source `a` with an image `b_c` and a source `a_b` with `c` windows are called alike.
    """
    targets = {path: draft / path.relative_to(room) for path in files}
    taken = next((target for target in targets.values() if target.exists()), None)
    if taken is not None:
        msg = f"{taken.name}: is what a file of another source is called too: export it alone"
        raise SqueakOutError(msg)
    for path, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def check_is_elsewhere(output: Path, places: Sequence[Path]) -> None:
    """Refuse a folder in a result or session: what lies there is only read."""
    for place in places:
        if output.resolve() != place.resolve() and output.resolve().is_relative_to(place.resolve()):
            msg = f"{output}: lies in {place}, which is only read: choose another --output"
            raise SqueakOutError(msg)


def _of_what_stays(output: Path, n_failed: int, n_sources: int) -> str:
    failed = f"{n_failed} of {counted(n_sources, 'source')}"
    return (
        f"{output}: stays the export that it was, for {failed} could not be exported: correct or "
        "leave out what failed, or choose another --output"
    )


def _about(place: Path, error: SqueakOutError) -> str:
    text = " ".join(str(error).split())
    return text if str(place) in text else f"{place}: {text}"
