"""Recordings, read block by block."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from bad_inputs import BAD_RECORDINGS, CUT_RECORDINGS, RATE_HZ, UNSUITABLE_RECORDINGS, noise

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.rendering.render import render
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.io.sources import audio
from napari_squeakout.io.sources.audio import RECORDING_SUFFIXES, is_recording, read_recording
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.sources.sound_files import wave_header

HOUR = 3600 * RATE_HZ


def _wav_header(n_samples: int, *, promised: int | None = None) -> bytes:
    n_bytes = 2 * n_samples if promised is None else promised
    form = struct.pack("<HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    riff = struct.pack("<I", min(n_bytes + 36, 2**32 - 1))
    return b"RIFF" + riff + b"WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", n_bytes)


def _hour_long(path: Path, *, sounds_at: tuple[int, ...]) -> Path:
    """Sparse: silence but for a second of noise at each of these samples."""
    header = _wav_header(HOUR)
    second = (noise(RATE_HZ) * 32767).astype("<i2").tobytes()
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + 2 * HOUR)
        for at in sounds_at:
            file.seek(len(header) + 2 * at)
            file.write(second)
    return path


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.wav", {"subtype": "PCM_16"}, 2**-15),
        ("a.wav", {"subtype": "PCM_24"}, 2**-23),
        ("a.wav", {"subtype": "PCM_32"}, 2**-24),
        ("a.wav", {"subtype": "FLOAT"}, 0),
        ("a.wav", {"subtype": "DOUBLE"}, 0),
        ("a.wav", {"format": "WAVEX"}, 2**-15),
        ("a.wav", {"format": "RF64"}, 2**-15),
        ("A.FLAC", {"format": "FLAC", "subtype": "PCM_24"}, 2**-23),
        ("a.w64", {}, 2**-15),
        ("a.aiff", {}, 2**-15),
        ("a.caf", {}, 2**-15),
        ("a.au", {}, 2**-15),
    ],
)
def test_samples_come_back_as_they_were_written(tmp_path, name, options, tolerance):
    soundfile.write(tmp_path / name, noise(), RATE_HZ, **options)
    recording = read_recording(tmp_path / name)
    assert (recording.sample_rate_hz, recording.n_samples) == (RATE_HZ, 50_000)
    assert (recording.name, recording.path, recording.notes) == (
        Path(name).stem,
        tmp_path / name,
        (),
    )
    block = recording.read(10_000, 20_000)
    assert block.dtype == np.float32
    np.testing.assert_allclose(block, noise()[10_000:20_000], rtol=0, atol=tolerance)


def test_ogg_is_read(tmp_path):
    soundfile.write(tmp_path / "a.ogg", noise(), 96_000, subtype="VORBIS")
    assert read_recording(tmp_path / "a.ogg").read(0, 50_000).std() > 0.01


def test_the_first_of_several_channels_is_used_and_that_is_said(tmp_path):
    both = np.stack([noise(seed=1), noise(seed=2)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE_HZ, subtype="FLOAT")
    recording = read_recording(tmp_path / "a.wav")
    assert recording.notes == ("2 channels; channel 1 used, choose another with channel",)
    np.testing.assert_array_equal(recording.read(0, 100), both[:100, 0])


def test_a_channel_that_was_chosen_is_used_without_a_word(tmp_path):
    both = np.stack([noise(seed=1), noise(seed=2)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE_HZ, subtype="FLOAT")
    recording = read_recording(tmp_path / "a.wav", RecordingSettings(channel=2))
    assert recording.notes == ()
    np.testing.assert_array_equal(recording.read(0, 100), both[:100, 1])


def test_a_channel_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(), RATE_HZ)
    with pytest.raises(InputError, match=r"a\.wav: has no channel 3: choose one from 1 to 1"):
        read_recording(tmp_path / "a.wav", RecordingSettings(channel=3))


def test_a_silent_channel_is_told_from_one_that_sounds(tmp_path):
    both = np.stack([np.zeros(50_000, np.float32), noise()], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE_HZ)
    with pytest.raises(InputError, match=r"all samples are zero.*choose another channel"):
        read_recording(tmp_path / "a.wav")
    assert read_recording(tmp_path / "a.wav", RecordingSettings(channel=2)).n_samples == 50_000


def test_opening_an_hour_reads_a_fraction_of_a_percent(tmp_path, monkeypatch):
    path = _hour_long(tmp_path / "hour.wav", sounds_at=(0, HOUR // 2))
    n_read = []
    read = audio._read_block

    def counting(*given: Any) -> np.ndarray:
        *_, start, stop = given
        n_read.append(stop - start)
        return read(*given)

    monkeypatch.setattr(audio, "_read_block", counting)
    recording = read_recording(path)
    assert recording.duration_s == 3600
    assert sum(n_read) < HOUR / 1000


def test_an_hour_is_never_in_memory(tmp_path):
    path = _hour_long(tmp_path / "hour.wav", sounds_at=(0,))
    tracemalloc.start()
    try:
        recording = read_recording(path)
        block = recording.read(0, RATE_HZ)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert block.std() > 0.05
    assert peak < 10_000_000


def test_one_short_sound_between_the_places_looked_at_is_found(tmp_path):
    samples = np.zeros(2_000_000, np.float32)
    samples[1_234_567] = 0.5
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ)
    assert read_recording(tmp_path / "a.wav").n_samples == 2_000_000


@pytest.mark.parametrize("promised", [0xFFFFFFFF, 0x7FFFF000])
def test_a_header_written_to_a_pipe_promises_nothing(tmp_path, promised):
    content = _wav_header(0, promised=promised) + (noise() * 32767).astype("<i2").tobytes()
    (tmp_path / "piped.wav").write_bytes(content)
    assert read_recording(tmp_path / "piped.wav").n_samples == 50_000


@pytest.mark.skipif(sys.platform == "win32", reason="files are not sparse there")
def test_a_wav_beyond_4_gib_is_refused_where_most_of_it_would_be_lost(tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(_wav_header(50_000) + (noise() * 32767).astype("<i2").tobytes())
    os.truncate(path, path.stat().st_size + 2**32)
    with pytest.raises(InputError, match=r"longer than the 4 GiB .*: save it as RF64 or W64"):
        read_recording(path)


def test_chunks_after_the_sound_do_not_matter(tmp_path):
    content = _wav_header(50_000) + (noise() * 32767).astype("<i2").tobytes()
    (tmp_path / "a.wav").write_bytes(content + b"LIST\x04\0\0\0INFO")
    assert read_recording(tmp_path / "a.wav").n_samples == 50_000


def test_the_reader_travels_to_another_process(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(), RATE_HZ)
    recording = read_recording(tmp_path / "a.wav")
    again = pickle.loads(pickle.dumps(recording))
    np.testing.assert_array_equal(again.read(5, 50), recording.read(5, 50))


def test_a_relative_path_still_leads_there_from_another_folder(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", noise(), RATE_HZ)
    monkeypatch.chdir(tmp_path)
    recording = read_recording("a.wav")
    monkeypatch.chdir(tmp_path.parent)
    assert recording.read(0, 10).any()


@pytest.mark.parametrize("kind", BAD_RECORDINGS)
def test_a_bad_recording_is_refused_in_one_sentence_with_path_and_remedy(tmp_path, kind):
    path = BAD_RECORDINGS[kind](tmp_path)
    with pytest.raises(InputError) as caught:
        read_recording(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert text.removeprefix(str(path)).count(": ") == 2, "what is wrong, and the remedy"
    assert "\n" not in text
    assert "Error" not in text


@pytest.mark.parametrize("kind", UNSUITABLE_RECORDINGS)
def test_an_unsuitable_recording_opens_and_is_refused_by_rendering(tmp_path, kind):
    recording = read_recording(UNSUITABLE_RECORDINGS[kind](tmp_path))
    with pytest.raises(InputError):
        render(recording)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing wav", "there is no such file"),
        ("empty wav", "is empty"),
        ("text as wav", "is not a recording"),
        ("png as wav", "is not a recording"),
        ("folder as wav", "is a folder"),
        ("zero-sample wav", "holds no samples"),
        ("all-zero wav", "all samples are zero"),
        ("NaN wav", r"not a finite number at 0\.100000 s"),
        ("infinite wav", r"not a finite number at 0\.199996 s"),
    ],
)
def test_the_sentence_says_what_is_wrong(tmp_path, kind, said):
    with pytest.raises(InputError, match=said):
        read_recording(BAD_RECORDINGS[kind](tmp_path))


def test_a_value_that_is_not_finite_is_found_when_its_block_is_read(tmp_path):
    samples = noise(1_000_000)
    samples[700_001] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    recording = read_recording(tmp_path / "a.wav")
    with pytest.raises(InputError, match=r"a\.wav: holds .* at 2\.800004 s: export it again"):
        recording.read(650_000, 750_000)


# --- headers that do not say how much sound there is --------------------------------------------

SOUND = (noise() * 32767).astype("<i2")
WAMD_WITHOUT_PAD = b"wamd\x05\0\0\0abcde"


SOUND_BYTES = SOUND.tobytes()


def wav(data, *, riff=0, sound=SOUND_BYTES, before=b"", after=b""):
    """A WAV with these sizes in its header, whatever is true."""
    form = struct.pack("<HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    head = b"RIFF" + struct.pack("<I", riff) + b"WAVEfmt \x10\0\0\0" + form + before
    return head + b"data" + struct.pack("<I", data) + sound + after


def holds_all(recording, *, n=50_000):
    """Whether it is the sound above, wherever it is looked at."""
    assert recording.n_samples == n
    for start in (0, n // 2, n - 100):
        np.testing.assert_array_equal(
            recording.read(start, start + 100) * 32768, SOUND[start : start + 100]
        )
    return True


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (wav(0), "its header states no length: all 50000 samples up to the end"),
        (wav(0, riff=100_036), "its header states no length: all 50000 samples"),
        (wav(0xFFFFFFFF, riff=0xFFFFFFFF), "its header states no length"),
        (wav(0x7FFFF000), "its header states no length"),
        (wav(0x7FFFFF00, riff=0x7FFFFF24), "promises 1073741696 samples, 50000 are there and read"),
        (wav(0x80000000), "promises 1073741824 samples, 50000 are there"),
        (wav(0xFFFFFFFE), "promises 2147483647 samples, 50000 are there"),
        (wav(0xFFFFFFFF - 36), "promises 2147483629 samples, 50000 are there"),
        (
            wav(200_000, riff=200_036),
            "cut short: its header promises 100000 samples, 50000",
        ),
        (wav(100_002), "cut short: its header promises 50001 samples, 50000 are there"),
        (
            wav(30_000, riff=30_036),
            "states 15000 samples, but sound goes on behind them",
        ),
        (wav(100_000, before=WAMD_WITHOUT_PAD), "a chunk of its header lacks its pad byte"),
        (wav(0, before=WAMD_WITHOUT_PAD), "its header states no length"),
        (wav(100_000, riff=7), ""),
        (wav(100_000, after=b"LIST\x04\0\0\0INFO"), ""),
        (wav(100_000, after=b"guan\x04\0\0\0TE:1id3 \x02\0\0\0ab"), ""),
        (wav(100_000, after=b"TAG" + bytes(125)), ""),
        (wav(100_000, after=bytes(100_000)), ""),
        (wav(100_000, before=b"LIST" + struct.pack("<I", 393_164) + bytes(393_164)), ""),
        (wav(100_000, before=b"wamd\x05\0\0\0abcde\0"), ""),
    ],
)
def test_all_samples_of_a_wav_are_read_whatever_its_header_says_and_that_is_told(
    tmp_path, content, said
):
    (tmp_path / "a.wav").write_bytes(content)
    recording = read_recording(tmp_path / "a.wav")
    assert holds_all(recording)
    assert len(recording.notes) == (said != "") + (b"abcdedata\0" in content)
    assert said in " ".join(recording.notes)


def test_a_header_without_length_is_taken_at_its_word_where_no_sound_follows(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(0, sound=b"", after=b"LIST\x04\0\0\0INFO"))
    with pytest.raises(InputError, match=r"a\.wav: holds no samples"):
        read_recording(tmp_path / "a.wav")


def test_an_rf64_of_a_recorder_that_crashed_is_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", SOUND, RATE_HZ, format="RF64")
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[20:44] = bytes(24)  # what ds64 would say
    (tmp_path / "a.wav").write_bytes(content)
    recording = read_recording(tmp_path / "a.wav")
    assert holds_all(recording)
    assert "states no length" in recording.notes[0]


# Where a header states its length: how to find it, how it is written, what it counts beside it.
LENGTHS = {
    "au": (lambda content: 8, ">I", 0),
    "aiff": (lambda content: content.index(b"SSND") + 4, ">I", 8),
    "caf": (lambda content: content.index(b"data", 40) + 4, ">q", 4),
}


@pytest.mark.parametrize(
    ("kind", "stated", "said"),
    [
        ("au", 0, "states no length"),
        ("au", 0xFFFFFFFF, "states no length"),
        ("au", 30_000, "states 15000 samples, but sound goes on behind them: all 50000"),
        ("aiff", 0, "states no length"),
        ("aiff", 30_000, "states 15000 samples, but sound goes on behind them"),
        ("caf", -5, "states no length"),
        ("caf", 0, "states no length"),
        ("caf", 30_000, "states 15000 samples, but sound goes on behind them"),
        ("caf", 10**9, "promises 500000000 samples, 50000 are there and read"),
    ],
)
def test_headers_of_other_formats_are_not_taken_at_their_word_either(tmp_path, kind, stated, said):
    path = tmp_path / f"a.{kind}"
    soundfile.write(path, SOUND, RATE_HZ)
    content = bytearray(path.read_bytes())
    find, layout, more = LENGTHS[kind]
    struct.pack_into(layout, content, find(content), stated + more)
    path.write_bytes(content)
    recording = read_recording(path)
    assert holds_all(recording)
    assert said in " ".join(recording.notes)


@pytest.mark.parametrize(
    ("kind", "was", "now"),
    [
        ("AU", struct.pack(">I", 24), struct.pack(">I", 8)),
        ("NIST", b"count -i 50000", b"count -i -5000"),
        ("NIST", b"n_bytes -i 2", b"n_bytes -i -"),
        ("CAF", struct.pack(">q", 100_004), struct.pack(">q", -(2**63))),
    ],
)
def test_numbers_that_no_header_has_are_told_in_a_sentence_or_read(tmp_path, kind, was, now):
    path = tmp_path / f"a.{kind.lower()}"
    soundfile.write(path, SOUND, RATE_HZ, format=kind)
    content = path.read_bytes()
    assert was in content
    path.write_bytes(content.replace(was, now, 1)[: 60_000 if kind == "NIST" else None])
    said = ""
    with suppress(InputError):
        said = str(read_recording(path).n_samples)
    assert said == "" or int(said) > 0


def test_a_count_in_the_words_of_a_nist_header_is_not_taken_at_its_word(tmp_path):
    path = tmp_path / "a.sph"
    soundfile.write(path, SOUND, RATE_HZ, format="NIST")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"count -i 50000", b"count -i 15000"))
    recording = read_recording(path)
    assert holds_all(recording)
    assert "states 15000 samples, but sound goes on" in recording.notes[0]


@pytest.mark.parametrize("suffix", ["au", "aiff", "caf", "sph", "voc"])
def test_nothing_is_said_of_a_whole_recording_in_another_format(tmp_path, suffix):
    kind = {"sph": {"format": "NIST"}}.get(suffix, {})
    soundfile.write(tmp_path / f"a.{suffix}", SOUND, 44_100, **kind)
    recording = read_recording(tmp_path / f"a.{suffix}")
    assert holds_all(recording)
    assert recording.notes == ()


@pytest.mark.parametrize("head", [b"RIFF0000WAVE", b"FORM0000AIFC"])
def test_a_header_that_leads_into_silence_is_not_followed_to_its_end(tmp_path, monkeypatch, head):
    (tmp_path / "a.wav").write_bytes(head + bytes(2**20))
    chunks = wave_header._chunks
    seen = []
    monkeypatch.setattr(
        wave_header, "_chunks", lambda *given: (seen.append(c) or c for c in chunks(*given))
    )
    with pytest.raises(InputError, match=r"a\.wav"):
        read_recording(tmp_path / "a.wav")
    assert 0 < len(seen) < 5_000  # of 131,072 that it could be taken for


@pytest.mark.skipif(sys.platform == "win32", reason="files are not sparse there")
def test_a_wav_without_length_is_read_beyond_4_gib(tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(wav(0))
    with path.open("r+b") as file:
        file.truncate(2**32 + 44)
        file.seek(0, os.SEEK_END)
        file.write(SOUND[:100].tobytes())
    recording = read_recording(path)
    assert recording.n_samples == 2**31 + 100
    np.testing.assert_array_equal(recording.read(2**31, 2**31 + 100) * 32768, SOUND[:100])


@pytest.mark.parametrize("kind", CUT_RECORDINGS)
def test_of_a_recording_that_was_cut_off_what_is_there_is_read_and_that_is_told(tmp_path, kind):
    path = CUT_RECORDINGS[kind](tmp_path)
    recording = read_recording(path)
    assert 20_000 < recording.n_samples < 30_000
    assert recording.notes[0].startswith("cut short: its header promises")
    last = recording.read(recording.n_samples - 1000, recording.n_samples)
    wanted = noise()[recording.n_samples - 1000 : recording.n_samples]
    np.testing.assert_allclose(last, wanted, atol=2**-15)
    pickle.loads(pickle.dumps(recording)).read(0, 10)


def flac(path, *, total=True, change=lambda content: content):
    """A FLAC of that sound, with its total unsaid if wanted."""
    soundfile.write(path, SOUND, RATE_HZ)
    content = bytearray(path.read_bytes())
    if not total:
        content[21] &= 0xF0
        content[22:26] = bytes(4)
    path.write_bytes(change(bytes(content)))
    return path


def test_a_flac_that_does_not_say_how_long_it_is_is_read_to_its_end(tmp_path):
    recording = read_recording(flac(tmp_path / "a.flac", total=False))
    assert holds_all(recording)
    assert recording.notes == (
        "its header states no length: all 50000 samples up to the end of the file are read",
    )


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1000],
        lambda content: content[:-1000] + bytes(1000),
        lambda content: content[:-1000] + bytes(1_100_000),
        lambda content: content[:-1000] + b"\xff\xf8" * 500,
    ],
    ids=["cut", "zeros at the end", "many zeros", "what looks like frames"],
)
def test_a_flac_is_read_up_to_its_last_whole_frame(tmp_path, total, change):
    recording = read_recording(flac(tmp_path / "a.flac", total=total, change=change))
    assert 40_000 < recording.n_samples < 50_000
    assert holds_all(recording, n=recording.n_samples)
    assert "header" in recording.notes[0]


def test_a_flac_that_is_broken_in_its_middle_is_refused(tmp_path):
    path = flac(tmp_path / "a.flac", change=lambda c: c[:30_000] + bytes(30_000) + c[60_000:])
    with pytest.raises(InputError, match=r"a\.flac: is damaged"):
        read_recording(path)


# --- slowed down --------------------------------------------------------------------------------


def slowed(path, *, guano="", rate_hz=25_000):
    """The sound at 25 kHz, with these metadata behind it."""
    soundfile.write(path, SOUND, rate_hz)
    text = guano.encode()
    with path.open("ab") as file:
        file.write((b"guan" + struct.pack("<I", len(text)) + text) if text else b"")
    return path


@pytest.mark.parametrize(
    ("guano", "settings", "why"),
    [
        ("", RecordingSettings(time_expansion=10), ""),
        ("GUANO|Version:1.0\nTE:10\nLength: 2", RecordingSettings(), ", as its metadata say"),
        ("TE: 8\n", RecordingSettings(time_expansion=10), ""),
    ],
)
def test_a_recording_slowed_down_is_read_in_the_units_of_the_real_sound(
    tmp_path, guano, settings, why
):
    recording = read_recording(slowed(tmp_path / "a.wav", guano=guano), settings)
    assert (recording.sample_rate_hz, recording.duration_s) == (250_000, 0.2)
    [note] = recording.notes
    assert note.startswith(f"slowed down 10 times{why}: times, frequencies and the sampling rate")
    assert render(recording).layout.n_pages == 1


@pytest.mark.parametrize("guano", ["", "TE:1", "TE:", "TE:ten", "TE:nan", "TE:0.1", "Note: TE"])
def test_a_recording_that_states_no_slowing_down_is_read_as_it_is(tmp_path, guano):
    recording = read_recording(slowed(tmp_path / "a.wav", guano=guano))
    assert (recording.sample_rate_hz, recording.notes) == (25_000, ())


def test_what_metadata_say_is_overruled(tmp_path):
    path = slowed(tmp_path / "a.wav", guano="TE:10")
    assert read_recording(path, RecordingSettings(time_expansion=1)).sample_rate_hz == 25_000


def test_a_rate_that_is_real_already_is_not_multiplied(tmp_path):
    recording = read_recording(slowed(tmp_path / "a.wav", guano="TE:10", rate_hz=250_000))
    assert recording.sample_rate_hz == 250_000
    assert "its sampling rate of 250 kHz is that of real time" in recording.notes[0]


@pytest.mark.parametrize("times", [1, 10])
def test_where_a_slowed_recording_cannot_be_read_is_said_in_the_time_of_the_real_sound(
    tmp_path, times
):
    samples = np.array(SOUND[:25_000], np.float32)
    samples[20_000] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, 25_000, subtype="FLOAT")
    recording = read_recording(slowed(tmp_path / "b.wav"), RecordingSettings(time_expansion=times))
    (tmp_path / "a.wav").replace(tmp_path / "b.wav")
    with pytest.raises(InputError, match=f"finite number at {0.8 / times:.6f} s"):
        recording.read(0, 25_000)
    with pytest.raises(InputError, match=f"cannot be decoded at {1 / times:.6f} s"):
        recording.read(25_000, 26_000)


def test_a_low_rate_is_refused_with_the_setting_for_slowed_sound(tmp_path):
    path = slowed(tmp_path / "a.wav")
    with pytest.raises(InputError, match=r"25000 Hz .* or state time_expansion where it plays"):
        open_recording(path)
    stack = open_recording(path, RecordingSettings(time_expansion=10))
    assert stack.origin.settings["recording"]["time_expansion"] == 10
    assert stack.notes[0].startswith("slowed down 10 times")


@pytest.mark.parametrize("seed", range(360))
def test_a_header_damaged_in_any_way_is_sound_or_one_sentence(tmp_path, seed):
    rng = np.random.default_rng(seed)
    kinds = ("WAV", "FLAC", "W64", "AIFF", "RF64", "AU", "CAF", "NIST", "VOC")
    kind = kinds[seed % len(kinds)]
    path = tmp_path / f"a.{kind.lower()}"
    soundfile.write(path, SOUND[:5000], 44_100, format=kind)
    content = bytearray(path.read_bytes())
    for _ in range(rng.integers(1, 4)):
        at, length = rng.integers(8 if seed % 2 else 30, 100), rng.integers(1, 9)
        content[at : at + length] = (
            rng.choice([0, 255, 1, 127, 128], length).astype(np.uint8).tobytes()
        )
    path.write_bytes(content[: rng.integers(20, len(content))] if seed % 3 == 0 else content)
    try:
        recording = read_recording(path)
        recording.read(recording.n_samples - 10, recording.n_samples)
        said = f"{path}: "
    except InputError as error:
        said = str(error)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said


def test_a_file_that_shrinks_after_opening_is_named(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(), RATE_HZ)
    recording = read_recording(path)
    os.truncate(path, 1000)
    with pytest.raises(InputError, match=r"a\.wav: is damaged or cut short"):
        recording.read(20_000, 30_000)


def test_recordings_are_known_by_their_suffix():
    assert {".wav", ".flac", ".w64", ".aiff", ".ogg"} <= set(RECORDING_SUFFIXES)
    assert is_recording("x/REC_1.WAV")
    assert not is_recording("a.png")
    assert not is_recording("a.raw")


def test_real_recordings_open(shared):
    recording = read_recording(shared / "data" / "amvoc" / "1" / "rec_1.wav")
    assert recording.sample_rate_hz == RATE_HZ
    assert 5 <= recording.duration_s < 6.5
