from __future__ import annotations

import pytest
import soundfile
from fakes import RATE_HZ, BrightPixels, sound
from windows import double_click

from napari_squeakout.core.review.proposals import count_calls
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.gui.names.shown import NAMES, key_of
from napari_squeakout.gui.recordings.jobs import hiding, showing
from napari_squeakout.gui.recordings.panel import RecordingsPanel
from napari_squeakout.io.sessions.finding import sessions_folder
from napari_squeakout.io.sessions.session import open_session


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))


@pytest.fixture
def litter(tmp_path):
    folder = tmp_path / "litter 3"
    folder.mkdir()
    for number in range(3):
        tones = [(0.1 + 0.2 * i, 0.15 + 0.2 * i, 70_000.0) for i in range(number)]
        soundfile.write(folder / f"pup{number}.wav", sound(0.7, *tones), RATE_HZ)
    return folder


@pytest.fixture
def panel(qtbot):
    made = RecordingsPanel(lambda: (BrightPixels, CleanSettings()))
    qtbot.addWidget(made)
    made.resize(340, 500)
    made.show()
    return made


@pytest.fixture
def rested(qtbot, panel):
    """Waits until nothing is at work, nor about to be."""

    def is_idle():
        jobs = (panel.bar.job, panel._looking)
        return not any(job.is_active for job in jobs) and not panel._soon.isActive()

    return lambda: qtbot.waitUntil(is_idle, timeout=60_000)


def column(panel, name):
    number = [panel.table.horizontalHeaderItem(i).text() for i in range(6)].index(name)
    return [panel.table.item(row, number).text() for row in range(panel.table.rowCount())]


def test_the_recordings_of_a_folder_are_listed_and_segmented_in_a_row(panel, rested, litter):
    panel.add([litter])
    rested()
    assert column(panel, "Recording") == ["pup0.wav", "pup1.wav", "pup2.wav"]
    assert column(panel, "State") == ["not yet"] * 3
    panel.segment()
    rested()
    assert column(panel, "State") == ["to review"] * 3
    assert column(panel, "Segmented") == ["4/4"] * 3
    kept = [open_session(row.session, read_only=True) for row in panel.table.rows]
    assert column(panel, "Calls") == [f"{count_calls(one.labels)}" for one in kept]
    assert panel.bar.text.startswith("Segmented 3 recordings")
    assert (sessions_folder() / "litter 3" / "project.json").exists()


def test_only_the_chosen_ones_are_segmented(panel, rested, litter):
    panel.add([litter])
    rested()
    panel.table.selectRow(1)
    assert panel.buttons.segment.text() == "Segment 1"
    panel.segment()
    rested()
    assert column(panel, "State") == ["not yet", "to review", "not yet"]


def test_a_recording_that_fails_says_why_and_costs_no_other(panel, rested, litter):
    (litter / "pup1.wav").write_bytes(b"RIFF and no sound")
    panel.add([litter])
    rested()
    panel.segment()
    rested()
    assert column(panel, "State") == ["to review", "failed", "to review"]
    assert "pup1.wav" in panel.table.item(1, 0).toolTip()
    assert "1 failed" in panel.bar.text


def test_the_list_comes_back_as_it_was(panel, rested, litter, qtbot):
    panel.add([litter])
    rested()
    panel.segment()
    rested()
    seen = [column(panel, name) for name in ("Recording", "Calls", "State")]
    again = RecordingsPanel(lambda: (BrightPixels, CleanSettings()))
    qtbot.addWidget(again)
    again.open_project(panel.folder)
    qtbot.waitUntil(lambda: not again.bar.job.is_active and not again._soon.isActive())
    assert [column(again, name) for name in ("Recording", "Calls", "State")] == seen


def test_the_same_folder_dropped_again_is_the_same_project(panel, rested, litter, qtbot):
    panel.add([litter])
    rested()
    again = RecordingsPanel(lambda: (BrightPixels, CleanSettings()))
    qtbot.addWidget(again)
    again.add([litter])
    qtbot.waitUntil(lambda: not again.bar.job.is_active)
    assert again.folder == panel.folder
    assert column(again, "Recording") == ["pup0.wav", "pup1.wav", "pup2.wav"]


def test_a_project_that_cannot_be_read_or_must_wait_leaves_the_list_that_is_open(
    panel, rested, litter, tmp_path
):
    panel.add([litter])
    rested()
    before = panel.folder
    (tmp_path / "project.json").write_text("{")
    panel.open_project(tmp_path)
    rested()
    assert str(tmp_path / "project.json") in panel.bar.text
    assert panel.folder == before
    panel.segment()
    panel.open_project(tmp_path)
    assert "something else is at work" in panel.bar.text
    assert panel.folder == before
    rested()


