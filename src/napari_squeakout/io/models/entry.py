"""A model as it stands in lists: what it is called, where it is, and whether it can be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from napari_squeakout.core.errors import ModelError
from napari_squeakout.core.settings import RenderSettings

from .files import known_card

#: With the package, of the authors, or the lab's.
Kind = Literal["bundled", "published", "own"]


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A model that can be named.

    Parameters
    ----------
    name, title : str
        What it is called, and called in full.
    kind : str
        "bundled" with the package, "published" by the authors, or the lab's "own".
    installed : bool
        Whether it is on this machine.
    path : Path, optional
        Its weights; None where not installed.
    rendering : RenderSettings
        What it expects of pages.
    is_whole : bool
        Whether its card and the frame of its weights can be read.
    is_default, was_default : bool
        Whether it is used when none is named, and whether it was before, to go back to.
    """

    name: str
    kind: Kind
    installed: bool
    path: Path | None
    title: str
    rendering: RenderSettings = field(default_factory=RenderSettings)
    is_whole: bool = True
    is_default: bool = False
    was_default: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether no new model can be called that: the authors' name is theirs from the start."""
        return self.installed or self.kind == "published"


def entry_of(name: str, kind: Kind, weights: Path) -> ModelEntry:
    """An installed model for a list, which one spoilt model must not break."""
    try:
        card = known_card(weights)
    except ModelError:
        title = f"{weights.stem} (it or its card cannot be read)"
        return ModelEntry(
            name=name, kind=kind, installed=True, path=weights, title=title, is_whole=False
        )
    if card is None:
        return ModelEntry(name=name, kind=kind, installed=True, path=weights, title=weights.stem)
    return ModelEntry(
        name=name,
        kind=kind,
        installed=True,
        path=weights,
        title=card.title or weights.stem,
        rendering=card.rendering,
    )


def usable_names(entries: list[ModelEntry]) -> set[str]:
    """Names of those that are here and can be read."""
    return {entry.name for entry in entries if entry.installed and entry.is_whole}
