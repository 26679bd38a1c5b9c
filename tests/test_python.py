"""What scripts call: the scripts of the docs run as printed and give what the command gives."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import napari_squeakout as sq
from napari_squeakout.core.export.forms import FORMS
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.steps import run
from napari_squeakout.core.synthesis.pages import synthesise_pages
from napari_squeakout.core.training_settings import SynthesisSettings
from napari_squeakout.io.samples.synthetic import writing_samples
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.verbs import scoring

_DOCS = Path(__file__).parents[1] / "docs" / "python.md"
_SCRIPTS = re.findall(
    r"^## ([^\n]+)|```python\n(.*?)```", _DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
# A test is no training: as little of each as there can be.
_SHORTER = {
    'sessions=["m1.squeakout"])': (
        'sessions=["m1.squeakout"], settings=sq.FineTuneSettings('
        "epochs=1, crop_px=64, forgetting_test_pages=1, replay_fraction=0))"
    ),
    'name="from-arrays")': (
        'name="from-arrays", settings=sq.FineTuneSettings('
        "epochs=1, crop_px=64, forgetting_test_pages=1, replay_fraction=0))"
    ),
    "synthetic=2000, settings=sq.TrainSettings(epochs=60)": (
        "synthetic=4, settings=sq.TrainSettings(epochs=1, crop_px=64, validation_fraction=0.25)"
    ),
}


def _scripts():
    title = ""
    for heading, code in _SCRIPTS:
        title = heading or title
        if code:
            yield pytest.param(code, id=title)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """2 s with calls that anybody hears."""
    folder = tmp_path_factory.mktemp("sample")
    settings = SynthesisSettings(seed=5, min_snr_db=25, empty_fraction=0)
    run(writing_samples(folder, seconds=2, images=0, settings=settings))
    return folder / "synthetic.wav"


@pytest.fixture
def lab(sample, tmp_path, monkeypatch):
    """A folder with all that the scripts name."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    sound, rate_hz = soundfile.read(sample, dtype="int16")
    (tmp_path / "recordings").mkdir()
    for name in ("recording.wav", "recordings/a.wav", "recordings/b.wav"):
        soundfile.write(tmp_path / name, sound, rate_hz, subtype="PCM_16")
    (tmp_path / "raven.txt").write_text(
        "Selection\tView\tBegin Time (s)\tEnd Time (s)\n1\tSpectrogram 1\t0.1\t0.2\n"
    )
    pages, masks = zip(
        *synthesise_pages(6, SynthesisSettings(seed=3, empty_fraction=0)), strict=True
    )
    np.save(tmp_path / "pages.npy", np.round(255 * np.stack(pages)).astype(np.uint8))
    np.save(tmp_path / "masks.npy", np.stack(masks))
    worked_on(tmp_path / "recording.wav", tmp_path / "m1.squeakout")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def worked_on(recording, folder):
    """A session whose pages somebody has approved, with a call on each other one."""
    session = begin_session(open_recording(recording), folder)
    review = session.record.review
    for page in range(session.record.n_pages):
        if page % 2:
            session.labels[page, 200:210, 100:160] = page + 1
        review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    session.close()


@pytest.mark.parametrize("code", list(_scripts()))
def test_a_script_of_the_docs_runs_as_printed(lab, code):
    for long, short in _SHORTER.items():
        code = code.replace(long, short)
    exec(compile(code, "docs/python.md", "exec"), {})


def test_a_file_gives_in_memory_what_the_command_line_writes(lab):
    found = sq.segment_file("recording.wav")
    [outcome] = sq.segment_files("recording.wav", "results")
    written = pd.read_csv(outcome.result.folder / "calls.csv")
    assert len(found.calls) == len(written) > 0
    np.testing.assert_allclose(found.calls["start_s"], written["start_s"], atol=1e-6)