def test_a_double_click_asks_for_the_recording(panel, rested, litter, qtbot):
    panel.add([litter])
    rested()
    table = panel.table
    place = table.visualItemRect(table.item(2, 0)).center()
    with qtbot.waitSignal(panel.open_asked) as asked:
        double_click(qtbot, table.viewport(), place)
    assert asked.args[0].path == litter / "pup2.wav"


def test_the_next_recording_is_one_that_waits_for_review(panel, rested, litter):
    panel.add([litter])
    rested()
    assert not panel.buttons.next.isEnabled()
    panel.segment()
    rested()
    rows = panel.table.rows
    session = open_session(rows[1].session)
    review = session.record.review
    for page in range(4):
        review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    session.close()
    panel.set_current(litter / "pup0.wav")
    rested()
    assert column(panel, "State")[1] == "reviewed"
    assert panel.following().path == litter / "pup2.wav"
    panel.set_current(litter / "pup2.wav")
    assert panel.following().path == litter / "pup0.wav"


def test_the_recording_that_is_open_is_not_segmented_behind_its_back(panel, rested, litter):
    panel.add([litter])
    rested()
    panel.set_current(litter / "pup0.wav")
    panel.segment()
    rested()
    assert column(panel, "State") == ["not yet", "to review", "to review"]
    assert "pup0.wav is open in this window" in panel.bar.text


def test_a_recording_that_is_opened_before_its_turn_is_left_to_the_window(panel, rested, litter):
    panel.add([litter])
    rested()
    panel.segment()
    panel.set_current(litter / "pup2.wav")
    rested()
    assert column(panel, "State") == ["to review", "to review", "failed"]
    assert "pup2.wav is open in this window: segment it in part 2." in panel.bar.text
    assert panel.table.rows[2].session is None


def test_what_should_be_known_of_a_recording_is_told_and_stays_on_the_list(
    panel, rested, litter, tmp_path
):
    soundfile.write(litter / "slow.wav", sound(0.7), 192_000)
    panel.add([litter])
    rested()
    panel.table.selectRow(3)
    panel.segment()
    rested()
    assert "slow.wav: " in panel.bar.text
    note = panel.bar.text.partition("slow.wav: ")[2]
    assert note
    assert note in panel.table.item(3, 0).toolTip()


def test_cancelled_half_way_it_goes_on_where_it_ended(panel, rested, litter, qtbot):
    panel.add([litter])
    rested()
    panel.segment()
    qtbot.waitUntil(lambda: panel.bar.job.last is not None and panel.bar.job.last.done >= 1)
    panel.bar.job.cancel()
    rested()
    assert column(panel, "State")[0] == "to review"
    panel.segment()
    rested()
    assert column(panel, "State") == ["to review"] * 3


def test_taken_off_the_list_a_recording_keeps_its_session(panel, rested, litter):
    panel.add([litter])
    rested()
    panel.segment()
    rested()
    session = panel.table.rows[0].session
    panel.table.selectRow(0)
    panel.buttons.remove.click()
    rested()
    assert session.is_dir()
    assert "pup1.wav" in column(panel, "Recording")


def test_what_is_chosen_stays_chosen_while_the_list_is_looked_over(panel, rested, litter):
    panel.add([litter])
    rested()
    panel.table.selectRow(2)
    panel.look_soon()
    rested()
    assert [row.path.name for row in panel.table.chosen()] == ["pup2.wav"]


@pytest.mark.parametrize("switching", [hiding, showing])
def test_once_it_is_written_that_names_are_hidden_or_shown_nothing_keeps_it_from_the_window(
    panel, rested, litter, switching
):
    panel.add([litter])
    rested()
    steps = switching(panel.folder, ())
    next(steps)
    with pytest.raises(StopIteration):  # where it could be cancelled
        next(steps)


def test_what_is_added_to_a_hidden_list_is_hidden_though_its_name_was_shown_before(
    panel, rested, litter
):
    panel.add([litter / "pup0.wav"])
    rested()
    panel.names.switch()
    rested()
    NAMES.show([key_of([litter / "pup2.wav"])])  # by itself
    panel.add([litter / "pup2.wav"])
    rested()
    assert column(panel, "Recording") == ["R01", "R02"]
