"""What a fine-tuning is to do, as the command that does it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from napari_squeakout.core.training_settings import FineTuneSettings


@dataclass(frozen=True, kw_only=True)
class TrainingOrder:
    """What to learn from and how; `squeakout fine-tune` as a noun.

    Parameters
    ----------
    name : str
        What to call the new model.
    sessions : tuple of Path
        Sessions whose approved pages are learned from.
    folders : tuple of (Path, Path)
        Folders of images, each with that of its masks.
    near : tuple of Path
        More folders to look for the sessions' files in.
    base : str, optional
        Name or file of the model to begin with; None is the bundled one.
    settings : FineTuneSettings
        The recipe.
    learning_curve : bool
        Whether to learn from a quarter and half of the pages too.
    """

    name: str
    sessions: tuple[Path, ...] = ()
    folders: tuple[tuple[Path, Path], ...] = ()
    near: tuple[Path, ...] = ()
    base: str | None = None
    settings: FineTuneSettings = field(default_factory=FineTuneSettings)
    learning_curve: bool = False

    def arguments(self, run_folder: Path | None = None) -> list[str]:
        """The arguments of `squeakout`; of the settings only those that are not the defaults.

        Parameters
        ----------
        run_folder : Path, optional
            Where the run keeps what it tells; without, it tells a person.
        """
        images, masks = [pair[0] for pair in self.folders], [pair[1] for pair in self.folders]
        words = ["fine-tune", "--name", self.name]
        for flag, paths in (
            ("--session", self.sessions),
            ("--images", images),
            ("--masks", masks),
            ("--search-folder", self.near),
        ):
            words += [flag, *(str(path.absolute()) for path in paths)] if paths else []
        words += ["--base", _from_anywhere(self.base)] if self.base is not None else []
        words += _flags(self.settings)
        words += ["--learning-curve"] if self.learning_curve else []
        if run_folder is None:
            return words
        # For a program, so that what it says to people is not taken for its last words.
        return [*words, "--run-folder", str(run_folder.absolute()), "--json-lines"]

    def command_line(self) -> str:
        """The whole command, to be copied into a terminal or a cluster's script."""
        return shlex.join(["squeakout", *self.arguments()])

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "name": self.name,
            "sessions": [str(path.absolute()) for path in self.sessions],
            "folders": [[str(a.absolute()), str(b.absolute())] for a, b in self.folders],
            "near": [str(path.absolute()) for path in self.near],
            "base": self.base,
            "settings": self.settings.model_dump(),
            "learning_curve": self.learning_curve,
            "command": self.command_line(),
        }


def _from_anywhere(base: str) -> str:
    """The name of a model as it is, and the path of a file from the root: a run is elsewhere."""
    path = Path(base).expanduser()
    return str(path.absolute()) if path.suffix and path.is_file() else base


def _flags(settings: FineTuneSettings) -> Iterator[str]:
    usual = FineTuneSettings()
    for name, value in settings.model_dump().items():
        if value == getattr(usual, name):
            continue
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            yield f"--{flag}" if value else f"--no-{flag}"
        else:
            yield from (f"--{flag}", str(value))
