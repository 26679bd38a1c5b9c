"""What `fine-tune` leaves: a default only if it is better, and nothing touched where it fails."""

from __future__ import annotations

import errno
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from fakes import RATE_HZ, sound
from PIL import Image

from napari_squeakout import cli
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.training import batches as crops
from napari_squeakout.io.models import registry as models
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.tasks import fine_tuning as task

SMALL = [
    "--crop-px", "64", "--replay-fraction", "0", "--forgetting-test-pages", "0", "--no-augment",
]  # fmt: skip
QUICK = [*SMALL, "--epochs", "1", "--held-out-fraction", "0.2"]
EAGER = [
    *SMALL, "--no-freeze-encoder", "--encoder-lr-factor", "1", "--learning-rate", "1e-3",
    "--epochs", "4",
]  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_SQUEAKOUT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def fine_tune(capsys):
    """The exit code, and the last of each kind of event."""

    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main(["fine-tune", "--json-lines", *map(str, arguments)])
        lines = map(json.loads, capsys.readouterr().out.splitlines())
        return left.value.code or 0, {line["kind"]: line for line in lines}

    return call


@pytest.fixture(scope="module")
def learned():
    """What was learned in this module: pages, base and settings -> what came of it."""
    return {}


@pytest.fixture
def learned_once(monkeypatch, learned):
    """Equal pages are really learned once; what is kept and decided is each test's own."""
    really = task.tuning

    def tuning(approved, base, settings, **more):
        pages = hashlib.sha256(approved.pages.tobytes() + approved.masks.tobytes()).hexdigest()
        what = (pages, base.fingerprint, settings.model_dump_json())
        if what not in learned:
            learned[what] = yield from really(approved, base, settings, **more)
        return learned[what]

    monkeypatch.setattr(task, "tuning", tuning)


def bars(folder, *, shuffled=False, n=15):
    """Dark pages, each with a bright bar elsewhere, and their masks, maybe mixed up."""
    rng = np.random.default_rng(0)
    masks = np.zeros((n, 512, 512), np.uint8)
    for mask in masks:
        top, left = rng.integers(8, 512 - 208, 2)
        mask[top : top + 24, left : left + 40] = 255
    pages = np.clip(rng.normal(60, 8, masks.shape) + 130 * (masks > 0), 0, 255).astype(np.uint8)
    truth = np.roll(masks, n // 2, axis=0) if shuffled else masks
    for name, contents in (("pages", pages), ("truth", truth)):
        (folder / name).mkdir(parents=True)
        for number, content in enumerate(contents):
            Image.fromarray(content).save(folder / name / f"{number}.png")
    return ["--images", folder / "pages", "--masks", folder / "truth"]


def hashes(folder):
    """Relative path -> hash, of all files but the log of what failed."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.parent.name != "logs"]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


# --- the default --------------------------------------------------------------------------------


def test_a_model_that_is_better_becomes_the_default_unless_it_is_not_to(
    fine_tune, tmp_path, learned_once
):
    pages = bars(tmp_path)
    code, told = fine_tune(*pages, "--name", "kept", *EAGER, "--no-set-default")
    assert code == 0
    assert told["verdict"]["is_better"], told["verdict"]["sentence"]
    assert not told["promoted"]["promoted"]
    assert models.default_model() == models.BUNDLED_MODEL
    code, told = fine_tune(*pages, "--name", "lab", *EAGER)
    assert (code, told["promoted"]["promoted"]) == (0, True)
    assert (models.default_model(), models.previous_default()) == ("lab", models.BUNDLED_MODEL)


def test_a_default_that_was_not_compared_stays_the_default(
    fine_tune, tmp_path, older, learned_once
):
    assert models.default_model() == "older"
    _, told = fine_tune(*bars(tmp_path), "--name", "lab", *EAGER)
    assert told["verdict"]["is_better"]
    assert (told["promoted"]["promoted"], told["promoted"]["not_compared"]) == (False, True)
    assert models.default_model() == "older"


def test_a_name_that_differs_by_capitals_alone_is_taken(fine_tune, tmp_path, older):
    code, told = fine_tune(*bars(tmp_path, n=5), "--name", "Older", *QUICK)
    assert code == 2
    assert "is called Older already" in told["failed"]["error"]


def test_masks_shuffled_between_pages_make_no_default(fine_tune, tmp_path):
    code, told = fine_tune(*bars(tmp_path, shuffled=True), "--name", "wrong", *EAGER)
    assert code == 0
    assert told["verdict"]["sentence"].startswith("not better")
    assert not told["promoted"]["promoted"]
    assert models.default_model() == models.BUNDLED_MODEL
    assert models.load_model("wrong").name == "wrong"  # it can be chosen all the same


def test_without_a_base_the_bundled_model_is_learned_on_whatever_the_default(
    fine_tune, tmp_path, older
):
    _, told = fine_tune(*bars(tmp_path, n=5), "--name", "new", *QUICK)
    assert models.default_model() == "older"
    assert told["began"]["base"] == models.BUNDLED_MODEL
    bundled = models.load_model(models.BUNDLED_MODEL)
    assert models.load_model("new").card.parent == bundled.fingerprint


# --- failures -----------------------------------------------------------------------------------


@pytest.fixture
def older():
    """A model of the lab from before, which is the default."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weights = SqueakOut().state_dict()
    models.save_model(Model("older", weights, ModelCard(name="older")))
    models.set_default_model("older")


@pytest.fixture
def session(tmp_path):
    """Six pages of a recording, approved, two of them with a call."""
    soundfile.write(tmp_path / "tones.wav", sound(1.2, (0.3, 0.35, 70_000.0)), RATE_HZ)
    made = begin_session(open_recording(tmp_path / "tones.wav"), tmp_path / "tones.squeakout")
    for page in (0, 5):
        made.labels[page, 100:140, 200:260] = page + 1
    review = made.record.review
    for page in range(6):
        review = approve(review, page, made.labels[page])
    made.save(made.record.with_review(review))
    made.close()
    return made.folder


def _out_of_memory(*_arguments):
    msg = "out of memory"
    raise RuntimeError(msg)


def _full(*_arguments):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.usefixtures("older")
@pytest.mark.parametrize("fails", ["learning", "saving", "its recording"])
def test_a_training_that_fails_leaves_labels_recordings_and_models_as_they_were(
    fine_tune, session, tmp_path, home, monkeypatch, fails
):
    if fails == "learning":
        monkeypatch.setattr(crops, "crop", _out_of_memory)
    elif fails == "saving":
        monkeypatch.setattr(Path, "write_bytes", _full)  # here and everywhere else
    else:
        soundfile.write(tmp_path / "tones.wav", sound(1.2, (0.5, 0.6, 80_000.0)), RATE_HZ)
    before = hashes(tmp_path)
    order = ["--session", session, "--name", "new", "--base", "older", *QUICK]
    try:
        code, told = fine_tune(*order)
    except RuntimeError:  # not one of ours: it ends the command with a traceback
        code, told = 1, {}
    assert code == 1
    assert "done" not in told
    assert hashes(tmp_path) == before
    assert [entry.name for entry in models.list_models() if entry.kind == "own"] == ["older"]
    assert models.default_model() == "older"
