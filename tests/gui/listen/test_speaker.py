"""Whether there is a sound device, and what is said where there is none."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.listening.sound import AudibleSound, Part
from napari_squeakout.gui.listen.player import Player
from napari_squeakout.gui.listen.speaker import QtSpeaker


@pytest.fixture
def speaker(qapp):
    return QtSpeaker()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("libpulse.so.0: cannot open shared object file", "install it (libpulse0 on Debian"),
        ("No module named 'PyQt6.QtMultimedia'", "with its add-ons"),
    ],
)
def test_without_the_libraries_of_sound_it_is_said_what_to_install(
    speaker, monkeypatch, reason, said
):
    real = builtins.__import__

    def importing(name, globals=None, locals=None, fromlist=(), level=0):  # noqa: A002
        if "QtMultimedia" in (fromlist or ()):
            raise ImportError(reason)
        return real(name, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", importing)
    assert said in speaker.why_not()


def test_a_device_that_refuses_is_an_error_that_is_told(speaker, qtbot):
    pytest.importorskip("qtpy.QtMultimedia", exc_type=ImportError)
    if not speaker.why_not():
        pytest.skip("this machine has a sound device")
    assert "There is no sound device" in speaker.why_not()
    sound = AudibleSound(
        samples=np.zeros(480, np.float32), sample_rate_hz=48_000, parts=(Part(0, 0.0, 0.001),)
    )
    with pytest.raises(SqueakOutError, match="the sound device does not take the sound"):
        speaker.start(sound)
    assert speaker.played_s() is None
    player = Player(speaker)
    with qtbot.waitSignal(player.ended) as ended:
        player.play(sound)
    assert "does not take the sound" in ended.args[0]
    assert not player.is_playing
