"""The thread room: runs one piece of work beside the window, and tells how it went.

Work speaks in `Steps`. It runs in a generator worker of napari; whatever it raises is caught here,
in the worker's own thread, because such a worker loses a RuntimeError, and with it every
"out of memory" of torch, without a word.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from napari.qt.threading import create_worker
from qtpy.QtCore import QCoreApplication, QObject, QThreadPool, Signal

from napari_squeakout.core.errors import SqueakOutError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from napari_squeakout.core.steps import Progress, Steps

from .callbacks import when_destroyed
from .failures import Failure, failure_of

_log = logging.getLogger(__name__)

#: Progress is told this often at most, so that fast work does not flood the window.
_TELL_EVERY_S = 0.05
#: How long a closing napari waits for the step that is being computed; torch's import is one.
_LAST_STEP_MS = 15_000


class State(Enum):
    """Where a job stands."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


#: Of all work that goes on, whoever began it.
_CANCELS: WeakSet[threading.Event] = WeakSet()


@atexit.register
def _end_all() -> None:
    """End all work after the step it is in: Python is quitting, perhaps without its widgets."""
    for cancel in list(_CANCELS):
        cancel.set()
    if _CANCELS:
        _wait_for_last_step()


def _wait_for_last_step() -> None:
    pool = QThreadPool.globalInstance()
    if pool is not None:  # Qt has not gone before Python
        pool.waitForDone(_LAST_STEP_MS)


@dataclass(frozen=True)
class _Outcome:
    state: State
    result: Any = None
    failure: Failure | None = None


@dataclass(frozen=True)
class _Callbacks:
    done: Callable[[Any], object] | None
    progressed: Callable[[Progress], object] | None
    ended: Callable[[State, Progress | None], object] | None


