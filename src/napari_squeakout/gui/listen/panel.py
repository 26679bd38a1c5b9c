"""Listen: calls and pages slowed down or heterodyned, heard or saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.listening.settings import ListenSettings
from napari_squeakout.core.listening.sound import sounding
from napari_squeakout.gui.forms.form import SettingsForm
from napari_squeakout.gui.names.shown import shown_name
from napari_squeakout.gui.qt.buttons import button
from napari_squeakout.gui.qt.job_bar import message_label
from napari_squeakout.gui.qt.jobs import Job
from napari_squeakout.gui.qt.keyboard import bind_key
from napari_squeakout.gui.source.contents import file_to_write
from napari_squeakout.io.preferences import keep_preferences, read_preferences
from napari_squeakout.io.tasks.saving_sound import SUFFIX

from .heard import Heard, heard_of, heard_of_page, times_of
from .player import Player
from .saving import asked_path, saving
from .speaker import QtSpeaker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtGui import QShowEvent

    from napari_squeakout.core.listening.sound import AudibleSound
    from napari_squeakout.gui.layers.roles import SourceLayers
    from napari_squeakout.gui.qt.failures import Failure

#: Under this name settings are kept.
_KEPT_AS = "listen"
_KEY, _PAGE_KEY = "H", "Shift+H"
_PLAY, _STOP = "Play", "Stop"
_PLAYS = "Listen to the chosen calls, or to the page where none is chosen; again stops"
_PLAYS_PAGE = "Listen to the page in view; again stops"
_SAVES = "Save what Play would play, made heard in the same way, as a sound file"
_NO_SOUND = "These pages are images, which have no sound: open their recording to listen."
_NOTHING = "Open a recording to listen to it."


class ListenPanel(QWidget):
    """Plays and saves what is meant: the chosen calls, the call in hand, or the page.

    Parameters
    ----------
    chosen : callable
        Gives onset and offset of the calls chosen in the table; raises SqueakOutError where they
        are not known just now.
    picked : callable
        Gives the number of the call in hand on the page in view, 0 for none.
    """

    #: The page and its column that are heard now; None when nothing is heard any more.
    heard = Signal(object)
    #: What the line says.
    said = Signal(str)

    def __init__(
        self,
        chosen: Callable[[], Sequence[tuple[float, float]]],
        picked: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._chosen, self._picked = chosen, picked
        self._source: SourceLayers | None = None
        self._page = 0
        self._is_seen = False
        speaker = QtSpeaker(self)
        speaker.changed.connect(self.refresh)
        self.player = Player(speaker, self)
        self._heard: Heard | None = None
        self._making, self._saving = Job(self), Job(self)
        self.form = SettingsForm(
            ListenSettings, "listen", advanced=("margin_s", "level_db", "output_hz")
        )
        self.form.set_value(read_preferences(ListenSettings, _KEPT_AS))
        self._play = button(f"{_PLAY}  [ {_KEY} ]", "listen_play", _PLAYS)
        self._play_page = button("Play page", "listen_play_page", _PLAYS_PAGE)
        self._save = button("", "listen_save", _SAVES)
        self._why = message_label("listen_why")
        self._said = message_label("listen_message")
        self._connect()
        self._lay_out()
        self._follow_settings()
        self.refresh()

    def bind_keys(self, dock: QWidget) -> None:
        """Take keys while the dock is shown."""
        bind_key(dock, _KEY, self.play_or_stop, _PLAYS)
        bind_key(dock, _PAGE_KEY, partial(self.play_or_stop, of_page=True), _PLAYS_PAGE)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Look for a sound device when first seen: that loads Qt's libraries for sound."""
        super().showEvent(event)
        self._is_seen = True
        self.refresh()

    def set_source(self, source: SourceLayers | None, page: int) -> None:
        """Follow the dock's source; what is heard of another ends."""
        before = None if self._source is None else self._source.stack
        self._source, self._page = source, page
        if before is not None and (source is None or source.stack is not before):
            self.stop()
            self._say("")
        self.refresh()

    def set_page(self, page: int) -> None:
        """Follow the page in view."""
        self._page = page

    def play_or_stop(self, *, of_page: bool = False) -> None:
        """Begin to play what is meant, or the page; what is playing stops instead."""
        if self.player.is_playing or self._making.is_active:
            self.stop()
            return
        why = self._why_no_recording() or self.player.speaker.why_not()
        self._is_seen = True
        self.refresh()
        heard = None if why else self._meant(of_page=of_page)
        if why:
            self._say(why)
        recording = None if self._source is None else self._source.stack.recording
        if heard is None or recording is None:
            return
        steps = sounding(recording, heard.stretches, self.form.value())
        self._making.start(steps, done=partial(self._on_made, heard))
        self._tell_playing(is_playing=True)

    def stop(self) -> None:
        """Be silent, and forget what was being prepared."""
        self._making.cancel()
        self.player.stop()
        self._tell_playing(is_playing=False)

    def save(self) -> None:
        """Ask for a file, and write what is meant into it."""
        heard = self._meant()
        source = self._source
        recording = None if source is None else source.stack.recording
        if heard is None or source is None or recording is None:
            return
        if self._saving.is_active:
            self._say("Wait until the last sound is saved.")
            return
        settings = self.form.value()
        name = f"{shown_name(source.stack)} {heard.words} {settings.words}"
        path = asked_path(self, name)
        if path:
            try:
                file = file_to_write(path, [SUFFIX], "sound", metadata=source.image.metadata)
            except (SqueakOutError, OSError) as error:
                self._say(f"{error}.")
                return
            self._say("Saving…")
            steps = saving(recording, heard.stretches, settings, file)
            self._saving.start(steps, done=self._say)

    def end(self) -> None:
        """Be silent: the dock goes."""
        self.stop()

    def refresh(self) -> None:
        """Enable what can be done, and say why the rest cannot."""
        why = self._why_no_recording()
        # Asked once the part is seen, for it loads Qt's libraries for sound.
        silent = why or (self.player.speaker.why_not() if self._is_seen else "")
        for one, tooltip in ((self._play, _PLAYS), (self._play_page, _PLAYS_PAGE)):
            one.setEnabled(not silent or self.player.is_playing)
            one.setToolTip(silent or tooltip)
        self._save.setEnabled(not why)
        self._save.setToolTip(why or _SAVES)
        self._why.setText(silent)
        self._why.setVisible(bool(silent))

    # --- inside ---------------------------------------------------------------------------------

    def _why_no_recording(self) -> str:
        if self._source is None:
            return _NOTHING
        return _NO_SOUND if self._source.stack.recording is None else ""

    def _meant(self, *, of_page: bool = False) -> Heard | None:
        """What is to be heard; where it cannot be told it is said why."""
        source = self._source
        if source is None:
            return None
        layout = source.stack.layout
        if of_page:
            return heard_of_page(layout, self._page)
        try:
            chosen = self._chosen()
        except SqueakOutError as error:
            self._say(f"{error}.")
            return None
        number = 0 if source.calls is None else self._picked()
        times = None
        if number and source.calls is not None:
            times = times_of(source.calls.data, layout, self._page, number)
        picked = None if times is None else (number, times)
        return heard_of(layout, self._page, chosen, picked, self.form.value().margin_s)

    def _on_made(self, heard: Heard, sound: AudibleSound) -> None:
        self._say(f"Playing {heard.words}, {sound.duration_s:.1f} s, {self.form.value().words}.")
        self._heard = heard
        self.player.play(sound)

    def _on_moved(self, at_s: float) -> None:
        source = self._source
        if source is not None and self._heard is not None:
            self.heard.emit(self._heard.place_of(source.stack.layout, at_s))

    def _on_ended(self, why: str) -> None:
        self.heard.emit(None)
        self._say(why)
        self._tell_playing(is_playing=False)

    def _on_failed(self, failure: Failure) -> None:
        self._say(failure.sentence)
        self._tell_playing(is_playing=False)

    def _tell_playing(self, *, is_playing: bool) -> None:
        self._play.setText(f"{_STOP if is_playing else _PLAY}  [ {_KEY} ]")

    def _follow_settings(self) -> None:
        settings = self.form.value()
        self.form.enable("slow_down", settings.way == "slowed")
        self.form.enable("carrier_hz", settings.way == "heterodyned")
        self._save.setText(f"Save {settings.way} wav…")

    def _on_settings(self, settings: Any) -> None:
        self._follow_settings()
        keep_preferences(settings, _KEPT_AS)

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self.said.emit(text)

    def _connect(self) -> None:
        self.form.value_changed.connect(lambda _settings: self._follow_settings())
        self.form.settled.connect(self._on_settings)
        self.player.moved.connect(self._on_moved)
        self.player.ended.connect(self._on_ended)
        self._making.failed.connect(self._on_failed)
        self._saving.failed.connect(lambda failure: self._say(failure.sentence))
        self._play.clicked.connect(lambda _checked=False: self.play_or_stop())
        self._play_page.clicked.connect(lambda _checked=False: self.play_or_stop(of_page=True))
        self._save.clicked.connect(lambda _checked=False: self.save())

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._play)
        row.addWidget(self._play_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._why)
        layout.addLayout(row)
        layout.addWidget(self.form)
        layout.addWidget(self._save)
        layout.addWidget(self._said)
