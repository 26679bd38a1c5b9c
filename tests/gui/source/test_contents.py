from __future__ import annotations

import numpy as np
from napari.components import ViewerModel

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.review.page_stages import PageStage, new_stages
from napari_squeakout.core.review.review import approve, worked_on
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, show_calls, source_of
from napari_squeakout.gui.source.contents import unsegmented_text
from napari_squeakout.gui.source.registry import begin_registry


def test_what_a_person_drew_or_approved_is_not_said_to_be_unknown(qapp):  # timers need it
    viewer = ViewerModel()
    stack = SpectrogramStack(
        pages=np.zeros((4, 512, 512), np.float32), layout=Layout(source="one", n_pages=4)
    )
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, np.zeros((4, 512, 512), np.int32))
    state = begin_registry(viewer).take_in(source_of(viewer, image))
    state.stages = new_stages(4)
    state.stages[0] = PageStage.CLEANED
    state.set_review(worked_on(approve(state.review, 1, calls.data[1]), 2, pixels_changed=9))
    assert "1 of 4 pages is not segmented yet (page 3)" in unsegmented_text(viewer, calls.metadata)
