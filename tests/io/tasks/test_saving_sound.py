"""Sound that is saved is what was asked for, and takes the place of nothing of a person's."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import soundfile
from kept import images_in, paint_on, recording_in, result_of, session_of

import napari_squeakout as sq
from napari_squeakout import cli
from napari_squeakout.core.errors import InputError, SqueakOutError
from napari_squeakout.core.listening.settings import ListenSettings
from napari_squeakout.core.settings import RecordingSettings
from napari_squeakout.core.steps import run
from napari_squeakout.io.tasks import saving_sound as task
from napari_squeakout.io.tasks.saving_sound import SoundWanted, saving_sound


@pytest.fixture
def recording(tmp_path):
    """Two calls: 80 kHz from 0.05 to 0.1 s, 70 kHz from 0.3 to 0.34 s."""
    return recording_in(tmp_path / "in")


@pytest.fixture
def result(recording, tmp_path):
    return result_of(recording, tmp_path / "results")


def saved(source, output, *, overwrite=False, **wanted):
    return run(saving_sound(source, output, SoundWanted(**wanted), overwrite=overwrite))


def heard_hz(path):
    samples, rate = soundfile.read(path)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[np.argmax(power)])


def test_a_stretch_of_a_recording_is_a_wav_that_plays_slower(recording, tmp_path):
    out = tmp_path / "slow.wav"
    done = saved(recording, out, start_s=0.06, stop_s=0.09)
    assert done.durations_s == {out: pytest.approx(0.3, abs=1e-3)}
    about = soundfile.info(out)
    assert (about.samplerate, about.channels, about.subtype) == (48_000, 1, "PCM_16")
    assert about.duration == pytest.approx(0.3, abs=1e-3)
    assert heard_hz(out) == pytest.approx(8_000, abs=20)


def test_a_recording_is_saved_whole_where_no_stretch_is_named(recording, tmp_path):
    [duration_s] = saved(recording, tmp_path / "all.wav").durations_s.values()
    assert duration_s == pytest.approx(4.4, abs=1e-3)


def test_a_stretch_without_an_end_goes_to_the_recordings(recording, tmp_path):
    [duration_s] = saved(recording, tmp_path / "b.wav", start_s=0.24).durations_s.values()
    assert duration_s == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize("kind", ["result", "session"])
def test_each_call_of_what_was_kept_gets_a_file(recording, result, tmp_path, kind):
    source = result if kind == "result" else session_of(recording, tmp_path / "m.squeakout")
    settings = ListenSettings(slow_down=20, margin_s=0)
    done = saved(source, tmp_path / "out", settings=settings)
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    name = source.name.removesuffix(".squeakout")
    wavs = [f"{name} call 1 slowed 20x.wav", f"{name} call 2 slowed 20x.wav"]
    assert files == [*wavs, "run.json"]
    assert [path.name for path in done.durations_s] == wavs
    if kind == "result":
        assert [heard_hz(path) for path in done.durations_s] == pytest.approx(
            [4_000, 3_500], abs=20
        )
    table = sq.export_calls(source, tmp_path / "table", form="csv")
    calls = pd.read_csv(table.folder / f"{name}.csv")
    lasting = 20 * (calls["end_s"] - calls["start_s"])
    assert list(done.durations_s.values()) == pytest.approx(list(lasting), abs=2e-3)
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["settings"]["slow_down"] == 20


def test_chosen_calls_are_heard_one_after_the_other_in_one_file(result, tmp_path):
    settings = ListenSettings(margin_s=0)
    one = saved(result, tmp_path / "1.wav", calls=(1,), settings=settings)
    other = saved(result, tmp_path / "2.wav", calls=(2,), settings=settings)
    both = saved(result, tmp_path / "both.wav", calls=(2, 1), settings=settings)
    apart = [*one.durations_s.values(), *other.durations_s.values()]
    [together] = both.durations_s.values()
    assert together == pytest.approx(sum(apart) + 0.15, abs=1e-3)
    assert heard_hz(tmp_path / "1.wav") == pytest.approx(8_000, abs=20)
    assert heard_hz(tmp_path / "2.wav") == pytest.approx(7_000, abs=20)


def test_of_a_session_a_stretch_is_heard_before_any_page_is_segmented(recording, tmp_path):
    session = session_of(recording, tmp_path / "m.squeakout", approved=(), stages=0)
    saved(session, tmp_path / "x.wav", start_s=0.06, stop_s=0.09)
    assert heard_hz(tmp_path / "x.wav") == pytest.approx(8_000, abs=20)


def test_the_channel_that_calls_were_found_in_is_the_one_heard(tmp_path):
    path = recording_in(tmp_path / "in", n_channels=2)
    samples, rate = soundfile.read(path)
    samples[:, 0] = 0.1 * np.sin(2 * np.pi * 50_000 * np.arange(len(samples)) / rate)
    soundfile.write(path, samples, rate)
    result = result_of(path, tmp_path / "results", recording={"channel": 2})
    saved(result, tmp_path / "x.wav", calls=(1,))
    assert heard_hz(tmp_path / "x.wav") == pytest.approx(8_000, abs=20)
    saved(path, tmp_path / "1.wav", start_s=0.05, recording=RecordingSettings(channel=1))
    assert heard_hz(tmp_path / "1.wav") == pytest.approx(5_000, abs=20)


def test_a_call_painted_beyond_the_end_costs_no_other_its_sound(recording, tmp_path):
    samples, rate = soundfile.read(recording)
    soundfile.write(recording, samples[: round(0.4 * rate)], rate)  # 0.04 s of the second page less
    session = session_of(recording, tmp_path / "m.squeakout")
    labels = np.load(session / "labels.npy", mmap_mode="r+")
    labels[1, 200:210, 480:510] = 7
    labels.flush()
    done = saved(session, tmp_path / "out")
    assert [path.name.split(" call ")[1][0] for path in done.durations_s] == ["1", "2"]
    assert any("call 7 lies beyond the end" in note for note in done.notes)
    with pytest.raises(InputError, match="is no part of it"):
        saved(session, tmp_path / "x.wav", calls=(7,))


def test_images_have_no_sound_and_that_is_said(tmp_path):
    result = result_of(images_in(tmp_path / "pictures"), tmp_path / "results")
    for output, wanted in (("out", {}), ("x.wav", {"start_s": 0.0})):
        with pytest.raises(InputError, match="no sound"):
            saved(result, tmp_path / output, **wanted)
        assert not (tmp_path / output).exists()


@pytest.mark.parametrize(
    ("source", "output", "wanted", "said"),
    [
        ("recording", "x.wav", {"calls": (1,)}, "a recording has no calls yet"),
        ("recording", "folder", {}, "a stretch of time is one file: end its name in .wav"),
        ("result", "folder", {"stop_s": 1.0}, "a stretch of time is one file"),
        ("result", "x.wav", {"calls": (1,), "stop_s": 1.0}, "give either calls or a stretch"),
        ("result", "x.wav", {"calls": (1, 7)}, "has no call 7, its calls are 1 to 2"),
        ("result", "x.wav", {"recording": RecordingSettings(channel=1)}, "leave out channel"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(
    recording, result, tmp_path, source, output, wanted, said
):
    place = {"recording": recording, "result": result}[source]
    with pytest.raises(InputError, match=said):
        saved(place, tmp_path / output, **wanted)
    assert not (tmp_path / output).exists()


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_that_is_there_stays(recording, result, tmp_path, overwrite):
    taken = tmp_path / "mine.wav"
    taken.write_bytes(b"a person's")
    for source in (recording, result):
        with pytest.raises(SqueakOutError, match="exists already and stays"):
            saved(source, taken, overwrite=overwrite)
    assert taken.read_bytes() == b"a person's"


def test_a_folder_of_sound_is_replaced_only_where_that_is_asked_for(result, tmp_path):
    saved(result, tmp_path / "out")
    with pytest.raises(SqueakOutError, match="exists already"):
        saved(result, tmp_path / "out", calls=(2,))
    assert len(list((tmp_path / "out").glob("*.wav"))) == 2
    saved(result, tmp_path / "out", calls=(2,), overwrite=True)
    assert len(list((tmp_path / "out").glob("*.wav"))) == 1


def test_a_folder_that_holds_something_of_a_persons_stays(result, tmp_path):
    saved(result, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(SqueakOutError, match="was not written by this program"):
        saved(result, tmp_path / "out", overwrite=True)
    with pytest.raises(SqueakOutError, match="is a result, which no export"):
        saved(result, result_of(result.parents[1] / "in" / "mouse 7.wav", tmp_path / "other"),
              overwrite=True)  # fmt: skip


@pytest.mark.parametrize("name", ["x.wav", "sounds"])
def test_nothing_is_written_into_a_result(result, name):
    before = sorted(result.iterdir())
    with pytest.raises(SqueakOutError, match="which is only read"):
        saved(result, result / name)
    assert sorted(result.iterdir()) == before


def test_a_session_that_is_painted_on_meanwhile_leaves_no_file(recording, tmp_path, monkeypatch):
    session = session_of(recording, tmp_path / "m.squeakout")
    real = task.write_sound

    def painting(sound, path):
        paint_on(session, 0, 9)
        real(sound, path)

    monkeypatch.setattr(task, "write_sound", painting)
    with pytest.raises(InputError, match="were changed while they were read"):
        saved(session, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_recording_that_was_changed_is_not_taken_for_that_of_the_calls(recording, result):
    recording.write_bytes(recording.read_bytes()[:-4000])
    with pytest.raises(InputError, match="segment"):
        saved(result, result.parent / "x.wav")


def test_from_python_the_files_are_given(result, tmp_path):
    files = sq.save_sound(result, tmp_path / "out", calls=[2])
    assert [path.name for path in files] == ["mouse 7 call 2 slowed 10x.wav"]
    heterodyned = sq.ListenSettings(way="heterodyned", carrier_hz=65_000)
    [file] = sq.save_sound(result, tmp_path / "h.wav", calls=[2], settings=heterodyned)
    assert heard_hz(file) == pytest.approx(5_000, abs=40)


def command(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        cli.main([str(one) for one in arguments])
    return left.value.code or 0, *capsys.readouterr()


def test_the_command_says_what_it_wrote(recording, tmp_path, capsys):
    out = tmp_path / "x.wav"
    flags = ("--from", "0.06", "--to", "0.09", "--slow-down", "20", "--output-hz", "44100")
    code, said, _ = command(capsys, "sound", recording, "--output", out, *flags)
    assert (code, said) == (0, f"{out}: 0.60 s, slowed 20x\n")
    assert soundfile.info(out).samplerate == 44_100
    assert heard_hz(out) == pytest.approx(4_000, abs=20)


def test_the_command_writes_chosen_calls(result, tmp_path, capsys):
    code, said, _ = command(
        capsys, "sound", result, "--calls", "2", "1", "--output", tmp_path / "out"
    )
    assert code == 0
    lines = said.splitlines()
    assert ["call 1" in lines[0], "call 2" in lines[1], len(lines)] == [True, True, 2]


def test_the_command_says_in_a_line_what_failed(result, tmp_path, capsys):
    code, said, err = command(
        capsys, "sound", result, "--calls", "9", "--output", tmp_path / "x.wav"
    )
    assert (code, said) == (1, "")
    assert err.startswith("error:")
    assert "has no call 9" in err
