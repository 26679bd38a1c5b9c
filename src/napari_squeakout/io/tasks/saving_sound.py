"""Stretches of a recording, and kept calls -> sound files that people hear, whole or not at all."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.listening.settings import ListenSettings
from napari_squeakout.core.listening.sound import AudibleSound, sounding
from napari_squeakout.core.listening.stretches import Stretch, stretches_around
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Progress, Steps, passing_on
from napari_squeakout.io.exports.findings import Findings, is_session, names_of
from napari_squeakout.io.exports.reading import reading_findings
from napari_squeakout.io.files import atomic_file, atomic_folder
from napari_squeakout.io.results.result_folder import EXPORT, replaceable, write_record
from napari_squeakout.io.results.run_record import made_with
from napari_squeakout.io.sessions.session import open_session
from napari_squeakout.io.sessions.sources import reading_back
from napari_squeakout.io.sources.audio import read_recording

from .exporting import check_is_elsewhere
from .measuring import check_free

SUFFIX = ".wav"
_BYTES = 2


@dataclass(frozen=True, kw_only=True)
class SoundWanted:
    """What is to be heard of a source; left open, all of it.

    Parameters
    ----------
    calls : tuple of int
        Numbers of calls, as in the table of the result or session.
    start_s, stop_s : float or None
        Where a stretch begins and ends, in seconds from the recording's start.
    settings : ListenSettings
        Slowed or heterodyned.
    recording : RecordingSettings
        How a recording is read; results and sessions say it themselves.
    """

    calls: tuple[int, ...] = ()
    start_s: float | None = None
    stop_s: float | None = None
    settings: ListenSettings = field(default_factory=ListenSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)

    @property
    def is_stretch(self) -> bool:
        """Whether a stretch of time is wanted, and no calls."""
        return self.start_s is not None or self.stop_s is not None


@dataclass(frozen=True, kw_only=True)
class SavedSound:
    """The sound files that were written.

    Parameters
    ----------
    durations_s : dict
        How long each file plays, in the order of time.
    notes : tuple of str
        What the user should know.
    """

    durations_s: dict[Path, float]
    notes: tuple[str, ...] = ()


def write_sound(sound: AudibleSound, path: Path) -> None:
    """Write sound as 16-bit WAV, whole or not at all; a file of that name is replaced.

    Raises
    ------
    SqueakOutError
        If the name ends otherwise than in .wav, or it cannot be written.
    """
    if path.suffix.lower() != SUFFIX:
        msg = f"{path}: sound is written as {SUFFIX}: end the name so"
        raise InputError(msg)
    with atomic_file(path) as draft, draft.open("wb") as file, wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(_BYTES)
        written.setframerate(sound.sample_rate_hz)
        written.writeframes(sound.pcm16().astype("<i2").tobytes())


def saving_sound(
    source: Path,
    output: Path,
    wanted: SoundWanted | None = None,
    *,
    near: Sequence[Path] = (),
    overwrite: bool = False,
) -> Steps[SavedSound]:
    """Write a stretch of a recording, or kept calls, as sound that people hear.

    Parameters
    ----------
    source : Path
        A recording, a result folder or a session.
    output : Path
        A file (.wav) for a stretch, or for the calls one after the other; or, for calls, a folder
        that gets a file for each.
    wanted : SoundWanted, optional
        What is heard, and how.
    near : sequence of Path
        More folders to look for the recording of a result or session in.
    overwrite : bool
        Whether a folder of sound that is there may be replaced, if nothing else is in it. A file
        that is there always stays.

    Yields
    ------
    Progress
        Of reading, and after every stretch or call.

    Raises
    ------
    SqueakOutError
        If there is no sound, no such call, the wish contradicts itself, or the output is taken.
    """
    wanted = wanted or SoundWanted()
    is_file = output.suffix.lower() == SUFFIX
    is_kept = source.is_dir()
    _check(source, output, wanted, is_kept=is_kept, is_file=is_file)
    if is_file:
        check_free([output])
    if not is_kept or wanted.is_stretch:
        recording = yield from _reading_recording(source, wanted, near)
        begin_s = 0.0 if wanted.start_s is None else wanted.start_s
        end_s = recording.duration_s if wanted.stop_s is None else wanted.stop_s
        sound = yield from sounding(recording, [Stretch(begin_s, end_s)], wanted.settings)
        write_sound(sound, output)
        return SavedSound(durations_s={output: sound.duration_s}, notes=recording.notes)
    return (yield from _saving_calls(source, output, wanted, near, overwrite=overwrite))


def _saving_calls(
    source: Path,
    output: Path,
    wanted: SoundWanted,
    near: Sequence[Path],
    *,
    overwrite: bool,
) -> Steps[SavedSound]:
    """Kept calls: one after the other in a file, or a file each."""
    found = yield from reading_findings(source, near)
    chosen = _chosen_calls(found, wanted.calls)
    recording = _recording_of((yield from found.pages()), source)
    silent = [] if wanted.calls else _beyond(recording, chosen)
    if 0 < len(silent) < len(chosen):
        chosen = {number: times for number, times in chosen.items() if number not in silent}
    else:
        silent = []  # what was asked for by its number is not left out: it is refused
    why = "lies beyond the end of the recording, where there is no sound: left out"
    notes = (*recording.notes, *found.notes, *(f"call {number} {why}" for number in silent))
    if output.suffix.lower() == SUFFIX:
        stretches = stretches_around(chosen.values(), wanted.settings.margin_s)
        sound = yield from sounding(recording, stretches, wanted.settings)
        found.check_unchanged()
        write_sound(sound, output)
        return SavedSound(durations_s={output: sound.duration_s}, notes=notes)
    sounds = _Calls(source=source, recording=recording, chosen=chosen, settings=wanted.settings)
    replaced = replaceable([source], allowed=overwrite, by_export=True)
    with atomic_folder(output, replaced=replaced) as draft:
        durations_s = yield from sounds.writing(draft)
        found.check_unchanged()
        known = {"source": str(source), "settings": wanted.settings.model_dump()}
        write_record(draft, {EXPORT: "sound", **known, **made_with()})
    return SavedSound(
        durations_s={output / name: lasting for name, lasting in durations_s.items()}, notes=notes
    )


@dataclass(frozen=True, kw_only=True)
class _Calls:
    """Calls that get a file each."""

    source: Path
    recording: Recording
    chosen: dict[int, tuple[float, float]]
    settings: ListenSettings

    def writing(self, folder: Path) -> Steps[dict[str, float]]:
        """Write them; how long each file plays, by its name."""
        names = _names(names_of([self.source])[0], self.chosen, self.settings)
        durations_s = {}
        for done, (number, times) in enumerate(self.chosen.items()):
            yield Progress(done, len(self.chosen), "calls")
            stretch = stretches_around([times], self.settings.margin_s)
            steps = sounding(self.recording, stretch, self.settings)
            sound = yield from passing_on(steps, lambda _: None)
            write_sound(sound, folder / names[number])
            durations_s[names[number]] = sound.duration_s
        return durations_s


def _check(
    source: Path, output: Path, wanted: SoundWanted, *, is_kept: bool, is_file: bool
) -> None:
    """Refuse a wish that contradicts itself, before anything is read."""
    if wanted.calls and wanted.is_stretch:
        msg = f"{source}: give either calls or a stretch of time"
        raise InputError(msg)
    if not is_kept and wanted.calls:
        msg = f"{source}: a recording has no calls yet: give its folder of results or its session"
        raise InputError(msg)
    if is_kept and wanted.recording.model_fields_set:
        told = " and ".join(sorted(wanted.recording.model_fields_set))
        msg = f"{source}: says itself how its recording is read: leave out {told}"
        raise InputError(msg)
    if (wanted.is_stretch or not is_kept) and not is_file:
        msg = f"{output}: a stretch of time is one file: end its name in {SUFFIX}"
        raise InputError(msg)
    if is_kept:
        check_is_elsewhere(output, [source])


def _reading_recording(source: Path, wanted: SoundWanted, near: Sequence[Path]) -> Steps[Recording]:
    """The recording itself, or that of a result or session, whose calls do not matter."""
    if not source.is_dir():
        return read_recording(source, wanted.recording)
    if is_session(source):
        session = open_session(source, read_only=True)
        try:
            stack = yield from reading_back(session, near)
        finally:
            session.close()
    else:
        found = yield from reading_findings(source, near)
        stack = yield from found.pages()
    return _recording_of(stack, source)


def _recording_of(stack: SpectrogramStack, source: Path) -> Recording:
    if stack.recording is None:
        msg = f"{source}: is of images, which have no sound: give a recording, or calls of one"
        raise InputError(msg)
    return stack.recording


def _chosen_calls(found: Findings, numbers: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Number -> onset and offset of the calls wanted, all where none is named, by their onset."""
    if found.is_of_images or not {"call", "start_s", "end_s"} <= set(found.calls.columns):
        msg = f"{found.place}: its calls have no times in a recording, so they have no sound"
        raise InputError(msg)
    columns = [
        pd.to_numeric(found.calls[name], errors="coerce") for name in ("call", "start_s", "end_s")
    ]
    if any(column.isna().any() for column in columns) or columns[0].duplicated().any():
        msg = (
            f"{found.place}: its table has calls without number, onset or offset, or a number "
            "twice: segment again, or correct the table"
        )
        raise InputError(msg)
    known = {
        int(number): (float(start_s), float(stop_s))
        for number, start_s, stop_s in zip(*columns, strict=True)
    }
    missing = [number for number in numbers if number not in known]
    if missing:
        has = f"its calls are {min(known)} to {max(known)}" if known else "it has none"
        msg = f"{found.place}: has no call {missing[0]}, {has}"
        raise InputError(msg)
    if not known:
        msg = (
            f"{found.place}: has no calls, so nothing is to be heard of them: give --from and --to"
        )
        raise InputError(msg)
    chosen = {number: known[number] for number in numbers or known}
    return dict(sorted(chosen.items(), key=lambda item: item[1]))


def _beyond(recording: Recording, calls: dict[int, tuple[float, float]]) -> list[int]:
    """Calls that lie where there is no sound, as on the rest of the last page."""
    return [
        number
        for number, (start_s, stop_s) in calls.items()
        if start_s >= recording.duration_s or stop_s <= 0
    ]


def _names(
    name: str, calls: dict[int, tuple[float, float]], settings: ListenSettings
) -> dict[int, str]:
    """What the file of each call is called."""
    width = len(str(max(calls)))
    return {number: f"{name} call {number:0{width}d} {settings.words}{SUFFIX}" for number in calls}
