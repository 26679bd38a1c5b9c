"""The page in windows of several sizes, themes and scales: each scale in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("measured_window.py")
_MOST, _LEAST = 0.85, 0.70
_FEWEST_NUMBERS = 2


@pytest.fixture(scope="module", params=[1.0, 1.5])
def windows(request):
    """What was found in each of the windows at one scale of the screen."""
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        pytest.skip("needs a display, or Xvfb and pytest-xvfb")
    environment = {
        **os.environ,
        "QT_SCALE_FACTOR": f"{request.param}",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    answer = subprocess.run(
        [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    found = json.loads(answer.stdout.strip().splitlines()[-1])
    assert {one["ratio"] for one in found} == {request.param}
    sizes = [(1280, 720), (1280, 720), (1920, 1080), (1920, 1080)]
    assert [one["window"] for one in found] == [pytest.approx(size, abs=2) for size in sizes]
    assert [one["theme"] for one in found] == ["dark", "light", "dark", "light"]
    return found


def test_the_page_takes_most_of_the_canvas(windows):
    for window in windows:
        least, most = sorted(window["shares"])
        assert most >= _MOST, window["size"]
        assert least >= _LEAST, window["size"]


def test_the_rulers_the_picture_and_the_table_of_calls_agree_within_a_pixel(windows):
    for window in windows:
        ruled, seen = window["ruled"], window["seen"]
        for side in ("rows", "columns"):
            assert ruled[f"numbers_of_{side}"] >= _FEWEST_NUMBERS, window["size"]
            np.testing.assert_allclose(ruled[side], seen[side], atol=1, err_msg=str(window["size"]))


def test_a_click_of_the_brush_lands_under_the_cursor(windows):
    for window in windows:
        # A pixel of the screen may hold more than one of the page.
        places = zip(window["painted"], window["clicked"], window["pixel"], strict=True)
        for at, clicked, each in places:
            assert at == pytest.approx(clicked, abs=max(1, 1 / each)), window["size"]


def test_no_text_of_the_dock_is_cut(windows):
    for window in windows:
        assert not window["cut"], window["size"]
