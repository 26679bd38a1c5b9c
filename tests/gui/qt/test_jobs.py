from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QLabel, QPushButton, QWidget

from napari_squeakout.core.errors import InputError
from napari_squeakout.core.steps import Progress
from napari_squeakout.gui.qt.job_bar import JobBar
from napari_squeakout.gui.qt.jobs import Job, State
from napari_squeakout.gui.qt.wording import duration_text


class OutOfMemoryError(RuntimeError):
    """Called as torch calls it."""


def counting(n=3, *, closed=None, pause_s=0.0):
    try:
        for done in range(n):
            time.sleep(pause_s)
            yield Progress(done + 1, n, "pages")
    finally:
        if closed is not None:
            closed.set()
    return n


def failing(error):
    yield Progress(0, 1, "pages")
    raise error


@pytest.fixture
def job(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    yield Job(parent)
    del parent


def failing_after(done):
    for page in range(done):
        yield Progress(page + 1, 9, "pages")
    msg = "no more"
    raise OSError(msg)


def ended(qtbot, job):
    qtbot.waitUntil(lambda: not job.is_active, timeout=5000)


def test_a_job_gives_its_result_and_every_last_progress(qtbot, job):
    results, seen, states = [], [], []
    job.state_changed.connect(states.append)
    job.start(counting(500), done=results.append, progressed=seen.append)
    ended(qtbot, job)
    assert results == [500]
    assert states == [State.RUNNING, State.DONE]
    assert seen[-1] == Progress(500, 500, "pages")
    assert len(seen) < 100


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("a.wav: is cut short: copy it again"), "a.wav: is cut short: copy it again"),
        (RuntimeError("kernel size"), "Something unexpected happened (RuntimeError: kernel size)"),
        (OutOfMemoryError("CUDA out of memory. Tried to allocate"), "Out of memory: set a smaller"),
        (MemoryError(), "Out of memory"),
        (ValueError("a band needs a scale"), "a band needs a scale"),
        (StopIteration(3), "Something unexpected"),
    ],
)
def test_whatever_is_raised_becomes_one_sentence(qtbot, job, error, words):
    failures = []
    job.failed.connect(failures.append)
    job.start(failing(error))
    ended(qtbot, job)
    assert job.state is State.FAILED
    assert failures[0].sentence.startswith(words)
    assert "\n" not in failures[0].sentence
    assert "Traceback" in failures[0].details


def test_cancelling_closes_the_work_and_says_how_far_it_got(qtbot, job):
    closed, ends, results = threading.Event(), [], []
    job.start(
        counting(1000, closed=closed, pause_s=0.005),
        done=results.append,
        ended=lambda state, last: ends.append((state, last)),
    )
    qtbot.waitUntil(lambda: job.last is not None)
    job.cancel()
    assert job.state is State.STOPPING
    ended(qtbot, job)
    assert closed.is_set()
    state, last = ends[0]
    assert state is State.CANCELLED
    assert 0 < last.done < 1000
    assert not results


def test_of_several_restarts_only_the_last_is_worked_on(qtbot, job):
    results = []
    job.start(counting(1000, pause_s=0.005), done=lambda _: results.append("first"))
    for name in ("second", "third"):
        job.restart(lambda name=name: job.start(counting(), done=lambda _: results.append(name)))
    qtbot.waitUntil(lambda: results == ["third"])


def test_a_second_start_is_refused_while_one_runs(qtbot, job):
    job.start(counting(1000, pause_s=0.005))
    with pytest.raises(RuntimeError, match="running already"):
        job.start(counting())
    job.cancel()
    ended(qtbot, job)


def test_a_failure_to_show_a_result_is_told_as_well(qtbot, job):
    failures = []
    job.failed.connect(failures.append)

    def show(_result):
        msg = "X was removed"
        raise InputError(msg)

    job.start(counting(), done=show)
    qtbot.waitUntil(lambda: bool(failures))
    assert failures[0].sentence == "X was removed"


def test_work_ends_when_its_widget_is_destroyed(qtbot):
    closed = threading.Event()
    parent = QWidget()
    job = Job(parent)
    job.start(counting(10_000, closed=closed, pause_s=0.002))
    qtbot.wait(50)
    parent.deleteLater()
    del parent, job
    qtbot.waitUntil(closed.is_set, timeout=5000)


def test_work_ends_when_napari_quits(qtbot, job):
    closed = threading.Event()
    job.start(counting(10_000, closed=closed, pause_s=0.002))
    qtbot.waitUntil(lambda: job.last is not None)
    job.abandon()
    assert closed.is_set()
    ended(qtbot, job)


@pytest.fixture
def bar(qtbot):
    bar = JobBar("trial")
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_the_bar_shows_while_work_runs_and_its_button_cancels(qtbot, bar):
    cancel = bar.findChild(QPushButton, "trial_cancel")
    assert not cancel.isVisible()
    bar.start(counting(1000, pause_s=0.005))
    qtbot.waitUntil(lambda: "of 1000 pages" in bar.findChild(QLabel, "trial_eta").text())
    assert cancel.isVisible()
    cancel.click()
    assert not cancel.isEnabled()
    ended(qtbot, bar.job)
    assert not cancel.isVisible()


def test_an_estimate_of_the_time_left_appears(qtbot, bar):
    bar.start(counting(1000, pause_s=0.01))
    qtbot.waitUntil(lambda: " left" in bar.findChild(QLabel, "trial_eta").text(), timeout=5000)
    bar.job.cancel()
    ended(qtbot, bar.job)


def test_a_failure_stands_on_the_line_and_its_diagnostics_can_be_copied(qtbot, bar):
    bar.start(failing(RuntimeError("kernel size")))
    qtbot.waitUntil(lambda: bool(bar.text))
    copy = bar.findChild(QPushButton, "trial_copy_diagnostics")
    assert copy.isVisible()
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "kernel size" in copied
    assert "Traceback" in copied
    assert "napari-squeakout" in copied
    bar.say("well again")
    assert not copy.isVisible()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59, "59 s"), (61, "1 min"), (7500, "2 h 5 min")]
)
def test_durations_are_for_people(seconds, text):
    assert duration_text(seconds) == text


def test_closing_napari_at_once_is_no_crash():
    """The dock has only begun to look for models, in a process of its own as napari is."""
    code = (
        "import napari; from qtpy.QtCore import QTimer; viewer = napari.Viewer(show=True);"
        "viewer.window.add_plugin_dock_widget('napari-squeakout', 'SqueakOut');"
        "QTimer.singleShot(10, viewer.close); napari.run()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr


def test_what_was_done_before_work_failed_is_told(qtbot, job):
    job.start(failing_after(4))
    ended(qtbot, job)
    assert (job.state, job.last) == (State.FAILED, Progress(4, 9, "pages"))
