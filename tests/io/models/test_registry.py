import json
import math
import os
import shutil
import sys
from contextlib import suppress

import pytest
import safetensors.torch
import torch

from napari_squeakout.core.errors import ModelError, NameTakenError
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.model.published import PUBLISHED
from napari_squeakout.io.models import files as model_files
from napari_squeakout.io.models import registry as models
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.export import export_model
from napari_squeakout.io.models.reading import read_card
from napari_squeakout.io.models.registry import (
    default_model,
    import_model,
    list_models,
    load_model,
    previous_default,
    remove_model,
    save_model,
    set_default_model,
    why_not_default,
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    monkeypatch.setattr(models, "_bundled_folder", lambda: bundled)
    return tmp_path / "home"


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SqueakOut().eval()


def model_of(network, name="lab"):
    return Model(name, network.state_dict(), ModelCard(name=name, title="The lab's own"))


def logits(network, image):
    with torch.no_grad():
        return network(image)


def test_a_model_is_not_changed_by_training_its_source_or_its_network(network):
    source = SqueakOut()
    model = model_of(source)
    before = model.fingerprint
    with torch.no_grad():
        source.conv_last.bias.add_(1)
        model.network().conv_last.bias.add_(1)
    assert Model(model.name, model.weights, model.card).fingerprint == before


def test_the_network_is_in_eval_mode_and_gives_the_same_logits(network):
    copy = model_of(network).network()
    image = torch.rand(1, 1, 64, 64)
    assert not copy.training
    assert torch.equal(logits(copy, image), logits(network, image))


def test_making_the_network_draws_no_random_numbers(network):
    model = model_of(network)
    before = torch.get_rng_state()
    model.network()
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_lacking_a_weight_cannot_be_made(network):
    weights = network.state_dict()
    del weights["conv_last.bias"]
    with pytest.raises(ModelError, match=r"lab: .* lacks conv_last\.bias"):
        Model("lab", weights, ModelCard(name="lab"))


def test_a_model_with_weights_that_are_not_finite_cannot_be_made(network):
    weights = network.state_dict() | {"conv_last.bias": torch.full((3,), math.nan)}
    with pytest.raises(ModelError, match=r"not finite numbers, conv_last\.bias"):
        Model("lab", weights, ModelCard(name="lab"))


@pytest.mark.parametrize("name", ["", "a b", "../x", ".hidden", "x" * 65, "ä", "a/b", "a\n"])
def test_names_that_are_no_names_are_refused(name):
    with pytest.raises(ModelError, match="cannot be a model's name"):
        ModelCard(name=name)


def test_a_card_keeps_everything_through_its_file(network):
    card = ModelCard(
        name="v1.2", parent="abc", metrics={"dice": 0.9, "loss": math.inf}, limits=("rats",)
    )
    save_model(Model("v1.2", network.state_dict(), card))
    assert load_model("v1.2").card == card


def test_saved_models_are_listed_and_loaded_by_name(network, home):
    path = save_model(model_of(network))
    assert path == home / "models" / "lab.safetensors"
    entry = next(entry for entry in list_models() if entry.name == "lab")
    assert (entry.kind, entry.installed, entry.path, entry.title) == (
        "own",
        True,
        path,
        "The lab's own",
    )
    assert load_model("lab").fingerprint == model_of(network).fingerprint
    assert sorted(p.name for p in path.parent.iterdir()) == ["lab.json", "lab.safetensors"]


def test_a_model_whose_files_were_renamed_by_hand_goes_by_its_new_name(network, home):
    path = save_model(model_of(network))
    for suffix in (".safetensors", ".json"):
        path.with_suffix(suffix).rename(path.with_name(f"renamed{suffix}"))
    assert load_model("renamed").card.name == "renamed"


def test_the_published_model_is_listed_before_it_is_here():
    entry = next(entry for entry in list_models() if entry.kind == "published")
    assert (entry.name, entry.installed, entry.path) == ("squeakout-published", False, None)
    with pytest.raises(ModelError, match="run `squeakout models fetch squeakout-published`"):
        load_model("squeakout-published")


def test_the_default_is_the_bundled_model_and_stays(network, tmp_path):
    save_model(model_of(network, "squeakout-synthetic"), tmp_path / "bundled", half=True)
    assert load_model().name == "squeakout-synthetic"
    with pytest.raises(ModelError, match="cannot be removed"):
        remove_model("squeakout-synthetic")
    with pytest.raises(ModelError, match="choose another name"):
        save_model(model_of(network, "squeakout-synthetic"), overwrite=True)


def test_half_precision_is_half_the_size_and_nearly_the_same(network, tmp_path):
    model = model_of(network)
    half = save_model(model, tmp_path / "half", half=True)
    whole = save_model(model, tmp_path / "whole")
    assert half.stat().st_size < 0.55 * whole.stat().st_size
    image = torch.rand(1, 1, 64, 64)
    got, wanted = logits(load_model(half).network(), image), logits(network, image)
    assert torch.allclose(got, wanted, rtol=0.02, atol=0.02 * float(wanted.std()))
    again = save_model(load_model(half), tmp_path / "again", half=True)
    assert load_model(again).fingerprint == load_model(half).fingerprint


def test_the_fingerprint_does_not_depend_on_the_file(network, tmp_path):
    state = network.state_dict()
    torch.save(state, tmp_path / "a.pt")
    torch.save({"state_dict": {f"model.{n}": v for n, v in state.items()}}, tmp_path / "b.ckpt")
    safetensors.torch.save_file(state, tmp_path / "c.safetensors")
    prints = {load_model(tmp_path / f).fingerprint for f in ("a.pt", "b.ckpt", "c.safetensors")}
    assert prints == {model_of(network).fingerprint}


def test_other_weights_have_another_fingerprint(network):
    other = network.state_dict() | {"conv_last.bias": torch.ones(3)}
    assert Model("lab", other, ModelCard(name="lab")).fingerprint != model_of(network).fingerprint


def test_a_saved_model_is_not_overwritten_unasked(network):
    save_model(model_of(network))
    with pytest.raises(ModelError, match="exists already"):
        save_model(model_of(network))
    save_model(model_of(network), overwrite=True)


def test_an_imported_checkpoint_tells_what_it_is(network, tmp_path):
    torch.save(network.state_dict(), tmp_path / "our weights (1).pt")
    model = import_model(tmp_path / "our weights (1).pt")
    assert model.name == "our-weights-1-"
    assert model.card.identity.startswith("not byte for byte the published checkpoint")
    assert model.card.source_file == "our weights (1).pt"
    assert load_model("our-weights-1-").card == model.card


def test_a_model_exported_and_imported_keeps_its_card_under_its_new_name(network, tmp_path):
    save_model(model_of(network))
    file = export_model("lab", tmp_path / "elsewhere" / "shared.safetensors")
    model = import_model(file, "theirs")
    assert model.card == model_of(network).card.model_copy(update={"name": "theirs"})
    assert load_model("theirs").fingerprint == model_of(network).fingerprint


def test_a_removed_model_is_gone_with_its_card(network, home):
    save_model(model_of(network))
    remove_model("lab")
    assert list((home / "models").iterdir()) == []
    with pytest.raises(ModelError, match="no model called 'lab' is installed"):
        remove_model("lab")


def test_an_unknown_name_is_refused_with_the_known_ones(network):
    save_model(model_of(network))
    with pytest.raises(ModelError, match="known are squeakout-published, lab"):
        load_model("labb")


def test_a_path_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"x\.ckpt: cannot be read"):
        load_model(str(tmp_path / "x.ckpt"))


