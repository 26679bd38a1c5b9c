"""What tests of the window share: a machine with a model on it, and an engine without a network."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import scipy.ndimage
from qtpy.QtCore import QEvent, QItemSelectionModel, QPoint, Qt
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget

from napari_squeakout.core.steps import Progress

MODEL = "trial-model"
_PATIENCE_S = 180
#: Looking at each part of a dock costs as much as what it waits for.
_POLL_MS = 30


def install_fake_model(
    monkeypatch: Any,
    *,
    pause_s: float = 0.0,
    error: Exception | None = None,
    fingerprint: str = "b" * 64,
) -> None:
    """Make the dock find one installed model, whose engine marks bright pixels."""
    from napari_squeakout.gui.segment import models_box
    from napari_squeakout.gui.segment import run as segment

    monkeypatch.setattr(models_box, "looking", _looking)
    monkeypatch.setattr(
        segment,
        "make_engine",
        lambda _model, settings: _engine(settings, pause_s, error, fingerprint),
    )


def child(parent: QWidget, name: str) -> Any:
    """The control of that name; there is exactly one."""
    found = parent.findChildren(QWidget, name)
    assert len(found) == 1, f"{len(found)} controls are called {name}"
    return found[0]


def click(parent: QWidget, name: str) -> None:
    """Press a button that can be pressed."""
    button: QPushButton = child(parent, name)
    assert button.isEnabled(), f"{name} is disabled: {button.toolTip()}"
    button.click()


def text(parent: QWidget, name: str) -> str:
    """What a line says; nothing where it is hidden."""
    label: QLabel = child(parent, name)
    return "" if label.isHidden() else label.text()


def pixels_of(image: QImage) -> np.ndarray:
    """(height, width, 4) red to alpha of a picture in Format_RGBA8888."""
    data = image.bits()
    if hasattr(data, "setsize"):  # PyQt's have none of their own
        data.setsize(image.sizeInBytes())
    rows = np.frombuffer(data, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()


def bars(dock: Any) -> list[Any]:
    """All job bars of a dock."""
    panels = (dock.open_panel, dock.segment_panel, dock.clean_panel)
    others = [dock.segment_panel.models.looking, dock.session_box.bar]
    others.append(dock.results_box.bar)
    others.append(dock.review_panel.annotation.bar)
    others += [dock.fine_tune_panel.bar, dock.fine_tune_panel.setup.bar]
    return [*(panel.bar for panel in panels), *others]


def wait_until_idle(qtbot: Any, dock: Any) -> None:
    """Wait for every job of a dock, and for those that follow from them."""
    last = time.monotonic() + _PATIENCE_S
    for _ in range(2):
        while not dock.is_idle():
            assert time.monotonic() < last, "still at work"
            qtbot.wait(_POLL_MS)
        qtbot.wait(20)


def open_by_clicking(qtbot: Any, monkeypatch: Any, dock: Any, path: Any) -> None:
    """Choose a file in the dialog."""
    chosen = lambda *_args, **_options: ([str(path)], "")  # noqa: E731
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", chosen)
    click(dock, "open_file")
    wait_until_idle(qtbot, dock)


def choose_calls(dock: Any, *numbers: int) -> None:
    """Choose the rows of calls by their numbers in the layer."""
    model, table = dock.calls.model, dock.calls.table
    painted = dock.calls.followed.calls["painted"].to_numpy()[model.rows]
    table.clearSelection()
    for number in numbers:
        index = model.index(int(np.flatnonzero(painted == number)[0]), 0)
        flags = QItemSelectionModel.SelectionFlag
        table.selectionModel().select(index, flags.Select | flags.Rows)


def answer(dock: Any, panel: str, **answers: Any) -> None:
    """Fill in the dialog that was opened, by its lines and choices, and accept it."""
    dialog = child(dock, f"{panel}_dialog")
    assert dialog.isVisible()
    for field, value in answers.items():
        kind = "_line" if dialog.findChild(QWidget, f"{panel}_{field}_line") else ""
        editor = child(dialog, f"{panel}_{field}{kind}")
        if isinstance(value, bool):
            editor.setChecked(value)
        elif hasattr(editor, "setCurrentText"):
            editor.setCurrentText(str(value))
        else:
            editor.setText(str(value))
    click(dialog, f"{panel}_accept")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def segment_until_calls_come(
    qtbot: Any, monkeypatch: Any, viewer: Any, dock: Any, path: Any
) -> None:
    """Open `tones` and press Segment."""
    open_by_clicking(qtbot, monkeypatch, dock, path)
    click(dock, "segment_run")
    qtbot.waitUntil(lambda: "tones calls" in viewer.layers, timeout=30_000)


def _looking(device: str):
    from napari_squeakout.io.models.entry import ModelEntry

    yield Progress(0, 1, "looks")
    entry = ModelEntry(name=MODEL, kind="bundled", installed=True, path=None, title="A trial")
    return [entry], f"Computes on {device}, for trial"


def _engine(
    settings: Any, pause_s: float, error: Exception | None, fingerprint: str = "b" * 64
) -> Any:
    from fakes import BrightPixels

    def answer(pages: np.ndarray) -> np.ndarray:
        time.sleep(pause_s)
        if error is not None:
            raise error
        soft = np.stack([scipy.ndimage.gaussian_filter(page, 2) for page in pages])
        return (np.clip((soft - 0.8) * 8, 0, 1) * 255).astype(np.uint8)

    engine = BrightPixels(answer, windows=settings.windows_per_page)
    engine.model.fingerprint = fingerprint
    return engine


def double_click(qtbot: Any, widget: QWidget, pos: QPoint | None = None) -> None:
    """As the hand does it: a press and a release, the second press as Qt tells it, its release."""
    for act in (qtbot.mouseClick, qtbot.mouseDClick, qtbot.mouseRelease):
        act(widget, Qt.MouseButton.LeftButton, pos=pos or widget.rect().center())
