"""Model and settings -> the engine that serves best here."""

from __future__ import annotations

import os
from collections.abc import Callable

from napari_squeakout.core.detection.devices import choose_device
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.detection.silence import loud_columns
from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import ComputeWith, SegmentSettings

from .openvino_network import OpenVinoNetwork, openvino_version
from .scouting import loud_columns_for
from .trial import Tried, tried

#: Says what to compute with where the settings leave it open.
VARIABLE = "NAPARI_SQUEAKOUT_COMPUTE_WITH"
_KNOWN: dict[str, ComputeWith] = {
    "": "auto",
    "auto": "auto",
    "torch": "torch",
    "openvino": "openvino",
}


def make_engine(
    model: Model,
    settings: SegmentSettings | None = None,
    tell: Callable[[str], object] | None = None,
) -> Engine:
    """Make a model ready for this machine, with what runs it fastest and gives the same masks.

    Parameters
    ----------
    model : Model
        Weights and card.
    settings : SegmentSettings, optional
        Device, precision and what to compute with.
    tell : callable, optional
        Told in a sentence of what takes a while: the trial of OpenVINO, once a model.

    Raises
    ------
    SqueakOutError
        If OpenVINO is asked for and not installed, or does not give the masks that torch gives.
    """
    # Looked up when it is called: whoever replaces the engine replaces this one.
    from napari_squeakout.core.detection import engine

    settings = settings or SegmentSettings()
    network = None
    if wanted_of(settings) != "torch":
        network = _network(model, settings, tell)
    loud = loud_columns_for(model) if settings.skip_silence else loud_columns
    return engine.Engine(model, settings, network, loud=loud)


def wanted_of(settings: SegmentSettings) -> ComputeWith:
    """What to compute with: as the settings say, else the environment, else found out by trial."""
    if settings.compute_with != "auto":
        return settings.compute_with
    stated = os.environ.get(VARIABLE, "").strip().lower()
    if stated not in _KNOWN:
        msg = f"{VARIABLE} is {stated!r}: set it to auto, torch or openvino"
        raise SqueakOutError(msg)
    return _KNOWN[stated]


def device_text(settings: SegmentSettings | None = None) -> str:
    """What this machine computes with, for people, before a model is tried.

    Raises
    ------
    DeviceError
        If the device asked for cannot be used.
    """
    settings = settings or SegmentSettings()
    choice = choose_device(settings.device)
    if choice.device.type != "cpu" or wanted_of(settings) == "torch":
        return choice.why
    version = openvino_version()
    return choice.why if version is None else f"{choice.why}; OpenVINO {version} is installed"


def verdict_text(model: Model, settings: SegmentSettings | None = None) -> str:
    """What the trial of OpenVINO came to, or why there is none."""
    settings = settings or SegmentSettings()
    version = openvino_version()
    if version is None:
        return 'not installed; pip install "napari-squeakout[fast]" brings it'
    if wanted_of(settings) == "torch":
        return f"{version}, not used: torch is asked for"
    if choose_device(settings.device).device.type != "cpu":
        return f"{version}, not used beside a GPU"
    try:
        return str(tried(model, settings.precision).verdict)
    except SqueakOutError as error:
        return str(error)


def _network(
    model: Model, settings: SegmentSettings, tell: Callable[[str], object] | None
) -> OpenVinoNetwork | None:
    """The model as OpenVINO runs it; None where torch is to."""
    if wanted_of(settings) == "openvino":
        return _asked_for(model, settings, tell)
    if openvino_version() is None or choose_device(settings.device).device.type != "cpu":
        return None
    try:
        found = tried(model, settings.precision, tell)
    except SqueakOutError:  # a home that cannot be written costs speed, not the work
        return None
    return _compiled(found, settings) if found.verdict.is_chosen else None


def _asked_for(
    model: Model, settings: SegmentSettings, tell: Callable[[str], object] | None
) -> OpenVinoNetwork:
    if openvino_version() is None:
        msg = 'OpenVINO is asked for and not installed: `pip install "napari-squeakout[fast]"`'
        raise SqueakOutError(msg)
    if settings.device not in {"auto", "cpu"}:
        msg = f"OpenVINO computes on the CPU, not on {settings.device}: choose device auto or cpu"
        raise SqueakOutError(msg)
    found = tried(model, settings.precision, tell)
    if not found.verdict.agrees:
        msg = f"{model.name}: {found.verdict}: choose auto or torch"
        raise SqueakOutError(msg)
    return _compiled(found, settings)


def _compiled(found: Tried, settings: SegmentSettings) -> OpenVinoNetwork:
    return OpenVinoNetwork(found.converted, settings.precision)
