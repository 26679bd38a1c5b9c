"""A layer is what it says only as long as it is shown as that."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.adoption import adopt
from napari_squeakout.gui.layers.layers import open_stack, show_calls, show_probabilities, source_of
from napari_squeakout.gui.layers.roles import ROLE, GuiError, Role, role_of


def test_calls_that_were_made_an_image_are_no_calls_any_more():
    viewer = ViewerModel()
    stack = SpectrogramStack(
        pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source="one", n_pages=2)
    )
    image = open_stack(viewer, stack)
    calls = show_calls(viewer, image, np.ones((2, 512, 512), np.int32))
    converted = Image(calls.data, name=calls.name, metadata=dict(calls.metadata))
    viewer.layers.remove(calls)
    viewer.add_layer(converted)
    assert role_of(converted) is None
    assert source_of(viewer, image).calls is None


@pytest.mark.parametrize("kind", ["calls", "probabilities", "annotation"])
def test_any_layer_of_a_source_acts_on_it_and_says_so_where_its_picture_is_gone(kind):
    viewer = ViewerModel()
    stack = SpectrogramStack(
        pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source="one", n_pages=2)
    )
    image = open_stack(viewer, stack)
    layer = {
        "calls": lambda: show_calls(viewer, image, np.ones((2, 512, 512), np.int32)),
        "probabilities": lambda: show_probabilities(
            viewer, image, np.zeros((2, 512, 512), np.uint8), "a" * 64
        ),
        "annotation": lambda: viewer.add_shapes(
            ndim=3, name="one annotation", metadata={ROLE: Role(kind="annotation", stack=stack)}
        ),
    }[kind]()
    assert source_of(viewer, layer).image == image
    viewer.layers.remove(image)
    assert source_of(viewer, layer) is None
    with pytest.raises(GuiError, match="picture that is not here any more: open that again"):
        adopt(layer)
