from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.listening.settings import ListenSettings
from napari_squeakout.core.listening.sound import sound_of, sounding
from napari_squeakout.core.listening.stretches import Stretch
from napari_squeakout.core.recording import Recording
from napari_squeakout.core.steps import run

RATE_HZ = 250_000


def tone(hz, seconds=1.0, *, rate=RATE_HZ, level=0.01):
    samples = level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return Recording.from_array(samples, sample_rate_hz=rate, name="tone")


def loudest_hz(samples, rate):
    """The frequency that most of a sound is at."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[np.argmax(power)])


def share_at(samples, rate, hz, width_hz=100):
    """Share of a sound's power that lies around a frequency."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / rate) - hz) < width_hz
    return float(power[near].sum() / power.sum())


@pytest.mark.parametrize("times", [4, 10, 32])
def test_a_tone_slowed_down_is_as_much_lower_and_longer(times):
    heard = sound_of(tone(70_000), 0.2, 0.5, ListenSettings(slow_down=times))
    assert heard.duration_s == pytest.approx(0.3 * times, abs=1e-3)
    assert loudest_hz(heard.samples, heard.sample_rate_hz) == pytest.approx(70_000 / times, abs=5)
    assert share_at(heard.samples, heard.sample_rate_hz, 70_000 / times) > 0.999


@pytest.mark.parametrize(
    ("call_hz", "heard_hz"), [(70_000, 5_000), (60_000, 5_000), (68_000, 3_000)]
)
def test_a_heterodyned_tone_is_heard_at_its_distance_from_the_carrier(call_hz, heard_hz):
    settings = ListenSettings(way="heterodyned", carrier_hz=65_000)
    heard = sound_of(tone(call_hz), 0.2, 0.5, settings)
    assert heard.duration_s == pytest.approx(0.3, abs=1e-3)
    assert loudest_hz(heard.samples, heard.sample_rate_hz) == pytest.approx(heard_hz, abs=5)
    assert share_at(heard.samples, heard.sample_rate_hz, heard_hz) > 0.999


def test_what_is_far_from_the_carrier_is_not_heard():
    near, far = tone(70_000).read(0, RATE_HZ), tone(90_000).read(0, RATE_HZ)
    both = Recording.from_array(near + far, sample_rate_hz=RATE_HZ)
    heard = sound_of(both, 0, 1, ListenSettings(way="heterodyned", carrier_hz=65_000))
    assert share_at(heard.samples, heard.sample_rate_hz, 5_000) > 0.999


def test_rumble_is_kept_from_covering_a_faint_call():
    call, rumble = tone(70_000, level=0.01).read(0, RATE_HZ), tone(300, level=0.5).read(0, RATE_HZ)
    both = Recording.from_array(call + rumble, sample_rate_hz=RATE_HZ)
    heard = sound_of(both, 0, 1)
    assert share_at(heard.samples, heard.sample_rate_hz, 7_000) > 0.99


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_it_is_given_at_the_rate_that_was_asked_for(rate):
    heard = sound_of(tone(70_000), 0, 0.1, ListenSettings(output_hz=rate))
    assert heard.sample_rate_hz == rate
    assert heard.duration_s == pytest.approx(1, abs=1e-3)
    assert loudest_hz(heard.samples, rate) == pytest.approx(7_000, abs=5)


@pytest.mark.parametrize("level", [1e-4, 0.9])
def test_faint_and_loud_sound_is_brought_to_the_same_level(level):
    heard = sound_of(tone(70_000, level=level), 0, 0.2, ListenSettings(level_db=-6))
    assert np.abs(heard.samples).max() == pytest.approx(10 ** (-6 / 20), rel=1e-4)


def test_it_begins_and_ends_in_silence_and_does_not_click():
    heard = sound_of(tone(70_000), 0.2, 0.4)
    assert abs(heard.samples[0]) < 1e-6
    assert abs(heard.samples[-1]) < 1e-6
    assert np.abs(heard.samples[:24]).max() < 0.05


