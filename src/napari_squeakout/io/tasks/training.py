"""Train a network from scratch, or further: from pages drawn or read to a model that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric

from napari_squeakout.core.fine_tuning.model_cards import trained_model
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.numerals import counted
from napari_squeakout.core.settings import Levels, RenderSettings
from napari_squeakout.core.steps import Steps
from napari_squeakout.core.training.batches import TrainingPages
from napari_squeakout.core.training.loop import teaching
from napari_squeakout.core.training.state import TrainResult
from napari_squeakout.core.training_settings import SynthesisSettings, TrainSettings
from napari_squeakout.io.models.keeping import Kept, keep_model
from napari_squeakout.io.models.registry import check_is_free, load_model
from napari_squeakout.io.models.training_state import StateFile
from napari_squeakout.io.training_pages.pages import drawing_pages, read_background, reading_pairs


@dataclass(frozen=True, kw_only=True)
class SyntheticPages:
    """Pages that are drawn.

    Parameters
    ----------
    n_pages : int
        With calls and without, as the settings have it.
    n_call_free : int
        Further ones without calls and with three times as many disturbances.
    settings : SynthesisSettings
        What they are made of.
    backgrounds : tuple of (Path, Path)
        Recordings whose call-free parts lie under them, each with its table of calls.
    """

    n_pages: int
    n_call_free: int = 0
    settings: SynthesisSettings = SynthesisSettings()
    backgrounds: tuple[tuple[Path, Path], ...] = ()

    @property
    def data(self) -> str:
        """What they are, in words."""
        free = f" and {self.n_call_free} call-free" if self.n_call_free else ""
        recordings = counted(len(self.backgrounds), "recording")
        return f"{counted(self.n_pages, 'synthetic page')}{free}, background from {recordings}"

    def gathering(self, levels: Levels) -> Steps[tuple[TrainingPages, tuple[str, ...]]]:
        """Draw them; with what is to be known of them."""
        real = [read_background(*pair) for pair in self.backgrounds]
        pages = yield from drawing_pages(
            self.n_pages,
            self.settings,
            backgrounds=real,
            call_free=self.n_call_free,
            levels=levels,
        )
        return pages, ()


@dataclass(frozen=True, kw_only=True)
class PagesOfFolders:
    """Images and their masks, matched by stem."""

    images: Path
    masks: Path

    @property
    def data(self) -> str:
        """What they are, in words."""
        return f"{self.images} with {self.masks}"

    def gathering(self, levels: Levels) -> Steps[tuple[TrainingPages, tuple[str, ...]]]:
        """Read them; with what is to be known of them."""
        pairs = yield from reading_pairs(self.images, self.masks, levels)
        return TrainingPages(pairs.pages, pairs.masks), pairs.notes


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of a training.

    Parameters
    ----------
    model : Model
        The new one, under the name it is kept by.
    kept : Kept
        Where it is.
    result : TrainResult
        Its course.
    notes : tuple of str
        What is to be known of the pages.
    """

    model: Model
    kept: Kept
    result: TrainResult
    notes: tuple[str, ...]


def training(
    name: str,
    source: SyntheticPages | PagesOfFolders,
    settings: TrainSettings,
    *,
    base: str | None = None,
    levels: Levels | None = None,
    checkpoint: Path | None = None,
    fabric: Fabric | None = None,
) -> Steps[Trained | None]:
    """Train a network and keep it as a model.

    Parameters
    ----------
    name : str
        What to call it; no other model may be called that.
    source : SyntheticPages or PagesOfFolders
        What it learns from.
    settings : TrainSettings
        The recipe.
    base : str, optional
        Name or file of the model to go on from.
    levels : {"noise", "page"}, optional
        What grey is to mean to it; by default as to the base, without one levelled by the noise.
    checkpoint : Path, optional
        File to keep the state in after each epoch, and to go on from where it exists.
    fabric : Fabric, optional
        Device and precision, launched; by default what the machine has.

    Returns
    -------
    Trained or None
        None in all processes but the first, where several share the work.

    Raises
    ------
    SqueakOutError
        If the name cannot be given, or pages, base or checkpoint cannot be used.
    """
    check_is_free(name)
    begin = None if base is None else load_model(base)
    rendering = RenderSettings() if begin is None else begin.card.rendering
    if levels is not None:
        rendering = rendering.model_copy(update={"levels": levels})
    data, notes = yield from source.gathering(rendering.levels)
    result = yield from teaching(
        data,
        settings,
        network=None if begin is None else begin.network(),
        checkpoint=None if checkpoint is None else StateFile(checkpoint),
        fabric=fabric,
    )
    if fabric is not None and not fabric.is_global_zero:
        return None
    drawn = source.settings if isinstance(source, SyntheticPages) else SynthesisSettings()
    recipe: dict[str, Any] = {"train": settings.model_dump(), "synthesis": drawn.model_dump()}
    recipe |= {} if base is None else {"base": base}
    model = trained_model(
        name, result, source.data, recipe, pages=data.pages, base=begin, rendering=rendering
    )
    kept = keep_model(model, () if checkpoint is None else (checkpoint.parent,))
    return Trained(model=model.renamed(kept.name), kept=kept, result=result, notes=notes)
