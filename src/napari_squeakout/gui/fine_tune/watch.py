"""Watches the folder of a fine-tuning beside the window."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from qtpy.QtCore import QObject, Signal

from napari_squeakout.gui.qt.callbacks import every, when_destroyed
from napari_squeakout.gui.qt.jobs import failures_told
from napari_squeakout.io.training_runs.folder import EventsHeard, is_held

from .page_pairs import PagePair, changed_pages, preview_page

if TYPE_CHECKING:
    from napari_squeakout.io.training_runs.account import Account

_POLL_MS = 300
# What comes of a look is taken up as often.
_TAKE_MS = 50
_MOST_WORDS = 20_000

Drawn = TypeVar("Drawn")


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What can be seen of a run: its account, and pictures drawn from its files."""

    folder: Path
    account: Account
    has_ended: bool = False
    preview: PagePair | None = None
    changes: tuple[PagePair, ...] = ()
    last_words: str = ""


class TrainingWatch(QObject):
    """Reads a run's folder every 0.3 s until it has ended.

    Not a job of the thread room: napari asks before it closes while one of those goes on, and a
    training outlives napari anyway.
    """

    #: A Sight: something may have changed.
    seen = Signal(object)
    #: A Failure: the folder could not be read.
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        #: What was seen last of the run that is followed.
        self.sight: Sight | None = None
        self._pool = ThreadPoolExecutor(1, "training-watch")
        self._pictures, self._heard = _Pictures(), EventsHeard()
        self._looking: tuple[Path, Future[Sight]] | None = None
        self._tick = every(self, _POLL_MS, self._look)
        self._take_soon = every(self, _TAKE_MS, self._take)
        pool = self._pool
        when_destroyed(self, lambda: pool.shutdown(wait=False, cancel_futures=True))

    def follow(self, folder: Path | None) -> None:
        """Watch this run from now on, or none."""
        self.folder, self.sight = folder, None
        self._tick.stop()
        if folder is not None:
            self._pictures, self._heard = _Pictures(), EventsHeard()
            self._tick.start()
            self._look()

    def _look(self) -> None:
        if self.folder is not None and self._looking is None:
            look = self._pool.submit(_sight, self.folder, self._heard, self._pictures)
            self._looking = (self.folder, look)
            self._take_soon.start()

    def _take(self) -> None:
        if self._looking is None or not self._looking[1].done():
            return
        (folder, future), self._looking = self._looking, None
        self._take_soon.stop()
        if folder != self.folder:
            self._look()
            return
        with failures_told(self.failed.emit):
            sight = self.sight = future.result()
            if sight.has_ended:
                self._tick.stop()
            self.seen.emit(sight)


class _Pictures:
    """Pictures drawn last, and of which files."""

    def __init__(self) -> None:
        self._drawn: dict[str, tuple[int, Any]] = {}

    def of(self, path: Path | None, draw: Callable[[Path], Drawn]) -> Drawn | None:
        """Those of a file, drawn anew if it has changed; None without one."""
        if path is None or not path.exists():
            return None
        stamp = path.stat().st_mtime_ns
        if self._drawn.get(path.name, (0, None))[0] != stamp:
            self._drawn[path.name] = (stamp, draw(path))
        pictures: Drawn = self._drawn[path.name][1]
        return pictures


def _sight(folder: Path, heard: EventsHeard, pictures: _Pictures) -> Sight:
    import pyqtgraph  # noqa: F401 - half a second that the window need not wait

    from napari_squeakout.io.training_runs.runs import read_account

    # Asked first: what it tells after it is done is still to be read.
    is_at_work = is_held(folder)
    account = read_account(folder, heard)
    return Sight(
        folder=folder,
        account=account,
        has_ended=not is_at_work and not account.state.is_alive,
        preview=pictures.of(account.preview, preview_page),
        changes=pictures.of(account.changes, changed_pages) or (),
        last_words=_last_words(folder) if account.error else "",
    )


def _last_words(folder: Path) -> str:
    """What its process wrote last, for whoever helps."""
    file = folder / "stderr.txt"
    return (
        file.read_text(encoding="utf-8", errors="replace")[-_MOST_WORDS:] if file.is_file() else ""
    )
