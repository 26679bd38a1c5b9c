"""The work of a session knows what its calls were cleaned with."""

from __future__ import annotations

import pytest
from kept import paint_on, recording_in, session_of

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.results.session_work import work_in
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import reading_back


@pytest.fixture
def work_with(tmp_path):
    """The work of a session whose record says that of its cleaning."""
    folder = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout")

    def work(clean):
        session = open_session(folder)
        settings = {name: kept for name, kept in session.record.settings.items() if name != "clean"}
        said = {} if clean is None else {"clean": clean}
        session.save(session.record.model_copy(update={"settings": settings | said}))
        session.close()
        session = open_session(folder, read_only=True)
        return work_in(session, run(reading_back(session)))

    return work


def test_calls_are_parted_by_the_gap_that_they_were_cleaned_with(work_with):
    wanted = CleanSettings(join_gap_s=0.1)
    assert work_with(wanted.model_dump()).masks.settings == wanted


def test_a_session_that_was_never_cleaned_says_so(work_with):
    assert work_with(None).masks.settings is None


@pytest.mark.parametrize("clean", [{"threshold": 7}, {"of_tomorrow": 1}])
def test_settings_of_another_version_are_refused_by_their_name(work_with, clean):
    [name] = clean
    with pytest.raises(InputError, match=rf"does not know \(clean\.{name}: .*update"):
        work_with(clean)


def test_an_approval_of_other_calls_than_are_there_is_none(tmp_path):
    folder = session_of(recording_in(tmp_path / "in"), tmp_path / "m.squeakout", approved=(0, 1))
    paint_on(folder, 1, 9)
    session = open_session(folder, read_only=True)
    review = work_in(session, run(reading_back(session))).review
    assert [state.value for state in review.states()] == ["approved", "corrected"]
