"""The `fine-tune` command: approved pages in, a new model and a verdict out."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.markup import escape

from napari_squeakout.core.settings import FineTuneSettings
from napari_squeakout.core.steps import Progress, Steps, run

from .console import err, misuse, out, shown

if TYPE_CHECKING:
    from napari_squeakout.core.approved import ApprovedPages
    from napari_squeakout.core.fine_tune import FineTuned, Plan
    from napari_squeakout.core.training_state import Epoch

_flat = Parameter(name="*")
_STDIN = 0
_CHUNK_BYTES = 4096


def fine_tune(
    *,
    name: Annotated[str, Parameter(help="What to call the new model.")],
    session: Annotated[
        tuple[Path, ...],
        Parameter(help="Sessions whose approved pages are learned from.", consume_multiple=True),
    ] = (),
    images: Annotated[Path | None, Parameter(help="Folder of images to learn from.")] = None,
    masks: Annotated[Path | None, Parameter(help="Folder of their masks.")] = None,
    near: Annotated[
        tuple[Path, ...],
        Parameter(help="More folders to look for the sessions' files in.", consume_multiple=True),
    ] = (),
    base: Annotated[
        str | None,
        Parameter(help="Name or file of the model to begin with; by default the bundled one."),
    ] = None,
    json_lines: Annotated[
        bool, Parameter(help="Say all in lines of JSON; the line `stop` on stdin ends learning.")
    ] = False,
    stop_file: Annotated[
        Path | None, Parameter(help="End learning, and keep the best, when this file appears.")
    ] = None,
    tuning: Annotated[FineTuneSettings, _flat] = FineTuneSettings(),
) -> int:
    """Teach a model the approved pages of sessions, or images with masks, and judge it.

    The new model is saved at the end, whole, whatever the verdict: it says whether to use it.
    """
    from napari_squeakout.core.cards import check_name
    from napari_squeakout.core.models import list_models

    if bool(session) == (images is not None) or (images is None) != (masks is None):
        return misuse("fine-tune: give either --session DIR..., or --images DIR and --masks DIR")
    check_name(name)
    if name in {entry.name for entry in list_models() if entry.installed}:
        return misuse(f"fine-tune: a model is called {name} already: choose another --name")
    source = _Source(name, session, images, masks, near, base)
    if not json_lines:
        return _work(source, tuning, _stops(stop_file, None), _Lines(name))
    asked = threading.Event()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    teller = _JsonLines()
    try:
        return _work(source, tuning, _stops(stop_file, asked), teller)
    except KeyboardInterrupt:
        teller.say("failed", error="stopped: nothing was saved")
        raise
    except Exception as error:
        teller.say("failed", error=" ".join(str(error).split()) or type(error).__name__)
        raise


class _Source:
    """What to learn from, and under which names."""

    def __init__(
        self,
        name: str,
        sessions: tuple[Path, ...],
        images: Path | None,
        masks: Path | None,
        near: tuple[Path, ...],
        base: str | None,
    ) -> None:
        self.name, self.sessions, self.near, self.base = name, sessions, near, base
        self.images, self.masks = images, masks

    def reading(self) -> Steps[ApprovedPages]:
        from napari_squeakout.io.approved_pages import reading_folders, reading_sessions

        if self.images is not None and self.masks is not None:
            return reading_folders(self.images, self.masks)
        return reading_sessions(self.sessions, self.near)


class _Lines:
    """Tells a person: a bar, and sentences."""

    def __init__(self, name: str) -> None:
        self._name = name

    def drain(self, steps: Steps[Any]) -> Any:
        return shown(steps, self._name)

    def note(self, text: str) -> None:
        err.print(escape(text))

    def done(self, path: Path, tuned: FineTuned, fingerprint: str) -> None:
        out.print(f"{escape(str(path))} ({fingerprint[:12]}): {escape(tuned.verdict.sentence)}")


class _JsonLines:
    """Tells a program: one JSON object a line."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._notes: list[str] = []

    def say(self, kind: str, **what: Any) -> None:
        seconds = round(time.monotonic() - self._began_s, 1)
        print(json.dumps({"kind": kind, "seconds": seconds, **what}), flush=True)  # noqa: T201

    def drain(self, steps: Steps[Any]) -> Any:
        return run(steps, self._progress)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def done(self, path: Path, tuned: FineTuned, fingerprint: str) -> None:
        self.say("verdict", **tuned.verdict.as_dict())
        self.say("done", path=str(path), name=path.stem, fingerprint=fingerprint)

    def _progress(self, progress: Progress) -> None:
        from napari_squeakout.core.fine_tune import News, Plan

        if not isinstance(progress, News):
            return
        news = progress.news
        self.say("plan", **_planned(news, self._notes)) if isinstance(news, Plan) else self.say(
            "epoch", **_epoch(news, progress.total)
        )


def _planned(plan: Plan, notes: list[str]) -> dict[str, Any]:
    split = plan.split
    return {
        "learn": split.learn.tolist(),
        "held_out": split.held_out.tolist(),
        "between": split.between.tolist(),
        "held_out_by": split.by,
        "replayed": plan.replayed,
        "epochs": plan.epochs,
        "notes": notes,
    }


def _epoch(epoch: Epoch, total: int) -> dict[str, Any]:
    return {
        "epoch": epoch.number + 1,
        "epochs": total,
        "loss": epoch.loss,
        "held_out_loss": epoch.validation_loss,
        "held_out_dice": epoch.validation_dice,
    }


def _work(
    source: _Source,
    tuning: FineTuneSettings,
    enough: Callable[[], bool],
    teller: _Lines | _JsonLines,
) -> int:
    from napari_squeakout.core.fine_tune import fine_tune as learn
    from napari_squeakout.core.models import BUNDLED_MODEL, load_model, save_model
    from napari_squeakout.core.recipes import fine_tuned_model

    # Never by itself from the last fine-tune: what that had unlearned would be lost for good.
    base = load_model(source.base or BUNDLED_MODEL)
    approved = teller.drain(source.reading())
    for note in approved.notes:
        teller.note(note)
    tuned = teller.drain(learn(approved, base, tuning, enough=enough))
    model = fine_tuned_model(source.name, base, tuned, approved)
    teller.done(save_model(model), tuned, model.fingerprint)
    return 0


def _stops(file: Path | None, asked: threading.Event | None) -> Callable[[], bool]:
    def enough() -> bool:
        return (asked is not None and asked.is_set()) or (file is not None and file.exists())

    return enough


def _listen(asked: threading.Event) -> None:
    """Wait for the line `stop`; the end of the input is no reason to stop."""
    text = b""
    # Past sys.stdin, whose lock a thread that still waits would hold when Python ends.
    while chunk := os.read(_STDIN, _CHUNK_BYTES):
        text += chunk
        *lines, text = text.split(b"\n")
        if any(line.strip() == b"stop" for line in lines):
            asked.set()
            return
