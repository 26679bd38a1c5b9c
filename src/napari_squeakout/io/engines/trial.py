"""Whether OpenVINO serves a model here: tried against torch, once, in a process of its own.

On some processors OpenVINO ends its process while it compiles. One that dies is a no.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray

from napari_squeakout.core.detection.clean import is_call
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import CleanSettings, Precision, SegmentSettings
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.files import atomic_folder
from napari_squeakout.io.home import cache_folder
from napari_squeakout.io.models.files import read_model, write_model

from .openvino_network import OpenVinoNetwork, convert, openvino_version

#: Share of pixels that both have to give to a call, or to none.
LEAST_AGREEMENT = 0.999
_PAGES, _LONGEST_S = 4, 300
_MODEL, _CONVERTED, _VERDICT = "tried.safetensors", "model.xml", "verdict.json"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a trial.

    Parameters
    ----------
    version : str
        Of OpenVINO.
    agreement : float
        Share of pixels on which its masks and torch's agree, 0..1.
    torch_s, openvino_s : float
        Time that a page takes either.
    died : str
        What the process of the trial ended with, where it did not finish; else empty.
    """

    version: str
    agreement: float = 0.0
    torch_s: float = 0.0
    openvino_s: float = 0.0
    died: str = ""

    @property
    def agrees(self) -> bool:
        """Whether its masks are torch's."""
        return not self.died and self.agreement >= LEAST_AGREEMENT

    @property
    def is_chosen(self) -> bool:
        """Whether it is taken where nobody says what to compute with."""
        return self.agrees and self.openvino_s < self.torch_s

    def __str__(self) -> str:
        name = f"OpenVINO {self.version}"
        if self.died:
            return f"{name} is not used: its trial ended with {self.died}"
        share = f"{100 * self.agreement:.2f} % of pixels"
        if not self.agrees:
            return f"{name} is not used: its masks agree with torch's on {share} only"
        pace = f"{1e3 * self.openvino_s:.0f} ms a page, torch {1e3 * self.torch_s:.0f} ms"
        used = "is used" if self.is_chosen else "is not used, for it is no faster"
        return f"{name} {used}: {pace}; their masks agree on {share}"


@dataclass(frozen=True)
class Tried:
    """A verdict, and the converted model that it is about."""

    verdict: Verdict
    converted: Path


def tried(model: Model, precision: Precision, tell: Callable[[str], object] | None = None) -> Tried:
    """Try OpenVINO on a model, or find what came of it before.

    Parameters
    ----------
    model : Model
        To be run.
    precision : {"auto", "fp32", "bf16", "fp16"}
        Number format asked for.
    tell : callable, optional
        Told that there is a trial, which takes some seconds.

    Raises
    ------
    SqueakOutError
        If the folder that keeps it cannot be written.
    """
    folder = _folder_of(model, precision)
    verdict = _kept(folder)
    if verdict is None:
        if tell is not None:
            tell(f"trying OpenVINO on {model.name}, once: up to half a minute")
        verdict = _try(model, precision, folder)
    return Tried(verdict, folder / _CONVERTED)


def _try(model: Model, precision: Precision, folder: Path) -> Verdict:
    try:
        with atomic_folder(folder, replaced=_unusable) as draft:
            write_model(model, draft / _MODEL, overwrite=False, alone=True)
            verdict = _of_child(draft, precision)
            (draft / _MODEL).unlink()
            (draft / _VERDICT).write_text(json.dumps(asdict(verdict)), encoding="utf-8")
    except SqueakOutError:
        theirs = _kept(folder)  # another process was at the same trial, and faster
        if theirs is None:
            raise
        return theirs
    return verdict


def _unusable(folder: Path) -> list[str]:
    """All that is in a folder of that name, where it holds no trial that can be read."""
    if _kept(folder) is not None:
        msg = f"{folder}: has been written meanwhile"
        raise SqueakOutError(msg)
    return [path.name for path in folder.iterdir()]


def _of_child(folder: Path, precision: Precision) -> Verdict:
    """What a process of its own says; that of one which fails in any way is no."""
    here = Path(__file__).parents[3]
    path = os.pathsep.join(p for p in (str(here), os.environ.get("PYTHONPATH")) if p)
    try:
        child = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-P", "-m", __name__, str(folder), precision],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_LONGEST_S,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": str(torch.get_num_threads())},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _dead(f"no answer within {_LONGEST_S} s")
    except OSError as error:
        return _dead(str(error))
    verdict = _kept(folder)
    if child.returncode == 0 and verdict is not None:
        return verdict
    last = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return _dead(" ".join([f"exit code {child.returncode}", *last]))


def _dead(why: str) -> Verdict:
    return Verdict(version=openvino_version() or "", died=why)


def _kept(folder: Path) -> Verdict | None:
    """What was found out before; None where that cannot be read, or is another version's."""
    with suppress(OSError, ValueError, TypeError):
        verdict = Verdict(**json.loads((folder / _VERDICT).read_text(encoding="utf-8")))
        if verdict.died or (folder / _CONVERTED).with_suffix(".bin").is_file():
            return verdict
    return None


def _folder_of(model: Model, precision: Precision) -> Path:
    """Where the trial of a model is kept: on another processor or version it is another trial."""
    versions = (openvino_version(), torch.__version__)
    about = (model.fingerprint, precision, versions, _processor(), os.cpu_count())
    digest = hashlib.sha256(repr(about).encode()).hexdigest()
    return cache_folder() / "openvino" / digest[:24]


def _processor() -> str:
    """What distinguishes processors, whose users may share a home."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        about = {line for line in lines if line.startswith(("model name", "flags", "Features"))}
        if about:
            return " ".join(sorted(about))
    return f"{platform.machine()} {platform.processor()}"


def judged(model: Model, converted: Path, precision: Precision) -> Verdict:
    """Convert a model, and compare what OpenVINO and torch make of synthetic pages.

    Parameters
    ----------
    model : Model
        To be run.
    converted : Path
        An .xml to write.
    precision : {"auto", "fp32", "bf16", "fp16"}
        Number format asked for.
    """
    settings = SegmentSettings(device="cpu", precision=precision, batch_size=1)
    clear = SynthesisSettings(seed=3, empty_fraction=0)
    levels = model.card.rendering.levels
    pages = np.stack([page for page, _ in synthesise_pages(_PAGES, clear, levels=levels)])
    by_torch, torch_s = _timed(Engine(model, settings), pages)
    convert(model, converted)
    network = OpenVinoNetwork(converted, precision)
    by_openvino, openvino_s = _timed(Engine(model, settings, network), pages)
    threshold = model.cleaning(CleanSettings()).threshold
    same = is_call(by_torch, threshold) == is_call(by_openvino, threshold)
    return Verdict(
        version=openvino_version() or "",
        agreement=float(same.mean()),
        torch_s=torch_s,
        openvino_s=openvino_s,
    )


def _timed(engine: Engine, pages: NDArray[np.float32]) -> tuple[NDArray[np.uint8], float]:
    """What an engine makes of pages, and the usual time for one."""
    engine(pages[:1])
    answers, times = [], []
    for page in pages:
        began = time.perf_counter()
        answers.append(engine(page[None]))
        times.append(time.perf_counter() - began)
    return np.concatenate(answers), median(times)


def _main(folder: Path, precision: Precision) -> None:
    verdict = judged(read_model(folder / _MODEL), folder / _CONVERTED, precision)
    (folder / _VERDICT).write_text(json.dumps(asdict(verdict)), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])  # type: ignore[arg-type]
