"""Take away what a run that was killed while it saved its model has left."""

from __future__ import annotations

from pathlib import Path

from .events import SavingEvent
from .folder import PROCESS, EventsHeard, read_json


def unsave(folder: Path) -> None:
    """Remove the model of a run that had not yet said that it was done; nothing of anybody else's.

    Parameters
    ----------
    folder : Path
        Of a run whose process is gone.
    """
    heard = EventsHeard().listen(folder)
    saving = heard.latest(SavingEvent)
    # Of a line that a disk has spoilt, too, it is known that the model is done.
    if saving is None or "done" in heard.kinds:
        return
    from napari_squeakout.core.errors import ModelError
    from napari_squeakout.core.model.card import is_name
    from napari_squeakout.io.drafts import clear_leftovers
    from napari_squeakout.io.models.files import card_path, models_folder
    from napari_squeakout.io.models.registry import load_model, remove_model

    name = saving.name
    if not is_name(name):  # a disk has spoilt the line
        return
    weights = models_folder() / f"{name}.safetensors"
    # Named by the process that was writing them.
    for draft in weights.parent.glob(f".{name}.*.{read_json(folder / PROCESS).get('pid')}"):
        draft.unlink(missing_ok=True)
    clear_leftovers(weights.parent, again=True)
    if not weights.exists():
        card_path(weights).unlink(missing_ok=True)
        return
    try:
        # Another model may have got the name at the last moment.
        ours = load_model(weights).fingerprint == saving.fingerprint
    except ModelError:
        return
    if ours:
        remove_model(name)
