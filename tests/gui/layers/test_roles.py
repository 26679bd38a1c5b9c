"""A layer is what it says only as long as it is shown as that."""

from __future__ import annotations

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image

from napari_squeakout.core.stacks import Layout, SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, role_of, show_calls, source_of


def test_calls_that_were_made_an_image_are_no_calls_any_more():
    viewer = ViewerModel()
    stack = SpectrogramStack(np.zeros((2, 512, 512), np.float32), Layout("one", 2))
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, np.ones((2, 512, 512), np.int32))
    converted = Image(calls.data, name=calls.name, metadata=dict(calls.metadata))
    viewer.layers.remove(calls)
    viewer.add_layer(converted)
    assert role_of(converted) is None
    assert source_of(viewer, image).calls is None
