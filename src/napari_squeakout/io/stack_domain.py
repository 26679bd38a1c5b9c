"""What kind of pages a stack holds, told from some of them."""

from __future__ import annotations

import numpy as np

from napari_squeakout.core.domain import Domain, domain_note, domain_of
from napari_squeakout.core.rendering import view_as
from napari_squeakout.core.settings import Levels
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.weights import Model

from .audio import read_recording

# A page takes some ms to render; their middle one is what counts.
_LOOKED_AT = 24


def domain_of_stack(stack: SpectrogramStack, levels: Levels) -> Domain | None:
    """The fingerprint of pages from all over a stack, as a model sees them.

    None where none has any contrast.

    Raises
    ------
    InputError
        If the stack's recording is no longer there.
    """
    last = stack.layout.n_pages - 1
    numbers = np.unique(np.linspace(0, last, min(_LOOKED_AT, last + 1)).round().astype(int))
    look = view_as(stack, levels)
    return domain_of((look(int(number)) for number in numbers), _rates(stack))


def domain_warning(stack: SpectrogramStack, model: Model) -> str | None:
    """What to say where a stack lies far from what a model learned from; else None."""
    learned = model.card.domain
    if learned is None:
        return None
    return domain_note(model.name, learned, domain_of_stack(stack, model.card.rendering.levels))


def _rates(stack: SpectrogramStack) -> tuple[int, ...]:
    origin = stack.origin
    if origin is None or origin.kind != "recording":
        return ()
    return tuple(read_recording(file).sample_rate_hz for file in origin.files)
