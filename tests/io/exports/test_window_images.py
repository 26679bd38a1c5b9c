"""Windows are what `train` and `fine-tune` read."""

from __future__ import annotations

import numpy as np
import pytest
from kept import images_in, recording_in, result_of, result_of_session, session_of
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.steps import run
from napari_squeakout.io.exports.result_findings import findings_of_result
from napari_squeakout.io.exports.session_findings import reading_session
from napari_squeakout.io.exports.window_images import writing_windows
from napari_squeakout.io.training_pages.pages import reading_pairs


def test_windows_of_a_result_are_read_as_pages_to_learn_from(tmp_path):
    path = recording_in(tmp_path / "in")
    found = findings_of_result(result_of(path, tmp_path / "results", masks=True))
    [note] = run(writing_windows(found, tmp_path / "out", "m"))
    assert "nobody has approved these masks" in note
    pairs = run(reading_pairs(tmp_path / "out" / "images", tmp_path / "out" / "masks", "page"))
    assert len(pairs.pages) == 2
    assert int(pairs.masks.sum()) == found.calls["area_px"].sum()
    # What was marked is what is bright in the picture.
    assert (pairs.pages[pairs.masks] > 150).all()
    assert np.median(pairs.pages[~pairs.masks]) < 120


def test_of_a_session_only_approved_pages_are_shown(tmp_path):
    folder = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout")
    [note] = run(writing_windows(run(reading_session(folder)), tmp_path / "out", "m"))
    assert note == "1 window, of approved pages alone: 1 page left out"
    [mask] = (tmp_path / "out" / "masks").iterdir()
    values = np.asarray(Image.open(mask))
    assert set(np.unique(values)) == {0, 255}
    assert (values > 0).sum() == 600


def test_a_session_without_approved_pages_has_no_windows(tmp_path):
    folder = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout", approved=())
    with pytest.raises(InputError, match="no page is approved"):
        run(writing_windows(run(reading_session(folder)), tmp_path / "out", "m"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("approved", "said"),
    [
        ((), "nobody has approved these masks"),
        ((0,), "1 of 2 pages is approved, and a result does not say which: export its session"),
        ((0, 1), None),
    ],
)
def test_of_a_result_of_a_session_it_is_said_where_not_all_is_approved(tmp_path, approved, said):
    path = recording_in(tmp_path / "in")
    session = session_of(path, tmp_path / "m.squeakout", approved=approved)
    found = findings_of_result(result_of_session(session, tmp_path / "saved", masks=True))
    notes = run(writing_windows(found, tmp_path / "out", "m"))
    assert [note[: len(said or "")] for note in notes] == [said] * (said is not None)
    assert len(list((tmp_path / "out" / "masks").iterdir())) == 2


def test_windows_of_images_are_the_images_that_have_calls(tmp_path):
    folder = result_of(images_in(tmp_path / "in" / "pictures"), tmp_path / "results")
    run(writing_windows(findings_of_result(folder), tmp_path / "out", "m"))
    names = sorted(path.name for path in (tmp_path / "out" / "masks").iterdir())
    assert names == ["m_=a.png", "m_b 鼠.png"]
    for name in names:
        image = np.asarray(Image.open(tmp_path / "out" / "images" / name))
        mask = np.asarray(Image.open(tmp_path / "out" / "masks" / name)) > 0
        np.testing.assert_array_equal(mask, image == 255)
