"""Pages and masks on disk beside each other, so that thousands need no memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.io.files import atomic_file, file_sha256
from napari_squeakout.io.plain_files import finite_json, plain_text

from .pairs import Pair, read_page
from .places import ImageFile

#: Files of a store.
PAGES, MASKS, INDEX = "pages.npy", "masks.npy", "pages.json"
_NAME, _KIND, _FILE = range(3)
_Read = Callable[[], tuple[NDArray[np.uint8], NDArray[np.bool_] | None]]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Pages, and masks where there are some, mapped from disk.

    Parameters
    ----------
    names, kinds, files, sha256 : tuple of str
        Of each page its name, its class, and the image that it is of.
    pages : NDArray
        (n, 512, 512) uint8.
    masks : NDArray or None
        (n, 512, 512) bool.
    problems : tuple of str
        What could not be read, a sentence each; it has no page.
    fingerprint : str
        Hash of all pages and masks.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    files: tuple[str, ...]
    sha256: tuple[str, ...]
    pages: NDArray[np.uint8] = field(repr=False)
    masks: NDArray[np.bool_] | None = field(repr=False)
    problems: tuple[str, ...]
    fingerprint: str

    @property
    def is_noise(self) -> NDArray[np.bool_]:
        """(n,) whether a page is said to hold no call."""
        return np.array([ImageFile("", Path(), kind).is_noise for kind in self.kinds], bool)


def storing_images(images: Sequence[ImageFile], folder: Path) -> Steps[Stored]:
    """Write images as pages into a folder, or take those that an earlier call has written.

    Raises
    ------
    InputError
        If none can be read.
    """
    asked = [_asked(one) for one in images]
    return (yield from _storing(asked, [_page_of(one) for one in images], folder))


def storing_pairs(pairs: Sequence[Pair], folder: Path) -> Steps[Stored]:
    """As `storing_images`, with their masks."""
    # A mask that was corrected is another one, though its image is the same.
    asked = [[*_asked(one.image), one.mask_name, *_stamp(Path(one.mask_name))] for one in pairs]
    return (yield from _storing(asked, [pair.read for pair in pairs], folder, masked=True))


def open_store(folder: Path) -> Stored:
    """The pages that an earlier call has stored; InputError where there are none."""
    stored = _earlier(folder, None, masked=False)
    if stored is None:
        msg = f"{folder}: holds no pages: build the data set first"
        raise InputError(msg)
    return stored


def _asked(image: ImageFile) -> list[Any]:
    return [image.name, image.kind, str(image.path), *_stamp(image.path)]


def _page_of(image: ImageFile) -> _Read:
    return lambda: (read_page(image.path)[0], None)


def _storing(
    asked: list[list[Any]], reads: Sequence[_Read], folder: Path, *, masked: bool = False
) -> Steps[Stored]:
    earlier = _earlier(folder, asked, masked=masked)
    if earlier is not None:
        return earlier
    folder.mkdir(parents=True, exist_ok=True)
    shape = (len(asked), PAGE_PX, PAGE_PX)
    good: list[int] = []
    problems: list[str] = []
    whole = hashlib.sha256()
    with atomic_file(folder / PAGES) as pages_draft, atomic_file(folder / MASKS) as masks_draft:
        pages = np.lib.format.open_memmap(pages_draft, "w+", np.uint8, shape)
        masks = np.lib.format.open_memmap(masks_draft, "w+", np.bool_, shape if masked else (0,))
        for index, read in enumerate(reads):
            try:
                page, mask = read()
            except InputError as error:
                problems.append(str(error))
            else:
                pages[len(good)] = page
                whole.update(page.tobytes())
                if mask is not None:
                    masks[len(good)] = mask
                    whole.update(np.packbits(mask).tobytes())
                good.append(index)
            yield Progress(index + 1, len(reads), "images")
        if not good:
            msg = f"none of {len(asked)} images can be used; the first: {problems[0]}"
            raise InputError(msg)
        pages.flush()
        masks.flush()
        # Killed between here and the new index, other pages would go by the names of the old one.
        (folder / INDEX).unlink(missing_ok=True)
        del pages, masks  # Windows gives no new name to a file that is open
    index_of = {
        "asked": asked,
        "good": good,
        "masked": masked,
        "problems": problems,
        "fingerprint": whole.hexdigest(),
        "sha256": [file_sha256(asked[i][_FILE]) for i in good],
    }
    with atomic_file(folder / INDEX) as draft:
        draft.write_text(json.dumps(index_of), encoding="utf-8")
    stored = _earlier(folder, asked, masked=masked)
    if stored is None:
        msg = f"{folder}: was changed while images were read: leave it alone and try again"
        raise InputError(msg)
    return stored


def _earlier(folder: Path, asked: list[list[Any]] | None, *, masked: bool) -> Stored | None:
    """What is there already, if it is of just these files as they are now; None asks for any."""
    try:
        known = finite_json(plain_text(folder / INDEX))
        if (asked is not None and known["asked"] != asked) or known["masked"] != masked:
            return None
        good = known["good"]
        pages = np.load(folder / PAGES, mmap_mode="r")[: len(good)]
        masks = np.load(folder / MASKS, mmap_mode="r")[: len(good)] if masked else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    of = [known["asked"][index] for index in good]
    return Stored(
        names=tuple(one[_NAME] for one in of),
        kinds=tuple(one[_KIND] for one in of),
        files=tuple(one[_FILE] for one in of),
        sha256=tuple(known["sha256"]),
        pages=pages,
        masks=masks,
        problems=tuple(known["problems"]),
        fingerprint=known["fingerprint"],
    )


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time; nothing of a file that is gone, as where a link leads nowhere."""
    try:
        known = path.stat()
    except OSError:
        return 0, 0
    return known.st_size, known.st_mtime_ns
