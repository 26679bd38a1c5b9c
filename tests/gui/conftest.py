"""Tests of the window; left out as a whole where there is no napari or no Qt."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
import weakref

import pytest

_TONES = [(0.05, 0.10, 70_000.0), (0.30, 0.36, 60_000.0), (0.80, 0.86, 90_000.0)]
_NEEDED = ("napari", "qtpy", "pytestqt")
if any(importlib.util.find_spec(name) is None for name in _NEEDED):
    collect_ignore_glob = ["*.py"]


def _has_display() -> bool:
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """After pytest-xvfb has started its screen, where it is installed."""
    # Each worker gets a screen of its own, and takes this over from who only hands out the tests.
    hands_out = getattr(config.option, "dist", "no") != "no"
    if not hands_out and not _has_display():
        # Without a display Qt would end the process.
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path, monkeypatch):
    """Sessions of tests stay out of the user's folder, and of each other's way."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "squeakout-home"))


@pytest.fixture(autouse=True)
def _names_are_shown():
    """What a test hides is not hidden in the next."""
    yield
    from napari_squeakout.gui.names.shown import NAMES

    NAMES.forget()


@pytest.fixture(autouse=True)
def _no_button_stays_pressed():
    """Later tests would take it for a mouse that drags: a press ends with a release."""
    yield
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QApplication

    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton


@pytest.fixture(scope="session", autouse=True)
def _libraries_are_no_garbage():
    """napari's viewer of tests collects garbage thrice each: what was imported stays out of it."""
    import torch  # noqa: F401 - most of what is there

    import napari_squeakout.gui.dock  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _manifests_are_read_once():
    """Each viewer looks for plugins anew, a tenth of its test's time."""
    from npe2 import PluginManager

    discover, done = PluginManager.discover, weakref.WeakSet()

    def once(self, paths=(), **options):
        if self in done and not paths and not options.get("clear"):
            return 0
        done.add(self)
        return discover(self, paths, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PluginManager, "discover", once)
        yield


@pytest.fixture
def make_napari_viewer_proxy(make_napari_viewer_proxy):
    """napari's own; Qt's offscreen platform has no OpenGL, which a window with layers needs."""
    if not _has_display():
        pytest.skip("needs a display, or Xvfb and pytest-xvfb")
    return make_napari_viewer_proxy


@pytest.fixture
def recording(tmp_path):
    """1.2 s with three tones: 6 pages."""
    import soundfile
    from fakes import RATE_HZ, sound

    path = tmp_path / "tones.wav"
    soundfile.write(path, sound(1.2, *_TONES), RATE_HZ)
    return path


@pytest.fixture
def dock_of(make_napari_viewer_proxy, monkeypatch, qtbot):
    """A window with the dock in it, whose network marks bright pixels."""
    from qtpy.QtGui import QCursor
    from windows import bars, install_fake_model, wait_until_idle

    from napari_squeakout.gui.dock import SqueakOutDock

    def make(*, show=False, **engine):
        install_fake_model(monkeypatch, **engine)
        QCursor.setPos(0, 0)  # a mouse among the parts makes each test wait until it rests
        viewer = make_napari_viewer_proxy(show=show)
        dock = SqueakOutDock(viewer)
        viewer.window.add_dock_widget(dock, name="SqueakOut")
        docks.append(dock)
        dock.segment_panel.models.look_once()
        wait_until_idle(qtbot, dock)
        return viewer, dock

    docks = []
    yield make
    for dock in docks:
        for bar in bars(dock):
            bar.job.abandon()
    from napari.utils.notifications import notification_manager
    from qtpy.QtCore import QThreadPool

    QThreadPool.globalInstance().waitForDone(10_000)
    qtbot.wait(20)
    docks.clear()
    notification_manager.records.clear()
