"""What kind of pages a stack holds, and what of its recording they do not show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.model.domain import Domain, domain_note, domain_of
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.rendering.band_edges import below_note, cut_note, finding_whistles
from napari_squeakout.core.rendering.mismatch import rendering_text
from napari_squeakout.core.rendering.polarity import are_swapped
from napari_squeakout.core.rendering.render import view_as
from napari_squeakout.core.rendering.resample import at_rate
from napari_squeakout.core.rendering.spectrogram import SAMPLE_RATE_HZ
from napari_squeakout.core.settings import Levels, RecordingSettings, RenderSettings
from napari_squeakout.core.stacks import CallTable, Page, SpectrogramStack
from napari_squeakout.core.steps import Steps

from .audio import read_recording

# A page takes some ms to render; their middle one is what counts.
_LOOKED_AT = 24


def domain_of_stack(stack: SpectrogramStack, levels: Levels) -> Domain | None:
    """The fingerprint of pages from all over a stack, as a model sees them.

    None where none has any contrast.
    """
    look = view_as(stack, levels)
    rates = () if stack.sample_rate_hz is None else (stack.sample_rate_hz,)
    return domain_of((look(number) for number in _some_numbers(stack)), rates)


def model_notes(stack: SpectrogramStack, model: Model) -> tuple[str, ...]:
    """What to say where a stack is not what a model was made for, or far from what it learned."""
    other = rendering_text(model.name, model.card.rendering, stack.layout)
    return tuple(note for note in (other, domain_warning(stack, model)) if note)


def domain_warning(stack: SpectrogramStack, model: Model) -> str | None:
    """What to say where a stack lies far from what a model learned from; else None."""
    swapped = polarity_warning(stack)
    if swapped is not None:
        return swapped
    learned = model.card.domain
    if learned is None:
        return None
    return domain_note(model.name, learned, domain_of_stack(stack, model.card.rendering.levels))


def polarity_warning(stack: SpectrogramStack, remedy: str = "") -> str | None:
    """What to say where images show calls dark on white; else None.

    Parameters
    ----------
    stack : SpectrogramStack
        Any.
    remedy : str
        What to do; by default to open them the other way round.
    """
    origin = stack.origin
    if (origin is not None and origin.kind == "recording") or not are_swapped(_some_pages(stack)):
        return None
    inverted = origin is not None and origin.settings.get("images", {}).get("invert", False)
    remedy = remedy or f"open them {'without' if inverted else 'with'} invert"
    return (
        "black and white are swapped: calls seem to be dark on white, and SqueakOut knows them "
        f"bright on black: {remedy}"
    )


def noting_band(stack: SpectrogramStack, calls: CallTable | None = None) -> Steps[tuple[str, ...]]:
    """What to say of sound below the band of a stack's recording, and of calls that the band cuts.

    Yields
    ------
    Progress
        Of listening below the band.
    """
    if stack.origin is None or stack.origin.kind != "recording":
        return ()
    settings = RenderSettings.model_validate(stack.origin.settings.get("render", {}))
    nyquist_hz = SAMPLE_RATE_HZ / 2
    try:
        found = []
        for sound in _recordings(stack):
            nyquist_hz = min(nyquist_hz, sound.sample_rate_hz / 2)
            found += yield from finding_whistles(at_rate(sound, SAMPLE_RATE_HZ), settings)
        below = below_note(found, settings, calls)
    except SqueakOutError as error:  # gone away meanwhile; the pages are done all the same
        below = f"what lies below the band was not looked at ({error})"
    cut = None if calls is None else cut_note(calls, stack.layout.grid, nyquist_hz)
    return tuple(note for note in (cut, below) if note is not None)


def _some_pages(stack: SpectrogramStack) -> Iterator[Page]:
    return (stack.page(number) for number in _some_numbers(stack))


def _some_numbers(stack: SpectrogramStack) -> list[int]:
    last = stack.layout.n_pages - 1
    numbers = np.unique(np.linspace(0, last, min(_LOOKED_AT, last + 1)).round().astype(int))
    return [int(number) for number in numbers]


def _recordings(stack: SpectrogramStack) -> list[Recording]:
    origin = stack.origin
    if origin is None or origin.kind != "recording":
        return []
    settings = RecordingSettings.model_validate(origin.settings.get("recording", {}))
    return [read_recording(file, settings) for file in origin.files]
