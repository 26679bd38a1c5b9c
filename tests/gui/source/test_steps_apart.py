"""Steps between strokes come in their turn."""

from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Labels

from napari_squeakout.gui.source.steps_apart import StepsApart


@pytest.fixture
def layer():
    return Labels(np.zeros((2, 8, 8), np.int32))


def paint(layer, number):
    with layer.block_history():
        layer.data_setitem((np.array([0]), np.array([number]), np.array([1])), number)


def add(steps, layer, name):
    steps.add(layer, undo=lambda: f"undo {name}", redo=lambda: f"redo {name}")


def test_a_step_is_taken_back_between_the_strokes_around_it_and_brought_back_there(layer):
    steps = StepsApart()
    paint(layer, 1)
    add(steps, layer, "a")
    paint(layer, 2)
    assert steps.undo(layer) == ""  # the stroke's turn
    layer.undo()
    assert steps.undo(layer) == "undo a"
    layer.undo()
    assert steps.redo(layer) == ""
    layer.redo()
    assert steps.redo(layer) == "redo a"
    layer.redo()
    assert layer.data[0, 2, 1] == 2
    assert steps.undo(layer) == ""


def test_the_last_of_several_comes_first_and_what_is_done_anew_ends_the_way_forward(layer):
    steps = StepsApart()
    add(steps, layer, "a")
    add(steps, layer, "b")
    assert [steps.undo(layer) for _ in range(3)] == ["undo b", "undo a", ""]
    assert steps.redo(layer) == "redo a"
    add(steps, layer, "c")
    assert steps.redo(layer) == ""
    assert [steps.undo(layer) for _ in range(3)] == ["undo c", "undo a", ""]


def test_a_stroke_after_it_was_taken_back_keeps_it_from_coming_back(layer):
    steps = StepsApart()
    add(steps, layer, "a")
    steps.undo(layer)
    paint(layer, 1)
    assert steps.redo(layer) == ""
    layer.undo()
    assert steps.redo(layer) == ""  # the stroke's turn


def test_a_step_of_another_layer_has_no_turn_here(layer):
    steps = StepsApart()
    add(steps, layer, "a")
    assert steps.undo(Labels(np.zeros((2, 8, 8), np.int32))) == ""
