"""What was found in one source, as a result folder or a session keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.stacks import CallTable, MaskStack, SpectrogramStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.plain_files import plain_text
from napari_squeakout.io.results.result_folder import RECORD
from napari_squeakout.io.sessions.record import SUFFIX
from napari_squeakout.io.sources.audio import told_expansion
from napari_squeakout.io.sources.images import numbered


def _stays() -> None:
    """Results are read whole and checked against their table: nobody paints on them."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """The calls of one source, and how to come by the rest where it is wanted.

    Parameters
    ----------
    place : Path
        The result folder or session.
    recording : str
        Name of the recording, image or folder of images that they were found in.
    calls : DataFrame
        One row a call.
    known : mapping
        How they were made, as `run.json` says it.
    masks : callable
        Gives the masks, numbered as the table; raises InputError where they are not kept or do not
        fit the table.
    pages : callable
        Gives the pages as they were looked at, from the files that they were made from.
    channel : int
        Of the recording, counted from 1.
    unknown : frozenset of int
        Pages on which nobody has looked for calls.
    approved : frozenset of int or None
        Pages that a person has approved; None where it is not known which.
    n_approved : int or None
        How many these are; None where nobody was asked.
    notes : tuple of str
        What the user should know.
    check_unchanged : callable
        Raises InputError where masks that are read now are no longer those of `calls`; to be asked
        when all is written.
    """

    place: Path
    recording: str
    calls: CallTable = field(repr=False)
    known: Mapping[str, Any] = field(repr=False)
    masks: Callable[[], MaskStack] = field(repr=False)
    pages: Callable[[], Steps[SpectrogramStack]] = field(repr=False)
    channel: int = 1
    unknown: frozenset[int] = frozenset()
    approved: frozenset[int] | None = None
    n_approved: int | None = None
    notes: tuple[str, ...] = ()
    check_unchanged: Callable[[], None] = field(default=_stays, repr=False)

    @property
    def n_pages(self) -> int:
        """Pages of the source."""
        return int(self.known["pages"])

    @property
    def time_expansion(self) -> float:
        """How many times slower than life its recording was taken to play."""
        return told_expansion(self.known.get("notes", ()))

    @property
    def is_of_images(self) -> bool:
        """Whether its pages are images, each on its own."""
        return "image" in self.calls.columns


def is_session(path: Path) -> bool:
    """Whether a path is called as sessions are."""
    return path.suffix == SUFFIX


def expanded(paths: Iterable[Path]) -> list[Path]:
    """Results and sessions; a folder that is neither stands for those in it. Each comes once.

    Raises
    ------
    InputError
        If there is none in a folder.
    """
    places: dict[Path, Path] = {}
    for path in paths:
        for place in _in(path):
            # A link and what it leads to are one.
            places.setdefault(place.resolve(), place)
    return list(places.values())


def names_of(places: Sequence[Path]) -> list[str]:
    """What is written of results and sessions is called, each otherwise than the others."""
    names = [_plain(place, 0) for place in places]
    for above in range(1, 4):
        counts = Counter(name.casefold() for name in names)
        names = [
            _plain(place, above) if counts[name.casefold()] > 1 else name
            for place, name in zip(places, names, strict=True)
        ]
    return numbered(names)


def _in(path: Path) -> list[Path]:
    if is_session(path) or _is_result(path) or not path.is_dir():
        return [path]
    inside = [one for one in sorted(path.iterdir()) if is_session(one) or _is_result(one)]
    if not inside:
        msg = (
            f"{path}: is no result and no session, and holds none: give folders that `squeakout "
            "segment` has written, or *.squeakout"
        )
        raise InputError(msg)
    return inside


def _is_result(path: Path) -> bool:
    try:
        return bool(plain_text(path / RECORD))
    except (OSError, ValueError):
        return False


def _plain(place: Path, above: int) -> str:
    parts = place.absolute().parts[1:]
    return "_".join([*parts[-1 - above : -1], parts[-1].removesuffix(SUFFIX)])
