from __future__ import annotations

from napari_squeakout.core.listening.stretches import stretches_around


def test_calls_come_in_the_order_of_time_with_their_margins():
    assert stretches_around([(5.0, 6.0), (1.0, 2.0)], 0.25) == [(0.75, 2.25), (4.75, 6.25)]


def test_calls_whose_margins_meet_are_heard_once():
    assert stretches_around([(1.0, 2.0), (2.25, 3.0), (1.25, 1.5)], 0.25) == [(0.75, 3.25)]


def test_a_call_within_another_does_not_end_it():
    assert stretches_around([(1.0, 4.0), (2.0, 3.0), (3.5, 5.0)]) == [(1.0, 5.0)]


def test_no_calls_are_no_stretch():
    assert stretches_around([]) == []
