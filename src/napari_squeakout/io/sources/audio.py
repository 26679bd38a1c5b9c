"""Recordings, read block by block.

The file is opened for each read: a recording can be shared between threads, sent to another
process, and an hour of it is never in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.recording import Recording, Samples
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.io.files import check_readable
from napari_squeakout.io.sources.sound_files.file import Sound, open_sound
from napari_squeakout.io.sources.sound_files.guano import stated_expansion
from napari_squeakout.io.sources.sound_files.length import find_sound

_SUFFIXES_BY_FORMAT = {
    "AIFF": (".aif", ".aifc", ".aiff"),
    "AU": (".au", ".snd"),
    "CAF": (".caf",),
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "NIST": (".sph",),
    "OGG": (".oga", ".ogg", ".opus"),
    "RF64": (".rf64",),
    "VOC": (".voc",),
    "W64": (".w64",),
    "WAV": (".wav", ".wave"),
}
#: Endings of the files that this machine's libsndfile reads and that hold recordings.
RECORDING_SUFFIXES = tuple(
    sorted(
        suffix
        for name in _SUFFIXES_BY_FORMAT.keys() & soundfile.available_formats().keys()
        for suffix in _SUFFIXES_BY_FORMAT[name]
    )
)

#: What a note begins with that tells of a file that plays slower than life.
SLOWED = "slowed down"
_TOLD = re.compile(rf"{SLOWED} ([0-9.]+) times")

_PROBES = 64
_PROBE_FRAMES = 4096
_SCAN_FRAMES = 2**20
# No recorder of animals is faster: a file that would be has not been slowed down.
_MOST_KHZ = 1000.0


def is_recording(path: str | Path) -> bool:
    """Whether a file's ending is that of a recording; the file is not looked at."""
    return Path(path).suffix.lower() in RECORDING_SUFFIXES


def read_recording(path: str | Path, settings: RecordingSettings | None = None) -> Recording:
    """Open a recording; its samples are read when they are asked for.

    Parameters
    ----------
    path : str or Path
        WAV, RF64, W64, FLAC, AIFF, Ogg or whatever else libsndfile reads.
    settings : RecordingSettings, optional
        The channel to use, and how many times slower than life the file plays.

    Returns
    -------
    Recording
        float32 samples, full scale = 1, of one channel at the rate at which it was recorded. Its
        reader raises InputError where a block cannot be read or holds a value that is not finite.

    Raises
    ------
    InputError
        If the file is missing, unreadable, no recording, damaged, a WAV beyond 4 GiB, without
        samples, without that channel, all zeros, or not finite at one of 64 places spread over it.
        Of a file that was cut short or never finished what is there is read; a note says so.
    """
    path = Path(path)
    settings = settings or RecordingSettings()
    # libsndfile says "System error" to all of these.
    check_readable(path)
    # A relative path would lead elsewhere once the working directory changes.
    sound, file_notes = find_sound(path.absolute())
    with open_sound(sound) as file:
        n_samples, n_channels, rate_hz = file.frames, file.channels, file.samplerate
    if n_samples <= 0:
        msg = f"{path}: holds no samples: copy it again from the recorder"
        raise InputError(msg)
    if settings.channel > n_channels:
        msg = f"{path}: has no channel {settings.channel}: choose one from 1 to {n_channels}"
        raise InputError(msg)
    times, slowed = _expansion(path, rate_hz, settings.time_expansion)
    real_rate_hz = round(rate_hz * times)
    reader = partial(_read_block, sound, settings.channel, real_rate_hz)
    _check_sound(path, reader, n_samples)
    unchosen = n_channels > 1 and "channel" not in settings.model_fields_set
    note = f"{n_channels} channels; channel 1 used, choose another with channel"
    notes = (*file_notes, *[note] * unchosen, *slowed)
    return Recording(
        name=path.stem,
        sample_rate_hz=real_rate_hz,
        n_samples=n_samples,
        reader=reader,
        path=path,
        notes=notes,
        time_expansion=times,
    )


def _expansion(path: Path, rate_hz: int, wanted: float | None) -> tuple[float, list[str]]:
    """How many times slower than life a file plays, and what the user should know of it."""
    stated = stated_expansion(path) if wanted is None else None
    times = wanted or stated or 1.0
    if times == 1:
        return 1.0, []
    real_khz = rate_hz * times / 1e3
    if stated is not None and real_khz > _MOST_KHZ:
        note = (
            f"its metadata say that it is slowed down {times:g} times, but its sampling rate of "
            f"{rate_hz / 1e3:g} kHz is that of real time: read as it is, unless time_expansion "
            "says otherwise"
        )
        return 1.0, [note]
    why = ", as its metadata say" if stated is not None else ""
    note = (
        f"{SLOWED} {times:g} times{why}: times, frequencies and the sampling rate of "
        f"{real_khz:g} kHz are those of the real sound"
    )
    return times, [note]


def told_expansion(notes: Iterable[object]) -> float:
    """How many times slower than life a file was taken to play, by the notes of its recording."""
    told = (_TOLD.match(str(note)) for note in notes)
    return next((float(one[1]) for one in told if one), 1.0)


def _check_sound(path: Path, reader: partial[Samples], n_samples: int) -> None:
    """Look at places all over the file, its end among them; read all only if these are silent."""
    last = max(0, n_samples - _PROBE_FRAMES)
    probes = np.unique(np.linspace(0, last, _PROBES, dtype=np.int64)).tolist()
    # All are read, also after one that sounds: each is checked by the reader.
    heard = [_sounds(reader, start, start + _PROBE_FRAMES, n_samples) for start in probes]
    if any(heard):
        return
    everywhere = range(0, n_samples, _SCAN_FRAMES)
    if not any(_sounds(reader, start, start + _SCAN_FRAMES, n_samples) for start in everywhere):
        msg = f"{path}: all samples are zero: check the microphone or choose another channel"
        raise InputError(msg)


def _sounds(reader: partial[Samples], start: int, stop: int, n_samples: int) -> bool:
    return bool(np.any(reader(start, min(stop, n_samples))))


def _read_block(sound: Sound, channel: int, rate_hz: int, start: int, stop: int) -> Samples:
    """Samples `start` to `stop` of one channel (counted from 1), float32, all of them finite.

    What is said of where one cannot be read is in the time of the real sound.
    """
    path = sound if isinstance(sound, Path) else sound.path
    with open_sound(sound) as file:
        try:
            file.seek(start)
            frames = file.read(stop - start, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise _broken_off(path, start, rate_hz) from error
    if len(frames) < stop - start:
        raise _broken_off(path, start + len(frames), rate_hz)
    samples = np.ascontiguousarray(frames[:, channel - 1])
    finite = np.isfinite(samples)
    if not finite.all():
        first_s = (start + int(np.argmin(finite))) / rate_hz
        msg = (
            f"{path}: holds a value that is not a finite number at {first_s:.6f} s: "
            "export it again as 16-bit WAV"
        )
        raise InputError(msg)
    return samples


def _broken_off(path: Path, at: int, rate_hz: int) -> InputError:
    return InputError(
        f"{path}: is damaged or cut short, it cannot be decoded at {at / rate_hz:.6f} s: "
        "copy it again from the recorder"
    )
