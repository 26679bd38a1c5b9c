"""Fine-tuning from the window: real trainings of a few crops, in processes of their own.

Whatever becomes of them, labels, sessions and the models there were stay as they are.
"""

from __future__ import annotations

import hashlib
import os
import signal

import numpy as np
import pytest
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QFileDialog
from windows import (
    answer,
    child,
    click,
    segment_until_calls_come,
    text,
    wait_until_idle,
)

from napari_squeakout.core.steps import Progress
from napari_squeakout.core.training_settings import FineTuneSettings
from napari_squeakout.gui.segment import models_box
from napari_squeakout.gui.source.effort import effort_text, note_proposed_again
from napari_squeakout.io.models.registry import default_model, list_models
from napari_squeakout.io.training_runs.folder import PROCESS, read_json
from napari_squeakout.io.training_runs.runs import list_runs, read_account

TINY = FineTuneSettings(
    epochs=2, crop_px=64, replay_fraction=0, forgetting_test_pages=0, augment=False,
    held_out_fraction=0.2, learning_rate=1e-3,
)  # fmt: skip
ENDLESS = TINY.model_copy(update={"epochs": 9999, "patience": 1000})
# Imports alone take some seconds, and many on a machine that does something else.
LONG_MS = 400_000


@pytest.fixture
def window_of(dock_of, recording, qtbot, monkeypatch):
    """A window in which tones.wav is segmented, some pages approved, and Fine-tune unfolded."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # the window and its trainings share a machine

    def make(approved):
        viewer, dock = dock_of()
        segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
        wait_until_idle(qtbot, dock)
        for page in range(approved):
            viewer.dims.set_current_step(0, page)
            qtbot.wait(20)
            click(dock, "review_approve")
        child(dock, "fine_tune_section").expand(animate=False)
        looked(qtbot, dock)
        return viewer, dock

    return make


def looked(qtbot, dock):
    """Wait until the pages have been looked at."""
    setup = dock.fine_tune_panel.setup
    qtbot.waitUntil(lambda: not setup._look_soon.isActive(), timeout=5000)
    wait_until_idle(qtbot, dock)


def begin(qtbot, dock, settings):
    """Press the button; gives the folder of the run once it has learned for an epoch."""
    dock.fine_tune_panel.setup.form.change_to(settings)
    looked(qtbot, dock)
    click(dock, "train_run")
    panel = dock.fine_tune_panel
    qtbot.waitUntil(lambda: panel.watch.folder is not None, timeout=60_000)
    qtbot.waitUntil(lambda: has_learned(panel), timeout=LONG_MS)
    return panel.watch.folder


def has_learned(panel):
    sight = panel.watch.sight
    assert not panel.bar.text, panel.bar.text
    return sight is not None and bool(sight.account.epochs)


def ended(qtbot, dock):
    """Wait for the end of the run that is shown."""
    panel = dock.fine_tune_panel
    qtbot.waitUntil(
        lambda: panel.watch.folder is None or (panel.watch.sight and panel.watch.sight.has_ended),
        timeout=LONG_MS,
    )
    wait_until_idle(qtbot, dock)


def kept_files(dock, recording):
    """Hashes of the recording and of its session's files."""
    kept = dock.state
    kept.settle()
    files = [recording, *kept.session.folder.iterdir()]
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def own_models():
    return {entry.name for entry in list_models() if entry.kind == "own"}


def test_too_few_pages_are_told_with_what_is_missing_before_the_button(window_of, qtbot):
    viewer, dock = window_of(approved=3)
    assert text(dock, "train_pages") == "3 approved pages: 3 with 3 calls, 0 empty."
    assert "approve 2 more" in text(dock, "train_why")
    assert not child(dock, "train_run").isEnabled()
    for page in (3, 4):
        viewer.dims.set_current_step(0, page)
        qtbot.wait(20)
        click(dock, "review_approve")
    looked(qtbot, dock)
    assert text(dock, "train_pages").startswith("5 approved pages: ")
    assert "held out to judge by (tones page " in text(dock, "train_split")
    assert "Takes about" in text(dock, "train_time")
    assert "CPU" in text(dock, "train_time") or "CUDA" in text(dock, "train_time")
    assert child(dock, "train_base").value() == "squeakout-synthetic"
    assert child(dock, "train_thoroughness").value() == "Standard"
    assert child(dock, "train_freeze_encoder").isChecked()
    assert child(dock, "train_run").isEnabled(), text(dock, "train_why")


