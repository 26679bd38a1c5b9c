"""What is acted on is what is seen, and what is seen is what is kept."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from fakes import RATE_HZ, sound
from napari.components import ViewerModel
from napari.layers import Labels
from windows import child, click, open_by_clicking, segment_until_calls_come, text, wait_until_idle

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.gui.layers.layers import open_stack, show_calls, source_of
from napari_squeakout.gui.layers.sight import OneInSight, why_not_in_view
from napari_squeakout.io.sessions.session import open_session


@pytest.fixture
def segmented(dock_of, recording, qtbot, monkeypatch):
    """A window with tones.wav segmented, on page 0."""
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(50)
    return viewer, dock


def visible(viewer):
    return {layer.name for layer in viewer.layers if layer.visible}


def test_only_the_source_acted_on_is_in_sight_and_the_others_come_back_as_they_were(
    segmented, tmp_path, qtbot, monkeypatch
):
    viewer, dock = segmented
    viewer.layers["tones probabilities"].visible = True
    longer = tmp_path / "longer.wav"
    soundfile.write(longer, sound(2.0, (0.3, 0.36, 60_000.0)), RATE_HZ)
    open_by_clicking(qtbot, monkeypatch, dock, longer)
    qtbot.wait(50)
    assert visible(viewer) == {"longer"}
    viewer.dims.set_current_step(0, 8)
    viewer.layers.selection.active = viewer.layers["tones"]
    qtbot.wait(50)
    assert visible(viewer) == {"tones", "tones probabilities", "tones calls"}
    assert viewer.dims.current_step[0] == 5
    viewer.dims.set_current_step(0, 7)  # the slider goes as far as the longer recording
    qtbot.wait(50)
    assert viewer.dims.current_step[0] == 5
    viewer.layers["longer"].visible = True  # by hand: it lies over the other
    click(dock, "review_approve")
    assert "longer lies over tones" in text(dock, "review_message") + text(dock, "review_why")
    assert dock.review_panel.reviewing.review[5].approved is None
    viewer.layers.selection.active = viewer.layers["longer"]
    qtbot.wait(50)
    assert visible(viewer) == {"longer"}


@pytest.mark.filterwarnings("ignore:Contours are not displayed")  # napari's own, in 3-D
def test_nothing_acts_on_a_page_that_is_not_in_view_as_a_page(segmented, qtbot):
    viewer, dock = segmented
    calls = viewer.layers["tones calls"]
    before = calls.data.copy()
    calls.selected_label = int(before[0].max())
    for turn, back, words in (
        (lambda: setattr(viewer.dims, "order", (1, 2, 0)), (0, 1, 2), "rolled"),
        (lambda: setattr(viewer.dims, "ndisplay", 3), 2, "3-D"),
    ):
        turn()
        qtbot.wait(50)
        assert words in text(dock, "review_why")
        assert words in text(dock, "tools_why")
        for name in ("review_approve", "review_reject", "tools_erase", "tools_add"):
            assert not child(dock, name).isEnabled()
        dock.tools_panel.use("tools_clear")
        assert not dock.review_panel.reviewing.reject()
        viewer.layers.selection.active = calls
        calls.mode = "paint"
        for callback in tuple(viewer.mouse_drag_callbacks):
            callback(viewer, SimpleNamespace(button=1, modifiers=(), type="mouse_press"))
        assert calls.mode == "pan_zoom"
        setattr(viewer.dims, "order" if isinstance(back, tuple) else "ndisplay", back)
        qtbot.wait(50)
        assert not text(dock, "review_why")
    np.testing.assert_array_equal(calls.data, before)
    viewer.dims.order = (0, 2, 1)  # a page turned on its side is a page
    qtbot.wait(50)
    assert child(dock, "review_approve").isEnabled()


def test_a_copy_that_takes_the_place_of_the_calls_is_kept(segmented, qtbot):
    viewer, dock = segmented
    calls, session = viewer.layers["tones calls"], dock.state.session
    copy = Labels(np.array(calls.data), name="copy", metadata=dict(calls.metadata))
    copy.scale, copy.translate = calls.scale, calls.translate
    copy.axis_labels, copy.units = calls.axis_labels, calls.units
    viewer.add_layer(copy)
    viewer.layers.selection.active = copy
    qtbot.wait(50)
    assert text(dock, "session_where").startswith("Not kept: copy is a copy")
    assert not child(dock, "review_approve").isEnabled()
    copy.data_setitem((np.array([0]), np.array([9]), np.array([9])), np.array([77]))
    viewer.layers.remove("tones calls")
    qtbot.wait(50)
    assert text(dock, "session_where") == "Kept in tones.squeakout"
    copy.data_setitem((np.array([0]), np.array([8]), np.array([8])), np.array([78]))
    on_disk = open_session(session.folder, read_only=True).labels
    assert (on_disk[0, 9, 9], on_disk[0, 8, 8]) == (77, 78)


def test_a_session_whose_folder_has_gone_is_not_said_to_be_kept(segmented, qtbot):
    _, dock = segmented
    kept = dock.state
    kept.save()
    gone = kept.session.folder.with_name("elsewhere")
    kept.session.folder.rename(gone)
    kept.save()
    dock.refresh()
    assert "is not there any more" in text(dock, "session_where")
    gone.rename(kept.session.folder)
    kept.save()
    dock.refresh()
    assert text(dock, "session_where") == "Kept in tones.squeakout"


def test_calls_that_come_for_a_source_out_of_sight_stay_out_of_sight(
    dock_of, recording, tmp_path, qtbot, monkeypatch
):
    viewer, dock = dock_of(pause_s=0.2)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    longer = tmp_path / "longer.wav"
    soundfile.write(longer, sound(2.0, (0.3, 0.36, 60_000.0)), RATE_HZ)
    open_by_clicking(qtbot, monkeypatch, dock, longer)  # waits until tones is segmented
    assert "tones calls" in viewer.layers
    assert visible(viewer) == {"longer"}
    viewer.layers["tones calls"].visible = True  # by hand: that stays
    viewer.layers["tones probabilities"].name = "renamed"
    dock.refresh()
    assert visible(viewer) == {"longer", "tones calls"}
    viewer.layers.selection.active = viewer.layers["tones"]
    qtbot.wait(50)
    assert visible(viewer) == {"tones", "tones calls"}


@pytest.fixture
def two():
    """Two sources of images, the first with calls; there is no window."""
    viewer = ViewerModel()
    for name in ("one", "two"):
        open_stack(
            viewer,
            SpectrogramStack(
                pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source=name, n_pages=2)
            ),
        )
    show_calls(viewer, viewer.layers["one"], np.ones((2, 512, 512), np.int32))
    return viewer, *(source_of(viewer, viewer.layers[name]) for name in ("one", "two"))


def test_nothing_acts_on_a_picture_or_calls_that_are_hidden_and_it_is_told_at_once(two):
    viewer, one, _ = two
    told = []
    sight = OneInSight(viewer, lambda: told.append(why_not_in_view(viewer, one)))
    sight.show(one)
    assert not why_not_in_view(viewer, one)
    for layer, words in ((one.calls, "press V"), (one.image, "one is hidden")):
        layer.visible = False
        assert words in why_not_in_view(viewer, one)
        assert words in told[-1]
        layer.visible = True
        assert not told[-1]
    one.calls.opacity = 0
    assert "press V" in why_not_in_view(viewer, one)


def test_a_dock_that_goes_shows_what_it_hid_and_what_is_chosen_is_shown(two):
    viewer, one, other = two
    sight = OneInSight(viewer, lambda: None)
    sight.show(one)
    assert visible(viewer) == {"one", "one calls"}
    sight.bring_back()
    assert visible(viewer) == {"one", "one calls", "two"}
    other.image.visible = False  # by hand
    OneInSight(viewer, lambda: None).show(other)
    assert visible(viewer) == {"two"}


def test_with_hidden_calls_nothing_is_approved_and_a_closed_dock_hides_nothing(
    segmented, tmp_path, qtbot, monkeypatch
):
    viewer, dock = segmented
    viewer.layers["tones calls"].visible = False
    assert "press V" in text(dock, "review_why")
    assert "press V" in text(dock, "dock_page")
    assert not child(dock, "review_approve").isEnabled()
    assert not dock.review_panel.reviewing.approve()
    viewer.layers["tones calls"].visible = True
    assert child(dock, "review_approve").isEnabled()
    longer = tmp_path / "longer.wav"
    soundfile.write(longer, sound(2.0, (0.3, 0.36, 60_000.0)), RATE_HZ)
    open_by_clicking(qtbot, monkeypatch, dock, longer)
    qtbot.wait(50)
    assert visible(viewer) == {"longer"}
    viewer.window.remove_dock_widget(dock)
    qtbot.wait(50)
    assert visible(viewer) == {"longer", "tones", "tones calls"}


@pytest.mark.parametrize("rgb", [True, False])
def test_a_picture_of_any_kind_that_lies_over_the_page_is_told(two, rgb):
    viewer, one, _ = two
    OneInSight(viewer, lambda: None).show(one)
    data = np.zeros((512, 512, 3) if rgb else (512, 512), np.uint8)
    over = viewer.add_image(data, rgb=rgb, name="photo", opacity=0.9)
    assert "photo lies over one" in why_not_in_view(viewer, one)
    over.opacity = 0.4
    assert not why_not_in_view(viewer, one)
    over.opacity, over.translate = 1, (5000, 5000)  # beside it
    assert not why_not_in_view(viewer, one)
