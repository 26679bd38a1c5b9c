from __future__ import annotations

import numpy as np
from napari.layers import Labels
from qtpy.QtCore import QRectF
from qtpy.QtGui import QImage, QPainter
from windows import pixels_of

from napari_squeakout.gui.layers.highlight import Highlight
from napari_squeakout.gui.picture.call_numbers import Onset, onsets, paint_numbers
from napari_squeakout.gui.picture.page_place import PagePlace

_PLACE = PagePlace(0, 0, 1024, 1024)
_WITHIN = QRectF(0, 0, 1024, 1024)


def written(qapp, begin, place=_PLACE, within=_WITHIN, colour_of=lambda _: (1, 0, 0, 1)):
    image = QImage(1024, 1024, QImage.Format.Format_RGBA8888)
    image.fill(0)
    painter = QPainter(image)
    numbers = paint_numbers(painter, place, within, begin, colour_of)
    painter.end()
    rows, columns = np.nonzero(pixels_of(image)[..., 0] > 200)
    return numbers, np.stack([columns, rows], axis=1)


def test_a_call_begins_in_its_first_column():
    page = np.zeros((512, 512), np.int32)
    page[100:110, 50:60] = 7
    page[90:95, 55:60] = 7
    page[300, 20] = 12
    assert onsets(page) == [Onset(12, 20, 300, 301), Onset(7, 50, 100, 110)]
    assert onsets(np.zeros((512, 512), np.int32)) == []


def test_a_number_stands_above_the_begin_of_its_call_in_the_colour_of_that(qapp):
    numbers, reds = written(qapp, [Onset(7, 100, 200, 210)])
    assert numbers == [7]
    assert 200 <= reds[:, 0].min() <= reds[:, 0].max() < 215
    assert 380 < reds[:, 1].min() <= reds[:, 1].max() < 400


def test_a_number_that_has_no_room_above_stands_below_and_none_lies_on_another(qapp):
    numbers, reds = written(qapp, [Onset(7, 100, 1, 10)])
    assert numbers == [7]
    assert reds[:, 1].min() > 20
    crowded = [Onset(number, 100 + number % 2, 200, 201) for number in range(1, 6)]
    assert written(qapp, crowded)[0] == [1, 2]
    outside = PagePlace(-2000, 0, -1000, 1000)
    assert written(qapp, [Onset(7, 100, 200, 210)], outside)[0] == []


def test_a_call_that_its_layer_does_not_show_has_no_number(qapp):
    page = np.zeros((1, 512, 512), np.int32)
    page[0, 100:110, 50:60], page[0, 300:310, 50:60] = 7, 8
    calls = Labels(page)
    calls.selected_label, calls.show_selected_label = 8, True
    assert written(qapp, onsets(page[0]), colour_of=calls.get_color)[0] == [8]
    calls.show_selected_label = False
    highlight = Highlight()
    highlight.show(calls, 7, 0)
    numbers, _ = written(qapp, onsets(page[0]), colour_of=calls.get_color)
    assert numbers == [7, 8]
