"""Figures of an evaluation as a file of JSON, which takes the place of nothing but figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.scoring.event_scores import EventScores
from napari_squeakout.core.scoring.mask_scores import MaskScores
from napari_squeakout.io.files import atomic_file

_OURS = [set(noun.__dataclass_fields__) for noun in (EventScores, MaskScores)]


def check_figures_file(path: Path, inputs: Iterable[Path]) -> None:
    """Refuse a file that is read here, or that holds something else than figures.

    Raises
    ------
    InputError
        If it is so.
    """
    if not path.exists():
        return
    for given in inputs:
        if given.exists() and path.samefile(given):
            msg = f"{path}: is an input, so no figures are written there: choose another --json"
            raise InputError(msg)
    if not _holds_figures(path):
        msg = f"{path}: holds something else than figures, so it stays: choose another --json"
        raise InputError(msg)


def write_figures(figures: Mapping[str, Any], path: Path) -> None:
    """Write figures as JSON; SqueakOutError if it cannot be done."""
    with atomic_file(path) as draft:
        draft.write_text(json.dumps(_defined(figures), indent=2) + "\n", encoding="utf-8")


def _holds_figures(path: Path) -> bool:
    """Whether it is empty, or what was written by an earlier call."""
    if not path.is_file():
        return False
    if not path.stat().st_size:
        return True
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    if not isinstance(content, dict):
        return False
    scores = [content, *(value for value in content.values() if isinstance(value, dict))]
    # Most of them: another version may have had others.
    return any(2 * len(names & one.keys()) > len(names) for names in _OURS for one in scores)


def _defined(value: Any) -> Any:
    """JSON has no NaN: a figure that is not defined is null."""
    if isinstance(value, Mapping):
        return {name: _defined(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_defined(one) for one in value]
    return None if value != value else value  # noqa: PLR0124 - NaN is unlike itself
