"""What a command leaves wherever it is killed or finds the disk full: old or new, whole."""

from __future__ import annotations

import os
import tempfile
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from fakes import BrightPixels
from file_events import KILLED, endings, needs_fork
from PIL import Image
from told_events import an_event

from napari_squeakout.cli import commands
from napari_squeakout.cli.running import run_command
from napari_squeakout.core.detection import engine
from napari_squeakout.core.fine_tuning import changed_pages as core_changes
from napari_squeakout.core.fine_tuning.approved import ApprovedPages
from napari_squeakout.core.fine_tuning.fine_tune import FineTuned
from napari_squeakout.core.model import checkpoint as checkpoints
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.settings import ResultSettings
from napari_squeakout.core.steps import Progress
from napari_squeakout.io import drafts
from napari_squeakout.io.drafts import clear_leftovers
from napari_squeakout.io.models import registry as models
from napari_squeakout.io.models.default import BUNDLED_MODEL
from napari_squeakout.io.models.files import write_model
from napari_squeakout.io.models.registry import (
    default_model,
    list_models,
    load_model,
    save_model,
    set_default_model,
)
from napari_squeakout.io.results.result_folder import replaceable
from napari_squeakout.io.tasks import fine_tuning as task
from napari_squeakout.io.training_runs.account import status_on_disk

pytestmark = needs_fork
# Killed, or on a full disk.
ways_to_end = pytest.mark.parametrize("is_full", [False, True], ids=["killed", "full"])


def content_of(folder):
    """Relative path -> bytes, of all files, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def changed(before, after):
    """Names of what is no longer what it was."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


# --- segment ------------------------------------------------------------------------------------


@pytest.fixture
def pictures(tmp_path):
    """An image in a folder of the user's, and what else lies there and where results go."""
    folder = tmp_path / "work" / "set"
    folder.mkdir(parents=True)
    grey = np.full((64, 128), 90, np.uint8)
    grey[30:50, 20:40] = 255
    Image.fromarray(grey).save(folder / "a.png")
    (tmp_path / "work" / "notes.txt").write_text("mine")
    (tmp_path / "work" / "found").mkdir()
    (tmp_path / "work" / "found" / "mine.csv").write_text("mine too")
    return folder


@pytest.fixture
def segment(pictures, monkeypatch):
    """Segment it, with a network that sees all that is bright or, as another would, nothing."""
    sees = {"calls": BrightPixels(), "nothing": BrightPixels(np.zeros_like)}
    for fake in sees.values():
        fake.model.rendering = lambda given: given

    def call(what):
        monkeypatch.setattr(models, "load_model", lambda *_: sees[what].model)
        monkeypatch.setattr(engine, "Engine", lambda *_, **__: sees[what])
        output, anew = pictures.parent / "found", ResultSettings(overwrite=True)
        return commands.segment(pictures, output=output, results=anew)

    return call


@ways_to_end
@pytest.mark.parametrize("way", ["exchange", "renames"])
def test_wherever_segmenting_anew_ends_there_is_the_old_result_or_the_new_and_nothing_else_goes(
    segment, pictures, monkeypatch, is_full, way
):
    work, result = pictures.parent, pictures.parent / "found" / "set"
    if way == "renames":
        monkeypatch.setattr(drafts, "exchange", lambda *_: False)
    assert segment("nothing") == 0
    before, is_new, codes = content_of(work), [], set()
    for ending in endings(lambda tell: tell(segment("calls")), work, is_full=is_full):
        if way == "exchange" or ending.code != KILLED:
            assert (result / "run.json").is_file()
        if ending.code == KILLED:
            clear_leftovers(result.parent, again=True)  # as whoever writes there next does
        else:
            assert ending.error == ()
            codes |= set(ending.told)
        after = content_of(work)
        assert all(name.startswith("found/set/") for name in changed(before, after))
        assert replaceable([], allowed=True)(result)  # all of it is there as its record says
        is_new.append(after["found/set/calls.csv"] != before["found/set/calls.csv"])
    assert len(is_new) > 15
    assert is_new == sorted(is_new)
    assert (is_new[0], is_new[-1]) == (False, True)
    assert codes == ({0, 1} if is_full else {0})


# --- models import, fine-tune -------------------------------------------------------------------


@pytest.fixture
def tiny(monkeypatch):
    """Models of two numbers, whose answers nobody asks for."""
    monkeypatch.setattr(checkpoints, "network_shapes", lambda: {"weight": (2,)})
    monkeypatch.setattr(engine, "check_answers", lambda _: None)

    def make(name, title, value):
        return Model(name, {"weight": torch.full((2,), value)}, ModelCard(name=name, title=title))

    return make


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """All that is the user's, and this program's home among it; the system's folders too."""
    place = tmp_path / "lab"
    for name in ("home", "mine", "elsewhere"):
        (place / name).mkdir(parents=True)
    (place / "mine" / "notes.txt").write_text("mine")
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(place / "home"))
    monkeypatch.setenv("HOME", str(place / "elsewhere"))
    monkeypatch.setattr(tempfile, "tempdir", str(place / "elsewhere"))
    return place


def where(place):
    """Of this folder, whose name comes and goes: a child finds its working directory there."""
    os.chdir(place / "elsewhere")