def test_a_spoilt_card_is_named_and_does_not_break_the_list(network, home):
    save_model(model_of(network))
    card = home / "models" / "lab.json"
    card.write_text(json.dumps({"name": "lab", "colour": "red"}), encoding="utf-8")
    assert [e.title for e in list_models() if e.name == "lab"] == [
        "lab (it or its card cannot be read)"
    ]
    with pytest.raises(ModelError, match=r"lab\.json: not a model card \(colour: Extra inputs"):
        load_model("lab")


def test_a_folder_that_cannot_be_written_to_is_named(network, home):
    home.mkdir()
    (home / "models").write_text("a file, not a folder")
    with pytest.raises(ModelError, match="cannot be written"):
        save_model(model_of(network))


# --- the default --------------------------------------------------------------------------------


@pytest.fixture
def several(network, tmp_path):
    """A bundled model, and two of the lab."""
    save_model(model_of(network, BUNDLED_MODEL), tmp_path / "bundled")
    for name in ("one", "two"):
        save_model(model_of(network, name))


@pytest.mark.usefixtures("several")
def test_the_model_that_is_chosen_is_loaded_when_none_is_named_and_one_can_go_back():
    assert (default_model(), previous_default()) == (BUNDLED_MODEL, None)
    set_default_model("one")
    set_default_model("two")
    set_default_model("two")
    assert load_model().name == "two"
    assert [entry.name for entry in list_models() if entry.is_default] == ["two"]
    assert [entry.name for entry in list_models() if entry.was_default] == ["one"]
    set_default_model(previous_default())
    assert (default_model(), previous_default()) == ("one", "two")


