"""What `fine-tune` says when something goes wrong around its work."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from napari_squeakout.cli.telling import Telling
from napari_squeakout.core import changes
from napari_squeakout.io.training_folder import CHANGES


def events(folder: Path):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def tuned():
    verdict = SimpleNamespace(as_dict=lambda: {"is_better": True}, sentence="better")
    return SimpleNamespace(verdict=verdict)


def test_a_picture_that_cannot_be_written_does_not_end_the_run(tmp_path, monkeypatch):
    shown = SimpleNamespace(names=("one",), as_arrays=dict)
    monkeypatch.setattr(changes, "changes_of", lambda *_: shown)
    (tmp_path / CHANGES).mkdir()  # in the way
    telling = Telling("lab", json_lines=True, folder=tmp_path)
    telling.learns_from(SimpleNamespace(notes=()))
    telling.judged(tuned())
    assert [event["kind"] for event in events(tmp_path)] == ["verdict"]


@pytest.mark.parametrize("saved", [False, True])
def test_ctrl_c_says_whether_there_is_a_model(tmp_path, saved):
    telling = Telling("lab", json_lines=True, folder=tmp_path)
    if saved:
        telling.done(tmp_path / "lab.safetensors", tuned(), "f" * 64)
    with pytest.raises(KeyboardInterrupt), telling.failures():
        raise KeyboardInterrupt
    assert ("nothing was saved" in events(tmp_path)[-1]["error"]) != saved
