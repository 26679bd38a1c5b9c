from __future__ import annotations

import pytest
import soundfile
from fakes import RATE_HZ, sound

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.steps import run
from napari_squeakout.gui.source.session_jobs import opening_session
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording


def test_a_session_cleaned_by_another_version_is_refused_before_anything_is_shown_and_let_go(
    tmp_path,
):
    soundfile.write(tmp_path / "pup.wav", sound(0.5), RATE_HZ)
    session = begin_session(open_recording(tmp_path / "pup.wav"), tmp_path / "pup.squeakout")
    session.save(session.record.model_copy(update={"settings": {"clean": {"threshold": 7}}}))
    session.close()
    with pytest.raises(InputError, match=r"pup.squeakout: .* does not know \(clean.threshold: "):
        run(opening_session(session.folder, None))
    assert open_session(session.folder).read_only == ""