@pytest.mark.usefixtures("several")
def test_where_the_default_is_removed_the_bundled_model_serves():
    set_default_model("one")
    remove_model("one")
    assert (default_model(), previous_default(), why_not_default()) == (BUNDLED_MODEL, None, None)


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("spoil", ["gone", "cut short", "card"])
def test_where_the_default_is_gone_or_spoilt_the_bundled_model_serves_and_it_is_said(spoil, home):
    set_default_model("one")
    file = home / "models" / "one.safetensors"
    if spoil == "gone":
        file.unlink()
    elif spoil == "cut short":
        file.write_bytes(file.read_bytes()[:-100])
    else:
        file.with_suffix(".json").write_text("{}")
    assert default_model() == load_model().name == BUNDLED_MODEL
    assert "one, the default, is gone or cannot be read" in why_not_default()
    set_default_model(BUNDLED_MODEL)
    assert (default_model(), why_not_default()) == (BUNDLED_MODEL, None)


@pytest.mark.usefixtures("several")
def test_a_new_model_does_not_become_the_default_by_the_name_of_one_that_vanished(network, home):
    set_default_model("one")
    (home / "models" / "one.safetensors").unlink()
    save_model(model_of(network, "one"))
    assert default_model() == BUNDLED_MODEL


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("content", ["", "[]", '{"name": 3}'])
def test_a_spoilt_record_of_the_default_counts_as_none(content, home):
    (home / "default.json").write_text(content)
    assert default_model() == BUNDLED_MODEL
    set_default_model("one")
    assert default_model() == "one"


@pytest.mark.usefixtures("several")
def test_only_a_model_that_has_a_name_here_can_be_the_default(home):
    with pytest.raises(ModelError, match="no model is called 'none'"):
        set_default_model("none")
    with pytest.raises(ModelError, match="import it first"):
        set_default_model(str(home / "models" / "one.safetensors"))
    assert not (home / "default.json").exists()


# --- one file -----------------------------------------------------------------------------------


def test_an_exported_model_is_one_file_that_carries_its_card(network, tmp_path):
    save_model(model_of(network))
    file = export_model("lab", tmp_path / "there" / "shared.safetensors")
    assert list(file.parent.iterdir()) == [file]
    alone = load_model(file)
    assert alone.card == model_of(network).card
    assert alone.fingerprint == model_of(network).fingerprint


def test_the_card_inside_a_file_goes_before_one_beside_it(network, tmp_path):
    save_model(model_of(network))
    file = export_model("lab", tmp_path / "shared.safetensors")
    file.with_suffix(".json").write_text(ModelCard(name="another").model_dump_json())
    assert load_model(file).name == "lab"


def test_a_card_inside_that_is_none_is_refused_with_the_file(network, tmp_path):
    file = tmp_path / "shared.safetensors"
    safetensors.torch.save_file(network.state_dict(), file, {"squeakout_card": "{}"})
    with pytest.raises(ModelError, match=r"shared\.safetensors: not a model card \(name: "):
        load_model(file)


