"""The part Listen: what is heard, where the cursor stands, what is saved, and why it is off."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from qtpy.QtCore import QItemSelectionModel
from qtpy.QtGui import QImage, QPainter
from qtpy.QtWidgets import QFileDialog
from windows import child, click, open_by_clicking, pixels_of, text, wait_until_idle

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.gui.layers.layers import page_in_view
from napari_squeakout.gui.listen.panel import ListenPanel
from napari_squeakout.gui.qt.keyboard import keys_of


class FakeSpeaker:
    """Plays nothing, and stands where it is put."""

    def __init__(self):
        self.why, self.sounds, self.is_on, self.at_s, self.error = "", [], False, 0.0, None

    def why_not(self):
        return self.why

    def start(self, sound):
        if self.error is not None:
            raise self.error
        self.sounds.append(sound)
        self.is_on, self.at_s = True, 0.0

    def stop(self):
        self.is_on = False

    def played_s(self):
        if self.error is not None:
            raise self.error
        is_over = self.at_s >= self.sounds[-1].duration_s
        return None if is_over else self.at_s


def begin(dock):
    dock.listen_panel.player.speaker = FakeSpeaker()
    dock.listen_panel.refresh()
    return dock.listen_panel.player.speaker


@pytest.fixture
def window(dock_of, recording, qtbot, monkeypatch):
    """Six pages with three calls, on pages 0, 1 and 3."""
    viewer, dock = dock_of(show=True)
    speaker = begin(dock)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    return viewer, dock, speaker


@pytest.fixture
def with_table(window, qtbot):
    _, dock, _ = window
    dock.calls.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    return window


def choose_rows(dock, rows):
    flags = QItemSelectionModel.SelectionFlag
    choice = dock.calls.table.selectionModel()
    choice.clearSelection()
    for row in rows:
        choice.select(dock.calls.model.index(row, 0), flags.Select | flags.Rows)


def play(dock, qtbot, key="H"):
    press(dock, key)
    wait_until_idle(qtbot, dock)


def press(dock, key):
    """What the key does; the window of tests need not have the keyboard."""
    from qtpy.QtGui import QShortcut

    [found] = [one for one in dock.findChildren(QShortcut) if one.key().toString() == key]
    found.activated.emit()


def go(dock, page):
    dock.review_panel.reviewing.go(page)


def move_to(dock, speaker, qtbot, at_s):
    """Let that much have been played, and the window have noticed."""
    seen = []
    dock.listen_panel.heard.connect(seen.append)
    speaker.at_s = at_s
    qtbot.waitUntil(lambda: bool(seen), timeout=5_000)
    dock.listen_panel.heard.disconnect(seen.append)
    return seen[-1]


def loudest_hz(samples, rate):
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[np.argmax(power)])


def heard_hz(sound):
    return loudest_hz(sound.samples, sound.sample_rate_hz)


def test_without_a_call_in_hand_the_page_is_heard_slowed_down(window, qtbot):
    _, dock, speaker = window
    go(dock, 1)
    play(dock, qtbot)
    [sound] = speaker.sounds
    assert sound.duration_s == pytest.approx(2.207, abs=0.01)
    assert heard_hz(sound) == pytest.approx(6_000, abs=20)
    assert text(dock, "listen_message") == "Playing page 1, 2.2 s, slowed 10x."
    assert text(dock, "dock_said") == "Playing page 1, 2.2 s, slowed 10x."
    assert child(dock, "listen_play").text().startswith("Stop")


def test_the_call_in_hand_is_heard_with_what_is_around_it(window, qtbot):
    _, dock, speaker = window
    go(dock, 0)
    dock.tools_panel.pick(int(np.unique(dock.source.calls.data[0])[1]))
    play(dock, qtbot)
    [sound] = speaker.sounds
    assert sound.duration_s == pytest.approx(10 * (0.05 + 2 * 0.02), abs=0.05)
    assert heard_hz(sound) == pytest.approx(7_000, abs=20)
    assert "Playing call" in text(dock, "listen_message")
    press(dock, "H")
    go(dock, 2)  # the call is out of sight
    play(dock, qtbot)
    assert "Playing page 2" in text(dock, "listen_message")


def test_shift_and_the_key_is_the_page_whatever_is_in_hand(window, qtbot):
    _, dock, _ = window
    dock.tools_panel.pick(int(np.unique(dock.source.calls.data[0])[1]))
    play(dock, qtbot, "Shift+H")
    assert "Playing page 0" in text(dock, "listen_message")


def test_chosen_rows_are_heard_in_the_order_of_time(with_table, qtbot):
    _, dock, speaker = with_table
    calls = dock.calls.followed.calls
    rows = [int(np.argmin(np.abs(calls["start_s"] - start_s))) for start_s in (0.8, 0.05)]
    choose_rows(dock, rows)
    play(dock, qtbot)
    [sound] = speaker.sounds
    first, second = sound.parts
    starts = [calls["start_s"][row] for row in reversed(rows)]
    assert [first.start_s, second.start_s] == pytest.approx([s - 0.02 for s in starts], abs=1e-5)
    apart = (sound.samples[: second.first - 7_200], sound.samples[second.first :])
    assert [loudest_hz(one, 48_000) for one in apart] == pytest.approx([7_000, 9_000], abs=20)


def test_calls_that_are_being_measured_again_are_waited_for(with_table, qtbot):
    _, dock, speaker = with_table
    choose_rows(dock, range(len(dock.calls.followed.calls)))
    dock.calls.followed.hinder("Wait.")
    play(dock, qtbot)
    assert speaker.sounds == []
    assert "wait until their rows are no longer grey" in text(dock, "listen_message")


def test_the_key_again_stops(window, qtbot):
    _, dock, speaker = window
    play(dock, qtbot)
    assert speaker.is_on
    press(dock, "H")
    assert not speaker.is_on
    assert text(dock, "listen_message") == ""
    assert child(dock, "listen_play").text().startswith("Play")
    assert dock.picture._cursor is None


def test_what_was_heard_to_its_end_ends(window, qtbot):
    _, dock, speaker = window
    play(dock, qtbot)
    speaker.at_s = 99
    qtbot.waitUntil(lambda: not dock.listen_panel.player.is_playing, timeout=5_000)
    assert text(dock, "listen_message") == ""
    assert page_in_view(dock.viewer, dock.source.image) == 0


def lined_columns(dock):
    """Columns of the canvas that an orange line goes down."""
    width, height = dock.picture.fitted.size()
    image = QImage(width, height, QImage.Format.Format_RGBA8888)
    image.fill(0)
    painter = QPainter(image)
    dock.picture.paint(painter)
    painter.end()
    pixels = pixels_of(image).astype(int)
    is_orange = (pixels[..., 0] > 200) & (pixels[..., 2] < 100) & (pixels[..., 3] > 200)
    return np.flatnonzero(is_orange.mean(axis=0) > 0.6)


def test_a_line_goes_over_the_page_with_what_is_heard(window, qtbot):
    _, dock, speaker = window
    go(dock, 1)
    assert len(lined_columns(dock)) == 0
    play(dock, qtbot)
    place = dock.picture.place()
    for share in (0.25, 0.75):
        move_to(dock, speaker, qtbot, share * speaker.sounds[-1].duration_s)
        assert lined_columns(dock).mean() == pytest.approx(place.x(share * 512), abs=2.5)
    press(dock, "H")
    assert len(lined_columns(dock)) == 0


def test_the_page_turns_with_what_is_heard(with_table, qtbot):
    viewer, dock, speaker = with_table
    image, calls = dock.source.image, dock.calls.followed.calls
    choose_rows(dock, [0, len(calls) - 1])
    go(dock, 2)
    play(dock, qtbot)
    assert page_in_view(viewer, image) == calls["page"].iloc[0]
    [sound] = speaker.sounds
    page, _ = move_to(dock, speaker, qtbot, sound.parts[-1].first / 48_000 + 0.3)
    assert page_in_view(viewer, image) == page == calls["page"].iloc[-1]


def test_who_turns_to_another_page_is_not_fetched_back(window, qtbot):
    viewer, dock, speaker = window
    play(dock, qtbot)
    go(dock, 4)
    move_to(dock, speaker, qtbot, 1.0)
    assert page_in_view(viewer, dock.source.image) == 4
    assert dock.picture._cursor is None
    go(dock, 0)
    move_to(dock, speaker, qtbot, 1.1)
    assert dock.picture._cursor == pytest.approx(512 * 1.1 / 2.207, abs=2)


def test_the_settings_are_heard_and_kept(window, qtbot):
    _, dock, speaker = window
    go(dock, 1)
    assert not child(dock, "listen_carrier_hz").isEnabled()
    child(dock, "listen_way").setCurrentText("heterodyned")
    assert child(dock, "listen_carrier_hz").isEnabled()
    assert not child(dock, "listen_slow_down").isEnabled()
    child(dock, "listen_carrier_hz").setValue(57)
    assert child(dock, "listen_save").text() == "Save heterodyned wav…"
    wait_until_idle(qtbot, dock)
    play(dock, qtbot)
    [sound] = speaker.sounds
    assert sound.duration_s == pytest.approx(0.2207, abs=0.001)
    assert heard_hz(sound) == pytest.approx(3_000, abs=30)
    other = ListenPanel(list, lambda: 0)
    qtbot.addWidget(other)
    assert (other.form.value().way, other.form.value().carrier_hz) == ("heterodyned", 57_000)


def test_what_would_be_played_is_saved(window, qtbot, monkeypatch, tmp_path):
    _, dock, speaker = window
    go(dock, 1)
    asked = []

    def choose(_parent, _title, name, _filter):
        asked.append(name)
        return str(tmp_path / "mine"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    click(dock, "listen_save")
    wait_until_idle(qtbot, dock)
    assert asked == ["tones page 1 slowed 10x.wav"]
    samples, rate = soundfile.read(tmp_path / "mine.wav")
    assert loudest_hz(samples, rate) == pytest.approx(6_000, abs=20)
    assert text(dock, "listen_message").startswith("Saved 2.2 s of sound, slowed 10x, to ")
    assert speaker.sounds == []


@pytest.mark.parametrize("name", ["tones.wav", "tones"])
def test_the_recording_itself_is_never_written_over(window, qtbot, monkeypatch, recording, name):
    _, dock, _ = window
    before = recording.read_bytes()
    path = str(recording.with_name(name))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (path, ""))
    click(dock, "listen_save")
    wait_until_idle(qtbot, dock)
    assert recording.read_bytes() == before
    assert "choose" in text(dock, "listen_message")


def test_without_a_device_it_is_off_and_says_why_but_saves(window, qtbot):
    _, dock, speaker = window
    speaker.why = "There is no sound device."
    play(dock, qtbot)
    assert speaker.sounds == []
    assert text(dock, "dock_said") == "There is no sound device."
    for name in ("listen_play", "listen_play_page"):
        assert not child(dock, name).isEnabled()
        assert child(dock, name).toolTip() == "There is no sound device."
    assert text(dock, "listen_why") == "There is no sound device."
    assert child(dock, "listen_save").isEnabled()


@pytest.mark.parametrize("is_late", [True, False])
def test_a_device_that_fails_is_told(window, qtbot, is_late):
    _, dock, speaker = window
    error = SqueakOutError("the sound device does not take the sound")
    if is_late:
        play(dock, qtbot)
    speaker.error = error
    if not is_late:
        play(dock, qtbot)
    qtbot.waitUntil(lambda: not dock.listen_panel.player.is_playing, timeout=5_000)
    assert text(dock, "listen_message") == "the sound device does not take the sound."
    assert child(dock, "listen_play").text().startswith("Play")


def test_images_have_no_sound(dock_of, qtbot, monkeypatch, tmp_path):
    from PIL import Image

    Image.fromarray(np.full((512, 512), 90, np.uint8)).save(tmp_path / "a.png")
    _, dock = dock_of()
    speaker = begin(dock)
    assert "Open a recording" in child(dock, "listen_play").toolTip()
    open_by_clicking(qtbot, monkeypatch, dock, tmp_path / "a.png")
    play(dock, qtbot)
    assert speaker.sounds == []
    assert "images, which have no sound" in text(dock, "listen_message")
    assert not child(dock, "listen_save").isEnabled()


def test_a_recording_that_has_gone_is_told(window, qtbot, recording):
    _, dock, speaker = window
    recording.unlink()
    play(dock, qtbot)
    assert speaker.sounds == []
    assert "tones.wav" in text(dock, "listen_message")
    assert child(dock, "listen_play").text().startswith("Play")


def test_it_ends_with_its_recording_and_with_the_dock(window, qtbot):
    viewer, dock, speaker = window
    play(dock, qtbot)
    viewer.layers.clear()
    wait_until_idle(qtbot, dock)
    assert not speaker.is_on
    assert not child(dock, "listen_play").isEnabled()


def test_nothing_is_heard_once_the_dock_is_closed(window, qtbot):
    viewer, dock, speaker = window
    play(dock, qtbot)
    assert speaker.is_on
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: not speaker.is_on, timeout=5_000)


def test_its_keys_are_on_the_card(window):
    _, dock, _ = window
    keys = dict(keys_of(dock))
    assert keys["H"].startswith("Listen to the chosen calls")
    assert keys["Shift+H"].startswith("Listen to the page")
