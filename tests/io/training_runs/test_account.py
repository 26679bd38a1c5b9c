"""What a run has told, read while it is written, after it ended and after it died."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from told_events import an_event

from napari_squeakout.core.errors import SqueakOutError
from napari_squeakout.io.training_runs import folder as training_folder
from napari_squeakout.io.training_runs import runs as training_runs
from napari_squeakout.io.training_runs.account import RunState
from napari_squeakout.io.training_runs.folder import (
    EventsHeard,
    append_event,
    held,
    is_held,
    write_arrays,
    write_json,
)
from napari_squeakout.io.training_runs.runs import cancel, read_account, stop


def told(folder, *kinds, **more):
    for kind in kinds:
        append_event(folder, an_event(kind, seconds=1.5, **more))


def ordered(root, name="x", ago_s=0.0):
    """A run that somebody ordered some time ago."""
    started = datetime.now(UTC) - timedelta(seconds=ago_s)
    folder = root / f"{started:%Y%m%d-%H%M%S-%f}-{name}"
    folder.mkdir(parents=True)
    write_json(folder / training_folder.ORDER, {"name": name, "started": started.isoformat()})
    return folder


def test_a_run_is_starting_until_it_is_known_that_it_cannot(tmp_path):
    assert read_account(ordered(tmp_path)).state is RunState.STARTING
    folder = ordered(tmp_path, ago_s=3600)
    (folder / training_folder.ERRORS).write_text("a warning\nerror: disk full\n\n")
    account = read_account(folder)
    assert (account.state, account.error) == (RunState.DIED, "disk full")


def test_a_run_that_holds_its_folder_is_running_and_then_stopping(tmp_path):
    folder = ordered(tmp_path)
    with held(folder):
        assert read_account(folder).state is RunState.RUNNING
        told(folder, "began", name="x", base="b")
        assert read_account(folder).base == "b"
        stop(folder)
        assert read_account(folder).state is RunState.STOPPING
    account = read_account(folder)
    assert account.state is RunState.DIED
    assert "killed" in account.error


def test_who_looks_does_not_keep_a_run_from_its_folder(tmp_path):
    folder = ordered(tmp_path)
    (folder / "lock").touch()
    assert not is_held(folder)
    with held(folder):
        assert is_held(folder)
    assert not is_held(folder)


def test_a_folder_takes_one_run_only(tmp_path, monkeypatch):
    monkeypatch.setattr(training_folder, "_PATIENCE_S", 0.05)
    with held(tmp_path / "run"):
        with (
            pytest.raises(SqueakOutError, match="is running in this folder"),
            held(tmp_path / "run"),
        ):
            pass
        told(tmp_path / "run", "began")
    with pytest.raises(SqueakOutError, match="has run in this folder"), held(tmp_path / "run"):
        pass


def test_all_that_was_told_is_in_the_account(tmp_path):
    folder = ordered(tmp_path)
    told(folder, "began", name="mine", base="bundled")
    told(folder, "plan", n_pages=8, notes=["one page was left out"])
    told(folder, "batch", epoch=1, batch=1)
    told(folder, "epoch", epoch=1)
    told(folder, "preview", epoch=1)
    told(folder, "batch", epoch=2, batch=3)
    told(folder, "epoch", epoch=2)
    told(folder, "step", what="pages judged", done=1, total=4)
    told(folder, "verdict", sentence="better")
    told(folder, "changes", "saving")
    append_event(folder, an_event("done", seconds=9.5, name="mine"))
    told(folder, "learning_curve", expected="more")
    append_event(folder, an_event("promoted", seconds=9.75, promoted=True))
    account = read_account(folder)
    assert account.state is RunState.DONE
    assert (account.name, account.base, account.notes) == (
        "mine", "bundled", ("one page was left out",),
    )  # fmt: skip
    assert [epoch.epoch for epoch in account.epochs] == [1, 2]
    assert account.batch.batch == 3
    assert account.step.what == "pages judged"
    assert (account.preview, account.preview_epoch) == (folder / "preview.npz", 1)
    assert account.changes == folder / "changes.npz"
    assert account.verdict.sentence == "better"
    assert account.learning_curve.expected == "more"
    assert (account.promoted, account.seconds) == (True, 9.75)


def test_a_failure_says_why(tmp_path):
    folder = ordered(tmp_path)
    told(folder, "began")
    told(folder, "failed", error="approve 1 more")
    account = read_account(folder)
    assert (account.state, account.error) == (RunState.FAILED, "approve 1 more")


@pytest.mark.parametrize("epoch", [None, "x", [1]])
def test_what_a_disk_has_spoilt_in_a_line_is_not_shown_and_ends_no_look(tmp_path, epoch):
    folder = ordered(tmp_path)
    told(folder, "began", name="x")
    with (folder / training_folder.EVENTS).open("a") as file:
        file.write(json.dumps({**an_event("preview").model_dump(), "epoch": epoch}) + "\n")
        file.write(json.dumps({**an_event("plan").model_dump(), "notes": epoch}) + "\n")
    told(folder, "epoch")
    account = read_account(folder)
    assert (account.name, account.preview, account.preview_epoch) == ("x", None, 0)
    assert (account.plan, account.notes, len(account.epochs)) == (None, (), 1)


def test_a_model_that_is_done_is_not_said_to_be_lost_where_a_disk_has_spoilt_the_line(tmp_path):
    folder = ordered(tmp_path)
    told(folder, "began", name="x")
    with (folder / training_folder.EVENTS).open("a") as file:
        file.write(json.dumps({**an_event("done").model_dump(), "note": 5}) + "\n")
    account = read_account(folder)
    assert (account.state, account.done) == (RunState.DONE, None)


def test_a_line_cut_short_by_a_kill_is_no_event(tmp_path):
    told(tmp_path, "began", "plan")
    with (tmp_path / training_folder.EVENTS).open("a") as file:
        file.write(json.dumps({"kind": "done"})[:9])
    assert EventsHeard().listen(tmp_path).kinds == {"began", "plan"}
    told(tmp_path, "failed")  # said after all, once there is room again
    assert EventsHeard().listen(tmp_path).kinds == {"began", "plan", "failed"}


def test_what_was_heard_of_a_run_is_not_read_again_and_nothing_is_missed(tmp_path):
    folder, heard = ordered(tmp_path), EventsHeard()
    for epoch in (1, 2, 3):
        told(folder, "batch", batch=epoch)
        told(folder, "epoch", epoch=epoch)
        # What was told before is gone, were it read again.
        before = (folder / training_folder.EVENTS).read_bytes()
        account = read_account(folder, heard)
        assert [event.epoch for event in account.epochs] == list(range(1, epoch + 1))
        assert account.batch.batch == epoch
        (folder / training_folder.EVENTS).write_bytes(b"x" * len(before))


def test_what_libraries_say_is_not_why_a_run_died(tmp_path):
    folder = ordered(tmp_path, ago_s=3600)
    told(folder, "began")
    errors = folder / training_folder.ERRORS
    errors.write_text("Using bfloat16 Automatic Mixed Precision (AMP)\nx: 2 of 4, 40 min left\n")
    assert read_account(folder).error.startswith("it ended without an error message: it was killed")
    errors.write_text("Traceback ...\n  a line\ntorch.SomeError: no such thing\nbye\n")
    assert read_account(folder).error == "torch.SomeError: no such thing"


def test_two_runs_at_once_cannot_have_one_name(tmp_path):
    folder = ordered(tmp_path, "Mouse")
    with held(folder), pytest.raises(SqueakOutError, match="Mouse is being trained already"):
        training_runs.start_run(training_runs.TrainingOrder(name="mouse"), tmp_path)
    assert training_runs.list_runs(tmp_path) == [folder]


def test_arrays_are_read_whole_while_they_are_written(tmp_path):
    path = tmp_path / "preview.npz"
    write_arrays(path, page=np.zeros((4, 4), np.uint8))
    write_arrays(path, page=np.ones((4, 4), np.uint8))
    with np.load(path) as arrays:
        assert arrays["page"].all()
    assert [p.name for p in tmp_path.iterdir()] == ["preview.npz"]


def test_the_newest_run_alive_is_shown_before_a_newer_one_that_ended(tmp_path):
    alive = ordered(tmp_path, "alive", ago_s=500)
    ended, seen = ordered(tmp_path, "ended", ago_s=300), ordered(tmp_path, "seen", ago_s=200)
    for folder in (ended, seen):
        told(folder, "began", "done")
    training_runs.note_seen(seen)
    with held(alive):
        assert training_runs.run_to_show(tmp_path) == alive
        told(alive, "done")
        assert read_account(alive).state.is_alive  # which model is the default is still to come
        told(alive, "promoted")
        assert read_account(alive).state is RunState.DONE
    assert training_runs.run_to_show(tmp_path) == ended
    assert training_runs.list_runs(tmp_path) == [seen, ended, alive]


def test_without_runs_there_is_none_to_show(tmp_path):
    assert training_runs.run_to_show(tmp_path / "nothing") is None
    assert training_runs.list_runs(tmp_path / "nothing") == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_process_elsewhere_is_never_killed_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr(training_runs, "_DIES_WITHIN_S", 0.05)
    folder = ordered(tmp_path)
    with subprocess.Popen(["sleep", "60"]) as bystander:
        with held(folder):
            about = {"pid": bystander.pid, "machine": "another"}
            write_json(folder / training_folder.PROCESS, about)
            cancel(folder)
            assert bystander.poll() is None
            assert read_account(folder).state is RunState.CANCELLED
        bystander.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes")
@pytest.mark.parametrize("name", ["order.json", "events.jsonl", "stderr.txt"])
def test_a_pipe_in_the_folder_of_a_run_is_waited_for_by_nobody(tmp_path, name):
    append_event(tmp_path, an_event("began", name="new"))
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    assert not read_account(tmp_path).state.is_alive or name == "events.jsonl"
