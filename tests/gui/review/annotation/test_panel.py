from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtGui import QShortcut
from qtpy.QtWidgets import QFileDialog
from windows import child, click, segment_until_calls_come, text, wait_until_idle

from napari_squeakout.core.layout import STANDARD_GRID, Layout
from napari_squeakout.core.scoring.annotation import Annotation
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, source_of
from napari_squeakout.gui.layers.roles import role_of
from napari_squeakout.gui.review.annotation.jobs import Table
from napari_squeakout.gui.review.annotation.panel import EarlierAnnotation


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


@pytest.fixture
def segmented(dock_of, recording, qtbot, monkeypatch, tmp_path):
    """A window in which tones.wav is segmented, and a table that notes three calls in it."""
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    table = tmp_path / "gt.csv"
    table.write_text("0.05,0.10\n0.33,0.36\n1.15,1.18\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(table), ""))
    return viewer, dock


@pytest.fixture
def compared(segmented, qtbot):
    """The same, compared: the calls found begin at 0.05, 0.30 and 0.80 s."""
    viewer, dock = segmented
    child(dock, "clean_min_area_px").setValue(20_000)
    qtbot.wait(400)
    wait_until_idle(qtbot, dock)
    for number, (page, first, stop) in enumerate([(0, 116, 232), (1, 184, 323), (3, 320, 459)], 1):
        block = np.mgrid[page : page + 1, 200:210, first:stop].reshape(3, -1)
        viewer.layers["tones calls"].data_setitem(
            tuple(block), np.full(block.shape[1], number, np.int32)
        )
    click(dock, "annotation_open")
    wait_until_idle(qtbot, dock)
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(20)
    return viewer, dock


def page_of(viewer):
    return viewer.dims.current_step[0]


def test_one_goes_from_difference_to_difference_and_sees_what_each_is(compared, qtbot):
    viewer, dock = compared
    assert text(dock, "annotation_counts") == "2 matched, 1 missed, 1 extra, 0 merged, 0 split"
    click(dock, "difference_next")
    qtbot.wait(20)
    assert page_of(viewer) == 1
    assert text(dock, "difference_told").startswith("1 of 3, page 1. Edge off. Noted 0.3300-0.36")
    assert "Onset 29.8 ms early, offset 0.1 ms late." in text(dock, "difference_told")
    calls = viewer.layers["tones calls"]
    assert calls.selected_label in np.unique(calls.data[1])
    click(dock, "difference_next")
    qtbot.wait(20)
    assert page_of(viewer) == 3
    assert "Extra: nobody noted it. Found 0.80" in text(dock, "difference_told")
    assert calls.selected_label in np.unique(calls.data[3])
    click(dock, "difference_next")
    qtbot.wait(20)
    assert page_of(viewer) == 5
    assert "Missed: nothing was found there. Noted 1.1500-1.1800 s." in text(
        dock, "difference_told"
    )
    frames = viewer.layers["tones annotation"]
    assert frames.edge_color.tolist() == [[1, 1, 0, 1]]  # that which was gone to
    click(dock, "difference_next")
    assert text(dock, "difference_told") == "There is none after."
    click(dock, "difference_previous")
    qtbot.wait(20)
    assert page_of(viewer) == 3


def test_keys_go_from_difference_to_difference(compared, qtbot):
    viewer, dock = compared
    keys = {one.key().toString(): one for one in dock.findChildren(QShortcut)}
    for key, page in (("Q", 1), ("Q", 3), ("Shift+Q", 1)):
        keys[key].activated.emit()
        qtbot.wait(20)
        assert page_of(viewer) == page


def test_differences_follow_strokes_and_undo_and_are_said_to_be_outdated_meanwhile(compared, qtbot):
    viewer, dock = compared
    for _ in range(2):
        click(dock, "difference_next")
        qtbot.wait(20)
    calls = viewer.layers["tones calls"]
    pixels = np.nonzero(calls.data[3])
    calls.data_setitem((np.full(len(pixels[0]), 3), *pixels), np.zeros(len(pixels[0]), int))
    qtbot.waitUntil(lambda: text(dock, "annotation_outdated").startswith("Calls were changed"))
    wait_until_idle(qtbot, dock)
    assert text(dock, "annotation_outdated") == ""
    assert text(dock, "annotation_counts") == "2 matched, 1 missed, 0 extra, 0 merged, 0 split"
    assert text(dock, "difference_told") == "This one is a difference no more: 2 left."
    viewer.dims.set_current_step(0, 0)
    calls.undo()
    wait_until_idle(qtbot, dock)
    assert text(dock, "annotation_counts").startswith("2 matched, 1 missed, 1 extra")


def test_new_settings_for_all_pages_are_compared_too(segmented, qtbot):
    _, dock = segmented
    click(dock, "annotation_open")
    wait_until_idle(qtbot, dock)
    assert not text(dock, "annotation_counts").startswith("0 matched")
    child(dock, "clean_min_area_px").setValue(20_000)
    qtbot.wait(400)
    wait_until_idle(qtbot, dock)
    assert text(dock, "annotation_counts") == "0 matched, 3 missed, 0 extra, 0 merged, 0 split"


def test_edges_are_differences_from_the_error_that_one_chooses(compared, qtbot):
    _, dock = compared
    child(dock, "difference_edge_s").setValue(100)
    wait_until_idle(qtbot, dock)
    click(dock, "difference_next")
    assert text(dock, "difference_told").startswith("1 of 2, page 3. Extra")
