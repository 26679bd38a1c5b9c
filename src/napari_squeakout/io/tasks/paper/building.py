"""From spectrograms and first masks to training masks, step by step as the paper went."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from napari_squeakout.core.baselines.settings import (
    DatasetSettings,
    UNetSettings,
    VocalMatSettings,
)
from napari_squeakout.core.baselines.thinning import thinned
from napari_squeakout.core.baselines.unet import UNet
from napari_squeakout.core.baselines.vocalmat import vocalmat_mask
from napari_squeakout.core.detection.clean import is_call
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.morphology import BoolImage
from napari_squeakout.core.scoring.mask_scores import dice_scores
from napari_squeakout.core.steps import Progress, Steps, passing_on
from napari_squeakout.core.training.batches import TrainingPages
from napari_squeakout.core.training_settings import TrainSettings
from napari_squeakout.io.files import atomic_file

from .learning import (
    LEAST_TO_LEARN,
    Kept,
    Split,
    answering,
    learning_masks,
    learning_to_reconstruct,
    sides_of,
)
from .progress_file import MASKED, Done, Emptied, ProgressFile
from .store import Stored

T = TypeVar("T")

#: The steps in their order; c to f come again for each thinning.
STEPS = ("a", "b", "c", "d", "e", "f")
_ALL = frozenset(STEPS)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a data set is made: the settings of all that takes part."""

    dataset: DatasetSettings = DatasetSettings()
    vocalmat: VocalMatSettings = VocalMatSettings()
    unet: UNetSettings = UNetSettings()
    train: TrainSettings = TrainSettings()


