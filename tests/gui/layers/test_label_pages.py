from __future__ import annotations

import numpy as np
from napari.layers import Labels

from napari_squeakout.gui.layers.label_pages import (
    erase_calls,
    forget_pages,
    last_steps,
    pages_touched,
    write_page,
)


def test_a_page_proposed_anew_leaves_what_can_be_taken_back_on_others():
    layer = Labels(np.zeros((3, 512, 512), np.int32))
    ones = np.ones((512, 512), np.int32)
    write_page(layer, 0, ones, undoable=True)
    layer.selected_label = 7
    layer.paint((2, 50, 50), 7)
    write_page(layer, 1, ones, undoable=True)
    write_page(layer, 1, 2 * ones, undoable=False)
    assert pages_touched(last_steps(layer)[0]) == {2}
    for page in (2, 0):
        assert layer.data[page].any()
        layer.undo()
        assert not layer.data[page].any()
    layer.undo()
    assert (layer.data[1] == 2).all()


def test_what_came_before_a_step_that_is_forgotten_on_one_of_its_pages_goes_with_it():
    layer = Labels(np.zeros((3, 512, 512), np.int32))
    ones = np.ones((512, 512), np.int32)
    write_page(layer, 0, ones, undoable=True)
    write_page(layer, 2, ones, undoable=True)
    where = (np.array([0, 1]), np.array([5, 5]), np.array([5, 5]))
    layer.data_setitem(where, np.array([7, 7]))  # over two pages
    write_page(layer, 0, 3 * ones, undoable=True)
    forget_pages(layer, {1})
    for _ in range(4):
        layer.undo()
    assert layer.data[0, 5, 5] == 7
    assert layer.data[0, 6, 6] == 1
    assert not layer.data[2].any()


def test_calls_are_erased_from_several_pages_in_one_step():
    labels = np.zeros((3, 512, 512), np.int32)
    labels[0, :10, :10], labels[0, 20:30, :10], labels[2, 5:9, 5:9] = 1, 2, 2
    before = labels.copy()
    layer = Labels(labels)
    assert erase_calls(layer, {0: {2}, 1: {1}, 2: {2}}) == [0, 2]
    assert np.array_equal(np.unique(layer.data[0]), [0, 1])
    assert not layer.data[2].any()
    layer.undo()
    assert np.array_equal(layer.data, before)
    assert last_steps(layer)[0] is None
    assert erase_calls(layer, {1: {1}}) == []
    assert last_steps(layer)[0] is None
