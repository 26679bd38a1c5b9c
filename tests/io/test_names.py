from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from napari_squeakout.io.names import portable_name
from napari_squeakout.io.sessions.sources import free_folder


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("mouse 7", "mouse 7"),
        ("T0000001 2026-11-29 10:15", "T0000001 2026-11-29 10_15"),
        ("C:\\data\\mouse", "C__data_mouse"),
        ("mouse 7. ", "mouse 7"),
        ("...", "session"),
        ("aux", "aux_"),
        ("NUL.2", "NUL_.2"),
        ("com1 .b", "com1_ .b"),
        ("console", "console"),
        ("auxiliary.nul", "auxiliary.nul"),
        ("μ 30°", "μ 30°"),
    ],
)
def test_a_name_is_taken_by_every_system(name, kept):
    assert portable_name(name, "session") == kept
    for path in (PureWindowsPath(kept), PurePosixPath(kept)):
        assert path.name == kept
        assert not path.anchor


def test_a_recording_called_like_a_device_of_windows_has_a_session_there(tmp_path):
    assert free_folder("aux", tmp_path).name == "aux_.squeakout"