def test_silence_stays_silence():
    silent = Recording.from_array(np.zeros(RATE_HZ), sample_rate_hz=RATE_HZ)
    heard = sound_of(silent, 0, 0.5)
    assert heard.duration_s == pytest.approx(5, abs=1e-3)
    assert not heard.samples.any()
    assert heard.pcm16().dtype == np.int16


def test_all_of_it_fits_into_16_bits():
    pcm = sound_of(tone(70_000), 0, 0.2, ListenSettings(level_db=0)).pcm16()
    assert np.abs(pcm.astype(int)).max() in {32_766, 32_767}


@pytest.mark.parametrize("n_samples", [1, 2, 7, 40])
def test_a_few_samples_are_sound_too(n_samples):
    for way in ("slowed", "heterodyned"):
        heard = sound_of(tone(70_000), 0.1, 0.1 + n_samples / RATE_HZ, ListenSettings(way=way))
        assert np.isfinite(heard.samples).all()


def test_only_what_lies_in_the_recording_is_heard():
    heard = sound_of(tone(70_000, 0.5), -1, 0.1)
    assert heard.duration_s == pytest.approx(1, abs=1e-3)
    assert heard.place_at(0) == 0


def test_a_moment_that_is_heard_is_told_in_the_recordings_time():
    heard = run(
        sounding(tone(70_000), [Stretch(0.2, 0.3), Stretch(0.6, 0.7)], ListenSettings(slow_down=10))
    )
    assert heard.duration_s == pytest.approx(2 + 0.15, abs=1e-3)
    assert heard.place_at(0) == 0.2
    assert heard.place_at(0.5) == pytest.approx(0.25)
    assert heard.place_at(1.1) == pytest.approx(0.3)  # the pause
    assert heard.place_at(1.15 + 0.5) == pytest.approx(0.65)
    assert heard.place_at(99) == pytest.approx(0.7)


def test_calls_of_one_play_stay_as_loud_to_each_other_as_they_are():
    samples = np.r_[tone(70_000, 0.2, level=0.4).read(0, 50_000), np.zeros(10_000)]
    samples = np.r_[samples, tone(70_000, 0.2, level=0.04).read(0, 50_000)]
    recording = Recording.from_array(samples, sample_rate_hz=RATE_HZ)
    heard = run(sounding(recording, [Stretch(0.05, 0.15), Stretch(0.29, 0.39)]))
    loud, faint = (
        heard.samples[at : at + 24_000] for at in (10_000, heard.parts[1].first + 10_000)
    )
    assert np.abs(loud).max() / np.abs(faint).max() == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize(
    ("start_s", "stop_s", "said"),
    [
        (0.5, 0.5, "no time lies between 0.5 s and 0.5 s"),
        (0.5, 0.2, "no time lies between"),
        (float("nan"), 1, "no time lies between"),
        (2, 3, "2-3 s is no part of it, it lasts 1 s"),
        (-3, -2, "is no part of it"),
    ],
)
def test_a_stretch_that_is_none_is_refused(start_s, stop_s, said):
    with pytest.raises(InputError, match=said):
        sound_of(tone(70_000), start_s, stop_s)


def test_more_than_a_minute_is_refused_before_it_is_read():
    def reader(start, stop):
        msg = "read"
        raise AssertionError(msg)

    long = Recording(name="long", sample_rate_hz=RATE_HZ, n_samples=RATE_HZ * 100, reader=reader)
    with pytest.raises(InputError, match=r"61\.0 s of recording are more than the 60 s"):
        sound_of(long, 0, 61)


def test_a_carrier_that_the_recording_does_not_reach_is_refused():
    settings = ListenSettings(way="heterodyned", carrier_hz=65_000)
    with pytest.raises(InputError, match="holds sound up to 48 kHz, so nothing is heard with"):
        sound_of(tone(30_000, rate=96_000), 0, 1, settings)