@contextmanager
def failures_told(tell: Callable[[Failure], object]) -> Iterator[None]:
    """Tell of whatever is raised inside, and go on after the block."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the one place where every failure meets its user
        failure = failure_of(error)
        expected = isinstance(error, SqueakOutError)
        _log.log(
            logging.INFO if expected else logging.ERROR, "%s\n%s", failure.sentence, failure.details
        )
        tell(failure)


class Job(QObject):
    """One piece of work at a time, beside the window.

    idle -> running -> done | failed; running -> stopping -> cancelled. Callbacks and signals come
    in the window's thread. When the job's parent is destroyed or napari quits, the work ends
    after the step it is in.

    Parameters
    ----------
    parent : QObject, optional
        The widget it belongs to.
    """

    state_changed = Signal(object)
    progressed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = State.IDLE
        self.last: Progress | None = None
        self._cancel = threading.Event()
        self._callbacks = _Callbacks(None, None, None)
        self._next: Callable[[], object] | None = None
        cancels = self._cancels = [self._cancel]
        when_destroyed(self, partial(_set_all, cancels))
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.abandon)

    @property
    def is_active(self) -> bool:
        """Whether work is going on, be it to its end."""
        return self.state in {State.RUNNING, State.STOPPING}

    @property
    def begins_anew(self) -> bool:
        """Whether it begins once more when it ends: what comes of it now is of before."""
        return self._next is not None

    def start(
        self,
        steps: Steps[Any],
        *,
        done: Callable[[Any], object] | None = None,
        progressed: Callable[[Progress], object] | None = None,
        ended: Callable[[State, Progress | None], object] | None = None,
    ) -> None:
        """Begin.

        Parameters
        ----------
        steps : Steps
            The work; closed when it is cancelled.
        done : callable, optional
            Takes the result.
        progressed : callable, optional
            Takes the progress, at most twenty times a second.
        ended : callable, optional
            Takes the final state and the last progress, however the work ended.
        """
        if self.is_active:
            msg = "a job is running already"
            raise RuntimeError(msg)
        self._cancel = threading.Event()
        self._cancels[:] = [self._cancel]
        _CANCELS.add(self._cancel)
        self._callbacks = _Callbacks(done, progressed, ended)
        self.last = None
        self._enter(State.RUNNING)
        worker = create_worker(_work, steps, self._cancel, _ignore_errors=True)
        worker.yielded.connect(self._on_progress)
        worker.returned.connect(self._on_returned)
        worker.aborted.connect(self._on_aborted)
        # No method of this object, which may be gone by then.
        worker.finished.connect(lambda: _let_go(steps))
        self._worker = worker
        worker.start()

    def restart(self, begin: Callable[[], object]) -> None:
        """Cancel what runs and call `begin` once it has ended; of several only the last counts."""
        if not self.is_active:
            begin()
            return
        self._next = begin
        self.cancel()

    def cancel(self) -> None:
        """Ask the work to end after the step it is in."""
        if self.state is State.RUNNING:
            self._cancel.set()
            self._enter(State.STOPPING)

    def abandon(self) -> None:
        """End at once for good: napari is quitting."""
        self._next = None
        if self.is_active:
            self._cancel.set()
            _wait_for_last_step()

    def _enter(self, state: State) -> None:
        self.state = state
        self.state_changed.emit(state)

    def _on_progress(self, progress: Progress) -> None:
        self.last = progress
        self.progressed.emit(progress)
        if self._callbacks.progressed is not None:
            self._guarded(self._callbacks.progressed, progress)

    def _on_returned(self, outcome: _Outcome) -> None:
        callbacks, self._worker = self._callbacks, None
        _CANCELS.discard(self._cancel)
        self._enter(outcome.state)
        if outcome.failure is not None:
            self.failed.emit(outcome.failure)
        elif outcome.state is State.DONE and callbacks.done is not None:
            self._guarded(callbacks.done, outcome.result)
        if callbacks.ended is not None:
            self._guarded(callbacks.ended, self.state, self.last)
        begin, self._next = self._next, None
        if begin is not None and not self.is_active:
            begin()

    def _on_aborted(self) -> None:
        """End where napari told the worker to quit: its generator stands still."""
        self._cancel.set()
        self._on_returned(_Outcome(State.CANCELLED))

    def _guarded(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Showing a result may fail as well, for instance where its layer has been removed."""
        with failures_told(self._fail):
            callback(*arguments)

    def _fail(self, failure: Failure) -> None:
        self._cancel.set()
        if self.state is State.RUNNING:
            self._enter(State.STOPPING)
        elif not self.is_active:
            self._enter(State.FAILED)
        self.failed.emit(failure)


def _set_all(cancels: list[threading.Event]) -> None:
    for cancel in cancels:
        cancel.set()


def _let_go(steps: Steps[Any]) -> None:
    """Close work that stands still, so that its threads and files go; what runs closes itself."""
    with suppress(ValueError):  # "already executing"
        steps.close()


def _work(steps: Steps[Any], cancel: threading.Event) -> Generator[Progress, None, _Outcome]:
    """Drain steps until they end, fail or are cancelled; nothing is raised from here."""
    failures: list[Failure] = []
    outcome = _Outcome(State.CANCELLED)
    with failures_told(failures.append):
        try:
            outcome = yield from _watched(steps, cancel)
        finally:
            steps.close()
    return _Outcome(State.FAILED, failure=failures[0]) if failures else outcome


def _watched(steps: Steps[Any], cancel: threading.Event) -> Generator[Progress, None, _Outcome]:
    told_at, untold = 0.0, None
    while not cancel.is_set():
        try:
            progress = next(steps)
        except StopIteration as finished:
            if untold is not None:
                yield untold
            return _Outcome(State.DONE, finished.value)
        except BaseException:
            if untold is not None:  # what was done before it failed is done
                yield untold
            raise
        untold = progress
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at, untold = time.monotonic(), None
            yield progress
    if untold is not None:
        yield untold
    return _Outcome(State.CANCELLED)
