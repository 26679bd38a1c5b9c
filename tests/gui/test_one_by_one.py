"""A folder of recordings in the window: listed, segmented in a row, gone through one by one."""

from __future__ import annotations

import pytest
import soundfile
from fakes import RATE_HZ, sound
from qtpy.QtGui import QOpenGLContext
from windows import child, click

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.gui.qt.canvas import canvases_of
from napari_squeakout.io.sessions.session import open_session

NAME = "napari-squeakout"


@pytest.fixture
def litter(tmp_path):
    folder = tmp_path / "litter 3"
    folder.mkdir()
    for number in range(3):
        tones = [(0.1 + 0.2 * i, 0.15 + 0.2 * i, 70_000.0) for i in range(number + 1)]
        soundfile.write(folder / f"pup{number}.wav", sound(0.7, *tones), RATE_HZ)
    return folder


@pytest.fixture
def opened(dock_of, litter, qtbot):
    """The window after the folder was dropped on it, at rest."""
    viewer, dock = dock_of(show=True)
    viewer.open(litter, plugin=NAME)

    def rest():
        qtbot.waitUntil(dock.is_idle, timeout=60_000)

    rest()
    return viewer, dock, rest


def states(dock):
    return [dock.recordings_panel.table.state_of(row) for row in dock.recordings_panel.table.rows]


def open_row(dock, number):
    table = dock.recordings_panel.table
    table.opened.emit(table.rows[number])


def names(viewer):
    return sorted(layer.name for layer in viewer.layers if layer.name.startswith("pup"))


def test_a_dropped_folder_is_listed_and_its_first_recording_opened(opened):
    viewer, dock, _ = opened
    table = child(dock, "recordings_table")
    assert table.isVisible()
    assert table.columnWidth(0) >= 100  # the name can be read
    assert states(dock) == ["not yet"] * 3
    assert names(viewer) == ["pup0"]


def test_the_recording_before_closes_itself_with_all_that_was_kept(opened):
    viewer, dock, rest = opened
    panel = dock.recordings_panel
    panel.table.selectRow(1)
    click(dock, "recordings_segment")
    rest()
    click(dock, "segment_run")
    rest()
    click(dock, "review_approve")
    rest()
    open_row(dock, 1)
    rest()
    assert dock.source.image.name == "pup1"
    assert not [layer for layer in viewer.layers if "pup0" in layer.name]
    assert states(dock) == ["to review", "to review", "not yet"]
    assert panel.table.rows[0].n_approved == 1
    open_row(dock, 0)
    rest()
    assert dock.source.image.name == "pup0"
    assert dock.state.review.n_pages == 4
    assert len(list(dock.sources)) == 1


def test_a_recording_comes_again_at_the_page_where_it_was_left(opened):
    viewer, dock, rest = opened
    click(dock, "segment_run")
    rest()
    viewer.dims.set_current_step(0, 3)
    rest()
    open_row(dock, 1)
    rest()
    assert dock.source.image.name == "pup1"
    open_row(dock, 0)
    rest()
    assert dock.page() == 3


def test_a_second_recording_lies_as_the_first_from_its_first_moment(opened):
    viewer, dock, rest = opened
    units = []
    viewer.layers.events.inserted.connect(lambda _event: units.append(viewer.layers.extent.units))
    open_row(dock, 1)
    rest()
    assert units
    assert None not in units  # napari would warn of layers whose units differ


def test_what_was_drawn_of_a_layer_is_deleted_on_its_own_canvas(opened):
    viewer, dock, _ = opened
    (canvas,) = canvases_of(dock.window())
    canvas.doneCurrent()  # as after a part of the dock, or another window, has been drawn
    current = []
    viewer.layers.events.removed.connect(
        lambda _event: current.append(QOpenGLContext.currentContext())
    )
    viewer.layers.remove(dock.source.image)
    assert current == [canvas.context()]


def test_the_list_follows_what_is_done_in_the_window(opened):
    _, dock, rest = opened
    click(dock, "segment_run")
    rest()
    assert states(dock)[0] == "to review"
    click(dock, "review_approve")
    rest()
    assert dock.recordings_panel.table.rows[0].n_approved == 1


