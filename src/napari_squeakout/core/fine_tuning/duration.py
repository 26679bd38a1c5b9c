"""About how long a fine-tuning takes on this machine, from one look at a page."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

from napari_squeakout.core.detection.devices import choose_device
from napari_squeakout.core.layout import PAGE_PX
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.training_settings import FineTuneSettings

from .fine_tune import replayed

# Steps cost so many looks at as many pixels, measured on one core; the encoder's way back is long.
_STEP_FROZEN, _STEP_WHOLE = 2.5, 4.3
# Imports, reading, drawing; and drawing one synthetic page.
_BEGIN_S, _DRAW_S = 8.0, 0.15


@dataclass(frozen=True)
class Pace:
    """How fast this machine is.

    Parameters
    ----------
    page_s : float
        Seconds that the network takes for one page.
    device : str
        What computes, and why, for people.
    """

    page_s: float
    device: str


def measure_pace() -> Pace:
    """Let a network that knows nothing look at one page, twice: the first time is slower."""
    choice = choose_device()
    network = SqueakOut().to(choice.device).eval()
    page = torch.zeros(1, 1, PAGE_PX, PAGE_PX, device=choice.device)
    took_s = float("inf")
    with torch.inference_mode():
        for _ in range(2):
            began_s = time.perf_counter()
            network(page).cpu()
            took_s = min(took_s, time.perf_counter() - began_s)
    return Pace(took_s, choice.why)


def expected_seconds(
    pace: Pace, n_learn: int, n_held_out: int, settings: FineTuneSettings
) -> tuple[float, float]:
    """How long a fine-tuning takes: if nothing gets better, and at most."""
    each, drawn = replayed(n_learn, settings)
    step = _STEP_FROZEN if settings.freeze_encoder else _STEP_WHOLE
    crops = (n_learn + each) * (settings.crop_px / PAGE_PX) ** 2
    epoch_s = pace.page_s * (crops * step + n_held_out)
    judged = 2 * (n_learn + n_held_out + settings.forgetting_test_pages)
    fixed_s = _BEGIN_S + pace.page_s * judged
    fixed_s += _DRAW_S * (drawn + settings.forgetting_test_pages)
    fewest = min(settings.patience, settings.epochs)
    return fixed_s + fewest * epoch_s, fixed_s + settings.epochs * epoch_s
