"""A run cancelled while it saves its model: its own goes, others stay."""

from __future__ import annotations

import json

import pytest
import torch
from told_events import an_event

from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.io.models.registry import list_models, save_model
from napari_squeakout.io.training_runs.folder import EVENTS, PROCESS, append_event, write_json
from napari_squeakout.io.training_runs.undo import unsave


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A model of the lab's own."""
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    with torch.random.fork_rng():
        model = Model("new", SqueakOut().state_dict(), ModelCard(name="new"))
    save_model(model)
    return model


def run_that_said(folder, fingerprint, *more):
    folder.mkdir()
    write_json(folder / PROCESS, {"pid": 7})
    append_event(folder, an_event("saving", name="new", fingerprint=fingerprint))
    for event in more:
        append_event(folder, event)
    return folder


def own():
    return [entry.name for entry in list_models() if entry.kind == "own"]


def test_the_model_it_had_just_saved_goes(saved, tmp_path):
    unsave(run_that_said(tmp_path / "run", saved.fingerprint))
    assert own() == []
    assert list((tmp_path / "home" / "models").iterdir()) == []


def test_another_model_that_got_the_name_stays(saved, tmp_path):
    unsave(run_that_said(tmp_path / "run", "0" * 64))
    assert own() == ["new"]


def test_what_is_done_stays(saved, tmp_path):
    unsave(run_that_said(tmp_path / "run", saved.fingerprint, an_event("done")))
    assert own() == ["new"]


def test_what_is_done_stays_where_a_disk_has_spoilt_the_line_that_says_so(saved, tmp_path):
    folder = run_that_said(tmp_path / "run", saved.fingerprint)
    with (folder / EVENTS).open("a") as file:
        file.write('{"kind": "done", "note": 5}\n')
    unsave(folder)
    assert own() == ["new"]


def test_a_draft_and_a_card_without_weights_go(saved, tmp_path):
    folder = tmp_path / "home" / "models"
    (folder / "new.safetensors").rename(folder / ".new.safetensors.7")
    unsave(run_that_said(tmp_path / "run", saved.fingerprint))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "saving",
    [{}, {"name": "../precious", "fingerprint": "f"}, {"name": ["new"]}, {"name": 5}],
)
def test_a_line_that_a_disk_has_spoilt_takes_nothing_away(saved, tmp_path, saving):
    precious = tmp_path / "home" / "precious.json"
    precious.write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / EVENTS).write_text(json.dumps({"kind": "saving", **saving}) + "\n")
    unsave(folder)
    assert own() == ["new"]
    assert precious.read_text() == "mine"


def test_a_line_without_a_fingerprint_takes_no_model_away(saved, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / EVENTS).write_text('{"kind": "saving", "name": "new"}\n')
    unsave(folder)
    assert own() == ["new"]
