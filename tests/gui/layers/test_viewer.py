"""What is said to be used of napari is there."""

from typing import Protocol

import napari
import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Labels, Shapes
from napari.window import Window

from napari_squeakout.gui.layers import layer_kinds, viewer
from napari_squeakout.gui.qt.canvas import camera_of


def named_by(protocol):
    """Names that a protocol asks for, its parents' too."""
    kinds = [kind for kind in protocol.__mro__ if kind not in (object, Protocol)]
    names = {
        name for kind in kinds for name in (*vars(kind), *vars(kind).get("__annotations__", {}))
    }
    return {name for name in names if not name.startswith("_")}


def fields_of(real):
    """A class of pydantic has its fields as attributes of its instances only."""
    return getattr(real, "model_fields", {}) if isinstance(real, type) else {}


@pytest.fixture(scope="module")
def used():
    """(protocol, what napari has in its place) for all of them."""
    model = ViewerModel()
    image = model.add_image(np.zeros((2, 8, 8)))
    labels = Labels(np.zeros((2, 8, 8), int))
    selection = model.layers.selection
    return [
        (viewer.Viewer, napari.Viewer),
        (viewer.DockArea, Window),
        (viewer.ViewerEvents, model.events),
        (viewer.Dims, model.dims),
        (viewer.DimsEvents, model.dims.events),
        (viewer.Camera, camera_of(model)),
        (viewer.LayerList, model.layers),
        (viewer.LayerListEvents, model.layers.events),
        (viewer.Selection, selection),
        (viewer.SelectionEvents, selection.events),
        (layer_kinds.Emitter, model.events.status),
        (layer_kinds.Extent, image.extent),
        (layer_kinds.Affine, image.affine),
        (layer_kinds.Layer, image),
        (layer_kinds.LayerEvents, image.events),
        (layer_kinds.ImageLayer, image),
        (layer_kinds.ImageEvents, image.events),
        (layer_kinds.LabelsLayer, labels),
        (layer_kinds.LabelsEvents, labels.events),
        (layer_kinds.ShapesLayer, Shapes(ndim=3)),
    ]


def test_napari_has_all_that_is_named_of_it(used):
    told = [(one.__name__, name) for one, real in used for name in named_by(one)]
    assert ("LabelsLayer", "data_setitem") in told
    assert ("LabelsLayer", "data") in told
    lacking = [
        (one.__name__, name) for one, real in used for name in named_by(one)
        if not hasattr(real, name) and name not in fields_of(real)
    ]  # fmt: skip
    assert lacking == []
