"""Fine-tunings in processes of their own: to the end, stopped, cancelled, killed, left alone.

Whatever becomes of them, recordings, images, masks, sessions and older models stay as they are.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from fakes import RATE_HZ, sound
from PIL import Image

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.core.model.card import ModelCard
from napari_squeakout.core.model.model import Model
from napari_squeakout.core.model.network import SqueakOut
from napari_squeakout.core.review.review import approve
from napari_squeakout.core.training_settings import FineTuneSettings
from napari_squeakout.io.models.registry import list_models, load_model, save_model
from napari_squeakout.io.sessions.sources import begin_session
from napari_squeakout.io.sources.opening import open_recording
from napari_squeakout.io.training_runs import runs as training_runs
from napari_squeakout.io.training_runs.account import RunState
from napari_squeakout.io.training_runs.folder import PROCESS, is_held, read_json
from napari_squeakout.io.training_runs.order import TrainingOrder
from napari_squeakout.io.training_runs.runs import read_account

TINY = FineTuneSettings(
    epochs=1, crop_px=64, replay_fraction=0, forgetting_test_pages=0, augment=False,
    held_out_fraction=0.2, learning_rate=1e-3,
)  # fmt: skip
ENDLESS = TINY.model_copy(update={"epochs": 9999, "patience": 1000})
# Imports alone take some seconds, and many on a machine that does something else.
_LONG_S = 300.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A recording with a session, images with masks, an older model."""
    folder = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAPARI_SQUEAKOUT_HOME", str(folder / "home"))
        # One thread: all processes of a test would wait for each other's otherwise.
        patch.setenv("OMP_NUM_THREADS", "1")
        with torch.random.fork_rng():
            save_model(Model("older", SqueakOut().state_dict(), ModelCard(name="older")))
        begin_a_session(folder / "mouse.wav")
        draw_images(folder)
        yield folder


def begin_a_session(recording):
    """Eight pages, all approved, each second one with a call."""
    calls = [(0.22 * page + 0.05, 0.22 * page + 0.12, 70_000.0) for page in range(0, 8, 2)]
    soundfile.write(recording, sound(1.75, *calls), RATE_HZ)
    session = begin_session(open_recording(recording), recording.with_suffix(".squeakout"))
    review = session.record.review
    for page in range(session.record.n_pages):
        if page % 2 == 0:
            session.labels[page, 330:360, 100:280] = page + 1
        review = approve(review, page, session.labels[page])
    session.save(session.record.with_review(review))
    session.close()


