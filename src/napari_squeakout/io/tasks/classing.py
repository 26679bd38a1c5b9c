"""Classes by hand, given to calls of sessions and results without the window."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.detection.numbering import telling_apart
from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.measures.by_hand.classes import ClassByHand, classed, with_classes
from napari_squeakout.core.measures.by_hand.following import FollowedClasses
from napari_squeakout.core.measures.by_hand.patch import call_on
from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.measures.measuring import measuring
from napari_squeakout.core.stacks import CallTable, MaskStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.exports.findings import is_session
from napari_squeakout.io.exports.result_calls import TABLE
from napari_squeakout.io.exports.result_findings import findings_of_result
from napari_squeakout.io.files import atomic_folder
from napari_squeakout.io.plain_files import plain_text
from napari_squeakout.io.results.kept_calls import kept_calls
from napari_squeakout.io.results.result_folder import (
    CLASSES_BY_HAND,
    RECORD,
    listed,
    names_in,
    replaceable,
    write_record,
)
from napari_squeakout.io.results.results import MEASURES_TABLE
from napari_squeakout.io.results.session_work import work_in
from napari_squeakout.io.sessions.session import Session, open_session
from napari_squeakout.io.sessions.sources import reading_back
from napari_squeakout.io.tables.calls import read_calls, write_calls

#: A call's number in the tables; of images with the page, for numbers begin anew on each.
CallKey: TypeAlias = int | tuple[int, int]
_REMEDIES = ("give classes in its session, and save that", "copy it elsewhere")


def reading_classes(folder: Path) -> Steps[dict[CallKey, str]]:
    """The classes that a person gave to calls of a session or a result.

    Raises
    ------
    InputError
        If it is neither, or what it was made of is gone.
    """
    if not is_session(folder):
        found = findings_of_result(folder)
        return _keyed(names_in(found.known, folder), found.calls)
    session = open_session(folder, read_only=True)
    masks, calls = yield from _reading_calls(session)
    return _keyed(classed(session.classes, masks).names, calls)


def classing(folder: Path, names: Mapping[CallKey, str | None]) -> Steps[dict[CallKey, str]]:
    """Give classes to calls of a session or a result; None takes one back.

    Parameters
    ----------
    folder : Path
        It is changed whole or not at all.
    names : mapping
        Call -> class.

    Returns
    -------
    dict
        All classes by hand that it has now.

    Raises
    ------
    SqueakOutError
        If there is no such class or call, or the folder may not be changed.
    """
    for name in names.values():
        if name is not None and name not in CLASSES:
            msg = f"{name!r} is no class of calls: choose one of {', '.join(CLASSES)}, or None"
            raise InputError(msg)
    if is_session(folder):
        yield from _classing_session(folder, names)
    else:
        yield from _classing_result(folder, names)
    return (yield from reading_classes(folder))


def _classing_session(folder: Path, names: Mapping[CallKey, str | None]) -> Steps[None]:
    session = open_session(folder)
    try:
        if session.read_only:
            msg = f"{folder}: {session.read_only}, so no class is given: close the other window"
            raise SqueakOutError(msg)
        masks, calls = yield from _reading_calls(session)
        wanted = _places(names, calls, folder)
        followed = FollowedClasses().changed(added=session.classes).looked(masks)
        added = []
        for place, name in wanted.items():
            call = call_on(masks, *place)
            if name is not None and call is not None:
                added.append(ClassByHand(name, call.patch))
        after = followed.changed(without=followed.given_to(wanted), added=added)
        session.save_classes(tuple(one.given for one in after.all))
    finally:
        session.close()


def _classing_result(folder: Path, names: Mapping[CallKey, str | None]) -> Steps[None]:
    found = findings_of_result(folder)  # refuses what is none
    record = json.loads(plain_text(folder / RECORD))
    before = names_in(record, folder)
    wanted = _places(names, found.calls, folder)
    after = {place: name for place, name in (before | wanted).items() if name is not None}
    is_measured = MEASURES_TABLE in record["files"]
    measured = None
    if is_measured and wanted.keys() & before.keys():
        measured = yield from _measuring_again(folder)  # what the rules said is not kept
    allowed = replaceable([], allowed=True, remedies=_REMEDIES)
    with atomic_folder(folder, replaced=allowed) as draft:
        for name in record["files"]:
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / name, draft / name)
        if is_measured:
            table = read_calls(draft / MEASURES_TABLE) if measured is None else measured
            write_calls(with_classes(table, after), draft / MEASURES_TABLE)
        write_record(draft, {**record, CLASSES_BY_HAND: listed(after)})


def _measuring_again(folder: Path) -> Steps[CallTable]:
    """The measures of a result with the classes that the rules give."""
    with kept_calls(folder) as kept:
        table = read_calls(folder / TABLE)
        measured = yield from measuring(kept.stack, kept.masks)
        others = measured.calls.drop(columns=[name for name in table if name in measured.calls])
        return table.join(others)  # the masks alone do not tell probabilities


def _reading_calls(session: Session) -> Steps[tuple[MaskStack, CallTable]]:
    stack = yield from reading_back(session)
    masks = yield from telling_apart(work_in(session, stack).masks)
    return masks, (yield from finding_calls(masks))


def _places(
    names: Mapping[CallKey, str | None], calls: CallTable, folder: Path
) -> dict[tuple[int, int], str | None]:
    """Page and number of each call -> what is said of it."""
    places = {key: place for place, key in _keys(calls).items()}
    for key in names:
        if key not in places:
            what = "(page, call)" if "image" in calls else "number"
            msg = f"{folder}: has no call {key}: give the {what} that its table has"
            raise InputError(msg)
    return {places[key]: name for key, name in names.items()}


def _keyed(names: Mapping[tuple[int, int], str], calls: CallTable) -> dict[CallKey, str]:
    keys = _keys(calls)
    return {keys[place]: name for place, name in sorted(names.items()) if place in keys}


def _keys(calls: CallTable) -> dict[tuple[int, int], CallKey]:
    places = list(zip(calls["page"].tolist(), calls["call"].tolist(), strict=True))
    of_images = "image" in calls
    return {place: place if of_images else place[1] for place in places}
