"""Drives the real window, by the names of its controls."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

#: Patience for a job of the window, and for the window to come to rest.
MOST_S, REST_S = 900.0, 0.7


def use_fresh_settings() -> None:
    """Keep napari's settings and the sessions of whoever runs this out of the pictures, and back.

    Must come before napari is imported.
    """
    folder = tempfile.mkdtemp(prefix="napari-settings-")
    os.environ["NAPARI_CONFIG"] = str(Path(folder) / "settings.yaml")
    os.environ["NAPARI_SQUEAKOUT_HOME"] = str(Path(folder) / "home")


class Window:
    """The real window with the dock open, driven by the names of its controls."""

    def __init__(self, size: tuple[int, int], theme: str) -> None:
        import napari

        self.viewer = napari.Viewer(title="napari", show=True)
        _, self.dock = self.viewer.window.add_plugin_dock_widget("napari-squeakout", "SqueakOut")
        self.dress(size, theme)

    def dress(self, size: tuple[int, int], theme: str) -> None:
        """Give the window a size and a theme."""
        self.viewer.theme = theme
        self.viewer.window.resize(*size)
        self.rest()
        self.viewer.reset_view()

    def open(self, recording: Path) -> None:
        """Open a recording, as File > Open does."""
        self.viewer.open(recording, plugin="napari-squeakout")
        self.wait(lambda: self.child("segment_run").isEnabled(), "a model and a recording")

    def segment(self) -> None:
        """Press Segment and wait for the calls of all pages."""
        self.press("segment_run")
        self.wait_for_calls()

    def wait_for_calls(self) -> None:
        """Wait until all pages are segmented and cleaned."""
        said = ("segment_message", "clean_message")
        self.wait(lambda: all(self.text(name) for name in said), "the calls")

    def show_busiest_page(self) -> None:
        """Go to the page that has most of calls on it."""
        sizes = [int((page > 0).sum()) for page in self.calls().data]
        self.viewer.dims.set_current_step(0, sizes.index(max(sizes)))
        self.rest()

    def show_whole_calls(self) -> None:
        """Go to the page that has most of calls on it, of those that cut none at their edges."""
        pages = [page if not page[:, [0, -1]].any() else page * 0 for page in self.calls().data]
        sizes = [int((page > 0).sum()) for page in pages]
        self.viewer.dims.set_current_step(0, sizes.index(max(sizes)))
        self.rest()

    def calls(self) -> Any:
        """The layer of the calls."""
        return next(layer for layer in self.viewer.layers if layer.name.endswith(" calls"))

    def calls_found(self) -> int:
        """How many calls there are on all pages."""
        return max(int(page.max()) for page in self.calls().data)

    def erase_largest_call(self) -> None:
        """Erase the largest call of the page in view, as if the network had missed it."""
        labels, page = self.calls(), self.viewer.dims.current_step[0]
        numbers, sizes = np.unique(labels.data[page], return_counts=True)
        labels.selected_label = int(numbers[1:][sizes[1:].argmax()])
        answers = next(x for x in self.viewer.layers if x.name.endswith(" probabilities"))
        inside = labels.data[page] == labels.selected_label
        # Where the network was surest a call stands out, whatever its shape.
        surest = int(np.where(inside, answers.data[page], 0).argmax())
        self.erased = (int(page), *divmod(surest, inside.shape[1]))
        self.rest()
        self.press("tools_erase")
        self.rest()

    def click_where_it_was(self) -> None:
        """Use the tool in hand where that call was."""
        self.dock.tools_panel._on_click(self.calls().data_to_world(self.erased))
        self.rest()

    def set(self, name: str, value: float) -> None:
        """Set a number, and wait until all pages follow."""
        self.child("clean_message").setText("")
        self.child(name).setValue(value)
        self.wait(lambda: bool(self.text("clean_message")), f"{name} to take effect")

    def fold(self, *sections: str) -> None:
        """Fold sections of the dock away."""
        for name in sections:
            self.child(name).collapse(animate=False)

    def unfold(self, *sections: str) -> None:
        """Open sections of the dock."""
        for name in sections:
            self.child(name).expand(animate=False)

    def press(self, name: str) -> None:
        """Press a button."""
        self.child(name).click()

    def scroll_to(self, name: str) -> None:
        """Bring a control into view."""
        from qtpy.QtWidgets import QScrollArea

        self.rest()
        self.dock.findChild(QScrollArea).ensureWidgetVisible(self.child(name))

    def child(self, name: str) -> Any:
        """The control of that name."""
        from qtpy.QtWidgets import QWidget

        return self.dock.findChild(QWidget, name)

    def text(self, name: str) -> str:
        """What a line of the dock says; nothing while it is hidden."""
        line = self.child(name)
        return "" if line.isHidden() else str(line.text())

    def save(self, path: Path) -> None:
        """Write a picture of the whole window."""
        self.rest()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.viewer.screenshot(str(path), canvas_only=False, flash=False)

    def picture_of(self, name: str) -> Any:
        """A picture of a part of the dock."""
        from PIL import Image

        self.rest()
        grabbed = self.child(name).grab().toImage()
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "part.png")
            grabbed.save(path)
            return Image.open(path).convert("RGB")

    def epochs_learned(self) -> int:
        """How many epochs the fine-tuning in the dock has come to."""
        sight = self.dock.fine_tune_panel.watch.sight
        return 0 if sight is None else len(sight.account.epochs)

    def wait(self, is_done: Callable[[], bool], what: str) -> None:
        """Let the window live until something has come about."""
        give_up_at = time.monotonic() + MOST_S
        while not is_done():
            if time.monotonic() > give_up_at:
                said = self.text("segment_message") or self.text("segment_why")
                msg = f"waited {MOST_S:.0f} s in vain for {what}. {said}"
                raise TimeoutError(msg)
            _live()

    def rest(self) -> None:
        """Let the window draw what has changed."""
        until = time.monotonic() + REST_S
        while time.monotonic() < until:
            _live()

    def close(self) -> None:
        """Close the window."""
        self.viewer.close()
        _live()


def _live() -> None:
    from qtpy.QtWidgets import QApplication

    QApplication.processEvents()
    time.sleep(0.01)