def draw_images(folder):
    """Five images with a bar each."""
    for number in range(5):
        mask = np.zeros((512, 512), np.uint8)
        mask[100:140, 50 * number : 50 * number + 60] = 255
        for name, content in (("images", mask // 2), ("masks", mask)):
            (folder / name).mkdir(exist_ok=True)
            Image.fromarray(content).save(folder / name / f"{number}.png")


def of_session(lab, name, settings=ENDLESS):
    return TrainingOrder(name=name, sessions=(lab / "mouse.squeakout",), settings=settings)


def of_images(lab, name, settings=ENDLESS):
    return TrainingOrder(name=name, folders=((lab / "images", lab / "masks"),), settings=settings)


@pytest.fixture(autouse=True)
def unharmed(lab):
    """What must not change: all that was there, but for what runs say and the models they make."""

    def hashes():
        files = (p for p in lab.rglob("*") if p.is_file() and "trainings" not in p.parts)
        return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    before = hashes()
    yield
    after = hashes()
    assert {path: after.get(path) for path in before} == before


@pytest.fixture
def models(lab):
    """Names of the lab's own models, now; whatever is in their folder belongs to one of them."""

    def names():
        files = {path.stem for path in (lab / "home" / "models").iterdir()}
        own = {entry.name for entry in list_models() if entry.kind == "own"}
        assert files == own
        return own

    return names


def waited(folder, until):
    """The account of a run, when it is so far."""
    deadline = time.monotonic() + _LONG_S
    while time.monotonic() < deadline:
        account = read_account(folder)
        if until(account):
            return account
        if not account.state.is_alive:
            break
        time.sleep(0.05)
    pytest.fail(f"the run did not come so far: {account}")


def has_ended(account):
    return not account.state.is_alive


def has_learned(account):
    return len(account.epochs) > 0


def pid_of(folder):
    return int(read_json(folder / PROCESS)["pid"])


def test_a_run_goes_to_its_end_and_tells_all_that_is_shown_of_it(lab, models):
    folder = training_runs.start_run(of_session(lab, "tuned", TINY))
    assert read_account(folder).state is RunState.STARTING
    assert training_runs.run_to_show() == folder
    account = waited(folder, has_ended)
    assert account.state is RunState.DONE, account.error
    assert (account.name, account.base) == ("tuned", "squeakout-synthetic")
    assert (account.plan.n_pages, account.plan.n_calls) == (8, 4)
    assert len(account.plan.held_out_names) == len(account.plan.held_out) > 0
    [epoch] = account.epochs
    assert epoch.best_epoch in {0, 1}
    assert account.seconds > 0
    with np.load(account.preview) as preview:
        shapes = {preview[name].shape for name in ("page", "truth", "before", "now")}
    assert shapes == {(512, 512)}
    if epoch.best_epoch == 1:
        with np.load(account.changes) as changes:
            assert 1 <= len(changes["names"]) == len(changes["after"]) <= 3
    model = load_model("tuned")
    assert model.fingerprint == account.done.fingerprint
    assert model.card.description == account.verdict.sentence
    assert account.promoted is False  # too few pages to be sure
    assert "tuned" in models()

    assert training_runs.run_to_show() == folder
    training_runs.note_seen(folder)
    assert training_runs.run_to_show() is None
    assert training_runs.list_runs() == [folder]
    training_runs.cancel(folder)  # too late, and no harm
    assert read_account(folder).state is RunState.DONE
    training_runs.forget(folder)
    assert training_runs.list_runs() == []
    assert "tuned" in models()


BEGINNER = """
import sys
from pathlib import Path
from napari_squeakout.core.training_settings import FineTuneSettings
from napari_squeakout.io.training_runs.order import TrainingOrder
from napari_squeakout.io.training_runs.runs import (start_run)

settings = FineTuneSettings.model_validate_json(sys.argv[2])
lab = Path(sys.argv[1])
start_run(TrainingOrder(name="outlived", sessions=(lab / "mouse.squeakout",), settings=settings))
"""


def test_a_run_outlives_who_started_it_is_found_again_and_when_stopped_keeps_the_best(
    lab, models, tmp_path
):
    # Of a lab that keeps its scripts where it works.
    (tmp_path / "torch.py").write_text("raise SystemExit('not this one')")
    command = [sys.executable, "-P", "-c", BEGINNER, str(lab), ENDLESS.model_dump_json()]
    subprocess.run(command, check=True, timeout=_LONG_S, cwd=tmp_path)
    folder = training_runs.run_to_show()
    assert folder is not None
    account = waited(folder, has_learned)
    assert account.state is RunState.RUNNING
    with pytest.raises(SqueakOutError, match="stop or cancel it first"):
        training_runs.forget(folder)
    training_runs.stop(folder)
    assert read_account(folder).state in {RunState.STOPPING, RunState.DONE}
    account = waited(folder, has_ended)
    assert account.state is RunState.DONE, account.error
    assert account.verdict is not None
    assert "outlived" in models()
    training_runs.forget(folder)


def test_cancelling_ends_a_run_at_once_and_leaves_nothing_of_it(lab, models):
    before = models()
    folder = training_runs.start_run(of_images(lab, "cancelled"))
    waited(folder, has_learned)
    training_runs.cancel(folder)
    assert not is_held(folder)
    assert read_account(folder).state is RunState.CANCELLED
    assert training_runs.run_to_show() is None
    assert models() == before
    training_runs.forget(folder)


def test_a_run_that_has_hardly_begun_can_be_cancelled(lab, models):
    before = models()
    folder = training_runs.start_run(of_images(lab, "hasty"))
    training_runs.cancel(folder)
    assert read_account(folder).state is RunState.CANCELLED
    assert models() == before
    training_runs.forget(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_run_that_is_killed_is_known_to_have_died_and_leaves_no_model(lab, models):
    before = models()
    folder = training_runs.start_run(of_images(lab, "unlucky"))
    waited(folder, has_learned)
    assert os.getpriority(os.PRIO_PROCESS, pid_of(folder)) > os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getsid(pid_of(folder)) != os.getsid(0)
    os.kill(pid_of(folder), signal.SIGKILL)
    account = waited(folder, has_ended)
    assert account.state is RunState.DIED
    assert "it was killed" in account.error
    assert account.epochs
    assert training_runs.run_to_show() == folder
    assert models() == before
    training_runs.forget(folder)


def test_a_folder_that_cannot_be_made_is_named(lab, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SqueakOutError, match="file"):
        training_runs.start_run(of_images(lab, "nowhere"), tmp_path / "file")


def test_a_name_that_no_model_can_have_is_refused(lab, tmp_path):
    with pytest.raises(SqueakOutError, match="cannot be a model's name"):
        training_runs.start_run(of_images(lab, "a/b"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_cannot_be_begun_leaves_no_run(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(Path("/nowhere/python")))
    with pytest.raises(SqueakOutError, match="no fine-tuning could be begun"):
        training_runs.start_run(of_images(lab, "nothing"), tmp_path)
    assert training_runs.list_runs(tmp_path) == []
