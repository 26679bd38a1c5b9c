"""Approved pages: what a person agreed to, and nothing else; sessions stay as they are."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import soundfile
from fakes import PAGE_S, RATE_HZ, sound
from PIL import Image

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.steps import run
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.training_pages.approved import reading_approved


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


def reviewed(tmp_path, name="tones", pages=(1, 3), changed=()):
    """A session of a recording: page 1 has a call; these are approved, some changed later."""
    path = tmp_path / f"{name}.wav"
    if not path.exists():
        soundfile.write(path, sound(1.5, (0.3, 0.35, 70_000.0)), RATE_HZ)
    session = begin_session(open_recording(path), tmp_path / f"{name}-{len(pages)}.squeakout")
    session.labels[1, 100:110, 200:240] = 7
    review = session.record.review
    for page in pages:
        review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    for page in changed:
        session.labels[page, 5, 5] = 9
    session.close()
    return session.folder


def contents(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_approved_pages_come_with_their_masks_and_places_empty_ones_too(tmp_path):
    folder = reviewed(tmp_path)
    approved = run(reading_approved([folder]))
    assert approved.pages.shape == (2, 512, 512)
    assert approved.with_calls.tolist() == [True, False]
    assert approved.masks[0].sum() == 400
    starts = [place.start for place in approved.places]
    assert starts[1] - starts[0] == pytest.approx(2 * PAGE_S)
    assert approved.places[0].length == pytest.approx(PAGE_S)
    expected = open_recording(tmp_path / "tones.wav").page(1)
    np.testing.assert_array_equal(approved.pages[0], np.rint(expected * 255))


def test_a_session_is_not_touched(tmp_path):
    folder = reviewed(tmp_path)
    before = contents(folder)
    run(reading_approved([folder]))
    assert contents(folder) == before


def test_a_page_changed_after_its_approval_is_left_out_and_noted(tmp_path):
    folder = reviewed(tmp_path, changed=[3])
    approved = run(reading_approved([folder]))
    assert [place.name for place in approved.places] == ["tones page 1"]
    assert "1 page was changed after being approved" in approved.notes[0]


def test_two_sessions_of_one_recording_are_one_group_and_a_page_counts_once(tmp_path):
    folders = [reviewed(tmp_path, pages=(1, 3)), reviewed(tmp_path, pages=(1, 3, 5))]
    approved = run(reading_approved(folders))
    assert len(approved.pages) == 3
    assert len({place.group for place in approved.places}) == 1
    assert approved.notes == ("2 pages were given twice: each is used once",)


def test_what_is_known_of_a_source_stands_by_it(tmp_path):
    [about] = run(reading_approved([reviewed(tmp_path)])).about
    assert about["sample_rate_hz"] == RATE_HZ
    assert (about["pages"], about["pages_with_calls"]) == (2, 1)
    assert {"fingerprints", "sha256", "noise_floor_grey", "contrast_grey"} <= about.keys()


def test_a_session_whose_recording_is_gone_is_refused_unless_it_is_found_near(tmp_path):
    folder = reviewed(tmp_path)
    there = tmp_path / "elsewhere"
    there.mkdir()
    (tmp_path / "tones.wav").rename(there / "tones.wav")
    with pytest.raises(InputError, match=r"tones\.wav"):
        run(reading_approved([folder]))
    assert len(run(reading_approved([folder], near=[there])).pages) == 2


def folders_of(tmp_path, numbers, name="lab", seed=0):
    """Images and masks: image k has a call of k x 10 pixels."""
    folders = (tmp_path / name, tmp_path / f"{name} truth")
    for folder in folders:
        folder.mkdir()
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        mask = np.zeros((512, 512), np.uint8)
        mask[:number, :10] = 255
        grey = rng.integers(0, 255, (512, 512)).astype(np.uint8)
        for folder, content in zip(folders, (grey, mask), strict=True):
            Image.fromarray(content).save(folder / f"{number}.png")
    return folders


def test_images_with_masks_are_approved_in_their_order(tmp_path):
    approved = run(reading_approved(folders=[folders_of(tmp_path, (2, 10, 1))]))
    assert [place.name for place in approved.places] == ["1", "2", "10"]
    assert [place.start for place in approved.places] == [0, 1, 2]
    assert approved.masks.sum(axis=(1, 2)).tolist() == [10, 20, 100]


def test_sessions_and_folders_come_together_and_stay_distinct(tmp_path):
    session = reviewed(tmp_path)
    first, second = folders_of(tmp_path, (1, 2)), folders_of(tmp_path, (1,), "other", seed=1)
    approved = run(reading_approved([session], [first, second]))
    names = ["tones page 1", "tones page 3", "lab/1", "lab/2", "other/1"]
    assert [place.name for place in approved.places] == names
    groups = [place.group for place in approved.places]
    assert len(set(groups)) == 3
    assert groups[2] == groups[3]
    assert [about["pages"] for about in approved.about] == [2, 2, 1]
    assert approved.masks.any(axis=(1, 2)).tolist() == [True, False, True, True, True]


def test_the_grid_is_kept_only_where_all_pages_share_it(tmp_path):
    session, empty = reviewed(tmp_path), reviewed(tmp_path, pages=())
    assert run(reading_approved([session, empty])).grid is not None
    images = folders_of(tmp_path, (1,))
    assert run(reading_approved([session], [images])).grid is None
