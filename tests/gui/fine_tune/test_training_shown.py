"""What a run's files become on the screen; no training, no network."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtWidgets import QLabel, QPushButton, QWidget
from told_events import an_event

from napari_squeakout.core.presets import CUSTOM, thoroughness_of, with_thoroughness
from napari_squeakout.core.training_settings import FineTuneSettings
from napari_squeakout.gui.fine_tune.curves import TrainingCurves
from napari_squeakout.gui.fine_tune.model_name import free_name
from napari_squeakout.gui.fine_tune.page_pairs import (
    FOUND_COLOUR,
    TRUE_COLOUR,
    changed_pages,
    preview_page,
)
from napari_squeakout.gui.fine_tune.progress import progress_text
from napari_squeakout.gui.fine_tune.report import TrainingReport
from napari_squeakout.gui.fine_tune.verdict_box import VerdictBox, named_pages, verdict_word
from napari_squeakout.gui.fine_tune.watch import Sight
from napari_squeakout.io.training_runs.account import Account, RunState
from napari_squeakout.io.training_runs.folder import write_arrays


@pytest.fixture
def page():
    """Grey, with one true call that is found in part."""
    truth, found = np.zeros((2, 512, 512), bool)
    truth[200:220, 100:200] = True
    found[200:220, 100:150] = True
    return np.full((512, 512), 90, np.uint8), truth, np.where(found, 255, 0).astype(np.uint8)


def holds(picture, colour, opacity=1.0):
    wanted = np.rint(90 + opacity * (np.array(colour, float) - 90))
    return bool((np.abs(picture.astype(int) - wanted) <= 1).all(axis=2).any())


def test_a_page_shows_what_is_true_and_what_each_model_marks(page, tmp_path):
    grey, truth, found = page
    path = tmp_path / "preview.npz"
    nothing = np.zeros_like(found)
    write_arrays(path, name=np.asarray("p 3"), page=grey, truth=truth, before=nothing, now=found)
    pair = preview_page(path)
    assert pair.name == "p 3"
    assert pair.before.shape == pair.now.shape
    assert pair.now.shape[0] < 512  # around its calls
    assert holds(pair.before, TRUE_COLOUR)
    assert holds(pair.now, FOUND_COLOUR, 0.75)
    assert not holds(pair.before, FOUND_COLOUR, 0.75)


def test_pictures_drawn_anew_can_be_told_from_those_before(page, tmp_path):
    grey, truth, found = page
    path = tmp_path / "preview.npz"
    write_arrays(path, name=np.asarray("p"), page=grey, truth=truth, before=found, now=found)
    first, again = preview_page(path), preview_page(path)
    assert (first, "x") == (first, "x")
    assert (first, "x") != (again, "x")


def test_an_empty_page_is_shown_whole(page, tmp_path):
    grey, truth, found = page
    empty, path = np.zeros_like(truth)[None], tmp_path / "changes.npz"
    write_arrays(
        path, names=np.asarray(["quiet"]), pages=grey[None], truth=empty,
        before=np.zeros_like(found)[None], after=np.zeros_like(found)[None],
    )  # fmt: skip
    [pair] = changed_pages(path)
    assert pair.now.shape == (512, 512, 3)


def test_held_out_pages_are_named_in_spans():
    names = [f"mouse 2 page {n}" for n in (3, 4, 5, 9)] + ["a.png", "mouse 3 page 10"]
    assert named_pages(names) == "mouse 2 pages 3-5, mouse 2 page 9, a.png, mouse 3 page 10"


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ({"is_better": True, "units": 6}, "Better"),
        ({"is_better": False, "units": 6}, "Not better"),
        ({"is_better": False, "units": 4}, "Cannot tell"),
    ],
)
def test_a_verdict_is_one_of_three(verdict, word):
    assert verdict_word(an_event("verdict", **verdict)) == word


def test_what_is_said_follows_the_run():
    plan = an_event("plan", epochs=30, seconds=5.0)
    epochs = tuple(an_event("epoch", epoch=n, seconds=5.0 + 6 * n, best_epoch=2) for n in (1, 2, 3))
    judging = an_event("step", what="pages judged", done=3, total=40, seconds=30.0)
    running = RunState.RUNNING
    assert progress_text(Account(state=RunState.STARTING)) == "Starting…"
    assert progress_text(Account(state=running)) == "Reading the approved pages…"
    assert progress_text(Account(state=running, plan=plan)) == "Epoch 1 of at most 30"
    said = progress_text(Account(state=running, plan=plan, epochs=epochs))
    assert said == "Epoch 4 of at most 30, best so far: epoch 2; at most 3 min left"
    said = progress_text(Account(state=running, plan=plan, epochs=epochs, step=judging))
    assert said == "Judging both models: 3 of 40 pages"


def test_a_word_of_the_curves_key_stays_beside_its_sign_and_the_curve_is_called_loss(qtbot):
    curves = TrainingCurves()
    qtbot.addWidget(curves)
    curves.set_epochs([an_event("epoch")], 1)
    losses, dice = (label.text() for label in curves.findChildren(QLabel) if label.text())
    # The signs differ as the lines do, for who sees no colours.
    for key, signs in ((losses, "○●"), (dice, "○●┊")):
        assert [key.count(f"{sign}</span>&nbsp;") for sign in signs] == [1] * len(signs)
    assert dice.endswith("&nbsp;best&nbsp;epoch")
    assert "<b>Loss</b>" in losses
    assert "loss" in curves.findChild(QWidget, "train_losses").toolTip()


def test_thoroughness_changes_how_long_it_learns_and_nothing_else():
    standard = FineTuneSettings(freeze_encoder=False)
    thorough = with_thoroughness(standard, "Thorough")
    assert thorough.epochs > standard.epochs
    assert not thorough.freeze_encoder
    assert with_thoroughness(thorough, "Standard") == standard
    assert thoroughness_of(thorough) == "Thorough"
    assert thoroughness_of(FineTuneSettings(epochs=7)) == CUSTOM


def test_a_name_is_suggested_that_no_model_has():
    assert free_name("mouse 1 (left)", []) == "mouse-1-left-tuned"
    assert free_name("box", ["box-tuned", "BOX-tuned-2"]) == "box-tuned-3"
    assert free_name("…", []) == "lab-tuned"


def test_no_label_of_the_verdict_s_table_is_cut_in_a_narrow_dock(qtbot):
    box = VerdictBox()
    qtbot.addWidget(box)
    figures = {"dice": 0.91, "precision": 0.9, "recall": 0.9, "false_calls_per_minute": 12.5}
    spans = dict.fromkeys(figures, (-0.01, 0.02))
    judged = {"threshold": 0.5, "f1": 0.9, **figures}
    sides = {"before": judged, "after": judged, "gains": spans, "synthetic_dice": (0.9, 0.8)}
    box._fill_table(an_event("verdict", **sides))
    box.setFixedWidth(276)  # what a dock of 300 px leaves
    box.show()
    for cell in box._cells:
        assert cell.width() >= cell.sizeHint().width(), cell.text()
        assert cell.height() >= cell.sizeHint().height(), cell.text()


@pytest.mark.parametrize(("is_better", "default"), [(True, "old"), (False, "new"), (False, "old")])
def test_a_model_that_is_not_better_is_not_offered_to_propose(qtbot, tmp_path, is_better, default):
    report = TrainingReport()
    qtbot.addWidget(report)
    verdict = an_event("verdict", is_better=is_better, units=9)
    account = Account(state=RunState.DONE, name="new", verdict=verdict)
    report._sight = Sight(folder=tmp_path, account=account)
    monkey = "napari_squeakout.gui.fine_tune.report._done_text"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monkey, lambda *_: "")
        report.offer((default, None), can_propose=True, is_busy=False)
    offered = not report.findChild(QPushButton, "train_propose").isHidden()
    assert offered is (is_better or default == "new")
    next_step = report.findChild(QPushButton, "train_report_doubtful")
    assert next_step.isHidden() is is_better
    with qtbot.waitSignal(report.doubtful_asked):
        next_step.click()
