"""On screens with larger letters nothing of the dock is cut: a window in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("scaled_window.py")


@pytest.mark.parametrize("factor", [1.5, 2.0])
def test_no_text_of_the_dock_is_cut_on_a_screen_of_1920_by_1080(make_napari_viewer_proxy, factor):
    seen = [path for path in sys.path if path]
    environment = {
        **os.environ,
        "QT_SCALE_FACTOR": f"{factor}",
        "PYTHONPATH": os.pathsep.join(seen),
    }
    answer = subprocess.run(
        [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    told = json.loads(answer.stdout.strip().splitlines()[-1])
    assert told["ratio"] == factor
    assert told["texts"] > 40
    assert {part: texts for part, texts in told["cut"].items() if texts} == {}
