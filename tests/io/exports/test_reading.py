"""Results and sessions are read in one way."""

from __future__ import annotations

from kept import recording_in, result_of, session_of

from napari_squeakout.core.steps import run
from napari_squeakout.io.exports.reading import reading_findings


def test_the_recording_of_either_is_found_where_it_is_said_to_be(tmp_path):
    path = recording_in(tmp_path / "in")
    places = [result_of(path, tmp_path / "results"), session_of(path, tmp_path / "m.squeakout")]
    archive = path.parent.rename(tmp_path / "archive")
    for place in places:
        found = run(reading_findings(place, [archive]))
        assert (found.place, found.recording) == (place, "mouse 7.wav")
        assert run(found.pages()).origin.files[0].parent == archive
