from __future__ import annotations

from napari_squeakout.core.fine_tuning.duration import Pace, expected_seconds, measure_pace
from napari_squeakout.core.training_settings import FineTuneSettings

PACE = Pace(0.2, "CPU")


def seconds(n_learn=14, n_held_out=6, **settings):
    return expected_seconds(PACE, n_learn, n_held_out, FineTuneSettings(**settings))


def test_the_estimate_is_a_span_that_grows_with_the_pages():
    few, many = seconds(), seconds(40, 16)
    assert few[0] < few[1]
    assert few < many


def test_an_encoder_that_learns_and_more_epochs_take_longer():
    assert seconds(freeze_encoder=False)[1] > seconds()[1]
    assert seconds(epochs=60)[1] > seconds()[1]
    assert seconds(epochs=3)[0] == seconds(epochs=3)[1]


def test_this_machine_has_a_pace():
    pace = measure_pace()
    assert 0 < pace.page_s < 60
    assert pace.device