def test_a_name_is_checked_while_it_is_typed_and_the_command_can_be_copied(window_of, qtbot):
    _, dock = window_of(approved=6)
    name = child(dock, "train_name")
    assert name.text() == "tones-tuned"
    for wrong in ("our lab", "squeakout-synthetic", ""):
        name.clear()
        qtbot.keyClicks(name, wrong)
        assert not child(dock, "train_run").isEnabled()
        assert "name" in text(dock, "train_why").lower()
    qtbot.keyClicks(name, "our-lab")
    assert child(dock, "train_run").isEnabled()
    child(dock, "train_freeze_encoder").click()
    child(dock, "train_thoroughness").set_value("Quick")
    child(dock, "train_thoroughness").changed.emit()
    click(dock, "train_copy_command")
    command = QGuiApplication.clipboard().text()
    assert "fine-tune --name our-lab --session" in command
    assert "tones.squeakout" in command
    assert "--no-freeze-encoder" in command
    assert "--epochs" in command


def test_sessions_and_folders_are_added_to_what_is_learned_from(
    window_of, qtbot, tmp_path, monkeypatch
):
    _, dock = window_of(approved=2)
    from PIL import Image

    for name, level in (("images", 90), ("masks", 255)):
        (tmp_path / name).mkdir()
        for number in range(6):
            page = np.zeros((512, 512), np.uint8)
            page[100:120, 50 * number : 50 * number + 40] = level
            Image.fromarray(page).save(tmp_path / name / f"{number}.png")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_o: str(tmp_path))
    click(dock, "train_add_folders")
    assert not child(dock, "folders_accept").isEnabled()
    answer(dock, "folders", images=tmp_path / "images", masks=tmp_path / "masks")
    looked(qtbot, dock)
    assert text(dock, "train_pages").startswith("8 approved pages: 8 with 8 calls")
    assert child(dock, "train_run").isEnabled(), text(dock, "train_why")
    click(dock, "train_add_session")  # of a folder that holds none
    looked(qtbot, dock)
    assert "is no session" in text(dock, "train_why") or "session.json" in text(dock, "train_why")
    assert not child(dock, "train_run").isEnabled()
    sources = child(dock, "train_sources")
    assert sources.count() == 3
    sources.setCurrentRow(2)
    click(dock, "train_remove")
    looked(qtbot, dock)
    assert child(dock, "train_run").isEnabled(), text(dock, "train_why")


def test_a_training_is_judged_used_gone_back_from_and_proposes_again(
    window_of, recording, qtbot, monkeypatch
):
    viewer, dock = window_of(approved=5)
    before, labels = kept_files(dock, recording), np.array(viewer.layers["tones calls"].data)

    def looking(_device):
        yield Progress(0, 1, "looks")
        return list_models(), "Computes"

    monkeypatch.setattr(models_box, "looking", looking)
    begin(qtbot, dock, TINY)
    ended(qtbot, dock)
    assert own_models() == {"tones-tuned"}
    assert kept_files(dock, recording) == before
    account = dock.fine_tune_panel.watch.sight.account
    assert text(dock, "train_verdict_word") in {"Better", "Not better", "Cannot tell"}
    assert "Dice" in text(dock, "train_sentence")
    assert all(name in text(dock, "train_held_out") for name in account.plan.held_out_names)
    assert account.promoted is False
    assert default_model() == "squeakout-synthetic"
    assert text(dock, "train_done").endswith("It is kept; squeakout-synthetic is the default.")
    # To be tried on other recordings without becoming the default.
    combo = dock.segment_panel.models.combo
    qtbot.waitUntil(lambda: combo.findData("tones-tuned") >= 0, timeout=9999)
    click(dock, "train_use")
    wait_until_idle(qtbot, dock)
    assert default_model() == "tones-tuned"
    assert text(dock, "train_done").endswith("It is the default now.")
    click(dock, "train_back")
    wait_until_idle(qtbot, dock)
    assert default_model() == "squeakout-synthetic"
    assert text(dock, "train_done").endswith("It is kept; squeakout-synthetic is the default.")
    click(dock, "train_propose")
    qtbot.waitUntil(lambda: "with tones-tuned" in text(dock, "segment_message"), timeout=60_000)
    wait_until_idle(qtbot, dock)
    np.testing.assert_array_equal(viewer.layers["tones calls"].data[:5], labels[:5])
    assert dock.clean_panel.form.value().threshold == account.verdict.after.threshold
    click(dock, "train_again")
    looked(qtbot, dock)
    assert child(dock, "train_name").text() == "tones-tuned-2"