def test_the_list_counts_the_calls_as_they_are_once_a_recording_is_closed(opened):
    _, dock, rest = opened
    panel = dock.recordings_panel
    panel.table.selectRow(1)
    click(dock, "recordings_segment")
    rest()
    before = panel.table.rows[1].n_calls
    assert before
    open_row(dock, 1)
    rest()
    calls = dock.source.calls
    calls.data[1, 5:15, 5:30] = 900
    dock.state.note_painted(1)
    dock.state.save()
    panel.look_soon()
    rest()
    assert panel.table.rows[1].n_calls is None  # what was counted is true no more
    open_row(dock, 0)
    rest()
    assert panel.table.rows[1].n_calls == before + 1


def test_what_was_only_looked_at_closes_as_well(opened):
    viewer, dock, rest = opened
    open_row(dock, 1)
    rest()
    assert names(viewer) == ["pup1"]


def test_what_is_kept_nowhere_stays_in_the_window(opened, monkeypatch):
    def full(*_, **__):
        msg = "the disk is full"
        raise SqueakOutError(msg)

    monkeypatch.setattr("napari_squeakout.io.sessions.sources.begin_session", full)
    viewer, dock, rest = opened
    click(dock, "segment_run")
    rest()
    open_row(dock, 1)
    rest()
    assert dock.source.image.name == "pup1"
    assert names(viewer) == ["pup0", "pup0 calls", "pup0 probabilities", "pup1"]


def test_what_the_batch_has_not_come_to_is_not_opened_beside_it(opened):
    viewer, dock, rest = opened
    panel = dock.recordings_panel
    click(dock, "recordings_segment")
    open_row(dock, 2)
    assert "pup2.wav: is being segmented with the others" in panel.bar.text
    rest()
    assert names(viewer) == ["pup0"]
    assert states(dock) == ["not yet", "to review", "to review"]


@pytest.fixture
def gathered(opened):
    """The window at the first recording, with three doubtful pages of the two others gathered."""
    _, dock, rest = opened
    panel = dock.recordings_panel
    assert not panel.buttons.gather.isEnabled()
    click(dock, "segment_run")
    rest()
    click(dock, "recordings_segment")
    rest()
    dock.state.session.probabilities[:] = 0  # the network is sure of all
    for row, heights in ((1, {2: 10}), (2, {3: 200, 1: 60})):
        session = open_session(panel.table.rows[row].session)
        session.probabilities[:] = 0
        for page, n_rows in heights.items():
            session.probabilities[page, :n_rows] = 140  # a little stricter, and it is no call
        session.close()
    click(dock, "recordings_doubtful")
    rest()
    assert "3 doubtful pages of 2 recordings" in panel.bar.text
    return opened


def test_the_part_that_teaches_gathers_doubtful_pages_of_the_whole_list(gathered):
    _, dock, rest = gathered
    dock.recordings_panel.bar.say("")
    dock.fine_tune_panel.doubtful_asked.emit()
    rest()
    assert "3 doubtful pages of 2 recordings" in dock.recordings_panel.bar.text
    assert press_next(dock, rest)[:2] == ("pup2", 3)


def press_next(dock, rest):
    """What is in view then, and what the list says."""
    click(dock, "recordings_next")
    rest()
    return dock.source.image.name, dock.page(), dock.recordings_panel.bar.text


def test_the_doubtful_pages_of_all_recordings_come_one_after_another_and_say_where_they_stand(
    gathered,
):
    _, dock, rest = gathered
    assert [press_next(dock, rest) for _ in range(3)] == [
        ("pup2", 3, "Doubtful page 1 of 3: page 3 of pup2.wav."),
        ("pup2", 1, "Doubtful page 2 of 3: page 1 of pup2.wav."),
        ("pup1", 2, "Doubtful page 3 of 3: page 2 of pup1.wav."),
    ]


def test_no_doubtful_page_is_lost_while_something_is_at_work(gathered):
    _, dock, rest = gathered
    dock.clean_panel.apply(dock.source)
    assert press_next(dock, rest)[:2] == ("pup0", 0)
    assert press_next(dock, rest)[:2] == ("pup2", 3)


