"""Which model, and what this machine computes with.

Both need torch, which is imported beside the window when they are first asked for.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Annotated, Any

from magicgui.types import FileDialogMode
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.setting import Settings, setting
from napari_squeakout.core.steps import Progress, Steps
from napari_squeakout.gui.forms.choice import ChoiceEditor
from napari_squeakout.gui.forms.dialogs import ask
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.elided import ElidedButton
from napari_squeakout.gui.qt.job_bar import JobBar, message_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_squeakout.core.settings import RenderSettings

_POLL_S = 0.1
_KINDS = "Weights (*.safetensors *.ckpt *.pt *.pth)"


class ImportSettings(Settings):
    """A model that is taken in."""

    file: Annotated[Path | None, FileDialogMode.EXISTING_FILE, _KINDS] = setting(
        None, "Weights of a model: a .safetensors, .ckpt, .pt or .pth file."
    )
    name: str = setting("", "What to call it here; left empty, it is called after the file.")


class ModelsBox(QWidget):
    """Chooses a model; imports and fetches models.

    Parameters
    ----------
    bar : JobBar
        Where importing and fetching are shown.
    """

    changed = Signal()

    def __init__(self, bar: JobBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = bar
        self._entries: dict[str, Any] = {}
        self._before = ""
        self._wanted_device = "auto"
        self.looking = JobBar("segment_models")
        self.combo = ChoiceEditor("segment_model", (), "Model")
        self.combo.set_tooltip("The model that says which pixels belong to a call")
        self.combo.changed.connect(self._on_choice)
        self._import = button("Import…", "segment_import", "Take in a .safetensors, .ckpt or .pt")
        self._fetch = button(
            "Fetch (57 MB)", "segment_fetch", "Download the authors' weights from their repository"
        )
        self._use = button(
            "Use by default", "segment_use", "Begin with this model from now on, here and elsewhere"
        )
        self._back = ElidedButton(objectName="segment_back")
        self._import.clicked.connect(self._ask_for_file)
        self._use.clicked.connect(lambda: self._set_default(self.combo.value()))
        self._back.clicked.connect(lambda: self._set_default(self._before))
        self._fetch.clicked.connect(self.fetch)
        self._device = message_label("segment_device_line", "Looking at this machine…")
        self._card = message_label("segment_model_title")
        self._lay_out()

    def look(self, device: str = "auto", choose: str | None = None) -> None:
        """List the models and look at this machine, beside the window."""
        self._wanted_device = device
        chosen = choose or self.combo.value()
        self.looking.job.restart(
            lambda: self.looking.start(
                looking(device), done=lambda found: self._show(found, chosen)
            )
        )

    def look_once(self) -> None:
        """Look, unless that has been done or is going on."""
        if not self._entries and not self.looking.job.is_active:
            self.look(self._wanted_device)

    def chosen(self) -> str | None:
        """Name of the chosen model, if it can be used."""
        return self.combo.value() if self.why_not() is None else None

    def rendering(self) -> RenderSettings | None:
        """What the chosen model expects of pages; None without a model."""
        entry = self._entries.get(self.combo.value())
        return None if entry is None else entry.rendering

    def why_not(self) -> str | None:
        """Why no model can be used, in a sentence."""
        if not self._entries:
            return (
                "Looking for models…"
                if self.looking.job.is_active
                else "No model is here yet: import one."
            )
        entry = self._entries.get(self.combo.value())
        if entry is None:
            return "Choose a model."
        if not entry.installed:
            return f"{entry.name} is not on this machine yet: fetch it, or choose another model."
        return None

    def fetch(self) -> None:
        """Download the published model."""
        self._bar.start(fetching(), done=self._take_in)

    def import_file(self, file: Path, name: str = "") -> None:
        """Take a weights file into the models."""
        self._bar.start(importing(file, name), done=self._take_in)

    def _set_default(self, name: str) -> None:
        """Make a model the default, and the chosen one."""
        self._bar.start(choosing(name), done=lambda _: self.look(self._wanted_device, choose=name))

    def _ask_for_file(self) -> None:
        def begin(asked: ImportSettings) -> None:
            assert asked.file is not None  # noqa: S101 - nothing is accepted without one
            self.import_file(asked.file, asked.name.strip())

        ask(
            self, ImportSettings(), "import",
            title="Import a model",
            words="The weights are copied to the models of this program, and checked.",
            accept="Import", done=begin,
        )  # fmt: skip

    def _take_in(self, model: Any) -> None:
        self._bar.say(f"{model.name} is here: {model.card.identity or 'a safetensors file'}")
        self.look(self._wanted_device, choose=model.name)

    def _show(self, found: tuple[list[Any], str], chosen: str | None) -> None:
        entries, device = found
        self._entries = {entry.name: entry for entry in entries}
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for entry in entries:
                self.combo.addItem(f"{entry.name} ({_whence(entry)})", entry.name)
        here = [entry for entry in entries if entry.installed] or entries
        first = next((entry.name for entry in here if entry.is_default), here[0].name)
        self.combo.set_value(chosen if chosen in self._entries else first)
        self._device.setText(device)
        self._on_choice()

    def _on_choice(self) -> None:
        entry = self._entries.get(self.combo.value())
        self._fetch.setVisible(entry is not None and not entry.installed)
        self._use.setVisible(entry is not None and entry.installed and not entry.is_default)
        self._before = next((e.name for e in self._entries.values() if e.was_default), "")
        self._back.setVisible(bool(self._before))
        self._back.setText(f"Back to {self._before}")
        self._back.setToolTip(f"Use {self._before} by default again, as before")
        self._card.setText(entry.title if entry is not None else "")
        self._card.setVisible(entry is not None)
        self.changed.emit()

    def _lay_out(self) -> None:
        for offered in (self._fetch, self._use, self._back):
            offered.hide()
        chosen, card, defaults = (QHBoxLayout() for _ in range(3))
        chosen.addWidget(QLabel("Model"))
        chosen.addWidget(self.combo, stretch=1)
        card.addWidget(self._card, stretch=1)
        card.addWidget(self._import, alignment=Qt.AlignmentFlag.AlignTop)
        defaults.addWidget(self._use)
        defaults.addWidget(self._back, stretch=1)
        # Rows, not a grid: that gave lines that wrap too little height when buttons came.
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(chosen)
        column.addLayout(card)
        column.addWidget(self._fetch)
        column.addLayout(defaults)
        column.addWidget(self._device)
        column.addWidget(self.looking)


def looking(device: str) -> Steps[tuple[list[Any], str]]:
    """List the models and say what this machine computes with."""
    yield Progress(0, 1, "looks")
    from napari_squeakout.core.settings import SegmentSettings
    from napari_squeakout.io.engines.making import device_text
    from napari_squeakout.io.models.registry import list_models

    entries = list_models()
    try:
        line = f"Computes on {device_text(SegmentSettings(device=device))}"
    except SqueakOutError as error:
        line = str(error)
    return entries, line


def importing(file: Path, name: str = "") -> Steps[Any]:
    """Take a weights file into the models that can be named."""
    yield Progress(0, 1, "files")
    from napari_squeakout.io.models.registry import import_model

    return import_model(file, name or None)


def fetching() -> Steps[Any]:
    """Download the published weights; cancelling keeps what has arrived, to go on from."""
    yield Progress(0, 1, "bytes")
    from napari_squeakout.io.models.download import fetch_published

    return (yield from _reported(lambda tell: fetch_published(on_progress=tell)))


class _StoppedError(Exception):
    """Raised inside a download to end it."""


def _reported(work: Callable[[Callable[[Progress], None]], Any]) -> Steps[Any]:
    """Make steps of work that reports by calling back, by giving it a thread."""
    reports: SimpleQueue[Progress] = SimpleQueue()
    stop = threading.Event()

    def tell(progress: Progress) -> None:
        if stop.is_set():
            raise _StoppedError
        reports.put(progress)

    last = Progress(0, 1, "bytes")
    with ThreadPoolExecutor(1, "fetch") as pool:
        future = pool.submit(work, tell)
        try:
            while not future.done():
                with suppress(Empty):
                    last = reports.get(timeout=_POLL_S)
                yield last
            return future.result()
        finally:
            stop.set()


def choosing(name: str) -> Steps[None]:
    """Make a model the default."""
    yield Progress(0, 1, "models")
    from napari_squeakout.io.models.registry import set_default_model

    set_default_model(name)


def _whence(entry: Any) -> str:
    if entry.is_default and entry.installed:
        return "default"  # the kind as well would not fit in the dock
    return entry.kind if entry.installed else f"{entry.kind}, not here yet"
