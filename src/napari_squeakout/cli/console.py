"""What the command says: results on stdout; progress, notes and errors on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isnan
from typing import Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from napari_squeakout.core.steps import Progress, Steps, run
from napari_squeakout.core.visible_text import visible

T = TypeVar("T")

FAILED, MISUSED = 1, 2
_MINUTE_S = 60.0


class Saying(Console):
    """A console that says what it is given, and only says it.

    It goes on where nobody can hear it: work is not lost for a full disk. Names and titles come
    from files of anybody's: what they hold is shown and not obeyed.
    """

    #: Why something could not be said; empty where all was.
    unheard = ""

    def print(self, *objects: Any, **options: Any) -> None:
        """Say it, if it can be said."""
        try:
            super().print(*objects, **options)
        except (OSError, UnicodeError) as error:
            self.unheard = getattr(error, "strerror", None) or str(error)

    def say_plain(self, line: str) -> None:
        """Say a line for programs, as it is, if it can be said."""
        try:
            self.file.write(f"{line}\n")
            self.file.flush()
        except (OSError, UnicodeError, ValueError) as error:
            self.unheard = getattr(error, "strerror", None) or str(error)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text on its way to the terminal, whatever it is part of."""
        return super().render_str(visible(text), **options)


out = Saying(highlight=False, soft_wrap=True)
err = Saying(stderr=True, highlight=False, soft_wrap=True)


def told(text: str) -> None:
    """Say what is being done."""
    err.print(escape(text))


def misuse(text: str) -> int:
    """Say what is wrong with the call; the exit code for that."""
    complain(text)
    return MISUSED


def complain(text: str) -> int:
    """Say in one line what failed; the exit code for that."""
    err.print(f"[red]error:[/] {escape(text)}")
    return FAILED


def figure_text(value: float) -> str:
    """A figure as it stands in a table: counts whole, and what is undefined in words."""
    if isinstance(value, int):
        return f"{value:d}"
    return "not known" if isnan(value) else f"{value:.4f}"


def shown(steps: Steps[T], name: str) -> T:
    """Drain steps behind a bar with the time that is left; in a log file, a line each minute."""
    if not err.is_terminal:
        return run(steps, MinuteLog(name))
    with bars() as shown_bars:
        tell = _teller(shown_bars, name)
        return run(steps, tell)


class MinuteLog:
    """Says how far work has come, once a minute, where no bar can be drawn."""

    def __init__(self, name: str, now: Callable[[], float] = time.monotonic) -> None:
        self._name, self._now = name, now
        self._told_s = now()
        self._what, self._began_s, self._began_at = "", self._told_s, 0

    def __call__(self, progress: Progress) -> None:
        """Take note of a step, and say a line if the last one is a minute ago."""
        now_s = self._now()
        if progress.what != self._what:
            self._what, self._began_s, self._began_at = progress.what, now_s, progress.done
        done = progress.done - self._began_at
        if now_s - self._told_s < _MINUTE_S or not done:
            return
        self._told_s = now_s
        left_s = (now_s - self._began_s) * (progress.total - progress.done) / done
        err.print(
            f"{escape(self._name)}, {progress.what}: {progress.done} of {progress.total}, "
            f"about {max(1, round(left_s / _MINUTE_S))} min left"
        )


def _teller(bars: Bars, name: str) -> Callable[[Progress], object]:
    task = bars.add_task(visible(name), total=None)

    def tell(progress: Progress) -> None:
        bars.update(
            task,
            completed=progress.done,
            total=progress.total,
            description=visible(f"{name}, {progress.what}"),
        )

    return tell


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars with the time that is left, where there is a terminal."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=err, transient=True, disable=not err.is_terminal) as shown_bars:
        yield shown_bars
