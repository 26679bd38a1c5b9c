"""Results are saved from the dock, of the calls as they are now; nothing is replaced unasked."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import tifffile
from PIL import Image
from qtpy.QtWidgets import QMessageBox, QWidget
from windows import (
    answer,
    child,
    click,
    open_by_clicking,
    segment_until_calls_come,
    text,
    wait_until_idle,
)


def save(monkeypatch, dock, folder, *, button="results_save", replace=False, **chosen):
    """What a person does; gives the questions that were asked before anything is replaced."""
    asked = []
    said = QMessageBox.StandardButton.Yes if replace else QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", lambda *words: asked.append(words[2]) or said)
    click(dock, button)
    answer(dock, "results", folder=folder, **chosen)
    return asked


def test_corrected_calls_are_saved_and_replaced_only_when_asked(
    dock_of, recording, qtbot, monkeypatch, tmp_path
):
    viewer, dock = dock_of()
    assert not child(dock, "results_save").isEnabled()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    viewer.dims.set_current_step(0, 5)
    calls = viewer.layers["tones calls"]
    pixels = (np.full(200, 5), np.repeat(np.arange(10), 20) + 40, np.tile(np.arange(20), 10) + 60)
    calls.data_setitem(pixels, np.full(200, 77))
    qtbot.wait(200)
    save(monkeypatch, dock, tmp_path)
    wait_until_idle(qtbot, dock)
    folder = tmp_path / "tones"
    n_calls = len(np.unique(calls.data)) - 1
    assert text(dock, "results_message").startswith(f"Saved {n_calls} calls in {folder}.")
    assert 5 in pd.read_csv(folder / "calls.csv")["page"].tolist()
    np.testing.assert_array_equal(tifffile.imread(folder / "masks.tif"), calls.data)
    assert json.loads((folder / "run.json").read_text())["review"]["corrected"] == 1
    assert (folder / "picture.png").exists()
    before = (folder / "run.json").read_bytes()
    asked = save(monkeypatch, dock, tmp_path)
    wait_until_idle(qtbot, dock)
    assert len(asked) == 1
    assert (folder / "run.json").read_bytes() == before
    (folder / "my notes.txt").write_text("mine")
    save(monkeypatch, dock, tmp_path, replace=True)
    wait_until_idle(qtbot, dock)
    assert "my notes.txt: was not written by this program" in text(dock, "results_message")
    assert (folder / "run.json").read_bytes() == before


def test_all_recordings_with_calls_are_saved_together(
    dock_of, recording, qtbot, monkeypatch, tmp_path
):
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    assert child(dock, "results_save_all").isHidden()
    other = tmp_path / "other" / "tones.wav"
    other.parent.mkdir()
    shutil.copy(recording, other)
    open_by_clicking(qtbot, monkeypatch, dock, other)
    qtbot.wait(50)
    wait_until_idle(qtbot, dock)
    click(dock, "session_anew")  # the same sound has been worked on before
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    save(monkeypatch, dock, tmp_path / "out", button="results_save_all")
    wait_until_idle(qtbot, dock)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted([f"{recording.parent.name}_tones", "other_tones"])


def test_masks_of_images_are_as_large_as_one_chooses(
    dock_of, recording, qtbot, monkeypatch, tmp_path
):
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    click(dock, "results_save")
    assert dock.findChild(QWidget, "results_mask_size") is None  # recordings have one size
    child(dock, "results_dialog").reject()
    assert text(dock, "results_message") == ""
    pages = tmp_path / "pages"
    pages.mkdir()
    Image.fromarray(np.full((227, 300), 90, np.uint8)).save(pages / "a.png")
    open_by_clicking(qtbot, monkeypatch, dock, pages / "a.png")
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    save(monkeypatch, dock, tmp_path / "out", mask_size="source")
    wait_until_idle(qtbot, dock)
    with Image.open(tmp_path / "out/a/masks/a.png") as mask:
        assert mask.size == (300, 227)
    assert (
        json.loads((tmp_path / "out/a/run.json").read_text())["settings"]["result"]["mask_size"]
        == "source"
    )


def test_measures_are_saved_where_they_are_chosen_and_offered_so_again(
    dock_of, recording, qtbot, monkeypatch, tmp_path
):
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    save(monkeypatch, dock, tmp_path / "plain")
    wait_until_idle(qtbot, dock)
    assert not (tmp_path / "plain/tones/calls_measures.csv").exists()
    save(monkeypatch, dock, tmp_path / "measured", measures=True)
    wait_until_idle(qtbot, dock)
    folder = tmp_path / "measured/tones"
    calls, measured = (pd.read_csv(folder / name) for name in ("calls.csv", "calls_measures.csv"))
    pd.testing.assert_frame_equal(measured[list(calls.columns)], calls)
    assert {"principal_hz", "n_jumps", "snr_db"} <= set(measured.columns)
    assert json.loads((folder / "run.json").read_text())["settings"]["result"]["measures"]
    click(dock, "results_save")
    assert child(dock, "results_measures").isChecked()
    child(dock, "results_dialog").reject()


def test_the_folder_of_the_last_time_is_offered_again_while_it_is_there(
    dock_of, recording, qtbot, monkeypatch, tmp_path
):
    viewer, dock = dock_of()
    segment_until_calls_come(qtbot, monkeypatch, viewer, dock, recording)
    wait_until_idle(qtbot, dock)
    click(dock, "results_save")
    assert not child(dock, "results_accept").isEnabled()  # nowhere is no folder
    child(dock, "results_dialog").reject()
    qtbot.wait(10)
    save(monkeypatch, dock, tmp_path / "out")
    wait_until_idle(qtbot, dock)
    click(dock, "results_save")
    assert child(dock, "results_folder_line").text() == str(tmp_path / "out")
    child(dock, "results_dialog").reject()
    qtbot.wait(10)
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    click(dock, "results_save")
    assert child(dock, "results_folder_line").text() == ""
