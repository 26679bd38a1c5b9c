"""A folder of results: what its record says, and whether all of it may be replaced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.measures.by_hand.classes import ClassByHand, ClassesByHand
from napari_squeakout.core.measures.by_hand.patch import call_on
from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.io.files import Replaced
from napari_squeakout.io.plain_files import plain_text

#: The record that makes a folder a result.
RECORD = "run.json"
#: Who wrote it, as the record says.
PROGRAM = "napari-squeakout"
#: What the record of an export has, and that of a result has not.
EXPORT = "export"
#: Under this name they are in the record.
CLASSES_BY_HAND: Final = "classes_by_hand"
# What systems put into any folder that somebody looks into.
_SYSTEM = {".ds_store", "thumbs.db", "desktop.ini"}
_OPTIONS = ("choose another --output", "replace it with --overwrite")


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write the record of a finished folder; it says which files there are, and what is in them."""
    files = {name: _sha256(folder / name) for name in sorted(_files_in(folder))}
    text = json.dumps({**record, "program": PROGRAM, "files": files}, indent=2)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")


def replaceable(
    inputs: Iterable[Path],
    *,
    allowed: bool,
    remedies: tuple[str, str] = _OPTIONS,
    by_export: bool = False,
) -> Replaced:
    """What allows a folder to be replaced that holds a result, all of it, and nothing else.

    A result is made again by hours of work, an export in a moment: neither takes the other's place.

    Parameters
    ----------
    inputs : iterable of Path
        What is read: never replaced, whatever it is.
    allowed : bool
        Whether results are replaced at all; if not, it is advised where it would help.
    remedies : (str, str)
        What helps: to write elsewhere, and to replace; by default options of the command line.
    by_export : bool
        Whether an export is to take its place: then only an export is replaced, else only a result.
    """
    return partial(_parts_to_replace, tuple(inputs), allowed, remedies, by_export)


def record_of_result(folder: Path) -> dict[str, Any]:
    """What a result says of itself, where all of it is as it was written.

    Raises
    ------
    SqueakOutError
        If it is no result, or somebody has changed or added something.
    """
    _parts_of_result(folder, _OPTIONS[0], by_export=False)
    return _record_of(folder)


def _parts_to_replace(
    inputs: Sequence[Path],
    allowed: bool,
    remedies: tuple[str, str],
    by_export: bool,
    folder: Path,
) -> list[str]:
    elsewhere, replace = remedies
    _refuse_inputs(folder, inputs, elsewhere)
    parts = _parts_of_result(folder, elsewhere, by_export=by_export)
    if not allowed:
        msg = f"{folder}: exists already: {elsewhere}, or {replace}"
        raise SqueakOutError(msg)
    return parts


def _refuse_inputs(folder: Path, inputs: Iterable[Path], elsewhere: str) -> None:
    place = folder.resolve()
    for path in inputs:
        if path.resolve().is_relative_to(place):
            what = "is the input" if path.resolve() == place else f"holds the input {path}"
            msg = f"{folder}: {what}, so no result is written there: {elsewhere}"
            raise SqueakOutError(msg)


def _parts_of_result(folder: Path, elsewhere: str, *, by_export: bool) -> list[str]:
    record = _record_of(folder)
    if not record:
        msg = f"{folder}: is no result of this program, so it stays: {elsewhere}"
        raise SqueakOutError(msg)
    if by_export != (EXPORT in record):
        old, new = ("a result", "export") if by_export else ("an export", "result")
        msg = f"{folder}: is {old}, which no {new} takes the place of: {elsewhere}"
        raise SqueakOutError(msg)
    known = record["files"]
    here = _files_in(folder)
    for name in sorted(here):
        if Path(name).name.lower() in _SYSTEM or name == RECORD:
            continue
        if name not in known:
            raise _not_ours(folder / name, "was not written by this program", elsewhere)
        if _sha256(folder / name) != known[name]:
            raise _not_ours(folder / name, "has been changed since it was written", elsewhere)
    return sorted(here)


def _not_ours(path: Path, what: str, elsewhere: str) -> SqueakOutError:
    return SqueakOutError(
        f"{path}: {what}, so the result it lies in is not replaced: move it away, or {elsewhere}"
    )


def _record_of(folder: Path) -> dict[str, Any]:
    """What a result says of itself, with name and hash of each file that it wrote."""
    try:
        record = json.loads(plain_text(folder / RECORD))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(record, dict) or record.get("program") != PROGRAM:
        return {}
    return record if isinstance(record.get("files"), dict) else {}


def _files_in(folder: Path) -> set[str]:
    """All that is in a folder but folders, by names relative to it; a link is none."""
    found = set()
    for inner in folder.iterdir():
        if inner.is_dir() and not inner.is_symlink():
            deeper = _files_in(inner) or {"."}
            found |= {f"{inner.name}/{name}" for name in deeper}
        else:
            found.add(inner.name)
    return found


def _sha256(path: Path) -> str:
    """Hash of a plain file; nothing for what is none."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- classes by hand in the record: by page and number, which calls of a result keep for ever ---


def listed(names: Mapping[tuple[int, int], str]) -> list[dict[str, Any]]:
    """What the record says of classes: page on which a call begins and its number -> class."""
    return [
        {"page": page, "call": number, "class": name}
        for (page, number), name in sorted(names.items())
    ]


def names_in(record: Mapping[str, Any], folder: Path) -> dict[tuple[int, int], str]:
    """Page on which a call begins and its number in the table -> its class by hand.

    Raises
    ------
    InputError
        If the record says what is none.
    """
    known = record.get(CLASSES_BY_HAND, [])
    try:
        names = {(one["page"], one["call"]): one["class"] for one in known}
        is_whole = all(type(part) is int for key in names for part in key)
        is_known = all(name in CLASSES for name in names.values())
    except (TypeError, KeyError):
        is_whole = is_known = False
    if not (is_whole and is_known):
        msg = f"{folder / RECORD}: is damaged ({CLASSES_BY_HAND}): save the result again"
        raise InputError(msg)
    return names


def classes_in(record: Mapping[str, Any], folder: Path, masks: MaskStack) -> ClassesByHand:
    """The classes by hand of a result, on the pixels of its calls.

    Raises
    ------
    InputError
        If the record says what is none, or of a call that the masks do not have.
    """
    found = []
    for (page, number), name in names_in(record, folder).items():
        call = call_on(masks, page, number) if 0 <= page < masks.layout.n_pages else None
        if call is None or call.key != (page, number):
            msg = (
                f"{folder / RECORD}: names a class of call {number} on page {page}, which is not "
                "among its masks: save the result again"
            )
            raise InputError(msg)
        found.append(ClassByHand(name, call.patch))
    return tuple(found)


def replaced_text(folder: Path, names: Mapping[tuple[int, int], str] | None = None) -> str:
    """Say how many classes by hand go with a result that is replaced; nothing where none do.

    Parameters
    ----------
    folder : Path
        The result that is there.
    names : mapping, optional
        The classes by hand of the new one.
    """
    try:
        before = names_in(_record_of(folder), folder)
    except InputError:
        return ""  # whoever replaces it says what it is
    n = len(before) - len(names or {})
    if n <= 0:
        return ""
    return f"the result that was replaced had {n} more class{'' if n == 1 else 'es'} by hand"
