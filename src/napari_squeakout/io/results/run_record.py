"""All settings of a run, and what `run.json` says of it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import (
    CleanSettings,
    ImageSettings,
    RecordingSettings,
    RenderSettings,
    ResultSettings,
)
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.io.sources.inputs import Input


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """All settings of a run, whole."""

    recording: RecordingSettings = RecordingSettings()
    images: ImageSettings = ImageSettings()
    render: RenderSettings = RenderSettings()
    clean: CleanSettings = CleanSettings()
    result: ResultSettings = ResultSettings()

    def for_model(self, model: Model) -> RunSettings:
        """The same, where nothing is said as a model was made for and judged with."""
        return replace(self, render=model.rendering(self.render), clean=model.cleaning(self.clean))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {name: value.model_dump() for name, value in vars(self).items()}


def record_of(
    source: Input,
    stack: SpectrogramStack,
    *,
    sha256: str,
    engine: Engine,
    settled: RunSettings,
    notes: Sequence[str],
    n_calls: int,
    n_silent: int,
) -> dict[str, Any]:
    """What it takes to make the same result again.

    Parameters
    ----------
    source : Input
        What was asked for.
    stack : SpectrogramStack
        What was looked at.
    sha256 : str
        Of what was read.
    engine : Engine
        Model and device.
    settled : RunSettings
        All other settings.
    notes : sequence of str
        What the user should know.
    n_calls : int
        Calls that were found.
    n_silent : int
        Pages that the network was not asked about, for no call may be on them.
    """
    return {
        "input": {"path": str(source.path.absolute()), "sha256": sha256},
        "pages": stack.layout.n_pages,
        "silent_pages": n_silent,
        "calls": n_calls,
        "notes": list(notes),
        "unreadable": list(stack.unreadable),
        "model": {"name": engine.model.name, "fingerprint": engine.model.fingerprint},
        "device": {"used": str(engine.device), "why": engine.why, "precision": engine.precision},
        "computes_with": engine.computes_with,
        "settings": {**settled.as_dict(), "segment": engine.settings.model_dump()},
        **made_with(),
    }


def about_answers(sha256: str, engine: Engine, settled: RunSettings) -> dict[str, Any]:
    """What the network's answers depend on; plain values.

    Parameters
    ----------
    sha256 : str
        Of what was read.
    engine : Engine
        Model and device.
    settled : RunSettings
        All other settings.
    """
    known = settled.as_dict()
    return {
        "input": sha256,
        "model": engine.model.fingerprint,
        "computes_with": [engine.computes_with, str(engine.device), engine.precision],
        "settings": {kind: known[kind] for kind in ("recording", "images", "render")},
        "segment": engine.settings.model_dump(),
        "versions": made_with()["versions"],
    }


def made_with() -> dict[str, Any]:
    """Versions, and when: what closes every record."""
    return {
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("napari-squeakout", "torch", "numpy", "scipy")},
        },
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
