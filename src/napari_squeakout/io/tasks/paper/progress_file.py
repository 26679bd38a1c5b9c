"""What of a data set is made already: masks after each step, and how each step went."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.io.files import atomic_file
from napari_squeakout.io.plain_files import finite_json, plain_text

#: Kinds of steps that leave masks.
MASKED = "aef"
_RECORD = "steps.json"


@dataclass(frozen=True, kw_only=True)
class Done:
    """A step that is over.

    Parameters
    ----------
    label : str
        `a`, `b`, `c1`, `d1`, ...
    identity : str
        Hash of all that it depends on.
    seconds : float
        How long it took, or what of it came after the last kill.
    figures : dict
        What it came to.
    pages : str
        Hash of the pages that it is of.
    measured_by : str
        Hash of the true masks that say so.
    """

    label: str
    identity: str
    seconds: float
    figures: dict[str, Any] = field(default_factory=dict)
    pages: str = ""
    measured_by: str = ""


class ProgressFile:
    """The steps of one folder, as far as they are over.

    Parameters
    ----------
    folder : Path
        Where they and their masks are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def done(self) -> list[Done]:
        """Those that are over, in their order; none where the record cannot be read."""
        try:
            known = finite_json(plain_text(self.folder / _RECORD))
            return [Done(**one) for one in known]
        except (OSError, ValueError, TypeError):
            return []

    def find(self, label: str, identity: str) -> Done | None:
        """A step, if it was done with all that it depends on as it is now."""
        return next((d for d in self.done() if (d.label, d.identity) == (label, identity)), None)

    def write(self, done: Sequence[Done]) -> None:
        """Take down which steps are over: these, and no others."""
        with atomic_file(self.folder / _RECORD) as draft:
            steps = [asdict(one) for one in done]
            draft.write_text(json.dumps(steps, indent=1), encoding="utf-8")

    def masks(self, label: str) -> PackedPages:
        """The masks after a step."""
        return PackedPages(np.load(self.folder / f"masks_{label}.npy", mmap_mode="r"))

    def last_masks(self, over: Sequence[Done], noise: NDArray[np.bool_]) -> Emptied:
        """The newest masks of some steps; pages that are said to be noise have none.

        Parameters
        ----------
        over : sequence of Done
            Steps that are over, one of them an (a).
        noise : NDArray
            (n,) bool.
        """
        label = next(done.label for done in reversed(over) if done.label[0] in MASKED)
        return Emptied(self.masks(label), noise)

    @contextmanager
    def writing_masks(self, label: str, n_pages: int) -> Iterator[PackedPages]:
        """Room for the masks after a step; they are there when the block ends well."""
        with atomic_file(self.folder / f"masks_{label}.npy") as draft:
            shape = (n_pages, PAGE_PX, PAGE_PX // 8)
            masks = PackedPages(np.lib.format.open_memmap(draft, "w+", np.uint8, shape))
            yield masks
            masks.close()

    def doubts_path(self, label: str) -> Path:
        """File of the probabilities of a step."""
        return self.folder / f"probabilities_{label}.npy"


class PackedPages:
    """Masks at a bit a pixel: an array (n, 512, 512) of bool to whoever indexes it.

    Parameters
    ----------
    bits : NDArray
        (n, 512, 64) uint8.
    """

    dtype = np.dtype(np.bool_)

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        self.bits = bits

    def close(self) -> None:
        """Let the file go, written: Windows gives no new name to one that is open."""
        if isinstance(self.bits, np.memmap):
            self.bits.flush()
        self.bits = np.zeros((0, PAGE_PX, PAGE_PX // 8), np.uint8)

    def __len__(self) -> int:
        return len(self.bits)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, 512, 512)."""
        return (len(self.bits), PAGE_PX, PAGE_PX)

    def __getitem__(self, index: int) -> NDArray[np.bool_]:
        return np.unpackbits(np.asarray(self.bits[index]), axis=-1).astype(bool)

    def __setitem__(self, index: int, mask: NDArray[np.bool_]) -> None:
        self.bits[index] = np.packbits(mask, axis=-1)


@dataclass(frozen=True)
class Emptied:
    """Masks whose pages of noise are empty.

    Parameters
    ----------
    masks : PackedPages
        As they are.
    noise : NDArray
        (n,) bool.
    """

    masks: PackedPages
    noise: NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, 512, 512)."""
        return self.masks.shape

    def __getitem__(self, index: int) -> NDArray[np.bool_]:
        mask = self.masks[index]
        return np.zeros_like(mask) if self.noise[index] else mask

    def fingerprint(self) -> str:
        """Hash of them."""
        digest = hashlib.sha256(self.noise.tobytes())
        for index in range(len(self.masks)):
            digest.update(np.packbits(self[index]).tobytes())
        return digest.hexdigest()