def test_a_card_beside_an_exported_file_still_counts(network, tmp_path):
    path = save_model(model_of(network))
    for suffix in (".safetensors", ".json"):
        shutil.copy(path.with_suffix(suffix), tmp_path / f"lab{suffix}")
    assert import_model(tmp_path / "lab.safetensors", "theirs").card.title == "The lab's own"


def test_a_card_without_levels_is_of_a_model_that_knows_vocalmats_images(tmp_path):
    card = tmp_path / "card.json"
    card.write_text('{"name": "old", "rendering": {"low_hz": 45000.0}}')
    assert read_card(card).rendering.levels == "page"
    card.write_text('{"name": "older"}')
    assert read_card(card).rendering.levels == "page"
    card.write_text('{"name": "new", "rendering": {"levels": "noise"}}')
    assert read_card(card).rendering.levels == "noise"


# --- killed in between --------------------------------------------------------------------------


class Killed(BaseException):
    """What ends a process without its leave."""


def killed_at(monkeypatch, step):
    """Die in the place of the file that is written as number `step`."""
    whole, seen = model_files.replace_file, []

    def dying(*arguments, **options):
        seen.append(arguments)
        if len(seen) == step:
            raise Killed
        whole(*arguments, **options)

    monkeypatch.setattr(model_files, "replace_file", dying)


def of_old_weights(path):
    """As an earlier version wrote it: the card beside alone, which does not say whose it is."""
    state = safetensors.torch.load_file(path)
    safetensors.torch.save_file(state, path, {"format": "pt"})
    card = json.loads(path.with_suffix(".json").read_text())
    del card["weights_fingerprint"]
    path.with_suffix(".json").write_text(json.dumps(card))


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("earlier", [False, True])
def test_wherever_saving_over_a_model_is_killed_its_card_is_that_of_its_weights(
    network, monkeypatch, step, earlier
):
    old = model_of(network)
    other = network.state_dict() | {"conv_last.bias": torch.ones(3)}
    new = Model("lab", other, ModelCard(name="lab", title="New"))
    path = save_model(old)
    if earlier:
        of_old_weights(path)
    killed_at(monkeypatch, step)
    with suppress(Killed):
        save_model(new, overwrite=True)
    found = load_model("lab")
    assert (found.fingerprint, found.card.title) in [
        (old.fingerprint, "The lab's own"),
        (new.fingerprint, "New"),
    ]


@pytest.mark.parametrize("step", [1, 2])
def test_wherever_saving_a_new_model_is_killed_there_is_none_or_a_whole_one(
    network, home, monkeypatch, step
):
    killed_at(monkeypatch, step)
    with suppress(Killed):
        save_model(model_of(network))
    files = [path.name for path in (home / "models").glob("*")]
    assert files == ([] if step == 1 else ["lab.safetensors"])
    if files:
        assert load_model("lab").card == model_of(network).card


def test_a_card_without_weights_is_not_taken_for_that_of_a_later_model(network, home, monkeypatch):
    (home / "models").mkdir(parents=True)
    (home / "models" / "lab.json").write_text(ModelCard(name="lab", title="Old").model_dump_json())
    killed_at(monkeypatch, 2)
    with suppress(Killed):
        save_model(model_of(network))
    assert load_model("lab").card.title == "The lab's own"


def test_a_card_beside_that_was_mended_by_hand_counts(network):
    card = save_model(model_of(network)).with_suffix(".json")
    card.write_text(card.read_text().replace("The lab's own", "Mended"))
    assert load_model("lab").card.title == "Mended"


def test_a_model_that_got_the_name_at_the_last_moment_is_not_replaced(network, monkeypatch):
    path = save_model(model_of(network))
    there = path.read_bytes()
    monkeypatch.setattr(model_files.Path, "exists", lambda self: self != path)
    with pytest.raises(NameTakenError, match="exists already"):
        save_model(model_of(network))
    assert path.read_bytes() == there


