from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.utils import progress
from qtpy.QtCore import Qt, QThreadPool
from qtpy.QtWidgets import QWidget
from windows import (
    MODEL,
    bars,
    child,
    click,
    double_click,
    open_by_clicking,
    segment_until_calls_come,
    text,
    wait_until_idle,
)

from napari_squeakout.core.layout import Layout
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.settings import CleanSettings
from napari_squeakout.core.stacks import SpectrogramStack
from napari_squeakout.core.steps import Progress, run
from napari_squeakout.gui.dock import SqueakOutDock
from napari_squeakout.gui.layers.layers import open_stack
from napari_squeakout.gui.qt.jobs import State
from napari_squeakout.gui.qt.section import Section
from napari_squeakout.gui.segment import run as segment_module
from napari_squeakout.gui.segment.page_choice import RANGE, THIS
from napari_squeakout.io.sources.images import read_images


def test_the_whole_job_by_clicking(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    assert text(dock, "dock_source") == "Acts on tones"
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert [layer.name for layer in viewer.layers] == [
        "tones", "tones probabilities", "tones calls"
    ]  # fmt: skip
    calls = viewer.layers["tones calls"].data
    assert all(calls[page].any() for page in (0, 1, 3))
    assert "Segmented 6 pages of tones" in text(dock, "segment_message")
    grid = dock.source.stack.layout.grid
    row = round((grid.low_hz - 60_000) / grid.hz_per_row) + 512
    assert calls[1, row - 3 : row + 3, 220:300].any()
    before = int((calls > 0).sum())
    child(dock, "clean_threshold").setValue(0.9)
    qtbot.waitUntil(lambda: "calls" in text(dock, "clean_message"))
    wait_until_idle(qtbot, dock)
    assert 0 < int((calls > 0).sum()) < before


def test_a_real_recording_gets_calls(dock_of, shared, qtbot, monkeypatch):
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, shared / "data" / "amvoc" / "1" / "rec_1.wav")
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert viewer.layers["rec_1 calls"].data.any()


