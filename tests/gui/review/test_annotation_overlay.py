from __future__ import annotations

import numpy as np
from napari.components import ViewerModel

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.scoring.annotation import Annotation
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, source_of
from napari_squeakout.gui.layers.roles import role_of
from napari_squeakout.gui.review.annotation_overlay import EarlierAnnotation, Table


def test_frames_of_a_table_leave_with_the_recording_that_it_was_opened_for(qtbot):
    viewer = ViewerModel()
    sources = []
    for name in ("one", "two"):
        layout = Layout(
            source=name,
            n_pages=2,
            grid=STANDARD_GRID,
            starts_s=np.arange(2) * 0.22,
            contiguous=True,
        )
        image = open_stack(
            viewer, SpectrogramStack(pages=np.zeros(layout.shape, np.float32), layout=layout)
        )
        sources.append(source_of(viewer, image))
    one, two = sources
    unknown = np.full(1, np.nan)
    annotation = Annotation(
        intervals_s=np.array([[0.05, 0.1]]),
        low_hz=unknown,
        high_hz=unknown,
        labels=("",),
        source="table.csv",
    )
    widget = EarlierAnnotation(viewer)
    qtbot.addWidget(widget)
    widget.set_source(one)
    widget._show(one.image, Table(annotation, 0.44))
    frames = viewer.layers["one annotation"]
    assert len(frames.data) == 1
    assert role_of(frames).kind == "annotation"
    assert source_of(viewer, frames).image == one.image  # who selects it works on the recording
    widget.set_source(two)
    assert "one annotation" not in viewer.layers
