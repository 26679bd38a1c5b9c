"""What the window says of the pages is what the training learns from."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from PIL import Image

from napari_squeakout.core.detection.calls import finding_calls
from napari_squeakout.core.errors import InputError
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import MaskStack
from napari_squeakout.core.steps import run
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.images import reading_images
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.training_pages.approved import reading_approved
from napari_squeakout.io.training_pages.survey import surveying_folders, surveying_session, together


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


def reviewed(stack, folder, pages, changed=()):
    session = begin_session(stack, folder)
    session.labels[1, 100:110, 200:240] = 7
    review = session.record.review
    for page in pages:
        review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    for page in changed:
        session.labels[page, 5, 5] = 9
    session.close()
    return folder


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "tones.wav"
    soundfile.write(path, sound(1.5, (0.3, 0.35, 70_000.0)), RATE_HZ)
    return open_recording(path)


def test_the_survey_of_a_session_is_what_is_learned_from(recording, tmp_path):
    folder = reviewed(recording, tmp_path / "a.squeakout", (1, 3, 5), changed=[5])
    survey, approved = run(surveying_session(folder)), run(reading_approved([folder]))
    assert survey.places == approved.places
    np.testing.assert_array_equal(survey.with_calls, approved.with_calls)
    assert survey.calls.tolist() == [1, 0]
    assert survey.notes == ("a.squeakout: 1 page was changed after being approved: left out",)
    assert list(survey.names.values()) == ["tones"]


def test_a_survey_says_which_pages_a_person_corrected(recording, tmp_path):
    folder = reviewed(recording, tmp_path / "a.squeakout", (1, 3, 5))
    session = open_session(folder)
    review = session.record.review.changed(3, corrected=True)
    session.save(session.record.with_review(review))
    session.close()
    assert run(surveying_session(folder)).corrected.tolist() == [False, True, False]


def test_a_session_cleaned_by_another_version_is_refused_by_its_name(recording, tmp_path):
    folder = reviewed(recording, tmp_path / "a.squeakout", (1,))
    session = open_session(folder)
    session.save(session.record.model_copy(update={"settings": {"clean": {"threshold": 7}}}))
    session.close()
    with pytest.raises(InputError, match=r"a.squeakout: .* does not know \(clean.threshold: "):
        run(surveying_session(folder))


def test_the_survey_of_images_is_what_is_learned_from(tmp_path):
    images, masks = tmp_path / "images", tmp_path / "masks"
    for folder in (images, masks):
        folder.mkdir()
    for name, mark in (("a", 0), ("b", 255)):
        page = np.zeros((512, 512), np.uint8)
        Image.fromarray(page + (name == "b")).save(images / f"{name}.png")
        page[10:20, 30:40] = page[10:20, 80:90] = mark
        Image.fromarray(page).save(masks / f"{name}.png")
    survey, approved = (
        run(surveying_folders(images, masks)),
        run(reading_approved(folders=[(images, masks)])),
    )
    assert survey.places == approved.places
    assert survey.calls.tolist() == [0, 2]
    session = reviewed(run(reading_images(images)), tmp_path / "b.squeakout", (0, 1))
    assert [place.name for place in run(surveying_session(session)).places] == ["a", "b"]


def test_a_page_in_two_sessions_counts_once(recording, tmp_path):
    first = reviewed(recording, tmp_path / "a.squeakout", (1, 3))
    second = reviewed(recording, tmp_path / "b.squeakout", (1, 3, 4))
    survey = together([run(surveying_session(folder)) for folder in (first, second)])
    assert survey.n_pages == 3
    assert survey.calls.tolist() == [1, 0, 0]
    assert survey.notes == ("2 pages were given twice: each is used once",)


def test_a_call_over_the_border_of_two_pages_is_counted_once_as_in_the_table(recording, tmp_path):
    session = begin_session(recording, tmp_path / "a.squeakout")
    session.labels[1, 100:110, 480:] = session.labels[2, 100:110, :30] = 7
    session.labels[2, 100:110, 200:240] = session.labels[5, 100:110, 200:240] = 8
    review = session.record.review
    for page in (1, 2, 5):
        review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    table = run(finding_calls(MaskStack(session.labels[:], recording.layout, CleanSettings())))
    session.close()
    survey = run(surveying_session(tmp_path / "a.squeakout"))
    assert survey.calls.tolist() == [1, 2, 1]
    assert survey.begun.tolist() == [1, 1, 1]
    assert together([survey, survey]).n_calls == survey.n_calls == len(table) == 3


def test_a_session_whose_recording_is_gone_is_told_before_the_training(recording, tmp_path):
    folder = reviewed(recording, tmp_path / "a.squeakout", (1,))
    (tmp_path / "tones.wav").unlink()
    with pytest.raises(InputError, match="say which folder it is in now"):
        run(surveying_session(folder))