def test_this_page_is_segmented_alone(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    viewer.dims.set_current_step(0, 3)
    child(dock, "segment_pages").setCurrentText(THIS)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    values = viewer.layers["tones probabilities"].data
    assert [bool(page.any()) for page in values] == [False, False, False, True, False, False]


def test_pages_are_counted_as_on_naparis_slider(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    viewer.dims.set_current_step(0, 3)
    assert text(dock, "dock_page").startswith("Page 3 of 0-5: 0.662-")
    child(dock, "segment_pages").setCurrentText(RANGE)
    for name, page in (("segment_from", 3), ("segment_to", 4)):
        child(dock, name).setValue(page)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    values = viewer.layers["tones probabilities"].data
    assert "Segmented 2 pages" in text(dock, "segment_message")
    assert values[3].any()
    assert not values[[0, 1, 2, 5]].any()


def test_cancelling_keeps_what_is_done_and_says_how_far_it_got(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(pause_s=0.8)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    qtbot.waitUntil(lambda: "tones probabilities" in viewer.layers, timeout=10_000)
    click(dock, "segment_cancel")
    wait_until_idle(qtbot, dock)
    assert "of 6 pages of tones are segmented" in text(dock, "segment_message")
    assert viewer.layers["tones calls"].data[0].any()
    assert not viewer.layers["tones probabilities"].data[-1].any()


def test_a_second_run_replaces_its_own_layers_only(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of()
    other = viewer.add_labels(np.ones((6, 512, 512), int), name="mine")
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    for _ in range(2):
        click(dock, "segment_run")
        wait_until_idle(qtbot, dock)
    assert len(viewer.layers) == 4
    assert (other.data == 1).all()


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (np.zeros((8, 8, 3), np.uint8), {"rgb": True}, "colour"),
        (np.zeros((2, 2, 8, 8), np.uint8), {}, "has 4 axes"),
    ],
)
def test_a_layer_that_cannot_be_used_is_refused_in_a_sentence(dock_of, qtbot, data, options, words):
    viewer, dock = dock_of()
    viewer.add_image(data, name="odd", **options)
    qtbot.waitUntil(lambda: words in text(dock, "segment_why"))
    assert not child(dock, "segment_run").isEnabled()


def test_without_a_layer_the_dock_says_what_to_do(dock_of):
    _, dock = dock_of()
    assert "Open a recording" in text(dock, "segment_why")
    assert not child(dock, "segment_run").isEnabled()
    assert "Segment first" in text(dock, "clean_why")
    assert not child(dock, "clean_apply").isEnabled()


def test_the_dock_follows_the_selected_layer(dock_of, qtbot, tmp_path):
    viewer, dock = dock_of()
    for name in ("one", "two"):
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(0).random((2, 64, 64)))
        viewer.layers.selection.active = open_stack(viewer, read_images(tmp_path / f"{name}.npy"))
    qtbot.waitUntil(lambda: text(dock, "dock_source") == "Acts on two")
    viewer.layers.selection.active = viewer.layers["one"]
    qtbot.waitUntil(lambda: text(dock, "dock_source") == "Acts on one")
    assert dock.source.image == viewer.layers["one"]


@pytest.mark.parametrize("removed", ["tones", "tones probabilities", "tones calls"])
def test_a_layer_may_be_removed_while_it_is_worked_on(
    dock_of, recording, qtbot, monkeypatch, removed
):
    # Without its source a run ends after its step; slow enough for that on a busy machine.
    viewer, dock = dock_of(pause_s=1.0 if removed == "tones" else 0.1)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    viewer.layers.remove(removed)
    wait_until_idle(qtbot, dock)
    if removed == "tones":
        assert "removed" in text(dock, "segment_message")
    else:
        assert "Segmented 6 pages" in text(dock, "segment_message")
        assert removed in viewer.layers


def test_running_out_of_memory_is_a_sentence_and_the_window_stays_usable(
    dock_of, recording, qtbot, monkeypatch
):
    class OutOfMemoryError(RuntimeError):
        pass

    _, dock = dock_of(error=OutOfMemoryError("CUDA out of memory"))
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert text(dock, "segment_message").startswith("Out of memory")
    assert child(dock, "segment_run").isEnabled()


def test_an_unreadable_file_is_a_sentence(dock_of, qtbot, monkeypatch, tmp_path):
    _, dock = dock_of()
    (tmp_path / "broken.wav").write_bytes(b"RIFF nothing")
    open_by_clicking(qtbot, monkeypatch, dock, tmp_path / "broken.wav")
    assert "broken.wav" in text(dock, "open_message")
    assert child(dock, "open_file").isEnabled()


def test_napari_may_be_closed_while_a_job_runs(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of(pause_s=0.1)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    qtbot.waitUntil(lambda: "tones probabilities" in viewer.layers, timeout=10_000)
    viewer.close()
    qtbot.wait(100)
    assert QThreadPool.globalInstance().waitForDone(10_000)


def noted_when_destroyed(objects):
    """Numbers of those that are still there; shrinks as they go."""
    left = set(range(len(objects)))
    for number, thing in enumerate(objects):
        thing.destroyed.connect(lambda *_, number=number: left.discard(number))
    return left


def threads_of_ours():
    """Those of pools that this package starts; dask and tqdm keep some of their own."""
    return [t for t in threading.enumerate() if t.name.startswith(("render", "fetch", "awaited"))]


def test_closing_napari_leaves_no_widget_thread_or_progress_bar_behind(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(pause_s=0.1)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    left = noted_when_destroyed(
        [dock, *dock.findChildren(QWidget), *(bar.job for bar in bars(dock))]
    )
    viewer.close()
    assert QThreadPool.globalInstance().waitForDone(10_000)
    qtbot.waitUntil(lambda: not left and not threads_of_ours(), timeout=10_000)
    assert not progress._all_instances


def test_closing_the_dock_ends_its_work_and_leaves_nothing_of_it_behind(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(pause_s=0.1)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    left = noted_when_destroyed([dock])
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: not left, timeout=10_000)
    assert QThreadPool.globalInstance().waitForDone(10_000)
    qtbot.waitUntil(lambda: not threads_of_ours(), timeout=10_000)
    viewer.layers.clear()  # nobody listens any more


def test_a_dock_that_is_moved_elsewhere_lives_on(dock_of, qtbot):
    viewer, dock = dock_of()
    left = noted_when_destroyed([dock])
    viewer.window.remove_dock_widget(dock)
    viewer.window.add_dock_widget(dock, name="again")
    qtbot.wait(50)
    assert left


def test_everything_may_be_removed_at_once_while_it_is_worked_on(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(pause_s=0.3)
    failures = []
    for bar in bars(dock):
        bar.job.failed.connect(failures.append)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    viewer.layers.clear()
    # What the worker said before it heard of it comes late.
    dock.segment_panel.bar.job._on_progress(Progress(2, 6, "pages"))
    wait_until_idle(qtbot, dock)
    assert not failures
    assert not viewer.layers
    assert "tones was removed" in text(dock, "segment_message")


def test_a_second_click_on_segment_does_nothing(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1700, 1100)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    button = child(dock, "segment_run")
    qtbot.waitUntil(lambda: not button.visibleRegion().isEmpty())
    double_click(qtbot, button)
    wait_until_idle(qtbot, dock)
    assert "Segmented 6 pages of tones" in text(dock, "segment_message")


def test_the_threshold_may_be_dragged_while_pages_come_in(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of(pause_s=0.1)
    failures = []
    for bar in bars(dock):
        bar.job.failed.connect(failures.append)
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    slider = child(dock, "clean_threshold_slider")
    slider.setSliderDown(True)
    for position in range(slider.minimum(), slider.maximum(), max(1, slider.maximum() // 15)):
        slider.setValue(position)
        qtbot.wait(20)
    slider.setSliderDown(False)
    child(dock, "clean_threshold").setValue(0.5)
    wait_until_idle(qtbot, dock)
    qtbot.waitUntil(lambda: not dock.clean_panel.form._pause.isActive(), timeout=5000)
    wait_until_idle(qtbot, dock)
    assert not failures
    assert all(viewer.layers["tones calls"].data[page].any() for page in (0, 1, 3))


def test_an_image_that_holds_no_numbers_is_refused_when_it_is_segmented(dock_of, qtbot):
    viewer, dock = dock_of()
    viewer.add_image(np.full((3, 30, 40), np.nan), name="volume", contrast_limits=(0, 1))
    qtbot.waitUntil(lambda: child(dock, "segment_run").isEnabled())
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert "volume: holds values that are not finite" in text(dock, "segment_message")


@pytest.mark.parametrize("add", ["points", "shapes", "labels"])
def test_a_layer_that_is_no_image_is_refused_in_a_sentence(dock_of, qtbot, add):
    viewer, dock = dock_of()
    data = np.zeros((8, 8), int) if add == "labels" else None
    getattr(viewer, f"add_{add}")(data, name="odd")
    qtbot.waitUntil(lambda: "odd: is no image" in text(dock, "segment_why"))
    assert not child(dock, "segment_run").isEnabled()


def test_a_scale_can_be_stated_for_images(dock_of, qtbot, monkeypatch, tmp_path):
    viewer, dock = dock_of()
    np.save(tmp_path / "pages.npy", np.random.default_rng(0).random((2, 64, 64)))
    open_by_clicking(qtbot, monkeypatch, dock, tmp_path / "pages.npy")
    assert dock.source.stack.layout.grid is None
    for name, value in (("image_span_s", 0.22), ("image_low_hz", 45), ("image_high_hz", 125)):
        child(dock, f"open_{name}_on").setChecked(True)
        child(dock, f"open_{name}").setValue(value)
    camera = getattr(viewer, "scene", viewer).camera  # napari 0.9 moved it there
    camera.zoom = 0.01
    click(dock, "open_state_scale")
    qtbot.wait(20)
    assert camera.zoom > 0.1  # or the page would be a strip in a corner
    assert dock.source.stack.layout.grid.low_hz == 45_000
    assert str(viewer.layers["pages"].units[-1]) == "millisecond"


def test_every_control_explains_itself(dock_of):
    from qtpy.QtWidgets import QAbstractSpinBox, QComboBox, QPushButton, QSlider

    _, dock = dock_of()
    for kind in (QAbstractSpinBox, QComboBox, QPushButton, QSlider):
        for control in dock.findChildren(kind):
            assert control.objectName()
            assert control.toolTip() or control.objectName().endswith("_header"), (
                control.objectName()
            )


def test_the_model_and_the_device_are_named(dock_of):
    _, dock = dock_of()
    assert child(dock, "segment_model").currentText() == f"{MODEL} (bundled)"
    assert text(dock, "segment_device_line") == "Computes on auto, for trial"


def test_the_dock_is_readable_at_320_pixels(dock_of, qtbot):
    _, dock = dock_of()
    assert dock.minimumSizeHint().width() <= 320
    assert dock.minimumWidth() <= 320
    inside = child(dock, "dock_content")
    assert inside.minimumSizeHint().width() <= 304


def test_no_line_and_no_name_makes_the_content_wider_than_a_narrow_dock(dock_of, qtbot):
    _, dock = dock_of()
    name = "mouse-12-session-3-2026-05-03-left-cage-tuned-2"
    bar, models = dock.clean_panel.bar, dock.segment_panel.models
    bar._show_state(State.RUNNING)
    child(dock, "clean_eta").setText("9008 of 10000 steps of cleaning, 10 s left")
    child(dock, "segment_back").setText(f"Back to {name}")
    child(dock, "train_back").setText(f"Go back to {name}")
    models.combo.addItem(name, name)
    models.combo.set_value(name)
    shown = [child(dock, button) for button in ("segment_back", "segment_use", "train_back")]
    for widget in (*shown, dock.fine_tune_panel.report, dock.fine_tune_panel.progress):
        widget.setVisible(True)
    for section in dock.findChildren(Section):
        section.expand(animate=False)
    qtbot.wait(10)
    inside = child(dock, "dock_content")
    assert inside.minimumSizeHint().width() <= 304
    assert dock.minimumSizeHint().width() > inside.minimumSizeHint().width()


def is_in_full_view(control):
    return control.visibleRegion().boundingRect() == control.rect()


def test_the_threshold_is_in_view_once_there_are_calls(dock_of, recording, qtbot, monkeypatch):
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1280, 720)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    qtbot.wait(50)
    assert not child(dock, "open_section").isExpanded()
    for name in ("clean_threshold", "clean_threshold_slider", "clean_min_area_px"):
        assert is_in_full_view(child(dock, name)), name


def test_on_a_small_screen_the_part_in_hand_stays_so_whatever_layer_is_looked_at(
    dock_of, recording, qtbot, monkeypatch
):
    viewer, dock = dock_of(show=True)
    viewer.window.resize(1280, 720)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    assert child(dock, "segment_section").isExpanded()
    assert is_in_full_view(child(dock, "segment_run"))
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    click(dock, "review_section_header")
    wait_until_idle(qtbot, dock)
    for name in ("review_approve", "review_next", "review_note"):
        assert is_in_full_view(child(dock, name)), name
    assert not child(dock, "clean_section").isExpanded()
    image = dock.source.image
    viewer.layers.selection.active = viewer.add_points([[0, 60, 100]], name="marks")
    wait_until_idle(qtbot, dock)
    viewer.layers.selection.active = image
    wait_until_idle(qtbot, dock)
    assert child(dock, "review_section").isExpanded()
    assert not child(dock, "clean_section").isExpanded()


def test_a_section_unfolded_by_hand_stays_so(dock_of, recording, qtbot, monkeypatch):
    _, dock = dock_of()
    section = child(dock, "open_section")
    for _ in range(2):
        click(dock, "open_section_header")
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert section.isExpanded()


def test_opening_gives_recordings_one_by_one_and_images_together(tmp_path, recording):
    from napari_squeakout.core.settings import ImageSettings, RecordingSettings, RenderSettings
    from napari_squeakout.io.sources.opening import opening

    for name in ("a", "b"):
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(0).random((64, 64)))
    paths = [recording, tmp_path / "a.npy", tmp_path / "b.npy"]
    stacks = run(opening(paths, RecordingSettings(), RenderSettings(), ImageSettings()))
    assert [stack.layout.n_pages for stack in stacks] == [6, 2]
    assert isinstance(paths[0], Path)


def test_a_new_model_does_not_propose_while_another_still_segments(
    dock_of, recording, qtbot, monkeypatch
):
    _, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    may_end = threading.Event()

    def working():
        while not may_end.wait(0.01):
            yield Progress(1, 2, "pages")

    dock.segment_panel.bar.start(working())
    settings = dock.clean_panel.form.value()
    dock.fine_tune_panel.propose_asked.emit("new", 0.7)
    assert "propose again when it has ended" in text(dock, "train_work_message")
    assert dock.clean_panel.form.value() == settings
    may_end.set()
    wait_until_idle(qtbot, dock)


@pytest.fixture
def late_call(tmp_path):
    """Six images, the only call on image 3."""
    pages = np.full((6, 64, 64), 60, np.uint8)
    pages[3, 20:30, 20:40] = 255
    np.save(tmp_path / "late.npy", pages)
    return tmp_path / "late.npy"


@pytest.mark.parametrize("moved_to", [None, 1])
def test_after_segmenting_the_first_page_with_calls_is_in_view_unless_one_is_elsewhere(
    dock_of, late_call, qtbot, monkeypatch, moved_to
):
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, late_call)
    assert viewer.dims.current_step[0] == 0
    if moved_to is not None:
        viewer.dims.set_current_step(0, moved_to)
    click(dock, "segment_run")
    qtbot.waitUntil(lambda: text(dock, "dock_said") == "late: 1 call.", timeout=60_000)
    wait_until_idle(qtbot, dock)
    calls = viewer.layers["late calls"].data
    assert [page for page in range(6) if calls[page].any()] == [3]
    assert viewer.dims.current_step[0] == (3 if moved_to is None else moved_to)
    assert text(dock, "dock_said") == "late: 1 call."
    assert not child(dock, "dock_content").isAncestorOf(child(dock, "dock_said"))


def test_calls_are_gone_to_where_pages_measured_before_they_came_arrive_after_them(
    dock_of, late_call, qtbot, monkeypatch
):
    from napari_squeakout.gui.review import panel

    came, measuring = threading.Event(), panel.looking_over

    def late(values, labels, settings, **others):
        is_early = not came.is_set()
        read = np.zeros(np.shape(labels), np.int32) if is_early else labels
        found = yield from measuring(values, read, settings, **others)
        if is_early:
            came.wait(20)
        return found

    monkeypatch.setattr(panel, "looking_over", late)
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, late_call)
    dock.clean_panel.cleaned.connect(lambda _orders: came.set())  # the dock has heard of it before
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert viewer.dims.current_step[0] == 3


def test_what_was_said_of_a_recording_is_not_left_beside_another(
    dock_of, recording, late_call, qtbot, monkeypatch
):
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    open_by_clicking(qtbot, monkeypatch, dock, late_call)
    qtbot.waitUntil(lambda: text(dock, "dock_source") == "Acts on late")
    for name in ("segment_message", "clean_message", "dock_said"):
        assert not text(dock, name), name
    assert text(dock, "clean_use_for_all_why") == "So far only tones is segmented."


def test_who_waits_for_another_recording_to_be_segmented_is_told_which(
    dock_of, recording, late_call, qtbot, monkeypatch
):
    viewer, dock = dock_of(pause_s=1.0)
    late = read_images(late_call)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    viewer.layers.selection.active = open_stack(viewer, late)
    qtbot.waitUntil(lambda: text(dock, "dock_source") == "Acts on late", timeout=20_000)
    qtbot.waitUntil(lambda: "tones is being segmented" in text(dock, "segment_why"))
    assert not child(dock, "segment_run").isEnabled()
    click(dock, "segment_cancel")
    wait_until_idle(qtbot, dock)
    assert "tones" not in text(dock, "segment_why")


def test_a_new_model_is_not_asked_where_every_page_is_a_person_s(
    dock_of, late_call, qtbot, monkeypatch
):
    viewer, dock = dock_of()
    open_by_clicking(qtbot, monkeypatch, dock, late_call)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    for page in range(6):
        viewer.dims.set_current_step(0, page)
        click(dock, "review_approve")
    qtbot.wait(50)
    dock.fine_tune_panel.propose_asked.emit("new", 0.7)
    assert "none is left to propose" in text(dock, "train_work_message")


def test_the_dock_of_a_window_is_found(dock_of):
    from napari_squeakout.gui.docks import dock_in

    viewer, dock = dock_of()
    assert dock_in(viewer) is dock


def test_nothing_acts_on_a_source_out_of_sight_when_showing_another_fails(qtbot, monkeypatch):
    viewer = ViewerModel()
    for name in ("one", "two"):
        open_stack(
            viewer,
            SpectrogramStack(
                pages=np.zeros((2, 512, 512), np.float32), layout=Layout(source=name, n_pages=2)
            ),
        )
    dock = SqueakOutDock(viewer)
    qtbot.addWidget(dock)
    assert dock.review_panel.reviewing.source.image == viewer.layers["two"]

    def fail(*_):
        raise OSError("the layer has gone")

    monkeypatch.setattr(dock.segment_panel, "set_source", fail)
    viewer.layers.selection.active = viewer.layers["one"]
    dock._soon.stop()
    with pytest.raises(OSError, match="gone"):
        dock.refresh()
    assert dock.review_panel.reviewing.source is None
    assert not dock.review_panel.reviewing.approve()


def test_calls_are_found_with_what_the_model_was_judged_with(
    dock_of, recording, qtbot, monkeypatch
):
    _, dock = dock_of()
    judged = CleanSettings().at_threshold(0.35)
    make = segment_module.make_engine

    def made(model, settings):
        engine = make(model, settings)
        engine.model.card = ModelCard(name="bright", cleaning=judged)
        return engine

    monkeypatch.setattr(segment_module, "make_engine", made)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    assert dock.clean_panel.form.value() == judged
    assert dock.state.noted("clean")["threshold"] == 0.35
    assert "which is used" in text(dock, "clean_judged")


def test_one_key_shows_what_the_network_gets_and_goes_back(dock_of, recording, qtbot, monkeypatch):
    _, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow, timeout=5000)
    image = dock.source.image
    clear = tuple(image.contrast_limits)
    for limits in ((0, 1), clear):
        qtbot.keyClick(dock, Qt.Key.Key_W)
        assert tuple(image.contrast_limits) == limits
    numbers = child(dock, "picture_call_numbers")
    qtbot.keyClick(dock, Qt.Key.Key_N)
    assert not numbers.isChecked()
