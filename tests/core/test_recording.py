from __future__ import annotations

import numpy as np
import pytest

from napari_squeakout.core.recording import Recording

SOUND = np.arange(1, 11, dtype=np.float32)


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 10), (3, 7), (-4, 5), (8, 15), (-3, 13), (-9, -2), (-5, 0), (10, 14), (20, 25), (4, 4)],
)
def test_reading_past_an_edge_gives_silence(start, stop):
    recording = Recording.from_array(SOUND, sample_rate_hz=10)
    padded = np.pad(SOUND, 30)
    block = recording.read(start, stop)
    assert block.dtype == np.float32
    np.testing.assert_array_equal(block, padded[30 + start : 30 + stop])


def test_a_recording_knows_how_long_it_is():
    assert Recording.from_array(SOUND, sample_rate_hz=4).duration_s == 2.5


def test_an_array_of_several_channels_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"stereo: .*\(10, 2\): choose a channel"):
        Recording.from_array(np.zeros((10, 2)), sample_rate_hz=10, name="stereo")


@pytest.mark.parametrize(("n_samples", "rate_hz"), [(0, 250_000), (10, 0)])
def test_a_recording_without_samples_or_rate_is_refused(n_samples, rate_hz):
    with pytest.raises(ValueError, match=f"rec: {n_samples} samples at {rate_hz} Hz"):
        Recording(
            name="rec",
            sample_rate_hz=rate_hz,
            n_samples=n_samples,
            reader=lambda start, stop: SOUND[start:stop],
        )