def test_a_model_that_may_not_be_removed_is_a_sentence(network, monkeypatch):
    save_model(model_of(network))

    def refuse(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(models.Path, "unlink", refuse)
    with pytest.raises(ModelError, match=r"lab\.safetensors: cannot be removed \(Permission"):
        remove_model("lab")


# --- what others say ----------------------------------------------------------------------------


def test_a_file_that_claims_to_be_the_authors_own_is_told_by_its_bytes(network, tmp_path):
    said = ModelCard(
        name="squeakout-published",
        title="SqueakOut as published",
        identity="this is the authors' published checkpoint",
        source_sha256=PUBLISHED.sha256,
    )
    file = tmp_path / "theirs.safetensors"
    about = {"squeakout_card": said.model_dump_json()}
    safetensors.torch.save_file(network.state_dict(), file, about)
    card = import_model(file).card
    assert card.identity.startswith("not byte for byte the published checkpoint")
    assert (card.name, card.title, card.source_sha256 == PUBLISHED.sha256) == (
        "theirs",
        "theirs",
        False,
    )
    assert load_model(file).card.identity == card.identity


@pytest.mark.parametrize("name", ["squeakout-published", "SqueakOut-Published"])
def test_no_other_model_is_called_as_the_authors_own(network, tmp_path, name):
    file = tmp_path / "any.safetensors"
    safetensors.torch.save_file(network.state_dict(), file)
    with pytest.raises(ModelError, match="only the published checkpoint is called that"):
        import_model(file, name)
    assert [entry.is_taken for entry in list_models()] == [True]


def test_no_model_is_called_as_the_bundled_one_in_other_capitals(network, tmp_path):
    save_model(model_of(network, "house"), tmp_path / "bundled")
    for name in ("house", "House"):
        with pytest.raises(ModelError, match="the bundled model house cannot be overwritten"):
            save_model(model_of(network, name))


def test_a_model_whose_answers_are_not_numbers_is_not_taken_in(network, tmp_path):
    state = network.state_dict()
    name = next(name for name in state if name.endswith("running_var"))
    safetensors.torch.save_file(state | {name: -state[name] - 1}, tmp_path / "lab.safetensors")
    with pytest.raises(ModelError, match="its answers are not numbers"):
        import_model(tmp_path / "lab.safetensors")


def test_weights_that_are_whole_numbers_are_refused(network):
    other = {name: value.to(torch.int64) for name, value in network.state_dict().items()}
    with pytest.raises(ModelError, match="weights are whole numbers"):
        Model("lab", other, ModelCard(name="lab"))


@pytest.mark.usefixtures("several")
def test_a_spoilt_record_of_the_default_is_said(home):
    (home / "default.json").write_text("{")
    assert "default.json: is damaged" in why_not_default()
    set_default_model("one")
    assert why_not_default() is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_among_the_models_is_waited_for_by_nobody(network, home, tmp_path):
    save_model(model_of(network))
    os.mkfifo(home / "models" / "pipe.safetensors")
    assert "pipe" not in {entry.name for entry in list_models()}
    for suffix in (".safetensors", ".ckpt"):
        os.mkfifo(tmp_path / f"pipe{suffix}")
        with pytest.raises(ModelError, match="is no file but a folder, a pipe"):
            load_model(tmp_path / f"pipe{suffix}")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
def test_a_pipe_in_the_place_of_a_record_or_a_card_is_waited_for_by_nobody(network, home):
    weights = save_model(model_of(network))
    card = weights.with_suffix(".json")
    card.unlink()
    for path in (card, home / "default.json"):
        os.mkfifo(path)
    assert default_model() == BUNDLED_MODEL
    assert "default.json: is damaged" in why_not_default()
    assert load_model("lab").card.title == "The lab's own"


@pytest.mark.parametrize("content", ['{"my": "settings"}', "[1, 2]", "no JSON", ""])
def test_what_lies_in_the_place_of_a_card_and_is_none_stays(network, tmp_path, content):
    path = tmp_path / "lab.json"
    path.write_text(content)
    with pytest.raises(NameTakenError, match=r"lab\.json: is no model's card, so it stays"):
        save_model(model_of(network), tmp_path)
    assert path.read_text() == content
    assert list(tmp_path.glob("*.safetensors")) == []


def test_a_home_that_may_not_be_looked_into_is_a_sentence(monkeypatch):
    def refuse(path, _):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(models.Path, "glob", refuse)
    with pytest.raises(ModelError, match=r"may not be looked into \(Permission denied\): ask for"):
        list_models()
