from __future__ import annotations

import numpy as np
from napari.components import ViewerModel

from napari_squeakout.core.stacks import Layout, SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, show_calls, source_of
from napari_squeakout.gui.review.review_state import Reviewing
from napari_squeakout.gui.review.undoing import Undoing


def test_nothing_is_taken_back_where_no_page_is_in_view(qapp):  # timers need it
    viewer = ViewerModel()
    stack = SpectrogramStack(np.zeros((4, 512, 512), np.float32), Layout("one", 4))
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, np.zeros((4, 512, 512), np.int32))
    reviewing = Reviewing(viewer)
    undoing, said = Undoing(reviewing), []
    undoing.said.connect(said.append)
    for part in (reviewing, undoing):
        part.set_source(source_of(viewer, image))
    calls.data_setitem((np.array([3]), np.array([9]), np.array([9])), np.array([5]))
    viewer.dims.order = (1, 2, 0)
    undoing.undo()
    assert calls.data[3, 9, 9] == 5
    assert "rolled" in said[-1]
    viewer.dims.order = (0, 1, 2)
    undoing.undo()
    assert calls.data[3, 9, 9] == 0
    assert said[-1] == "Taken back on page 3."