@ways_to_end
@pytest.mark.parametrize("is_there", [True, False], ids=["overwritten", "new"])
def test_wherever_taking_in_a_model_ends_there_is_the_old_one_or_the_new_with_its_own_card(
    lab, tiny, is_full, is_there
):
    old, new = tiny("lab", "Old", 1.0), tiny("lab", "New", 2.0)
    file = write_model(new, lab / "mine" / "new.safetensors", overwrite=False, alone=True)
    known = [None]
    if is_there:
        save_model(old)
        set_default_model("lab")
        known = [("Old", old.fingerprint)]
    mine, found = content_of(lab / "mine"), []

    def take_in(tell):
        where(lab)
        tell(run_command(["models", "import", str(file), "--name", "lab", "--overwrite"]))

    for ending in endings(take_in, lab, is_full=is_full):
        assert ending.error == ()
        clear_leftovers(lab / "home" / "models", again=True)
        entry = {entry.name: entry for entry in list_models()}.get("lab")
        if entry is None:
            assert not (lab / "home" / "models").exists() or content_of(lab / "home") == {}
        found.append(entry and (load_model("lab").card.title, load_model("lab").fingerprint))
        assert found[-1] in [*known, ("New", new.fingerprint)]
        assert entry is None or (entry.is_whole, entry.title) == (True, found[-1][0])
        assert content_of(lab / "mine") == mine
        assert default_model() == ("lab" if is_there else BUNDLED_MODEL)
        if is_full and ending.told == (1,):
            assert found[-1] in known
    assert (found[0], found[-1]) == (known[0], ("New", new.fingerprint))


@pytest.fixture
def fine_tune(lab, tiny, monkeypatch):
    """Fine-tune a tiny model, by now learned and judged better."""
    base, better = tiny(BUNDLED_MODEL, "Base", 0.0), tiny("ours", "Ours", 3.0)
    save_model(base, lab / "bundled")
    monkeypatch.setattr(models, "_bundled_folder", lambda: lab / "bundled")
    told = an_event("verdict", is_better=True).model_dump(exclude={"kind", "seconds"})
    verdict = SimpleNamespace(is_better=True, sentence="better", as_dict=lambda: told)
    changes = SimpleNamespace(names=("a",), as_arrays=lambda: {"pages": np.zeros((1, 8, 8))})
    approved, tuned = Mock(spec=ApprovedPages, notes=()), Mock(spec=FineTuned, verdict=verdict)

    def steps(value):
        yield Progress(1, 1, "steps")
        return value

    monkeypatch.setattr(task, "reading_approved", lambda *_, **__: steps(approved))
    monkeypatch.setattr(task, "tuning", lambda *_, **__: learned[0]())
    monkeypatch.setattr(core_changes, "changes_of", lambda *_: changes)
    monkeypatch.setattr(task, "fine_tuned_model", lambda *_: better)

    learned = []

    def call(tell):
        where(lab)
        learned.append(lambda: (tell("learned"), steps(tuned))[1])
        pages = ["--images", str(lab / "mine"), "--masks", str(lab / "mine")]
        run_folder = str(lab / "run")
        tell(run_command(["fine-tune", "--name", "ours", *pages, "--run-folder", run_folder]))

    return call, better


@pytest.mark.parametrize(
    ("is_full", "disk"), [(False, ""), (True, ""), (True, "home"), (True, "run")]
)
def test_wherever_fine_tuning_ends_its_model_is_whole_or_none_and_what_is_the_default_is_there(
    lab, fine_tune, is_full, disk
):
    call, better = fine_tune
    kept, defaults = [], []
    for ending in endings(call, lab, is_full=is_full, watched=lab / disk):
        assert ending.error == ()
        for folder in (lab / "home", lab / "home" / "models", lab / "run", lab / "elsewhere"):
            clear_leftovers(folder, again=True)
        files = sorted(lab.rglob("ours*.safetensors"))
        assert all(load_model(path).fingerprint == better.fingerprint for path in files)
        told = status_on_disk(lab / "run")
        assert (told.done is None) or files
        # It is kept on another disk where this one is full.
        assert files or ending.code == KILLED or not disk or "learned" not in ending.told
        assert not [name for name in content_of(lab) if "/.squeakout-" in name]
        assert (lab / "mine" / "notes.txt").read_text() == "mine"
        defaults.append(default_model())
        assert load_model().name == defaults[-1]
        kept.append(bool(files))
    assert (kept[0], kept[-1]) == (disk == "home", True)
    assert set(defaults) == {BUNDLED_MODEL, "ours"}


def test_a_model_that_could_be_kept_only_as_a_file_is_not_said_to_be_uncompared(
    lab, fine_tune, monkeypatch, capsys
):
    call, _ = fine_tune
    (lab / "home" / "models").write_text("no folder")
    monkeypatch.chdir(lab / "elsewhere")
    told = []
    call(told.append)
    assert told == ["learned", 1]
    said = capsys.readouterr()
    assert "it is saved as" in said.err
    assert f"{BUNDLED_MODEL} stays the default" in said.out
    assert "compared" not in said.out
    account = status_on_disk(lab / "run")
    assert (account.promoted, account.not_compared) == (False, False)