@dataclass(kw_only=True)
class Build:
    """A data set in the making.

    Parameters
    ----------
    stored : Stored
        Its pages.
    progress : ProgressFile
        What is over.
    recipe : Recipe
        How it is made.
    first : mapping
        Page -> first mask that somebody gave; the others are VocalMat's.
    truth : mapping
        Page -> true mask, to measure each step by; may be empty.
    """

    stored: Stored
    progress: ProgressFile
    recipe: Recipe
    first: Mapping[int, BoolImage] = field(default_factory=dict, repr=False)
    truth: Mapping[int, BoolImage] = field(default_factory=dict, repr=False)
    _network: UNet | None = field(default=None, repr=False)

    def building(self, kinds: frozenset[str] = _ALL) -> Steps[list[Done]]:
        """Do what is due, up to the first step that is not asked for.

        Returns
        -------
        list of Done
            All that is over, in order.
        """
        over: list[Done] = []
        identity = self._identity()
        for label in self._labels():
            identity = hashlib.sha256(f"{identity}{label}".encode()).hexdigest()
            known = self.progress.find(label, identity)
            if known is None and label[0] not in kinds:
                break
            if known is None:
                # What comes behind it was made of what it is about to replace.
                self.progress.write(over)
                began = time.monotonic()
                figures = yield from self._doing(label)
                seconds = round(time.monotonic() - began, 1)
                known = Done(
                    label=label,
                    identity=identity,
                    seconds=seconds,
                    figures=figures,
                    pages=self.stored.fingerprint,
                    measured_by=self._truth_mark,
                )
                self.progress.write([*over, known])
            elif known.measured_by != self._truth_mark and label[0] in MASKED:
                known = replace(known, figures={**known.figures, **self._figures(label)})
            over.append(known)
            if label[0] == "f" and not known.figures["thinned_pages"]:
                break
        return over

    def last_masks(self, over: list[Done]) -> Emptied:
        """The newest masks; pages that are said to be noise have none."""
        return self.progress.last_masks(over, self.stored.is_noise)

    def _labels(self) -> list[str]:
        again = range(1, self.recipe.dataset.most_thinnings + 1)
        # What was thinned is learned once more each time, so that the network has the last word.
        rounds = [(f"f{n}", f"c{n + 1}", f"d{n + 1}", f"e{n + 1}") for n in again]
        return ["a", "b", "c1", "d1", "e1", *chain.from_iterable(rounds)]

    def _doing(self, label: str) -> Steps[dict[str, Any]]:
        kind, number = label[0], int(label[1:] or 0)
        if kind == "a":
            return (yield from self._segmenting())
        if kind == "b":
            return (yield from self._reconstructing())
        if kind in "cd":
            return (yield from self._learning(kind, number))
        return (yield from (self._enhancing(number) if kind == "e" else self._thinning(number)))

    def _segmenting(self) -> Steps[dict[str, Any]]:
        """(a) First masks."""
        n_pages = len(self.stored.names)
        with self.progress.writing_masks("a", n_pages) as masks:
            for index in range(n_pages):
                page = np.asarray(self.stored.pages[index], np.float32) / 255
                given = self.first.get(index)
                masks[index] = vocalmat_mask(page, self.recipe.vocalmat) if given is None else given
                yield Progress(index + 1, n_pages, "images (a: first masks)")
        return {"given": len(self.first), **self._figures("a")}

    def _reconstructing(self) -> Steps[dict[str, Any]]:
        """(b) Pages given back as they are."""
        network = UNet(self.recipe.unet)
        settings = self._train(self.recipe.dataset.reconstruct_epochs)
        kept, split = (
            Kept(self.progress.folder, "b"),
            self._split(np.arange(len(self.stored.names))),
        )
        steps = learning_to_reconstruct(
            kept, network, self.stored.pages, split, settings, self.stored.fingerprint
        )
        history = yield from _telling_step(steps, "b: reconstruction")
        self._network = network
        return {"passes": len(history), "accuracy": max(one["accuracy"] for one in history)}

    def _learning(self, kind: str, number: int) -> Steps[dict[str, Any]]:
        """(c) The masks of pages with calls, or (d) those and that noise has none."""
        label, before = f"{kind}{number}", "a" if number == 1 else f"f{number - 1}"
        network = yield from self._bringing_network(kind, number)
        noise = self.stored.is_noise
        masks = Emptied(self.progress.masks(before), noise)
        pages = np.flatnonzero(~noise) if kind == "c" else np.arange(len(noise))
        sizes = self.recipe.dataset
        settings = self._train(sizes.call_epochs if kind == "c" else sizes.noise_epochs)
        data = TrainingPages(self.stored.pages, cast(NDArray[np.bool_], masks))
        if label == "c1":
            network.expecting(float(np.mean([masks[int(index)].mean() for index in pages])))
        about = f"{self.stored.fingerprint}{masks.fingerprint()}"
        what = "calls" if kind == "c" else "calls and noise"
        kept = Kept(self.progress.folder, label)
        steps = learning_masks(kept, network, data, self._split(pages), settings, about)
        history = yield from _telling_step(steps, f"{label}: {what}")
        self._network = network
        best = max(one["validation_dice"] for one in history)
        return {"passes": len(history), "validation_dice": best}

    def _enhancing(self, number: int) -> Steps[dict[str, Any]]:
        """(e) What the network says in place of the masks that it learned."""
        network = yield from self._bringing_network("e", number)
        label, n_pages = f"e{number}", len(self.stored.names)
        threshold = self.recipe.dataset.learned_threshold
        with (
            self.progress.writing_masks(label, n_pages) as masks,
            atomic_file(self.progress.doubts_path(label)) as draft,
        ):
            values = np.lib.format.open_memmap(draft, "w+", np.uint8, self.stored.pages.shape)
            for index in range(n_pages):
                [answer] = answering(network, self.stored.pages, np.array([index]))
                values[index] = answer
                masks[index] = is_call(answer, threshold)
                yield Progress(index + 1, n_pages, f"images ({label}: enhanced masks)")
            values.flush()
            del values  # Windows gives no new name to a file that is open
        return self._figures(label)

    def _thinning(self, number: int) -> Steps[dict[str, Any]]:
        """(f) Thinner borders; pages of noise have none from here on."""
        before, label = self.progress.masks(f"e{number}"), f"f{number}"
        noise, changed = self.stored.is_noise, 0
        with self.progress.writing_masks(label, len(before)) as masks:
            for index in range(len(before)):
                mask = before[index]
                thin = np.zeros_like(mask) if noise[index] else thinned(mask)
                changed += bool(not noise[index] and (thin != mask).any())
                masks[index] = thin
                yield Progress(index + 1, len(before), f"images ({label}: thinned)")
        return {"thinned_pages": changed, **self._figures(label)}

    def _bringing_network(self, kind: str, number: int) -> Steps[UNet]:
        """The network as it stood before a step, from the files where nobody has it at hand."""
        if self._network is not None:
            return self._network
        before = {"c": "b" if number == 1 else f"d{number - 1}", "d": f"c{number}"}
        label = before.get(kind, f"d{number}")
        network = UNet(self.recipe.unet)
        Kept(self.progress.folder, label).take(network)
        self._network = network
        yield Progress(0, 1, "network read")
        return network

    def _train(self, epochs: int) -> TrainSettings:
        # The paper names augmentations for SqueakOut, and for no other network.
        return self.recipe.train.model_copy(update={"epochs": epochs, "augment": False})

    def _split(self, pages: NDArray[np.int64]) -> Split:
        if len(pages) < LEAST_TO_LEARN:
            msg = f"only {len(pages)} images to learn from: give more"
            raise InputError(msg)
        return sides_of(pages, self.recipe.train)

    def _figures(self, label: str) -> dict[str, Any]:
        """Dice against the truth where it is known; noise should be left empty in any case."""
        masks, noise = self.progress.masks(label), self.stored.is_noise
        truth = dict(self.truth)
        empty = np.zeros(masks.shape[1:], bool)
        truth |= {int(index): empty for index in np.flatnonzero(noise) if index not in truth}
        dice = {i: _dice(true, masks[i]) for i, true in sorted(truth.items())}
        calls = [value for index, value in dice.items() if not noise[index]]
        quiet = [value for index, value in dice.items() if noise[index]]
        return {
            "dice_calls": float(np.mean(calls)) if calls else None,
            "dice_noise": float(np.mean(quiet)) if quiet else None,
            "call_pixels": float(np.mean([masks[i].mean() for i in range(len(masks))])),
        }

    def _identity(self) -> str:
        recipe = [getattr(self.recipe, name).model_dump_json() for name in vars(self.recipe)]
        digest = hashlib.sha256("".join([self.stored.fingerprint, *recipe]).encode())
        digest.update(self.stored.is_noise.tobytes())
        return f"{digest.hexdigest()}{_mark_of(self.first)}"

    @cached_property
    def _truth_mark(self) -> str:
        return _mark_of(self.truth)


def _mark_of(masks: Mapping[int, BoolImage]) -> str:
    """Hash of masks and of which pages they are."""
    digest = hashlib.sha256()
    for index in sorted(masks):
        digest.update(f"{index} ".encode() + np.packbits(masks[index]).tobytes())
    return digest.hexdigest()


def _dice(true: BoolImage, found: BoolImage) -> float:
    return float(dice_scores(true[None], found[None])[0])


def _telling_step(steps: Steps[T], name: str) -> Steps[T]:
    """The same work, told with its step."""
    return passing_on(steps, lambda one: Progress(one.done, one.total, f"{one.what} ({name})"))