def test_a_doubtful_page_that_could_not_be_opened_turns_the_pages_of_no_other_recording(
    gathered, litter
):
    _, dock, rest = gathered
    away = (litter / "pup2.wav").rename(litter.parent / "pup2.wav")
    assert press_next(dock, rest) == (
        "pup0", 0, "pup2.wav: was not opened; part 1 says why. Next goes on with the others.",
    )  # fmt: skip
    dock.session_box.open(dock.recordings_panel.table.rows[1].session)
    rest()
    assert (dock.source.image.name, dock.page()) == ("pup1", 0)
    away.rename(litter / "pup2.wav")
    dock.session_box.open(dock.recordings_panel.table.rows[2].session)
    rest()
    assert (dock.source.image.name, dock.page()) == ("pup2", 0)


def test_what_could_not_be_opened_closes_nothing_when_it_is_opened_by_hand_later(gathered, litter):
    viewer, dock, rest = gathered
    away = (litter / "pup2.wav").rename(litter.parent / "pup2.wav")
    open_row(dock, 2)
    rest()
    away.rename(litter / "pup2.wav")
    dock.session_box.open(dock.recordings_panel.table.rows[2].session)
    rest()
    assert {"pup0", "pup2"} <= set(names(viewer))


def test_a_doubtful_page_of_a_recording_that_is_open_beside_another_is_gone_to(gathered):
    viewer, dock, rest = gathered
    dock.session_box.open(dock.recordings_panel.table.rows[2].session)
    rest()
    viewer.layers.selection.active = viewer.layers["pup0"]
    rest()
    assert press_next(dock, rest)[:2] == ("pup2", 3)


def test_a_page_that_was_approved_since_it_was_gathered_is_passed_over(gathered):
    _, dock, rest = gathered
    open_row(dock, 2)
    rest()
    for page in (3, 1):
        dock.review_panel.reviewing.go(page)
        click(dock, "review_approve")
    open_row(dock, 0)
    rest()
    assert press_next(dock, rest) == (
        "pup1", 2, "Doubtful page 3 of 3: page 2 of pup1.wav.",
    )  # fmt: skip


def test_doubtful_pages_are_not_looked_for_in_another_session_of_their_recording(gathered):
    _, dock, rest = gathered
    panel = dock.recordings_panel
    session = panel.table.rows[2].session
    again = session.rename(session.with_name("again.squeakout"))
    panel.look_soon()
    rest()
    assert panel.table.rows[2].session == again
    assert press_next(dock, rest)[:2] == ("pup1", 2)


def test_the_next_that_waits_for_review_comes_by_one_key(opened):
    _, dock, rest = opened
    click(dock, "recordings_segment")
    rest()
    assert states(dock) == ["not yet", "to review", "to review"]  # the first is open here
    click(dock, "recordings_next")
    rest()
    assert dock.source.image.name == "pup1"
    click(dock, "recordings_next")
    rest()
    assert dock.source.image.name == "pup2"


def test_a_project_that_is_dropped_shows_its_list(opened, dock_of, qtbot):
    _, dock, _ = opened
    project = dock.recordings_panel.folder
    viewer, other = dock_of(show=True)
    viewer.open(project, plugin=NAME)
    qtbot.waitUntil(other.is_idle)
    assert [row.path.name for row in other.recordings_panel.table.rows] == [
        "pup0.wav", "pup1.wav", "pup2.wav",
    ]  # fmt: skip


@pytest.mark.parametrize("is_project", [True, False])
def test_why_no_list_could_be_opened_is_seen_beside_an_open_recording(
    dock_of, recording, tmp_path, qtbot, is_project
):
    viewer, dock = dock_of(show=True)
    viewer.open(recording, plugin=NAME)
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    assert not dock.list_section.isVisible()
    folder = tmp_path / "broken"
    folder.mkdir()
    if is_project:
        (folder / "project.json").write_text("{broken")
        viewer.open(folder, plugin=NAME)
    else:
        dock.recordings_panel.add([folder])
    qtbot.waitUntil(dock.is_idle, timeout=60_000)
    assert str(folder) in child(dock, "recordings_message").text()
    assert child(dock, "recordings_message").isVisible()


def test_a_recording_that_is_gone_says_so_and_what_is_open_stays_open(opened, litter):
    viewer, dock, rest = opened
    (litter / "pup1.wav").unlink()
    open_row(dock, 1)
    rest()
    assert names(viewer) == ["pup0"]
    assert "pup1.wav" in dock.open_panel.bar.text
