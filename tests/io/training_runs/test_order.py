"""An order is a command that can be copied, and says the same there."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from napari_squeakout.cli.commands import app
from napari_squeakout.core.training_settings import FineTuneSettings
from napari_squeakout.io.training_runs.order import TrainingOrder

CHANGED = FineTuneSettings(
    seed=3, epochs=12, learning_rate=1e-5, augment=False, freeze_encoder=False, crop_px=512
)


def understood(words):
    """What the command line makes of the arguments."""
    _, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    return bound.arguments


@pytest.mark.parametrize("settings", [FineTuneSettings(), CHANGED])
def test_the_command_line_understands_an_order_as_it_was_meant(tmp_path, settings):
    sessions = (tmp_path / "a mouse.squeakout", tmp_path / "b.squeakout")
    order = TrainingOrder(
        name="mine",
        sessions=sessions,
        near=(tmp_path,),
        base="older",
        settings=settings,
        learning_curve=settings is CHANGED,
    )
    said = understood(order.arguments(tmp_path / "run"))
    assert said["name"] == "mine"
    assert said["session"] == sessions
    assert said["search_folder"] == (tmp_path,)
    assert said["base"] == "older"
    assert said["run_folder"] == tmp_path / "run"
    assert said.get("tuning", FineTuneSettings()) == settings
    assert said.get("learning_curve", False) == order.learning_curve


def test_the_command_can_be_copied(tmp_path):
    order = TrainingOrder(name="mine", sessions=(tmp_path / "it's a mouse.squeakout",))
    words = shlex.split(order.command_line())
    assert words == ["squeakout", *order.arguments()]
    assert understood(words[1:])["session"] == order.sessions
    assert "--epochs" not in words


def test_paths_hold_from_wherever_the_command_is_run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.safetensors").touch()
    order = TrainingOrder(
        name="mine", folders=((Path("images"), Path("masks")),), base="lab.safetensors"
    )
    assert str(tmp_path / "lab.safetensors") in order.arguments()
    assert str(tmp_path / "images") in order.arguments()
    assert order.as_dict()["folders"] == [[str(tmp_path / "images"), str(tmp_path / "masks")]]
