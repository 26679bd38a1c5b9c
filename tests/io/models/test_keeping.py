"""A model that took hours to make is kept, whatever has happened to its name or its place."""

from __future__ import annotations

import pytest
import torch

from napari_squeakout.core.errors import ModelError, SqueakOutError
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.io.models.keeping import keep_model
from napari_squeakout.io.models.registry import load_model, save_model


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    with torch.random.fork_rng():
        return Model("lab", SqueakOut().state_dict(), ModelCard(name="lab", title="Ours"))


def test_it_gets_the_name_that_was_asked_for(model):
    told = []
    kept = keep_model(model, about_to_save=told.append)
    assert (kept.name, kept.has_name, kept.note, told) == ("lab", True, "", ["lab"])
    assert load_model("lab").fingerprint == model.fingerprint


@pytest.mark.parametrize("name", ["lab", "l" * 64])
def test_a_name_that_was_taken_meanwhile_is_left_to_its_owner_and_a_free_one_is_said(model, name):
    save_model(model.renamed(name))
    told = []
    kept = keep_model(model.renamed(name), about_to_save=told.append)
    assert kept.name == f"{name[:62]}-2"
    assert told == [kept.name]
    assert kept.note == f"a model is called {name} by now: this one is saved as {kept.name}"
    assert load_model(kept.name).card.title == "Ours"


def test_where_the_models_cannot_be_written_to_it_is_a_file_elsewhere_and_that_is_said(
    model, tmp_path
):
    (tmp_path / "home").write_text("no folder")
    place = tmp_path / "run"
    place.mkdir()
    (place / "lab.safetensors").write_text("somebody's")
    kept = keep_model(model, (tmp_path / "home" / "no folder either", place))
    assert (kept.path, kept.has_name) == (place / "lab-2.safetensors", False)
    assert "cannot be written" in kept.note
    assert f"it is saved as {kept.path}" in kept.note
    assert load_model(kept.path).card.title == "Ours"
    assert (place / "lab.safetensors").read_text() == "somebody's"


def test_where_nothing_can_be_written_the_first_reason_is_told(model, tmp_path, monkeypatch):
    (tmp_path / "home").write_text("no folder")

    def full(*_, **__):
        msg = "no room there either"
        raise ModelError(msg)

    monkeypatch.setattr("napari_squeakout.io.models.keeping.write_model", full)
    with pytest.raises(ModelError, match=r"home.*cannot be written"):
        keep_model(model)


def test_who_cancels_while_it_is_saved_ends_it(model):
    def cancel(_):
        msg = "cancelled"
        raise SqueakOutError(msg)

    with pytest.raises(SqueakOutError, match="cancelled"):
        keep_model(model, about_to_save=cancel)
    with pytest.raises(ModelError, match="no model is called"):
        load_model("lab")
