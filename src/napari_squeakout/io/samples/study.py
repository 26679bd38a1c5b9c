"""A study to try group comparisons on: animals of two groups, one of which falls silent early."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.core.synthesis.pages import synthesise_recording
from napari_squeakout.core.synthesis.scenes import Scene
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.files import atomic_folder
from napari_squeakout.io.tables.calls import write_calls

from .synthetic import writing_scenes

#: Part of its recording in which an animal of each group calls.
CALLING = {"WT": 1.0, "KO": 0.4}


def writing_study(
    folder: str | Path, *, animals: int, seconds: float, settings: SynthesisSettings
) -> Steps[Path]:
    """Write a recording of each of so many animals a group, who they are, and their true calls.

    Parameters
    ----------
    folder : str or Path
        Must not exist, or be empty. Gets `m1_WT.wav` ... (250 kHz, 16 bit), `subjects.csv`
        (`recording`, `subject`, `group`) and `truth/m1_WT.csv` ...
    animals : int
        Of each group.
    seconds : float
        Length of each recording.
    settings : SynthesisSettings
        Levels and shares; the seed is the first animal's, each further one has the next.
        `empty_fraction` is left aside: when an animal calls is told by `CALLING`.

    Yields
    ------
    Progress
        By recording.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SqueakOutError
        If the folder has content or cannot be written.
    """
    groups = [group for group in CALLING for _ in range(animals)]
    rows = []
    with atomic_folder(folder) as draft:
        (draft / "truth").mkdir()
        for index, group in enumerate(groups):
            yield Progress(index, len(groups), "recordings")
            name = f"m{index + 1}_{group}"
            own = settings.model_copy(update={"seed": settings.seed + index})
            scenes = _animal(seconds, CALLING[group], own)
            for _ in writing_scenes(scenes, draft / f"{name}.wav", draft / "truth" / f"{name}.csv"):
                pass
            rows.append({"recording": name, "subject": f"m{index + 1}", "group": group})
        write_calls(pd.DataFrame(rows), draft / "subjects.csv")
        yield Progress(len(groups), len(groups), "recordings")
    return Path(folder)


def _animal(seconds: float, calling: float, settings: SynthesisSettings) -> Iterator[Scene]:
    """An animal that calls from the start on and then is silent, the recorder as loud in both.

    The level of a recorder is drawn first, by the seed, so that the two parts agree in it.
    """
    heard_s = calling * seconds
    yield from synthesise_recording(heard_s, settings.model_copy(update={"empty_fraction": 0.0}))
    silent = settings.model_copy(update={"empty_fraction": 1.0})
    yield from synthesise_recording(seconds - heard_s, silent)
