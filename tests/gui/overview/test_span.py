from __future__ import annotations

import pytest

from napari_squeakout.gui.overview.span import Span, ticks, time_text


def test_zooming_leaves_what_is_under_the_mouse_where_it_is():
    span = Span(0, 100).zoomed(0.5, 30, 100, least=2)
    assert span.width == 50
    assert (30 - span.left) / span.width == pytest.approx(0.3)


def test_no_zoom_and_no_move_leaves_the_recording():
    assert Span(0, 100).zoomed(1.5, 30, 100, least=2) == Span(0, 100)
    assert Span(80, 90).zoomed(4, 80, 100, least=2) == Span(60, 100)
    assert Span(10, 20).moved(-50, 100) == Span(0, 10)
    assert Span(10, 20).moved(500, 100) == Span(90, 100)
    assert Span(0, 100).zoomed(1e-9, 30, 100, least=2).width == 2
    assert Span(0, 1).zoomed(0.5, 0.2, 1, least=2) == Span(0, 1)


def test_a_page_out_of_sight_is_brought_to_the_middle_and_one_in_sight_moves_nothing():
    assert Span(10, 20).following(12, 100) == Span(10, 20)
    assert Span(10, 20).following(50, 100) == Span(45.5, 55.5)
    assert Span(10, 20).following(99, 100) == Span(90, 100)


@pytest.mark.parametrize(
    ("start_s", "end_s", "most", "texts"),
    [
        (0.0, 9.05, 10, ["0 s", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s", "7 s", "8 s", "9 s"]),
        (2.04, 2.31, 6, ["2.05 s", "2.10 s", "2.15 s", "2.20 s", "2.25 s", "2.30 s"]),
        (0.0, 168.0, 9, ["0 s", "20 s", "40 s", "1:00", "1:20", "1:40", "2:00", "2:20", "2:40"]),
        (3599.0, 3601.0, 4, ["59:59.0", "59:59.5", "1:00:00.0", "1:00:00.5", "1:00:01.0"]),
        (0.0, 7200.0, 4, ["0 s", "30:00", "1:00:00", "1:30:00", "2:00:00"]),
    ],
)  # fmt: skip
def test_times_are_round_and_as_fine_as_they_lie_apart(start_s, end_s, most, texts):
    times, step_s = ticks(start_s, end_s, most)
    assert [time_text(at_s, step_s) for at_s in times] == texts
