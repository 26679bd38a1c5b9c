from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Labels
from napari.utils import DirectLabelColormap

from napari_squeakout.gui.layers.highlight import Highlight, call_colours

PICKED = (1, 1, 0, 1)


@pytest.fixture
def calls():
    """Three pages; calls 3 and 4 on the middle one, 9 on the last."""
    data = np.zeros((3, 512, 512), np.int32)
    data[1, 10:20, 10:20], data[1, 30:40, 10:20], data[2, 5:9, 5:9] = 3, 4, 9
    return Labels(data, colormap=call_colours())


def colour(layer, number):
    return tuple(np.asarray(layer.colormap.map(number)).reshape(-1).tolist())


def test_the_picked_call_is_yellow_and_the_others_keep_their_colours_fainter(calls):
    own = {number: colour(calls, number) for number in (3, 4, 9)}
    Highlight().show(calls, 3, 1)
    assert colour(calls, 3) == PICKED
    for number in (4, 9):  # also on the page beside, before that is turned to
        assert colour(calls, number)[:3] == pytest.approx(own[number][:3])
        assert 0.2 < colour(calls, number)[3] < 0.7
    assert colour(calls, 0)[3] == 0


def test_afterwards_the_colours_are_those_from_before(calls):
    before, highlight = calls.colormap, Highlight()
    for call in (3, 4):
        highlight.show(calls, call, 1)
    calls.show_selected_label = True
    highlight.show(calls, 0, 1)
    assert calls.colormap is before
    assert calls.show_selected_label


def test_colours_that_somebody_chose_meanwhile_stay(calls):
    highlight = Highlight()
    highlight.show(calls, 3, 1)
    chosen = DirectLabelColormap(color_dict={None: "red", 0: "transparent", 3: "blue"})
    calls.colormap = chosen
    highlight.clear()
    assert calls.colormap is chosen
    highlight.show(calls, 3, 1)
    assert colour(calls, 3) == PICKED
    highlight.clear()
    assert calls.colormap is chosen


def test_what_undo_knows_stays_while_calls_are_picked(calls):
    calls.data_setitem((np.array([1]), np.array([90]), np.array([90])), np.array([3]))
    highlight = Highlight()
    highlight.show(calls, 3, 1)
    highlight.clear()
    calls.undo()
    assert calls.data[1, 90, 90] == 0
