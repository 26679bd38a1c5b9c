"""What `fine-tune` says when something goes wrong around its work."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from told_events import an_event

from napari_squeakout.cli import reporting
from napari_squeakout.cli.console import out
from napari_squeakout.cli.reporting import Reporter
from napari_squeakout.core.fine_tuning import changed_pages as changes
from napari_squeakout.core.fine_tuning.fine_tune import FineTuned, TrainingEvent
from napari_squeakout.core.fine_tuning.verdict import Verdict
from napari_squeakout.core.scoring.page_scores import Figures
from napari_squeakout.io.models.keeping import Kept
from napari_squeakout.io.training_runs.account import status_on_disk
from napari_squeakout.io.training_runs.folder import CHANGES


def events(folder: Path):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def tuned():
    figures = Figures(
        threshold=0.5, dice=0.9, precision=1.0, recall=None, f1=0.8, false_calls_per_minute=0.0
    )
    verdict = Verdict(
        is_better=True,
        certainty=0.99,
        pages=6,
        units=6,
        before=figures,
        after=figures,
        missed_before=0,
        now_found=0,
        now_missed=0,
        gains={"dice": (0.1, 0.2)},
    )
    return SimpleNamespace(verdict=verdict)


def test_a_picture_that_cannot_be_written_does_not_end_the_run(tmp_path, monkeypatch):
    shown = SimpleNamespace(names=("one",), as_arrays=dict)
    monkeypatch.setattr(changes, "changes_of", lambda *_: shown)
    (tmp_path / CHANGES).mkdir()  # in the way
    reporter = Reporter("lab", json_lines=True, folder=tmp_path)
    reporter.learns_from(SimpleNamespace(notes=()))
    reporter.judged(tuned())
    assert [event["kind"] for event in events(tmp_path)] == ["verdict"]


@pytest.mark.parametrize("saved", [False, True])
def test_ctrl_c_says_whether_there_is_a_model(tmp_path, saved):
    reporter = Reporter("lab", json_lines=True, folder=tmp_path)
    if saved:
        reporter.done(Kept(path=tmp_path / "lab.safetensors", name="lab"), tuned(), "f" * 64)
    with pytest.raises(KeyboardInterrupt), reporter.failures():
        raise KeyboardInterrupt
    assert ("nothing was saved" in events(tmp_path)[-1]["error"]) != saved


def test_a_disk_that_is_full_for_a_moment_ends_no_learning(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    reporter = Reporter("lab", json_lines=False, folder=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(reporting, "append_event", full)
        reporter.say(an_event("batch"))
        reporter.say(an_event("epoch"))
        with pytest.raises(OSError, match="No space"):  # what is kept must be kept
            reporter.say(an_event("saving"))
    reporter.say(an_event("batch", batch=2))
    assert [event["batch"] for event in events(tmp_path)] == [2]


def test_a_disk_that_is_full_at_the_end_makes_no_failure_of_a_model_that_is_saved(
    tmp_path, monkeypatch
):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    reporter = Reporter("lab", json_lines=True, folder=tmp_path)
    monkeypatch.setattr(reporting, "append_event", full)
    reporter.done(Kept(path=tmp_path / "lab.safetensors", name="lab"), tuned(), "f" * 64)
    reporter.promoted(False, "squeakout-synthetic", not_compared=False)


def test_a_model_that_got_another_name_is_told_by_that(tmp_path):
    """By the name that was asked for the window would use another model."""
    reporter = Reporter("lab", json_lines=True, folder=tmp_path)
    reporter.say(an_event("began", name="lab"))
    reporter.done(
        Kept(path=tmp_path / "lab-2.safetensors", name="lab-2", note="taken"), tuned(), "f" * 64
    )
    assert status_on_disk(tmp_path).name == "lab-2"


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full: free space"),
        (MemoryError(), "it ran out of memory: close other programs"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate"),
            "it ran out of memory: close other programs",
        ),
    ],
)
def test_a_failure_of_the_machine_has_a_remedy(tmp_path, error, remedy):
    reporter = Reporter("lab", json_lines=False, folder=tmp_path)
    with pytest.raises(type(error)), reporter.failures():
        raise error
    assert events(tmp_path)[-1]["error"].startswith(remedy)


def test_a_reader_of_the_events_that_has_gone_ends_no_learning(tmp_path, monkeypatch):
    class Gone:
        def write(self, _):
            raise BrokenPipeError(32, "Broken pipe")

        def flush(self):
            raise AssertionError

    monkeypatch.setattr("sys.stdout", Gone())
    monkeypatch.setattr(out, "unheard", "")
    reporter = Reporter("lab", json_lines=True, folder=tmp_path)
    reporter.say(an_event("began"))
    assert [event["kind"] for event in events(tmp_path)] == ["began"]
    assert out.unheard == "Broken pipe"


def test_a_verdict_that_cannot_be_told_loses_no_model(tmp_path):
    reporter = Reporter("lab", json_lines=True, folder=tmp_path)
    odd = Mock(spec=FineTuned, verdict=SimpleNamespace(as_dict=lambda: {"is_better": "perhaps"}))

    def work():
        yield TrainingEvent(1, 1, "news", odd)
        return "saved"

    assert reporter.drain(work()) == "saved"
