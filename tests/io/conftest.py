"""A session of a recording, for the tests of sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from napari_squeakout.io.sessions.record import SessionRecord, source_file
from napari_squeakout.io.sessions.session import create_session


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "data" / "night.wav"
    path.parent.mkdir()
    path.write_bytes(np.random.default_rng(0).bytes(300_000))
    return path


def _record_of(*paths, folder, n_pages=4):
    now = datetime.now(UTC)
    return SessionRecord(
        name="night", kind="recording", n_pages=n_pages, created=now, changed=now,
        sources=tuple(source_file(path, folder) for path in paths),
        settings={"render": {"low_hz": 45_000.0}},
    )  # fmt: skip


@pytest.fixture
def record_of():
    """What makes the record of a session of some files."""
    return _record_of


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "sessions" / "night.squeakout"


@pytest.fixture
def session(recording, folder):
    opened = create_session(folder, _record_of(recording, folder=folder))
    yield opened
    opened.close()