def test_a_training_outlives_its_window_is_found_again_and_stopped_with_the_best_kept(
    window_of, dock_of, qtbot
):
    viewer, dock = window_of(approved=6)
    dock.fine_tune_panel.setup.form.change_to(ENDLESS)
    looked(qtbot, dock)
    child(dock, "train_run").click()
    child(dock, "train_run").click()
    panel = dock.fine_tune_panel
    qtbot.waitUntil(lambda: has_learned(panel), timeout=LONG_MS)
    [folder] = list_runs()
    viewer.close()
    qtbot.wait(100)
    assert read_account(folder).state.is_alive
    _, dock = dock_of()
    panel = dock.fine_tune_panel
    panel.look_once()
    qtbot.waitUntil(lambda: has_learned(panel), timeout=LONG_MS)
    assert child(dock, "fine_tune_section").isExpanded()
    assert panel.watch.folder == folder
    assert "of at most 9999" in text(dock, "train_eta")
    qtbot.waitUntil(lambda: child(dock, "train_stop").isEnabled(), timeout=10_000)
    click(dock, "train_stop")
    ended(qtbot, dock)
    assert text(dock, "train_sentence")
    assert own_models() == {"tones-tuned"}


def test_a_training_that_is_cancelled_or_killed_leaves_all_as_it_was(window_of, recording, qtbot):
    _, dock = window_of(approved=6)
    before = kept_files(dock, recording)
    begin(qtbot, dock, ENDLESS)
    click(dock, "train_cancel")
    ended(qtbot, dock)
    assert text(dock, "train_work_message").startswith("Cancelled: nothing of tones-tuned is left.")
    looked(qtbot, dock)
    folder = begin_again(qtbot, dock)
    os.kill(read_json(folder / PROCESS)["pid"], signal.SIGKILL)
    ended(qtbot, dock)
    assert text(dock, "train_work_message").startswith("tones-tuned was not trained: ")
    assert "as they were" in text(dock, "train_work_message")
    assert not own_models()
    assert kept_files(dock, recording) == before
    looked(qtbot, dock)
    assert child(dock, "train_run").isEnabled(), text(dock, "train_why")


def begin_again(qtbot, dock):
    dock.fine_tune_panel.bar.say("")
    return begin(qtbot, dock, ENDLESS)


def test_a_source_without_a_session_says_what_to_do(dock_of, qtbot):
    viewer, dock = dock_of()
    viewer.add_image(np.zeros((3, 512, 512), np.float32), name="loose")
    qtbot.wait(50)
    child(dock, "fine_tune_section").expand(animate=False)
    looked(qtbot, dock)
    assert "come from no file" in text(dock, "train_session_why")
    assert "add a session or folders" in text(dock, "train_why")
    assert not child(dock, "train_run").isEnabled()


def test_time_a_page_is_told_before_and_since_a_new_model(window_of):
    _, dock = window_of(approved=4)
    kept = dock.state
    for page, seconds in ((0, 40.0), (1, 20.0), (4, 0.0)):
        kept.set_review(kept.review.changed(page, seconds=seconds))
    assert effort_text(kept) == ""
    note_proposed_again(kept, "tones-tuned")
    kept.settle()
    noted = kept.session.record.proposed_again
    assert (noted.model, set(noted.pages_before)) == ("tones-tuned", {0, 1, 2, 3})
    kept.set_review(kept.review.changed(4, seconds=12.0, approved=kept.review[0].approved))
    told = "Your time per page: 30 s before tones-tuned (2 pages), 12 s since (1 page)."
    assert effort_text(kept) == told
    assert text(dock, "train_effort") == told
