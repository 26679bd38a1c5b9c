"""What an installation runs on, in pairs of words, for a person who needs help."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import soundfile
import torch

from napari_squeakout.core.detection.clean import is_call
from napari_squeakout.core.detection.devices import choose_device, choose_dtype, has_nvidia_gpu
from napari_squeakout.core.settings import CleanSettings, SegmentSettings
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.engines.making import make_engine, verdict_text
from napari_squeakout.io.models.files import models_folder
from napari_squeakout.io.models.registry import default_model, list_models, load_model

from .home import log_file


def diagnose() -> Iterator[tuple[str, str]]:
    """Yield what there is and what it says."""
    yield "napari-squeakout", version("napari-squeakout")
    yield "Python", f"{platform.python_version()} on {platform.platform()}"
    yield "torch", f"{torch.__version__}, {_build()}"
    choice = choose_device()
    yield "computes on", choice.why
    yield "in", str(choose_dtype(choice.device)).removeprefix("torch.")
    yield "NVIDIA driver", "found" if has_nvidia_gpu() else "not found"
    yield "processor", f"{os.cpu_count()} cores, {torch.get_num_threads()} used"
    yield "libsndfile", soundfile.__libsndfile_version__
    yield "window", _window()
    yield "models folder", str(models_folder())
    yield "log", str(log_file())
    yield (
        "models here",
        ", ".join(entry.name for entry in list_models() if entry.installed) or "none",
    )
    yield "default model", default_model()
    yield "OpenVINO", verdict_text(load_model())
    yield "trial", _trial()


def _build() -> str:
    if torch.version.cuda:
        return f"built for CUDA {torch.version.cuda}"
    return f"built for ROCm {torch.version.hip}" if torch.version.hip else "a CPU build"


def _window() -> str:
    try:
        return f"napari {version('napari')}"
    except PackageNotFoundError:
        return 'napari is not installed; pip install "napari-squeakout[all]" brings it'


def _trial() -> str:
    """Segment one synthetic page with the default model and say how it went."""
    engine = make_engine(load_model(), SegmentSettings())
    clear = SynthesisSettings(seed=3, empty_fraction=0, min_snr_db=30)
    [(page, mask)] = synthesise_pages(1, clear, levels=engine.model.card.rendering.levels)
    engine(page[None])
    began = time.perf_counter()
    found = is_call(engine(page[None])[0], CleanSettings().threshold)
    milliseconds = 1e3 * (time.perf_counter() - began)
    dice = 2 * (found & mask).sum() / max(1, found.sum() + mask.sum())
    who = f"{engine.model.name} by {engine.computes_with}"
    return f"one page in {milliseconds:.0f} ms with {who}, Dice {dice:.2f}"
