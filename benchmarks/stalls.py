"""How long a window stood still, for whose sake, and where in the code.

A timer of 5 ms runs in the window's thread; the longest time between two of its ticks is the
longest stall a user can feel. Of each it is said how long the thread itself ran: that is the
window's own work, and the same beside other programs. What is above it was spent in the queue for a
processor (told apart where the system counts it, as Linux does) or held up: by another thread that
lets none of Python run, by the disk, by the screen.
"""

from __future__ import annotations

import faulthandler
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication

TICK_MS = 5
#: A gap as long as this is looked into while it lasts, and as often.
LOOK_MS = 40.0
PACKAGE = "/napari_squeakout/"
_LINES_OF_OURS = 3
_LINE = re.compile(r'File "(.+)", line (\d+) in (.+)')
_SCHEDULE = Path("/proc/thread-self/schedstat")


class Gap(NamedTuple):
    """One time between two ticks, in ms: by the clock, at work, in the queue for a processor."""

    wall: float
    ran: float
    queued: float
    where: str

    def told(self) -> str:
        """In words."""
        held = self.wall - self.ran - self.queued
        return (
            f"ran {self.ran:4.0f} of {self.wall:4.0f} ms (queued {self.queued:.0f}, held up "
            f"{held:.0f}): {self.where or 'outside of Python'}"
        )


class Stalls:
    """The gaps between ticks of a timer in the thread that makes it."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self._seen: list[str] = []
        self._last = _clocks()
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._thread = threading.get_ident()
        threading.Thread(target=self._watch, daemon=True).start()

    def _tick(self) -> None:
        now, last, seen = _clocks(), self._last, self._seen
        where = max(seen, key=seen.count) if seen else ""
        wall, ran, queued = (new - old for new, old in zip(now, last, strict=True))
        self.gaps.append(Gap(wall, ran, queued, where))
        self._last, self._seen = now, []

    def _watch(self) -> None:
        """Look where the window is while it does not tick; it cannot say so itself."""
        with tempfile.TemporaryFile("w+") as file:
            while True:
                time.sleep(LOOK_MS / 2e3)
                if 1e3 * time.perf_counter() - self._last[0] > LOOK_MS:
                    self._seen.append(_place_of(self._thread, file))

    @contextmanager
    def measured(self, what: str) -> Iterator[None]:
        """Print the longest gaps of a block."""
        QApplication.processEvents()
        self.gaps.clear()
        began = time.perf_counter()
        yield
        took = time.perf_counter() - began
        by = {what: [getattr(gap, what) for gap in self.gaps] for what in ("ran", "wall")}
        most = {
            what: ", ".join(f"{one:.0f}" for one in sorted(times)[:-4:-1])
            for what, times in by.items()
        }
        print(
            f"{what:52} {took:6.1f} s   longest gaps {most['wall']} ms, of them at work "
            f"{most['ran']} ms, p99 {np.percentile(by['ran'], 99):.0f} ms",
            flush=True,
        )
        worst = {*sorted(self.gaps)[-2:], *sorted(self.gaps, key=lambda gap: gap.ran)[-3:]}
        for gap in sorted(worst, reverse=True):
            if gap.wall > LOOK_MS:
                print(f"    {gap.told()}", flush=True)


def run_events(condition: Callable[[], bool], timeout_s: float = 600) -> None:
    """Run the window until something is so."""
    end = time.perf_counter() + timeout_s
    while not condition() and time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.0005)


def _place_of(thread: int, file: IO[str]) -> str:
    """The innermost line of a thread, after the innermost of ours that led there.

    Read from what faulthandler writes: whoever holds a frame of another thread keeps its painters
    alive, and Qt falls over them.
    """
    file.seek(0)
    file.truncate()
    faulthandler.dump_traceback(file, all_threads=True)
    file.seek(0)
    stacks = file.read().split("\n\n")
    stack = next((one for one in stacks if f"{thread:x} (most recent" in one), "")
    lines = [(path, f"{number} {name}") for path, number, name in _LINE.findall(stack)]
    ours = [f"{path.split(PACKAGE)[-1]}:{rest}" for path, rest in lines if PACKAGE in path]
    inner = [f"{Path(path).name}:{rest}" for path, rest in lines[:1] if PACKAGE not in path]
    return " > ".join([*ours[:_LINES_OF_OURS][::-1], *inner])


def _clocks() -> tuple[float, float, float]:
    """Now, in ms: by the clock, how long this thread has run, and queued for a processor in all."""
    try:
        queued = int(_SCHEDULE.read_text().split()[1]) / 1e6
    except OSError:
        queued = 0.0
    return 1e3 * time.perf_counter(), 1e3 * time.thread_time(), queued
