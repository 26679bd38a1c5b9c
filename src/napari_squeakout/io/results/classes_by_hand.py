"""Classes by hand in the record of a result: by page and number, which its calls keep for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.by_hand.classes import ClassByHand, ClassesByHand
from napari_squeakout.core.measures.by_hand.patch import call_on
from napari_squeakout.core.measures.classes import CLASSES
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.io.plain_files import plain_text

from .result_folder import RECORD

#: Under this name they are in the record.
CLASSES_BY_HAND: Final = "classes_by_hand"


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
        record = json.loads(plain_text(folder / RECORD))
        before = names_in(record if isinstance(record, dict) else {}, folder)
    except (OSError, ValueError, RecursionError, InputError):
        return ""  # whoever replaces it says what it is
    n = len(before) - len(names or {})
    if n <= 0:
        return ""
    return f"the result that was replaced had {n} more class{'' if n == 1 else 'es'} by hand"
