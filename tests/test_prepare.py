"""`squeakout prepare` as a user runs it: recordings in, a project that the window opens out."""

from __future__ import annotations

import pytest
import soundfile
import torch
from fakes import RATE_HZ, bright, sound

from napari_squeakout.cli.running import run_command
from napari_squeakout.core.detection.engine import Engine
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.io.models import registry
from napari_squeakout.io.sessions.project import rows_of


@pytest.fixture(autouse=True)
def bright_pixels(tmp_path, monkeypatch):
    """A model that finds what is bright, whatever its name; and nobody's models or sessions."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Model("lab", SqueakOut().state_dict(), ModelCard(name="lab"))
    monkeypatch.setattr(Engine, "__call__", lambda self, pages: bright(pages))
    monkeypatch.setattr(registry, "load_model", lambda name=None: model)


@pytest.fixture
def litter(tmp_path):
    folder = tmp_path / "litter"
    folder.mkdir()
    for number in range(2):
        soundfile.write(folder / f"pup{number}.wav", sound(0.5, (0.1, 0.15, 7e4)), RATE_HZ)
    return folder


def test_a_folder_of_recordings_becomes_a_project(litter, tmp_path, capsys):
    project = tmp_path / "project"
    assert run_command(["prepare", str(litter), "--project", str(project)]) == 0
    rows = rows_of(project)
    assert [(row.path.name, row.n_segmented) for row in rows] == [("pup0.wav", 3), ("pup1.wav", 3)]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [str(row.session) for row in rows]


def test_a_recording_that_cannot_be_read_is_told_and_the_others_are_done(litter, tmp_path, capsys):
    (litter / "pup0.wav").write_bytes(b"RIFF and no sound")
    project = tmp_path / "project"
    assert run_command(["prepare", str(litter), "--project", str(project)]) == 1
    assert "pup0.wav" in capsys.readouterr().err
    assert [row.n_segmented for row in rows_of(project)] == [0, 3]


def test_named_again_without_recordings_a_project_is_gone_on_with(litter, tmp_path):
    project = tmp_path / "project"
    assert run_command(["prepare", str(litter), "--project", str(project)]) == 0
    before = [row.changed for row in rows_of(project)]
    assert run_command(["prepare", "--project", str(project)]) == 0
    assert len(before) == len(rows_of(project)) == 2


def test_without_any_recording_it_says_what_to_name(tmp_path, capsys):
    assert run_command(["prepare", "--project", str(tmp_path / "none")]) == 2
    assert "name recordings" in capsys.readouterr().err
