"""Tests of the window; left out as a whole where there is no napari or no Qt."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest

_NEEDED = ("napari", "qtpy", "pytestqt")
if any(importlib.util.find_spec(name) is None for name in _NEEDED):
    collect_ignore_glob = ["*.py"]

HAS_DISPLAY = not sys.platform.startswith("linux") or bool(
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
)
if not HAS_DISPLAY:
    # Without a display Qt would end the process.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def make_napari_viewer_proxy(make_napari_viewer_proxy):
    """napari's own; Qt's offscreen platform has no OpenGL, which a window with layers needs."""
    if not HAS_DISPLAY:
        pytest.skip("needs a display, or `xvfb-run`")
    return make_napari_viewer_proxy
