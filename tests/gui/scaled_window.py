"""Opens the window as large as its screen, and prints as JSON what of its texts is cut.

Run in a process of its own: Qt takes QT_SCALE_FACTOR when it begins.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from access import cut_texts, text_in, unfold_all


def live(seconds: float) -> None:
    """Let the window lay itself out."""
    from qtpy.QtWidgets import QApplication

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QApplication.processEvents()


def main() -> None:
    """Unfold one part after the other, and look."""
    import napari
    from qtpy.QtWidgets import QWidget

    from napari_squeakout.gui.dock import SqueakOutDock

    viewer = napari.Viewer(show=True)
    dock = SqueakOutDock(viewer)
    viewer.window.add_dock_widget(dock, name="SqueakOut")
    ratio = dock.devicePixelRatioF()
    viewer.window.resize(int(1920 / ratio), int(1080 / ratio))
    found = {}
    parts = ("recordings", "open", "segment", "clean", "tools", "review", "results", "fine_tune")
    for part in parts:
        unfold_all(dock, f"{part}_section")
        live(0.3)
        found[part] = cut_texts(dock)
        if len(sys.argv) > 1 and part in {"tools", "review"}:
            path = Path(sys.argv[1]) / f"{part}.png"
            viewer.screenshot(str(path), canvas_only=False, flash=False)
    shown = [one for one in dock.findChildren(QWidget) if one.isVisible() and text_in(one)[0]]
    told = {"ratio": ratio, "cut": found, "texts": len(shown)}
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    viewer.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        import os

        os.environ["NAPARI_CONFIG"] = str(Path(home) / "settings.yaml")
        os.environ["NAPARI_SQUEAKOUT_HOME"] = str(Path(home) / "home")
        main()
