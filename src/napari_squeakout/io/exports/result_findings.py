"""A result folder -> what was found, read back and checked against its own record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import Any

from pydantic import ValidationError

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.measures.by_hand.classes import with_classes
from napari_squeakout.core.review.page_stages import unknown_text
from napari_squeakout.core.setting import first_fault
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
)
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Steps
from napari_squeakout.io.files import file_sha256
from napari_squeakout.io.plain_files import finite_json, plain_text
from napari_squeakout.io.results.result_folder import EXPORT, PROGRAM, RECORD, names_in
from napari_squeakout.io.seals import seal, sha256_of
from napari_squeakout.io.sources.images import reading_images
from napari_squeakout.io.sources.inputs import holds_images
from napari_squeakout.io.sources.opening import open_recording

from .findings import Findings
from .result_calls import TABLE, calls_of
from .result_masks import kept_masks

# What the calls are in; the picture shows them only.
_OF_CALLS = (TABLE, "masks")
_REMEDY = "give a folder that `squeakout segment` has written, or a session"


def findings_of_result(folder: Path, near: Sequence[Path] = ()) -> Findings:
    """What a result folder holds.

    Parameters
    ----------
    folder : Path
        Written by `segment` or by the window.
    near : sequence of Path
        More folders to look for its recording or images in.

    Raises
    ------
    InputError
        If it is none, or its table cannot be read or is not that of its record.
    """
    known = _record_of(folder)
    changed = [name for name in known["files"] if _is_changed(folder / name, known["files"][name])]
    calls, told = calls_of(folder, known["files"], changed)
    if TABLE not in changed and len(calls) != known["calls"]:
        msg = (
            f"{folder}: {RECORD} tells of {known['calls']} calls, {TABLE} of {len(calls)}: "
            "segment again"
        )
        raise InputError(msg)
    by_hand = names_in(known, folder)
    if by_hand and TABLE not in changed:
        calls = with_classes(calls, by_hand)
    elif by_hand:
        told.append(f"classes by hand are left out, for {TABLE} has been changed")
    unknown = frozenset(known["not_segmented"])
    notes = [note for note in (*told, unknown_text(unknown, known["pages"])) if note]
    source = _Source(folder, known, tuple(near))
    return Findings(
        place=folder,
        recording=source.name,
        calls=calls,
        known={name: value for name, value in known.items() if name not in {"files", "program"}},
        masks=partial(kept_masks, folder, known, calls, source.cleaned_with),
        pages=source.reading_pages,
        channel=source.channel,
        unknown=unknown,
        n_approved=_approved(known, changed),
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class _Source:
    """The files that a result was made from."""

    folder: Path
    known: Mapping[str, Any]
    near: tuple[Path, ...]

    @property
    def name(self) -> str:
        """What the file or the folder is called."""
        path = self.known["input"].get("path")
        return PureWindowsPath(path).name if path else self.folder.name

    @property
    def channel(self) -> int:
        """Which channel of the recording was used."""
        channel: int = self._settings("recording", RecordingSettings).channel
        return channel

    @property
    def cleaned_with(self) -> CleanSettings | None:
        """What made its calls; None where nothing says so."""
        return self._settings("clean", CleanSettings) if self._values("clean") else None

    def reading_pages(self) -> Steps[SpectrogramStack]:
        """Its pages, rendered as they were, from files that are known to be the same."""
        failures = []
        for path in self._there():
            try:
                return (yield from self._reading(path))
            except InputError as error:  # another file of that name; its own may lie elsewhere
                failures.append(error)
        raise failures[0]

    def _reading(self, path: Path) -> Steps[SpectrogramStack]:
        if holds_images(path):
            stack = yield from reading_images(path, self._settings("images", ImageSettings))
        else:
            stack = open_recording(
                path,
                self._settings("recording", RecordingSettings),
                self._settings("render", RenderSettings),
            )
        self._check_same(path, stack)
        if stack.layout.n_pages != self.known["pages"]:
            msg = (
                f"{self.folder}: is a result of {self.known['pages']} pages, {path} gives "
                f"{stack.layout.n_pages} now: segment it again"
            )
            raise InputError(msg)
        return stack

    def _there(self) -> list[Path]:
        path, sha256 = self.known["input"].get("path"), self.known["input"].get("sha256")
        if not path or not sha256:
            msg = f"{self.folder}: does not say which file it was made from: export its session"
            raise InputError(msg)
        places = [Path(path), *(folder / self.name for folder in self.near)]
        there = [place for place in places if place.exists()]
        if not there:
            msg = f"{path}: is not there any more: name the folder that it is in now with --near"
            raise InputError(msg)
        return there

    def _check_same(self, path: Path, stack: SpectrogramStack) -> None:
        files = stack.origin.files if stack.origin is not None else (path,)
        sha256 = sha256_of(seal(files), together=True) if path.is_dir() else file_sha256(path)
        if sha256 != self.known["input"]["sha256"]:
            msg = (
                f"{path}: has changed since {self.folder} was made of it, so its masks may lie "
                "elsewhere than its calls: segment it again, or name the folder of the file that "
                "it was made of with --near"
            )
            raise InputError(msg)

    def _values(self, name: str) -> Any:
        return self.known["settings"].get(name)

    def _settings(self, name: str, kind: Any) -> Any:
        try:
            return kind.model_validate(self._values(name) or {})
        except ValidationError as error:
            msg = (
                f"{self.folder}: was made with settings that this version does not know "
                f"({first_fault(error, of=name)}): update napari-squeakout, or segment again"
            )
            raise InputError(msg) from error


def _record_of(folder: Path) -> dict[str, Any]:
    """What its record says, with all that is used of it."""
    try:
        known = finite_json(plain_text(folder / RECORD))
    except (OSError, ValueError, RecursionError) as error:
        msg = f"{folder}: {_what_it_is(folder)}: {_REMEDY}"
        raise InputError(msg) from error
    if not isinstance(known, dict) or known.get("program") != PROGRAM or EXPORT in known:
        msg = f"{folder}: is no result of this program: {_REMEDY}"
        raise InputError(msg)
    known = {"not_segmented": [], "notes": [], **known}
    wanted = {"input": dict, "settings": dict, "files": dict, "pages": int, "calls": int}
    for name, kind in (wanted | {"not_segmented": list, "notes": list}).items():
        if not isinstance(known.get(name), kind):
            msg = f"{folder / RECORD}: is damaged ({name}): segment again"
            raise InputError(msg)
    path, pages = known["input"].get("path"), known["not_segmented"]
    if not isinstance(path, str | None) or not all(isinstance(page, int) for page in pages):
        msg = f"{folder / RECORD}: is damaged (input or not_segmented): segment again"
        raise InputError(msg)
    if not _counts_approved(known):
        msg = f"{folder / RECORD}: is damaged (review): save the result again"
        raise InputError(msg)
    if TABLE not in known["files"]:
        msg = f"{folder}: is no result with a table of calls: {_REMEDY}"
        raise InputError(msg)
    return known


def _counts_approved(known: Mapping[str, Any]) -> bool:
    """Whether it says how many pages were approved, or rightly nothing: nobody was asked."""
    if "review" not in known:
        return True
    review = known["review"]
    n_approved = review.get("approved") if isinstance(review, dict) else None
    return isinstance(n_approved, int) and 0 <= n_approved <= known["pages"]


def _approved(known: Mapping[str, Any], changed: Sequence[str]) -> int | None:
    """Pages that a person had approved; calls that were changed since are not those."""
    if "review" not in known:
        return None
    is_changed = any(name.startswith(_OF_CALLS) for name in changed)
    return 0 if is_changed else int(known["review"]["approved"])


def _what_it_is(place: Path) -> str:
    """Why something is no result: the path may be mistyped, or that of the recording."""
    if not place.exists():
        return "is not there"
    if not place.is_dir():
        return "is a file, and no folder of a result"
    return f"is no result, {RECORD} is not there or cannot be read"


def _is_changed(path: Path, sha256: Any) -> bool:
    try:
        return bool(file_sha256(path) != sha256)
    except InputError:  # gone, or emptied
        return True
