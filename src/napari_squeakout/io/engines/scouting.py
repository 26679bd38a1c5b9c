"""Model -> what says where its calls may be: a scout only with the model it was judged with."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

import safetensors

from napari_squeakout.core.detection.scout import Scout
from napari_squeakout.core.detection.silence import LoudColumns, loud_columns
from napari_squeakout.core.model.model import Model

#: Where its file says which model marked nothing that it missed, by fingerprint.
JUDGED_WITH = "judged_with"


def loud_columns_for(model: Model) -> LoudColumns:
    """What says in which columns of a page a model may find a call.

    Parameters
    ----------
    model : Model
        Whose calls are looked for. Another model than the one that the scout was judged with may
        have been taught calls that the scout knows nothing of: with it all counts that stands out
        of the noise.
    """
    scout, judged_with = _bundled()
    return scout if model.fingerprint == judged_with else loud_columns


def scout_file() -> Path:
    """The weights that come with the package; not among the models, for it is none."""
    folder = resources.files("napari_squeakout") / "weights" / "scout"
    return Path(str(folder / "scout.safetensors"))


def read_scout(path: Path) -> tuple[Scout, str]:
    """A scout, and the fingerprint of the model that it was judged with."""
    with safetensors.safe_open(path, framework="pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return Scout(weights), (file.metadata() or {}).get(JUDGED_WITH, "")


@lru_cache(maxsize=1)
def _bundled() -> tuple[Scout, str]:
    return read_scout(scout_file())
