"""A session gives its calls as a person has made them."""

from __future__ import annotations

import numpy as np
import pytest
from kept import paint_on, recording_in, session_of

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.page_stages import PageStage
from napari_squeakout.core.steps import run
from napari_squeakout.io.exports.session_findings import reading_session


@pytest.fixture
def recording(tmp_path):
    return recording_in(tmp_path / "in")


def test_a_session_gives_calls_masks_and_what_is_approved(recording, tmp_path):
    folder = session_of(recording, tmp_path / "mouse.squeakout")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    found = run(reading_session(folder))
    assert (found.recording, len(found.calls)) == ("mouse 7.wav", 2)
    assert found.approved == {0}
    assert found.known["review"]["approved"] == 1
    assert len(found.known["input"]["sha256"]) == 64
    assert found.masks().labels[1, 225, 310] == found.calls["call"][1]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_page_changed_after_its_approval_is_not_approved(recording, tmp_path):
    folder = session_of(recording, tmp_path / "mouse.squeakout", approved=(0, 1))
    paint_on(folder, 1, 3)
    found = run(reading_session(folder))
    assert (found.approved, found.n_approved) == ({0}, 1)
    assert found.known["review"] == {"unreviewed": 0, "corrected": 1, "approved": 1}


def test_a_session_that_nobody_has_looked_at_is_refused(recording, tmp_path):
    folder = session_of(recording, tmp_path / "mouse.squeakout", approved=(), stages=0)
    labels = np.load(folder / "labels.npy", mmap_mode="r+")
    labels[:] = 0
    labels.flush()
    del labels
    with pytest.raises(InputError, match="no page is segmented yet"):
        run(reading_session(folder))


def test_pages_never_segmented_are_told(recording, tmp_path):
    folder = session_of(recording, tmp_path / "mouse.squeakout")
    stages = np.load(folder / "stages.npy", mmap_mode="r+")
    stages[1] = PageStage.UNSEGMENTED
    stages.flush()
    labels = np.load(folder / "labels.npy", mmap_mode="r+")
    labels[1] = 0
    labels.flush()
    del stages, labels
    found = run(reading_session(folder))
    assert found.unknown == {1}
    assert any("not segmented yet (page 1)" in note for note in found.notes)
