"""Plays sound, and tells meanwhile which moment of the recording is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.gui.qt.callbacks import every

if TYPE_CHECKING:
    from napari_squeakout.core.listening.sound import AudibleSound

    from .speaker import Speaker

# A page that is slowed down ten times takes 2 s: a step is a seventieth of it.
_LOOK_EVERY_MS = 30


class Player(QObject):
    """Plays one sound at a time.

    Parameters
    ----------
    speaker : Speaker
        Where it is heard.
    """

    #: What is heard now, in seconds from the recording's start.
    moved = Signal(float)
    #: It was heard to its end, was stopped, or could not be played; with the reason, if that.
    ended = Signal(str)

    def __init__(self, speaker: Speaker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.speaker = speaker
        self._sound: AudibleSound | None = None
        self._clock = every(self, _LOOK_EVERY_MS, self._look)

    @property
    def is_playing(self) -> bool:
        """Whether something is heard."""
        return self._sound is not None

    def play(self, sound: AudibleSound) -> None:
        """Play it from its beginning; what was played before ends."""
        self.stop()
        try:
            self.speaker.start(sound)
        except SqueakOutError as error:
            self.ended.emit(f"{error}.")
            return
        self._sound = sound
        self._clock.start()
        self._look()

    def stop(self) -> None:
        """Be silent; nothing where it is so already."""
        if self._sound is not None:
            self._end("")

    def _end(self, why: str) -> None:
        self._sound = None
        self._clock.stop()
        self.speaker.stop()
        self.ended.emit(why)

    def _look(self) -> None:
        sound = self._sound
        if sound is None:
            return
        try:
            played_s = self.speaker.played_s()
        except SqueakOutError as error:
            self._end(f"{error}.")
            return
        if played_s is None:
            self._end("")
        else:
            self.moved.emit(sound.place_at(played_s))
