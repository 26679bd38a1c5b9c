"""How much sound a file holds where its header does not say so: what is there is read, and told."""

from __future__ import annotations

from pathlib import Path

import soundfile

from napari_squeakout.core.errors import InputError

from .file import Mended, Sound, open_sound
from .flac_end import flac_with_true_end
from .other_headers import read_other_promise
from .wave_header import WAV_LIMIT_BYTES, Promise, read_promise

_MOST_SAMPLES = 2**62

_NO_LENGTH = "its header states no length: all {} {} up to the end of the file are read"
_CUT = (
    "cut short: its header promises {} {}, {} are there and read; copy it again if the recorder "
    "has the rest"
)
_LONGER = (
    "its header states {} {}, but sound goes on behind them: all {} up to the end of the file are "
    "read"
)


def find_sound(path: Path) -> tuple[Sound, tuple[str, ...]]:
    """What is to be opened of a file, and what the user should know of it.

    Raises
    ------
    InputError
        If it is no recording, or a WAV of which most would be lost.
    """
    promise = read_promise(path) or read_other_promise(path)
    if promise is None:
        return _flac(path)
    frame = promise.frame_bytes
    there = promise.there // frame
    promised = None if promise.promised is None else promise.promised // frame
    if promise.promised is not None and promise.there - promise.promised >= WAV_LIMIT_BYTES:
        msg = (
            f"{path}: is longer than the 4 GiB that a WAV header can describe: "
            "save it as RF64 or W64, or in parts"
        )
        raise InputError(msg)
    notes = [*_told(promise, promised, there)]
    if promise.unpadded:
        notes.append("a chunk of its header lacks its pad byte; it is read all the same")
    if not notes or promise.head is None:
        return path, tuple(notes)
    n_bytes = there * frame
    stop = promise.start + n_bytes
    return Mended(path=path, head=promise.head(n_bytes), start=promise.start, stop=stop), tuple(
        notes
    )


def _told(promise: Promise, promised: int | None, there: int) -> list[str]:
    what = "samples" if promise.head else "bytes of sound"
    told = []
    if promised is None:
        told = [_NO_LENGTH.format(there, what)]
    elif promised > there:
        told = [_CUT.format(promised, what, there)]
    elif promised < there and promise.head:
        told = [_LONGER.format(promised, what, there)]
    return told


def _flac(path: Path) -> tuple[Sound, tuple[str, ...]]:
    """Look whether the end that a FLAC file states can be read, and for another where not."""
    with open_sound(path) as file:
        if file.format != "FLAC" or _end_is_read(file):
            return path, ()
    found = flac_with_true_end(path)
    if found is None:
        return path, ()
    mended, n_samples, promised = found
    text = _CUT.format(promised, "samples", n_samples)
    return mended, (text if promised else _NO_LENGTH.format(n_samples, "samples"),)


def _end_is_read(file: soundfile.SoundFile) -> bool:
    if not 0 < file.frames < _MOST_SAMPLES:
        return False
    try:
        file.seek(file.frames - 1)
        return len(file.read(1, dtype="float32")) == 1
    except soundfile.SoundFileError:
        return False
