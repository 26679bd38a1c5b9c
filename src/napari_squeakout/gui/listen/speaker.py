"""The sound device: whether there is one, and sound on its way to it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from qtpy.QtCore import QBuffer, QByteArray, QIODevice, QObject, Signal

from napari_squeakout.core.errors import SqueakOutError

if TYPE_CHECKING:
    from napari_squeakout.core.listening.sound import AudibleSound

# After the last sound, so that what ends is silence: a device may drop what it still holds.
_TAIL_S = 0.2
_NO_DEVICE = (
    "There is no sound device: connect loudspeakers or headphones. Sound can be saved all the same."
)
_WENT_WRONG = {"OpenError", "IOError", "FatalError"}


class Speaker(Protocol):
    """What plays sound."""

    def why_not(self) -> str:
        """Why nothing can be played; empty where it can."""

    def start(self, sound: AudibleSound) -> None:
        """Begin to play; SqueakOutError where that is refused."""

    def stop(self) -> None:
        """Be silent."""

    def played_s(self) -> float | None:
        """How much has been played, in seconds; None once that was all."""


class QtSpeaker(QObject):
    """The system's own sound device, by way of Qt.

    QtMultimedia is imported when it is first asked for: without libpulse Linux cannot load it.
    """

    #: Another device is there, or none any more.
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._devices: Any = None
        self._sink: Any = None
        self._buffer: QBuffer | None = None

    def why_not(self) -> str:
        """Why nothing can be played; empty where it can."""
        try:
            from qtpy import QtMultimedia
        except ImportError as error:
            return why_not_loaded(error)
        if self._devices is None:
            self._devices = QtMultimedia.QMediaDevices(self)
            self._devices.audioOutputsChanged.connect(self.changed)
        return _NO_DEVICE if QtMultimedia.QMediaDevices.defaultAudioOutput().isNull() else ""

    def start(self, sound: AudibleSound) -> None:
        """Begin to play; SqueakOutError where the device refuses."""
        from qtpy import QtMultimedia

        self.stop()
        device = QtMultimedia.QMediaDevices.defaultAudioOutput()
        layout = QtMultimedia.QAudioFormat()
        layout.setSampleRate(sound.sample_rate_hz)
        layout.setChannelCount(1)
        layout.setSampleFormat(QtMultimedia.QAudioFormat.SampleFormat.Int16)
        silence = bytes(2 * round(_TAIL_S * sound.sample_rate_hz))
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(sound.pcm16().tobytes() + silence))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._sink = QtMultimedia.QAudioSink(device, layout, self)
        self._sink.start(self._buffer)
        self._check()

    def stop(self) -> None:
        """Be silent."""
        sink, buffer = self._sink, self._buffer
        self._sink = self._buffer = None
        if sink is not None:
            with suppress(RuntimeError):  # it went with the window
                sink.stop()
                sink.deleteLater()
        if buffer is not None:
            with suppress(RuntimeError):
                buffer.close()
                buffer.deleteLater()

    def played_s(self) -> float | None:
        """How much has been played, in seconds; None once that was all."""
        if self._sink is None or self._buffer is None:
            return None
        self._check()
        # Names: the bindings keep these states in different places.
        state = self._sink.state().name
        if state == "StoppedState" or (state == "IdleState" and self._buffer.atEnd()):
            return None
        return float(self._sink.processedUSecs() / 1e6)

    def _check(self) -> None:
        """Say why nothing is heard; a device may be unplugged at any time."""
        if self._sink.error().name in _WENT_WRONG:
            self.stop()
            msg = (
                "the sound device does not take the sound: choose another in the system's settings"
            )
            raise SqueakOutError(msg)


def why_not_loaded(error: ImportError) -> str:
    """Why Qt has no sound, and what helps."""
    if "libpulse" in str(error):
        return (
            "Sound is off, for libpulse is not installed: install it (libpulse0 on Debian and "
            "Ubuntu, pulseaudio-libs on Fedora) and start napari again."
        )
    return (
        f"Sound is off, for QtMultimedia cannot be loaded ({error}): install PyQt6 or PySide6 "
        "whole, with its add-ons, and start napari again."
    )