def test_a_bad_file_does_not_cost_the_others(lab):
    (lab / "recordings" / "c.wav").write_bytes(b"RIFF")
    outcomes = {outcome.source.name: outcome for outcome in sq.segment_files("recordings", "out")}
    assert outcomes["c"].result is None
    assert "c.wav" in outcomes["c"].failures[0]
    assert outcomes["a"].result is not None
    assert outcomes["b"].result is not None


def test_progress_is_told(lab):
    told = []
    sq.segment_file("recording.wav", progress=told.append)
    assert {"pages"} <= {progress.what for progress in told}
    assert all(progress.done <= progress.total for progress in told)


def test_a_folder_of_several_sources_is_no_one_source(lab):
    with pytest.raises(sq.InputError, match="holds 2 sources"):
        sq.open_source("recordings")


def test_a_session_that_is_read_stays_as_it_was(lab):
    def content():
        return {
            p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in (lab / "m1.squeakout").iterdir()
        }

    before = content()
    work = sq.read_session("m1.squeakout")
    assert len(sq.find_calls(work.masks)) == work.review.n_pages // 2
    assert content() == before


def test_pages_of_several_sources_are_held_out_by_source(lab):
    pages, masks = np.load("pages.npy"), np.load("masks.npy")
    approved = sq.approved_pages(pages, masks, ["a", "a", "b", "b", "b", "a"])
    assert [place.start for place in approved.places] == [0, 1, 0, 1, 2, 2]
    assert {place.group for place in approved.places} == {"a", "b"}


def test_the_docstring_of_an_export_names_each_form():
    (named,) = re.findall(r"form : \{(.*)\}", sq.export_calls.__doc__)
    assert tuple(name.strip('"') for name in named.split(", ")) == FORMS


def test_calls_without_times_cannot_be_scored():
    with pytest.raises(sq.InputError, match="give them one"):
        sq.score_calls(np.zeros((0, 2)), pd.DataFrame({"left_px": [1]}))


@pytest.mark.parametrize("score", [sq.score_calls, sq.compare_calls])
@pytest.mark.parametrize("row", [(np.nan, 1.0), (2.0, 1.0), ("x", 1.0)])
def test_a_table_with_a_row_that_is_no_interval_cannot_be_scored(score, row):
    right = pd.DataFrame({"start_s": [0.0], "end_s": [1.0]})
    wrong = pd.DataFrame([(0.0, 1.0), row], columns=["start_s", "end_s"])
    for sides in ((right, wrong), (wrong, right)):
        with pytest.raises(sq.InputError, match="correct or drop its row"):
            score(*sides)


def test_masks_of_another_number_cannot_be_scored():
    with pytest.raises(sq.InputError, match="2 true masks and 1 found"):
        sq.score_masks(np.zeros((2, 4, 4)), np.zeros((1, 4, 4)))


def test_the_examples_in_docstrings_give_what_they_say():
    result = doctest.testmod(scoring)
    assert result.attempted > 4
    assert result.failed == 0


@pytest.mark.parametrize(
    "intervals", [np.zeros((2, 3)), np.zeros(4), np.array([[2.0, 1.0]]), np.array([[0.0, np.nan]])]
)
def test_what_are_no_intervals_is_no_score(intervals):
    with pytest.raises(sq.InputError):
        sq.score_calls(np.zeros((0, 2)), intervals)


@pytest.mark.parametrize("pages", [np.zeros((2, 512, 512)), np.zeros((2, 64, 64), np.uint8)])
def test_pages_that_no_model_is_given_are_not_learned_from(pages):
    with pytest.raises(sq.InputError, match="not uint8"):
        sq.approved_pages(pages, np.zeros(pages.shape, bool))


def test_pages_of_a_session_that_nobody_looked_at_are_named(lab):
    session = begin_session(open_recording(lab / "recording.wav"), lab / "new.squeakout")
    session.close()
    work = sq.read_session("new.squeakout")
    assert sq.unknown_pages(work) == frozenset(range(work.review.n_pages))
