"""Plots as files."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from qtpy.QtWidgets import QFileDialog
from windows import click, open_by_clicking, wait_until_idle


@pytest.fixture
def dock(dock_of, recording, qtbot, monkeypatch):
    """Three tones, segmented, with plots under the picture."""
    _, dock = dock_of(show=True)
    open_by_clicking(qtbot, monkeypatch, dock, recording)
    click(dock, "segment_run")
    wait_until_idle(qtbot, dock)
    dock.plots.switch.setChecked(True)
    wait_until_idle(qtbot, dock)
    return dock


def save(dock, monkeypatch, path, kind="Picture (*.png)"):
    answer = lambda *_args, **_options: (str(path), kind)  # noqa: E731
    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    click(dock.plots.box, "plots_save")
    return dock.plots.box.message.text()


def test_a_plot_is_saved_on_white_as_drawing_and_picture(dock, tmp_path, monkeypatch):
    ground = dock.plots.area.backgroundBrush().color().name()
    said = save(dock, monkeypatch, tmp_path / "plot.svg")
    assert said.startswith(f"Saved the plot to {tmp_path / 'plot.svg'}.")
    drawing = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert "principal frequency (kHz)" in drawing
    assert "duration (ms)" in drawing
    save(dock, monkeypatch, tmp_path / "plot", "Picture (*.png)")
    picture = np.asarray(Image.open(tmp_path / "plot.png").convert("RGB"))
    assert picture[0, 0].tolist() == [255, 255, 255]
    blue = (np.abs(picture.astype(int) - [0, 0x72, 0xB2]) < 60).all(axis=-1)
    assert blue.any()
    assert picture.shape[1] > 2 * dock.plots.area.width()
    assert dock.plots.area.backgroundBrush().color().name() == ground  # the window as it was


def test_nothing_is_written_over_that_was_not_asked_about(dock, tmp_path, monkeypatch):
    (tmp_path / "kept.png").write_bytes(b"mine")
    assert "is there already" in save(dock, monkeypatch, tmp_path / "kept")
    assert (tmp_path / "kept.png").read_bytes() == b"mine"
    assert "end the name in .png or .svg" in save(dock, monkeypatch, tmp_path / "tones.wav")
    assert (tmp_path / "tones.wav").stat().st_size > 1000


def test_a_plot_that_cannot_be_written_leaves_nothing_and_says_so(dock, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    said = save(dock, monkeypatch, tmp_path / "file" / "plot.png")
    assert "Saved" not in said
    assert "plot.png" in said
